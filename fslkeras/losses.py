"""The losses of the course that Keras does not bring."""

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable("fslkeras")
class ContrastiveLoss(keras.losses.Loss):
    """Draws pairs of the same class together, and pushes others apart up to a margin (Hadsell et al. 2006, eq. 4).

    mean( y d^2 + (1 - y) max(margin - d, 0)^2 ). The paper has halves, and y = 0 for a pair of the same class.

    Args:
        margin: the distance from which on a pair of two classes costs nothing, above 0.
    Args of the call:
        y_true: (B,) or any other shape, 1 for a pair of the same class and 0 for one of two classes.
        y_pred: float of the same shape, the distance of each pair, at least 0.
    Returns:
        float32, the mean over all pairs.
    Raises:
        ValueError: if the margin is not above 0; if the shapes differ; or if an array y_true holds another number than 0 and 1.
            Where y_true is a tensor, as inside `fit`, such a pair makes the loss NaN.

    >>> import numpy as np
    >>> float(ContrastiveLoss(margin=1.0)(np.array([1.0, 0.0]), np.array([0.5, 0.5])))  # (.5^2 + (1 - .5)^2) / 2
    0.25
    """

    def __init__(self, margin=1.0, name="contrastive", **kwargs):
        super().__init__(name=name, **{"dtype": "float32", **kwargs})
        if not margin > 0:
            raise ValueError(f"ContrastiveLoss expected a margin above 0 and received {margin}.")
        self.margin = margin

    def __call__(self, y_true, y_pred, sample_weight=None):
        y_true, y_pred = (y if ops.is_tensor(y) else np.asarray(y) for y in (y_true, y_pred))
        if isinstance(y_true, np.ndarray) and not np.isin(y_true, (0, 1)).all():
            raise ValueError(
                "ContrastiveLoss expected y_true to be 1 for a pair of the same class and 0 for one of two classes, and "
                f"received {np.unique(y_true)[:5]}."
            )
        return super().__call__(y_true, y_pred, sample_weight)

    def call(self, y_true, y_pred):
        if len(y_true.shape) != len(y_pred.shape) or any(
            None not in sizes and sizes[0] != sizes[1] for sizes in zip(y_true.shape, y_pred.shape, strict=True)
        ):
            raise ValueError(
                "ContrastiveLoss expected one label for each distance, in one shape, and received labels of shape "
                f"{tuple(y_true.shape)} for distances of shape {tuple(y_pred.shape)}."
            )
        same, apart = ops.square(y_pred), ops.square(ops.maximum(self.margin - y_pred, 0.0))
        return ops.where(y_true == 1, same, ops.where(y_true == 0, apart, float("nan")))

    def get_config(self):
        return {**super().get_config(), "margin": self.margin}
