"""Random support sets, and the means of their classes."""

import numpy as np


def support(rng, images, size):
    """Embeddings (S, size) and one-hot labels (S, N) of so many images of each class, in random order."""
    return _embedded(rng, rng.permutation(np.repeat(np.arange(len(images)), images)), size)


def support_in_order(images, size):
    """As `support`, one class after the other."""
    return _embedded(np.random.default_rng(3), np.repeat(np.arange(len(images)), images), size)


def _embedded(rng, classes, size):
    labels = np.eye(max(classes) + 1, dtype="float32")[classes]
    return rng.normal(1, 2, (len(labels), size)).astype("float32"), labels


def class_means(z, labels, weights=1.0):
    """The weighted mean of each class, (N, D), for weights (S, 1)."""
    weights = labels * np.asarray(weights, "float64")
    return weights.T @ z / weights.sum(axis=0)[:, None]


def unit(rows):
    """Each row with the length 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
