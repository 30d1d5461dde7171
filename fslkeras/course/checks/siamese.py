"""The checks of chapter 1, Siamese networks."""

import numpy as np

from fslkeras.course.checks.exercise import Wrong, call, compare, compare_form, exercise, returned_by
from fslkeras.course.checks.training import judge_training


@exercise(
    hints=(
        "A pair of the same class costs E², whatever the margin. A pair of two classes costs something only inside the margin.",
        "Two classes at E = 0.8: what is missing to the margin of 1 is 0.2, and it counts squared.",
        "Two classes at E = 1.5: 1 - 1.5 is below zero, and max(1 - 1.5, 0) is 0.",
    ),
    solution="""losses = {"same at 0.8": 0.64, "different at 0.8": 0.04, "different at 1.5": 0, "same at 2": 4}""",
)
def pair_losses(answer):
    """Checks a dict of the contrastive losses of four pairs, with a margin of 1."""
    compare_form(answer, _PAIR_LOSSES, tolerance=0.005, otherwise="Put the numbers into the formula once more.")
    return "Far pairs of one class cost most, far pairs of two classes nothing: these have nothing left to teach."


_PAIR_LOSSES = {
    "same at 0.8": (
        0.64,
        {
            0.8: "The loss has E squared.",
            0.04: "That is the loss of two classes: for the same class Y is 1, and only E² is left.",
            0.2: "That is what is missing to the margin, and the margin matters for two classes only.",
            0: "Only a pair at distance zero costs nothing.",
            0.32: "There is no half in this form of the loss.",
        },
    ),
    "different at 0.8": (
        0.04,
        {
            0.2: "Square it.",
            0.64: "That is the loss of the same class: for two classes Y is 0, and only the second term is left.",
            0: "It is inside the margin, by 0.2.",
            0.36: "The margin minus E is squared, (1 - 0.8)², not E alone.",
            0.02: "There is no half in this form of the loss.",
        },
    ),
    "different at 1.5": (
        0,
        {
            0.25: "max(1 - 1.5, 0) is 0: beyond the margin there is nothing to pay.",
            -0.5: "max(1 - 1.5, 0) is 0, not -0.5; a loss is never negative.",
            2.25: "That is the loss of the same class.",
        },
    ),
    "same at 2": (
        4,
        {
            2: "The loss has E squared.",
            0: "Beyond the margin only pairs of *two* classes cost nothing.",
            1: "The margin does not matter to a pair of the same class: E² alone.",
        },
    ),
}


@exercise(
    hints=(
        "The loss of each pair first: `y * distances**2` is the first term. It is zero for pairs of two classes by itself.",
        "np.maximum(margin - distances, 0) is zero beyond the margin. Square it, and multiply by 1 - y.",
        "Add the two terms, and return the mean over all pairs.",
    ),
    solution="""gap = np.maximum(margin - distances, 0)
return np.mean(y * distances**2 + (1 - y) * gap**2)""",
)
def contrastive_loss(answer):
    """Checks a function from labels (B,), distances (B,) and a margin to the mean contrastive loss."""
    rng = np.random.default_rng(0)
    for margin in (1.5, 0.6):
        y = np.array([1, 0, 1, 0, 0, 1, 0], "float32")
        d = rng.uniform(0, 2, len(y)).astype("float32")
        d[3], d[4] = 0.2, 2.5  # one pair well inside the margin, one far beyond
        gap, same, apart = np.maximum(margin - d, 0), y, 1 - y
        right = np.mean(same * d**2 + apart * gap**2)
        mistakes = {
            "the labels are exchanged: y = 1 is a pair of the *same* class, and costs E².": np.mean(
                apart * d**2 + same * gap**2
            ),
            "it forgets the max: pairs of two classes beyond the margin are to cost nothing.": np.mean(
                same * d**2 + apart * (margin - d) ** 2
            ),
            "it forgets to square what is missing to the margin.": np.mean(same * d**2 + apart * gap),
            "it forgets to square the distance of pairs of the same class.": np.mean(same * d + apart * gap**2),
            "both terms lack their square.": np.mean(same * d + apart * gap),
            "it returns the sum over the pairs. Expected their mean.": np.sum(same * d**2 + apart * gap**2),
            "it returns the loss of each pair. Expected the mean over all of them.": same * d**2 + apart * gap**2,
            "it has halves. Some papers write them; here the loss is without.": right / 2,
            "it uses a margin of 1, whatever it is given. `margin` is an argument.": np.mean(
                same * d**2 + apart * np.maximum(1 - d, 0) ** 2
            ),
            "inside the max is the distance minus the margin. What is missing to the margin is margin - distance.": np.mean(
                same * d**2 + apart * np.maximum(d - margin, 0) ** 2
            ),
            "the distance is squared inside the max: expected max(margin - E, 0)², and it is max(margin - E², 0).": np.mean(
                same * d**2 + apart * np.maximum(margin - d**2, 0)
            ),
            "it leaves out the pairs of two classes. Then the best network maps every image to one point.": np.mean(
                same * d**2
            ),
            "it leaves out the pairs of the same class.": np.mean(apart * gap**2),
            "both terms count for every pair. `y` and `1 - y` choose one of them.": np.mean(d**2 + gap**2),
            "it forgets the margin: pairs of two classes are pushed apart without end.": np.mean(
                same * d**2 - apart * d**2
            ),
            "it returns the root of the loss.": np.sqrt(right),
            "it divides by the number of pairs of the same class. Divide by the number of all pairs.": right
            * len(y)
            / same.sum(),
            "it answers the example, whatever it is given. Compute the answer from the arguments.": 0.34,
        }
        got = call(answer, y, d, np.float32(margin))
        compare(got, right, mistakes, places="pairs")
    return "Two terms, one label that chooses between them, and a margin beyond which nothing is left to learn."


