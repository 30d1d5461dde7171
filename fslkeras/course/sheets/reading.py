"""Reads the drawings on a photographed sheet. Lengths are in mm from its top left corner."""

from pathlib import Path

import numpy as np
from PIL import Image

from fslkeras.course import handwriting
from fslkeras.course.sheets.layout import (
    BEYOND,
    CORNERS,
    HEIGHT,
    MARK,
    WIDTH,
    Layout,
    cv2,  # imported there, with a message where OpenCV is missing
    mark_corners,
    mark_dictionary,
)

# Fractions of an image's side: a typical drawing, and a pen that is rather wide among the drawers'.
SIZE, PEN = 0.64, 6.6 / handwriting.CANVAS
LONGEST = 2400  # pixels; a larger photograph is shrunk first
MOST_PIXELS = 100_000_000  # a small file can decompress to an image that fills the memory
RESOLUTION = 6  # of the straightened sheet, pixels per millimeter
COARSEST = 1.5  # the lowest resolution of a photograph, pixels per millimeter
BLUREST = 0.75  # the largest standard deviation of a blur, mm; beyond it, thin strokes vanish
FAINTEST = 0.2  # how much darker than the paper ink must be, 0..1
PALEST = 0.3  # the same for the darkest ink on a sheet; a crease stays below
SPECK = 0.25  # square millimeters; a smaller spot is not ink
LEAST = 1.5  # square millimeters of ink; a box with less is empty


_STEADY = "Hold still, tap on the sheet to focus, and photograph it again in more light."


def read(photo, size=28):
    """Reads the drawings on a photographed sheet.

    Each is cut out of its box, centered, brought to the glyphs' size and pen width, and made black
    and white.

    Args:
        photo: path of the photograph, in any format that Pillow reads.
        size: height and width of a drawing in pixels.
    Returns:
        the `Layout`; images uint8 (n, size, size) of 0 and 255, ink 255; and the row and column of
        each, int (n, 2), row by row. Empty boxes are left out.
    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is not an image or not a readable sheet; the message says why, and what
            to do.
    """
    pixels = open_photo(photo)
    layout, marks = find_marks(pixels)
    _check_marks(photo, pixels, layout, marks)
    sheet = _straightened(pixels, marks)
    _check_sharpness(photo, sheet)
    darkness = _darkness(sheet)
    boxes = {
        (r, c): _inside(darkness, layout, r, c)
        for r in range(layout.characters)
        for c in range(layout.copies)
    }
    ink = np.concatenate([box[box > FAINTEST] for box in boxes.values()])
    drawn = {}
    if len(ink) and np.quantile(ink, 0.98) > PALEST:
        # The darkness of the sheet's pen. Much fainter marks are creases, or print from the back.
        pen = np.quantile(ink, 0.9)
        drawn = {place: _ink(box, pen) for place, box in boxes.items()}
        drawn = {place: ink for place, ink in drawn.items() if ink.any()}
    if not drawn:
        raise ValueError(
            f"{photo}: there is no drawing on this sheet, or none that is dark enough. Draw inside "
            "the boxes with a dark pen, and photograph the sheet again."
        )
    images = np.stack([_like_a_glyph(ink, layout.box, size) for ink in drawn.values()])
    return layout, images, np.array(list(drawn))


