"""Chapter 3: the loss of a network that always gives the same score."""

from fslkeras.course.checks.compare import compare_form
from fslkeras.course.checks.exercise import exercise


@exercise(
    hints=(
        "Each query has 20 scores: one should be 1, and 19 should be 0. The query's loss is the "
        "mean of 20 squares.",
        "For a constant c, the true class costs (c - 1)², and each of the 19 others costs c².",
        "The loss is (1 * (c - 1)² + 19 * c²) / 20. Now insert the four constants.",
    ),
    solution=(
        'losses = {f"always {c:g}": (1 * (c - 1) ** 2 + 19 * c**2) / 20 for c in (0, 1, 0.5, 0.05)}'
    ),
)
def constant_losses(answer):
    """Checks a dict of the mean squared errors of four constant scores, at 20-way."""
    compare_form(answer, _CONSTANT_LOSSES, tolerance=0.0006, otherwise=_OTHERWISE)
    return (
        "A network that always answers 0.05 has learned nothing, and its loss is 0.0475. "
        "At 20-way, a low loss alone says little: look at the accuracy."
    )


_OTHERWISE = (
    "How far is the constant from 1 at the true class, and from 0 at the others? Square these "
    "errors, then take the mean over all 20."
)
_NO_PERCENT = "The loss is a mean of squares, not a percentage."
_SUM = "That is the sum over the classes. The mean squared error divides it by 20."
_ROOT = "That is the square root. The mean squared error has none."
_HALF = "The mean squared error has no factor of one half."
_TRUE_ALONE = "That counts the true class only. The mean includes the 19 others."
_OTHERS_ALONE = "That counts the 19 other classes only. The true class counts, too."
_NEGATIVE = "A mean of squares is never negative: square each error first."
_MEAN_FIRST = "That is the square of the mean error. Square each error first, then take the mean."
_ENTROPY = "That is a cross-entropy. Expected the mean squared error."
_TWENTY = "At 20-way, each query has 20 entries: a single 1 and 19 zeros."
_TWO_GROUPS = "The true class is one of 20 entries, not one of two: weight it accordingly."
_NOT_SQUARED = "Square the errors."
_NINETEEN = "Divide by all 20 entries, not by the 19 other classes."
_CONSTANT_LOSSES = {
    "always 0": (
        0.05,
        {
            1: f"{_SUM} (Or did you count the true class only?)",
            0.95: "That is the loss of always 1. 19 of 20 entries are zeros, where 0 is right.",
            0: "One of 20 entries should be 1, that of the true class, and there 0 is off by 1.",
            1 / 19: _NINETEEN,
            0.05**0.5: _ROOT,
            0.025: _HALF,
            0.5: _TWO_GROUPS,
            0.0475: "That is the loss of always 0.05. Here, the 19 other classes cost nothing.",
            5: _NO_PERCENT,
            0.1: _TWENTY,
            0.2: _TWENTY,
            20: "That is the sum over 20 queries. The mean squared error divides it by 400.",
            0.0025: _MEAN_FIRST,
            0.8059: _ENTROPY,  # Keras takes 1e-7 instead of 0
            -0.05: _NEGATIVE,
        },
    ),
    "always 1": (
        0.95,
        {
            19: _SUM,
            0.05: "That is the loss of always 0. 19 of 20 entries are zeros, where 1 is wrong.",
            0: _TRUE_ALONE,
            1: "The 19 other classes cost 1 each, the true class 0; take the mean of all 20.",
            0.95**0.5: _ROOT,
            0.475: _HALF,
            0.5: _TWO_GROUPS,
            95: _NO_PERCENT,
            0.8: _TWENTY,
            0.9: _TWENTY,
            0.9025: _MEAN_FIRST,
            -0.95: _NEGATIVE,
        },
    ),
    "always 0.5": (
        0.25,
        {
            0.5: "Square it: every entry is off by 0.5. (The square root of the loss is 0.5, too.)",
            5: _SUM,
            10: "Square the errors, then take their mean, not their sum.",
            0.0125: _TRUE_ALONE,
            0.2375: _OTHERS_ALONE,
            0.25 * 20 / 19: _NINETEEN,
            0.125: _HALF,
            0.45: "That is the distance from the mean entry, 0.05. Each entry is 0 or 1.",
            0: "Every entry is off by 0.5: halfway between 0 and 1 is never right.",
            25: _NO_PERCENT,
            0.2025: _MEAN_FIRST,
            0.2625: "Square both kinds of errors, that of the true class, too.",
            0.4875: "Square both kinds of errors, those of the other classes, too.",
            -0.45: _NEGATIVE,
            0.6931: _ENTROPY,
        },
    ),
    "always 0.05": (
        0.0475,
        {
            0.95: "That is the sum over the classes, or the true class's error, not squared. "
            "Expected the mean of 20 squares.",
            0.9025: _TRUE_ALONE,
            0.9025 / 20: "The 19 other classes are missing: each is off by 0.05.",
            0.0475 / 20: "The true class is missing, or counted as one of the others. Its score "
            "should be 1.",
            (0.9025 + 0.0025) / 2: _TWO_GROUPS,
            0.9025 + 0.0025: _TWO_GROUPS,
            0.095: _NOT_SQUARED,
            1.9: "Square the errors, then take their mean, not their sum.",
            0.05: "That is the loss of always 0. Here, the true class costs a little less, and "
            "each other class a little more.",
            0.0475**0.5: _ROOT,
            0.0475 / 2: _HALF,
            0: "0.05 is the mean of the 20 entries, but it is right for none of them.",
            4.75: _NO_PERCENT,
            0.0925: _TWENTY,
            0.1825: _TWENTY,
            0.1985: _ENTROPY,
        },
    ),
}
