"""How the benchmarks train and evaluate: recipes, test episodes and published weights."""

import json
import math

import keras
import numpy as np
from keras import ops

import fslkeras
from fslkeras.course.corruptions import CorruptedEpisodes
from fslkeras.evaluation import embed
from fslkeras.networks import encoder_and_head
from fslkeras.paths import DATA

WEIGHTS = DATA / "weights"
EPISODES = 1000  # per evaluation


def glyphs():
    """The glyphs' train alphabets and test alphabets."""
    return tuple(fslkeras.datasets.load("glyphs", split=split) for split in ("train", "test"))


def train_prototypical(data, steps=3000, way=40, query=2, metric="squared_euclidean", seed=0):
    """A prototypical network with Conv4-32, trained on 1-shot episodes.

    Args:
        data: `ImageClasses` to train on.
        steps: training steps of one episode each.
        way, query: classes per training episode, and query images per class.
        metric: as in `layers.Distance`.
        seed: random seed of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    model = fslkeras.networks.prototypical(_conv4(data), metric)
    return _trained(
        model,
        _cross_entropy(),
        fslkeras.Episodes(data, way=way, shot=1, query=query, steps=steps, seed=seed),
    )


def train_classifier(data, steps=1000, metric="cosine", seed=0):
    """A prototypical network whose encoder was trained as an ordinary softmax classifier.

    Its classification layer is discarded (Chen et al. 2019; Wang et al. 2019).

    Args:
        data: `ImageClasses` to train on.
        steps: training steps of 120 images each; every image appears once before any appears again.
        metric: the distance of a query to a prototype after training, as in `layers.Distance`.
        seed: random seed of the initial weights and the order of the images.
    """
    keras.utils.set_random_seed(seed)
    encoder = _conv4(data)
    image = keras.Input(data.images.shape[1:], dtype="uint8")
    features = encoder(keras.layers.Rescaling(1 / 255)(image))
    classifier = keras.Model(image, keras.layers.Dense(data.num_classes)(features))
    rng, needed = np.random.default_rng(seed), steps * 120
    epochs = [rng.permutation(len(data.images)) for _ in range(-(-needed // len(data.images)))]
    order = np.concatenate(epochs)[:needed]
    _compile(classifier, keras.losses.SparseCategoricalCrossentropy(from_logits=True), steps)
    classifier.fit(data.images[order], data.labels[order], batch_size=120, shuffle=False, verbose=0)
    return fslkeras.networks.prototypical(encoder, metric)


def train_on_corrupted(data, network="image", steps=1500, way=20, shot=5, seed=0):
    """A plain or Gaussian prototypical network, trained with half of the support images corrupted.

    Args:
        data: `ImageClasses` to train on.
        network: "squared_euclidean" or "euclidean" for a prototypical network with this distance;
            "image" or "dimension" for a Gaussian prototypical network with one precision per image
            or per dimension.
        steps: training steps of one episode each, with one query image per class.
        way, shot: of a training episode.
        seed: random seed of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    if network in ("image", "dimension"):
        model = fslkeras.networks.gaussian_prototypical(_conv4(data), network)
    else:
        model = fslkeras.networks.prototypical(_conv4(data), network)
    episodes = CorruptedEpisodes(
        data, corrupted=0.5, way=way, shot=shot, query=1, steps=steps, seed=seed
    )
    return _trained(model, _cross_entropy(), episodes)


