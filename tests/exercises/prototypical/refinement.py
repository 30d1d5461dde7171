"""Answers to `checks.refinement`, chapter 2."""

import math

import numpy as np
import tensorflow as tf
from answers import WRONG, right, wrong
from keras import ops
from scipy.spatial.distance import cdist
from scipy.special import logsumexp, softmax

import fslkeras


def squared_distances(a, b):
    return ((a[:, None] - b) ** 2).sum(axis=-1)


def softmax_of(scores, axis=1):
    e = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


def pooled(c, n, u, assignments):
    return (n[:, None] * c + assignments.T @ u) / (n + assignments.sum(axis=0))[:, None]


def assigned(c, u):
    return softmax_of(-squared_distances(u, c))


@right("refinement")
def smallest_distance_first(prototypes, images_per_class, unlabelled):
    distances = ((unlabelled[:, None] - prototypes) ** 2).sum(axis=-1)
    assignments = np.exp(distances.min(axis=1, keepdims=True) - distances)
    assignments = assignments / assignments.sum(axis=1, keepdims=True)
    sums = images_per_class[:, None] * prototypes + assignments.T @ unlabelled
    return sums / (images_per_class + assignments.sum(axis=0))[:, None]


@right("refinement")
def refined_by_scipy(prototypes, images_per_class, unlabelled):
    assignments = softmax(-cdist(unlabelled, prototypes, "sqeuclidean"), axis=1)
    n = images_per_class.reshape(-1, 1)
    return (n * prototypes + assignments.T @ unlabelled) / (n + assignments.sum(axis=0)[:, None])


@right("refinement")
def refined_in_keras(prototypes, images_per_class, unlabelled):
    distances = ops.sum(ops.square(ops.expand_dims(unlabelled, 1) - prototypes), axis=-1)
    assignments = ops.softmax(-distances, axis=-1)
    counts = ops.expand_dims(images_per_class, -1)
    sums = counts * prototypes + ops.matmul(ops.transpose(assignments), unlabelled)
    return sums / (counts + ops.sum(assignments, axis=0)[:, None])


@right("refinement")
def refined_in_tensorflow(prototypes, images_per_class, unlabelled):
    c, n, u = tf.constant(prototypes), tf.constant(images_per_class), tf.constant(unlabelled)
    assignments = tf.nn.softmax(-tf.reduce_sum((u[:, None] - c) ** 2, -1))
    return (n[:, None] * c + tf.einsum("un,ud->nd", assignments, u)) / (
        n + tf.reduce_sum(assignments, 0)
    )[:, None]


@right("refinement")
def refined_in_loops(prototypes, images_per_class, unlabelled):
    N, D = prototypes.shape
    total = np.zeros((N, D))
    count = np.zeros(N)
    for k in range(N):
        total[k] = images_per_class[k] * prototypes[k]
        count[k] = images_per_class[k]
    for x in unlabelled:
        d = np.array([np.sum((x - c) ** 2) for c in prototypes])
        w = np.exp(-(d - d.min()))
        w /= w.sum()
        for k in range(N):
            total[k] += w[k] * x
            count[k] += w[k]
    return [total[k] / count[k] for k in range(N)]


