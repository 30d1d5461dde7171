import math

import keras
from keras import ops

from fslkeras.layers.distance import FLATTEN, unit_length
from fslkeras.validation import (
    check_above_zero,
    check_choice,
    check_labels,
    check_shapes,
    check_some,
)


@keras.saving.register_keras_serializable("fslkeras")
class AttentionClassifier(keras.layers.Layer):
    """Attends from each query to the support images and adds up their labels (Vinyals et al. 2016).

    Equation 1: `a_i = softmax_i(scale * similarity(query, support_i))`, and
    `P(class n) = sum_i a_i Y_in`, the attention times the matrix of labels. Before normalization,
    an attention is at least e^-80 times the largest, so no probability is 0 and no loss infinite.

    Args:
        normalize: "both" for the cosine similarity, as in the paper; "support" to scale only the
            support embeddings to length 1, so that the length of the query sets how sharp the
            attention is; "none" for the plain dot product.
        scale: Float above 0 that multiplies the similarity, or "learned" for a weight that starts
            at 10.
    Call arguments:
        query: float (B, Q, D), the query embeddings.
        support: float (B, S, D), the support embeddings.
        labels: (B, S, N), one-hot, or any class probabilities that sum to 1 for each image. Classes
            may differ in their number of images; a class with more of them gets more attention.
    Returns:
        float32 (B, Q, N): log-probabilities, never below about -85 - log(S).
    Raises:
        ValueError: If an argument is invalid, the shapes do not match, or `labels` is a NumPy array
            of anything but probabilities.

    >>> import numpy as np
    >>> query, labels = np.array([[[2.0, 0.0]]]), np.eye(2)[None]
    >>> support = np.array([[[3.0, 0.0], [0.0, 5.0]]])
    >>> probabilities = keras.ops.exp(AttentionClassifier("support")(query, support, labels))
    >>> keras.ops.convert_to_numpy(probabilities).astype(float).round(2).tolist()  # softmax(2, 0)
    [[[0.88, 0.12]]]
    """

    def __init__(self, normalize="support", scale=1.0, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        check_choice("AttentionClassifier", "normalize", normalize, ("both", "support", "none"))
        if not isinstance(scale, str) or scale != "learned":
            check_above_zero("AttentionClassifier", "scale", scale, ", or 'learned'")
        self.normalize = normalize
        self.scale = scale

    def build(self, query_shape, support_shape, labels_shape):
        self.compute_output_shape(query_shape, support_shape, labels_shape)
        if self.scale == "learned":
            # The weight is the logarithm: the scale stays above 0, and steps change it relatively.
            start = keras.initializers.Constant(math.log(10))
            self.log_scale = self.add_weight(shape=(), initializer=start, name="log_scale")

    def __call__(self, query, support, labels, **kwargs):
        log_probabilities = super().__call__(query, support, labels, **kwargs)
        check_labels("AttentionClassifier", labels, soft=True)
        return log_probabilities

    def call(self, query, support, labels):
        self.compute_output_shape(query.shape, support.shape, labels.shape)
        if self.normalize == "both":
            query = unit_length(query)
        if self.normalize != "none":
            support = unit_length(support)
        similarity = ops.einsum("bqd,bsd->bqs", query, support)
        scale = ops.exp(self.log_scale) if self.scale == "learned" else self.scale
        logits = scale * similarity
        logits = logits - ops.stop_gradient(ops.max(logits, axis=-1, keepdims=True))
        # Not far below e^-80, float32 rounds to 0, which has no logarithm.
        attention = ops.exp(ops.maximum(logits, -80.0))
        class_attention = ops.einsum("bqs,bsn->bqn", attention, ops.cast(labels, attention.dtype))
        total = ops.logsumexp(logits, axis=-1, keepdims=True)
        return ops.log(ops.maximum(class_attention, 1e-37)) - total

    def compute_output_shape(self, query_shape, support_shape, labels_shape):
        size = check_shapes(
            "AttentionClassifier",
            FLATTEN,
            query=(query_shape, "B Q D"),
            support=(support_shape, "B S D"),
            labels=(labels_shape, "B S N"),
        )
        check_some("AttentionClassifier", size["S"], "support image")
        return (query_shape[0], size["Q"], size["N"])

    def get_config(self):
        return {**super().get_config(), "normalize": self.normalize, "scale": self.scale}
