"""The appendix on photographs: features scaled to length one."""

import numpy as np
from scipy.special import softmax

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import close, compare, proportional
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import copied_example


@exercise(
    hints=(
        "Divide each row by its own length.",
        "The length is the square root of the sum of the squares: "
        "`np.linalg.norm(features, axis=1, keepdims=True)` computes it for every row.",
        "The features of a black photograph may all be zero. `np.maximum(lengths, 1e-12)` avoids "
        "0 / 0.",
    ),
    solution="""lengths = np.linalg.norm(features, axis=1, keepdims=True)  # (n, 1)
return features / np.maximum(lengths, 1e-12)  # a row of zeros stays zero""",
)
def unit_length(answer):
    """Checks a function from features (n, D) to the same rows scaled to length one."""
    rng = np.random.default_rng(5)
    for n, size in ((4, 6), (3, 2), (5, 5)):
        features = (rng.gamma(1, 2, (n, size)) - 0.7).astype("float32")
        got, want = call(answer, features), _unit(features)
        mistakes = _mistakes(features) + _wrong_length(got, want)
        compare(got, want, mistakes, "(n, D)", "rows")
    features = np.array([row for row, _ in _SPECIAL], "float32")
    got, want = call(answer, features), _unit(features)
    if got.shape == want.shape:
        for (row, advice), right, received in zip(_SPECIAL, want, got, strict=True):
            if not close(received, right):
                raise Wrong(
                    f"for the row {row}, expected {np.round(right, 3)}, but it returns "
                    f"{np.round(received, 3)}. {advice}"
                )
    compare(got, want, (), "(n, D)", "rows")
    return "Now only the direction of a photograph's features counts, not their size."


_ALL_ZEROS = "Only a row with nothing but zeros stays as it is."
_SPECIAL = (  # rows, and advice for answers that are wrong there
    ([-3, 4], _ALL_ZEROS),
    ([0, 0], "A row of zeros has length 0, and 0 / 0 is not a number (NaN). It stays zero."),
    ([0, -2], _ALL_ZEROS),
    ([2, -2], _ALL_ZEROS),
    ([0.0048, 0.0064], "Is the number that avoids 0 / 0 too large?"),
)


def _unit(rows, axis=1):
    return rows / np.maximum(np.linalg.norm(rows, axis=axis, keepdims=True), 1e-12)


def _mistakes(features):
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    to_one = "that makes the {} 1. Expected length 1: the root of the sum of squares."
    lengths_only = "it returns the lengths. Divide each row by its own length."
    own = "Each row has its own length."
    return [
        (_unit(features, axis=0),
         "it scales the columns. For the length of each photograph's features, sum over its D "
         "numbers: axis=1."),
        (features / np.linalg.norm(features), f"it divides the whole array by one length. {own}"),
        (features / lengths**2, "it divides by the squared length. The square root is missing."),
        (features / np.sqrt(lengths),
         "it takes the square root of the length, which is a root already."),
        (features / lengths * features.shape[1] ** 0.5,
         "it takes the mean of the squares. Expected their sum."),
        (features**2 / lengths**2, "it squares the features, too. Only the length needs squares."),
        (features / np.abs(features).sum(axis=1, keepdims=True),
         to_one.format("sum of the absolute values")),
        (features / features.sum(axis=1, keepdims=True), to_one.format("sum")),
        (features / features.max(axis=1, keepdims=True), to_one.format("largest value")),
        (features / features.max(), f"it divides by the largest value of all rows. {own}"),
        (features / features.shape[1] ** 0.5, f"it divides every row by the root of D. {own}"),
        (lengths, lengths_only),
        (lengths[:, 0], lengths_only),
        (features * lengths, "it multiplies by the length. Divide by it."),
        *_shifted(features),
        (softmax(features, axis=1), f"it takes the softmax: {to_one.format('sum')}"),
        (_unit(features)[0], "it returns only the first row. Is `return` inside the loop?"),
        (_unit(np.abs(features)), "it loses the signs. Only the length should change."),
        (features, "it returns the features unchanged."),
        (np.zeros_like(features),
         "every number is 0. Does it divide integers, or write into an array of integers?"),
        (np.trunc(_unit(features)),
         "it returns whole numbers: an array of integers drops what comes after the decimal "
         "point."),
        copied_example([[0.6, 0.8], [0, 0]]),
    ]  # fmt: skip


def _wrong_length(got, want):
    if got.shape != want.shape or not proportional(got, want):
        return []
    lengths = np.linalg.norm(got, axis=1)
    row = np.abs(lengths - 1).argmax()
    reason = f"row {row} has the right direction, but length {lengths[row]:.3g}. Expected length 1."
    return [(got, reason)]


def _shifted(features):
    low, high = features.min(axis=1, keepdims=True), features.max(axis=1, keepdims=True)
    per_row = features - features.mean(axis=1, keepdims=True)
    per_column = features - features.mean(axis=0)
    subtracts = "it subtracts the mean of each {} first. Expected a change of scale only."
    return [
        (per_row / features.std(axis=1, keepdims=True),
         "it standardizes each row. Expected a change of scale only."),
        (per_column / features.std(axis=0),
         "it standardizes each column, as for a linear model. Expected rows of length 1."),
        (_unit(per_row), subtracts.format("row")),
        (_unit(per_column), subtracts.format("column")),
        ((features - low) / (high - low),
         "it scales each row to 0..1. Expected rows of length 1."),
    ]  # fmt: skip
