"""Chapter 2, Going further: the mean of each class, weighted by precisions."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import (
    call_or_explain,
    close,
    compare,
    proportional,
    refuse_extras,
)
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
        z, labels = support(rng, images, size)
        p = np.exp(rng.normal(0.3, 0.7, (len(z), 1))).astype("float32")
        right = class_means(z, labels, p)
        refuse_extras(answer, (z, p, labels), right)
        got = call_or_explain(answer, (z, p, labels), _easier_cases())
        mistakes = [
            *_mistakes(z, labels, p, right),
            *_nearly_right(got, right, answer, z, labels, p),
        ]
        compare(got, right, mistakes, "(classes, D)", "prototypes")
    return (
        "An unsure image now moves its class only a little: where the precision is one over the variance, no other mean is "
        "less noisy."
    )


def _mistakes(z, labels, p, right):
    return [
        (class_means(z, labels), "it returns the plain mean of each class. Each image is to count as much as its precision."),
        *_wrong_divisors(z, labels, p),
        *_wrong_weights(z, labels, p),
        *_wrong_images(z, labels, p),
        *_not_the_mean(z, labels, p, right),
        *labels_ignored((p * z).sum(axis=0) / p.sum(), len(right)),
        one_for_each_image(labels, right),
        on_the_sphere(right, "weighted mean"),
        *whole_numbers(right),
        *wrong_rows(right, "labels.shape[1]"),
        copied_example([[3]]),
        *rounded(right),
        *taken_in_order(z, labels, lambda rows: (p * z)[rows].sum(axis=0) / p[rows].sum()),
    ]  # fmt: skip


def _wrong_divisors(z, labels, p):
    counts, totals, sums = labels.sum(axis=0)[:, None], labels.T @ p, labels.T @ (p * z)
    of_the_class = "Divide by the sum of the class's precisions."
    return [
        (sums / counts,
         "it divides by the number of images of the class. The weights are to sum to 1: divide by the sum of the class's "
         "precisions."),
        (sums / p.sum(), "it divides by the sum of *all* precisions. Divide by the sum of those of the class."),
        (sums / len(z), f"it divides by the number of all support images. {of_the_class}"),
        (sums / len(counts), f"it divides by the number of classes. {of_the_class}"),
        (sums / p.sum() / counts,
         "it brings all precisions together to the sum 1, and then divides by the number of images. The precisions of each "
         "*class* are to sum to 1."),
        (sums / p.mean() / counts,
         "it divides by the class's number of images times the mean precision of all images. Divide by the sum of the "
         "precisions of the class."),
        (sums, "it returns the weighted sums, not divided. Divide each by the sum of the class's precisions."),
        (labels.T @ z / totals,
         "it divides the sum of the embeddings as they are by the sum of the precisions. Multiply each embedding by its "
         "precision first."),
        (labels.T @ (p**2 * z) / totals,
         "it multiplies by the squares of the precisions, and divides by their sum. Multiply by each precision once."),
    ]  # fmt: skip


@np.errstate(all="ignore")
def _wrong_weights(z, labels, p):
    exp, itself = np.exp(p), "Weight by the precision itself."
    wrong = [
        (1 / p, f"it weights by 1 / precision, as if it were a variance: the less sure an image, the more it counts. {itself}"),
        (np.sqrt(p), f"it weights by the root of the precision. {itself}"),
        (p**2, "it weights by the square of the precision. Is each embedding multiplied by it twice, or are they squared?"),
        (exp,
         "it weights by the softmax of the precisions, or by e to them. They are weights as they are: divide them by their sum, "
         "without the exponential."),
        (np.minimum(p, 1), f"it counts no image more than 1. {itself}"),
        (np.maximum(p, 1), f"it counts each image at least 1. {itself}"),
        (np.round(p), "it rounds the precisions. Weight by the precision as it is."),
        (p / (1 + p), f"it weights by p / (1 + p), so that sure images count about the same. {itself}"),
        (labels @ (labels.T @ p) - p, f"it weights by the precisions of the other images of the class. {itself}"),
        (p.max() - p, f"it weights by how much less sure an image is than the surest. {itself}"),
        (np.log(p), f"it weights by the logarithm of the precision. {itself}"),
        (1 + p, f"it weights by 1 + the precision. {itself}"),
        (np.trunc(p), "it makes whole numbers of the precisions. Weight by the precision as it is."),
        (np.roll(p, 1, axis=0),
         "it uses the precisions one place further on: is an image weighted by its neighbour's?"),
    ]  # fmt: skip
    softmax_over_all = (
        "it weights by the softmax of the precisions over all images. They are weights as they are, and the sum to divide by is "
        "that of the class."
    )
    return [
        *((class_means(z, labels, weights), reason) for weights, reason in wrong),
        (labels.T @ (exp * z) / exp.sum(), softmax_over_all),
    ]


@np.errstate(all="ignore")
def _wrong_images(z, labels, p):
    count_too = "The others count, too, only less."
    most_precise = np.tile(z[p.argmax()], (labels.shape[1], 1))
    return [
        (z[(labels * p).argmax(axis=0)], f"it takes the most precise image of each class alone. {count_too}"),
        (most_precise, f"it takes the most precise image alone. {count_too}"),
        (class_means(z, 1 - labels, p),
         "it weights all images of the *other* classes: are zeros and ones of the labels exchanged?"),
        (class_means(unit(z), labels, p),
         "it gives every embedding the length 1 first. Take the mean of the embeddings as they are."),
    ]  # fmt: skip


def _not_the_mean(z, labels, p, right):
    totals, expected = labels.T @ p, "Expected its prototype, the weighted mean of its embeddings."
    return [
        (p * z,
         "the embeddings are weighted, the mean is missing: sum them for each class, and divide by the sum of its precisions."),
        (totals, f"it returns the precision of each class. {expected}"),
        (totals[:, 0], f"it returns the precision of each class, in one row. {expected}"),
        (labels * p, "it returns the weights. The weighted mean is `weights.T @ embeddings`, divided by their sums."),
        (right.mean(axis=1), "it averages over the numbers of each embedding. Average over the images of a class."),
    ]  # fmt: skip


def _nearly_right(got, right, answer, z, labels, p):
    if len(right) == 1 or got.shape != right.shape:
        return
    yield from in_another_order(got, right)
    if proportional(got, right):
        yield (
            got,
            (
                "each prototype is right up to a factor: divide the weighted sum of a class by the sum of that class's precisions."
            ),
        )
    if close(call(answer, z, np.ones_like(p), labels), class_means(z, labels)):
        yield (
            got,
            (
                "it is right only where all precisions are the same. An image three times as sure as another is to count as much as "
                "three of these."
            ),
        )


def _easier_cases():
    for easier, images, size in (
        ("equally many images in every class. Here one class has three, another only one", (5, 5, 5, 5), 5),
        ("as many classes as an embedding has numbers. `labels.shape[1]` are the classes", (3, 1, 2), 3),
        ("embeddings of one number, as in the example. (Is it np.average? That wants weights of one axis: precisions[:, 0].)",
         (3, 1, 2), 1),
        ("the sizes of the example. The shapes of `embeddings` and `labels` say what they are here", (2,), 1),
    ):  # fmt: skip
        z, labels = support_in_order(images, size)
        p = 1 + np.arange(len(z), dtype="float32")[:, None] % 3
        yield easier, (z, p, labels), class_means(z, labels, p)
