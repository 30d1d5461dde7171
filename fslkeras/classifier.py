"""A trained network as a classifier of your own images."""

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
from fslkeras.validation import check_above_zero, check_image_shape, check_integer


class FewShotClassifier:
    """Classifies new images from a few labelled ones, with no training.

    It has weights of its own, copied from the model, and cannot be changed: `with_examples` and `with_linear_head` make another.

    Args:
        model: a trained network over episodes that is an encoder and a head, as those of `networks` are.
        images: (n, H, W, C), the labelled examples; uint8, or float in 0..1. Classes may have different numbers of them.
        labels: the class of each example, all of them strings or all whole numbers. Answers are given in the same form.
        unlabelled: (m, H, W, C), further images, for a model that takes them such as `networks.semi_supervised`; None for another.
    Raises:
        ValueError: if images and labels do not fit each other or the model, there are fewer than two classes, or there are
            unlabelled images and the model takes none, or the other way round.
    """

    def __init__(self, model, images, labels, unlabelled=None):
        if encoder_and_head(model) is None:
            raise ValueError(
                "FewShotClassifier expected a network over episodes that is an encoder and a head and nothing else, such as "
                f"networks.prototypical(...) or networks.compose(encoder, head). Received: model={model!r}. Steps before the encoder "
                "belong into the encoder."
            )
        # Without the compilation state: a loss of the reader's own could not be copied, or loaded again.
        self._model = copy.deepcopy(keras.Model(model.input, model.output, name=model.name))
        self._encode, self._head = encoder_and_head(self._model)
        self._images = self._checked(images).copy()
        self._labels = _checked_labels(labels, len(self._images))
        self._class_names, classes = np.unique(self._labels, return_inverse=True)
        if len(self._class_names) < 2:
            raise ValueError(
                f"FewShotClassifier expected at least two classes. Received: {self._class_names.tolist()}."
            )
        takes = "unlabelled" in self._model.input
        if takes != (unlabelled is not None):
            raise ValueError(
                f"FewShotClassifier expected {'unlabelled images, which this model takes' if takes else 'no unlabelled images, since this model takes none'}. "
                f"Received: {'none' if takes else 'some'}."
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
        """The classes, in the order of `predict_proba`'s columns."""
        return tuple(self._class_names.tolist())

    @property
    def model(self):
        """A copy of the network."""
        return copy.deepcopy(self._model)

    @property
    def images(self):
        """A copy of the labelled examples, (n, H, W, C)."""
        return self._images.copy()

    @property
    def labels(self):
        """The class of each example, a list of n."""
        return self._labels.tolist()

    def with_examples(self, images, labels):
        """A new classifier with these examples too, of the same classes or of new ones.

        A new class in one line: `classifier = classifier.with_examples(images, ["owl"] * len(images))`.

        Raises:
            ValueError: if images and labels do not fit, or the classifier has a linear head, which no new example would reach.
        """
        if any(layer.name == "linear" for layer in self._head.layers):
            raise ValueError(
                "with_examples expected a classifier without a linear head. Call it first, and with_linear_head then."
            )
        images = np.concatenate([as_float(self._images), as_float(self._checked(images))])
        further = _checked_labels(labels, len(images) - len(self._images)).tolist()
        return FewShotClassifier(self._model, images, [*self.labels, *further], self._unlabelled)

    def with_linear_head(self, steps=50, learning_rate=0.01):
        """A new classifier, fine-tuned on the examples: cross-entropy on a linear layer, the embeddings frozen (Chen et al. 2019).

        Only for `networks.prototypical` with squared Euclidean distance. Its scores are those of a linear layer, 2 p_k . z - |p_k|^2,
        minus |z|^2, which is the same for each class (Snell et al. 2017, eq. 8). Training starts there. Nothing is drawn at random.

        Args:
            steps: steps of Adam, each on all examples.
            learning_rate: of Adam, above 0.
        Raises:
            ValueError: if an argument is invalid or the network is another.
        """
        check_integer("with_linear_head", "steps", steps)
        check_above_zero("with_linear_head", "learning_rate", learning_rate)
        steps_of_head = [
            step for step in self._head.operations if not isinstance(step, keras.layers.InputLayer)
        ]
        received = [
            getattr(step, "reduction", getattr(step, "metric", type(step).__name__))
            for step in steps_of_head
        ]
        if received != [
            "mean",
            "squared_euclidean",
            "Negative",
        ]:  # Prototypes, Distance and a minus sign
            raise ValueError(
                "with_linear_head expected a network of networks.prototypical with squared Euclidean distance. Received: "
                f"{self._model.name!r}, whose head computes {received}."
            )
        embeddings, labels = self._support["support"][0], self._support["support_labels"][0]
        prototypes = (labels / labels.sum(axis=0)).T @ embeddings
        inputs = episode_inputs(embeddings.shape[1:])
        linear = keras.layers.Dense(len(prototypes), name="linear", dtype="float32")
        norm = keras.ops.sum(keras.ops.square(inputs["query"]), axis=-1, keepdims=True)
        head = keras.Model(inputs, linear(inputs["query"]) - norm, name="head")
        linear.set_weights([2 * prototypes.T, -np.square(prototypes).sum(axis=1)])
        training = keras.Sequential([keras.Input(embeddings.shape[1:]), linear])
        training.compile(
            keras.optimizers.Adam(learning_rate),
            keras.losses.CategoricalCrossentropy(from_logits=True),
        )
        training.fit(embeddings, labels, batch_size=len(labels), epochs=steps, verbose=0)
        model = compose(self._encode.encoder, head, self._encode.query_encoder, name="linear_head")
        return FewShotClassifier(model, self._images, self._labels)

    def scores(self, images):
        """The network's own scores of images (n, H, W, C), float (n, number of classes): the higher, the more similar."""
        return self._run(self._head, images)

    def predict(self, images, threshold=None, unknown=None):
        """The class of each image.

        Args:
            images: (n, H, W, C), uint8 or float in 0..1.
            threshold: the lowest of the `scores` with which a class is named, chosen on images of other classes; None names one always.
            unknown: what stands for an image whose highest score is lower.
        Returns:
            list of n classes, in the form of the labels.
        """
        scores = self.scores(images)
        classes = self._class_names[scores.argmax(axis=-1)].tolist()
        if threshold is None:
            return classes
        best = scores.max(axis=-1)
        return [
            name if score >= threshold else unknown
            for name, score in zip(classes, best, strict=True)
        ]

    def predict_proba(self, images, temperature=1.0):
        """The probability of each class for images (n, H, W, C) of one of the classes, float (n, number of classes).

        It is the softmax of the scores; of a relation network, whose scores are independent probabilities of "the same", that of their
        log-odds. Each row sums to 1.

        Args:
            images: (n, H, W, C), uint8 or float in 0..1.
            temperature: what the scores or log-odds are divided by, above 0, chosen on images of other classes. Above 1, the
                probabilities come closer to each other. Their order stays the same.
        """
        check_above_zero("predict_proba", "temperature", temperature)
        logits = next((layer for layer in self._head.layers if layer.name == "logits"), self._head)
        return keras.ops.convert_to_numpy(
            keras.ops.softmax(self._run(logits, images) / np.float32(temperature), axis=-1)
        )

    def save(self, path):
        """Writes the model and its examples to one file, such as "classifier.zip", whole or not at all.

        Raises:
            FileNotFoundError: if its folder does not exist.
            ValueError: if the model holds something that cannot be loaded again, such as a `Lambda` layer.
        """
        path = Path(path)
        if not path.parent.is_dir():
            raise FileNotFoundError(
                f"FewShotClassifier.save expected a folder at {path.parent}, and there is none."
            )
        examples, packed = io.BytesIO(), io.BytesIO()
        arrays = {"images": self._images, "labels": self._labels, "unlabelled": self._unlabelled}
        np.savez_compressed(
            examples, **{name: array for name, array in arrays.items() if array is not None}
        )
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(packed, "w") as file:
            model = Path(folder) / "model.keras"
            self._model.save(model)
            try:
                keras.models.load_model(model, compile=False, safe_mode=True)
            except (
                Exception
            ) as error:  # Keras raises a different one for each thing that it cannot load
                raise ValueError(
                    f"FewShotClassifier.save expected a model that can be loaded again. {type(error).__name__}: {error}"
                ) from error
            file.write(model, "model.keras")
            file.writestr("examples.npz", examples.getvalue())
        part = path.with_name(path.name + ".part")
        try:
            part.write_bytes(packed.getvalue())
            os.replace(part, path)
        finally:
            part.unlink(missing_ok=True)

    @classmethod
    def load(cls, path):
        """The classifier that `save` wrote to this file.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if it is not a saved classifier.
        """
        if not Path(path).is_file():
            raise FileNotFoundError(
                f"FewShotClassifier.load expected a file at {path}, and there is none."
            )
        try:
            with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as file:
                model = keras.models.load_model(
                    file.extract("model.keras", folder), compile=False, safe_mode=True
                )
                with np.load(io.BytesIO(file.read("examples.npz")), allow_pickle=False) as examples:
                    return cls(
                        model, examples["images"], examples["labels"], examples.get("unlabelled")
                    )
        except (
            Exception
        ) as error:  # zipfile, NumPy and Keras raise a different one for each kind of damage
            raise ValueError(
                f"FewShotClassifier.load expected a file written by FewShotClassifier.save. Received: {path}, which is not one or is "
                f"damaged ({type(error).__name__})."
            ) from error

    def _run(self, head, images):
        images, scores = self._checked(images), []
        for start in range(
            0, len(images), 1024
        ):  # of many images, neither all embeddings nor all comparisons fit the memory
            query = embed(
                self._encode.query_encoder or self._encode.encoder, images[start : start + 1024]
            )[None]
            scores.append(keras.ops.cast(head({**self._support, "query": query}), "float32"))
        return np.concatenate([keras.ops.convert_to_numpy(part)[0] for part in scores])

    def _checked(self, images):
        images = np.asarray(images)
        check_image_shape(
            "FewShotClassifier", "images", self._encode.encoder.input_shape[1:], images.shape[1:]
        )
        if not len(images):
            raise ValueError("FewShotClassifier expected at least one image. Received: none.")
        low, high = images.min(), images.max()
        if images.dtype == np.uint8 and high != 1:
            return images
        if not np.issubdtype(images.dtype, np.floating) or not 0 <= low <= high <= 1:
            raise ValueError(
                "FewShotClassifier expected images of dtype uint8 in 0..255, or float in 0..1. Received: "
                f"{images.dtype} in {low}..{high}. Divide float images of 0..255 by 255; multiply uint8 images of 0 and 1 by 255."
            )
        return images.astype("float32", copy=False)


def _checked_labels(labels, number):
    listed = (
        list(labels) if hasattr(labels, "__iter__") and not isinstance(labels, str) else [labels]
    )
    array = np.asarray(listed)
    kinds = {isinstance(label, str) for label in listed}
    if array.shape != (number,) or len(kinds) > 1 or array.dtype.kind not in "iuUb":
        raise ValueError(
            f"FewShotClassifier expected a label for each of {number} images, all of them strings or all whole numbers, none of them "
            f"missing. Received: labels={labels!r}."
        )
    return array
