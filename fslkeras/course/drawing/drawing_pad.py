"""`DrawingPad`: a widget to draw letters on, which come out as the glyphs do."""

from pathlib import Path

import anywidget
import numpy as np
import traitlets

from fslkeras.course import invented
from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.validation import check_integer

_HERE = Path(__file__).parent
SIDE = 28  # pixels, as in strokes.js


class DrawingPad(anywidget.AnyWidget):
    """A pad with a row per letter: a few examples for the support set, and a few queries.

    Each drawing is centered and brought to the size and the pen of the glyphs. Where nothing has
    been drawn, as in a notebook that runs without a browser, an invented alphabet takes its place.

    Args:
        classes: number of letters to draw, 2..10.
        shot: examples of each letter, 1..5.
        query: queries of each letter, 0..5.
        seed: of the invented alphabet.
    Raises:
        ValueError: if a number is out of its range.
    """

    _esm = "\n".join(
        (_HERE / name).read_text("utf-8") for name in ("strokes.js", "pad.js", "notebook.js")
    )
    _css = (_HERE / "notebook.css").read_text("utf-8")

    classes = traitlets.Int(5).tag(sync=True)
    shot = traitlets.Int(1).tag(sync=True)
    places = traitlets.Int(2).tag(sync=True)  # drawings of each letter: examples, then queries
    # What the browser sends: a dict for each drawing, {"letter", "place", "strokes", "pixels"},
    # pixels a string of 784 characters, "1" for ink.
    drawings = traitlets.List().tag(sync=True)

    def __init__(self, classes=5, shot=1, query=1, seed=0):
        check_integer("DrawingPad", "classes", classes, 2, 10)
        check_integer("DrawingPad", "shot", shot, 1, 5)
        check_integer("DrawingPad", "query", query, 0, 5)
        super().__init__(classes=classes, shot=shot, places=shot + query)
        self._seed, self._invented = seed, None

    @property
    def support(self):
        """The examples: `ImageClasses` of uint8 (n, 28, 28, 1), 0 or 255, a class per letter.

        Raises:
            ValueError: if some letters have been drawn, but others have no example.
        """
        images, letters, places = self._all()
        missing = sorted(set(range(self.classes)) - set(letters[places < self.shot].tolist()))
        if missing:
            raise ValueError(
                "DrawingPad expected an example of every letter. Received: none of letter "
                f"{', '.join(str(letter + 1) for letter in missing)}. Draw it, or make a pad of "
                "fewer classes."
            )
        return self._chosen(images, letters, places < self.shot)

    @property
    def query(self):
        """The queries: `ImageClasses` like `support`, with the same classes; perhaps no image."""
        images, letters, places = self._all()
        return self._chosen(images, letters, places >= self.shot)

    @property
    def all_drawings(self):
        """Examples and queries together: `ImageClasses`, for `fslkeras.Episodes`."""
        images, letters, places = self._all()
        return self._chosen(images, letters, places >= 0)

    def _all(self):
        """Images, and the letter and the place of each."""
        drawn = sorted(self.drawings, key=lambda each: (each["letter"], each["place"]))
        if drawn:
            images = [[int(pixel) * 255 for pixel in each["pixels"]] for each in drawn]
            letters, places = (
                np.array([each[key] for each in drawn]) for key in ("letter", "place")
            )
            return np.array(images, np.uint8).reshape(-1, SIDE, SIDE, 1), letters, places
        if self._invented is None:
            print("Nothing has been drawn, so this is an alphabet that the computer invented.")
            self._invented = invented.invent(1, self.classes, self.places, self._seed)
        places = np.tile(np.arange(self.places), self.classes)
        return self._invented.images, self._invented.labels, places

    def _chosen(self, images, letters, chosen):
        names = [f"letter {letter + 1}" for letter in range(self.classes)]
        return ImageClasses(images[chosen], letters[chosen], names)

    def _repr_mimebundle_(self, **options):
        bundle = super()._repr_mimebundle_(**options)
        if bundle is None:
            return None
        data, metadata = bundle
        text = f"A pad to draw {self.classes} letters on, in a notebook that runs."
        return {**data, "text/plain": text}, metadata
