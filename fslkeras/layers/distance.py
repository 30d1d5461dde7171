import keras
from keras import ops


def _squared_euclidean(a, b):
    # Differences, not |a|^2 - 2ab + |b|^2: that form is faster for long vectors, but cancels close to zero.
    return ops.sum(ops.square(a[:, :, None] - b[:, None]), axis=-1)


def _euclidean(a, b):
    # The slope of the square root is infinite at zero. Two equal vectors get the slope zero instead.
    squared = _squared_euclidean(a, b)
    apart = squared > 0
    return ops.where(apart, ops.sqrt(ops.where(apart, squared, 1.0)), 0.0)


def _manhattan(a, b):
    return ops.sum(ops.abs(a[:, :, None] - b[:, None]), axis=-1)


def _cosine(a, b):
    similarity = ops.einsum("bqd,bnd->bqn", unit_length(a), unit_length(b))
    return ops.maximum(1.0 - similarity, 0.0)  # rounding can put the similarity a little above 1


def unit_length(x):
    # A vector of zeros has no direction. It stays zero, and its gradient is zero: division by a small bound would make that huge.
    squared = ops.sum(ops.square(x), axis=-1, keepdims=True)
    long = squared > 1e-24
    return x * ops.where(long, ops.rsqrt(ops.where(long, squared, 1.0)), 0.0)


_METRICS = {
    "squared_euclidean": _squared_euclidean,
    "euclidean": _euclidean,
    "manhattan": _manhattan,
    "cosine": _cosine,
}


@keras.saving.register_keras_serializable("fslkeras")
class Distance(keras.layers.Layer):
    """Distance of each query embedding to each class (Snell et al. 2017, eq. 2).

    Never negative, zero for equal vectors, with a finite gradient everywhere, and computed in float32 under mixed precision.

    Args:
        metric: "squared_euclidean", "euclidean", "manhattan" or "cosine" (1 - cosine similarity, 0..2).
            The squared Euclidean distance is the sum over D, not the mean.
    Args of the call:
        a: float (B, Q, D), for instance the queries' embeddings.
        b: float (B, N, D), for instance the prototypes.
    Returns:
        float32 (B, Q, N), the distance of every a to every b.
    Raises:
        ValueError: if the metric is unknown, or a and b differ in D.

    >>> import numpy as np
    >>> query, classes = np.array([[[0.0, 0.0]]]), np.array([[[3.0, 4.0], [0.0, 0.0]]])
    >>> keras.ops.convert_to_numpy(Distance("squared_euclidean")(query, classes)).tolist()
    [[[25.0, 0.0]]]
    """

    def __init__(self, metric="squared_euclidean", **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        if metric not in _METRICS:
            raise ValueError(f"Distance expected a metric out of {sorted(_METRICS)} and received {metric!r}.")
        self.metric = metric

    def call(self, a, b):
        self.compute_output_shape(a.shape, b.shape)
        return _METRICS[self.metric](a, b)

    def compute_output_shape(self, a_shape, b_shape):
        if (
            len(a_shape) != 3
            or len(b_shape) != 3
            or any(None not in (a_shape[i], b_shape[i]) and a_shape[i] != b_shape[i] for i in (0, 2))
        ):
            raise ValueError(
                "Distance expected a of shape (episodes, queries, D) and b of shape (episodes, classes, D) with as many episodes and "
                f"the same D, and received {tuple(a_shape)} and {tuple(b_shape)}. Flatten feature maps first: conv4(flatten=True) does."
            )
        return (*a_shape[:2], b_shape[1])

    def get_config(self):
        return {**super().get_config(), "metric": self.metric}
