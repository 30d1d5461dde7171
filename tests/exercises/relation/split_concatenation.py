"""Answers to `checks.split_concatenation`, chapter 3."""

import numpy as np
import tensorflow as tf
from answers import right, wrong
from keras import ops


@right("split_concatenation")
def broadcast(queries, classes, weights):
    C = queries.shape[1]
    return (queries @ weights[:C])[:, None] + (classes @ weights[C:])[None]


@right("split_concatenation")
def split_in_two(q, c, w):
    upper, lower = np.split(w, 2)
    return np.expand_dims(np.matmul(q, upper), 1) + np.matmul(c, lower)


@right("split_concatenation")
def built_at_once(queries, classes, weights):
    """The concatenation after all, and without a loop."""
    (Q, C), N = queries.shape, len(classes)
    left = np.broadcast_to(queries[:, None], (Q, N, C))
    right = np.broadcast_to(classes[None], (Q, N, C))
    return np.concatenate([left, right], axis=-1) @ weights


@right("split_concatenation")
def repeated_and_tiled(queries, classes, weights):
    Q, N = len(queries), len(classes)
    pairs = np.hstack([np.repeat(queries, N, axis=0), np.tile(classes, (Q, 1))])
    return (pairs @ weights).reshape(Q, N, -1)


@right("split_concatenation")
def one_einsum_each(queries, classes, weights):
    halves = weights.reshape(2, queries.shape[1], -1)
    return np.einsum("qc,cf->qf", queries, halves[0])[:, np.newaxis, :] + np.einsum("nc,cf->nf", classes, halves[1])


@right("split_concatenation")
def split_in_keras(queries, classes, weights):
    of_query, of_class = ops.split(weights, 2, axis=0)
    return ops.expand_dims(ops.matmul(queries, of_query), 1) + ops.expand_dims(ops.matmul(classes, of_class), 0)


@right("split_concatenation")
def split_in_tensorflow(queries, classes, weights):
    channels = tf.shape(queries)[1]
    return (queries @ weights[:channels])[:, tf.newaxis] + classes @ weights[channels:]


@right("split_concatenation")
def last_rows(queries, classes, weights):
    C = len(weights) // 2
    return np.add(np.dot(queries, weights[:-C])[:, None, :], np.dot(classes, weights[-C:]))


@wrong("split_concatenation", "halves are exchanged")
def halves_exchanged(queries, classes, weights):
    C = queries.shape[1]
    return (queries @ weights[C:])[:, None] + (classes @ weights[:C])[None]


@wrong("split_concatenation", "halves are exchanged")
def class_first(queries, classes, weights):
    (Q, C), N = queries.shape, len(classes)
    pairs = [np.broadcast_to(classes, (Q, N, C)), np.broadcast_to(queries[:, None], (Q, N, C))]
    return np.concatenate(pairs, axis=-1) @ weights


@wrong("split_concatenation", "first half of the weights for both")
def first_half_twice(queries, classes, weights):
    upper = weights[: queries.shape[1]]
    return (queries @ upper)[:, None] + (classes @ upper)[None]


@wrong("split_concatenation", "second half of the weights for both")
def second_half_twice(queries, classes, weights):
    lower = weights[queries.shape[1] :]
    return (queries @ lower)[:, None] + (classes @ lower)[None]


@wrong("split_concatenation", "every other row")
def every_other_row(queries, classes, weights):
    return (queries @ weights[::2])[:, None] + (classes @ weights[1::2])[None]


@wrong("split_concatenation", "the axes are exchanged")
def classes_first(queries, classes, weights):
    C = queries.shape[1]
    return (queries @ weights[:C])[None] + (classes @ weights[C:])[:, None]


@wrong("split_concatenation", "last two axes")
def filters_in_the_middle(queries, classes, weights):
    return broadcast(queries, classes, weights).swapaxes(1, 2)


@wrong("split_concatenation", "multiplies the two")
def product(queries, classes, weights):
    C = queries.shape[1]
    return (queries @ weights[:C])[:, None] * (classes @ weights[C:])[None]


@wrong("split_concatenation", "subtracts")
def difference(queries, classes, weights):
    C = queries.shape[1]
    return (queries @ weights[:C])[:, None] - (classes @ weights[C:])[None]


