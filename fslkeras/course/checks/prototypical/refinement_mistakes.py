"""The mistakes of `refinement`, in the order of its steps: assignments, numbers of images, the mean, and what is returned."""

import numpy as np

from fslkeras.course.checks.mistakes import (
    RETURNS_TOO_SOON,
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
    """Pairs of what each mistake makes of prototypes c, numbers of images n and unlabeled images u, and its reason."""
    a = assigned(c, u)
    right = refined(c, n, u, a)
    return [
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
    ]


@np.errstate(all="ignore")
def _wrong_assignments(c, u):
    d = squared_distances(u, c)
    e, inverse, nearest = np.exp(-d), 1 / d, np.eye(len(c))[d.argmin(axis=1)]
    return [
        (softmax(-d, axis=0),
         "its softmax runs over the images. Each image is shared out among the *classes*: its shares sum to 1, axis=1."),
        (e / e.sum(),
         "its softmax runs over the images and the classes together. Each image has shares of its own, which sum to 1: axis=1, "
         "keepdims=True."),
        (e, "its shares do not sum to 1: divide e to minus the distances by the sum of each row, axis=1, keepdims=True."),
        (softmax(d), "the far classes get most of an image: the minus sign before the distances is missing."),
        *((softmax(-wrong), reason) for wrong, reason in _wrong_distances(c, u)),
        (softmax(u @ c.T), "its shares come from the dot product. Expected the softmax of minus the squared distances."),
        (inverse / inverse.sum(axis=1, keepdims=True),
         "its shares are one over the distances. Expected the softmax: e to minus the squared distances, divided by the sum."),
        (d / d.sum(axis=1, keepdims=True),
         "its shares are the distances, divided by their sum. Expected the softmax of minus the distances."),
        (nearest,
         "it gives each image to the nearest class alone, which is hard k-means. Here an image is shared out, by the softmax."),
        (nearest * softmax(-d),
         "it counts the largest share of each image alone, or those above one half. Each share counts, however small."),
        (softmax(-d).round(), "it rounds the shares. Each share counts, however small."),
        (softmax(-d).round(1), "it rounds the shares. Each share counts, however small."),
        (np.sqrt(softmax(-d)), "it takes the roots of the shares. Each image counts its share."),
        (1 - softmax(-d), "it counts what is left of an image beside a class's share. Each image counts its share."),
        (np.ones_like(d), "it gives every class the whole of every image. Each class gets its share."),
        (np.full_like(d, 1 / len(c)),
         "it gives every class the same share of every image. The nearer the class, the more it gets: by the softmax."),
        (softmax(-d) ** 2, "it takes the squares of the shares. Each image counts its share, once."),
        (softmax(-d) / len(u),
         "it takes the mean over the unlabeled images where the sum belongs: shares.T @ unlabelled, and shares.sum(axis=0)."),
    ]  # fmt: skip


def _with_a_prior(c, n, u):
    d = squared_distances(u, c)
    alone = "The shares come from the distances alone; `images_per_class` belongs to the mean."
    more = f"it gives a class with more support images a larger share of each image (a prior in the softmax). {alone}"
    less = f"it gives a class with more support images a smaller share of each image. {alone}"
    return [
        (softmax(np.log(n) - d), more),
        (softmax(np.log(n / n.sum()) / 2 - d), more),
        (softmax(n - d), more),
        (softmax(n / n.sum() - d), more),
        (softmax(-d / n), more),
        (softmax(-d) / n, "it divides each share by the number of support images. Each image counts its share."),
        (softmax(-np.log(n) - d), less),
        (softmax(-n * d), less),
    ]  # fmt: skip


def _wrong_distances(c, u):
    d = squared_distances(u, c)
    return [
        (2 * d, "it doubles the squared distances. Expected the softmax of minus the distances as they are."),
        (d / d.mean(), "it divides the squared distances by their mean. Take them as they are."),
        (d / d.sum(axis=1, keepdims=True), "it divides the distances of each image by their sum. Take them as they are."),
        (d / d.max(), "it divides the squared distances by the largest. Take them as they are."),
        (np.sqrt(d), "it takes the distance. Expected the softmax of minus the *squared* distance: leave out the root."),
        (d / c.shape[1], "it takes the mean of the squared differences. The squared distance is their sum over the D numbers."),
        (d / 2, "it takes half of the squared distances, or divides them by the root of D. Expected the softmax of minus the whole."),
        (d**2, "it squares the squared distances once more."),
        *wrong_squares(u[:, None] - c),
    ]  # fmt: skip


def _wrong_numbers(n):
    own = "Each class has its own"
    return [
        (
            np.ones_like(n),
            "it counts the support of each class as one image. It counts as many as `images_per_class` says.",
        ),
        (
            np.full_like(n, n[0]),
            f"it takes the number of the first class's support images for all classes. {own}.",
        ),
        (
            np.full_like(n, n.sum()),
            f"it counts all support images for each class. {own} number of them.",
        ),
        (
            np.full_like(n, n.mean()),
            f"it counts the support images of each class as the mean number of all. {own}.",
        ),
    ]


@np.errstate(all="ignore")
def _support_forgotten(c, n, u, a):
    counts, total, nearest = n[:, None], a.sum(axis=0)[:, None], np.eye(len(c))[a.argmax(axis=1)]
    return [
        (nearest.T @ u / nearest.sum(axis=0)[:, None],
         "it gives each image to the nearest class alone, and forgets the support. Share it out, by the softmax, and keep the "
         "support in the mean."),
        (a.T @ u / total,
         "it forgets the support: the new prototype is the mean of the unlabeled images alone. The support images stay in it, "
         "and count 1 each."),
        ((c + a.T @ u) / (counts + total),
         "it adds each prototype once to the sum, and counts all its support images in the divisor. The sum of the support is "
         "its mean times its number: images_per_class[:, None] * prototypes."),
        (a.T @ u / (counts + total),
         "it adds up the unlabeled images, and divides by the number of support images and the shares, but the support is "
         "missing in the sum: images_per_class[:, None] * prototypes."),
    ]  # fmt: skip


def _wrong_divisors(c, n, u, a):
    counts, total, by_both = (
        n[:, None],
        a.sum(axis=0)[:, None],
        "Divide by `images_per_class` plus the shares",
    )
    wrong = [
        (1 + total, f"it adds the support images to the sum, and counts them as one in the divisor. {by_both}."),
        (total, f"it forgets the support in the divisor. {by_both}."),
        (counts, "it divides by `images_per_class` alone. The shares count, too: add their sum for each class."),
        (len(u), "it divides by the number of unlabeled images. Divide by what was summed: `images_per_class` plus the shares "
                 "of the class."),
        (counts + len(u),
         "it divides as if each class had got all of each unlabeled image. Of the images, it got its shares: add their sum to "
         "`images_per_class`."),
        (counts + len(u) / len(c),
         "it divides as if the unlabeled images had gone to the classes in equal parts. Each class has a sum of shares of its "
         "own."),
        (n.sum() + len(u),
         "it divides by the number of all images. Each class has a divisor of its own: its support images plus its shares."),
        (counts + 1,
         "it divides by one more than the number of support images. Divide by that number plus the shares of the class."),
        (1, f"it returns the sums, not divided. {by_both} of each class."),
    ]  # fmt: skip
    return [((counts * c + a.T @ u) / divisor, reason) for divisor, reason in wrong]


def _means_of_means(c, n, u, a):
    counts, total = n[:, None], a.sum(axis=0)[:, None]
    means = a.T @ u / total
    return [
        ((c + means) / 2,
         "it takes the middle of the old prototype and the mean of the unlabeled images. In the mean of all of them each "
         "support image counts 1, each unlabeled one its share."),
        ((counts * c + means) / (counts + 1),
         "the unlabeled images of a class count as one, all together. Each counts its share: their sum belongs to the sum, the "
         "sum of their shares to the divisor."),
        ((counts * c + means) / (counts + total),
         "it adds the *mean* of the unlabeled images to the *sum* of the support. Add their sum, shares.T @ unlabelled."),
        (c + total * (means - c) / len(u),
         "it moves each prototype by the mean of the shares times the ways to the images, whatever the support. In the mean of "
         "all of them each support image counts 1, each unlabeled one its share."),
        (c + total * (means - c),
         "it moves each prototype by the sum of the shares times the ways to the images. Expected the mean, in which each "
         "support image counts 1, each unlabeled one its share."),
    ]  # fmt: skip


def _wrong_steps(c, n, u, right):
    return [
        (_class_by_class(c, n, u),
         "it moves one prototype after the other, and computes the next one's shares from the moved ones. All shares come from "
         "the prototypes that it is given."),
        ((c + right) / 2, "it goes half of the way. The new prototype is the mean itself, without the old one again."),
        (c + right, "it adds the old prototype to the new one. The new one is the mean itself."),
        (right - c, "it returns how far the prototypes move. Expected the places where they arrive."),
        (2 * c - right, "it moves the prototypes *away* from the unlabeled images. A sign is wrong."),
        (_image_by_image(c, n, u),
         "it moves the prototypes after each image, and shares out the next one by the moved ones. All images are shared out by "
         "the prototypes that it is given."),
        (c, "it returns the prototypes as they were. The unlabeled images are to move them."),
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
        (
            refined(c, n, u[:1], a[:1]),
            f"only the first unlabeled image moves the prototypes. {RETURNS_TOO_SOON}",
        ),
        (
            refined(c, n, u[:-1], a[:-1]),
            "the last unlabeled image is missing. range(n) ends at n - 1.",
        ),
    ]


def _not_the_prototypes(c, n, u, a, right):
    last_step = "They are right; the last step is the mean, in which each image counts its share."
    return [
        (a, f"it returns the shares. {last_step}"),
        (a.T, f"it returns the shares, a row for each class. {last_step}"),
        (squared_distances(u, c), "it returns the squared distances. They are right; next come the shares."),
        (n + a.sum(axis=0),
         "it returns how many images each class has now, its shares among them. Expected the new prototypes."),
        (a @ right, "it returns a row for each unlabeled image. Expected the new prototypes, one for each class."),
        (a @ c, "it returns for each unlabeled image the mean of the prototypes. It is the prototypes that are to move."),
    ]  # fmt: skip


def _wrong_axis(c, n, u, a):
    """Where there are as many classes as an embedding has numbers, a missing axis shows only in the numbers."""
    counts, total, per_class = (
        n[:, None],
        a.sum(axis=0),
        "`images_per_class[:, None]` has a row for each class.",
    )
    return [
        ((n * c + a.T @ u) / (counts + total[:, None]), f"it multiplies each column by the number of a class: {per_class}"),
        ((counts * c + a.T @ u) / (n + total),
         "it divides each column by the number of a class: with [:, None] the divisor has a row for each class."),
        ((n * c + a.T @ u) / (n + total), f"it multiplies and divides each column by the number of a class: {per_class}"),
    ]  # fmt: skip
