"""The checks of chapter 2, Prototypical networks."""

import numpy as np

from fslkeras.course.checks.exercise import Wrong, call, compare, exercise, loops, predicted, returned_by
from fslkeras.course.checks.training import judge_training


@exercise(
    hints=(
        "One class first: which rows of `embeddings` belong to class 0? Column 0 of `labels` has a 1 for each of them.",
        "`embeddings[labels[:, k] == 1]` are the embeddings of class k. Their mean over the images is the mean along axis 0.",
        "Collect these means in a list, for k from 0 to labels.shape[1] - 1, and make one array of it with np.stack.",
    ),
    solution="""prototypes = []
for k in range(labels.shape[1]):
    members = embeddings[labels[:, k] == 1]
    prototypes.append(members.mean(axis=0))
return np.stack(prototypes)""",
)
def prototypes(answer):
    """Checks a function from embeddings (S, D) and one-hot labels (S, N) to the mean of each class, (N, D)."""
    rng = np.random.default_rng(0)
    for images in ((3, 1, 4, 2), (2, 2, 2)):  # of each class
        z, labels, means = _classes(rng, rng.permutation(np.repeat(np.arange(len(images)), images)), size=5)
        n = len(images)
        counts = labels.sum(axis=0)[:, None]
        sums = labels.T @ z
        unit = z / np.linalg.norm(z, axis=1, keepdims=True)
        everything = z.mean(axis=0)
        with np.errstate(all="ignore"):
            mistakes = {
                "it returns the sum of each class. A mean is the sum divided by the number of images of *that class*.": sums,
                "it divides each class's sum by the number of all support images. Divide by the number of images of the class.": (
                    sums / len(z)
                ),
                "it divides each class's sum by the number of classes. Divide by the number of images of the class.": sums
                / n,
                "it divides by one too few: the number of images of the class, not that number minus one.": sums
                / (counts - 1),
                "the rows and columns are exchanged: expected a row for each class, (classes, D).": means.T,
                "it returns the mean of all images, whatever their class. What do the labels say?": everything,
                "it returns the mean of all images for every class. What do the labels say?": np.tile(
                    everything, (n, 1)
                ),
                "it returns a prototype for each *image*, and is to return one for each class.": labels @ means,
                "it returns the median of each class, which is not the mean.": _of_each_class(np.median, z, labels),
                "it returns the first image of each class. With several, the prototype is their mean.": z[
                    labels.argmax(axis=0)
                ],
                "it returns the last image of each class. With several, the prototype is their mean.": _of_each_class(
                    lambda members, axis: members[-1], z, labels
                ),
                "it returns the mean of all images that are *not* of the class: are zeros and ones of the labels exchanged?": (
                    (z.sum(axis=0) - sums) / (len(z) - counts)
                ),
                "it returns whole numbers: `//` throws away what comes after the decimal point, `/` keeps it.": sums
                // counts,
                "it returns whole numbers: an array of integers throws away what comes after the decimal point.": np.trunc(
                    means
                ),
                "it uses the ones and zeros of `labels` as row numbers. `labels[:, k] == 1` says which rows are meant.": np.stack(
                    [z[column.astype(int)].mean(axis=0) for column in labels.T]
                ),
                "it gives every embedding the length 1 first. A prototype is the mean of the embeddings as they are.": (
                    (labels.T @ unit) / counts
                ),
                "it gives every prototype the length 1. A prototype is the mean as it is.": (
                    means / np.linalg.norm(means, axis=1, keepdims=True)
                ),
                "it averages over the numbers of each embedding. Average over the images of a class: axis 0 of its members.": (
                    means.mean(axis=1)
                ),
                "only the first class is there. Is `return` inside the loop?": means[0],
                "only the first class is there, in an array of its own. Is `return` inside the loop?": means[:1],
                "the last class is missing. `labels.shape[1]` is the number of classes, and range(n) ends at n - 1.": means[
                    :-1
                ],
                "the prototypes are one behind the other in a single row. `np.stack` gives each a row of its own.": means.ravel(),
                "it answers the six points of the example, whatever it is given. Compute the answer from the arguments.": [
                    [1, 0],
                    [6, 2],
                    [2, 6],
                ],
            }
        if len(z) % n == 0:
            in_order = z.reshape(n, -1, 5).mean(axis=1)
            mistakes[
                "it takes the images in order, equally many for each class. `labels` says which class each is of."
            ] = in_order
        easier_cases = []
        for easier, simple_images, size in (
            (
                "equally many images in every class, as in the example. Here one class has three, another only one",
                (5, 5, 5, 5),
                5,
            ),
            ("three classes of two images, as in the example. `labels.shape` says how many there are", (2, 2, 2), 5),
            (
                "embeddings of two numbers, as in the example. `embeddings.shape` says how many there are",
                (5, 5, 5, 5),
                2,
            ),
            (
                "the sizes of the example. The shapes of `embeddings` and `labels` say what they are here",
                (2, 2, 2),
                2,
            ),
        ):
            *simple, simple_means = _in_order(simple_images, size)
            easier_cases.append((easier, simple, simple_means))
        got = _explained_by_an_easier_case(answer, (z, labels), easier_cases)
        if got.shape == sums.shape and np.isfinite(got).all() and np.ptp(got / sums) < 1e-3:
            mistakes[
                "it divides the sums of all classes by the same number. Each class has a number of images of its own."
            ] = got
        compare(got, means, mistakes, "(classes, D)", "prototypes")
    return "A class is now a place: for any number of classes, and of images in each."


def _classes(rng, classes, size):
    """Random embeddings of images of these classes, their one-hot labels, and the mean of each class."""
    labels = np.eye(max(classes) + 1, dtype="float32")[classes]
    z = rng.normal(1, 2, (len(labels), size)).astype("float32")
    return z, labels, _of_each_class(np.mean, z, labels)


def _of_each_class(statistic, z, labels):
    return np.stack([statistic(z[column == 1], axis=0) for column in labels.T])


