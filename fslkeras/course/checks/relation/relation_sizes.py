"""Chapter 3: the sizes of a relation network."""

from fslkeras.course.checks.compare import compare_form
from fslkeras.course.checks.exercise import exercise


@exercise(
    hints=(
        "How many queries are there in all, and which classes does each of them meet? A convolution "
        "keeps height and width here; a pooling halves them.",
        "Each query meets every class, also those that it does not belong to. A pooling window of "
        "2x2 that does not fit in whole is left out: the side is halved and rounded down.",
        "A convolution has 3 x 3 x (channels in) x (channels out) weights, the same ones at every "
        "place. What goes in is the concatenation.",
    ),
    solution="""sizes = {
    "channels after concatenation": 48 + 48,
    "pairs": (10 * 3) * 10,
    "side after the first pooling": 11 // 2,
    "side after the second pooling": 5 // 2,
    "weights of the first convolution": 3 * 3 * 96 * 24,
}""",
)
def relation_sizes(answer):
    """Checks a dict of five sizes, for 10-way 1-shot episodes with 3 queries per class.

    The maps are 11x11 with 48 channels and the module has 24 filters: no two of these numbers are
    equal, so that one cannot stand for another.
    """
    compare_form(answer, _RELATION_SIZES, tolerance=0.005, otherwise="Count again.")
    return "300 pairs of only 40 images: what is done for each pair is what has to be cheap."


_HALF_PIXELS = "There are no half pixels: a window of 2x2 that does not fit in whole is left out."
_TWO_MAPS = "A pair is one query and one class, however many classes there are: two maps."
_SAME = 'With padding="same" the convolution keeps the side of {}; only the pooling halves it.'
_SIDE = "Expected the side, not the number of places: a {0}x{0} map has the side {0}."
_RELATION_SIZES = {
    "channels after concatenation": (
        96,
        {
            48: "The query's map and the class's map each bring their own channels. (If they were added, this would be right.)",
            2304: "Concatenation puts the channels next to each other. It does not multiply them.",
            72: "The filters belong to the convolution that follows. Both maps come from the encoder.",
            24: "The filters belong to the convolution that follows. Both maps come from the encoder.",
            144: "A pair is one query and one class: two maps.",
            480: _TWO_MAPS,
            528: _TWO_MAPS,
        },
    ),
    "pairs": (
        300,
        {
            30: "That is the number of queries. Each of them meets *every* class, not only its own.",
            10: "That is the number of classes. Each query meets every one of them.",
            3: "That is the number of queries of one class. All queries of all classes meet every class.",
            100: "That is one query per class. There are 3 of each class: 30 queries.",
            40: "Queries and classes are not added: each query meets every class.",
            270: "The pair of a query and its own class counts, too: its score should be 1.",
            150: "No pair is counted twice: one side is a query, the other a class.",
            435: "Queries meet classes, not other queries.",
            900: "Queries meet classes, not other queries.",
            780: "Queries meet classes. Images of the same kind do not meet.",
            1600: "Queries meet classes. Images of the same kind do not meet.",
            400: "At 1 shot, the support images are the classes. They do not meet each other.",
            90: "3 queries of each of 10 classes are 30 queries, and each meets 10 classes, not 3.",
        },
    ),
    "side after the first pooling": (
        5,
        {
            5.5: _HALF_PIXELS,
            6: "That is rounded up. Five windows of 2x2 fit into 11; the last row is left out.",
            11: _SAME.format(11),
            9: _SAME.format(11),
            4.5: _SAME.format(11),
            4: _SAME.format(11),
            10: "A pooling of 2x2 moves by 2: its windows do not overlap.",
            2: "That is the side after the second pooling.",
            25: _SIDE.format(5),
        },
    ),
    "side after the second pooling": (
        2,
        {
            2.5: _HALF_PIXELS,
            2.75: "There are no half pixels: round down after each pooling.",
            3: "That is rounded up. Two windows of 2x2 fit into 5; the last row is left out.",
            5: "That is the side after the first pooling. The second halves it again.",
            4: _SIDE.format(2),
            1.5: _SAME.format(5),
            1: "There are two poolings, and the convolutions keep the side: 11 is halved twice.",
            0: "Windows of 2x2 still fit into 5x5.",
        },
    ),
    "weights of the first convolution": (
        20736,
        {
            10368: "That is a convolution of one map. What goes in is the concatenation.",
            10392: "What goes in is the concatenation, twice as many channels; and there is no bias.",
            20760: "It has no bias: batch normalization follows, and has one.",
            41472: "24 channels go out: one per filter.",
            82944: "24 channels go out: one per filter.",
            5184: "That is the second convolution. What goes into the first is the concatenation.",
            15552: "What goes in is the concatenation of two maps of 48 channels each.",
            2304: "Each filter sees 3x3 places, not one.",
            6912: "A filter sees 3 x 3 = 9 places.",
            864: "That is one filter. There are 24 of them.",
            865: "That is one filter, with a bias. There are 24 filters, and no bias.",
            216: "Each filter has its own weights for each of the channels that go in.",
            96: "3 x 3 places, channels in, channels out: multiply all of them.",
            2509056: "The same weights serve at each of the 11x11 places: count them once.",
            6220800: "The same weights serve all pairs: count them once.",
        },
    ),
}
