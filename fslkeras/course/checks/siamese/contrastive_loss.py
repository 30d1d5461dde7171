"""Chapter 1: the contrastive loss."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import compare
from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.mistakes import RETURNS_TOO_SOON, copied_example


@exercise(
    hints=(
        "Start with the loss of each pair. `y * distances**2` is the first term: it is already "
        "zero for pairs of different classes.",
        "np.maximum(margin - distances, 0) is zero beyond the margin. Square it, and multiply by "
        "1 - y.",
        "Add the two terms, and return the mean over all pairs.",
    ),
    solution="""gap = np.maximum(margin - distances, 0)
return np.mean(y * distances**2 + (1 - y) * gap**2)""",
)
def contrastive_loss(answer):
    """Checks a function from labels (B,), distances (B,) and a margin to the mean loss."""
    rng = np.random.default_rng(424)  # with it, no two mistakes give the same first loss
    for margin in (1.5, 0.6):
        y = np.array([1, 0, 1, 0, 0, 1, 0, 0, 0], "float32")
        d = rng.uniform(0.3, 1.4, len(y)).astype("float32")
        # A same-class pair beyond the margin; of the others, one well inside and two beyond.
        d[[2, 3, 4, 6]] = 1.9, 0.2, 2.5, 1.7
        costs = y * d**2 + (1 - y) * np.maximum(margin - d, 0) ** 2
        got = call(answer, y, d, np.float32(margin))
        mistakes = [*_wrong_terms(y, d, margin), *_wrong_means(y, costs)]
        compare(got, costs.mean(), mistakes, places="pairs")
    return "The label chooses one of the two terms, and pairs beyond the margin cost nothing."


def _wrong_terms(same, d, margin):
    """Means of wrong losses per pair."""
    apart, gap = 1 - same, np.maximum(margin - d, 0)
    sigmoid, kind = 1 / (1 + np.exp(-d)), "`y` says for each pair which one it is."
    wrong = [
        (apart * d**2 + same * gap**2,
         "the labels are exchanged: y = 1 is a pair of the *same* class, and costs E²."),
        *_wrong_same_class(same, d, margin),
        (d**2, f"every pair costs what a same-class pair costs. {kind}"),
        (gap**2, f"every pair costs what a different-class pair costs. {kind}"),
        (same * d**2 + 1 - same * gap**2,
         "`1 - y` needs parentheses: Python multiplies before it subtracts."),
        (same * sigmoid**2 + apart * np.maximum(margin - sigmoid, 0) ** 2,
         "it puts a sigmoid around the distance. E is the distance itself."),
        (same * (d / margin) ** 2 + apart * np.maximum(1 - d / margin, 0) ** 2,
         "it divides the distances by the margin. The margin only limits the second term."),
        (same * d**3 + apart * gap**3, "both terms are cubed. Square them."),
        (2 * (same * d + apart * gap), "both terms are doubled. Square them: `**2`, not `*2`."),
        (np.where(d < margin, d**2, gap**2),
         f"it takes the pairs inside the margin for those of the same class. {kind}"),
        ((same * d**2 + apart * gap**2) / margin,
         "it is the right loss divided by the margin. The margin only limits the second term."),
        ((same - d) ** 2, "it is the squared error of the distance as a prediction of `y`."),
        (same * d**2 / 2 + apart * gap**2, _HALF),
        ((same * d) ** 2 - (apart * gap) ** 2,
         "the second term is subtracted. Both terms are costs: add them."),
        (same * d**2, "it leaves out the pairs of different classes. Then the best network maps "
         "every image to one point."),
        (apart * gap**2, "it leaves out the pairs of the same class."),
        (d**2 + gap**2, "both terms count for every pair. `y` and `1 - y` choose one of them."),
        (same * d**2 - apart * d**2,
         "it has no margin: pairs of different classes are pushed apart without end."),
        *((same * d**2 + apart * cost, reason) for cost, reason in _wrong_gaps(d, margin)),
    ]  # fmt: skip
    return [(costs.mean(), reason) for costs, reason in wrong] + [
        (np.mean(same * d + apart * gap) ** 2,
         "it squares the mean. Square each pair's term first, then average."),
        *_by_position(same, d, gap),
    ]  # fmt: skip


def _by_position(same, d, gap):
    """Means of the losses if a pair's position, not its label, says which kind it is."""
    in_order = "it takes the first pairs for those of the same class. `y` says which they are."
    in_turn = "it takes every second pair for one of the same class. `y` says which they are."
    return [
        (np.where(np.arange(len(d)) % 2 == 0, d**2, gap**2).mean(), in_turn),
        *((value, in_order) for n in {len(d) // 2, int(same.sum())} for value in (
            np.append(d[:n] ** 2, gap[n:] ** 2).mean(),
            np.mean(d[:n] ** 2) + np.mean(gap[n:] ** 2),
            (np.mean(d[:n] ** 2) + np.mean(gap[n:] ** 2)) / 2,
        )),
    ]  # fmt: skip


def _wrong_same_class(same, d, margin):
    """Losses per pair, wrong for pairs of the same class."""
    apart, gap = 1 - same, np.maximum(margin - d, 0)
    no_margin = "a pair of the same class costs E², whatever the margin"
    return [
        (same * d + apart * gap**2, "it does not square the distance of same-class pairs."),
        (same * d + apart * gap, "neither term is squared."),
        (2 * same * d + apart * gap**2,
         "it doubles the distance of same-class pairs. Square it."),
        (same * np.sqrt(d) + apart * gap**2, "it takes the root of the distance. Square it."),
        (same * np.maximum(margin - d, 0) ** 2 + apart * np.maximum(d - margin, 0) ** 2,
         f"{no_margin}."),
        (same * (margin - d) ** 2 + apart * gap**2,
         f"{no_margin}. Here it costs the square of the difference from the margin."),
        (same * np.maximum(d - margin, 0) ** 2 + apart * gap**2,
         f"{no_margin}. Here it costs nothing inside."),
        (same * (d <= margin) * d**2 + apart * gap**2,
         f"{no_margin}. Here it costs nothing beyond."),
        (same * np.minimum(d, margin) ** 2 + apart * gap**2,
         f"{no_margin}. Here it costs no more beyond."),
    ]  # fmt: skip


