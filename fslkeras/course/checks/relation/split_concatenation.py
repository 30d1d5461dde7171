"""Chapter 3: the first convolution of concatenated pairs, without building the pairs."""

import time
import timeit
import warnings

import numpy as np

from fslkeras.course.checks.compare import call_or_explain, compare
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import copied_example, first_query_only, whole_numbers


@exercise(
    hints=(
        "Write out one number of the result for C = 1: the pair [q, c] times the weights "
        "[[u], [v]] is q u + c v. Which part depends on the query only?",
        "With C = queries.shape[1], queries @ weights[:C] has the shape (Q, F), and "
        "classes @ weights[C:] has (N, F). Add each row of the first to each of the second.",
        "`a[:, None]` has the shape (Q, 1, F), and `b[None]` has (1, N, F). Add them: NumPy "
        "repeats an axis of size 1 as often as needed.",
    ),
    solution="""C = queries.shape[1]
of_queries = queries @ weights[:C]  # (Q, F), once per query
of_classes = classes @ weights[C:]  # (N, F), once per class
return of_queries[:, None] + of_classes[None]  # (Q, N, F)""",
)
def split_concatenation(answer):
    """Checks a function that computes [query, class] @ weights without the concatenation.

    From queries (Q, C), classes (N, C) and weights (2C, F), it must return (Q, N, F) and multiply
    each query and each class only once.
    """
    rng = np.random.default_rng(3)
    for n_queries, n_classes, channels, filters in _SIZES:
        q, c, weights = _draw(rng, n_queries, n_classes, channels, filters)
        easier_cases = []
        for few, name in ((2, "two channels, as in the example"), (3, "three channels")):
            easier = _draw(rng, n_queries, n_classes, few, filters)
            text = f"{name}. `queries.shape[1]` says how many there are"
            easier_cases.append((text, easier, _right(*easier)))
        got = call_or_explain(answer, (q, c, weights), easier_cases)
        compare(
            got, _right(q, c, weights), _mistakes(q, c, weights), "(queries, classes, F)", "queries"
        )

    if _works_for_each_pair(answer):
        raise Wrong(
            "the numbers are right, but it multiplies again for each pair, as the concatenation "
            "does. Multiply each query once and each class once: only the addition needs pairs."
        )
    return (
        "Each query and each class is multiplied once, and only the addition runs for every pair. "
        "The layer does the same with its convolution."
    )


# Queries, classes, channels, filters: no two axes have the same length in every case.
_SIZES = ((5, 3, 3, 4), (3, 3, 4, 2), (1, 4, 5, 3), (4, 1, 2, 1))


def _draw(rng, n_queries, n_classes, channels, filters):
    shapes = (n_queries, channels), (n_classes, channels), (2 * channels, filters)
    return tuple(rng.normal(0.3, 1, shape).astype("float32") for shape in shapes)


def _right(q, c, weights):
    upper, lower = np.split(weights, 2)
    return (q @ upper)[:, None] + (c @ lower)[None]


def _literal(q, c, weights):
    """The same result from the concatenation of each pair."""
    pairs = np.repeat(q[:, None], len(c), axis=1), np.repeat(c[None], len(q), axis=0)
    return np.concatenate(pairs, axis=-1) @ weights


class _Counted(float):
    """A number that counts multiplications of its kind, by Python or NumPy."""

    multiplications = 0

    def __mul__(self, other):
        _Counted.multiplications += 1
        return float.__mul__(self, other)

    __rmul__ = __mul__


def _works_for_each_pair(answer):
    """Whether an answer multiplies channels once for each pair of a query and a class.

    It counts multiplications: at least (Q + N) C F, and up to 2 Q N C F with pairs. Where that
    fails because a library has its own numbers, it measures time.
    """
    n, channels, filters = 8, 5, 3
    needed = 2 * n * channels * filters
    inputs = _draw(np.random.default_rng(3), n, n, channels, filters)
    _Counted.multiplications = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            answer(*(np.vectorize(_Counted, otypes="O")(array) for array in inputs))
        except Exception:  # not an answer in NumPy or Python
            _Counted.multiplications = 0
        if _Counted.multiplications >= needed:
            return _Counted.multiplications > 2 * needed  # twice, for halves padded with zeros
        # A busy machine disturbs the times, and no right answer may be refused.
        return all(_takes_time_for_each_pair(answer) for _ in range(3))


