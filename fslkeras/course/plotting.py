"""The figures of the course. Each is shown with a text that says what there is to see, for those who cannot see it.

Every class has a colour and a marker of its own; the colours are those of Okabe and Ito, which survive colour-blindness.
"""

import base64
import html
import io

import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C8C8C")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
STEPS = ("encode", "gather", "compare", "score")


def show(figure, alt):
    """Shows a matplotlib figure in the notebook.
    Args:
        figure: `matplotlib.figure.Figure`.
        alt: what there is to see, in a sentence or two, read aloud by screen readers.
    """
    png = io.BytesIO()
    figure.savefig(png, dpi=100, bbox_inches="tight", facecolor="white")
    # HTML, since JupyterLab drops the alternative text of a plain image output.
    source = base64.b64encode(png.getvalue()).decode()
    image = f'<img alt="{html.escape(alt)}" style="max-width: 100%" src="data:image/png;base64,{source}">'
    display({"text/html": image, "text/plain": alt}, raw=True)


def pipeline(step):
    """The four steps of every network of the course, one of them highlighted.
    Args:
        step: "encode", "gather", "compare" or "score".
    Raises:
        ValueError: if the step is another.
    """
    if step not in STEPS:
        raise ValueError(f"pipeline expected a step out of {STEPS} and received {step!r}.")
    details = {
        "encode": "images become\nembeddings",
        "gather": "the support\nbecomes classes",
        "compare": "each query with\neach class",
        "score": "the class most\nalike wins",
    }
    figure = Figure(figsize=(9.5, 1.2))
    axes = figure.subplots()
    for i, name in enumerate(STEPS):
        here = name == step
        box = {"boxstyle": "round,pad=.4", "facecolor": "#0072B2" if here else "white", "edgecolor": "#0072B2"}
        box["linewidth"] = 3 if here else 1
        ink = "white" if here else "black"
        weight = "bold" if here else "normal"
        axes.text(
            i, 0, f"{i + 1}. {name}\n{details[name]}", ha="center", va="center", bbox=box, color=ink, weight=weight
        )
        if i:
            axes.annotate("", (i - 0.41, 0), (i - 0.59, 0), arrowprops={"arrowstyle": "->", "linewidth": 1.5})
    axes.set(xlim=(-0.5, 3.5), ylim=(-1, 1))
    axes.axis("off")
    show(figure, f"The pipeline: {', '.join(STEPS)}. We are at step {STEPS.index(step) + 1}, {step}.")


def images(images, titles=None, columns=10, alt=None):
    """A grid of images, ink dark on white, as on paper.
    Args:
        images: (n, H, W, C), uint8 or float in 0..1.
        titles: a text above each image, or None.
        columns: images in a row.
        alt: the alternative text.
    """
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(0.85 * columns, (0.85 + 0.25 * bool(titles)) * rows))
    for i, axes in enumerate(figure.subplots(rows, columns, squeeze=False).ravel()):
        axes.axis("off")
        if i < len(images):
            _draw(axes, images[i])
            if titles:
                axes.set_title(titles[i], fontsize=8)
    show(figure, alt or f"{len(images)} images in a grid{': ' + ', '.join(titles) if titles else ''}.")


def episode(x, y, scores=None):
    """One episode: above, the support images, class by class; below, the queries under their true class.
    Args:
        x, y: the item of `fslkeras.Episodes`; its first episode is drawn.
        scores: (B, Q, N), a model's scores, to mark each query with the answer: a tick, or a cross and the class it chose.
    """
    labels, truth = x["support_labels"][0], y[0].argmax(-1)
    way = labels.shape[-1]
    shots = [x["support"][0][labels[:, c] == 1] for c in range(way)]
    queries = [np.flatnonzero(truth == c) for c in range(way)]
    n_shots, n_queries = max(map(len, shots)), max(map(len, queries))
    figure = Figure(figsize=(0.85 * way + 1, 1.0 * (n_shots + n_queries)))
    grid = figure.subplots(n_shots + n_queries, way, squeeze=False)
    answers = None if scores is None else np.asarray(scores)[0].argmax(-1)
    for c in range(way):
        for row in range(n_shots + n_queries):
            grid[row, c].set(xticks=[], yticks=[])
            [spine.set_visible(False) for spine in grid[row, c].spines.values()]
        for row, image in enumerate(shots[c]):
            _draw(grid[row, c], image)
            [spine.set(visible=True, color="#0072B2", linewidth=2) for spine in grid[row, c].spines.values()]
        for row, q in enumerate(queries[c]):
            axes = grid[n_shots + row, c]
            _draw(axes, x["query"][0][q])
            if answers is not None:
                right = answers[q] == c
                mark = "✓" if right else f"✗ {answers[q] + 1}"
                axes.set_xlabel(mark, fontsize=9, color="#009E73" if right else "#D55E00", labelpad=1)
        grid[0, c].set_title(f"{c + 1}", fontsize=10)
    grid[0, 0].set_ylabel("support", rotation=0, ha="right", va="center")
    grid[n_shots, 0].set_ylabel("query", rotation=0, ha="right", va="center")
    alt = f"A {way}-way {n_shots}-shot episode: a framed support image of each class above, {n_queries} queries of it below."
    if answers is not None:
        alt += (
            f" {(answers == truth).sum()} of {len(truth)} queries are answered right; wrong ones name the class chosen."
        )
    show(figure, alt)


