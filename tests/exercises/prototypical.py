"""Answers to the exercises of chapter 2."""

import functools
import math

import keras
import numpy as np
import tensorflow as tf
from answers import RIGHT, WRONG, right, wrong
from keras import ops
from scipy.spatial.distance import cdist
from scipy.special import logsumexp, softmax
from sklearn.metrics import pairwise_distances

import fslkeras

# --- prototypes ---


@right("prototypes")
def loop_over_classes(embeddings, labels):
    prototypes = []
    for k in range(labels.shape[1]):
        members = embeddings[labels[:, k] == 1]
        prototypes.append(members.mean(axis=0))
    return np.stack(prototypes)


@right("prototypes")
def one_product(Z, Y):
    return Y.T @ Z / Y.sum(0)[:, None]


@right("prototypes")
def loop_over_images(embeddings, labels):
    S, N = labels.shape
    total = np.zeros((N, embeddings.shape[1]))
    count = np.zeros(N)
    for i in range(S):
        k = int(np.argmax(labels[i]))
        total[k] += embeddings[i]
        count[k] += 1
    return total / count.reshape(N, 1)


@right("prototypes")
def list_of_means(embeddings, labels):
    return [np.average(embeddings, axis=0, weights=column) for column in labels.T]


@right("prototypes")
def in_keras(embeddings, labels):
    sums = ops.einsum("sn,sd->nd", labels, embeddings)
    return sums / ops.expand_dims(ops.sum(labels, axis=0), -1)


@right("prototypes")
def in_tensorflow(embeddings, labels):
    return tf.math.unsorted_segment_mean(embeddings, tf.argmax(labels, axis=1), labels.shape[1])


@right("prototypes")
def with_the_layer(embeddings, labels):
    return fslkeras.layers.Prototypes()(embeddings[None], labels[None])[0]


@right("prototypes")
def in_plain_python(embeddings, labels):
    result = []
    for k in range(len(labels[0])):
        members = [list(map(float, z)) for z, y in zip(embeddings, labels, strict=True) if y[k]]
        result.append([sum(numbers) / len(members) for numbers in zip(*members, strict=True)])
    return result


@wrong("prototypes", "sum of each class")
def sums(embeddings, labels):
    return labels.T @ embeddings


@wrong("prototypes", "number of all support images")
def divided_by_all_images(embeddings, labels):
    return labels.T @ embeddings / len(embeddings)


@wrong("prototypes", "number of classes")
def divided_by_classes(embeddings, labels):
    return labels.T @ embeddings / labels.shape[1]


@wrong("prototypes", "exchanged")
def transposed(embeddings, labels):
    return (embeddings.T @ labels) / labels.sum(axis=0)


@wrong("prototypes", "mean of all images, whatever")
def labels_forgotten(embeddings, labels):
    return embeddings.mean(axis=0)


@wrong("prototypes", "mean of all images for every class")
def same_for_every_class(embeddings, labels):
    return np.stack([embeddings.mean(axis=0) for k in range(labels.shape[1])])


@wrong("prototypes", "each *image*")
def one_for_each_image(embeddings, labels):
    prototypes = labels.T @ embeddings / labels.sum(axis=0)[:, None]
    return labels @ prototypes


@wrong("prototypes", "median")
def medians(embeddings, labels):
    return np.array([np.median(embeddings[labels[:, k] == 1], axis=0) for k in range(labels.shape[1])])


@wrong("prototypes", "first image of each class")
def first_images(embeddings, labels):
    return embeddings[labels.argmax(axis=0)]


@wrong("prototypes", "not* of the class")
def others(embeddings, labels):
    return np.stack([embeddings[labels[:, k] == 0].mean(axis=0) for k in range(labels.shape[1])])


@wrong("prototypes", "whole numbers")
def whole_numbers(embeddings, labels):
    return labels.T @ embeddings // labels.sum(axis=0)[:, None]


@wrong("prototypes", "embedding the length 1")
def unit_embeddings(embeddings, labels):
    z = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    return labels.T @ z / labels.sum(axis=0)[:, None]


@wrong("prototypes", "averages over the numbers")
def wrong_axis(embeddings, labels):
    return np.array([embeddings[labels[:, k] == 1].mean(axis=1).mean() for k in range(labels.shape[1])])


@wrong("prototypes", "axis=1 over the numbers within a row")
def wrong_axis_stacked(embeddings, labels):
    return np.stack([embeddings[labels[:, k] == 1].mean(axis=1) for k in range(labels.shape[1])])


@wrong("prototypes", "answers the six points")
def hard_coded(embeddings, labels):
    return np.array([[1, 0], [6, 2], [2, 6]])


@wrong("prototypes", "three classes of two images")
def two_of_each(embeddings, labels):
    return embeddings.reshape(3, 2, -1).mean(axis=1)


@wrong("prototypes", "the last class is missing")
def three_classes(embeddings, labels):
    return np.stack([embeddings[labels[:, k] == 1].mean(axis=0) for k in range(3)])


@wrong("prototypes", "an axis too many")
def batch_left_in(embeddings, labels):
    return fslkeras.layers.Prototypes()(embeddings[None], labels[None])


@wrong("prototypes", "`a[:, None]` gives")
def counts_along_the_wrong_axis(embeddings, labels):
    return labels.T @ embeddings / labels.sum(axis=1)[:, None]


@wrong("prototypes", "returns nothing")
def return_forgotten(embeddings, labels):
    prototypes = labels.T @ embeddings / labels.sum(axis=0)[:, None]  # noqa: F841


@wrong("prototypes", "changes the arrays")
def in_place(embeddings, labels):
    labels /= labels.sum(axis=0)
    return labels.T @ embeddings


@wrong("prototypes", "the shape is right, the numbers are not")
def last_image_left_out(embeddings, labels):
    return np.stack(
        [embeddings[:-1][labels[:-1, k] == 1].sum(axis=0) / labels[:, k].sum() for k in range(labels.shape[1])]
    )


@wrong("prototypes", "not a number")
def divided_by_zero(embeddings, labels):
    return (
        labels.T
        @ embeddings
        / np.array([labels[: labels.shape[1], k].sum() for k in range(labels.shape[1])])[:, None]
        * 0
    )


@wrong("prototypes", "*column* of one-hot")
def rows_for_columns(embeddings, labels):
    return np.stack([embeddings[labels[k] == 1].mean(axis=0) for k in range(labels.shape[1])])


@wrong("prototypes", "by the same number")
def divided_by_two(embeddings, labels):
    return labels.T @ embeddings / 2


@wrong("prototypes", "an array of integers")
def into_integers(embeddings, labels):
    result = np.zeros((labels.shape[1], embeddings.shape[1]), dtype=int)
    for k in range(labels.shape[1]):
        result[k] = embeddings[labels[:, k] == 1].mean(axis=0)
    return result


