"""Chapter 1: the contrastive loss."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import compare
from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.mistakes import copied_example


@exercise(
    hints=(
        "The loss of each pair first: `y * distances**2` is the first term. It is zero for pairs of two classes by itself.",
        "np.maximum(margin - distances, 0) is zero beyond the margin. Square it, and multiply by 1 - y.",
        "Add the two terms, and return the mean over all pairs.",
    ),
    solution="""gap = np.maximum(margin - distances, 0)
return np.mean(y * distances**2 + (1 - y) * gap**2)""",
)
def contrastive_loss(answer):
    """Checks a function from labels (B,), distances (B,) and a margin to the mean contrastive loss."""
    rng = np.random.default_rng(0)
    for margin in (1.5, 0.6):
        y = np.array([1, 0, 1, 0, 0, 1, 0], "float32")
        d = rng.uniform(0, 2, len(y)).astype("float32")
        d[3], d[4] = 0.2, 2.5  # one pair well inside the margin, one far beyond
        costs = y * d**2 + (1 - y) * np.maximum(margin - d, 0) ** 2
        got = call(answer, y, d, np.float32(margin))
        compare(got, costs.mean(), [*_wrong_terms(y, d, margin), *_wrong_means(y, costs)], places="pairs")
    return "Two terms, one label that chooses between them, and a margin beyond which nothing is left to learn."


def _wrong_terms(same, d, margin):
    """Wrong costs of a pair, by their means."""
    apart, gap = 1 - same, np.maximum(margin - d, 0)
    wrong = [
        (apart * d**2 + same * gap**2,
         "the labels are exchanged: y = 1 is a pair of the *same* class, and costs E²."),
        (same * d**2 + apart * (margin - d) ** 2,
         "it forgets the max: pairs of two classes beyond the margin are to cost nothing."),
        (same * d**2 + apart * gap, "it forgets to square what is missing to the margin."),
        (same * d + apart * gap**2, "it forgets to square the distance of pairs of the same class."),
        (same * d + apart * gap, "both terms lack their square."),
        (same * d**2 + apart * np.maximum(1 - d, 0) ** 2,
         "it uses a margin of 1, whatever it is given. `margin` is an argument."),
        (same * d**2 + apart * np.maximum(d - margin, 0) ** 2,
         "inside the max is the distance minus the margin. What is missing to the margin is margin - distance."),
        (same * d**2 + apart * np.maximum(margin - d**2, 0),
         "the distance is squared inside the max: expected max(margin - E, 0)², and it is max(margin - E², 0)."),
        (same * d**2, "it leaves out the pairs of two classes. Then the best network maps every image to one point."),
        (apart * gap**2, "it leaves out the pairs of the same class."),
        (d**2 + gap**2, "both terms count for every pair. `y` and `1 - y` choose one of them."),
        (same * d**2 - apart * d**2, "it forgets the margin: pairs of two classes are pushed apart without end."),
    ]  # fmt: skip
    return [(costs.mean(), reason) for costs, reason in wrong]


def _wrong_means(same, costs):
    """What is not the mean of the right costs."""
    return [
        (costs.sum(), "it returns the sum over the pairs. Expected their mean."),
        (costs, "it returns the loss of each pair. Expected the mean over all of them."),
        (costs.mean() / 2, "it has halves. Some papers write them; here the loss is without."),
        (np.sqrt(costs.mean()), "it returns the root of the loss."),
        (costs.sum() / same.sum(),
         "it divides by the number of pairs of the same class. Divide by the number of all pairs."),
        copied_example(0.34),
    ]  # fmt: skip
