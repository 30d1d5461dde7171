"""Answers to the open exercises, which train a network: training records, and networks.

A real training run takes half a minute, so the checks are tested on recorded measurements, and on
networks whose optimizers only claim to have taken steps. Functions build the networks when needed.
"""

import keras
import numpy as np
from answers import RIGHT, WRONG

import fslkeras
from fslkeras.course.checks.training import TrainingRecord


def right(exercise, *answers):
    """Registers right answers: networks, or (steps, validation accuracy, accuracy elsewhere)."""
    RIGHT[exercise] = [_record(answer) for answer in answers]


def wrong(exercise, *answers):
    """Registers (wrong answer, words from its reason), and the answers wrong in any exercise."""
    WRONG[exercise] = [
        (_record(answer), because) for answer, because in (*answers, *_WRONG_ANYWHERE)
    ]


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
