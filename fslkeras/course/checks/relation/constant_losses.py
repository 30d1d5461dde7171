"""Chapter 3: the loss of a network that always gives the same score."""

from fslkeras.course.checks.compare import compare_form
from fslkeras.course.checks.exercise import exercise


@exercise(
    hints=(
        "Each query has 20 scores: one should be 1, the other 19 should be 0. The loss of the query is the mean of 20 squares.",
        "Always c: the true class costs (c - 1)², each of the 19 others c².",
        "(1 * (c - 1)² + 19 * c²) / 20. Now put in the four constants.",
    ),
    solution="""losses = {f"always {c:g}": (1 * (c - 1) ** 2 + 19 * c**2) / 20 for c in (0, 1, 0.5, 0.05)}""",
)
def constant_losses(answer):
    """Checks a dict of the mean squared errors of four constants to the one-hot matrix, 20-way."""
    compare_form(answer, _CONSTANT_LOSSES, tolerance=0.0006, otherwise=_OTHERWISE)
    return (
        "A network that always says 0.05 has learned nothing, and its loss is 0.0475. "
        "At 20-way, a low loss alone means little: look at the accuracy."
    )


_OTHERWISE = "How far is the constant from 1, at the true class, and from 0, at the others? Square, and take the mean over all 20."
_NO_PERCENT = "No percent here: the loss is a mean of squares."
_SUM = "That is the sum over the classes. The mean squared error divides it by 20."
_ROOT = "That is the root. The mean squared error has none."
_HALF = "There is no half in the mean squared error."
_TRUE_ALONE = "That is the true class alone. The mean includes the 19 others."
_OTHERS_ALONE = "That is the 19 other classes. The true class counts, too."
_TWO_GROUPS = "The true class is one of 20 entries, not one of two: weigh it so."
_NOT_SQUARED = "Square the errors."
_NINETEEN = "Divide by all 20 entries, not by the 19 other classes."
_CONSTANT_LOSSES = {
    "always 0": (
        0.05,
        {
            1: f"{_SUM} (Or did you take the true class alone?)",
            0.95: "That is always 1. Of 20 entries, 19 are zeros, and for them 0 is right.",
            0: "The score of the true class should be 1, and 0 is wrong by 1: one of 20 entries.",
            1 / 19: _NINETEEN,
            0.05**0.5: _ROOT,
            0.025: _HALF,
            0.5: _TWO_GROUPS,
            0.0475: "That is always 0.05. Here the 19 other classes cost nothing.",
            5: _NO_PERCENT,
        },
    ),
    "always 1": (
        0.95,
        {
            19: _SUM,
            0.05: "That is always 0. Of 20 entries, 19 are zeros, and for all of them 1 is wrong.",
            0: _TRUE_ALONE,
            1: "The 19 other classes cost 1 each, the true class nothing, and the mean is over all 20.",
            0.95**0.5: _ROOT,
            0.475: _HALF,
            0.5: _TWO_GROUPS,
            95: _NO_PERCENT,
        },
    ),
    "always 0.5": (
        0.25,
        {
            0.5: "Square it: every entry is wrong by 0.5. (The root of the right number is 0.5, too.)",
            5: _SUM,
            10: "Square the errors, and take their mean, not their sum.",
            0.0125: _TRUE_ALONE,
            0.2375: _OTHERS_ALONE,
            0.25 * 20 / 19: _NINETEEN,
            0.125: _HALF,
            0.45: "That is the distance from the mean of the entries. Each entry is 0 or 1.",
            0: "Every entry is wrong by 0.5: halfway between 0 and 1 is never right.",
            25: _NO_PERCENT,
        },
    ),
    "always 0.05": (
        0.0475,
        {
            0.95: "That is the sum over the classes, or the error of the true class, not squared. Expected the mean of 20 squares.",
            0.9025: _TRUE_ALONE,
            0.9025 / 20: "The 19 other classes are missing: each of them is wrong by 0.05.",
            19
            * 0.0025
            / 20: "The true class is missing, or counted as one of the others. Its score should be 1.",
            (0.9025 + 0.0025) / 2: _TWO_GROUPS,
            0.095: _NOT_SQUARED,
            1.9: "Square the errors, and take their mean, not their sum.",
            0.05: "That is always 0. Here the true class costs a little less, and each other class a little more.",
            0.0475**0.5: _ROOT,
            0.0475 / 2: _HALF,
            0: "0.05 is the mean of the 20 entries, but right for none of them.",
            4.75: _NO_PERCENT,
        },
    ),
}
