"""Random support sets, their class means, and mistakes that the exercises on means share."""

import numpy as np

from fslkeras.course.checks.compare import close


def support(rng, images, size):
    """Embeddings (S, size) and one-hot labels (S, N), shuffled; `images` counts them per class."""
    return _embedded(rng, rng.permutation(np.repeat(np.arange(len(images)), images)), size)


def support_in_order(images, size):
    """As `support`, but one class after the other."""
    return _embedded(np.random.default_rng(3), np.repeat(np.arange(len(images)), images), size)


def _embedded(rng, classes, size):
    labels = np.eye(max(classes) + 1, dtype="float32")[classes]
    return rng.normal(1, 2, (len(labels), size)).astype("float32"), labels


def class_means(z, labels, weights=1.0):
    """The weighted mean of each class, (N, D), for weights (S, 1)."""
    weights = labels * np.asarray(weights, "float64")
    return weights.T @ z / weights.sum(axis=0)[:, None]


def carried_over(sums, counts):
    """Prototypes if a loop over the classes goes on with the sum or count of the last class."""
    so_far, counted = np.cumsum(sums, axis=0), np.cumsum(counts, axis=0)
    reason = (
        "it goes on with the sum, the count or the list of the class before. Start anew for each "
        "class, inside the loop."
    )
    wrong = (so_far / counts, sums / counted, so_far / counted)
    return [(prototypes, reason) for prototypes in wrong] if len(sums) > 1 else []


def unit(rows):
    """Each row, scaled to length 1."""
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def rounded(right):
    return [
        (np.round(right, digits), f"it rounds to {places}. Do not round.")
        for digits, places in ((2, "2 decimals"), (1, "1 decimal"), (0, "whole numbers"))
    ]


def in_another_order(got, right):
    """The right prototypes (N, D), but not in the order of the columns of the labels."""
    if got.shape != right.shape or np.isnan(got).any():
        return
    nearest = np.abs(got[:, None] - right).max(axis=2).argmin(axis=1)
    if len(set(nearest)) == len(right) and close(got, right[nearest]) and not close(got, right):
        yield (
            got,
            "the prototypes are right, but their order is not. Row k belongs to column k of "
            "`labels`, wherever the first image of that class is.",
        )


def taken_in_order(z, labels, means):
    """Prototypes if classes are taken to be blocks of rows, or every N-th row.

    Args:
        z: (S, D), embeddings.
        labels: (S, N), one-hot.
        means: a function from the indices of a class's rows to its prototype.
    """
    n_images, n_classes = labels.shape
    rows, counts = np.arange(n_images), labels.sum(axis=0).astype(int)
    each = max(n_images // n_classes, 1)
    blocks = (
        np.split(rows, np.cumsum(counts)[:-1]),
        np.array_split(rows, n_classes),
        [rows[k * each : (k + 1) * each] for k in range(n_classes)],
        [rows[k * counts[0] : (k + 1) * counts[0]] for k in range(n_classes)],
        [
            rows[k * each :] if k == n_classes - 1 else rows[k * each : (k + 1) * each]
            for k in range(n_classes)
        ],
        [rows[start : start + 2] for start in range(0, n_images, 2)],
    )
    asks = "`labels` says which class each belongs to."
    for block in blocks:
        if all(len(members) for members in block):
            yield (
                np.stack([means(members) for members in block]),
                f"it takes the images in order, class after class. {asks}",
            )
    yield (
        np.stack([means(rows[k::n_classes]) for k in range(n_classes)]),
        f"it takes every N-th image as one class. {asks}",
    )
