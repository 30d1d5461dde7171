"""Answers to the open exercises, which train a network: training records, and networks.

A real training run takes half a minute, so the checks are tested on recorded measurements, and on
networks whose optimizers only claim to have taken steps. Functions build the networks when needed.
"""

import sys

import keras
import numpy as np
from answers import RIGHT, WRONG

import fslkeras
from fslkeras.course import checks
from fslkeras.course.checks.training import TrainingRecord


def right(exercise, *answers):
    """Registers right answers: networks, or (steps, validation accuracy, accuracy elsewhere)."""
    RIGHT[exercise] = [_record(answer) for answer in (*answers, *_just_right(_task(exercise)))]


def wrong(exercise, *answers):
    """Registers (wrong answer, words from its reason), and the answers wrong in any exercise."""
    WRONG[exercise] = [
        (_record(answer), because)
        for answer, because in (*answers, *_just_wrong(_task(exercise)), *_WRONG_ANYWHERE)
    ]


def _task(exercise):
    return sys.modules[getattr(checks, exercise).__module__].TASK


def _just_right(task):
    """Records at the limits: just enough, in few or all steps, better or a little worse elsewhere.

    They are made up, unlike those that the exercises list with their recipes.
    """
    return (
        (task.steps, task.wanted, task.wanted),
        (task.steps, task.wanted, task.wanted - 0.0599),
        (task.steps, task.wanted, 1.0),
        (task.steps, task.wanted + 0.0001, task.wanted - 0.02),
        (task.steps, 0.95, 0.8901),
        (task.steps, 1.0, 1.0),
        (task.steps - 1, task.wanted + 0.01, task.wanted + 0.02),
        (task.steps // 2, task.wanted + 0.02, task.wanted - 0.01),
        (50, task.wanted + 0.005, task.wanted),
        (1, task.wanted, task.wanted + 0.06),
    )


def _just_wrong(task):
    target = f"The target is {100 * task.wanted:.1f} %"
    return (
        ((task.steps, task.wanted - 0.0001, task.wanted), "Close."),
        ((task.steps, task.wanted - 0.0001, 1.0), "Close."),
        ((task.steps, task.wanted - 0.02, task.wanted - 0.03), target),
        ((task.steps, task.wanted - 0.0599, task.wanted), "Close."),
        ((task.steps, task.wanted - 0.0601, task.wanted), task.far),
        ((task.steps, task.wanted - 0.2, task.wanted - 0.21), task.far),
        ((task.steps // 2, task.wanted - 0.03, task.wanted - 0.05), f"{task.steps // 2} steps"),
        ((task.steps, task.wanted, task.wanted - 0.0601), "Did it train on the validation"),
        ((task.steps, 1.0, 0.9399), "Did it train on the validation"),
        ((task.steps + 1, task.wanted, task.wanted), f"{task.steps} are allowed"),
        ((2 * task.steps, 0.95, 0.95), f"trained for {2 * task.steps} steps"),  # two epochs
    )


def _record(answer):
    return TrainingRecord(*answer) if isinstance(answer, tuple) else answer


def as_trained(network, steps=300):
    """Compiles a network and sets its optimizer's step count, as if it had been trained."""
    network.compile("adam", "mse")
    network.optimizer.build(network.trainable_variables)
    network.optimizer.iterations.assign(steps)
    return network


def not_trained():
    return fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=16))


def compiled_only():
    return as_trained(not_trained(), steps=0)


def classifier_of_images():
    return as_trained(
        keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(2)])
    )


def trained_for_too_long():
    return as_trained(not_trained(), steps=301)


def compiled_twice():
    return as_trained(as_trained(not_trained(), steps=200), steps=101)


def of_another_models_encoder():
    """A network that was not trained, around an encoder that was."""
    encoder = as_trained(not_trained(), steps=301).get_layer("encode").encoder
    return fslkeras.networks.prototypical(encoder)


def trained_before():
    """A network that takes one step from another network's weights."""
    network = not_trained()
    for layer in network.get_layer("encode").encoder.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.gamma.assign(np.linspace(0.5, 1.5, 16))
    return as_trained(network, steps=1)


def exchanged_afterwards():
    """A network that takes one step and then gets another network's weights."""
    network = as_trained(not_trained(), steps=1)
    network.set_weights(not_trained().get_weights())
    return network


_WRONG_ANYWHERE = (
    ((301,), "300 are allowed"),
    ((0,), "was not trained"),
    (
        (300, 0.9397, 0.8437),
        "Did it train on the validation alphabets?",
    ),  # on the validation alphabets
    ((60, 0.0003, 0.0007), "*minus* the distance"),
    ((60, 0.05, 0.05), "the same score"),
    ((300, 0.0500, 0.0511), "the same score"),
    ((300, 0.0299, 0.0300), "below chance"),
    ((300, 0.0000, 0.0010), "below chance"),
    ((1, 0.0510, 0.0490), "The target is"),  # random weights
    ((300, 0.0300, 0.0300), "The target is"),
    ((300, 0.2000, 0.2100), "The target is"),
    ((300, np.nan, np.nan), "The target is"),
    ((300, 0.5000, 0.4000), "Did it train on the validation alphabets?"),
    ((4000, 0.9600, 0.9520), "300 are allowed"),  # as many steps as the published networks
    ((0, 0.9600, 0.9520), "was not trained"),  # the same, with its optimizer reset
    (not_trained, "was not trained"),
    (compiled_only, "was not trained"),
    (trained_for_too_long, "300 are allowed"),
    (compiled_twice, "300 are allowed"),
    (of_another_models_encoder, "300 are allowed"),
    (trained_before, "trained before"),
    (exchanged_afterwards, "not those that were trained"),
    (classifier_of_images, "does not turn episodes"),
    (keras.callbacks.History(), "expected the trained keras.Model"),
    ("84 %", "type str"),
    (0.84, "type float"),
)
