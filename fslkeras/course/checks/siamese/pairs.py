"""Chapter 1: pairs of images, half of them of the same class."""

from collections.abc import Iterator

import numpy as np

from fslkeras.course.checks.answers import returned_by
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "Draw classes before images. For a same-class pair, draw a class that has at least two "
        "images, then two *different* images of it.",
        "rng.choice(..., 2, replace=False) draws two different items: two images of a class, or "
        "two classes.",
        "np.flatnonzero(labels == k) returns the indices of class k's images, np.bincount(labels) "
        "counts the images of each class.",
    ),
    solution="""counts = np.bincount(labels)
same = np.arange(n) < n // 2
left, right = np.empty(n, int), np.empty(n, int)
for i in range(n):
    if same[i]:
        k = rng.choice(np.flatnonzero(counts >= 2))
        left[i], right[i] = rng.choice(np.flatnonzero(labels == k), 2, replace=False)
    else:
        j, k = rng.choice(np.flatnonzero(counts), 2, replace=False)
        left[i] = rng.choice(np.flatnonzero(labels == j))
        right[i] = rng.choice(np.flatnonzero(labels == k))
return left, right, same""",
)
def pairs(answer):
    """Checks a function that draws pairs, half of them of the same class.

    From labels (images,), a number of pairs and a generator to left, right (indices) and same.
    """
    first = _drawn(answer, LABELS, MANY, seed=1)
    _raise_first(_not_of_these(LABELS, *first))
    _raise_first(_wrong_pairs(LABELS, *first))
    _raise_first(_missing(LABELS, *first))
    _raise_first(
        _wrong_randomness(LABELS, *(_drawn(answer, LABELS, 200, seed) for seed in (2, 2, 3)))
    )
    return (
        "Half and half, no image paired with itself, no wrong label, and every pair of images can "
        "be drawn."
    )


# Unbalanced classes, one with a single image, and numbers with gaps. A right sampler draws classes
# evenly or by size, so the rarest of the 65 different-class pairs of images (4 x 3 images) has a
# probability of 1/120. Fewer than one right answer in ten million misses one of them in 2,500
# draws; the 13 same-class pairs are drawn more often.
LABELS = np.random.default_rng(0).permutation(np.repeat([0, 3, 5, 9, 10], (4, 1, 3, 3, 2)))
MANY = 5000


def _raise_first(reasons):
    for is_wrong, reason in reasons:
        if is_wrong:
            raise Wrong(reason)


def _drawn(answer, labels, n, seed):
    """What an answer draws, after checking its form: left and right, int (n,), same, bool (n,)."""
    try:
        return _arrays(returned_by(answer, labels, n, np.random.default_rng(seed)), n, len(labels))
    except Wrong as wrong:
        without_gaps = np.unique(labels, return_inverse=True)[1]
        try:
            _arrays(
                returned_by(answer, without_gaps, n, np.random.default_rng(seed)), n, len(labels)
            )
        except Wrong:
            raise wrong from None
        raise Wrong(
            "it works only for classes numbered 0, 1, 2 and so on. These are "
            f"{np.unique(labels).tolist()}: draw from the classes that occur in `labels`. "
            f"(Otherwise {wrong})"
        ) from None


