"""A trained network as a classifier for your own images."""

import copy
import io
import os
import tempfile
import zipfile
from pathlib import Path

import keras
import numpy as np

from fslkeras.evaluation import as_float, embed
from fslkeras.networks import compose, encoder_and_head, episode_inputs
from fslkeras.validation import (
    check_above_zero,
    check_class_labels,
    check_image_shape,
    check_integer,
    check_path,
    check_unpacked_size,
    invalid,
    is_number,
)

__all__ = ["FewShotClassifier"]


class FewShotClassifier:
    """Classifies images from a few labeled examples, without training.

    It has its own copy of the model and cannot be changed: `with_examples` and `with_linear_head`
    return new classifiers.

    Args:
        model: A trained network over episodes that is an encoder and a head, such as those of
            `networks`.
        images: (n, H, W, C), the labeled examples, uint8 in [0, 255] or float in [0, 1]. Classes
            may differ in their number of examples.
        labels: Sequence of n strings or n integers, the class of each example. Predictions have the
            same type.
        unlabelled: (m, H, W, C), unlabeled images for a model that takes them, such as
            `networks.semi_supervised`; None for any other.
    Raises:
        ValueError: If images and labels do not match each other or the model, there are fewer than
            two classes, or `unlabelled` is missing or not wanted.
    """

    def __init__(self, model, images, labels, unlabelled=None):
        if encoder_and_head(model) is None:
            raise ValueError(
                "FewShotClassifier expected a network over episodes that is an encoder and a head, "
                "such as networks.prototypical(...) or networks.compose(encoder, head). "
                f"Received: model={model!r}. Move any steps before the encoder into it."
            )
        # Without its compilation state: a custom loss could not be copied or loaded.
        self._model = copy.deepcopy(keras.Model(model.input, model.output, name=model.name))
        self._encode, self._head = encoder_and_head(self._model)
        self._images = self._checked(images).copy()
        self._labels = check_class_labels("FewShotClassifier", labels, len(self._images))
        self._class_names, classes = np.unique(self._labels, return_inverse=True)
        if len(self._class_names) < 2:
            raise ValueError(
                "FewShotClassifier expected at least two classes. "
                f"Received: {self._class_names.tolist()}."
            )
        takes = "unlabelled" in self._model.input
        if takes != (unlabelled is not None):
            expected = "" if takes else "no "
            raise ValueError(
                f"FewShotClassifier expected {expected}unlabeled images, since its model takes "
                f"{'some' if takes else 'none'}. Received: {'none' if takes else 'some'}."
            )
        self._unlabelled = None if unlabelled is None else self._checked(unlabelled).copy()
        one_hot = np.eye(len(self._class_names), dtype="float32")[classes]
        self._support = {
            "support": embed(self._encode.encoder, self._images)[None],
            "support_labels": one_hot[None],
        }
        if takes:
            self._support["unlabelled"] = embed(self._encode.encoder, self._unlabelled)[None]

    @property
    def class_names(self):
        """The classes, a tuple in the order of the columns of `predict_proba`."""
        return tuple(self._class_names.tolist())

    @property
    def model(self):
        """A copy of the network."""
        return copy.deepcopy(self._model)

    @property
    def images(self):
        """A copy of the labeled examples, (n, H, W, C)."""
        return self._images.copy()

    @property
    def labels(self):
        """The class of each example, a list of n."""
        return self._labels.tolist()

    def with_examples(self, images, labels):
        """Returns a new classifier with more examples, of known or new classes.

        To add a class: `classifier = classifier.with_examples(images, ["owl"] * len(images))`.

        Args:
            images: (m, H, W, C), uint8 in [0, 255] or float in [0, 1].
            labels: Sequence of m classes, of the same type as the others.
        Raises:
            ValueError: If images and labels do not match, or the classifier has a linear head,
                which new examples would not change.
        """
        if any(layer.name == "linear" for layer in self._head.layers):
            raise ValueError(
                "with_examples expected a classifier without a linear head. "
                "Call with_examples first, and then with_linear_head."
            )
        images = np.concatenate([as_float(self._images), as_float(self._checked(images))])
        further = check_class_labels("FewShotClassifier", labels, len(images) - len(self._images))
        return FewShotClassifier(self._model, images, [*self.labels, *further], self._unlabelled)

    def with_linear_head(self, steps=50, learning_rate=0.01):
        """Returns a new classifier with a fine-tuned linear layer (Chen et al. 2019).

        It is trained on the examples with cross-entropy and frozen embeddings. This works only for
        `networks.prototypical` with squared Euclidean distance, whose scores are those of a linear
        layer, `2 p_k . z - |p_k|^2`, minus `|z|^2`, which is the same for every class (Snell et al.
        2017, eq. 8). Training starts from that layer and draws nothing at random.

        Args:
            steps: Steps of Adam, each on all examples, at least 1.
            learning_rate: Learning rate of Adam, above 0.
        Raises:
            ValueError: If an argument is invalid, or the network is another one.
        """
        check_integer("with_linear_head", "steps", steps)
        check_above_zero("with_linear_head", "learning_rate", learning_rate)
        received = [
            getattr(step, "reduction", getattr(step, "metric", type(step).__name__))
            for step in self._head.operations
            if not isinstance(step, keras.layers.InputLayer)
        ]  # of Prototypes, Distance and a minus sign
        if received != ["mean", "squared_euclidean", "Negative"]:
            raise ValueError(
                "with_linear_head expected a network from networks.prototypical with squared "
                f"Euclidean distance. Received: {self._model.name!r}, with the head {received}."
            )
        embeddings, labels = self._support["support"][0], self._support["support_labels"][0]
        prototypes = (labels / labels.sum(axis=0)).T @ embeddings
        inputs = episode_inputs(embeddings.shape[1:])
        linear = keras.layers.Dense(len(prototypes), name="linear", dtype="float32")
        norm = keras.ops.sum(keras.ops.square(inputs["query"]), axis=-1, keepdims=True)
        head = keras.Model(inputs, linear(inputs["query"]) - norm, name="head")
        linear.set_weights([2 * prototypes.T, -np.square(prototypes).sum(axis=1)])
        training = keras.Sequential([keras.Input(embeddings.shape[1:]), linear])
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        training.compile(keras.optimizers.Adam(learning_rate), loss)
        training.fit(embeddings, labels, batch_size=len(labels), epochs=steps, verbose=0)
        model = compose(self._encode.encoder, head, self._encode.query_encoder, name="linear_head")
        return FewShotClassifier(model, self._images, self._labels)

    def scores(self, images):
        """Returns the network's own scores.

        Args:
            images: (n, H, W, C), uint8 in [0, 255] or float in [0, 1].
        Returns:
            float (n, number of classes): the scores, higher for more similar.
        """
        return self._run(self._head, images)

    def predict(self, images, threshold=None, unknown=None):
        """Predicts the class of each image.

        Args:
            images: (n, H, W, C), uint8 in [0, 255] or float in [0, 1].
            threshold: Lowest of the `scores` at which a class is predicted, chosen on images of
                other classes; None to always predict one.
            unknown: What to return for an image whose best score is below the threshold.
        Returns:
            list: n classes, of the type of the labels, or `unknown`.
        """
        if threshold is not None and not is_number(threshold):
            raise invalid("predict", "threshold", threshold, "a number, or None")
        scores = self.scores(images)
        classes = self._class_names[scores.argmax(axis=-1)].tolist()
        if threshold is None:
            return classes
        pairs = zip(classes, scores.max(axis=-1), strict=True)
        return [name if score >= threshold else unknown for name, score in pairs]

    def predict_proba(self, images, temperature=1.0):
        """Predicts class probabilities for images that belong to one of the classes.

        They are the softmax of the scores; for a relation network, whose scores are independent
        probabilities of "the same class", the softmax of their log-odds.

        Args:
            images: (n, H, W, C), uint8 in [0, 255] or float in [0, 1].
            temperature: What the scores or log-odds are divided by, above 0, chosen on images of
                other classes. Above 1, the probabilities are more even. Their order stays.
        Returns:
            float (n, number of classes): the probabilities; each row sums to 1.
        """
        check_above_zero("predict_proba", "temperature", temperature)
        logits = next((layer for layer in self._head.layers if layer.name == "logits"), self._head)
        scaled = self._run(logits, images) / np.float32(temperature)
        return keras.ops.convert_to_numpy(keras.ops.softmax(scaled, axis=-1))

    def save(self, path):
        """Writes the model and its examples to one file, completely or not at all.

        Args:
            path: The file, such as "classifier.zip".
        Raises:
            FileNotFoundError: If its folder does not exist.
            ValueError: If the model contains something that cannot be loaded, such as a `Lambda`
                layer.
        """
        path = check_path("FewShotClassifier.save", "path", path)
        if not path.parent.is_dir():
            raise FileNotFoundError(f"FewShotClassifier.save found no folder at {path.parent}.")
        examples, packed = io.BytesIO(), io.BytesIO()
        arrays = {"images": self._images, "labels": self._labels, "unlabelled": self._unlabelled}
        np.savez_compressed(examples, **{k: v for k, v in arrays.items() if v is not None})
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(packed, "w") as file:
            model = Path(folder) / "model.keras"
            self._model.save(model)
            try:
                keras.models.load_model(model, compile=False, safe_mode=True)
            except Exception as error:  # its type depends on what Keras cannot load
                raise ValueError(
                    "FewShotClassifier.save expected a model that can be loaded again. "
                    f"Received: {type(error).__name__}: {error}"
                ) from error
            file.write(model, "model.keras")
            file.writestr("examples.npz", examples.getvalue())
            for part in (model, examples):
                check_unpacked_size(part)
        part = path.with_name(path.name + ".part")
        try:
            part.write_bytes(packed.getvalue())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path):
        """Loads a classifier from a file that `save` wrote.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is not a saved classifier, or would unpack to more than 1 GB.
        """
        if not check_path("FewShotClassifier.load", "path", path).is_file():
            raise FileNotFoundError(f"FewShotClassifier.load found no file at {path}.")
        try:
            check_unpacked_size(path)
            with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as file:
                extracted = file.extract("model.keras", folder)
                examples = io.BytesIO(file.read("examples.npz"))
                for part in (extracted, examples):
                    check_unpacked_size(part)
                model = keras.models.load_model(extracted, compile=False, safe_mode=True)
                with np.load(examples, allow_pickle=False) as arrays:
                    return cls(model, arrays["images"], arrays["labels"], arrays.get("unlabelled"))
        except Exception as error:  # its type depends on what is damaged
            raise ValueError(
                "FewShotClassifier.load expected a file written by FewShotClassifier.save. "
                f"Received: {path}, which is another file or damaged ({type(error).__name__}: "
                f"{error})."
            ) from error

    def _run(self, head, images):
        images, scores = self._checked(images), []
        encoder = self._encode.query_encoder or self._encode.encoder
        # In parts: neither all embeddings nor all comparisons of many images fit in memory.
        for start in range(0, len(images), 1024):
            query = embed(encoder, images[start : start + 1024])[None]
            scores.append(keras.ops.cast(head({**self._support, "query": query}), "float32"))
        return np.concatenate([keras.ops.convert_to_numpy(part)[0] for part in scores])

    def _checked(self, images):
        images = np.asarray(images)
        expected = self._encode.encoder.input_shape[1:]
        check_image_shape("FewShotClassifier", "images", expected, images.shape[1:])
        if not len(images):
            raise ValueError("FewShotClassifier expected at least one image. Received: none.")
        low, high = images.min(), images.max()
        if images.dtype == np.uint8 and high != 1:
            return images
        if not np.issubdtype(images.dtype, np.floating) or not 0 <= low <= high <= 1:
            raise ValueError(
                "FewShotClassifier expected images of dtype uint8 in [0, 255], or float in [0, 1]. "
                f"Received: {images.dtype} in [{low}, {high}]. Divide float images in [0, 255] by "
                "255; multiply uint8 images of 0 and 1 by 255."
            )
        return images.astype("float32", copy=False)
