"""Full context embeddings: each embedding of an episode is changed by the others (Vinyals et al. 2016, sec. 2.1.2 and appendix A)."""

import keras
from keras import ops


@keras.saving.register_keras_serializable("fslkeras")
class SupportContext(keras.layers.Layer):
    """Embeds each support image in view of all the others: a bidirectional LSTM and a skip (Vinyals et al. 2016, appendix A.2).

    g_i = forward_i + backward_i + g'_i. The LSTM reads the support set as a sequence, so its order matters.

    Args of the call:
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
        self.both_ways = keras.layers.Bidirectional(lstm, merge_mode="sum", name="both_ways", dtype="float32")
        self.both_ways.build(support_shape)
        self.size = support_shape[2]

    def call(self, support):
        self.compute_output_shape(support.shape)
        _check_size(self, support)
        return self.both_ways(support) + support

    def compute_output_shape(self, support_shape):
        if len(support_shape) != 3 or support_shape[2] is None:
            raise ValueError(
                f"SupportContext expected support of shape (episodes, support images, D) and received {tuple(support_shape)}."
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
    Args of the call:
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
        if not isinstance(steps, int) or steps < 1:
            raise ValueError(f"QueryContext expected steps to be a whole number of at least 1 and received {steps!r}.")
        self.steps = steps

    def build(self, query_shape, support_shape):
        self.compute_output_shape(query_shape, support_shape)
        size = query_shape[2]
        self.kernel = self.add_weight(shape=(size, 4 * size), initializer="glorot_uniform", name="kernel")
        # The state is h and r side by side: twice as many rows as an LSTM's own.
        self.recurrent_kernel = self.add_weight(
            shape=(2 * size, 4 * size), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(4 * size,), initializer="zeros", name="bias")
        self.size = size

    def call(self, query, support):
        self.compute_output_shape(query.shape, support.shape)
        _check_size(self, query)
        from_query = ops.matmul(query, self.kernel) + self.bias  # the same in each step
        h = c = ops.zeros_like(query)
        for _ in range(self.steps):
            alike = ops.einsum("bqd,bsd->bqs", h, support)
            # The softmax. Keras' own warns of a support set of a single image.
            attention = ops.exp(alike - ops.logsumexp(alike, axis=-1, keepdims=True))
            r = ops.einsum("bqs,bsd->bqd", attention, support)
            gates = from_query + ops.matmul(ops.concatenate([h, r], axis=-1), self.recurrent_kernel)
            write, keep, new, read = ops.split(gates, 4, axis=-1)  # in the order of Keras' LSTM: i, f, c, o
            # An LSTM starts by remembering: one is added to what opens its forget gate.
            c = ops.sigmoid(keep + 1.0) * c + ops.sigmoid(write) * ops.tanh(new)
            h = ops.sigmoid(read) * ops.tanh(c) + query
        return h

    def compute_output_shape(self, query_shape, support_shape):
        if (
            len(query_shape) != 3
            or len(support_shape) != 3
            or query_shape[2] is None
            or query_shape[2] != support_shape[2]
            or (None not in (query_shape[0], support_shape[0]) and query_shape[0] != support_shape[0])
        ):
            raise ValueError(
                "QueryContext expected query (episodes, queries, D) and support (episodes, support images, D) with as many episodes and "
                f"the same D, and received {tuple(query_shape)} and {tuple(support_shape)}."
            )
        return tuple(query_shape)

    def get_config(self):
        return {**super().get_config(), "steps": self.steps}


def _check_size(layer, embeddings):
    if embeddings.shape[2] != layer.size:
        raise ValueError(
            f"{type(layer).__name__} expected embeddings of {layer.size} numbers, as it was built for, and received embeddings of "
            f"{embeddings.shape[2]}."
        )
