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

import frozen_heads
import keras
import numpy as np
from grid import over_seeds, run
from sklearn.metrics import roc_auc_score
from training import mean_and_interval, train_prototypical

import fslkeras
from fslkeras.datasets.caltech101 import SPLIT
from fslkeras.evaluation import embed
from fslkeras.metrics import episode_accuracy

EPISODES, QUERY, PHOTOGRAPHS, STEPS = 600, 10, 30, 600
TASKS = ((5, 1), (5, 5), (20, 1), (20, 5))
SHOTS = (1, 2, 3, 5, 10, 20)
# For each test class, a class of ImageNet that is the same, a kind of it, or its whole; None if
# there is none among the 1,000 names, as timm 1.0 lists them in imagenet_synset_to_lemma.txt.
IN_IMAGENET = {
    "bass": None,  # the fish
    "brain": None,  # "brain coral" only looks like one
    "buddha": None,
    "butterfly": "monarch",
    "cannon": "cannon",
    "chair": "folding chair",
    "crab": "Dungeness crab",
    "crayfish": "crayfish",
    "crocodile": "African crocodile",
    "crocodile_head": "African crocodile",
    "cup": "cup",
    "dolphin": "killer whale",  # the largest dolphin
    "euphonium": None,  # other brass only: "trombone", "French horn"
    "grand_piano": "grand piano",
    "lamp": "table lamp",
    "lotus": None,
    "pigeon": None,
    "sea_horse": None,
    "snoopy": None,  # a drawing; "beagle" shows real dogs
    "sunflower": None,
    "umbrella": "umbrella",
    "watch": "digital watch",
    "water_lilly": None,
    "windsor_chair": None,  # other kinds of chair only
    "yin_yang": None,
}
CLASSES = {
    "all 100": sum(SPLIT.values(), []),
    **SPLIT,
    "test, in ImageNet": [name for name, same in IN_IMAGENET.items() if same],
    "test, not in ImageNet": [name for name, same in IN_IMAGENET.items() if not same],
}
ABOUT = (
    "Caltech-101 without Faces_easy and the background, the first 30 photographs of each class; "
    f"{EPISODES} episodes, {QUERY} queries per class; EfficientNet-Lite0 at 224x224, frozen; test "
    f"classes not in ImageNet: {', '.join(CLASSES['test, not in ImageNet'])}"
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
    return mean_and_interval(
        np.concatenate([keras.ops.convert_to_numpy(part).mean(axis=1) for part in right])
    )


# --- Heads


def pairs(classes, number=EPISODES):
    """Cosine of each query and each example, (20, Q, S), and whether their class is the same."""
    return [
        (frozen_heads.cosine(query, support), y @ labels.transpose(0, 2, 1) > 0)
        for support, labels, query, y in episodes("normalized", classes, 5, 1, number)
    ]


@functools.cache
def same_class():
    """The lowest cosine of "the same class" that is best on pairs of the validation classes."""
    validation = pairs("validation", 200)
    cosines = np.linspace(0, 1, 101).round(2).tolist()
    return max(cosines, key=lambda one: frozen_heads.verification(one, validation).mean())


def siamese(support, labels, query, _=None):
    return frozen_heads.siamese_threshold(support, labels, query, same_class())


@functools.cache
def trained_relation_module(shot, steps):
    """A relation module, trained on 5-way episodes of the training classes."""
    keras.utils.set_random_seed(0)
    stream = episodes("normalized", "train", 5, shot, 20 * steps)
    head = frozen_heads.relation_module(1280)
    head.compile(keras.optimizers.Adam(1e-3), keras.losses.MeanSquaredError())
    batches = ((frozen_heads.inputs(*x), y) for *x, y in stream)
    head.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)
    return head


def relation(support, labels, query, steps):
    head = trained_relation_module(support.shape[1] // labels.shape[2], steps)
    return keras.ops.convert_to_numpy(head(frozen_heads.inputs(support, labels, query)))


# Each head, with the settings to choose from.
HEADS = {
    "prototypes, squared Euclidean": (frozen_heads.prototypes, ("squared_euclidean",)),
    "prototypes, cosine": (frozen_heads.prototypes, ("cosine",)),
    "nearest neighbor": (frozen_heads.nearest_neighbor, (None,)),
    "matching attention": (frozen_heads.matching, (1, 3, 10, 30, 100)),
    "Siamese threshold": (siamese, (None,)),
    "relation module": (relation, (10, 30, 100)),
    "logistic regression": (frozen_heads.logistic_regression, (1, 10, 100)),
    "fine-tuned last layer": (frozen_heads.fine_tuned, (0.1, 1, 10)),
}


# --- Runs


def across_tasks(encoder, classes):
    """Prototypes: accuracy for each way and shot for which there are enough classes."""
    tasks = {f"{way}w{shot}s": (way, shot) for way, shot in TASKS if way <= len(CLASSES[classes])}
    return {
        name: accuracy(frozen_heads.prototypes, episodes(encoder, classes, way, shot))
        for name, (way, shot) in tasks.items()
    }


def conv4(seed):
    """A prototypical network trained on the 60 training classes."""
    network = train_prototypical(in_color(48).take(SPLIT["train"]), steps=STEPS, seed=seed)
    test = in_color(48).take(SPLIT["test"])
    result = {}
    for way, shot in TASKS:
        stream = fslkeras.Episodes(test, way=way, shot=shot, query=QUERY, steps=EPISODES, seed=1)
        result[f"{way}w{shot}s"] = mean_and_interval(fslkeras.evaluate(network, stream).per_episode)
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


def unknown_classes(encoder):
    """AUROC of "is it one of the five?": photographs of 5 known against 5 unknown classes."""
    result = {}
    for shot in (1, 5):
        areas = []
        for support, labels, query, y in episodes(encoder, "test", 10, shot):
            known = labels[..., :5].any(axis=2)[0]
            scores = frozen_heads.prototypes(support[:, known], labels[:, known, :5], query).max(
                axis=2
            )
            is_known = y[0, :, :5].any(axis=1)
            areas += [roc_auc_score(is_known, row) for row in scores]
        result[f"5w{shot}s"] = mean_and_interval(np.array(areas))
    return result


RUNS = {
    **{f"{classes}, {encoder}": {"encoder": encoder, "classes": classes}
       for classes in CLASSES if classes not in ("train", "validation")
       for encoder in ("raw", "normalized")},
    **{f"test, {encoder}": {"encoder": encoder, "classes": "test"}
       for encoder in ("pixels", "letters")},
    **{f"head: {head}": {"head": head} for head in HEADS},
    "verification": {"verify": "test"},
    **{f"open set, {encoder}": {"open_set": encoder} for encoder in ("raw", "normalized")},
    **over_seeds({"test, conv4": {"trained": f"{STEPS} steps, 48x48"}}),
}  # fmt: skip


def measure(
    encoder=None, classes=None, seed=None, trained=None, head=None, verify=None, open_set=None
):
    if open_set:
        return unknown_classes(open_set)
    if verify:
        right = frozen_heads.verification(same_class(), pairs(verify))
        return {"balanced accuracy": mean_and_interval(right), "threshold": same_class()}
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
