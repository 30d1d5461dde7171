"""Shrinking by area averaging."""

import numpy as np


def area_average(old, new):
    """The (new, old) matrix that shrinks one side of an image: each new pixel is the mean of the area that it covers."""
    edges = np.arange(new + 1) * old / new
    overlap = np.minimum(edges[1:, None], np.arange(1, old + 1)) - np.maximum(edges[:-1, None], np.arange(old))
    return (np.maximum(overlap, 0) * new / old).astype("float32")
