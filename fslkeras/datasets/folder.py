"""A folder of your own images, with one sub-folder for each class."""

import hashlib
import warnings
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.validation import check_choice, check_flag, check_integer

_MODES = {"grayscale": ("L", 1), "rgb": ("RGB", 3)}
_MOST_PIXELS = 100_000_000  # a small file can hold a picture that fills the memory


def load_folder(folder, size=28, color_mode="grayscale", invert=False, crop=False):
    """The images of a folder, a class for each sub-folder: see `datasets.load`."""
    read, channels = reader("load", size, color_mode, invert, crop)
    entries = _visible(folder)
    # A link would bring a class, or the whole folder, a second time.
    classes = [path for path in entries if path.is_dir() and not path.is_symlink()]
    skipped = {path: "beside the classes" for path in entries if path not in classes}
    classes = {path.name: found for path in classes if (found := _read_all(path, read, skipped))}
    told = _told(folder, skipped)
    if not classes:
        told = f" (skipped: {told})" * bool(told)
        raise ValueError(
            f"load expected {folder} to hold one sub-folder for each class, with images in it. Received: no "
            f"image in a sub-folder{told}. Put the images of each class into a folder of their own."
        )
    if told:
        warnings.warn(
            f"load skipped what is not an image in a class's own folder: {told}.", stacklevel=3
        )
    labels = np.repeat(np.arange(len(classes)), [len(found) for found in classes.values()])
    pictures = {file: picture for found in classes.values() for file, picture in found.items()}
    if copies := _copies(folder, pictures, labels):
        warnings.warn(
            f"load found the same file in two classes: {', '.join(copies)}. Remove one of each.",
            stacklevel=3,
        )
    return ImageClasses(stacked(pictures.values(), size, channels), labels, list(classes))


def load_unlabelled(folder, size=28, color_mode="grayscale", invert=False, crop=False):
    """The images of a folder without classes, and their files, for `FewShotClassifier.predict`.

    Args:
        folder: path of a folder with images in it.
        size, color_mode, invert, crop: as in `datasets.load`.
    Returns:
        images uint8 (n, size, size, C) and the list of their n paths.
    Raises:
        ValueError: if an argument is invalid or the folder holds no image that Pillow can read.
    """
    check_integer("load_unlabelled", "size", size, 4, 1024)
    read, channels = reader("load_unlabelled", size, color_mode, invert, crop)
    pictures, folder = _read_all(Path(folder), read, skipped := {}), Path(folder)
    if not pictures:
        told = f" (skipped: {_told(folder, skipped)})" * bool(skipped)
        raise ValueError(f"load_unlabelled expected {folder} to hold images. Received: none{told}.")
    return stacked(pictures.values(), size, channels), list(pictures)


def reader(owner, size, color_mode, invert, crop):
    """A function from a file to its picture, or to the reason why there is none; and the number of channels."""
    check_choice(owner, "color_mode", color_mode, _MODES)
    check_flag(owner, "invert", invert)
    check_flag(owner, "crop", crop)
    mode, channels = _MODES[color_mode]
    return lambda file: _read_picture(file, size, mode, invert, crop), channels


def stacked(pictures, size, channels):
    """One array of pictures, which `ImageClasses` takes without a copy."""
    images = np.empty((len(pictures), size, size, channels), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        image[:] = picture.reshape(size, size, channels)
    images.flags.writeable = False
    return images


def _visible(folder):
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _read_all(folder, read, skipped):
    """The picture of each file of a folder. Into `skipped` goes the reason for each entry that has none."""
    no_file = "a folder, or a link to nothing"
    found = {path: read(path) if path.is_file() else no_file for path in _visible(folder)}
    skipped.update({path: reason for path, reason in found.items() if isinstance(reason, str)})
    return {path: picture for path, picture in found.items() if path not in skipped}


def _told(folder, skipped):
    """What was skipped, by reason."""
    reasons = {reason: [] for reason in skipped.values()}
    for path, reason in skipped.items():
        reasons[reason].append(str(path.relative_to(folder)))
    return "; ".join(f"{reason}: {', '.join(names)}" for reason, names in reasons.items())


def _copies(folder, files, labels):
    """The pairs of equal files that are in two classes."""
    first, copies = {}, []
    for file, label in zip(files, labels, strict=True):
        original, its_label = first.setdefault(
            hashlib.sha256(file.read_bytes()).digest(), (file, label)
        )
        if its_label != label:
            copies.append(f"{original.relative_to(folder)} = {file.relative_to(folder)}")
    return copies


def _read_picture(file, size, mode, invert, crop):
    """uint8 (size, size) or (size, size, 3), of an animation the first frame; or why there is none."""
    paper = (
        255 if invert else 0
    )  # behind transparent parts, and around a picture that is not square
    try:
        with Image.open(file) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise Image.DecompressionBombError
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith(
                ("I", "F")
            ):  # 16 and 32 bits: bring the picture's own range to 0..255
                values = np.asarray(image, "float64")
                image = Image.fromarray(
                    (255 * (values - values.min()) / max(np.ptp(values), 1)).astype(np.uint8)
                )
            if image.has_transparency_data:
                image = image.convert("RGBA")
                image = Image.alpha_composite(
                    Image.new("RGBA", image.size, (paper,) * 3 + (255,)), image
                )
            image = image.convert(mode)
            if crop:  # ImageNet's usual: the central 7/8 of the shorter side
                image = ImageOps.fit(image, (size, size), Image.Resampling.BICUBIC, bleed=1 / 16)
            else:
                ground = (paper,) * len(image.getbands())
                image = ImageOps.pad(image, (size, size), Image.Resampling.BOX, color=ground)
            pixels = np.asarray(image)
    except Image.DecompressionBombError:
        return "over 100 megapixels (shrink it first)"
    except (OSError, ValueError, SyntaxError):
        if str(file).lower().endswith((".heic", ".heif")):
            return "HEIC, which Pillow cannot read (export it as JPEG)"
        return "not an image that Pillow can read"
    return 255 - pixels if invert else pixels
