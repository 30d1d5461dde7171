"""The checks of chapter 3, Relation networks."""

import numpy as np

from fslkeras.course.checks.exercise import Wrong, call, compare, compare_form, exercise, loops
from fslkeras.course.checks.training import judge_training


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
            18464: "It has no bias: batch normalisation follows, and brings one.",
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


@exercise(
    hints=(
        "Write out one number of the result for C = 1: the pair [q, c] times the weights [[u], [v]] is q u + c v. Which part of it "
        "depends on the query alone?",
        "With C = queries.shape[1], queries @ weights[:C] has the shape (Q, F), and classes @ weights[C:] has (N, F). "
        "Each of the first is to meet each of the second.",
        "`a[:, None]` has the shape (Q, 1, F), and `b[None]` has (1, N, F). NumPy repeats an axis of size 1 as often as needed: add them.",
    ),
    solution="""C = queries.shape[1]
of_queries = queries @ weights[:C]  # (Q, F), once a query
of_classes = classes @ weights[C:]  # (N, F), once a class
return of_queries[:, None] + of_classes[None]  # (Q, N, F)""",
)
def split_concatenation(answer):
    """Checks a function from queries (Q, C), classes (N, C), weights (2C, F) to (Q, N, F): [query, class] @ weights of each pair."""
    rng = np.random.default_rng(3)

    def draw(n_queries, n_classes, channels, filters):
        return tuple(
            rng.normal(0.3, 1, shape).astype("float32")
            for shape in ((n_queries, channels), (n_classes, channels), (2 * channels, filters))
        )

    for n_queries, n_classes, filters in ((5, 3, 4), (3, 3, 2), (1, 4, 3), (4, 1, 1)):
        q, c, weights = draw(n_queries, n_classes, 3, filters)
        upper, lower = weights[:3], weights[3:]
        of_q, of_c = (q @ upper)[:, None], (c @ lower)[None]
        right = of_q + of_c
        concatenation = np.concatenate([np.tile(q[:, None], (1, n_classes, 1)), np.tile(c, (n_queries, 1, 1))], -1)
        tiled = np.concatenate([np.tile(q, (n_classes, 1)), np.tile(c, (n_queries, 1))], -1) @ weights
        misplaced = np.concatenate([np.tile(q, (n_classes, 1)), np.repeat(c, n_queries, axis=0)], -1) @ weights
        shape = right.shape
        mistakes = {
            "the halves are exchanged: the query comes first in the concatenation, so it meets the first C rows of the weights, and "
            "the class the others.": (q @ lower)[:, None] + (c @ upper)[None],
            "it takes the first half of the weights for both. The class comes second in the concatenation: weights[C:].": (
                of_q + (c @ upper)[None]
            ),
            "it takes the second half of the weights for both. The query comes first in the concatenation: weights[:C].": (
                (q @ lower)[:, None] + of_c
            ),
            "it takes every other row of the weights. The halves are the first C rows and the last C: weights[:C], weights[C:].": (
                (q @ weights[::2])[:, None] + (c @ weights[1::2])[None]
            ),
            "the axes are exchanged: expected the queries first, (queries, classes, F).": right.transpose(1, 0, 2),
            "the last two axes are exchanged: expected (queries, classes, F).": right.transpose(0, 2, 1),
            "it multiplies the two halves' results. Row times column is a sum, and its two parts are added.": of_q
            * of_c,
            "it subtracts the class's part. Row times column is a sum: add the two parts.": of_q - of_c,
            "it returns the mean of the two parts. Expected their sum.": right / 2,
            "the classes are missing: it returns the queries' part alone, and that once for all classes.": of_q[:, 0],
            "the classes are missing: it gives each query the same numbers for every class.": of_q + 0 * of_c,
            "the queries are missing: it returns the classes' part alone, and that once for all queries.": of_c[0],
            "the queries are missing: it gives each class the same numbers for every query.": 0 * of_q + of_c,
            "it returns the concatenation itself. The weights are missing: (queries, classes, 2C) times (2C, F).": concatenation,
            "it lays the two halves' results one behind the other. Add them: both are parts of the same sum.": np.concatenate(
                [np.broadcast_to(part, shape) for part in (of_q, of_c)], -1
            ),
            "it repeats queries and classes in the same rhythm, so that some pairs come several times and others never. np.repeat "
            "for the queries, np.tile for the classes, gives every pair once.": tiled.reshape(shape),
            "the pairs are in the wrong order: all classes of query 0 first, then those of query 1. np.repeat repeats each row, "
            "np.tile the whole array.": misplaced.reshape(shape),
            "it cuts off what is below zero. The ReLU comes later in the network.": np.maximum(right, 0),
            "it returns whole numbers: an array of integers throws away what comes after the decimal point.": np.trunc(
                right
            ),
            "it answers the example, whatever it is given. Compute the answer from the arguments.": [[[4321], [1021]]],
        }
        if n_queries == n_classes:
            same_row = right[range(n_queries), range(n_queries)]
            mistakes[
                "it compares each query with one class only, the one in the same row. Every query meets every class: "
                "of_queries[:, None] and of_classes[None]."
            ] = same_row
        if min(right.shape) > 1:  # else these are right numbers that lack an axis
            mistakes |= {
                "the numbers are right, but the pairs are one behind the other. Expected an axis for the queries and one for the "
                "classes, (queries, classes, F).": right.reshape(-1, filters),
                "it sums over the F numbers of each pair, too. Expected (queries, classes, F).": right.sum(axis=-1),
                "it sums over the classes. Expected a row of F numbers for every pair.": right.sum(axis=1),
                "it sums over the queries. Expected a row of F numbers for every pair.": right.sum(axis=0),
                "it answers for the first query only. Expected every query with every class.": right[0],
                "it answers for the first query only. Expected a row of classes for each query.": right[:1],
            }
        try:
            got = call(answer, q, c, weights)
        except Wrong as wrong:
            q, c, weights = draw(n_queries, n_classes, 2, filters)
            try:
                compare(call(answer, q, c, weights), (q @ weights[:2])[:, None] + (c @ weights[2:])[None])
            except Wrong:
                raise wrong from None
            raise Wrong(
                f"it works only for two channels, as in the example. `queries.shape[1]` says how many there are. (Otherwise {wrong})"
            ) from None
        compare(got, right, mistakes, "(queries, classes, F)", "queries")

    if loops(answer, few=draw(3, 3, 2, 2), many=draw(40, 40, 10, 20)):
        raise Wrong(
            "the numbers are right, but it loops in Python: the more queries or classes, the more steps it takes. One addition of "
            "arrays can handle all pairs; the last hint says how."
        )
    return "Q + N small products in place of Q·N large ones, and the same numbers: so the layer does it with its convolution."


