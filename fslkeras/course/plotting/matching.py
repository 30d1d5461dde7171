"""Figures of chapter 4, matching networks."""

import numpy as np
from matplotlib.figure import Figure

from fslkeras.course.plotting.shared import COLORS, MARKERS, legend, show

HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo", "**")


def attention(weights, names, classes):
    """Plots the attention of one query to each support image, as bars.

    Args:
        weights: float (S,); they sum to 1.
        names: a name for each support image.
        classes: int (S,), the class of each, 0..7.
    """
    figure = Figure(figsize=(6, 0.45 * len(weights) + 0.8))
    axes = figure.subplots()
    for height, (weight, c) in enumerate(zip(weights, classes, strict=True)):
        axes.barh(height, weight, color=COLORS[c], hatch=HATCHES[c], edgecolor="white")
        axes.text(weight, height, f" {weight:.2f}", va="center")
    axes.set(yticks=range(len(names)), yticklabels=names, xlim=(0, 1), xlabel="attention")
    axes.invert_yaxis()
    values = "; ".join(f"{name} {weight:.2f}" for name, weight in zip(names, weights, strict=True))
    show(figure, f"The attention of one query to {len(weights)} support images: {values}.")


def reliability(rows):
    """Plots accuracy against confidence; a calibrated network has its points on the diagonal.

    Args:
        rows: dict from a name to its bins. Each bin is None if empty, else (mean confidence,
            accuracy, share of the queries), all in 0..1.
    """
    figure = Figure(figsize=(6, 3.8))
    axes = figure.subplots()
    axes.plot((0, 100), (0, 100), color="gray", ls=":", label="calibrated")
    errors = []
    for i, (name, bins) in enumerate(rows.items()):
        confidence, accuracy, share = np.array([one for one in bins if one is not None]).T
        points = {"s": 20 + 300 * share, "marker": MARKERS[i], "color": COLORS[i], "alpha": 0.7}
        axes.scatter(100 * confidence, 100 * accuracy, label=name, **points)
        errors.append(f"{name} {100 * share @ np.abs(confidence - accuracy):.1f} %")
    axes.set(xlabel="confidence, %", ylabel="accuracy, %", xlim=(-3, 103), ylim=(-3, 103))
    legend(axes, fontsize=8)
    described = "Accuracy over confidence, larger markers for more queries"
    show(figure, f"{described}. Expected calibration error: {'; '.join(errors)}.")