def _takes_time_for_each_pair(answer):
    """Whether channels take as much time for n queries and n classes as for n² of one of them.

    Both have n² pairs, but 2n images are an eighth of n². What few channels take is subtracted:
    loops, conversions and additions. So is what a single pair takes: a loop over channels.
    Channels are added until they take most of the time.
    """
    n = 16
    sizes = (n, n), (n * n, 1), (1, n * n)
    few = np.array([_seconds(answer, *size, channels=2) for size in sizes])
    for channels in (1024, 32768):
        many = np.array([_seconds(answer, *size, channels) for size in sizes])
        many -= _seconds(answer, 1, 1, channels)
        images = 1 + np.argmin(many[1:])  # an answer may loop over one of them
        if many[images] - few[images] > max(few[images], 0.03):
            break
    return many[0] - few[0] > 0.4 * max(many[images] - few[images], few[images])


def _seconds(answer, n_queries, n_classes, channels):
    """The least processor time of several calls, since other programs may be running."""
    shapes = (n_queries, channels), (n_classes, channels), (2 * channels, 2)
    inputs = [np.ones(shape, "float32") for shape in shapes]
    return min(
        timeit.repeat(
            lambda: np.asarray(answer(*inputs)), timer=time.process_time, number=1, repeat=3
        )
    )


def _mistakes(q, c, weights):
    upper, lower = np.split(weights, 2)
    of_q, of_c = (q @ upper)[:, None], (c @ lower)[None]
    right = of_q + of_c
    return [
        *_wrong_halves(q, c, weights),
        *_wrong_sums(of_q, of_c, q.shape[1]),
        *_wrong_pairs(q, c, weights),
        *_wrong_axes(right),
        (
            np.maximum(right, 0),
            "it sets negative numbers to zero. The ReLU comes later in the network.",
        ),
        (
            1 / (1 + np.exp(-right)),
            "it applies a sigmoid. The sigmoid comes last in the network, not here.",
        ),
        *whole_numbers(right),
        copied_example([[[4321], [1021]]]),
    ]


def _wrong_halves(q, c, weights):
    upper, lower = np.split(weights, 2)
    query_first = "The query comes first in the concatenation: weights[:C]."
    class_second = "The class comes second in the concatenation: weights[C:]."
    return [
        ((q @ lower)[:, None] + c @ upper,
         "the halves are swapped: the query comes first in the concatenation, so it belongs to the "
         "first C rows of the weights, and the class to the others."),
        ((q @ upper)[:, None] + c @ upper,
         f"it takes the first half of the weights for both. {class_second}"),
        ((q @ lower)[:, None] + c @ lower,
         f"it takes the second half of the weights for both. {query_first}"),
        ((q @ weights[::2])[:, None] + c @ weights[1::2],
         "it takes every other row of the weights. The halves are the first C rows and the last "
         "C rows: weights[:C], weights[C:]."),
        (_right(q[:, :2], c[:, :2], weights[:4]),
         "it takes the first two channels only, and four rows of the weights, as in the example."),
        (_right(np.trunc(q), np.trunc(c), np.trunc(weights)),
         "it turns the arguments into whole numbers. They may have decimals."),
        ((q @ upper)[:, None] + c @ lower[::-1],
         "it takes the second half of the weights in reverse order. weights[C:] keeps the order."),
    ]  # fmt: skip


