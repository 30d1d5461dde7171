import keras
from keras import ops

from fslkeras.layers.prototypes import check_images_of_each_class
from fslkeras.validation import check_labels, check_precisions, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class GaussianPrototypes(keras.layers.Layer):
    """Mean of each class, its images weighted by their precisions, and the precision of the class (Fort 2017, sec. 3).

    Call arguments:
        embeddings: float (B, S, D), the support images' embeddings.
        precisions: float (B, S, D) or (B, S, 1), above 0: the inverse variance of each embedding, per coordinate or for all of them.
        labels: float (B, S, N), their one-hot labels. Classes may have different numbers of images; more images, more precision.
    Returns:
        two float32 tensors: the prototypes (B, N, D), and the sums of each class's precisions, (B, N, D) or (B, N, 1). A class with
        no image has zeros in both.
    Raises:
        ValueError: if the shapes do not fit, or show that a class has no image (S smaller than N), or a NumPy array holds labels that
            are not one-hot or precisions below 0.

    >>> import numpy as np
    >>> embeddings, labels = np.array([[[0.0, 4.0], [4.0, 0.0], [5.0, 5.0]]]), np.array([[[1, 0], [1, 0], [0, 1]]])
    >>> prototypes, precisions = GaussianPrototypes()(embeddings, np.array([[[1.0], [3.0], [2.0]]]), labels)
    >>> keras.ops.convert_to_numpy(prototypes).tolist(), keras.ops.convert_to_numpy(precisions).tolist()
    ([[[3.0, 1.0], [5.0, 5.0]]], [[[4.0], [2.0]]])
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def __call__(self, embeddings, precisions, labels, **kwargs):
        answers = super().__call__(embeddings, precisions, labels, **kwargs)
        check_labels("GaussianPrototypes", labels)
        check_precisions("GaussianPrototypes", precisions)
        return answers

    def call(self, embeddings, precisions, labels):
        self.compute_output_shape(embeddings.shape, precisions.shape, labels.shape)
        labels = ops.cast(labels, embeddings.dtype)
        class_precisions = ops.einsum("bsn,bsd->bnd", labels, precisions)
        weighted_sums = ops.einsum("bsn,bsd->bnd", labels, precisions * embeddings)
        return weighted_sums / ops.where(
            class_precisions > 0, class_precisions, 1.0
        ), class_precisions

    def compute_output_shape(self, embeddings_shape, precisions_shape, labels_shape):
        size = check_shapes(
            "GaussianPrototypes",
            embeddings=(embeddings_shape, "B S D"),
            precisions=(
                precisions_shape,
                "B S 1" if tuple(precisions_shape)[-1:] == (1,) else "B S D",
            ),
            labels=(labels_shape, "B S N"),
        )
        check_images_of_each_class("GaussianPrototypes", labels_shape)
        batch, classes = embeddings_shape[0], size["N"]
        return (batch, classes, embeddings_shape[2]), (batch, classes, precisions_shape[2])
