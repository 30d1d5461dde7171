"""Figures of chapter 2, prototypical networks: classes as points."""

import numpy as np
from matplotlib.figure import Figure

from fslkeras.course.plotting.shared import COLORS, MARKERS, legend, show


def plane(
    support, labels, prototypes=None, query=None, alt=None, precisions=None, class_precisions=None
):
    """Support points in the plane, their prototypes and the region nearest to each prototype.

    Args:
        support: (S, 2).
        labels: (S, N), one-hot.
        prototypes: (N, 2) or None.
        query: (Q, 2) or None.
        alt: the alternative text.
        precisions: (S, 2) or None, inverse variances, drawn as dotted lines two standard
            deviations from each point.
        class_precisions: (N, 2) or None, the same for the prototypes, as solid lines. Distances to
            a prototype are then measured in its standard deviations.
    """
    points = np.concatenate([p for p in (support, prototypes, query) if p is not None])
    margin = 1 if precisions is None else 2
    axes_limits = np.transpose([points.min(0) - margin, points.max(0) + margin])
    figure = Figure(figsize=(5, 4))
    axes = figure.subplots()
    if prototypes is not None:
        units = 1 if class_precisions is None else class_precisions[:, None, None]
        _nearest_regions(axes, axes_limits, prototypes, units)
    for c in range(labels.shape[1]):
        of_class = labels[:, c] == 1
        _support(axes, support[of_class], c, s=60, label=f"class {c + 1}")
        if precisions is not None:
            _ellipses(axes, support[of_class], precisions[of_class], COLORS[c], ":")
        if prototypes is not None:
            # A large marker would cover the small ellipse of a precise class.
            size = 220 if class_precisions is None else 90
            _prototype(axes, prototypes[c], c, s=size, label=f"prototype {c + 1}")
        if class_precisions is not None:
            _ellipses(axes, prototypes[c : c + 1], class_precisions[c : c + 1], COLORS[c], "-")
    if query is not None:
        axes.scatter(
            *query.T, color="black", marker="x", s=80, linewidth=2.5, label="query", zorder=4
        )
    axes.set(
        xlim=axes_limits[0],
        ylim=axes_limits[1],
        aspect="equal",
        xlabel="first coordinate",
        ylabel="second coordinate",
    )
    legend(axes)
    show(figure, alt or f"{len(support)} support points of {labels.shape[1]} classes in the plane.")


def refinement(support, labels, panels, alt):
    """How unlabeled points move prototypes in the plane, one panel per method.

    Args:
        support: (S, 2), the labeled points.
        labels: (S, N), one-hot.
        panels: dict from a title to (unlabeled points (U, 2), which of them are distractors
            (bool (U,)), refined prototypes (N, 2)).
        alt: the alternative text.
    """
    before = (labels.T @ support) / labels.sum(0)[:, None]
    everything = np.concatenate([support, *(points for points, _, _ in panels.values())])
    (left, bottom), (right, top) = everything.min(0) - 1, everything.max(0) + 1
    figure = Figure(figsize=(4 * len(panels), 4 * (top - bottom) / (right - left) + 0.9))
    grid = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, (points, distractors, after)) in zip(grid, panels.items(), strict=True):
        _unlabeled(axes, points, distractors)
        for c in range(len(before)):
            _support(axes, support[labels[:, c] == 1], c, s=70)
            arrow = {"arrowstyle": "->", "linewidth": 1.5, "color": COLORS[c]}
            axes.annotate("", after[c], before[c], arrowprops=arrow)
            _prototype(axes, after[c], c, s=200)
        # Only for the legend, for all classes.
        axes.scatter([], [], color="gray", s=70, label="labeled")
        axes.scatter(
            [], [], color="white", edgecolor="gray", linewidth=2.5, s=150, label="refined prototype"
        )
        axes.set(
            xlim=(left, right),
            ylim=(bottom, top),
            aspect="equal",
            xticks=[],
            yticks=[],
            title=title,
        )
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.02), frameon=False, fontsize=8, ncols=2
        )
    show(figure, alt)


def embedding_map(embeddings, labels, names):
    """The embeddings of some classes and their means, on their first two principal components.

    Args:
        embeddings: (n, D).
        labels: int (n,), 0..7.
        names: one name per class.
    """
    centered = embeddings - embeddings.mean(0)
    components = np.linalg.svd(centered, full_matrices=False)[2][:2]
    points = centered @ components.T
    explained = (points**2).sum() / (centered**2).sum()
    figure = Figure(figsize=(6, 4.2))
    axes = figure.subplots()
    for c, name in enumerate(names):
        of_class = points[labels == c]
        axes.scatter(*of_class.T, color=COLORS[c], marker=MARKERS[c], s=25, alpha=0.7, label=name)
        _prototype(axes, of_class.mean(0), c, s=200)
    axes.set(
        xticks=[],
        yticks=[],
        xlabel="first principal component",
        ylabel="second principal component",
    )
    legend(axes, title="large, hollow: mean")
    alt = (
        f"A map of the embeddings of {len(names)} characters, with their means. It explains "
        f"{100 * explained:.0f} % of the variance, so classes that overlap here may be far apart."
    )
    show(figure, alt)


def _support(axes, points, c, **options):
    """The support points of class c, on top of everything else."""
    axes.scatter(*points.T, color=COLORS[c], marker=MARKERS[c], zorder=3, **options)


def _prototype(axes, point, c, **options):
    """The prototype of class c: a large, hollow marker."""
    axes.scatter(
        *point,
        color="white",
        edgecolor=COLORS[c],
        linewidth=2.5,
        marker=MARKERS[c],
        zorder=2,
        **options,
    )


def _unlabeled(axes, points, distractors):
    axes.scatter(*points[~distractors].T, color="gray", marker=".", s=50, label="unlabeled")
    if distractors.any():
        axes.scatter(
            *points[distractors].T, color="black", marker="x", s=40, label="unlabeled, of no class"
        )


def _nearest_regions(axes, limits, prototypes, precisions):
    """Tints the region nearest to each prototype and draws the borders between regions."""
    horizontal, vertical = np.meshgrid(*(np.linspace(*limit, 300) for limit in limits))
    offsets = np.stack([horizontal, vertical], -1) - prototypes[:, None, None]
    nearest = (precisions * offsets**2).sum(-1).argmin(0)
    for c in range(len(prototypes)):
        axes.contourf(
            horizontal, vertical, nearest == c, levels=[0.5, 1.5], colors=[COLORS[c]], alpha=0.12
        )
        axes.contour(horizontal, vertical, nearest == c, levels=[0.5], colors="gray", linewidths=1)


def _ellipses(axes, centers, precisions, color, line):
    """The line two standard deviations from each center."""
    angle = np.linspace(0, 2 * np.pi, 100)
    for center, precision in zip(centers, precisions, strict=True):
        radii = 2 / np.sqrt(precision)[:, None]
        around = center[:, None] + radii * np.stack([np.cos(angle), np.sin(angle)])
        axes.plot(*around, color=color, ls=line, linewidth=2, zorder=3)
