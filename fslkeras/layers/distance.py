import keras
from keras import ops

from fslkeras.validation import check_choice, check_shapes


def _squared_euclidean(query, prototypes):
    # |a|^2 - 2ab + |b|^2 is faster for long vectors, but cancels where a and b are close.
    return ops.sum(ops.square(query[:, :, None] - prototypes[:, None]), axis=-1)


def _euclidean(query, prototypes):
    return safe_sqrt(_squared_euclidean(query, prototypes))


def _manhattan(query, prototypes):
    return ops.sum(ops.abs(query[:, :, None] - prototypes[:, None]), axis=-1)


def _cosine(query, prototypes):
    similarity = ops.einsum("bqd,bnd->bqn", unit_length(query), unit_length(prototypes))
    return ops.maximum(1.0 - similarity, 0.0)  # rounding can push the similarity above 1


def safe_sqrt(squared):
    # The square root has an infinite gradient at 0; here it is 0. NaN stays NaN.
    zero = ops.equal(squared, 0)
    return ops.where(zero, 0.0, ops.sqrt(ops.where(zero, 1.0, squared)))


def unit_length(x):
    # A zero vector has no direction: it stays zero, with a zero gradient. Dividing by
    # max(length, epsilon) would make that gradient huge.
    squared = ops.sum(ops.square(x), axis=-1, keepdims=True)
    long = squared > 1e-24
    return x * ops.where(long, ops.rsqrt(ops.where(long, squared, 1.0)), 0.0)


_METRICS = {
    "squared_euclidean": _squared_euclidean,
    "euclidean": _euclidean,
    "manhattan": _manhattan,
    "cosine": _cosine,
}
FLATTEN = "Flatten feature maps first, as conv4(flatten=True) does."


@keras.saving.register_keras_serializable("fslkeras")
class Distance(keras.layers.Layer):
    """Distance from each query to each prototype (Snell et al. 2017, eq. 2).

    It is never negative, 0 for equal vectors, and in float32 even under mixed precision. Its
    gradient is finite everywhere.

    Args:
        metric: "squared_euclidean" (the sum over D, not the mean), "euclidean", "manhattan" or
            "cosine" (1 - cosine similarity, in [0, 2]).
    Call arguments:
        query: float (B, Q, D), the query embeddings.
        prototypes: float (B, N, D), the prototypes, or any other embeddings to compare with.
    Returns:
        float32 (B, Q, N): the distances.
    Raises:
        ValueError: If the metric is unknown or the shapes do not match.

    >>> import numpy as np
    >>> query, prototypes = np.array([[[0.0, 0.0]]]), np.array([[[3.0, 4.0], [0.0, 0.0]]])
    >>> keras.ops.convert_to_numpy(Distance("squared_euclidean")(query, prototypes)).tolist()
    [[[25.0, 0.0]]]
    """

    def __init__(self, metric="squared_euclidean", **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        check_choice("Distance", "metric", metric, _METRICS)
        self.metric = metric

    def call(self, query, prototypes):
        self.compute_output_shape(query.shape, prototypes.shape)
        return _METRICS[self.metric](query, prototypes)

    def compute_output_shape(self, query_shape, prototypes_shape):
        size = check_shapes(
            "Distance",
            FLATTEN,
            query=(query_shape, "B Q D"),
            prototypes=(prototypes_shape, "B N D"),
        )
        return (query_shape[0], size["Q"], size["N"])

    def get_config(self):
        return {**super().get_config(), "metric": self.metric}
