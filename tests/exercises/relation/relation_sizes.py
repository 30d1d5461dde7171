"""Answers to `checks.relation_sizes`, chapter 3."""

import numpy as np
from answers import RIGHT, WRONG

SIZES = {
    "channels after concatenation": 64,
    "pairs": 2000,
    "side after the first pooling": 3,
    "side after the second pooling": 1,
    "weights of the first convolution": 18432,
}
CHANNELS, PAIRS, FIRST, SECOND, WEIGHTS = SIZES
RIGHT["relation_sizes"] = [
    SIZES,
    {CHANNELS: 32 + 32, PAIRS: 20 * 5 * 20, FIRST: 7 // 2, SECOND: 7 // 2 // 2, WEIGHTS: 3 * 3 * 64 * 32},
    {name: str(size) for name, size in SIZES.items()},
    {name: np.float32(size) for name, size in reversed(SIZES.items())},
]
WRONG["relation_sizes"] = [
    ({**SIZES, CHANNELS: 32}, "each brings its own channels"),
    ({**SIZES, CHANNELS: 1024}, "not multiplied"),
    ({**SIZES, CHANNELS: 672}, "two maps"),
    ({**SIZES, PAIRS: 100}, "number of queries"),
    ({**SIZES, PAIRS: 400}, "5 of each class"),
    ({**SIZES, PAIRS: 120}, "not added"),
    ({**SIZES, PAIRS: 1900}, "its own class"),
    ({**SIZES, PAIRS: 10000}, "not other queries"),
    ({**SIZES, FIRST: 3.5}, "no half pixels"),
    ({**SIZES, FIRST: 4}, "rounded up"),
    ({**SIZES, FIRST: 7}, "The pooling halves it"),
    ({**SIZES, FIRST: 9}, "the number of places"),
    ({**SIZES, SECOND: 1.75}, "round down after each"),
    ({**SIZES, SECOND: 2}, "rounded up"),
    ({**SIZES, SECOND: 0}, "still fits"),
    ({**SIZES, WEIGHTS: 9216}, "twice as many channels"),
    ({**SIZES, WEIGHTS: 18464}, "no bias"),
    ({**SIZES, WEIGHTS: 2048}, "3x3 places, not one"),
    ({**SIZES, WEIGHTS: 903168}, "at each of the 7x7 places"),
    ({**SIZES, WEIGHTS: 12345}, "Count once more"),
    ({**SIZES, WEIGHTS: np.nan}, "Count once more"),
    ({**SIZES, WEIGHTS: None}, "still to be predicted"),
    (list(SIZES.values()), "a dict"),
]