def find_marks(pixels):
    """Finds the corner marks in a photograph.

    Args:
        pixels: uint8 (height, width, 3).
    Returns:
        the `Layout` that most marks stand for, or None; and a dict from each corner, 0..3, to a
        list of its marks, each float (4, 2) in pixels. Two sheets give two marks per corner.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    layout, marks = _marks_in(gray)
    if len(marks) == 4:
        return layout, marks
    # A smoothed copy shows marks whose outlines are broken by noise.
    softly = _marks_in(cv2.GaussianBlur(gray, (0, 0), 1.5))
    return softly if len(softly[1]) > len(marks) else (layout, marks)


def _marks_in(gray):
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
    parameters.adaptiveThreshWinSizeMax = 63
    parameters.minMarkerPerimeterRate = 0.02
    found, numbers, _ = cv2.aruco.ArucoDetector(mark_dictionary(), parameters).detectMarkers(gray)
    of_layout = {}
    for points, number in zip(found, [] if numbers is None else numbers.ravel(), strict=True):
        layout, corner = Layout.of_mark(number)
        if layout is not None:  # otherwise, a drawing that happens to look like a mark
            of_layout.setdefault(layout, {}).setdefault(corner, []).append(points.reshape(4, 2))
    return max(of_layout.items(), key=lambda item: len(item[1]), default=(None, {}))


def open_photo(photo):
    """Loads a photograph: uint8 (height, width, 3), its longer side at most `LONGEST`."""
    if Path(photo).is_dir():
        raise ValueError(
            f"{photo}: this is a folder. Pass the photographs in it: "
            f'sorted(Path("{photo}").glob("*.jpg")).'
        )
    if not Path(photo).is_file():
        raise FileNotFoundError(
            f"{photo}: there is no such file. Pass the path of a photograph of a sheet."
        )
    try:
        with Image.open(photo) as image:
            image.draft("RGB", (LONGEST, LONGEST))  # a JPEG shrinks while it is decoded
            if image.width * image.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            image = image.convert("RGB")
    except Image.DecompressionBombError:
        raise ValueError(
            f"{photo}: over 100 megapixels. Send the photograph as JPEG, or shrink it first."
        ) from None
    except (OSError, ValueError, SyntaxError):
        raise ValueError(
            f"{photo}: Pillow cannot read this file as an image. Save the photograph as JPEG or "
            "PNG (on an iPhone: Settings, Camera, Formats, Most Compatible)."
        ) from None
    if max(image.size) > LONGEST:
        scale = LONGEST / max(image.size)
        image = image.resize(
            [max(1, round(side * scale)) for side in image.size], Image.Resampling.BOX
        )
    return np.asarray(image)


def _check_marks(photo, pixels, layout, marks):
    height, width = pixels.shape[:2]
    if max(map(len, marks.values()), default=0) > 1:
        raise ValueError(
            f"{photo}: there is more than one sheet in the picture. Photograph each separately."
        )
    if len(marks) < 4 and max(height, width) < COARSEST * HEIGHT:
        raise ValueError(
            f"{photo}: too small, {width}x{height} pixels. Send the photograph in full size, at "
            "least 800x600 pixels, with the sheet filling the picture."
        )
    if not marks and not _has_ink(pixels):
        raise ValueError(
            f"{photo}: there is no drawing and no corner mark in this picture. Photograph the "
            "printed side of a sheet from `python -m fslkeras sheet`, with its drawings."
        )
    if len(marks) < 4 and _sharpness(pixels) < 0.1:
        raise ValueError(
            f"{photo}: too blurred, only {len(marks)} of the sheet's 4 corner marks can be read. "
            f"{_STEADY}"
        )
    if not marks:
        raise ValueError(
            f"{photo}: no corner mark was found. Photograph a whole sheet from `python -m fslkeras "
            "sheet`, sharp and not mirrored."
        )
    if len(marks) < 4:
        missing = " and ".join(name for corner, name in enumerate(CORNERS) if corner not in marks)
        raise ValueError(
            f"{photo}: only {len(marks)} of the sheet's 4 corner marks were found; missing: "
            f"{missing}. Photograph the whole sheet, with no corner cut off, folded or covered."
        )
    smallest = min(cv2.arcLength(points, True) / 4 / MARK for (points,) in marks.values())
    if smallest < COARSEST:
        raise ValueError(
            f"{photo}: the sheet is too small in the picture, {smallest:.1f} pixels per millimeter "
            f"where {COARSEST} are needed. Go closer, until the sheet fills it, and send the "
            "photograph in full size."
        )


def _has_ink(pixels):
    """Whether anything is darker than its surroundings, as marks and drawings are, even blurred."""
    gray = _small_gray(pixels, 300)
    wider_than_a_mark = np.ones((25, 25), np.uint8)
    paper = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, wider_than_a_mark)
    return np.quantile(1 - gray / np.maximum(paper, 1.0), 0.999) > PALEST


def _sharpness(pixels):
    """How steep the picture's edges are, 0..1, at a size where marks have about 30 pixels."""
    gray = _small_gray(pixels, 800).astype("float32")
    steps = np.abs(np.diff(gray, axis=0))
    return np.quantile(steps, 0.999) / max(np.ptp(gray), 1)


def _small_gray(pixels, side):
    """The picture in gray without single bad pixels, its longer side this many pixels."""
    gray, scale = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), side / max(pixels.shape[:2])
    gray = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.medianBlur(gray, 3)


def _check_sharpness(photo, sheet):
    """Raises ValueError if the marks' edges are so blurred that thin strokes would vanish."""
    gray = cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY).astype("float32")
    blurs = []
    for corner in range(4):
        left, top = (RESOLUTION * mark_corners(corner)[0]).astype(int)
        mark = gray[top : top + RESOLUTION * MARK, left : left + RESOLUTION * MARK]
        contrast = np.quantile(mark, 0.95) - np.quantile(mark, 0.05)
        for axis in (0, 1):
            # A step blurred with standard deviation s has the largest slope 1 / (s sqrt(2 pi)).
            steepest = np.quantile(np.abs(np.diff(mark, axis=axis)), 0.98) / max(contrast, 1)
            blurs.append(1 / max(steepest * np.sqrt(2 * np.pi), 1e-6) / RESOLUTION)
    if max(blurs) > BLUREST:
        raise ValueError(f"{photo}: too blurred, edges are {max(blurs):.1f} mm wide. {_STEADY}")


