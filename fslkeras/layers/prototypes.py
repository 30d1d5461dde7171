import keras
from keras import ops

from fslkeras.validation import check_choice, check_labels, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class Prototypes(keras.layers.Layer):
    """Mean embedding of each class (Snell et al. 2017, eq. 1), or sum (Sung et al. 2018, sec. 3.2).

    For one-hot labels Y and embeddings Z, the class sums are the matrix product `Y^T Z`.

    Args:
        reduction: "mean" or "sum" over the images of each class.
    Call arguments:
        embeddings: float (B, S, ...), a vector (B, S, D) or feature map (B, S, h, w, C) per image.
        labels: (B, S, N), one-hot. Classes may differ in their number of images.
    Returns:
        float32 (B, N, ...): the prototypes, zeros for a class without images.
    Raises:
        ValueError: If the reduction is unknown, the shapes do not match, there are fewer images
            than classes, or `labels` is a NumPy array that is not one-hot.

    >>> import numpy as np
    >>> embeddings = np.array([[[0.0, 2.0], [4.0, 2.0], [5.0, 5.0]]])
    >>> labels = np.array([[[1, 0], [1, 0], [0, 1]]])
    >>> keras.ops.convert_to_numpy(Prototypes()(embeddings, labels)).tolist()
    [[[2.0, 2.0], [5.0, 5.0]]]
    """

    def __init__(self, reduction="mean", **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        check_choice("Prototypes", "reduction", reduction, ("mean", "sum"))
        self.reduction = reduction

    def __call__(self, embeddings, labels, **kwargs):
        prototypes = super().__call__(embeddings, labels, **kwargs)
        check_labels("Prototypes", labels)
        return prototypes

    def call(self, embeddings, labels):
        self.compute_output_shape(embeddings.shape, labels.shape)
        labels = ops.cast(labels, embeddings.dtype)
        if self.reduction == "mean":
            # Dividing the labels is cheaper than dividing feature maps afterwards.
            images_per_class = ops.sum(labels, axis=1, keepdims=True)
            labels = labels / ops.where(images_per_class > 0, images_per_class, 1.0)
        return ops.einsum("bsn,bs...->bn...", labels, embeddings)

    def compute_output_shape(self, embeddings_shape, labels_shape):
        axes = "B S D" if len(embeddings_shape) < 3 else "B S *"  # at least one axis per embedding
        size = check_shapes(
            "Prototypes", embeddings=(embeddings_shape, axes), labels=(labels_shape, "B S N")
        )
        check_images_of_each_class("Prototypes", labels_shape)
        return (embeddings_shape[0], size["N"], *size["*"])

    def get_config(self):
        return {**super().get_config(), "reduction": self.reduction}


def check_images_of_each_class(owner, labels_shape):
    """Raises `ValueError` if labels (B, S, N) have fewer images S than classes N."""
    images, classes = labels_shape[1:]
    if None not in (images, classes) and images < classes:
        raise ValueError(
            f"{owner} expected at least one support image per class. "
            f"Received: {images} images for {classes} classes."
        )
