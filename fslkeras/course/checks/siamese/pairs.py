"""Chapter 1: pairs of images, half of them of the same class."""

import numpy as np

from fslkeras.course.checks.answers import returned_by
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "Draw classes before images. For a pair of the same class: a class that has two images, then two *different* images of it.",
        "rng.choice(..., 2, replace=False) gives two different ones: two images of a class, or two classes.",
        "np.flatnonzero(labels == k) are the positions of class k's images, np.bincount(labels) counts each class's images.",
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
    """Checks a function from labels (n,), a number of pairs and a generator to left, right (indices) and same."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(5), (4, 1, 3, 6, 2)))
    first, again, other = (_drawn(answer, labels, 1000, seed) for seed in (1, 1, 2))
    for is_wrong, reason in [
        *_wrong_pairs(labels, *first),
        *_missing(labels, *first),
        *_wrong_randomness(first, again, other),
    ]:
        if is_wrong:
            raise Wrong(reason)
    return "Half and half, never an image with itself, never a wrong label: now the loss measures what it should."


def _drawn(answer, labels, n, seed):
    """What an answer draws, if it is of the right form: indices left and right, int (n,), and same, bool (n,)."""
    drawn = returned_by(answer, labels, n, np.random.default_rng(seed))
    if not isinstance(drawn, tuple | list) or len(drawn) != 3:
        raise Wrong("expected three arrays, `return left, right, same`.")
    left, right, same = (np.asarray(array) for array in drawn)
    for name, array in (("left", left), ("right", right), ("same", same)):
        if array.shape != (n,):
            raise Wrong(f"expected `{name}` to have the shape ({n},), one entry for each pair, and it has {array.shape}.")
    for name, array in (("left", left), ("right", right)):
        if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= len(labels):
            raise Wrong(
                f"`{name}` is to hold positions in `labels`, whole numbers from 0 to {len(labels) - 1}: not classes, not images."
            )
    if not np.isin(same, (0, 1)).all():
        raise Wrong("`same` is to hold 1 (or True) and 0 (or False) alone.")
    return left, right, same.astype(bool)


# Pairs (whether it is wrong, reason), the gravest first.


def _wrong_pairs(labels, left, right, same):
    n, itself, really = len(same), left == right, labels[left] == labels[right]
    by_accident, falsely_same = really & ~same, ~really & same
    remedy = "Draw its two images without replacement." if itself[same].any() else "Draw two different classes."
    return [
        (itself.any(),
         f"{itself.sum()} of {n} pairs are one image with itself: at distance zero without anything learned. {remedy}"),
        ((same == ~really).all(), "`same` is exchanged: 1 or True is a pair of the same class."),
        (by_accident.any(),
         f"{by_accident.sum()} of {n} pairs are called different, and are of the same class by accident. Draw two different "
         "*classes* first."),
        (falsely_same.any(), f"{falsely_same.sum()} of {n} pairs are called the same, and are of two classes."),
        (not 0.45 <= same.mean() <= 0.55,
         f"{100 * same.mean():.0f} % of the pairs are of the same class. Expected half of them: with many classes, two images drawn "
         "at random are hardly ever of one class."),
    ]  # fmt: skip


def _missing(labels, left, right, same):
    """Classes and images that are never drawn."""
    for what, indices, serve in (
        ("the same class", left[same], np.flatnonzero(np.bincount(labels) >= 2)),
        ("two classes", np.concatenate([left[~same], right[~same]]), np.unique(labels)),
    ):
        missing = sorted(set(serve.tolist()) - set(labels[indices].tolist()))
        yield (
            missing,
            (
                f"no pair of {what} has an image of class {min(missing, default=None)}, and there are {len(same)} pairs. Each class that "
                "can serve is to be drawn (one image is enough for pairs of two classes)."
            ),
        )
    images, different = {*left.tolist(), *right.tolist()}, set(zip(left.tolist(), right.tolist(), strict=True))
    yield (
        len(images) < len(labels) or len(different) < 60,
        "it draws the same few images of each class again and again. Draw the images at random, too.",
    )


def _wrong_randomness(first, again, other):
    return [
        (not np.array_equal(first, again),
         "it gives other pairs for the same generator. Draw everything from `rng`: np.random without it cannot be repeated."),
        (np.array_equal(first[:2], other[:2]),
         "it gives the same pairs whatever the generator. Draw from `rng`, and give it no seed of your own."),
    ]  # fmt: skip
