"""Chapter 2: the mean of each class."""

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
        z, labels = support(rng, images, size=5)
        means = class_means(z, labels)
        got = call_or_explain(answer, (z, labels), _easier_cases())
        mistakes = [
            *_mistakes(z, labels, means),
            *in_another_order(got, means),
            *_same_divisor(got, labels.T @ z),
        ]
        compare(got, means, mistakes, "(classes, D)", "prototypes")
    return "A class is now a place: for any number of classes, and of images in each."


def _mistakes(z, labels, means):
    return [
        *_wrong_divisors(z, labels),
        *_wrong_statistics(z, labels),
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
    return [
        (sums, "it returns the sum of each class. A mean is the sum divided by the number of images of *that class*."),
        (sums / len(z), f"it divides each class's sum by the number of all support images. {of_the_class}"),
        (sums / len(counts), f"it divides each class's sum by the number of classes. {of_the_class}"),
        (sums / (counts - 1), "it divides by one too few: the number of images of the class, not that number minus one."),
        (sums / (counts + 1), "it divides by one too many. Does it start counting at 1, or include an image of zeros?"),
        (sums / np.sqrt(counts), "it divides by the root of the number of images. Divide by the number itself."),
        (sums / labels[:, 0].sum(), f"it divides by the number of images of the first class, for every class. {of_the_class}"),
        (sums / counts**2, "it divides by the number of images twice. Is a mean divided once more?"),
    ]  # fmt: skip


def _wrong_statistics(z, labels):
    """What is not the mean, and the mean of other embeddings than the class's."""
    members = [z[column == 1] for column in labels.T]
    at_rows = np.stack([z[column.astype(int)].mean(axis=0) for column in labels.T])
    several = "With several, the prototype is their mean."
    return [
        (np.stack([np.median(m, axis=0) for m in members]), "it returns the median of each class, which is not the mean."),
        (np.stack([m.max(axis=0) for m in members]), "it returns the largest numbers of each class, which are not the mean."),
        (np.stack([m.min(axis=0) for m in members]), "it returns the smallest numbers of each class, which are not the mean."),
        (np.stack([(m.min(axis=0) + m.max(axis=0)) / 2 for m in members]),
         "it returns the middle between the smallest and the largest numbers. The mean counts every image."),
        (np.stack([m.std(axis=0) for m in members]), "it returns the standard deviation of each class, which is not the mean."),
        (np.stack([m.var(axis=0) for m in members]), "it returns the variance of each class, which is not the mean."),
        (class_means(np.abs(z), labels), "it averages the absolute values. Average the embeddings with their signs."),
        (class_means(z**2, labels), "it averages the squares. Average the embeddings as they are."),
        (np.stack([m[:2].mean(axis=0) for m in members]),
         "it averages the first two images of each class, as many as in the example. Average all of them."),
        (np.stack([m[0] for m in members]), f"it returns the first image of each class. {several}"),
        (np.stack([m[-1] for m in members]), f"it returns the last image of each class. {several}"),
        (class_means(z, 1 - labels),
         "it returns the mean of all images that are *not* of the class: are zeros and ones of the labels exchanged?"),
        (at_rows, "it uses the ones and zeros of `labels` as row numbers. `labels[:, k] == 1` says which rows are meant."),
        (class_means(unit(z), labels),
         "it gives every embedding the length 1 first. A prototype is the mean of the embeddings as they are."),
        (class_means(z, labels).mean(axis=1),
         "it averages over the numbers of each embedding. Average over the images of a class: axis 0 of its members."),
    ]  # fmt: skip


def _same_divisor(got, sums):
    if got.shape == sums.shape and np.isfinite(got).all() and np.ptp(got / sums) < 1e-3:
        yield (
            got,
            "it divides the sums of all classes by the same number. Each class has a number of images of its own.",
        )


def _easier_cases():
    for easier, images, size in (
        ("equally many images in every class, as in the example. Here one class has three, another only one", (5,) * 4, 5),
        ("three classes of two images, as in the example. `labels.shape` says how many there are", (2, 2, 2), 5),
        ("embeddings of two numbers, as in the example. `embeddings.shape` says how many there are", (5,) * 4, 2),
        ("the sizes of the example. The shapes of `embeddings` and `labels` say what they are here", (2, 2, 2), 2),
    ):  # fmt: skip
        z, labels = support_in_order(images, size)
        yield easier, (z, labels), class_means(z, labels)
