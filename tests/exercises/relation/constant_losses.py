"""Answers to `checks.constant_losses`, chapter 3: wrong ones follow a rule or miss once."""

from fractions import Fraction

import keras
import numpy as np
from answers import RIGHT, WRONG

LOSSES = {"always 0": 0.05, "always 1": 0.95, "always 0.5": 0.25, "always 0.05": 0.0475}
CONSTANTS = (0, 1, 0.5, 0.05)
TARGET = np.eye(20)


def every(rule):
    """The form, filled in by one rule for all four constants."""
    return {f"always {c:g}": rule(c) for c in CONSTANTS}


def pure_python(c):
    total = 0
    for true in range(20):
        for other in range(20):
            total += (c - (true == other)) ** 2
    return total / 400


RIGHT["constant_losses"] = [
    LOSSES,
    every(lambda c: np.mean((c - TARGET) ** 2)),
    every(lambda c: np.square(TARGET - c).sum() / TARGET.size),
    every(lambda c: ((c - 1) ** 2 + 19 * c**2) / 20),
    every(lambda c: 0.05 * (1 - c) ** 2 + 0.95 * c**2),
    every(lambda c: c**2 - c / 10 + 0.05),
    every(lambda c: (c - 0.05) ** 2 + 0.05 * 0.95),  # bias and variance
    every(lambda c: np.mean((c - TARGET[0]) ** 2)),  # one query is enough
    every(lambda c: np.mean([(c - 1) ** 2] + 19 * [c**2])),
    every(lambda c: float(keras.losses.MeanSquaredError()(TARGET, np.full((20, 20), c)))),
    every(lambda c: keras.losses.mean_squared_error(TARGET[:1], np.full((1, 20), c))),
    every(lambda c: np.mean((c - TARGET) ** 2, keepdims=True)),
    every(lambda c: np.float32(np.var(TARGET) + (TARGET.mean() - c) ** 2)),
    every(pure_python),
    every(lambda c: Fraction(str((c - 1) ** 2)) / 20 + Fraction(19, 20) * Fraction(str(c)) ** 2),
    {**LOSSES, "always 0.05": "0.0475"},
    {**LOSSES, "always 0.05": 0.047},  # rounded, either way
    {**LOSSES, "always 0.05": 0.048},
    {"always 0": 1 / 20, "always 1": 19 / 20, "always 0.5": 1 / 4, "always 0.05": 0.05 * 0.95},
    dict(reversed(LOSSES.items())),
]

_RULES = [
    (lambda c: (c - 1) ** 2 + 19 * c**2, "sum over the classes"),
    (lambda c: ((c - 1) ** 2 + 19 * c**2) / 19, "not by the 19 other"),
    (lambda c: (((c - 1) ** 2 + 19 * c**2) / 20) ** 0.5, "root"),
    (lambda c: ((c - 1) ** 2 + 19 * c**2) / 40, "no factor of one half"),
    (lambda c: 100 * ((c - 1) ** 2 + 19 * c**2) / 20, "not a percentage"),
    (lambda c: (1 - c + 19 * c) / 20, "Square it"),  # mean absolute error
    (lambda c: 1 - c, "count the true class only"),
    (lambda c: (1 - c) ** 2, "count the true class only"),
    (lambda c: (1 - c) ** 2 / 20, "counts the true class only"),
    (lambda c: 19 * c**2 / 20, "one of 20 entries"),
    (lambda c: c**2, "one of 20 entries"),
    (lambda c: ((c - 1) ** 2 + c**2) / 2, "not one of two"),
    (lambda c: c * (1 - c), "one of 20 entries"),
    (lambda c: abs(c - 0.05), "distance from the mean entry"),
    (lambda c: (c - 0.05) ** 2, "square of the mean error"),  # the variance left out
    (lambda c: 0.05 * c**2 + 0.95 * (1 - c) ** 2, "the loss of always 1"),  # ones and zeros swapped
    (lambda c: ((c - 1) ** 2 + 18 * c**2) / 20, "a single 1 and 19 zeros"),
    (lambda c: ((c - 1) ** 2 + 20 * c**2) / 21, "always 0: not 0.047619"),
    (lambda c: ((c - 1) ** 2 + 4 * c**2) / 5, "a single 1 and 19 zeros"),  # 5-way
    (lambda c: ((c - 1) ** 2 + 9 * c**2) / 10, "a single 1 and 19 zeros"),  # 10-way
    (lambda c: -np.log(np.clip(1 - c, 1e-7, 1)), "one of 20 entries"),  # a cross-entropy
    (lambda c: keras.losses.BinaryCrossentropy()(TARGET, np.full((20, 20), c)), "a cross-entropy"),
    (lambda c: np.square(c - TARGET).sum(), "the sum over 20 queries"),
    (lambda c: np.mean(c - TARGET), "never negative"),
    (lambda c: np.mean(TARGET - c), "never negative"),
    (lambda c: (1 - c) / 20 + 19 * c**2 / 20, "that of the true class, too"),
    (lambda c: (1 - c) ** 2 / 20 + 19 * c / 20, "those of the other classes, too"),
]
_SLIPS = [
    ("always 0", 0, "one of 20 entries"),
    ("always 0", 0.0475, "cost nothing"),
    ("always 0", 0.5, "not one of two"),
    ("always 1", 0.5, "not one of two"),
    ("always 1", 0, "includes the 19 others"),
    ("always 1", 1, "take the mean of all 20"),
    ("always 0.5", 0.0125, "counts the true class only"),
    ("always 0.5", 0.2375, "The true class counts"),
    ("always 0.5", 10, "not their sum"),
    ("always 0.5", -np.log(0.5), "a cross-entropy"),
    ("always 0.5", 0, "never right"),
    ("always 0.05", 0.95, "not squared"),
    ("always 0.05", 0.9025, "includes the 19 others"),
    ("always 0.05", 0.05, "a little less"),
    ("always 0.05", 0.0465, "How far is the constant"),
    ("always 0.05", 0.0485, "How far is the constant"),
    ("always 0.05", 0.095, "Square the errors"),
    ("always 0.05", 0.0451, "19 other classes are missing"),
    ("always 0.05", 0.0024, "true class is missing"),
    ("always 0.05", 0.0025, "should be 1"),
    ("always 0.05", 0.4525, "not one of two"),
    ("always 0.05", 0.95**2 + 0.05**2, "not one of two"),
    ("always 0.05", 1.9, "not their sum"),
    ("always 0.05", 0.2 * 0.95**2 + 0.8 * 0.05**2, "At 20-way"),
    ("always 0.05", 0.1 * 0.95**2 + 0.9 * 0.05**2, "At 20-way"),
    ("always 0.05", -0.05 * np.log(0.05) - 0.95 * np.log(0.95), "a cross-entropy"),
    ("always 0.05", 0, "right for none"),
    ("always 0.05", 0.3, "How far is the constant"),
    ("always 0.05", None, "not answered yet"),
    ("always 0.05", "little", "expected a number"),
    ("always 0.05", np.full(20, 0.0475), "expected a number for 'always 0.05'"),
]
WRONG["constant_losses"] = [
    *((every(rule), because) for rule, because in _RULES),
    *(({**LOSSES, name: number}, because) for name, number, because in _SLIPS),
    (dict(list(LOSSES.items())[:3]), "no key 'always 0.05'"),
    (list(LOSSES.values()), "a dict"),
]
