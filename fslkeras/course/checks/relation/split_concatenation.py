"""Chapter 3: the first convolution of concatenated pairs, without building them."""

import numpy as np

from fslkeras.course.checks.answers import loops
from fslkeras.course.checks.compare import call_or_explain, compare
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import copied_example, first_query_only, whole_numbers


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
    for n_queries, n_classes, filters in ((5, 3, 4), (3, 3, 2), (1, 4, 3), (4, 1, 1)):
        q, c, weights = _draw(rng, n_queries, n_classes, 3, filters)
        two_channels = _draw(rng, n_queries, n_classes, 2, filters)
        easier = "two channels, as in the example. `queries.shape[1]` says how many there are"
        got = call_or_explain(answer, (q, c, weights), [(easier, two_channels, _right(*two_channels))])
        compare(got, _right(q, c, weights), _mistakes(q, c, weights), "(queries, classes, F)", "queries")

    if loops(answer, few=_draw(rng, 3, 3, 2, 2), many=_draw(rng, 40, 40, 10, 20)):
        raise Wrong(
            "the numbers are right, but it loops in Python: the more queries or classes, the more steps it takes. One addition of "
            "arrays can handle all pairs; the last hint says how."
        )
    return "Q + N small products in place of Q·N large ones, and the same numbers: so the layer does it with its convolution."


def _draw(rng, n_queries, n_classes, channels, filters):
    shapes = (n_queries, channels), (n_classes, channels), (2 * channels, filters)
    return tuple(rng.normal(0.3, 1, shape).astype("float32") for shape in shapes)


def _right(q, c, weights):
    upper, lower = np.split(weights, 2)
    return (q @ upper)[:, None] + (c @ lower)[None]


def _mistakes(q, c, weights):
    upper, lower = np.split(weights, 2)
    of_q, of_c = (q @ upper)[:, None], (c @ lower)[None]
    right = of_q + of_c
    return [
        *_wrong_halves(q, c, weights),
        *_wrong_sums(of_q, of_c),
        *_wrong_pairs(q, c, weights),
        *_wrong_axes(right),
        (np.maximum(right, 0), "it cuts off what is below zero. The ReLU comes later in the network."),
        *whole_numbers(right),
        copied_example([[[4321], [1021]]]),
    ]


def _wrong_halves(q, c, weights):
    upper, lower = np.split(weights, 2)
    query_first = "The query comes first in the concatenation: weights[:C]."
    class_second = "The class comes second in the concatenation: weights[C:]."
    return [
        ((q @ lower)[:, None] + c @ upper,
         "the halves are exchanged: the query comes first in the concatenation, so it meets the first C rows of the weights, "
         "and the class the others."),
        ((q @ upper)[:, None] + c @ upper, f"it takes the first half of the weights for both. {class_second}"),
        ((q @ lower)[:, None] + c @ lower, f"it takes the second half of the weights for both. {query_first}"),
        ((q @ weights[::2])[:, None] + c @ weights[1::2],
         "it takes every other row of the weights. The halves are the first C rows and the last C: weights[:C], weights[C:]."),
    ]  # fmt: skip


def _wrong_sums(of_q, of_c):
    right = of_q + of_c
    behind = np.concatenate([np.broadcast_to(part, right.shape) for part in (of_q, of_c)], axis=-1)
    return [
        (of_q * of_c, "it multiplies the two halves' results. Row times column is a sum, and its two parts are added."),
        (of_q - of_c, "it subtracts the class's part. Row times column is a sum: add the two parts."),
        (right / 2, "it returns the mean of the two parts. Expected their sum."),
        (of_q[:, 0], "the classes are missing: it returns the queries' part alone, and that once for all classes."),
        (of_q + 0 * of_c, "the classes are missing: it gives each query the same numbers for every class."),
        (of_c[0], "the queries are missing: it returns the classes' part alone, and that once for all queries."),
        (0 * of_q + of_c, "the queries are missing: it gives each class the same numbers for every query."),
        (behind, "it lays the two halves' results one behind the other. Add them: both are parts of the same sum."),
    ]


def _wrong_pairs(q, c, weights):
    """Concatenations that miss their weights, and pairs that are repeated, missing or in another order."""
    n_queries, n_classes = len(q), len(c)
    concatenation = np.concatenate([np.tile(q[:, None], (1, n_classes, 1)), np.tile(c, (n_queries, 1, 1))], axis=-1)
    queries = np.tile(q, (n_classes, 1))
    in_rhythm = np.concatenate([queries, np.tile(c, (n_queries, 1))], axis=-1) @ weights
    misplaced = np.concatenate([queries, np.repeat(c, n_queries, axis=0)], axis=-1) @ weights
    shape = n_queries, n_classes, -1
    mistakes = [
        (concatenation,
         "it returns the concatenation itself. The weights are missing: (queries, classes, 2C) times (2C, F)."),
        (in_rhythm.reshape(shape),
         "it repeats queries and classes in the same rhythm, so that some pairs come several times and others never. np.repeat "
         "for the queries, np.tile for the classes, gives every pair once."),
        (misplaced.reshape(shape),
         "the pairs are in the wrong order: all classes of query 0 first, then those of query 1. np.repeat repeats each row, "
         "np.tile the whole array."),
    ]  # fmt: skip
    same_row = (
        "it compares each query with one class only, the one in the same row. Every query meets every class: of_queries[:, None] "
        "and of_classes[None]."
    )
    return mistakes + ([(np.hstack([q, c]) @ weights, same_row)] if n_queries == n_classes else [])


def _wrong_axes(right):
    for_every_pair = "Expected a row of F numbers for every pair."
    exchanged = [
        (right.transpose(1, 0, 2), "the axes are exchanged: expected the queries first, (queries, classes, F)."),
        (right.transpose(0, 2, 1), "the last two axes are exchanged: expected (queries, classes, F)."),
    ]
    if min(right.shape) == 1:  # then the following are right numbers that lack an axis
        return exchanged
    return exchanged + [
        (right.reshape(-1, right.shape[-1]),
         "the numbers are right, but the pairs are one behind the other. Expected an axis for the queries and one for the "
         "classes, (queries, classes, F)."),
        (right.sum(axis=-1), "it sums over the F numbers of each pair, too. Expected (queries, classes, F)."),
        (right.sum(axis=1), f"it sums over the classes. {for_every_pair}"),
        (right.sum(axis=0), f"it sums over the queries. {for_every_pair}"),
        *first_query_only(right, "every query with every class"),
    ]  # fmt: skip
