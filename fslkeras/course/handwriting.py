"""Simulated drawers, who redraw pen strokes, each in their own handwriting.

A character is a list of strokes. A stroke is a float array (n, 2) of points, x to the right and y
down, in any unit. Random numbers come from `numpy.random.RandomState`, whose streams are frozen:
the same seed gives the same pixels with every version of NumPy.
"""

import zlib

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

CANVAS = 112  # side of the canvas for a character in pixels, four for each of the final 28
THRESHOLD = 90  # of 255: a pixel is ink if the pen covers at least this much of it


def random_state(*key):
    """A random stream that depends on the key alone: a new class or drawer changes no other."""
    return np.random.RandomState(zlib.crc32("|".join(map(str, key)).encode()))


class Drawer:
    """The habits of one drawer, the same in all of their characters.

    Args:
        rng: `numpy.random.RandomState` from which the habits are drawn.
    """

    def __init__(self, rng):
        self.slant = rng.normal(0, 0.12)  # the top moves by this fraction of the height
        self.turn = np.deg2rad(rng.normal(0, 4.5))
        self.proportion = np.exp(rng.normal(0, 0.14))  # width over height
        self.size = np.exp(rng.normal(-0.02, 0.135))
        self.pen = rng.uniform(4.0, 7.2)  # pixels of the canvas
        self.bend = rng.uniform(0.6, 1.5)  # how much the smooth warp bends
        self.loose = rng.uniform(0.3, 1.3)  # how freely strokes move relative to each other
        # Of corners: standard deviation of a smoothing, in points.
        self.rounding = rng.choice([0.0, 0.0, 0.6, 1.2])
        # How early the pen leaves the paper, as a fraction of the stroke.
        self.lift = rng.choice([0.0, 0.0, 0.03, 0.06])
        # The part of the warp that all characters share.
        self.warp = rng.normal(0, 0.5, (2, 2, 3, 3))


def draw(strokes, drawer, rng):
    """One drawing of a character by one drawer.

    Args:
        strokes: list of float (n, 2).
        drawer: `Drawer`.
        rng: `numpy.random.RandomState` for the differences between one drawing and the next.
    Returns:
        uint8 (CANVAS, CANVAS), ink 255 on 0.
    """
    return _ink(*redraw(strokes, drawer, rng))


def redraw(strokes, drawer, rng):
    """The pen strokes of one drawing of a character by one drawer, before inking.

    Args:
        strokes: list of float (n, 2).
        drawer: `Drawer`.
        rng: `numpy.random.RandomState` for the differences between one drawing and the next.
    Returns:
        the strokes and the width of the pen, both in pixels of the canvas.
    """
    strokes = [_redrawn(stroke, drawer, rng) for stroke in _unit_box(strokes)]
    warp = drawer.warp + rng.normal(0, 0.85, (2, 2, 3, 3))
    strokes = [stroke + 0.03 * drawer.bend * _smooth_field(stroke, warp) for stroke in strokes]
    strokes = _moved(strokes, drawer, rng)
    points = np.vstack(strokes)
    low, high = points.min(0), points.max(0)
    extent = (high - low).max()
    size = min(0.64 * drawer.size * np.exp(rng.normal(0, 0.06)), 0.93) * CANVAS
    room = np.maximum((CANVAS - (high - low) / extent * size) / 2 - 3, 0)
    place = np.clip(rng.normal(0, 0.034 * CANVAS, 2), -room, room) + CANVAS / 2
    strokes = [(stroke - (low + high) / 2) / extent * size + place for stroke in strokes]
    length = sum(np.hypot(*np.diff(stroke, axis=0).T).sum() for stroke in strokes)
    # Intricate letters get a finer pen; otherwise they become blobs at 28 pixels.
    pen = drawer.pen * np.clip(4.3 * size / max(length, 1), 0.65, 1) * rng.uniform(0.9, 1.1)
    return strokes, pen


def shrunk(ink, size=28):
    """The drawing in black and white at its final size: uint8 (size, size) of 0 and 255."""
    small = np.asarray(Image.fromarray(ink).resize((size, size), Image.Resampling.BOX))
    return np.where(small >= THRESHOLD, np.uint8(255), np.uint8(0))


