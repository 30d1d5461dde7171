"""Answers to `checks.segment_sum`, chapter 4."""

import numpy as np
import tensorflow as tf
from answers import right, wrong
from keras import ops
from scipy import sparse


@right("segment_sum")
def loop_over_classes(attention, classes, n):
    out = np.zeros((len(attention), n))
    for k in range(n):
        out[:, k] = attention[:, classes == k].sum(axis=1)
    return out


@right("segment_sum")
def loop_over_images(attention, classes, n):
    out = np.zeros((attention.shape[0], n))
    for i, k in enumerate(classes):
        out[:, k] += attention[:, i]
    return out


@right("segment_sum")
def added_at(a, c, n):
    out = np.zeros((len(a), n))
    np.add.at(out, (slice(None), c), a)
    return out


@right("segment_sum")
def counted_with_weights(attention, classes, n):
    return np.stack([np.bincount(classes, weights=row, minlength=n) for row in attention])


@right("segment_sum")
def segments_in_keras(attention, classes, n):
    return ops.transpose(ops.segment_sum(ops.transpose(attention), classes, n))


@right("segment_sum")
def segments_in_tensorflow(attention, classes, n):
    return tf.transpose(tf.math.unsorted_segment_sum(tf.transpose(attention), classes, n))


@right("segment_sum")
def with_where(attention, classes, n):
    return [[np.where(classes == k, row, 0).sum() for k in range(n)] for row in attention]


@right("segment_sum")
def with_a_sparse_matrix(attention, classes, n):
    S = len(classes)
    return attention @ sparse.csr_matrix((np.ones(S), (np.arange(S), classes)), shape=(S, n))


@right("segment_sum")
def with_one_hot(attention, classes, n):
    """Not the way meant, and right."""
    return attention @ np.eye(n)[classes]


@right("segment_sum")
def in_plain_python(attention, classes, n):
    out = [[0.0] * n for _ in attention]
    for row, sums in zip(attention.tolist(), out, strict=True):
        for value, k in zip(row, classes.tolist(), strict=True):
            sums[k] += value
    return out


@wrong("segment_sum", "np.add.at")
def written_once(attention, classes, n):
    out = np.zeros((len(attention), n))
    out[:, classes] += attention
    return out


@wrong("segment_sum", "first one only")
def first_of_class(attention, classes, n):
    out = np.zeros((len(attention), n))
    for k in range(n):
        if (classes == k).any():
            out[:, k] = attention[:, np.argmax(classes == k)]
    return out


@wrong("segment_sum", "of no images it is 0")
def means(attention, classes, n):
    return np.stack([attention[:, classes == k].mean(axis=1) for k in range(n)], axis=1)


@wrong("segment_sum", "returns the mean attention of each class. Expected")
def safe_means(attention, classes, n):
    return loop_over_classes(attention, classes, n) / np.maximum(np.bincount(classes, minlength=n), 1)


@wrong("segment_sum", "largest attention")
def largest(attention, classes, n):
    return np.stack([attention[:, classes == k].max(axis=1, initial=0) for k in range(n)], axis=1)


@wrong("segment_sum", "multiplies")
def products(attention, classes, n):
    out = np.ones((len(attention), n))
    for i, k in enumerate(classes):
        out[:, k] *= attention[:, i]
    return out


@wrong("segment_sum", "rows and columns")
def a_row_for_each_class(attention, classes, n):
    return np.stack([attention[:, classes == k].sum(axis=1) for k in range(n)])


@wrong("segment_sum", "behind the last one that has an image")
def columns_by_largest(attention, classes, n):
    return np.stack([attention[:, classes == k].sum(axis=1) for k in range(max(classes) + 1)], axis=1)


@wrong("segment_sum", "behind the last one that has an image")
def no_minlength(attention, classes, n):
    return np.stack([np.bincount(classes, weights=row) for row in attention])


@wrong("segment_sum", "classes without an image are missing")
def only_those_that_are_there(attention, classes, n):
    return np.stack([attention[:, classes == k].sum(axis=1) for k in np.unique(classes)], axis=1)


@wrong("segment_sum", "last class is missing")
def one_too_few(attention, classes, n):
    return loop_over_classes(attention, classes, n)[:, : n - 1]


@wrong("segment_sum", "for 1 to n")
def from_one(attention, classes, n):
    return np.stack([attention[:, classes == k].sum(axis=1) for k in range(1, n + 1)], axis=1)


@wrong("segment_sum", "sums over the queries")
def summed_over_queries(attention, classes, n):
    return np.array([attention[:, classes == k].sum() for k in range(n)])


@wrong("segment_sum", "sums over all images")
def mask_forgotten(attention, classes, n):
    return np.stack([attention.sum(axis=1) for k in range(n)], axis=1)


@wrong("segment_sum", "counts the images")
def counts(attention, classes, n):
    return np.tile(np.bincount(classes, minlength=n), (len(attention), 1))


@wrong("segment_sum", "as numbers of *images*")
def indexed(attention, classes, n):
    return attention[:, classes]


@wrong("segment_sum", "of its whole class")
def back_to_images(attention, classes, n):
    return loop_over_classes(attention, classes, n)[:, classes]


@wrong("segment_sum", "as it was given")
def unchanged(attention, classes, n):
    return attention


@wrong("segment_sum", "from image to image")
def running_sums(attention, classes, n):
    return np.cumsum(attention, axis=1)


@wrong("segment_sum", "images in order")
def equally_many(attention, classes, n):
    if attention.shape[1] % n:
        return loop_over_classes(attention, classes, n)
    return attention.reshape(len(attention), n, -1).sum(axis=2)


@wrong("segment_sum", "stopped with an error, ValueError")
def always_equally_many(attention, classes, n):
    return attention.reshape(len(attention), n, -1).sum(axis=2)


@wrong("segment_sum", "array of integers")
def into_integers(attention, classes, n):
    out = np.zeros((len(attention), n), dtype=int)
    for k in range(n):
        out[:, k] = attention[:, classes == k].sum(axis=1)
    return out


@wrong("segment_sum", "one-hot matrix of the classes")
def one_hot_alone(attention, classes, n):
    return np.eye(n)[classes]


@wrong("segment_sum", "inside the loop")
def returns_too_soon(attention, classes, n):
    for k in range(n):
        return attention[:, classes == k].sum(axis=1)


@wrong("segment_sum", "class with most attention")
def winner(attention, classes, n):
    return loop_over_classes(attention, classes, n).argmax(axis=1)


@wrong("segment_sum", "first query only")
def one_query(attention, classes, n):
    return np.bincount(classes, weights=attention[0], minlength=n)


@wrong("segment_sum", "first query only")
def one_query_in_a_row(attention, classes, n):
    return np.bincount(classes, weights=attention[0], minlength=n)[None]


@wrong("segment_sum", "answers the example")
def sums_hard_coded(attention, classes, n):
    return [[0.2, 0.8, 0]]


@wrong("segment_sum", "returns nothing")
def result_dropped(attention, classes, n):
    out = np.zeros((len(attention), n))
    np.add.at(out, (slice(None), classes), attention)
