"""Answers to `checks.relation_sizes`, chapter 3: each wrong number follows from a wrong rule."""

import numpy as np
from answers import RIGHT, WRONG

WAY, QUERY, SIDE, CHANNELS, FILTERS = 10, 3, 11, 48, 24
QUERIES = WAY * QUERY
IMAGES = QUERIES + WAY
SIZES = {
    "channels after concatenation": 96,
    "pairs": 300,
    "side after the first pooling": 5,
    "side after the second pooling": 2,
    "weights of the first convolution": 20736,
}
CONCATENATED, PAIRS, FIRST, SECOND, WEIGHTS = SIZES


def from_a_layer():
    """The sizes as Keras computes them."""
    import keras

    convolution = keras.layers.Conv2D(FILTERS, 3, padding="same", use_bias=False)
    sides = [keras.layers.MaxPooling2D().compute_output_shape((1, SIDE, SIDE, 1))[1]]
    sides.append(keras.layers.MaxPooling2D().compute_output_shape((1, *sides * 2, 1))[1])
    convolution.build((None, SIDE, SIDE, 2 * CHANNELS))
    pairs = np.zeros((QUERIES, WAY)).size
    return dict(zip(SIZES, (2 * CHANNELS, pairs, *sides, convolution.count_params()), strict=True))


RIGHT["relation_sizes"] = [
    SIZES,
    {
        CONCATENATED: 48 + 48,
        PAIRS: 10 * 3 * 10,
        FIRST: 11 // 2,
        SECOND: 5 // 2,
        WEIGHTS: 3 * 3 * 96 * 24,
    },
    {name: str(size) for name, size in SIZES.items()},
    {name: f" {size} " for name, size in SIZES.items()},
    {name: float(size) for name, size in SIZES.items()},
    {name: np.float32(size) for name, size in reversed(SIZES.items())},
    {name: np.array(size) for name, size in SIZES.items()},
    {name: np.array([size])[0] for name, size in SIZES.items()},
    {name: np.array([size]) for name, size in SIZES.items()},
    {name: [size] for name, size in SIZES.items()},
    {name: np.array([[size]]) for name, size in SIZES.items()},
    dict(zip(SIZES, (96, 300, 5, 2, 20736), strict=True)),
    {**SIZES, PAIRS: len([(q, c) for q in range(QUERIES) for c in range(WAY)])},
    {**SIZES, PAIRS: WAY**2 * QUERY},
    {**SIZES, FIRST: np.floor(SIDE / 2), SECOND: np.floor(SIDE / 4)},
    {**SIZES, FIRST: int(5.5), SECOND: int(2.75)},
    {**SIZES, WEIGHTS: np.prod((3, 3, 96, 24))},
    {**SIZES, WEIGHTS: 2 * 9 * CHANNELS * FILTERS},
    {**SIZES, "note": "twice the channels"},
    from_a_layer(),
]

