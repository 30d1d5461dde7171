"""Few-shot classifiers on frozen embeddings, as functions of arrays.

Each takes support (n, S, D), support labels (n, S, N), queries (n, Q, D) and a setting, and returns
scores (n, Q, N).
"""

import keras
import numpy as np
from keras import ops
from sklearn.linear_model import LogisticRegression

import fslkeras


def prototypes(support, labels, query, metric="squared_euclidean"):
    """As `networks.prototypical`; for 1,280 dimensions, products are faster than differences."""
    classes = labels.transpose(0, 2, 1)
    means = classes @ support / classes.sum(axis=2, keepdims=True)
    if metric == "cosine":
        return cosine(query, means)
    squares = (query**2).sum(axis=2, keepdims=True) + (means**2).sum(axis=2)[:, None]
    return 2 * query @ means.transpose(0, 2, 1) - squares


def nearest_neighbor(support, labels, query, _=None):
    of_another_class = np.where(labels > 0, 0, -np.inf)[:, None]
    return (cosine(query, support)[..., None] + of_another_class).max(axis=2)


def matching(support, labels, query, scale):
    """As `networks.matching` with normalize="both"."""
    attention = np.exp(scale * (cosine(query, support) - 1))
    return attention / attention.sum(axis=2, keepdims=True) @ labels


def siamese_threshold(support, labels, query, threshold):
    """The share of each class's examples whose cosine with the query is at least the threshold.

    The nearest example breaks ties.
    """
    votes = (cosine(query, support) >= threshold) @ labels / labels.sum(axis=1)[:, None]
    return votes + 1e-3 * nearest_neighbor(support, labels, query)


def verification(threshold, pairs):
    """Balanced accuracy of a threshold on the cosine for "the same class", per episode.

    Args:
        threshold: the lowest cosine of "the same class".
        pairs: list of cosines (n, Q, S) and whether the class is the same, bool (n, Q, S).
    Returns:
        (episodes,): the mean of the rates at which each kind of pair is recognized.
    """
    per_episode = []
    for similarity, same in pairs:
        said = similarity >= threshold
        rates = [
            (right & of).sum(axis=(1, 2)) / of.sum(axis=(1, 2))
            for right, of in ((said, same), (~said, ~same))
        ]
        per_episode.append(np.mean(rates, axis=0))
    return np.concatenate(per_episode)


def cosine(a, b):
    a, b = (part / np.linalg.norm(part, axis=2, keepdims=True) for part in (a, b))
    return a @ b.transpose(0, 2, 1)


def logistic_regression(support, labels, query, strength):
    """scikit-learn's, where a larger `strength` regularizes less."""
    fitted = [
        LogisticRegression(C=strength, max_iter=1000).fit(images, classes)
        for images, classes in zip(support, labels.argmax(axis=2), strict=True)
    ]
    return np.stack(
        [one.decision_function(images) for one, images in zip(fitted, query, strict=True)]
    )


def fine_tuned(support, labels, query, rate, steps=100):
    """A linear layer, initialized as the prototypes (Snell et al. 2017, sec. 2.4), then trained."""
    classes = labels.transpose(0, 2, 1)
    means = classes @ support / classes.sum(axis=2, keepdims=True)
    weights, biases = 2 * means.transpose(0, 2, 1), -(means**2).sum(axis=2)[:, None]
    for _ in range(steps):
        logits = support @ weights + biases
        probabilities = np.exp(logits - logits.max(axis=2, keepdims=True))
        error = probabilities / probabilities.sum(axis=2, keepdims=True) - labels
        weights -= rate * support.transpose(0, 2, 1) @ error / labels.shape[1]
        biases -= rate * error.mean(axis=1, keepdims=True)
    return query @ weights + biases


def relation_module(dimensions, units=64):
    """A relation module (Sung et al. 2018) for vectors: two dense layers on a query and a class.

    It sees the absolute difference and the product of the query and the mean of the class.

    Args:
        dimensions: size of an embedding, D.
        units: size of the first layer.
    Returns:
        `keras.Model`, not trained, from `networks.episode_inputs` to scores (n, Q, N) in 0..1.
    """
    episode = fslkeras.networks.episode_inputs((dimensions,))
    means = fslkeras.layers.Prototypes()(episode["support"], episode["support_labels"])[:, None]
    queries = episode["query"][:, :, None]
    pairs = ops.concatenate([ops.abs(queries - means), queries * means], axis=-1)
    hidden = keras.layers.Dense(units, activation="relu")(pairs)
    scores = keras.layers.Dense(1, activation="sigmoid")(hidden)
    return keras.Model(episode, ops.squeeze(scores, -1), name="head")


def inputs(support, labels, query):
    """Embeddings and labels as a head over `networks.episode_inputs` takes them."""
    return {"support": support, "support_labels": labels, "query": query}
