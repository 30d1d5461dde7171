"""Answers to `checks.accuracy`, chapter 2."""

import numpy as np
import tensorflow as tf
from answers import WRONG, right, wrong
from keras import ops
from sklearn.metrics import balanced_accuracy_score, precision_score

import fslkeras


@right("accuracy")
def highest_and_right(scores, labels):
    highest = scores == scores.max(axis=-1, keepdims=True)
    correct = (highest * labels).sum(axis=-1) / np.maximum(highest.sum(axis=-1), 1)
    return correct.mean()


@right("accuracy")
def query_by_query(scores, labels):
    points = 0.0
    for s, y in zip(scores, labels, strict=True):
        if np.isnan(s).any():
            continue
        best = np.flatnonzero(s == s.max())
        if y.argmax() in best:
            points += 1 / len(best)
    return points / len(scores)


@right("accuracy")
def against_the_true_score(scores, labels):
    true = scores[labels == 1][:, None]
    others_are_lower = (scores <= true).all(axis=1)  # False where a score is NaN
    equal = (scores == true).sum(axis=1)
    return float(np.mean(np.where(others_are_lower, 1 / np.maximum(equal, 1), 0)))


@right("accuracy")
def nan_queries_first(scores, labels):
    broken = np.isnan(scores).any(axis=1)
    safe = np.where(broken[:, None], 0.0, scores)
    best = safe == safe.max(axis=1)[:, None]
    return np.where(broken, 0, (best * labels).sum(1) / best.sum(1)).mean()


@right("accuracy")
def sorted_scores(scores, labels):
    total = 0
    for row, true in zip(scores.tolist(), labels.argmax(1).tolist(), strict=True):
        if any(value != value for value in row):
            continue
        if row[true] == sorted(row)[-1]:
            total += 1 / row.count(row[true])
    return total / len(scores)


@right("accuracy")
def nearly_equal_up_to_rounding(scores, labels):
    best = np.isclose(scores, scores.max(axis=-1, keepdims=True))
    return ((best & (labels == 1)).any(1) / np.maximum(best.sum(1), 1)).mean()


