"""Full context embeddings: each embedding of an episode is changed by the others (Vinyals et al. 2016, sec. 2.1.2 and appendix A)."""

import keras
from keras import ops

from fslkeras.validation import check_integer, check_known, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class SupportContext(keras.layers.Layer):
    """Embeds each support image in view of all the others: a bidirectional LSTM and a skip (Vinyals et al. 2016, appendix A.2).

    g_i = forward_i + backward_i + g'_i. The LSTM reads the support set as a sequence, so its order matters.

    Call arguments:
        support: float (B, S, D), the support images' embeddings g'.
    Returns:
        float32 (B, S, D), the embeddings g.
    Raises:
        ValueError: if the shape is another.

    >>> import numpy as np
    >>> SupportContext()(np.zeros((1, 5, 64))).shape == (1, 5, 64)
    True
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def build(self, support_shape):
        self.compute_output_shape(support_shape)
        # Of the same size as the embeddings, so that they can be added.
        lstm = keras.layers.LSTM(support_shape[2], return_sequences=True, dtype="float32")
        self.both_ways = keras.layers.Bidirectional(
            lstm, merge_mode="sum", name="both_ways", dtype="float32"
        )
        self.both_ways.build(support_shape)
        self.input_spec = keras.layers.InputSpec(
            axes={-1: support_shape[2]}
        )  # Keras then refuses another size

    def call(self, support):
        self.compute_output_shape(support.shape)
        return self.both_ways(support) + support

    def compute_output_shape(self, support_shape):
        check_known(
            "SupportContext", check_shapes("SupportContext", support=(support_shape, "B S D"))["D"]
        )
        return tuple(support_shape)


@keras.saving.register_keras_serializable("fslkeras")
class QueryContext(keras.layers.Layer):
    """Embeds each query in view of the support set: an LSTM that attends to it (Vinyals et al. 2016, appendix A.1, eq. 3 to 6).

    With h_0 = c_0 = 0, and for k = 1 .. steps:
        r_(k-1) = sum_i softmax_i(h_(k-1) . g_i) g_i
        h'_k, c_k = LSTM(f', [h_(k-1), r_(k-1)], c_(k-1)),    h_k = h'_k + f'.
    The support's order does not matter here, and no query sees another.

    Args:
        steps: how often it looks at the support set, K, at least 1.
    Call arguments:
        query: float (B, Q, D), the queries' embeddings f'.
        support: float (B, S, D), the support images' embeddings g.
    Returns:
        float32 (B, Q, D), h_K.
    Raises:
        ValueError: if steps is not a whole number of at least 1, or the shapes do not fit.

    >>> import numpy as np
    >>> QueryContext(steps=2)(np.zeros((1, 10, 64)), np.zeros((1, 5, 64))).shape == (1, 10, 64)
    True
    """

    def __init__(self, steps=5, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        check_integer("QueryContext", "steps", steps)
        self.steps = int(steps)

    def build(self, query_shape, support_shape):
        self.compute_output_shape(query_shape, support_shape)
        size = query_shape[2]
        self.kernel = self.add_weight(
            shape=(size, 4 * size), initializer="glorot_uniform", name="kernel"
        )
        # The state is h and r side by side: twice as many rows as an LSTM's own.
        self.recurrent_kernel = self.add_weight(
            shape=(2 * size, 4 * size), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(4 * size,), initializer="zeros", name="bias")
        self.input_spec = keras.layers.InputSpec(
            axes={-1: size}
        )  # Keras then refuses embeddings of another size

    def call(self, query, support):
        self.compute_output_shape(query.shape, support.shape)
        from_query = ops.matmul(query, self.kernel) + self.bias  # the same in each step
        h = c = ops.zeros_like(query)
        for _ in range(self.steps):
            similarity = ops.einsum("bqd,bsd->bqs", h, support)
            # The softmax. Keras' own warns of a support set of a single image.
            attention = ops.exp(similarity - ops.logsumexp(similarity, axis=-1, keepdims=True))
            r = ops.einsum("bqs,bsd->bqd", attention, support)
            gates = from_query + ops.matmul(ops.concatenate([h, r], axis=-1), self.recurrent_kernel)
            write, keep, new, read = ops.split(
                gates, 4, axis=-1
            )  # in the order of Keras' LSTM: i, f, c, o
            # The forget-gate bias starts at 1.
            c = ops.sigmoid(keep + 1.0) * c + ops.sigmoid(write) * ops.tanh(new)
            h = ops.sigmoid(read) * ops.tanh(c) + query
        return h

    def compute_output_shape(self, query_shape, support_shape):
        size = check_shapes(
            "QueryContext", query=(query_shape, "B Q D"), support=(support_shape, "B S D")
        )
        check_known("QueryContext", size["D"])
        return tuple(query_shape)

    def get_config(self):
        return {**super().get_config(), "steps": self.steps}
