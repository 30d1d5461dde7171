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
        "In a plain mean, each image counts 1. Here it counts its precision: in the sum, *and* in "
        "the number that the sum is divided by.",
        "`weights = labels * precisions` has the shape (S, N): each image has its precision in the "
        "column of its class, and 0 elsewhere.",
        "weights.T @ embeddings are the weighted sums, (N, D). Divide each by the sum of its "
        "class's weights, weights.sum(axis=0)[:, None].",
    ),
    solution="""weights = labels * precisions  # (S, N): each in the column of its class
return (weights.T @ embeddings) / weights.sum(axis=0)[:, None]""",
)
def weighted_prototypes(answer):
    """Checks a function from embeddings, precisions (S, 1) and labels to weighted means (N, D)."""
    rng = np.random.default_rng(6)
    for images, size in (((3, 1, 4, 2), 5), ((2, 2, 2), 4), ((2,), 1)):  # per class
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
        "An imprecise image now moves its class only a little. If precisions are inverse "
        "variances, no other weighted mean is less noisy."
    )


def _mistakes(z, labels, p, right):
    return [
        (class_means(z, labels),
         "it returns the plain mean of each class. Each image should count its precision."),
        *_wrong_divisors(z, labels, p),
        *carried_over(labels.T @ (p * z), labels.T @ p),
        *_wrong_weights(z, labels, p),
        *_wrong_images(z, labels, p),
        *_not_the_mean(z, labels, p, right),
        *labels_ignored((p * z).sum(axis=0) / p.sum(), len(right)),
        one_for_each_image(labels, right),
        on_the_sphere(right, "weighted mean"),
        *whole_numbers(right),
        *wrong_rows(right, "labels.shape[1]"),
        copied_example([[2]]),
        *rounded(right),
        *taken_in_order(z, labels, lambda rows: (p * z)[rows].sum(axis=0) / p[rows].sum()),
    ]  # fmt: skip


def _wrong_divisors(z, labels, p):
    counts, totals, sums = labels.sum(axis=0)[:, None], labels.T @ p, labels.T @ (p * z)
    of_the_class = "Divide by the sum of the class's precisions."
    return [
        (sums / counts, f"it divides by the number of images of the class. {of_the_class}"),
        (sums / p.sum(), f"it divides by the sum of *all* precisions. {of_the_class}"),
        (sums / len(z), f"it divides by the number of all support images. {of_the_class}"),
        (sums / len(counts), f"it divides by the number of classes. {of_the_class}"),
        (sums / p.sum() / counts,
         "it normalizes the precisions over all images, then divides by the number of images. The "
         "precisions of each *class* should sum to 1."),
        (sums / p.mean() / counts,
         "it divides by the class's number of images times the mean precision of all images. "
         f"{of_the_class}"),
        (sums, f"it returns the weighted sums, undivided. {of_the_class}"),
        (labels.T @ z / totals,
         "it divides the sum of the unweighted embeddings by the sum of the precisions. Multiply "
         "each embedding by its precision first."),
        (labels.T @ (z / p) / totals,
         "it divides each embedding by its precision. Multiply each by its precision."),
        (labels.T @ (p**2 * z) / totals,
         "it multiplies by the squares of the precisions, and divides by their sum. Multiply by "
         "each precision once."),
    ]  # fmt: skip