def _in_order(images, size):
    """Random embeddings, one class after the other: as `_classes`."""
    return _classes(np.random.default_rng(3), np.repeat(np.arange(len(images)), images), size)


def _explained_by_an_easier_case(answer, inputs, cases):
    """What the answer returns. Where it stops with an error, but is right in an easier case, that is the reason.
    Args:
        answer: the reader's function.
        inputs: its arguments.
        cases: (what is easier, the arguments, what is right for them) of each easier case.
    """
    try:
        return call(answer, *inputs)
    except Wrong as wrong:
        for easier, simple, right in cases:
            try:
                compare(call(answer, *simple), right)
            except Wrong:
                continue
            raise Wrong(f"it works only for {easier}. (Otherwise {wrong})") from None
        raise


@exercise(
    hints=(
        "Subtract every prototype from every query at once. `queries[:, None, :]` has the shape (Q, 1, D), "
        "`prototypes[None, :, :]` has (1, N, D): what is the shape of their difference?",
        "NumPy repeats an axis of size 1 as often as needed: the difference has the shape (Q, N, D). "
        "Square it, and sum over the axis that is to disappear.",
        "It is the last axis: differences = queries[:, None, :] - prototypes[None, :, :], then the sum of differences**2 "
        "along axis=-1.",
    ),
    solution="""differences = queries[:, None, :] - prototypes[None, :, :]  # (Q, N, D)
return (differences**2).sum(axis=-1)""",
)
def distances(answer):
    """Checks a function from queries (Q, D) and prototypes (N, D) to squared distances (Q, N), without a Python loop."""
    rng = np.random.default_rng(1)

    def draw(n_queries, n_classes, size):
        return (rng.normal(0.5, 1, (n, size)).astype("float32") for n in (n_queries, n_classes))

    for n_queries, n_classes in ((4, 4), (6, 3), (1, 3), (3, 1)):
        q, c = draw(n_queries, n_classes, 5)
        q[0] = c[-1]  # a distance of zero
        if n_classes > 1:
            c[0] = 0  # a vector without a direction
        difference = q[:, None] - c[None]
        right = (difference**2).sum(axis=-1)
        products, q2, c2 = q @ c.T, (q**2).sum(axis=1)[:, None], (c**2).sum(axis=1)
        with np.errstate(all="ignore"):
            cosine = 1 - products / np.sqrt(q2 * c2)
        mistakes = {
            "it returns the distance, not its square: leave out the root.": np.sqrt(right),
            "it returns the mean over the D numbers. The squared distance is their sum.": right / 5,
            "it returns half of the squared distance.": right / 2,
            "it sums absolute differences. Square them before you sum.": np.abs(difference).sum(axis=-1),
            "it squares the sum of the differences. Square each difference first, then sum.": difference.sum(axis=-1)
            ** 2,
            "it sums the differences without squaring them, so that they cancel.": difference.sum(axis=-1),
            "it doubles the differences: `** 2` squares, `* 2` doubles.": 2 * difference.sum(axis=-1),
            "it takes the fourth power: square once.": (difference**4).sum(axis=-1),
            "it takes the largest of the squared differences. Expected their sum.": (difference**2).max(axis=-1),
            "it uses the first two numbers only, as in the example. Here there are five: sum over all of the last axis.": (
                (difference[..., :2] ** 2).sum(axis=-1)
            ),
            "rows and columns are exchanged: expected a row for each query, (queries, classes).": right.T,
            "it returns minus the distance. That will be the score, one step further on; a distance is never negative.": -right,
            "it returns minus the distance, and not squared. The squared distance is a sum of squares, never negative.": (
                -np.sqrt(right)
            ),
            "it compares each query with one prototype only, the one in the same row. Every query meets every prototype: "
            "queries[:, None, :] and prototypes[None, :, :].": right.diagonal(),
            "it sums over the queries. The axis that is to disappear is the last, D: axis=-1.": (difference**2).sum(
                axis=0
            ),
            "it sums over the prototypes. The axis that is to disappear is the last, D: axis=-1.": (difference**2).sum(
                axis=1
            ),
            "it returns one number for everything. Sum over the last axis alone: axis=-1.": (difference**2).sum(),
            "it returns the distance to the nearest prototype alone. Expected the distance to every prototype.": right.min(
                axis=1
            ),
            "it returns the number of the nearest prototype. Expected the distance to every prototype.": right.argmin(
                axis=1
            ),
            "the squares are right, the last step is missing: sum them over the last axis.": difference**2,
            "it returns the product of query and prototype, which is high for similar ones. Expected a distance.": products,
            "the square is expanded, and |z|^2 is missing. The ranking would be the same, the distance is not.": c2
            - 2 * products,
            "it adds where it should subtract: (z + c)^2. (If you expanded the square, the middle term has the wrong sign.)": (
                q2 + 2 * products + c2
            ),
            "the square is expanded, and the 2 of the middle term is missing: (z - c)^2 = z^2 - 2 z c + c^2.": q2
            - products
            + c2,
            "the square is expanded, and the middle term is missing: (z - c)^2 = z^2 - 2 z c + c^2.": q2 + c2,
            "it subtracts the squares, z^2 - c^2. Subtract first, then square.": q2 - c2,
            "it returns e to minus the distance, a part of the softmax. Expected the distance itself.": np.exp(-right),
            "it returns whole numbers: an array of integers throws away what comes after the decimal point.": np.trunc(
                right
            ),
            "it answers the query of the example, whatever it is given. Compute the answer from the arguments.": [
                [2, 17, 25]
            ],
            "it compares directions, by the cosine. Expected the sum of the squared differences.": np.nan_to_num(
                cosine
            ),
        }
        if n_queries > 1:
            mistakes["it answers for the first query only. Expected a row for each query."] = right[0]
            mistakes["it answers for the first query only. Expected one row for each query."] = right[:1]
        got = call(answer, q, c)
        if n_classes > 1 and got.shape == right.shape and np.array_equal(np.isnan(got), np.isnan(cosine)):
            raise Wrong(
                "it returns NaN (not a number) for a prototype at the origin: it divides by a length, which is zero there. "
                "The squared distance needs no lengths."
            )
        compare(got, right, mistakes, "(queries, classes)", "queries")

    if loops(answer, few=tuple(draw(3, 3, 2)), many=tuple(draw(40, 40, 10))):
        raise Wrong(
            "the distances are right, but it loops in Python: the more queries, prototypes or coordinates, the more steps it "
            "takes. One subtraction of arrays can handle all of them; the first hint says how."
        )
    return "And without a loop: every query meets every prototype at once, as a graphics card would have it."


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
    n = len(labels)
    next_class = np.roll(labels, 1, axis=1)
    # Scores as the course's networks give them: minus a distance, so the highest is still negative.
    clear = rng.normal(-10, 1, labels.shape).astype("float32") + 1.5 * labels
    got_right = (clear.argmax(axis=1) == labels.argmax(axis=1)).mean()
    half_nan = np.where(np.arange(n)[:, None] < n // 2, np.nan, labels - 2)
    first, last = labels[:, 0].mean(), labels[:, -1].mean()
    alike = (clear[0].argmax() == labels[0].argmax()) * 1.0

    # A network whose accuracy is known, its scores, that accuracy, and what mistakes would have made of it.
    cases = [
        (
            "a perfect network",
            labels - 2,
            1,
            {
                n
                / 4: "it divides by the number of classes. The share of right answers is their number divided by that of the "
                "*queries*.",
                n: "it returns the number of right answers. Divide it by the number of queries.",
                100: "it returns per cent. Expected a share, 0 to 1.",
                0: "it returns the share of *wrong* answers, or takes the lowest score for the highest.",
                1 / 4: "it divides by the number of all entries of the one-hot rows. Divide by the number of queries.",
                0.75: "it answers the example, whatever it is given. Compute the answer from the arguments.",
                1 / 2: "a clear answer counts only one half: it divides by one more than the number of tied classes.",
                1
                / 3: "it counts the equal scores of wrong classes as a tie. Only those that share the *highest* score are tied.",
                n / 15: "it divides by 15, whatever the number of queries: take it from the shape of `scores`.",
            },
        ),
        (
            f"a network that answers {round(n * got_right)} of {n} queries right",
            clear,
            got_right,
            {
                1: "it says that all are right. Does it look at every query, and for each at the highest score of its own row?",
                0: "it says that none is right. Does it round down, or compare scores with labels? Compare which class is highest.",
                (
                    np.eye(4)[clear.argmax(axis=1)] == labels
                ).mean(): "it compares the zeros of the one-hot rows too, so that a wrong "
                "answer gets points for the classes that neither row names. Count queries.",
                ((clear == clear.max()) * labels).sum()
                / n: "it looks for the highest score of all queries together. Each query has a "
                "highest score of its own: axis=-1, keepdims=True.",
                1 - got_right: "it returns the share of *wrong* answers.",
                alike / n: "it counts the first query only. Is `return` inside the loop?",
            },
        ),
        (
            "a network that is right by a hair",
            1e-3 * labels - 5,
            1,
            {1 / 4: "it takes close scores for a tie. A tie is exactly equal."},
        ),
        (
            "a network that gives all four classes the same score",
            np.full_like(labels, -7),
            1 / 4,
            {
                first: "it is right wherever the true class comes first: of tied classes argmax chooses the first. A tie among m counts "
                "1/m.",
                last: "it is right wherever the true class comes last of the tied ones. A tie among m counts 1/m.",
                1: "it counts every tie as right, so a network that knows nothing would be perfect. A tie among m counts 1/m.",
                0: "it counts every tie as wrong. A tie among m is right in one of m cases, so it counts 1/m.",
                1 / 2: "it counts every tie as one half. Among m classes that share the highest score it counts 1/m.",
                1 / 3: "it counts 1/(m - 1). The true class and m - 1 others are m in all: 1/m.",
                np.nan: "it leaves out the tied queries. A tie among m counts 1/m.",
            },
        ),
        (
            "a network that cannot decide between the true class and one other",
            labels + next_class - 12,
            1 / 2,
            {
                1
                / 4: "it gives 1/N for each tie, however many classes share the highest score. Count those m, and give 1/m.",
                0: "it counts a tie of two classes as wrong. It counts 1/2.",
                1: "it counts a tie of two classes as right. It counts 1/2.",
                (
                    labels.argmax(axis=1) < next_class.argmax(axis=1)
                ).mean(): "argmax still breaks the ties of two classes. Any tie of m "
                "counts 1/m, not only one of all classes.",
            },
        ),
        (
            "a network that cannot decide between two *wrong* classes",
            next_class + np.roll(labels, 2, axis=1) - 12,
            0,
            {1 / 2: "it gives points for any tie. Only one that the true class is part of counts."},
        ),
        (
            "a perfect network that answers NaN to half of the queries",
            half_nan,
            1 / 2,
            {
                1: "it leaves out the queries answered NaN, and divides by the others alone. They are misses, and count.",
                np.nan: "it returns NaN where a score is NaN. One such query would spoil the mean of all: count it as a miss.",
                0: "one NaN makes it give up on all queries. Only the query whose scores are NaN is a miss.",
                1 / 2
                + labels[: n // 2, 0].sum()
                / n: "it gives points for scores that are NaN: argmax takes the first NaN for the "
                "highest. A network that answers NaN has not answered: a miss.",
                1 / 2
                + 1 / 8: "it treats scores that are NaN as a tie. A network that answers NaN has not answered: a miss.",
            },
        ),
        (
            "a network that answers NaN to everything",
            np.full_like(labels, np.nan),
            0,
            {np.nan: "count each query as a miss."},
        ),
    ]
    for network, scores, want, mistakes in cases:
        got, *again = (call(answer, scores.astype("float32"), labels) for _ in range(4))
        if any(not np.array_equal(got, other, equal_nan=True) for other in again):
            raise Wrong(
                "it breaks ties by chance, so it gives several results for one network. On average they are right: count 1/m at "
                "once."
            )
        if got.shape != ():
            raise Wrong(f"expected one number for all queries, and it returns an array of shape {got.shape}.")
        if not np.isclose(got, want, atol=5e-3):  # rounded to two digits is good enough
            reason = next(
                (text for wrong, text in mistakes.items() if np.isclose(got, wrong, atol=1e-3, equal_nan=True)), ""
            )
            raise Wrong(f"for {network}, expected {want:.3g} and received {got:.3g}{': ' if reason else '.'}{reason}")
    return "Now a network that knows nothing gets 1/N and no more: an evaluator is code, and code is tested."


@exercise(
    hints=(
        "The answer is the class with the highest score. For each change ask: which class has the highest score now?",
        "Divided: does the order of five numbers change when all are divided by 100? Moved: what the network was right about, "
        "it now gives to the next class. Copied: how far is each query from its own prototype?",
        "Blank: all prototypes are the same point, so all scores of a query are equal, and a tie among five counts 1/5.",
    ),
    solution="""predictions = {"divided": 98, "moved": 0, "copied": 100, "blank": 20}""",
)
def breakages(answer):
    """Checks a dict of four predicted accuracies, in per cent."""
    values = predicted(answer, _BREAKAGES)
    if not all(0 <= value <= 100 for value in values.values()):
        raise Wrong("an accuracy lies between 0 and 100 %.")
    reasons = []
    for name, (measured, margin, reason) in _BREAKAGES.items():
        if 0 < values[name] <= 1 and abs(100 * values[name] - measured) <= margin:
            raise Wrong(f"expected per cent: in place of {values[name]:g}, write {100 * values[name]:g}.")
        if abs(values[name] - measured) > margin:
            reasons.append(f"{name}: {reason}")
    if reasons:
        raise Wrong(" ".join(reasons))
    return (
        "You can tell from an accuracy what is broken: near 0 % points at labels, 100 % at a leak, 1/N at a dead input."
    )


# What is measured, in per cent; how far off a prediction may be; what to think of where it is further.
_BREAKAGES = {
    "divided": (
        98,
        3,
        "all distances become smaller, but the nearest prototype stays the nearest. The softmax becomes less sure (the loss grows); "
        "do the answers change?",
    ),
    "moved": (
        0,
        5,
        "this is no random order, which would give 20 %. Every class's prototype is now the next one's: what was right is wrong, and "
        "hardly anything else becomes right.",
    ),
    "copied": (
        100,
        0.5,
        "each query is a support image, at distance zero from its own prototype. Nothing can be nearer, learned or not.",
    ),
    "blank": (
        20,
        0.5,
        "five prototypes at one point, five equal scores, a tie among five. How does our evaluator count it?",
    ),
}


@exercise(
    hints=(
        "In a plain mean each image counts 1. Here it counts as much as its precision: in the sum, *and* in the number that the sum "
        "is divided by.",
        "`weights = labels * precisions` has the shape (S, N): each image has its precision in the column of its class, and 0 in the "
        "others.",
        "weights.T @ embeddings are the weighted sums, (N, D). Divide each by the sum of its class's weights, "
        "weights.sum(axis=0)[:, None].",
    ),
    solution="""weights = labels * precisions  # (S, N): the precision of each image, in the column of its class
return (weights.T @ embeddings) / weights.sum(axis=0)[:, None]""",
)
def weighted_prototypes(answer):
    """Checks a function from embeddings (S, D), precisions (S, 1) and labels (S, N) to each class's weighted mean, (N, D)."""
    rng = np.random.default_rng(6)
    for images, size in (((3, 1, 4, 2), 5), ((2, 2, 2), 4), ((2,), 1)):  # of each class
        n = len(images)
        z, labels, means = _classes(rng, rng.permutation(np.repeat(np.arange(n), images)), size)
        p = np.exp(rng.normal(0.3, 0.7, (len(z), 1))).astype("float32")

        def weighted(weights, z=z, labels=labels):
            return _of_weights(weights, z, labels)

        right = weighted(p)
        counts, totals = labels.sum(axis=0)[:, None], labels.T @ p
        sums = right * totals
        everything = (p * z).sum(axis=0, keepdims=True) / p.sum()
        exp = np.exp(p)
        with np.errstate(all="ignore"):
            mistakes = {
                "it returns the plain mean of each class. Each image is to count as much as its precision.": means,
                "it divides by the number of images of the class. The weights are to sum to 1: divide by the sum of the class's "
                "precisions.": sums / counts,
                "it divides by the sum of *all* precisions. Divide by the sum of those of the class.": sums / p.sum(),
                "it divides by the number of all support images. Divide by the sum of the class's precisions.": sums
                / len(z),
                "it divides by the number of classes. Divide by the sum of the class's precisions.": sums / n,
                "it brings all precisions together to the sum 1, and then divides by the number of images. The precisions of each "
                "*class* are to sum to 1.": sums / p.sum() / counts,
                "it divides by the class's number of images times the mean precision of all images. Divide by the sum of the "
                "precisions of the class.": sums / p.mean() / counts,
                "it returns the weighted sums, not divided. Divide each by the sum of the class's precisions.": sums,
                "it divides the sum of the embeddings as they are by the sum of the precisions. Multiply each embedding by its "
                "precision first.": means * counts / totals,
                "it weights by 1 / precision, as if it were a variance: the less sure an image, the more it counts. Weight by the "
                "precision itself.": weighted(1 / p),
                "it weights by the root of the precision. Weight by the precision itself.": weighted(np.sqrt(p)),
                "it weights by the square of the precision. Is each embedding multiplied by it twice, or are they squared?": weighted(
                    p**2
                ),
                "it multiplies by the squares of the precisions, and divides by their sum. Multiply by each precision once.": (
                    weighted(p**2) * (labels.T @ p**2) / totals
                ),
                "it weights by the softmax of the precisions, or by e to them. They are weights as they are: divide them by their "
                "sum, without the exponential.": weighted(exp),
                "it weights by the softmax of the precisions over all images. They are weights as they are, and the sum to divide by "
                "is that of the class.": weighted(exp) * (labels.T @ exp) / exp.sum(),
                "it weights by the logarithm of the precision. Weight by the precision itself.": weighted(np.log(p)),
                "it weights by 1 + the precision. Weight by the precision itself.": weighted(1 + p),
                "it takes the most precise image of each class alone. The others count, too, only less.": z[
                    (labels * p).argmax(axis=0)
                ],
                "it takes the most precise image alone. The others count, too, only less.": np.tile(
                    z[p.argmax()], (n, 1)
                ),
                "the rows and columns are exchanged: expected a row for each class, (classes, D).": right.T,
                "it returns a prototype for each *image*, and is to return one for each class.": labels @ right,
                "the embeddings are weighted, the mean is missing: sum them for each class, and divide by the sum of its "
                "precisions.": p * z,
                "it returns the mean of all images, whatever their class. What do the labels say?": everything[0],
                "it returns the mean of all images, for one class. What do the labels say?": everything,
                "it returns the mean of all images for every class. What do the labels say?": np.tile(
                    everything, (n, 1)
                ),
                "it returns the precision of each class. Expected its prototype, the weighted mean of its embeddings.": totals,
                "it returns the precision of each class, in one row. Expected its prototype, the weighted mean of its embeddings.": (
                    totals[:, 0]
                ),
                "it returns the weights. The weighted mean is `weights.T @ embeddings`, divided by their sums.": labels
                * p,
                "it returns whole numbers: `//` throws away what comes after the decimal point, `/` keeps it.": np.floor(
                    right
                ),
                "it returns whole numbers: an array of integers throws away what comes after the decimal point.": np.trunc(
                    right
                ),
                "it makes whole numbers of the precisions. Weight by the precision as it is.": weighted(np.trunc(p)),
                "it gives the prototypes the length 1. A prototype is the weighted mean as it is.": (
                    right / np.linalg.norm(right, axis=1, keepdims=True)
                ),
                "it gives every embedding the length 1 first. Take the mean of the embeddings as they are.": weighted(
                    p, z / np.linalg.norm(z, axis=1, keepdims=True)
                ),
                "it weights all images of the *other* classes: are zeros and ones of the labels exchanged?": weighted(
                    p, labels=1 - labels
                ),
                "it averages over the numbers of each embedding. Average over the images of a class.": right.mean(
                    axis=1
                ),
                "only the first class is there. Is `return` inside the loop?": right[0],
                "only the first class is there, in an array of its own. Is `return` inside the loop?": right[:1],
                "the last class is missing. `labels.shape[1]` is the number of classes, and range(n) ends at n - 1.": right[
                    :-1
                ],
                "the prototypes are one behind the other in a single row. `np.stack` gives each a row of its own.": right.ravel(),
                "it answers the example, whatever it is given. Compute the answer from the arguments.": [[3]],
                "it uses the precisions one place further on: is an image weighted by its neighbour's?": weighted(
                    np.roll(p, 1, axis=0)
                ),
            }
            if len(z) % n == 0:
                in_order = np.repeat(np.eye(n), len(z) // n, axis=0)
                mistakes[
                    "it takes the images in order, equally many for each class. `labels` says which class each is of."
                ] = weighted(p, labels=in_order)
        easier_cases = []
        for easier, simple_images, simple_size in (
            ("equally many images in every class. Here one class has three, another only one", (5, 5, 5, 5), 5),
            ("as many classes as an embedding has numbers. `labels.shape[1]` are the classes", (3, 1, 2), 3),
            (
                "embeddings of one number, as in the example. (Is it np.average? That wants weights of one axis: precisions[:, 0].)",
                (3, 1, 2),
                1,
            ),
            (
                "the sizes of the example. The shapes of `embeddings` and `labels` say what they are here",
                (2,),
                1,
            ),
        ):
            simple_z, simple_labels, _ = _in_order(simple_images, simple_size)
            simple_p = 1 + np.arange(len(simple_z), dtype="float32")[:, None] % 3
            easier_cases.append(
                (easier, (simple_z, simple_p, simple_labels), _of_weights(simple_p, simple_z, simple_labels))
            )
        _refuse_more_than_one_thing(
            answer,
            (z, p, labels),
            right,
            "the prototypes are right, but expected them alone: leave out what else it returns.",
        )
        got = _explained_by_an_easier_case(answer, (z, p, labels), easier_cases)
        if n > 1 and got.shape == right.shape:
            if _close(np.sort(got, axis=0), np.sort(right, axis=0)):
                mistakes[
                    "the prototypes are right, their order is not. Row k is the class of column k of `labels`."
                ] = got
            if _parallel(got, right):
                mistakes[
                    "each prototype is right up to a factor: divide the weighted sum of a class by the sum of that class's "
                    "precisions."
                ] = got
            if _close(call(answer, z, np.ones_like(p), labels), means):
                mistakes[
                    "it is right only where all precisions are the same. An image three times as sure as another is to count as much "
                    "as three of these."
                ] = got
        compare(got, right, mistakes, "(classes, D)", "prototypes")
    return "An unsure image now moves its class only a little: where the precision is one over the variance, no other mean is less noisy."


def _of_weights(weights, z, labels):
    """The weighted mean of each class, (N, D), for weights (S, 1)."""
    weights = labels * np.asarray(weights, "float64")
    return weights.T @ z / weights.sum(axis=0)[:, None]


def _refuse_more_than_one_thing(answer, inputs, right, advice):
    """Raises `Wrong` with the advice where an answer returns what is right, and further things with it."""
    try:
        returned = returned_by(answer, *inputs)
    except Wrong:
        return
    if isinstance(returned, (tuple, list)) and len(returned) > 1:
        for one in returned:
            try:
                compare(call(lambda one=one: one), right)
            except Wrong:
                continue
            raise Wrong(advice)


def _close(a, b):
    return a.shape == b.shape and np.allclose(a, b, rtol=1e-3, atol=1e-3)


def _parallel(got, right):
    """Whether each row is that of the other array times a positive number of its own."""
    with np.errstate(all="ignore"):
        ratios = got / right
    return (
        np.isfinite(ratios).all()
        and (ratios > 0).all()
        and (np.ptp(ratios, axis=1) < 1e-3 * np.abs(ratios).max(axis=1)).all()
    )


@exercise(
    hints=(
        "Three steps: how far each unlabelled image is from each prototype, which share of it each class gets, and the mean of all "
        "that a class has now. In this mean a support image counts 1, an unlabelled one its share.",
        "The shares, (U, N), are e to minus the squared distances, divided by the sum of each row: axis=1, keepdims=True. Subtract "
        "the smallest distance of each row first: that changes no share, and keeps a far image from 0 / 0.",
        "A mean times its number of images is their sum: images_per_class[:, None] * prototypes. Add shares.T @ unlabelled, and "
        "divide by (images_per_class + shares.sum(axis=0))[:, None].",
    ),
    solution="""distances = ((unlabelled[:, None] - prototypes) ** 2).sum(axis=-1)  # (U, N)
# To subtract the smallest distance changes nothing, and avoids 0 / 0.
shares = np.exp(distances.min(axis=1, keepdims=True) - distances)
shares = shares / shares.sum(axis=1, keepdims=True)
sums = images_per_class[:, None] * prototypes + shares.T @ unlabelled
return sums / (images_per_class + shares.sum(axis=0))[:, None]""",
)
def refinement(answer):
    """Checks a function from prototypes (N, D), their numbers of images (N,) and unlabelled (U, D) to new prototypes (N, D)."""
    rng = np.random.default_rng(39)

    def draw(images, n_unlabelled, size):
        c, u = (rng.normal(0.2, 0.7, (rows, size)).astype("float32") for rows in (len(images), n_unlabelled))
        return c, np.array(images, "float32"), u

    counts_type = _type_of_counts(answer, *draw((2, 4, 1), 6, 4))
    for images, n_unlabelled, size in (((2, 4, 1), 6, 4), ((2, 1, 5, 1), 5, 4), ((3, 1), 1, 3)):
        c, n, u = draw(images, n_unlabelled, size)
        inputs = c, n.astype(counts_type), u
        d = _squared(u, c)
        shares = _softmax(-d)
        right = _refined(c, n, u, shares)
        mistakes = _refinement_mistakes(c, n, u, d, shares, right)
        _refuse_more_than_one_thing(
            answer, inputs, right, "the prototypes are right, but expected them alone: leave out what else it returns."
        )
        got = call(answer, *inputs)
        if got.shape == right.shape and not _close(got, right):
            if any(_close(got, wrong) for wrong in _more_steps(c, n, u)):
                raise Wrong(
                    "it takes more than one step. Expected one: the shares come from the prototypes that it is given, and are not "
                    "computed again."
                )
            if _parallel(got, right):
                mistakes[
                    "each prototype is right up to a factor: divide the sum of a class by what was summed, its number of support "
                    "images plus all its shares."
                ] = got
        compare(got, right, mistakes, "(classes, D)", "prototypes")

    # Two images so far from all prototypes that e to minus their distances is 0 in float64, too.
    c, n, u = draw((2, 4, 1), 5, 4)
    c[:, 0] = -3, 0, 3
    u[:2, 0] = 200, -200
    shares = _softmax(-_squared(u, c))
    right = _refined(c, n, u, shares)
    lost = (
        "an image far from all prototypes makes it {}: e to minus a large distance is 0 for the computer, and the shares of this image "
        "become 0 / 0. Subtract each image's smallest distance from its distances first, which changes no share, or use a library's "
        "softmax."
    )
    try:
        got = call(answer, c, n.astype(counts_type), u)
    except Wrong as wrong:
        raise Wrong(lost.format("stop") + f" ({wrong})") from None
    if not np.isfinite(got).all():
        raise Wrong(lost.format("return NaN (not a number)"))
    uniform = np.where(np.arange(5)[:, None] < 2, 1 / 3, shares)
    mistakes = {
        "it leaves out an image far from all prototypes: e to minus a large distance is 0 for the computer, and the image has no "
        "shares left. Subtract each image's smallest distance from its distances first, or use a library's softmax.": (
            _refined(c, n, u[2:], shares[2:])
        ),
        "it gives each class the same share of an image far from all prototypes: e to minus a large distance is 0 for the computer, "
        "whatever the class. Subtract each image's smallest distance from its distances first, or use a library's softmax.": (
            _refined(c, n, u, uniform)
        ),
    }
    compare(got, right, mistakes, "(classes, D)", "prototypes, with images far from all of them,")
    return "Images that nobody has labelled now move the prototypes, each as far as it seems to belong there."


def _refinement_mistakes(c, n, u, d, shares, right):
    """What mistakes make of prototypes c, numbers n and unlabelled images u: dict from a reason to an array."""
    counts, total = n[:, None], shares.sum(axis=0)[:, None]
    sums = counts * c + shares.T @ u
    hard = np.eye(len(c))[d.argmin(axis=1)]
    with np.errstate(all="ignore"):
        unscaled = np.exp(-d)
        inverse = 1 / d
        unlabelled_means = shares.T @ u / total
        steps = unlabelled_means - c
        return {
            "its softmax runs over the images. Each image is shared out among the *classes*: its shares sum to 1, axis=1.": (
                _refined(c, n, u, _softmax(-d, axis=0))
            ),
            "its softmax runs over the images and the classes together. Each image has shares of its own, which sum to 1: axis=1, "
            "keepdims=True.": _refined(c, n, u, unscaled / unscaled.sum()),
            "its shares do not sum to 1: divide e to minus the distances by the sum of each row, axis=1, keepdims=True.": (
                _refined(c, n, u, unscaled)
            ),
            "the far classes get most of an image: the minus sign before the distances is missing.": _refined(
                c, n, u, _softmax(d)
            ),
            "it takes the distance. Expected the softmax of minus the *squared* distance: leave out the root.": (
                _refined(c, n, u, _softmax(-np.sqrt(d)))
            ),
            "it takes the mean of the squared differences. The squared distance is their sum over the D numbers.": (
                _refined(c, n, u, _softmax(-d / c.shape[1]))
            ),
            "it takes half of the squared distances. Expected the softmax of minus the whole.": _refined(
                c, n, u, _softmax(-d / 2)
            ),
            "it squares the squared distances once more.": _refined(c, n, u, _softmax(-(d**2))),
            "it sums absolute differences. Square them before you sum.": _refined(
                c, n, u, _softmax(-np.abs(u[:, None] - c).sum(axis=-1))
            ),
            "it squares the sum of the differences. Square each difference first, then sum.": _refined(
                c, n, u, _softmax(-((u[:, None] - c).sum(axis=-1) ** 2))
            ),
            "it sums the differences without squaring them, so that they cancel.": _refined(
                c, n, u, _softmax(-(u[:, None] - c).sum(axis=-1))
            ),
            "its shares come from the dot product. Expected the softmax of minus the squared distances.": _refined(
                c, n, u, _softmax(u @ c.T)
            ),
            "its shares are one over the distances. Expected the softmax: e to minus the squared distances, divided by the sum.": (
                _refined(c, n, u, inverse / inverse.sum(axis=1, keepdims=True))
            ),
            "its shares are the distances, divided by their sum. Expected the softmax of minus the distances.": (
                _refined(c, n, u, d / d.sum(axis=1, keepdims=True))
            ),
            "it gives each image to the nearest class alone, which is hard k-means. Here an image is shared out, by the softmax.": (
                _refined(c, n, u, hard)
            ),
            "it gives each image to the nearest class alone, and forgets the support. Share it out, by the softmax, and keep the "
            "support in the mean.": hard.T @ u / hard.sum(axis=0)[:, None],
            "it gives every class the whole of every image. Each class gets its share.": _refined(
                c, n, u, np.ones_like(d)
            ),
            "it gives every class the same share of every image. The nearer the class, the more it gets: by the softmax.": (
                _refined(c, n, u, np.full_like(d, 1 / len(c)))
            ),
            "it forgets the support: the new prototype is the mean of the unlabelled images alone. The support images stay in it, and "
            "count 1 each.": unlabelled_means,
            "it counts the support of each class as one image. It counts as many as `images_per_class` says.": (
                _refined(c, np.ones_like(n), u, shares)
            ),
            "it adds each prototype once to the sum, and counts all its support images in the divisor. The sum of the support is its "
            "mean times its number: images_per_class[:, None] * prototypes.": (c + shares.T @ u) / (counts + total),
            "it adds the support images to the sum, and counts them as one in the divisor. Divide by `images_per_class` plus the "
            "shares.": sums / (1 + total),
            "it forgets the support in the divisor. Divide by `images_per_class` plus the shares.": sums / total,
            "it adds up the unlabelled images, and divides by the number of support images and the shares, but the support is missing "
            "in the sum: images_per_class[:, None] * prototypes.": shares.T @ u / (counts + total),
            "it divides by `images_per_class` alone. The shares count, too: add their sum for each class.": sums
            / counts,
            "it divides by the number of unlabelled images. Divide by what was summed: `images_per_class` plus the shares of the "
            "class.": sums / len(u),
            "it divides as if each class had got all of each unlabelled image. Of the images, it got its shares: add their sum to "
            "`images_per_class`.": sums / (counts + len(u)),
            "it divides as if the unlabelled images had gone to the classes in equal parts. Each class has a sum of shares of its "
            "own.": sums / (counts + len(u) / len(c)),
            "it divides by the number of all images. Each class has a divisor of its own: its support images plus its shares.": (
                sums / (n.sum() + len(u))
            ),
            "it divides by one more than the number of support images. Divide by that number plus the shares of the class.": (
                sums / (counts + 1)
            ),
            "it returns the sums, not divided. Divide by `images_per_class` plus the shares of each class.": sums,
            "it takes the number of the first class's support images for all classes. Each class has its own.": (
                _refined(c, np.full_like(n, n[0]), u, shares)
            ),
            "it counts all support images for each class. Each class has its own number of them.": (
                _refined(c, np.full_like(n, n.sum()), u, shares)
            ),
            "it counts the support images of each class as the mean number of all. Each class has its own.": (
                _refined(c, np.full_like(n, n.mean()), u, shares)
            ),
            "it takes the middle of the old prototype and the mean of the unlabelled images. In the mean of all of them each support "
            "image counts 1, each unlabelled one its share.": (c + unlabelled_means) / 2,
            "the unlabelled images of a class count as one, all together. Each counts its share: their sum belongs to the sum, the sum of "
            "their shares to the divisor.": (counts * c + unlabelled_means) / (counts + 1),
            "it adds the *mean* of the unlabelled images to the *sum* of the support. Add their sum, shares.T @ unlabelled.": (
                (counts * c + unlabelled_means) / (counts + total)
            ),
            "it takes the mean over the unlabelled images where the sum belongs: shares.T @ unlabelled, and shares.sum(axis=0).": (
                _refined(c, n, u, shares / len(u))
            ),
            "it moves each prototype by the mean of the shares times the ways to the images, whatever the support. In the mean of all of "
            "them each support image counts 1, each unlabelled one its share.": c + total * steps / len(u),
            "it moves each prototype by the sum of the shares times the ways to the images. Expected the mean, in which each support "
            "image counts 1, each unlabelled one its share.": c + total * steps,
            "it moves one prototype after the other, and computes the next one's shares from the moved ones. All shares come from the "
            "prototypes that it is given.": _class_by_class(c, n, u),
            "it goes half of the way. The new prototype is the mean itself, without the old one again.": (c + right)
            / 2,
            "it adds the old prototype to the new one. The new one is the mean itself.": c + right,
            "it returns how far the prototypes move. Expected the places where they arrive.": right - c,
            "it moves the prototypes *away* from the unlabelled images. A sign is wrong.": 2 * c - right,
            "it moves the prototypes after each image, and shares out the next one by the moved ones. All images are shared out by the "
            "prototypes that it is given.": _image_by_image(c, n, u),
            "it returns the prototypes as they were. The unlabelled images are to move them.": c,
            "it takes the squares of the shares. Each image counts its share, once.": _refined(c, n, u, shares**2),
            "it returns the shares. They are right; the last step is the mean, in which each image counts its share.": shares,
            "it returns the shares, a row for each class. They are right; the last step is the mean, in which each image counts its "
            "share.": shares.T,
            "it returns the squared distances. They are right; next come the shares.": d,
            "it returns how many images each class has now, its shares among them. Expected the new prototypes.": (
                counts + total
            )[:, 0],
            "the rows and columns are exchanged: expected a row for each class, (classes, D).": right.T,
            "it returns a row for each unlabelled image. Expected the new prototypes, one for each class.": shares
            @ right,
            "it returns for each unlabelled image the mean of the prototypes. It is the prototypes that are to move.": shares
            @ c,
            "it multiplies each column by the number of a class: `images_per_class[:, None]` has a row for each class.": (
                (n * c + shares.T @ u) / (counts + total) if len(n) == c.shape[1] else np.nan
            ),
            "it divides each column by the number of a class: with [:, None] the divisor has a row for each class.": (
                sums / (n + total[:, 0]) if len(n) == c.shape[1] else np.nan
            ),
            "it multiplies and divides each column by the number of a class: `images_per_class[:, None]` has a row for each class.": (
                (n * c + shares.T @ u) / (n + total[:, 0]) if len(n) == c.shape[1] else np.nan
            ),
            "it returns whole numbers: `//` throws away what comes after the decimal point, `/` keeps it.": np.floor(
                right
            ),
            "it returns whole numbers: an array of integers throws away what comes after the decimal point.": np.trunc(
                right
            ),
            "it gives the prototypes the length 1. A prototype is the mean as it is.": (
                right / np.linalg.norm(right, axis=1, keepdims=True)
            ),
            "only the first class is there. Is `return` inside the loop?": right[0],
            "only the first class is there, in an array of its own. Is `return` inside the loop?": right[:1],
            "only the first unlabelled image moves the prototypes. Is `return` inside the loop?": _refined(
                c, n, u[:1], shares[:1]
            ),
            "the last unlabelled image is missing. range(n) ends at n - 1.": _refined(c, n, u[:-1], shares[:-1]),
            "the prototypes are one behind the other in a single row. `np.stack` gives each a row of its own.": right.ravel(),
        }


def _squared(u, c):
    """Squared distances (U, N) of unlabelled images (U, D) and prototypes (N, D)."""
    return ((u[:, None].astype("float64") - c) ** 2).sum(axis=-1)


def _softmax(scores, axis=1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def _refined(c, n, u, shares):
    """The mean, for each class, of n support images at c, which count 1, and of the unlabelled images u, which count their shares."""
    return (n[:, None] * c + shares.T @ u) / (n + shares.sum(axis=0))[:, None]


def _image_by_image(c, n, u):
    for image in u[:, None]:
        shares = _softmax(-_squared(image, c))
        c, n = _refined(c, n, image, shares), n + shares[0]
    return c


def _class_by_class(c, n, u):
    moved = c.astype("float64")
    for k in range(len(c)):
        moved[k] = _refined(moved, n, u, _softmax(-_squared(u, moved)))[k]
    return moved


def _more_steps(c, n, u):
    """The prototypes after two and more steps; the support may stay in the mean, move with it, or be forgotten."""
    stays = moves = grows = forgotten = c
    images = n
    for step in range(100):
        stays = _refined(c, n, u, _softmax(-_squared(u, stays)))
        moves = _refined(moves, n, u, _softmax(-_squared(u, moves)))
        shares = _softmax(-_squared(u, grows))
        grows, images = _refined(grows, images, u, shares), images + shares.sum(axis=0)
        forgotten = _refined(c, np.zeros_like(n), u, _softmax(-_squared(u, forgotten)))
        if step:
            yield from (stays, moves, grows, forgotten)


def _type_of_counts(answer, c, n, u):
    """Floats, as sums of labels are, and as tensors need them; or integers, where the answer stops with an error without them."""
    for dtype in ("float32", "int64"):
        try:
            call(answer, c, n.astype(dtype), u)
        except Wrong:
            continue
        return dtype
    return "float32"


@exercise(
    hints=(
        "What did the chapter find about the way in training? More classes in an episode make a harder lesson.",
        "With so few steps, each must count. Go beyond the chapter: more than 40 ways, and a learning rate twice as high, that falls "
        "to zero along a cosine over exactly 300 steps.",
        "60-way episodes, 1-shot, 2 queries, Adam with CosineDecay(4e-3, 300), Conv4-32.",
    ),
    solution="""model = fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=32))
model.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 300)),
    keras.losses.CategoricalCrossentropy(from_logits=True),
)
model.fit(fslkeras.Episodes(data, way=60, shot=1, query=2, steps=300), verbose=0)
return model""",
)
def short_training(answer):
    """Checks a network trained on the glyphs for at most 300 steps: 86 % on 20-way 1-shot episodes of their validation."""
    reached = judge_training(
        answer,
        steps=300,
        wanted=0.86,
        far="What did this chapter find out about the way in training?",
    )
    return f"{100 * reached:.1f} % within 300 steps, where 5-way training and a constant rate reach 62 %. How did you do it?"
