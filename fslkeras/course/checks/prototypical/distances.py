"""Chapter 2: squared distances of queries and prototypes, without a loop."""

import numpy as np

from fslkeras.course.checks.answers import call, loops
from fslkeras.course.checks.compare import compare
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import (
    copied_example,
    first_query_only,
    rows_and_columns,
    whole_numbers,
    wrong_squares,
)
from fslkeras.course.checks.prototypical.support import rounded


@exercise(
    hints=(
        "Subtract every prototype from every query at once. `queries[:, None, :]` has the shape (Q, 1, D), "
        "`prototypes[None, :, :]` has (1, N, D): what is the shape of their difference?",
        "NumPy repeats an axis of size 1 as often as needed: the difference has the shape (Q, N, D). "
        "Square it, and sum over the axis that is to disappear.",
        "It is the last axis: differences = queries[:, None, :] - prototypes[None, :, :], then the sum of differences**2 "
        "along axis=-1.",
    ),
    solution="""differences = queries[:, None, :] - prototypes[None, :, :]  # (Q, N, D)
return (differences**2).sum(axis=-1)""",
)
def distances(answer):
    """Checks a function from queries (Q, D) and prototypes (N, D) to squared distances (Q, N), without a Python loop."""
    rng = np.random.default_rng(1)
    for n_queries, n_classes in ((4, 4), (6, 3), (1, 3), (3, 1)):
        q, c = _draw(rng, n_queries, n_classes, 5)
        q[0] = c[-1]  # a distance of zero
        if n_classes > 1:
            c[0] = 0  # a vector without a direction
        right = ((q[:, None] - c[None]) ** 2).sum(axis=-1)
        got = call(answer, q, c)
        at_origin = np.isnan(_cosine_distance(q, c))
        if at_origin.any() and np.array_equal(np.isnan(got), at_origin):
            raise Wrong(
                "it returns NaN (not a number) for a prototype at the origin: it divides by a length, which is zero there. "
                "The squared distance needs no lengths."
            )
        compare(got, right, _mistakes(q, c, right), "(queries, classes)", "queries")

    if loops(answer, few=_draw(rng, 3, 3, 2), many=_draw(rng, 40, 40, 10)):
        raise Wrong(
            "the distances are right, but it loops in Python: the more queries, prototypes or coordinates, the more steps it "
            "takes. One subtraction of arrays can handle all of them; the first hint says how."
        )
    return "And without a loop: every query meets every prototype at once, as a graphics card would have it."


def _draw(rng, n_queries, n_classes, size):
    return tuple(rng.normal(0.5, 1, (n, size)).astype("float32") for n in (n_queries, n_classes))


def _mistakes(q, c, right):
    differences = q[:, None] - c[None]
    return [
        *_wrong_powers(differences, right),
        *wrong_squares(differences),
        rows_and_columns(right, "query", "(queries, classes)"),
        *_wrong_axes(differences**2),
        *_wrong_expansions(q, c),
        *_other_measures(q, c, right),
        *whole_numbers(right),
        *rounded(right),
        copied_example([[2, 17, 25]], "the query of the example"),
        *first_query_only(right),
    ]


_NO_MEAN = "it divides by the number of queries, or of prototypes. The squared distance is a sum, not a mean."


def _wrong_powers(differences, right):
    squared = "The squared distance is"
    return [
        (np.sqrt(right), "it returns the distance, not its square: leave out the root."),
        (right / differences.shape[-1], f"it returns the mean over the D numbers. {squared} their sum."),
        (right / 2, "it returns half of the squared distance."),
        (2 * differences.sum(axis=-1), "it doubles the differences: `** 2` squares, `* 2` doubles."),
        ((np.abs(differences) ** 3).sum(axis=-1), "it takes the third power: square."),
        (right / len(differences), _NO_MEAN),
        (right / differences.shape[1], _NO_MEAN),
        (right**2, "it squares the squared distance once more."),
        ((differences**4).sum(axis=-1), "it takes the fourth power: square once."),
        (-right, "it returns minus the distance. That will be the score, one step further on; a distance is never negative."),
        (-np.sqrt(right), f"it returns minus the distance, and not squared. {squared} a sum of squares, never negative."),
    ]  # fmt: skip


