"""Chapter 2: the mean of each class."""

import functools

import numpy as np

from fslkeras.course.checks.compare import call_or_explain, compare
from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.mistakes import (
    copied_example,
    labels_ignored,
    on_the_sphere,
    one_for_each_image,
    whole_numbers,
    wrong_rows,
)
from fslkeras.course.checks.prototypical.support import (
    carried_over,
    class_means,
    in_another_order,
    rounded,
    support,
    support_in_order,
    taken_in_order,
    unit,
)


@exercise(
    hints=(
        "Start with one class: which rows of `embeddings` belong to class 0? Column 0 of `labels` "
        "has a 1 for each of them.",
        "`embeddings[labels[:, k] == 1]` are the embeddings of class k. Their mean over the images "
        "is the mean along axis 0.",
        "Collect these means in a list, for k from 0 to labels.shape[1] - 1, and turn it into one "
        "array with np.stack.",
    ),
    solution="""prototypes = []
for k in range(labels.shape[1]):
    members = embeddings[labels[:, k] == 1]
    prototypes.append(members.mean(axis=0))
return np.stack(prototypes)""",
)
def prototypes(answer):
    """Checks a function from embeddings (S, D) and labels (S, N) to each class's mean, (N, D)."""
    rng = np.random.default_rng(0)
    for images in ((3, 1, 5, 1), (2, 2, 2)):  # per class
        z, labels = support(rng, images, size=5)
        first, second = np.flatnonzero(labels[:, 0])[:2]
        z[second] = z[first]  # two equal images, which count as two
        if images == (2, 2, 2):
            z[0] = 0  # an image at the origin, which counts too
        means = class_means(z, labels)
        got = call_or_explain(answer, (z, labels), _easier_cases())
        mistakes = [
            *_mistakes(z, labels, means),
            *in_another_order(got, means),
            *_same_divisor(got, labels.T @ z),
        ]
        compare(got, means, mistakes, "(classes, D)", "prototypes")
    return "A class is now a place, for any number of classes and of images per class."


def _mistakes(z, labels, means):
    return [
        *_wrong_divisors(z, labels),
        *_wrong_statistics(z, labels),
        *_wrong_members(z, labels),
        *carried_over(labels.T @ z, labels.sum(axis=0)[:, None]),
        *labels_ignored(z.mean(axis=0), len(means)),
        one_for_each_image(labels, means),
        on_the_sphere(means, "mean"),
        *whole_numbers(means),
        *wrong_rows(means, "labels.shape[1]"),
        copied_example([[1, 0], [6, 2], [2, 6]], "the six points of the example"),
        *rounded(means),
        *taken_in_order(z, labels, lambda rows: z[rows].mean(axis=0)),
    ]


@np.errstate(all="ignore")
def _wrong_divisors(z, labels):
    sums, counts = labels.T @ z, labels.sum(axis=0)[:, None]
    of_the_class = "Divide by the number of images of the class."
    one_less = (
        "it divides by one less than the number of images of the class. Divide by the number "
        "itself."
    )
    return [
        (sums, f"it returns the sum of each class, not the mean. {of_the_class} "
         "(If it does divide: labels.sum(axis=1) is 1 for each image.)"),
        (sums / len(z), f"it divides by the number of all support images. {of_the_class}"),
        (sums / len(counts), f"it divides by the number of classes. {of_the_class}"),
        (sums / (counts - 1), one_less),
        (sums / np.maximum(counts - 1, 1), one_less),
        (sums / (counts + 1),
         "it divides by one too many. Does it start counting at 1, or include an image of zeros?"),
        (sums / np.sqrt(counts),
         "it divides by the square root of the number of images. Divide by the number itself."),
        (sums / labels[:, 0].sum(),
         f"it always divides by the number of images of the first class. {of_the_class}"),
        (sums / (labels.T @ (z != 0)),
         "it leaves out zeros, as if they were missing. An image at the origin counts, too."),
        (sums / counts**2,
         "it divides by the number of images twice. Does it divide a mean once more?"),
    ]  # fmt: skip


