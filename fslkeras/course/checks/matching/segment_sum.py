"""Chapter 4: the attention of each class, from integer classes, without a one-hot matrix."""

import tracemalloc

import numpy as np

from fslkeras.course.checks.answers import call, loops
from fslkeras.course.checks.compare import close, compare
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import (
    RETURNS_TOO_SOON,
    classes_in_order,
    copied_example,
    first_query_only,
    labels_in_order,
    rows_and_columns,
    whole_numbers,
)


@exercise(
    hints=(
        "Start with zeros, np.zeros((len(attention), n)). Which column does each image's attention "
        "go to?",
        "Column k is the sum of those columns of `attention` whose image is of class k: "
        "`classes == k` says which.",
        "for k in range(n): out[:, k] = attention[:, classes == k].sum(axis=1). The sum over no "
        "images is 0 anyway.",
    ),
    solution="""out = np.zeros((len(attention), n))
for k in range(n):
    out[:, k] = attention[:, classes == k].sum(axis=1)
return out""",
)
def segment_sum(answer):
    """Checks a function that sums attention by class.

    From attention (Q, S), integer classes (S,) and n, it must return (Q, n) without a matrix of
    images times classes.
    """
    rng = np.random.default_rng(5)
    for n_queries, classes, n in (
        (4, (2, 0, 2, 4, 0, 2, 1, 4, 1), 7),  # classes 3, 5 and 6 have no images
        (3, (1, 0, 2, 2, 0, 1), 3),  # two images per class, as many queries as classes
        (1, (2, 2, 1, 2), 3),  # the first class has no images
    ):
        classes = np.array(classes)
        # The rows do not sum to 1, so dividing by their sum changes them.
        a = rng.uniform(0.05, 0.9, (n_queries, len(classes))).astype("float32")
        a[0, 2] = a[0, 0]  # two equal numbers
        _compare_sums(call(answer, a, classes, n), a, classes, n)
    if _multiplies_zeros(answer) or _peak_memory(answer) >= _IMAGES * _CLASSES:
        raise Wrong(
            "the numbers are right, but they come from a matrix with an entry for each image and "
            "each class, nearly all of them zeros. Do without it: let `classes` say where the "
            "attention of each image goes."
        )
    return (
        "The same numbers as attention @ one_hot, without a matrix of S·n entries: for 1,000 "
        "images of 1,500 classes, it would have 1.5 million, all but 1,000 of them zeros."
    )


def _compare_sums(got, a, classes, n):
    one_hot = np.eye(n)[classes]
    right = a @ one_hot
    counts = one_hot.sum(axis=0)
    empty = np.broadcast_to(counts == 0, right.shape)
    if got.shape == right.shape and empty.any():
        not_zero = got[empty & ~np.isclose(got, 0, atol=1e-3)]
        if close(got[~empty], right[~empty]) and not_zero.size:
            raise Wrong(
                "it is right except for a class without images. Expected the sum over its images, "
                f"which is 0 for no images. Received: {not_zero[0]:g}."
            )
        if np.array_equal(np.isnan(got), empty):
            if close(got[~empty], (right / np.maximum(counts, 1))[~empty]):
                raise Wrong(
                    "it returns the mean attention of each class, and NaN (not a number) for a "
                    "class without images. Expected the sum over its images, 0 for no images."
                )
            got = np.where(empty, 0, got)
    compare(got, right, _mistakes(a, classes, one_hot, right), "(queries, n)", "queries")


_IMAGES, _CLASSES = 750, 2000  # few enough images for a recursion over them


def _peak_memory(answer):
    """The most bytes that an answer holds at a time; a matrix takes at least one per entry."""
    classes = np.random.default_rng(6).integers(0, _CLASSES, _IMAGES)
    attention = np.full((1, _IMAGES), 0.5, "float32")
    tracemalloc.start()
    try:
        call(answer, attention, classes, _CLASSES)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _multiplies_zeros(answer):
    """Whether one infinite weight reaches all classes, as it does when multiplied by their zeros.

    This detects a product of tensors, which Python's memory does not show. A loop that multiplies
    by the column of one class at a time has no matrix, and passes.
    """
    classes = np.arange(4)
    infinite = np.where(classes == 1, np.inf, 0.5)[None]
    spread = np.isnan(call(answer, infinite, classes, 4)[0, classes != 1]).all()
    few, many = ((np.ones((1, n)), np.arange(n), n) for n in (4, 12))
    return bool(spread) and not loops(answer, few, many)


