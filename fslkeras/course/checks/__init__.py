"""Checks of the exercises: `checks.prototypes(my_prototypes)` tells whether an answer is right.

If it is wrong, the check says why. Each exercise has a module of its own name in its chapter's
package. The modules here are shared: `exercise` (a check and its result), `answers` (calls an
answer), `compare` (compares it with the right one and with known mistakes), `mistakes` (those that
several exercises share), `training` and `steps` (of the open exercises), `predictions` and
`progress`.
"""

from fslkeras.course.checks.appendix.near_duplicates import near_duplicates
from fslkeras.course.checks.appendix.rejection_threshold import rejection_threshold
from fslkeras.course.checks.appendix.unit_length import unit_length
from fslkeras.course.checks.matching.attention import attention
from fslkeras.course.checks.matching.ceilings import ceilings
from fslkeras.course.checks.matching.matching_training import matching_training
from fslkeras.course.checks.matching.segment_sum import segment_sum
from fslkeras.course.checks.predictions import predict
from fslkeras.course.checks.progress import progress
from fslkeras.course.checks.prototypical.accuracy import accuracy
from fslkeras.course.checks.prototypical.breakages import breakages
from fslkeras.course.checks.prototypical.distances import distances
from fslkeras.course.checks.prototypical.prototypes import prototypes
from fslkeras.course.checks.prototypical.refinement import refinement
from fslkeras.course.checks.prototypical.short_training import short_training
from fslkeras.course.checks.prototypical.weighted_prototypes import weighted_prototypes
from fslkeras.course.checks.relation.constant_losses import constant_losses
from fslkeras.course.checks.relation.relation_sizes import relation_sizes
from fslkeras.course.checks.relation.relation_training import relation_training
from fslkeras.course.checks.relation.split_concatenation import split_concatenation
from fslkeras.course.checks.siamese.contrastive_loss import contrastive_loss
from fslkeras.course.checks.siamese.pair_losses import pair_losses
from fslkeras.course.checks.siamese.pairs import pairs
from fslkeras.course.checks.siamese.siamese_training import siamese_training
from fslkeras.course.checks.siamese.threshold import threshold

__all__ = [
    "accuracy",
    "attention",
    "breakages",
    "ceilings",
    "constant_losses",
    "contrastive_loss",
    "distances",
    "matching_training",
    "near_duplicates",
    "pair_losses",
    "pairs",
    "predict",
    "progress",
    "prototypes",
    "refinement",
    "rejection_threshold",
    "relation_sizes",
    "relation_training",
    "segment_sum",
    "short_training",
    "siamese_training",
    "split_concatenation",
    "threshold",
    "unit_length",
    "weighted_prototypes",
]
