"""The checks of chapter 2, Prototypical networks."""

import numpy as np

from fslkeras.checks.exercise import Wrong, call, compare, exercise, loops, predicted
from fslkeras.checks.training import judge_training


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
        got = _explained_by_an_easier_case(answer, z, labels)
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


def _explained_by_an_easier_case(answer, z, labels):
    """What the answer returns. Where it stops with an error, but is right in an easier case, that is the reason."""
    try:
        return call(answer, z, labels)
    except Wrong as wrong:
        for images, size, easier in (
            (
                (5, 5, 5, 5),
                5,
                "equally many images in every class, as in the example. Here one class has three, another only one",
            ),
            ((2, 2, 2), 5, "three classes of two images, as in the example. `labels.shape` says how many there are"),
            (
                (5, 5, 5, 5),
                2,
                "embeddings of two numbers, as in the example. `embeddings.shape` says how many there are",
            ),
            ((2, 2, 2), 2, "the sizes of the example. The shapes of `embeddings` and `labels` say what they are here"),
        ):
            try:
                in_order = np.repeat(np.arange(len(images)), images)
                z, labels, means = _classes(np.random.default_rng(3), in_order, size)
                compare(call(answer, z, labels), means)
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
