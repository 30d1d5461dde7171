"""Answers to `checks.contrastive_loss`, chapter 1."""

import numpy as np
import tensorflow as tf
from answers import right, wrong
from keras import ops

import fslkeras


@right("contrastive_loss")
def from_the_formula(y, distances, margin):
    gap = np.maximum(margin - distances, 0)
    return np.mean(y * distances**2 + (1 - y) * gap**2)


@right("contrastive_loss")
def pair_by_pair(y, d, margin):
    total = 0.0
    for label, distance in zip(y, d, strict=True):
        total += distance**2 if label else max(margin - distance, 0) ** 2
    return total / len(y)


@right("contrastive_loss")
def with_where(y, E, m):
    return np.where(y == 1, np.square(E), np.square(np.clip(m - E, 0, None))).mean()


@right("contrastive_loss")
def loss_in_keras(y, d, margin):
    return ops.mean(y * ops.square(d) + (1 - y) * ops.square(ops.relu(margin - d)))


@right("contrastive_loss")
def loss_in_tensorflow(y, d, margin):
    return tf.reduce_mean(y * d**2 + (1 - y) * tf.nn.relu(margin - d) ** 2)


@right("contrastive_loss")
def by_the_package(y, d, margin):
    return fslkeras.losses.ContrastiveLoss(float(margin))(y, d)


@wrong("contrastive_loss", "labels are exchanged")
def flipped(y, d, margin):
    return from_the_formula(1 - y, d, margin)


@wrong("contrastive_loss", "forgets the max")
def no_max(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * (margin - d) ** 2)


@wrong("contrastive_loss", "square what is missing")
def hinge_not_squared(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(margin - d, 0))


@wrong("contrastive_loss", "square the distance")
def distance_not_squared(y, d, margin):
    return np.mean(y * d + (1 - y) * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "both terms lack")
def nothing_squared(y, d, margin):
    return np.mean(y * d + (1 - y) * np.maximum(margin - d, 0))


@wrong("contrastive_loss", "the sum over the pairs")
def summed(y, d, margin):
    return np.sum(y * d**2 + (1 - y) * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "loss of each pair")
def one_for_each_pair(y, d, margin):
    return y * d**2 + (1 - y) * np.maximum(margin - d, 0) ** 2


@wrong("contrastive_loss", "halves")
def with_halves(y, d, margin):
    return np.mean(0.5 * y * d**2 + 0.5 * (1 - y) * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "a margin of 1")
def margin_fixed(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(1 - d, 0) ** 2)


@wrong("contrastive_loss", "the distance minus the margin")
def other_way_round(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(d - margin, 0) ** 2)


@wrong("contrastive_loss", "max(margin - E², 0)")
def squared_inside(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(margin - d**2, 0))


@wrong("contrastive_loss", "forgets the margin")
def no_margin(y, d, margin):
    return np.mean(y * d**2 - (1 - y) * d**2)


@wrong("contrastive_loss", "leaves out the pairs of two classes")
def same_only(y, d, margin):
    return np.mean(y * d**2)


@wrong("contrastive_loss", "stopped with an error, TypeError")
def margin_left_out(y, d):
    return np.mean(y * d**2)


@wrong("contrastive_loss", "np.maximum")
def pythons_max(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * max(margin - d, 0) ** 2)


@wrong("contrastive_loss", "answers the example")
def the_example(y, d, margin):
    return 0.34


@wrong("contrastive_loss", "and it returns 3")
def constant(y, d, margin):
    return 3.0
