"""The mistakes of `refinement`, in the order of its steps: assignments, counts, mean, result."""

import numpy as np

from fslkeras.course.checks.mistakes import (
    RETURNS_TOO_SOON,
    copied_example,
    on_the_sphere,
    whole_numbers,
    wrong_rows,
    wrong_squares,
)
from fslkeras.course.checks.prototypical.soft_k_means import (
    assigned,
    refined,
    softmax,
    squared_distances,
)
from fslkeras.course.checks.prototypical.support import rounded


def mistakes(c, n, u):
    """What each mistake returns, and its reason.

    Args:
        c: (N, D), the prototypes.
        n: (N,), their numbers of images.
        u: (U, D), the unlabeled images.
    """
    a = assigned(c, u)
    right = refined(c, n, u, a)
    return [
        *((refined(c, n, u, wrong), reason) for wrong, reason in _wrong_softmax(c, u)),
        *((refined(c, n, u, wrong), reason) for wrong, reason in _wrong_assignments(c, u)),
        *((refined(c, n, u, wrong), reason) for wrong, reason in _with_a_prior(c, n, u)),
        *((refined(c, wrong, u, a), reason) for wrong, reason in _wrong_numbers(n)),
        *_support_forgotten(c, n, u, a),
        *_wrong_divisors(c, n, u, a),
        *_means_of_means(c, n, u, a),
        *_wrong_steps(c, n, u, right),
        *_wrong_images(c, n, u, a),
        *_not_the_prototypes(c, n, u, a, right),
        *(_wrong_axis(c, n, u, a) if len(n) == c.shape[1] else []),
        *whole_numbers(right),
        *rounded(right),
        on_the_sphere(right, "mean"),
        *wrong_rows(right, "len(prototypes)"),
        copied_example([[1], [9]]),
    ]


@np.errstate(all="ignore")
def _wrong_softmax(c, u):
    d = squared_distances(u, c)
    e, inverse, nearest = np.exp(-d), 1 / d, np.eye(len(c))[d.argmin(axis=1)]
    expected = "Expected the softmax of minus the squared distances."
    return [
        (softmax(-d, axis=0),
         "its softmax runs over the images. Each image is divided among the *classes*: its "
         "assignments sum to 1, axis=1."),
        (softmax(d.min(axis=0) - d),
         "it subtracts the smallest distance of each *class*, which changes the assignments. "
         "Subtract the smallest of each image: axis=1, keepdims=True."),
        (e / e.sum(),
         "its softmax runs over images and classes together. Each image has assignments of its "
         "own, which sum to 1: axis=1, keepdims=True."),
        (e,
         "its assignments do not sum to 1: divide e to minus the distances by the sum of each row, "
         "axis=1, keepdims=True."),
        (softmax(d), "far classes get most of an image: a minus before the distances is missing."),
        *((softmax(-wrong), reason) for wrong, reason in _wrong_distances(c, u)),
        (softmax(u @ c.T), f"its assignments come from the dot product. {expected}"),
        (inverse / inverse.sum(axis=1, keepdims=True),
         f"its assignments are one over the distances. {expected}"),
        (d / d.sum(axis=1, keepdims=True),
         f"its assignments are the distances, divided by their sum. {expected}"),
        (nearest,
         "it gives each image to the nearest class alone, which is hard k-means. Divide the image "
         "among the classes, by the softmax."),
    ]  # fmt: skip


@np.errstate(all="ignore")
def _wrong_assignments(c, u):
    d = squared_distances(u, c)
    a, nearest = softmax(-d), np.eye(len(c))[d.argmin(axis=1)]
    every, once = "Every assignment counts, however small.", "Each image counts its assignment."
    return [
        (nearest * a,
         "it counts only the largest assignment of each image, or those above one half. "
         f"{every}"),
        (a.round(), f"it rounds the assignments. {every}"),
        (a.round(1), f"it rounds the assignments. {every}"),
        (np.sqrt(a), f"it takes the square roots of the assignments. {once}"),
        (1 - a, f"it counts 1 minus each assignment. {once}"),
        (np.ones_like(d), "it gives all of every image to every class. Each gets its assignment."),
        (np.full_like(d, 1 / len(c)),
         "it divides every image equally among the classes. The nearer the class, the more it "
         "gets: by the softmax."),
        (a**2, f"it squares the assignments. {once}"),
        (a / len(u),
         "it averages over the unlabeled images instead of summing: assignments.T @ unlabelled, "
         "and assignments.sum(axis=0)."),
    ]  # fmt: skip


