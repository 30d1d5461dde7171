"""Answers to `checks.contrastive_loss`, chapter 1."""

import numpy as np
import tensorflow as tf
from answers import right, wrong
from keras import ops

import fslkeras


@right("contrastive_loss")
def from_the_formula(y, distances, margin):
    gap = np.maximum(margin - distances, 0)
    return np.mean(y * distances**2 + (1 - y) * gap**2)


@right("contrastive_loss")
def pair_by_pair(y, d, margin):
    total = 0.0
    for label, distance in zip(y, d, strict=True):
        total += distance**2 if label else max(margin - distance, 0) ** 2
    return total / len(y)


@right("contrastive_loss")
def with_where(y, E, m):
    return np.where(y == 1, np.square(E), np.square(np.clip(m - E, 0, None))).mean()


@right("contrastive_loss")
def loss_in_keras(y, d, margin):
    return ops.mean(y * ops.square(d) + (1 - y) * ops.square(ops.relu(margin - d)))


@right("contrastive_loss")
def loss_in_tensorflow(y, d, margin):
    return tf.reduce_mean(y * d**2 + (1 - y) * tf.nn.relu(margin - d) ** 2)


@right("contrastive_loss")
def by_the_package(y, d, margin):
    return fslkeras.losses.ContrastiveLoss(float(margin))(y, d)


@right("contrastive_loss")
def by_masks(y, d, margin):
    same = y == 1
    return ((d[same] ** 2).sum() + (np.clip(margin - d[~same], 0, np.inf) ** 2).sum()) / y.size


@right("contrastive_loss")
def squared_before_the_mask(y, d, margin):
    return np.average(np.where(d < margin, (d - margin) ** 2, 0) * (y == 0) + d * d * y)


@right("contrastive_loss")
def by_dot_products(y, d, margin):
    return (y @ d**2 + (1 - y) @ np.maximum(0, margin - d) ** 2) / len(d)


@right("contrastive_loss")
def gap_by_its_absolute_value(y, d, margin):
    gap = (margin - d + np.abs(margin - d)) / 2
    return np.mean(y * d**2 + (1 - y) * gap**2)


@right("contrastive_loss")
def one_square_for_both(y, d, margin):
    return np.mean(np.where(y.astype(bool), d, np.maximum(margin - d, 0)) ** 2)


@right("contrastive_loss")
def halves_of_twice(y, d, margin):
    return 2 * np.mean(0.5 * y * d**2 + 0.5 * (1 - y) * np.maximum(margin - d, 0) ** 2)


@right("contrastive_loss")
def as_a_list(y, d, margin):
    costs = [
        e * e if same else (margin - e) ** 2 * (e < margin) for same, e in zip(y, d, strict=True)
    ]
    return sum(costs) / len(costs)


@right("contrastive_loss")
def minimum_with_the_margin(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * (margin - np.minimum(d, margin)) ** 2)


@right("contrastive_loss")
def in_single_precision(y, d, margin):
    return float(
        np.mean(y * d**2 + (1 - y) * np.maximum(margin - d, np.float32(0)) ** 2, dtype="float32")
    )


@wrong("contrastive_loss", "labels are exchanged")
def flipped(y, d, margin):
    return from_the_formula(1 - y, d, margin)


@wrong("contrastive_loss", "has no max")
def no_max(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * (margin - d) ** 2)


@wrong("contrastive_loss", "does not square the gap")
def hinge_not_squared(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(margin - d, 0))


@wrong("contrastive_loss", "square the distance")
def distance_not_squared(y, d, margin):
    return np.mean(y * d + (1 - y) * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "neither term is squared")
def nothing_squared(y, d, margin):
    return np.mean(y * d + (1 - y) * np.maximum(margin - d, 0))


@wrong("contrastive_loss", "the sum over the pairs")
def summed(y, d, margin):
    return np.sum(y * d**2 + (1 - y) * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "loss of each pair")
def one_for_each_pair(y, d, margin):
    return y * d**2 + (1 - y) * np.maximum(margin - d, 0) ** 2


@wrong("contrastive_loss", "factors of one half")
def with_halves(y, d, margin):
    return np.mean(0.5 * y * d**2 + 0.5 * (1 - y) * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "a margin of 1")
def margin_fixed(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(1 - d, 0) ** 2)


@wrong("contrastive_loss", "*beyond* the margin")
def other_way_round(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(d - margin, 0) ** 2)


@wrong("contrastive_loss", "E is squared inside the max")
def squared_inside(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(margin - d**2, 0))


