"""Figures that several chapters share, and the building blocks of all figures.

Each class has its own color and its own marker. The colors are those of Okabe and Ito, which
color-blind readers can distinguish.
"""

import base64
import html
import io

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

from fslkeras.validation import check_choice

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C8C")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
STEPS = {
    "encode": "images become\nembeddings",
    "gather": "the support set\nbecomes classes",
    "compare": "each query with\neach class",
    "score": "the most similar\nclass wins",
}


def show(figure, alt):
    """Shows a matplotlib figure in the notebook.

    Args:
        figure: `matplotlib.figure.Figure`.
        alt: the alternative text, a sentence or two that screen readers read aloud.
    """
    png = io.BytesIO()
    figure.savefig(png, dpi=100, bbox_inches="tight", facecolor="white")
    # HTML, because JupyterLab drops the alternative text of a plain image output.
    source = f"data:image/png;base64,{base64.b64encode(png.getvalue()).decode()}"
    image = f'<img alt="{html.escape(alt)}" style="max-width: 100%" src="{source}">'
    display({"text/html": image, "text/plain": alt}, raw=True)


def pipeline(step):
    """Shows the four steps that all networks of the course share, with one highlighted.

    Args:
        step: "encode", "gather", "compare" or "score".
    Raises:
        ValueError: if the step is not one of these.
    """
    check_choice("pipeline", "step", step, STEPS)
    figure = Figure(figsize=(9.5, 1.2))
    axes = figure.subplots()
    for i, (name, detail) in enumerate(STEPS.items()):
        face, ink, weight, line = (
            (COLORS[0], "white", "bold", 3) if name == step else ("white", "black", "normal", 1)
        )
        box = {
            "boxstyle": "round,pad=.4",
            "facecolor": face,
            "edgecolor": COLORS[0],
            "linewidth": line,
        }
        text = f"{i + 1}. {name}\n{detail}"
        axes.text(i, 0, text, ha="center", va="center", bbox=box, color=ink, weight=weight)
        if i:
            axes.annotate(
                "", (i - 0.41, 0), (i - 0.59, 0), arrowprops={"arrowstyle": "->", "linewidth": 1.5}
            )
    axes.set(xlim=(-0.5, 3.5), ylim=(-1, 1))
    axes.axis("off")
    show(
        figure,
        f"The pipeline: {', '.join(STEPS)}. We are at step {list(STEPS).index(step) + 1}, {step}.",
    )


def images(images, titles=None, columns=10, alt=None):
    """Shows a grid of images, in dark ink on white paper.

    Args:
        images: (n, H, W, C), uint8 or float in 0..1.
        titles: a title for each image, or None.
        columns: number of images per row.
        alt: the alternative text.
    """
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure, grid = image_grid(rows, columns, (0.85 * columns, (0.85 + 0.25 * bool(titles)) * rows))
    for i, (axes, image) in enumerate(zip(grid.flat, images, strict=False)):
        draw(axes, image)
        if titles:
            axes.set_title(titles[i], fontsize=8)
    show(
        figure,
        alt or f"{len(images)} images in a grid{': ' + ', '.join(titles) if titles else ''}.",
    )


def episode(x, y, scores=None):
    """Shows one episode, a column per class: framed support images above, queries below.

    Args:
        x, y: an item of `fslkeras.Episodes`; the first episode is drawn.
        scores: float (B, Q, N), a model's scores, or None. With scores, each query gets a tick, or
            a cross and the number of the predicted class.
    """
    labels, truth = x["support_labels"][0], y[0].argmax(-1)
    answers = None if scores is None else np.asarray(scores)[0].argmax(-1)
    support = [x["support"][0][of_class == 1] for of_class in labels.T]
    queries = [np.flatnonzero(truth == c) for c in range(len(support))]
    way, shot, height = len(support), max(map(len, support)), max(map(len, queries))
    figure, grid = image_grid(shot + height, way, (0.85 * way + 1, shot + height))
    for c in range(way):
        grid[0, c].set_title(f"{c + 1}", fontsize=10)
        for axes, image in zip(grid[:, c], support[c], strict=False):
            draw(axes, image)
            frame(axes)
        for axes, q in zip(grid[shot:, c], queries[c], strict=False):
            draw(axes, x["query"][0][q])
            if answers is not None:
                mark(axes, answers[q] == c, f"✗ {answers[q] + 1}")
    grid[0, 0].set_ylabel("support", rotation=0, ha="right", va="center")
    grid[shot, 0].set_ylabel("query", rotation=0, ha="right", va="center")
    alt = (
        f"A {way}-way {shot}-shot episode. For each class: its framed support images above, "
        f"{height} queries below."
    )
    if answers is not None:
        alt += (
            f" {(answers == truth).sum()} of {len(truth)} queries are classified correctly; the "
            "others show the predicted class."
        )
    show(figure, alt)


def mistakes(queries, truths, answers, titles=None, rows=None):
    """Shows misclassified queries between an example of the true and of the predicted class.

    Args:
        queries, truths, answers: images (n, H, W, C) each.
        titles: a title for each column, or None.
        rows: names for the three rows, from the top. By default: true class, query, predicted.
    """
    n = len(queries)
    figure, grid = image_grid(3, n, (0.95 * n + 1, 3.2), frames=True)
    names = rows or ("true class", "query", "predicted")
    for row, name, pictures in zip(grid, names, (truths, queries, answers), strict=True):
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
        for axes, image in zip(row, pictures, strict=True):
            draw(axes, image)
    for axes, title in zip(grid[0], titles or (), strict=False):
        axes.set_title(title, fontsize=8)
    alt = f"{n} columns of three images, from the top: {', '.join(names)}."
    show(figure, alt if rows else f"{n} misclassified queries. {alt}")


