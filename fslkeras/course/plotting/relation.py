"""A figure of chapter 3, relation networks."""

import numpy as np
from matplotlib.figure import Figure

from fslkeras.course.plotting.shared import COLORS, legend, show


def relation_scores(distances, scores, same):
    """The relation scores of pairs over the Euclidean distance of the same two feature maps.

    Args:
        distances, scores: float (n,), one per pair.
        same: bool (n,), whether the two are of the same class.
    """
    figure = Figure(figsize=(6.5, 3.6))
    axes = figure.subplots()
    kinds = ((~same, COLORS[1], "s", 6, "different classes"), (same, COLORS[0], "o", 14, "same class"))
    for kind, color, marker, size, name in kinds:
        axes.scatter(distances[kind], scores[kind], color=color, marker=marker, s=size, alpha=0.5, label=name)
    axes.set(xlabel="Euclidean distance of the two maps", ylabel="relation score", ylim=(-0.03, 1.03))
    legend(axes)
    alt = (
        f"Relation scores of {len(scores):,} pairs over their distance. Medians for pairs of the same class: score "
        f"{np.median(scores[same]):.2f}, distance {np.median(distances[same]):.0f}; for pairs of different classes: score "
        f"{np.median(scores[~same]):.2f}, distance {np.median(distances[~same]):.0f}."
    )
    show(figure, alt)
