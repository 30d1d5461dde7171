"""Photographs: a backbone trained on ImageNet, and few-shot classifiers on its features.

    python benchmarks/photographs.py FOLDER

takes a folder of Caltech-101 with one subfolder per class and at least 30 photographs in each, and
uses the first 30. EfficientNet-Lite0 embeds each photograph once; everything else works on these
features. All settings are chosen on the validation classes. Baselines see the same photographs.
Results: data/results/photographs.json.
"""

import argparse
import functools
from pathlib import Path

import keras
import numpy as np
from grid import over_seeds, run
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from training import train_prototypical

import fslkeras
from fslkeras.datasets.caltech101 import SPLIT
from fslkeras.evaluation import embed
from fslkeras.metrics import episode_accuracy

EPISODES, QUERY, PHOTOGRAPHS, STEPS = 600, 10, 30, 600
TASKS = ((5, 1), (5, 5), (20, 1), (20, 5))
SHOTS = (1, 2, 3, 5, 10, 20)
# Test classes not in ImageNet: none of its 1,000 is the class, a kind of it, or its whole.
NOT_IN_IMAGENET = (
    "bass brain buddha dolphin euphonium lotus pigeon sea_horse snoopy sunflower water_lilly "
    "windsor_chair yin_yang"
).split()
CLASSES = {
    "all 100": sum(SPLIT.values(), []),
    "validation": SPLIT["validation"],
    "test": SPLIT["test"],
    "test, in ImageNet": [name for name in SPLIT["test"] if name not in NOT_IN_IMAGENET],
    "test, not in ImageNet": NOT_IN_IMAGENET,
}
ABOUT = (
    "Caltech-101 without Faces_easy and the background, the first 30 photographs of each class; "
    f"{EPISODES} episodes, {QUERY} queries per class; EfficientNet-Lite0 at 224x224, frozen; test "
    f"classes not in ImageNet: {', '.join(NOT_IN_IMAGENET)}"
)


# --- Embeddings


def photographs(size, color_mode):
    """Yields each class's name and photographs, uint8 (30, size, size, C), one class at a time."""
    for folder in sorted(FOLDER.iterdir()):
        if folder.name.lower() in CLASSES["all 100"]:
            options = {"size": size, "color_mode": color_mode, "crop": True}
            images, _ = fslkeras.datasets.load_unlabelled(folder, **options)
            yield folder.name.lower(), images[:PHOTOGRAPHS]


@functools.cache
def embeddings(encoder):
    """The embedding of each photograph, float (n, D), and its class name, (n,)."""
    size, color_mode, model = ENCODERS[encoder]
    network, found, names = model(), [], []
    for name, images in photographs(size, color_mode):
        found.append(embed(network, images))
        names += [name] * len(images)
    return np.concatenate(found), np.array(names)


@functools.cache
def in_color(size):
    """All photographs as `ImageClasses`."""
    names, images = zip(*photographs(size, "rgb"), strict=True)
    labels = np.repeat(np.arange(len(names)), [len(part) for part in images])
    return fslkeras.datasets.ImageClasses(np.concatenate(images), labels, names)


def letters():
    """The encoder of a prototypical network trained on Omniglot."""
    return fslkeras.networks.pretrained("omniglot_prototypical").get_layer("encode").encoder


def pixels():
    return keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])


ENCODERS = {
    "raw": (224, "rgb", functools.partial(fslkeras.encoders.efficientnet_lite0, normalize=False)),
    "pixels": (28, "grayscale", pixels),
    "letters": (28, "grayscale", letters),
}


def chosen(encoder, classes):
    """Embeddings, float (n, D), and labels, int (n,), of one of the `CLASSES`."""
    normalized = encoder == "normalized"
    found, names = embeddings("raw" if normalized else encoder)
    if normalized:
        found = found / np.linalg.norm(found, axis=1, keepdims=True)
    here = np.isin(names, CLASSES[classes])
    return found[here], np.unique(names[here], return_inverse=True)[1]


# --- Episodes over embeddings


def episodes(encoder, classes, way, shot, number=EPISODES):
    """Yields support (n, S, D), labels (n, S, N), query (n, Q, D), labels (n, Q, N), n = 20."""
    found, labels = chosen(encoder, classes)
    # Episodes draw images. Here an image is one pixel, and the drawn indices choose embeddings.
    one_pixel = np.zeros((len(labels), 1, 1, 1), "uint8")
    data = fslkeras.datasets.ImageClasses(one_pixel, labels, range(labels.max() + 1))
    draws = fslkeras.Episodes(
        data, way=way, shot=shot, query=QUERY, steps=number // 20, batch_size=20, seed=1
    )
    one_hot = draws.labels(20)
    for i in range(len(draws)):
        support, query = draws.indices(i)
        yield found[support], one_hot["support_labels"], found[query], one_hot["query_labels"]


def accuracy(head, tasks):
    """Mean accuracy of a head, a function of support, labels and query, and its 95 % interval."""
    right = [
        episode_accuracy(y, head(support, labels, query)) for support, labels, query, y in tasks
    ]
    return interval(
        np.concatenate([keras.ops.convert_to_numpy(part).mean(axis=1) for part in right])
    )


def interval(values):
    half = 1.96 * values.std(ddof=1) / len(values) ** 0.5
    return {"mean": round(float(values.mean()), 5), "ci95": round(float(half), 5)}


# --- Heads: functions of support (n, S, D), labels (n, S, N), query (n, Q, D) and a setting


