"""Figures of the appendix on photographs."""

import numpy as np
from matplotlib.figure import Figure

from fslkeras.course.plotting.shared import COLORS, draw, image_grid, show


def predictions(images, truths, answers, probabilities, columns=8):
    """Photographs with the predicted class of each, and its probability.

    Args:
        images: (n, H, W, 3), uint8 or float in 0..1.
        truths, answers: names (n,) of the true and the predicted class. The answer None is shown
            as "unknown".
        probabilities: (n,), of the predicted class, 0..1.
        columns: number of images per row.
    """
    rows = -(-len(images) // columns)
    figure, grid = image_grid(rows, columns, (1.25 * columns, 1.75 * rows))
    right = 0
    cells = zip(grid.flat, images, truths, answers, probabilities, strict=False)
    for axes, image, truth, answer, probability in cells:
        draw(axes, image)
        correct = answer == truth
        right += correct
        name = "unknown" if answer is None else str(answer).replace("_", " ")
        axes.set_title(f"{name} {100 * probability:.0f} %", fontsize=8)
        mark = "✓" if correct else f"✗ {str(truth).replace('_', ' ')}"
        axes.set_xlabel(mark, fontsize=8, color=COLORS[2 if correct else 1])
    alt = f"{len(images)} photographs with the predicted class above each; {right} are right."
    show(figure, alt)


def confusion(counts, names):
    """A confusion matrix: a row for each true class, a column for each predicted class.

    Args:
        counts: (N, N), how many photographs of the row's class were classified as the column's.
        names: the names of the N classes.
    """
    counts, names = np.asarray(counts), [name.replace("_", " ") for name in names]
    figure = Figure(figsize=(0.5 * len(names) + 2, 0.5 * len(names) + 1.4))
    axes = figure.subplots()
    axes.imshow(counts / counts.sum(axis=1, keepdims=True), cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            ink = "white" if count > 0.5 * counts[row].sum() else "black"
            axes.text(column, row, count, ha="center", va="center", fontsize=8, color=ink)
    axes.set(xticks=range(len(names)), yticks=range(len(names)), yticklabels=names)
    axes.set_xticklabels(names, rotation=90)
    axes.set(xlabel="predicted class", ylabel="true class")
    wrong = np.where(np.eye(len(names), dtype=bool), 0, counts)
    row, column = np.unravel_index(wrong.argmax(), wrong.shape)
    share = 100 * np.trace(counts) / counts.sum()
    worst = f" Most often, {names[row]} is mistaken for {names[column]}." if wrong.any() else ""
    show(figure, f"Confusion matrix of {len(names)} classes; {share:.0f} % are right.{worst}")