@exercise(
    hints=(
        "Each query has 20 scores: one is to be 1, the other 19 are to be 0. The loss of the query is the mean of 20 squares.",
        "Always c: the true class costs (c - 1)², each of the 19 others c².",
        "(1 * (c - 1)² + 19 * c²) / 20. Now put in the four constants.",
    ),
    solution="""losses = {f"always {c:g}": (1 * (c - 1) ** 2 + 19 * c**2) / 20 for c in (0, 1, 0.5, 0.05)}""",
)
def constant_losses(answer):
    """Checks a dict of the mean squared errors of four constants to the one-hot matrix, at 20-way."""
    compare_form(
        answer, _CONSTANT_LOSSES, tolerance=0.0006, otherwise="(1 * (c - 1)² + 19 * c²) / 20: put c in once more."
    )
    return "Who always says 0.05 has learned nothing, and has a loss of 0.0475. At 20-way a low loss alone means little: look at the accuracy."


_PER_CENT = "No per cent here: the loss is a mean of squares."
_CONSTANT_LOSSES = {
    "always 0": (
        0.05,
        {
            1: "That is the sum over the classes. The mean squared error divides it by 20.",
            0.95: "That is always 1. Of 20 entries, 19 are zeros, and for them 0 is right.",
            0: "The score of the true class is to be 1, and 0 is wrong by 1: one of 20 entries.",
            1 / 19: "Divide by all 20 entries, not by the 19 wrong classes.",
            0.05**0.5: "That is the root. The mean squared error is without.",
            0.025: "There is no half in the mean squared error.",
            0.0475: "That is always 0.05. Here the 19 wrong classes cost nothing.",
            5: _PER_CENT,
        },
    ),
    "always 1": (
        0.95,
        {
            19: "That is the sum over the classes. The mean squared error divides it by 20.",
            0.05: "That is always 0. Of 20 entries 19 are zeros, and for all of them 1 is wrong.",
            0: "That is the true class alone. The 19 others are to be 0, and count, too.",
            1: "The 19 wrong classes cost 1 each, the true class nothing, and the mean is over all 20.",
            0.95**0.5: "That is the root. The mean squared error is without.",
            0.475: "There is no half in the mean squared error.",
            95: _PER_CENT,
        },
    ),
    "always 0.5": (
        0.25,
        {
            0.5: "Square it: every entry is wrong by 0.5.",
            5: "That is the sum over the classes. The mean squared error divides it by 20.",
            0.0125: "That is the true class alone. The 19 others are wrong by 0.5, too.",
            0.2375: "That is the 19 wrong classes. The true class is wrong by 0.5, too.",
            0.125: "There is no half in the mean squared error.",
            0: "Every entry is wrong by 0.5: halfway between 0 and 1 is never right.",
            25: _PER_CENT,
        },
    ),
    "always 0.05": (
        0.0475,
        {
            0.95: "That is the sum over the classes (or the error of the true class, not squared). Squared, and the mean over 20: "
            "(0.95² + 19 * 0.05²) / 20.",
            0.9025: "That is the true class alone. Expected the mean over all 20 entries.",
            0.9025 / 20: "The 19 wrong classes are missing: 0.05² each.",
            19 * 0.0025 / 20: "The true class is missing: it is to be 1, and 0.05 is wrong by 0.95.",
            0.095: "Square the errors.",
            0.05: "That is always 0. Here the true class costs a little less, (0.05 - 1)², and the others a little more, 0.05² each.",
            0.0475**0.5: "That is the root. The mean squared error is without.",
            0.0475 / 2: "There is no half in the mean squared error.",
            0: "0.05 is the mean of the 20 entries, but right for none of them.",
            4.75: _PER_CENT,
        },
    ),
}