def _with_a_prior(c, n, u):
    d = squared_distances(u, c)
    alone = "Assignments depend on the distances alone; `images_per_class` belongs in the mean."
    more = (
        "it assigns more of each image to a class with more support images (a prior in the "
        f"softmax). {alone}"
    )
    less = f"it assigns less of each image to a class with more support images. {alone}"
    return [
        (softmax(np.log(n) - d), more),
        (softmax(np.log(n / n.sum()) / 2 - d), more),
        (softmax(n - d), more),
        (softmax(n / n.sum() - d), more),
        (softmax(-d / n), more),
        (softmax(-d) / n,
         "it divides each assignment by the number of support images, or multiplies the support "
         "by it twice. Each image counts once, or its assignment."),
        (softmax(-np.log(n) - d), less),
        (softmax(-n * d), less),
    ]  # fmt: skip


def _wrong_distances(c, u):
    d, unscaled = squared_distances(u, c), "Leave them unscaled."
    return [
        (2 * d, f"it doubles the squared distances. {unscaled}"),
        (d / d.mean(), f"it divides the squared distances by their mean. {unscaled}"),
        (d / d.sum(axis=1, keepdims=True),
         f"it divides the distances of each image by their sum. {unscaled}"),
        (d / d.mean(axis=0), f"it divides the squared distances by their mean. {unscaled}"),
        (d / d.max(), f"it divides the squared distances by the largest. {unscaled}"),
        (np.sqrt(d),
         "it takes the distance. Expected the softmax of minus the *squared* distance: leave out "
         "the root."),
        (d / c.shape[1],
         "it takes the mean of the squared differences. The squared distance is their sum over the "
         "D coordinates."),
        (d / 2, f"it halves the squared distances, or divides them by the root of D. {unscaled}"),
        (d**2, "it squares the squared distances once more."),
        *wrong_squares(u[:, None] - c),
    ]  # fmt: skip


def _wrong_numbers(n):
    own = "Take each class's own number from `images_per_class`."
    return [
        (np.ones_like(n),
         "it counts the support of each class as one image, or multiplies the assignments by its "
         f"number of images. {own}"),
        (np.full_like(n, n[0]),
         f"it takes the number of the first class's support images for all classes. {own}"),
        (np.full_like(n, n.sum()), f"it counts all support images for each class. {own}"),
        (np.full_like(n, n.mean()), f"it takes the mean number of support images. {own}"),
        *((np.full_like(n, k), f"it counts {k} support images for every class. {own}")
          for k in range(2, 10)),
    ]  # fmt: skip


@np.errstate(all="ignore")
def _support_forgotten(c, n, u, a):
    counts, total, nearest = n[:, None], a.sum(axis=0)[:, None], np.eye(len(c))[a.argmax(axis=1)]
    keep = "Keep the support images in the mean; each counts 1."
    return [
        (nearest.T @ u / nearest.sum(axis=0)[:, None],
         "it gives each image to the nearest class alone, and forgets the support. Divide it among "
         f"the classes, by the softmax. {keep}"),
        (a.T @ u / total,
         "it forgets the support: the new prototype is the mean of the unlabeled images alone. "
         f"{keep}"),
        ((c + a.T @ u) / (counts + total),
         "it adds each prototype once to the sum, but counts all its support images in the "
         "divisor. The sum of the support is its mean times its number: "
         "images_per_class[:, None] * prototypes."),
        (a.T @ u / (counts + total),
         "it divides by the number of support images plus the assignments, but the support is "
         "missing in the sum: images_per_class[:, None] * prototypes."),
    ]  # fmt: skip


def _wrong_divisors(c, n, u, a):
    counts, total = n[:, None], a.sum(axis=0)[:, None]
    by_both = "Divide by `images_per_class` plus the assignments of the class."
    wrong = [
        (1 + total,
         f"it adds the support images to the sum, but divides as if they were one. {by_both}"),
        (total, f"it forgets the support in the divisor. {by_both}"),
        (counts, f"it divides by `images_per_class` alone. {by_both}"),
        (len(u), f"it divides by the number of unlabeled images. {by_both}"),
        (counts + len(u), f"it divides as if each class had all unlabeled images. {by_both}"),
        (counts + len(u) / len(c),
         f"it divides as if the unlabeled images went to the classes in equal parts. {by_both}"),
        (n.sum() + len(u), f"it divides by the number of all images. {by_both}"),
        (counts + 1, f"it divides by one more than the number of support images. {by_both}"),
        (1, f"it returns the sums, undivided. {by_both}"),
    ]  # fmt: skip
    return [((counts * c + a.T @ u) / divisor, reason) for divisor, reason in wrong]


