"""What stands where on a sheet, and the sheet as it is printed.

Each corner holds an ArUco mark (Garrido-Jurado et al. 2014), whose number says which corner it is and how many rows and columns the
sheet has. So a photograph can be read whichever way it was held, and nobody has to say what was printed. Lengths are in millimetres
from the sheet's top left corner.
"""

import dataclasses

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

try:
    import cv2
except ImportError as error:
    raise ImportError(
        "Sheets are printed and read with OpenCV, which is not installed: pip install opencv-python-headless "
        '(or all that a teacher needs, in the course\'s folder: pip install -e ".[teach]").'
    ) from error

WIDTH, HEIGHT = 210, 297  # A4
MARK, EDGE = 16, 10  # side of a mark, and its distance from the paper's edges, which printers leave white
GRID = (20, 34, 172, 229)  # left, top, width and height of the room for boxes
GAP = 2.5  # between two boxes
BEYOND = 1.0  # how far over its box's line a drawing may run
CORNERS = ("top left", "top right", "bottom right", "bottom left")
MOST = {"characters": 10, "copies": 8}


@dataclasses.dataclass(frozen=True)
class Layout:
    """What stands where on a sheet.
    Args:
        characters: rows, 1..10: each is for one character.
        copies: columns, 1..8: each character is drawn that often.
    Raises:
        ValueError: if a number is out of its range.
    """

    characters: int
    copies: int

    def __post_init__(self):
        for what, most in MOST.items():
            value = getattr(self, what)
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= most:
                raise ValueError(f"A sheet has 1 to {most} {what}, and {value!r} was asked for.")

    @property
    def box(self):
        """Side of a box."""
        return min(GRID[2] / self.copies, GRID[3] / self.characters, 36) - GAP

    def place(self, row, column):
        """Left and top of a box."""
        pitch = self.box + GAP
        left = GRID[0] + (GRID[2] - self.copies * pitch) / 2 + column * pitch
        return left + GAP / 2, GRID[1] + (GRID[3] - self.characters * pitch) / 2 + row * pitch + GAP / 2

    def mark_number(self, corner):
        """The number of the mark in a corner, 0..3 clockwise from the top left."""
        return 4 * (MOST["copies"] * (self.characters - 1) + self.copies - 1) + corner

    @classmethod
    def of_mark(cls, number):
        """The layout that a mark's number stands for, or None where there is no such layout; and the corner."""
        code, corner = divmod(int(number), 4)
        row, column = divmod(code, MOST["copies"])
        return (cls(row + 1, column + 1) if row < MOST["characters"] else None), corner


def mark_dictionary():
    """The ArUco marks of which each sheet has four."""
    return cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_5X5_1000)


def mark_corners(corner):
    """The corners of the mark in a corner of the sheet: float (4, 2), clockwise from the top left, in millimetres."""
    left = EDGE if corner in (0, 3) else WIDTH - EDGE - MARK
    top = EDGE if corner in (0, 1) else HEIGHT - EDGE - MARK
    return np.array([(left, top), (left + MARK, top), (left + MARK, top + MARK), (left, top + MARK)], float)


def figure(layout):
    """The sheet as it is printed.
    Args:
        layout: `Layout`.
    Returns:
        `matplotlib.figure.Figure` of A4 size.
    """
    sheet = Figure(figsize=(WIDTH / 25.4, HEIGHT / 25.4), facecolor="white")
    axes = sheet.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(HEIGHT, 0))
    axes.set_axis_off()
    for corner in range(4):
        (left, top), module = mark_corners(corner)[0], MARK / 7
        axes.add_patch(Rectangle((left, top), MARK, MARK, facecolor="black", linewidth=0))
        pattern = cv2.aruco.generateImageMarker(mark_dictionary(), layout.mark_number(corner), 7)
        for y, x in np.argwhere(pattern):
            place = (left + x * module, top + y * module)
            axes.add_patch(Rectangle(place, module, module, facecolor="white", linewidth=0))
    for row in range(layout.characters):
        for column in range(layout.copies):
            # So light that it is never taken for ink.
            box = Rectangle(
                layout.place(row, column), layout.box, layout.box, fill=False, edgecolor="0.8", linewidth=0.8
            )
            axes.add_patch(box)
        left, top = layout.place(row, 0)
        axes.text(left - 4, top + layout.box / 2, str(row + 1), ha="right", va="center", color="0.4", fontsize=11)
    times = "once" if layout.copies == 1 else f"{layout.copies} times"
    rows = "a character" if layout.characters == 1 else f"{layout.characters} characters, one for each row"
    middle = {"x": WIDTH / 2, "ha": "center", "va": "center", "fontsize": 11}
    axes.text(y=14, s=f"Invent {rows}, and draw {'it' if layout.characters == 1 else 'each'} {times}.", **middle)
    axes.text(y=22, s="A dark pen, one drawing in a box, not over its lines.", **middle)
    axes.text(y=HEIGHT - 20, s="Photograph the whole sheet from above, with its four marks.", **middle)
    return sheet


def write(path, characters=5, copies=4):
    """Writes a sheet to print.
    Args:
        path: of the file; its ending says the format, of those that matplotlib knows: .pdf, .png, .svg.
        characters: rows, 1..10.
        copies: columns, 1..8.
    Returns:
        `Layout`.
    Raises:
        ValueError: if a number is out of its range, or the format is unknown.
        OSError: if the file cannot be written.
    """
    layout = Layout(characters, copies)
    # Without a date, so that the same sheet is the same file.
    dated = {"metadata": {"CreationDate": None}} if str(path).lower().endswith(".pdf") else {}
    figure(layout).savefig(path, dpi=300, **dated)
    return layout
