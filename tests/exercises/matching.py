"""Answers to the exercises of chapter 4."""

import functools
import tempfile
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from answers import RIGHT, WRONG, right, wrong
from keras import ops
from scipy import sparse
from scipy.spatial.distance import cdist
from scipy.special import softmax
from sklearn.metrics.pairwise import cosine_similarity

import fslkeras

# --- attention ---


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def cosines(query, support):
    return unit(query) @ unit(support).T


@right("attention")
def step_by_step(query, support, labels):
    similar = np.exp(cosines(query, support))
    weights = similar / similar.sum(axis=1, keepdims=True)
    return weights @ labels


@right("attention")
def query_by_query(query, support, labels):
    result = np.zeros((len(query), labels.shape[1]))
    for i, q in enumerate(query):
        similar = [np.exp(q @ s / np.sqrt((q @ q) * (s @ s))) for s in support]
        for j, k in enumerate(labels.argmax(axis=1)):
            result[i, k] += similar[j] / sum(similar)
    return result


@right("attention")
def with_libraries(Q, S, Y):
    return softmax(cosine_similarity(Q, S), axis=-1).dot(Y)


@right("attention")
def with_cosine_distance(query, support, labels):
    return softmax(1 - cdist(query, support, "cosine"), axis=1) @ labels


@right("attention")
def attention_in_keras(query, support, labels):
    similarity = ops.matmul(ops.normalize(query), ops.transpose(ops.normalize(support)))
    return ops.matmul(ops.softmax(similarity, axis=-1), labels)


@right("attention")
def attention_in_tensorflow(query, support, labels):
    similarity = tf.math.l2_normalize(query, 1) @ tf.transpose(tf.math.l2_normalize(support, 1))
    return tf.nn.softmax(similarity) @ labels


@right("attention")
def attention_by_the_layer(query, support, labels):
    return ops.exp(fslkeras.layers.AttentionClassifier("both")(query[None], support[None], labels[None]))[0]


@right("attention")
def class_by_class(query, support, labels):
    weights = softmax(cosines(query, support), axis=1)
    return [[row[column == 1].sum() for column in labels.T] for row in weights]


@wrong("attention", "dot product as it is")
def not_normalised(query, support, labels):
    return softmax(query @ support.T, axis=1) @ labels


@wrong("attention", "only the queries to length one")
def query_normalised(query, support, labels):
    return softmax(unit(query) @ support.T, axis=1) @ labels


@wrong("attention", "only the support embeddings to length one")
def support_normalised(query, support, labels):
    return softmax(query @ unit(support).T, axis=1) @ labels


@wrong("attention", "squares of the lengths")
def roots_forgotten(query, support, labels):
    lengths = (query**2).sum(1)[:, None] * (support**2).sum(1)
    return softmax(query @ support.T / lengths, axis=1) @ labels


@wrong("attention", "length of the columns")
def length_of_columns(query, support, labels):
    query, support = (rows / np.linalg.norm(rows, axis=0) for rows in (query, support))
    return softmax(query @ support.T, axis=1) @ labels


@wrong("attention", "one length for the whole array")
def length_of_everything(query, support, labels):
    query, support = query / np.linalg.norm(query), support / np.linalg.norm(support)
    return softmax(query @ support.T, axis=1) @ labels


@wrong("attention", "over the queries.")
def softmax_over_queries(query, support, labels):
    return softmax(cosines(query, support), axis=0) @ labels


@wrong("attention", "queries and the support images together")
def softmax_over_everything(query, support, labels):
    similar = np.exp(cosines(query, support))
    return similar / similar.sum() @ labels


@wrong("attention", "over the classes, after the product")
def softmax_over_classes(query, support, labels):
    return softmax(cosines(query, support) @ labels, axis=1)


@wrong("attention", "of the mean cosine of each")
def softmax_of_class_means(query, support, labels):
    return softmax(cosines(query, support) @ labels / labels.sum(0), axis=1)


@wrong("attention", "softmax twice")
def softmax_twice(query, support, labels):
    return softmax(step_by_step(query, support, labels), axis=1)


@wrong("attention", "it adds up the cosines")
def no_softmax(query, support, labels):
    return cosines(query, support) @ labels


@wrong("attention", "the mean cosine of each class")
def class_means(query, support, labels):
    return cosines(query, support) @ labels / labels.sum(axis=0)


@wrong("attention", "the exponential is missing")
def shares_of_cosines(query, support, labels):
    similar = cosines(query, support)
    return similar / similar.sum(axis=1, keepdims=True) @ labels


