"""Accuracies for `compile(metrics=[...])`, counted as `fslkeras.evaluate` counts them."""

import keras
from keras import ops

from fslkeras.validation import check_above_zero, check_shapes

__all__ = ["EpisodeAccuracy", "PairAccuracy", "episode_accuracy"]


def episode_accuracy(y_true, y_pred):
    """The accuracy of each query: 1, 0, or 1/m if the true class ties with m - 1 others for first.

    So a network that scores every class the same is right 1/N of the time. A query with a NaN among
    its scores counts as 0.

    Args:
        y_true: (..., N), one-hot.
        y_pred: float (..., N), scores, higher for more similar.
    Returns:
        float32 (...): the accuracies, in [0, 1].

    >>> import numpy as np
    >>> ops.convert_to_numpy(episode_accuracy(np.eye(4)[:2], np.zeros((2, 4)))).tolist()
    [0.25, 0.25]
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    check_shapes("episode_accuracy", y_true=(y_true.shape, "N *"), y_pred=(y_pred.shape, "N *"))
    y_true = ops.cast(y_true, "float32")
    highest = ops.cast(y_pred == ops.max(y_pred, axis=-1, keepdims=True), "float32")
    right = ops.sum(highest * y_true, axis=-1) / ops.maximum(ops.sum(highest, axis=-1), 1.0)
    return ops.where(ops.any(ops.isnan(y_pred), axis=-1), 0.0, right)


@keras.saving.register_keras_serializable("fslkeras")
class EpisodeAccuracy(keras.metrics.MeanMetricWrapper):
    """Mean `episode_accuracy` over all queries: ties count as 1/m, NaN as wrong.

    Call arguments:
        y_true: (B, Q, N), one-hot.
        y_pred: float (B, Q, N), scores, higher for more similar.
    """

    def __init__(self, name="accuracy", dtype=None):
        super().__init__(episode_accuracy, name=name, dtype=dtype)

    def get_config(self):
        return {"name": self.name, "dtype": self.dtype}


@keras.saving.register_keras_serializable("fslkeras")
class PairAccuracy(keras.metrics.MeanMetricWrapper):
    """Share of pairs classified correctly by a threshold on their distance.

    Keras' own accuracy would take distances for probabilities and call the farthest pairs the same.

    Args:
        threshold: Largest distance at which two images are called the same class, above 0.
    Call arguments:
        y_true: (B,), 1 for a pair from the same class and 0 for a pair from different classes.
        y_pred: float (B,), the distances.
    """

    def __init__(self, threshold=0.5, name="accuracy", dtype=None):
        check_above_zero("PairAccuracy", "threshold", threshold)
        super().__init__(_pair_accuracy, name=name, dtype=dtype, threshold=threshold)
        self.threshold = threshold

    def get_config(self):
        return {"threshold": self.threshold, "name": self.name, "dtype": self.dtype}


def _pair_accuracy(y_true, y_pred, threshold):
    check_shapes("PairAccuracy", y_true=(y_true.shape, "*"), y_pred=(y_pred.shape, "*"))
    return ops.cast((y_pred <= threshold) == (ops.cast(y_true, "float32") > 0.5), "float32")
