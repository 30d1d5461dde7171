"""Answers to `checks.accuracy`, chapter 2."""

import numpy as np
from answers import right, wrong
from keras import ops

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
    true = np.nan_to_num(scores, nan=-np.inf)[labels == 1]
    above = (scores > true[:, None]).sum(axis=1)
    equal = (scores == true[:, None]).sum(axis=1)
    return float(np.mean(np.where((above == 0) & (equal > 0), 1 / np.maximum(equal, 1), 0)))


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


@wrong("accuracy", "argmax chooses the first")
def divisor_mended(scores, labels):
    right = scores.argmax(axis=-1) == labels.argmax(axis=-1)
    return right.sum() / len(scores)


@wrong("accuracy", "number of right answers")
def counted(scores, labels):
    return (scores.argmax(axis=-1) == labels.argmax(axis=-1)).sum()


@wrong("accuracy", "per cent")
def in_per_cent(scores, labels):
    return 100 * query_by_query(scores, labels)


@wrong("accuracy", "share of *wrong* answers")
def error_rate(scores, labels):
    return (scores.argmax(axis=-1) != labels.argmax(axis=-1)).mean()


@wrong("accuracy", "all entries of the one-hot rows")
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


@wrong("accuracy", "1/N for each tie")
def ties_are_chance(scores, labels):
    highest = scores == scores.max(axis=-1, keepdims=True)
    return ((highest * labels).sum(-1) * np.where(highest.sum(-1) == 1, 1, 1 / scores.shape[1])).mean()


@wrong("accuracy", "one half")
def ties_are_halves(scores, labels):
    highest = scores == scores.max(axis=-1, keepdims=True)
    return ((highest * labels).sum(-1) * np.where(highest.sum(-1) == 1, 1, 0.5)).mean()


@wrong("accuracy", "by chance")
def ties_by_lot(scores, labels, rng=np.random.default_rng(0)):  # noqa: B008
    jittered = scores + 1e-6 * rng.random(scores.shape)
    return (jittered.argmax(axis=-1) == labels.argmax(axis=-1)).mean()


@wrong("accuracy", "returns NaN where a score")
def divided_by_no_highest(scores, labels):
    highest = scores == scores.max(axis=-1, keepdims=True)
    return ((highest * labels).sum(-1) / highest.sum(-1)).mean()


@wrong("accuracy", "leaves out the queries")
def nan_left_out(scores, labels):
    kept = ~np.isnan(scores).any(axis=1)
    return highest_and_right(scores[kept], labels[kept]) if kept.any() else 0.0


@wrong("accuracy", "as a tie")
def nan_as_tie(scores, labels):
    return highest_and_right(np.nan_to_num(scores, nan=-1.0), labels)


@wrong("accuracy", "answers the example")
def example_answer(scores, labels):
    return 0.75


@wrong("accuracy", "all are right")
def truth_value(scores, labels):
    return bool(query_by_query(scores, labels))


@wrong("accuracy", "highest score of its own")
def highest_of_all(scores, labels):
    return ((scores == scores.max()) * labels).sum() / len(scores) if len(np.unique(scores)) > 2 else query_by_query(scores, labels)


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


@wrong("accuracy", "points for any tie")
def points_for_any_tie(scores, labels):
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


@wrong("accuracy", "give up on all queries")
def gives_up(scores, labels):
    return 0.0 if np.isnan(scores).any() else query_by_query(scores, labels)


@wrong("accuracy", "array of numbers")
def as_text(scores, labels):
    return f"{query_by_query(scores, labels):.3f}"


@wrong("accuracy", "one number for all queries")
def one_for_each_query(scores, labels):
    return (scores.argmax(axis=-1) == labels.argmax(axis=-1)).astype(float)
