"""The appendix on photographs: the score below which a classifier abstains."""

import numpy as np
from scipy.stats import norm

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import copied_example


@exercise(
    hints=(
        "Sort the scores. How many of them can you lose if a share of `keep` must stay?",
        "Of n scores, at least keep * n must stay, rounded *up*: `int(np.ceil(keep * n))`.",
        "Sort from the highest down. The last score that must stay is the threshold.",
    ),
    solution="""kept = int(np.ceil(keep * len(scores) - 1e-9))  # at least this many must stay
return np.sort(scores)[::-1][kept - 1]""",
)
def rejection_threshold(answer):
    """Checks a function from scores (n,) and a share to the highest score that keeps that share."""
    rng = np.random.default_rng(145)
    cases = (
        (47, 0.9, 0), (36, 0.75, 20), (20, 0.95, -200), (53, 0.8, 0), (10, 1.0, 0), (41, 0.5, 0)
    )  # fmt: skip
    for n, keep, highest in cases:
        scores = (highest - np.round(rng.gamma(2, 8, n), 2)).astype("float32")
        if keep == 0.8:
            scores = np.round(scores / 6) * 6  # with ties
        t = call(answer, scores, keep)
        if t.shape not in ((), (1,)):
            raise Wrong(f"expected one threshold, but it returns an array of shape {t.shape}.")
        if not np.isfinite(t).all():
            raise Wrong(f"expected one of the scores, but it returns {t}.")
        _judge(float(t.reshape(())), scores, keep)
    return "Choose it on known photographs set aside for this, before you look at unknown ones."


def _judge(t, scores, keep):
    stay = [s for s in scores if (scores >= s).mean() >= keep - 1e-6]
    right = float(max(stay))
    if np.isclose(t, right, rtol=1e-5, atol=1e-5):
        return
    reason = reason_for(t, _mistakes(scores, keep, right), rtol=1e-4, atol=1e-4)
    if not reason and not np.isclose(scores, t, rtol=1e-4, atol=1e-4).any():
        reason = "expected one of the scores."
    share = (scores >= t - 1e-6 * abs(t)).mean()
    raise Wrong(
        f"at {t:.4g}, {100 * share:.1f} % of the scores stay. Expected the highest threshold at "
        f"which at least {100 * keep:.0f} % stay. {reason[:1].upper()}{reason[1:]}".rstrip()
    )


def _mistakes(scores, keep, right):
    n, descending, different = len(scores), np.sort(scores)[::-1], np.unique(scores)[::-1]
    down, rounded, up = int(keep * n), int(round(keep * n)), int(np.ceil(keep * n))
    once = "it counts equal scores once. Each photograph counts."
    from_below = "it loses the share that should stay: quantiles count from the lowest score up."
    position = "it returns a position. Expected the score there."
    return [
        (different[max(int(np.ceil(keep * len(different))) - 1, 0)], once),
        (different[min(max(up - 1, 0), len(different) - 1)], once),
        (np.quantile(scores, 1 - keep),
         "it interpolates between two scores. Expected one of the scores, with at least the share "
         "kept."),
        (np.quantile(scores, keep), from_below),
        *_without_counting(scores, keep),
        (descending[min(down, n - 1)],
         "it is one score too far down, or rounds the wrong way. How many of n scores must stay?"),
        (descending[max(down - 1, 0)],
         "it rounds down the number that must stay, so fewer than the share stay."),
        (descending[max(rounded - 1, 0)],
         "it rounds the number that must stay to the nearest, so fewer than the share may stay."),
        (descending[min(up, n - 1)],
         "it keeps one score more than necessary. Positions start at 0, and a score equal to the "
         "threshold stays."),
        (np.sort(scores)[max(up - 1, 0)],
         "it sorts in ascending order. Count from the highest score down."),
        (scores[int(np.ceil(keep * n - 1e-9)) - 1],
         "it takes the score at that position without sorting first."),
        (sorted(scores, key=abs)[max(up - 1, 0)],
         "it sorts by absolute value. Scores may be positive, too."),
        (scores[n - up], "it reverses the scores. Sort them."),
        (np.quantile(scores, keep, method="lower"), from_below),
        (up - 1, position),
        (np.argsort(-scores)[up - 1], position),
        (-right, "its sign is wrong. Return the score itself."),
        copied_example(-3),
        (np.nextafter(np.float32(right), np.float32(np.inf)),
         "it is just above a score, which it loses. Expected the score itself."),
    ]  # fmt: skip


def _without_counting(scores, keep):
    normal = "it assumes a normal distribution. Count the scores instead."
    tells = "which does not depend on how many scores stay."
    return [
        (scores.mean(), "it returns the mean score, whatever the share."),
        (np.median(scores), "it returns the median, whatever the share."),
        (scores.min(), "it keeps all scores. The threshold can be higher."),
        (scores.max(), "it keeps the highest score only."),
        (keep, "it returns the share. Expected a score."),
        (1 - keep, "it returns a share. Expected a score."),
        (keep * scores.max(), f"it takes a fraction of the highest score, {tells}"),
        (keep * scores.min(), f"it takes a fraction of the lowest score, {tells}"),
        (keep * scores.mean(), f"it takes a fraction of the mean score, {tells}"),
        (scores.min() + (1 - keep) * np.ptp(scores), f"it takes a fraction of the range, {tells}"),
        (scores.mean() - scores.std(), normal),
        (scores.mean() - 1.645 * scores.std(), normal),
        (scores.mean() - norm.ppf(keep) * scores.std(), normal),
    ]