@wrong("split_concatenation", "mean of the two parts")
def mean_of_parts(queries, classes, weights):
    return broadcast(queries, classes, weights) / 2


@wrong("split_concatenation", "`a[:, None]` gives")
def axes_forgotten(queries, classes, weights):
    C = queries.shape[1]
    return queries @ weights[:C] + classes @ weights[C:]


@wrong("split_concatenation", "in the same row")
def same_rows_only(queries, classes, weights):
    C = queries.shape[1]
    if len(queries) != len(classes):
        return broadcast(queries, classes, weights)
    return queries @ weights[:C] + classes @ weights[C:]


@wrong("split_concatenation", "once for all classes")
def class_forgotten(queries, classes, weights):
    return queries @ weights[: queries.shape[1]]


@wrong("split_concatenation", "same numbers for every class")
def class_forgotten_and_repeated(queries, classes, weights):
    return np.repeat((queries @ weights[: queries.shape[1]])[:, None], len(classes), axis=1)


@wrong("split_concatenation", "once for all queries")
def query_forgotten(queries, classes, weights):
    return classes @ weights[queries.shape[1] :]


@wrong("split_concatenation", "same numbers for every query")
def query_forgotten_and_repeated(queries, classes, weights):
    return np.tile(classes @ weights[queries.shape[1] :], (len(queries), 1, 1))


@wrong("split_concatenation", "concatenation itself")
def weights_forgotten(queries, classes, weights):
    (Q, C), N = queries.shape, len(classes)
    pairs = [np.broadcast_to(queries[:, None], (Q, N, C)), np.broadcast_to(classes, (Q, N, C))]
    return np.concatenate(pairs, axis=-1)


@wrong("split_concatenation", "one behind the other. Add them")
def results_concatenated(queries, classes, weights):
    C = queries.shape[1]
    left, right = (queries @ weights[:C])[:, None], (classes @ weights[C:])[None]
    shape = np.broadcast_shapes(left.shape, right.shape)
    return np.concatenate([np.broadcast_to(left, shape), np.broadcast_to(right, shape)], axis=-1)


@wrong("split_concatenation", "sums over the F numbers")
def filters_summed(queries, classes, weights):
    return broadcast(queries, classes, weights).sum(axis=-1)


@wrong("split_concatenation", "the pairs are one behind the other")
def flat_pairs(queries, classes, weights):
    return broadcast(queries, classes, weights).reshape(-1, weights.shape[1])


@wrong("split_concatenation", "same rhythm")
def tiled_twice(queries, classes, weights):
    Q, N = len(queries), len(classes)
    return (np.hstack([np.tile(queries, (N, 1)), np.tile(classes, (Q, 1))]) @ weights).reshape(Q, N, -1)


@wrong("split_concatenation", "in the wrong order")
def repeat_for_tile(queries, classes, weights):
    Q, N = len(queries), len(classes)
    return (np.hstack([np.tile(queries, (N, 1)), np.repeat(classes, Q, axis=0)]) @ weights).reshape(Q, N, -1)


@wrong("split_concatenation", "ReLU comes later")
def with_relu(queries, classes, weights):
    return np.maximum(broadcast(queries, classes, weights), 0)


@wrong("split_concatenation", "first query only")
def returns_too_soon(queries, classes, weights):
    for q in queries:
        return q @ weights[: len(q)] + classes @ weights[len(q) :]


@wrong("split_concatenation", "only for two channels")
def two_channels(queries, classes, weights):
    return (queries @ weights[:2])[:, None] + (classes @ weights[2:])[None]


@wrong("split_concatenation", "axis missing")
def squeezed(queries, classes, weights):
    return broadcast(queries, classes, weights).squeeze()


@wrong("split_concatenation", "loops in Python")
def pair_by_pair(queries, classes, weights):
    return np.array([[np.concatenate([q, c]) @ weights for c in classes] for q in queries])


@wrong("split_concatenation", "loops in Python")
def loop_over_queries(queries, classes, weights):
    C = queries.shape[1]
    of_classes = classes @ weights[C:]
    result = np.zeros((len(queries), len(classes), weights.shape[1]))
    for i, q in enumerate(queries):
        result[i] = q @ weights[:C] + of_classes
    return result


@wrong("split_concatenation", "answers the example")
def hard_coded(queries, classes, weights):
    return np.array([[[4321], [1021]]])
