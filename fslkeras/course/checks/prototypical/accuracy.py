"""Chapter 2: an accuracy that counts ties and NaN as it should."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.prototypical.soft_k_means import softmax


@exercise(
    hints=(
        "There are three bugs. Try a perfect network first: scores equal to the labels. What "
        "should come out, and what does? What is the number of correct answers divided by?",
        "Then a network that gives every class the same score. Which class does argmax pick? Count "
        "for each query how many classes share the highest score, and whether the true one does.",
        "Then a network with NaN among its scores. `scores == scores.max(axis=-1, keepdims=True)` "
        "marks the highest scores, ties included, and is False everywhere in a row with a NaN.",
    ),
    solution="""highest = scores == scores.max(axis=-1, keepdims=True)  # nothing equals NaN
right = (highest * labels).sum(axis=-1) / np.maximum(highest.sum(axis=-1), 1)
return right.mean()""",
)
def accuracy(answer):
    """Checks a function from scores (Q, N) and labels (Q, N) to the accuracy, ties counted 1/m."""
    rng = np.random.default_rng(228)  # with it, each mistake gives another number
    # Thirteen queries, a prime: no accuracy that counts each of them 0 or 1 equals 1/m.
    labels = np.eye(4, dtype="float32")[rng.permutation(np.repeat(np.arange(4), (5, 3, 3, 2)))]
    # Like the scores of this chapter's networks: negative, even the highest.
    clear = rng.normal(-10, 1, labels.shape).astype("float32") + 1.5 * labels
    for networks in (_clear_networks(labels, clear), _tied_networks(labels), _nan_networks(labels)):
        for network, scores, want, mistakes in networks:
            got = _accuracy_of(answer, scores.astype("float32"), labels)
            if not np.isclose(got, want, atol=5e-3):  # rounded to two digits is good enough
                reason = reason_for(got, mistakes, rtol=1e-5, atol=1e-3)
                colon = ": " if reason else "."
                raise Wrong(
                    f"for {network}, expected {want:.3g} and received {got:.3g}{colon}{reason}"
                )
    return "A network that knows nothing now gets 1/N and no more. Evaluators are code: test them."


def _accuracy_of(answer, scores, labels):
    got, *again = (call(answer, scores, labels) for _ in range(4))
    if any(not np.array_equal(got, other, equal_nan=True) for other in again):
        raise Wrong(
            "it breaks ties at random, so one network gets several results. They are right on "
            "average: count 1/m instead."
        )
    if got.shape != ():
        raise Wrong(
            f"expected one number for all queries, but it returns an array of shape {got.shape}."
        )
    return got


# Networks of known accuracy: what each is, its scores, that accuracy, and what mistakes give.


def _clear_networks(labels, clear):
    n = len(labels)
    right = (clear.argmax(axis=1) == labels.argmax(axis=1)).mean()
    nearly_tied = 1.5 * (labels + np.roll(labels, 1, axis=1)) + 2e-4 * labels - 6.5
    close = "it treats close scores as a tie. In a tie, scores are exactly equal."
    by_a_hair = [
        (1 / 2, close),
        (1 / 4, close),
        (_mean_probability(nearly_tied, labels), _PROBABILITY),
    ]
    underflow = [
        (lost, "e to such a score is 0 in floating point, for all classes. Compare the scores "
         "themselves, without a softmax.")
        for lost in (0, 1 / 4, np.nan, labels[:, 0].mean())
    ]  # fmt: skip
    answered = f"a network that answers {round(n * right)} of {n} queries correctly"
    return [
        ("a perfect network", 50 * labels - 52, 1, _mistakes_if_perfect(n)),
        ("a network that is right by a hair", nearly_tied, 1, by_a_hair),
        ("a perfect network with scores of -900 and -1000", 100 * labels - 1000, 1, underflow),
        (answered, clear, right, _mistakes_if_mixed(labels, clear, right)),
    ]


def _mistakes_if_perfect(n):
    queries = "Divide by the number of queries."
    from_shape = "Take the number of queries from the shape of `scores`."
    return [
        (n / 4, f"it divides by the number of classes. {queries}"),
        (n, f"it returns the number of correct answers. {queries}"),
        (100, "it returns a percentage. Expected a fraction, 0 to 1."),
        (-2, "it returns the mean *score* of the true class. Count the correct answers."),
        (0,
         "no answer counts as right. Does it return the fraction of *wrong* answers, take the "
         "lowest score as the answer, or compare scores with a fixed number? Here all scores are "
         "negative."),
        (1 / 4, f"it divides by the number of entries in all one-hot rows. {queries}"),
        ((n - 1) / n, "it leaves out one query. range(n) ends at n - 1."),
        (3 / 4,
         "it answers the example, whatever it is given; or it compares scores with a fixed number "
         "and gets credit for each 0 of the one-hot rows. Count queries."),
        (1 / 2,
         "a clear answer counts only one half: it divides by one more than the tied classes."),
        (1 / 3,
         "it counts equal scores of wrong classes as a tie. Only classes that share the *highest* "
         "score are tied."),
        (n / 15, f"it always divides by 15. {from_shape}"),
        (n / 2, f"it always divides by 2, as in the example. {from_shape}"),
    ]  # fmt: skip


def _mistakes_if_mixed(labels, clear, right):
    n, hits = len(labels), (clear.argmax(axis=1) == labels.argmax(axis=1)).astype(float)
    highest_of_class = clear == clear.max(axis=0)
    entries_equal = (np.eye(4)[clear.argmax(axis=1)] == labels).mean()
    return [
        (1,
         "it says that all answers are right. Does it look at every query, and at the highest "
         "score in each query's own row?"),
        (0,
         "it says that no answer is right. Does it round down, ask whether *all* are right, or "
         "compare scores with labels? Compare the classes, query by query."),
        (entries_equal,
         "it compares the zeros of the one-hot rows, too, so a wrong answer gets credit for every "
         "class that is zero in both rows. Count queries."),
        (1 - right, "it returns the fraction of *wrong* answers."),
        (1 / n,
         "it counts only one query. Each has a highest score of its own: axis=-1, keepdims=True. "
         "(If you loop over the queries: is `return` inside the loop?)"),
        ((highest_of_class * labels).sum(axis=1) @ (1 / np.maximum(highest_of_class.sum(axis=1), 1))
         / n,
         "it compares each score with the highest of its column, over the queries. A query's "
         "scores are its row: axis=-1."),
        *_other_measures(labels, clear, hits),
    ]  # fmt: skip


def _other_measures(labels, clear, hits):
    """Measures from other fields that are not the accuracy."""
    answers, every_query = np.eye(4)[clear.argmax(axis=1)], "Here every query counts the same."
    recall = hits @ labels / labels.sum(axis=0)
    precision = hits @ answers / np.maximum(answers.sum(axis=0), 1)
    rank = (clear > (clear * labels).sum(axis=1, keepdims=True)).sum(axis=1)
    only_highest = "Only the highest score is the answer."
    return [
        (recall.mean(),
         "it averages over the classes, so a query of a rare class counts more than one of a "
         f"frequent class. {every_query}"),
        (precision.mean(), f"it averages the precision of each class. {every_query}"),
        (recall.max(), f"it returns the accuracy on the best class. {every_query}"),
        (recall.min(), f"it returns the accuracy on the worst class. {every_query}"),
        (_mean_probability(clear, labels), _PROBABILITY),
        ((rank < 2).mean(),
         f"it also counts a true class with the second highest score. {only_highest}"),
        ((1 / (1 + rank)).mean(), f"it counts 1/r if the true class ranks r-th. {only_highest}"),
    ]  # fmt: skip


_PROBABILITY = (
    "it returns the mean probability of the true class. An answer is right or wrong, however "
    "confident the network is."
)


def _mean_probability(scores, labels):
    return (softmax(scores) * labels).sum(axis=1).mean()


def _tied_networks(labels):
    next_class, next_but_one = np.roll(labels, 1, axis=1), np.roll(labels, 2, axis=1)
    any_tie = [(1 / 2, "it gives credit for any tie. Count only ties that include the true class.")]
    picks = [(k / len(labels), _PICKS) for k in range(len(labels) + 1)]
    undecided = "a network that is undecided between"
    networks = [
        ("a network that gives all four classes the same score",
         np.full_like(labels, -7), 1 / 4, _mistakes_if_tied(labels)),
        (f"{undecided} the true class and one other",
         labels + next_class - 12, 1 / 2, _mistakes_if_two_tie(labels, next_class)),
        (f"{undecided} the true class and two others",
         labels + next_class + next_but_one - 12, 1 / 3, _MISTAKES_IF_THREE_TIE),
        (f"{undecided} two *wrong* classes", next_class + next_but_one - 12, 0, any_tie),
        _undecided_on_some(labels, next_class),
    ]  # fmt: skip
    return [(*network, [*mistakes, *picks]) for *network, mistakes in networks]


def _undecided_on_some(labels, other):
    """A network that is undecided on the queries 0, 3, 6 and so on, and right about the others."""
    n, row = len(labels), np.arange(len(labels))[:, None]
    tied = row % 3 == 0
    each = "Each query has an m of its own."
    return (
        "a perfect network that is undecided between two classes on every third query",
        labels + tied * other - 12 - row,
        1 - tied.mean() / 2,
        [
            (n / (n + tied.sum()),
             "it divides by the number of highest scores in all queries. Take 1/m for each query, "
             "then the mean over the queries."),
            (1, f"it takes one m, 1, for all queries. {each}"),
            (1 / 2, f"it takes one m, 2, for all queries. {each}"),
        ],
    )  # fmt: skip


_COUNT = "Count the m classes that share the highest score, and give 1/m."
_PICKS = (
    "it picks one of the tied classes, by order or at random, so each of these queries counts 0 "
    "or 1. A tie among m counts 1/m."
)
_OF_ALL = f"it gives 1/N for every tie, whatever the number of tied classes. {_COUNT}"
_MISTAKES_IF_THREE_TIE = [
    (1 / 4, _OF_ALL),
    (1 / 2, f"it counts a tie of three classes as a tie of two. {_COUNT}"),
]


def _mistakes_if_tied(labels):
    first, last, tie = labels[:, 0].mean(), labels[:, -1].mean(), "A tie among m counts 1/m."
    return [
        (first,
         "it counts a tie as right if the true class comes first: argmax picks the first of the "
         f"tied classes. {tie}"),
        (last, f"it counts a tie as right if the true class comes last of the tied ones. {tie}"),
        (first / 4,
         f"it divides by m, but still asks argmax whether the answer is right. {tie}"),
        (1, f"it counts every tie as right, so a network that knows nothing is perfect. {tie}"),
        (0, f"it counts every tie as wrong. {tie}"),
        (1 / 2, f"it counts every tie as one half. {tie}"),
        (1 / 3, "it counts 1/(m - 1). The true class and m - 1 others are m in all: 1/m."),
        (1 / 5, f"it counts 1/(m + 1), or 1/5 as for the example's five classes. {tie}"),
        (1 / 16, "it counts 1/m of 1/m. Divide by m once."),
        (np.nan, f"it leaves out the tied queries. {tie}"),
    ]  # fmt: skip


def _mistakes_if_two_tie(labels, other):
    true_comes_first = (labels.argmax(axis=1) < other.argmax(axis=1)).mean()
    return [
        (1 / 4, _OF_ALL),
        (0, "it counts a tie of two classes as wrong. It counts 1/2."),
        (1, "it counts a tie of two classes as right. It counts 1/2."),
        (true_comes_first,
         "argmax still breaks ties of two classes. Any tie of m counts 1/m, not only one of all "
         "classes."),
    ]  # fmt: skip


def _nan_networks(labels):
    n, perfect = len(labels), labels - 2
    few, half = n // 6, n // 2
    all_nan, one_nan = perfect.copy(), perfect.copy()
    all_nan[:half] = np.nan
    one_nan[:few][labels[:few] == 1] = np.nan  # of the true class
    one_nan[few:half][np.roll(labels, 1, axis=1)[few:half] == 1] = np.nan  # of another class
    right, of_the_first = (n - half) / n, labels[:half, 0].sum() / n
    return [
        ("a perfect network that answers NaN to half of the queries",
         all_nan, right, _mistakes_if_nan(right, of_the_first, half / n)),
        ("a perfect network with one NaN among the scores of half of the queries",
         one_nan, right, _mistakes_if_one_nan(right, few / n, (half - few) / n)),
        ("a network that answers NaN to everything",
         np.full_like(labels, np.nan), 0, [(np.nan, "count each query as wrong.")]),
    ]  # fmt: skip


_NO_ANSWER = "NaN is no answer: count the query as wrong."
_LEAVES_OUT = "it leaves out queries with NaN and divides by the rest. They count, as wrong."
_GIVES_UP = "one NaN makes all queries count as wrong. Only the query with the NaN is wrong."
_IS_NAN = "it returns NaN if a score is NaN: one such query makes the mean NaN. Count it as wrong."


def _mistakes_if_nan(right, of_the_first, nan_share):
    return [
        (1, _LEAVES_OUT),
        (np.nan, _IS_NAN),
        (0, _GIVES_UP),
        (right + of_the_first,
         f"it gives credit for NaN scores: argmax takes the first NaN. {_NO_ANSWER}"),
        (right + nan_share / 4, f"it treats NaN scores as a tie. {_NO_ANSWER}"),
    ]  # fmt: skip


def _mistakes_if_one_nan(right, at_the_true, at_another):
    return [
        (right + at_another,
         "it takes a query with one NaN among its scores for answered and looks at the other "
         "scores. One NaN makes the query wrong."),
        (right + at_the_true,
         "it takes a NaN for the highest score, so a query counts if the true class's score is "
         f"NaN. {_NO_ANSWER}"),
        (1, f"{_LEAVES_OUT} (Or it counts every query with one NaN as right.)"),
        (np.nan, _IS_NAN),
        (0, _GIVES_UP),
    ]  # fmt: skip
