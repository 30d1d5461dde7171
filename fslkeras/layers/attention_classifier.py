import math

import keras
from keras import ops

from fslkeras.layers.distance import FLATTEN, unit_length
from fslkeras.validation import check_above_zero, check_choice, check_labels, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class AttentionClassifier(keras.layers.Layer):
    """Each query attends to the support images, and takes over their labels (Vinyals et al. 2016, eq. 1).

    a = softmax_i(scale * similarity(query, support_i)), and P(class n) = sum_i a_i Y_in: the attention times the matrix of labels.
    Attention relative to that of the most similar image is at least e^-80, so no probability is zero and no loss infinite.

    Args:
        normalize: "both" for the cosine of query and support image, as the paper writes it; "support" to bring only the support
            embeddings to length one, so that the query's length says how sharp the attention is; "none" for the plain dot product.
        scale: what the similarity is multiplied by, above 0; or "learned" for a weight that starts at 10.
    Call arguments:
        query: float (B, Q, D), the queries' embeddings.
        support: float (B, S, D), the support images' embeddings.
        labels: float (B, S, N), their labels: one-hot, or any probabilities of the classes that sum to 1. Classes may have different
            numbers of images; a class with more of them gets more of the attention.
    Returns:
        float32 (B, Q, N), log-probabilities: the logarithm of sum_i a_i Y_in, at least about -85.
    Raises:
        ValueError: if an argument is not one of those above, or the shapes do not fit, or the labels are a NumPy array of anything else.

    >>> import numpy as np
    >>> query, support, labels = np.array([[[2.0, 0.0]]]), np.array([[[3.0, 0.0], [0.0, 5.0]]]), np.eye(2)[None]
    >>> probabilities = keras.ops.exp(AttentionClassifier("support")(query, support, labels))
    >>> keras.ops.convert_to_numpy(probabilities).astype(float).round(2).tolist()  # softmax of (2, 0)
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
            # Its logarithm is what is learned: the scale stays above zero, and a step changes it by a share of itself.
            start = keras.initializers.Constant(math.log(10))
            self.log_scale = self.add_weight(shape=(), initializer=start, name="log_scale")

    def __call__(self, query, support, labels, **kwargs):
        answers = super().__call__(query, support, labels, **kwargs)
        check_labels("AttentionClassifier", labels, soft=True)
        return answers

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
        # Below e^-80 it would soon be rounded to zero, which has no logarithm.
        attention = ops.exp(ops.maximum(logits, -80.0))
        class_attention = ops.einsum("bqs,bsn->bqn", attention, ops.cast(labels, attention.dtype))
        return ops.log(ops.maximum(class_attention, 1e-37)) - ops.logsumexp(
            logits, axis=-1, keepdims=True
        )

    def compute_output_shape(self, query_shape, support_shape, labels_shape):
        size = check_shapes(
            "AttentionClassifier",
            FLATTEN,
            query=(query_shape, "B Q D"),
            support=(support_shape, "B S D"),
            labels=(labels_shape, "B S N"),
        )
        return (query_shape[0], size["Q"], size["N"])

    def get_config(self):
        return {**super().get_config(), "normalize": self.normalize, "scale": self.scale}
