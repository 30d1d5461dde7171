import keras
from keras import ops


@keras.saving.register_keras_serializable("fslkeras")
class MahalanobisDistance(keras.layers.Layer):
    """Distance of each query to each class, weighted by how precisely the class's place is known (Fort 2017, sec. 3).

    The square root of the sum over the coordinates of precision times squared difference. Never negative, zero for equal vectors, with
    a finite gradient everywhere, and computed in float32 under mixed precision. The less precise of two places is the nearer one: unlike
    the likelihood of a Gaussian, this distance charges nothing for being unsure.

    Args of the call:
        a: float (B, Q, D), for instance the queries' embeddings.
        b: float (B, N, D), for instance the prototypes.
        precisions: float (B, N, D) or (B, N, 1), at least 0: the inverse variance of each b in each coordinate, or in all of them.
    Returns:
        float32 (B, Q, N), the distance of every a to every b. A b with no precision at all, such as a class without an image, is
        1e9 away from everything.
    Raises:
        ValueError: if the shapes do not fit.

    >>> import numpy as np
    >>> query, classes = np.array([[[0.0, 0.0]]]), np.array([[[3.0, 4.0], [3.0, 4.0]]])
    >>> precisions = np.array([[[1.0, 1.0], [0.0, 0.25]]])
    >>> keras.ops.convert_to_numpy(MahalanobisDistance()(query, classes, precisions)).tolist()
    [[[5.0, 2.0]]]
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def call(self, a, b, precisions):
        self.compute_output_shape(a.shape, b.shape, precisions.shape)
        squared = ops.sum(precisions[:, None] * ops.square(a[:, :, None] - b[:, None]), axis=-1)
        # The slope of the square root is infinite at zero. Two equal vectors get the slope zero instead.
        apart = squared > 0
        distances = ops.where(apart, ops.sqrt(ops.where(apart, squared, 1.0)), 0.0)
        known = ops.any(precisions > 0, axis=-1)[:, None]  # (B, 1, N)
        return ops.where(known, distances, 1e9)

    def compute_output_shape(self, a_shape, b_shape, precisions_shape):
        fit = (
            len(a_shape) == len(b_shape) == len(precisions_shape) == 3
            and _one_size(a_shape[0], b_shape[0], precisions_shape[0])
            and _one_size(b_shape[1], precisions_shape[1])
            and _one_size(a_shape[2], b_shape[2])
            and precisions_shape[2] in (1, b_shape[2])
        )
        if not fit:
            raise ValueError(
                "MahalanobisDistance expected a of shape (episodes, queries, D), b of shape (episodes, classes, D) and precisions of "
                "shape (episodes, classes, D or 1), with as many episodes and classes and the same D, and received "
                f"{tuple(a_shape)}, {tuple(b_shape)} and {tuple(precisions_shape)}."
            )
        return (*a_shape[:2], b_shape[1])


def _one_size(*sizes):
    return len(set(sizes) - {None}) <= 1