def _mistakes(a, classes, one_hot, right):
    return [
        *_not_summed(a, classes, one_hot),
        *_not_left_as_sums(right),
        *_wrong_columns(classes, right),
        *_classes_ignored(a, classes, one_hot, right),
        *_wrong_images(a, classes, one_hot),
        rows_and_columns(right, "query", "(queries, n)"),
        (right.argmax(axis=1),
         "it returns the index of the class with the most attention. Expected the attention of "
         "every class."),
        (0 * right,
         "all its sums are 0. Is the result an array of integers? It drops everything after the "
         "decimal point each time."),
        *whole_numbers(right),
        copied_example([[0.2, 0.8, 0]]),
        *first_query_only(right),
        classes_in_order(a @ labels_in_order(*one_hot.shape), "classes"),
    ]  # fmt: skip


def _not_summed(a, classes, one_hot):
    """Mistakes within a class: anything but the sum."""
    last, first = np.zeros((2, len(a), one_hot.shape[1]))
    expected = "Expected the sum over its images."
    last[:, classes] = a
    first[:, classes[::-1]] = a[:, ::-1]
    of_class, counts = a[:, :, None] * one_hot, one_hot.sum(axis=0)
    smallest = np.where(one_hot, of_class, np.inf).min(axis=1)
    different = [[sum(set(row[classes == k])) for k in range(one_hot.shape[1])] for row in a]
    return [
        (last,
         "a class with several images gets the attention of the last one only. (Where `out[:, "
         "classes] += attention` repeats an index, only the last value counts. "
         "np.add.at(out, (slice(None), classes), attention) adds every time; so does a loop.)"),
        (first,
         "a class with several images gets the attention of the first one only. Expected their "
         "sum."),
        (a @ one_hot / np.maximum(counts, 1),
         f"it returns the mean attention of each class. {expected}"),
        (of_class.max(axis=1), f"it returns the largest attention of each class. {expected}"),
        (np.where(counts, smallest, 0),
         f"it returns the smallest attention of each class. {expected}"),
        (np.where(one_hot, of_class, 1).prod(axis=1),
         "it multiplies the attention of the images of a class. Expected their sum."),
        (a**2 @ one_hot, "it sums squares. Expected the sum of the attention itself."),
        (np.exp(a) @ one_hot,
         "it sums e to the power of the attention. The softmax has already been applied: add the "
         "attention as it is."),
        (different,
         "if two images of a class get equal attention, it counts only once: a set has no repeats. "
         "Add both."),
    ]  # fmt: skip


def _not_left_as_sums(right):
    """Mistakes after the sums."""
    powers = np.exp(right)
    again = "Expected the sums themselves, whatever the rows of `attention` sum to."
    with np.errstate(all="ignore"):
        return [
            (right / right.sum(axis=1, keepdims=True), f"it makes each row sum to 1. {again}"),
            (right / np.where(right.any(axis=0), right.sum(axis=0), 1),
             f"it makes each column sum to 1. {again}"),
            (right / right.sum(), f"it makes all numbers together sum to 1. {again}"),
            (right / right.max(axis=1, keepdims=True),
             f"it divides each row by its largest sum. {again}"),
            (powers / powers.sum(axis=1, keepdims=True),
             f"it takes the softmax of the sums. {again}"),
            (np.log(right), "it returns the logarithm of the sums. Expected the sums themselves."),
            (100 * right, "it returns percentages. Expected the sums themselves."),
            (right.cumsum(axis=1),
             "it adds the sums of lower classes to each class. Expected the sum of each class "
             "alone: `==`, not `<=`."),
            (right == right.max(axis=1, keepdims=True),
             "it marks the class with the most attention. Expected the attention of every class."),
        ]  # fmt: skip


