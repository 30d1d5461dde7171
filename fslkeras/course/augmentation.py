"""Augmentation of training images, for the `augment` of `Episodes` and `Pairs`."""

import numpy as np
from scipy import ndimage


def distort(images, rng):
    """Distorts each image by a random affine map of its own (Koch et al. 2015, sec. 3.3).

    Rotation by up to 10 degrees, shear by up to 0.3, scaling by 0.8 to 1.2 and a shift by up to 2
    of 105 pixels, each with probability 1/2.

    Args:
        images: float (n, H, W, C).
        rng: `np.random.Generator`.
    Returns:
        float (n, H, W, C).
    """
    return np.stack([_distorted(image, rng) for image in images])


def _distorted(image, rng):
    """Distorts an image (H, W, C) by a random affine map about its center."""

    def sometimes(low, high, neutral=0.0, size=None):
        return np.where(rng.random(size) < 0.5, rng.uniform(low, high, size), neutral)

    angle = np.deg2rad(sometimes(-10, 10))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    shear = np.eye(2) + np.array([[0, sometimes(-0.3, 0.3)], [sometimes(-0.3, 0.3), 0]])
    scale = np.diag(sometimes(0.8, 1.2, neutral=1.0, size=2))
    shift = sometimes(-2, 2, size=2) * np.array(image.shape[:2]) / 105
    center = (np.array(image.shape[:2]) - 1) / 2
    # SciPy needs the inverse map: where each pixel of the result comes from.
    inverse = np.linalg.inv(rotation @ shear @ scale)
    offset = center - inverse @ (center + shift)
    channels = [
        ndimage.affine_transform(channel, inverse, offset, order=1)
        for channel in np.moveaxis(image, -1, 0)
    ]
    return np.stack(channels, axis=-1)
