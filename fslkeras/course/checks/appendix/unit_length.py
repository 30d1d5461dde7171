"""The appendix on photographs: features scaled to length one."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import compare
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import copied_example


@exercise(
    hints=(
        "Each row is divided by one number of its own: its length.",
        "The length is the square root of the sum of the squares: "
        "`np.linalg.norm(features, axis=1, keepdims=True)` has it for every row.",
        "A black photograph may have only zeros for features. `np.maximum(lengths, 1e-12)` keeps the division from being 0 / 0.",
    ),
    solution="""lengths = np.linalg.norm(features, axis=1, keepdims=True)  # (n, 1)
return features / np.maximum(lengths, 1e-12)  # a row of zeros stays one""",
)
def unit_length(answer):
    """Checks a function from features (n, D) to the same rows at length one."""
    rng = np.random.default_rng(5)
    for n, size in ((5, 5), (4, 6), (3, 2)):
        features = (rng.gamma(1, 2, (n, size)) - 0.7).astype("float32")
        compare(call(answer, features), _unit(features), _mistakes(features), "(n, D)", "rows")
    features[1] = 0
    got = call(answer, features)
    if got.shape == features.shape and np.isnan(got[1]).any():
        raise Wrong(
            "a row of zeros has length 0, and 0 / 0 is not a number (NaN). Expected zeros for such a row."
        )
    compare(got, _unit(features), (), "(n, D)", "rows")
    return "Now only the direction of a photograph's features counts, not their size."


def _unit(rows, axis=1):
    return rows / np.maximum(np.linalg.norm(rows, axis=axis, keepdims=True), 1e-12)


def _mistakes(features):
    with np.errstate(all="ignore"):
        lengths = np.linalg.norm(features, axis=1, keepdims=True)
        centered = features - features.mean(axis=1, keepdims=True)
        standardized = centered / features.std(axis=1, keepdims=True)
        per_column = (features - features.mean(axis=0)) / features.std(axis=0)
        low, high = features.min(axis=1, keepdims=True), features.max(axis=1, keepdims=True)
        to_one = "that makes the {} 1, not the length: the root of the sum of the squares"
        powers = np.exp(features - high)
        return [
            (_unit(features, axis=0),
             "it scales the columns. For the length of each photograph's features, sum over its D numbers: axis=1."),
            (features / np.linalg.norm(features), "it divides by one length for the whole array. Each row has its own."),
            (features / lengths**2, "it divides by the squared length. The square root is missing."),
            (features / np.sqrt(lengths), "it takes the square root of the length, which is a root already."),
            (features / np.abs(features).sum(axis=1, keepdims=True), f"{to_one.format('sum of the absolute values')}."),
            (features / features.sum(axis=1, keepdims=True), f"{to_one.format('sum')}."),
            (features / high, f"{to_one.format('largest value')}."),
            (features / features.max(), "it divides by the largest value of all. Each row has a length of its own."),
            (features / features.shape[1] ** 0.5, "it divides by the root of D, whatever the row. Each row has a length of its own."),
            (lengths, "it returns the lengths. Divide each row by its own."),
            (lengths[:, 0], "it returns the lengths. Divide each row by its own."),
            (features * lengths, "it multiplies by the length. Divide by it."),
            (standardized, "it standardizes each row. Nothing is subtracted here: only the scale changes."),
            (per_column, "it standardizes each column, as before a linear model. Here each row gets length 1."),
            (_unit(centered), "it subtracts the mean of each row first. Nothing is subtracted here."),
            (_unit(features - features.mean(axis=0)), "it subtracts the mean of each column first. Nothing is subtracted here."),
            ((features - low) / (high - low), "it scales each row to 0..1. Expected rows of length 1."),
            (powers / powers.sum(axis=1, keepdims=True), f"it takes the softmax; {to_one.format('sum')}."),
            (_unit(features)[0], "only the first row is there. Is `return` inside the loop?"),
            (_unit(np.abs(features)), "it loses the signs. Only the length is to change."),
            (features, "it returns the features as they came."),
            (np.zeros_like(features), "every number is 0. Does it divide whole numbers, or write into an array of integers?"),
            (np.trunc(_unit(features)), "it returns whole numbers: an array of integers throws away what comes after the point."),
            copied_example([[0.6, 0.8], [0, 0]]),
        ]  # fmt: skip
