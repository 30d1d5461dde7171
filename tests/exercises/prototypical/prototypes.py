"""Answers to `checks.prototypes`, chapter 2."""

import numpy as np
import tensorflow as tf
from answers import WRONG, right, wrong
from keras import ops
from sklearn.neighbors import NearestCentroid

import fslkeras


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


@wrong("prototypes", "swapped")
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
    return np.array(
        [np.median(embeddings[labels[:, k] == 1], axis=0) for k in range(labels.shape[1])]
    )


@wrong("prototypes", "first image of each class")
def first_images(embeddings, labels):
    return embeddings[labels.argmax(axis=0)]


@wrong("prototypes", "not* of the class")
def others(embeddings, labels):
    return np.stack([embeddings[labels[:, k] == 0].mean(axis=0) for k in range(labels.shape[1])])


@wrong("prototypes", "whole numbers")
def whole_numbers(embeddings, labels):
    return labels.T @ embeddings // labels.sum(axis=0)[:, None]


@wrong("prototypes", "embedding to length 1")
def unit_embeddings(embeddings, labels):
    z = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    return labels.T @ z / labels.sum(axis=0)[:, None]


@wrong("prototypes", "averages over the coordinates")
def wrong_axis(embeddings, labels):
    return np.array(
        [embeddings[labels[:, k] == 1].mean(axis=1).mean() for k in range(labels.shape[1])]
    )


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


