"""Chapter 2: squared distances of queries and prototypes, without a loop."""

import numpy as np

from fslkeras.course.checks.answers import call, loops
from fslkeras.course.checks.compare import close, compare
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
        "Subtract every prototype from every query at once. `queries[:, None, :]` has the shape "
        "(Q, 1, D), `prototypes[None, :, :]` has (1, N, D): what is the shape of the difference?",
        "Broadcasting repeats an axis of size 1 as often as needed: the difference has the shape "
        "(Q, N, D). Square it, and sum over the axis that should disappear.",
        "That is the last axis: differences = queries[:, None, :] - prototypes[None, :, :], then "
        "the sum of differences**2 along axis=-1.",
    ),
    solution="""differences = queries[:, None, :] - prototypes[None, :, :]  # (Q, N, D)
return (differences**2).sum(axis=-1)""",
)
def distances(answer):
    """Checks a loop-free function from queries (Q, D), prototypes (N, D) to distances (Q, N)."""
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
                "it returns NaN (not a number) for a prototype at the origin: it divides by a "
                "length, which is zero there. The squared distance needs no lengths."
            )
        mistakes = [*_mistakes(q, c, right), *_scaled(got, right)]
        compare(got, right, mistakes, "(queries, classes)", "queries")

    if loops(answer, few=_draw(rng, 3, 3, 2), many=_draw(rng, 40, 40, 10)):
        raise Wrong(
            "the distances are right, but it loops in Python: the more queries, prototypes or "
            "coordinates, the more steps it takes. Subtract the arrays as a whole; the first hint "
            "says how."
        )
    return "It compares all queries with all prototypes at once, the way GPUs like it."


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
        (
            np.tile(right[0], (len(right), 1)),
            "it gives each query the distances of the first. Expected a row for each query.",
        ),
    ]


def _wrong_powers(differences, right):
    no_mean = "it divides by the number of queries or prototypes. Expected a sum, not a mean."
    minus = "it returns minus the distance. That is the score, in the next step."
    return [
        (np.sqrt(right), "it returns the distance, not its square: leave out the root."),
        (right / differences.shape[-1],
         "it returns the mean over the D coordinates. Expected the sum."),
        (right / 2, "it returns half the squared distance."),
        (2 * differences.sum(axis=-1),
         "it doubles the differences: `** 2` squares, `* 2` doubles."),
        ((np.abs(differences) ** 3).sum(axis=-1), "it takes the third power: square."),
        (right / len(differences), no_mean),
        (right / differences.shape[1], no_mean),
        (right**2, "it squares the squared distance once more."),
        ((differences**4).sum(axis=-1), "it takes the fourth power: square once."),
        (-right, minus),
        (-np.sqrt(right), f"{minus} And expected the squared distance: leave out the root."),
    ]  # fmt: skip


def _scaled(got, right):
    if got.shape == right.shape and got.sum() > 0 and close(got, got.sum() / right.sum() * right):
        yield (
            got,
            f"it returns the distances times {got.sum() / right.sum():.3g}. The squared distance "
            "is the plain sum of the squared differences.",
        )


def _wrong_axes(squares):
    right, two = squares.sum(axis=-1), squares[..., :2].sum(axis=-1)
    every = "Expected the distance to every prototype."
    last_axis = "Sum over the D coordinates, the last axis of (Q, N, D)."
    total = "Expected the sum of the squared differences."
    return [
        (np.sqrt(squares.max(axis=-1)), f"it takes the largest absolute difference. {total}"),
        (squares.min(axis=-1), f"it takes the smallest squared difference. {total}"),
        (squares.prod(axis=-1), f"it multiplies the squared differences. {total}"),
        (np.sort(right, axis=1),
         "it sorts each query's distances. Column k is the distance to prototype k."),
        (right.argsort(axis=1), f"it returns the order of the prototypes. {every}"),
        (squares[..., 0], f"it uses only the first coordinate. {last_axis}"),
        (squares[..., :-1].sum(axis=-1),
         "it leaves out the last coordinate: a slice [:-1], or range(n), ends before it."),
        (squares.max(axis=-1), f"it takes the largest squared difference. {total}"),
        (two,
         "it uses the first two coordinates only, as in the example. Here there are five: sum over "
         "the whole last axis."),
        (right.diagonal(),
         "it compares each query with one prototype only, the one in the same row. Compare every "
         "query with every prototype: queries[:, None, :] and prototypes[None, :, :]."),
        (squares.sum(axis=0), f"it sums over the queries. {last_axis}"),
        (squares.sum(axis=1), f"it sums over the prototypes. {last_axis}"),
        (squares.sum(), f"it returns one number for everything. {last_axis}"),
        (right.min(axis=1), f"it returns only the distance to the nearest prototype. {every}"),
        (right.argmin(axis=1), f"it returns the index of the nearest prototype. {every}"),
        (squares, "the squares are right, but the last step is missing: sum over the last axis."),
    ]  # fmt: skip