def _wrong_axes(squares):
    right, last_axis = (
        squares.sum(axis=-1),
        "The axis that is to disappear is the last, D: axis=-1.",
    )
    every, two = "Expected the distance to every prototype.", squares[..., :2].sum(axis=-1)
    return [
        (np.sqrt(squares.max(axis=-1)), "it takes the largest of the absolute differences. Expected the sum of the squares."),
        (squares.min(axis=-1), "it takes the smallest of the squared differences. Expected their sum."),
        (squares.prod(axis=-1), "it multiplies the squared differences. Expected their sum."),
        (np.sort(right, axis=1), "it sorts the distances of each query. Column k is the distance to prototype k."),
        (right.argsort(axis=1), f"it returns the order of the prototypes. {every}"),
        (squares[..., 0], f"it uses the first number alone. {last_axis}"),
        (squares[..., :-1].sum(axis=-1), "it leaves out the last number: a slice [:-1], or range(n), ends before it."),
        (squares.max(axis=-1), "it takes the largest of the squared differences. Expected their sum."),
        (two, "it uses the first two numbers only, as in the example. Here there are five: sum over all of the last axis."),
        (right.diagonal(),
         "it compares each query with one prototype only, the one in the same row. Every query meets every prototype: "
         "queries[:, None, :] and prototypes[None, :, :]."),
        (squares.sum(axis=0), f"it sums over the queries. {last_axis}"),
        (squares.sum(axis=1), f"it sums over the prototypes. {last_axis}"),
        (squares.sum(), "it returns one number for everything. Sum over the last axis alone: axis=-1."),
        (right.min(axis=1), f"it returns the distance to the nearest prototype alone. {every}"),
        (right.argmin(axis=1), f"it returns the number of the nearest prototype. {every}"),
        (squares, "the squares are right, the last step is missing: sum them over the last axis."),
    ]  # fmt: skip


def _wrong_expansions(q, c):
    """What is left of z^2 - 2 z c + c^2."""
    products, q2, c2 = q @ c.T, (q**2).sum(axis=1)[:, None], (c**2).sum(axis=1)
    formula = "(z - c)^2 = z^2 - 2 z c + c^2."
    return [
        (c2 - 2 * products,
         "the square is expanded, and |z|^2 is missing. The ranking would be the same, the distance is not."),
        (q2 + 2 * products + c2,
         "it adds where it should subtract: (z + c)^2. (If you expanded the square, the middle term has the wrong sign.)"),
        (q2 - products + c2, f"the square is expanded, and the 2 of the middle term is missing: {formula}"),
        (q2 + c2, f"the square is expanded, and the middle term is missing: {formula}"),
        (q2 - c2, "it subtracts the squares, z^2 - c^2. Subtract first, then square."),
    ]  # fmt: skip


def _other_measures(q, c, right):
    cosine = np.nan_to_num(_cosine_distance(q, c))
    e = np.exp(right.min(axis=1, keepdims=True) - right)
    return [
        (
            e / e.sum(axis=1, keepdims=True),
            "it returns the softmax of minus the distances. Expected the distances themselves.",
        ),
        (
            1 / (1 + right),
            "it returns a similarity, high where the distance is low. Expected the distance itself.",
        ),
        (
            right.max() - right,
            "it returns a similarity, high where the distance is low. Expected the distance itself.",
        ),
        (_squares(q, q), "it compares the queries with each other. Subtract the prototypes."),
        (
            _squares(c, c),
            "it compares the prototypes with each other. Subtract them from the queries.",
        ),
        (
            _squares(np.trunc(q), np.trunc(c)),
            "it makes whole numbers of its arguments. Subtract them as they are.",
        ),
        (
            _squares(_on_the_sphere(q), _on_the_sphere(c)),
            "it gives each vector the length 1 first. Subtract them as they are.",
        ),
        (
            q @ c.T,
            "it returns the product of query and prototype, which is high for similar ones. Expected a distance.",
        ),
        (
            np.exp(-right),
            "it returns e to minus the distance, a part of the softmax. Expected the distance itself.",
        ),
        (
            cosine,
            "it compares directions, by the cosine. Expected the sum of the squared differences.",
        ),
    ]


def _squares(a, b):
    return ((a[:, None] - b) ** 2).sum(axis=-1)


def _on_the_sphere(rows):
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


@np.errstate(all="ignore")
def _cosine_distance(q, c):
    return 1 - q @ c.T / np.sqrt((q**2).sum(axis=1)[:, None] * (c**2).sum(axis=1))
