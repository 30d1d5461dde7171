"""Synthetic photographs of completed sheets, damaged as by phones, tables, lamps and pockets.

data/sheets, tests/test_sheets.py and benchmarks/sheets.py use them. They start from the sheet that
`python -m fslkeras sheet` prints. Lengths on the paper are in millimeters; light is 0..1.
"""

import functools
import io

import cv2
import numpy as np
from PIL import Image

import fslkeras
from fslkeras.course import handwriting
from fslkeras.course.invented import invented_characters
from fslkeras.course.sheets import layout as printed
from fslkeras.course.sheets import reading

DPMM = 10  # pixels per millimeter of the paper before it is photographed
INKS = {
    "black": (25, 25, 30),
    "blue": (30, 60, 170),
    "red": (190, 40, 45),
    "green": (20, 120, 60),
    "pencil": (115, 115, 118),
}
NEAT = {
    "megapixels": 3.0,
    "tilt": 0.02,
    "turns": 0,
    "shadow": 0.0,
    "blur": 0.15,
    "noise": 2.0,
    "creases": 0,
    "ink": "black",
}
DAMAGES = {
    "none": {},
    "perspective": {"tilt": 0.12},
    "quarter turns": {"turns": (1, 2, 3)},
    "shadow": {"shadow": 0.55},
    "blur": {"blur": 0.45},
    "noise": {"noise": 16.0},
    "creases": {"creases": 4},
    "colored ink": {"ink": ("blue", "red", "green")},
    "pencil": {"ink": "pencil"},
    "0.5 megapixels": {"megapixels": 0.5},
    "12 megapixels": {"megapixels": 12.0},
    "all together": {
        "megapixels": (1.0, 2.0, 5.0),
        "tilt": 0.08,
        "turns": (0, 1, 2, 3),
        "shadow": 0.4,
        "blur": 0.3,
        "noise": 8.0,
        "creases": 2,
        "ink": ("black", "blue", "red", "green"),
    },
}


def damage(kind, number):
    """The options of `photograph` for the numbered photograph with this kind of damage."""
    options = NEAT | DAMAGES[kind]
    return {
        name: value[number % len(value)] if isinstance(value, tuple) else value
        for name, value in options.items()
    }


def drawings(layout, number, empty=0.0):
    """One person's drawings: `layout.copies` of each of `layout.characters` characters.

    People with even numbers draw letters of the glyphs' test alphabets with a felt pen; those with
    odd numbers draw an invented alphabet with a thin pen. Each column comes from another simulated
    drawer, so that no two boxes can be mistaken for each other.

    Args:
        layout: `printed.Layout`.
        number: the person's number, at least 0.
        empty: fraction of the boxes that stay empty, 0..1.
    Returns:
        dict from (row, column) to float (n, n) in 0..1, ink 1.
    """
    rng = np.random.default_rng(number)
    places = [(row, column) for row in range(layout.characters) for column in range(layout.copies)]
    places = [place for place in places if rng.random() >= empty]
    if number % 2 == 0:
        glyphs = fslkeras.datasets.load("glyphs", split="test")
        alphabets = np.array(glyphs.alphabets)
        alphabet = list(dict.fromkeys(glyphs.alphabets))[number // 2 % 10]
        letters = rng.choice(
            np.flatnonzero(alphabets == alphabet), layout.characters, replace=False
        )
        images = {letter: glyphs.images[glyphs.labels == letter][..., 0] for letter in letters}
        return {(row, column): _enlarged(images[letters[row]][column]) for row, column in places}
    characters = invented_characters(layout.characters, handwriting.random_state("sheet", number))
    drawers = [
        handwriting.Drawer(handwriting.random_state("hand", number, column))
        for column in range(layout.copies)
    ]
    for drawer in drawers:
        drawer.pen = 0.5 / layout.box * handwriting.CANVAS  # half a millimeter, a ballpoint pen

    def drawn(row, column):
        return (
            handwriting.draw(
                characters[row], drawers[column], handwriting.random_state(number, row, column)
            )
            / 255
        )

    return {place: drawn(*place) for place in places}


def photograph(
    layout,
    drawn,
    seed=0,
    megapixels=3.0,
    tilt=0.02,
    turns=0,
    shadow=0.0,
    blur=0.15,
    noise=2.0,
    creases=0,
    ink="black",
):
    """A photograph of a sheet on a table.

    Args:
        layout: `printed.Layout`.
        drawn: dict from (row, column) to the drawing in this box, float (n, n) in 0..1.
        seed: random seed.
        megapixels: size of the photograph, 3 wide by 4 high.
        tilt: how far the sheet's corners move in the picture, as a fraction of its width.
        turns: quarter turns of the camera.
        shadow: fraction of the light that the photographer's shadow takes away.
        blur: standard deviation in millimeters of the paper.
        noise: standard deviation, of 255.
        creases: folds across the sheet.
        ink: one of `INKS`.
    Returns:
        uint8 (height, width, 3).
    """
    rng = np.random.default_rng(seed)
    paper = _paper(layout, drawn, ink) * _creased(rng, creases)[..., None]
    height = round((megapixels * 1e6 * 4 / 3) ** 0.5)
    width = round(height * 3 / 4)
    room = min(0.9 * width / printed.WIDTH, 0.92 * height / printed.HEIGHT)  # pixels per millimeter
    paper = cv2.resize(paper, None, fx=room / DPMM, fy=room / DPMM, interpolation=cv2.INTER_AREA)
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (np.array(paper.shape[1::-1]) / 2)
    seen = corners * (1 - 0.5 * tilt) - np.sign(corners) * rng.uniform(0, tilt, (4, 2)) * width
    angle = np.deg2rad(rng.uniform(-1, 1) * min(4, 60 * tilt))
    seen = seen @ [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]] + [
        width / 2,
        height / 2,
    ]
    view = cv2.getPerspectiveTransform(
        (corners - corners[0]).astype("float32"), seen.astype("float32")
    )
    cover = cv2.warpPerspective(np.ones(paper.shape[:2], "float32"), view, (width, height))[
        ..., None
    ]
    table = (
        np.array([0.45, 0.33, 0.22], "float32")
        * (1 + 0.15 * _smooth(rng, height, width, 6))[..., None]
    )
    light = cv2.warpPerspective(paper, view, (width, height)) * cover + table * (1 - cover)
    light *= _lamp(rng, height, width, shadow) * np.array([1.0, 0.96, 0.88], "float32")
    light = cv2.GaussianBlur(light, (0, 0), max(blur * room, 0.3))
    pixels = 235 * light + rng.normal(0, noise, light.shape)
    return np.rot90(pixels.clip(0, 255).astype(np.uint8), turns).copy()


