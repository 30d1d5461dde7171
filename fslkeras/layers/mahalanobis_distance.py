import keras
from keras import ops

from fslkeras.layers.distance import safe_sqrt
from fslkeras.validation import check_precisions, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class MahalanobisDistance(keras.layers.Layer):
    """Distance from each query to each prototype, weighted by class precision (Fort 2017, sec. 3).

    `sqrt(sum_d precision_d (query_d - prototype_d)^2)`, never negative, 0 for equal vectors, with a
    finite gradient everywhere, and in float32 even under mixed precision. If two prototypes are at
    the same Euclidean distance, the less precise one is nearer: unlike the log-likelihood of a
    Gaussian, this distance has no penalty for a large variance.

    Call arguments:
        query: float (B, Q, D), the query embeddings.
        prototypes: float (B, N, D), the prototypes.
        precisions: float (B, N, D) or (B, N, 1), at least 0: the inverse variance of each
            prototype, per dimension or one for all.
    Returns:
        float32 (B, Q, N): the distances. A prototype with only zero precisions, as for a class
        without images, is 1e9 away from every query.
    Raises:
        ValueError: If the shapes do not match, or a NumPy array holds precisions below 0.

    >>> import numpy as np
    >>> query, prototypes = np.array([[[0.0, 0.0]]]), np.array([[[3.0, 4.0], [3.0, 4.0]]])
    >>> precisions = np.array([[[1.0, 1.0], [0.0, 0.25]]])
    >>> keras.ops.convert_to_numpy(MahalanobisDistance()(query, prototypes, precisions)).tolist()
    [[[5.0, 2.0]]]
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def __call__(self, query, prototypes, precisions, **kwargs):
        distances = super().__call__(query, prototypes, precisions, **kwargs)
        check_precisions("MahalanobisDistance", precisions)
        return distances

    def call(self, query, prototypes, precisions):
        self.compute_output_shape(query.shape, prototypes.shape, precisions.shape)
        squared = ops.square(query[:, :, None] - prototypes[:, None])
        distances = safe_sqrt(ops.sum(precisions[:, None] * squared, axis=-1))
        known = ops.any(ops.not_equal(precisions, 0), axis=-1)[:, None]  # (B, 1, N)
        return ops.where(known, distances, 1e9)

    def compute_output_shape(self, query_shape, prototypes_shape, precisions_shape):
        one_for_all = tuple(precisions_shape)[-1:] == (1,)
        size = check_shapes(
            "MahalanobisDistance",
            query=(query_shape, "B Q D"),
            prototypes=(prototypes_shape, "B N D"),
            precisions=(precisions_shape, "B N 1" if one_for_all else "B N D"),
        )
        return (query_shape[0], size["Q"], size["N"])
