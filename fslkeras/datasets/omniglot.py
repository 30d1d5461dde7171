"""Omniglot (Lake et al. 2015), through tensorflow-datasets."""

import contextlib
import functools
import os
import tempfile
import urllib.error
import urllib.request

import numpy as np

from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.validation import check_choice

# Five of Lake's thirty background alphabets, set aside to choose by. Train on the other 25, judge on the evaluation alphabets.
VALIDATION_ALPHABETS = ("Armenian", "Braille", "Gujarati", "Japanese_(hiragana)", "N_Ko")


def load_omniglot(split=None, size=28):
    """Omniglot at one size, of one split or all of it: see `datasets.load`."""
    check_choice("load", "split", split, (None, "train", "validation", "background", "test"))
    data, background = _omniglot(size)
    if split is None:
        return data
    validation = np.isin(np.array(data.alphabets), VALIDATION_ALPHABETS)
    return data.take(
        {
            "train": background & ~validation,
            "validation": background & validation,
            "background": background,
            "test": ~background,
        }[split]
    )


@functools.cache
def _omniglot(size):
    """All of Omniglot at one size, and for each class whether it is of a background alphabet."""
    builder, parts = _prepared()
    shrink = area_average(105, size)
    images, labels, alphabet_of_label, background = [], [], {}, set()
    for name, part in parts.items():
        for png, label, alphabet in part.batch(1024).as_numpy_iterator():
            gray = shrink @ (255.0 - png[..., 0]).astype("float32") @ shrink.T
            images.append(np.round(gray).astype(np.uint8)[..., None])
            labels.append(label)
            alphabet_of_label.update(zip(label.tolist(), alphabet.tolist(), strict=True))
            background.update(label.tolist() if name == "train" else [])
    images, labels = np.concatenate(images), np.concatenate(labels)
    order = np.argsort(labels, kind="stable")
    classes, alphabets = sorted(alphabet_of_label), builder.info.features["alphabet"].names
    data = ImageClasses(
        images[order],
        labels[order],
        builder.info.features["label"].names,
        [alphabets[alphabet_of_label[c]] for c in classes],
    )
    return data, np.array([c in background for c in classes])


def _prepared():
    """The dataset's builder and its two parts, as tf.data.Dataset of (image, label, alphabet), downloaded if need be."""
    try:
        import tensorflow as tf
        import tensorflow_datasets as tfds

        tfds.display_progress_bar(False)
        builder = tfds.builder("omniglot:3.0.0", data_dir=os.environ.get("TFDS_DATA_DIR"))
        if not builder.is_prepared():
            # tensorflow-datasets itself tries for minutes without a network, and leaves pieces of its downloads behind.
            with contextlib.suppress(urllib.error.HTTPError):  # whatever the server answers, it can be reached
                urllib.request.urlopen("https://github.com/brendenlake/omniglot", timeout=20).close()
            with tempfile.TemporaryDirectory() as folder:
                builder.download_and_prepare(download_dir=folder)
        parts = builder.as_dataset(decoders={"image": tfds.decode.SkipDecoding()})
    except Exception as error:  # tensorflow-datasets raises a different one for each way in which a download can fail
        raise FileNotFoundError(
            "Omniglot is not in tensorflow-datasets' folder and could not be downloaded "
            f"({type(error).__name__}: {error}). Install tensorflow-datasets, go online once and load it again; or set TFDS_DATA_DIR to a "
            "folder that holds it; or use load('glyphs'), which needs no download."
        ) from error

    def decoded(example):
        return tf.io.decode_png(example["image"], channels=1), example["label"], example["alphabet"]

    return builder, {name: parts[name].map(decoded, num_parallel_calls=2) for name in ("train", "test")}


def area_average(old, new):
    """The (new, old) matrix that shrinks one side of an image: each new pixel is the mean of the area that it covers."""
    edges = np.arange(new + 1) * old / new
    overlap = np.minimum(edges[1:, None], np.arange(1, old + 1)) - np.maximum(edges[:-1, None], np.arange(old))
    return (np.maximum(overlap, 0) * new / old).astype("float32")
