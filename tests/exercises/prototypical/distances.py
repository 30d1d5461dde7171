"""Answers to `checks.distances`, chapter 2."""

import functools

import numpy as np
import tensorflow as tf
from answers import WRONG, right, wrong
from keras import ops
from scipy.spatial.distance import cdist
from scipy.special import softmax
from sklearn.metrics import pairwise_distances

import fslkeras


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
    return ops.sum(
        ops.square(ops.expand_dims(queries, 1) - ops.expand_dims(prototypes, 0)), axis=-1
    )


@right("distances")
def distances_in_tensorflow(queries, prototypes):
    return tf.reduce_sum(
        tf.math.squared_difference(queries[:, tf.newaxis], prototypes[tf.newaxis]), -1
    )


def difference_helper(a, b):
    return a[:, None] - b[None]


@right("distances")
def with_a_helper(queries, prototypes):
    return sum((difference_helper(queries, prototypes) ** 2).transpose(2, 0, 1))


@wrong("distances", "not its square")
def with_root(queries, prototypes):
    return np.sqrt(((queries[:, None] - prototypes[None]) ** 2).sum(-1))


@wrong("distances", "mean over the D coordinates")
def mean_over_d(queries, prototypes):
    return ((queries[:, None] - prototypes[None]) ** 2).mean(-1)


@wrong("distances", "absolute differences")
def manhattan(queries, prototypes):
    return np.abs(queries[:, None] - prototypes[None]).sum(-1)


@wrong("distances", "squares the sum")
def square_of_sum(queries, prototypes):
    return (queries[:, None] - prototypes[None]).sum(-1) ** 2


@wrong("distances", "so they cancel")
def square_forgotten(queries, prototypes):
    return (queries[:, None] - prototypes[None]).sum(-1)


@wrong("distances", "rows and columns are swapped")
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


@wrong("distances", "only the distance to the nearest")
def smallest(queries, prototypes):
    return ((queries[:, None] - prototypes[None]) ** 2).sum(-1).min(-1)


@wrong("distances", "index of the nearest")
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
    similarity = np.divide(
        queries @ prototypes.T, lengths, out=np.ones_like(lengths), where=lengths > 0
    )
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
WRONG["distances"].append(
    (np.vectorize(two_loops, signature="(q,d),(n,d)->(q,n)"), "loops in Python")
)


@wrong("distances", "axis missing")
def squeezed(queries, prototypes):
    return ((queries[:, None] - prototypes) ** 2).sum(-1).squeeze()


@wrong("distances", "`**`")
def caret(queries, prototypes):
    return ((queries[:, None] - prototypes) ^ 2).sum(-1)


@wrong("distances", "first two coordinates")
def two_coordinates(queries, prototypes):
    d = queries[:, None] - prototypes
    return d[..., 0] ** 2 + d[..., 1] ** 2


@wrong("distances", "root of a negative")
def root_of_negative(queries, prototypes):
    return np.sqrt(-((queries[:, None] - prototypes) ** 2).sum(-1))


@wrong("distances", "stopped with an error, NameError")
def misspelt(queries, prototypes):
    return ((query - prototypes) ** 2).sum()  # noqa: F821


@right("distances")
def tiled(queries, prototypes):
    q = np.repeat(queries[:, None], len(prototypes), axis=1)
    c = np.tile(prototypes, (len(queries), 1, 1))
    return np.sum((q - c) * (q - c), axis=2)


@right("distances")
def by_numpy_functions(queries, prototypes):
    return np.sum(np.square(np.subtract(queries[:, np.newaxis], prototypes)), axis=-1)


@right("distances")
def by_the_layer(queries, prototypes):
    return fslkeras.layers.Distance("squared_euclidean")(queries[None], prototypes[None])[0]


@right("distances")
def by_a_matrix_product(queries, prototypes):
    d = queries[:, None, :] - prototypes
    return np.matmul(d[:, :, None, :], d[:, :, :, None])[:, :, 0, 0]


@right("distances")
def by_outer_subtraction(queries, prototypes):
    d = np.subtract.outer(queries, prototypes)  # (Q, D, N, D)
    return (np.diagonal(d, axis1=1, axis2=3) ** 2).sum(axis=-1)


