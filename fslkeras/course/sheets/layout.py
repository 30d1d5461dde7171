"""The layout of a sheet, and the sheet as printed.

Each corner holds an ArUco mark (Garrido-Jurado et al. 2014). Its number says which corner it is
and how many rows and columns the sheet has. So a photograph can be read in any orientation, and
nobody has to say which sheet it shows. Lengths are in millimeters from the sheet's top left corner.
"""

import dataclasses
import os
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fslkeras.validation import check_integer

try:
    import cv2
except ImportError as error:
    raise ImportError(
        "Sheets are written and read with OpenCV, which is not installed. "
        "Run: pip install opencv-python-headless"
    ) from error

WIDTH, HEIGHT = 210, 297  # A4
MARK = 16  # side of a mark
EDGE = 10  # its distance from the edges of the paper, where printers leave a margin
GRID = (20, 34, 172, 229)  # left, top, width and height of the area for the boxes
GAP = 2.5  # between two boxes
BEYOND = 1.0  # how far a drawing may cross the line of its box
CORNERS = ("top left", "top right", "bottom right", "bottom left")
MOST = {"characters": 10, "copies": 8}
# Each format with the metadata that omits the time: the same sheet always gives the same file.
FORMATS = {".pdf": {"CreationDate": None}, ".png": {}, ".svg": {"Date": None}}


@dataclasses.dataclass(frozen=True)
class Layout:
    """The layout of a sheet.

    Args:
        characters: number of rows, 1..10, one per character.
        copies: number of columns, 1..8, one per drawing of the character.
    Raises:
        ValueError: if a number is out of range.
    """

    characters: int
    copies: int

    def __post_init__(self):
        for name, most in MOST.items():
            check_integer("Layout", name, getattr(self, name), 1, most)

    @property
    def box(self):
        """The side length of a box."""
        return min(GRID[2] / self.copies, GRID[3] / self.characters, 36) - GAP

    def place(self, row, column):
        """The left and top of a box."""
        pitch = self.box + GAP
        left = GRID[0] + (GRID[2] - self.copies * pitch) / 2 + column * pitch
        return left + GAP / 2, GRID[1] + (
            GRID[3] - self.characters * pitch
        ) / 2 + row * pitch + GAP / 2

    def mark_number(self, corner):
        """The number of the mark in a corner, 0..3 clockwise from the top left."""
        return 4 * (MOST["copies"] * (self.characters - 1) + self.copies - 1) + corner

    @classmethod
    def of_mark(cls, number):
        """The layout that a mark's number stands for (None if there is none), and the corner."""
        code, corner = divmod(int(number), 4)
        row, column = divmod(code, MOST["copies"])
        return (cls(row + 1, column + 1) if row < MOST["characters"] else None), corner


def mark_dictionary():
    """The set of ArUco marks that a sheet takes its four from."""
    return cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000)


def mark_corners(corner):
    """The four corners of one mark: float (4, 2), clockwise from the top left, in millimeters."""
    left = EDGE if corner in (0, 3) else WIDTH - EDGE - MARK
    top = EDGE if corner in (0, 1) else HEIGHT - EDGE - MARK
    return np.array(
        [(left, top), (left + MARK, top), (left + MARK, top + MARK), (left, top + MARK)], float
    )


def figure(layout):
    """The sheet as printed.

    Args:
        layout: `Layout`.
    Returns:
        `matplotlib.figure.Figure` in A4 size.
    """
    sheet = Figure(figsize=(WIDTH / 25.4, HEIGHT / 25.4), facecolor="white")
    axes = sheet.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.set_axis_off()
    for corner in range(4):
        _draw_mark(axes, mark_corners(corner)[0], layout.mark_number(corner))
    # Light enough that no line is mistaken for ink.
    light = {"fill": False, "edgecolor": "0.8", "linewidth": 0.8}
    for row in range(layout.characters):
        for column in range(layout.copies):
            axes.add_patch(Rectangle(layout.place(row, column), layout.box, layout.box, **light))
        left, top = layout.place(row, 0)
        axes.text(
            left - 4,
            top + layout.box / 2,
            str(row + 1),
            ha="right",
            va="center",
            color="0.4",
            fontsize=11,
        )
    for y, text in _instructions(layout).items():
        axes.text(WIDTH / 2, y, text, ha="center", va="center", fontsize=11)
    return sheet


def write(path, characters=5, copies=4):
    """Writes a sheet for printing, completely or not at all.

    Args:
        path: of the file; ends in .pdf, .png or .svg.
        characters: number of rows, 1..10.
        copies: number of columns, 1..8.
    Returns:
        `Layout`.
    Raises:
        ValueError: if a number is out of its range, or the path has another suffix.
        OSError: if the file cannot be written.
    """
    layout, ending = Layout(characters, copies), os.path.splitext(path)[1].lower()
    if ending not in FORMATS:
        raise ValueError(
            f"The name of a sheet's file must end in one of {', '.join(FORMATS)}. "
            f"Received: {str(path)!r}."
        )
    with matplotlib.rc_context({"svg.hashsalt": "sheet"}):  # no random names inside an SVG
        drawn, part = figure(layout), f"{path}.part"
        try:
            drawn.savefig(part, dpi=300, format=ending[1:], metadata=FORMATS[ending])
            os.replace(part, path)
        finally:
            Path(part).unlink(missing_ok=True)
    return layout


def _draw_mark(axes, place, number):
    axes.add_patch(Rectangle(place, MARK, MARK, facecolor="black", linewidth=0))
    side = MARK / 7
    for row, column in np.argwhere(cv2.aruco.generateImageMarker(mark_dictionary(), number, 7)):
        module = (place[0] + column * side, place[1] + row * side)
        axes.add_patch(Rectangle(module, side, side, facecolor="white", linewidth=0))


def _instructions(layout):
    """The lines of text on the sheet, by their distance from the top."""
    several = layout.characters > 1
    what = f"{layout.characters} characters, one per row" if several else "a character"
    times = "once" if layout.copies == 1 else f"{layout.copies} times"
    return {
        14: f"Invent {what}, and draw {'each' if several else 'it'} {times}.",
        22: "Use a dark pen. Put one drawing in each box, inside its lines.",
        HEIGHT - 20: "Photograph the whole sheet from above, with all four marks.",
    }
