"""The layers of the course, one idea a file."""

from fslkeras.layers.distance import Distance
from fslkeras.layers.encode_episode import EncodeEpisode
from fslkeras.layers.prototypes import Prototypes
from fslkeras.layers.weighted_l1 import WeightedL1

__all__ = ["Distance", "EncodeEpisode", "Prototypes", "WeightedL1"]