@wrong("attention", "divide by the sum of the exponentials")
def not_divided(query, support, labels):
    return np.exp(cosines(query, support)) @ labels


@wrong("attention", "attention to each support *image*")
def labels_forgotten(query, support, labels):
    return softmax(cosines(query, support), axis=1)


@wrong("attention", "returns the cosines")
def cosines_only(query, support, labels):
    return cosines(query, support)


@wrong("attention", "by its number of images")
def divided_by_counts(query, support, labels):
    return step_by_step(query, support, labels) / labels.sum(axis=0)


@wrong("attention", "sum to 1 again")
def balanced(query, support, labels):
    means = step_by_step(query, support, labels) / labels.sum(axis=0)
    return means / means.sum(axis=1, keepdims=True)


@wrong("attention", "largest attention of each class")
def largest_of_class(query, support, labels):
    weights = softmax(cosines(query, support), axis=1)
    return np.stack([weights[:, column == 1].max(axis=1) for column in labels.T], axis=1)


@wrong("attention", "the logarithm")
def logarithms(query, support, labels):
    return fslkeras.layers.AttentionClassifier("both")(query[None], support[None], labels[None])[0]


@wrong("attention", "*least* alike")
def attends_to_the_distant(query, support, labels):
    return softmax(cdist(query, support, "cosine"), axis=1) @ labels


@wrong("attention", "by the squared distance")
def squared_distance(query, support, labels):
    return softmax(-cdist(query, support, "sqeuclidean"), axis=1) @ labels


@wrong("attention", "by the distance. Here")
def plain_distance(query, support, labels):
    return softmax(-cdist(query, support), axis=1) @ labels


@wrong("attention", "large distance for alike")
def distance_without_minus(query, support, labels):
    return softmax(cdist(query, support), axis=1) @ labels


@wrong("attention", "all attention to the most similar")
def nearest_neighbour(query, support, labels):
    return labels[cosines(query, support).argmax(axis=1)]


@wrong("attention", "transformers")
def scaled_dot_product(query, support, labels):
    return softmax(query @ support.T / np.sqrt(query.shape[1]), axis=1) @ labels


@wrong("attention", "by 10")
def times_ten(query, support, labels):
    return softmax(10 * cosines(query, support), axis=1) @ labels


@wrong("attention", "the same attention, whatever")
def uniform(query, support, labels):
    return np.ones((len(query), len(support))) / len(support) @ labels


@wrong("attention", "rows and columns")
def transposed(query, support, labels):
    return step_by_step(query, support, labels).T


@wrong("attention", "number of the most probable")
def most_probable(query, support, labels):
    return step_by_step(query, support, labels).argmax(axis=-1)


@wrong("attention", "first query only")
def return_in_the_loop(query, support, labels):
    for q in query:
        return softmax(cosines(q[None], support), axis=1)[0] @ labels


@wrong("attention", "changes the arrays")
def in_place(query, support, labels):
    query /= np.linalg.norm(query, axis=1, keepdims=True)
    support /= np.linalg.norm(support, axis=1, keepdims=True)
    return softmax(query @ support.T, axis=1) @ labels


@wrong("attention", "answers the example")
def attention_hard_coded(query, support, labels):
    return [[0.845, 0.155]]


# --- ceilings ---

