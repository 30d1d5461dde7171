"""Sheets of paper on which a class draws alphabets of its own: printed with marks in the corners, read back from a photograph."""

import os
from pathlib import Path

import numpy as np

from fslkeras.datasets import ImageClasses
from fslkeras.validation import check_integer


def load_sheet(photos, alphabets=None, size=28):
    """Alphabets drawn on paper: photographs of the sheets that `python -m fslkeras sheet` prints.

    Needs OpenCV: pip install opencv-python-headless. Each drawing is centred, and brought to the size and the pen of the glyphs.
    Args:
        photos: path of a photograph, or a list of them, one for each sheet.
        alphabets: a name, or a list of one for each photograph; by default each sheet is an alphabet that is named after its file.
            Sheets of the same name are one alphabet: the rows of the second sheet are its next characters.
        size: height and width of a drawing in pixels.
    Returns:
        `ImageClasses` with images of 0 and 255, ink bright, in the order of the photographs and rows. Empty boxes and rows
        without a drawing are left out.
    Raises:
        ImportError: if OpenCV is not installed.
        FileNotFoundError: if a photograph is not there.
        ValueError: if a photograph cannot be read as a sheet; the message says why, and what to do, for each of them. If the names do not
            fit the photographs, or the size is out of its range.
    """
    from fslkeras.course.sheets.reading import read  # needs OpenCV, which not every learner has

    check_integer("load_sheet", "size", size, 4, 1024)
    photos = [photos] if isinstance(photos, str | os.PathLike) else photos
    if not isinstance(photos, list | tuple) or not all(isinstance(photo, str | os.PathLike) for photo in photos):
        raise ValueError(f"load_sheet expected the path of a photograph, or a list of them. Received: {photos!r}.")
    if alphabets is None:
        alphabets = [Path(photo).stem for photo in photos]
        if len(set(alphabets)) < len(alphabets):
            alphabets = [str(photo) for photo in photos]
    alphabets = [alphabets] if isinstance(alphabets, str) else list(alphabets)
    if not photos or len(alphabets) != len(photos):
        raise ValueError(
            f"load_sheet expected at least one photograph, and an alphabet's name for each. Received: {len(photos)} photographs and "
            f"{len(alphabets)} names."
        )
    sheets, problems = [], []
    for photo in photos:
        try:
            sheets.append(read(photo, size))
        except (FileNotFoundError, ValueError) as problem:
            problems.append(problem)
    if problems and len(photos) == 1:
        raise problems[0]
    if problems:
        # All at once: who has thirty photographs does not want to hear of the bad ones one by one.
        told = "\n".join(map(str, problems))
        raise ValueError(f"{len(problems)} of {len(photos)} photographs could not be read.\n{told}")
    images, labels, names, groups = [], [], [], []
    characters_before = dict.fromkeys(alphabets, 0)
    for alphabet, (layout, drawings, places) in zip(alphabets, sheets, strict=True):
        rows, label = np.unique(places[:, 0], return_inverse=True)
        images.append(drawings[..., None])
        labels.append(label + len(names))
        names += [f"{alphabet}, character {characters_before[alphabet] + row + 1}" for row in rows]
        groups += [alphabet] * len(rows)
        characters_before[alphabet] += layout.characters
    return ImageClasses(np.concatenate(images), np.concatenate(labels), names, groups)