_RULES = [
    (CONCATENATED, CHANNELS, "each bring their own channels"),
    (CONCATENATED, CHANNELS * CHANNELS, "does not multiply"),
    (CONCATENATED, CHANNELS + FILTERS, "filters are those of the next convolution"),
    (CONCATENATED, FILTERS, "filters are those of the next convolution"),
    (CONCATENATED, 2 * CHANNELS + FILTERS, "filters are those of the next convolution"),
    (CONCATENATED, 2 * FILTERS, "each bring their own channels"),
    (CONCATENATED, 3 * CHANNELS, "two maps"),
    (CONCATENATED, WAY * CHANNELS, "two maps"),
    (CONCATENATED, (WAY + 1) * CHANNELS, "two maps"),
    (PAIRS, QUERIES, "number of queries"),
    (PAIRS, WAY, "number of classes"),
    (PAIRS, QUERY, "queries per class"),
    (PAIRS, WAY * WAY, "3 per class"),
    (PAIRS, QUERIES + WAY, "Do not add"),
    (PAIRS, QUERY + WAY, "Do not add"),
    (PAIRS, QUERIES * (WAY - 1), "its own class"),
    (
        PAIRS,
        (QUERIES, WAY),
        "expected a number for 'pairs', such as 0.5, but received tuple (30, 10)",
    ),
    (PAIRS, QUERIES * WAY / 2, "counted twice"),
    (PAIRS, QUERIES * QUERIES, "not with other queries"),
    (PAIRS, QUERIES * (QUERIES - 1) / 2, "not with other queries"),
    (PAIRS, IMAGES * IMAGES, "of the same kind"),
    (PAIRS, IMAGES * (IMAGES - 1) / 2, "of the same kind"),
    (PAIRS, IMAGES * WAY, "do not form pairs"),
    (PAIRS, QUERIES * QUERY, "not 3"),
    (PAIRS, WAY * (WAY - 1) / 2, "not paired with each other"),
    (PAIRS, IMAGES * QUERIES, "10 class maps"),
    (PAIRS, WAY * WAY * 5, "with 3 queries per class"),  # the figure's queries
    (PAIRS, 20 * 20 * 5, "with 3 queries per class"),
    (PAIRS, -300, "Count again"),
    (FIRST, SIDE / 2, "no half pixels"),
    (FIRST, -(-SIDE // 2), "rounded up"),
    (FIRST, SIDE, "only pooling halves it"),
    (FIRST, SIDE - 2, "only pooling halves it"),
    (FIRST, (SIDE - 2) // 2, "only pooling halves it"),
    (FIRST, (SIDE - 2) / 2, "only pooling halves it"),
    (FIRST, SIDE - 1, "do not overlap"),
    (FIRST, SIDE // 4, "after the second pooling"),
    (FIRST, (SIDE // 2) ** 2, "not the number of positions"),
    (FIRST, 3, "Here, the side is 11"),  # the kernel's side, 3x3 windows, or the figure's map
    (FIRST, 7, "Here, the side is 11"),
    (SECOND, SIDE // 2 / 2, "no half pixels"),
    (SECOND, SIDE / 4, "round down after each"),
    (SECOND, -(-SIDE // 4), "rounded up"),
    (SECOND, SIDE // 2, "after the first pooling"),
    (SECOND, (SIDE // 4) ** 2, "not the number of positions"),
    (SECOND, (SIDE // 2 - 2) / 2, "only pooling halves it"),
    (SECOND, (SIDE - 2) / 4, "only pooling halves it"),
    (SECOND, -(-SIDE // 2), "round down each time"),
    (SECOND, SIDE // 8, "two poolings"),
    (SECOND, ((SIDE - 2) // 2 - 2) // 2, "two poolings"),
    (SECOND, 0, "still fit"),
    (WEIGHTS, 9 * CHANNELS * FILTERS, "convolution of one map"),
    (WEIGHTS, 9 * CHANNELS * FILTERS + FILTERS, "there is no bias"),
    (WEIGHTS, 9 * 2 * CHANNELS * FILTERS + FILTERS, "no bias"),
    (WEIGHTS, 9 * 2 * CHANNELS * CHANNELS, "one per filter"),
    (WEIGHTS, 9 * (2 * CHANNELS) ** 2, "one per filter"),
    (WEIGHTS, 9 * FILTERS * FILTERS, "second convolution"),
    (WEIGHTS, 9 * (CHANNELS + FILTERS) * FILTERS, "two maps of 48"),
    (WEIGHTS, 2 * CHANNELS * FILTERS, "3x3 positions, not one"),
    (WEIGHTS, 3 * 2 * CHANNELS * FILTERS, "9 positions"),
    (WEIGHTS, 9 * 2 * CHANNELS, "one filter"),
    (WEIGHTS, 9 * 2 * CHANNELS + 1, "with a bias"),
    (WEIGHTS, 9 * FILTERS, "its own weights"),
    (WEIGHTS, 2 * CHANNELS, "multiply all of them"),
    (WEIGHTS, SIDE**2 * 9 * 2 * CHANNELS * FILTERS, "all 11x11 positions"),
    (WEIGHTS, 300 * 9 * 2 * CHANNELS * FILTERS, "all pairs"),
    (WEIGHTS, 300 * SIDE**2 * 9 * 2 * CHANNELS * FILTERS, "Those are the multiplications"),
    (WEIGHTS, 9 * 2 * CHANNELS * FILTERS + 9 * FILTERS**2, "includes the second"),
    (WEIGHTS, 9 * 2 * CHANNELS * 32, "The figure has 32"),
    (WEIGHTS, 9 * 2 * 32 * 32, "The figure has 32"),
    (WEIGHTS, SIDE**2 * 2 * CHANNELS * FILTERS, "whatever the size of the map"),
    (WEIGHTS, 25 * 2 * CHANNELS * FILTERS, "The kernel is 3x3"),
    (WEIGHTS, 9 * 2 * CHANNELS * FILTERS + 2 * FILTERS, "batch normalization"),
    (WEIGHTS, 9 * 2 * CHANNELS * FILTERS + 4 * FILTERS, "batch normalization"),
    (WEIGHTS, 9 * (2 * CHANNELS + FILTERS), "do not add"),
    (WEIGHTS, 12345, "Count again"),
    (WEIGHTS, np.nan, "Count again"),
    (WEIGHTS, None, "not answered yet"),
    (WEIGHTS, "many", "expected a number"),
]
EARLIER = dict(
    zip(SIZES, (64, 2000, 3, 1, 18432), strict=True)
)  # those of the chapter's own network
WRONG["relation_sizes"] = [
    *(({**SIZES, name: number}, because) for name, number, because in _RULES),
    (EARLIER, "Here, a map has 48"),
    (list(SIZES.values()), "a dict"),
    (dict(list(SIZES.items())[1:]), "no key 'channels after concatenation'"),
]
