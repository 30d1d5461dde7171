import keras
from keras import ops

from fslkeras.layers.distance import safe_sqrt
from fslkeras.validation import check_precisions, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class MahalanobisDistance(keras.layers.Layer):
    """Distance of each query to each prototype, weighted by the precision of the class (Fort 2017, sec. 3).

    The square root of the sum over the coordinates of precision times squared difference. Never negative, zero for equal vectors, with
    a finite gradient everywhere, and computed in float32 under mixed precision. Of two prototypes at the same Euclidean distance, the
    less precise one is nearer: unlike the likelihood of a Gaussian, this distance has no penalty for a large variance.

    Call arguments:
        query: float (B, Q, D), the queries' embeddings.
        prototypes: float (B, N, D).
        precisions: float (B, N, D) or (B, N, 1), at least 0: the inverse variance of each prototype, per coordinate or for all of them.
    Returns:
        float32 (B, Q, N), the distance of each query to each prototype. A prototype whose precisions are all 0, such as that of a class
        without an image, is 1e9 away from everything.
    Raises:
        ValueError: if the shapes do not fit, or the precisions are a NumPy array with numbers below 0.

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
        squared = ops.sum(
            precisions[:, None] * ops.square(query[:, :, None] - prototypes[:, None]), axis=-1
        )
        known = ops.any(precisions > 0, axis=-1)[:, None]  # (B, 1, N)
        return ops.where(known, safe_sqrt(squared), 1e9)

    def compute_output_shape(self, query_shape, prototypes_shape, precisions_shape):
        size = check_shapes(
            "MahalanobisDistance",
            query=(query_shape, "B Q D"),
            prototypes=(prototypes_shape, "B N D"),
            precisions=(
                precisions_shape,
                "B N 1" if tuple(precisions_shape)[-1:] == (1,) else "B N D",
            ),
        )
        return (query_shape[0], size["Q"], size["N"])
