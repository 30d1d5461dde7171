"""Build the page where the reader draws letters: one HTML file that needs no network.

python docs/demo/build.py build/site/draw.html
"""

import base64
import json
import re
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

import fslkeras.course  # noqa: E402 - starts Keras without TensorFlow's messages
from fslkeras import networks  # noqa: E402
from fslkeras.course.handwriting import Drawer, random_state, redraw  # noqa: E402
from fslkeras.course.invented import invented_characters  # noqa: E402
from fslkeras.datasets import load as load_dataset  # noqa: E402

DRAWING = Path(fslkeras.course.__file__).parent / "drawing"
PARTS = "weights network ink answer panels map share page letters start"
SCRIPTS = [DRAWING / "strokes.js", DRAWING / "pad.js"]
SCRIPTS += [HERE / f"{part}.js" for part in PARTS.split()]
DRAWINGS = 8  # of each letter: five examples and three queries
INVENTED = [6, 4, 0, 1, 9, 3, 5, 2, 7, 8]  # the easiest to draw first
ALPHABETS = {"Tifinagh": 12, "Georgian": 12, "OlChiki": 12, "NKo": 12}

# Without unlabelled images, the semi-supervised network is a prototypical one.
SHIPPED = {
    "siamese": "siamese",
    "prototypical": "semi_supervised",
    "relation": "relation",
    "matching": "matching",
}


def build(output, home=None):
    """Write the page.

    Args:
        output: path of the HTML file.
        home: address of the course's start page, for a link; None for no link.
    """
    data = {"alphabets": [invented(), *glyph_alphabets()]}
    data["weights"], data["shapes"] = packed(shipped_networks())
    brand = "Few-shot learning with Keras"
    page = (HERE / "page.html").read_text("utf-8")
    for mark, text in {
        "/* style.css */": (HERE / "style.css").read_text("utf-8"),
        "<!-- home -->": f'<a href="{home}">{brand}</a>' if home else brand,
        "/* data */": json.dumps(data, separators=(",", ":")),
        "/* scripts */": scripts(SCRIPTS),
    }.items():
        assert page.count(mark) == 1, mark
        page = page.replace(mark, text)
    output = Path(output)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(page, encoding="utf-8")


def scripts(paths):
    """JavaScript files as one, without `export`."""
    text = "\n".join(path.read_text("utf-8") for path in paths)
    return re.sub(r"^export ", "", text, flags=re.MULTILINE)


def invented():
    """An alphabet new to every network, as strokes: flat lists of x and y, in tenths of a pixel."""
    characters = invented_characters(10, random_state("page", 13))
    drawers = [Drawer(random_state("page", "drawer", number)) for number in range(DRAWINGS)]
    letters = [
        [
            [
                (2.5 * stroke).round().astype(int).ravel().tolist()
                for stroke in redraw(characters[c], drawer, random_state("page", c, d))[0]
            ]
            for d, drawer in enumerate(drawers)
        ]
        for c in INVENTED
    ]
    return {"name": "Invented", "letters": letters}


def glyph_alphabets():
    """Some of the glyphs' test alphabets, as pixels: one bit each, in base64."""
    glyphs = load_dataset("glyphs", "test")
    for alphabet, count in ALPHABETS.items():
        own = [c for c, name in enumerate(glyphs.alphabets) if name == alphabet][:count]
        letters = [
            [
                base64.b64encode(np.packbits(image > 0).tobytes()).decode()
                for image in glyphs.images[glyphs.labels == c][:DRAWINGS]
            ]
            for c in own
        ]
        yield {"name": re.sub("(?<=[a-z])(?=[A-Z])", " ", alphabet), "letters": letters}


def shipped_networks():
    """Each network by its name on the page: a `keras.Model`, its weights rounded to half floats."""
    models = {name: networks.pretrained(shipped) for name, shipped in SHIPPED.items()}
    for model in models.values():
        model.set_weights([weight.astype("float16") for weight in model.get_weights()])
    return models


def packed(models):
    """What weights.js reads: half floats in base64, and the shapes of each network's arrays."""
    arrays = {name: model.get_weights() for name, model in models.items()}
    arrays["prototypical"] = arrays["prototypical"][:20]  # the encoder's
    flat = [array.astype("<f2").ravel() for each in arrays.values() for array in each]
    shapes = {name: [array.shape for array in each] for name, each in arrays.items()}
    return base64.b64encode(np.concatenate(flat).tobytes()).decode(), shapes


def encoder(model):
    """The `keras.Model` of a network that embeds one image."""
    if model.name == "siamese":
        return next(layer for layer in model.layers if hasattr(layer, "layers"))
    return model.get_layer("encode").encoder


if __name__ == "__main__":
    build(*sys.argv[1:3])
