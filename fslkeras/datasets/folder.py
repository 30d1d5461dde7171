"""A folder of your own images, with one sub-folder for each class."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.validation import check_choice, check_flag, check_integer

_MODES = {"grayscale": ("L", 1), "rgb": ("RGB", 3)}


def load_folder(folder, size=28, color_mode="grayscale", invert=False):
    """The images of a folder, a class for each sub-folder: see `datasets.load`."""
    mode, channels = _checked_mode("load", color_mode, invert)
    entries = _visible(folder)
    # A link would bring a class, or the whole folder, a second time.
    classes = [path for path in entries if path.is_dir() and not path.is_symlink()]
    skipped = [path for path in entries if path not in classes]
    images, labels, names = [], [], []
    for path in classes:
        files = _visible(path)
        pictures = [_read_picture(file, size, mode, invert) if file.is_file() else None for file in files]
        skipped += [file for file, picture in zip(files, pictures, strict=True) if picture is None]
        pictures = [picture for picture in pictures if picture is not None]
        if pictures:
            labels += [len(names)] * len(pictures)
            names.append(path.name)
            images += pictures
    told = ", ".join(str(path.relative_to(folder)) for path in skipped)
    if not images:
        raise ValueError(
            f"load expected {folder} to hold one sub-folder for each class, with images in it. Received: {len(classes)} sub-folders "
            f"and no image in them that Pillow can read{f' (not read: {told})' * bool(told)}. "
            "Put the images of each class into a folder of their own."
        )
    if skipped:
        warnings.warn(
            f"load skipped what is not an image in a class's own folder (further folders inside it, links and files that Pillow cannot "
            f"read): {told}.",
            stacklevel=3,
        )
    return ImageClasses(_stacked(images, size, channels), np.array(labels), names)


def load_unlabelled(folder, size=28, color_mode="grayscale", invert=False):
    """The images of a folder without classes, and their files, for `FewShotClassifier.predict`.

    Args:
        folder: path of a folder with images in it.
        size, color_mode, invert: as in `datasets.load`.
    Returns:
        images uint8 (n, size, size, C) and the list of their n paths.
    Raises:
        ValueError: if an argument is invalid or the folder holds no image that Pillow can read.
    """
    check_integer("load_unlabelled", "size", size, 4, 1024)
    mode, channels = _checked_mode("load_unlabelled", color_mode, invert)
    pictures = {path: _read_picture(path, size, mode, invert) for path in _visible(Path(folder)) if path.is_file()}
    pictures = {path: picture for path, picture in pictures.items() if picture is not None}
    if not pictures:
        raise ValueError(f"load_unlabelled expected {folder} to hold images. Received: no file in it that Pillow can read.")
    return _stacked(list(pictures.values()), size, channels), list(pictures)


def _stacked(pictures, size, channels):
    images = np.empty((len(pictures), size, size, channels), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        image[:] = picture.reshape(size, size, channels)
    images.flags.writeable = False  # so that ImageClasses needs no copy
    return images


def _checked_mode(owner, color_mode, invert):
    check_choice(owner, "color_mode", color_mode, _MODES)
    check_flag(owner, "invert", invert)
    return _MODES[color_mode]


def _visible(folder):
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _read_picture(file, size, mode, invert):
    """uint8 (size, size) or (size, size, 3), or None where Pillow cannot read the file."""
    paper = 255 if invert else 0  # behind transparent parts, and around a picture that is not square
    try:
        with Image.open(file) as image:
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith(("I", "F")):  # 16 and 32 bits: bring the picture's own range to 0..255
                values = np.asarray(image, "float64")
                image = Image.fromarray((255 * (values - values.min()) / max(np.ptp(values), 1)).astype(np.uint8))
            if image.has_transparency_data:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, (paper,) * 3 + (255,)), image)
            image = image.convert(mode)
            image = ImageOps.pad(image, (size, size), Image.Resampling.BOX, color=(paper,) * len(image.getbands()))
            pixels = np.asarray(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return 255 - pixels if invert else pixels
