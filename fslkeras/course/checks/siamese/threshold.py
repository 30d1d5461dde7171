"""Chapter 1: the threshold below which a pair is called the same."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "Which thresholds are worth trying? Between two neighboring distances nothing changes, so the distances themselves are enough.",
        "For a threshold t, `distances <= t` is the answer, and `((distances <= t) == same).mean()` is its accuracy.",
        "Compute that accuracy for every t in distances, and return the t at which it is highest (np.argmax).",
    ),
    solution="""accuracies = [((distances <= t) == same).mean() for t in distances]
return distances[np.argmax(accuracies)]""",
)
def threshold(answer):
    """Checks a function from distances (B,) and labels (B,) to the threshold of the highest accuracy."""
    rng = np.random.default_rng(0)
    for n_same, n_apart, spread in ((120, 80, 1.0), (60, 140, 4.0)):
        same = np.repeat([1.0, 0.0], (n_same, n_apart)).astype("float32")
        d = np.concatenate([rng.gamma(2, 0.4, n_same), 1.5 + rng.gamma(2, 0.8, n_apart)]).astype("float32") * spread
        order = rng.permutation(len(d))
        d, same = d[order], same[order]
        t = call(answer, d, same)
        if t.shape != ():
            raise Wrong(f"expected one threshold, and it returns an array of shape {t.shape}.")
        if not np.isfinite(t):
            raise Wrong(f"expected a distance, and it returns {t}. Are all thresholds that it tries real distances?")
        _judge(float(t), d, same)
    return "Chosen on validation pairs, it may be asked about test pairs: a threshold is learned, like a weight."


def _judge(t, d, same):
    reached, accuracies = _accuracy(t, d, same), np.array([_accuracy(other, d, same) for other in d])
    if reached >= accuracies.max() - 1e-6:
        return
    reason = reason_for(t, _mistakes(d, same, accuracies), rtol=1e-4, atol=1e-8)
    if not reason and reached <= accuracies.min() + 0.02:
        reason = "that is about the worst there is. A pair is called the same where its distance is *small*."
    raise Wrong(
        f"at {t:.3g}, {100 * reached:.1f} % of the pairs are answered right, and {100 * accuracies.max():.1f} % can be."
        f"{' ' if reason else ''}{reason[:1].upper()}{reason[1:]}"
    )


def _accuracy(t, d, same):
    return max(((d <= t) == same).mean(), ((d < t) == same).mean())


def _mistakes(d, same, accuracies):
    near, far = d[same == 1], d[same == 0]
    odd_pair, scale = "so that a single odd pair decides.", "whatever the distances. They have a scale of their own."
    return [
        (accuracies.max(), "it returns the best accuracy. Expected the threshold at which it is reached."),
        (accuracies.argmax(), "it returns the position of the best threshold. Expected the distance at that position."),
        ((near.mean() + far.mean()) / 2,
         "it returns the middle between the two mean distances. The spreads differ, so the best threshold lies elsewhere."),
        (d.mean(), "it returns the mean distance. Try each distance as a threshold, and keep the best."),
        (np.median(d),
         "it returns the median distance, which is best only if half of the pairs are the same and all are right."),
        (near.max(), f"it returns the largest distance of a pair of the same class, {odd_pair}"),
        (far.min(), f"it returns the smallest distance of a pair of two classes, {odd_pair}"),
        (0.5, f"it returns 0.5, {scale}"),
        (1.0, f"it returns 1, {scale}"),
    ]  # fmt: skip