@np.errstate(all="ignore")
def _wrong_statistics(z, labels):
    """What is not the mean."""
    members = [z[column == 1] for column in labels.T]
    no_mean = "Expected the mean."
    return [
        (np.stack([np.median(m, axis=0) for m in members]),
         f"it returns the median of each class. {no_mean}"),
        (np.stack([m.max(axis=0) for m in members]),
         f"it returns the maximum of each class. {no_mean}"),
        (np.stack([m.min(axis=0) for m in members]),
         f"it returns the minimum of each class. {no_mean}"),
        (np.stack([(m.min(axis=0) + m.max(axis=0)) / 2 for m in members]),
         "it returns the midpoint of the minimum and the maximum. The mean counts every image."),
        (np.stack([m.std(axis=0) for m in members]),
         f"it returns the standard deviation of each class. {no_mean}"),
        (np.stack([m.var(axis=0) for m in members]),
         f"it returns the variance of each class. {no_mean}"),
        (class_means(np.abs(z), labels), "it averages the absolute values. Keep the signs."),
        (class_means(z**2, labels), "it averages the squares. Average the embeddings unchanged."),
        (class_means(unit(z), labels),
         "it scales every embedding to length 1 first. Average the embeddings unchanged."),
        (class_means(z, labels).mean(axis=1),
         "it averages over the coordinates of each embedding. Average over the images of a class: "
         "axis 0 of its members."),
    ]  # fmt: skip


def _wrong_members(z, labels):
    """The mean of other embeddings than those of the class."""
    members, means = [z[column == 1] for column in labels.T], class_means(z, labels)
    at_rows = np.stack([z[column.astype(int)].mean(axis=0) for column in labels.T])
    several = "With several images, the prototype is their mean."
    return [
        (np.stack([m[:2].mean(axis=0) for m in members]),
         "it averages the first two images of each class, as many as in the example. Average all "
         "of them."),
        (np.stack([m[0] for m in members]),
         f"it returns the first image of each class. {several}"),
        (np.stack([m[-1] for m in members]), f"it returns the last image of each class. {several}"),
        (np.stack([m[[0, -1]].mean(axis=0) for m in members]),
         "it averages the first and the last image of each class. Average all of them."),
        (np.stack([np.unique(m, axis=0).mean(axis=0) for m in members]),
         "it counts equal images of a class as one. Each image counts."),
        (np.stack([functools.reduce(lambda mean, image: (mean + image) / 2, m) for m in members]),
         "it takes the midpoint of the mean so far and the next image, so the last image counts "
         "one half. Each image counts the same."),
        (np.tile(means[-1], (len(means), 1)),
         "every row is the mean of the last class. Does the loop overwrite the others? (After "
         "`[row] * n`, all rows are the *same* list.)"),
        (class_means(np.trunc(z), labels),
         "it turns the embeddings into whole numbers. Average them unchanged."),
        (class_means(z, 1 - labels),
         "it returns the mean of all images that are *not* of the class: are the zeros and ones of "
         "the labels swapped?"),
        (at_rows,
         "it uses the ones and zeros of `labels` as row numbers. `labels[:, k] == 1` says which "
         "rows to take."),
    ]  # fmt: skip


def _same_divisor(got, sums):
    if got.shape == sums.shape and np.isfinite(got).all() and np.ptp(got / sums) < 1e-3:
        yield (
            got,
            "it divides the sums of all classes by the same number. Divide each by the number of "
            "images of its class.",
        )


def _easier_cases():
    for easier, images, size in (
        ("balanced classes, as in the example. Here one class has three images, another only one",
         (5,) * 4, 5),
        ("three classes of two images, as in the example. Take their number from `labels.shape`",
         (2, 2, 2), 5),
        ("embeddings of two numbers, as in the example. Take their size from `embeddings.shape`",
         (5,) * 4, 2),
        ("the sizes of the example. Take them from the shapes of `embeddings` and `labels`",
         (2, 2, 2), 2),
    ):  # fmt: skip
        z, labels = support_in_order(images, size)
        yield easier, (z, labels), class_means(z, labels)
