"""The exercises' checks: `checks.prototypes(my_prototypes)` says whether an answer is right, and if not, why."""

from fslkeras.course.checks.matching import attention, ceilings, matching_training, segment_sum
from fslkeras.course.checks.prototypical import (
    accuracy,
    breakages,
    distances,
    prototypes,
    refinement,
    short_training,
    weighted_prototypes,
)
from fslkeras.course.checks.relation import constant_losses, relation_sizes, relation_training, split_concatenation
from fslkeras.course.checks.siamese import contrastive_loss, pair_losses, pairs, siamese_training, threshold

__all__ = [
    "accuracy",
    "attention",
    "breakages",
    "ceilings",
    "constant_losses",
    "contrastive_loss",
    "distances",
    "matching_training",
    "pair_losses",
    "pairs",
    "prototypes",
    "refinement",
    "relation_sizes",
    "relation_training",
    "segment_sum",
    "short_training",
    "siamese_training",
    "split_concatenation",
    "threshold",
    "weighted_prototypes",
]
