"""Answers to `checks.siamese_training`, chapter 1."""

from training_records import as_trained, right, wrong

import fslkeras

PLAIN = (300, 0.3544, 0.3173)  # 5-way, 5 queries, margin 1, a rate that falls from 0.001 to 0


def shipped():
    return as_trained(fslkeras.networks.episode_model(fslkeras.networks.pretrained("siamese")))


def network_for_pairs():
    return as_trained(fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=4)))


right(
    "siamese_training",
    (300, 0.8842, 0.8702),  # 60-way, margin 3: the solution
    (300, 0.8581, 0.8473),  # 80-way, margin 5
    (300, 0.8849, 0.8779),  # margin 2, Conv4-48, two epochs of 150 steps
    (300, 0.9056, 0.8956),  # the softmax in place of the contrastive loss
    shipped,
)
wrong(
    "siamese_training",
    (PLAIN, "84.0 % are wanted"),
    (PLAIN, "the pairs that a batch of images holds"),
    ((300, 0.8399, 0.8300), "Close."),
    (network_for_pairs, "does not answer episodes"),
)
