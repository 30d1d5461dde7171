import keras
from keras import ops

from fslkeras.layers.distance import FLATTEN
from fslkeras.validation import check_known, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class WeightedL1(keras.layers.Layer):
    """Similarity from absolute differences with learned weights (Koch et al. 2015, sec. 3.1).

    `logit = sum_j alpha_j |query_j - support_j| + bias`. Its sigmoid is the probability that both
    images are of the same class. The bias is not in the paper's formula.

    Call arguments:
        query: float (B, Q, D), the query embeddings.
        support: float (B, S, D), the support embeddings.
    Returns:
        float32 (B, Q, S): the logit of each query with each support image.
    Raises:
        ValueError: If the shapes do not match each other, or the D that the layer was built for.

    >>> import numpy as np
    >>> layer = WeightedL1()
    >>> layer(np.zeros((1, 4, 8)), np.ones((1, 3, 8))).shape == (1, 4, 3)
    True
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def build(self, query_shape, support_shape):
        self.compute_output_shape(query_shape, support_shape)
        size = query_shape[2]
        # The initial distributions are the paper's, sec. 3.2.
        start = keras.initializers.RandomNormal(0.0, 0.2)
        self.alpha = self.add_weight(shape=(size,), initializer=start, name="alpha")
        start = keras.initializers.RandomNormal(0.5, 0.01)
        self.bias = self.add_weight(shape=(), initializer=start, name="bias")
        self.input_spec = keras.layers.InputSpec(axes={-1: size})  # no other D from now on

    def call(self, query, support):
        self.compute_output_shape(query.shape, support.shape)
        differences = ops.abs(query[:, :, None] - support[:, None])
        return ops.einsum("bqsd,d->bqs", differences, self.alpha) + self.bias

    def compute_output_shape(self, query_shape, support_shape):
        size = check_shapes(
            "WeightedL1", FLATTEN, query=(query_shape, "B Q D"), support=(support_shape, "B S D")
        )
        check_known("WeightedL1", size["D"])
        return (query_shape[0], size["Q"], size["S"])