@wrong("contrastive_loss", "has no margin")
def no_margin(y, d, margin):
    return np.mean(y * d**2 - (1 - y) * d**2)


@wrong("contrastive_loss", "leaves out the pairs of different classes")
def same_only(y, d, margin):
    return np.mean(y * d**2)


@wrong("contrastive_loss", "stopped with an error, TypeError")
def margin_left_out(y, d):
    return np.mean(y * d**2)


@wrong("contrastive_loss", "np.maximum")
def pythons_max(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * max(margin - d, 0) ** 2)


@wrong("contrastive_loss", "answers the example")
def the_example(y, d, margin):
    return 0.34


@wrong("contrastive_loss", "but it returns 3")
def constant(y, d, margin):
    return 3.0


@wrong("contrastive_loss", "`return` inside the loop")
def returned_within_the_loop(y, d, margin):
    total = 0.0
    for label, distance in zip(y, d, strict=True):
        total += distance**2 if label else max(margin - distance, 0) ** 2
        return total / len(y)


@wrong("contrastive_loss", "overwritten")
def total_overwritten(y, d, margin):
    for label, distance in zip(y, d, strict=True):
        total = distance**2 if label else max(margin - distance, 0) ** 2
    return total / len(y)


@wrong("contrastive_loss", "range(n) ends at n - 1")
def last_pair_forgotten(y, d, margin):
    costs = [d[i] ** 2 if y[i] else max(margin - d[i], 0) ** 2 for i in range(len(y) - 1)]
    return sum(costs) / len(y)


@wrong("contrastive_loss", "pairs of each kind")
def mean_of_two_means(y, d, margin):
    return (np.mean(d[y == 1] ** 2) + np.mean(np.maximum(margin - d[y == 0], 0) ** 2)) / 2


@wrong("contrastive_loss", "pairs of each kind")
def sum_of_two_means(y, d, margin):
    return np.mean(d[y == 1] ** 2) + np.mean(np.maximum(margin - d[y == 0], 0) ** 2)


@wrong("contrastive_loss", "needs parentheses")
def parentheses_forgotten(y, d, margin):
    return np.mean(y * d**2 + 1 - y * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "what a same-class pair costs")
def one_question_for_all_pairs(y, d, margin):
    return np.mean(d**2 if y.any() else np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "squares the mean")
def mean_squared(y, d, margin):
    return np.mean(y * d + (1 - y) * np.maximum(margin - d, 0)) ** 2


@wrong("contrastive_loss", "squared error")
def squared_error(y, d, margin):
    return np.mean((y - d) ** 2)


def _in_order(n_same, d, margin):
    return np.append(d[:n_same] ** 2, np.maximum(margin - d[n_same:], 0) ** 2)


@wrong("contrastive_loss", "takes the first pairs")
def same_first(y, d, margin):
    return _in_order(int(y.sum()), d, margin).mean()