@wrong("prototypes", "inside the loop")
def returns_too_soon(embeddings, labels):
    for k in range(labels.shape[1]):
        members = embeddings[labels[:, k] == 1]
        return members.mean(axis=0)


@wrong("prototypes", "as row numbers")
def labels_as_rows(embeddings, labels):
    return np.stack([embeddings[labels[:, k].astype(int)].mean(axis=0) for k in range(labels.shape[1])])


@wrong("prototypes", "array of numbers")
def a_text(embeddings, labels):
    return "the mean"


WRONG["prototypes"].append((one_product(np.eye(2), np.eye(2)), "your function itself"))

# --- distances ---


@right("distances")
def one_axis_more(queries, prototypes):
    differences = queries[:, None, :] - prototypes[None, :, :]
    return (differences**2).sum(axis=-1)


@right("distances")
def expanded(q, c):
    return (q**2).sum(1, keepdims=True) - 2 * q @ c.T + (c**2).sum(1)


@right("distances")
def by_scipy(queries, prototypes):
    return cdist(queries, prototypes, "sqeuclidean")


@right("distances")
def by_scikit_learn(queries, prototypes):
    return pairwise_distances(queries, prototypes, metric="euclidean") ** 2


@right("distances")
def norm_squared(queries, prototypes):
    return np.square(np.linalg.norm(np.expand_dims(queries, 1) - prototypes, axis=2))


@right("distances")
def with_einsum(queries, prototypes):
    d = queries[:, None] - prototypes
    return np.einsum("qnd,qnd->qn", d, d)


@right("distances")
def distances_in_keras(queries, prototypes):
    return ops.sum(ops.square(ops.expand_dims(queries, 1) - ops.expand_dims(prototypes, 0)), axis=-1)


@right("distances")
def distances_in_tensorflow(queries, prototypes):
    return tf.reduce_sum(tf.math.squared_difference(queries[:, tf.newaxis], prototypes[tf.newaxis]), -1)


def difference_helper(a, b):
    return a[:, None] - b[None]


@right("distances")
def with_a_helper(queries, prototypes):
    return sum((difference_helper(queries, prototypes) ** 2).transpose(2, 0, 1))


@wrong("distances", "not its square")
def with_root(queries, prototypes):
    return np.sqrt(((queries[:, None] - prototypes[None]) ** 2).sum(-1))


@wrong("distances", "mean over the D numbers")
def mean_over_d(queries, prototypes):
    return ((queries[:, None] - prototypes[None]) ** 2).mean(-1)


@wrong("distances", "absolute differences")
def manhattan(queries, prototypes):
    return np.abs(queries[:, None] - prototypes[None]).sum(-1)


@wrong("distances", "squares the sum")
def square_of_sum(queries, prototypes):
    return (queries[:, None] - prototypes[None]).sum(-1) ** 2


@wrong("distances", "so that they cancel")
def square_forgotten(queries, prototypes):
    return (queries[:, None] - prototypes[None]).sum(-1)


@wrong("distances", "rows and columns are exchanged")
def a_row_for_each_prototype(queries, prototypes):
    return ((prototypes[:, None] - queries[None]) ** 2).sum(-1)


@wrong("distances", "minus the distance")
def scores_already(queries, prototypes):
    return -((queries[:, None] - prototypes[None]) ** 2).sum(-1)


@wrong("distances", "one prototype only")
def row_by_row(queries, prototypes):
    return ((queries - prototypes) ** 2).sum(axis=-1)


@wrong("distances", "over the queries")
def summed_over_queries(queries, prototypes):
    return ((queries[:, None] - prototypes[None]) ** 2).sum(axis=0)


@wrong("distances", "over the prototypes")
def summed_over_prototypes(queries, prototypes):
    return ((queries[:, None] - prototypes[None]) ** 2).sum(axis=1)


@wrong("distances", "one number for everything")
def summed_over_all(queries, prototypes):
    return ((queries[:, None] - prototypes[None]) ** 2).sum()


@wrong("distances", "nearest prototype alone")
def smallest(queries, prototypes):
    return ((queries[:, None] - prototypes[None]) ** 2).sum(-1).min(-1)


@wrong("distances", "number of the nearest")
def index_of_smallest(queries, prototypes):
    return ((queries[:, None] - prototypes[None]) ** 2).sum(-1).argmin(-1)


@wrong("distances", "the last step is missing")
def not_summed(queries, prototypes):
    return (queries[:, None] - prototypes[None]) ** 2


@wrong("distances", "high for similar ones")
def products(queries, prototypes):
    return queries @ prototypes.T


@wrong("distances", "|z|^2 is missing")
def without_the_query(queries, prototypes):
    return (prototypes**2).sum(1) - 2 * queries @ prototypes.T


@wrong("distances", "adds where it should subtract")
def plus_two(queries, prototypes):
    return (queries**2).sum(1)[:, None] + 2 * queries @ prototypes.T + (prototypes**2).sum(1)


@wrong("distances", "the 2 of the middle term")
def two_forgotten(queries, prototypes):
    return (queries**2).sum(1)[:, None] - queries @ prototypes.T + (prototypes**2).sum(1)


@wrong("distances", "middle term is missing")
def no_middle_term(queries, prototypes):
    return (queries**2).sum(1)[:, None] + (prototypes**2).sum(1)


@wrong("distances", "a part of the softmax")
def exponentials(queries, prototypes):
    return np.exp(-((queries[:, None] - prototypes[None]) ** 2).sum(-1))


@wrong("distances", "directions")
def safe_cosine(queries, prototypes):
    lengths = np.linalg.norm(queries, axis=1)[:, None] * np.linalg.norm(prototypes, axis=1)
    similarity = np.divide(queries @ prototypes.T, lengths, out=np.ones_like(lengths), where=lengths > 0)
    return 1 - similarity


@wrong("distances", "divides by a length")
def cosine(queries, prototypes):
    return 1 - cdist(queries, prototypes, "cosine")


@wrong("distances", "answers the query of the example")
def example_hard_coded(queries, prototypes):
    return np.array([[2, 17, 25]])


@wrong("distances", "loops in Python")
def two_loops(queries, prototypes):
    result = np.zeros((len(queries), len(prototypes)))
    for i, q in enumerate(queries):
        for j, p in enumerate(prototypes):
            result[i, j] = ((q - p) ** 2).sum()
    return result


@wrong("distances", "it loops in Python")
def comprehension(queries, prototypes):
    return np.array([((q - prototypes) ** 2).sum(-1) for q in queries])


@wrong("distances", "it loops")
def mapped(queries, prototypes):
    return np.stack(list(map(lambda p: ((queries - p) ** 2).sum(1), prototypes)), axis=1)


@wrong("distances", "loops in Python")
def loop_over_coordinates(queries, prototypes):
    total = 0
    for j in range(queries.shape[1]):
        total = total + (queries[:, [j]] - prototypes[:, j]) ** 2
    return total


