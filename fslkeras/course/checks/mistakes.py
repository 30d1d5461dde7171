"""Mistakes that several exercises share, as pairs (value, reason): what each returns, and the sentence about it."""

import numpy as np

RETURNS_TOO_SOON = "Is `return` inside the loop?"


def copied_example(answer, which="the example"):
    """The numbers that the exercise's example has."""
    return (
        answer,
        f"it answers {which}, whatever it is given. Compute the answer from the arguments.",
    )


def rows_and_columns(right, row, shape):
    return right.T, f"the rows and columns are exchanged: expected a row for each {row}, {shape}."


def whole_numbers(right):
    kept = "throws away what comes after the decimal point"
    return [
        (np.trunc(right), f"it returns whole numbers: an array of integers {kept}."),
        (np.floor(right), f"it returns whole numbers: `//` {kept}, `/` keeps it."),
    ]


def first_query_only(right, expected="a row for each query"):
    """Of several queries, the first one alone, with an axis for it and without."""
    reason = f"it answers for the first query only. Expected {expected}."
    return [(right[0], reason), (right[:1], reason)] if len(right) > 1 else []


def wrong_rows(right, number_of_classes):
    """The right prototypes (N, D), some of them missing or laid out in another way."""
    return [
        rows_and_columns(right, "class", "(classes, D)"),
        (right[0], f"only the first class is there. {RETURNS_TOO_SOON}"),
        (right[:1], f"only the first class is there, in an array of its own. {RETURNS_TOO_SOON}"),
        (right[:-1], f"the last class is missing. `{number_of_classes}` is the number of classes, and range(n) ends at n - 1."),
        (right.ravel(), "the prototypes are one behind the other in a single row. `np.stack` gives each a row of its own."),
    ]  # fmt: skip


def on_the_sphere(right, mean):
    scaled = right / np.linalg.norm(right, axis=1, keepdims=True)
    return scaled, f"it gives the prototypes the length 1. A prototype is the {mean} as it is."


def one_for_each_image(labels, right):
    return (
        labels @ right,
        "it returns a prototype for each *image*, and is to return one for each class.",
    )


def labels_ignored(mean_of_all, n_classes):
    """The mean of all images (D,), where each class has one of its own."""
    asks, repeated = "What do the labels say?", np.tile(mean_of_all, (n_classes, 1))
    return [
        (mean_of_all, f"it returns the mean of all images, whatever their class. {asks}"),
        (mean_of_all[None], f"it returns the mean of all images, for one class. {asks}"),
        (repeated, f"it returns the mean of all images for every class. {asks}"),
    ]


def labels_in_order(n_images, n_classes):
    """One-hot labels (S, N) of equally many images of each class, as nearly as can be, one class after the other."""
    return np.eye(n_classes)[np.arange(n_images) * n_classes // n_images]


def classes_in_order(value, labels="labels"):
    """What `labels_in_order` give in place of the labels."""
    return (
        value,
        f"it takes the images in order, equally many for each class. `{labels}` says which class each is of.",
    )


def wrong_squares(differences):
    """Wrong squared distances from differences (..., D)."""
    total = differences.sum(axis=-1)
    return [
        (
            np.abs(differences).sum(axis=-1),
            "it sums absolute differences. Square them before you sum.",
        ),
        (
            total**2,
            "it squares the sum of the differences. Square each difference first, then sum.",
        ),
        (total, "it sums the differences without squaring them, so that they cancel."),
    ]