def _wrong_expansions(q, c):
    """What goes wrong with z^2 - 2 z c + c^2."""
    products, q2, c2 = q @ c.T, (q**2).sum(axis=1)[:, None], (c**2).sum(axis=1)
    formula = "(z - c)^2 = z^2 - 2 z c + c^2."
    subtract_first = "Subtract first, then square."
    return [
        (c2 - 2 * products,
         "it expands the square, but |z|^2 is missing. That does not change the order of the "
         "prototypes, but it does change the distance."),
        (q2 - 2 * products,
         "it expands the square, but |c|^2 is missing. Without it, a prototype far from the origin "
         "seems near."),
        (q2 + 2 * products + c2,
         "it adds where it should subtract: (z + c)^2. (If you expanded the square, the middle "
         "term has the wrong sign.)"),
        (q2 - products + c2,
         f"it expands the square, but the 2 of the middle term is missing: {formula}"),
        (np.sqrt(q2) - 2 * products + np.sqrt(c2),
         f"it expands the square, but does not square the lengths: {formula}"),
        (q2 - 2 * products - c2,
         f"it expands the square, but the last sign is wrong: {formula}"),
        (q2 + c2, f"it expands the square, but the middle term is missing: {formula}"),
        (q2 - c2, f"it subtracts the squares, z^2 - c^2. {subtract_first}"),
        (np.abs(q2 - c2), f"it compares the lengths of the vectors. {subtract_first}"),
    ]  # fmt: skip


def _other_measures(q, c, right):
    cosine = _cosine_distance(q, c)
    e = np.exp(right.min(axis=1, keepdims=True) - right)
    itself, unchanged = "Expected the distance itself.", "Subtract them unchanged."
    similarity = f"it returns a similarity, high where the distance is low. {itself}"
    return [
        (e / e.sum(axis=1, keepdims=True),
         f"it returns the softmax of minus the distances. {itself}"),
        (1 / (1 + right), similarity),
        (right.max() - right, similarity),
        (_squares(q, q), "it compares the queries with each other. Subtract the prototypes."),
        (_squares(c, c),
         "it compares the prototypes with each other. Subtract them from the queries."),
        (_squares(np.trunc(q), np.trunc(c)),
         f"it turns its arguments into whole numbers. {unchanged}"),
        (_squares(_on_the_sphere(q), _on_the_sphere(c)),
         f"it scales each vector to length 1 first. {unchanged}"),
        (q @ c.T,
         "it returns the product of query and prototype, which is high for similar ones. Expected "
         "a distance."),
        (np.exp(-right), f"it returns e to minus the distance, a part of the softmax. {itself}"),
        *((np.nan_to_num(cosine, nan=at_the_origin),
           "it compares directions, by the cosine. Expected the sum of the squared differences.")
          for at_the_origin in (0, 1)),
    ]  # fmt: skip


def _squares(a, b):
    return ((a[:, None] - b) ** 2).sum(axis=-1)


def _on_the_sphere(rows):
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(lengths > 0, lengths, 1)


@np.errstate(all="ignore")
def _cosine_distance(q, c):
    return 1 - q @ c.T / np.sqrt((q**2).sum(axis=1)[:, None] * (c**2).sum(axis=1))
