"""Answers to `checks.split_concatenation`, chapter 3."""

import keras
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
def one_einsum_each(queries, classes, weights):
    halves = weights.reshape(2, queries.shape[1], -1)
    return np.einsum("qc,cf->qf", queries, halves[0])[:, np.newaxis, :] + np.einsum(
        "nc,cf->nf", classes, halves[1]
    )


@right("split_concatenation")
def split_in_keras(queries, classes, weights):
    of_query, of_class = ops.split(weights, 2, axis=0)
    return ops.expand_dims(ops.matmul(queries, of_query), 1) + ops.expand_dims(
        ops.matmul(classes, of_class), 0
    )


@right("split_concatenation")
def split_in_tensorflow(queries, classes, weights):
    channels = tf.shape(queries)[1]
    return (queries @ weights[:channels])[:, tf.newaxis] + classes @ weights[channels:]


@right("split_concatenation")
def last_rows(queries, classes, weights):
    C = len(weights) // 2
    return np.add(np.dot(queries, weights[:-C])[:, None, :], np.dot(classes, weights[-C:]))


@right("split_concatenation")
def nested_comprehension(queries, classes, weights):
    C = queries.shape[1]
    of_queries, of_classes = queries @ weights[:C], classes @ weights[C:]
    return np.array([[a + b for b in of_classes] for a in of_queries])


@right("split_concatenation")
def lists_of_arrays(queries, classes, weights):
    C = queries.shape[1]
    of_classes = [c @ weights[C:] for c in classes]
    return [
        [of_query + of_class for of_class in of_classes]
        for of_query in (q @ weights[:C] for q in queries)
    ]


@right("split_concatenation")
def loop_over_queries(queries, classes, weights):
    C = queries.shape[1]
    of_classes = classes @ weights[C:]
    result = np.zeros((len(queries), len(classes), weights.shape[1]))
    for i, q in enumerate(queries):
        result[i] = q @ weights[:C] + of_classes
    return result


@right("split_concatenation")
def loop_over_classes(queries, classes, weights):
    C = queries.shape[1]
    of_queries = queries @ weights[:C]
    return np.stack([of_queries + c @ weights[C:] for c in classes], axis=1)


@right("split_concatenation")
def loop_over_filters(queries, classes, weights):
    C = queries.shape[1]
    return np.stack([(queries @ w[:C])[:, None] + classes @ w[C:] for w in weights.T], axis=-1)


@right("split_concatenation")
def loop_over_channels(queries, classes, weights):
    C, of_queries, of_classes = queries.shape[1], 0, 0
    for k in range(C):
        of_queries = of_queries + np.outer(queries[:, k], weights[k])
        of_classes = of_classes + np.outer(classes[:, k], weights[C + k])
    return of_queries[:, None] + of_classes[None]


@right("split_concatenation")
def in_plain_python(queries, classes, weights):
    C, F = len(queries[0]), len(weights[0])

    def times(row, rows):
        return [sum(row[k] * rows[k][f] for k in range(C)) for f in range(F)]

    of_queries = [times(q, weights[:C]) for q in queries.tolist()]
    of_classes = [times(c, weights[C:]) for c in classes.tolist()]
    return [[[a + b for a, b in zip(x, y, strict=True)] for y in of_classes] for x in of_queries]


@right("split_concatenation")
def products_summed(queries, classes, weights):
    C = queries.shape[1]
    of_queries = (queries[:, :, None] * weights[:C]).sum(axis=1)
    return of_queries[:, None] + (classes[:, :, None] * weights[C:]).sum(axis=1)


@right("split_concatenation")
def filled_up_with_zeros(queries, classes, weights):
    """A query with zeros for the class, and vice versa: Q + N rows, not Q N."""
    of_queries = np.hstack([queries, np.zeros_like(queries)]) @ weights
    return of_queries[:, None] + np.hstack([np.zeros_like(classes), classes]) @ weights