def _wrong_sums(of_q, of_c, channels):
    right = of_q + of_c
    add = "The product with a concatenated row is a sum of two parts: add them."
    joined = np.concatenate([np.broadcast_to(part, right.shape) for part in (of_q, of_c)], axis=-1)
    return [
        (of_q * of_c, f"it multiplies the two parts. {add}"),
        (of_q - of_c, f"it subtracts the class's part. {add}"),
        (np.abs(of_q - of_c),
         "it takes the absolute difference of the two parts. Expected their sum."),
        (np.maximum(of_q, of_c), "it takes the larger of the two parts. Expected their sum."),
        (right / 2, "it returns the mean of the two parts. Expected their sum."),
        (right / channels, "it divides by the number of channels. Expected the sum over them."),
        (right / 2 / channels, "it divides by the number of channels. Expected the sum over them."),
        (np.maximum(of_q, 0) + np.maximum(of_c, 0),
         "it applies a ReLU to each part. Only linear operations can be split: the ReLU follows "
         "the sum."),
        (of_q[:, 0], "the classes are missing: it returns the queries' part only, and only once."),
        (of_q + 0 * of_c,
         "the classes are missing: each query has the same numbers for every class."),
        (of_c[0], "the queries are missing: it returns the classes' part only, and only once."),
        (0 * of_q + of_c,
         "the queries are missing: each class has the same numbers for every query."),
        (joined,
         "it concatenates the results of the two halves. They are parts of a sum: add them."),
    ]  # fmt: skip


def _wrong_pairs(q, c, weights):
    """Concatenations without weights, and pairs that are repeated, missing or in wrong order."""
    n_queries, n_classes = len(q), len(c)
    shape = n_queries, n_classes, -1
    queries = np.tile(q, (n_classes, 1))
    in_step = np.concatenate([queries, np.tile(c, (n_queries, 1))], axis=-1) @ weights
    all_queries, all_classes = np.repeat(q, n_classes, axis=0), np.repeat(c, n_queries, axis=0)
    repeated = np.concatenate([all_queries, all_classes], axis=-1) @ weights
    misplaced = np.concatenate([queries, all_classes], axis=-1) @ weights
    same_order = (
        "it repeats queries and classes in the same order, so some pairs occur several times and "
        "others never. Every query must be paired with every class once."
    )
    mistakes = [
        (_literal(q, c, np.eye(len(weights))),
         "it returns the concatenation itself. The weights are missing: "
         "(queries, classes, 2C) times (2C, F)."),
        (in_step.reshape(shape), same_order),
        (repeated.reshape(shape), same_order),
        (misplaced.reshape(shape),
         "the pairs are in the wrong order: expected all classes for query 0 first, then all for "
         "query 1."),
    ]  # fmt: skip
    same_row = (
        "it pairs each query with only one class, the one in the same row. "
        "Pair every query with every class: of_queries[:, None] and of_classes[None]."
    )
    n = min(n_queries, n_classes)  # `zip` ends with the shorter one
    return mistakes + ([(np.hstack([q[:n], c[:n]]) @ weights, same_row)] if n > 1 else [])


def _wrong_axes(right):
    each_pair = "Expected a row of F numbers for each pair."
    swapped = [
        (
            right.transpose(1, 0, 2),
            "the axes are swapped: expected the queries first, (queries, classes, F).",
        ),
        (
            right.transpose(0, 2, 1),
            "the last two axes are swapped: expected (queries, classes, F).",
        ),
    ]
    if min(right.shape) == 1:  # then what follows has the right numbers and lacks an axis
        return swapped
    return swapped + [
        (right.reshape(-1, right.shape[-1]),
         "the numbers are right, but all pairs share one axis. Expected one axis for the queries "
         "and one for the classes, (queries, classes, F)."),
        (right.sum(axis=-1),
         "it sums over the F numbers of each pair, too. Expected (queries, classes, F)."),
        (right.mean(axis=-1),
         "it averages the F numbers of each pair. Expected (queries, classes, F)."),
        (right.sum(axis=1), f"it sums over the classes. {each_pair}"),
        (right.mean(axis=1), f"it averages over the classes. {each_pair}"),
        (right.sum(axis=0), f"it sums over the queries. {each_pair}"),
        (right.mean(axis=0), f"it averages over the queries. {each_pair}"),
        *first_query_only(right, "every query with every class"),
    ]  # fmt: skip
