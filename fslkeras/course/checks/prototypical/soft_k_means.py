"""One step of soft k-means, in parts.

Prototypes are c (N, D), their numbers of images n (N,), unlabeled images u (U, D).
"""

import functools

import scipy.special

softmax = functools.partial(scipy.special.softmax, axis=1)


def squared_distances(u, c):
    """The squared distance of each image to each prototype, (U, N)."""
    return ((u[:, None].astype("float64") - c) ** 2).sum(axis=-1)


def assigned(c, u):
    """How much of each image is assigned to each class, (U, N); rows sum to 1."""
    return softmax(-squared_distances(u, c))


def refined(c, n, u, assignments):
    """The new prototypes, (N, D): n support images at c count 1, images u their assignments."""
    return (n[:, None] * c + assignments.T @ u) / (n + assignments.sum(axis=0))[:, None]
