"""Answers to `checks.relation_training`, chapter 3."""

from training_records import as_trained, right, wrong

import fslkeras

PLAIN = (300, 0.5872, 0.5328)  # 5-way, the squared error, a constant rate of 0.001


def maps_alone():
    return as_trained(fslkeras.encoders.conv4(filters=4, pooled_blocks=2, flatten=False))


right(
    "relation_training",
    (300, 0.9024, 0.8751),  # 40-way, categorical cross-entropy, a rate that falls from 0.004 to 0: the solution
    (300, 0.8863, 0.8515),  # the cross-entropy of the scores' log-odds
    (300, 0.8400, 0.8300),  # just enough
    (1, 0.8400, 0.9000),  # better elsewhere, and at once
)


def siamese_episodes():
    return as_trained(fslkeras.networks.episode_model(fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=16))))


wrong(
    "relation_training",
    (siamese_episodes, "compares as a Siamese network"),
    (PLAIN, "84.0 % are wanted"),
    (PLAIN, "find out about the loss"),
    ((300, 0.8399, 0.8300), "Close."),
    (maps_alone, "does not answer episodes"),
)
