import keras
from keras import ops

from fslkeras.layers.prototypes import check_images_of_each_class
from fslkeras.validation import check_labels, check_precisions, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class GaussianPrototypes(keras.layers.Layer):
    """Precision-weighted mean of each class, and its precision (Fort 2017, sec. 3).

    Over the support images i of class n, the prototype is `sum_i s_i z_i / sum_i s_i` and its
    precision is `sum_i s_i`, for embeddings z and precisions s.

    Call arguments:
        embeddings: float (B, S, D), the support embeddings.
        precisions: float (B, S, D) or (B, S, 1), above 0: the inverse variance of each embedding,
            per dimension or one for all.
        labels: (B, S, N), one-hot. Classes may differ in their number of images; more images mean
            more precision.
    Returns:
        tuple: float32 prototypes (B, N, D), and their precisions, (B, N, D) or (B, N, 1). Both are
        zeros for a class without images.
    Raises:
        ValueError: If the shapes do not match, there are fewer images than classes, or a NumPy
            array holds labels that are not one-hot or precisions below 0.

    >>> import numpy as np
    >>> embeddings = np.array([[[0.0, 4.0], [4.0, 0.0], [5.0, 5.0]]])
    >>> weights, labels = np.array([[[1.0], [3.0], [2.0]]]), np.array([[[1, 0], [1, 0], [0, 1]]])
    >>> prototypes, precisions = GaussianPrototypes()(embeddings, weights, labels)
    >>> keras.ops.convert_to_numpy(prototypes).tolist()
    [[[3.0, 1.0], [5.0, 5.0]]]
    >>> keras.ops.convert_to_numpy(precisions).tolist()
    [[[4.0], [2.0]]]
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def __call__(self, embeddings, precisions, labels, **kwargs):
        prototypes_and_precisions = super().__call__(embeddings, precisions, labels, **kwargs)
        check_labels("GaussianPrototypes", labels)
        check_precisions("GaussianPrototypes", precisions)
        return prototypes_and_precisions

    def call(self, embeddings, precisions, labels):
        self.compute_output_shape(embeddings.shape, precisions.shape, labels.shape)
        labels = ops.cast(labels, embeddings.dtype)
        class_precisions = ops.einsum("bsn,bsd->bnd", labels, precisions)
        weighted_sums = ops.einsum("bsn,bsd->bnd", labels, precisions * embeddings)
        nonzero = ops.where(class_precisions > 0, class_precisions, 1.0)
        return weighted_sums / nonzero, class_precisions

    def compute_output_shape(self, embeddings_shape, precisions_shape, labels_shape):
        one_for_all = tuple(precisions_shape)[-1:] == (1,)
        size = check_shapes(
            "GaussianPrototypes",
            embeddings=(embeddings_shape, "B S D"),
            precisions=(precisions_shape, "B S 1" if one_for_all else "B S D"),
            labels=(labels_shape, "B S N"),
        )
        check_images_of_each_class("GaussianPrototypes", labels_shape)
        batch, classes = embeddings_shape[0], size["N"]
        return (batch, classes, embeddings_shape[2]), (batch, classes, precisions_shape[2])