def curves(history, chance):
    """Plots training and validation accuracy after each epoch, with chance.

    Args:
        history: the dict `model.fit(...).history`, with "accuracy" and "val_accuracy".
        chance: accuracy of guessing, 0..1.
    """
    training, validation = (100 * np.array(history[key]) for key in ("accuracy", "val_accuracy"))
    epochs = np.arange(1, len(training) + 1)
    figure = Figure(figsize=(6, 3.2))
    axes = figure.subplots()
    axes.plot(epochs, training, marker="o", color=COLORS[0], label="training")
    axes.plot(epochs, validation, marker="s", ls="--", color=COLORS[1], label="validation")
    axes.axhline(100 * chance, color="gray", ls=":", label="chance")
    axes.set(xlabel="epoch", ylabel="accuracy, %", ylim=(0, 100), xticks=epochs)
    axes.legend(frameon=False)
    alt = (
        f"Accuracy over {len(epochs)} epochs. Validation accuracy goes from {validation[0]:.0f} to "
        f"{validation[-1]:.0f} %; chance is {100 * chance:g} %."
    )
    show(figure, alt)


def by_way(
    ways, rows, points=None, xlabel="classes to choose from", ylabel="accuracy, %", ylim=(0, 102)
):
    """Plots accuracy against the number of classes, or against something else.

    Args:
        ways: numbers of classes.
        rows: dict from a name to a list with one entry per way: an accuracy in 0..1, or a pair
            (mean, half-width of its interval).
        points: dict from a name to (way, accuracy), results to compare with, or None.
        xlabel, ylabel: labels of the axes.
        ylim: the lowest and the highest accuracy shown, in %.
    """
    figure = Figure(figsize=(6.5, 3.8))
    axes = figure.subplots()
    lines = ("-", "--", "-.", ":")
    for i, (name, accuracies) in enumerate(rows.items()):
        style = {"color": COLORS[i], "marker": MARKERS[i], "ls": lines[i % 4], "capsize": 3}
        percent = 100 * np.array(accuracies)
        mean, ci95 = percent.T if percent.ndim == 2 else (percent, None)
        axes.errorbar(ways, mean, ci95, label=name, **style)
    for i, (name, (way, accuracy)) in enumerate((points or {}).items()):
        axes.plot(
            way,
            100 * accuracy,
            ls="",
            marker=MARKERS[-1 - i],
            markersize=10,
            color=COLORS[-1 - i],
            label=name,
        )
    axes.set(xlabel=xlabel, ylabel=ylabel, xticks=ways, ylim=ylim)
    legend(axes, fontsize=8)
    last = "; ".join(
        f"{name} {100 * np.ravel(accuracies[-1])[0]:.0f} %" for name, accuracies in rows.items()
    )
    what = ylabel.removesuffix(", %")
    show(
        figure,
        f"{what[0].upper()}{what[1:]} for {ways[0]} to {ways[-1]} {xlabel}. At {ways[-1]}: {last}.",
    )


def intervals(rows, xlabel, chance=None):
    """Plots accuracies with their 95 % confidence intervals, one per row.

    Args:
        rows: dict from a label to (mean, half-width of the interval), both in 0..1.
        xlabel: label of the accuracy axis.
        chance: accuracy of guessing, 0..1, or None.
    """
    means, ci95s = (100 * np.array(list(rows.values()))).T
    heights = range(len(rows))[::-1]  # the first row at the top
    figure = Figure(figsize=(6.5, 0.42 * len(rows) + 0.8))
    axes = figure.subplots()
    axes.errorbar(means, heights, xerr=ci95s, fmt="o", color=COLORS[0], capsize=4)
    above = {"xytext": (0, 6), "textcoords": "offset points", "ha": "center", "fontsize": 8}
    for mean, height in zip(means, heights, strict=True):
        axes.annotate(f"{mean:.1f}", (mean, height), **above)
    if chance is not None:
        axes.axvline(100 * chance, color="gray", ls=":")
        axes.text(100 * chance, -0.55, " chance", color="gray", fontsize=8, va="bottom")
    axes.set(yticks=heights, yticklabels=list(rows), xlabel=xlabel, ylim=(-0.6, len(rows) - 0.2))
    axes.grid(axis="x", alpha=0.3)
    values = (
        f"{name} {mean:.1f} ± {ci95:.1f}"
        for name, mean, ci95 in zip(rows, means, ci95s, strict=True)
    )
    show(figure, f"{xlabel}: {'; '.join(values)}.")


def image_grid(rows, columns, size, frames=False):
    """A figure and axes (rows, columns) for images: without ticks, with or without thin frames."""
    figure = Figure(figsize=size)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(frames)
    return figure, grid


def draw(axes, image):
    """Draws an image (H, W, C), uint8 or float in 0..1; one channel as dark ink on white."""
    image = np.asarray(image)
    image = image / 255 if image.dtype == np.uint8 else image
    if image.shape[-1] == 1:
        axes.imshow(1 - image[..., 0], cmap="gray", vmin=0, vmax=1)
    else:
        axes.imshow(image)


def frame(axes, linewidth=2):
    """Frames an image in blue."""
    axes.spines[:].set(visible=True, color=COLORS[0], linewidth=linewidth)


def mark(axes, correct, otherwise="✗"):
    """Writes a green tick below an image, or another text in vermilion."""
    text, color = ("✓", COLORS[2]) if correct else (otherwise, COLORS[1])
    axes.set_xlabel(text, fontsize=9, color=color, labelpad=1)


def legend(axes, **options):
    """A legend to the right of the axes."""
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), **options)