def _wrong_columns(classes, right):
    n, present = right.shape[1], np.unique(classes)
    met = list(dict.fromkeys(classes.tolist()))  # each class once, by its first image
    in_order_met = np.zeros_like(right)
    in_order_met[:, : len(met)] = right[:, met]
    pushed_left = np.zeros_like(right)
    pushed_left[:, : len(present)] = right[:, present]
    as_met = "the columns are in the order in which the classes occur. Column k is class k."
    return [
        (right[:, : classes.max() + 1],
         "the classes after the last one with an image are missing. `n` says how many columns to "
         "return; theirs are 0."),
        (right[:, present],
         "the classes without images are missing. `n` says how many columns to return; theirs are "
         "0."),
        (right[:, met], as_met),
        (in_order_met, as_met),
        (pushed_left,
         "classes without images lose their column, and later classes move up. Column k is class "
         "k."),
        (right[:, :-1],
         "the last class is missing. range(n) ends at n - 1, and the classes are 0 to n - 1."),
        (np.pad(right[:, :-1], ((0, 0), (0, 1))),
         "the last class gets nothing. range(n) ends at n - 1, and the classes are 0 to n - 1."),
        (np.pad(right[:, 1:], ((0, 0), (0, 1))),
         "it numbers the classes 1 to n. They are 0 to n - 1: range(n)."),
        (np.roll(right, -1, axis=1), "it subtracts 1 from each class. They already start at 0."),
        (np.pad(right[:, 1:], ((0, 0), (1, 0))),
         "the first class gets nothing. The classes are 0 to n - 1: range(n)."),
        (np.pad(right, ((0, 0), (1, 0))),
         "there is one column too many at the start. The classes are 0 to n - 1: range(n)."),
        (np.pad(right, ((0, 0), (0, 1))),
         "there is one column too many at the end. The classes are 0 to n - 1: range(n)."),
        (right[:, ::-1], "the columns are in reverse order: column 0 is class 0."),
        (right[:, 0], f"only the first class is there. {RETURNS_TOO_SOON}"),
        (right[:, classes],
         "it gives each image the attention of its whole class. Expected a column for each class."),
        (np.eye(n)[0] * right, f"only the first class gets its attention. {RETURNS_TOO_SOON}"),
    ]  # fmt: skip


def _classes_ignored(a, classes, one_hot, right):
    n_queries, n = right.shape
    return [
        (right.sum(axis=0), "it sums over the queries, too. Expected a row for each query."),
        (np.tile(right[0], (n_queries, 1)),
         "it answers for the first query only, in every row. Expected a row for each query."),
        (right.cumsum(axis=0),
         "it adds the sums of a query to those of the next. Start from zeros for each query."),
        (np.tile(right.sum(axis=0), (n_queries, 1)),
         "it sums over the queries, too, and every row is that sum. (`[[0] * n] * len(attention)` "
         "repeats one and the same row; each query needs a row of its own.)"),
        (np.tile(a.sum(axis=1, keepdims=True), (1, n)),
         "it sums over all images. Each class gets only the attention of its own images."),
        (a.sum(axis=1, keepdims=True) - right, "it sums over the images of all *other* classes."),
        (np.tile(one_hot.sum(axis=0), (n_queries, 1)),
         "it counts the images of each class. Expected the sum of their attention."),
        (one_hot.sum(axis=0),
         "it counts the images of each class. Expected the sum of their attention."),
        (a, "it returns the attention unchanged. Expected its sum for each class."),
        (a[:, classes % a.shape[1]],
         "it uses the classes as indices of *images*: attention[:, classes] repeats the columns of "
         "images 0 to n - 1."),
        (a.cumsum(axis=1), "it returns running sums over the images and ignores the classes."),
        (one_hot,
         "it returns the one-hot matrix of the classes. Expected the attention, summed for each "
         "class."),
    ]  # fmt: skip


def _wrong_images(a, classes, one_hot):
    """Images left out, or grouped by something other than their class."""
    n = one_hot.shape[1]
    of_all = "Every image counts, from the first to the last."
    by_size = a @ np.eye(n)[np.sort(classes)]
    in_turn, in_blocks = np.arange(len(classes)) % n, np.arange(len(classes)) // (len(classes) // n)
    upwards = (a @ one_hot)[:, ::-1].cumsum(axis=1)[:, ::-1]
    return [
        (a[:, :n] @ one_hot[:n],
         f"it looks only at as many images as there are classes. {of_all}"),
        (a[:, : len(a)] @ one_hot[: len(a)],
         f"it looks only at as many images as there are queries. {of_all}"),
        (a[:, :1] @ one_hot[:1], f"it adds only the first image. {RETURNS_TOO_SOON}"),
        (a @ (in_turn[:, None] == np.arange(n)),
         "it takes the classes in turn, 0 to n - 1. `classes` says which class each image belongs "
         "to."),
        (a[:, 1:] @ one_hot[1:], f"it leaves out the first image. {of_all}"),
        (a[:, :-1] @ one_hot[:-1], f"it leaves out the last image. {of_all}"),
        (by_size,
         "it treats the images as sorted by class. They are in any order: `classes` says which "
         "class each belongs to."),
        (upwards, "it adds the sums of higher classes to each class: `==`, not `>=`."),
        classes_in_order(a @ (in_blocks[:, None] == np.arange(n)), "classes"),
    ]  # fmt: skip
