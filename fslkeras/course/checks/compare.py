"""Compares what an answer returns with the right result and with those of known mistakes.

A mistake is a pair (value, reason): what the mistake would return, and the sentence to show. The
first match is shown.
"""

import numpy as np

from fslkeras.course.checks.answers import call, predicted, returned_by
from fslkeras.course.checks.exercise import Wrong

_TOLERANCE = {"rtol": 1e-3, "atol": 1e-3}  # float16 answers pass, mistakes do not


def close(a, b):
    """Whether two arrays have the same shape and, up to rounding, the same numbers."""
    return a.shape == b.shape and np.allclose(a, b, **_TOLERANCE)


def proportional(got, right):
    """Whether each row is the other array's row times a positive number, one per row."""
    with np.errstate(all="ignore"):
        ratios = got / right
    return (
        np.isfinite(ratios).all()
        and (ratios > 0).all()
        and (np.ptp(ratios, axis=1) < 1e-3 * np.abs(ratios).max(axis=1)).all()
    )


def compare(got, want, mistakes=(), meaning="", places="rows"):
    """Raises `Wrong`, with the most specific reason, unless two arrays are equal up to rounding.

    Args:
        got: float array, what the answer returned.
        want: float array, the right result.
        mistakes: pairs of what a mistake would return, an array of any shape, and the reason.
        meaning: what the axes of `want` mean, such as "(classes, D)".
        places: what the first axis of `want` counts, for the message that shows a difference.

    Raises:
        Wrong: if they differ.
    """
    want = np.asarray(want, "float64")
    if close(got, want):
        return
    for wrong, reason in mistakes:
        if close(got, np.asarray(wrong, "float64")):
            raise Wrong(reason)
    _compare_shapes(got, want, meaning)
    if np.isnan(got).any():
        raise Wrong(
            "it returns NaN (not a number) in places. Does it divide zero by zero or infinity by "
            "infinity, or take the root of a negative number?"
        )
    if want.ndim == 0:
        raise Wrong(f"expected {want:.4g} for random {places}, but it returns {got:.4g}.")
    row = int(
        np.flatnonzero(~np.isclose(got, want, **_TOLERANCE).reshape(len(want), -1).all(axis=1))[0]
    )
    raise Wrong(
        f"the shape is right, but the numbers are not. The first of the {places} to differ is "
        f"number {row}: expected {np.round(want[row], 3)}, received {np.round(got[row], 3)}."
    )


def _compare_shapes(got, want, meaning):
    if got.shape == want.shape:
        return
    expected = f"{want.shape}, that is {meaning}," if meaning else f"{want.shape}"
    if got.ndim != want.ndim and got.squeeze().shape == want.squeeze().shape:
        missing = "an axis too many" if got.ndim > want.ndim else "an axis missing"
        raise Wrong(
            f"the numbers may be right, but there is {missing}: expected {expected} and received "
            f"{got.shape}."
        )
    raise Wrong(f"expected a result of shape {expected} but received shape {got.shape}.")


def reason_for(number, mistakes, rtol=0, atol=0):
    """The reason of the first mistake that gives this number, or an empty string."""
    return next(
        (
            reason
            for wrong, reason in mistakes
            if np.isclose(number, wrong, rtol=rtol, atol=atol, equal_nan=True)
        ),
        "",
    )


def compare_form(answer, right, tolerance, otherwise):
    """Raises `Wrong`, with the reason for the first mistake, unless a form's numbers are right.

    Args:
        answer: the learner's dict, as in `predicted`.
        right: dict from each name to (right number, dict from a mistake's number to its reason).
        tolerance: how far off a number may be.
        otherwise: the reason for a wrong number that no listed mistake gives.
    Raises:
        NotAttempted, Wrong: as `predicted`; `Wrong` too for a wrong number.
    """
    values = predicted(answer, right)
    for name, (number, mistakes) in right.items():
        if not abs(values[name] - number) <= tolerance:
            reason = reason_for(values[name], mistakes.items(), atol=tolerance) or otherwise
            raise Wrong(f"{name}: not {values[name]:g}. {reason}")


def call_or_explain(answer, inputs, easier_cases):
    """What an answer returns, as `call`; if it fails, says whether an easier case works.

    Args:
        answer: the learner's function.
        inputs: its arguments.
        easier_cases: (name, arguments, right result) of each easier case.
    Raises:
        NotAttempted, Wrong: as `call`.
    """
    try:
        return call(answer, *inputs)
    except Wrong as wrong:
        for easier, simple, right in easier_cases:
            if _is_right(answer, simple, right):
                raise Wrong(f"it works only for {easier}. (Otherwise {wrong})") from None
        raise


def refuse_extras(answer, inputs, right):
    """Raises `Wrong` if an answer returns the right prototypes and something else with them."""
    try:
        returned = returned_by(answer, *inputs)
    except Wrong:
        return
    if isinstance(returned, (tuple, list)) and len(returned) > 1:
        if any(_is_right(lambda one=one: one, (), right) for one in returned):
            raise Wrong("the prototypes are right, but leave out what else it returns.")


def _is_right(answer, inputs, right):
    try:
        compare(call(answer, *inputs), right)
    except Wrong:
        return False
    return True