def _means_of_means(c, n, u, a):
    counts, total = n[:, None], a.sum(axis=0)[:, None]
    means = a.T @ u / total
    each = (
        "Expected the mean of all images, in which each support image counts 1 and each unlabeled "
        "one its assignment."
    )
    return [
        ((c + means) / 2,
         "it takes the midpoint of the old prototype and the mean of the unlabeled images. "
         f"{each}"),
        ((counts * c + means) / (counts + 1),
         f"it counts the unlabeled images of a class as one image, all together. {each}"),
        ((counts * c + means) / (counts + total),
         "it adds the *mean* of the unlabeled images to the *sum* of the support. Add their sum, "
         "assignments.T @ unlabelled."),
        (c + total * (means - c) / len(u),
         "it moves each prototype by the mean of the assignments times the differences, whatever "
         f"the support. {each}"),
        (c + total * (means - c),
         "it moves each prototype by the sum of the assignments times the differences. "
         f"{each}"),
    ]  # fmt: skip


def _wrong_steps(c, n, u, right):
    given = "All assignments come from the given prototypes."
    itself = "The new prototype is the mean itself."
    return [
        (_class_by_class(c, n, u),
         "it moves one prototype after the other, and computes the next one's assignments from the "
         f"moved ones. {given}"),
        ((c + right) / 2, f"it goes only halfway. {itself}"),
        (c + right, f"it adds the old prototype to the new one. {itself}"),
        (right - c, f"it returns how far the prototypes move. {itself}"),
        (2 * c - right,
         "it moves the prototypes *away* from the unlabeled images. A sign is wrong."),
        (_image_by_image(c, n, u),
         "it moves the prototypes after each image, and assigns the next image by the moved ones. "
         f"{given}"),
        (c, "it returns the prototypes unchanged. The unlabeled images should move them."),
    ]  # fmt: skip


def _class_by_class(c, n, u):
    moved = c.astype("float64")
    for k in range(len(c)):
        moved[k] = refined(moved, n, u, assigned(moved, u))[k]
    return moved


def _image_by_image(c, n, u):
    for image in u[:, None]:
        assignments = assigned(c, image)
        c, n = refined(c, n, image, assignments), n + assignments[0]
    return c


def _wrong_images(c, n, u, a):
    return [
        (refined(c, n, u[:1], a[:1]),
         f"only the first unlabeled image moves the prototypes. {RETURNS_TOO_SOON}"),
        (refined(c, n, u[:-1], a[:-1]),
         "the last unlabeled image is missing. range(n) ends at n - 1."),
    ]  # fmt: skip


def _not_the_prototypes(c, n, u, a, right):
    last_step = "They are right; the mean is missing, in which each image counts its assignment."
    prototypes = "Expected the new prototypes, one for each class."
    return [
        (a, f"it returns the assignments. {last_step}"),
        (a.T, f"it returns the assignments, a row for each class. {last_step}"),
        (squared_distances(u, c),
         "it returns the squared distances. They are right; the assignments come next."),
        (n + a.sum(axis=0), f"it returns how many images each class has now. {prototypes}"),
        (a @ right, f"it returns a row for each unlabeled image. {prototypes}"),
        (a @ c, f"it returns a mean of prototypes for each unlabeled image. {prototypes}"),
    ]  # fmt: skip


def _wrong_axis(c, n, u, a):
    """With as many classes as coordinates, a missing axis shows only in the numbers."""
    counts, total = n[:, None], a.sum(axis=0)
    per_class = "with [:, None], it has a row for each class."
    return [
        ((n * c + a.T @ u) / (counts + total[:, None]),
         f"it multiplies each column by the number of a class: {per_class}"),
        ((counts * c + a.T @ u) / (n + total),
         f"it divides each column by the number of a class: {per_class}"),
        ((n * c + a.T @ u) / (n + total),
         f"it multiplies and divides each column by the number of a class: {per_class}"),
    ]  # fmt: skip
