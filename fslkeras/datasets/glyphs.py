"""The glyphs: letters of fifty writing systems, drawn by twenty simulated drawers each, which come with the package."""

import functools
import zipfile
import zlib

import numpy as np

from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.paths import DATA
from fslkeras.validation import check_choice


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
            f"The glyphs were expected at {path} and are not there. Install the package again: pip install --force-reinstall."
        ) from None
    except (
        ValueError,
        KeyError,
        TypeError,
        OSError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise ValueError(
            f"The glyphs at {path} are damaged ({error}). Fetch the file again: git checkout data/glyphs.npz in a clone, "
            "or pip install --force-reinstall."
        ) from None
    data = ImageClasses(
        pixels.reshape(-1, height, width, 1) * np.uint8(255),
        np.arange(classes).repeat(drawers),
        [f"{names[a]} U+{c:04X}" for a, c in zip(alphabet, codepoints, strict=True)],
        names[alphabet],
    )
    return data, split[alphabet]


def load_glyphs(split=None):
    """The glyphs of one split, or all of them: see `datasets.load`."""
    check_choice("load", "split", split, (None, "train", "validation", "test"))
    data, split_of_class = _glyphs()
    return data if split is None else data.take(split_of_class == split)
