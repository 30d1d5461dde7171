"""The checks of chapter 2, Prototypical networks."""

import keras
import numpy as np

from fslkeras import datasets
from fslkeras.checks.exercise import NotAttempted, Wrong, call, compare, exercise, steps_taken
from fslkeras.episodes import Episodes
from fslkeras.evaluation import evaluate


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
        order = rng.permutation(np.repeat(np.arange(len(images)), images))
        labels = np.eye(len(images), dtype="float32")[order]
        z = rng.normal(1, 2, (len(order), 5)).astype("float32")
        counts = labels.sum(axis=0)[:, None]
        sums = labels.T @ z
        means = sums / counts
        unit = z / np.linalg.norm(z, axis=1, keepdims=True)
        mistakes = {
            "it returns the sum of each class. A mean is the sum divided by the number of images of *that class*.": sums,
            "it divides each class's sum by the number of all support images. Divide by the number of images of the class.": sums
            / len(z),
            "it divides each class's sum by the number of classes. Divide by the number of images of the class.": sums
            / len(images),
            "the rows and columns are exchanged: expected a row for each class, (classes, D).": means.T,
            "it returns the mean of all images, whatever their class. What do the labels say?": z.mean(axis=0),
            "it returns the mean of all images for every class. What do the labels say?": np.tile(
                z.mean(axis=0), (len(images), 1)
            ),
            "it returns a prototype for each *image*, and is to return one for each class.": labels @ means,
            "it returns the median of each class, which is not the mean.": _medians(z, labels),
            "it returns the first image of each class. With several, the prototype is their mean.": z[
                labels.argmax(axis=0)
            ],
            "it returns the mean of all images that are *not* of the class: are zeros and ones of the labels exchanged?": (
                z.sum(axis=0) - sums
            )
            / (len(z) - counts),
            "it returns whole numbers: `//` throws away what is behind the point, `/` keeps it.": sums // counts,
            "it gives every embedding the length 1 first. A prototype is the mean of the embeddings as they are.": (
                labels.T @ unit
            )
            / counts,
            "it gives every prototype the length 1. A prototype is the mean as it is.": means
            / np.linalg.norm(means, axis=1, keepdims=True),
            "it averages over the numbers of each embedding. Average over the images of a class: axis 0 of its members.": (
                labels.T @ z.mean(axis=1, keepdims=True) / counts
            )[:, 0],
            "it answers the six points of the example, whatever it is given. Compute the answer from the arguments.": [
                [1, 0],
                [6, 2],
                [2, 6],
            ],
        }
        if len(z) % len(images) == 0:
            blocks = z.reshape(len(images), -1, 5).mean(axis=1)
            mistakes[
                "it takes the images in order, as many for each class. Which class they are of, `labels` says."
            ] = blocks
        got = _with_reason_for_the_example(answer, z, labels)
        compare(got, means, mistakes, "(classes, D)", "prototypes")
    return "A class is now a place, found by one line for each class: any number of classes, and of images in each."


def _medians(z, labels):
    return np.stack([np.median(z[labels[:, k] == 1], axis=0) for k in range(labels.shape[1])])