@wrong("distances", "loops in Python")
def along_an_axis(queries, prototypes):
    return np.apply_along_axis(np.linalg.norm, 2, queries[:, None] - prototypes) ** 2


WRONG["distances"].append((functools.partial(two_loops), "loops in Python"))
WRONG["distances"].append((np.vectorize(two_loops, signature="(q,d),(n,d)->(q,n)"), "loops in Python"))


@wrong("distances", "axis missing")
def squeezed(queries, prototypes):
    return ((queries[:, None] - prototypes) ** 2).sum(-1).squeeze()


@wrong("distances", "`**`")
def caret(queries, prototypes):
    return ((queries[:, None] - prototypes) ^ 2).sum(-1)


@wrong("distances", "first two numbers")
def two_coordinates(queries, prototypes):
    d = queries[:, None] - prototypes
    return d[..., 0] ** 2 + d[..., 1] ** 2


@wrong("distances", "root of a negative")
def root_of_negative(queries, prototypes):
    return np.sqrt(-((queries[:, None] - prototypes) ** 2).sum(-1))


@wrong("distances", "stopped with an error, NameError")
def misspelt(queries, prototypes):
    return ((query - prototypes) ** 2).sum()  # noqa: F821


# --- accuracy ---


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
    return fslkeras.evaluation.accuracy(scores[None], labels[None])[0]


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


# --- breakages ---

RIGHT["breakages"] = [
    {"divided": 98, "moved": 0, "copied": 100, "blank": 20},
    {"divided": 97.5, "moved": 1, "copied": 99.9, "blank": 20.0},
    {"blank": np.float32(20), "copied": np.int64(100), "moved": 0.5, "divided": 98.2},
    {"divided": "98 %", "moved": "0", "copied": "100%", "blank": "20", "note": "the last one is a tie"},
]
WRONG["breakages"] = [
    ({"divided": 20, "moved": 0, "copied": 100, "blank": 20}, "nearest prototype stays the nearest"),
    ({"divided": 98, "moved": 20, "copied": 100, "blank": 20}, "no random order"),
    ({"divided": 98, "moved": 0, "copied": 98, "blank": 20}, "at distance zero"),
    ({"divided": 98, "moved": 0, "copied": 100, "blank": 0}, "a tie among five"),
    ({"divided": 0.98, "moved": 0, "copied": 1, "blank": 0.2}, "per cent"),
    ({"divided": 98, "moved": 0, "copied": 100, "blank": None}, "still to be predicted"),
    ({"divided": 98, "moved": 0, "copied": 110, "blank": 20}, "between 0 and 100"),
    ({"divided": "as before", "moved": 0, "copied": 100, "blank": 20}, "a number"),
    ({"divided": 98, "moved": 0, "copied": 100, "Blank": 20}, "no key 'blank'"),
    ([98, 0, 100, 20], "a dict"),
]

# --- weighted_prototypes ---


@right("weighted_prototypes")
def weights_in_columns(embeddings, precisions, labels):
    weights = labels * precisions
    return (weights.T @ embeddings) / weights.sum(axis=0)[:, None]


@right("weighted_prototypes")
def weighted_class_by_class(embeddings, precisions, labels):
    prototypes = []
    for k in range(labels.shape[1]):
        mine = labels[:, k] == 1
        prototypes.append((precisions[mine] * embeddings[mine]).sum(axis=0) / precisions[mine].sum())
    return np.stack(prototypes)


@right("weighted_prototypes")
def averaged_with_weights(embeddings, precisions, labels):
    return [np.average(embeddings, axis=0, weights=column * precisions[:, 0]) for column in labels.T]


@right("weighted_prototypes")
def weighted_by_einsum(embeddings, precisions, labels):
    sums = np.einsum("sd,si,sn->nd", embeddings, precisions, labels)
    return sums / np.einsum("si,sn->ni", precisions, labels)


@right("weighted_prototypes")
def weights_that_sum_to_one(embeddings, precisions, labels):
    weights = labels * precisions.reshape(-1, 1)
    weights = weights / weights.sum(axis=0, keepdims=True)
    return np.matmul(np.transpose(weights), embeddings)


@right("weighted_prototypes")
def precisions_over_every_coordinate(embeddings, precisions, labels):
    precisions = np.broadcast_to(precisions, embeddings.shape)
    return labels.T @ (precisions * embeddings) / (labels.T @ precisions)


@right("weighted_prototypes")
def weighted_in_keras(embeddings, precisions, labels):
    weights = ops.multiply(labels, precisions)
    return ops.matmul(ops.transpose(weights), embeddings) / ops.expand_dims(ops.sum(weights, axis=0), -1)


@right("weighted_prototypes")
def weighted_in_tensorflow(embeddings, precisions, labels):
    sums = tf.matmul(labels, precisions * tf.constant(embeddings), transpose_a=True)
    return sums / (tf.matmul(labels, precisions, transpose_a=True) + 1e-7)


@right("weighted_prototypes")
def weighted_by_the_layer(embeddings, precisions, labels):
    prototypes, _ = fslkeras.layers.GaussianPrototypes()(embeddings[None], precisions[None], labels[None])
    return prototypes[0]


@right("weighted_prototypes")
def one_image_after_the_other(embeddings, precisions, labels):
    means = np.zeros((labels.shape[1], embeddings.shape[1]))
    so_far = np.zeros(labels.shape[1])
    for z, p, y in zip(embeddings, precisions, labels, strict=True):
        k = y.argmax()
        so_far[k] += p.item()
        means[k] += p / so_far[k] * (z - means[k])
    return means


@right("weighted_prototypes")
def weighted_in_half_precision(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions, labels).astype("float16")


@right("weighted_prototypes")
def weighted_in_plain_python(embeddings, precisions, labels):
    result = []
    for k in range(len(labels[0])):
        members = [(float(p[0]), z.tolist()) for z, p, y in zip(embeddings, precisions, labels, strict=True) if y[k]]
        total = sum(p for p, _ in members)
        result.append([sum(p * z[j] for p, z in members) / total for j in range(embeddings.shape[1])])
    return result


@wrong("weighted_prototypes", "plain mean")
def precisions_ignored(embeddings, precisions, labels):
    return labels.T @ embeddings / labels.sum(axis=0)[:, None]


@wrong("weighted_prototypes", "by the number of images of the class. The weights")
def weighted_by_number_of_images(embeddings, precisions, labels):
    return labels.T @ (precisions * embeddings) / labels.sum(axis=0)[:, None]


@wrong("weighted_prototypes", "by the number of images of the class. The weights")
def mean_of_weighted(embeddings, precisions, labels):
    return np.stack([(precisions * embeddings)[labels[:, k] == 1].mean(axis=0) for k in range(labels.shape[1])])


@wrong("weighted_prototypes", "sum of *all* precisions")
def weighted_by_all_precisions(embeddings, precisions, labels):
    return labels.T @ (precisions * embeddings) / precisions.sum()


