"""Chapter 1: the threshold up to which a pair is called the same."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise


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
    for d, same in cases():
        t = call(answer, d, same)
        if t.shape != ():
            raise Wrong(f"expected one threshold, but it returns an array of shape {t.shape}.")
        if np.isnan(t):
            raise Wrong(
                "expected a number, but it returns NaN. Does it divide zero by zero, or average "
                "an empty array?"
            )
        _judge(float(t), d, same)
    return (
        "It gets as many pairs right as one threshold can, even when that means calling none of "
        "them the same."
    )


def cases():
    """Distances and labels, (B,) each: overlapping, with outliers, with ties, and the extremes."""
    rng = np.random.default_rng(1)
    for n_same, n_apart, scale in ((60, 240, 1.0), (150, 50, 30.0)):
        same = np.repeat([1.0, 0.0], (n_same, n_apart))
        d = scale * np.concatenate([rng.gamma(6, 1 / 6, n_same), rng.gamma(6, 1.7 / 6, n_apart)])
        d[-3:] *= 1000  # a grid over the whole range then misses the threshold
        yield _shuffled(rng, d, same)
    tied = np.repeat([1.0, 2.0, 2.0, 3.0, 3.0, 4.0], (3, 4, 3, 2, 5, 6))
    yield _shuffled(rng, tied, np.repeat([1.0, 0.0, 1.0, 1.0, 0.0, 0.0], (3, 4, 3, 2, 5, 6)))
    yield np.array([1, 2, 3], "float32"), np.array([0, 0, 1], "float32")
    yield np.array([0.2, 0.5, 0.3], "float32"), np.ones(3, "float32")


def _shuffled(rng, d, same):
    order = rng.permutation(len(d))
    return d[order].astype("float32"), same[order].astype("float32")


def _judge(t, d, same):
    # Each distance, and a number below all of them: other thresholds give the same accuracies.
    candidates = np.append(d, d.min() - 1)
    accuracies = np.array([_accuracy(d <= other, same) for other in candidates])
    reached, best = _accuracy(d <= np.float32(t), same), accuracies.max()
    if reached >= best - 1e-6:
        return
    reason = reason_for(t, _mistakes(d, same, accuracies), rtol=1e-4, atol=1e-8)
    if not reason and reached <= accuracies.min() + 0.02:
        reason = "that is about the worst threshold. A pair is the same if its distance is *small*."
    shown = "" if len(d) > 3 else f"for distances {d.tolist()} and same {same.tolist()}, "
    raise Wrong(
        f"{shown}the threshold {t:.3g} gets {100 * reached:.1f} % of the pairs right, but "
        f"{100 * best:.1f} % can be.{' ' if reason else ''}{reason[:1].upper()}{reason[1:]}"
    )


def _accuracy(called_same, same):
    return (called_same == (same == 1)).mean()


def _mistakes(d, same, accuracies):
    """Pairs of a wrong threshold and its reason."""
    near, far = d[same == 1], d[same == 0]
    thresholds = np.unique(d)
    called = d <= thresholds[:, None]
    hits, alarms = (called & (same == 1)).sum(1), (called & (same == 0)).sum(1)
    rates = hits / max(len(near), 1), alarms / max(len(far), 1)
    if accuracies[:-1].max() < accuracies[-1]:
        reason = "trying only the distances is not enough: below all of them, no pair is the same."
        return [(t, reason) for t in thresholds if _accuracy(d <= t, same) >= accuracies[:-1].max()]
    too_far = [t for t in thresholds if _accuracy(d < t, same) >= accuracies.max()]
    counts = f"But {len(near)} pairs are the same and {len(far)} different: accuracy counts pairs."
    where = "Expected the threshold that reaches it."
    try_each = "Try each distance as a threshold, and keep the best."
    scale = "whatever the distances, which may be on any scale."
    rules = [
        (accuracies.max(), f"it returns the best accuracy. {where}"),
        (1 - accuracies.max(), f"it returns the lowest error. {where}"),
        (accuracies[:-1].argmax(),
         "it returns the index of the best threshold. Expected the distance at that index."),
        *[(t, "that is the first distance that should be called *different*. A pair exactly at "
           "the threshold is called the same: `distances <= t`.") for t in too_far],
        (thresholds[(rates[0] - rates[1]).argmax()],
         f"there the two *rates* of right answers are highest together. {counts}"),
        (thresholds[(2 * hits / (hits + alarms + len(near))).argmax()], "that is the threshold of "
         "the best F1, which ignores the different pairs that are called different."),
        (thresholds[np.abs(rates[1] - (1 - rates[0])).argmin()],
         f"there both kinds of mistakes have the same *rate*. {counts}"),
        (np.quantile(d, len(near) / len(d)), "it calls as many pairs the same as there are, "
         "whether or not they are the right ones."),
        (d.mean(), f"it returns the mean distance. {try_each}"),
        (np.median(d), f"it returns the median distance. {try_each}"),
        (0.5, f"it returns 0.5, {scale}"),
        (1.0, f"it returns 1, {scale}"),
    ]  # fmt: skip
    return rules + (_of_kinds(near, far) if len(near) and len(far) else [])


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
