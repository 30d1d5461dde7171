"""Figures of chapter 3, relation networks."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fslkeras.course.plotting.shared import COLORS, legend, show

_BLOCK = "3x3 convolution\nbatch normalization\nReLU, 2x2 pooling"
_STEPS = (_BLOCK, _BLOCK, "dense\nReLU", "dense\nsigmoid")
_MAPS, _ARROWS = (0.6, 3.6, 6.3, 8.5, 10.3), (2.1, 4.95, 7.4, 9.4)  # where they stand
_BELOW = {"ha": "center", "va": "top", "fontsize": 9}


def relation_module(side=7, channels=32, filters=32, units=8, queries=100, classes=20):
    """The relation module from a pair of feature maps to a score, with its multiplications.

    Args:
        side, channels: height (and width) and number of channels of a feature map.
        filters, units: sizes of the two convolutions and of the first dense layer.
        queries, classes: their numbers in the episode whose pairs are counted.
    """
    pairs, half, quarter = queries * classes, side // 2, side // 4
    shapes = [(side, 2 * channels), (half, filters), (quarter, filters), (1, units), (1, 1)]
    products = [
        (side**2, 9, 2 * channels, filters, pairs),
        (half**2, 9, filters, filters, pairs),
        (quarter**2 * filters, units, pairs),
        (units, pairs),
    ]
    split = (side**2, 9, channels, filters, queries + classes)
    names = [f"{height}x{height}x{width}" for height, width in shapes[:3]] + [str(units), "1"]

    figure = Figure(figsize=(10.5, 3.4))
    axes = figure.subplots()
    _draw_maps(axes, shapes, names)
    for x, step, factors in zip(_ARROWS, _STEPS, products, strict=True):
        arrow = {"arrowstyle": "->", "linewidth": 1.5}
        axes.annotate("", (x + 0.45, 0), (x - 0.45, 0), arrowprops=arrow)
        axes.text(x, 0.14, step, ha="center", va="bottom", fontsize=8)
        axes.text(x, -1.3, _multiplied(factors), **_BELOW)
    axes.text(_ARROWS[0], -1.9, f"split:\n{_multiplied(split)}", **_BELOW)
    counted = f"Multiplications for {queries} queries x {classes} classes = {pairs:,} pairs:"
    axes.text(0, -1.0, counted, va="top", fontsize=9, weight="bold")
    axes.set(xlim=(-0.1, 10.6), ylim=(-2.55, 0.9))
    axes.axis("off")
    told = "; ".join(
        f"{step.replace(chr(10), ', ')} to {name}, {_millions(factors)}"
        for step, factors, name in zip(_STEPS, products, names[1:], strict=True)
    )
    alt = (
        f"The relation module. A query's map and a class's map, concatenated: {names[0]}. {told}. "
        f"The numbers are multiplications for {pairs:,} pairs. Split in two, the first convolution "
        f"takes {_millions(split)}."
    )
    show(figure, alt)


def relation_scores(distances, scores, same):
    """Relation scores of pairs against the Euclidean distance between the same two feature maps.

    Args:
        distances, scores: float (n,), one per pair.
        same: bool (n,), whether the two have the same class.
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
        xlabel="Euclidean distance between the two maps",
        ylabel="relation score",
        ylim=(-0.03, 1.03),
    )
    legend(axes)
    medians = "; ".join(
        f"{of}, score {np.median(scores[kind]):.2f} and distance {np.median(distances[kind]):.0f}"
        for of, kind in (("of the same class", same), ("from different classes", ~same))
    )
    counted = f"Relation scores of {len(scores):,} pairs against their distance"
    show(figure, f"{counted}. Medians for pairs {medians}.")


def _draw_maps(axes, shapes, names):
    """Draws a box for each shape (side, channels). The pair's has two halves, which differ."""
    side, channels = shapes[0]
    for i, (x, shape, name) in enumerate(zip(_MAPS, shapes, names, strict=True)):
        height, width = max(shape[0] / side, 0.12), max(shape[1] / channels, 0.06)
        halves = [(x - width / 2, COLORS[0], None), (x, COLORS[4], "///")]
        whole = [(x - width / 2, COLORS[2], None)]
        for left, color, hatch in whole if i else halves:
            options = {"facecolor": color, "hatch": hatch, "edgecolor": "black"}
            wide = width if i else width / 2
            axes.add_patch(Rectangle((left, -height / 2), wide, height, **options))
        axes.text(x, 0.62, name, ha="center", fontsize=11, weight="bold")
    axes.text(_MAPS[0], -0.56, "query | class", **_BELOW)


def _multiplied(factors):
    """A product, written out with its result."""
    return " x ".join(f"{factor:,}" for factor in factors) + f"\n= {_millions(factors)}"


def _millions(factors):
    millions = np.prod(factors) / 1e6
    return f"{millions:,.0f} million" if millions > 1 else f"{millions:.2g} million"
