"""Answers to `checks.attention`, chapter 4."""

import math

import numpy as np
import tensorflow as tf
from answers import right, wrong
from keras import ops
from scipy.spatial.distance import cdist
from scipy.special import expit, log_softmax, softmax
from sklearn.metrics.pairwise import cosine_similarity

import fslkeras


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
    return ops.exp(
        fslkeras.layers.AttentionClassifier("both")(query[None], support[None], labels[None])
    )[0]


@right("attention")
def class_by_class(query, support, labels):
    weights = softmax(cosines(query, support), axis=1)
    return [[row[column == 1].sum() for column in labels.T] for row in weights]


@right("attention")
def with_einsum(query, support, labels):
    lengths = [np.sqrt(np.einsum("nd,nd->n", rows, rows)) for rows in (query, support)]
    similar = np.exp(np.einsum("qd,sd->qs", query, support) / np.outer(*lengths))
    return np.einsum("qs,sn->qn", similar, labels) / similar.sum(axis=1)[:, None]


@right("attention")
def divided_at_the_end(query, support, labels):
    """The softmax's sum is the sum over the classes: the same."""
    of_class = np.exp(cosines(query, support)) @ labels
    return of_class / of_class.sum(axis=1, keepdims=True)


@right("attention")
def largest_subtracted(query, support, labels):
    similar = cosines(query, support)
    similar = np.exp(similar - similar.max(axis=1, keepdims=True))
    return (similar / similar.sum(axis=1, keepdims=True)) @ labels


@right("attention")
def with_a_small_number_below(query, support, labels):
    lengths = np.linalg.norm(query, axis=1)[:, None] * np.linalg.norm(support, axis=1)
    return softmax(query @ support.T / (lengths + 1e-8), axis=1) @ labels


@right("attention")
def in_plain_python(query, support, labels):
    rows = []
    for q in query.tolist():
        powers = []
        for s in support.tolist():
            dot = sum(a * b for a, b in zip(q, s, strict=True))
            powers.append(math.exp(dot / (math.hypot(*q) * math.hypot(*s))))
        columns = zip(*labels.tolist(), strict=True)
        weights = [power / sum(powers) for power in powers]
        rows.append([sum(w * y for w, y in zip(weights, c, strict=True)) for c in columns])
    return rows


@right("attention")
def by_broadcasting(query, support, labels):
    q, s = query[:, None], support[None]
    similar = (q * s).sum(-1) / np.sqrt((q**2).sum(-1) * (s**2).sum(-1))
    weights = np.exp(similar) / np.exp(similar).sum(-1, keepdims=True)
    return (weights[:, :, None] * labels).sum(axis=1)


@right("attention")
def over_the_queries_columns(query, support, labels):
    return (labels.T @ softmax(cosines(support, query), axis=0)).T


@right("attention")
def in_half_precision(query, support, labels):
    similar = cosines(query, support).astype("float16")
    return softmax(similar, axis=1) @ labels.astype("float16")


@right("attention")
def by_squared_distances_of_units(query, support, labels):
    """Between vectors of length one, the squared distance is 2 - 2 cos."""
    return softmax(-cdist(unit(query), unit(support), "sqeuclidean") / 2, axis=1) @ labels


@right("attention")
def through_the_logarithm(query, support, labels):
    similar = cosines(query, support)
    return np.exp(log_softmax(similar, axis=1)) @ labels


@wrong("attention", "plain dot product")
def not_normalized(query, support, labels):
    return softmax(query @ support.T, axis=1) @ labels


@wrong("attention", "only the queries to length 1")
def query_normalized(query, support, labels):
    return softmax(unit(query) @ support.T, axis=1) @ labels


@wrong("attention", "only the support embeddings to length 1")
def support_normalized(query, support, labels):
    return softmax(query @ unit(support).T, axis=1) @ labels


@wrong("attention", "squares of the lengths")
def roots_forgotten(query, support, labels):
    lengths = (query**2).sum(1)[:, None] * (support**2).sum(1)
    return softmax(query @ support.T / lengths, axis=1) @ labels


@wrong("attention", "lengths of the columns")
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


@wrong("attention", "on the mean cosine of each")
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
def proportions_of_cosines(query, support, labels):
    similar = cosines(query, support)
    return similar / similar.sum(axis=1, keepdims=True) @ labels


@wrong("attention", "not divide by the sum of the exponentials")
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


@wrong("attention", "*least* similar")
def attends_to_the_distant(query, support, labels):
    return softmax(cdist(query, support, "cosine"), axis=1) @ labels


