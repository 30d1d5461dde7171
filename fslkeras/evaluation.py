"""Judging a network on episodes, and using it on images of one's own."""

import dataclasses
import io
import os
import tempfile
import time
import zipfile
from pathlib import Path

import keras
import numpy as np

from fslkeras.layers import EncodeEpisode, RelationModule


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
        return f"{100 * self.mean:.2f} ± {100 * self.ci95:.2f} % over {len(self.per_episode)} episodes"


def accuracy(scores, labels):
    """Share of queries answered right in each episode.

    A true class that shares the highest score with m - 1 others counts 1 / m, so that a network that answers a constant is
    right in one of N cases. NaN is never right.

    Args:
        scores: float (B, Q, N), the higher, the more alike.
        labels: float (B, Q, N), one-hot.
    Returns:
        float (B,), each 0..1.
    Raises:
        ValueError: if shapes differ or the labels are not one-hot.

    >>> import numpy as np
    >>> accuracy(np.zeros((1, 3, 4)), np.eye(4)[None, :3]).tolist()
    [0.25]
    """
    scores, labels = np.asarray(scores), np.asarray(labels)
    if scores.shape != labels.shape or scores.ndim != 3:
        raise ValueError(
            "accuracy expected scores and one-hot labels of one shape (episodes, queries, classes), and received "
            f"{scores.shape} and {labels.shape}."
        )
    _check_one_hot("labels", labels)
    highest = scores == scores.max(axis=-1, keepdims=True)  # all False where a score is NaN
    right = (highest * labels).sum(axis=-1) / np.maximum(highest.sum(axis=-1), 1)
    return right.mean(axis=-1)