def trial(query, candidates):
    """One trial of one-shot classification, large: a query at the left, numbered candidates at the right.
    Args:
        query: image (H, W, C).
        candidates: images (N, H, W, C), one of each class.
    """
    columns = 10
    rows = -(-len(candidates) // columns)
    figure = Figure(figsize=(1.05 * columns + 2.7, 1.3 * rows), layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(2.7, 1.05 * columns))
    axes = left.subplots()
    _draw(axes, query)
    axes.set_title("which is it?", fontsize=12)
    axes.set(xticks=[], yticks=[])
    [spine.set(color="#0072B2", linewidth=3) for spine in axes.spines.values()]
    for i, axes in enumerate(right.subplots(rows, columns, squeeze=False).ravel()):
        axes.axis("off")
        if i < len(candidates):
            _draw(axes, candidates[i])
            axes.set_title(f"{i + 1}", fontsize=11, pad=2)
    show(figure, f"A query, and {len(candidates)} numbered candidates: one of them is the same character.")


def pairs(left, right, titles):
    """Pairs of images, one above the other.
    Args:
        left, right: images (n, H, W, C) each; left is drawn above right.
        titles: a text above each pair.
    """
    n = len(left)
    figure = Figure(figsize=(1.05 * n, 2.4))
    grid = figure.subplots(2, n, squeeze=False)
    for column in range(n):
        for row, image in enumerate((left[column], right[column])):
            _draw(grid[row, column], image)
            grid[row, column].set(xticks=[], yticks=[])
        grid[0, column].set_title(titles[column], fontsize=9)
    show(figure, f"{n} pairs of images: {', '.join(titles)}.")


def contrastive(margin):
    """The contrastive loss of a pair as a function of its distance, for the same class and for two classes.
    Args:
        margin: from which distance on a pair of two classes costs nothing.
    """
    distance = np.linspace(0, max(2, 1.3 * margin), 200)
    figure = Figure(figsize=(6, 3))
    axes = figure.subplots()
    axes.plot(distance, distance**2, color=COLORS[0], label="same class: $E^2$")
    apart = np.maximum(margin - distance, 0) ** 2
    axes.plot(distance, apart, color=COLORS[1], ls="--", label="two classes: max(margin $-$ $E$, 0)$^2$")
    axes.axvline(margin, color="grey", ls=":", label=f"margin {margin:g}")
    axes.set(xlabel="distance $E$ of the pair", ylabel="loss", ylim=(0, 1.15 * margin**2), xlim=(0, distance[-1]))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    alt = (
        f"The loss over the distance. For the same class it rises as the square. For two classes it falls from {margin**2:g} "
        f"at distance zero to nothing at the margin, {margin:g}, and stays there."
    )
    show(figure, alt)


def distances(same, different, margin):
    """How the distances of pairs of the same class and of two classes are spread.
    Args:
        same, different: float (n,), (m,), the distances of each kind.
        margin: of the contrastive loss.
    """
    figure = Figure(figsize=(6, 3))
    axes = figure.subplots()
    edges = np.linspace(0, max(same.max(), different.max()), 61)
    for values, color, style, name in (
        (same, COLORS[0], "-", "same class"),
        (different, COLORS[1], "--", "two classes"),
    ):
        share = 100 * np.histogram(values, edges)[0] / len(values)
        axes.stairs(share, edges, fill=True, color=color, alpha=0.3)
        axes.stairs(share, edges, color=color, ls=style, linewidth=1.5, label=f"{name} ({len(values):,} pairs)")
    axes.axvline(margin, color="grey", ls=":", label=f"margin {margin:g}")
    axes.set(xlabel="distance", ylabel="% of the pairs of this kind")
    axes.legend(frameon=False)
    alt = (
        f"Two histograms of distances: pairs of the same class around {np.median(same):.2g}, of two classes around "
        f"{np.median(different):.2g}; the margin is {margin:g}."
    )
    show(figure, alt)


def roc(false, true, area, chosen=None):
    """Receiver operating characteristic of verification.
    Args:
        false, true: the false and the true positive rate at each threshold, 0..1.
        area: the area under the curve.
        chosen: (false positive rate, true positive rate) at a threshold, or None.
    """
    figure = Figure(figsize=(4.6, 4))
    axes = figure.subplots()
    axes.plot(100 * np.array(false), 100 * np.array(true), color=COLORS[0], label=f"area {area:.3f}")
    axes.plot([0, 100], [0, 100], color="grey", ls=":", label="chance: area 0.5")
    if chosen is not None:
        axes.plot(100 * chosen[0], 100 * chosen[1], "ko", label="chosen threshold")
    axes.set(xlabel="pairs of two classes called the same, %", ylabel="pairs of one class called the same, %")
    axes.set(aspect="equal", xlim=(-2, 102), ylim=(-2, 102))
    axes.legend(frameon=False, loc="lower right", fontsize=8)
    alt = (
        f"The share of pairs of one class recognised, over the share of false alarms. Area under the curve: {area:.3f}."
    )
    show(figure, alt)


def by_way(ways, rows, points=None, xlabel="classes to choose from", ylabel="accuracy, %", ylim=(0, 102)):
    """Accuracy as the number of classes, or of something else, grows.
    Args:
        ways: numbers of classes.
        rows: dict from a name to the accuracies, 0..1, one for each of the ways; or to pairs (mean, half the width of its interval).
        points: dict from a name to (way, accuracy), figures of others, or None.
        xlabel, ylabel: what the axes show, where it is something else.
        ylim: the lowest and the highest accuracy shown, %.
    """
    figure = Figure(figsize=(6.5, 3.8))
    axes = figure.subplots()
    styles = ("-", "--", "-.", ":")
    for i, (name, accuracies) in enumerate(rows.items()):
        style = {"color": COLORS[i], "marker": MARKERS[i], "ls": styles[i % 4], "capsize": 3}
        mean, ci95 = (100 * np.array(accuracies)).T if np.ndim(accuracies) == 2 else (100 * np.array(accuracies), None)
        axes.errorbar(ways, mean, ci95, label=name, **style)
    for i, (name, (way, accuracy)) in enumerate((points or {}).items()):
        axes.plot(way, 100 * accuracy, ls="", marker=MARKERS[-1 - i], markersize=10, color=COLORS[-1 - i], label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel, xticks=ways, ylim=ylim)
    axes.legend(frameon=False, fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    last = "; ".join(f"{name} {100 * np.ravel(accuracies[-1])[0]:.0f} %" for name, accuracies in rows.items())
    what = ylabel.removesuffix(", %")
    show(figure, f"{what[0].upper()}{what[1:]} for {ways[0]} to {ways[-1]} {xlabel}. At {ways[-1]}: {last}.")


def relation_scores(distances, scores, same):
    """Relation scores of pairs over the Euclidean distance of the same two feature maps.
    Args:
        distances, scores: float (n,), of each pair.
        same: bool (n,), whether it is of one class.
    """
    figure = Figure(figsize=(6.5, 3.6))
    axes = figure.subplots()
    for kind, color, marker, size, name in (
        (~same, COLORS[1], "s", 6, "two classes"),
        (same, COLORS[0], "o", 14, "same class"),
    ):
        axes.scatter(distances[kind], scores[kind], color=color, marker=marker, s=size, alpha=0.5, label=name)
    axes.set(xlabel="Euclidean distance of the two maps", ylabel="relation score", ylim=(-0.03, 1.03))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
    alt = (
        f"Relation scores of {len(scores):,} pairs over their distance. Pairs of one class: median score {np.median(scores[same]):.2f} "
        f"at distances around {np.median(distances[same]):.0f}; of two classes: {np.median(scores[~same]):.2f} around "
        f"{np.median(distances[~same]):.0f}, and the distances of both kinds overlap."
    )
    show(figure, alt)


def attention(weights, names, classes):
    """How the attention of one query is shared out among the support images.
    Args:
        weights: float (S,), which sum to 1.
        names: a name for each support image.
        classes: int (S,), the class of each, 0..7.
    """
    figure = Figure(figsize=(6, 0.45 * len(weights) + 0.8))
    axes = figure.subplots()
    hatches = ("", "//", "..", "xx", "\\\\", "++", "oo", "**")
    for height, (weight, c) in enumerate(zip(weights, classes, strict=True)):
        axes.barh(height, weight, color=COLORS[c], hatch=hatches[c], edgecolor="white")
        axes.text(weight, height, f" {weight:.2f}", va="center")
    axes.set(yticks=range(len(names)), yticklabels=names, xlim=(0, 1), xlabel="attention")
    axes.invert_yaxis()
    shares = "; ".join(f"{name} {weight:.2f}" for name, weight in zip(names, weights, strict=True))
    show(figure, f"The attention of one query, shared out among {len(weights)} support images: {shares}.")


def search(queries, found, right):
    """What an image search found: each row a query, and the images nearest to it.
    Args:
        queries: images (n, H, W, C).
        found: images (n, k, H, W, C), the nearest first.
        right: bool (n, k), whether they are of the query's class.
    """
    n, k = right.shape
    figure = Figure(figsize=(0.9 * (k + 1), 1.05 * n))
    grid = figure.subplots(n, k + 1, squeeze=False)
    for row in range(n):
        for column in range(k + 1):
            axes = grid[row, column]
            axes.set(xticks=[], yticks=[])
            [spine.set_visible(False) for spine in axes.spines.values()]
            _draw(axes, found[row, column - 1] if column else queries[row])
            if column:
                hit = right[row, column - 1]
                axes.set_xlabel("✓" if hit else "✗", fontsize=9, color="#009E73" if hit else "#D55E00", labelpad=1)
        [spine.set(visible=True, color="#0072B2", linewidth=2) for spine in grid[row, 0].spines.values()]
    grid[0, 0].set_title("query", fontsize=9)
    grid[0, 1].set_title("nearest", fontsize=9)
    show(
        figure,
        f"{n} queries, each with the {k} images nearest to it; {right.sum()} of these {right.size} are of the query's class.",
    )


def plane(support, labels, prototypes=None, query=None, alt=None, precisions=None, class_precisions=None):
    """Points of two dimensions: support points by class, prototypes, and the region nearest to each prototype.
    Args:
        support: (S, 2).
        labels: (S, N), one-hot.
        prototypes: (N, 2) or None.
        query: (Q, 2) or None.
        alt: the alternative text.
        precisions: (S, 2) or None, an inverse variance for each coordinate: a dotted line, two standard deviations from each point.
        class_precisions: (N, 2) or None, the same for the prototypes: a solid line; the regions are then nearest in these units.
    """
    points = np.concatenate([p for p in (support, prototypes, query) if p is not None])
    margin = 1 if precisions is None else 2
    (left, bottom), (right, top) = points.min(0) - margin, points.max(0) + margin
    size = 220 if class_precisions is None else 90  # the line of a sure class would lie under a large marker
    figure = Figure(figsize=(5, 4))
    axes = figure.subplots()
    if prototypes is not None:
        horizontal, vertical = np.meshgrid(np.linspace(left, right, 300), np.linspace(bottom, top, 300))
        place = np.stack([horizontal, vertical], -1)
        unit = np.ones_like(prototypes) if class_precisions is None else class_precisions
        nearest = (unit * (place[:, :, None] - prototypes) ** 2).sum(-1).argmin(-1)
        for c in range(len(prototypes)):
            axes.contourf(horizontal, vertical, nearest == c, levels=[0.5, 1.5], colors=[COLORS[c]], alpha=0.12)
            axes.contour(horizontal, vertical, nearest == c, levels=[0.5], colors="grey", linewidths=1)
    for c in range(labels.shape[1]):
        mine = labels[:, c] == 1
        axes.scatter(*support[mine].T, color=COLORS[c], marker=MARKERS[c], s=60, label=f"class {c + 1}", zorder=3)
        if precisions is not None:
            _ellipses(axes, support[mine], precisions[mine], COLORS[c], ":")
        if prototypes is not None:
            style = {"color": "white", "edgecolor": COLORS[c], "linewidth": 2.5}
            axes.scatter(*prototypes[c], marker=MARKERS[c], s=size, zorder=2, label=f"prototype {c + 1}", **style)
        if class_precisions is not None:
            _ellipses(axes, prototypes[c : c + 1], class_precisions[c : c + 1], COLORS[c], "-")
    if query is not None:
        axes.scatter(*query.T, color="black", marker="x", s=80, linewidth=2.5, label="query", zorder=4)
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal", xlabel="first number", ylabel="second number")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False)
    show(figure, alt or f"{len(support)} support points of {labels.shape[1]} classes in the plane.")


def _ellipses(axes, centres, precisions, color, style):
    """The line two standard deviations from each centre."""
    angle = np.linspace(0, 2 * np.pi, 100)
    for centre, precision in zip(centres, precisions, strict=True):
        around = centre[:, None] + 2 * np.stack([np.cos(angle), np.sin(angle)]) / np.sqrt(precision)[:, None]
        axes.plot(*around, color=color, ls=style, linewidth=2, zorder=3)


def refinement(support, labels, panels, alt):
    """How unlabelled points move prototypes in the plane, in one panel for each way of moving them.
    Args:
        support: (S, 2), the labelled points.
        labels: (S, N), one-hot.
        panels: dict from a title to a triple: the unlabelled points (U, 2), the distractors among them (bool (U,)), and the prototypes
            (N, 2) that they lead to.
        alt: the alternative text.
    """
    before = (labels.T @ support) / labels.sum(0)[:, None]
    everything = np.concatenate([support, *(points for points, _, _ in panels.values())])
    (left, bottom), (right, top) = everything.min(0) - 1, everything.max(0) + 1
    figure = Figure(figsize=(4 * len(panels), 4 * (top - bottom) / (right - left) + 0.9))
    for axes, (title, (points, distractors, after)) in zip(
        figure.subplots(1, len(panels)), panels.items(), strict=True
    ):
        axes.scatter(*points[~distractors].T, color="grey", marker=".", s=50, label="unlabelled")
        if distractors.any():
            axes.scatter(*points[distractors].T, color="black", marker="x", s=40, label="unlabelled, of no class")
        for c in range(len(before)):
            axes.scatter(*support[labels[:, c] == 1].T, color=COLORS[c], marker=MARKERS[c], s=70, zorder=3)
            axes.annotate(
                "", after[c], before[c], arrowprops={"arrowstyle": "->", "linewidth": 1.5, "color": COLORS[c]}
            )
            style = {"color": "white", "edgecolor": COLORS[c], "linewidth": 2.5}
            axes.scatter(*after[c], marker=MARKERS[c], s=200, zorder=2, **style)
        axes.scatter([], [], color="grey", marker="o", s=70, label="labelled")
        axes.scatter(
            [], [], color="white", edgecolor="grey", linewidth=2.5, marker="o", s=150, label="prototype, moved"
        )
        axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal", xticks=[], yticks=[], title=title)
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.02), frameon=False, fontsize=8, ncols=2)
    show(figure, alt)


