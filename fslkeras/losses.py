"""The losses that Keras does not have."""

import keras
import numpy as np
from keras import ops

from fslkeras.validation import check_above_zero, check_shapes

__all__ = ["ContrastiveLoss"]


@keras.saving.register_keras_serializable("fslkeras")
class ContrastiveLoss(keras.losses.Loss):
    """Pulls same-class pairs together and pushes others apart (Hadsell et al. 2006, eq. 4).

    `mean(y d^2 + (1 - y) max(margin - d, 0)^2)`. The paper has an extra factor of 1/2, and y = 0
    for a pair from the same class.

    Args:
        margin: Distance beyond which a pair from different classes incurs no loss, above 0.
    Call arguments:
        y_true: (B,) or any other shape, 1 for a pair from the same class and 0 for a pair from
            different classes.
        y_pred: float of the same shape, the distance of each pair, at least 0.
    Returns:
        float32: the mean over all pairs.
    Raises:
        ValueError: If the margin is not above 0, the shapes differ, or `y_true` is an array with
            values other than 0 and 1.

    >>> import numpy as np
    >>> y, distances = np.array([1.0, 0.0]), np.array([0.5, 0.5])
    >>> float(ContrastiveLoss(margin=1.0)(y, distances))  # (0.5^2 + (1 - 0.5)^2) / 2
    0.25
    """

    def __init__(self, margin=1.0, name="contrastive", **kwargs):
        super().__init__(name=name, **{"dtype": "float32", **kwargs})
        check_above_zero("ContrastiveLoss", "margin", margin)
        self.margin = margin

    def __call__(self, y_true, y_pred, sample_weight=None):
        if not ops.is_tensor(y_true) and not np.isin(y_true, (0, 1)).all():
            raise ValueError(
                "ContrastiveLoss expected `y_true` to be 1 for a pair from the same class and 0 "
                f"for a pair from different classes. Received: {np.unique(y_true)[:5]}."
            )
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        check_shapes("ContrastiveLoss", y_true=(y_true.shape, "*"), y_pred=(y_pred.shape, "*"))
        return super().__call__(y_true, y_pred, sample_weight)

    def call(self, y_true, y_pred):
        missing = ops.maximum(self.margin - y_pred, 0)
        return y_true * ops.square(y_pred) + (1 - y_true) * ops.square(missing)

    def get_config(self):
        return {**super().get_config(), "margin": self.margin}
