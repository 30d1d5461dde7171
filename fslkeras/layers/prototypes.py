import keras
from keras import ops

from fslkeras.validation import check_choice, check_labels, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class Prototypes(keras.layers.Layer):
    """Mean embedding of each class of a support set (Snell et al. 2017, eq. 1), or their sum (Sung et al. 2018, sec. 3.2).

    With the labels as a one-hot matrix Y and the embeddings as Z, the class sums are the product of Y transposed and Z.

    Args:
        reduction: "mean" or "sum" over the images of each class.
    Call arguments:
        embeddings: float (B, S, ...), the support images' embeddings: a vector (B, S, D) or a feature map (B, S, h, w, C) each.
        labels: float (B, S, N), their one-hot labels. Classes may have different numbers of images.
    Returns:
        float32 (B, N, ...), the prototypes. A class with no image has a prototype of zeros.
    Raises:
        ValueError: if the reduction is unknown, the shapes do not fit, or show that a class has no image (S smaller than N), or the
            labels are a NumPy array that is not one-hot.

    >>> import numpy as np
    >>> embeddings, labels = np.array([[[0.0, 2.0], [4.0, 2.0], [5.0, 5.0]]]), np.array([[[1, 0], [1, 0], [0, 1]]])
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
            # Dividing the few labels costs less than dividing feature maps afterwards.
            images_per_class = ops.sum(labels, axis=1, keepdims=True)
            labels = labels / ops.where(images_per_class > 0, images_per_class, 1.0)
        return ops.einsum("bsn,bs...->bn...", labels, embeddings)

    def compute_output_shape(self, embeddings_shape, labels_shape):
        size = check_shapes(
            "Prototypes", embeddings=(embeddings_shape, "B S *"), labels=(labels_shape, "B S N")
        )
        if not size["*"]:
            check_shapes(
                "Prototypes", embeddings=(embeddings_shape, "B S D"), labels=(labels_shape, "B S N")
            )
        check_images_of_each_class("Prototypes", labels_shape)
        return (embeddings_shape[0], size["N"], *size["*"])

    def get_config(self):
        return {**super().get_config(), "reduction": self.reduction}


def check_images_of_each_class(owner, labels_shape):
    """Raises `ValueError` where labels (B, S, N) show by their shape that a class has no image."""
    images, classes = labels_shape[1:]
    if None not in (images, classes) and images < classes:
        raise ValueError(
            f"{owner} expected at least one support image of each class. Received: {images} images for {classes} classes."
        )