@wrong("attention", "by the squared distance")
def squared_distance(query, support, labels):
    return softmax(-cdist(query, support, "sqeuclidean"), axis=1) @ labels


@wrong("attention", "by the distance. Here")
def plain_distance(query, support, labels):
    return softmax(-cdist(query, support), axis=1) @ labels


@wrong("attention", "large distance as similar")
def distance_without_minus(query, support, labels):
    return softmax(cdist(query, support), axis=1) @ labels


@wrong("attention", "all attention to the most similar")
def nearest_neighbor(query, support, labels):
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


@wrong("attention", "index of the most probable")
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


def by(similarity, because):
    """Registers the softmax of another similarity than the cosine."""

    def answer(query, support, labels):
        return softmax(similarity(query, support), axis=1) @ labels

    answer.__name__ = because.replace(" ", "_")
    return wrong("attention", because)(answer)


def each(divide):
    return lambda query, support: divide(query) @ divide(support).T


by(each(lambda z: z / np.abs(z).sum(1, keepdims=True)), "sum of the absolute values")
by(each(lambda z: z / z.max(1, keepdims=True)), "the numbers are not")
by(each(lambda z: z / np.abs(z).max(1, keepdims=True)), "largest coordinate")
by(each(lambda z: z / z.sum(1, keepdims=True)), "sum of the coordinates")
by(each(lambda z: unit(z - z.mean(1, keepdims=True))), "the correlation")
by(
    lambda q, s: q @ s.T / np.add.outer(np.linalg.norm(q, axis=1), np.linalg.norm(s, axis=1)),
    "sum of the two lengths",
)
by(
    lambda q, s: q @ s.T / np.sqrt(np.outer(np.linalg.norm(q, axis=1), np.linalg.norm(s, axis=1))),
    "root of the product of the lengths",
)
by(lambda q, s: np.abs(cosines(q, s)), "absolute value of the cosines")
by(lambda q, s: np.maximum(cosines(q, s), 0), "negative cosines to 0")
by(lambda q, s: cosines(q, s) ** 2, "squares the cosines")
by(lambda q, s: (1 + cosines(q, s)) / 2, "to 0..1 first")
by(lambda q, s: -np.arccos(cosines(q, s)), "by the angle. Use")
by(lambda q, s: np.arccos(cosines(q, s)), "most to the widest")
by(lambda q, s: cosines(q, s) / np.sqrt(q.shape[1]), "divides the cosines by the root of D")
by(lambda q, s: cosines(q, s) / 10, "divides the cosines by 10")
by(lambda q, s: (q[:, None] * s).mean(axis=-1), "mean of the products")
by(lambda q, s: np.exp(cosines(q, s)), "exponential twice")
by(lambda q, s: -cdist(unit(q), unit(s)), "by the distance of the scaled embeddings")
by(lambda q, s: unit(q @ s.T), "scales the dot products")
by(lambda q, s: cosines(q[:, :2], s[:, :2]), "only the first two numbers")
by(each(lambda z: z / np.maximum(1, np.linalg.norm(z, axis=1))[:, None]), "the numbers are not")
by(lambda q, s: np.log(2) * cosines(q, s), "powers of 2")
by(lambda q, s: np.log(10) * cosines(q, s), "powers of 10")
by(lambda q, s: softmax(cosines(q, s), axis=1), "over the support images twice")


@wrong("attention", "applies a sigmoid to each cosine. The softmax makes")
def sigmoids(query, support, labels):
    return expit(cosines(query, support)) @ labels


@wrong("attention", "applies a sigmoid to each cosine, where")
def sigmoids_in_proportion(query, support, labels):
    weights = expit(cosines(query, support))
    return weights / weights.sum(axis=1, keepdims=True) @ labels


@wrong("attention", "divides by the number of images. The softmax")
def mean_of_exponentials(query, support, labels):
    return np.exp(cosines(query, support)) / len(support) @ labels


@wrong("attention", "by the number of classes")
def exponentials_by_way(query, support, labels):
    return np.exp(cosines(query, support)) @ labels / labels.shape[1]


@wrong("attention", "by the largest exponential")
def exponentials_of_differences(query, support, labels):
    similar = cosines(query, support)
    return np.exp(similar - similar.max(axis=1, keepdims=True)) @ labels


@wrong("attention", "exponentials to length 1")
def exponentials_of_length_one(query, support, labels):
    return unit(np.exp(cosines(query, support))) @ labels


@wrong("attention", "only the most similar image of each class")
def softmax_of_largest_cosines(query, support, labels):
    similar = cosines(query, support)
    return softmax([[row[y == 1].max() for y in labels.T] for row in similar], axis=1)


