"""A figure of chapter 4, matching networks."""

from matplotlib.figure import Figure

from fslkeras.course.plotting.shared import COLORS, show

HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo", "**")


def attention(weights, names, classes):
    """The attention of one query to each support image.

    Args:
        weights: float (S,), which sum to 1.
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
