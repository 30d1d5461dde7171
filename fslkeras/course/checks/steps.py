"""Counts the training steps behind a network's weights, over all optimizers and models.

An optimizer counts its own steps, and a model knows only the optimizer of its last `compile`. So
each weight records every optimizer built for it: neither a second `compile` nor a second model with
the same weights hides a step.
"""

import contextlib
import dataclasses
import functools

import keras
import numpy as np


@dataclasses.dataclass(frozen=True)
class _Training:
    """What is recorded at a weight.

    Args:
        start: array, its value before the first step.
        optimizers: all optimizers built for it.
    """

    start: np.ndarray
    optimizers: list = dataclasses.field(default_factory=list)


def _noted(build):
    """`Optimizer.build`, which Keras calls before the first step, with a record at each weight."""

    @functools.wraps(build)
    def build_and_note(optimizer, variables):
        build(optimizer, variables)
        for variable in variables:
            if not hasattr(variable, "training"):
                variable.training = _Training(_value(variable))
            variable.training.optimizers.append(optimizer)

    return build_and_note


def _value(variable):
    """A copy of a weight's value as an array, even while TensorFlow traces a training step."""
    scope = contextlib.nullcontext()
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        scope = tf.init_scope()
    with scope:
        return np.copy(keras.ops.convert_to_numpy(variable))


keras.optimizers.Optimizer.build = _noted(keras.optimizers.Optimizer.build)


def steps_taken(model):
    """The steps of all optimizers together, at the weight of a model with the most steps."""
    trained = _trained(model)
    wrapper = keras.optimizers.LossScaleOptimizer  # mixed precision: it repeats the inner one's
    steps = [
        sum(_batches(one) for one in weight.training.optimizers if type(one) is not wrapper)
        for weight in trained
    ]
    return max(steps, default=0)


def _batches(optimizer):
    """The batches it was given: `iterations` counts updates, each of which may take several."""
    return int(optimizer.iterations) * (optimizer.gradient_accumulation_steps or 1)


def random_start(model):
    """Whether training started from random weights: normalizations scaling by 1, shifting by 0.

    Frozen weights count too: an encoder that was trained elsewhere may be one of them.
    """
    return all(
        np.ptp(weight.training.start if hasattr(weight, "training") else _value(weight)) == 0
        for weight in model.weights
        if weight.name in ("gamma", "beta")
    )


def same_weights(model):
    """Whether the weights are the trained ones, which still correlate with their initial values."""
    kernels = [weight for weight in _trained(model) if weight.training.start.size >= 500]
    return not kernels or any(_trace(weight) > 5 for weight in kernels)


def _trace(weight):
    """A weight's correlation with its initial value, in standard deviations between random arrays.

    The larger kernels of the published Siamese network have 33 to 45 after 6,000 steps, and at most
    2 with the initial values of other random seeds.
    """
    start, now = weight.training.start.ravel(), _value(weight).ravel()
    return np.corrcoef(start, now)[0, 1] * np.sqrt(start.size)


def _trained(model):
    return [weight for weight in model.weights if hasattr(weight, "training")]
