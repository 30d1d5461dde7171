"""The layers of the course, one idea a file."""

from fslkeras.layers.attention_classifier import AttentionClassifier
from fslkeras.layers.distance import Distance
from fslkeras.layers.encode_episode import EncodeEpisode
from fslkeras.layers.full_context import QueryContext, SupportContext
from fslkeras.layers.prototypes import Prototypes
from fslkeras.layers.relation_module import RelationModule
from fslkeras.layers.weighted_l1 import WeightedL1

__all__ = [
    "AttentionClassifier",
    "Distance",
    "EncodeEpisode",
    "Prototypes",
    "QueryContext",
    "RelationModule",
    "SupportContext",
    "WeightedL1",
]
