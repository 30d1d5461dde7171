"""What mistakes in chapter 4's attention give: whole classes, wrong sums and wrong results."""

import functools

import numpy as np
import scipy.special

from fslkeras.course.checks.mistakes import classes_in_order, labels_in_order, whole_numbers

softmax = functools.partial(scipy.special.softmax, axis=1)


def unit(rows, axis=1):
    return rows / np.linalg.norm(rows, axis=axis, keepdims=True)


def by_class_first(q, s, cosines, labels):
    """Mistakes that compare a query with whole classes instead of images."""
    counts, instead = labels.sum(axis=0), "Here, each image gets its own attention."
    largest = np.where(labels, cosines[:, :, None], -np.inf).max(axis=1)
    means, mean_units = (labels.T @ rows / counts[:, None] for rows in (s, unit(s)))
    return [
        (softmax(largest),
         "only the most similar image of each class counts. Expected the sum over its images."),
        (largest,
         "it returns the largest cosine of each class. The softmax is missing, and so is the sum "
         "over the images."),
        (softmax(unit(q) @ unit(means).T),
         "it compares with the mean of each class, as prototypical networks do, or with the sum, "
         f"which has the same direction. {instead}"),
        (softmax(unit(q) @ unit(mean_units).T),
         f"it compares with the mean direction of each class. {instead}"),
        (softmax(-((q[:, None] - means) ** 2).sum(axis=-1)),
         "it is a prototypical network: it uses the squared distance to the mean of each class. "
         f"{instead}"),
        (np.exp(cosines @ labels),
         "it takes e to the power of the sums. The softmax must run over the images, before the "
         "product with the labels."),
    ]  # fmt: skip


def wrong_sums(cosines, labels):
    weights = softmax(cosines)
    of_class = weights[:, :, None] * labels
    means, largest = weights @ labels / labels.sum(axis=0), of_class.max(axis=1)
    smallest = np.where(labels, of_class, np.inf).min(axis=1)
    first = weights[:, labels.argmax(axis=0)]
    last = weights[:, ::-1][:, labels[::-1].argmax(axis=0)]
    in_order = labels[labels.argmax(axis=1).argsort(kind="stable")]
    more = "The images of a class add up, so a class with more images gets more."
    all_of_them = "Expected the sum over its images."
    return [
        (weights,
         "the labels are missing: it returns the attention to each support *image*. Expected the "
         "sum for each class: multiply by the labels."),
        (cosines, "it returns the cosines. The softmax and the labels are missing."),
        (np.exp(cosines),
         "it returns the exponentials. Neither their sum nor the labels are used."),
        (means, f"it divides the attention of each class by its number of images. {more}"),
        (_to_one(means),
         f"it takes the mean attention of each class and makes the rows sum to 1 again. {more}"),
        (largest, f"it takes the largest attention of each class. {all_of_them}"),
        (smallest, f"it takes the smallest attention of each class. {all_of_them}"),
        (first, f"it takes the attention to the first image of each class. {all_of_them}"),
        (last,
         "it takes the attention to the last image of each class: where `out[:, classes] += ...` "
         f"repeats an index, only the last value counts. {all_of_them}"),
        (weights**2 @ labels, "it adds up squares. Expected the sum of the attention itself."),
        (np.log(weights) @ labels,
         "it adds up the logarithms of the attention. Expected the sum of the attention itself."),
        (np.ones((len(weights), labels.shape[1])),
         "its softmax runs over the images of one class at a time. It must run over all support "
         "images."),
        (weights @ in_order,
         "it sorts the support images by class. Row i of `labels` is the class of image i."),
        (weights @ labels[::-1],
         "the labels are in reverse order. Row i of `labels` belongs to image i."),
        classes_in_order(weights @ labels_in_order(*labels.shape)),
        (weights @ np.eye(labels.shape[1])[np.arange(len(labels)) % labels.shape[1]],
         "it takes the classes in turn: 0, 1, 2, 0, ... `labels` says which class each image "
         "belongs to."),
    ]  # fmt: skip


def images_left_out(cosines, labels):
    weights, n_queries = softmax(cosines), len(cosines)
    return [
        *((attention @ labels[kept], f"it leaves out the {which} support image. Every one counts.")
          for kept, which in ((slice(1, None), "first"), (slice(-1), "last"))
          for attention in (weights[:, kept], softmax(cosines[:, kept]))),
        (weights[:, :n_queries] @ labels[:n_queries],
         "it adds up only as many images as there are queries. Every one counts."),
    ]  # fmt: skip


def _to_one(rows):
    return rows / rows.sum(axis=1, keepdims=True)


def wrong_results(right, labels):
    """Mistakes after the probabilities."""
    every = "Expected the probability of every class."
    each_query = "Expected a row for each query."
    met = list(dict.fromkeys(labels.argmax(axis=1)))  # each class once, by its first image
    divided = "The attention of a query already sums to 1 over the images: add it up."
    return [
        (np.log(right),
         "it returns the logarithm, as the layer does. Here, return the probability itself."),
        (-np.log(right),
         "it returns minus the logarithm, the loss. Here, return the probability itself."),
        (100 * right, "it returns percentages. Expected probabilities, which sum to 1."),
        (1 - right, "it returns the probability that it is *not* the class."),
        (right.argmax(axis=1), f"it returns the index of the most probable class. {every}"),
        (right.max(axis=1), f"it returns the probability of the most probable class. {every}"),
        (right == right.max(axis=1, keepdims=True), f"it marks the most probable class. {every}"),
        (right[:, 0], f"it returns the probability of the first class. {every}"),
        (right.mean(axis=0), f"it averages over the queries. {each_query}"),
        (np.tile(right.mean(axis=0), (len(right), 1)),
         f"it averages over the queries. {each_query}"),
        (right.sum(axis=0), f"it sums over the queries. {each_query}"),
        (np.tile(right.sum(axis=0), (len(right), 1)),
         "it sums over the queries, too, and every row is that sum. (`[[0] * n] * len(query)` "
         "repeats one and the same row; each query needs a row of its own.)"),
        (np.tile(right[0], (len(right), 1)),
         f"it answers for the first query only, in every row. {each_query}"),
        (right[:, met],
         "the columns are in the order in which the classes occur. Column k is class k."),
        (right / len(labels), f"it takes the mean over the images. {divided}"),
        (right * labels.shape[1] / len(labels), f"it divides by the number of shots. {divided}"),
        *whole_numbers(right),
        (right[:, ::-1], "the columns are in reverse order: column k is class k."),
        (right @ labels.T,
         "it gives each image the probability of its class. Expected a column for each class."),
    ]  # fmt: skip
