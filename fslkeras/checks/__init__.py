"""The exercises' checks: `checks.prototypes(my_prototypes)` says whether an answer is right, and if not, why."""

from fslkeras.checks.prototypical import accuracy, breakages, distances, prototypes, short_training
from fslkeras.checks.siamese import contrastive_loss, pair_losses, pairs, siamese_training, threshold

__all__ = [
    "accuracy",
    "breakages",
    "contrastive_loss",
    "distances",
    "pair_losses",
    "pairs",
    "prototypes",
    "short_training",
    "siamese_training",
    "threshold",
]
