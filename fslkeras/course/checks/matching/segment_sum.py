"""Chapter 4: the attention of each class, from classes as integers."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import compare
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
        "Begin with zeros, np.zeros((len(attention), n)), and ask of each image: to which column does its attention go?",
        "Column k is the sum of those columns of `attention` whose image is of class k: `classes == k` says which.",
        "for k in range(n): out[:, k] = attention[:, classes == k].sum(axis=1). A sum over no image is 0 by itself.",
    ),
    solution="""out = np.zeros((len(attention), n))
for k in range(n):
    out[:, k] = attention[:, classes == k].sum(axis=1)
return out""",
)
def segment_sum(answer):
    """Checks a function from attention (Q, S), classes (S,) as integers and n to the attention of each class, (Q, n)."""
    rng = np.random.default_rng(5)
    for n_queries, classes, n in (
        (4, (2, 0, 2, 4, 0, 2, 1, 4), 7),  # classes 3, 5 and 6 have no image
        (3, (1, 0, 2, 2, 0, 1), 3),  # equally many, as many queries as classes
        (1, (1, 1, 0, 1), 2),
    ):
        classes = np.array(classes)
        a = rng.dirichlet(np.full(len(classes), 2.0), n_queries).astype("float32")
        one_hot = np.eye(n)[classes]
        right = a @ one_hot
        got = call(answer, a, classes, n)
        empty = np.broadcast_to(one_hot.sum(axis=0) == 0, right.shape)
        if empty.any() and np.array_equal(np.isnan(got), empty):
            raise Wrong(
                "it returns NaN (not a number) for a class without an image: a mean divides by zero there. Expected the sum over the "
                "images; of no images it is 0."
            )
        compare(got, right, _mistakes(a, classes, one_hot, right), "(queries, n)", "queries")
    return (
        "The same numbers as attention @ one_hot, with S additions for each query in place of S·n products, most of them with zero."
    )


def _mistakes(a, classes, one_hot, right):
    return [
        *_not_summed(a, classes, one_hot),
        *_wrong_columns(classes, right),
        *_classes_ignored(a, classes, one_hot, right),
        rows_and_columns(right, "query", "(queries, n)"),
        (right.argmax(axis=1), "it returns the number of the class with most attention. Expected the attention of every class."),
        *whole_numbers(right),
        copied_example([[0.2, 0.8, 0]]),
        *first_query_only(right),
        classes_in_order(a @ labels_in_order(*one_hot.shape), "classes"),
    ]  # fmt: skip


def _not_summed(a, classes, one_hot):
    """What else is done with the attention to the images of a class."""
    last, first = np.zeros((2, len(a), one_hot.shape[1]))
    expected = "Expected the sum over its images."
    last[:, classes] = a
    first[:, classes[::-1]] = a[:, ::-1]
    of_class = a[:, :, None] * one_hot
    return [
        (last,
         "a class with several images gets the attention of the last one only: in `out[:, classes] += attention`, a position that "
         "is repeated is written once. np.add.at(out, (slice(None), classes), attention) adds every time; so does a loop."),
        (first, "a class with several images gets the attention of the first one only. Expected their sum."),
        (a @ one_hot / np.maximum(one_hot.sum(axis=0), 1), f"it returns the mean attention of each class. {expected}"),
        (of_class.max(axis=1), f"it returns the largest attention of each class. {expected}"),
        (np.where(one_hot, of_class, 1).prod(axis=1), "it multiplies the attention of the images of a class. Expected their sum."),
    ]  # fmt: skip


def _wrong_columns(classes, right):
    return [
        (right[:, : classes.max() + 1],
         "the classes behind the last one that has an image are missing. `n` says how many columns there are; theirs are 0."),
        (right[:, np.unique(classes)],
         "the classes without an image are missing. `n` says how many columns there are; theirs are 0."),
        (right[:, :-1], "the last class is missing. range(n) ends at n - 1, and the classes are 0 to n - 1."),
        (np.pad(right[:, 1:], ((0, 0), (0, 1))), "it takes the classes for 1 to n. They are 0 to n - 1: range(n)."),
        (right[:, 0], f"only the first class is there. {RETURNS_TOO_SOON}"),
        (right[:, classes], "it gives each image the attention of its whole class. Expected a column for each class."),
    ]  # fmt: skip


def _classes_ignored(a, classes, one_hot, right):
    n_queries, n = right.shape
    return [
        (right.sum(axis=0), "it sums over the queries, too. Expected a row for each query."),
        (np.tile(a.sum(axis=1, keepdims=True), (1, n)),
         "it sums over all images. Each class gets the attention of its own images only."),
        (np.tile(one_hot.sum(axis=0), (n_queries, 1)),
         "it counts the images of each class. Expected their attention, summed."),
        (a, "it returns the attention as it was given. Expected its sum for each class."),
        (a[:, classes % a.shape[1]],
         "it uses the classes as numbers of *images*: attention[:, classes] are the images 0 to n - 1, some of them several "
         "times."),
        (a.cumsum(axis=1), "it adds up from image to image, without regard to the classes."),
        (one_hot, "it returns the one-hot matrix of the classes. Expected the attention, summed for each class."),
    ]  # fmt: skip
