"""Chapter 3: the sizes of a relation network."""

from fslkeras.course.checks.compare import compare_form
from fslkeras.course.checks.exercise import exercise


@exercise(
    hints=(
        "How many queries are there in all, and which classes does each of them meet? A convolution keeps 7x7 here; a pooling "
        "halves the side.",
        "Each query meets every class, also those that it is not of. A pooling window of 2x2 that does not fit in whole is left out: "
        "the side is halved and rounded down.",
        "A convolution has 3 x 3 x (channels that come in) x (channels that go out) weights, the same ones at every place. "
        "What comes in is the concatenation.",
    ),
    solution="""sizes = {
    "channels after concatenation": 32 + 32,
    "pairs": (20 * 5) * 20,
    "side after the first pooling": 7 // 2,
    "side after the second pooling": 3 // 2,
    "weights of the first convolution": 3 * 3 * 64 * 32,
}""",
)
def relation_sizes(answer):
    """Checks a dict of five sizes in a relation network, for 20-way 1-shot episodes with 5 queries a class."""
    compare_form(answer, _RELATION_SIZES, tolerance=0.005, otherwise="Count once more.")
    return "2,000 pairs out of 120 images: what is done for each pair is what has to be cheap."


_RELATION_SIZES = {
    "channels after concatenation": (
        64,
        {
            32: "The map of the query and that of the class lie one behind the other: each brings its own channels. (If they were "
            "added, 32 would be right.)",
            1024: "The channels are laid one behind the other, not multiplied.",
            96: "A pair is one query and one class: two maps.",
            640: "A pair is one query and one class, however many classes there are: two maps.",
            672: "A pair is one query and one class, however many classes there are: two maps.",
        },
    ),
    "pairs": (
        2000,
        {
            100: "That is the number of queries. Each of them meets *every* class, also those that it is not of.",
            20: "That is the number of classes. Each of the 100 queries meets every one of them.",
            5: "That is the number of queries of one class. All queries of all classes meet every class.",
            400: "That is one query a class. There are 5 of each class: 100 queries.",
            120: "Queries and classes are not added: each query meets every class.",
            1900: "The pairs of a query with its own class count, too: they are those whose score is to be 1.",
            1000: "No pair is counted twice: one side is a query, the other a class.",
            10000: "Queries meet classes, not other queries.",
            14400: "Queries meet classes, not all images all images.",
            2400: "The support images are the classes here: 1-shot. They meet the queries, not each other.",
            500: "5 queries of each of 20 classes are 100 queries, and each of them meets 20 classes, not 5.",
        },
    ),
    "side after the first pooling": (
        3,
        {
            3.5: "There are no half pixels: a window of 2x2 that does not fit in whole is left out.",
            4: "That is rounded up. Three windows of 2x2 fit into 7; the last row and column are left out.",
            7: 'The convolution keeps the side, with padding="same". The pooling halves it.',
            5: 'With padding="same" the convolution keeps the side of 7, and the pooling halves it.',
            2: 'With padding="same" the convolution keeps the side of 7: half of that, rounded down, is more than 2.',
            1: "That is the side after the second pooling.",
            9: "The side is asked for, not the number of places: 3x3 has the side 3.",
        },
    ),
    "side after the second pooling": (
        1,
        {
            1.5: "There are no half pixels: a window of 2x2 that does not fit in whole is left out.",
            1.75: "There are no half pixels: round down after each pooling.",
            2: "That is rounded up. One window of 2x2 fits into 3; the last row and column are left out.",
            3: "That is the side after the first pooling. The second halves it again.",
            0: "One window of 2x2 still fits into 3x3.",
            0.5: 'With padding="same" the convolution keeps the side of 3: one window of 2x2 fits into it.',
        },
    ),
    "weights of the first convolution": (
        18432,
        {
            9216: "That is a convolution of one map. What comes in is the concatenation, with twice as many channels.",
            18464: "It has no bias: batch normalization follows, and brings one.",
            9248: "What comes in is the concatenation, with twice as many channels; and there is no bias.",
            36864: "The concatenation has 64 channels, and 32 go out.",
            2048: "Each of the 32 filters sees 3x3 places, not one.",
            6144: "A filter sees 3 x 3 = 9 places.",
            576: "That is one filter. There are 32 of them.",
            577: "That is one filter, with a bias. There are 32 filters, and no bias.",
            288: "Each filter has weights of its own for each of the 64 channels that come in.",
            64: "3 x 3 places, 64 channels in, 32 channels out: multiply all of them.",
            903168: "The same weights serve at each of the 7x7 places: do not count them 49 times.",
        },
    ),
}
