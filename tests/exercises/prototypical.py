"""Answers to the exercises of chapter 2."""

import functools

import keras
import numpy as np
import tensorflow as tf
from answers import RIGHT, WRONG, right, wrong
from keras import ops
from scipy.spatial.distance import cdist
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

# --- short_training: functions from the training data to a model, since these answers take seconds to make ---


def train(model, data, rate, steps=300, way=60, query=2, epochs=1, **options):
    keras.utils.set_random_seed(0)
    model.compile(keras.optimizers.Adam(rate), keras.losses.CategoricalCrossentropy(from_logits=True))
    model.fit(fslkeras.Episodes(data, way, 1, query, steps=steps, **options), epochs=epochs, verbose=0)
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
