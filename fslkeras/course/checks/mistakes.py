"""Mistakes that several exercises share: pairs of the value that each returns and the reason."""

import numpy as np

RETURNS_TOO_SOON = "Is `return` inside the loop?"


def copied_example(answer, which="the example"):
    """The result of the exercise's own example, whatever the arguments."""
    return (
        answer,
        f"it answers {which}, whatever it is given. Compute the answer from the arguments.",
    )


def rows_and_columns(right, row, shape):
    return right.T, f"the rows and columns are swapped: expected a row for each {row}, {shape}."


def whole_numbers(right):
    kept = "drops everything after the decimal point"
    return [
        (np.trunc(right), f"it returns whole numbers: an array of integers {kept}."),
        (np.floor(right), f"it returns whole numbers: `//` {kept}, `/` keeps it."),
    ]


def first_query_only(right, expected="a row for each query"):
    """Only the first of several queries, with and without an axis for it, or the last one."""
    first = f"it answers for the first query only. Expected {expected}."
    last = "it answers for the last query only. Does the loop overwrite the others?"
    if len(right) < 2:
        return []
    only_first, only_last = np.zeros((2, *right.shape))
    only_first[0], only_last[-1] = right[0], right[-1]
    return [
        (right[0], first),
        (right[:1], first),
        (right[-1], last),
        (only_first, f"only the first query gets an answer. {RETURNS_TOO_SOON}"),
        (only_last, "only the last query gets an answer. Is a line outside the loop?"),
        (np.broadcast_to(right[-1], right.shape),
         "every row is that of the last query. Each query needs a row of its own."),
    ]  # fmt: skip


def wrong_rows(right, number_of_classes):
    """The right prototypes (N, D) with some missing, or in another layout."""
    only_first = "only the first class is there"
    last = f"`{number_of_classes}` is the number of classes, and range(n) ends at n - 1."
    single_row = (
        "the prototypes are concatenated in a single row. `np.stack` gives each its own row."
    )
    return [
        rows_and_columns(right, "class", "(classes, D)"),
        (right[0], f"{only_first}. {RETURNS_TOO_SOON}"),
        (right[:1], f"{only_first}, in an array of its own. {RETURNS_TOO_SOON}"),
        (right[:-1], f"the last class is missing. {last}"),
        (right[1:], "the first class is missing. Does the loop start at 1? Python counts from 0."),
        (right.ravel(), single_row),
    ]


def on_the_sphere(right, mean):
    scaled = right / np.linalg.norm(right, axis=1, keepdims=True)
    return scaled, f"it scales the prototypes to length 1. A prototype is the {mean}, unscaled."


def one_for_each_image(labels, right):
    reason = "it returns a prototype for each *image*. Expected one for each class."
    return labels @ right, reason


def labels_ignored(mean_of_all, n_classes):
    """The mean of all images (D,) instead of one mean per class."""
    asks, repeated = "What do the labels say?", np.tile(mean_of_all, (n_classes, 1))
    return [
        (mean_of_all, f"it returns the mean of all images, whatever their class. {asks}"),
        (mean_of_all[None], f"it returns the mean of all images, for one class. {asks}"),
        (repeated, f"it returns the mean of all images for every class. {asks}"),
    ]


def labels_in_order(n_images, n_classes):
    """One-hot labels (S, N) in class order, with the images split as evenly as possible."""
    return np.eye(n_classes)[np.arange(n_images) * n_classes // n_images]


def classes_in_order(value, labels="labels"):
    """The result with `labels_in_order` instead of the labels."""
    reason = "it takes the images in order, the same number for each class. "
    return value, f"{reason}`{labels}` says which class each belongs to."


def wrong_squares(differences):
    """Wrong squared distances from differences (..., D)."""
    total = differences.sum(axis=-1)
    square_first = "Square each difference first, then sum."
    return [
        (np.abs(differences).sum(axis=-1), f"it sums absolute differences. {square_first}"),
        (total**2, f"it squares the sum of the differences. {square_first}"),
        (total, "it sums the differences without squaring them, so they cancel."),
    ]