@wrong("weighted_prototypes", "sum of *all* precisions")
def precisions_sum_to_one(embeddings, precisions, labels):
    return labels.T @ (precisions / precisions.sum() * embeddings)


@wrong("weighted_prototypes", "precisions of each *class* are to sum to 1")
def precisions_sum_to_one_and_mean(embeddings, precisions, labels):
    return labels.T @ (precisions / precisions.sum() * embeddings) / labels.sum(axis=0)[:, None]


@wrong("weighted_prototypes", "times the mean precision of all")
def precisions_of_mean_one(embeddings, precisions, labels):
    return labels.T @ (precisions / precisions.mean() * embeddings) / labels.sum(axis=0)[:, None]


@wrong("weighted_prototypes", "number of all support images")
def weighted_by_support(embeddings, precisions, labels):
    return labels.T @ (precisions * embeddings) / len(embeddings)


@wrong("weighted_prototypes", "number of classes")
def weighted_by_classes(embeddings, precisions, labels):
    return labels.T @ (precisions * embeddings) / labels.shape[1]


@wrong("weighted_prototypes", "not divided")
def weighted_sums(embeddings, precisions, labels):
    return (labels * precisions).T @ embeddings


@wrong("weighted_prototypes", "Multiply each embedding")
def weights_in_the_divisor_alone(embeddings, precisions, labels):
    return labels.T @ embeddings / (labels.T @ precisions)


@wrong("weighted_prototypes", "as if it were a variance")
def weighted_by_variance(embeddings, precisions, labels):
    return weights_in_columns(embeddings, 1 / precisions, labels)


@wrong("weighted_prototypes", "root of the precision")
def weighted_by_root(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions**0.5, labels)


@wrong("weighted_prototypes", "square of the precision")
def weighted_by_square(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions**2, labels)


@wrong("weighted_prototypes", "squares of the precisions")
def weighted_twice(embeddings, precisions, labels):
    weights = labels * precisions
    return weights.T @ (precisions * embeddings) / weights.sum(axis=0)[:, None]


@wrong("weighted_prototypes", "without the exponential")
def weighted_by_softmax_of_the_class(embeddings, precisions, labels):
    return weights_in_columns(embeddings, np.exp(precisions), labels)


@wrong("weighted_prototypes", "softmax of the precisions over all images")
def weighted_by_softmax(embeddings, precisions, labels):
    return labels.T @ (ops.convert_to_numpy(ops.softmax(precisions, axis=0)) * embeddings)


@wrong("weighted_prototypes", "logarithm")
def weighted_by_logarithm(embeddings, precisions, labels):
    return weights_in_columns(embeddings, np.log(precisions), labels)


@wrong("weighted_prototypes", "1 + the precision")
def weighted_by_one_more(embeddings, precisions, labels):
    return weights_in_columns(embeddings, 1 + precisions, labels)


@wrong("weighted_prototypes", "most precise image of each class alone")
def most_precise_images(embeddings, precisions, labels):
    return embeddings[(labels * precisions).argmax(axis=0)]


@wrong("weighted_prototypes", "most precise image alone")
def most_precise_image(embeddings, precisions, labels):
    return np.stack([embeddings[precisions.argmax()]] * labels.shape[1])


@wrong("weighted_prototypes", "exchanged: expected a row for each class")
def weighted_transposed(embeddings, precisions, labels):
    weights = labels * precisions
    return embeddings.T @ weights / weights.sum(axis=0)


@wrong("weighted_prototypes", "each *image*")
def weighted_for_each_image(embeddings, precisions, labels):
    return labels @ weights_in_columns(embeddings, precisions, labels)


@wrong("weighted_prototypes", "the mean is missing")
def weighted_embeddings(embeddings, precisions, labels):
    return precisions * embeddings


@wrong("weighted_prototypes", "mean of all images, whatever their class")
def weighted_without_labels(embeddings, precisions, labels):
    return (precisions * embeddings).sum(axis=0) / precisions.sum()


@wrong("weighted_prototypes", "mean of all images, for one class")
def weighted_without_labels_with_axis(embeddings, precisions, labels):
    return np.average(embeddings, axis=0, weights=precisions[:, 0])[None]


@wrong("weighted_prototypes", "mean of all images for every class")
def weighted_the_same_for_every_class(embeddings, precisions, labels):
    return [np.average(embeddings, axis=0, weights=precisions[:, 0]) for _ in labels.T]


@wrong("weighted_prototypes", "leave out what else")
def precision_of_the_class_too(embeddings, precisions, labels):
    weights = labels * precisions
    return weights.T @ embeddings / weights.sum(axis=0)[:, None], weights.sum(axis=0)[:, None]


@wrong("weighted_prototypes", "leave out what else")
def everything_of_the_layer(embeddings, precisions, labels):
    prototypes, of_classes = fslkeras.layers.GaussianPrototypes()(embeddings[None], precisions[None], labels[None])
    return [of_classes[0], prototypes[0]]


@wrong("weighted_prototypes", "an axis too many")
def weighted_batch_left_in(embeddings, precisions, labels):
    return fslkeras.layers.GaussianPrototypes()(embeddings[None], precisions[None], labels[None])[0]


@wrong("weighted_prototypes", "the precision of each class. Expected")
def precisions_of_the_classes(embeddings, precisions, labels):
    return labels.T @ precisions


@wrong("weighted_prototypes", "in one row")
def precisions_of_the_classes_in_one_row(embeddings, precisions, labels):
    return (labels * precisions).sum(axis=0)


@wrong("weighted_prototypes", "returns the weights")
def the_weights(embeddings, precisions, labels):
    return labels * precisions


@wrong("weighted_prototypes", "`//`")
def weighted_floor(embeddings, precisions, labels):
    weights = labels * precisions
    return weights.T @ embeddings // weights.sum(axis=0)[:, None]


@wrong("weighted_prototypes", "array of integers")
def weighted_into_integers(embeddings, precisions, labels):
    result = np.zeros((labels.shape[1], embeddings.shape[1]), dtype=int)
    result[:] = weights_in_columns(embeddings, precisions, labels)
    return result


@wrong("weighted_prototypes", "whole numbers of the precisions")
def precisions_as_counts(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions.astype(int), labels)


@wrong("weighted_prototypes", "prototypes the length 1")
def weighted_on_the_sphere(embeddings, precisions, labels):
    c = weights_in_columns(embeddings, precisions, labels)
    return c / np.linalg.norm(c, axis=1, keepdims=True)


@wrong("weighted_prototypes", "embedding the length 1")
def weighted_unit_embeddings(embeddings, precisions, labels):
    return weights_in_columns(embeddings / np.linalg.norm(embeddings, axis=1)[:, None], precisions, labels)