@exercise(
    hints=(
        "Draw classes before images. For a pair of the same class: a class that has two images, then two *different* images of it.",
        "rng.choice(..., 2, replace=False) gives two different ones: two images of a class, or two classes.",
        "np.flatnonzero(labels == k) are the positions of class k's images, np.bincount(labels) counts each class's images.",
    ),
    solution="""counts = np.bincount(labels)
same = np.arange(n) < n // 2
left, right = np.empty(n, int), np.empty(n, int)
for i in range(n):
    if same[i]:
        k = rng.choice(np.flatnonzero(counts >= 2))
        left[i], right[i] = rng.choice(np.flatnonzero(labels == k), 2, replace=False)
    else:
        j, k = rng.choice(np.flatnonzero(counts), 2, replace=False)
        left[i] = rng.choice(np.flatnonzero(labels == j))
        right[i] = rng.choice(np.flatnonzero(labels == k))
return left, right, same""",
)
def pairs(answer):
    """Checks a function from labels (n,), a number of pairs and a generator to left, right (positions) and same."""
    labels = np.random.default_rng(0).permutation(np.repeat(np.arange(5), (4, 1, 3, 6, 2)))
    n = 1000

    def draw(seed):
        drawn = returned_by(answer, labels, n, np.random.default_rng(seed))
        if not isinstance(drawn, tuple | list) or len(drawn) != 3:
            raise Wrong("expected three arrays, `return left, right, same`.")
        left, right, same = (np.asarray(array) for array in drawn)
        for name, array in (("left", left), ("right", right), ("same", same)):
            if array.shape != (n,):
                raise Wrong(
                    f"expected `{name}` to have the shape ({n},), one entry for each pair, and it has {array.shape}."
                )
        for name, array in (("left", left), ("right", right)):
            if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= len(labels):
                raise Wrong(
                    f"`{name}` is to hold positions in `labels`, whole numbers from 0 to {len(labels) - 1}: not classes, not images."
                )
        if not np.isin(same, (0, 1)).all():
            raise Wrong("`same` is to hold 1 (or True) and 0 (or False) alone.")
        return left, right, same.astype(bool)

    left, right, same = draw(1)
    really = labels[left] == labels[right]
    if (left == right).any():
        remedy = (
            "Draw its two images without replacement." if (left == right)[same].any() else "Draw two different classes."
        )
        raise Wrong(
            f"{(left == right).sum()} of {n} pairs are one image with itself: at distance zero without anything learned. {remedy}"
        )
    if (same == ~really).all():
        raise Wrong("`same` is exchanged: 1 or True is a pair of the same class.")
    if (really & ~same).any():
        raise Wrong(
            f"{(really & ~same).sum()} of {n} pairs are called different, and are of the same class by accident. Draw two different "
            "*classes* first."
        )
    if (~really & same).any():
        raise Wrong(f"{(~really & same).sum()} of {n} pairs are called the same, and are of two classes.")
    if not 0.45 <= same.mean() <= 0.55:
        raise Wrong(
            f"{100 * same.mean():.0f} % of the pairs are of the same class. Expected half of them: with many classes, two images drawn "
            "at random are hardly ever of one class."
        )
    for what, drawn, expected in (
        ("the same class", labels[left[same]], {0, 2, 3, 4}),
        ("two classes", labels[np.concatenate([left[~same], right[~same]])], set(range(5))),
    ):
        if missing := expected - set(drawn.tolist()):
            raise Wrong(
                f"no pair of {what} has an image of class {min(missing)}, and there are {n} pairs. Each class that can serve is to be "
                "drawn (one image is enough for pairs of two classes)."
            )
    if (
        len({*left.tolist(), *right.tolist()}) < len(labels)
        or len(set(zip(left.tolist(), right.tolist(), strict=True))) < 60
    ):
        raise Wrong("it draws the same few images of each class again and again. Draw the images at random, too.")
    again, other = draw(1), draw(2)
    if any(not np.array_equal(first, second) for first, second in zip((left, right, same), again, strict=True)):
        raise Wrong(
            "it gives other pairs for the same generator. Draw everything from `rng`: np.random without it cannot be repeated."
        )
    if np.array_equal(left, other[0]) and np.array_equal(right, other[1]):
        raise Wrong("it gives the same pairs whatever the generator. Draw from `rng`, and give it no seed of your own.")
    return "Half and half, never an image with itself, never a wrong label: now the loss measures what it should."


