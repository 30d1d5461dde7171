"""Sheets of paper on which a group of learners draws its own alphabets.

They are printed with marks in the corners, and read back from photographs.
"""

import os
from pathlib import Path

import numpy as np

from fslkeras.datasets import ImageClasses
from fslkeras.validation import check_integer, invalid


def load_sheet(photos, alphabets=None, size=28):
    """Loads drawn alphabets from photographs of the sheets that `python -m fslkeras sheet` writes.

    Needs OpenCV: pip install opencv-python-headless. Each drawing is centered and brought to the
    size and pen width of the glyphs.

    Args:
        photos: path of a photograph, or a list of paths, one per sheet.
        alphabets: the name of the alphabet, or a list of names, one per photograph; by default,
            the name of the file. Sheets with the same name form one alphabet: the rows of the
            second sheet are its next characters.
        size: height and width of a drawing in pixels.
    Returns:
        `ImageClasses` with images of 0 and 255, ink bright, in the order of the photographs and
        rows. Empty boxes and rows without a drawing are left out.
    Raises:
        ImportError: if OpenCV is not installed.
        FileNotFoundError: if a photograph does not exist.
        ValueError: if a photograph cannot be read as a sheet; the message says why for each of
            them, and what to do. Also if the number of names is wrong or the size is out of range.
    """
    from fslkeras.course.sheets.reading import read  # needs OpenCV, which is optional

    check_integer("load_sheet", "size", size, 4, 1024)
    photos, alphabets = _photos_and_names(photos, alphabets)
    images, labels, names, groups = [], [], [], []
    characters_before = dict.fromkeys(alphabets, 0)
    for alphabet, (layout, drawings, places) in zip(
        alphabets, _read_all(read, photos, size), strict=True
    ):
        rows, label = np.unique(places[:, 0], return_inverse=True)
        images.append(drawings[..., None])
        labels.append(label + len(names))
        names += [f"{alphabet}, character {characters_before[alphabet] + row + 1}" for row in rows]
        groups += [alphabet] * len(rows)
        characters_before[alphabet] += layout.characters
    return ImageClasses(np.concatenate(images), np.concatenate(labels), names, groups)


def _photos_and_names(photos, alphabets):
    """Returns both as lists of the same length."""
    photos = [photos] if isinstance(photos, str | os.PathLike) else photos
    if not isinstance(photos, list | tuple) or not all(
        isinstance(photo, str | os.PathLike) for photo in photos
    ):
        raise invalid("load_sheet", "photos", photos, "the path of a photograph or a list of paths")
    if alphabets is None:
        alphabets = [Path(photo).stem for photo in photos]
        if len(set(alphabets)) < len(alphabets):
            alphabets = [str(photo) for photo in photos]
    alphabets = [alphabets] if isinstance(alphabets, str) else list(alphabets)
    if not photos or len(alphabets) != len(photos):
        raise ValueError(
            "load_sheet expected at least one photograph, and one name per photograph in "
            f"`alphabets`. Received: {len(photos)} photographs and {len(alphabets)} names."
        )
    return photos, alphabets


def _read_all(read, photos, size):
    """Returns `read` of each photograph; the error lists all the bad ones, not only the first."""
    sheets, problems = [], []
    for photo in photos:
        try:
            sheets.append(read(photo, size))
        except (FileNotFoundError, ValueError) as problem:
            problems.append(problem)
    if problems and len(photos) == 1:
        raise problems[0]
    if problems:
        details = "\n".join(map(str, problems))
        raise ValueError(
            f"{len(problems)} of {len(photos)} photographs could not be read.\n{details}"
        )
    return sheets