def _straightened(pixels, marks):
    """The sheet seen from directly above: uint8, `RESOLUTION` pixels per millimeter."""
    photo = np.concatenate([points for corner in range(4) for points in marks[corner]])
    paper = RESOLUTION * np.concatenate([mark_corners(corner) for corner in range(4)])
    straighten, _ = cv2.findHomography(photo, paper)
    size = (RESOLUTION * WIDTH, RESOLUTION * HEIGHT)
    return cv2.warpPerspective(
        pixels, straighten, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _darkness(sheet):
    """How dark the ink is, in any light: float32 (height, width), 0 on paper and 1 on black."""
    size, side = sheet.shape[1::-1], 2 * RESOLUTION // 3
    small = cv2.resize(sheet, None, fx=1 / side, fy=1 / side, interpolation=cv2.INTER_AREA)
    # The paper's own color: strokes narrower than 4 mm are filled in, shadows keep their edges.
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    paper = cv2.resize(cv2.medianBlur(paper, 13), size, interpolation=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(sheet, (0, 0), 0.12 * RESOLUTION).astype("float32")
    return np.clip(1 - (soft / np.maximum(paper, 1)).min(axis=-1), 0, 1)


def _inside(darkness, layout, row, column):
    (left, top), side = layout.place(row, column), layout.box
    start = [round(RESOLUTION * (edge - BEYOND)) for edge in (top, left)]
    stop = [round(RESOLUTION * (edge + side + BEYOND)) for edge in (top, left)]
    return darkness[start[0] : stop[0], start[1] : stop[1]]


def _ink(box, pen):
    """The ink in a box: uint8 of its shape, 1 where there is ink, all 0 in an empty box.

    Ink is at least half as dark as this box's pen, and 0.4 times as dark as the sheet's pen; a
    crease is fainter.
    """
    least = max(FAINTEST, 0.4 * pen)
    if box.max() <= least:
        return np.zeros(box.shape, np.uint8)
    ink = (box > max(least, 0.5 * np.quantile(box[box > least], 0.75))).astype(np.uint8)
    n, spots, stats, _ = cv2.connectedComponentsWithStats(ink)
    kept = stats[:, cv2.CC_STAT_AREA] >= SPECK * RESOLUTION**2
    # A spot that stays in the rim belongs to the box's line, or to a neighbor.
    rim = round(2 * BEYOND * RESOLUTION)
    kept &= np.isin(np.arange(n), spots[rim:-rim, rim:-rim])
    kept[0] = False
    ink = kept[spots].astype(np.uint8)
    return ink if ink.sum() >= LEAST * RESOLUTION**2 else np.zeros_like(ink)


def _like_a_glyph(ink, box, size):
    """The drawing as `handwriting.draw` would ink it: centered, of standard size and pen width."""
    canvas = 8 * size
    y, x = np.nonzero(ink)
    pen = _pen(ink)
    extent = max(np.ptp(x), np.ptp(y)) + 1 - pen
    # A dot stays small.
    scale = SIZE * canvas / max(extent, 0.25 * box * RESOLUTION)
    center = np.array([x.min() + x.max(), y.min() + y.max()]) / 2
    move = np.hstack([scale * np.eye(2), (canvas / 2 - scale * center)[:, None]])
    smooth = cv2.warpAffine(255 * ink, move, (canvas, canvas), flags=cv2.INTER_CUBIC)
    ink = (cv2.GaussianBlur(smooth, (0, 0), max(scale / 2, 0.5)) > 127).astype(np.uint8)
    pen = _pen(ink)
    length = ink.sum() / pen
    wanted = PEN * canvas * np.clip(4.3 * SIZE * canvas / length, 0.65, 1)
    wider = max(wanted - pen, -0.6 * pen) / 2
    outside = cv2.distanceTransform(1 - ink, cv2.DIST_L2, 5) - cv2.distanceTransform(
        ink, cv2.DIST_L2, 5
    )
    return handwriting.shrunk(np.where(outside <= wider, np.uint8(255), np.uint8(0)), size)


def _pen(ink):
    """Width of the strokes in pixels: about four times the mean distance to a stroke's edge."""
    distance = cv2.distanceTransform(np.pad(ink, 1), cv2.DIST_L2, 5)
    return max(4 * distance[distance > 0].mean() - 2, 1)