@right("split_concatenation")
def parts_repeated(queries, classes, weights):
    """Multiplied first, then repeated for the pairs."""
    (Q, C), N = queries.shape, len(classes)
    of_queries = np.repeat((queries @ weights[:C])[:, None], N, axis=1)
    return of_queries + np.tile(classes @ weights[C:], (Q, 1, 1))


@right("split_concatenation")
def parts_in_a_grid(queries, classes, weights):
    C = queries.shape[1]
    i, j = np.indices((len(queries), len(classes)))
    return np.dot(queries, weights[:C])[i] + np.dot(classes, weights[C:])[j]


@right("split_concatenation")
def in_double_precision(queries, classes, weights):
    q, c, w = (np.asarray(array, "float64") for array in (queries, classes, weights))
    return broadcast(q, c, w)


@right("split_concatenation")
def tensordot_and_reshape(queries, classes, weights):
    (Q, C), (N, F) = queries.shape, (len(classes), weights.shape[1])
    of_queries = np.tensordot(queries, weights[:C], axes=1).reshape(Q, 1, F)
    return of_queries + np.tensordot(classes, weights[C:], axes=1).reshape(1, N, F)


@right("split_concatenation")
def lists_of_floats(queries, classes, weights):
    """Only Python's own numbers, in which nothing can be counted."""
    q, c, w = ([[float(x) for x in row] for row in rows] for rows in (queries, classes, weights))
    C = len(q[0])

    def times(row, rows):
        return [sum(row[k] * rows[k][f] for k in range(C)) for f in range(len(rows[0]))]

    of_queries, of_classes = [times(row, w[:C]) for row in q], [times(row, w[C:]) for row in c]
    return [[[a + b for a, b in zip(x, y, strict=True)] for y in of_classes] for x in of_queries]


@right("split_concatenation")
def convolutions_in_keras(queries, classes, weights):
    C = queries.shape[1]
    q, c, w = (ops.cast(array, "float32")[None] for array in (queries, classes, weights))
    return ops.conv(q, w[:, :C])[0][:, None] + ops.conv(c, w[:, C:])[0]


@right("split_concatenation")
def dense_layers(queries, classes, weights):
    parts = []
    for images, half in zip((queries, classes), np.split(np.float32(weights), 2), strict=True):
        dense = keras.layers.Dense(half.shape[1], use_bias=False)
        dense.build(images.shape)
        dense.set_weights([half])
        parts.append(dense(np.float32(images)))
    return parts[0][:, None] + parts[1]


@right("split_concatenation")
def filled_up_with_zeros_in_keras(queries, classes, weights):
    of_queries = ops.concatenate([queries, ops.zeros_like(queries)], axis=1) @ weights
    of_classes = ops.concatenate([ops.zeros_like(classes), classes], axis=1) @ weights
    return of_queries[:, None] + of_classes[None]


@wrong("split_concatenation", "halves are swapped")
def halves_swapped(queries, classes, weights):
    C = queries.shape[1]
    return (queries @ weights[C:])[:, None] + (classes @ weights[:C])[None]


@wrong("split_concatenation", "halves are swapped")
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


@wrong("split_concatenation", "the axes are swapped")
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


@wrong("split_concatenation", "queries' part only")
def class_forgotten(queries, classes, weights):
    return queries @ weights[: queries.shape[1]]


@wrong("split_concatenation", "same numbers for every class")
def class_forgotten_and_repeated(queries, classes, weights):
    return np.repeat((queries @ weights[: queries.shape[1]])[:, None], len(classes), axis=1)


@wrong("split_concatenation", "classes' part only")
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


@wrong("split_concatenation", "concatenates the results")
def results_concatenated(queries, classes, weights):
    C = queries.shape[1]
    left, right = (queries @ weights[:C])[:, None], (classes @ weights[C:])[None]
    shape = np.broadcast_shapes(left.shape, right.shape)
    return np.concatenate([np.broadcast_to(left, shape), np.broadcast_to(right, shape)], axis=-1)