@wrong("weighted_prototypes", "*other* classes")
def weighted_others(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions, labels == 0)


@wrong("weighted_prototypes", "over the numbers of each embedding")
def weighted_along_the_wrong_axis(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions, labels).mean(axis=1)


@wrong("weighted_prototypes", "only the first class is there. Is `return`")
def weighted_returns_too_soon(embeddings, precisions, labels):
    for k in range(labels.shape[1]):
        return np.average(embeddings, axis=0, weights=precisions[:, 0] * labels[:, k])


@wrong("weighted_prototypes", "in an array of its own")
def weighted_returns_too_soon_in_an_array(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions, labels)[:1]


@wrong("weighted_prototypes", "the last class is missing")
def weighted_without_the_last(embeddings, precisions, labels):
    return [
        np.average(embeddings, axis=0, weights=(labels[:, [k]] * precisions)[:, 0]) for k in range(len(labels[0]) - 1)
    ]


@wrong("weighted_prototypes", "single row")
def weighted_one_behind_the_other(embeddings, precisions, labels):
    return np.concatenate(list(weights_in_columns(embeddings, precisions, labels)))


@wrong("weighted_prototypes", "answers the example")
def weighted_example(embeddings, precisions, labels):
    return [[3]]


@wrong("weighted_prototypes", "neighbour's")
def weighted_by_the_neighbour(embeddings, precisions, labels):
    return weights_in_columns(embeddings, np.roll(precisions, 1, axis=0), labels)


@wrong("weighted_prototypes", "equally many images in every class. Here")
def weighted_in_blocks(embeddings, precisions, labels):
    n = labels.shape[1]
    p = precisions.reshape(n, -1, 1)
    return (p * embeddings.reshape(n, -1, embeddings.shape[1])).sum(axis=1) / p.sum(axis=1)


@wrong("weighted_prototypes", "in order, equally many")
def weighted_in_blocks_if_possible(embeddings, precisions, labels):
    if len(embeddings) % labels.shape[1]:
        return weights_in_columns(embeddings, precisions, labels)
    return weighted_in_blocks(embeddings, precisions, labels)


@wrong("weighted_prototypes", "as many classes as an embedding has numbers")
def square_sizes_only(embeddings, precisions, labels):
    sums = (labels * precisions).T @ embeddings
    return (sums.T / (labels * precisions).sum(axis=0)).T + np.zeros((sums.shape[1], sums.shape[0]))


@wrong("weighted_prototypes", "weights of one axis")
def averaged_with_a_column(embeddings, precisions, labels):
    return [np.average(embeddings[y == 1], axis=0, weights=precisions[y == 1]) for y in labels.T]


@wrong("weighted_prototypes", "the sizes of the example")
def two_images_only(embeddings, precisions, labels):
    (a, b), (p, q) = embeddings, precisions
    return [(p * a + q * b) / (p + q)]


@wrong("weighted_prototypes", "their order is not")
def classes_backwards(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions, labels)[::-1]


@wrong("weighted_prototypes", "their order is not")
def classes_as_they_appear(embeddings, precisions, labels):
    order = list(dict.fromkeys(labels.argmax(axis=1).tolist()))
    return weights_in_columns(embeddings, precisions, labels)[order]


@wrong("weighted_prototypes", "up to a factor")
def weighted_by_the_largest(embeddings, precisions, labels):
    return weighted_sums(embeddings, precisions / precisions.max(), labels)


@wrong("weighted_prototypes", "only where all precisions are the same")
def weighted_by_a_power(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions**1.1, labels)


@wrong("weighted_prototypes", "only where all precisions are the same")
def precisions_clipped(embeddings, precisions, labels):
    return weights_in_columns(embeddings, np.minimum(precisions, 1), labels)


@wrong("weighted_prototypes", "`a[:, None]` gives")
def weights_without_an_axis(embeddings, precisions, labels):
    weights = labels * precisions
    return weights.T @ embeddings / weights.sum(axis=0)


@wrong("weighted_prototypes", "changes the arrays")
def weights_in_place(embeddings, precisions, labels):
    labels *= precisions
    return labels.T @ embeddings / labels.sum(axis=0)[:, None]


@wrong("weighted_prototypes", "returns nothing")
def weighted_return_forgotten(embeddings, precisions, labels):
    weights = labels * precisions  # noqa: F841


@wrong("weighted_prototypes", "the shape is right, the numbers are not")
def weighted_by_random_numbers(embeddings, precisions, labels):
    return weights_in_columns(embeddings, 1 + np.arange(len(precisions))[:, None], labels) + 1


@wrong("weighted_prototypes", "an axis missing")
def weighted_squeezed(embeddings, precisions, labels):
    return weights_in_columns(embeddings, precisions, labels).squeeze()


# --- refinement ---


def squared_distances(a, b):
    return ((a[:, None] - b) ** 2).sum(axis=-1)


