"""Answers to the exercises of chapter 3."""

import functools
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from answers import RIGHT, WRONG, right, wrong
from keras import ops

import fslkeras

# --- relation_sizes ---

SIZES = {
    "channels after concatenation": 64,
    "pairs": 2000,
    "side after the first pooling": 3,
    "side after the second pooling": 1,
    "weights of the first convolution": 18432,
}
CHANNELS, PAIRS, FIRST, SECOND, WEIGHTS = SIZES
RIGHT["relation_sizes"] = [
    SIZES,
    {CHANNELS: 32 + 32, PAIRS: 20 * 5 * 20, FIRST: 7 // 2, SECOND: 7 // 2 // 2, WEIGHTS: 3 * 3 * 64 * 32},
    {name: str(size) for name, size in SIZES.items()},
    {name: np.float32(size) for name, size in reversed(SIZES.items())},
]
WRONG["relation_sizes"] = [
    ({**SIZES, CHANNELS: 32}, "each brings its own channels"),
    ({**SIZES, CHANNELS: 1024}, "not multiplied"),
    ({**SIZES, CHANNELS: 672}, "two maps"),
    ({**SIZES, PAIRS: 100}, "number of queries"),
    ({**SIZES, PAIRS: 400}, "5 of each class"),
    ({**SIZES, PAIRS: 120}, "not added"),
    ({**SIZES, PAIRS: 1900}, "its own class"),
    ({**SIZES, PAIRS: 10000}, "not other queries"),
    ({**SIZES, FIRST: 3.5}, "no half pixels"),
    ({**SIZES, FIRST: 4}, "rounded up"),
    ({**SIZES, FIRST: 7}, "The pooling halves it"),
    ({**SIZES, FIRST: 9}, "the number of places"),
    ({**SIZES, SECOND: 1.75}, "round down after each"),
    ({**SIZES, SECOND: 2}, "rounded up"),
    ({**SIZES, SECOND: 0}, "still fits"),
    ({**SIZES, WEIGHTS: 9216}, "twice as many channels"),
    ({**SIZES, WEIGHTS: 18464}, "no bias"),
    ({**SIZES, WEIGHTS: 2048}, "3x3 places, not one"),
    ({**SIZES, WEIGHTS: 903168}, "at each of the 7x7 places"),
    ({**SIZES, WEIGHTS: 12345}, "Count once more"),
    ({**SIZES, WEIGHTS: np.nan}, "Count once more"),
    ({**SIZES, WEIGHTS: None}, "still to be predicted"),
    (list(SIZES.values()), "a dict"),
]

# --- split_concatenation ---


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


# --- constant_losses ---

LOSSES = {"always 0": 0.05, "always 1": 0.95, "always 0.5": 0.25, "always 0.05": 0.0475}
target = np.eye(20)
RIGHT["constant_losses"] = [
    LOSSES,
    {name: np.mean((float(name.split()[1]) - target) ** 2) for name in LOSSES},
    {name: ((c - 1) ** 2 + 19 * c**2) / 20 for name, c in zip(LOSSES, (0, 1, 0.5, 0.05), strict=True)},
    {**LOSSES, "always 0.05": "0.048"},
    {"always 0": 1 / 20, "always 1": 19 / 20, "always 0.5": 1 / 4, "always 0.05": 0.047},
]
WRONG["constant_losses"] = [
    ({**LOSSES, "always 0": 1}, "sum over the classes"),
    ({**LOSSES, "always 0": 0}, "one of 20 entries"),
    ({**LOSSES, "always 0": 0.95, "always 1": 0.05}, "That is always 1"),
    ({**LOSSES, "always 0": 1 / 19}, "all 20 entries"),
    ({**LOSSES, "always 0": 5}, "per cent"),
    ({**LOSSES, "always 1": 19}, "sum over the classes"),
    ({**LOSSES, "always 1": 0}, "19 others"),
    ({**LOSSES, "always 1": 1}, "the mean is over all 20"),
    ({**LOSSES, "always 0.5": 0.5}, "Square it"),
    ({**LOSSES, "always 0.5": 5}, "sum over the classes"),
    ({**LOSSES, "always 0.5": 0.0125}, "true class alone"),
    ({**LOSSES, "always 0.5": 0.2375}, "true class is wrong by 0.5"),
    ({**LOSSES, "always 0.05": 0.95}, "sum over the classes"),
    ({**LOSSES, "always 0.05": 0.05}, "a little less"),
    ({**LOSSES, "always 0.05": 0.095}, "Square the errors"),
    ({**LOSSES, "always 0.05": 0.0451}, "19 wrong classes are missing"),
    ({**LOSSES, "always 0.05": 0.0024}, "true class is missing"),
    ({**LOSSES, "always 0.05": 0.3}, "once more"),
    ({**LOSSES, "always 0.05": None}, "still to be predicted"),
    (dict(list(LOSSES.items())[:3]), "no key 'always 0.05'"),
]

# --- relation_training: functions from the training data to a model, since these answers take seconds to make ---


def train(data, loss, steps=300, way=40, query=2, rate=4e-3, epochs=1, filters=32):
    keras.utils.set_random_seed(0)
    encoder = fslkeras.encoders.conv4(filters=filters, pooled_blocks=2, flatten=False)
    model = fslkeras.networks.relation(encoder, filters=filters)
    model.compile(keras.optimizers.Adam(rate), loss)
    model.fit(fslkeras.Episodes(data, way=way, shot=1, query=query, steps=steps), epochs=epochs, verbose=0)
    return model


def cosine_decay(rate):
    return keras.optimizers.schedules.CosineDecay(rate, 300)


def against_the_others(labels, scores):
    """The softmax of the scores' log-odds."""
    scores = ops.clip(scores, 1e-6, 1 - 1e-6)
    logits = ops.log(scores) - ops.log(1 - scores)
    return keras.losses.categorical_crossentropy(labels, logits, from_logits=True)


@functools.cache
def plain():
    """What the text of the exercise begins with."""
    data = fslkeras.datasets.load("glyphs", "train")
    return train(data, keras.losses.MeanSquaredError(), way=5, query=5, rate=1e-3)


@functools.cache
def best():
    """The solution that the check shows."""
    return train(fslkeras.datasets.load("glyphs", "train"), cross_entropy, rate=cosine_decay(4e-3))


def saved_and_loaded(data):
    with tempfile.TemporaryDirectory() as folder:
        best().save(Path(folder) / "best.keras")
        return keras.models.load_model(Path(folder) / "best.keras")


def never_trained(data):
    return fslkeras.networks.relation(fslkeras.encoders.conv4(filters=32, pooled_blocks=2, flatten=False), filters=32)


def an_encoder(data):
    encoder = fslkeras.encoders.conv4(filters=8, pooled_blocks=2, flatten=False)
    encoder.compile("sgd", "mse")
    encoder.fit(data.images[:32] / 255.0, np.zeros((32, *encoder.output_shape[1:])), verbose=0)
    return encoder


cross_entropy = keras.losses.CategoricalCrossentropy()
RIGHT["relation_training"] = [
    lambda data: best(),
    saved_and_loaded,
    lambda data: train(data, against_the_others, rate=cosine_decay(4e-3)),
    lambda data: train(data, cross_entropy, way=20, query=3, rate=cosine_decay(4e-3), filters=48),
]
WRONG["relation_training"] = [
    (lambda data: plain(), "84.0 % are wanted"),
    (lambda data: plain(), "find out about the loss"),
    (lambda data: train(data, cross_entropy, way=2, query=1, steps=301), "300 are allowed"),
    (never_trained, "was not trained"),
    (lambda data: plain().history, "expected the trained keras.Model"),
    (an_encoder, "does not answer episodes"),
    (lambda data: 0.84, "type float"),
]