@wrong("contrastive_loss", "takes the first pairs")
def first_half_same(y, d, margin):
    costs = _in_order(len(d) // 2, d, margin)
    return (costs[: len(d) // 2].mean() + costs[len(d) // 2 :].mean()) / 2


@wrong("contrastive_loss", "every second pair")
def same_in_turn(y, d, margin):
    return from_the_formula(np.arange(1, len(d) + 1) % 2, d, margin)


@wrong("contrastive_loss", "inside the margin for those of the same class")
def near_for_same(y, d, margin):
    return from_the_formula((d < margin).astype(int), d, margin)


@wrong("contrastive_loss", "for random pairs")
def triplets(y, d, margin):
    return max(margin + d[y == 1].mean() - d[y == 0].mean(), 0)


def _with_terms(of_same, of_apart):
    """The mean over all pairs of two terms, functions of the distance E and the margin m."""
    return lambda y, d, margin: np.mean(y * of_same(d, margin) + (1 - y) * of_apart(d, margin))


def _same(E, m):
    return E**2


def _apart(E, m):
    return np.maximum(m - E, 0) ** 2


def _sigmoid(E):
    return 1 / (1 + np.exp(-E))


for because, of_same, of_apart in (
    ("one number for all pairs", _same, lambda E, m: np.max(m - E, 0) ** 2),
    ("one number for all pairs", _same, lambda E, m: max(np.max(m - E), 0)),
    ("*beyond* the margin", _same, lambda E, m: np.minimum(m - E, 0) ** 2),
    ("*beyond* the margin", _same, lambda E, m: np.abs(np.minimum(m - E, 0))),
    ("margin and E are squared first", _same, lambda E, m: np.maximum(m**2 - E**2, 0)),
    ("margin and E are squared first", _same, lambda E, m: np.maximum(m**2 - E**2, 0) ** 2),
    ("E is squared inside the max", _same, lambda E, m: np.maximum(m - E**2, 0) ** 2),
    ("larger of margin and distance", _same, lambda E, m: np.maximum(m, E) ** 2),
    ("has no max", _same, lambda E, m: np.maximum((m - E) ** 2, 0)),
    ("not its absolute value", _same, lambda E, m: np.abs(m - E)),
    ("however far apart", _same, lambda E, m: m**2),
    ("here each costs 1", _same, lambda E, m: E < m),
    ("must cost *more*", _same, lambda E, m: (E < m) * E**2),
    ("doubles the gap", _same, lambda E, m: 2 * np.maximum(m - E, 0)),
    ("doubles the distance", lambda E, m: 2 * E, _apart),
    ("the root of the distance", lambda E, m: np.sqrt(E), _apart),
    ("`**2`, not `*2`", lambda E, m: 2 * E, lambda E, m: 2 * np.maximum(m - E, 0)),
    ("difference from the margin", lambda E, m: (E - m) ** 2, _apart),
    ("costs E², whatever the margin", _apart, lambda E, m: np.maximum(E - m, 0) ** 2),
    ("costs E², whatever the margin", lambda E, m: np.maximum(E - m, 0) ** 2, _apart),
    ("one half in one of the terms", lambda E, m: E**2 / 2, _apart),
    ("one half in one of the terms", _same, lambda E, m: np.maximum(m - E, 0) ** 2 / 2),
    ("subtracted", _same, lambda E, m: -(np.maximum(m - E, 0) ** 2)),
    ("cubed", _same, lambda E, m: np.maximum(m - E, 0) ** 3),
    ("a margin of its own", _same, lambda E, m: np.maximum(0.5 - E, 0) ** 2),
    ("leaves out the pairs of the same class", lambda E, m: 0, _apart),
    ("costs nothing beyond", lambda E, m: (m >= E) * E**2, _apart),
    ("costs no more beyond", lambda E, m: np.minimum(E, m) ** 2, _apart),
    ("what a same-class pair costs", _same, _same),
    ("what a different-class pair costs", _apart, _apart),
    ("a sigmoid around", lambda E, m: _sigmoid(E) ** 2, lambda E, m: _apart(_sigmoid(E), m)),
    ("divides the distances", lambda E, m: (E / m) ** 2, lambda E, m: _apart(E / m, 1)),
    ("right loss divided by the margin", lambda E, m: E**2 / m, lambda E, m: _apart(E, m) / m),
    ("both terms are cubed", lambda E, m: E**3, lambda E, m: np.maximum(m - E, 0) ** 3),
    ("the gap must be 0, not 1", _same, lambda E, m: np.maximum(m - E, 1) ** 2),
    ("added to the margin", _same, lambda E, m: (m + E) ** 2),
):
    wrong("contrastive_loss", because)(_with_terms(of_same, of_apart))

for because, of_costs in (
    ("pairs of the same class only", lambda y, costs: costs[y == 1].mean()),
    ("pairs of different classes only", lambda y, costs: costs[y == 0].mean()),
    ("`break` ends a loop", lambda y, costs: costs[: (costs == 0).argmax()].sum() / len(costs)),
    ("median", lambda y, costs: np.median(costs)),
    ("largest loss", lambda y, costs: costs.max()),
    ("root of the loss", lambda y, costs: np.sqrt(costs.mean())),
    ("number of same-class pairs", lambda y, costs: costs.sum() / y.sum()),
    ("number of different-class pairs", lambda y, costs: costs.sum() / (1 - y).sum()),
    ("one pair too few", lambda y, costs: costs.sum() / (len(costs) - 1)),
    ("wrong sign", lambda y, costs: -costs.mean()),
    ("first pair only", lambda y, costs: costs[0]),
    ("first pair is not counted", lambda y, costs: costs[1:].sum() / len(costs)),
    ("the sum over the pairs", lambda y, costs: sum(costs)),
    ("divides by 2", lambda y, costs: costs.sum() / 2),
    ("only two pairs", lambda y, costs: costs[:2].mean()),
    ("leaves out the pairs that cost nothing", lambda y, costs: costs[costs > 0].mean()),
    ("an axis too many", lambda y, costs: costs.mean(keepdims=True)),
):
    wrong("contrastive_loss", because)(
        lambda y, d, margin, of=of_costs: of(y, one_for_each_pair(y, d, margin))
    )