@wrong("split_concatenation", "sums over the F numbers")
def filters_summed(queries, classes, weights):
    return broadcast(queries, classes, weights).sum(axis=-1)


@wrong("split_concatenation", "share one axis")
def flat_pairs(queries, classes, weights):
    return broadcast(queries, classes, weights).reshape(-1, weights.shape[1])


@wrong("split_concatenation", "in the same order")
def tiled_twice(queries, classes, weights):
    Q, N = len(queries), len(classes)
    return (np.hstack([np.tile(queries, (N, 1)), np.tile(classes, (Q, 1))]) @ weights).reshape(
        Q, N, -1
    )


@wrong("split_concatenation", "in the wrong order")
def repeat_for_tile(queries, classes, weights):
    Q, N = len(queries), len(classes)
    return (np.hstack([np.tile(queries, (N, 1)), np.repeat(classes, Q, axis=0)]) @ weights).reshape(
        Q, N, -1
    )


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


@wrong("split_concatenation", "again for each pair")
def built_at_once(queries, classes, weights):
    (Q, C), N = queries.shape, len(classes)
    left = np.broadcast_to(queries[:, None], (Q, N, C))
    right = np.broadcast_to(classes[None], (Q, N, C))
    return np.concatenate([left, right], axis=-1) @ weights


@wrong("split_concatenation", "again for each pair")
def repeated_and_tiled(queries, classes, weights):
    Q, N = len(queries), len(classes)
    pairs = np.hstack([np.repeat(queries, N, axis=0), np.tile(classes, (Q, 1))])
    return (pairs @ weights).reshape(Q, N, -1)


@wrong("split_concatenation", "again for each pair")
def buffer_filled(queries, classes, weights):
    (Q, C), N = queries.shape, len(classes)
    pairs = np.zeros((Q, N, 2 * C), "float32")
    pairs[..., :C], pairs[..., C:] = queries[:, None], classes
    return pairs @ weights


@wrong("split_concatenation", "again for each pair")
def buffer_and_its_own_weights(queries, classes, weights):
    """Copies everything into arrays of floats, in which nothing can be counted."""
    w = weights.astype("float32")
    return buffer_filled(queries.astype("float32"), classes.astype("float32"), w)


@wrong("split_concatenation", "again for each pair")
def two_products_over_all_pairs(queries, classes, weights):
    (Q, C), N = queries.shape, len(classes)
    of_queries = np.repeat(queries, N, axis=0) @ weights[:C]
    return (of_queries + np.tile(classes, (Q, 1)) @ weights[C:]).reshape(Q, N, -1)


@wrong("split_concatenation", "again for each pair")
def two_products_of_views(queries, classes, weights):
    (Q, C), N = queries.shape, len(classes)
    of_queries = np.broadcast_to(queries[:, None], (Q, N, C)) @ weights[:C]
    return of_queries + np.broadcast_to(classes, (Q, N, C)) @ weights[C:]


@wrong("split_concatenation", "again for each pair")
def one_einsum_over_pairs(queries, classes, weights):
    (Q, C), N = queries.shape, len(classes)
    pairs = [np.broadcast_to(queries[:, None], (Q, N, C)), np.broadcast_to(classes, (Q, N, C))]
    return np.einsum("qnd,df->qnf", np.concatenate(pairs, axis=-1), weights)


@wrong("split_concatenation", "again for each pair")
def pair_by_pair(queries, classes, weights):
    return np.array([[np.concatenate([q, c]) @ weights for c in classes] for q in queries])


@wrong("split_concatenation", "again for each pair")
def pairs_of_lists(queries, classes, weights):
    pairs = [[[*q, *c] for c in classes] for q in queries]
    return np.array(pairs) @ weights


@wrong("split_concatenation", "again for each pair")
def query_by_query(queries, classes, weights):
    rows = [np.hstack([np.tile(q, (len(classes), 1)), classes]) @ weights for q in queries]
    return np.stack(rows)


