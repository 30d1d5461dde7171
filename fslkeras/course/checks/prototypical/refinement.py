"""Chapter 2, Going further: one step of soft k-means, in which unlabeled images move prototypes."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import close, compare, proportional, refuse_extras
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.prototypical.refinement_mistakes import mistakes
from fslkeras.course.checks.prototypical.soft_k_means import assigned, refined


@exercise(
    hints=(
        "Three steps: how far each unlabeled image is from each prototype, how much of it is "
        "assigned to each class, and the mean of all that a class has now. In this mean, a support "
        "image counts 1 and an unlabeled image its assignment.",
        "The assignments, (U, N), are e to minus the squared distances, divided by the sum of each "
        "row: axis=1, keepdims=True. Subtract the smallest distance of each row first: that "
        "changes no assignment, and keeps a far image from 0 / 0.",
        "A mean times its number of images is their sum: images_per_class[:, None] * prototypes. "
        "Add assignments.T @ unlabelled, and divide by "
        "(images_per_class + assignments.sum(axis=0))[:, None].",
    ),
    solution="""distances = ((unlabelled[:, None] - prototypes) ** 2).sum(axis=-1)  # (U, N)
# Subtracting the smallest distance changes nothing, and avoids 0 / 0.
assignments = np.exp(distances.min(axis=1, keepdims=True) - distances)
assignments = assignments / assignments.sum(axis=1, keepdims=True)
sums = images_per_class[:, None] * prototypes + assignments.T @ unlabelled
return sums / (images_per_class + assignments.sum(axis=0))[:, None]""",
)
def refinement(answer):
    """Checks a function from prototypes (N, D), counts (N,) and images (U, D) to prototypes."""
    rng = np.random.default_rng(39)
    counts_type = _type_of_counts(answer, *_draw(rng, (2, 4, 1), 6, 4))
    for images, n_unlabeled, size in (((5, 1, 7), 6, 4), ((2, 1, 5, 1), 5, 4), ((3, 1), 1, 3)):
        c, n, u = _draw(rng, images, n_unlabeled, size)
        right = refined(c, n, u, assigned(c, u))
        inputs = c, n.astype(counts_type), u
        refuse_extras(answer, inputs, right)
        got = call(answer, *inputs)
        wrong = [*_more_than_one_step(got, c, n, u), *mistakes(c, n, u), *_proportional(got, right)]
        compare(got, right, wrong, "(classes, D)", "prototypes")
    _check_far_images(answer, counts_type, *_draw(rng, (2, 4, 1), 5, 4))
    return "Unlabeled images now move the prototypes, each in proportion to its assignments."


def _draw(rng, images, n_unlabeled, size):
    c, u = (
        rng.normal(0.2, 0.7, (rows, size)).astype("float32") for rows in (len(images), n_unlabeled)
    )
    return c, np.array(images, "float32"), u


def _type_of_counts(answer, c, n, u):
    """Floats, as tensors need them; integers if the answer stops with an error on floats."""
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
            "it takes more than one step. Expected one: compute the assignments once, from the "
            "given prototypes.",
        )


def _proportional(got, right):
    if got.shape == right.shape and proportional(got, right):
        yield (
            got,
            "each prototype is right up to a factor: divide the sum of a class by its number of "
            "support images plus all its assignments.",
        )


def _more_steps(c, n, u):
    """The prototypes after several steps; the support may stay in the mean, move, or be lost."""
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


_UNDERFLOW = "e to minus a large distance is 0 in floating point"
_NO_NUMBER = "e to a large number is infinite, and 0 / 0 and inf / inf are not numbers"
_REMEDY = (
    "Subtract each image's smallest distance from its distances first, which changes no "
    "assignment, or use a library's softmax."
)


def _check_far_images(answer, counts_type, c, n, u):
    """Two images so far from all prototypes that e to minus their distances underflows."""
    c[:, 0] = -3, 0, 3
    u[:2, 0] = 200, -200
    lost = f"an image far from all prototypes makes it {{}}: {_UNDERFLOW}, {_NO_NUMBER}. {_REMEDY}"
    try:
        got = call(answer, c, n.astype(counts_type), u)
    except Wrong as wrong:
        raise Wrong(lost.format("stop") + f" ({wrong})") from None
    if not np.isfinite(got).all():
        raise Wrong(lost.format("return NaN (not a number)"))
    right = refined(c, n, u, assigned(c, u))
    places = "prototypes, with images far from all of them,"
    compare(got, right, _mistakes_with_far_images(c, n, u), "(classes, D)", places)


def _mistakes_with_far_images(c, n, u):
    assignments = assigned(c, u)
    uniform = np.where(np.arange(len(u))[:, None] < 2, 1 / 3, assignments)
    return [
        (refined(c, n, u[2:], assignments[2:]),
         f"it leaves out an image far from all prototypes: {_UNDERFLOW}, and the image has no "
         f"assignments left. {_REMEDY}"),
        (refined(c, n, u, uniform),
         "it assigns an image far from all prototypes equally to all classes: "
         f"{_UNDERFLOW}, whatever the class. {_REMEDY}"),
    ]  # fmt: skip
