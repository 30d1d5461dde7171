import keras
from keras import ops

from fslkeras.layers.distance import FLATTEN
from fslkeras.validation import check_known, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class WeightedL1(keras.layers.Layer):
    """Similarity of two embeddings: their absolute differences, each with a learned weight (Koch et al. 2015, sec. 3.1).

    logit = sum_j alpha_j |query_j - support_j| + bias. Its sigmoid is the probability that the two are of the same class. The bias is
    not in the paper's formula.

    Call arguments:
        query: float (B, Q, D), the queries' embeddings.
        support: float (B, S, D), the support images' embeddings.
    Returns:
        float32 (B, Q, S), the logit of each query with each support image.
    Raises:
        ValueError: if the shapes do not fit each other or those that the layer was built for.

    >>> import numpy as np
    >>> layer = WeightedL1()
    >>> layer(np.zeros((1, 4, 8)), np.ones((1, 3, 8))).shape == (1, 4, 3)
    True
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def build(self, query_shape, support_shape):
        self.compute_output_shape(query_shape, support_shape)
        # As in the paper, sec. 3.2.
        weights, bias = (
            keras.initializers.RandomNormal(0.0, 0.2),
            keras.initializers.RandomNormal(0.5, 0.01),
        )
        self.alpha = self.add_weight(shape=(query_shape[2],), initializer=weights, name="alpha")
        self.bias = self.add_weight(shape=(), initializer=bias, name="bias")
        self.input_spec = keras.layers.InputSpec(
            axes={-1: query_shape[2]}
        )  # Keras then refuses embeddings of another size

    def call(self, query, support):
        self.compute_output_shape(query.shape, support.shape)
        return (
            ops.einsum("bqsd,d->bqs", ops.abs(query[:, :, None] - support[:, None]), self.alpha)
            + self.bias
        )

    def compute_output_shape(self, query_shape, support_shape):
        size = check_shapes(
            "WeightedL1", FLATTEN, query=(query_shape, "B Q D"), support=(support_shape, "B S D")
        )
        check_known("WeightedL1", size["D"])
        return (query_shape[0], size["Q"], size["S"])
