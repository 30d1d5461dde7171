"""Answers to `checks.attention`, chapter 4."""

import numpy as np
import tensorflow as tf
from answers import right, wrong
from keras import ops
from scipy.spatial.distance import cdist
from scipy.special import softmax
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
    return ops.exp(fslkeras.layers.AttentionClassifier("both")(query[None], support[None], labels[None]))[0]


@right("attention")
def class_by_class(query, support, labels):
    weights = softmax(cosines(query, support), axis=1)
    return [[row[column == 1].sum() for column in labels.T] for row in weights]


@wrong("attention", "dot product as it is")
def not_normalized(query, support, labels):
    return softmax(query @ support.T, axis=1) @ labels


@wrong("attention", "only the queries to length one")
def query_normalized(query, support, labels):
    return softmax(unit(query) @ support.T, axis=1) @ labels


@wrong("attention", "only the support embeddings to length one")
def support_normalized(query, support, labels):
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
def proportions_of_cosines(query, support, labels):
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
