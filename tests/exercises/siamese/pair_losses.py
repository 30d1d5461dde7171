"""Answers to `checks.pair_losses`, chapter 1."""

import numpy as np
from answers import RIGHT, WRONG

LOSSES = {"same at 0.8": 0.64, "different at 0.8": 0.04, "different at 1.5": 0, "same at 2": 4}
RIGHT["pair_losses"] = [
    LOSSES,
    {name: np.float32(value) for name, value in LOSSES.items()},
    {
        "same at 0.8": 0.8**2,
        "different at 0.8": (1 - 0.8) ** 2,
        "different at 1.5": max(1 - 1.5, 0) ** 2,
        "same at 2": 2**2,
    },
    {name: str(value) for name, value in LOSSES.items()},
]
WRONG["pair_losses"] = [
    ({**LOSSES, "same at 0.8": 0.8}, "E squared"),
    ({**LOSSES, "same at 0.8": 0.04}, "only E² is left"),
    ({**LOSSES, "different at 0.8": 0.64}, "only the second term"),
    ({**LOSSES, "different at 0.8": 0.2}, "Square it"),
    ({**LOSSES, "different at 1.5": 0.25}, "beyond the margin there is nothing"),
    ({**LOSSES, "same at 2": 0}, "Beyond the margin only pairs of *two* classes"),
    ({**LOSSES, "same at 2": 7}, "once more"),
    ({**LOSSES, "same at 2": None}, "still to be predicted"),
    ({**LOSSES, "same at 2": "four"}, "a number for each"),
]
