"""Three ways to corrupt an image, to measure how a network copes with bad support images."""

import numbers

import numpy as np

from fslkeras.datasets.omniglot import area_average
from fslkeras.episodes import Episodes
from fslkeras.validation import check_integer, invalid

KINDS = ("noise", "occlusion", "shrinking")


def corrupt(images, kinds=KINDS, seed=0):
    """Returns a copy of each image, corrupted in one of several ways.

    "noise" inverts 30 % of the pixels; "occlusion" covers a rectangle of 5/8 of height and width
    with ink; "shrinking" shrinks the drawing to 3/8 of its size. Places are random.

    Args:
        images: uint8 (n, H, W, C), at least 8 x 8 pixels, bright ink on 0.
        kinds: one or more of `KINDS`; each image gets one of them, drawn at random.
        seed: integer, at least 0. The same images and seed give the same copies.
    Returns:
        uint8 (n, H, W, C).
    Raises:
        ValueError: if a kind is unknown, or the images have another type or shape.
    """
    images, kinds = (
        np.asarray(images),
        tuple(kinds) if isinstance(kinds, list | tuple) else (kinds,),
    )
    if not kinds or not all(kind in KINDS for kind in kinds):
        raise invalid("corrupt", "kinds", kinds, f"one or more of {KINDS}")
    if images.dtype != np.uint8 or images.ndim != 4 or min(images.shape[1:3]) < 8:
        raise ValueError(
            "corrupt expected images of dtype uint8 and shape (images, height, width, channels), "
            f"at least 8 x 8 pixels. Received: images of dtype {images.dtype} and shape "
            f"{images.shape}."
        )
    check_integer("corrupt", "seed", seed, 0)
    rng = np.random.default_rng(seed)
    corrupted, kind_of = images.copy(), rng.integers(len(kinds), size=len(images))
    corruption = {"noise": _noise, "occlusion": _occlusion, "shrinking": _shrinking}
    for k, kind in enumerate(kinds):
        corrupted[kind_of == k] = corruption[kind](images[kind_of == k], rng)
    return corrupted


class CorruptedEpisodes(Episodes):
    """Episodes in which a fraction of the support images, drawn for each episode, is corrupted.

    Apart from the corruption, an episode is the same for every fraction.

    Args:
        data: `datasets.ImageClasses` to draw from.
        corrupted: fraction of the support images, 0..1.
        **options: of `Episodes`.
    Raises:
        ValueError: if the fraction is not in 0..1, or as `Episodes`.
    """

    def __init__(self, data, *, corrupted, **options):
        super().__init__(data, **options)
        if (
            isinstance(corrupted, bool)
            or not isinstance(corrupted, numbers.Real)
            or not 0 <= corrupted <= 1
        ):
            raise invalid("CorruptedEpisodes", "corrupted", corrupted, "a fraction in 0..1")
        self.corrupted = corrupted
        # All images, then a corrupted copy of each.
        self.images = np.concatenate([data.images, corrupt(data.images)])

    def _draw(self, rng):
        support, *others = super()._draw(rng)
        order = rng.random(support.shape).argsort(axis=1)
        corrupted = order < round(self.corrupted * support.shape[1])
        return support + len(self.data.images) * corrupted, *others


def _noise(images, rng):
    return np.where(rng.random(images.shape[:3] + (1,)) < 0.3, 255 - images, images)


def _occlusion(images, rng):
    images = images.copy()
    for image, (rows, columns) in zip(images, _places(images, 5 / 8, rng), strict=True):
        image[rows, columns] = 255
    return images


def _shrinking(images, rng):
    places = _places(images, 3 / 8, rng)
    down, across = (area_average(side, round(3 / 8 * side)) for side in images.shape[1:3])
    small = np.einsum(
        "yh,nhwc,xw->nyxc", down, images.astype("float32"), across, optimize=True
    ).round()
    images = np.zeros_like(images)
    for image, drawing, (rows, columns) in zip(images, small, places, strict=True):
        image[rows, columns] = drawing
    return images


def _places(images, fraction, rng):
    """For each image, rows and columns at a random place: this fraction of height and width."""
    height, width = images.shape[1:3]
    h, w = round(fraction * height), round(fraction * width)
    tops, lefts = (
        rng.integers(height - h + 1, size=len(images)),
        rng.integers(width - w + 1, size=len(images)),
    )
    return [
        (slice(top, top + h), slice(left, left + w)) for top, left in zip(tops, lefts, strict=True)
    ]