def evaluate(model, episodes):
    """Accuracy of a network over all episodes of epoch 0.

    A model with an `EncodeEpisode` layer embeds each image once, whatever the number of episodes it appears in; only the rest of
    the model then runs for each episode. That gives the same answers, since batch normalisation uses its moving statistics.

    Args:
        model: `keras.Model` from episodes to scores (B, Q, N), or any function of x that returns such an array.
        episodes: `fslkeras.Episodes`. 1,000 episodes are steps * batch_size = 1000.
    Returns:
        `EvaluationResult`. A progress bar appears where it takes longer than two seconds.
    Raises:
        ValueError: if the model's scores are not of shape (B, Q, N), or it takes unlabelled images and the episodes have none.
    """
    drawn = [episodes.positions(i, epoch=0) for i in range(len(episodes))]
    labels = np.eye(episodes.way, dtype="float32")
    support_labels, query_labels = labels.repeat(episodes.shot, axis=0), labels.repeat(episodes.query, axis=0)
    sets = dict(zip(("support", "query", "unlabelled"), map(np.concatenate, zip(*drawn, strict=True)), strict=False))

    if isinstance(model, keras.Model) and _encode_layer(model) is not None:
        encode, head = _encode_layer(model), _head(model)
        if "unlabelled" in model.input and "unlabelled" not in sets:
            raise ValueError(
                "evaluate expected episodes with unlabelled images, which this model takes: draw them with Episodes(..., unlabelled=5)."
            )
        sets = {name: positions for name, positions in sets.items() if name in model.input}
        used, places = np.unique(
            np.concatenate([positions.ravel() for positions in sets.values()]), return_inverse=True
        )
        show = _progress(len(used) + len(sets["support"]))
        images = query_images = _embed(encode.encoder, episodes.images[used], show)
        if encode.query_encoder is not None:
            query_images = _embed(encode.query_encoder, episodes.images[used])
        places = np.split(places, np.cumsum([positions.size for positions in sets.values()])[:-1])
        sets = {name: place.reshape(sets[name].shape) for name, place in zip(sets, places, strict=True)}
        done = len(used)
    else:
        head = model
        show = _progress(len(sets["support"]))
        images = query_images = episodes.images
        done = 0

    # As many episodes at a time as make some ten thousand comparisons; or four hundred images, where they are still to be embedded.
    number = len(sets["support"])
    size = query_labels.size if head is not model else 20 * sum(of_one.shape[1] for of_one in sets.values())
    at_once = int(np.clip(8192 // size, 1, number))
    if head is not model and number > 32 * at_once:
        head = head.predict_on_batch  # traced: a fraction of a second, which many calls bring back
    results = []
    for start in range(0, number, at_once):
        now = {name: positions[start : start + at_once] for name, positions in sets.items()}
        n = len(now["support"])
        x = {name: _float((query_images if name == "query" else images)[positions]) for name, positions in now.items()}
        x["support_labels"] = np.tile(support_labels, (n, 1, 1))
        scores = keras.ops.convert_to_numpy(head(x))
        expected = (n, *query_labels.shape)
        if scores.shape != expected:
            raise ValueError(
                f"evaluate expected scores (episodes, queries, classes) of shape {expected}, not {scores.shape}."
            )
        results.append(accuracy(scores, np.tile(query_labels, (n, 1, 1))))
        show(done + start + n)
    per_episode = np.concatenate(results)
    spread = per_episode.std(ddof=1) if len(per_episode) > 1 else np.nan
    return EvaluationResult(float(per_episode.mean()), float(1.96 * spread / len(per_episode) ** 0.5), per_episode)


class FewShotClassifier:
    """Classifies new images after a few labelled ones, with no training.

    It cannot be changed: for other classes or examples, make another.

    Args:
        model: a trained episode model of this course, with an `EncodeEpisode` layer.
        images: (n, H, W, C), the labelled examples; uint8, or float in 0..1. Classes may have different numbers of them.
        labels: the class name of each example.
        unlabelled: (m, H, W, C), further images, for a model that takes them such as `networks.semi_supervised`; None for another.
    Raises:
        ValueError: if images and labels do not fit each other or the model, there are fewer than two classes, or there are
            unlabelled images and the model takes none, or the other way round.
    """

    def __init__(self, model, images, labels, unlabelled=None):
        if not isinstance(model, keras.Model) or _encode_layer(model) is None:
            raise ValueError(
                f"FewShotClassifier expected an episode model such as networks.prototypical(...), not {model!r}."
            )
        self._model = model
        self._head = _head(model)
        self._support_images = self._checked(images).copy()
        names = np.asarray(labels)
        if names.shape != self._support_images.shape[:1]:
            raise ValueError(
                f"FewShotClassifier expected a class name for each of {len(self._support_images)} images and received "
                f"{names.shape}."
            )
        self._class_names, numbers = np.unique(names.astype(str), return_inverse=True)
        if len(self._class_names) < 2:
            raise ValueError(
                f"FewShotClassifier expected at least two classes and received {self._class_names.tolist()}."
            )
        self._names = names.astype(str)
        self._labels = np.eye(len(self._class_names), dtype="float32")[numbers][None]
        self._support = _embed(_encode_layer(model).encoder, self._support_images)[None]
        if ("unlabelled" in model.input) != (unlabelled is not None):
            raise ValueError(
                "FewShotClassifier expected unlabelled images where the model takes them, and none where it does not: this one takes "
                + ("some, and there are none." if unlabelled is None else "none, and there are some.")
            )
        self._unlabelled_images = None if unlabelled is None else self._checked(unlabelled).copy()
        if unlabelled is not None:
            self._unlabelled = _embed(_encode_layer(model).encoder, self._unlabelled_images)[None]

    @property
    def class_names(self):
        """The classes, in the order of `predict_proba`'s columns."""
        return tuple(self._class_names.tolist())

    def predict(self, images):
        """The class name of each image.

        Args:
            images: (n, H, W, C), uint8 or float in 0..1.
        Returns:
            list of n class names.
        """
        return self._class_names[self.predict_proba(images).argmax(axis=-1)].tolist()

    def predict_proba(self, images):
        """How probable each class is for each image: the softmax of the model's scores.

        Relation scores are probabilities of "the same", each for itself; of these, the softmax of their log-odds is taken.

        Args:
            images: (n, H, W, C), uint8 or float in 0..1.
        Returns:
            float (n, number of classes); each row sums to 1.
        """
        encode = _encode_layer(self._model)
        query = _embed(encode.query_encoder or encode.encoder, self._checked(images))[None]
        x = {"support": self._support, "support_labels": self._labels, "query": query}
        if self._unlabelled_images is not None:
            x["unlabelled"] = self._unlabelled
        scores = self._head(x)
        scores = keras.ops.cast(scores, "float32")
        if any(isinstance(layer, RelationModule) for layer in self._model.layers):
            scores = keras.ops.clip(scores, 1e-7, 1 - 1e-7)
            scores = keras.ops.log(scores) - keras.ops.log(1 - scores)
        return keras.ops.convert_to_numpy(keras.ops.softmax(scores, axis=-1))[0]

    def save(self, path):
        """Writes the model and its examples to one file, whole or not at all.

        Args:
            path: the file, for instance "classifier.zip".
        """
        path = Path(path)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            model, packed = Path(folder) / "model.keras", Path(folder) / "packed"
            self._model.save(model)
            with zipfile.ZipFile(packed, "w") as file:
                file.write(model, "model.keras")
                examples = io.BytesIO()
                arrays = {"images": self._support_images, "labels": self._names, "unlabelled": self._unlabelled_images}
                np.savez_compressed(examples, **{name: array for name, array in arrays.items() if array is not None})
                file.writestr("examples.npz", examples.getvalue())
            os.replace(packed, path)

    @classmethod
    def load(cls, path):
        """The classifier that `save` wrote.

        Args:
            path: the file.
        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if it is not a saved classifier.
        """
        try:
            with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as file:
                model = keras.models.load_model(file.extract("model.keras", folder), safe_mode=True)
                with np.load(io.BytesIO(file.read("examples.npz")), allow_pickle=False) as examples:
                    return cls(model, examples["images"], examples["labels"], examples.get("unlabelled"))
        except (KeyError, zipfile.BadZipFile) as error:
            raise ValueError(
                f"FewShotClassifier.load expected a file written by its save at {path}: {error}."
            ) from None

    def _checked(self, images):
        images = np.asarray(images)
        expected = tuple(_encode_layer(self._model).encoder.input_shape[1:])
        if images.ndim != 4 or any(
            want not in (None, have) for have, want in zip(images.shape[1:], expected, strict=True)
        ):
            raise ValueError(
                f"FewShotClassifier expected images of shape (n, *{expected}) and received {images.shape}."
            )
        if not len(images):
            raise ValueError("FewShotClassifier expected at least one image and received none.")
        if images.dtype == np.uint8:
            return images
        if not np.issubdtype(images.dtype, np.floating) or not 0 <= images.min() <= images.max() <= 1:
            raise ValueError(
                "FewShotClassifier expected images of type uint8, or float in 0..1, and received "
                f"{images.dtype} in {images.min()}..{images.max()}. Divide float images of 0..255 by 255."
            )
        return images.astype("float32")


def over_seeds(results, task, **chosen):
    """Mean accuracy over the runs of a benchmark that differ in their seed alone, with its 95 % interval (Student's t).

    Args:
        results: dict of `datasets.load_results`.
        task: "5w1s", "20w1s" or another that the runs were judged on.
        chosen: what these runs have in common, such as metric="cosine", way=20.
    Returns:
        the mean, and half the width of its interval, both 0..1.
    Raises:
        ValueError: if there are fewer than two such runs, or two of one seed, so that they differ in something else.
    """
    from scipy import stats

    runs = [run for run in results["runs"].values() if all(run.get(key) == value for key, value in chosen.items())]
    seeds = {run["seed"] for run in runs}
    if len(seeds) < 2 or len(seeds) < len(runs):
        raise ValueError(
            f"over_seeds expected at least two runs with {chosen}, each of another seed, and found {len(runs)} runs of "
            f"{len(seeds)} seeds. Name all that they have in common."
        )
    values = [run[task]["mean"] for run in runs]
    return np.mean(values), stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)


def _encode_layer(model):
    return next((layer for layer in model.layers if isinstance(layer, EncodeEpisode)), None)


def _head(model):
    """The model without its encoder: from embeddings to scores. It shares the model's layers."""
    encode = _encode_layer(model)
    embedding_shape = tuple(encode.encoder.output_shape[1:])
    inputs = {
        name: keras.Input((None, None) if name == "support_labels" else (None, *embedding_shape), name=name)
        for name in model.input
    }
    # A clone of a compiled model is compiled too, and that fails where the loss is a class of the reader's own.
    uncompiled = keras.Model(model.input, model.output)
    return keras.models.clone_model(
        uncompiled,
        input_tensors=inputs,
        clone_function=lambda layer: layer,
        call_function=lambda layer, *args, **kwargs: args if layer is encode else layer(*args, **kwargs),
    )


def _embed(encoder, images, show=lambda done: None, batch_size=128):
    """The encoder's output for each image."""
    # Tracing takes a fraction of a second, and then each batch half as long. For a handful of images that is no gain.
    encode = encoder.predict_on_batch if len(images) > 4 * batch_size else lambda batch: encoder(batch, training=False)
    outputs = []
    for start in range(0, len(images), batch_size):
        batch = _float(images[start : start + batch_size])
        outputs.append(keras.ops.convert_to_numpy(encode(batch)))
        show(start + len(batch))
    return np.concatenate(outputs)


def _float(images):
    return images.astype("float32") / 255 if images.dtype == np.uint8 else images


def _progress(total):
    """A function to call with what is done: Keras' progress bar, from the moment that two seconds have passed."""
    begin, bar = time.monotonic(), keras.utils.Progbar(total, unit_name="item", interval=0.5)
    shown = False

    def show(done):
        nonlocal shown
        if shown or (done < total and time.monotonic() - begin > 2):
            bar.update(done, finalize=done >= total)
            shown = True

    return show


def _check_one_hot(name, labels):
    if not (np.isin(labels, (0, 1)).all() and (labels.sum(axis=-1) == 1).all()):
        raise ValueError(
            f"Expected {name} to be one-hot: a single 1 in each row, and zeros. Try np.eye(number_of_classes)[labels]."
        )