def curves(history, chance):
    """Accuracy after each epoch, in training and on validation episodes, above the line of chance.
    Args:
        history: the dict of `model.fit(...).history`, with "accuracy" and "val_accuracy".
        chance: accuracy of a guess, 0..1.
    """
    epochs = np.arange(1, len(history["accuracy"]) + 1)
    figure = Figure(figsize=(6, 3.2))
    axes = figure.subplots()
    axes.plot(epochs, 100 * np.array(history["accuracy"]), marker="o", color=COLORS[0], label="training")
    axes.plot(epochs, 100 * np.array(history["val_accuracy"]), marker="s", ls="--", color=COLORS[1], label="validation")
    axes.axhline(100 * chance, color="grey", ls=":", label="chance")
    axes.set(xlabel="epoch", ylabel="accuracy, %", ylim=(0, 100), xticks=epochs)
    axes.legend(frameon=False)
    first, last = (100 * history["val_accuracy"][k] for k in (0, -1))
    alt = f"Accuracy over {len(epochs)} epochs. Validation goes from {first:.0f} to {last:.0f} %; chance is {100 * chance:g} %."
    show(figure, alt)


def embedding_map(embeddings, labels, names):
    """Embeddings of some classes and their means, on the two directions in which they vary most (principal components).
    Args:
        embeddings: (n, D).
        labels: int (n,), 0..7.
        names: a name for each class.
    """
    centred = embeddings - embeddings.mean(0)
    directions = np.linalg.svd(centred, full_matrices=False)[2][:2]
    points = centred @ directions.T
    kept = (points**2).sum() / (centred**2).sum()
    figure = Figure(figsize=(6, 4.2))
    axes = figure.subplots()
    for c, name in enumerate(names):
        mine = points[labels == c]
        axes.scatter(*mine.T, color=COLORS[c], marker=MARKERS[c], s=25, alpha=0.7, label=name)
        style = {"color": "white", "edgecolor": COLORS[c], "linewidth": 2.5}
        axes.scatter(*mine.mean(0), marker=MARKERS[c], s=200, **style)
    axes.set(xticks=[], yticks=[], xlabel="first principal component", ylabel="second")
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5), frameon=False, title="large and hollow: the mean")
    alt = (
        f"A map of the embeddings of {len(names)} characters with their means. "
        f"It keeps {100 * kept:.0f} % of the variance, so some classes that are apart overlap here."
    )
    show(figure, alt)