e = np.exp(1)
CEILINGS = {
    "20-way, cosines down to -1": e / (e + 19 / e),
    "20-way, cosines down to 0": e / (e + 19),
    "5-way, cosines down to 0": e / (e + 4),
    "20-way, cosines down to 0, times 10": e**10 / (e**10 + 19),
}
MINUS, ZERO, FIVE, TEN = CEILINGS
RIGHT["ceilings"] = [
    CEILINGS,
    dict(zip(CEILINGS, (0.28, 0.125, 0.405, 0.999), strict=True)),
    dict(zip(CEILINGS, (0.28, 0.13, 0.4, 1), strict=True)),
    {
        name: softmax([10 * high if "times" in name else high] + [low] * others)[0]
        for name, high, low, others in ((MINUS, 1, -1, 19), (ZERO, 1, 0, 19), (FIVE, 1, 0, 4), (TEN, 1, 0, 19))
    },
    {name: f"{value:.3f}" for name, value in CEILINGS.items()},
]
WRONG["ceilings"] = [
    ({**CEILINGS, MINUS: 28}, "in place of 28, 0.280"),
    ({name: 100 * value for name, value in CEILINGS.items()}, "per cent"),
    ({**CEILINGS, MINUS: 1}, "there are 19 of them"),
    ({**CEILINGS, MINUS: 0.881}, "with one wrong class"),
    ({**CEILINGS, MINUS: e / (e + 20 / e)}, "and 19 others"),
    ({**CEILINGS, MINUS: 0.125}, "cosines down to 0"),
    ({**CEILINGS, MINUS: 0.72}, "all wrong classes together"),
    ({**CEILINGS, ZERO: e / (e + 20)}, "and 19 others"),
    ({**CEILINGS, ZERO: 1}, "that is 1, not 0"),
    ({**CEILINGS, ZERO: 0.05}, "chance"),
    ({**CEILINGS, ZERO: e / 20}, "gives e, not 1"),
    ({**CEILINGS, FIVE: e / (e + 5)}, "and 4 others"),
    ({**CEILINGS, FIVE: 0.125}, "That is 20-way"),
    ({**CEILINGS, FIVE: 1 / (1 + 4 * e)}, "exchanged"),
    ({**CEILINGS, FIVE: e / 4}, "the true image, too"),
    ({**CEILINGS, TEN: 1.25}, "before the softmax, and not the probability"),
    ({**CEILINGS, TEN: 0.589}, "into the exponent"),
    ({**CEILINGS, TEN: 0.125}, "without the 10"),
    ({**CEILINGS, TEN: 0.99}, "three digits"),
    ({**CEILINGS, TEN: 22026}, "between 0 and 1"),
    ({**CEILINGS, TEN: 0.7}, "once more"),
    ({**CEILINGS, TEN: np.nan}, "between 0 and 1"),
    ({**CEILINGS, FIVE: None}, "still to be predicted"),
    (list(CEILINGS.values()), "a dict"),
]

# --- segment_sum ---


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


# --- matching_training: functions from the training data to a model, since these answers take seconds to make ---


def train(data, steps=300, way=60, query=2, rate=4e-3, filters=32, epochs=1, normalize="support", scale=1.0):
    keras.utils.set_random_seed(0)
    model = fslkeras.networks.matching(fslkeras.encoders.conv4(filters=filters), normalize=normalize, scale=scale)
    model.compile(keras.optimizers.Adam(rate), keras.losses.CategoricalCrossentropy(from_logits=True))
    model.fit(fslkeras.Episodes(data, way=way, shot=1, query=query, steps=steps), epochs=epochs, verbose=0)
    return model


def cosine_decay(rate):
    return keras.optimizers.schedules.CosineDecay(rate, 300)


@functools.cache
def plain():
    """What the text of the exercise begins with."""
    return train(fslkeras.datasets.load("glyphs", "train"), way=5, query=5, rate=1e-3, normalize="both")


@functools.cache
def best():
    """The solution that the check shows."""
    return train(fslkeras.datasets.load("glyphs", "train"), rate=cosine_decay(4e-3))


def saved_and_loaded(data):
    with tempfile.TemporaryDirectory() as folder:
        best().save(Path(folder) / "best.keras")
        return keras.models.load_model(Path(folder) / "best.keras")


def never_trained(data):
    return fslkeras.networks.matching(fslkeras.encoders.conv4(filters=32))


def an_encoder(data):
    encoder = fslkeras.encoders.conv4(filters=32)
    encoder.compile("sgd", "mse")
    encoder.fit(data.images[:32] / 255.0, np.zeros((32, encoder.output_shape[-1])), verbose=0)
    return encoder


RIGHT["matching_training"] = [
    lambda data: best(),
    saved_and_loaded,
    lambda data: train(data, rate=cosine_decay(4e-3), way=40, normalize="both", scale=30.0),
    lambda data: train(data, rate=cosine_decay(4e-3), way=40, steps=100, epochs=3, normalize="both", scale="learned"),
]
WRONG["matching_training"] = [
    (lambda data: plain(), "84.0 % are wanted"),
    (lambda data: plain(), "how sure a softmax of cosines can be"),
    (lambda data: train(data, way=2, steps=301), "300 are allowed"),
    (never_trained, "was not trained"),
    (lambda data: plain().history, "expected the trained keras.Model"),
    (
        lambda data: train(fslkeras.datasets.load("glyphs", "validation"), rate=cosine_decay(4e-3), way=40),
        "Were they trained on?",
    ),
    (an_encoder, "does not answer episodes"),
    (lambda data: "84 %", "type str"),
]