def _with_reason_for_the_example(answer, z, labels):
    """The answer's result; where it stops, and would not in an easier case, the reason is that it counts on the easier one."""
    try:
        return call(answer, z, labels)
    except Wrong as wrong:
        fits = {
            "classes with as many images each, as in the example. Here one class has three images and another only one": (
                np.eye(4, dtype="float32").repeat(5, axis=0),
                5,
            ),
            "three classes of two images, as in the example. Take their number from the shape of `labels`": (
                np.eye(3, dtype="float32").repeat(2, axis=0),
                5,
            ),
            "embeddings of two numbers, as in the example. Take their number from the shape of `embeddings`": (
                np.eye(4, dtype="float32").repeat(5, axis=0),
                2,
            ),
        }
        for easier, (simple, size) in fits.items():
            try:
                call(answer, np.ones((len(simple), size), "float32"), simple)
            except Wrong:
                continue
            raise Wrong(f"it works only for {easier}. ({str(wrong)[0].upper()}{str(wrong)[1:]})") from None
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
    for n_queries, n_classes in ((4, 4), (6, 3)):
        q = rng.normal(0.5, 1, (n_queries, 5)).astype("float32")
        c = rng.normal(0, 1, (n_classes, 5)).astype("float32")
        q[1] = c[2]  # a distance of zero
        c[0] = 0  # a vector without a direction
        difference = q[:, None] - c[None]
        right = (difference**2).sum(axis=-1)
        products, q2, c2 = q @ c.T, (q**2).sum(axis=1)[:, None], (c**2).sum(axis=1)
        with np.errstate(all="ignore"):
            cosine = products / np.sqrt(q2 * c2)
        mistakes = {
            "it returns the distance, not its square: leave out the root.": np.sqrt(right),
            "it returns the mean over the D numbers. The squared distance is their sum.": right / 5,
            "it sums absolute differences. Square them before you sum.": np.abs(difference).sum(axis=-1),
            "it squares the sum of the differences. Square each difference first, then sum.": difference.sum(axis=-1)
            ** 2,
            "it sums the differences without squaring them, so that they cancel.": difference.sum(axis=-1),
            "rows and columns are exchanged: expected a row for each query, (queries, classes).": right.T,
            "it returns minus the distance. That will be the score, one step further on; a distance is never negative.": -right,
            "it compares each query with one prototype only, the one in the same row. Every query meets every prototype: "
            "queries[:, None, :] and prototypes[None, :, :].": right.diagonal(),
            "it sums over the queries. The axis that is to disappear is the last, D: axis=-1.": (difference**2).sum(
                axis=0
            ),
            "it sums over the prototypes. The axis that is to disappear is the last, D: axis=-1.": (difference**2).sum(
                axis=1
            ),
            "it returns one number for everything. Sum over the last axis alone: axis=-1.": (difference**2).sum(),
            "it returns the distance to the nearest prototype alone. Expected that to every one.": right.min(axis=1),
            "it returns the number of the nearest prototype. Expected the distance to every one.": right.argmin(axis=1),
            "the squares are right, the last step is missing: sum them over the last axis.": difference**2,
            "it returns the product of query and prototype, which is high for the alike. Expected a distance.": products,
            "the square is expanded, and |z|^2 is missing. The ranking would be the same, the distance is not.": c2
            - 2 * products,
            "the square is expanded, and the middle term has the wrong sign: (z - c)^2 = z^2 - 2 z c + c^2.": q2
            + 2 * products
            + c2,
            "the square is expanded, and the 2 of the middle term is missing: (z - c)^2 = z^2 - 2 z c + c^2.": q2
            - products
            + c2,
            "the square is expanded, and the middle term is missing: (z - c)^2 = z^2 - 2 z c + c^2.": q2 + c2,
            "it returns e to minus the distance, a part of the softmax. Expected the distance itself.": np.exp(-right),
            "it answers the query of the example, whatever it is given. Compute the answer from the arguments.": [
                [2, 17, 25]
            ],
        }
        got = call(answer, q, c)
        if np.isnan(got).any():
            raise Wrong(
                "it returns NaN (not a number) for a prototype at the origin: it divides by a length, which is zero there. "
                "The squared distance needs no lengths."
            )
        mistakes["it compares directions, by the cosine. Expected the sum of the squared differences."] = np.nan_to_num(
            1 - cosine
        )
        compare(got, right, mistakes, "(queries, classes)", "queries")

    few, many = (rng.normal(size=(n, 5)).astype("float32") for n in (3, 30))
    if steps_taken(answer, many, many) > steps_taken(answer, few, few):
        raise Wrong(
            "the distances are right, but it loops in Python: the more queries or prototypes, the more steps it takes. "
            "Here one subtraction of arrays does for all of them; the first hint says how."
        )
    return "No loop: one subtraction compares every query with every prototype, on a graphics card all of them at the same time."


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
    queries = len(labels)
    clear = rng.normal(size=labels.shape).astype("float32") + 1.5 * labels
    right_clear = (clear.argmax(axis=1) == labels.argmax(axis=1)).mean()
    all_right, tied = labels.copy(), np.zeros_like(labels)
    two_tied = labels + np.roll(labels, 1, axis=1)  # the true class and another

    _tell_accuracies_apart(
        call(answer, all_right, labels),
        1,
        {
            "it divides by the number of classes. The share of right answers is their number divided by that of the *queries*.": queries
            / 4,
            "it returns the number of right answers. Divide it by the number of queries.": queries,
            "it returns per cent. Expected a share, 0 to 1.": 100,
            "it returns the share of *wrong* answers.": 0,
            "it counts every entry of the one-hot rows, and most are zeros in any case, so it divides by too much: "
            "divide by the number of queries.": 1 / 4,
        },
        "a perfect network",
    )
    _tell_accuracies_apart(
        call(answer, clear, labels),
        right_clear,
        {
            "it compares the zeros of the one-hot rows too, so that a wrong answer gets points for the classes that neither "
            "row names. Count queries.": (np.eye(4)[clear.argmax(axis=1)] == labels).mean(),
            "it answers the example, whatever it is given. Compute the answer from the arguments.": 1,
        },
        f"a network that answers {round(queries * right_clear)} of {queries} queries right",
    )
    first_wins, last_wins = labels[:, 0].mean(), labels[:, -1].mean()
    got, *again = (call(answer, tied, labels) for _ in range(8))
    if any(not np.array_equal(got, other, equal_nan=True) for other in again):
        raise Wrong(
            "it breaks ties by chance, so it gives two results for one network. On average they are right: count 1/m at once."
        )
    _tell_accuracies_apart(
        got,
        1 / 4,
        {
            "it is right wherever the true class comes first: of tied classes argmax chooses the first. A tie among m counts "
            "1/m.": first_wins,
            "it is right wherever the true class comes last of the tied ones. A tie among m counts 1/m.": last_wins,
            "it counts every tie as right, so a network that knows nothing would be perfect. A tie among m counts 1/m.": 1,
            "it counts every tie as wrong. A tie among m is right in one of m cases, so it counts 1/m.": 0,
            "it counts every tie as one half. Among m classes that share the highest score it counts 1/m.": 1 / 2,
        },
        "a network that gives all four classes the same score",
    )
    _tell_accuracies_apart(
        call(answer, two_tied, labels),
        1 / 2,
        {
            "it gives 1/N for each tie, however many classes share the highest score. Count those m, and give 1/m.": 1
            / 4,
            "it counts a tie of two classes as wrong. It counts 1/2.": 0,
            "it counts a tie of two classes as right. It counts 1/2.": 1,
        },
        "a network that cannot decide between the true class and one other",
    )
    missed = np.where(np.arange(queries)[:, None] < queries // 2, np.nan, all_right)
    _tell_accuracies_apart(
        call(answer, np.full_like(labels, np.nan), labels),
        0,
        {
            "it gives points for scores that are NaN (argmax takes the first NaN for the highest). "
            "A network that answers NaN has not answered: a miss.": first_wins,
            "it treats scores that are NaN as a tie. A network that answers NaN has not answered: a miss.": 1 / 4,
            "it returns NaN where the scores are NaN. One such query would spoil the mean of all: count it as a miss.": np.nan,
        },
        "a network that answers NaN",
    )
    _tell_accuracies_apart(
        call(answer, missed, labels),
        np.isfinite(missed[:, 0]).mean(),
        {
            "it leaves out the queries answered NaN, and divides by the others alone. They are misses, and count.": 1,
            "it returns NaN as soon as one score is NaN. Count that query as a miss.": np.nan,
        },
        "a perfect network that answers NaN to half of the queries",
    )
    return "Now a network that knows nothing gets 1/N and no more: an evaluator is code, and code is tested."


def _tell_accuracies_apart(got, want, mistakes, network):
    if got.shape != ():
        raise Wrong(f"expected one number for all queries, and it returns an array of shape {got.shape}.")
    for reason, wrong in mistakes.items():
        if not np.isclose(got, want) and np.isclose(got, wrong, equal_nan=True):
            raise Wrong(f"for {network}, expected {want:.4g} and received {got:.4g}: {reason}")
    if not np.isclose(got, want, atol=1e-5):
        raise Wrong(f"for {network}, expected {want:.4g} and received {got:.4g}.")


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
    expected = {"divided": (98, 3), "moved": (0, 2), "copied": (100, 0.5), "blank": (20, 0.5)}  # and how far off may be
    if answer is None or answer is ...:
        raise NotAttempted
    if isinstance(answer, dict) and answer and all(value is None or value is ... for value in answer.values()):
        raise NotAttempted
    if not isinstance(answer, dict) or set(answer) != set(expected):
        raise Wrong(f"expected a dict with the keys {', '.join(expected)}: predictions = {{'divided': ..., ...}}.")
    left = [name for name, value in answer.items() if value is None or value is ...]
    if left:
        raise Wrong(f"so far so good, but {' and '.join(left)} is still to be predicted.")
    try:
        answer = {name: float(value) for name, value in answer.items()}
    except (TypeError, ValueError):
        raise Wrong("expected a number in per cent for each, such as 98.") from None
    if all(0 <= value <= 1 for value in answer.values()):
        raise Wrong("expected per cent, 0 to 100, and the highest of your numbers is not above 1.")
    if not all(0 <= value <= 100 for value in answer.values()):
        raise Wrong("an accuracy lies between 0 and 100 %.")
    reasons = {
        "divided": "divided: all distances become smaller, and the nearest prototype stays the nearest. The softmax becomes "
        "less sure (the loss grows), the answer is the same.",
        "moved": "moved: this is no random order, which would give 20 %. Every class's prototype is the next one's, so "
        "what was right is wrong, and hardly anything else becomes right.",
        "copied": "copied: each query is a support image, at distance zero from its own prototype. Nothing can be nearer, "
        "learned or not.",
        "blank": "blank: five prototypes at one point, five equal scores, a tie among five. How does our evaluator count it?",
    }
    for name, reason in reasons.items():
        accuracy, margin = expected[name]
        if abs(answer[name] - accuracy) > margin:
            raise Wrong(reason)
    return (
        "You can tell from an accuracy what is broken: near 0 % points at labels, 100 % at a leak, 1/N at a dead input."
    )


@exercise(
    hints=(
        "What did the chapter find about the way in training? More classes in an episode make a harder lesson.",
        "With so few steps, each must count: try a learning rate twice as high, that falls to zero along a cosine over exactly "
        "300 steps.",
        "60-way episodes, 1-shot, 2 queries, Adam with CosineDecay(4e-3, 300), Conv4-32: 88.7 % here, in 15 seconds.",
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
    if answer is None or answer is ...:
        raise NotAttempted
    if not isinstance(answer, keras.Model):
        raise Wrong(
            f"expected the trained keras.Model, and received an object of type {type(answer).__name__}. "
            "The function is to return the model; `fit` returns its history."
        )
    steps = int(answer.optimizer.iterations) if getattr(answer, "optimizer", None) is not None else 0
    if not steps:
        raise Wrong(
            "the model was not trained: its optimizer has taken no step. compile, then fit, then return the model."
        )
    if steps > 300:
        raise Wrong(f"it was trained for {steps} steps, and 300 are allowed: steps times epochs.")
    try:
        reached, elsewhere = (
            evaluate(answer, Episodes(datasets.load("glyphs", split), 20, 1, 5, steps=200, seed=7)).mean
            for split in ("validation", "test")
        )
    except Exception as error:
        raise Wrong(
            "it does not answer episodes of 28x28 glyphs with scores (episodes, queries, classes): "
            f"{type(error).__name__}, {str(error).splitlines()[0]}"
        ) from error
    if reached - elsewhere > 0.08:
        raise Wrong(
            f"it reaches {100 * reached:.1f} % on the validation alphabets and only {100 * elsewhere:.1f} % on others. "
            "Were they trained on? Then they no longer say how good the network is on what is new."
        )
    if np.isclose(reached, 1 / 20):
        raise Wrong("it gives every class the same score: 5.0 %, chance. Did the training diverge (loss NaN)?")
    if reached < 0.03:
        raise Wrong(
            f"{100 * reached:.1f} % is below chance: its scores are low for the alike. A score is *minus* the distance."
        )
    if reached < 0.86:
        raise Wrong(
            f"{100 * reached:.1f} % after {steps} steps, and 86.0 % are wanted (20-way 1-shot, 200 episodes of validation "
            "alphabets). What did this chapter find out about the way, and the learning rate?"
        )
    return f"{100 * reached:.1f} % after {steps} steps, where 5-way training and a constant rate reach 62 %. How did you do it?"
