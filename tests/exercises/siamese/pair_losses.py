"""Answers to `checks.pair_losses`, chapter 1."""

import numpy as np
from answers import RIGHT, WRONG

LOSSES = {"same at 0.8": 0.64, "different at 0.8": 0.04, "different at 1.5": 0, "same at 2": 4}


def _loss(same, distance):
    return same * distance**2 + (1 - same) * max(1 - distance, 0) ** 2


RIGHT["pair_losses"] = [
    LOSSES,
    {
        "same at 0.8": 0.8**2,
        "different at 0.8": (1 - 0.8) ** 2,
        "different at 1.5": max(1 - 1.5, 0) ** 2,
        "same at 2": 2**2,
    },
    {name: _loss(name.startswith("same"), float(name.split()[-1])) for name in LOSSES},
    dict(reversed(LOSSES.items())),
    {**LOSSES, "a note of mine": "the last one costs most"},
    {name: f" {value} " for name, value in LOSSES.items()},
    {name: round(value, 1) if value == 4 else value for name, value in LOSSES.items()},
    {**LOSSES, "different at 1.5": -0.0},
    {**LOSSES, "different at 1.5": False},
    {**LOSSES, "different at 0.8": 0.2 * 0.2},
    {**LOSSES, "same at 0.8": 0.6400000000000001},
    *(
        {name: kind(value) for name, value in LOSSES.items()}
        for kind in (np.float32, np.float16, np.array, str)
    ),
]
WRONG["pair_losses"] = [
    ({**LOSSES, name: value}, because)
    for name, reasons in {
        "same at 0.8": {
            0.8: "E squared",
            0.04: "only E² is left",
            0.2: "for different classes only",
            0: "distance zero",
            0.32: "no factor",
            0.36: "does not matter",
            0.68: "Only one of the two terms",
            1.6: "not doubled",
            64: "decimal point",
            0.4096: "square it once",
            -0.64: "never negative",
            0.5: "once more",
            6.4: "decimal point",
            0.8**2 / 4: "a quarter",
            2 * 0.8**2: "twice E²",
            0.8**3: "do not cube",
            0.8**0.5: "do not take its root",
            (1 / (1 + np.exp(-0.8))) ** 2: "a sigmoid",
        },
        "different at 0.8": {
            0.64: "only the second term",
            0.2: "Square it",
            0: "inside the margin",
            0.36: "not E alone",
            0.02: "no factor",
            0.68: "Only one of the two terms",
            0.8: "only the margin minus E",
            0.4: "not doubled",
            3.24: "not added",
            -0.04: "never negative",
            -0.2: "never negative",
            (1 - 0.8**2) ** 2: "not E as well",
            0.2**2 / 4: "a quarter",
            2 * 0.2**2: "twice the square",
            0.2**0.5: "do not take the root",
            (2 - 0.8) ** 2: "a margin of 2",
            (1 - 1 / (1 + np.exp(-0.8))) ** 2: "a sigmoid",
        },
        "different at 1.5": {
            0.25: "beyond the margin, a pair costs nothing",
            -0.25: "never negative",
            -0.5: "never negative",
            0.5: "beyond the margin by 0.5",
            1.5: "not the loss",
            1: "beyond it",
            2.25: "loss for the same class",
            2.5: "Only one of the two terms",
            0.125: "costs nothing",
            6.25: "not added",
        },
        "same at 2": {
            0: "Beyond the margin, only pairs of *different* classes",
            2: "E squared",
            1: "does not matter",
            3: "does not matter",
            5: "Only one of the two terms",
            8: "2 times 2",
            16: "square it once",
            -1: "never negative",
            7: "once more",
            None: "not answered yet",
            "four": "a number for",
            np.nan: "once more",
        },
    }.items()
    for value, because in reasons.items()
]
WRONG["pair_losses"] += [
    ({name: value for name, value in LOSSES.items() if name != "same at 2"}, "no key 'same at 2'"),
    (list(LOSSES.values()), "expected a dict"),
]