def softmax_of(scores, axis=1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def pooled(c, n, u, shares):
    return (n[:, None] * c + shares.T @ u) / (n + shares.sum(axis=0))[:, None]


def shared(c, u):
    return softmax_of(-squared_distances(u, c))


@right("refinement")
def smallest_distance_first(prototypes, images_per_class, unlabelled):
    distances = ((unlabelled[:, None] - prototypes) ** 2).sum(axis=-1)
    shares = np.exp(distances.min(axis=1, keepdims=True) - distances)
    shares = shares / shares.sum(axis=1, keepdims=True)
    sums = images_per_class[:, None] * prototypes + shares.T @ unlabelled
    return sums / (images_per_class + shares.sum(axis=0))[:, None]


@right("refinement")
def refined_by_scipy(prototypes, images_per_class, unlabelled):
    shares = softmax(-cdist(unlabelled, prototypes, "sqeuclidean"), axis=1)
    n = images_per_class.reshape(-1, 1)
    return (n * prototypes + shares.T @ unlabelled) / (n + shares.sum(axis=0)[:, None])


@right("refinement")
def refined_in_keras(prototypes, images_per_class, unlabelled):
    distances = ops.sum(ops.square(ops.expand_dims(unlabelled, 1) - prototypes), axis=-1)
    shares = ops.softmax(-distances, axis=-1)
    counts = ops.expand_dims(images_per_class, -1)
    sums = counts * prototypes + ops.matmul(ops.transpose(shares), unlabelled)
    return sums / (counts + ops.sum(shares, axis=0)[:, None])


@right("refinement")
def refined_in_tensorflow(prototypes, images_per_class, unlabelled):
    c, n, u = tf.constant(prototypes), tf.constant(images_per_class), tf.constant(unlabelled)
    shares = tf.nn.softmax(-tf.reduce_sum((u[:, None] - c) ** 2, -1))
    return (n[:, None] * c + tf.einsum("un,ud->nd", shares, u)) / (n + tf.reduce_sum(shares, 0))[:, None]


@right("refinement")
def refined_in_loops(prototypes, images_per_class, unlabelled):
    N, D = prototypes.shape
    total = np.zeros((N, D))
    count = np.zeros(N)
    for k in range(N):
        total[k] = images_per_class[k] * prototypes[k]
        count[k] = images_per_class[k]
    for x in unlabelled:
        d = np.array([np.sum((x - c) ** 2) for c in prototypes])
        w = np.exp(-(d - d.min()))
        w /= w.sum()
        for k in range(N):
            total[k] += w[k] * x
            count[k] += w[k]
    return [total[k] / count[k] for k in range(N)]


@right("refinement")
def as_a_step_from_the_old(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    rate = 1 / (images_per_class + shares.sum(axis=0))
    towards = unlabelled[:, None] - prototypes
    return prototypes + rate[:, None] * np.einsum("un,und->nd", shares, towards)


@right("refinement")
def support_and_unlabelled_together(prototypes, images_per_class, unlabelled):
    weights = np.concatenate([np.diag(images_per_class), shared(prototypes, unlabelled)])
    return weights.T @ np.concatenate([prototypes, unlabelled]) / weights.sum(axis=0)[:, None]


@right("refinement")
def through_logarithms(prototypes, images_per_class, unlabelled):
    scores = 2 * unlabelled @ prototypes.T - (prototypes**2).sum(axis=1)
    shares = np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
    return pooled(prototypes, images_per_class, unlabelled, shares)


@right("refinement")
def refined_by_the_layer(prototypes, images_per_class, unlabelled):
    labels = np.repeat(np.eye(len(prototypes)), images_per_class.astype(int), axis=0)
    return fslkeras.layers.RefinePrototypes()(prototypes[None], labels[None], unlabelled[None])[0]


@right("refinement")
def one_support_image_after_the_other(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    result = []
    for k, n in enumerate(images_per_class):
        images = [prototypes[k] for _ in range(n)] + list(unlabelled)
        result.append(np.average(images, axis=0, weights=[1] * n + list(shares[:, k])))
    return np.array(result)


@right("refinement")
def as_sigmoids_of_differences(prototypes, images_per_class, unlabelled):
    d = squared_distances(unlabelled, prototypes)
    shares = 1 / np.exp(d[:, :, None] - d[:, None, :]).sum(axis=2)
    return pooled(prototypes, images_per_class, unlabelled, shares)


@right("refinement")
def refined_in_half_precision(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled).astype("float16")


@right("refinement")
def numbers_changed_in_a_copy(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    counts = images_per_class.copy()
    result = prototypes * counts[:, None]
    result += shares.T @ unlabelled
    counts += shares.sum(axis=0)
    return result / counts[:, None]


def with_shares(function):
    """An answer whose shares are a function of the squared distances, and the rest right."""
    return lambda c, n, u: pooled(c, n, u, function(squared_distances(u, c)))


WRONG["refinement"] = [
    (with_shares(function), because)
    for function, because in (
        (lambda d: softmax_of(-d, axis=0), "runs over the images. Each image"),
        (lambda d: np.exp(-d) / np.exp(-d).sum(), "images and the classes together"),
        (lambda d: np.exp(-d), "do not sum to 1"),
        (lambda d: softmax_of(d), "minus sign"),
        (lambda d: softmax_of(-np.sqrt(d)), "leave out the root"),
        (lambda d: softmax_of(-d / 2), "half of the squared"),
        (lambda d: softmax_of(-(d**2)), "squares the squared"),
        (lambda d: 1 / d / (1 / d).sum(axis=1, keepdims=True), "one over the distances"),
        (lambda d: d / d.sum(axis=1, keepdims=True), "the distances, divided by their sum"),
        (lambda d: np.eye(d.shape[1])[d.argmin(axis=1)], "hard k-means"),
        (lambda d: np.ones_like(d), "the whole of every image"),
        (lambda d: np.full_like(d, 1 / d.shape[1]), "the same share of every image"),
        (lambda d: softmax_of(-d) ** 2, "squares of the shares"),
        (lambda d: np.exp(-d) / np.exp(-d).sum(axis=1, keepdims=True), "return NaN"),
        (
            lambda d: np.exp(d.min() - d) / np.exp(d.min() - d).sum(axis=1, keepdims=True),
            "each image's smallest distance",
        ),
        (lambda d: np.exp(d.max() - d) / np.exp(d.max() - d).sum(axis=1, keepdims=True), "return NaN"),
        (lambda d: np.exp(-d) / (np.exp(-d).sum(axis=1, keepdims=True) + 1e-8), "leaves out an image far"),
        (lambda d: np.nan_to_num(np.exp(-d) / np.exp(-d).sum(axis=1, keepdims=True)), "leaves out an image far"),
        (lambda d: softmax_of(-np.minimum(d, 100)), "same share of an image far"),
        (lambda d: softmax_of(-d) / softmax_of(-d).sum(axis=0), "count as one, all together"),
        (lambda d: softmax_of(-d) / len(d), "takes the mean over the unlabelled"),
        (lambda d: np.tril(softmax_of(-d)), "the shape is right, the numbers are not"),
        (lambda d: softmax_of(-d).astype(int), "as they were"),
    )
]


@wrong("refinement", "mean of the squared differences")
def mean_of_squares(prototypes, images_per_class, unlabelled):
    d = ((unlabelled[:, None] - prototypes) ** 2).mean(axis=-1)
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(-d))


@wrong("refinement", "sums absolute differences")
def shares_by_manhattan(prototypes, images_per_class, unlabelled):
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(-cdist(unlabelled, prototypes, "cityblock")))


@wrong("refinement", "squares the sum of the differences")
def shares_by_square_of_sum(prototypes, images_per_class, unlabelled):
    d = (unlabelled[:, None] - prototypes).sum(axis=-1) ** 2
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(-d))


@wrong("refinement", "so that they cancel")
def shares_by_sum_of_differences(prototypes, images_per_class, unlabelled):
    d = (unlabelled[:, None] - prototypes).sum(axis=-1)
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(-d))


@wrong("refinement", "dot product")
def shares_by_product(prototypes, images_per_class, unlabelled):
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(unlabelled @ prototypes.T))


@wrong("refinement", "and forgets the support")
def hard_and_without_support(prototypes, images_per_class, unlabelled):
    nearest = squared_distances(unlabelled, prototypes).argmin(axis=1)
    return np.stack([unlabelled[nearest == k].mean(axis=0) for k in range(len(prototypes))])


