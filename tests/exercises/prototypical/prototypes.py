"""Answers to `checks.prototypes`, chapter 2."""

import numpy as np
import tensorflow as tf
from answers import WRONG, right, wrong
from keras import ops

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
    return np.stack([embeddings[:-1][labels[:-1, k] == 1].sum(axis=0) / labels[:, k].sum() for k in range(labels.shape[1])])


@wrong("prototypes", "not a number")
def divided_by_zero(embeddings, labels):
    return labels.T @ embeddings / np.array([labels[: labels.shape[1], k].sum() for k in range(labels.shape[1])])[:, None] * 0


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
