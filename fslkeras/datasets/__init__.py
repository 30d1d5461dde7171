"""Labeled images: the course's glyphs, Omniglot, Caltech-101, and folders of your own images."""

import os
from pathlib import Path

from fslkeras.datasets.caltech101 import load_caltech101
from fslkeras.datasets.folder import load_folder, load_unlabelled
from fslkeras.datasets.glyphs import load_glyphs
from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.datasets.omniglot import load_omniglot
from fslkeras.validation import check_choice, check_integer

__all__ = ["ImageClasses", "load", "load_folder", "load_glyphs", "load_omniglot", "load_unlabelled"]


def load(name, split=None, size=28, color_mode="grayscale", invert=False, crop=False):
    """Loads a dataset by name, or a folder of your own images.

    Args:
        name: "glyphs", the course's own dataset, which comes with the package; "omniglot" or
            "caltech101", which tensorflow-datasets downloads once; or the path of a folder with one
            subfolder per class, which contains images of any size that Pillow can read.
        split: "train", "validation", "test", or None for all. Omniglot's "test" is Lake's 20
            evaluation alphabets; its "background" is his 30 background alphabets, which are divided
            into "train" and "validation". A folder has no splits.
        size: Height and width in pixels, from 4 to 1024. Omniglot is reduced by area averaging;
            images of Caltech-101 and folders are scaled to fit and padded to a square. The glyphs
            exist in one size, 28.
        color_mode: "grayscale" or "rgb", for Caltech-101 and folders.
        invert: For folders, True for dark ink on a light background, to make the ink bright.
        crop: For Caltech-101 and folders, True to crop the center instead of padding, as is usual
            for ImageNet: 224 of 256 pixels of the shorter side.
    Returns:
        `ImageClasses`, the labeled images. All of Caltech-101 at 224 pixels in color takes 1.2 GB.
    Raises:
        ValueError: If an argument is unknown or does not apply to this dataset, the file of the
            glyphs is damaged, or the folder contains no images.
        FileNotFoundError: If the folder does not exist, or the dataset can be neither found nor
            downloaded.
    """
    known = "Known names are 'glyphs', 'omniglot' and 'caltech101'; a folder has class subfolders."
    if not isinstance(name, str | os.PathLike) or name == "":
        raise ValueError(f"load expected a dataset's name or a folder. Received: {name!r}. {known}")
    check_integer("load", "size", size, 4, 1024)
    check_choice("load", "color_mode", color_mode, ("grayscale", "rgb"))
    if name == "caltech101":
        if invert is not False:
            raise ValueError("'caltech101' has no ink; invert is for folders. Leave it out.")
        return load_caltech101(split, size, color_mode, crop)
    if name in ("glyphs", "omniglot"):
        if color_mode != "grayscale" or invert is not False or crop is not False:
            raise ValueError(
                f"{name!r} is grayscale with bright ink; color_mode, invert and crop are for "
                "folders. Leave them out."
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
        raise FileNotFoundError(f"load found no folder at {str(name)!r}. {known}")
    if split is not None:
        raise ValueError(
            f"A folder has no splits. Received: split={split!r}. Load the whole folder and divide "
            "its classes: load(...).split(n_classes)."
        )
    return load_folder(folder, size, color_mode, invert, crop)
