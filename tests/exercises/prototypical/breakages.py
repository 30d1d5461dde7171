"""Answers to `checks.breakages`, chapter 2."""

import numpy as np
from answers import RIGHT, WRONG

RIGHT["breakages"] = [
    {"divided": 98, "moved": 0, "copied": 100, "blank": 20},
    {"divided": 97.5, "moved": 1, "copied": 99.9, "blank": 20.0},
    {"blank": np.float32(20), "copied": np.int64(100), "moved": 0.5, "divided": 98.2},
    {
        "divided": "98 %",
        "moved": "0",
        "copied": "100%",
        "blank": "20",
        "note": "the last one is a tie",
    },
]
WRONG["breakages"] = [
    (
        {"divided": 20, "moved": 0, "copied": 100, "blank": 20},
        "nearest prototype stays the nearest",
    ),
    ({"divided": 98, "moved": 20, "copied": 100, "blank": 20}, "not a random order"),
    ({"divided": 98, "moved": 0, "copied": 98, "blank": 20}, "at distance zero"),
    ({"divided": 98, "moved": 0, "copied": 100, "blank": 0}, "a tie among five"),
    ({"divided": 0.98, "moved": 0, "copied": 1, "blank": 0.2}, "percentages"),
    ({"divided": 98, "moved": 0, "copied": 100, "blank": None}, "not answered yet"),
    ({"divided": 98, "moved": 0, "copied": 110, "blank": 20}, "between 0 and 100"),
    ({"divided": "as before", "moved": 0, "copied": 100, "blank": 20}, "a number"),
    ({"divided": 98, "moved": 0, "copied": 100, "Blank": 20}, "no key 'blank'"),
    ([98, 0, 100, 20], "a dict"),
]


def form(divided=98, moved=0, copied=100, blank=20):
    return {"divided": divided, "moved": moved, "copied": copied, "blank": blank}


RIGHT["breakages"] += [
    form(divided=divided, moved=moved, copied=copied, blank=blank)
    for divided, moved, copied, blank in (
        (97, 0, 100, 20),
        (98.27, 0.4, 100, 20),
        (100, 2, 100, 20),
        (96, 5, 100, 20),
        (98, 0.0, 100.0, 20.0),
        (98, 1, 99.8, 20.2),
        ("98", "0", "100", "20"),
        ("98 %", "0 %", "100 %", "20 %"),
        (np.float64(98), np.int32(0), np.float16(100), np.uint8(20)),
        (np.array(98), np.array(0), np.array(100), np.array(20)),
        (98, False, 100, 100 / 5),
        (0.98 * 100, 0, 1e2, 1 / 5 * 100),
    )
]
WRONG["breakages"] += [
    (form(**{name: value}), because)
    for name, value, because in (
        ("divided", 20, "20 % is chance"),
        ("divided", 0.98, "instead of 0.98, write 98"),
        ("divided", 1, "instead of 1, write 100"),
        ("divided", 0, "nearest prototype stays the nearest"),
        ("divided", 50, "do the answers change?"),
        ("divided", 90, "nearest prototype stays the nearest"),
        ("moved", 98, "which have not moved"),
        ("moved", 80, "all do"),
        ("moved", 100, "what was right is wrong"),
        ("moved", 2 * 20, "what was right is wrong"),
        ("copied", 98, "98 % is what the unbroken"),
        ("copied", 20, "20 % is chance"),
        ("copied", 0, "highest score, not the lowest"),
        ("copied", 99, "nothing can be nearer"),
        ("copied", 1, "instead of 1, write 100"),
        ("blank", 0, "worse than a guess"),
        ("blank", 98, "comes from the support set"),
        ("blank", 100, "not count as a correct answer"),
        ("blank", 0.2, "instead of 0.2, write 20"),
        ("blank", 25, "a tie among five"),
        ("blank", 50, "a tie among five"),
        ("blank", -1, "between 0 and 100"),
        ("blank", float("nan"), "between 0 and 100"),
        ("blank", "a fifth", "a number"),
    )
] + [
    (form(divided=20, blank=0), "blank: that is worse"),
    (form(20, 20, 20, 20 + 5), "copied: 20 % is chance"),
    (list(form().items()), "a dict"),
    (tuple(form().values()), "a dict"),
]
WRONG["breakages"] += [
    (form(divided=20), "reaches. All distances shrink"),
    (form(moved=20, blank=0), "becomes right. Blank: That is worse than a guess. Five prototypes"),
    (form(copied=None, blank=None), "not answered yet: copied, blank."),
]
