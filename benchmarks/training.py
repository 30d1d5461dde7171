"""The recipes by which the benchmarks train: each is that of its chapter."""

import json
import os
import platform
from pathlib import Path

import fslkeras  # before keras: it keeps TensorFlow's start-up messages away
import keras

DATA = Path(__file__).parent.parent / "data"
RESULTS, WEIGHTS = DATA / "results", DATA / "weights"


def train_prototypical(data, steps=3000, way=40, query=2, metric="squared_euclidean", seed=0):
    """A prototypical network with Conv4-32, trained on 1-shot episodes by Adam, 2e-3 at the start and 0 at the end.

    Args:
        data: `ImageClasses` to train on.
        steps: episodes, one a step.
        way, query: classes of a training episode, and query images of each.
        metric: as in `layers.Distance`.
        seed: of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    model = fslkeras.networks.prototypical(fslkeras.encoders.conv4(data.images.shape[1:], filters=32), metric)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    return _trained(model, loss, fslkeras.Episodes(data, way=way, shot=1, query=query, steps=steps, seed=seed))


def train_on_corrupted(data, network="image", steps=1500, way=20, shot=5, seed=0):
    """A plain or Gaussian prototypical network, trained with half of the support images spoiled.

    Args:
        data: `ImageClasses` to train on.
        network: "squared_euclidean" or "euclidean" for a prototypical network with this distance, or "image" or "dimension" for a
            Gaussian one with a precision for each.
        steps: episodes, one a step, with one query image of each class.
        way, shot: of a training episode.
        seed: of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    encoder = fslkeras.encoders.conv4(data.images.shape[1:], filters=32)
    if network in ("image", "dimension"):
        model = fslkeras.networks.gaussian_prototypical(encoder, network)
    else:
        model = fslkeras.networks.prototypical(encoder, network)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    return _trained(
        model, loss, fslkeras.Episodes(data, way=way, shot=shot, query=1, steps=steps, seed=seed, corrupted=0.5)
    )


def train_on_unlabelled(data, method="masked", steps=1000, way=20, unlabelled=5, distractors=20, seed=0):
    """A prototypical network on 1-shot episodes with 2 queries a class, its prototypes refined by unlabelled images or not.

    Args:
        data: `ImageClasses` to train on.
        method: of the `layers.RefinePrototypes`; "supervised" for a prototypical network on the same labelled images; "test only" for
            that network, with soft k-means behind it once it is trained.
        steps: episodes, one a step.
        way, unlabelled, distractors: of a training episode.
        seed: of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    encoder = fslkeras.encoders.conv4(data.images.shape[1:], filters=32)
    if method in ("supervised", "test only"):
        model, further = fslkeras.networks.prototypical(encoder), {}
    else:
        model = fslkeras.networks.semi_supervised(encoder, method)
        further = {"unlabelled": unlabelled, "distractors": distractors}
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    _trained(model, loss, fslkeras.Episodes(data, way=way, shot=1, query=2, steps=steps, seed=seed, **further))
    return fslkeras.networks.semi_supervised(encoder, "soft") if method == "test only" else model


def train_relation(data, steps=2000, way=20, shot=1, query=3, loss="mean_squared_error", reduction="sum", seed=0):
    """A relation network with 32 filters, trained as the prototypical one.

    Args:
        data: `ImageClasses` to train on.
        steps: episodes, one a step.
        way, shot, query: of a training episode.
        loss: between the scores 0..1 and the one-hot labels: "mean_squared_error", "binary_crossentropy" for each score by itself, or
            "categorical_crossentropy" of the scores divided by their sum.
        reduction: "sum" or "mean" over the shots; at 1 shot, they train alike.
        seed: of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    encoder = fslkeras.encoders.conv4(data.images.shape[1:], filters=32, pooled_blocks=2, flatten=False)
    model = fslkeras.networks.relation(encoder, filters=32, reduction=reduction)
    return _trained(model, loss, fslkeras.Episodes(data, way=way, shot=shot, query=query, steps=steps, seed=seed))


