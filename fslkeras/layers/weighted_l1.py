import keras
from keras import ops


@keras.saving.register_keras_serializable("fslkeras")
class WeightedL1(keras.layers.Layer):
    """How alike two embeddings are, from their absolute differences, each with a learned weight (Koch et al. 2015, sec. 3.1).

    logit = sum_j alpha_j |a_j - b_j| + bias. Its sigmoid is the probability that the two are of the same class.

    Args of the call:
        a: float (B, Q, D), for instance the queries' embeddings.
        b: float (B, N, D), for instance the support images' embeddings.
    Returns:
        float32 (B, Q, N), the logit of every a with every b.
    Raises:
        ValueError: if the shapes do not fit, or a and b differ in D.

    >>> import numpy as np
    >>> layer = WeightedL1()
    >>> layer(np.zeros((1, 4, 8)), np.ones((1, 3, 8))).shape == (1, 4, 3)
    True
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def build(self, a_shape, b_shape):
        self.compute_output_shape(a_shape, b_shape)
        # As in the paper, sec. 3.2.
        weights, bias = keras.initializers.RandomNormal(0.0, 0.2), keras.initializers.RandomNormal(0.5, 0.01)
        self.alpha = self.add_weight(shape=(a_shape[2],), initializer=weights, name="alpha")
        self.bias = self.add_weight(shape=(), initializer=bias, name="bias")

    def call(self, a, b):
        self.compute_output_shape(a.shape, b.shape)
        if a.shape[2] != self.alpha.shape[0]:
            raise ValueError(
                f"WeightedL1 was built for embeddings of {self.alpha.shape[0]} numbers and received embeddings of {a.shape[2]}."
            )
        return ops.einsum("bqnd,d->bqn", ops.abs(a[:, :, None] - b[:, None]), self.alpha) + self.bias

    def compute_output_shape(self, a_shape, b_shape):
        if (
            len(a_shape) != 3
            or len(b_shape) != 3
            or a_shape[2] is None
            or a_shape[2] != b_shape[2]
            or (None not in (a_shape[0], b_shape[0]) and a_shape[0] != b_shape[0])
        ):
            raise ValueError(
                "WeightedL1 expected a of shape (episodes, queries, D) and b of shape (episodes, classes, D) with as many episodes and "
                f"the same D, and received {tuple(a_shape)} and {tuple(b_shape)}. Flatten feature maps first: conv4(flatten=True) does."
            )
        return (*a_shape[:2], b_shape[1])
