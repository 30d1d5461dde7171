"""Argument checks for the whole package. Each message names the `owner` of the argument."""

import math
import numbers
import os
import zipfile
from pathlib import Path

import numpy as np


def invalid(owner, name, value, expected):
    """The `ValueError` for an argument, in Keras' wording."""
    return ValueError(
        f"Invalid value for argument `{name}` of {owner}. Expected {expected}. "
        f"Received: {name}={value!r}."
    )


def check_integer(owner, name, value, low=1, high=None):
    """Raises `ValueError` unless the value is a Python or NumPy integer in [low, high]."""
    is_integer = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_integer or value < low or (high is not None and value > high):
        bounds = f"of at least {low}" if high is None else f"from {low} to {high}"
        raise invalid(owner, name, value, f"an integer {bounds}")


def check_above_zero(owner, name, value, otherwise=""):
    """Raises `ValueError` unless the value is finite and above 0. `otherwise` names others."""
    if not is_number(value) or not 0 < value < math.inf:
        raise invalid(owner, name, value, f"a finite number above 0{otherwise}")


def is_number(value):
    """Whether the value is a real number of Python or NumPy, and neither a bool nor NaN."""
    is_real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    return is_real and not math.isnan(value)


def check_path(owner, name, value):
    """Returns a `Path`. Raises `ValueError` unless the value is a path or a string."""
    if not isinstance(value, str | os.PathLike) or value == "":
        raise invalid(owner, name, value, "a path")
    return Path(value)


def check_choice(owner, name, value, choices):
    """Raises `ValueError` unless the value is one of the choices, which are strings or None."""
    if not isinstance(value, str | None) or value not in choices:
        raise invalid(owner, name, value, f"one of {{{', '.join(map(repr, choices))}}}")


def check_flag(owner, name, value):
    """Raises `ValueError` unless the value is a bool. (The string "no" would count as true.)"""
    if not isinstance(value, bool | np.bool_):
        raise invalid(owner, name, value, "True or False")


def check_unpacked_size(file):
    """Raises `ValueError` if a zip file would unpack to more than 1 GB, whatever its own size."""
    with zipfile.ZipFile(file) as opened:
        size = sum(member.file_size for member in opened.infolist())
    if size > 10**9:
        raise ValueError(f"Expected at most 1 GB when unpacked. Received: {size / 1e9:.1f} GB")


def check_class_labels(owner, labels, count):
    """Returns an array. Raises `ValueError` unless labels are `count` strings or integers."""
    one = isinstance(labels, str) or not hasattr(labels, "__iter__")
    listed = [labels] if one else list(labels)
    kinds = {isinstance(label, str) for label in listed}
    array = np.asarray(listed) if not one or count == 1 else np.empty(0)
    if array.shape != (count,) or len(kinds) > 1 or array.dtype.kind not in "iuUb":
        raise ValueError(
            f"{owner} expected a label for each of {count} images, all strings or all integers, "
            f"none of them missing. Received: labels={labels!r}."
        )
    return array


def check_one_hot(owner, name, labels):
    """Raises `ValueError` unless each row of the last axis is a single 1 among zeros."""
    if not (np.isin(labels, (0, 1)).all() and (labels.sum(axis=-1) == 1).all()):
        raise ValueError(
            f"{owner} expected `{name}` to be one-hot: a single 1 per row, and zeros elsewhere. "
            "Use keras.utils.to_categorical(labels, num_classes)."
        )


def check_labels(owner, labels, soft=False):
    """Raises `ValueError` unless a NumPy array of labels is one-hot; does not read tensors.

    With `soft`, each row may be any probabilities that sum to 1.
    """
    if not isinstance(labels, np.ndarray):
        return
    if not soft:
        check_one_hot(owner, "labels", labels)
    elif not ((labels >= 0).all() and np.allclose(labels.sum(axis=-1), 1, atol=1e-3)):
        raise ValueError(
            f"{owner} expected each row of `labels` to be probabilities that sum to 1. "
            f"Received: values from {labels.min(initial=0)} to {labels.max(initial=0)}."
        )


def check_precisions(owner, precisions):
    """Raises `ValueError` unless a NumPy array is finite and at least 0; does not read tensors."""
    if not isinstance(precisions, np.ndarray):
        return
    if not ((precisions >= 0) & (precisions < math.inf)).all():
        raise ValueError(
            f"{owner} expected `precisions` to be finite and at least 0. "
            f"Received: values from {precisions.min()} to {precisions.max()}."
        )


def check_shapes(owner, hint="", /, **arguments):
    """Raises `ValueError` unless the shapes match the axes named for them, and each other.

    Args:
        owner: The layer, function or class that has the arguments.
        hint: What to do about it, the last sentence of the message.
        **arguments: The shape and axes of each, as in `query=(query.shape, "B Q D")`. Equal letters
            must have equal sizes, and None, a size not known yet, equals any. "*" stands for any
            further axes, the same wherever it appears.
    Returns:
        dict: The size of each axis.
    """
    sizes, fits = {}, True
    for shape, axes in arguments.values():
        axes, further = axes.split(), len(shape) - len(axes.split()) + 1
        if axes[-1] == "*" and further >= 0:
            axes[-1:] = [("*", k) for k in range(further)]
            fits &= sizes.setdefault("*", further) == further
        fits &= len(shape) == len(axes)
        for axis, size in zip(axes, shape, strict=False):
            known = sizes.get(axis)
            fits &= None in (known, size) or known == size
            sizes[axis] = size if known is None else known
    if not fits:
        expected = (
            f"{k} of shape ({axes.replace(' ', ', ')})" for k, (_, axes) in arguments.items()
        )
        received = (f"{k}.shape={tuple(shape)}" for k, (shape, _) in arguments.items())
        raise ValueError(
            f"{owner} expected {' and '.join(expected)}, where equal letters mean equal sizes. "
            f"Received: {', '.join(received)}.{' ' * bool(hint)}{hint}"
        )
    if "*" in sizes:
        sizes["*"] = tuple(sizes.pop(("*", k)) for k in range(sizes["*"]))
    return sizes


def channels_first(shape):
    """Whether the shape of an image looks like (C, H, W): gray or color, and not (H, W, C)."""
    return shape[0] in (1, 3) and min(shape[1:]) > 4


def check_image_shape(owner, name, expected, received):
    """Raises `ValueError` unless images of shape `received` fit an encoder; None fits any size."""
    pairs = zip(expected, received, strict=False)
    if len(expected) != len(received) or any(None not in (a, b) and a != b for a, b in pairs):
        raise ValueError(
            f"{owner} expected `{name}` to contain images of the encoder's input shape, "
            f"{tuple(expected)}. Received: images of shape {tuple(received)}. "
            "Load the images in that size, or build the encoder with their input_shape."
        )


def check_some(owner, size, what):
    """Raises `ValueError` if the number of images in a set is 0."""
    if size == 0:
        raise ValueError(f"{owner} expected at least one {what}. Received: none.")


def check_known(owner, size, what="embeddings of known size D"):
    """Raises `ValueError` if a size that determines the shape of a layer's weights is None."""
    if size is None:
        raise ValueError(
            f"{owner} expected {what}, since the shape of its weights needs it. Received: None."
        )