def train_on_unlabelled(
    data, method="masked", steps=1000, way=20, unlabelled=5, distractors=20, seed=0
):
    """A network that refines its prototypes with unlabeled images.

    It is trained on 1-shot episodes with 2 queries per class.

    Args:
        data: `ImageClasses` to train on.
        method: as in `layers.RefinePrototypes`; "supervised" for a prototypical network without
            refinement; "test only" for the same network with soft k-means added after training.
        steps: training steps of one episode each.
        way, unlabelled, distractors: of a training episode.
        seed: random seed of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    encoder = _conv4(data)
    if method in ("supervised", "test only"):
        model, options = fslkeras.networks.prototypical(encoder), {}
    else:
        model = fslkeras.networks.semi_supervised(encoder, method)
        options = {"unlabelled": unlabelled, "distractors": distractors}
    episodes = fslkeras.Episodes(data, way=way, shot=1, query=2, steps=steps, seed=seed, **options)
    _trained(model, _cross_entropy(), episodes)
    return fslkeras.networks.semi_supervised(encoder, "soft") if method == "test only" else model


def train_relation(
    data, steps=2000, way=20, shot=1, query=3, loss="mean_squared_error", reduction="sum", seed=0
):
    """A relation network with 32 filters.

    Args:
        data: `ImageClasses` to train on.
        steps: training steps of one episode each.
        way, shot, query: of a training episode.
        loss: between the scores in 0..1 and the one-hot labels: "mean_squared_error";
            "binary_crossentropy" of each score on its own; or "categorical_crossentropy" of the
            scores divided by their sum.
        reduction: "sum" or "mean" over the shots. At 1 shot they are the same.
        seed: random seed of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    encoder = fslkeras.encoders.conv4(
        data.images.shape[1:], filters=32, pooled_blocks=2, flatten=False
    )
    model = fslkeras.networks.relation(encoder, filters=32, reduction=reduction)
    return _trained(
        model,
        loss,
        fslkeras.Episodes(data, way=way, shot=shot, query=query, steps=steps, seed=seed),
    )


def train_matching(
    data,
    steps=3000,
    way=40,
    query=2,
    normalize="support",
    scale=1.0,
    start=10.0,
    encoders=1,
    context_steps=0,
    seed=0,
):
    """A matching network with Conv4-32, trained on 1-shot episodes.

    Args:
        data: `ImageClasses` to train on.
        steps: training steps of one episode each.
        way, query: classes per training episode, and query images per class.
        normalize, scale, context_steps: as in `networks.matching`.
        start: the initial value of a learned scale.
        encoders: 1 for a shared encoder, or 2 for separate encoders of support and queries.
        seed: random seed of the initial weights and the episodes.
    """
    keras.utils.set_random_seed(seed)
    options = {"normalize": normalize, "scale": scale, "context_steps": context_steps}
    model = fslkeras.networks.matching(*(_conv4(data) for _ in range(encoders)), **options)
    if scale == "learned":
        model.get_layer("head").get_layer("attention").log_scale.assign(math.log(start))
    return _trained(
        model,
        _cross_entropy(),
        fslkeras.Episodes(data, way=way, shot=1, query=query, steps=steps, seed=seed),
    )


def train_siamese(
    data,
    energy="euclidean",
    encoder="conv4",
    pairs="all",
    margin=5.0,
    steps=1500,
    seed=0,
    loss=None,
):
    """A Siamese network, trained on 120 images per step.

    Args:
        data: `ImageClasses` to train on.
        energy: as in `networks.siamese`. Distances are trained with the contrastive loss, weighted
            L1 with binary cross-entropy.
        encoder: "conv4" with 32 filters, or "koch" scaled down to 28x28 images.
        pairs: "all" 3,200 pairs of the 40 support and 80 query images of a 40-way episode; or 60
            "random" pairs, half of them from the same class.
        margin: the margin of the contrastive or the triplet loss.
        steps: training steps.
        seed: random seed of the initial weights and the images.
        loss: "triplet" or "InfoNCE", on all pairs with a distance; None for the contrastive loss.
    """
    keras.utils.set_random_seed(seed)
    if encoder == "koch":
        encoder = fslkeras.encoders.koch(
            (28, 28, 1), (32, 64, 128, 128), (3, 3, 2, 2), 512, "glorot_uniform"
        )
    else:
        encoder = _conv4(data)
    siamese = fslkeras.networks.siamese(encoder, energy)
    if energy == "weighted_l1":
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
    elif loss is None:
        loss = fslkeras.losses.ContrastiveLoss(margin)
    else:
        loss = {"triplet": triplet_loss(margin), "InfoNCE": info_nce}[loss]
    if pairs == "all":
        episodes = fslkeras.networks.episode_model(siamese)
        network = (
            episodes if energy == "weighted_l1" else keras.Model(episodes.input, -episodes.output)
        )
        examples = fslkeras.Episodes(data, way=40, shot=1, query=2, steps=steps, seed=seed)
    else:
        network, examples = siamese, fslkeras.Pairs(data, batch_size=60, steps=steps, seed=seed)
    _trained(network, loss, examples)
    return siamese


