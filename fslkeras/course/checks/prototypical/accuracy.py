"""Chapter 2: the share of right answers, where ties and NaN count what they should."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import RETURNS_TOO_SOON, copied_example


@exercise(
    hints=(
        "Three things are wrong. Try a perfect network first: scores that are the labels themselves. What should come out, "
        "and what does? By what is the number of right answers divided?",
        "Then a network that gives every class the same score. Which class does argmax choose? Count for each query how many "
        "classes share the highest score, and whether the true one is among them.",
        "Then a network whose scores are all NaN. `scores == scores.max(axis=-1, keepdims=True)` marks the highest scores, "
        "ties among them, and is False everywhere for NaN.",
    ),
    solution="""highest = scores == scores.max(axis=-1, keepdims=True)  # nothing equals NaN
right = (highest * labels).sum(axis=-1) / np.maximum(highest.sum(axis=-1), 1)
return right.mean()""",
)
def accuracy(answer):
    """Checks a function from scores (Q, N) and one-hot labels (Q, N) to the share of right answers, ties counted 1/m."""
    rng = np.random.default_rng(2)
    labels = np.eye(4, dtype="float32")[rng.permutation(np.repeat(np.arange(4), (5, 3, 2, 2)))]
    # Scores as the course's networks give them: minus a distance, so the highest is still negative.
    clear = rng.normal(-10, 1, labels.shape).astype("float32") + 1.5 * labels
    for networks in (_clear_networks(labels, clear), _tied_networks(labels), _nan_networks(labels)):
        for network, scores, want, mistakes in networks:
            got = _accuracy_of(answer, scores.astype("float32"), labels)
            if not np.isclose(got, want, atol=5e-3):  # rounded to two digits is good enough
                reason = reason_for(got, mistakes, rtol=1e-5, atol=1e-3)
                colon = ": " if reason else "."
                raise Wrong(f"for {network}, expected {want:.3g} and received {got:.3g}{colon}{reason}")
    return "Now a network that knows nothing gets 1/N and no more: an evaluator is code, and code is tested."


def _accuracy_of(answer, scores, labels):
    got, *again = (call(answer, scores, labels) for _ in range(4))
    if any(not np.array_equal(got, other, equal_nan=True) for other in again):
        raise Wrong(
            "it breaks ties by chance, so it gives several results for one network. On average they are right: count 1/m at once."
        )
    if got.shape != ():
        raise Wrong(f"expected one number for all queries, and it returns an array of shape {got.shape}.")
    return got


# Networks whose accuracy is known: what each is, its scores, that accuracy, and what mistakes make of it.


def _clear_networks(labels, clear):
    n = len(labels)
    right = (clear.argmax(axis=1) == labels.argmax(axis=1)).mean()
    by_a_hair = [(1 / 4, "it takes close scores for a tie. A tie is exactly equal.")]
    return [
        ("a perfect network", labels - 2, 1, _mistakes_if_perfect(n)),
        (f"a network that answers {round(n * right)} of {n} queries right", clear, right, _mistakes_if_mixed(labels, clear, right)),
        ("a network that is right by a hair", 1e-3 * labels - 5, 1, by_a_hair),
    ]  # fmt: skip


def _mistakes_if_perfect(n):
    return [
        (n / 4, "it divides by the number of classes. The share of right answers is their number divided by that of the *queries*."),
        (n, "it returns the number of right answers. Divide it by the number of queries."),
        (100, "it returns per cent. Expected a share, 0 to 1."),
        (0, "it returns the share of *wrong* answers, or takes the lowest score for the highest."),
        (1 / 4, "it divides by the number of all entries of the one-hot rows. Divide by the number of queries."),
        copied_example(0.75),
        (1 / 2, "a clear answer counts only one half: it divides by one more than the number of tied classes."),
        (1 / 3, "it counts the equal scores of wrong classes as a tie. Only those that share the *highest* score are tied."),
        (n / 15, "it divides by 15, whatever the number of queries: take it from the shape of `scores`."),
    ]  # fmt: skip


def _mistakes_if_mixed(labels, clear, right):
    n, first_alone = len(labels), float(clear[0].argmax() == labels[0].argmax())
    entries_equal = (np.eye(4)[clear.argmax(axis=1)] == labels).mean()
    highest_of_all = ((clear == clear.max()) * labels).sum() / n
    return [
        (1, "it says that all are right. Does it look at every query, and for each at the highest score of its own row?"),
        (0, "it says that none is right. Does it round down, or compare scores with labels? Compare which class is highest."),
        (entries_equal,
         "it compares the zeros of the one-hot rows too, so that a wrong answer gets points for the classes that neither row "
         "names. Count queries."),
        (highest_of_all,
         "it looks for the highest score of all queries together. Each query has a highest score of its own: axis=-1, "
         "keepdims=True."),
        (1 - right, "it returns the share of *wrong* answers."),
        (first_alone / n, f"it counts the first query only. {RETURNS_TOO_SOON}"),
    ]  # fmt: skip


def _tied_networks(labels):
    next_class, next_but_one = np.roll(labels, 1, axis=1), np.roll(labels, 2, axis=1)
    any_tie = [(1 / 2, "it gives points for any tie. Only one that the true class is part of counts.")]
    undecided = "a network that cannot decide between"
    return [
        ("a network that gives all four classes the same score", np.full_like(labels, -7), 1 / 4, _mistakes_if_tied(labels)),
        (f"{undecided} the true class and one other", labels + next_class - 12, 1 / 2, _mistakes_if_two_tie(labels, next_class)),
        (f"{undecided} two *wrong* classes", next_class + next_but_one - 12, 0, any_tie),
    ]  # fmt: skip


def _mistakes_if_tied(labels):
    first, last = labels[:, 0].mean(), labels[:, -1].mean()
    return [
        (first, "it is right wherever the true class comes first: of tied classes argmax chooses the first. A tie among m counts 1/m."),
        (last, "it is right wherever the true class comes last of the tied ones. A tie among m counts 1/m."),
        (1, "it counts every tie as right, so a network that knows nothing would be perfect. A tie among m counts 1/m."),
        (0, "it counts every tie as wrong. A tie among m is right in one of m cases, so it counts 1/m."),
        (1 / 2, "it counts every tie as one half. Among m classes that share the highest score it counts 1/m."),
        (1 / 3, "it counts 1/(m - 1). The true class and m - 1 others are m in all: 1/m."),
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
    n = len(labels)
    half_nan = np.where(np.arange(n)[:, None] < n // 2, np.nan, labels - 2)
    argmax_of_nan = 1 / 2 + labels[: n // 2, 0].sum() / n
    a_miss = "A network that answers NaN has not answered: a miss."
    mistakes = [
        (1, "it leaves out the queries answered NaN, and divides by the others alone. They are misses, and count."),
        (
            np.nan,
            "it returns NaN where a score is NaN. One such query would spoil the mean of all: count it as a miss.",
        ),
        (0, "one NaN makes it give up on all queries. Only the query whose scores are NaN is a miss."),
        (
            argmax_of_nan,
            f"it gives points for scores that are NaN: argmax takes the first NaN for the highest. {a_miss}",
        ),
        (1 / 2 + 1 / 8, f"it treats scores that are NaN as a tie. {a_miss}"),
    ]
    all_nan = [(np.nan, "count each query as a miss.")]
    return [
        ("a perfect network that answers NaN to half of the queries", half_nan, 1 / 2, mistakes),
        ("a network that answers NaN to everything", np.full_like(labels, np.nan), 0, all_nan),
    ]
