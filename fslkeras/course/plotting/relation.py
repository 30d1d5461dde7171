"""Figures of chapter 3, relation networks."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fslkeras.course.plotting.shared import COLORS, legend, show

_BLOCK = "3x3 convolution\nbatch normalization\nReLU, 2x2 pooling"
_STEPS = (_BLOCK, _BLOCK, "dense\nReLU", "dense\nsigmoid")


def relation_module(side=7, channels=32, filters=32, units=8, queries=100, classes=20):
    """The relation module from a pair of feature maps to a score, with its multiplications.

    Args:
        side, channels: of a feature map.
        filters, units: of the two convolutions and of the first dense layer.
        queries, classes: of the episode whose pairs are counted.
    """
    pairs, half, quarter = queries * classes, side // 2, side // 4
    shapes = [(side, 2 * channels), (half, filters), (quarter, filters), (1, units), (1, 1)]
    products = [
        (side**2, 9, 2 * channels, filters, pairs),
        (half**2, 9, filters, filters, pairs),
        (quarter**2 * filters, units, pairs),
        (units, pairs),
    ]
    cut = (side**2, 9, channels, filters, queries + classes)
    names = [f"{height}x{height}x{width}" for height, width in shapes[:3]] + [str(units), "1"]

    figure = Figure(figsize=(10.5, 3.4))
    axes = figure.subplots()
    middles, arrows = (0.6, 3.6, 6.3, 8.5, 10.3), (2.1, 4.95, 7.4, 9.4)
    for x, (height, width), name in zip(middles, shapes, names, strict=True):
        _draw_map(
            axes,
            x,
            max(height / side, 0.12),
            max(width / (2 * channels), 0.06),
            pair=x == middles[0],
        )
        axes.text(x, 0.62, name, ha="center", fontsize=11, weight="bold")
    axes.text(middles[0], -0.56, "query | class", ha="center", va="top", fontsize=9)
    for x, step, factors in zip(arrows, _STEPS, products, strict=True):
        axes.annotate(
            "", (x + 0.45, 0), (x - 0.45, 0), arrowprops={"arrowstyle": "->", "linewidth": 1.5}
        )
        axes.text(x, 0.14, step, ha="center", va="bottom", fontsize=8)
        axes.text(x, -1.3, _multiplied(factors), ha="center", va="top", fontsize=9)
    axes.text(
        arrows[0], -1.9, f"cut in two:\n{_multiplied(cut)}", ha="center", va="top", fontsize=9
    )
    counted = f"Multiplications for {queries} queries x {classes} classes = {pairs:,} pairs:"
    axes.text(0, -1.0, counted, va="top", fontsize=9, weight="bold")
    axes.set(xlim=(-0.1, 10.6), ylim=(-2.55, 0.9))
    axes.axis("off")
    stages = zip(_STEPS, products, names[1:], strict=True)
    told = "; ".join(
        f"{step.replace(chr(10), ', ')} to {name}, {_millions(factors)}"
        for step, factors, name in stages
    )
    alt = (
        f"The relation module. A query's map and a class's map, concatenated: {names[0]}. {told}. The numbers are "
        f"multiplications for {pairs:,} pairs. Cut in two, the first convolution takes {_millions(cut)}."
    )
    show(figure, alt)


def relation_scores(distances, scores, same):
    """The relation scores of pairs over the Euclidean distance of the same two feature maps.

    Args:
        distances, scores: float (n,), one per pair.
        same: bool (n,), whether the two are of the same class.
    """
    figure = Figure(figsize=(6.5, 3.6))
    axes = figure.subplots()
    kinds = (
        (~same, COLORS[1], "s", 6, "different classes"),
        (same, COLORS[0], "o", 14, "same class"),
    )
    for kind, color, marker, size, name in kinds:
        axes.scatter(
            distances[kind], scores[kind], color=color, marker=marker, s=size, alpha=0.5, label=name
        )
    axes.set(
        xlabel="Euclidean distance of the two maps", ylabel="relation score", ylim=(-0.03, 1.03)
    )
    legend(axes)
    alt = (
        f"Relation scores of {len(scores):,} pairs over their distance. Medians for pairs of the same class: score "
        f"{np.median(scores[same]):.2f}, distance {np.median(distances[same]):.0f}; for pairs of different classes: score "
        f"{np.median(scores[~same]):.2f}, distance {np.median(distances[~same]):.0f}."
    )
    show(figure, alt)


def _draw_map(axes, x, height, width, pair):
    """A box around (x, 0). That of a pair has two halves, which differ in color and in hatching."""
    halves = [(x - width / 2, COLORS[0], None), (x, COLORS[4], "///")]
    boxes = (
        [(*half, width / 2) for half in halves]
        if pair
        else [(x - width / 2, COLORS[2], None, width)]
    )
    for left, color, hatch, wide in boxes:
        options = {"facecolor": color, "hatch": hatch, "edgecolor": "black"}
        axes.add_patch(Rectangle((left, -height / 2), wide, height, **options))


def _multiplied(factors):
    """The product of some factors, written out."""
    return " x ".join(f"{factor:,}" for factor in factors) + f"\n= {_millions(factors)}"


def _millions(factors):
    millions = np.prod(factors) / 1e6
    return f"{millions:,.0f} million" if millions > 1 else f"{millions:.2g} million"