@wrong("attention", "the largest cosine of each class")
def largest_cosines(query, support, labels):
    return [[row[y == 1].max() for y in labels.T] for row in cosines(query, support)]


@wrong("attention", "the mean of each class, as prototypical")
def prototypes_by_the_cosine(query, support, labels):
    return softmax(cosines(query, labels.T @ support / labels.sum(0)[:, None]), axis=1)


@wrong("attention", "mean direction")
def prototypes_of_directions(query, support, labels):
    return softmax(cosines(query, labels.T @ unit(support)), axis=1)


@wrong("attention", "it is a prototypical network")
def a_prototypical_network(query, support, labels):
    prototypes = labels.T @ support / labels.sum(0)[:, None]
    return softmax(-cdist(query, prototypes, "sqeuclidean"), axis=1)


@wrong("attention", "e to the power of the sums")
def exponentials_of_sums(query, support, labels):
    return np.exp(cosines(query, support) @ labels)


@wrong("attention", "returns the exponentials")
def exponentials_only(query, support, labels):
    return np.exp(cosines(query, support))


@wrong("attention", "only the most similar image of each class counts")
def largest_in_proportion(query, support, labels):
    largest = largest_of_class(query, support, labels)
    return largest / largest.sum(axis=1, keepdims=True)


@wrong("attention", "smallest attention of each class")
def smallest_of_class(query, support, labels):
    weights = softmax(cosines(query, support), axis=1)
    return np.stack([weights[:, y == 1].min(axis=1) for y in labels.T], axis=1)


@wrong("attention", "first image of each class")
def first_of_class(query, support, labels):
    return softmax(cosines(query, support), axis=1)[:, labels.argmax(axis=0)]


@wrong("attention", "last image of each class")
def written_once(query, support, labels):
    out = np.zeros((len(query), labels.shape[1]))
    out[:, labels.argmax(axis=1)] += softmax(cosines(query, support), axis=1)
    return out


@wrong("attention", "adds up squares")
def squares_added(query, support, labels):
    return softmax(cosines(query, support), axis=1) ** 2 @ labels


@wrong("attention", "logarithms of the attention")
def logarithms_added(query, support, labels):
    return log_softmax(cosines(query, support), axis=1) @ labels


@wrong("attention", "sorts the support images by class")
def labels_sorted(query, support, labels):
    classes = np.sort(labels.argmax(axis=1))
    return softmax(cosines(query, support), axis=1) @ np.eye(labels.shape[1])[classes]


@wrong("attention", "labels are in reverse order")
def support_read_backwards(query, support, labels):
    return softmax(cosines(query, support), axis=1)[:, ::-1] @ labels


@wrong("attention", "minus the logarithm")
def losses(query, support, labels):
    return -np.log(step_by_step(query, support, labels))


@wrong("attention", "percentages")
def in_percent(query, support, labels):
    return 100 * step_by_step(query, support, labels)


@wrong("attention", "*not* the class")
def complements(query, support, labels):
    return 1 - step_by_step(query, support, labels)


@wrong("attention", "probability of the most probable")
def confidence(query, support, labels):
    return step_by_step(query, support, labels).max(axis=1)


@wrong("attention", "marks the most probable class")
def winner_marked(query, support, labels):
    return np.eye(labels.shape[1])[step_by_step(query, support, labels).argmax(axis=1)]


@wrong("attention", "averages over the queries")
def averaged(query, support, labels):
    return step_by_step(query, support, labels).mean(axis=0)


@wrong("attention", "columns are in reverse")
def reversed_columns(query, support, labels):
    return step_by_step(query, support, labels)[:, ::-1]


@wrong("attention", "each image the probability of its class")
def back_to_images(query, support, labels):
    return step_by_step(query, support, labels) @ labels.T


@wrong("attention", "same attention, whatever the")
def frequencies(query, support, labels):
    return np.tile(labels.mean(axis=0), (len(query), 1))


@wrong("attention", "the numbers are not")
def rounded(query, support, labels):
    return step_by_step(query, support, labels).round(1)


@wrong("attention", "stopped with an error, ValueError")
def lengths_without_an_axis(query, support, labels):
    query = query / np.linalg.norm(query, axis=1)
    return softmax(query @ unit(support).T, axis=1) @ labels


@wrong("attention", "returns nothing")
def result_dropped(query, support, labels):
    step_by_step(query, support, labels)


@wrong("attention", "expected a result of shape")
def two_classes_only(query, support, labels):
    first = step_by_step(query, support, labels)[:, 0]
    return np.stack([first, 1 - first], axis=1)


