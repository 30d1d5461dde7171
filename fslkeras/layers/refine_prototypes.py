import keras
from keras import ops

from fslkeras.layers.distance import Distance
from fslkeras.validation import check_choice, check_labels, check_shapes, check_some


@keras.saving.register_keras_serializable("fslkeras")
class RefinePrototypes(keras.layers.Layer):
    """Refines prototypes with unlabeled images, by one step of soft k-means (Ren et al. 2018).

    As in section 3.1, the softmax of minus its squared distances to the prototypes assigns each
    unlabeled image to the classes. Each prototype then becomes the weighted mean of its support
    images, with weight 1, and of the unlabeled images, weighted by their assignments.

    Args:
        method: What to do about unlabeled images that belong to no class.
            "soft" does nothing about them.
            "cluster" adds a cluster at the origin for them, with a learned length scale r and the
            logit `-|z|^2 / r^2 - log r`.
            "masked" multiplies the assignments, once, by a mask in (0, 1). For each class, a small
            network computes it from five statistics of the unlabeled images' distances. As in the
            authors' code, no gradient flows through the statistics, and the threshold and slope are
            exponentials of the network's outputs.
    Call arguments:
        prototypes: float (B, N, D), the means of the support embeddings.
        unlabelled: float (B, U, D), the embeddings of the unlabeled images.
        labels: (B, S, N), the one-hot labels of the support images.
    Returns:
        float32 (B, N, D): the refined prototypes.
    Raises:
        ValueError: If the method is unknown, the shapes do not match, "masked" gets no unlabeled
            image, or `labels` is a NumPy array that is not one-hot.

    >>> import numpy as np
    >>> prototypes, labels = np.array([[[0.0, 0.0], [30.0, 0.0]]]), np.array([[[1, 0], [0, 1]]])
    >>> unlabelled = np.array([[[0.0, 4.0], [30.0, 2.0]]])
    >>> keras.ops.convert_to_numpy(RefinePrototypes()(prototypes, unlabelled, labels)).tolist()
    [[[0.0, 2.0], [30.0, 1.0]]]
    """

    def __init__(self, method="soft", **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        check_choice("RefinePrototypes", "method", method, ("soft", "cluster", "masked"))
        self.method = method
        self.distance = Distance("squared_euclidean")

    def build(self, prototypes_shape, unlabelled_shape, labels_shape):
        if self.method == "cluster":
            # A length scale of 100, as in the authors' code.
            start = keras.initializers.Constant(4.605)
            self.log_scale = self.add_weight(shape=(), initializer=start, name="log_scale")
        if self.method == "masked":
            # Small weights: thresholds start near 1, the mean distance, and so do slopes.
            small = keras.initializers.RandomNormal(stddev=0.01)
            options = {"kernel_initializer": small, "dtype": self.dtype_policy}
            self.hidden = keras.layers.Dense(20, activation="tanh", name="hidden", **options)
            self.settings = keras.layers.Dense(2, name="settings", **options)
            self.hidden.build((None, None, 5))
            self.settings.build((None, None, 20))

    def __call__(self, prototypes, unlabelled, labels, **kwargs):
        refined = super().__call__(prototypes, unlabelled, labels, **kwargs)
        check_labels("RefinePrototypes", labels)
        return refined

    def call(self, prototypes, unlabelled, labels):
        self.compute_output_shape(prototypes.shape, unlabelled.shape, labels.shape)
        distances = self.distance(unlabelled, prototypes)  # (B, U, N)
        assignments = self.assignments(unlabelled, distances)
        images_per_class = ops.sum(ops.cast(labels, prototypes.dtype), axis=1)[..., None]
        sums = images_per_class * prototypes + ops.einsum("bun,bud->bnd", assignments, unlabelled)
        weights = images_per_class + ops.sum(assignments, axis=1)[..., None]
        return sums / ops.where(weights > 0, weights, 1.0)  # zeros for a class without any image

    def assignments(self, unlabelled, distances):
        """The weight of each unlabeled image in the mean of each class.

        Args:
            unlabelled: float (B, U, D), the embeddings of the unlabeled images.
            distances: float (B, U, N), their squared distances to the prototypes.
        Returns:
            float32 (B, U, N): the weights, in [0, 1].
        """
        if self.method == "cluster":
            squared_norm = ops.sum(ops.square(unlabelled), axis=-1, keepdims=True)
            rest = -squared_norm * ops.exp(-2 * self.log_scale) - self.log_scale
            return ops.softmax(ops.concatenate([-distances, rest], axis=-1), axis=-1)[..., :-1]
        assignments = ops.softmax(-distances, axis=-1)
        return assignments * self.mask(distances) if self.method == "masked" else assignments

    def mask(self, distances):
        """How much each unlabeled image may count for each class.

        It is `sigmoid(slope * (threshold - distance))`, with distances divided by their mean over
        the unlabeled images.

        Args:
            distances: float (B, U, N), squared distances.
        Returns:
            float32 (B, U, N): the mask, in [0, 1].
        """
        threshold, slope = self.thresholds(distances)
        return ops.sigmoid(slope * (threshold - _over_mean(distances)))

    def thresholds(self, distances):
        """The threshold and slope of each class's mask, from squared distances (B, U, N).

        Returns:
            tuple: Two float32 tensors (B, 1, N), above 0.
        """
        statistics = ops.stop_gradient(_statistics(_over_mean(distances)))
        settings = ops.exp(self.settings(self.hidden(statistics)))[:, None]  # (B, 1, N, 2)
        return settings[..., 0], settings[..., 1]

    def compute_output_shape(self, prototypes_shape, unlabelled_shape, labels_shape):
        check_shapes(
            "RefinePrototypes",
            prototypes=(prototypes_shape, "B N D"),
            unlabelled=(unlabelled_shape, "B U D"),
            labels=(labels_shape, "B S N"),
        )
        if self.method == "masked":
            check_some("RefinePrototypes", unlabelled_shape[1], "unlabeled image for its mask")
        return tuple(prototypes_shape)

    def get_config(self):
        return {**super().get_config(), "method": self.method}


def _over_mean(distances):
    mean = ops.mean(distances, axis=1, keepdims=True)
    return distances / ops.where(mean > 0, mean, 1.0)


def _statistics(distances):
    """Minimum, maximum, variance, skewness and excess kurtosis per class, (B, N, 5)."""
    mean = ops.mean(distances, axis=1, keepdims=True)
    variance = ops.mean(ops.square(distances - mean), axis=1)
    deviation = ops.where(variance > 0, ops.sqrt(variance), 1.0)
    standardized = (distances - mean) / deviation[:, None]
    skewness, kurtosis = (ops.mean(standardized**power, axis=1) for power in (3, 4))
    extremes = ops.min(distances, axis=1), ops.max(distances, axis=1)
    return ops.stack([*extremes, variance, skewness, kurtosis - 3], axis=-1)