@wrong("refinement", "mean of the unlabelled images alone")
def support_forgotten(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    return shares.T @ unlabelled / shares.sum(axis=0)[:, None]


@wrong("refinement", "as one image. It counts")
def support_as_one_image(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    return (prototypes + shares.T @ unlabelled) / (1 + shares.sum(axis=0))[:, None]


@wrong("refinement", "adds each prototype once to the sum")
def support_once_in_the_sum(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    return (prototypes + shares.T @ unlabelled) / (images_per_class + shares.sum(axis=0))[:, None]


def divided_by(divisor):
    """An answer with the right sums, divided by a function of the numbers of images and the shares."""

    def answer(prototypes, images_per_class, unlabelled):
        shares = shared(prototypes, unlabelled)
        sums = images_per_class[:, None] * prototypes + shares.T @ unlabelled
        return sums / divisor(images_per_class[:, None], shares)

    return answer


WRONG["refinement"] += [
    (divided_by(divisor), because)
    for divisor, because in (
        (lambda n, shares: 1 + shares.sum(axis=0)[:, None], "as one in the divisor"),
        (lambda n, shares: shares.sum(axis=0)[:, None], "forgets the support in the divisor"),
        (lambda n, shares: n, "by `images_per_class` alone"),
        (lambda n, shares: len(shares), "by the number of unlabelled images"),
        (lambda n, shares: n + len(shares), "had got all of each"),
        (lambda n, shares: n + len(shares) / len(n), "in equal parts"),
        (lambda n, shares: n.sum() + len(shares), "number of all images"),
        (lambda n, shares: n + shares.sum(), "had got all of each"),
        (lambda n, shares: n + 1, "one more than the number of support images"),
        (lambda n, shares: 1, "not divided"),
        (lambda n, shares: n + shares.max(axis=0)[:, None], "up to a factor"),
        (lambda n, shares: n + shares.sum(axis=0), "`a[:, None]` gives"),
    )
]


@wrong("refinement", "the support is missing in the sum")
def support_in_the_divisor_alone(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    return shares.T @ unlabelled / (images_per_class + shares.sum(axis=0))[:, None]


@wrong("refinement", "number of the first class's support")
def number_of_the_first(prototypes, images_per_class, unlabelled):
    return pooled(prototypes, images_per_class[:1], unlabelled, shared(prototypes, unlabelled))


@wrong("refinement", "counts all support images for each class")
def all_support_for_each(prototypes, images_per_class, unlabelled):
    n = np.full(len(prototypes), images_per_class.sum())
    return pooled(prototypes, n, unlabelled, shared(prototypes, unlabelled))


@wrong("refinement", "the mean number of all")
def mean_number(prototypes, images_per_class, unlabelled):
    n = np.full(len(prototypes), images_per_class.mean())
    return pooled(prototypes, n, unlabelled, shared(prototypes, unlabelled))


@wrong("refinement", "the middle of the old prototype and the mean of the unlabelled")
def half_and_half(prototypes, images_per_class, unlabelled):
    return (prototypes + support_forgotten(prototypes, images_per_class, unlabelled)) / 2


@wrong("refinement", "adds the *mean* of the unlabelled")
def mean_added_to_the_sum(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    means = shares.T @ unlabelled / shares.sum(axis=0)[:, None]
    return (images_per_class[:, None] * prototypes + means) / (images_per_class + shares.sum(axis=0))[:, None]


@wrong("refinement", "by the mean of the shares times the ways")
def mean_step(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    return prototypes + (shares[:, :, None] * (unlabelled[:, None] - prototypes)).mean(axis=0)


@wrong("refinement", "by the sum of the shares times the ways")
def sum_of_steps(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    return prototypes + (shares[:, :, None] * (unlabelled[:, None] - prototypes)).sum(axis=0)


@wrong("refinement", "one prototype after the other")
def class_by_class(prototypes, images_per_class, unlabelled):
    moved = prototypes.copy()
    for k in range(len(moved)):
        share = shared(moved, unlabelled)[:, k]
        moved[k] = (images_per_class[k] * moved[k] + share @ unlabelled) / (images_per_class[k] + share.sum())
    return moved


@wrong("refinement", "half of the way")
def half_of_the_way(prototypes, images_per_class, unlabelled):
    return (prototypes + smallest_distance_first(prototypes, images_per_class, unlabelled)) / 2


@wrong("refinement", "adds the old prototype")
def added_to_the_old(prototypes, images_per_class, unlabelled):
    return prototypes + smallest_distance_first(prototypes, images_per_class, unlabelled)


@wrong("refinement", "how far the prototypes move")
def the_step(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled) - prototypes


@wrong("refinement", "*away* from")
def stepped_away(prototypes, images_per_class, unlabelled):
    return 2 * prototypes - smallest_distance_first(prototypes, images_per_class, unlabelled)


@wrong("refinement", "after each image")
def image_by_image(prototypes, images_per_class, unlabelled):
    c, n = prototypes, images_per_class
    for x in unlabelled:
        shares = shared(c, x[None])
        c, n = pooled(c, n, x[None], shares), n + shares[0]
    return c


@wrong("refinement", "more than one step")
def two_steps(prototypes, images_per_class, unlabelled):
    once = smallest_distance_first(prototypes, images_per_class, unlabelled)
    return smallest_distance_first(once, images_per_class, unlabelled)


@wrong("refinement", "more than one step")
def ten_steps_from_the_support(prototypes, images_per_class, unlabelled):
    c = prototypes
    for _ in range(10):
        c = pooled(prototypes, images_per_class, unlabelled, shared(c, unlabelled))
    return c


@wrong("refinement", "more than one step")
def until_nothing_moves(prototypes, images_per_class, unlabelled):
    old, c = None, prototypes
    while old is None or np.abs(c - old).max() > 1e-6:
        old, c = c, pooled(prototypes, images_per_class, unlabelled, shared(c, unlabelled))
    return c


@wrong("refinement", "more than one step")
def three_steps_that_count_again(prototypes, images_per_class, unlabelled):
    c, n = prototypes, images_per_class
    for _ in range(3):
        shares = shared(c, unlabelled)
        c, n = pooled(c, n, unlabelled, shares), n + shares.sum(axis=0)
    return c


@wrong("refinement", "as they were")
def not_moved(prototypes, images_per_class, unlabelled):
    return prototypes


@wrong("refinement", "returns the shares. They are right")
def the_shares(prototypes, images_per_class, unlabelled):
    return shared(prototypes, unlabelled)


@wrong("refinement", "the shares, a row for each class")
def the_shares_transposed(prototypes, images_per_class, unlabelled):
    return shared(prototypes, unlabelled).T


@wrong("refinement", "squared distances. They are right")
def the_distances(prototypes, images_per_class, unlabelled):
    return cdist(unlabelled, prototypes) ** 2


@wrong("refinement", "how many images each class has now")
def the_numbers(prototypes, images_per_class, unlabelled):
    return images_per_class + shared(prototypes, unlabelled).sum(axis=0)


@wrong("refinement", "leave out what else")
def the_shares_too(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled), shared(prototypes, unlabelled)


@wrong("refinement", "exchanged: expected a row for each class")
def refined_transposed(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled).T


@wrong("refinement", "a row for each unlabelled image. Expected")
def refined_for_each_image(prototypes, images_per_class, unlabelled):
    refined = smallest_distance_first(prototypes, images_per_class, unlabelled)
    return shared(prototypes, unlabelled) @ refined


@wrong("refinement", "the prototypes that are to move")
def moves_the_images(prototypes, images_per_class, unlabelled):
    return shared(prototypes, unlabelled) @ prototypes


@wrong("refinement", "multiplies each column")
def columns_multiplied(prototypes, images_per_class, unlabelled):
    if len(prototypes) != prototypes.shape[1]:
        return smallest_distance_first(prototypes, images_per_class, unlabelled)
    shares = shared(prototypes, unlabelled)
    return (images_per_class * prototypes + shares.T @ unlabelled) / (images_per_class + shares.sum(axis=0))[:, None]


@wrong("refinement", "divides each column")
def columns_divided(prototypes, images_per_class, unlabelled):
    if len(prototypes) != prototypes.shape[1]:
        return smallest_distance_first(prototypes, images_per_class, unlabelled)
    return divided_by(lambda n, shares: n[:, 0] + shares.sum(axis=0))(prototypes, images_per_class, unlabelled)


@wrong("refinement", "multiplies and divides each column")
def columns_multiplied_and_divided(prototypes, images_per_class, unlabelled):
    if len(prototypes) != prototypes.shape[1]:
        return smallest_distance_first(prototypes, images_per_class, unlabelled)
    shares = shared(prototypes, unlabelled)
    return (images_per_class * prototypes + shares.T @ unlabelled) / (images_per_class + shares.sum(axis=0))


@wrong("refinement", "`//`")
def refined_floor(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled) // 1


@wrong("refinement", "an array of integers")
def refined_into_integers(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled).astype(int)


@wrong("refinement", "the length 1")
def refined_on_the_sphere(prototypes, images_per_class, unlabelled):
    c = smallest_distance_first(prototypes, images_per_class, unlabelled)
    return c / np.linalg.norm(c, axis=1, keepdims=True)


@wrong("refinement", "only the first class is there. Is `return`")
def refined_returns_too_soon(prototypes, images_per_class, unlabelled):
    for c in smallest_distance_first(prototypes, images_per_class, unlabelled):
        return c


@wrong("refinement", "in an array of its own")
def refined_first_in_an_array(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled)[:1]


@wrong("refinement", "only the first unlabelled image")
def first_image_only(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled[:1])


@wrong("refinement", "the last unlabelled image is missing")
def last_unlabelled_left_out(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled[:-1])


@wrong("refinement", "single row")
def refined_one_behind_the_other(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled).ravel()


@wrong("refinement", "makes it stop: e to minus")
def shares_in_plain_python(prototypes, images_per_class, unlabelled):
    d = squared_distances(unlabelled, prototypes).tolist()
    e = [[math.exp(-number) for number in row] for row in d]
    shares = np.array([[number / sum(row) for number in row] for row in e])
    return pooled(prototypes, images_per_class, unlabelled, shares)


@wrong("refinement", "changes the arrays")
def refined_in_place(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)
    prototypes *= images_per_class[:, None]
    prototypes += shares.T @ unlabelled
    return prototypes / (images_per_class + shares.sum(axis=0))[:, None]


@wrong("refinement", "an axis too many")
def refined_batch_left_in(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled)[None]


@wrong("refinement", "returns nothing")
def refined_return_forgotten(prototypes, images_per_class, unlabelled):
    shares = shared(prototypes, unlabelled)  # noqa: F841


# --- short_training: functions from the training data to a model, since these answers take seconds to make ---


def train(model, data, rate, steps=300, way=60, query=2, epochs=1, **options):
    keras.utils.set_random_seed(0)
    model.compile(keras.optimizers.Adam(rate), keras.losses.CategoricalCrossentropy(from_logits=True))
    model.fit(fslkeras.Episodes(data, way=way, shot=1, query=query, steps=steps, **options), epochs=epochs, verbose=0)
    return model


def cosine_decay(rate):
    return keras.optimizers.schedules.CosineDecay(rate, 300)


def prototypical(filters=32):
    keras.utils.set_random_seed(0)
    return fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=filters))


def by_hand():
    """The model of the chapter, layer by layer, with an encoder of the learner's own."""
    keras.utils.set_random_seed(0)
    encoder = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (24, 32, 40, 48):
        encoder.add(keras.layers.Conv2D(filters, 3, padding="same", use_bias=False))
        encoder.add(keras.layers.BatchNormalization(momentum=0.9))
        encoder.add(keras.layers.ReLU())
        encoder.add(keras.layers.MaxPooling2D())
    encoder.add(keras.layers.Flatten())
    x = {
        "support": keras.Input((None, 28, 28, 1), name="support"),
        "support_labels": keras.Input((None, None), name="support_labels"),
        "query": keras.Input((None, 28, 28, 1), name="query"),
    }
    support, query = fslkeras.layers.EncodeEpisode(encoder)(x["support"], x["query"])
    prototypes = fslkeras.layers.Prototypes()(support, x["support_labels"])
    return keras.Model(x, -fslkeras.layers.Distance()(query, prototypes))


class Unlike(keras.layers.Layer):
    """The sign of the scores forgotten, or all scores made equal."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def call(self, scores):
        return self.factor * scores


def turned(factor, data):
    trained = train(prototypical(), data, 2e-3, steps=60, way=20)
    model = keras.Model(trained.input, Unlike(factor)(trained.output))
    model.compile("sgd", "mse")
    model.optimizer.iterations.assign(60)
    return model


def not_an_episode_model(data):
    images = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    images.compile("sgd", "mse")
    images.fit(data.images[:32] / 255.0, np.zeros((32, 2)), verbose=0)
    return images


RIGHT["short_training"] = [
    lambda data: train(prototypical(), data, cosine_decay(4e-3)),
    lambda data: train(prototypical(), data, cosine_decay(5e-3), way=80, steps=100, epochs=3),
    lambda data: train(by_hand(), data, cosine_decay(4e-3)),
    lambda data: train(prototypical(), data.rotated(), cosine_decay(4e-3), seed=1),
]
WRONG["short_training"] = [
    (lambda data: train(prototypical(), data, 1e-3, way=5), "86.0 % are wanted"),
    (lambda data: train(prototypical(), data, 1e-3, way=2, steps=301), "300 are allowed"),
    (lambda data: prototypical(), "was not trained"),
    (lambda data: train(prototypical(), data, 1e-3, way=2, steps=1).history, "expected the trained keras.Model"),
    (
        lambda data: train(prototypical(), fslkeras.datasets.load("glyphs", "validation"), cosine_decay(3e-3), way=60),
        "Were they trained on?",
    ),
    (lambda data: turned(-1, data), "*minus* the distance"),
    (lambda data: turned(0, data), "the same score"),
    (not_an_episode_model, "does not answer episodes"),
]
