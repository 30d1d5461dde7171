import keras
from keras import ops


@keras.saving.register_keras_serializable("fslkeras")
class Prototypes(keras.layers.Layer):
    """Mean embedding of each class of a support set (Snell et al. 2017, eq. 1), or their sum (Sung et al. 2018, sec. 3.2).

    With the labels as a one-hot matrix Y and the embeddings as Z, the class sums are the product of Y transposed and Z.

    Args:
        reduction: "mean" or "sum" over the images of a class.
    Args of the call:
        embeddings: float (B, S, ...), the support images' embeddings: a vector (B, S, D) or a feature map (B, S, h, w, C) each.
        labels: float (B, S, N), their one-hot labels. Classes may have different numbers of images.
    Returns:
        float32 (B, N, ...), the prototypes. A class with no image has a prototype of zeros.
    Raises:
        ValueError: if the reduction is unknown, the shapes do not fit, or show that a class has no image (S smaller than N).

    >>> import numpy as np
    >>> embeddings, labels = np.array([[[0.0, 2.0], [4.0, 2.0], [5.0, 5.0]]]), np.array([[[1, 0], [1, 0], [0, 1]]])
    >>> keras.ops.convert_to_numpy(Prototypes()(embeddings, labels)).tolist()
    [[[2.0, 2.0], [5.0, 5.0]]]
    """

    def __init__(self, reduction="mean", **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        if reduction not in ("mean", "sum"):
            raise ValueError(f"Prototypes expected a reduction out of ('mean', 'sum') and received {reduction!r}.")
        self.reduction = reduction

    def call(self, embeddings, labels):
        self.compute_output_shape(embeddings.shape, labels.shape)
        labels = ops.cast(labels, embeddings.dtype)
        if self.reduction == "mean":
            # Each image's share of its class. Dividing the few labels costs less than dividing maps afterwards.
            images_per_class = ops.sum(labels, axis=1, keepdims=True)
            labels = labels / ops.where(images_per_class > 0, images_per_class, 1.0)
        return ops.einsum("bsn,bs...->bn...", labels, embeddings)

    def compute_output_shape(self, embeddings_shape, labels_shape):
        if len(embeddings_shape) < 3 or len(labels_shape) != 3:
            raise ValueError(
                "Prototypes expected embeddings of shape (episodes, support images, D) and one-hot labels of shape "
                f"(episodes, support images, classes), and received {tuple(embeddings_shape)} and {tuple(labels_shape)}."
            )
        images, labelled, classes = embeddings_shape[1], labels_shape[1], labels_shape[2]
        if None not in (images, labelled) and images != labelled:
            raise ValueError(f"Prototypes expected one label for each embedding and received {images} and {labelled}.")
        if None not in (labelled, classes) and labelled < classes:
            raise ValueError(
                f"Prototypes expected at least one support image of each class and received {labelled} for {classes} classes."
            )
        return (embeddings_shape[0], classes, *embeddings_shape[2:])

    def get_config(self):
        return {**super().get_config(), "reduction": self.reduction}