@wrong("split_concatenation", "again for each pair")
def cut_but_computed_for_each_pair(queries, classes, weights):
    C = queries.shape[1]
    return [[q @ weights[:C] + c @ weights[C:] for c in classes] for q in queries]


@wrong("split_concatenation", "again for each pair")
def classes_again_for_each_query(queries, classes, weights):
    C = queries.shape[1]
    return np.array([q @ weights[:C] + classes @ weights[C:] for q in queries])


@wrong("split_concatenation", "again for each pair")
def queries_again_for_each_class(queries, classes, weights):
    C = queries.shape[1]
    return np.stack([queries @ weights[:C] + c @ weights[C:] for c in classes], axis=1)


@wrong("split_concatenation", "again for each pair")
def concatenated_in_tensorflow(queries, classes, weights):
    Q, N = len(queries), len(classes)
    pairs = [tf.repeat(queries[:, None], N, axis=1), tf.tile(classes[None], (Q, 1, 1))]
    return tf.tensordot(tf.concat(pairs, axis=-1), weights, axes=1)


def pairs_in_keras(queries, classes):
    """The concatenation (Q, N, 2 C)."""
    Q, N = len(queries), len(classes)
    left = ops.repeat(ops.expand_dims(queries, 1), N, axis=1)
    return ops.concatenate([left, ops.repeat(ops.expand_dims(classes, 0), Q, axis=0)], axis=-1)


@wrong("split_concatenation", "again for each pair")
def concatenated_in_keras(queries, classes, weights):
    return ops.matmul(pairs_in_keras(queries, classes), weights)


@wrong("split_concatenation", "again for each pair")
def concatenated_for_an_einsum_in_keras(queries, classes, weights):
    return ops.einsum("qnd,df->qnf", pairs_in_keras(queries, classes), weights)


@wrong("split_concatenation", "again for each pair")
def concatenated_for_a_dense_layer(queries, classes, weights):
    pairs = pairs_in_keras(np.float32(queries), np.float32(classes))
    dense = keras.layers.Dense(weights.shape[1], use_bias=False)
    dense.build(pairs.shape)
    dense.set_weights([np.float32(weights)])
    return dense(pairs)


@wrong("split_concatenation", "again for each pair")
def convolved_pairs_in_keras(queries, classes, weights):
    pairs = pairs_in_keras(ops.cast(queries, "float32"), ops.cast(classes, "float32"))
    return ops.conv(pairs, ops.cast(weights, "float32")[None])


@wrong("split_concatenation", "again for each pair")
def two_products_over_all_pairs_in_keras(queries, classes, weights):
    (Q, C), N = queries.shape, len(classes)
    of_queries = ops.matmul(ops.repeat(queries, N, axis=0), weights[:C])
    of_classes = ops.matmul(ops.tile(classes, (Q, 1)), weights[C:])
    return ops.reshape(of_queries + of_classes, (Q, N, -1))


@wrong("split_concatenation", "again for each pair")
def pairs_of_lists_of_floats(queries, classes, weights):
    q, c, w = ([[float(x) for x in row] for row in rows] for rows in (queries, classes, weights))
    columns = list(zip(*w, strict=True))
    return [
        [[sum(x * w for x, w in zip(a + b, f, strict=True)) for f in columns] for b in c] for a in q
    ]


@wrong("split_concatenation", "only for three channels")
def three_channels(queries, classes, weights):
    return (queries @ weights[:3])[:, None] + (classes @ weights[3:])[None]


@wrong("split_concatenation", "only for two channels")
def cut_at_minus_two(queries, classes, weights):
    return (queries @ weights[:-2])[:, None] + (classes @ weights[-2:])[None]


@wrong("split_concatenation", "in reverse order")
def second_half_reversed(queries, classes, weights):
    C = queries.shape[1]
    return (queries @ weights[:C])[:, None] + (classes @ weights[: C - 1 : -1])[None]


@wrong("split_concatenation", "follows the sum")
def relu_of_each_part(queries, classes, weights):
    C = queries.shape[1]
    return np.maximum(queries @ weights[:C], 0)[:, None] + np.maximum(classes @ weights[C:], 0)