def prototypes(support, labels, query, metric="squared_euclidean"):
    """As `networks.prototypical`; for 1,280 dimensions, products are faster than differences."""
    classes = labels.transpose(0, 2, 1)
    means = classes @ support / classes.sum(axis=2, keepdims=True)
    if metric == "cosine":
        return cosine(query, means)
    squares = (query**2).sum(axis=2, keepdims=True) + (means**2).sum(axis=2)[:, None]
    return 2 * query @ means.transpose(0, 2, 1) - squares


def nearest_neighbor(support, labels, query, _=None):
    of_another_class = np.where(labels > 0, 0, -np.inf)[:, None]
    return (cosine(query, support)[..., None] + of_another_class).max(axis=2)


def matching(support, labels, query, scale):
    """As `networks.matching` with normalize="both"."""
    attention = np.exp(scale * (cosine(query, support) - 1))
    return attention / attention.sum(axis=2, keepdims=True) @ labels


def cosine(a, b):
    a, b = (part / np.linalg.norm(part, axis=2, keepdims=True) for part in (a, b))
    return a @ b.transpose(0, 2, 1)


def logistic_regression(support, labels, query, strength):
    """scikit-learn's, where a larger `strength` regularizes less."""
    fitted = [
        LogisticRegression(C=strength, max_iter=1000).fit(images, classes)
        for images, classes in zip(support, labels.argmax(axis=2), strict=True)
    ]
    return np.stack(
        [one.decision_function(images) for one, images in zip(fitted, query, strict=True)]
    )


def fine_tuned(support, labels, query, rate, steps=100):
    """A linear layer, initialized as the prototypes (Snell et al. 2017, sec. 2.4), then trained."""
    classes = labels.transpose(0, 2, 1)
    means = classes @ support / classes.sum(axis=2, keepdims=True)
    weights, biases = 2 * means.transpose(0, 2, 1), -(means**2).sum(axis=2)[:, None]
    for _ in range(steps):
        logits = support @ weights + biases
        probabilities = np.exp(logits - logits.max(axis=2, keepdims=True))
        error = probabilities / probabilities.sum(axis=2, keepdims=True) - labels
        weights -= rate * support.transpose(0, 2, 1) @ error / labels.shape[1]
        biases -= rate * error.mean(axis=1, keepdims=True)
    return query @ weights + biases


# Each head, with the settings to choose from.
HEADS = {
    "prototypes, squared Euclidean": (prototypes, ("squared_euclidean",)),
    "prototypes, cosine": (prototypes, ("cosine",)),
    "nearest neighbor": (nearest_neighbor, (None,)),
    "matching attention": (matching, (1, 3, 10, 30, 100)),
    "logistic regression": (logistic_regression, (1, 10, 100)),
    "fine-tuned last layer": (fine_tuned, (0.1, 1, 10)),
}


# --- Runs


def across_tasks(encoder, classes):
    """Prototypes: accuracy for each way and shot for which there are enough classes."""
    tasks = {f"{way}w{shot}s": (way, shot) for way, shot in TASKS if way <= len(CLASSES[classes])}
    return {
        name: accuracy(prototypes, episodes(encoder, classes, way, shot))
        for name, (way, shot) in tasks.items()
    }


def conv4(seed):
    """A prototypical network trained on the 60 training classes."""
    network = train_prototypical(in_color(48).take(SPLIT["train"]), steps=STEPS, seed=seed)
    test = in_color(48).take(SPLIT["test"])
    result = {}
    for way, shot in TASKS:
        stream = fslkeras.Episodes(test, way=way, shot=shot, query=QUERY, steps=EPISODES, seed=1)
        result[f"{way}w{shot}s"] = interval(fslkeras.evaluate(network, stream).per_episode)
    return result


def across_shots(head):
    """5-way accuracy of one head for each shot, with the best setting on the validation classes."""
    function, settings = HEADS[head]
    result = {}
    for shot in SHOTS:

        def measured(setting, classes, number, shot=shot):
            def run_head(support, labels, query):
                return function(support, labels, query, setting)

            return accuracy(run_head, episodes("normalized", classes, 5, shot, number))

        best = settings[0]
        if len(settings) > 1:
            best = max(settings, key=lambda setting: measured(setting, "validation", 200)["mean"])
        result[f"5w{shot}s"] = {**measured(best, "test", EPISODES), "setting": best}
    return result


def open_set(encoder):
    """AUROC of "is it one of the five?": photographs of 5 known against 5 unknown classes."""
    result = {}
    for shot in (1, 5):
        areas = []
        for support, labels, query, y in episodes(encoder, "test", 10, shot):
            known = labels[..., :5].any(axis=2)[0]
            scores = prototypes(support[:, known], labels[:, known, :5], query).max(axis=2)
            is_known = y[0, :, :5].any(axis=1)
            areas += [roc_auc_score(is_known, row) for row in scores]
        result[f"5w{shot}s"] = interval(np.array(areas))
    return result


RUNS = {
    **{f"{classes}, {encoder}": {"encoder": encoder, "classes": classes}
       for classes in CLASSES if classes != "validation" for encoder in ("raw", "normalized")},
    **{f"test, {encoder}": {"encoder": encoder, "classes": "test"}
       for encoder in ("pixels", "letters")},
    **over_seeds({"test, conv4": {"trained": f"{STEPS} steps, 48x48"}}, seeds=range(1)),
    **{f"head: {head}": {"head": head} for head in HEADS},
    **{f"open set, {encoder}": {"open_set": encoder} for encoder in ("raw", "normalized")},
}  # fmt: skip


def measure(encoder=None, classes=None, seed=None, trained=None, head=None, **options):
    if options:
        return open_set(options["open_set"])
    if trained:
        return conv4(seed)
    return across_shots(head) if head else across_tasks(encoder, classes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder with one subfolder per class")
    FOLDER = parser.parse_args().folder
    run("photographs", ABOUT, RUNS, measure)
