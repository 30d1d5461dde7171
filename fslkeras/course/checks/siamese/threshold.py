"""Chapter 1: the threshold at or below which a pair is called the same."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "Which thresholds are worth trying? Between two neighboring distances nothing changes, so the distances are "
        "enough, and one number below all of them, which calls no pair the same.",
        "For a threshold t, `distances <= t` is the answer, and `((distances <= t) == same).mean()` is its accuracy.",
        "Compute that accuracy for every candidate, and return the candidate at which it is highest (np.argmax).",
    ),
    solution="""candidates = np.append(distances, -1)  # no distance is negative: at -1, no pair is called the same
accuracies = [((distances <= t) == same).mean() for t in candidates]
return candidates[np.argmax(accuracies)]""",
)
def threshold(answer):
    """Checks a function from distances (B,) and labels (B,) to the threshold of the highest accuracy."""
    for d, same in cases():
        t = call(answer, d, same)
        if t.shape != ():
            raise Wrong(f"expected one threshold, and it returns an array of shape {t.shape}.")
        if np.isnan(t):
            raise Wrong(
                "expected a number, and it returns NaN. Does it divide zero by zero, or average an empty array?"
            )
        _judge(float(t), d, same)
    return "It gets as many pairs right as one threshold can, even where that means to call none of them the same."


def cases():
    """Distances and labels, (B,) each: of overlapping kinds, a few far away, tied, and without a pair worth calling the same."""
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
    # In between, at each distance, and below all of them: nothing else can be told apart.
    candidates = np.append(d, d.min() - 1)
    accuracies = np.array([_accuracy(d <= other, same) for other in candidates])
    reached, best = _accuracy(d <= np.float32(t), same), accuracies.max()
    if reached >= best - 1e-6:
        return
    reason = reason_for(t, _mistakes(d, same, accuracies), rtol=1e-4, atol=1e-8)
    if not reason and reached <= accuracies.min() + 0.02:
        reason = "that is about the worst there is. A pair is called the same where its distance is *small*."
    shown = "" if len(d) > 3 else f"for distances {d.tolist()} and same {same.tolist()}, "
    raise Wrong(
        f"{shown}at {t:.3g}, {100 * reached:.1f} % of the pairs are answered right, and {100 * best:.1f} % can be."
        f"{' ' if reason else ''}{reason[:1].upper()}{reason[1:]}"
    )


def _accuracy(called_same, same):
    return (called_same == (same == 1)).mean()


def _mistakes(d, same, accuracies):
    """Pairs of a wrong threshold and its reason."""
    near, far = d[same == 1], d[same == 0]
    scale = "whatever the distances. They have a scale of their own."
    thresholds = np.unique(d)
    called = d <= thresholds[:, None]
    hits, alarms = (called & (same == 1)).sum(1), (called & (same == 0)).sum(1)
    rates = hits / max(len(near), 1), alarms / max(len(far), 1)
    below_all = accuracies[:-1].max() < accuracies[-1]
    too_far = [t for t in thresholds if _accuracy(d < t, same) >= accuracies.max()]
    counts = f"{len(near)} pairs are the same here and {len(far)} are different"
    if below_all:
        reason = "trying the distances alone is not enough: below all of them, no pair is called the same."
        return [(t, reason) for t in thresholds if _accuracy(d <= t, same) >= accuracies[:-1].max()]
    rules = [
        (accuracies.max(), "it returns the best accuracy. Expected the threshold at which it is reached."),
        (1 - accuracies.max(), "it returns the lowest error. Expected the threshold at which it is reached."),
        (accuracies[:-1].argmax(), "it returns the position of the best threshold. Expected the distance at that position."),
        *[(t, "that is the first distance that should be called *different*. A pair exactly at the threshold is called the "
           "same: `distances <= t`.") for t in too_far],
        (thresholds[(rates[0] - rates[1]).argmax()],
         f"that is where the two *rates* of right answers are highest together. But {counts}, and accuracy counts pairs."),
        (thresholds[(2 * hits / (hits + alarms + len(near))).argmax()],
         "that is the threshold of the best F1, which does not count the different pairs that are called different."),
        (thresholds[np.abs(rates[1] - (1 - rates[0])).argmin()],
         f"that is where both kinds of mistakes have the same *rate*. But {counts}, and accuracy counts pairs."),
        (np.quantile(d, len(near) / len(d)),
         "it calls as many pairs the same as there are, whether or not they are the right ones."),
        (d.mean(), "it returns the mean distance. Try each distance as a threshold, and keep the best."),
        (np.median(d), "it returns the median distance. Try each distance as a threshold, and keep the best."),
        (0.5, f"it returns 0.5, {scale}"),
        (1.0, f"it returns 1, {scale}"),
    ]  # fmt: skip
    return rules + (_of_kinds(near, far) if len(near) and len(far) else [])


def _of_kinds(near, far):
    """Mistakes that look at the same-class distances and the different-class distances apart."""
    odd_pair = "so that a single odd pair decides."
    spreads = "The spreads and the numbers of pairs differ, so the best threshold lies elsewhere."
    return [
        ((near.mean() + far.mean()) / 2, f"it returns the middle between the two mean distances. {spreads}"),
        ((np.median(near) + np.median(far)) / 2, f"it returns the middle between the two medians. {spreads}"),
        (near.mean(), "it returns the mean distance of the pairs of the same class: the farther half of them is lost."),
        (np.median(near), "it returns the median distance of the pairs of the same class: half of them are lost."),
        (near.max(), f"it returns the largest distance of a pair of the same class, {odd_pair}"),
        (far.min(), f"it returns the smallest distance of a pair from two classes, {odd_pair}"),
        ((near.max() + far.min()) / 2, f"it returns the middle between two single pairs, {odd_pair}"),
    ]  # fmt: skip
