"""Accuracies for episodes and for pairs, for `compile(metrics=[...])`: what `fit` prints is what `fslkeras.evaluate` counts."""

import keras
from keras import ops


def episode_accuracy(y_true, y_pred):
    """The accuracy of each query: 1, 0, or 1/m where the true class shares the highest score with m - 1 others.

    So a network that gives every class the same score is right in one of N cases. A query with a score that is NaN counts 0.

    Args:
        y_true: float (..., N), one-hot.
        y_pred: float (..., N), the scores: the higher, the more similar.
    Returns:
        float32 (...), each 0..1.

    >>> import numpy as np
    >>> ops.convert_to_numpy(episode_accuracy(np.eye(4)[:2], np.zeros((2, 4)))).tolist()
    [0.25, 0.25]
    """
    y_true, y_pred = ops.cast(y_true, "float32"), ops.convert_to_tensor(y_pred)
    highest = ops.cast(y_pred == ops.max(y_pred, axis=-1, keepdims=True), "float32")
    right = ops.sum(highest * y_true, axis=-1) / ops.maximum(ops.sum(highest, axis=-1), 1.0)
    return ops.where(ops.any(ops.isnan(y_pred), axis=-1), 0.0, right)


@keras.saving.register_keras_serializable("fslkeras")
class EpisodeAccuracy(keras.metrics.MeanMetricWrapper):
    """Mean over all queries of `episode_accuracy`: ties count 1/m, NaN counts as wrong.

    Call arguments:
        y_true: float (B, Q, N), one-hot.
        y_pred: float (B, Q, N), the scores: the higher, the more similar.
    """

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(episode_accuracy, name=name, dtype=dtype)

    def get_config(self):
        return {"name": self.name, "dtype": self.dtype}


@keras.saving.register_keras_serializable("fslkeras")
class PairAccuracy(keras.metrics.MeanMetricWrapper):
    """Share of pairs that a threshold on their distance classifies correctly, for a Siamese network with a distance.

    Keras' own accuracy takes distances for probabilities, and calls the farthest pairs the same.

    Args:
        threshold: pairs at most this far apart are called the same.
    Call arguments:
        y_true: (B,), 1 for a pair of the same class and 0 for a pair from different classes.
        y_pred: float (B,), the distances.
    """

    def __init__(self, threshold=0.5, name="accuracy", dtype=None):
        super().__init__(_pair_accuracy, name=name, dtype=dtype, threshold=threshold)
        self.threshold = threshold

    def get_config(self):
        return {"threshold": self.threshold, "name": self.name, "dtype": self.dtype}


def _pair_accuracy(y_true, y_pred, threshold):
    return ops.cast((y_pred <= threshold) == (ops.cast(y_true, "float32") > 0.5), "float32")