@wrong("attention", "squared distance of the scaled embeddings")
def squared_distance_of_directions(query, support, labels):
    squared = ((unit(query)[:, None] - unit(support)) ** 2).sum(axis=-1)
    return softmax(-squared, axis=1) @ labels


@wrong("attention", "or with the sum")
def class_sums(query, support, labels):
    return softmax(cosines(query, labels.T @ support), axis=1)


@wrong("attention", "squares the cosines, where the softmax")
def squares_in_proportion(query, support, labels):
    squares = cosines(query, support) ** 2
    return squares / squares.sum(axis=1, keepdims=True) @ labels


@wrong("attention", "the same number for each class")
def split_in_order(query, support, labels):
    weights = softmax(cosines(query, support), axis=1)
    blocks = np.array_split(weights, labels.shape[1], axis=1)
    return np.stack([block.sum(axis=1) for block in blocks], axis=1)


@wrong("attention", "takes the classes in turn")
def every_nth_image(query, support, labels):
    weights, n = softmax(cosines(query, support), axis=1), labels.shape[1]
    return np.stack([weights[:, k::n].sum(axis=1) for k in range(n)], axis=1)


@wrong("attention", "images of one class at a time")
def softmax_within_classes(query, support, labels):
    powers = np.exp(cosines(query, support))[:, :, None] * labels
    return (powers / powers.sum(axis=1, keepdims=True)).sum(axis=1)


@wrong("attention", "averages over the queries")
def averaged_in_every_row(query, support, labels):
    return np.tile(averaged(query, support, labels), (len(query), 1))


@wrong("attention", "the first query only, in every row")
def first_in_every_row(query, support, labels):
    return np.tile(step_by_step(query[:1], support, labels), (len(query), 1))


@wrong("attention", "does the loop overwrite the others")
def last_query(query, support, labels):
    for one in query:
        out = step_by_step(one[None], support, labels)[0]
    return out


@wrong("attention", "in which the classes occur")
def columns_as_they_occur(query, support, labels):
    met = dict.fromkeys(labels.argmax(axis=1).tolist())
    return step_by_step(query, support, labels)[:, list(met)]


@wrong("attention", "leaves out the last support image")
def up_to_the_last_image(query, support, labels):
    return step_by_step(query, support[:-1], labels[:-1])


@wrong("attention", "leaves out the first support image")
def added_from_the_second_image(query, support, labels):
    return softmax(cosines(query, support), axis=1)[:, 1:] @ labels[1:]


@wrong("attention", "as many images as there are queries")
def added_up_to_the_number_of_queries(query, support, labels):
    weights, out = softmax(cosines(query, support), axis=1), 0
    for i in range(len(query)):
        out = out + np.outer(weights[:, i], labels[i])
    return out


@wrong("attention", "a row of its own")
def one_list_for_all_queries(query, support, labels):
    out = [[0] * labels.shape[1]] * len(query)
    for q, row in enumerate(softmax(cosines(query, support), axis=1)):
        for weight, k in zip(row, labels.argmax(axis=1), strict=True):
            out[q][k] += weight
    return out


@wrong("attention", "only the first query gets an answer")
def returns_within_the_loop(query, support, labels):
    out = np.zeros((len(query), labels.shape[1]))
    for i, one in enumerate(query):
        out[i] = step_by_step(one[None], support, labels)[0]
        return out


@wrong("attention", "only the last query gets an answer")
def written_after_the_loop(query, support, labels):
    out = np.zeros((len(query), labels.shape[1]))
    for i, one in enumerate(query):  # noqa: B007
        row = step_by_step(one[None], support, labels)[0]
    out[i] = row
    return out


@wrong("attention", "mean over the images")
def mean_over_images(query, support, labels):
    return np.mean(softmax(cosines(query, support), axis=1)[:, :, None] * labels, axis=1)


@wrong("attention", "number of shots")
def divided_by_shots(query, support, labels):
    return step_by_step(query, support, labels) / (len(support) / labels.shape[1])


@wrong("attention", "whole numbers")
def written_into_integers(query, support, labels):
    out = np.zeros((len(query), labels.shape[1]), int)
    out[:] = step_by_step(query, support, labels)
    return out


@wrong("attention", "the exponential is missing")
def shifted_cosines_in_proportion(query, support, labels):
    weights = 1 + cosines(query, support)
    return weights / weights.sum(axis=1, keepdims=True) @ labels


@wrong("attention", "as many columns as `b` has rows")
def not_transposed(query, support, labels):
    return softmax(cosines(query, support), axis=1) @ labels.T
