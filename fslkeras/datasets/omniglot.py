"""Omniglot (Lake et al. 2015), from tensorflow-datasets."""

import functools

import numpy as np

from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.datasets.prepared import prepared
from fslkeras.validation import check_choice

# Five of Lake's 30 background alphabets, for model selection. Train on the other 25, and test on
# the evaluation alphabets.
VALIDATION_ALPHABETS = ("Armenian", "Braille", "Gujarati", "Japanese_(hiragana)", "N_Ko")


def load_omniglot(split=None, size=28):
    """Loads a split of Omniglot, or all of it, as in `datasets.load`."""
    check_choice("load", "split", split, (None, "train", "validation", "background", "test"))
    data, background = _omniglot(size)
    if split is None:
        return data
    validation = np.isin(np.array(data.alphabets), VALIDATION_ALPHABETS)
    chosen = {
        "train": background & ~validation,
        "validation": background & validation,
        "background": background,
        "test": ~background,
    }
    return data.take(chosen[split])


@functools.cache
def _omniglot(size):
    """All of Omniglot at one size, and whether each class is from a background alphabet."""
    builder, parts = _parts()
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


def _parts():
    """The builder and the two parts, `tf.data.Dataset`s of (image, label, alphabet)."""
    address = "https://github.com/brendenlake/omniglot"
    builder, parts = prepared("omniglot:3.0.0", "Omniglot", address)
    import tensorflow as tf

    def decoded(example):
        return tf.io.decode_png(example["image"], channels=1), example["label"], example["alphabet"]

    names = ("train", "test")
    return builder, {name: parts[name].map(decoded, num_parallel_calls=2) for name in names}


def area_average(old, new):
    """The (new, old) matrix that resizes an axis; a new pixel is the mean of the area it covers."""
    edges, pixels = np.arange(new + 1) * old / new, np.arange(old)
    ends, starts = np.minimum(edges[1:, None], pixels + 1), np.maximum(edges[:-1, None], pixels)
    overlap = ends - starts
    return (np.maximum(overlap, 0) * new / old).astype("float32")