def likeness_picture(strokes):
    """A blurred picture of the bare strokes, as a unit vector.

    The dot product of two such vectors says how similar two characters look.
    """
    small = _ink([30 * stroke + 20 for stroke in _unit_box(strokes)], 2.6, canvas=40)
    blurred = ndimage.gaussian_filter(small.astype("float32"), 1.2).ravel()
    return blurred / np.linalg.norm(blurred)


def stroke_length(strokes):
    """Total length of the strokes, in units of the character's longer side."""
    return sum(float(np.hypot(*np.diff(stroke, axis=0).T).sum()) for stroke in _unit_box(strokes))


def _unit_box(strokes):
    """The strokes centered at the origin, in units of the longer side of their bounding box."""
    points = np.vstack(strokes)
    low, high = points.min(0), points.max(0)
    return [
        (np.asarray(stroke, float) - (low + high) / 2) / max((high - low).max(), 1e-6)
        for stroke in strokes
    ]


def _redrawn(stroke, drawer, rng):
    """The stroke with rounded corners and an early end, turned, resized and moved a little."""
    if drawer.rounding and len(stroke) > 4:
        ends = stroke[[0, -1]]
        stroke = ndimage.gaussian_filter1d(stroke, drawer.rounding, axis=0, mode="nearest")
        stroke[[0, -1]] = ends
    if drawer.lift and len(stroke) > 6:
        kept = max(4, int(round(len(stroke) * (1 - abs(rng.normal(0, drawer.lift))))))
        stroke = stroke[:kept] if rng.rand() < 0.5 else stroke[-kept:]
    angle = rng.normal(0, 0.1) * drawer.loose
    resize = np.exp(rng.normal(0, 0.09, 2) * drawer.loose)
    center = stroke.mean(0)
    return (
        (stroke - center) * resize @ _rotation(angle).T
        + center
        + rng.normal(0, 0.022, 2) * drawer.loose
    )


def _moved(strokes, drawer, rng):
    """The whole character, slanted, turned and stretched."""
    angle = drawer.turn + np.deg2rad(rng.normal(0, 3.5))
    shear = np.array([[1, drawer.slant + rng.normal(0, 0.06)], [0, 1]])
    stretch = np.sqrt(drawer.proportion) * np.exp(rng.normal(0, 0.06))
    matrix = _rotation(angle) @ shear @ np.diag([stretch, 1 / stretch])
    return [stroke @ matrix.T for stroke in strokes]


def _rotation(angle):
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _smooth_field(points, weights):
    """How a drawer bends a letter: displacements (n, 2) of points, a few weighted slow waves."""
    u, v = np.pi * (points.T + 0.5)
    order = np.arange(3)[:, None]
    fade = 1 / (1 + np.add.outer(np.arange(3), np.arange(3)))
    field = [
        np.einsum("ab,ap,bp->p", fade * weights[d, 0], np.cos(order * u), np.cos(order * v))
        + np.einsum(
            "ab,ap,bp->p", fade * weights[d, 1], np.sin((order + 1) * u), np.sin((order + 1) * v)
        )
        for d in (0, 1)
    ]
    return np.stack(field, axis=1)


def _ink(strokes, pen, canvas=CANVAS):
    """The strokes inked with a round pen: uint8 (canvas, canvas)."""
    image = Image.new("L", (2 * canvas, 2 * canvas))  # twice the size, for smooth edges
    paper = ImageDraw.Draw(image)
    width = max(2, int(round(2 * pen)))
    for stroke in strokes:
        points = [(float(x), float(y)) for x, y in 2 * stroke]
        if len(points) > 1:
            paper.line(points, fill=255, width=width, joint="curve")
        for x, y in (points[0], points[-1]):
            paper.ellipse([x - width / 2, y - width / 2, x + width / 2, y + width / 2], fill=255)
    return np.asarray(image.resize((canvas, canvas), Image.Resampling.BOX))
