"""Figures of chapter 1, Siamese networks."""

import numpy as np
from matplotlib.figure import Figure

from fslkeras.course.plotting.shared import COLORS, draw, frame, image_grid, legend, mark, show


def trial(query, candidates):
    """One trial of one-shot classification: a query on the left, numbered candidates on the right.

    Args:
        query: image (H, W, C).
        candidates: images (N, H, W, C), one per class.
    """
    columns = 10
    rows = -(-len(candidates) // columns)
    figure = Figure(figsize=(1.05 * columns + 2.7, 1.3 * rows), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(2.7, 1.05 * columns))
    axes = left.subplots()
    draw(axes, query)
    axes.set_title("which is it?", fontsize=12)
    axes.set(xticks=[], yticks=[])
    frame(axes, linewidth=3)
    for i, axes in enumerate(right.subplots(rows, columns, squeeze=False).flat):
        axes.axis("off")
        if i < len(candidates):
            draw(axes, candidates[i])
            axes.set_title(f"{i + 1}", fontsize=11, pad=2)
    show(
        figure,
        f"A query and {len(candidates)} numbered candidates. One of them is the same letter.",
    )


def pairs(left, right, titles):
    """Pairs of images, one above the other.

    Args:
        left, right: images (n, H, W, C) each; left is drawn above right.
        titles: a text above each pair, in one line or more.
    """
    n = len(left)
    figure, grid = image_grid(2, n, (1.05 * n, 2.4), frames=True)
    for (above, below), first, second, title in zip(grid.T, left, right, titles, strict=True):
        draw(above, first)
        draw(below, second)
        above.set_title(title, fontsize=9)
    show(figure, f"{n} pairs of images: {', '.join(titles)}.".replace("\n", " "))


def contrastive(margin):
    """The contrastive loss of a pair over its distance, for same-class and different-class pairs.

    Args:
        margin: the distance beyond which a pair from different classes incurs no loss.
    """
    distance = np.linspace(0, max(2, 1.3 * margin), 200)
    figure = Figure(figsize=(6, 3))
    axes = figure.subplots()
    axes.plot(distance, distance**2, color=COLORS[0], label="same class: $E^2$")
    apart = np.maximum(margin - distance, 0) ** 2
    axes.plot(
        distance,
        apart,
        color=COLORS[1],
        ls="--",
        label="different classes: max(margin $-$ $E$, 0)$^2$",
    )
    axes.axvline(margin, color="gray", ls=":", label=f"margin {margin:g}")
    axes.set(
        xlabel="distance $E$ of the pair",
        ylabel="loss",
        ylim=(0, 1.15 * margin**2),
        xlim=(0, distance[-1]),
    )
    legend(axes)
    alt = (
        "The loss over the distance. For the same class it is the square of the distance. For "
        f"different classes it falls from {margin**2:g} at distance 0 to 0 at the margin, "
        f"{margin:g}, and stays there."
    )
    show(figure, alt)


def distances(same, different, margin):
    """Histograms of the distances of same-class and different-class pairs.

    Args:
        same, different: float (n,) and (m,), the distances of each kind of pair.
        margin: the margin of the contrastive loss.
    """
    figure = Figure(figsize=(6, 3))
    axes = figure.subplots()
    edges = np.linspace(0, max(same.max(), different.max()), 61)
    kinds = (
        (same, COLORS[0], "-", "same class"),
        (different, COLORS[1], "--", "different classes"),
    )
    for values, color, line, name in kinds:
        percent = 100 * np.histogram(values, edges)[0] / len(values)
        axes.stairs(percent, edges, fill=True, color=color, alpha=0.3)
        axes.stairs(
            percent,
            edges,
            color=color,
            ls=line,
            linewidth=1.5,
            label=f"{name} ({len(values):,} pairs)",
        )
    axes.axvline(margin, color="gray", ls=":", label=f"margin {margin:g}")
    axes.set(xlabel="distance", ylabel="% of the pairs of this kind")
    axes.legend(frameon=False)
    alt = (
        f"Two histograms of distances. The median is {np.median(same):.2g} for pairs of the same "
        f"class and {np.median(different):.2g} for pairs of different classes; the margin is "
        f"{margin:g}."
    )
    show(figure, alt)


def roc(false, true, area, chosen=None):
    """The ROC curve of verification.

    Args:
        false, true: the false positive rate and the true positive rate at each threshold, 0..1.
        area: the area under the curve.
        chosen: (false positive rate, true positive rate) at one threshold, or None.
    """
    figure = Figure(figsize=(4.6, 4))
    axes = figure.subplots()
    axes.plot(
        100 * np.array(false), 100 * np.array(true), color=COLORS[0], label=f"area {area:.3f}"
    )
    axes.plot([0, 100], [0, 100], color="gray", ls=":", label="chance: area 0.5")
    if chosen is not None:
        axes.plot(100 * chosen[0], 100 * chosen[1], "ko", label="chosen threshold")
    axes.set(
        xlabel="different-class pairs called the same, %",
        ylabel="same-class pairs called the same, %",
    )
    axes.set(aspect="equal", xlim=(-2, 102), ylim=(-2, 102))
    axes.legend(frameon=False, loc="lower right", fontsize=8)
    show(
        figure,
        f"The true positive rate over the false positive rate. Area under the curve: {area:.3f}.",
    )


def search(queries, found, right):
    """The results of an image search: in each row, a query and the images nearest to it.

    Args:
        queries: images (n, H, W, C).
        found: images (n, k, H, W, C), the nearest first.
        right: bool (n, k), whether each is of the query's class.
    """
    n, k = right.shape
    figure, grid = image_grid(n, k + 1, (0.9 * (k + 1), 1.05 * n))
    for row in range(n):
        draw(grid[row, 0], queries[row])
        frame(grid[row, 0])
        for axes, image, correct in zip(grid[row, 1:], found[row], right[row], strict=True):
            draw(axes, image)
            mark(axes, correct)
    grid[0, 0].set_title("query", fontsize=9)
    grid[0, 1].set_title("nearest", fontsize=9)
    alt = (
        f"{n} queries, each with the {k} images nearest to it. {right.sum()} of these {right.size} "
        "are of the query's class."
    )
    show(figure, alt)