@exercise(
    hints=(
        "Which thresholds are worth trying? Between two neighbouring distances nothing changes, so the distances themselves are enough.",
        "For a threshold t, `distances <= t` is the answer, and `((distances <= t) == same).mean()` is its accuracy.",
        "Compute that accuracy for every t in distances, and return the t at which it is highest (np.argmax).",
    ),
    solution="""accuracies = [((distances <= t) == same).mean() for t in distances]
return distances[np.argmax(accuracies)]""",
)
def threshold(answer):
    """Checks a function from distances (B,) and labels (B,) to the threshold of the highest accuracy."""
    rng = np.random.default_rng(0)
    for n_same, n_apart, spread in ((120, 80, 1.0), (60, 140, 4.0)):
        same = np.repeat([1.0, 0.0], (n_same, n_apart)).astype("float32")
        d = np.concatenate([rng.gamma(2, 0.4, n_same), 1.5 + rng.gamma(2, 0.8, n_apart)]).astype("float32") * spread
        order = rng.permutation(len(d))
        d, same = d[order], same[order]

        def accuracy(t, d=d, same=same):
            return max(((d <= t) == same).mean(), ((d < t) == same).mean())

        reached = np.array([accuracy(t) for t in d])
        best, worst = reached.max(), reached.min()
        t = call(answer, d, same)
        if t.shape != ():
            raise Wrong(f"expected one threshold, and it returns an array of shape {t.shape}.")
        if not np.isfinite(t):
            raise Wrong(f"expected a distance, and it returns {t}. Are all thresholds that it tries real distances?")
        if accuracy(t) >= best - 1e-6:
            continue
        middle = (d[same == 1].mean() + d[same == 0].mean()) / 2
        mistakes = {
            best: "it returns the best accuracy. Expected the threshold at which it is reached.",
            float(
                np.argmax(reached)
            ): "it returns the position of the best threshold. Expected the distance at that position.",
            float(
                middle
            ): "it returns the middle between the two mean distances. The spreads differ, so the best threshold lies elsewhere.",
            float(d.mean()): "it returns the mean distance. Try each distance as a threshold, and keep the best.",
            float(
                np.median(d)
            ): "it returns the median distance, which is best only if half of the pairs are the same and all are right.",
            float(
                d[same == 1].max()
            ): "it returns the largest distance of a pair of the same class, so that a single odd pair decides.",
            float(
                d[same == 0].min()
            ): "it returns the smallest distance of a pair of two classes, so that a single odd pair decides.",
            0.5: "it returns 0.5, whatever the distances. They have a scale of their own.",
            1.0: "it returns 1, whatever the distances. They have a scale of their own.",
        }
        reason = next((text for wrong, text in mistakes.items() if np.isclose(t, wrong, rtol=1e-4)), "")
        if not reason and accuracy(t) <= worst + 0.02:
            reason = "that is about the worst there is. A pair is called the same where its distance is *small*."
        raise Wrong(
            f"at {float(t):.3g}, {100 * accuracy(t):.1f} % of the pairs are answered right, and {100 * best:.1f} % can be."
            f"{' ' if reason else ''}{reason[:1].upper()}{reason[1:]}"
        )
    return "Chosen on validation pairs, it may be asked about test pairs: a threshold is learned, like a weight."


@exercise(
    hints=(
        "What did this chapter find about pairs? All pairs of a batch of images are free once the images are embedded, and the more "
        "classes in a batch, the more of them are worth something.",
        "And the margin? A larger one keeps more pairs of two classes inside it for longer.",
        "60-way episodes, 2 queries, margin 3, Adam with CosineDecay(4e-3, 300), Conv4-32.",
    ),
    solution="""episodes = fslkeras.networks.episode_model(fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=32)))
contrastive = fslkeras.losses.ContrastiveLoss(margin=3.0)
episodes.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 300)),
    lambda same, scores: contrastive(same, -scores),
)
episodes.fit(fslkeras.Episodes(data, way=60, shot=1, query=2, steps=300), verbose=0)
return episodes""",
)
def siamese_training(answer):
    """Checks a Siamese network's episode model, trained on the glyphs for at most 300 steps."""
    reached = judge_training(
        answer,
        steps=300,
        wanted=0.84,
        far="What did this chapter find out about the pairs that a batch of images holds, and about the margin?",
    )
    return f"{100 * reached:.1f} % within 300 steps, where 5-way training with a margin of 1 reached 31 %. How did you do it?"
