"""Answers to `checks.breakages`, chapter 2."""

import numpy as np
from answers import RIGHT, WRONG

RIGHT["breakages"] = [
    {"divided": 98, "moved": 0, "copied": 100, "blank": 20},
    {"divided": 97.5, "moved": 1, "copied": 99.9, "blank": 20.0},
    {"blank": np.float32(20), "copied": np.int64(100), "moved": 0.5, "divided": 98.2},
    {"divided": "98 %", "moved": "0", "copied": "100%", "blank": "20", "note": "the last one is a tie"},
]
WRONG["breakages"] = [
    ({"divided": 20, "moved": 0, "copied": 100, "blank": 20}, "nearest prototype stays the nearest"),
    ({"divided": 98, "moved": 20, "copied": 100, "blank": 20}, "no random order"),
    ({"divided": 98, "moved": 0, "copied": 98, "blank": 20}, "at distance zero"),
    ({"divided": 98, "moved": 0, "copied": 100, "blank": 0}, "a tie among five"),
    ({"divided": 0.98, "moved": 0, "copied": 1, "blank": 0.2}, "per cent"),
    ({"divided": 98, "moved": 0, "copied": 100, "blank": None}, "still to be predicted"),
    ({"divided": 98, "moved": 0, "copied": 110, "blank": 20}, "between 0 and 100"),
    ({"divided": "as before", "moved": 0, "copied": 100, "blank": 20}, "a number"),
    ({"divided": 98, "moved": 0, "copied": 100, "Blank": 20}, "no key 'blank'"),
    ([98, 0, 100, 20], "a dict"),
]
