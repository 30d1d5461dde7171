"""Accuracy over many episodes."""

import copy
import dataclasses

import keras
import numpy as np

from fslkeras.episodes import Episodes
from fslkeras.networks import encoder_and_head, episode_inputs
from fslkeras.validation import check_image_shape, check_one_hot

__all__ = ["EvaluationResult", "evaluate"]


@dataclasses.dataclass(frozen=True)
class EvaluationResult:
    """Accuracy over episodes, with its confidence interval.

    Args:
        mean: Mean accuracy, in [0, 1].
        ci95: Half-width of its 95% confidence interval over episodes, `1.96 s / sqrt(n)`, which
            covers episode sampling only; NaN for a single episode.
        per_episode: float (n,), the accuracy of each episode, in [0, 1].
    """

    mean: float
    ci95: float
    per_episode: np.ndarray

    def __str__(self):
        percent = f"{100 * self.mean:.2f} ± {100 * self.ci95:.2f} %"
        return f"{percent} over {len(self.per_episode)} episodes"


def evaluate(model, episodes):
    """Measures the accuracy of a network over all episodes of epoch 0.

    If the network is an encoder and a head, each image is embedded once, however many episodes it
    is in, and only the head runs per episode. Any other model, and any stream that changes its
    images, runs whole.

    Args:
        model: `keras.Model` from episodes to scores (B, Q, N), or any function of x that returns
            such an array.
        episodes: `fslkeras.Episodes`; for 1,000 episodes, steps * batch_size = 1000.
    Returns:
        `EvaluationResult`, the accuracy with ties counted as 1/m and NaN as wrong, as in
        `metrics.episode_accuracy`.
    Raises:
        ValueError: If an argument is of the wrong type, the model does not fit the episodes, or its
            scores do not have the shape (B, Q, N).
    """
    _check(model, episodes)
    network = encoder_and_head(model)
    if type(episodes).__getitem__ is not Episodes.__getitem__ or episodes.augment is not None:
        batches, run = _items(episodes), model
    elif network is None:
        sets = _indices(episodes)
        at_once = max(1, 400 // sum(indices.shape[1] for indices in sets.values()))
        images = dict.fromkeys(sets, episodes.images)
        batches, run = _from_indices(episodes, sets, images, at_once), model
    else:
        encode, run = network
        sets, embeddings, at_once = _embedded(episodes, encode, model.input)
        if len(sets["support"]) > 32 * at_once:
            # Tracing takes a moment, and pays off over many batches.
            run = _convolved_once(run, embeddings).predict_on_batch
        batches = _from_indices(episodes, sets, embeddings, at_once)
    per_episode = np.concatenate([_accuracies(run(_taken(model, x)), y) for x, y in batches])
    spread = per_episode.std(ddof=1) if len(per_episode) > 1 else np.nan
    ci95 = float(1.96 * spread / len(per_episode) ** 0.5)
    return EvaluationResult(float(per_episode.mean()), ci95, per_episode)


def embed(encoder, images, indices=None):
    """Embeds images in batches.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to embeddings (n, ...).
        images: (m, H, W, C), uint8, or float in [0, 1].
        indices: int (n,), which images to embed; None for all.
    Returns:
        float array (n, ...): the embeddings.
    """
    indices = np.arange(len(images)) if indices is None else indices
    # Keras keeps the output of every layer: about 100 MB per 224x224 photograph in a backbone.
    batch_size = max(1, min(128, 2**17 // (images.shape[1] * images.shape[2])))
    # Tracing takes a moment and halves the time per batch. It does not pay off for a few images.
    traced = len(indices) > 4 * batch_size
    run = encoder.predict_on_batch if traced else lambda batch: encoder(batch, training=False)
    starts = range(0, len(indices), batch_size)
    batches = (as_float(images[indices[start : start + batch_size]]) for start in starts)
    return np.concatenate([keras.ops.convert_to_numpy(run(batch)) for batch in batches])


def as_float(images):
    """Images as networks take them, float in [0, 1]."""
    return images.astype("float32") / 255 if images.dtype == np.uint8 else images


def _accuracies(scores, labels):
    scores = keras.ops.convert_to_numpy(scores)
    if scores.shape != labels.shape:
        raise ValueError(
            f"evaluate expected scores of shape {labels.shape}, (episodes, queries, classes). "
            f"Received: scores of shape {scores.shape}."
        )
    check_one_hot("evaluate", "y", labels)
    # As metrics.episode_accuracy, but in float64: chance is exactly 1/N. NaN equals nothing.
    highest = scores == scores.max(axis=-1, keepdims=True)
    return ((highest * labels).sum(axis=-1) / np.maximum(highest.sum(axis=-1), 1)).mean(axis=-1)


def _taken(model, x):
    """The inputs that a network takes, since Keras warns about others. A function takes all."""
    inputs = getattr(model, "input", None)
    return {name: x[name] for name in inputs} if isinstance(inputs, dict) else x


def _items(episodes):
    """The items of epoch 0."""
    first_epoch = copy.copy(episodes)
    first_epoch.epoch = 0
    return (first_epoch[i] for i in range(len(episodes)))


def _embedded(episodes, encode, inputs):
    """Indices for each set of images, the embeddings they point into, and episodes per batch."""
    sets = {name: indices for name, indices in _indices(episodes).items() if name in inputs}
    every = np.concatenate([indices.ravel() for indices in sets.values()])
    used, inverse = np.unique(every, return_inverse=True)
    inverse = np.split(inverse, np.cumsum([indices.size for indices in sets.values()])[:-1])
    sets = {name: part.reshape(sets[name].shape) for name, part in zip(sets, inverse, strict=True)}
    embeddings = dict.fromkeys(sets, embed(encode.encoder, episodes.images, used))
    if encode.query_encoder is not None:
        embeddings["query"] = embed(encode.query_encoder, episodes.images, used)
    comparisons = episodes.way * episodes.query * episodes.way
    return sets, embeddings, max(1, 8192 // comparisons)  # batches of about 8,000 comparisons


def _convolved_once(head, embeddings):
    """Moves the first convolution of a relation network, which is linear, from its head to `embed`.

    Returns the head that remains, and changes `embeddings`. Leaves other networks alone.
    """
    steps = [step for model in (head, *head.layers) for step in _steps(model)]
    kinds = [type(step).__name__ for step in steps]
    if kinds != ["Functional", "Sigmoid", "Prototypes", "RelationModule"]:
        return head
    gather, compare = steps[2:]
    for name, layer in (("support", compare.convolve_class), ("query", compare.convolve_query)):
        convolve = keras.Sequential([keras.Input(compare.map_shape), layer])
        embeddings[name] = embed(convolve, embeddings[name])
    inputs = episode_inputs(embeddings["query"].shape[1:])
    class_maps = gather(inputs["support"], inputs["support_labels"])
    scores = keras.ops.sigmoid(compare(inputs["query"], class_maps, convolved=True))
    remaining = keras.Model(inputs, scores)
    # XLA fuses the operations on pairs. Keras leaves it off on TensorFlow without a GPU.
    remaining.jit_compile = keras.backend.backend() != "torch"
    return remaining


def _steps(model):
    operations = getattr(model, "operations", ())
    return [step for step in operations if not isinstance(step, keras.layers.InputLayer)]


def _indices(episodes):
    drawn = zip(*(episodes.indices(i, epoch=0) for i in range(len(episodes))), strict=True)
    return dict(zip(("support", "query", "unlabelled"), map(np.concatenate, drawn), strict=False))


def _from_indices(episodes, sets, arrays, at_once):
    """Batches (x, y) of `at_once` episodes."""
    for start in range(0, len(sets["support"]), at_once):
        batch = {name: indices[start : start + at_once] for name, indices in sets.items()}
        labels = episodes.labels(len(batch["support"]))
        y = labels.pop("query_labels")
        x = {name: as_float(arrays[name][indices]) for name, indices in batch.items()}
        yield {**x, **labels}, y


def _check(model, episodes):
    if not isinstance(episodes, Episodes) or not callable(model):
        raise ValueError(
            "evaluate expected a keras.Model or a function, followed by fslkeras.Episodes. "
            f"Received: objects of type {type(model).__name__} and {type(episodes).__name__}."
        )
    inputs = getattr(model, "input", None)
    if not isinstance(inputs, dict):
        return
    if set(inputs) - {"unlabelled"} != {"support", "support_labels", "query"}:
        raise ValueError(
            "evaluate expected a network with the inputs 'support', 'support_labels' and 'query'. "
            f"Received: one with the inputs {list(inputs)}. For a Siamese network over pairs, "
            "evaluate fslkeras.networks.episode_model(siamese)."
        )
    if "unlabelled" in inputs and not episodes.unlabelled:
        raise ValueError(
            "evaluate expected episodes with unlabeled images, which this model takes. "
            "Received: episodes without. Use Episodes(..., unlabelled=5)."
        )
    expected, received = inputs["support"].shape[2:], episodes.images.shape[1:]
    check_image_shape("evaluate", "episodes", expected, received)
