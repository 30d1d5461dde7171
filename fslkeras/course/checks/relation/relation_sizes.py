"""Chapter 3: the sizes of a relation network."""

from fslkeras.course.checks.compare import compare_form
from fslkeras.course.checks.exercise import exercise


@exercise(
    hints=(
        "How many queries are there in all, and which classes is each compared with? Here, a "
        "convolution keeps height and width, and pooling halves them.",
        "Each query is compared with every class, not only its own. A 2x2 pooling window that "
        "does not fit completely is left out: the side is halved and rounded down.",
        "A convolution has 3 x 3 x (input channels) x (output channels) weights, shared by all "
        "positions. Its input is the concatenation.",
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

    The maps are 11x11 with 48 channels, and the module has 24 filters. No two of these numbers
    are equal, so a mix-up shows.
    """
    compare_form(answer, _RELATION_SIZES, tolerance=0.005, otherwise="Count again.")
    return "300 pairs from only 40 images: the work done for each pair is what must be cheap."


_HALF_PIXELS = "There are no half pixels: a 2x2 window that does not fit completely is left out."
_TWO_MAPS = "A pair is one query and one class, so two maps, however many classes there are."
_FILTERS = "The filters are those of the next convolution. Both maps come from the encoder."
_SAME = 'With padding="same", the convolution keeps the side of {}; only pooling halves it.'
_NO_QUERIES = "Queries are paired with classes, not with other queries."
_EPISODE = "Here, an episode is 10-way, with 3 queries per class. (The figure's has other sizes.)"
_NOT_ADDED = "Do not add queries and classes: each query is paired with every class."
_NO_IMAGES = "Queries are paired with classes. Two images of the same kind are no pair."
_FIGURE = "Here, a map has 48 channels, and there are 24 filters. (The figure has 32 of each.)"
_KERNEL = "The kernel is 3x3, whatever the size of the map."
_NORMALIZATION = "Count the convolution's weights only, without those of the batch normalization."
_SMALLER = "Here, the side is 11 (in the figure, 7), and pooling halves it."
_SIDE = "Expected the side, not the number of positions: a {0}x{0} map has side {0}."
_RELATION_SIZES = {
    "channels after concatenation": (
        96,
        {
            48: "The query's map and the class's map each bring their own channels. (If they "
            "were added, this would be right.)",
            2304: "Concatenation puts channels side by side. It does not multiply their numbers.",
            72: _FILTERS,
            24: _FILTERS,
            120: _FILTERS,
            64: "That is the figure's module, with 32 channels per map. Here, a map has 48.",
            144: _TWO_MAPS,
            480: _TWO_MAPS,
            528: _TWO_MAPS,
        },
    ),
    "pairs": (
        300,
        {
            30: "That is the number of queries. Each is paired with *every* class.",
            10: "That is the number of classes. Each query is paired with every one of them.",
            3: "That is the number of queries per class. Every query is paired with every class.",
            100: "That is one query per class. There are 3 per class: 30 queries.",
            40: _NOT_ADDED,
            13: _NOT_ADDED,
            270: "The pair of a query and its own class counts, too: its score should be 1.",
            150: "No pair is counted twice: one side is a query, the other a class.",
            435: _NO_QUERIES,
            900: _NO_QUERIES,
            780: _NO_IMAGES,
            1600: _NO_IMAGES,
            45: "Classes are not paired with each other, but with queries.",
            1200: "The class's one image and its map are the same: 30 queries, 10 class maps.",
            500: _EPISODE,
            2000: _EPISODE,
            400: "At 1 shot, the support images are the classes. They do not form pairs.",
            90: "3 queries for each of 10 classes are 30, each paired with 10 classes, not 3.",
        },
    ),
    "side after the first pooling": (
        5,
        {
            5.5: _HALF_PIXELS,
            6: "That is rounded up. Five 2x2 windows fit into 11; the last row is left out.",
            11: _SAME.format(11),
            9: _SAME.format(11),
            4.5: _SAME.format(11),
            4: _SAME.format(11),
            10: "2x2 pooling has stride 2: its windows do not overlap.",
            2: "That is the side after the second pooling.",
            3: _SMALLER,
            7: _SMALLER,
            25: _SIDE.format(5),
        },
    ),
    "side after the second pooling": (
        2,
        {
            2.5: _HALF_PIXELS,
            2.75: "There are no half pixels: round down after each pooling.",
            3: "That is rounded up. Two 2x2 windows fit into 5; the last row is left out.",
            5: "That is the side after the first pooling. The second halves it again.",
            6: "Halve 11 twice, and round down each time.",
            4: _SIDE.format(2),
            1.5: _SAME.format(5),
            2.25: _SAME.format(11),
            1: "The convolutions keep the side, and there are two poolings: halve 11 twice.",
            0: "2x2 windows still fit into 5x5.",
        },
    ),
    "weights of the first convolution": (
        20736,
        {
            10368: "That is a convolution of one map. Its input is the concatenation.",
            10392: "Its input is the concatenation, with twice the channels, and there is no bias.",
            20760: "It has no bias: the batch normalization that follows has one.",
            41472: "It has 24 output channels: one per filter.",
            82944: "It has 24 output channels: one per filter.",
            5184: "That is the second convolution. The input of the first is the concatenation.",
            15552: "Its input is the concatenation of two maps of 48 channels each.",
            25920: "That includes the second convolution.",
            18432: _FIGURE,
            27648: _FIGURE,
            278784: _KERNEL,
            57600: _KERNEL,
            20784: _NORMALIZATION,
            20832: _NORMALIZATION,
            1080: "Each filter has its own weights for each input channel: multiply, do not add.",
            2304: "Each filter sees 3x3 positions, not one.",
            6912: "A filter sees 3 x 3 = 9 positions.",
            864: "That is one filter. There are 24 of them.",
            865: "That is one filter, with a bias. There are 24 filters, and no bias.",
            216: "Each filter has its own weights for each input channel.",
            96: "3 x 3 positions, input channels, output channels: multiply all of them.",
            2509056: "The same weights serve all 11x11 positions: count them once.",
            752716800: "Those are the multiplications. The same weights serve all positions and "
            "pairs: count them once.",
            6220800: "The same weights serve all pairs: count them once.",
        },
    ),
}