@exercise(
    hints=(
        "The squared error is content for long with scores of nearly 0 for everything: you have computed what that costs, and how much "
        "less it is the more classes there are. What did this chapter find about other losses?",
        "keras.losses.CategoricalCrossentropy() divides the scores of a query by their sum, so that what counts is the true class "
        "*against* the others. With it, more classes in an episode help, and so does a higher learning rate that falls to zero.",
        "40-way episodes, 2 queries, CategoricalCrossentropy, Adam with CosineDecay(4e-3, 300), 32 filters.",
    ),
    solution="""encoder = fslkeras.encoders.conv4(filters=32, pooled_blocks=2, flatten=False)
model = fslkeras.networks.relation(encoder, filters=32)
model.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 300)),
    keras.losses.CategoricalCrossentropy(),
)
model.fit(fslkeras.Episodes(data, way=40, shot=1, query=2, steps=300), verbose=0)
return model""",
)
def relation_training(answer):
    """Checks a relation network, trained on the glyphs for at most 300 steps."""
    reached = judge_training(
        answer,
        steps=300,
        wanted=0.84,
        far="What did this chapter find out about the loss? And do more classes in an episode help with any loss?",
    )
    return (
        f"{100 * reached:.1f} % within 300 steps, where 5-way training with the squared error and a constant rate reaches 57 %. "
        "How did you do it?"
    )