def train_matching(
    data, steps=3000, way=40, query=2, normalize="support", scale=1.0, encoders=1, context_steps=0, seed=0
):
    """A matching network with Conv4-32, trained as the prototypical one.

    Args:
        data: `ImageClasses` to train on.
        steps: episodes, one a step.
        way, query: classes of a training episode, and query images of each.
        normalize, scale, context_steps: as in `networks.matching`.
        encoders: 1 for support and queries, or 2, one for each.
        seed: of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    of_support, *of_queries = (fslkeras.encoders.conv4(data.images.shape[1:], filters=32) for _ in range(encoders))
    model = fslkeras.networks.matching(
        of_support, *of_queries, normalize=normalize, scale=scale, context_steps=context_steps
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    return _trained(model, loss, fslkeras.Episodes(data, way=way, shot=1, query=query, steps=steps, seed=seed))


def train_siamese(data, energy="euclidean", encoder="conv4", pairs="all", margin=5.0, steps=1500, seed=0):
    """A Siamese network, trained by Adam on 120 images a step: chapter 1's recipe.

    Args:
        data: `ImageClasses` to train on.
        energy: as in `networks.siamese`. Distances are trained by the contrastive loss, weighted L1 by binary cross-entropy.
        encoder: "conv4" with 32 filters, or "koch" in its size for 28x28 images.
        pairs: "all" 3,200 pairs of the 40 support and 80 query images of a 40-way episode, or 60 "random" pairs, half of a class each.
        margin: of the contrastive loss.
        steps: how many.
        seed: of the initial weights and the images.
    """
    keras.utils.set_random_seed(seed)
    if encoder == "koch":
        encoder = fslkeras.encoders.koch((28, 28, 1), (32, 64, 128, 128), (3, 3, 2, 2), 512, "glorot_uniform")
    else:
        encoder = fslkeras.encoders.conv4(filters=32)
    siamese = fslkeras.networks.siamese(encoder, energy)
    if energy == "weighted_l1":
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
    else:
        loss = fslkeras.losses.ContrastiveLoss(margin)
    if pairs == "all":
        episodes = fslkeras.networks.episode_model(siamese)
        network = episodes if energy == "weighted_l1" else keras.Model(episodes.input, -episodes.output)
        examples = fslkeras.Episodes(data, way=40, shot=1, query=2, steps=steps, seed=seed)
    else:
        network, examples = siamese, fslkeras.Pairs(data, batch_size=60, steps=steps, seed=seed)
    _trained(network, loss, examples)
    return siamese


def _trained(network, loss, examples):
    """The network after one epoch of the examples with Adam, its learning rate falling from 2e-3 to 0."""
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, len(examples))
    network.compile(keras.optimizers.Adam(schedule), loss)
    network.fit(examples, verbose=0)
    return network


def accuracies(model, data, tasks=((5, 1), (5, 5), (20, 1), (20, 5))):
    """Accuracy and 95 % interval at each (way, shot), over 1,000 episodes of 15 queries a class."""
    return {
        f"{way}w{shot}s": accuracy(model, fslkeras.Episodes(data, way=way, shot=shot, query=15, steps=1000, seed=1))
        for way, shot in tasks
    }


def accuracy(model, episodes):
    """Accuracy over these episodes and its 95 % interval, rounded, as the results hold it."""
    result = fslkeras.evaluate(model, episodes)
    return {"mean": round(result.mean, 5), "ci95": round(result.ci95, 5)}


def row(figures):
    """The accuracies of one network as one line of a table, in per cent."""
    return "   ".join(f"{task} {100 * f['mean']:.1f} ± {100 * f['ci95']:.1f}" for task, f in figures.items())


def load_results(name):
    """What an earlier, perhaps unfinished, run of a benchmark wrote to data/results, or nothing."""
    path = RESULTS / name
    return json.loads(path.read_text()) if path.exists() else {"runs": {}}


def save_results(name, results):
    """Writes a benchmark's results with the versions and the machine's cores, whole or not at all."""
    RESULTS.mkdir(exist_ok=True)
    results["made with"] = {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "cores": os.cpu_count(),
    }
    part = RESULTS / (name + ".part")
    part.write_text(json.dumps(results, indent=1) + "\n")
    part.replace(RESULTS / name)


def ship(name, model, trained_on, figures):
    """Puts a trained network into data/weights, for `networks.pretrained(name)`, with what it was trained on and what it reached."""
    WEIGHTS.mkdir(exist_ok=True)
    # Without the optimizer, whose two numbers for each weight would make the file three times as large.
    keras.Model(model.input, model.output, name=model.name).save(WEIGHTS / f"{name}.keras")
    index = WEIGHTS / "weights.json"
    about = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {}
    about[name] = {"trained on": trained_on, "results": figures}
    index.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
