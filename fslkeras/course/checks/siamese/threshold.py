"""Chapter 1: the threshold up to which a pair is called the same."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import RETURNS_TOO_SOON


@exercise(
    hints=(
        "Which thresholds are worth trying? Between two neighboring distances nothing changes, so "
        "the distances are enough, plus one number below all of them: there, no pair is called the "
        "same.",
        "For a threshold t, `distances <= t` says which pairs are called the same, and "
        "`((distances <= t) == same).mean()` is the accuracy.",
        "Compute that accuracy for every candidate, and return the candidate with the highest one "
        "(np.argmax).",
    ),
    solution="""candidates = np.append(distances, -1)  # at -1, no pair is called the same
accuracies = [((distances <= t) == same).mean() for t in candidates]
return candidates[np.argmax(accuracies)]""",
)
def threshold(answer):
    """Checks a function from distances (B,) and labels (B,) to the most accurate threshold."""
    first, second, *others = cases()
    t = _returned(answer, *first)
    if t == _returned(answer, *second):
        raise Wrong(f"it returns {t:.3g}, whatever the distances, which may be on any scale.")
    for case in (first, second, *others):
        _judge(_returned(answer, *case), *case)
    return (
        "It gets as many pairs right as one threshold can, even when that means calling none of "
        "them the same."
    )


def cases():
    """Distances and labels, (B,) each: overlapping, with outliers, with ties, and the extremes."""
    rng = np.random.default_rng(7600)  # with it, hardly two mistakes agree
    for n_same, n_apart, scale in ((60, 240, 1.0), (150, 50, 0.03)):
        same = np.repeat([1.0, 0.0], (n_same, n_apart))
        d = scale * np.concatenate([rng.gamma(6, 1 / 6, n_same), rng.gamma(6, 1.7 / 6, n_apart)])
        # A grid over the whole range misses the threshold. The largest distance is of a
        # different-class pair, the next two are not: the worst threshold is none of the three.
        d[[0, 1, -1]] *= 50, 40, 200
        d[[4, 5]] = 0.1 * scale, 0.15 * scale  # the accuracy rises before it first falls
        yield _shuffled(rng, d, same)
    # At 4, the first and the last pair are the same, but most pairs are different.
    tied, kinds = [4, 6, 2, 4, 8, 6, 4], [1, 0, 1, 0, 0, 1, 1]
    yield tuple(np.repeat(np.array([tied, kinds], "float32"), (2, 5, 3, 4, 6, 2, 1), axis=1))
    yield np.array([1, 2, 3], "float32"), np.array([0, 0, 1], "float32")
    yield np.array([0.25, 0.75, 0.5], "float32"), np.ones(3, "float32")


def _shuffled(rng, d, same):
    order = rng.permutation(len(d))
    return d[order].astype("float32"), same[order].astype("float32")


def _returned(answer, d, same):
    t = call(answer, d, same)
    if t.shape != ():
        raise Wrong(f"expected one threshold, but it returns an array of shape {t.shape}.")
    if np.isnan(t):
        raise Wrong(
            "expected a number, but it returns NaN. Does it divide zero by zero, or average an "
            "empty array?"
        )
    return float(t)


def _judge(t, d, same):
    # Each distance, and a number below all of them: other thresholds give the same accuracies.
    accuracies = _accuracies(d <= np.append(d, d.min() - 1)[:, None], same)
    reached, best = _accuracies(d <= np.float32(t), same), accuracies.max()
    if reached >= best - 1e-6:
        return
    shown = "" if len(d) > 3 else f"for distances {d.tolist()} and same {same.tolist()}, "
    reason = _reason(t, d, same, accuracies)
    raise Wrong(
        f"{shown}the threshold {t:.3g} gets {100 * reached:.1f} % of the pairs right, but "
        f"{100 * best:.1f} % can be. {reason[0].upper()}{reason[1:]}"
    )


def _accuracies(called_same, same):
    return (called_same == (same == 1)).mean(axis=-1)


def _reason(t, d, same, accuracies):
    """The most specific reason why a threshold is not the best."""
    if accuracies[:-1].max() < accuracies[-1] and t >= d.min():
        return "a number below all distances is a candidate, too: there, no pair is the same."
    if same.all():
        return "all of these pairs are the same, so the threshold must reach the largest distance."
    near, far = d[same == 1], d[same == 0]
    mistakes = [*_of_the_search(d, same, accuracies), *_of_other_goals(d, same),
                *_of_kinds(near, far)]  # fmt: skip
    reason = reason_for(t, mistakes, rtol=1e-4, atol=1e-8)
    if reason:
        return reason
    if _accuracies(d <= t + 1e-5 * (1 + abs(t)), same) >= accuracies.max():
        return "it lies just below the best. A pair exactly at the threshold is called the same."
    called = (
        f"it calls {(near <= t).sum()} of the {len(near)} same-class pairs the same, and "
        f"{(far <= t).sum()} of the {len(far)} different-class pairs."
    )
    if t >= 0 and not np.isclose(t, d, rtol=1e-6).any():
        called += " It is none of the distances; a grid of candidates may step over the best one."
    return called


# Pairs of a wrong threshold and its reason.


def _where_largest(values, scores):
    return values[scores >= scores.max() - 1e-9]


def _of_the_search(d, same, accuracies):
    """A search for the highest accuracy that goes wrong."""
    best = _where_largest(d, accuracies[:-1])
    in_order, thresholds = np.sort(d), np.unique(d)
    accuracies_in_order = _accuracies(d <= in_order[:, None], same)
    too_far = _where_largest(d, _accuracies(d < d[:, None], same))
    opposite = [_accuracies(called, same) for called in (d >= d[:, None], d > d[:, None])]
    n_best = [
        np.flatnonzero(scores >= scores.max()) for scores in (accuracies[:-1], accuracies_in_order)
    ]
    keep = "In a loop, keep the best accuracy so far as well as its threshold."
    where = "Expected the threshold that reaches it."
    rules = [
        (accuracies.max(), f"it returns the best accuracy. {where}"),
        (1 - accuracies.max(), f"it returns the lowest error. {where}"),
        *_ties(d, same),
        *[(t, "that is the first distance that should be called *different*. A pair exactly at "
           "the threshold is called the same: `distances <= t`.") for t in too_far],
        *[(t, "the accuracy is lowest there, or the comparison is the wrong way round. A pair is "
           "the same if its distance is *small*.")
          for scores in opposite for t in _where_largest(d, scores)],
        *[(t, "it is *minus* the best threshold.") for t in -best],
        *[(np.round(t, digits), "that is the best threshold, rounded or on a grid. Take the "
           "candidates from the distances, and return the best as it is.")
          for t in best for digits in (0, 1, 2)],
        *_out_of_order(d, same, accuracies),
        (d[0], f"it returns the first distance. {RETURNS_TOO_SOON}"),
        (d[-1], f"it returns the last distance. {keep}"),
        (d.max(), f"it returns the largest distance, up to which every pair is the same. {keep}"),
        (d.min(), "it returns the smallest distance, so hardly any pair is called the same."),
        *[(t, "beyond it, the accuracy falls for the first time. It may rise higher later.")
          for t in _first_falls(thresholds, _accuracies(d <= thresholds[:, None], same))],
        *[(t, "it goes through the pairs as they are given. Sort them by distance first, distances "
           "and labels together.")
          for t in d[[np.cumsum(2 * same - 1).argmax(), (same == 0).argmax() - 1]]],
        *[(i + start, "it returns the index of the best threshold. Expected the distance at that "
           "index.") for places in n_best for i in places for start in (0, 1)],
    ]  # fmt: skip
    return rules


def _out_of_order(d, same, accuracies):
    """What is sorted, and what is as given, do not fit together."""
    in_order, middles = np.sort(d), (d[1:] + d[:-1]) / 2
    accuracies_in_order = _accuracies(d <= in_order[:, None], same)
    of_middles = _accuracies(d <= middles[:, None], same)
    return [
        (d[accuracies_in_order.argmax()], "it finds the index among the sorted distances, but "
         "takes the distance at that index from the unsorted ones."),
        (in_order[accuracies[:-1].argmax()], "it finds the index among the unsorted distances, "
         "but takes the distance at that index from the sorted ones."),
        *[(t, "it sorts the distances without their labels. Use np.argsort, and sort both with it.")
          for t in _where_largest(in_order, np.cumsum(2 * same - 1))],
        *[(t, "it lies between two distances that follow each other only as given. Sort them "
           "before you take the middles.") for t in _where_largest(middles, of_middles)],
    ]  # fmt: skip


def _ties(d, same):
    """Of pairs at the same distance, only some are called the same, or only one is counted."""
    distinct, first = np.unique(d, return_index=True)
    if len(distinct) == len(d):
        return []
    last = len(d) - 1 - np.unique(d[::-1], return_index=True)[1]
    stable, same_first = np.argsort(d, kind="stable"), np.lexsort((1 - same, d))
    together = (
        "several pairs have this distance. Count all of them: they are called the same together, "
        "or not at all."
    )
    return [
        (d[some][np.cumsum(2 * same[some] - 1).argmax()], together)
        for some in (stable, same_first, first, last)
    ]


def _first_falls(thresholds, accuracies):
    """Where the accuracy first falls, and where it first does not rise."""
    steps = np.append(np.diff(accuracies), -1)
    return thresholds[[(steps < 0).argmax(), (steps <= 0).argmax()]]


def _of_other_goals(d, same):
    """The best threshold by another measure than the number of right answers."""
    thresholds, n_near, n_far = np.unique(d), int(same.sum()), int((1 - same).sum())
    called = d <= thresholds[:, None]
    hits, alarms = (called & (same == 1)).sum(1), (called & (same == 0)).sum(1)
    tpr, fpr = hits / n_near, alarms / n_far
    counts = f"But {n_near} pairs are the same and {n_far} different: accuracy counts pairs."
    try_each = "Try each distance as a threshold, and keep the best."
    goals = (
        (tpr - fpr, f"there the two *rates* of right answers are highest together. {counts}"),
        (hits / (hits + alarms + n_near), "that is the threshold of the best F1, which ignores the "
         "different pairs that are called different."),
        (hits / (hits + alarms), "of the pairs called the same, the share of right ones is highest "
         "there. But accuracy counts the pairs called different, too."),
        (-np.abs(fpr - (1 - tpr)), f"there both kinds of mistakes have the same *rate*. {counts}"),
    )  # fmt: skip
    as_many = (
        "it calls as many pairs the same as there are, whether or not they are the right ones."
    )
    return [
        *((t, reason) for scores, reason in goals for t in _where_largest(thresholds, scores)),
        (np.quantile(d, n_near / len(d)), as_many),
        (np.sort(d)[n_near - 1], as_many),
        (d.mean(), f"it returns the mean distance. {try_each}"),
        (np.median(d), f"it returns the median distance. {try_each}"),
    ]


def _of_kinds(near, far):
    """Mistakes that treat the same-class and the different-class distances separately."""
    odd_pair = "so a single odd pair decides."
    spreads = "The spreads and the numbers of pairs differ, so the best threshold lies elsewhere."
    lost = "about half of these pairs are called different."
    return [
        ((near.mean() + far.mean()) / 2, f"it returns the middle of the two means. {spreads}"),
        ((np.median(near) + np.median(far)) / 2,
         f"it returns the middle of the two medians. {spreads}"),
        (near.mean(), f"it returns the mean distance of same-class pairs: {lost}"),
        (np.median(near), f"it returns the median distance of same-class pairs: {lost}"),
        (near.max(), f"it returns the largest distance of a same-class pair, {odd_pair}"),
        (far.min(), f"it returns the smallest distance of a different-class pair, {odd_pair}"),
        ((near.max() + far.min()) / 2, f"it returns the middle of two single pairs, {odd_pair}"),
    ]  # fmt: skip
