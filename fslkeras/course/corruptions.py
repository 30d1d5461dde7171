"""Three ways to corrupt an image: noise, occlusion, shrinking. For measuring how a network copes with bad support images."""

import numbers

import numpy as np

from fslkeras.datasets.omniglot import area_average
from fslkeras.episodes import Episodes
from fslkeras.validation import check_integer

KINDS = ("noise", "occlusion", "shrinking")


def corrupt(images, kinds=KINDS, seed=0):
    """A copy of each image, corrupted in one of several ways.

    "noise" inverts three of ten pixels; "occlusion" covers a square of five eighths of the side, at a random place, with ink;
    "shrinking" shrinks the drawing to three eighths of its size, at a random place.

    Args:
        images: uint8 (n, H, W, C), ink bright on 0, at least 8 x 8.
        kinds: one or several out of `KINDS`; each image is corrupted in one of them, drawn at random.
        seed: integer of at least 0. The same images and seed give the same copies.
    Returns:
        uint8 (n, H, W, C).
    Raises:
        ValueError: if a kind is unknown, or the images are not of that type and shape.
    """
    images, kinds = (
        np.asarray(images),
        tuple(kinds) if isinstance(kinds, list | tuple) else (kinds,),
    )
    if not kinds or not all(kind in KINDS for kind in kinds):
        raise ValueError(
            f"corrupt expected `kinds` to be one or several of {KINDS}. Received: kinds={kinds}."
        )
    if images.dtype != np.uint8 or images.ndim != 4 or min(images.shape[1:3]) < 8:
        raise ValueError(
            "corrupt expected images of type uint8 and shape (images, height, width, channels), of at least 8 x 8. "
            f"Received: images of dtype {images.dtype} and shape {images.shape}."
        )
    check_integer("corrupt", "seed", seed, 0)
    rng = np.random.default_rng(seed)
    corrupted, kind_of = images.copy(), rng.integers(len(kinds), size=len(images))
    corruption = {"noise": _noise, "occlusion": _occlusion, "shrinking": _shrinking}
    for k, kind in enumerate(kinds):
        corrupted[kind_of == k] = corruption[kind](images[kind_of == k], rng)
    return corrupted


class CorruptedEpisodes(Episodes):
    """Episodes in which a share of the support images is corrupted; which ones is drawn for each episode.

    An episode is the same for every share, apart from the corruption.

    Args:
        data: `datasets.ImageClasses` to draw from.
        corrupted: share of the support images, 0..1.
        **options: of `Episodes`.

    Raises:
        ValueError: if the share is not in 0..1, or as `Episodes`.
    """

    def __init__(self, data, *, corrupted, **options):
        super().__init__(data, **options)
        if (
            isinstance(corrupted, bool)
            or not isinstance(corrupted, numbers.Real)
            or not 0 <= corrupted <= 1
        ):
            raise ValueError(
                f"CorruptedEpisodes expected `corrupted` to be a share in 0..1. Received: corrupted={corrupted!r}."
            )
        self.corrupted = corrupted
        # A corrupted copy of every image, behind the images themselves.
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


def _places(images, share, rng):
    """For each image, rows and columns of this share of its height and width, somewhere."""
    height, width = images.shape[1:3]
    h, w = round(share * height), round(share * width)
    tops, lefts = (
        rng.integers(height - h + 1, size=len(images)),
        rng.integers(width - w + 1, size=len(images)),
    )
    return [
        (slice(top, top + h), slice(left, left + w)) for top, left in zip(tops, lefts, strict=True)
    ]