@right("distances")
def with_the_absolute_value(queries, prototypes):
    return np.power(np.abs(queries[:, None] - prototypes), 2).sum(-1).astype("float32")


@right("distances")
def other_way_round_and_transposed(queries, prototypes):
    return np.transpose(((prototypes[:, None] - queries) ** 2).sum(axis=2))


def of_right(function):
    """An answer that applies `function` to the right distances, (Q, N)."""
    return lambda queries, prototypes: function(one_axis_more(queries, prototypes))


def of_squares(function):
    """An answer that applies `function`, not a sum, to the squared differences, (Q, N, D)."""
    return lambda queries, prototypes: function((queries[:, None] - prototypes) ** 2)


def of_arguments(function):
    """An answer that applies `function` to both arguments first."""
    return lambda queries, prototypes: one_axis_more(function(queries), function(prototypes))


WRONG["distances"] += [
    (of_right(function), because)
    for function, because in (
        (lambda d: d.round(1), "rounds to 1 decimal."),
        (lambda d: d.round(), "rounds to whole numbers"),
        (lambda d: d.astype(int), "whole numbers"),
        (lambda d: d**2, "squares the squared distance once more"),
        (lambda d: d / len(d), "by the number of queries"),
        (lambda d: d / d.shape[1], "queries or prototypes"),
        (lambda d: np.sort(d, axis=1), "sorts each query's distances"),
        (lambda d: d.argsort(axis=1), "the order of the prototypes"),
        (lambda d: softmax(-d, axis=1), "softmax of minus the distances"),
        (lambda d: 1 / (1 + d), "a similarity"),
        (lambda d: d.max() - d, "a similarity"),
        (lambda d: d[0], "the first query only"),
    )
]
WRONG["distances"] += [
    (of_squares(function), because)
    for function, because in (
        (lambda s: np.sqrt(s.max(axis=-1)), "largest absolute difference"),
        (lambda s: s.max(axis=-1), "largest squared difference"),
        (lambda s: s.min(axis=-1), "smallest squared difference"),
        (lambda s: s.prod(axis=-1), "multiplies the squared differences"),
        (lambda s: s[..., 0], "only the first coordinate"),
        (lambda s: s[..., :-1].sum(axis=-1), "leaves out the last coordinate"),
        (lambda s: (s**1.5).sum(axis=-1), "the third power"),
    )
]
WRONG["distances"] += [
    (of_arguments(lambda a: a.astype(int)), "arguments into whole numbers"),
    (
        of_arguments(lambda a: a / np.maximum(np.linalg.norm(a, axis=1, keepdims=True), 1e-9)),
        "length 1 first",
    ),
    (lambda q, c: one_axis_more(q, q), "the queries with each other"),
    (lambda q, c: one_axis_more(c, c), "the prototypes with each other"),
]
WRONG["distances"] += [
    (of_right(lambda d: np.tile(d[0], (len(d), 1))), "each query the distances of the first"),
    (lambda q, c: (q**2).sum(axis=1)[:, None] - 2 * q @ c.T, "|c|^2 is missing"),
    (
        lambda q, c: np.abs((q**2).sum(axis=1)[:, None] - (c**2).sum(axis=1)),
        "the lengths of the vectors",
    ),
    (lambda q, c: ((q[:, :, None] - c.T) ** 2).sum(axis=-1), "Sum over the D coordinates"),
]


def lengths(rows):
    return np.linalg.norm(rows, axis=1)


WRONG["distances"] += [
    (of_right(lambda d: d / 32), "times 0.0312"),
    (of_right(lambda d: 2 * d), "times 2."),
    (
        lambda q, c: 1 - q @ c.T / (np.outer(lengths(q), lengths(c)) + 1e-9),
        "directions, by the cosine",
    ),
    (
        lambda q, c: lengths(q)[:, None] - 2 * q @ c.T + lengths(c),
        "does not square the lengths",
    ),
    (
        lambda q, c: (q**2).sum(axis=1)[:, None] - 2 * q @ c.T - (c**2).sum(axis=1),
        "the last sign is wrong",
    ),
]
