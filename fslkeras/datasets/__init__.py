"""Images with classes: the course's own glyphs, Omniglot, Caltech-101 and folders of your own images."""

import os
from pathlib import Path

from fslkeras.datasets.caltech101 import load_caltech101
from fslkeras.datasets.folder import load_folder, load_unlabelled
from fslkeras.datasets.glyphs import load_glyphs
from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.datasets.omniglot import load_omniglot
from fslkeras.validation import check_integer

__all__ = ["ImageClasses", "load", "load_folder", "load_glyphs", "load_omniglot", "load_unlabelled"]


def load(name, split=None, size=28, color_mode="grayscale", invert=False, crop=False):
    """A dataset by its name, or a folder of your own images.

    Args:
        name: "glyphs", the course's own, 28x28 and inside the package; "omniglot" or "caltech101", through
            tensorflow-datasets, which downloads each once; or the path of a folder with one sub-folder for
            each class, holding images of any size that Pillow can read.
        split: "train", "validation", "test", or None for all. Omniglot has "background" too, Lake's 30 background alphabets:
            its "train" and "validation" together. Its "test" is Lake's 20 evaluation alphabets. A folder has no splits.
        size: height and width in pixels. Omniglot is shrunk by area averaging; a picture of Caltech-101 or a
            folder is shrunk to fit and filled up to a square. The glyphs have one size.
        color_mode: "grayscale" or "rgb", for Caltech-101 and folders.
        invert: for folders, True where the ink is dark on a bright ground: ink is to be bright.
        crop: for Caltech-101 and folders, True to cut out the center instead, as is usual with ImageNet: 224
            of 256 pixels, the shorter side.
    Returns:
        `ImageClasses`. All of Caltech-101 at 224 pixels in color takes 1.2 GB.
    Raises:
        ValueError: if the name, the split, the size or the color mode is unknown or does not apply, the glyphs file is damaged, or the folder
            holds no images.
        FileNotFoundError: if the folder is not there, or the dataset can be neither found nor downloaded.
    """
    known = "Known names are 'glyphs', 'omniglot' and 'caltech101'; anything else is a folder of class folders."
    if not isinstance(name, str | os.PathLike) or name == "":
        raise ValueError(f"load expected a dataset's name or a folder. Received: {name!r}. {known}")
    check_integer("load", "size", size, 4, 1024)
    if name == "caltech101":
        if invert:
            raise ValueError("'caltech101' has no ink; invert is for folders. Leave it out.")
        return load_caltech101(split, size, color_mode, crop)
    if name in ("glyphs", "omniglot"):
        if color_mode != "grayscale" or invert or crop:
            raise ValueError(
                f"{name!r} is grayscale with bright ink; color_mode, invert and crop are for folders. Leave them out."
            )
        if name == "omniglot":
            return load_omniglot(split, size)
        if size != 28:
            raise ValueError(
                f"The glyphs are 28x28. Received: size={size}. Leave size out, or use 'omniglot'."
            )
        return load_glyphs(split)
    folder = Path(name)
    if not folder.is_dir():
        if isinstance(name, str) and folder.name == name:
            raise ValueError(
                f"load expected a dataset's name or a folder. Received: {name!r}. {known}"
            )
        raise FileNotFoundError(
            f"load expected a folder at {str(name)!r}, and there is none. {known}"
        )
    if split is not None:
        raise ValueError(
            f"A folder has no split {split!r}. Load it whole and divide its classes: load(...).split(n_classes)."
        )
    return load_folder(folder, size, color_mode, invert, crop)
