"""Turn a printed letter into pen strokes: trace, clean and smooth the medial axis of its shape.

Only glyphs.py uses it.
"""

import collections

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage
from skimage.morphology import skeletonize

BOX = 104  # pixels of the longer side of a letter for tracing
NEIGHBORS = [(-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1)]


def letter_mask(font, letter):
    """The shape of a letter as booleans, or None if the font draws nothing.

    Args:
        font: `PIL.ImageFont.FreeTypeFont`, large (200 points).
        letter: one character.
    """
    left, top, right, bottom = font.getbbox(letter)
    image = Image.new("L", (right - left + 8, bottom - top + 8))
    ImageDraw.Draw(image).text((4 - left, 4 - top), letter, font=font, fill=255)
    box = image.getbbox()
    if box is None:
        return None
    image = image.crop(box)
    scale = BOX / max(image.size)
    size = [max(2, round(side * scale)) for side in image.size]
    image = image.resize(size, Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC)
    return np.pad(np.asarray(image) >= 128, 12)


def trace(mask):
    """The pen strokes of a shape: a list of float (n, 2) arrays, x and y in pixels."""
    mask = mask | ndimage.binary_closing(mask)
    depth = ndimage.distance_transform_edt(mask)
    links = _links(skeletonize(mask))
    edges = _prune(_edges(links), depth)
    strokes = _join_straight([np.array([(x, y) for y, x in edge], float) for edge in edges])
    return [_smooth(stroke) for stroke in strokes]


def _links(skeleton):
    """Each skeleton pixel's neighbors; diagonal ones only if two straight steps don't join them."""
    pixels = {tuple(p) for p in np.argwhere(skeleton).tolist()}
    links = {}
    for y, x in sorted(pixels):
        links[y, x] = [
            (y + dy, x + dx)
            for dy, dx in NEIGHBORS
            if (y + dy, x + dx) in pixels
            and not (dy and dx and ((y + dy, x) in pixels or (y, x + dx) in pixels))
        ]
    return links


def _edges(links):
    """The skeleton, cut at its ends and junctions; closed loops stay whole."""
    nodes = {pixel for pixel, neighbors in links.items() if len(neighbors) != 2}
    edges, walked = [], set()
    for start in sorted(nodes):
        if not links[start]:
            edges.append([start])  # a dot
        for following in links[start]:
            if (start, following) in walked:
                continue
            path = _walk(links, nodes, start, following)
            walked |= {(start, following), (path[-1], path[-2])}
            edges.append(path)
    left = set(links) - nodes - {pixel for edge in edges for pixel in edge}
    while left:
        start = min(left)
        path = _walk(links, {start}, start, links[start][0])
        left -= set(path)
        edges.append(path)
    return edges


def _walk(links, nodes, start, following):
    path = [start, following]
    while path[-1] not in nodes:
        path.append(next(pixel for pixel in links[path[-1]] if pixel != path[-2]))
    return path


def _prune(edges, depth):
    """Removes the medial axis's spurs into corners: free ends no longer than the shape is deep."""
    degree = collections.Counter(pixel for edge in edges for pixel in (edge[0], edge[-1]))
    kept = []
    for edge in edges:
        free = [degree[edge[0]] == 1, degree[edge[-1]] == 1]
        joint = edge[-1] if free[0] else edge[0]
        if len(edge) == 1 or free[0] == free[1] or len(edge) >= 1.35 * depth[joint] + 2:
            kept.append(edge)
    return kept or edges


def _join_straight(strokes):
    """Joins strokes that continue straight into each other, the straightest pair first."""
    while True:
        best = (-0.6, None)
        for i, first in enumerate(strokes):
            for j in range(i, len(strokes)):
                for end in (0, -1):
                    for other in (0, -1):
                        if (j == i) or len(first) < 2 or len(strokes[j]) < 2:
                            continue
                        if np.abs(first[end] - strokes[j][other]).max() > 2.5:
                            continue
                        turn = _direction(first, end) @ _direction(strokes[j], other)
                        if turn < best[0]:
                            best = (turn, (i, end, j, other))
        if best[1] is None:
            return strokes
        i, end, j, other = best[1]
        before = strokes[i] if end == -1 else strokes[i][::-1]
        after = strokes[j] if other == 0 else strokes[j][::-1]
        strokes = [stroke for k, stroke in enumerate(strokes) if k not in (i, j)] + [
            np.vstack([before, after])
        ]


def _direction(stroke, end):
    """Unit vector that points out of the stroke at one of its ends."""
    inner = min(len(stroke) - 1, 7)
    vector = stroke[0] - stroke[inner] if end == 0 else stroke[-1] - stroke[-1 - inner]
    return vector / (np.linalg.norm(vector) + 1e-9)


def _smooth(stroke):
    """Smooths the stroke's pixel steps, with a point every four pixels."""
    if len(stroke) <= 4:
        return stroke.astype("float32")
    closed = np.abs(stroke[0] - stroke[-1]).max() <= 1.5
    smooth = ndimage.gaussian_filter1d(stroke, 2.0, axis=0, mode="wrap" if closed else "nearest")
    if closed:
        smooth = np.vstack([smooth, smooth[:1]])
    else:
        smooth[[0, -1]] = stroke[[0, -1]]
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(smooth, axis=0).T))])
    places = np.linspace(0, along[-1], max(3, round(along[-1] / 4) + 1))
    return np.stack([np.interp(places, along, smooth[:, k]) for k in (0, 1)], axis=1).astype(
        "float32"
    )
