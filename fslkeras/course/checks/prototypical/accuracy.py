"""Chapter 2: the share of right answers, where ties and NaN count what they should."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import copied_example
from fslkeras.course.checks.prototypical.soft_k_means import softmax


@exercise(
    hints=(
        "Three things are wrong. Try a perfect network first: scores that are the labels themselves. What should come out, "
        "and what does? By what is the number of right answers divided?",
        "Then a network that gives every class the same score. Which class does argmax choose? Count for each query how many "
        "classes share the highest score, and whether the true one is among them.",
        "Then a network with NaN among its scores. `scores == scores.max(axis=-1, keepdims=True)` marks the highest scores, "
        "ties among them, and is False everywhere in a row with a NaN.",
    ),
    solution="""highest = scores == scores.max(axis=-1, keepdims=True)  # nothing equals NaN
right = (highest * labels).sum(axis=-1) / np.maximum(highest.sum(axis=-1), 1)
return right.mean()""",
)
def accuracy(answer):
    """Checks a function from scores (Q, N) and one-hot labels (Q, N) to the share of right answers, ties counted 1/m."""
    rng = np.random.default_rng(228)  # with it, each mistake gives another number
    # Thirteen queries, a prime: no share that counts each of them 0 or 1 equals 1/m.
    labels = np.eye(4, dtype="float32")[rng.permutation(np.repeat(np.arange(4), (5, 3, 3, 2)))]
    # Scores as the course's networks give them: minus a distance, so the highest is still negative.
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
    return "Now a network that knows nothing gets 1/N and no more: an evaluator is code, and code is tested."


def _accuracy_of(answer, scores, labels):
    got, *again = (call(answer, scores, labels) for _ in range(4))
    if any(not np.array_equal(got, other, equal_nan=True) for other in again):
        raise Wrong(
            "it breaks ties by chance, so it gives several results for one network. On average they are right: count 1/m at once."
        )
    if got.shape != ():
        raise Wrong(
            f"expected one number for all queries, and it returns an array of shape {got.shape}."
        )
    return got


# Networks whose accuracy is known: what each is, its scores, that accuracy, and what mistakes make of it.


def _clear_networks(labels, clear):
    n = len(labels)
    right = (clear.argmax(axis=1) == labels.argmax(axis=1)).mean()
    nearly_tied = 1.5 * (labels + np.roll(labels, 1, axis=1)) + 2e-4 * labels - 6.5
    close = "it takes close scores for a tie. A tie is exactly equal."
    by_a_hair = [
        (1 / 2, close),
        (1 / 4, close),
        (_mean_probability(nearly_tied, labels), _PROBABILITY),
    ]
    return [
        ("a perfect network", 50 * labels - 52, 1, _mistakes_if_perfect(n)),
        ("a network that is right by a hair", nearly_tied, 1, by_a_hair),
        (f"a network that answers {round(n * right)} of {n} queries right", clear, right, _mistakes_if_mixed(labels, clear, right)),
    ]  # fmt: skip


def _mistakes_if_perfect(n):
    return [
        (n / 4, "it divides by the number of classes. The share of right answers is their number divided by that of the *queries*."),
        (n, "it returns the number of right answers. Divide it by the number of queries."),
        (100, "it returns per cent. Expected a share, 0 to 1."),
        (0, "it returns the share of *wrong* answers, or takes the lowest score for the highest."),
        (1 / 4, "it divides by the number of all entries of the one-hot rows. Divide by the number of queries."),
        ((n - 1) / n, "it leaves out one query. range(n) ends at n - 1."),
        copied_example(0.75),
        (1 / 2, "a clear answer counts only one half: it divides by one more than the number of tied classes."),
        (1 / 3, "it counts the equal scores of wrong classes as a tie. Only those that share the *highest* score are tied."),
        (n / 15, "it divides by 15, whatever the number of queries: take it from the shape of `scores`."),
    ]  # fmt: skip


def _mistakes_if_mixed(labels, clear, right):
    n, hits = len(labels), (clear.argmax(axis=1) == labels.argmax(axis=1)).astype(float)
    entries_equal = (np.eye(4)[clear.argmax(axis=1)] == labels).mean()
    return [
        (1, "it says that all are right. Does it look at every query, and for each at the highest score of its own row?"),
        (0,
         "it says that none is right. Does it round down, ask whether *all* are right, or compare scores with labels? Compare "
         "which class is highest, query by query."),
        (entries_equal,
         "it compares the zeros of the one-hot rows too, so that a wrong answer gets points for the classes that neither row "
         "names. Count queries."),
        (1 - right, "it returns the share of *wrong* answers."),
        (1 / n,
         "it counts one query only. Each has a highest score of its own: axis=-1, keepdims=True. (If you loop over the queries: "
         "is `return` inside the loop?)"),
        *_other_measures(labels, clear, hits),
    ]  # fmt: skip


def _other_measures(labels, clear, hits):
    """What is measured of answers in other fields, and is not the share of queries answered right."""
    answers, every_query = np.eye(4)[clear.argmax(axis=1)], "Here every query counts the same."
    recall = hits @ labels / labels.sum(axis=0)
    precision = hits @ answers / np.maximum(answers.sum(axis=0), 1)
    rank = (clear > (clear * labels).sum(axis=1, keepdims=True)).sum(axis=1)
    return [
        (recall.mean(),
         f"it averages over the classes, so a query of a rare class counts more than one of a frequent class. {every_query}"),
        (precision.mean(), f"it averages the precision of each class. {every_query}"),
        (recall.max(), f"it returns the share of the class that is answered best. {every_query}"),
        (recall.min(), f"it returns the share of the class that is answered worst. {every_query}"),
        (_mean_probability(clear, labels), _PROBABILITY),
        ((rank < 2).mean(), "it also counts a true class with the second highest score. Only the highest is the answer."),
        ((1 / (1 + rank)).mean(), "it gives a true class on place r 1/r of a point. Only the highest score is the answer."),
    ]  # fmt: skip


_PROBABILITY = "it returns the mean probability of the true class. An answer is right or wrong, however sure the network is."


def _mean_probability(scores, labels):
    return (softmax(scores) * labels).sum(axis=1).mean()


def _tied_networks(labels):
    next_class, next_but_one = np.roll(labels, 1, axis=1), np.roll(labels, 2, axis=1)
    any_tie = [
        (1 / 2, "it gives points for any tie. Only one that the true class is part of counts.")
    ]
    one_is_chosen = [(k / len(labels), _CHOOSES) for k in range(len(labels) + 1)]
    undecided = "a network that cannot decide between"
    networks = [
        ("a network that gives all four classes the same score", np.full_like(labels, -7), 1 / 4, _mistakes_if_tied(labels)),
        (f"{undecided} the true class and one other", labels + next_class - 12, 1 / 2, _mistakes_if_two_tie(labels, next_class)),
        (f"{undecided} the true class and two others", labels + next_class + next_but_one - 12, 1 / 3, _MISTAKES_IF_THREE_TIE),
        (f"{undecided} two *wrong* classes", next_class + next_but_one - 12, 0, any_tie),
    ]  # fmt: skip
    return [(*network, [*mistakes, *one_is_chosen]) for *network, mistakes in networks]


_CHOOSES = (
    "it chooses one of the tied classes, by their order or by chance, so each of these queries counts 0 or 1. A tie among m "
    "counts 1/m."
)
_MISTAKES_IF_THREE_TIE = [
    (
        1 / 4,
        "it gives 1/N for each tie, however many classes share the highest score. Count those m, and give 1/m.",
    ),
    (
        1 / 2,
        "it counts a tie of three classes as one of two. Count those m that share the highest score, and give 1/m.",
    ),
]


def _mistakes_if_tied(labels):
    first, last = labels[:, 0].mean(), labels[:, -1].mean()
    return [
        (first, "it is right wherever the true class comes first: of tied classes argmax chooses the first. A tie among m counts 1/m."),
        (last, "it is right wherever the true class comes last of the tied ones. A tie among m counts 1/m."),
        (1, "it counts every tie as right, so a network that knows nothing would be perfect. A tie among m counts 1/m."),
        (0, "it counts every tie as wrong. A tie among m is right in one of m cases, so it counts 1/m."),
        (1 / 2, "it counts every tie as one half. Among m classes that share the highest score it counts 1/m."),
        (1 / 3, "it counts 1/(m - 1). The true class and m - 1 others are m in all: 1/m."),
        (1 / 5, "it counts 1/(m + 1), or 1/5 as for the five classes of the example. Among m tied classes count 1/m."),
        (1 / 16, "it counts 1/m of 1/m. Divide by m once."),
        (np.nan, "it leaves out the tied queries. A tie among m counts 1/m."),
    ]  # fmt: skip


def _mistakes_if_two_tie(labels, other):
    true_comes_first = (labels.argmax(axis=1) < other.argmax(axis=1)).mean()
    return [
        (1 / 4, "it gives 1/N for each tie, however many classes share the highest score. Count those m, and give 1/m."),
        (0, "it counts a tie of two classes as wrong. It counts 1/2."),
        (1, "it counts a tie of two classes as right. It counts 1/2."),
        (true_comes_first,
         "argmax still breaks the ties of two classes. Any tie of m counts 1/m, not only one of all classes."),
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
        ("a perfect network that answers NaN to half of the queries", all_nan, right,
         _mistakes_if_nan(right, of_the_first, half / n)),
        ("a perfect network with one NaN among the scores of half of the queries", one_nan, right,
         _mistakes_if_one_nan(right, few / n, (half - few) / n)),
        ("a network that answers NaN to everything", np.full_like(labels, np.nan), 0,
         [(np.nan, "count each query as a miss.")]),
    ]  # fmt: skip


_A_MISS = "A network that answers NaN has not answered: a miss."
_LEAVES_OUT = "it leaves out the queries answered NaN, and divides by the others alone. They are misses, and count."
_GIVES_UP = (
    "one NaN makes it give up on all queries. Only the query with NaN among its scores is a miss."
)
_IS_NAN = "it returns NaN where a score is NaN. One such query would make the mean of all NaN: count it as a miss."


def _mistakes_if_nan(right, of_the_first, nan_share):
    return [
        (1, _LEAVES_OUT),
        (np.nan, _IS_NAN),
        (0, _GIVES_UP),
        (right + of_the_first,
         f"it gives points for scores that are NaN: argmax takes the first NaN for the highest. {_A_MISS}"),
        (right + nan_share / 4, f"it treats scores that are NaN as a tie. {_A_MISS}"),
    ]  # fmt: skip


def _mistakes_if_one_nan(right, at_the_true, at_another):
    return [
        (right + at_another,
         "it takes a query with one NaN among its scores for answered, and looks at the other scores. One NaN makes the query a "
         "miss."),
        (right + at_the_true,
         f"it takes a NaN for the highest score, so a query counts where the true class's score is NaN. {_A_MISS}"),
        (1, f"{_LEAVES_OUT} (Or it counts every query with one NaN as right.)"),
        (np.nan, _IS_NAN),
        (0, _GIVES_UP),
    ]  # fmt: skip