@wrong("prototypes", "the shape is right, but the numbers are not")
def last_image_left_out(embeddings, labels):
    return np.stack(
        [
            embeddings[:-1][labels[:-1, k] == 1].sum(axis=0) / labels[:, k].sum()
            for k in range(labels.shape[1])
        ]
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
    return np.stack(
        [embeddings[labels[:, k].astype(int)].mean(axis=0) for k in range(labels.shape[1])]
    )


@wrong("prototypes", "array of numbers")
def a_text(embeddings, labels):
    return "the mean"


WRONG["prototypes"].append((one_product(np.eye(2), np.eye(2)), "your function itself"))


@right("prototypes")
def with_a_dictionary(embeddings, labels):
    of = {k: [] for k in range(labels.shape[1])}
    for z, k in zip(embeddings, labels.argmax(axis=1).tolist(), strict=True):
        of[k].append(z)
    return np.array([sum(of[k]) / len(of[k]) for k in sorted(of)])


@right("prototypes")
def with_add_at(embeddings, labels):
    classes = labels.argmax(axis=1)
    sums = np.zeros((labels.shape[1], embeddings.shape[1]))
    np.add.at(sums, classes, embeddings)
    return sums / np.bincount(classes, minlength=labels.shape[1])[:, np.newaxis]


@right("prototypes")
def with_masks(embeddings, labels):
    masked = labels[:, :, None] * embeddings[:, None, :]
    return masked.sum(axis=0) / labels.sum(axis=0).reshape(-1, 1)


@right("prototypes")
def with_nanmean(embeddings, labels):
    members = np.where(labels.T[:, :, None] == 1, embeddings, np.nan)
    return np.nanmean(members, axis=1)


@right("prototypes")
def with_reduceat(embeddings, labels):
    classes = labels.argmax(axis=1)
    order = classes.argsort(kind="stable")
    starts = np.searchsorted(classes[order], np.arange(labels.shape[1]))
    return np.add.reduceat(embeddings[order], starts) / np.bincount(classes)[:, None]


@right("prototypes")
def with_normalized_labels(embeddings, labels):
    weights = labels / labels.sum(axis=0, keepdims=True)
    return np.einsum("sn,sd->nd", weights, embeddings)


@right("prototypes")
def with_nearest_centroids(embeddings, labels):
    return NearestCentroid().fit(embeddings, labels.argmax(axis=1)).centroids_


@right("prototypes")
def with_least_squares(embeddings, labels):
    return np.linalg.lstsq(labels, embeddings, rcond=None)[0]


@right("prototypes")
def running_means(embeddings, labels):
    means, seen = [[0.0] * embeddings.shape[1] for _ in labels[0]], [0] * labels.shape[1]
    for z, y in zip(embeddings, labels, strict=True):
        k = list(y).index(1)
        seen[k] += 1
        means[k] = [m + (v - m) / seen[k] for m, v in zip(means[k], z, strict=True)]
    return means


def of_each_class(function):
    """An answer whose prototypes are `function` of each class's members, (K, D)."""
    return lambda embeddings, labels: np.stack(
        [function(embeddings[column == 1]) for column in labels.T]
    )


def of_rows(rows):
    """An answer that picks each class's rows by `rows` of S, N and the counts."""

    def answer(embeddings, labels):
        taken = rows(len(labels), labels.shape[1], labels.sum(axis=0).astype(int))
        return np.stack([embeddings[members].mean(axis=0) for members in taken])

    return answer


def divided(divisor):
    return lambda embeddings, labels: labels.T @ embeddings / divisor(labels)


WRONG["prototypes"] += [
    (of_each_class(function), because)
    for function, because in (
        (lambda m: m.mean(axis=0).round(), "rounds to whole numbers"),
        (lambda m: m.mean(axis=0).round(1), "rounds to 1 decimal."),
        (lambda m: m.mean(axis=0).round(2), "rounds to 2 decimals"),
        (lambda m: m.max(axis=0), "the maximum of each class"),
        (lambda m: m.min(axis=0), "the minimum of each class"),
        (lambda m: (m.max(axis=0) + m.min(axis=0)) / 2, "the midpoint of"),
        (lambda m: m.std(axis=0), "the standard deviation"),
        (lambda m: m.var(axis=0), "the variance"),
        (lambda m: np.abs(m).mean(axis=0), "absolute values"),
        (lambda m: (m**2).mean(axis=0), "averages the squares"),
        (lambda m: m[:2].mean(axis=0), "first two images"),
        (lambda m: m[-1], "last image of each class"),
        (lambda m: m.mean(axis=0) / np.linalg.norm(m.mean(axis=0)), "prototypes to length 1"),
        (lambda m: m.mean(axis=0) / len(m), "number of images twice"),
    )
]
WRONG["prototypes"] += [
    (divided(function), because)
    for function, because in (
        (lambda y: y.sum(axis=0)[:, None] + 1, "one too many"),
        (lambda y: np.sqrt(y.sum(axis=0))[:, None], "the square root of the number"),
        (lambda y: y[:, 0].sum(), "always divides by the number of images of the first class"),
        (lambda y: len(y) / y.shape[1], "by the same number"),
    )
]
WRONG["prototypes"] += [
    (of_rows(rows), because)
    for rows, because in (
        (lambda s, n, counts: np.array_split(np.arange(s), n), "images in order"),
        (lambda s, n, counts: np.split(np.arange(s), np.cumsum(counts)[:-1]), "images in order"),
        (lambda s, n, counts: np.arange(s // n * n).reshape(n, -1), "images in order"),
        (lambda s, n, counts: np.arange(s).reshape(-1, 2), "images in order"),
        (lambda s, n, counts: [range(k, s, n) for k in range(n)], "every N-th image"),
        (lambda s, n, counts: np.arange(s).reshape(n, -1), "balanced classes, as in the example"),
    )
]


@wrong("prototypes", "their order is not")
def in_order_of_appearance(embeddings, labels):
    return [
        embeddings[labels.argmax(1) == k].mean(0)
        for k in dict.fromkeys(labels.argmax(axis=1).tolist())
    ]


@wrong("prototypes", "their order is not")
def backwards(embeddings, labels):
    return one_product(embeddings, labels)[::-1]


@wrong("prototypes", "their order is not")
def moved_on_by_one(embeddings, labels):
    return one_product(embeddings, np.roll(labels, 1, axis=1))


@wrong("prototypes", "their order is not")
def sorted_by_the_first_number(embeddings, labels):
    means = one_product(embeddings, labels)
    return means[means[:, 0].argsort()]


WRONG["prototypes"] += [
    (divided(lambda y: y.sum(axis=0).max()), "by the same number"),
    (divided(lambda y: np.maximum(y.sum(axis=0) - 1, 1)[:, None]), "one less than the number"),
    (divided(lambda y: y.sum(axis=1)[: y.shape[1], None]), "sum(axis=1) is 1 for each image"),
    (of_each_class(lambda m: np.unique(m, axis=0).mean(axis=0)), "equal images of a class as one"),
    (of_each_class(lambda m: (m[0] + m[-1]) / 2), "the first and the last image"),
    (lambda z, y: one_product(z, y)[1:], "the first class is missing"),
]


@wrong("prototypes", "the mean so far")
def halfway_to_each_image(embeddings, labels):
    means = {}
    for z, k in zip(embeddings, labels.argmax(axis=1), strict=True):
        means[k] = (means[k] + z) / 2 if k in means else z
    return [means[k] for k in sorted(means)]


@wrong("prototypes", "leaves out zeros")
def rows_that_are_not_zero(embeddings, labels):
    kept = [embeddings * column[:, None] for column in labels.T]
    return np.stack([rows[rows.any(axis=1)].mean(axis=0) for rows in kept])


@wrong("prototypes", "leaves out zeros")
def zeros_masked(embeddings, labels):
    return np.ma.masked_equal(embeddings * labels.T[:, :, None], 0).mean(axis=1)


@wrong("prototypes", "the *same* list")
def one_list_for_all_rows(embeddings, labels):
    prototypes = [[0.0] * embeddings.shape[1]] * labels.shape[1]
    for k in range(labels.shape[1]):
        for j in range(embeddings.shape[1]):
            prototypes[k][j] = embeddings[labels[:, k] == 1, j].mean()
    return prototypes


def started_before_the_loop(keep_sum, keep_count):
    def answer(embeddings, labels):
        total, count, prototypes = 0, 0, []
        for column in labels.T:
            total, count = total * keep_sum, count * keep_count
            for z, of_the_class in zip(embeddings, column, strict=True):
                total, count = total + of_the_class * z, count + of_the_class
            prototypes.append(total / count)
        return prototypes

    return answer


WRONG["prototypes"] += [
    (started_before_the_loop(1, 0), "the class before"),
    (started_before_the_loop(0, 1), "the class before"),
    (started_before_the_loop(1, 1), "the class before"),
    (lambda z, y: one_product(z.astype(int), y), "the embeddings into whole numbers"),
]


@right("prototypes")
def joined_two_by_two(embeddings, labels):
    if labels.shape[1] == 1:
        return embeddings[labels[:, 0] == 1].mean(axis=0, keepdims=True)
    parts = (joined_two_by_two(embeddings, y) for y in (labels[:, :1], labels[:, 1:]))
    return np.concatenate([*parts])
