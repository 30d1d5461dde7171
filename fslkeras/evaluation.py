"""Accuracy of a network over many episodes."""

import copy
import dataclasses

import keras
import numpy as np

from fslkeras.episodes import Episodes
from fslkeras.networks import encoder_and_head
from fslkeras.validation import check_image_shape, check_one_hot


@dataclasses.dataclass(frozen=True)
class EvaluationResult:
    """Accuracy over episodes.

    Args:
        mean: mean accuracy, 0..1.
        ci95: half the width of its 95 % confidence interval over episodes, 1.96 s / sqrt(n); NaN for one episode.
        per_episode: float (n,), the accuracy of each episode, 0..1.
    """

    mean: float
    ci95: float
    per_episode: np.ndarray

    def __str__(self):
        return (
            f"{100 * self.mean:.2f} ± {100 * self.ci95:.2f} % over {len(self.per_episode)} episodes"
        )


def evaluate(model, episodes):
    """Accuracy of a network over all episodes of epoch 0.

    A network that is an encoder and a head embeds each image once, whatever the number of episodes it appears in; only the head then
    runs for each episode. Any other model, and any stream that changes its images, is run whole.

    Args:
        model: `keras.Model` from episodes to scores (B, Q, N), or any function of x that returns such an array.
        episodes: `fslkeras.Episodes`. 1,000 episodes are steps * batch_size = 1000.
    Returns:
        `EvaluationResult`.
    Raises:
        ValueError: if the arguments are of another kind, the model takes other images or other inputs than the episodes have, or its
            scores are not of shape (B, Q, N).
    """
    _check(model, episodes)
    network = encoder_and_head(model)
    if type(episodes).__getitem__ is not Episodes.__getitem__ or episodes.augment is not None:
        batches, run = _items(episodes), model
    elif network is None:
        sets = _indices(episodes)
        at_once = max(1, 400 // sum(indices.shape[1] for indices in sets.values()))
        batches, run = (
            _from_indices(episodes, sets, dict.fromkeys(sets, episodes.images), at_once),
            model,
        )
    else:
        encode, run = network
        sets, embeddings, at_once = _embedded(episodes, encode, model.input)
        batches = _from_indices(episodes, sets, embeddings, at_once)
        if len(sets["support"]) > 32 * at_once:
            run = (
                run.predict_on_batch
            )  # tracing takes a fraction of a second, which pays where there are many batches
    per_episode = np.concatenate([_accuracies(run(_taken(model, x)), y) for x, y in batches])
    spread = per_episode.std(ddof=1) if len(per_episode) > 1 else np.nan
    return EvaluationResult(
        float(per_episode.mean()), float(1.96 * spread / len(per_episode) ** 0.5), per_episode
    )


def embed(encoder, images, indices=None):
    """The encoder's output, float, for each image or those at the indices, uint8 or float in 0..1, which are read batch by batch."""
    indices = np.arange(len(images)) if indices is None else indices
    # Keras keeps the output of every layer until the last one: of a backbone, some 100 MB per photograph of 224x224 pixels.
    batch_size = max(1, min(128, 2**18 // (images.shape[1] * images.shape[2])))
    # Tracing takes a fraction of a second, and then each batch half as long. For a handful of images that is no gain.
    run = (
        encoder.predict_on_batch
        if len(indices) > 4 * batch_size
        else lambda batch: encoder(batch, training=False)
    )
    starts = range(0, len(indices), batch_size)
    batches = (as_float(images[indices[start : start + batch_size]]) for start in starts)
    return np.concatenate([keras.ops.convert_to_numpy(run(batch)) for batch in batches])


def as_float(images):
    """Images as networks take them: float, in 0..1."""
    return images.astype("float32") / 255 if images.dtype == np.uint8 else images


def _accuracies(scores, labels):
    scores = keras.ops.convert_to_numpy(scores)
    if scores.shape != labels.shape:
        raise ValueError(
            f"evaluate expected scores (episodes, queries, classes) of shape {labels.shape}. Received: {scores.shape}."
        )
    check_one_hot("evaluate", "y", labels)
    # As metrics.episode_accuracy, but in float64: a constant model is right in exactly one of N. NaN equals nothing.
    highest = scores == scores.max(axis=-1, keepdims=True)
    return ((highest * labels).sum(axis=-1) / np.maximum(highest.sum(axis=-1), 1)).mean(axis=-1)


def _taken(model, x):
    """What a network takes of x, since Keras warns of anything else. A function takes all."""
    inputs = getattr(model, "input", None)
    return {name: x[name] for name in inputs} if isinstance(inputs, dict) else x


def _items(episodes):
    """The stream's own items of epoch 0."""
    first_epoch = copy.copy(episodes)
    first_epoch.epoch = 0
    return (first_epoch[i] for i in range(len(episodes)))


def _embedded(episodes, encode, inputs):
    """The embeddings of all episodes of epoch 0, each image embedded once: indices for each set, and the arrays they point into."""
    sets = {name: indices for name, indices in _indices(episodes).items() if name in inputs}
    used, inverse = np.unique(
        np.concatenate([indices.ravel() for indices in sets.values()]), return_inverse=True
    )
    inverse = np.split(inverse, np.cumsum([indices.size for indices in sets.values()])[:-1])
    sets = {name: part.reshape(sets[name].shape) for name, part in zip(sets, inverse, strict=True)}
    embeddings = dict.fromkeys(sets, embed(encode.encoder, episodes.images, used))
    if encode.query_encoder is not None:
        embeddings["query"] = embed(encode.query_encoder, episodes.images, used)
    comparisons = episodes.way * episodes.query * episodes.way
    return sets, embeddings, max(1, 8192 // comparisons)  # batches of about 8,000 comparisons


def _indices(episodes):
    drawn = zip(*(episodes.indices(i, epoch=0) for i in range(len(episodes))), strict=True)
    return dict(zip(("support", "query", "unlabelled"), map(np.concatenate, drawn), strict=False))


def _from_indices(episodes, sets, arrays, at_once):
    """Batches (x, y) of `at_once` episodes."""
    for start in range(0, len(sets["support"]), at_once):
        batch = {name: indices[start : start + at_once] for name, indices in sets.items()}
        labels = episodes.labels(len(batch["support"]))
        y = labels.pop("query_labels")
        yield (
            {
                **{name: as_float(arrays[name][indices]) for name, indices in batch.items()},
                **labels,
            },
            y,
        )


def _check(model, episodes):
    if not isinstance(episodes, Episodes) or not callable(model):
        raise ValueError(
            "evaluate expected a keras.Model or a function of x, and then a fslkeras.Episodes. Received objects of type "
            f"{type(model).__name__} and {type(episodes).__name__}."
        )
    inputs = getattr(model, "input", None)
    if not isinstance(inputs, dict):
        return
    if set(inputs) - {"unlabelled"} != {"support", "support_labels", "query"}:
        raise ValueError(
            "evaluate expected a network with the inputs 'support', 'support_labels' and 'query'. Received: one with the inputs "
            f"{list(inputs)}. Of a Siamese network over pairs, evaluate fslkeras.networks.episode_model(siamese)."
        )
    if "unlabelled" in inputs and not episodes.unlabelled:
        raise ValueError(
            "evaluate expected episodes with unlabelled images, which this model takes: Episodes(..., unlabelled=5). Received: none."
        )
    check_image_shape(
        "evaluate", "episodes", inputs["support"].shape[2:], episodes.images.shape[1:]
    )