def _arrays(drawn, n, n_images):
    if isinstance(drawn, Iterator):  # such as zip(*pairs)
        drawn = list(drawn)
    if not isinstance(drawn, tuple | list | np.ndarray) or len(drawn) != 3:
        if hasattr(drawn, "__len__") and len(drawn) == n and np.shape(drawn) == (n, 3):
            raise Wrong(f"expected three arrays of {n} entries each, but it returns {n} triples.")
        raise Wrong("expected three arrays, `return left, right, same`.")
    left, right, same = (np.asarray(array) for array in drawn)
    for name, array in (("left", left), ("right", right), ("same", same)):
        if array.shape != (n,):
            hint = ""
            if array.shape in ((2 * n,), (n // 2,)):
                hint = " `n` counts the pairs of both kinds together."
            elif array.ndim == 1 and n // 2 < len(array) < n:
                hint = " Where it skips a pair, it must draw another one."
            raise Wrong(
                f"expected `{name}` to have the shape ({n},), one entry per pair, but it has "
                f"{array.shape}.{hint}"
            )
    for name, array in (("left", left), ("right", right)):
        if array.dtype.kind == "f" and (array == np.floor(array)).all():
            raise Wrong(
                f"`{name}` has a float dtype, which cannot index an array. Expected integers."
            )
        if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= n_images:
            raise Wrong(
                f"`{name}` must hold indices into `labels`, whole numbers from 0 to "
                f"{n_images - 1}: not classes, not images."
            )
    if not np.isin(same, (0, 1)).all():
        raise Wrong("`same` must hold only 1 (or True) and 0 (or False).")
    return left, right, same.astype(bool)


# Pairs (whether it is wrong, reason), the most serious mistake first.


def _not_of_these(labels, left, right, same):
    """Indices that would be right elsewhere: class numbers, indices into other labels."""
    drawn, in_order = np.concatenate([left, right]), np.sort(labels)
    return [
        (np.isin(drawn, labels).all() and ((left == right) == same).all(),
         "`left` and `right` hold the numbers of classes. Expected the indices of images."),
        (((in_order[left] == in_order[right]) == same).all(),
         "its indices fit the labels in sorted order. Expected indices into `labels` as given, "
         "where the images of a class need not be next to each other."),
        (drawn.max() <= 2, "it answers the example, whatever the labels. Draw from all images."),
    ]  # fmt: skip


def _wrong_pairs(labels, left, right, same):
    n, itself, really = len(same), left == right, labels[left] == labels[right]
    by_accident, falsely_same = really & ~same, ~really & same
    if not itself[same].any():
        remedy = "Draw two different classes."
    elif (np.bincount(labels)[labels[left[itself]]] == 1).all():
        remedy = "A class with a single image has no same-class pair: do not draw it for one."
    else:
        remedy = "Draw its two images without replacement."
    hint = ""
    if abs(same.mean() - 0.5) <= 0.02:
        hint = " Do not leave it to chance: the docstring asks for exactly half."
    elif 0.4 <= same.mean() < 0.5:
        hint = " Where a class has a single image, draw another class, still for a same-class pair."
    elif 0 < same.mean() < 0.4:
        hint = " With many classes, two images drawn at random are hardly ever of the same class."
    mixed = falsely_same.any() and by_accident.any() and not (same == ~really).all()
    return [
        (mixed, "some pairs labeled the same are of different classes, and some labeled different "
         "are of the same class. Entry i of `left`, `right` and `same` must be of one pair: "
         "shuffle or sort them together, if at all."),
        (itself.any(), f"{itself.sum()} of {n} pairs are an image with itself: their distance is "
         f"zero before anything is learned. {remedy}"),
        ((same == ~really).all(), "`same` is exchanged: 1 or True is a pair of the *same* class."),
        (by_accident.any(), f"{by_accident.sum()} of {n} pairs are labeled different, but happen "
         "to be of the same class. Draw two different *classes* first."),
        (falsely_same.any(), f"{falsely_same.sum()} of {n} pairs are labeled the same, but are of "
         "different classes."),
        (same.sum() != n // 2, f"{same.sum()} of {n} pairs are of the same class. Expected half of "
         f"them.{hint}"),
    ]  # fmt: skip


def _missing(labels, left, right, same):
    """Classes, pairs of classes and pairs of images that are never drawn, on either side."""
    counts = np.bincount(labels)
    for what, indices, serve in (
        ("same-class", left[same], np.flatnonzero(counts >= 2)),
        ("different-class", np.concatenate([left[~same], right[~same]]), np.flatnonzero(counts)),
    ):
        missing = sorted(set(serve.tolist()) - set(labels[indices].tolist()))
        yield (
            missing,
            f"in {len(same)} pairs, no {what} pair has an image of class "
            f"{min(missing, default=None)}. Draw from every class that has enough images (one "
            "image is enough for different-class pairs).",
        )
    never = sorted(set(range(len(labels))) - {*left.tolist(), *right.tolist()})
    yield (
        never,
        f"it never draws these of the {len(labels)} images: {', '.join(map(str, never))}. Draw "
        "from all images of a class: indices start at 0, and rng.integers(k) stops before k.",
    )
    classes = _unordered(labels[left[~same]], labels[right[~same]])
    yield (
        len(classes) < len(np.unique(labels)) * (len(np.unique(labels)) - 1) // 2,
        "some classes are never paired with each other. Draw the second class at random, too, from "
        "all the others.",
    )
    unpaired = _unordered(*np.triu_indices(len(labels), 1)) - _unordered(left, right)
    yield (
        unpaired,
        f"some images are never paired with each other, such as {min(unpaired, default=None)}. "
        "Draw both images at random, from all of a class.",
    )


def _unordered(first, second):
    return set(
        zip(np.minimum(first, second).tolist(), np.maximum(first, second).tolist(), strict=True)
    )


def _wrong_randomness(labels, first, again, other):
    return [
        (not np.array_equal(first, again), "the same generator gives different pairs. Draw "
         "everything from `rng`: np.random without it cannot be repeated."),
        (np.array_equal(first[:2], other[:2]), "it gives the same pairs whatever the generator. "
         "Draw from `rng`, and set no seed of your own."),
        (np.array_equal(labels[first[0]], labels[other[0]]), "the classes come in the same order "
         "whatever the generator. Draw them from `rng`, too."),
    ]  # fmt: skip