@np.errstate(all="ignore")
def _wrong_weights(z, labels, p):
    exp, itself = np.exp(p), "Weight by the precision itself."
    wrong = [
        (1 / p,
         "it weights by 1 / precision, as if it were a variance, so imprecise images count most. "
         f"{itself}"),
        (np.sqrt(p), f"it weights by the square root of the precision. {itself}"),
        (p**2,
         "it weights by the square of the precision. Is each embedding multiplied by it twice, or "
         "are the precisions squared?"),
        (exp,
         "it weights by the softmax of the precisions, or by e to them. Divide the precisions by "
         "their sum, without the exponential."),
        (np.minimum(p, 1), f"it counts no image more than 1. {itself}"),
        (np.maximum(p, 1), f"it counts each image at least 1. {itself}"),
        (np.round(p), f"it rounds the precisions. {itself}"),
        (p / (1 + p), f"it weights by p / (1 + p), so high precisions hardly differ. {itself}"),
        (labels @ (labels.T @ p) - p,
         f"it weights by the precisions of the class's other images. {itself}"),
        (p.max() - p, f"it weights by how far a precision is below the highest. {itself}"),
        (np.log(p), f"it weights by the logarithm of the precision. {itself}"),
        (1 + p, f"it weights by 1 + the precision. {itself}"),
        (np.trunc(p), f"it turns the precisions into whole numbers. {itself}"),
        (np.roll(p, 1, axis=0),
         "it uses the precisions shifted by one: is an image weighted by its neighbor's?"),
    ]  # fmt: skip
    softmax_over_all = (
        "it weights by the softmax of the precisions over all images. Leave out the exponential, "
        "and divide by the sum of the class's precisions."
    )
    return [
        *((class_means(z, labels, weights), reason) for weights, reason in wrong),
        (labels.T @ (exp * z) / exp.sum(), softmax_over_all),
    ]


@np.errstate(all="ignore")
def _wrong_images(z, labels, p):
    others = "The others count, too, but less."
    most_precise = np.tile(z[p.argmax()], (labels.shape[1], 1))
    return [
        (z[(labels * p).argmax(axis=0)],
         f"it takes only the most precise image of each class. {others}"),
        (most_precise, f"it takes only the most precise image of all. {others}"),
        (class_means(z, 1 - labels, p),
         "it weights all images of the *other* classes: are the zeros and ones of the labels "
         "swapped?"),
        (class_means(unit(z), labels, p),
         "it scales every embedding to length 1 first. Average the embeddings unchanged."),
    ]  # fmt: skip


def _not_the_mean(z, labels, p, right):
    totals, expected = labels.T @ p, "Expected its prototype, the weighted mean of its embeddings."
    return [
        (p * z,
         "the embeddings are weighted, but the mean is missing: sum them for each class, and "
         "divide by the sum of its precisions."),
        (totals, f"it returns the precision of each class. {expected}"),
        (totals[:, 0], f"it returns the precision of each class, in one row. {expected}"),
        (totals * class_means(z, labels),
         "it multiplies the plain mean by the precision of the class. Weight each *image*."),
        (labels * p,
         "it returns the weights. The weighted mean is `weights.T @ embeddings`, divided by the "
         "sums of the weights."),
        (right.mean(axis=1),
         "it averages over the coordinates of each embedding. Average over the images of a class."),
    ]  # fmt: skip


def _nearly_right(got, right, answer, z, labels, p):
    if len(right) == 1 or got.shape != right.shape:
        return
    yield from in_another_order(got, right)
    if proportional(got, right):
        yield (
            got,
            "each prototype is right up to a factor: divide the weighted sum of a class by the sum "
            "of that class's precisions.",
        )
    if close(call(answer, z, np.ones_like(p), labels), class_means(z, labels)):
        yield (
            got,
            "it is right only if all precisions are the same. An image with three times the "
            "precision of another should count as much as three of these.",
        )


def _easier_cases():
    for easier, images, size in (
        ("balanced classes. Here one class has three images, another only one", (5, 5, 5, 5), 5),
        ("as many classes as coordinates. Take the number of classes from `labels.shape[1]`",
         (3, 1, 2), 3),
        ("embeddings of one coordinate, as in the example. np.average wants weights with one axis: "
         "precisions[:, 0]",
         (3, 1, 2), 1),
        ("one class of one coordinate, as in the example. Here both axes are longer",
         (2,), 1),
    ):  # fmt: skip
        z, labels = support_in_order(images, size)
        p = 1 + np.arange(len(z), dtype="float32")[:, None] % 3
        yield easier, (z, p, labels), class_means(z, labels, p)
