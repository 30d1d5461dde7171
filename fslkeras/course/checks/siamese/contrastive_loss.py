"""Chapter 1: the contrastive loss."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import compare
from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.mistakes import RETURNS_TOO_SOON, copied_example


@exercise(
    hints=(
        "The loss of each pair first: `y * distances**2` is the first term. It is zero for pairs from two classes by itself.",
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
        compare(
            got,
            costs.mean(),
            [*_wrong_terms(y, d, margin), *_wrong_means(y, costs)],
            places="pairs",
        )
    return "Two terms, one label that chooses between them, and a margin beyond which nothing is left to learn."


def _wrong_terms(same, d, margin):
    """Wrong costs of a pair, by their means."""
    apart, gap = 1 - same, np.maximum(margin - d, 0)
    wrong = [
        (apart * d**2 + same * gap**2,
         "the labels are exchanged: y = 1 is a pair of the *same* class, and costs E²."),
        (same * d + apart * gap**2, "it forgets to square the distance of pairs of the same class."),
        (same * d + apart * gap, "both terms lack their square."),
        (2 * same * d + apart * gap**2, "it doubles the distance of pairs of the same class. Square it."),
        (same * np.sqrt(d) + apart * gap**2, "it takes the root of the distance. Square it."),
        (same * np.maximum(margin - d, 0) ** 2 + apart * np.maximum(d - margin, 0) ** 2,
         "a pair of the same class costs E², whatever the margin."),
        (same * np.maximum(d - margin, 0) ** 2 + apart * gap**2,
         "a pair of the same class costs E², whatever the margin: here it costs nothing inside."),
        (same * d**2 / 2 + apart * gap**2, "it has a half at one of the terms. Here the loss is without."),
        ((same * d) ** 2 - (apart * gap) ** 2, "the second term is subtracted. Both terms are costs: add them."),
        (same * d**2, "it leaves out the pairs from two classes. Then the best network maps every image to one point."),
        (apart * gap**2, "it leaves out the pairs of the same class."),
        (d**2 + gap**2, "both terms count for every pair. `y` and `1 - y` choose one of them."),
        (same * d**2 - apart * d**2, "it forgets the margin: pairs from two classes are pushed apart without end."),
        *((same * d**2 + apart * cost, reason) for cost, reason in _wrong_gaps(d, margin)),
    ]  # fmt: skip
    return [(costs.mean(), reason) for costs, reason in wrong]


def _wrong_gaps(d, margin):
    """Wrong costs of a pair from two classes."""
    gap, beyond = (
        np.maximum(margin - d, 0),
        "pairs from two classes cost something *beyond* the margin.",
    )
    beyond += " Is it a minimum, or a difference the wrong way round?"
    largest = "np.max gives the largest of all numbers, one for all pairs. np.maximum compares each number with 0."
    squares = (
        "The order matters: first what is missing to the margin, at least 0, and then its square."
    )
    return [
        ((margin - d) ** 2,
         "it forgets the max: a pair from two classes beyond the margin must cost nothing."),
        (gap, "it forgets to square what is missing to the margin."),
        (np.maximum(1 - d, 0) ** 2, "it uses a margin of 1, whatever it is given. `margin` is an argument."),
        (np.maximum(d - margin, 0) ** 2, beyond),
        (np.maximum(d - margin, 0), beyond),
        (np.maximum(margin - d**2, 0), f"{squares} Here E is squared inside the max."),
        (np.maximum(margin - d**2, 0) ** 2, f"{squares} Here E is squared inside the max, too."),
        (np.maximum(margin**2 - d**2, 0), f"{squares} Here margin and distance are squared first."),
        (np.maximum(margin**2 - d**2, 0) ** 2, f"{squares} Here margin and distance are squared first."),
        (np.max(margin - d) ** 2, largest),
        (max((margin - d).max(), 0), largest),
        (np.maximum(margin, d) ** 2,
         "the larger of margin and distance is no gap. What is missing to the margin?"),
        (np.abs(margin - d), "the gap must be 0 beyond the margin, not its absolute value."),
        (margin**2, "each pair from two classes costs the same, however far apart it is."),
        ((d < margin), "a pair inside the margin costs more the closer it is; here it costs 1."),
        ((d < margin) * d**2, "a pair from two classes inside the margin costs more the *closer* it is."),
        (2 * gap, "it doubles what is missing to the margin. Square it."),
        (gap**2 / 2, "it has a half at one of the terms. Here the loss is without."),
        (gap**3, "what is missing to the margin is cubed. Square it."),
        (np.maximum(0.5 - d, 0) ** 2,
         "it uses a margin of its own, whatever it is given. `margin` is an argument."),
    ]  # fmt: skip


def _wrong_means(same, costs):
    """What is not the mean of the right costs."""
    groups = "is it the mean over the pairs of each kind, added up or averaged? Expected one mean over all pairs."
    of_same, of_apart = costs[same == 1].mean(), costs[same == 0].mean()
    return [
        ((of_same + of_apart) / 2, groups),
        (of_same + of_apart, groups),
        (costs[0], f"it returns the loss of the first pair alone. {RETURNS_TOO_SOON}"),
        (costs[0] / len(costs), f"only the first pair is counted. {RETURNS_TOO_SOON}"),
        (costs[-1], "it returns the loss of the last pair alone. Is the total overwritten, not added to?"),
        (costs[-1] / len(costs), "only the last pair is counted. Is the total overwritten, not added to?"),
        (costs[:-1].sum() / len(costs), "the last pair is not counted: range(n) ends at n - 1."),
        (costs[1:].sum() / len(costs), "the first pair is not counted."),
        (costs[:-1].mean(), "the last pair is not counted: range(n) ends at n - 1."),
        (np.median(costs), "it returns the median over the pairs. Expected their mean."),
        (costs.max(), "it returns the largest loss. Expected the mean over all pairs."),
        (costs.sum() / (len(costs) - 1), "it divides by one pair too few."),
        (costs.sum() / (1 - same).sum(),
         "it divides by the number of pairs from two classes. Divide by the number of all pairs."),
        (2 * costs.mean(), "it is twice the mean over all pairs."),
        (-costs.mean(), "it is the mean with the wrong sign: a loss is at least 0."),
        (costs.sum(), "it returns the sum over the pairs. Expected their mean."),
        (costs, "it returns the loss of each pair. Expected the mean over all of them."),
        (costs.mean() / 2, "it has halves. Some papers write them; here the loss is without."),
        (np.sqrt(costs.mean()), "it returns the root of the loss."),
        (costs.sum() / same.sum(),
         "it divides by the number of pairs of the same class. Divide by the number of all pairs."),
        copied_example(0.34),
    ]  # fmt: skip
