"""Answers to `checks.short_training`, chapter 2."""

import keras
import numpy as np
from training_records import as_trained, not_trained, right, wrong

import fslkeras

PLAIN = (300, 0.6035, 0.5622)  # 5-way, 5 queries, a constant rate of 0.001


def hardly_trained():
    return as_trained(not_trained())


def trained_for_two_epochs_of_300():
    return as_trained(not_trained(), steps=600)


def encoder_alone():
    return as_trained(fslkeras.encoders.conv4(filters=4))


def head_alone():
    return as_trained(fslkeras.networks.encoder_and_head(not_trained())[1])


def siamese_pairs():
    return as_trained(fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=4)))


def head_on_a_trained_encoder():
    """Weights that no step changed, because they are frozen, but that are not random."""
    encoder = fslkeras.networks.pretrained("semi_supervised").get_layer("encode").encoder
    encoder.trainable = False
    embed = keras.Sequential([keras.Input((28, 28, 1)), encoder, keras.layers.Dense(32)])
    return as_trained(fslkeras.networks.prototypical(embed))


def with_probabilities():
    network = not_trained()
    return as_trained(keras.Model(network.input, keras.ops.softmax(network.output)))


def diverged():
    network = as_trained(not_trained())
    network.set_weights([np.full_like(weight, np.nan) for weight in network.get_weights()])
    return network


def frozen_afterwards():
    network = as_trained(not_trained(), steps=600)
    network.trainable = False
    return network


def model_and_history():
    return not_trained(), keras.callbacks.History()


def the_function_itself():
    return hardly_trained


right(
    "short_training",
    (300, 0.8768, 0.8663),  # 60-way, a rate that falls from 0.004 to 0: the solution
    (300, 0.8845, 0.8748),  # another training run of the same
    (300, 0.9002, 0.8970),  # 80-way, from 0.005, three epochs of 100 steps
    (300, 0.8870, 0.8714),  # an encoder of 24, 32, 40 and 48 filters
    (300, 0.8848, 0.8672),  # with rotated classes
    (300, 0.8908, 0.8769),  # AdamW
    (300, 0.8874, 0.8823),  # Nadam
    (300, 0.8878, 0.8789),  # 100-way with one query per class
    (300, 0.9058, 0.8926),  # 100-way, from 0.006
    (300, 0.8886, 0.8688),  # 40-way, from 0.008
    (300, 0.8631, 0.8401),  # 24 filters
    (300, 0.9075, 0.8961),  # the unsquared distance
)
wrong(
    "short_training",
    (PLAIN, "The target is 86.0 %"),
    (PLAIN, "the way in training"),
    ((300, 0.8599, 0.8500), "Close."),
    ((300, 0.8100, 0.8000), "Close."),
    ((300, 0.7900, 0.7800), "the way in training"),
    ((150, 0.8400, 0.8300), "after 150 steps"),
    ((600, 0.9200, 0.9100), "300 are allowed"),
    ((300, 0.9100, 0.8450), "Did it train on the validation alphabets?"),
    ((300, 0.0500, 0.0500), "the same score"),
    ((300, 0.0290, 0.0300), "below chance"),
    (hardly_trained, "The target is 86.0 %"),
    (with_probabilities, "The target is 86.0 %"),
    (trained_for_two_epochs_of_300, "300 are allowed"),
    (encoder_alone, "does not turn episodes"),
    (head_alone, "was not trained"),
    (siamese_pairs, "does not turn episodes"),
    (head_on_a_trained_encoder, "was trained before"),
    (diverged, "a far too high learning rate"),
    (frozen_afterwards, "300 are allowed"),
    (model_and_history, "type tuple"),
    (the_function_itself, "type function"),
    ({"loss": [0.4], "accuracy": [0.9]}, "type dict"),
    ([0.86], "type list"),
)