_HALF = "it has a factor of one half in one of the terms. Here the loss has none."


def _wrong_gaps(d, margin):
    """Wrong losses of a pair of different classes."""
    gap = np.maximum(margin - d, 0)
    beyond = (
        "pairs of different classes cost something *beyond* the margin. Did you use a minimum, or "
        "swap the difference?"
    )
    largest = (
        "it uses one number for all pairs, the largest, as np.max returns it. np.maximum compares "
        "each number with 0."
    )
    order = "The order matters: subtract from the margin, cut off at 0, then square."
    no_argument = "whatever it is given. `margin` is an argument."
    return [
        ((margin - d) ** 2, "it has no max: beyond the margin, a pair of different classes must "
         "cost nothing."),
        (gap, "it does not square the gap, max(margin - E, 0)."),
        (np.maximum(1 - d, 0) ** 2, f"it uses a margin of 1, {no_argument}"),
        (np.maximum(d - margin, 0) ** 2, beyond),
        (np.maximum(d - margin, 0), beyond),
        (np.maximum(margin - d**2, 0), f"{order} Here E is squared inside the max."),
        (np.maximum(margin - d**2, 0) ** 2, f"{order} Here E is squared inside the max, too."),
        (np.maximum(margin**2 - d**2, 0), f"{order} Here margin and E are squared first."),
        (np.maximum(margin**2 - d**2, 0) ** 2, f"{order} Here margin and E are squared first."),
        (np.max(margin - d) ** 2, largest),
        (max((margin - d).max(), 0), largest),
        (np.maximum(margin, d) ** 2,
         "it takes the larger of margin and distance. Expected the gap: margin minus E, or 0."),
        (np.abs(margin - d), "beyond the margin, the gap must be 0, not its absolute value."),
        (margin**2, "each pair of different classes costs the same, however far apart it is."),
        ((d < margin), "inside the margin, a closer pair must cost more. Here each costs 1."),
        ((d < margin) * d**2, "inside the margin, a closer pair of different classes must cost "
         "*more*."),
        (2 * gap, "it doubles the gap. Square it."),
        (gap**2 / 2, _HALF),
        (gap**3, "the gap is cubed. Square it."),
        (np.maximum(margin - d, 1) ** 2, "beyond the margin, the gap must be 0, not 1."),
        ((margin + d) ** 2, "the distance is added to the margin. Subtract it."),
        (np.maximum(0.5 - d, 0) ** 2, f"it uses a margin of its own, {no_argument}"),
    ]  # fmt: skip


def _wrong_means(same, costs):
    """What is not the mean of the right losses."""
    groups = "it averages the pairs of each kind separately. Expected one mean over all pairs."
    overwritten = "Is the total overwritten instead of added to?"
    range_end = "the last pair is not counted: range(n) ends at n - 1."
    divide = "Divide by the number of all pairs."
    of_same, of_apart = costs[same == 1].mean(), costs[same == 0].mean()
    return [
        ((of_same + of_apart) / 2, groups),
        (of_same + of_apart, groups),
        (of_same, "it averages over the pairs of the same class only."),
        (of_apart, "it averages over the pairs of different classes only."),
        (costs[: (costs == 0).argmax()].sum() / len(costs),
         "it stops at the first pair beyond the margin: `break` ends a loop, `continue` does not."),
        (costs[0], f"it returns the loss of the first pair only. {RETURNS_TOO_SOON}"),
        (costs[0] / len(costs), f"only the first pair is counted. {RETURNS_TOO_SOON}"),
        (costs[-1], f"it returns the loss of the last pair only. {overwritten}"),
        (costs[-1] / len(costs), f"only the last pair is counted. {overwritten}"),
        (costs[:-1].sum() / len(costs), range_end),
        (costs[1:].sum() / len(costs), "the first pair is not counted."),
        (costs[:-1].mean(), range_end),
        (np.median(costs), "it returns the median over the pairs. Expected their mean."),
        (costs.max(), "it returns the largest loss. Expected the mean over all pairs."),
        (costs.sum() / (len(costs) - 1), "it divides by one pair too few."),
        (costs.sum() / 2, "it divides by 2, the number of pairs in the example."),
        (costs[:2].mean(), "it counts only two pairs, as many as the example has."),
        (costs[costs > 0].mean(), "it leaves out the pairs that cost nothing. They count, too."),
        (costs.sum() / (1 - same).sum(),
         f"it divides by the number of different-class pairs. {divide}"),
        (2 * costs.mean(), "it is twice the mean over all pairs."),
        (-costs.mean(), "it is the mean with the wrong sign: a loss is at least 0."),
        (costs.sum(), "it returns the sum over the pairs. Expected their mean."),
        (costs, "it returns the loss of each pair. Expected the mean over all of them."),
        (costs.mean() / 2, "it has factors of one half. Some papers have them; here the loss has "
         "none."),
        (np.sqrt(costs.mean()), "it returns the root of the loss."),
        (costs.sum() / same.sum(), f"it divides by the number of same-class pairs. {divide}"),
        copied_example(0.34),
    ]  # fmt: skip
