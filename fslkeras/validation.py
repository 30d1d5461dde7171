"""Checks of arguments, shared by the whole package. Each message begins with the `owner`, who expects them."""

import math
import numbers

import numpy as np


def check_integer(owner, name, value, low=1, high=None):
    """Raises `ValueError` unless the value is a whole number (of Python or NumPy) in low..high, both included."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < low or (high is not None and value > high):
        bounds = f"of at least {low}" if high is None else f"in {low}..{high}"
        raise ValueError(
            f"{owner} expected `{name}` to be a whole number {bounds}. Received: {name}={value!r}."
        )


def check_above_zero(owner, name, value, otherwise=""):
    """Raises `ValueError` unless the value is a finite number above 0; the message adds what else is possible."""
    number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not number or not 0 < value < math.inf:
        raise ValueError(
            f"{owner} expected `{name}` to be a number above 0{otherwise}. Received: {name}={value!r}."
        )


def check_choice(owner, name, value, choices):
    """Raises `ValueError` unless the value is one of the choices: strings, or None."""
    if not isinstance(value, str | None) or value not in choices:
        raise ValueError(
            f"{owner} received an invalid value for argument `{name}`. Expected one of {{{', '.join(map(repr, choices))}}}. "
            f"Received: {name}={value!r}."
        )


def check_flag(owner, name, value):
    """Raises `ValueError` unless the value is True or False: the text "no" would count as true."""
    if not isinstance(value, bool | np.bool_):
        raise ValueError(
            f"{owner} expected `{name}` to be True or False. Received: {name}={value!r}."
        )


def check_one_hot(owner, name, labels):
    """Raises `ValueError` unless each row of the last axis holds a single 1 among zeros."""
    if not (np.isin(labels, (0, 1)).all() and (labels.sum(axis=-1) == 1).all()):
        raise ValueError(
            f"{owner} expected `{name}` to be one-hot: a single 1 in each row, and zeros. "
            "Use keras.utils.to_categorical(labels, num_classes)."
        )


def check_labels(owner, labels, soft=False):
    """Raises `ValueError` unless a NumPy array of labels is one-hot, or `soft`: probabilities of the classes. Passes tensors unread."""
    if not isinstance(labels, np.ndarray):
        return
    if not soft:
        check_one_hot(owner, "labels", labels)
    elif not ((labels >= 0).all() and np.allclose(labels.sum(axis=-1), 1, atol=1e-3)):
        received = f"numbers in {labels.min(initial=0)}..{labels.max(initial=0)}"
        raise ValueError(
            f"{owner} expected each row of `labels` to be probabilities that sum to 1. Received: {received}."
        )


def check_precisions(owner, precisions):
    """Raises `ValueError` unless a NumPy array of precisions is finite and at least 0. Passes tensors unread."""
    if (
        isinstance(precisions, np.ndarray)
        and not ((precisions >= 0) & (precisions < math.inf)).all()
    ):
        raise ValueError(
            f"{owner} expected `precisions` to be finite and at least 0. Received: {precisions.min()}..{precisions.max()}."
        )


def check_shapes(owner, hint="", /, **arguments):
    """Raises `ValueError` unless the shapes fit the axes that are given for them, and each other.

    `arguments` hold for each call argument its shape and its axes, such as `query=(query.shape, "B Q D")`. Axes of the same name must
    have the same size; a size that is not known yet, None, fits any. "*" stands for further axes, the same wherever it stands. Returns
    a dict from each axis to its size.
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
        expected = " and ".join(
            f"{name} of shape ({axes.replace(' ', ', ')})" for name, (_, axes) in arguments.items()
        )
        received = ", ".join(
            f"{name}.shape={tuple(shape)}" for name, (shape, _) in arguments.items()
        )
        raise ValueError(
            f"{owner} expected {expected}, where the same letter is the same size. Received: {received}.{' ' * bool(hint)}{hint}"
        )
    if "*" in sizes:
        sizes["*"] = tuple(sizes.pop(("*", k)) for k in range(sizes["*"]))
    return sizes


def check_image_shape(owner, name, expected, received):
    """Raises `ValueError` unless images of the shape received are what an encoder takes; None fits any size."""
    sizes = zip(expected, received, strict=False)
    if len(expected) != len(received) or any(
        None not in pair and pair[0] != pair[1] for pair in sizes
    ):
        raise ValueError(
            f"{owner} expected `{name}` to hold images of shape {tuple(expected)}, which the encoder takes. Received: images of shape "
            f"{tuple(received)}. Load the images in that size, or build the encoder with their input_shape."
        )


def check_known(owner, size, what="embeddings of known size D"):
    """Raises `ValueError` where a size is None on which the shape of a layer's weights depends."""
    if size is None:
        raise ValueError(
            f"{owner} expected {what}, on which the shape of its weights depends. Received: None."
        )
