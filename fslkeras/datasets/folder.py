"""Folders of your own images, with one subfolder per class."""

import hashlib
import warnings

import numpy as np
from PIL import Image, ImageOps

from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.validation import check_choice, check_flag, check_integer, check_path

_MODES = {"grayscale": ("L", 1), "rgb": ("RGB", 3)}
_MOST_PIXELS = 100_000_000  # a small file can decompress to an image that fills the memory


def load_folder(folder, size=28, color_mode="grayscale", invert=False, crop=False):
    """Loads a folder with one subfolder per class, as in `datasets.load`."""
    read, channels = reader("load", size, color_mode, invert, crop)
    folder = _checked("load", folder)
    entries = _visible(folder)
    # A link could load a class, or the whole folder, twice.
    classes = [path for path in entries if path.is_dir() and not path.is_symlink()]
    skipped = {path: "outside the class folders" for path in entries if path not in classes}
    classes = {path.name: found for path in classes if (found := _read_all(path, read, skipped))}
    told = _told(folder, skipped)
    if not classes:
        told = f" (skipped: {told})" * bool(told)
        raise ValueError(
            f"load expected {folder} to contain one subfolder of images per class. "
            f"Received: no image in a subfolder{told}. Move the images of each class to a folder."
        )
    if told:
        warnings.warn(f"load skipped what is not an image in a class folder: {told}.", stacklevel=3)
    labels = np.repeat(np.arange(len(classes)), [len(found) for found in classes.values()])
    pictures = {file: picture for found in classes.values() for file, picture in found.items()}
    if copies := _copies(folder, pictures, labels):
        warnings.warn(
            f"load found the same file in two classes: {', '.join(copies)}. Remove one of each.",
            stacklevel=3,
        )
    return ImageClasses(stacked(pictures.values(), size, channels), labels, list(classes))


def load_unlabelled(folder, size=28, color_mode="grayscale", invert=False, crop=False):
    """Loads the images of a folder without classes, for `FewShotClassifier.predict`.

    Args:
        folder: Path of a folder with images in it.
        size: Height and width in pixels, from 4 to 1024.
        color_mode: "grayscale" or "rgb".
        invert: True for dark ink on a light background, to make the ink bright.
        crop: True to crop the center instead of padding to a square.
    Returns:
        tuple: The images, uint8 (n, size, size, C), and a list of their n paths.
    Raises:
        ValueError: If an argument is invalid, or the folder has no image that Pillow can read.
        FileNotFoundError: If the folder does not exist.
    """
    check_integer("load_unlabelled", "size", size, 4, 1024)
    read, channels = reader("load_unlabelled", size, color_mode, invert, crop)
    folder = _checked("load_unlabelled", folder)
    pictures = _read_all(folder, read, skipped := {})
    if not pictures:
        told = f" (skipped: {_told(folder, skipped)})" * bool(skipped)
        raise ValueError(f"load_unlabelled found no images in {folder}{told}.")
    return stacked(pictures.values(), size, channels), list(pictures)


def reader(owner, size, color_mode, invert, crop):
    """A function from a file to its picture, or the reason it has none; and the channel count."""
    check_choice(owner, "color_mode", color_mode, _MODES)
    check_flag(owner, "invert", invert)
    check_flag(owner, "crop", crop)
    mode, channels = _MODES[color_mode]
    return lambda file: _read_picture(file, size, mode, invert, crop), channels


def stacked(pictures, size, channels):
    """The pictures in one array that `ImageClasses` does not have to copy."""
    images = np.empty((len(pictures), size, size, channels), np.uint8)
    for image, picture in zip(images, pictures, strict=True):
        image[:] = picture.reshape(size, size, channels)
    images.flags.writeable = False
    return images


def _checked(owner, folder):
    if not (path := check_path(owner, "folder", folder)).is_dir():
        raise FileNotFoundError(f"{owner} found no folder at {str(folder)!r}.")
    return path


def _visible(folder):
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _read_all(folder, read, skipped):
    """The picture of each file in a folder. `skipped` receives the reason for any other entry."""
    no_file = "a folder, or a broken link"
    found = {path: read(path) if path.is_file() else no_file for path in _visible(folder)}
    skipped.update({path: reason for path, reason in found.items() if isinstance(reason, str)})
    return {path: picture for path, picture in found.items() if path not in skipped}


def _told(folder, skipped):
    """The skipped entries, grouped by reason."""
    reasons = {reason: [] for reason in skipped.values()}
    for path, reason in skipped.items():
        reasons[reason].append(str(path.relative_to(folder)))
    return "; ".join(f"{reason}: {', '.join(names)}" for reason, names in reasons.items())


def _copies(folder, files, labels):
    """The pairs of identical files in two classes."""
    first, copies = {}, []
    for file, label in zip(files, labels, strict=True):
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").digest()
        original, its_label = first.setdefault(digest, (file, label))
        if its_label != label:
            copies.append(f"{original.relative_to(folder)} = {file.relative_to(folder)}")
    return copies


def _read_picture(file, size, mode, invert, crop):
    """The first frame, uint8 (size, size) or (size, size, 3), or the reason there is none."""
    paper = 255 if invert else 0  # behind transparent parts, and for padding
    try:
        with Image.open(file) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise Image.DecompressionBombError
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith(("I", "F")):  # 16 or 32 bits: stretch the range to [0, 255]
                values = np.asarray(image, "float64")
                values = 255 * (values - values.min()) / max(np.ptp(values), 1)
                image = Image.fromarray(values.astype(np.uint8))
            if image.has_transparency_data:
                image = image.convert("RGBA")
                ground = Image.new("RGBA", image.size, (paper,) * 3 + (255,))
                image = Image.alpha_composite(ground, image)
            image = image.convert(mode)
            if crop:  # the central 7/8 of the shorter side, as usual for ImageNet
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
