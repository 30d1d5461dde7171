"""Answers to `checks.constant_losses`, chapter 3."""

import numpy as np
from answers import RIGHT, WRONG

LOSSES = {"always 0": 0.05, "always 1": 0.95, "always 0.5": 0.25, "always 0.05": 0.0475}
target = np.eye(20)
RIGHT["constant_losses"] = [
    LOSSES,
    {name: np.mean((float(name.split()[1]) - target) ** 2) for name in LOSSES},
    {name: ((c - 1) ** 2 + 19 * c**2) / 20 for name, c in zip(LOSSES, (0, 1, 0.5, 0.05), strict=True)},
    {**LOSSES, "always 0.05": "0.048"},
    {"always 0": 1 / 20, "always 1": 19 / 20, "always 0.5": 1 / 4, "always 0.05": 0.047},
]
WRONG["constant_losses"] = [
    ({**LOSSES, "always 0": 1}, "sum over the classes"),
    ({**LOSSES, "always 0": 0}, "one of 20 entries"),
    ({**LOSSES, "always 0": 0.95, "always 1": 0.05}, "That is always 1"),
    ({**LOSSES, "always 0": 1 / 19}, "all 20 entries"),
    ({**LOSSES, "always 0": 5}, "per cent"),
    ({**LOSSES, "always 1": 19}, "sum over the classes"),
    ({**LOSSES, "always 1": 0}, "19 others"),
    ({**LOSSES, "always 1": 1}, "the mean is over all 20"),
    ({**LOSSES, "always 0.5": 0.5}, "Square it"),
    ({**LOSSES, "always 0.5": 5}, "sum over the classes"),
    ({**LOSSES, "always 0.5": 0.0125}, "true class alone"),
    ({**LOSSES, "always 0.5": 0.2375}, "true class is wrong by 0.5"),
    ({**LOSSES, "always 0.05": 0.95}, "sum over the classes"),
    ({**LOSSES, "always 0.05": 0.05}, "a little less"),
    ({**LOSSES, "always 0.05": 0.095}, "Square the errors"),
    ({**LOSSES, "always 0.05": 0.0451}, "19 wrong classes are missing"),
    ({**LOSSES, "always 0.05": 0.0024}, "true class is missing"),
    ({**LOSSES, "always 0.05": 0.3}, "once more"),
    ({**LOSSES, "always 0.05": None}, "still to be predicted"),
    (dict(list(LOSSES.items())[:3]), "no key 'always 0.05'"),
]