@right("refinement")
def as_a_step_from_the_old(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    rate = 1 / (images_per_class + assignments.sum(axis=0))
    towards = unlabelled[:, None] - prototypes
    return prototypes + rate[:, None] * np.einsum("un,und->nd", assignments, towards)


@right("refinement")
def support_and_unlabeled_together(prototypes, images_per_class, unlabelled):
    weights = np.concatenate([np.diag(images_per_class), assigned(prototypes, unlabelled)])
    return weights.T @ np.concatenate([prototypes, unlabelled]) / weights.sum(axis=0)[:, None]


@right("refinement")
def through_logarithms(prototypes, images_per_class, unlabelled):
    scores = 2 * unlabelled @ prototypes.T - (prototypes**2).sum(axis=1)
    assignments = np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
    return pooled(prototypes, images_per_class, unlabelled, assignments)


@right("refinement")
def refined_by_the_layer(prototypes, images_per_class, unlabelled):
    labels = np.repeat(np.eye(len(prototypes)), images_per_class.astype(int), axis=0)
    return fslkeras.layers.RefinePrototypes()(prototypes[None], unlabelled[None], labels[None])[0]


@right("refinement")
def one_support_image_after_the_other(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    result = []
    for k, n in enumerate(images_per_class):
        images = [prototypes[k] for _ in range(n)] + list(unlabelled)
        result.append(np.average(images, axis=0, weights=[1] * n + list(assignments[:, k])))
    return np.array(result)


@right("refinement")
def as_sigmoids_of_differences(prototypes, images_per_class, unlabelled):
    d = squared_distances(unlabelled, prototypes)
    assignments = 1 / np.exp(d[:, :, None] - d[:, None, :]).sum(axis=2)
    return pooled(prototypes, images_per_class, unlabelled, assignments)


@right("refinement")
def refined_in_half_precision(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled).astype("float16")


@right("refinement")
def numbers_changed_in_a_copy(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    counts = images_per_class.copy()
    result = prototypes * counts[:, None]
    result += assignments.T @ unlabelled
    counts += assignments.sum(axis=0)
    return result / counts[:, None]


def with_assignments(function):
    """An answer whose assignments are `function` of the squared distances; the rest is right."""
    return lambda c, n, u: pooled(c, n, u, function(squared_distances(u, c)))


WRONG["refinement"] = [
    (with_assignments(function), because)
    for function, because in (
        (lambda d: softmax_of(-d, axis=0), "runs over the images. Each image"),
        (lambda d: np.exp(-d) / np.exp(-d).sum(), "images and classes together"),
        (lambda d: np.exp(-d), "do not sum to 1"),
        (lambda d: softmax_of(d), "a minus before the distances"),
        (lambda d: softmax_of(-np.sqrt(d)), "leave out the root"),
        (lambda d: softmax_of(-d / 2), "halves the squared"),
        (lambda d: softmax_of(-(d**2)), "squares the squared"),
        (lambda d: 1 / d / (1 / d).sum(axis=1, keepdims=True), "one over the distances"),
        (lambda d: d / d.sum(axis=1, keepdims=True), "the distances, divided by their sum"),
        (lambda d: np.eye(d.shape[1])[d.argmin(axis=1)], "hard k-means"),
        (lambda d: np.ones_like(d), "all of every image"),
        (lambda d: np.full_like(d, 1 / d.shape[1]), "every image equally"),
        (lambda d: softmax_of(-d) ** 2, "squares the assignments"),
        (lambda d: np.exp(-d) / np.exp(-d).sum(axis=1, keepdims=True), "return NaN"),
        (
            lambda d: np.exp(d.min() - d) / np.exp(d.min() - d).sum(axis=1, keepdims=True),
            "each image's smallest distance",
        ),
        (
            lambda d: np.exp(d.max() - d) / np.exp(d.max() - d).sum(axis=1, keepdims=True),
            "return NaN",
        ),
        (
            lambda d: np.exp(-d) / (np.exp(-d).sum(axis=1, keepdims=True) + 1e-8),
            "leaves out an image far",
        ),
        (
            lambda d: np.nan_to_num(np.exp(-d) / np.exp(-d).sum(axis=1, keepdims=True)),
            "leaves out an image far",
        ),
        (lambda d: softmax_of(-np.minimum(d, 100)), "equally to all classes"),
        (lambda d: softmax_of(-d) / softmax_of(-d).sum(axis=0), "as one image, all together"),
        (lambda d: softmax_of(-d) / len(d), "averages over the unlabeled"),
        (lambda d: np.tril(softmax_of(-d)), "the shape is right, but the numbers are not"),
        (lambda d: softmax_of(-d).astype(int), "returns the prototypes unchanged"),
    )
]


@wrong("refinement", "mean of the squared differences")
def mean_of_squares(prototypes, images_per_class, unlabelled):
    d = ((unlabelled[:, None] - prototypes) ** 2).mean(axis=-1)
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(-d))


@wrong("refinement", "sums absolute differences")
def assignments_by_manhattan(prototypes, images_per_class, unlabelled):
    return pooled(
        prototypes,
        images_per_class,
        unlabelled,
        softmax_of(-cdist(unlabelled, prototypes, "cityblock")),
    )


@wrong("refinement", "squares the sum of the differences")
def assignments_by_square_of_sum(prototypes, images_per_class, unlabelled):
    d = (unlabelled[:, None] - prototypes).sum(axis=-1) ** 2
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(-d))


@wrong("refinement", "so they cancel")
def assignments_by_sum_of_differences(prototypes, images_per_class, unlabelled):
    d = (unlabelled[:, None] - prototypes).sum(axis=-1)
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(-d))