def triplet_loss(margin):
    """Mean of max(0, margin + d_own - d_other) over all triplets (Schroff et al. 2015).

    A triplet is a query, the support image of its own class, and one of another class. The paper
    squares the distances.

    Args:
        margin: how much farther away the other class should be.
    Returns:
        function from one-hot labels (B, Q, N) and distances (B, Q, N) to a scalar.
    """

    def loss(labels, distances):
        own = ops.sum(labels * distances, axis=-1, keepdims=True)
        others = 1 - labels
        return ops.sum(others * ops.relu(margin + own - distances)) / ops.sum(others)

    return loss


def info_nce(labels, distances):
    """Cross-entropy of minus the squared distances (B, Q, N) (van den Oord et al. 2018).

    At one shot, it is the loss of a prototypical network.
    """
    return ops.mean(ops.categorical_crossentropy(labels, -ops.square(distances), from_logits=True))


def _conv4(data):
    return fslkeras.encoders.conv4(data.images.shape[1:], filters=32)


def _cross_entropy():
    return keras.losses.CategoricalCrossentropy(from_logits=True)


def _trained(network, loss, examples):
    """Trains a network for one epoch with Adam, decaying from 2e-3 to 0 along a cosine."""
    _compile(network, loss, len(examples))
    network.fit(examples, verbose=0)
    return network


def _compile(network, loss, steps):
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, steps)
    network.compile(keras.optimizers.Adam(schedule), loss)


def evaluation_episodes(data, way, shot, query=15, part=1.0, **options):
    """The episodes to evaluate every network on: 1,000, or a part of that, with a fixed seed."""
    steps = max(2, round(part * EPISODES))  # an interval needs two
    stream = CorruptedEpisodes if "corrupted" in options else fslkeras.Episodes
    return stream(data, way=way, shot=shot, query=query, steps=steps, seed=1, **options)


def accuracy(model, data, way, shot, **options):
    """Accuracy over `evaluation_episodes` and its 95 % interval, rounded as in data/results."""
    result = fslkeras.evaluate(model, evaluation_episodes(data, way, shot, **options))
    return {"mean": round(result.mean, 5), "ci95": round(result.ci95, 5)}


def embedded_episodes(model, episodes, at_once=20):
    """Yields inputs x for the head of a network, in batches of `at_once` episodes.

    The network has one encoder, which embeds every image once.
    """
    encode, _ = encoder_and_head(model)
    embeddings = embed(encode.encoder, episodes.images)
    for start in range(0, len(episodes), at_once):
        numbers = range(start, min(start + at_once, len(episodes)))
        drawn = zip(*(episodes.indices(i, epoch=0) for i in numbers), strict=True)
        support, query = (embeddings[np.concatenate(indices)] for indices in drawn)
        labels = episodes.labels(len(numbers))["support_labels"]
        yield {"support": support, "query": query, "support_labels": labels}


def mean_and_interval(per_episode):
    """Mean over episodes and half the width of its 95 % interval, rounded as in data/results."""
    ci95 = 1.96 * np.std(per_episode, ddof=1) / len(per_episode) ** 0.5
    return {"mean": round(float(np.mean(per_episode)), 5), "ci95": round(float(ci95), 5)}


def accuracies(model, data, tasks=((5, 1), (5, 5), (20, 1), (20, 5))):
    """Accuracy for each (way, shot)."""
    return {f"{way}w{shot}s": accuracy(model, data, way, shot) for way, shot in tasks}


def publish(name, model, trained_on, results):
    """Saves a trained network and its results in data/weights, for `networks.pretrained(name)`."""
    # Without the optimizer, whose two numbers per weight would triple the file size.
    part = WEIGHTS / f"{name}.part.keras"
    keras.Model(model.input, model.output, name=model.name).save(part)
    part.replace(WEIGHTS / f"{name}.keras")
    index = WEIGHTS / "weights.json"
    about = json.loads(index.read_text(encoding="utf-8"))
    # "network", how it is built, is already there, or must be written by hand.
    about[name] = {**about.get(name, {}), "trained on": trained_on, "results": results}
    part = index.with_suffix(".part")
    part.write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    part.replace(index)
