"""Sheets of paper on which a class draws its own alphabets: printed with marks in the corners, read back from photographs."""

import os
from pathlib import Path

import numpy as np

from fslkeras.datasets import ImageClasses
from fslkeras.validation import check_integer


def load_sheet(photos, alphabets=None, size=28):
    """Loads alphabets drawn on paper from photographs of the sheets that `python -m fslkeras sheet` prints.

    Needs OpenCV: pip install opencv-python-headless. Each drawing is centered, and gets the size and the pen width of the glyphs.

    Args:
        photos: path of a photograph, or a list of paths, one per sheet.
        alphabets: the name of the alphabet, or a list of names, one per photograph; by default the name of the file. Sheets with the
            same name form one alphabet: the rows of the second sheet are its next characters.
        size: height and width of a drawing in pixels.
    Returns:
        `ImageClasses` with images of 0 and 255, ink bright, in the order of the photographs and rows. Empty boxes and rows without a
        drawing are left out.
    Raises:
        ImportError: if OpenCV is not installed.
        FileNotFoundError: if a photograph does not exist.
        ValueError: if photographs cannot be read as sheets; the message says for each of them why, and what to do. Also if the number
            of names is wrong, or the size is out of its range.
    """
    from fslkeras.course.sheets.reading import read  # needs OpenCV, which not every learner has

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
    """Both as lists of the same length."""
    photos = [photos] if isinstance(photos, str | os.PathLike) else photos
    if not isinstance(photos, list | tuple) or not all(
        isinstance(photo, str | os.PathLike) for photo in photos
    ):
        raise ValueError(
            f"load_sheet expected `photos` to be the path of a photograph, or a list of paths. Received: photos={photos!r}."
        )
    if alphabets is None:
        alphabets = [Path(photo).stem for photo in photos]
        if len(set(alphabets)) < len(alphabets):
            alphabets = [str(photo) for photo in photos]
    alphabets = [alphabets] if isinstance(alphabets, str) else list(alphabets)
    if not photos or len(alphabets) != len(photos):
        raise ValueError(
            f"load_sheet expected at least one photograph, and one name per photograph in `alphabets`. Received: {len(photos)} "
            f"photographs and {len(alphabets)} names."
        )
    return photos, alphabets


def _read_all(read, photos, size):
    """The result of `read` for each photograph. The errors are collected: nobody wants to learn of thirty bad photographs one by one."""
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
