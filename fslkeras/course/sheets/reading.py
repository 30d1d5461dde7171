"""The drawings on a photograph of a sheet. Lengths are in millimeters from the sheet's top left corner."""

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

# Of a drawing, parts of its image's side: a usual hand, and a pen in the upper half of the hands'.
SIZE, PEN = 0.64, 6.6 / handwriting.CANVAS
LONGEST = 2400  # pixels; a larger photograph is shrunk first
RESOLUTION = 6  # pixels a millimeter of the straightened sheet
COARSEST = 1.5  # pixels a millimeter of a photograph, below which it is too small
BLUREST = 0.75  # millimeters, standard deviation of a blur, above which thin strokes vanish
FAINTEST = 0.2  # how much darker than the paper ink is, at least, 0..1
PALEST = 0.3  # the same, of the darkest ink on a sheet: a crease stays below
SPECK, LEAST = (
    0.25,
    1.5,
)  # square millimeters: of a spot that is no ink, and of the ink in a box that is not empty


def read(photo, size=28):
    """The drawings on a photographed sheet.

    Each is cut out of its box, centered, brought to the size and the pen of the glyphs, and made black and white like them.
    Args:
        photo: path of the photograph, in any format that Pillow reads.
        size: height and width of a drawing in pixels.
    Returns:
        the `Layout`; images uint8 (n, size, size) of 0 and 255, ink 255; and the row and column of each, int (n, 2), row by row.
        Empty boxes are left out.
    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is no image, or no sheet can be read from it; the message says why, and what to do.
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
        # The sheet's pen: what is much fainter than it is a crease, or the printing on the back.
        pen = np.quantile(ink, 0.9)
        drawn = {place: _ink(box, pen) for place, box in boxes.items()}
        drawn = {place: ink for place, ink in drawn.items() if ink.any()}
    if not drawn:
        raise ValueError(
            f"{photo}: there is no drawing on this sheet, or none dark enough. Draw with a dark pen inside the boxes, and photograph again."
        )
    images = np.stack([_like_a_glyph(ink, layout.box, size) for ink in drawn.values()])
    return layout, images, np.array(list(drawn))


def find_marks(pixels):
    """The corner marks in a photograph.
    Args:
        pixels: uint8 (height, width, 3).
    Returns:
        the `Layout` on which most marks agree, or None; and a dict from the corner, 0..3, to a list of its marks' corners in the
        photograph, each float (4, 2): two in a corner, where there are two sheets.
    """
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    layout, marks = _marks_in(gray)
    if len(marks) == 4:
        return layout, marks
    # A soft copy shows marks whose outlines are broken by noise.
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
        if layout is not None:  # else a drawing that happens to look like some mark
            of_layout.setdefault(layout, {}).setdefault(corner, []).append(points.reshape(4, 2))
    return max(of_layout.items(), key=lambda item: len(item[1]), default=(None, {}))


def open_photo(photo):
    """uint8 (height, width, 3), the longer side at most `LONGEST`: more pixels would say no more of a drawing."""
    if Path(photo).is_dir():
        raise ValueError(
            f'{photo}: this is a folder. Give the photographs in it: sorted(Path("{photo}").glob("*.jpg")).'
        )
    if not Path(photo).is_file():
        raise FileNotFoundError(
            f"{photo}: there is no such file. Give the path of a photograph of a sheet."
        )
    try:
        with Image.open(photo) as image:
            image.draft("RGB", (LONGEST, LONGEST))
            image = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise ValueError(
            f"{photo}: Pillow cannot read this file as an image. Save the photograph as JPEG or PNG (on an iPhone: Settings, Camera, "
            "Formats, Most Compatible)."
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
            f"{photo}: there is more than one sheet in the picture. Photograph each by itself."
        )
    if len(marks) < 4 and max(height, width) < COARSEST * HEIGHT:
        raise ValueError(
            f"{photo}: too small, {width}x{height} pixels. Send the photograph in its full size, at least 800x600, filled by the sheet."
        )
    if not marks and not _has_ink(pixels):
        raise ValueError(
            f"{photo}: there is no drawing and no corner mark in this picture. Photograph the printed side of a sheet from "
            "`python -m fslkeras sheet`, with its drawings."
        )
    if len(marks) < 4 and _sharpness(pixels) < 0.1:
        raise ValueError(
            f"{photo}: too blurred, {len(marks)} of the sheet's 4 corner marks can be read. Hold still, tap on the sheet to focus, and "
            "photograph again in more light."
        )
    if not marks:
        raise ValueError(
            f"{photo}: no corner mark was found. Photograph a sheet that `python -m fslkeras sheet` printed, the whole of it, sharp and "
            "not mirrored."
        )
    if len(marks) < 4:
        missing = " and ".join(name for corner, name in enumerate(CORNERS) if corner not in marks)
        raise ValueError(
            f"{photo}: {len(marks)} of the sheet's 4 corner marks were found; missing: {missing}. Photograph the whole sheet, no corner "
            "cut off, folded or covered."
        )
    smallest = min(cv2.arcLength(points, True) / 4 / MARK for (points,) in marks.values())
    if smallest < COARSEST:
        raise ValueError(
            f"{photo}: the sheet is too small in the picture, {smallest:.1f} pixels a millimeter, and {COARSEST} are needed. Go closer, "
            "until the sheet fills the picture, and send the photograph in its full size."
        )


def _has_ink(pixels):
    """Whether anything in the picture is darker than what surrounds it. A mark or a drawing is, however blurred."""
    scale = 300 / max(pixels.shape[:2])
    gray = cv2.resize(
        cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY),
        None,
        fx=scale,
        fy=scale,
        interpolation=cv2.INTER_AREA,
    )
    gray = cv2.medianBlur(gray, 3)
    paper = cv2.morphologyEx(
        gray, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8)
    )  # wider than a mark
    return np.quantile(1 - gray / np.maximum(paper, 1.0), 0.999) > PALEST


def _sharpness(pixels):
    """How steep the picture's edges are, 0..1, at a size at which a photograph of a sheet has marks of some 30 pixels."""
    scale = 800 / max(pixels.shape[:2])
    gray = cv2.resize(
        cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY),
        None,
        fx=scale,
        fy=scale,
        interpolation=cv2.INTER_AREA,
    )
    gray = cv2.medianBlur(gray, 3).astype("float32")
    steps = np.abs(np.diff(gray, axis=0))
    return np.quantile(steps, 0.999) / max(np.ptp(gray), 1)


