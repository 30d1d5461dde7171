"""The figures of the course, each with an alternative text for readers who cannot see it."""

from fslkeras.course.plotting.matching import attention, reliability
from fslkeras.course.plotting.photographs import confusion, predictions
from fslkeras.course.plotting.prototypical import embedding_map, plane, refinement
from fslkeras.course.plotting.relation import relation_module, relation_scores
from fslkeras.course.plotting.shared import (
    COLORS,
    MARKERS,
    by_way,
    curves,
    episode,
    images,
    intervals,
    mistakes,
    pipeline,
    show,
)
from fslkeras.course.plotting.siamese import contrastive, distances, pairs, roc, search, trial

__all__ = [
    "COLORS",
    "MARKERS",
    "attention",
    "by_way",
    "confusion",
    "contrastive",
    "curves",
    "distances",
    "embedding_map",
    "episode",
    "images",
    "intervals",
    "mistakes",
    "pairs",
    "pipeline",
    "plane",
    "predictions",
    "refinement",
    "relation_module",
    "relation_scores",
    "reliability",
    "roc",
    "search",
    "show",
    "trial",
]
