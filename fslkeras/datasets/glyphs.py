"""The glyphs, letters of fifty writing systems drawn by twenty simulated writers each."""

import functools
import zipfile
import zlib

import numpy as np

from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.paths import DATA
from fslkeras.validation import check_choice

_DAMAGED = (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error)


@functools.cache
def _glyphs():
    path = DATA / "glyphs.npz"
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            height, width = file["shape"].tolist()
            classes, drawers, _ = file["images"].shape
            pixels = np.unpackbits(file["images"], axis=-1, count=height * width)
            alphabet, names, split = file["alphabet"], file["alphabets"], file["split"]
            codepoints = file["codepoint"]
    except FileNotFoundError:
        raise FileNotFoundError(
            f"The glyphs are not at {path}. "
            "Install the package again: pip install --force-reinstall."
        ) from None
    except _DAMAGED as error:
        raise ValueError(
            f"The glyphs at {path} are damaged ({error}). In a clone, run git checkout "
            "data/glyphs.npz; otherwise, pip install --force-reinstall."
        ) from None
    data = ImageClasses(
        pixels.reshape(-1, height, width, 1) * np.uint8(255),
        np.arange(classes).repeat(drawers),
        [f"{names[a]} U+{c:04X}" for a, c in zip(alphabet, codepoints, strict=True)],
        names[alphabet],
    )
    return data, split[alphabet]


def load_glyphs(split=None):
    """Loads a split of the glyphs, or all of them, as in `datasets.load`."""
    check_choice("load", "split", split, (None, "train", "validation", "test"))
    data, split_of_class = _glyphs()
    return data if split is None else data.take(split_of_class == split)