def _check_sharpness(photo, sheet):
    """Raises where the marks' straight edges are washed out further than a thin stroke survives."""
    gray = cv2.cvtColor(sheet, cv2.COLOR_RGB2GRAY).astype("float32")
    blurs = []
    for corner in range(4):
        left, top = (RESOLUTION * mark_corners(corner)[0]).astype(int)
        mark = gray[top : top + RESOLUTION * MARK, left : left + RESOLUTION * MARK]
        contrast = np.quantile(mark, 0.95) - np.quantile(mark, 0.05)
        for axis in (0, 1):
            # A step blurred with standard deviation s is steepest in its middle, 1 / (s sqrt(2 pi)).
            steepest = np.quantile(np.abs(np.diff(mark, axis=axis)), 0.98) / max(contrast, 1)
            blurs.append(1 / max(steepest * np.sqrt(2 * np.pi), 1e-6) / RESOLUTION)
    if max(blurs) > BLUREST:
        raise ValueError(
            f"{photo}: too blurred, edges are {max(blurs):.1f} mm wide. Hold still, tap on the sheet to focus, and photograph again in "
            "more light."
        )


def _straightened(pixels, marks):
    """The sheet seen from right above: uint8, `RESOLUTION` pixels a millimeter."""
    photo = np.concatenate([points for corner in range(4) for points in marks[corner]])
    paper = RESOLUTION * np.concatenate([mark_corners(corner) for corner in range(4)])
    straighten, _ = cv2.findHomography(photo, paper)
    size = (RESOLUTION * WIDTH, RESOLUTION * HEIGHT)
    return cv2.warpPerspective(
        pixels, straighten, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )


def _darkness(sheet):
    """float32 (height, width), 0 on paper and 1 on black, whatever light falls on it: how much of some color the ink takes away."""
    size, side = sheet.shape[1::-1], 2 * RESOLUTION // 3
    small = cv2.resize(sheet, None, fx=1 / side, fy=1 / side, interpolation=cv2.INTER_AREA)
    # The paper's own color: strokes narrower than 4 mm are filled in, then single points smoothed; shadows keep their edges.
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
    """uint8 of the box's shape, 1 where there is ink, all 0 in an empty box.

    Ink is at least half as dark as this box's pen, and not so much fainter than the sheet's as a crease is.
    """
    least = max(FAINTEST, 0.4 * pen)
    if box.max() <= least:
        return np.zeros(box.shape, np.uint8)
    ink = (box > max(least, 0.5 * np.quantile(box[box > least], 0.75))).astype(np.uint8)
    n, spots, stats, _ = cv2.connectedComponentsWithStats(ink)
    kept = stats[:, cv2.CC_STAT_AREA] >= SPECK * RESOLUTION**2
    # What never leaves the rim belongs to the box's line, or to its neighbor.
    rim = round(2 * BEYOND * RESOLUTION)
    kept &= np.isin(np.arange(n), spots[rim:-rim, rim:-rim])
    kept[0] = False
    ink = kept[spots].astype(np.uint8)
    return ink if ink.sum() >= LEAST * RESOLUTION**2 else np.zeros_like(ink)


def _like_a_glyph(ink, box, size):
    """The drawing as `handwriting.draw` would have inked it: centered, in one size, with one pen."""
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
    """Width of the strokes in pixels: the distance to a stroke's edge is a quarter of its width, on average."""
    distance = cv2.distanceTransform(np.pad(ink, 1), cv2.DIST_L2, 5)
    return max(4 * distance[distance > 0].mean() - 2, 1)
