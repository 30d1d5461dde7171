"""Full context embeddings, which depend on the whole episode (Vinyals et al. 2016)."""

import keras
from keras import ops

from fslkeras.validation import check_integer, check_known, check_shapes, check_some


@keras.saving.register_keras_serializable("fslkeras")
class SupportContext(keras.layers.Layer):
    """Embeds each support image in the context of the others (Vinyals et al. 2016, appendix A.2).

    `g_i = forward_i + backward_i + g'_i`, where a bidirectional LSTM reads the support set as a
    sequence, so the order of the images matters.

    Call arguments:
        support: float (B, S, D), the support embeddings `g'`.
    Returns:
        float32 (B, S, D): the embeddings `g`.
    Raises:
        ValueError: If the shape does not match, or D is unknown.

    >>> import numpy as np
    >>> SupportContext()(np.zeros((1, 5, 64))).shape == (1, 5, 64)
    True
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def build(self, support_shape):
        self.compute_output_shape(support_shape)
        # The skip connection needs an LSTM of the embeddings' size.
        lstm = keras.layers.LSTM(support_shape[2], return_sequences=True, dtype="float32")
        self.both_ways = keras.layers.Bidirectional(
            lstm, merge_mode="sum", name="both_ways", dtype="float32"
        )
        self.both_ways.build(support_shape)
        self.input_spec = keras.layers.InputSpec(axes={-1: support_shape[2]})  # no other D from now

    def call(self, support):
        self.compute_output_shape(support.shape)
        return self.both_ways(support) + support

    def compute_output_shape(self, support_shape):
        size = check_shapes("SupportContext", support=(support_shape, "B S D"))
        check_some("SupportContext", size["S"], "support image")
        check_known("SupportContext", size["D"])
        return tuple(support_shape)


@keras.saving.register_keras_serializable("fslkeras")
class QueryContext(keras.layers.Layer):
    """Embeds each query in the context of the support set (Vinyals et al. 2016, appendix A.1).

    An LSTM attends to the support set K times (eq. 3 to 6). With h_0 = c_0 = 0, for k = 1 .. K::

        r_(k-1) = sum_i softmax_i(h_(k-1) . g_i) g_i
        h'_k, c_k = LSTM(f', [h_(k-1), r_(k-1)], c_(k-1))
        h_k = h'_k + f'

    The order of the support images does not matter, and queries do not affect each other.

    Args:
        steps: How often a query attends to the support set, K, at least 1.
    Call arguments:
        query: float (B, Q, D), the query embeddings `f'`.
        support: float (B, S, D), the support embeddings `g`.
    Returns:
        float32 (B, Q, D): the query embeddings `h_K`.
    Raises:
        ValueError: If `steps` is not an integer of at least 1, or the shapes do not match.

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
        self.kernel, self.recurrent_kernel, self.bias = (
            self.add_weight(shape=shape, initializer=initializer, name=name)
            for name, shape, initializer in (
                ("kernel", (size, 4 * size), "glorot_uniform"),
                # The state is [h, r], so this has twice the rows of an LSTM's own.
                ("recurrent_kernel", (2 * size, 4 * size), "orthogonal"),
                ("bias", (4 * size,), "zeros"),
            )
        )
        self.input_spec = keras.layers.InputSpec(axes={-1: size})  # no other D from now on

    def call(self, query, support):
        self.compute_output_shape(query.shape, support.shape)
        from_query = ops.matmul(query, self.kernel) + self.bias  # the same at each step
        h = c = ops.zeros_like(query)
        for _ in range(self.steps):
            similarity = ops.einsum("bqd,bsd->bqs", h, support)
            # A softmax. ops.softmax would warn about a support set of one image.
            attention = ops.exp(similarity - ops.logsumexp(similarity, axis=-1, keepdims=True))
            r = ops.einsum("bqs,bsd->bqd", attention, support)
            gates = from_query + ops.matmul(ops.concatenate([h, r], axis=-1), self.recurrent_kernel)
            write, keep, new, read = ops.split(gates, 4, axis=-1)  # i, f, c, o, as in Keras' LSTM
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
