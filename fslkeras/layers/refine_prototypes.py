import keras
from keras import ops

from fslkeras.layers.distance import Distance
from fslkeras.validation import check_choice, check_labels, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class RefinePrototypes(keras.layers.Layer):
    """Moves prototypes by unlabelled images: one step of soft k-means (Ren et al. 2018, sec. 3.1).

    Each unlabelled image is assigned to the classes by the softmax of minus its squared distances to the prototypes. Each prototype then
    becomes the mean of its support images, with weight 1, and of the unlabelled images, with their assignments as weights.

    Args:
        method: "soft": no more than that.
            "cluster": one more cluster, at the origin and with a learned length scale r, takes images of no class: its logit is
            minus the squared norm divided by r squared, minus log r.
            "masked": each assignment is multiplied, once, by a mask between 0 and 1, which a small network computes for each class from
            five statistics of the unlabelled images' distances to it. As in the authors' code, no gradient passes through the
            statistics, and threshold and slope are the exponentials of its outputs.
    Call arguments:
        prototypes: float (B, N, D), the means of the support images.
        unlabelled: float (B, U, D), the unlabelled images' embeddings.
        labels: float (B, S, N), the support images' one-hot labels.
    Returns:
        float32 (B, N, D), the refined prototypes.
    Raises:
        ValueError: if the method is unknown, the shapes do not fit, a mask is asked for without any unlabelled image, or the labels
            are a NumPy array that is not one-hot.

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
            # A length scale of 100, where the authors' code begins, too.
            self.log_scale = self.add_weight(
                name="log_scale", shape=(), initializer=keras.initializers.Constant(4.605)
            )
        if self.method == "masked":
            # Small weights, so that at first each threshold is about 1, the mean distance, and each slope about 1.
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
        images_per_class = ops.sum(ops.cast(labels, prototypes.dtype), axis=1)[
            ..., None
        ]  # (B, N, 1)
        sums = images_per_class * prototypes + ops.einsum("bun,bud->bnd", assignments, unlabelled)
        weights = images_per_class + ops.sum(assignments, axis=1)[..., None]
        return sums / ops.where(
            weights > 0, weights, 1.0
        )  # a class with no image at all stays zero

    def assignments(self, unlabelled, distances):
        """The weight, 0..1, of each unlabelled image (B, U, D) in the mean of each class: (B, U, N), from their squared distances."""
        if self.method == "cluster":
            squared_norm = ops.sum(ops.square(unlabelled), axis=-1, keepdims=True)
            rest = -squared_norm * ops.exp(-2 * self.log_scale) - self.log_scale
            return ops.softmax(ops.concatenate([-distances, rest], axis=-1), axis=-1)[..., :-1]
        assignments = ops.softmax(-distances, axis=-1)
        return assignments * self.mask(distances) if self.method == "masked" else assignments

    def mask(self, distances):
        """How much, 0..1, each unlabelled image may count for each class, from squared distances (B, U, N): (B, U, N).

        The sigmoid of slope times (threshold - distance), where each class's distances are divided by their mean.
        """
        threshold, slope = self.thresholds(distances)
        return ops.sigmoid(slope * (threshold - _over_mean(distances)))

    def thresholds(self, distances):
        """Threshold and slope of each class's mask, (B, 1, N) each, above 0, from squared distances (B, U, N)."""
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
        if self.method == "masked" and unlabelled_shape[1] == 0:
            raise ValueError(
                "RefinePrototypes expected at least one unlabelled image to compute a mask from. Received: none."
            )
        return tuple(prototypes_shape)

    def get_config(self):
        return {**super().get_config(), "method": self.method}


def _over_mean(distances):
    mean = ops.mean(distances, axis=1, keepdims=True)
    return distances / ops.where(mean > 0, mean, 1.0)


def _statistics(distances):
    """Minimum, maximum, variance, skewness and excess kurtosis of each class's distances: (B, N, 5)."""
    mean = ops.mean(distances, axis=1, keepdims=True)
    variance = ops.mean(ops.square(distances - mean), axis=1)
    deviation = ops.where(variance > 0, ops.sqrt(variance), 1.0)
    standardized = (distances - mean) / deviation[:, None]
    return ops.stack(
        [
            ops.min(distances, axis=1),
            ops.max(distances, axis=1),
            variance,
            ops.mean(standardized**3, axis=1),
            ops.mean(standardized**4, axis=1) - 3,
        ],
        axis=-1,
    )
