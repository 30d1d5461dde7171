import keras
from keras import ops


@keras.saving.register_keras_serializable("fslkeras")
class GaussianPrototypes(keras.layers.Layer):
    """Mean of each class, its images weighted by their precisions, and the precision of the class (Fort 2017, sec. 3).

    Args of the call:
        embeddings: float (B, S, D), the support images' embeddings.
        precisions: float (B, S, D) or (B, S, 1), above 0: how sure each image is of where it lies, the inverse of a variance.
        labels: float (B, S, N), their one-hot labels. Classes may have different numbers of images; more images, more precision.
    Returns:
        two float32 tensors: the prototypes (B, N, D), and the sums of each class's precisions, (B, N, D) or (B, N, 1). A class with
        no image has zeros in both.
    Raises:
        ValueError: if the shapes do not fit, or show that a class has no image (S smaller than N).

    >>> import numpy as np
    >>> embeddings, labels = np.array([[[0.0, 4.0], [4.0, 0.0], [5.0, 5.0]]]), np.array([[[1, 0], [1, 0], [0, 1]]])
    >>> prototypes, precisions = GaussianPrototypes()(embeddings, np.array([[[1.0], [3.0], [2.0]]]), labels)
    >>> keras.ops.convert_to_numpy(prototypes).tolist(), keras.ops.convert_to_numpy(precisions).tolist()
    ([[[3.0, 1.0], [5.0, 5.0]]], [[[4.0], [2.0]]])
    """

    def __init__(self, **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})

    def call(self, embeddings, precisions, labels):
        self.compute_output_shape(embeddings.shape, precisions.shape, labels.shape)
        labels = ops.cast(labels, embeddings.dtype)
        of_classes = ops.einsum("bsn,bsd->bnd", labels, precisions)
        weighted = ops.einsum("bsn,bsd->bnd", labels, precisions * embeddings)
        return weighted / ops.where(of_classes > 0, of_classes, 1.0), of_classes

    def compute_output_shape(self, embeddings_shape, precisions_shape, labels_shape):
        if any(len(shape) != 3 for shape in (embeddings_shape, precisions_shape, labels_shape)):
            raise ValueError(
                "GaussianPrototypes expected embeddings (episodes, support images, D), precisions (episodes, support images, D or 1) "
                "and one-hot labels (episodes, support images, classes), and received "
                f"{tuple(embeddings_shape)}, {tuple(precisions_shape)} and {tuple(labels_shape)}."
            )
        if precisions_shape[2] not in (1, embeddings_shape[2]):
            raise ValueError(
                f"GaussianPrototypes expected one precision for each image or {embeddings_shape[2]}, one for each coordinate, and "
                f"received {precisions_shape[2]}."
            )
        for axis, what in enumerate(("episodes", "support images")):
            sizes = [shape[axis] for shape in (embeddings_shape, precisions_shape, labels_shape)]
            if len(set(sizes) - {None}) > 1:
                raise ValueError(
                    f"GaussianPrototypes expected embeddings, precisions and labels of as many {what}, and received "
                    f"{sizes[0]}, {sizes[1]} and {sizes[2]}."
                )
        labelled, classes = labels_shape[1:]
        if None not in (labelled, classes) and labelled < classes:
            raise ValueError(
                f"GaussianPrototypes expected at least one support image of each class and received {labelled} for {classes} classes."
            )
        return (embeddings_shape[0], classes, embeddings_shape[2]), (embeddings_shape[0], classes, precisions_shape[2])
