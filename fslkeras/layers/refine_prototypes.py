import keras
from keras import ops

from fslkeras.layers.distance import Distance


@keras.saving.register_keras_serializable("fslkeras")
class RefinePrototypes(keras.layers.Layer):
    """Moves prototypes by unlabelled images: one step of soft k-means (Ren et al. 2018, sec. 3.1).

    Each unlabelled image is shared out among the classes by the softmax of minus its squared distances to the prototypes; each
    prototype becomes the mean of its support images, which count 1, and of the unlabelled images, which count their share.

    Args:
        method: "soft": no more than that.
            "cluster": one more cluster, at the origin and with a learned length scale r, takes what belongs to no class: its logit is
            minus the squared norm divided by r squared, minus log r.
            "masked": each share is multiplied, once, by a mask between 0 and 1, which a small network sets for each class from five
            statistics of the unlabelled images' distances to it. As in the authors' code, no gradient passes through the statistics, and
            threshold and slope are the exponentials of its outputs.
    Args of the call:
        prototypes: float (B, N, D), the means of the support images.
        labels: float (B, S, N), the support images' one-hot labels.
        unlabelled: float (B, U, D), the unlabelled images' embeddings.
    Returns:
        float32 (B, N, D), the refined prototypes.
    Raises:
        ValueError: if the method is unknown, the shapes do not fit, or the mask is to be set without any unlabelled image.

    >>> import numpy as np
    >>> prototypes, labels = np.array([[[0.0, 0.0], [30.0, 0.0]]]), np.array([[[1, 0], [0, 1]]])
    >>> unlabelled = np.array([[[0.0, 4.0], [30.0, 2.0]]])
    >>> keras.ops.convert_to_numpy(RefinePrototypes()(prototypes, labels, unlabelled)).tolist()
    [[[0.0, 2.0], [30.0, 1.0]]]
    """

    def __init__(self, method="soft", **kwargs):
        super().__init__(**{"dtype": "float32", **kwargs})
        known = ("soft", "cluster", "masked")
        if method not in known:
            raise ValueError(f"RefinePrototypes expected a method out of {known} and received {method!r}.")
        self.method = method
        self.distance = Distance("squared_euclidean")

    def build(self, prototypes_shape, labels_shape, unlabelled_shape):
        if self.method == "cluster":
            # A length scale of 100: as wide as this, the cluster takes what is near no class. The authors' code begins there, too.
            self.log_scale = self.add_weight(name="log_scale", shape=(), initializer=keras.initializers.Constant(4.605))
        if self.method == "masked":
            # Small weights, so that at first each threshold is about 1, the mean distance, and each slope about 1.
            small = keras.initializers.RandomNormal(stddev=0.01)
            options = {"kernel_initializer": small, "dtype": self.dtype_policy}
            self.hidden = keras.layers.Dense(20, activation="tanh", name="hidden", **options)
            self.settings = keras.layers.Dense(2, name="settings", **options)
            self.hidden.build((None, None, 5))
            self.settings.build((None, None, 20))

    def call(self, prototypes, labels, unlabelled):
        self.compute_output_shape(prototypes.shape, labels.shape, unlabelled.shape)
        distances = self.distance(unlabelled, prototypes)  # (B, U, N)
        shares = self.shares(unlabelled, distances)
        images_per_class = ops.sum(ops.cast(labels, prototypes.dtype), axis=1)[..., None]  # (B, N, 1)
        sums = images_per_class * prototypes + ops.einsum("bun,bud->bnd", shares, unlabelled)
        weight = images_per_class + ops.sum(shares, axis=1)[..., None]
        return sums / ops.where(
            weight > 0, weight, 1.0
        )  # a class with no image may get no share either, and stays zero

    def shares(self, unlabelled, distances):
        """How much of each unlabelled image each class gets.

        Args:
            unlabelled: float (B, U, D), their embeddings.
            distances: float (B, U, N), their squared distances to the prototypes.
        Returns:
            float32 (B, U, N), each 0..1.
        """
        if self.method == "cluster":
            squared_norm = ops.sum(ops.square(unlabelled), axis=-1, keepdims=True)
            rest = -squared_norm * ops.exp(-2 * self.log_scale) - self.log_scale
            return ops.softmax(ops.concatenate([-distances, rest], axis=-1), axis=-1)[..., :-1]
        shares = ops.softmax(-distances, axis=-1)
        return shares * self.mask(distances) if self.method == "masked" else shares

    def mask(self, distances):
        """How far each class takes each unlabelled image into account: the sigmoid of slope times (threshold - distance).

        Args:
            distances: float (B, U, N), squared distances; each class's are divided by their mean.
        Returns:
            float32 (B, U, N), each 0..1.
        """
        threshold, slope = self.thresholds(distances)
        return ops.sigmoid(slope * (threshold - _over_mean(distances)))

    def thresholds(self, distances):
        """Up to which distance each class takes an unlabelled image into account, and how sharp that edge is.

        Args:
            distances: float (B, U, N), squared distances; each class's are divided by their mean.
        Returns:
            threshold and slope, float32 (B, 1, N) each, above 0.
        """
        statistics = ops.stop_gradient(_statistics(_over_mean(distances)))
        settings = ops.exp(self.settings(self.hidden(statistics)))[:, None]  # (B, 1, N, 2)
        return settings[..., 0], settings[..., 1]

    def compute_output_shape(self, prototypes_shape, labels_shape, unlabelled_shape):
        shapes = [tuple(shape) for shape in (prototypes_shape, labels_shape, unlabelled_shape)]
        fit = all(len(shape) == 3 for shape in shapes) and all(
            len(set(sizes) - {None}) <= 1
            for sizes in (
                [shape[0] for shape in shapes],
                [shapes[0][1], shapes[1][2]],
                [shapes[0][2], shapes[2][2]],
            )
        )
        if not fit:
            raise ValueError(
                "RefinePrototypes expected prototypes (episodes, classes, D), one-hot labels (episodes, support images, classes) and "
                "unlabelled embeddings (episodes, unlabelled images, D), and received "
                f"{shapes[0]}, {shapes[1]} and {shapes[2]}."
            )
        if self.method == "masked" and shapes[2][1] == 0:
            raise ValueError(
                "RefinePrototypes expected at least one unlabelled image to set a mask by, and received none."
            )
        return shapes[0]

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
    standardised = (distances - mean) / deviation[:, None]
    return ops.stack(
        [
            ops.min(distances, axis=1),
            ops.max(distances, axis=1),
            variance,
            ops.mean(standardised**3, axis=1),
            ops.mean(standardised**4, axis=1) - 3,
        ],
        axis=-1,
    )