@wrong("split_concatenation", "sigmoid")
def with_sigmoid(queries, classes, weights):
    return 1 / (1 + np.exp(-broadcast(queries, classes, weights)))


@wrong("split_concatenation", "larger of the two")
def larger_part(queries, classes, weights):
    C = queries.shape[1]
    return np.maximum((queries @ weights[:C])[:, None], classes @ weights[C:])


@wrong("split_concatenation", "absolute difference of the two")
def distance_of_parts(queries, classes, weights):
    return np.abs(difference(queries, classes, weights))


@wrong("split_concatenation", "number of channels")
def mean_over_channels(queries, classes, weights):
    return broadcast(queries, classes, weights) / len(weights)


@wrong("split_concatenation", "averages the F numbers")
def filters_averaged(queries, classes, weights):
    return broadcast(queries, classes, weights).mean(axis=-1)


@wrong("split_concatenation", "sums over the classes")
def classes_summed(queries, classes, weights):
    return broadcast(queries, classes, weights).sum(axis=1)


@wrong("split_concatenation", "the numbers are not")
def class_counted_twice(queries, classes, weights):
    C = queries.shape[1]
    return (queries @ weights[:C])[:, None] + 2 * (classes @ weights[C:])


@wrong("split_concatenation", "the numbers are not")
def rows_of_length_one(queries, classes, weights):
    return broadcast(queries / np.linalg.norm(queries, axis=1, keepdims=True), classes, weights)


@wrong("split_concatenation", "whole numbers")
def as_integers(queries, classes, weights):
    return broadcast(queries, classes, weights).astype(int)


@wrong("split_concatenation", "changes the arrays")
def writes_into_its_arguments(queries, classes, weights):
    result = broadcast(queries, classes, weights)
    weights[: queries.shape[1]] = 0
    return result


@wrong("split_concatenation", "returns nothing")
def forgets_to_return(queries, classes, weights):
    result = broadcast(queries, classes, weights)
    print(end=str(result)[:0])


@wrong("split_concatenation", "expected an array of numbers")
def two_results(queries, classes, weights):
    C = queries.shape[1]
    return queries @ weights[:C], classes @ weights[C:]


@wrong("split_concatenation", "answers the example")
def hard_coded(queries, classes, weights):
    return np.array([[[4321], [1021]]])


@right("split_concatenation")
def channels_added_in_place(queries, classes, weights):
    C, F = queries.shape[1], weights.shape[1]
    of_queries, of_classes = np.zeros((len(queries), F)), np.zeros((len(classes), F))
    for c in range(C):
        of_queries += np.outer(queries[:, c], weights[c])
        of_classes += np.outer(classes[:, c], weights[C + c])
    return of_queries[:, None] + of_classes


@wrong("split_concatenation", "the first two channels only")
def two_channels_written_out(queries, classes, weights):
    of_queries = queries[:, :1] * weights[0] + queries[:, 1:2] * weights[1]
    of_classes = classes[:, :1] * weights[2] + classes[:, 1:2] * weights[3]
    return of_queries[:, None] + of_classes


@wrong("split_concatenation", "pairs each query with only one class")
def zipped(queries, classes, weights):
    C = queries.shape[1]
    pairs = zip(queries, classes, strict=False)
    return np.array([q @ weights[:C] + c @ weights[C:] for q, c in pairs])


@wrong("split_concatenation", "in the same order")
def both_repeated(queries, classes, weights):
    (Q, C), N = queries.shape, len(classes)
    of_queries = np.repeat(queries @ weights[:C], N, axis=0)
    return (of_queries + np.repeat(classes @ weights[C:], Q, axis=0)).reshape(Q, N, -1)


@wrong("split_concatenation", "turns the arguments into whole numbers")
def from_integers(queries, classes, weights):
    return broadcast(*(np.array(given, dtype=int) for given in (queries, classes, weights)))
