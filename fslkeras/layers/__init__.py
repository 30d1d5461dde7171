"""The layers that the networks are made of, one per file.

Their shapes use these letters: B episodes in a batch, N classes, S support images, Q queries,
U unlabeled images, and D for the size of an embedding. Feature maps are channels-last: (h, w, C).
"""

from fslkeras.layers.attention_classifier import AttentionClassifier
from fslkeras.layers.distance import Distance
from fslkeras.layers.encode_episode import EncodeEpisode
from fslkeras.layers.full_context import QueryContext, SupportContext
from fslkeras.layers.gaussian_prototypes import GaussianPrototypes
from fslkeras.layers.mahalanobis_distance import MahalanobisDistance
from fslkeras.layers.prototypes import Prototypes
from fslkeras.layers.refine_prototypes import RefinePrototypes
from fslkeras.layers.relation_module import RelationModule
from fslkeras.layers.weighted_l1 import WeightedL1

__all__ = [
    "AttentionClassifier",
    "Distance",
    "EncodeEpisode",
    "GaussianPrototypes",
    "MahalanobisDistance",
    "Prototypes",
    "QueryContext",
    "RefinePrototypes",
    "RelationModule",
    "SupportContext",
    "WeightedL1",
]