@right("accuracy")
def a_fraction_for_each_query(scores, labels):
    highest = scores >= np.max(scores, axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        fractions = highest / highest.sum(axis=1, keepdims=True)
    return np.nan_to_num((fractions * labels).sum(axis=1)).mean()


@right("accuracy")
def sum_over_size(scores, labels):
    highest = np.equal(scores, np.amax(scores, axis=1).reshape(-1, 1)).astype(int)
    m = np.where(highest.sum(axis=1) == 0, 1, highest.sum(axis=1))
    return sum((highest * labels).sum(axis=1) / m) / labels.shape[0]


@right("accuracy")
def accuracy_in_tensorflow(scores, labels):
    broken = tf.reduce_any(tf.math.is_nan(scores), axis=1)
    best = tf.cast(tf.equal(scores, tf.reduce_max(scores, axis=1, keepdims=True)), tf.float32)
    points = tf.math.divide_no_nan(tf.reduce_sum(best * labels, 1), tf.reduce_sum(best, 1))
    return tf.reduce_mean(tf.where(broken, 0.0, points))


@right("accuracy")
def by_the_metric_of_keras(scores, labels):
    metric = fslkeras.metrics.EpisodeAccuracy()
    metric.update_state(labels, scores)
    return metric.result()


@right("accuracy")
def as_an_array_of_one_number(scores, labels):
    return np.array(highest_and_right(scores, labels))


@right("accuracy")
def accuracy_in_keras(scores, labels):
    best = ops.cast(ops.equal(scores, ops.max(scores, axis=-1, keepdims=True)), "float32")
    return ops.mean(ops.sum(best * labels, -1) / ops.maximum(ops.sum(best, -1), 1.0))


@right("accuracy")
def by_the_package(scores, labels):
    return ops.mean(fslkeras.metrics.episode_accuracy(labels, scores))


@right("accuracy")
def rounded(scores, labels):
    return round(query_by_query(scores, labels), 3)


@right("accuracy")
def in_half_precision(scores, labels):
    return highest_and_right(scores, labels).astype("float16")


@wrong("accuracy", "divides by the number of classes")
def as_found(scores, labels):
    right = scores.argmax(axis=-1) == labels.argmax(axis=-1)
    return right.sum() / scores.shape[-1]


@wrong("accuracy", "argmax picks the first")
def divisor_mended(scores, labels):
    right = scores.argmax(axis=-1) == labels.argmax(axis=-1)
    return right.sum() / len(scores)


@wrong("accuracy", "number of correct answers")
def counted(scores, labels):
    return (scores.argmax(axis=-1) == labels.argmax(axis=-1)).sum()


@wrong("accuracy", "percentage")
def as_a_percentage(scores, labels):
    return 100 * query_by_query(scores, labels)


@wrong("accuracy", "fraction of *wrong* answers")
def error_rate(scores, labels):
    return (scores.argmax(axis=-1) != labels.argmax(axis=-1)).mean()


@wrong("accuracy", "entries in all one-hot rows")
def mean_of_all_entries(scores, labels):
    return ((scores == scores.max(axis=-1, keepdims=True)) * labels).mean()


@wrong("accuracy", "zeros of the one-hot rows")
def entries_compared(scores, labels):
    return (np.eye(scores.shape[1])[scores.argmax(axis=1)] == labels).mean()


@wrong("accuracy", "every tie as right")
def ties_are_right(scores, labels):
    return ((scores >= scores.max(axis=-1, keepdims=True)) * labels).sum(axis=-1).mean()


@wrong("accuracy", "every tie as wrong")
def ties_are_wrong(scores, labels):
    highest = scores == scores.max(axis=-1, keepdims=True)
    return ((highest * labels).sum(-1) * (highest.sum(-1) == 1)).mean()


@wrong("accuracy", "1/N for every tie")
def ties_are_chance(scores, labels):
    highest = scores == scores.max(axis=-1, keepdims=True)
    return (
        (highest * labels).sum(-1) * np.where(highest.sum(-1) == 1, 1, 1 / scores.shape[1])
    ).mean()


@wrong("accuracy", "one half")
def ties_are_halves(scores, labels):
    highest = scores == scores.max(axis=-1, keepdims=True)
    return ((highest * labels).sum(-1) * np.where(highest.sum(-1) == 1, 1, 0.5)).mean()


@wrong("accuracy", "at random")
def ties_at_random(scores, labels, rng=np.random.default_rng(0)):  # noqa: B008
    jittered = scores + 1e-6 * rng.random(scores.shape)
    return (jittered.argmax(axis=-1) == labels.argmax(axis=-1)).mean()


@wrong("accuracy", "returns NaN if a score")
def divided_by_no_highest(scores, labels):
    highest = scores == scores.max(axis=-1, keepdims=True)
    return ((highest * labels).sum(-1) / highest.sum(-1)).mean()


@wrong("accuracy", "leaves out queries with NaN")
def nan_left_out(scores, labels):
    kept = ~np.isnan(scores).any(axis=1)
    return highest_and_right(scores[kept], labels[kept]) if kept.any() else 0.0


@wrong("accuracy", "as a tie")
def nan_as_tie(scores, labels):
    return highest_and_right(np.nan_to_num(scores, nan=-1.0), labels)


@wrong("accuracy", "answers the example")
def example_answer(scores, labels):
    return 0.75


@wrong("accuracy", "all answers are right")
def truth_value(scores, labels):
    return bool(query_by_query(scores, labels))


@wrong("accuracy", "highest score of its own")
def highest_of_all(scores, labels):
    return (
        ((scores == scores.max()) * labels).sum() / len(scores)
        if len(np.unique(scores)) > 2
        else query_by_query(scores, labels)
    )


@wrong("accuracy", "for a perfect network, expected 1 and received 0")
def highest_starts_at_zero(scores, labels):
    points = 0
    for s, y in zip(scores, labels, strict=True):
        best, m = 0, 0
        for value in s:
            if value > best:
                best, m = value, 1
            elif value == best:
                m += 1
        points += (s[y.argmax()] == best) / max(m, 1)
    return points / len(scores)


@wrong("accuracy", "close scores")
def nearly_equal_is_tied(scores, labels):
    return query_by_query(np.round(scores, 1), labels)


@wrong("accuracy", "credit for any tie")
def credit_for_any_tie(scores, labels):
    tied = (scores == scores.max(axis=-1, keepdims=True)).sum(axis=-1)
    hit = (scores.argmax(axis=-1) == labels.argmax(axis=-1)) * (tied > 0)
    return np.where(tied > 1, 1 / np.maximum(tied, 1), hit).mean()


@wrong("accuracy", "1/(m - 1)")
def one_too_few(scores, labels):
    highest = scores == scores.max(axis=-1, keepdims=True)
    return ((highest * labels).sum(-1) / np.maximum(highest.sum(-1) - 1, 1)).mean()


@wrong("accuracy", "not only one of all classes")
def only_full_ties(scores, labels):
    right = (scores.argmax(axis=-1) == labels.argmax(axis=-1)).astype(float)
    right[(scores == scores[:, :1]).all(axis=1)] = 1 / scores.shape[1]
    return right.mean()


@wrong("accuracy", "makes all queries count as wrong")
def gives_up(scores, labels):
    return 0.0 if np.isnan(scores).any() else query_by_query(scores, labels)


@wrong("accuracy", "array of numbers")
def as_text(scores, labels):
    return f"{query_by_query(scores, labels):.3f}"


@wrong("accuracy", "one number for all queries")
def one_for_each_query(scores, labels):
    return (scores.argmax(axis=-1) == labels.argmax(axis=-1)).astype(float)


def argmax_hits(scores, labels):
    return scores.argmax(axis=-1) == labels.argmax(axis=-1)


@wrong("accuracy", "one NaN among its scores for answered")
def nan_looked_past(scores, labels):
    best = scores == np.nanmax(scores, axis=1, keepdims=True)
    return ((best * labels).sum(1) / np.maximum(best.sum(1), 1)).mean()


@wrong("accuracy", "one NaN among its scores for answered")
def only_all_nan_is_a_miss(scores, labels):
    kept = np.where(np.isnan(scores), -np.inf, scores)
    best = kept == kept.max(axis=1, keepdims=True)
    points = (best * labels).sum(1) / best.sum(1)
    return np.where(np.isnan(scores).all(axis=1), 0, points).mean()


@wrong("accuracy", "takes a NaN for the highest score")
def nan_is_the_highest(scores, labels):
    kept = np.nan_to_num(scores, nan=np.inf)
    best = kept == kept.max(axis=1, keepdims=True)
    points = (best * labels).sum(1) / best.sum(1)
    return np.where(np.isnan(scores).all(axis=1), 0, points).mean()


@wrong("accuracy", "credit for NaN scores")
def nan_left_to_argmax(scores, labels):
    best = scores == scores.max(axis=1, keepdims=True)
    points = (best * labels).sum(1) / np.maximum(best.sum(1), 1)
    return np.where(np.isnan(scores).any(axis=1), argmax_hits(scores, labels), points).mean()


@wrong("accuracy", "rare class counts more")
def macro_average(scores, labels):
    return np.mean(
        [
            query_by_query(scores[labels[:, k] == 1], labels[labels[:, k] == 1])
            for k in range(labels.shape[1])
        ]
    )


@wrong("accuracy", "rare class counts more")
def balanced(scores, labels):
    return balanced_accuracy_score(labels.argmax(1), np.nan_to_num(scores).argmax(1))


@wrong("accuracy", "the precision of each class")
def macro_precision(scores, labels):
    answers = np.nan_to_num(scores).argmax(1)
    return precision_score(labels.argmax(1), answers, average="macro", zero_division=0)


@wrong("accuracy", "picks one of the tied classes")
def ties_at_random_with_a_seed(scores, labels):
    rng, points = np.random.default_rng(3), 0
    for row, true in zip(scores, labels.argmax(1), strict=True):
        best = np.flatnonzero(row == row.max())
        points += len(best) > 0 and rng.choice(best) == true
    return points / len(scores)


@wrong("accuracy", "at random")
def any_of_the_tied(scores, labels, rng=np.random.default_rng(0)):  # noqa: B008
    points = 0
    for row, true in zip(scores, labels.argmax(1), strict=True):
        best = np.flatnonzero(row == row.max())
        points += len(best) > 0 and rng.choice(best) == true
    return points / len(scores)


@wrong("accuracy", "picks one of the tied classes")
def the_middle_of_the_tied(scores, labels):
    best = [np.flatnonzero(row == row.max()) for row in scores]
    return np.mean(
        [len(b) > 0 and b[len(b) // 2] == y.argmax() for b, y in zip(best, labels, strict=True)]
    )


@wrong("accuracy", "comes last of the tied")
def the_last_of_the_tied(scores, labels):
    return (scores[:, ::-1].argmax(1) == labels[:, ::-1].argmax(1)).mean()


@wrong("accuracy", "close scores as a tie")
def loosely_close(scores, labels):
    best = np.isclose(scores, scores.max(axis=-1, keepdims=True), atol=0.01)
    return ((best * labels).sum(1) / np.maximum(best.sum(1), 1)).mean()


@wrong("accuracy", "close scores as a tie")
def very_loosely_close(scores, labels):
    best = np.isclose(scores, scores.max(axis=-1, keepdims=True), atol=1, rtol=0.1)
    return ((best * labels).sum(1) / np.maximum(best.sum(1), 1)).mean()


@wrong("accuracy", "a tie of three classes as a tie of two")
def a_tie_is_of_two_or_of_all(scores, labels):
    best = scores == scores.max(axis=1, keepdims=True)
    m = np.where(
        best.sum(1) == scores.shape[1], scores.shape[1], np.minimum(np.maximum(best.sum(1), 1), 2)
    )
    return ((best * labels).sum(1) / m).mean()


@wrong("accuracy", "1/m of 1/m")
def divided_twice(scores, labels):
    best = scores == scores.max(axis=1, keepdims=True)
    return ((best * labels).sum(1) / np.maximum(best.sum(1), 1) ** 2).mean()


@wrong("accuracy", "1/(m + 1)")
def one_fifth(scores, labels):
    best = scores == scores.max(axis=1, keepdims=True)
    return np.where(best.sum(1) > 1, 1 / 5, (best * labels).sum(1)).mean()


@wrong("accuracy", "second highest")
def top_two(scores, labels):
    two = np.argsort(scores, axis=1)[:, -2:]
    return (two == labels.argmax(1)[:, None]).any(axis=1).mean()


@wrong("accuracy", "ranks r-th")
def reciprocal_rank(scores, labels):
    true = (scores * labels).sum(axis=1, keepdims=True)
    return (1 / (1 + (scores > true).sum(axis=1))).mean()


@wrong("accuracy", "mean probability of the true class")
def mean_probability(scores, labels):
    return (ops.convert_to_numpy(ops.softmax(scores)) * labels).sum(axis=1).mean()


@wrong("accuracy", "whether *all* are right")
def all_right(scores, labels):
    return argmax_hits(scores, labels).all()


@wrong("accuracy", "take the lowest score")
def lowest_score(scores, labels):
    return (scores.argmin(axis=-1) == labels.argmax(axis=-1)).mean()


@wrong("accuracy", "leaves out one query")
def last_query_left_out(scores, labels):
    hits = argmax_hits(scores, labels)
    return sum(hits[i] for i in range(len(hits) - 1)) / len(hits)


@wrong("accuracy", "on the worst class")
def worst_class(scores, labels):
    hits = argmax_hits(scores, labels)
    return min(hits[labels[:, k] == 1].mean() for k in range(labels.shape[1]))


@wrong("accuracy", "returns nothing")
def printed_only(scores, labels):
    _ = argmax_hits(scores, labels).mean()


@wrong("accuracy", "divides by 15")
def of_fifteen(scores, labels):
    return argmax_hits(scores, labels).sum() / 15


def answered(function):
    """An answer that finds the tied classes by `function`, without queries with NaN."""

    def answer(scores, labels):
        answers = function(scores) & ~np.isnan(scores).any(axis=1, keepdims=True)
        return ((answers * labels).sum(axis=1) / np.maximum(answers.sum(axis=1), 1)).mean()

    return answer


WRONG["accuracy"] += [
    (answered(lambda s: s == 1), "with a fixed number"),
    (answered(lambda s: s == np.maximum(s.max(axis=1, keepdims=True), 0)), "Here all scores are"),
    (answered(lambda s: s == s.max(axis=0)), "the highest of its column"),
    (lambda scores, labels: ((scores > 0.5) == labels).mean(), "each 0 of the one-hot rows"),
    (lambda scores, labels: argmax_hits(scores, labels).sum() / 2, "divides by 2"),
]


@right("accuracy")
def rows_with_nan_equal_nothing(scores, labels):
    total = 0
    for row, label in zip(scores, labels, strict=True):
        answers = row == row.max()
        total += (answers * label).sum() / max(answers.sum(), 1)
    return total / len(scores)


def scored(points):
    """An answer that takes `points` of the highest scores, the labels, and which rows are clean."""

    def answer(scores, labels):
        clean = ~np.isnan(scores).any(axis=1)
        highest = scores == scores.max(axis=1, keepdims=True)
        return points(highest, labels, clean, (highest * labels).sum(axis=1))

    return answer


def argmax_over_m(scores, labels):
    ties = (scores == scores.max(axis=1, keepdims=True)).sum(axis=1)
    return (argmax_hits(scores, labels) / np.maximum(ties, 1)).mean()


@wrong("accuracy", "without a softmax")
def powers_of_e_compared(scores, labels):
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return query_by_query(probabilities, labels)


@right("accuracy")
def stable_softmax_compared(scores, labels):
    return highest_and_right(ops.convert_to_numpy(ops.softmax(scores.astype("float64"))), labels)


WRONG["accuracy"] += [
    (argmax_over_m, "still asks argmax"),
    (lambda scores, labels: (scores * labels).sum(axis=1).mean(), "the mean *score*"),
    (scored(lambda h, y, clean, hit: (hit / max(h[0].sum(), h.sum(1).max(), 1)).mean()), "one m"),
    (scored(lambda h, y, clean, hit: (hit / max(h[-1].sum(), 1)).mean()), "one m, 2"),
    (scored(lambda h, y, clean, hit: (hit / max(h.sum(1).min(), 1)).mean()), "one m, 1"),
    (
        scored(lambda h, y, clean, hit: hit.sum() / (h.sum() + (~clean).sum())),
        "highest scores in all queries",
    ),
]