def jpeg(pixels, quality=85):
    """The photograph as the bytes of a file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "jpeg", quality=quality)
    return file.getvalue()


def expected(drawing, layout):
    """The 28x28 image of a drawing without a photograph's damage."""
    side = round(reading.RESOLUTION * layout.box)
    ink = cv2.resize(drawing.astype("float32"), (side, side), interpolation=cv2.INTER_AREA) > 0.5
    return reading._like_a_glyph(ink.astype(np.uint8), layout.box, 28)


def correct_boxes(layout, drawn, images, places):
    """The number of boxes that were read correctly.

    A box is correct if its image is more similar to its own drawing than to any other on the sheet,
    with a cosine similarity of the blurred images above 0.7.

    Args:
        layout, drawn: as in `photograph`.
        images, places: what `reading.read` returned.
    Returns:
        the number of correct boxes, and the number of boxes that hold a drawing or were read.
    """
    own = {place: _blurred(expected(drawing, layout)) for place, drawing in drawn.items()}
    right = 0
    for image, place in zip(images, map(tuple, places), strict=True):
        soft = _blurred(image)
        similarity = {there: float(soft @ drawing) for there, drawing in own.items()}
        right += (
            place in own
            and similarity[place] == max(similarity.values())
            and similarity[place] > 0.7
        )
    return right, len(set(own) | set(map(tuple, places)))


@functools.cache
def _printed(layout):
    file = io.BytesIO()
    printed.figure(layout).savefig(file, format="png", dpi=25.4 * DPMM)
    return np.asarray(Image.open(file).convert("RGB"))


def _paper(layout, drawn, ink):
    """The sheet with the drawings in its boxes: float32 (height, width, 3)."""
    paper = _printed(layout).astype("float32") / 255
    for place, drawing in drawn.items():
        left, top = (round(DPMM * edge) for edge in layout.place(*place))
        side = round(DPMM * layout.box)
        cover = cv2.resize(
            drawing.astype("float32"), (side, side), interpolation=cv2.INTER_CUBIC
        ).clip(0, 1)[..., None]
        part = paper[top : top + side, left : left + side]
        part *= 1 - cover * (1 - np.array(INKS[ink], "float32") / 255)
    return paper


def _enlarged(glyph):
    """The glyph with smooth outlines, 16 times its size."""
    return (cv2.GaussianBlur(np.kron(glyph, np.ones((16, 16))) / 255, (0, 0), 9) > 0.5).astype(
        "float32"
    )


def _creased(rng, creases):
    """Light on creased paper, float32 (height, width).

    A fold leaves a dark line and a bright line, and its two sides reflect the lamp differently.
    """
    height, width = DPMM * printed.HEIGHT, DPMM * printed.WIDTH
    small = (height // 4, width // 4)
    y, x = np.mgrid[: small[0], : small[1]].astype("float32") * 4 / DPMM
    light = np.ones(small, "float32")
    for _ in range(creases):
        angle, through = (
            rng.uniform(0, np.pi),
            rng.uniform(0.2, 0.8, 2) * (printed.WIDTH, printed.HEIGHT),
        )
        beside = (x - through[0]) * np.cos(angle) + (y - through[1]) * np.sin(angle)
        light *= 1 + rng.uniform(-0.06, 0.06) * np.sign(beside) * np.exp(-np.abs(beside) / 40)
        light *= (
            1
            - 0.25 * np.exp(-((beside / 0.35) ** 2))
            + 0.1 * np.exp(-(((beside - 0.7) / 0.35) ** 2))
        )
    return cv2.resize(light, (width, height), interpolation=cv2.INTER_LINEAR)


def _lamp(rng, height, width, shadow):
    """Light that falls off to one side, with a soft-edged shadow, float32 (height, width, 1)."""
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j].astype("float32")
    angle = rng.uniform(0, 2 * np.pi)
    light = 1 - 0.2 * ((x - 0.5) * np.cos(angle) + (y - 0.5) * np.sin(angle) + 0.5).clip(0, 1)
    if shadow:
        angle, through = rng.uniform(0, 2 * np.pi), rng.uniform(0.35, 0.65, 2)
        beside = (
            (x - through[0]) * np.cos(angle)
            + (y - through[1]) * np.sin(angle)
            + 0.05 * np.sin(9 * (x + y))
        )
        light *= 1 - shadow / (1 + np.exp(-beside / 0.012))
    return light[..., None]


def _smooth(rng, height, width, waves):
    """Slow waves between -1 and 1, float32 (height, width)."""
    coarse = rng.uniform(-1, 1, (waves, waves)).astype("float32")
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)


def _blurred(image):
    soft = cv2.GaussianBlur(image.astype("float32"), (0, 0), 1.0).ravel()
    return soft / np.linalg.norm(soft)
