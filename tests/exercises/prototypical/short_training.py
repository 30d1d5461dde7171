"""Answers to `checks.short_training`, chapter 2."""

from training_records import as_trained, not_trained, right, wrong

PLAIN = (300, 0.6035, 0.5622)  # 5-way, 5 queries, a constant rate of 0.001


def hardly_trained():
    return as_trained(not_trained())


right(
    "short_training",
    (300, 0.8768, 0.8663),  # 60-way, a rate that falls from 0.004 to 0: the solution
    (300, 0.9002, 0.8970),  # 80-way, from 0.005, three epochs of 100 steps
    (300, 0.8870, 0.8714),  # an encoder of 24, 32, 40 and 48 filters
    (300, 0.8848, 0.8672),  # with rotated classes
)
wrong(
    "short_training",
    (PLAIN, "86.0 % are wanted"),
    (PLAIN, "the way in training"),
    ((300, 0.8599, 0.8500), "Close."),
    (hardly_trained, "86.0 % are wanted"),
)
