"""One step of soft k-means, in parts: prototypes c (N, D), their numbers of images n (N,), unlabelled images u (U, D)."""

import numpy as np


def squared_distances(u, c):
    """(U, N)"""
    return ((u[:, None].astype("float64") - c) ** 2).sum(axis=-1)


def softmax(scores, axis=1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def assigned(c, u):
    """How much of each image each class gets, (U, N); rows sum to 1."""
    return softmax(-squared_distances(u, c))


def refined(c, n, u, assignments):
    """The mean, for each class, of n support images at c, which count 1, and of the images u, which count their assignments."""
    return (n[:, None] * c + assignments.T @ u) / (n + assignments.sum(axis=0))[:, None]
