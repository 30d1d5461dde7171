"""Chapter 2, Going further: one step of soft k-means, by which unlabeled images move the prototypes."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import close, compare, proportional, refuse_extras
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.prototypical.refinement_mistakes import mistakes
from fslkeras.course.checks.prototypical.soft_k_means import assigned, refined


@exercise(
    hints=(
        "Three steps: how far each unlabeled image is from each prototype, which share of it each class gets, and the mean of all "
        "that a class has now. In this mean a support image counts 1, an unlabeled one its share.",
        "The shares, (U, N), are e to minus the squared distances, divided by the sum of each row: axis=1, keepdims=True. Subtract "
        "the smallest distance of each row first: that changes no share, and keeps a far image from 0 / 0.",
        "A mean times its number of images is their sum: images_per_class[:, None] * prototypes. Add shares.T @ unlabelled, and "
        "divide by (images_per_class + shares.sum(axis=0))[:, None].",
    ),
    solution="""distances = ((unlabelled[:, None] - prototypes) ** 2).sum(axis=-1)  # (U, N)
# To subtract the smallest distance changes nothing, and avoids 0 / 0.
shares = np.exp(distances.min(axis=1, keepdims=True) - distances)
shares = shares / shares.sum(axis=1, keepdims=True)
sums = images_per_class[:, None] * prototypes + shares.T @ unlabelled
return sums / (images_per_class + shares.sum(axis=0))[:, None]""",
)
def refinement(answer):
    """Checks a function from prototypes (N, D), their numbers of images (N,) and unlabelled (U, D) to new prototypes (N, D)."""
    rng = np.random.default_rng(39)
    counts_type = _type_of_counts(answer, *_draw(rng, (2, 4, 1), 6, 4))
    for images, n_unlabelled, size in (((2, 4, 1), 6, 4), ((2, 1, 5, 1), 5, 4), ((3, 1), 1, 3)):
        c, n, u = _draw(rng, images, n_unlabelled, size)
        right = refined(c, n, u, assigned(c, u))
        inputs = c, n.astype(counts_type), u
        refuse_extras(answer, inputs, right)
        got = call(answer, *inputs)
        wrong = [*_more_than_one_step(got, c, n, u), *mistakes(c, n, u), *_proportional(got, right)]
        compare(got, right, wrong, "(classes, D)", "prototypes")
    _check_far_images(answer, counts_type, *_draw(rng, (2, 4, 1), 5, 4))
    return "Images that nobody has labelled now move the prototypes, each as far as it seems to belong there."


def _draw(rng, images, n_unlabelled, size):
    c, u = (
        rng.normal(0.2, 0.7, (rows, size)).astype("float32") for rows in (len(images), n_unlabelled)
    )
    return c, np.array(images, "float32"), u


def _type_of_counts(answer, c, n, u):
    """Floats, as sums of labels are, and as tensors need them; or integers, where the answer stops with an error without them."""
    for dtype in ("float32", "int64"):
        try:
            call(answer, c, n.astype(dtype), u)
        except Wrong:
            continue
        return dtype
    return "float32"


def _more_than_one_step(got, c, n, u):
    if any(close(got, wrong) for wrong in _more_steps(c, n, u)):
        yield (
            got,
            (
                "it takes more than one step. Expected one: the shares come from the prototypes that it is given, and are not "
                "computed again."
            ),
        )


def _proportional(got, right):
    if got.shape == right.shape and proportional(got, right):
        yield (
            got,
            (
                "each prototype is right up to a factor: divide the sum of a class by what was summed, its number of support images "
                "plus all its shares."
            ),
        )


def _more_steps(c, n, u):
    """The prototypes after two and more steps; the support may stay in the mean, move with it, or be forgotten."""
    stays = moves = grows = forgotten = c
    images = n
    for step in range(100):
        stays = refined(c, n, u, assigned(stays, u))
        moves = refined(moves, n, u, assigned(moves, u))
        assignments = assigned(grows, u)
        grows, images = refined(grows, images, u, assignments), images + assignments.sum(axis=0)
        forgotten = refined(c, np.zeros_like(n), u, assigned(forgotten, u))
        if step:
            yield from (stays, moves, grows, forgotten)


def _check_far_images(answer, counts_type, c, n, u):
    """Two images so far from all prototypes that e to minus their distances is 0 in float64, too."""
    c[:, 0] = -3, 0, 3
    u[:2, 0] = 200, -200
    lost = (
        "an image far from all prototypes makes it {}: e to minus a large distance is 0 for the computer, and the shares of this image "
        "become 0 / 0. Subtract each image's smallest distance from its distances first, which changes no share, or use a library's "
        "softmax."
    )
    try:
        got = call(answer, c, n.astype(counts_type), u)
    except Wrong as wrong:
        raise Wrong(lost.format("stop") + f" ({wrong})") from None
    if not np.isfinite(got).all():
        raise Wrong(lost.format("return NaN (not a number)"))
    right = refined(c, n, u, assigned(c, u))
    compare(
        got,
        right,
        _mistakes_with_far_images(c, n, u),
        "(classes, D)",
        "prototypes, with images far from all of them,",
    )


def _mistakes_with_far_images(c, n, u):
    assignments = assigned(c, u)
    uniform = np.where(np.arange(len(u))[:, None] < 2, 1 / 3, assignments)
    zero = "e to minus a large distance is 0 for the computer,"
    remedy = "Subtract each image's smallest distance from its distances first, or use a library's softmax."
    return [
        (refined(c, n, u[2:], assignments[2:]),
         f"it leaves out an image far from all prototypes: {zero} and the image has no shares left. {remedy}"),
        (refined(c, n, u, uniform),
         f"it gives each class the same share of an image far from all prototypes: {zero} whatever the class. {remedy}"),
    ]  # fmt: skip
