"""Domain or rendering? The Omniglot networks on glyphs that are rendered like Omniglot's images.

    python benchmarks/rendering.py

Omniglot's images are gray: 105x105 pixels of ink, reduced to 28x28 by area averaging. The glyphs
are black and white. An Omniglot network loses accuracy on the glyphs: how much is due to the
letters, and how much to the hard edges? The published Omniglot networks classify the glyphs' test
alphabets in three forms: unchanged; slightly blurred; and made like Omniglot (enlarged to 105x105
with bilinear interpolation, black and white, then area-averaged). transfer.py has the other
direction: the network trained on the glyphs, on Omniglot in gray and in black and white. Results:
data/results/rendering.json.
"""

import dataclasses
import functools
import itertools

import numpy as np
from grid import run
from scipy import ndimage
from training import accuracy

import fslkeras
from fslkeras.datasets.omniglot import area_average

ABOUT = "Omniglot networks on the glyphs' test alphabets; 1000 episodes (relation: 300), 5 queries"
NETWORKS = ("siamese", "prototypical", "relation", "matching")


def blurred(images):
    """Blurs to Omniglot's sharpness: sum(x^2) / sum(x) falls from 1 to 0.75; Omniglot has 0.76."""
    return ndimage.gaussian_filter(images.astype("float32"), (0, 0.5, 0.5, 0))


def area_averaged(images):
    """Enlarges to 105x105 (bilinear), makes it black and white, and averages down to 28x28."""
    factors = (1, 105 / images.shape[1], 105 / images.shape[2], 1)
    large = ndimage.zoom(images.astype("float32"), factors, order=1, grid_mode=True, mode="nearest")
    shrink = area_average(105, 28)
    ink = np.where(large[..., 0] > 127.5, 255, 0).astype("float32")
    return (shrink @ ink @ shrink.T)[..., None]


# Functions from images, uint8 (n, 28, 28, 1), to images of the same shape, float in 0..255.
RENDERINGS = {
    "as they are": lambda images: images,
    "blurred, sigma 0.5": blurred,
    "as Omniglot is made": area_averaged,
}
RUNS = {
    f"{network}, {rendering}": {"network": network, "rendering": rendering}
    for network, rendering in itertools.product(NETWORKS, RENDERINGS)
}


def measure(network, rendering):
    model = fslkeras.networks.pretrained(f"omniglot_{network}")
    if network == "siamese":  # published as a network over pairs
        model = fslkeras.networks.episode_model(model)
    part = 0.3 if network == "relation" else 1.0
    data = rendered(rendering)
    return {f"{way}w1s": accuracy(model, data, way, 1, query=5, part=part) for way in (5, 20)}


@functools.cache
def rendered(rendering):
    """The glyphs' test alphabets, in one of the renderings."""
    data = fslkeras.datasets.load("glyphs", split="test")
    images = np.round(RENDERINGS[rendering](data.images)).astype("uint8")
    return dataclasses.replace(data, images=images)


def main():
    run("rendering", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