def mistakes(queries, truths, answers, titles=None, rows=None):
    """Queries that went wrong, each between an example of its true class and one of the class chosen instead.
    Args:
        queries, truths, answers: images (n, H, W, C) each.
        titles: a text above each column, or None.
        rows: what the three rows show, from above, where it is something else than true class, query and chosen class.
    """
    n = len(queries)
    figure = Figure(figsize=(0.95 * n + 1, 3.2))
    grid = figure.subplots(3, n, squeeze=False)
    names = rows or ("true class", "query", "chosen")
    for row, (name, pictures) in enumerate(zip(names, (truths, queries, answers), strict=True)):
        for column in range(n):
            axes = grid[row, column]
            axes.set(xticks=[], yticks=[])
            _draw(axes, pictures[column])
            if row == 0 and titles:
                axes.set_title(titles[column], fontsize=8)
        grid[row, 0].set_ylabel(name, rotation=0, ha="right", va="center")
    alt = (
        f"{n} queries that were answered wrong. Each stands between its true class, above, and the class chosen, below."
        if rows is None
        else f"{n} columns of three images, from above: {', '.join(names)}."
    )
    show(figure, alt)


def intervals(rows, xlabel, chance=None):
    """Accuracies with their 95 % intervals, one line a row.
    Args:
        rows: dict from a label to (mean, half the width of the interval), both 0..1.
        xlabel: what the accuracy is of.
        chance: accuracy of a guess, 0..1, or None.
    """
    figure = Figure(figsize=(6.5, 0.42 * len(rows) + 0.8))
    axes = figure.subplots()
    for height, (mean, ci95) in enumerate(reversed(rows.values())):
        axes.errorbar(100 * mean, height, xerr=100 * ci95, fmt="o", color=COLORS[0], capsize=4)
        axes.annotate(
            f"{100 * mean:.1f}",
            (100 * mean, height),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=8,
        )
    if chance is not None:
        axes.axvline(100 * chance, color="grey", ls=":")
        axes.text(100 * chance, len(rows) - 0.4, " chance", color="grey", fontsize=8, va="bottom")
    axes.set(yticks=range(len(rows)), yticklabels=list(reversed(rows)), xlabel=xlabel, ylim=(-0.6, len(rows) - 0.2))
    axes.grid(axis="x", alpha=0.3)
    show(
        figure,
        f"{xlabel}: " + "; ".join(f"{name} {100 * m:.1f} ± {100 * c:.1f}" for name, (m, c) in rows.items()) + ".",
    )


def _draw(axes, image):
    image = np.asarray(image)
    image = image / 255 if image.dtype == np.uint8 else image
    if image.shape[-1] == 1:
        axes.imshow(1 - image[..., 0], cmap="gray", vmin=0, vmax=1)
    else:
        axes.imshow(image)