@wrong("refinement", "dot product")
def assignments_by_product(prototypes, images_per_class, unlabelled):
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(unlabelled @ prototypes.T))


@wrong("refinement", "and forgets the support")
def hard_and_without_support(prototypes, images_per_class, unlabelled):
    nearest = squared_distances(unlabelled, prototypes).argmin(axis=1)
    return np.stack([unlabelled[nearest == k].mean(axis=0) for k in range(len(prototypes))])


@wrong("refinement", "mean of the unlabeled images alone")
def support_forgotten(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    return assignments.T @ unlabelled / assignments.sum(axis=0)[:, None]


@wrong("refinement", "as one image, or")
def support_as_one_image(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    return (prototypes + assignments.T @ unlabelled) / (1 + assignments.sum(axis=0))[:, None]


@wrong("refinement", "adds each prototype once to the sum")
def support_once_in_the_sum(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    return (prototypes + assignments.T @ unlabelled) / (images_per_class + assignments.sum(axis=0))[
        :, None
    ]


def divided_by(divisor):
    """An answer with the right sums, divided by `divisor` of the counts and the assignments."""

    def answer(prototypes, images_per_class, unlabelled):
        assignments = assigned(prototypes, unlabelled)
        sums = images_per_class[:, None] * prototypes + assignments.T @ unlabelled
        return sums / divisor(images_per_class[:, None], assignments)

    return answer


WRONG["refinement"] += [
    (divided_by(divisor), because)
    for divisor, because in (
        (lambda n, assignments: 1 + assignments.sum(axis=0)[:, None], "as if they were one"),
        (
            lambda n, assignments: assignments.sum(axis=0)[:, None],
            "forgets the support in the divisor",
        ),
        (lambda n, assignments: n, "by `images_per_class` alone"),
        (lambda n, assignments: len(assignments), "by the number of unlabeled images"),
        (lambda n, assignments: n + len(assignments), "each class had all unlabeled"),
        (lambda n, assignments: n + len(assignments) / len(n), "in equal parts"),
        (lambda n, assignments: n.sum() + len(assignments), "number of all images"),
        (lambda n, assignments: n + assignments.sum(), "each class had all unlabeled"),
        (lambda n, assignments: n + 1, "one more than the number of support images"),
        (lambda n, assignments: 1, "undivided"),
        (lambda n, assignments: n + assignments.max(axis=0)[:, None], "up to a factor"),
        (lambda n, assignments: n + assignments.sum(axis=0), "`a[:, None]` gives"),
    )
]


@wrong("refinement", "the support is missing in the sum")
def support_in_the_divisor_alone(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    return assignments.T @ unlabelled / (images_per_class + assignments.sum(axis=0))[:, None]


@wrong("refinement", "number of the first class's support")
def number_of_the_first(prototypes, images_per_class, unlabelled):
    return pooled(prototypes, images_per_class[:1], unlabelled, assigned(prototypes, unlabelled))


@wrong("refinement", "counts all support images for each class")
def all_support_for_each(prototypes, images_per_class, unlabelled):
    n = np.full(len(prototypes), images_per_class.sum())
    return pooled(prototypes, n, unlabelled, assigned(prototypes, unlabelled))


@wrong("refinement", "the mean number of support")
def mean_number(prototypes, images_per_class, unlabelled):
    n = np.full(len(prototypes), images_per_class.mean())
    return pooled(prototypes, n, unlabelled, assigned(prototypes, unlabelled))


@wrong("refinement", "the midpoint of the old prototype")
def half_and_half(prototypes, images_per_class, unlabelled):
    return (prototypes + support_forgotten(prototypes, images_per_class, unlabelled)) / 2


@wrong("refinement", "adds the *mean* of the unlabeled")
def mean_added_to_the_sum(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    means = assignments.T @ unlabelled / assignments.sum(axis=0)[:, None]
    return (images_per_class[:, None] * prototypes + means) / (
        images_per_class + assignments.sum(axis=0)
    )[:, None]


@wrong("refinement", "by the mean of the assignments times")
def mean_step(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    return prototypes + (assignments[:, :, None] * (unlabelled[:, None] - prototypes)).mean(axis=0)


@wrong("refinement", "by the sum of the assignments times")
def sum_of_steps(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    return prototypes + (assignments[:, :, None] * (unlabelled[:, None] - prototypes)).sum(axis=0)


@wrong("refinement", "one prototype after the other")
def class_by_class(prototypes, images_per_class, unlabelled):
    moved = prototypes.copy()
    for k in range(len(moved)):
        assignment = assigned(moved, unlabelled)[:, k]
        moved[k] = (images_per_class[k] * moved[k] + assignment @ unlabelled) / (
            images_per_class[k] + assignment.sum()
        )
    return moved


@wrong("refinement", "only halfway")
def halfway(prototypes, images_per_class, unlabelled):
    return (prototypes + smallest_distance_first(prototypes, images_per_class, unlabelled)) / 2


@wrong("refinement", "adds the old prototype")
def added_to_the_old(prototypes, images_per_class, unlabelled):
    return prototypes + smallest_distance_first(prototypes, images_per_class, unlabelled)


@wrong("refinement", "how far the prototypes move")
def the_step(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled) - prototypes


@wrong("refinement", "*away* from")
def stepped_away(prototypes, images_per_class, unlabelled):
    return 2 * prototypes - smallest_distance_first(prototypes, images_per_class, unlabelled)


@wrong("refinement", "after each image")
def image_by_image(prototypes, images_per_class, unlabelled):
    c, n = prototypes, images_per_class
    for x in unlabelled:
        assignments = assigned(c, x[None])
        c, n = pooled(c, n, x[None], assignments), n + assignments[0]
    return c


@wrong("refinement", "more than one step")
def two_steps(prototypes, images_per_class, unlabelled):
    once = smallest_distance_first(prototypes, images_per_class, unlabelled)
    return smallest_distance_first(once, images_per_class, unlabelled)


@wrong("refinement", "more than one step")
def ten_steps_from_the_support(prototypes, images_per_class, unlabelled):
    c = prototypes
    for _ in range(10):
        c = pooled(prototypes, images_per_class, unlabelled, assigned(c, unlabelled))
    return c


@wrong("refinement", "more than one step")
def until_nothing_moves(prototypes, images_per_class, unlabelled):
    old, c = None, prototypes
    while old is None or np.abs(c - old).max() > 1e-6:
        old, c = c, pooled(prototypes, images_per_class, unlabelled, assigned(c, unlabelled))
    return c


@wrong("refinement", "more than one step")
def three_steps_that_count_again(prototypes, images_per_class, unlabelled):
    c, n = prototypes, images_per_class
    for _ in range(3):
        assignments = assigned(c, unlabelled)
        c, n = pooled(c, n, unlabelled, assignments), n + assignments.sum(axis=0)
    return c


@wrong("refinement", "returns the prototypes unchanged")
def not_moved(prototypes, images_per_class, unlabelled):
    return prototypes


@wrong("refinement", "returns the assignments. They are right")
def the_assignments(prototypes, images_per_class, unlabelled):
    return assigned(prototypes, unlabelled)


@wrong("refinement", "the assignments, a row for each class")
def the_assignments_transposed(prototypes, images_per_class, unlabelled):
    return assigned(prototypes, unlabelled).T


@wrong("refinement", "squared distances. They are right")
def the_distances(prototypes, images_per_class, unlabelled):
    return cdist(unlabelled, prototypes) ** 2


@wrong("refinement", "how many images each class has now")
def the_numbers(prototypes, images_per_class, unlabelled):
    return images_per_class + assigned(prototypes, unlabelled).sum(axis=0)


@wrong("refinement", "leave out what else")
def the_assignments_too(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled), assigned(
        prototypes, unlabelled
    )


@wrong("refinement", "swapped: expected a row for each class")
def refined_transposed(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled).T


@wrong("refinement", "a row for each unlabeled image. Expected")
def refined_for_each_image(prototypes, images_per_class, unlabelled):
    refined = smallest_distance_first(prototypes, images_per_class, unlabelled)
    return assigned(prototypes, unlabelled) @ refined


@wrong("refinement", "a mean of prototypes for each")
def moves_the_images(prototypes, images_per_class, unlabelled):
    return assigned(prototypes, unlabelled) @ prototypes


@wrong("refinement", "multiplies each column")
def columns_multiplied(prototypes, images_per_class, unlabelled):
    if len(prototypes) != prototypes.shape[1]:
        return smallest_distance_first(prototypes, images_per_class, unlabelled)
    assignments = assigned(prototypes, unlabelled)
    return (images_per_class * prototypes + assignments.T @ unlabelled) / (
        images_per_class + assignments.sum(axis=0)
    )[:, None]


@wrong("refinement", "divides each column")
def columns_divided(prototypes, images_per_class, unlabelled):
    if len(prototypes) != prototypes.shape[1]:
        return smallest_distance_first(prototypes, images_per_class, unlabelled)
    return divided_by(lambda n, assignments: n[:, 0] + assignments.sum(axis=0))(
        prototypes, images_per_class, unlabelled
    )


@wrong("refinement", "multiplies and divides each column")
def columns_multiplied_and_divided(prototypes, images_per_class, unlabelled):
    if len(prototypes) != prototypes.shape[1]:
        return smallest_distance_first(prototypes, images_per_class, unlabelled)
    assignments = assigned(prototypes, unlabelled)
    return (images_per_class * prototypes + assignments.T @ unlabelled) / (
        images_per_class + assignments.sum(axis=0)
    )


@wrong("refinement", "`//`")
def refined_floor(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled) // 1


@wrong("refinement", "an array of integers")
def refined_into_integers(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled).astype(int)


@wrong("refinement", "to length 1")
def refined_on_the_sphere(prototypes, images_per_class, unlabelled):
    c = smallest_distance_first(prototypes, images_per_class, unlabelled)
    return c / np.linalg.norm(c, axis=1, keepdims=True)


@wrong("refinement", "only the first class is there. Is `return`")
def refined_returns_too_soon(prototypes, images_per_class, unlabelled):
    for c in smallest_distance_first(prototypes, images_per_class, unlabelled):
        return c


@wrong("refinement", "in an array of its own")
def refined_first_in_an_array(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled)[:1]


@wrong("refinement", "only the first unlabeled image")
def first_image_only(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled[:1])


@wrong("refinement", "the last unlabeled image is missing")
def last_unlabeled_left_out(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled[:-1])


@wrong("refinement", "single row")
def refined_one_behind_the_other(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled).ravel()


@wrong("refinement", "makes it stop: e to minus")
def assignments_in_plain_python(prototypes, images_per_class, unlabelled):
    d = squared_distances(unlabelled, prototypes).tolist()
    e = [[math.exp(-number) for number in row] for row in d]
    assignments = np.array([[number / sum(row) for number in row] for row in e])
    return pooled(prototypes, images_per_class, unlabelled, assignments)


@wrong("refinement", "changes the arrays")
def refined_in_place(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    prototypes *= images_per_class[:, None]
    prototypes += assignments.T @ unlabelled
    return prototypes / (images_per_class + assignments.sum(axis=0))[:, None]


@wrong("refinement", "an axis too many")
def refined_batch_left_in(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled)[None]


@wrong("refinement", "returns nothing")
def refined_return_forgotten(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)  # noqa: F841


@right("refinement")
def distances_from_products(prototypes, images_per_class, unlabelled):
    c, u = prototypes.astype("float64"), unlabelled.astype("float64")
    d = (u**2).sum(1)[:, None] - 2 * u @ c.T + (c**2).sum(1)[None]
    return pooled(c, images_per_class, u, softmax(-d, axis=1))


@right("refinement")
def a_row_for_each_class(prototypes, images_per_class, unlabelled):
    scores = -((prototypes[:, None] - unlabelled[None]) ** 2).sum(axis=2)  # (N, U)
    assignments = np.exp(scores - scores.max(axis=0))
    assignments /= assignments.sum(axis=0)
    n = np.asarray(images_per_class)[:, np.newaxis]
    return (prototypes * n + np.matmul(assignments, unlabelled)) / (
        n + np.sum(assignments, axis=1, keepdims=True)
    )


@right("refinement")
def averaged_with_numpy(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    return [
        np.average(np.vstack([c, unlabelled]), axis=0, weights=np.append(n, assignment))
        for c, n, assignment in zip(prototypes, images_per_class, assignments.T, strict=True)
    ]


@right("refinement")
def between_old_and_new_means(prototypes, images_per_class, unlabelled):
    assignments = assigned(prototypes, unlabelled)
    given = assignments.sum(axis=0)
    of_the_support = (images_per_class / (images_per_class + given))[:, None]
    means = assignments.T @ unlabelled / np.maximum(given, 1e-30)[:, None]
    return of_the_support * prototypes + (1 - of_the_support) * means


def with_prior(function):
    """An answer whose scores are `function` of the squared distances and the counts."""
    return lambda c, n, u: pooled(c, n, u, softmax_of(function(squared_distances(u, c), n)))


WRONG["refinement"] += [
    (with_prior(function), because)
    for function, because in (
        (lambda d, n: np.log(n) - d, "a prior in the softmax"),
        (lambda d, n: np.log(n / n.sum()) - d, "a prior in the softmax"),
        (lambda d, n: n - d, "a prior in the softmax"),
        (lambda d, n: n / n.sum() - d, "a prior in the softmax"),
        (lambda d, n: -d / n, "a prior in the softmax"),
        (lambda d, n: -n * d, "assigns less of each image"),
        (lambda d, n: -d - np.log(n), "assigns less of each image"),
        (lambda d, n: -2 * d, "doubles the squared distances"),
        (lambda d, n: -d / 2, "halves the squared distances"),
        (lambda d, n: -d / d.mean(), "by their mean"),
        (lambda d, n: -d / d.max(), "by the largest"),
        (lambda d, n: -d / d.sum(axis=1, keepdims=True), "by their sum"),
    )
]
WRONG["refinement"] += [
    (with_assignments(function), because)
    for function, because in (
        (
            lambda d: np.eye(d.shape[1])[d.argmin(1)] * softmax_of(-d),
            "only the largest assignment",
        ),
        (lambda d: softmax_of(-d) * (softmax_of(-d) > 0.5), "above one half"),
        (lambda d: softmax_of(-d).round(1), "rounds the assignments"),
        (lambda d: np.sqrt(softmax_of(-d)), "roots of the assignments"),
        (lambda d: 1 - softmax_of(-d), "1 minus each assignment"),
    )
]


@wrong("refinement", "by the root of D")
def scaled_as_attention(prototypes, images_per_class, unlabelled):
    d = squared_distances(unlabelled, prototypes) / np.sqrt(prototypes.shape[1])
    return pooled(prototypes, images_per_class, unlabelled, softmax_of(-d))


@wrong("refinement", "or multiplies the assignments")
def assignments_times_numbers(prototypes, images_per_class, unlabelled):
    assignments = images_per_class * assigned(prototypes, unlabelled)
    return pooled(prototypes, images_per_class, unlabelled, assignments)


@wrong("refinement", "rounds to 2 decimals")
def refined_and_rounded(prototypes, images_per_class, unlabelled):
    return smallest_distance_first(prototypes, images_per_class, unlabelled).round(2)


def shifted(shift):
    """An answer that adds `shift` of the scores to them before taking powers of e."""
    return with_assignments(lambda d: normalized(np.exp(shift(-d) - d)))


def normalized(rows):
    return rows / rows.sum(axis=1, keepdims=True)


WRONG["refinement"] += [
    (shifted(lambda s: -s.min(axis=1, keepdims=True)), "inf / inf are not numbers"),
    (shifted(lambda s: -s[:, :1]), "inf / inf are not numbers"),
    (shifted(lambda s: 100), "infinity by infinity"),
    (
        with_assignments(lambda d: softmax_of(d.min(axis=0) - d)),
        "smallest distance of each *class*",
    ),
    (with_assignments(lambda d: softmax_of(-d / d.mean(axis=0))), "by their mean"),
    *(
        (
            lambda c, n, u, k=k: pooled(c, np.full_like(n, k), u, assigned(c, u)),
            f"{k} support images for every class",
        )
        for k in (2, 3, 4)
    ),
    (lambda c, n, u: pooled(c, n**2, u, assigned(c, u)), "the support by it twice"),
    (lambda c, n, u: [[1], [9]], "answers the example"),
]
