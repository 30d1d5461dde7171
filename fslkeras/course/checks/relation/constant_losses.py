"""Chapter 3: what a network that always says the same costs."""

from fslkeras.course.checks.compare import compare_form
from fslkeras.course.checks.exercise import exercise


@exercise(
    hints=(
        "Each query has 20 scores: one is to be 1, the other 19 are to be 0. The loss of the query is the mean of 20 squares.",
        "Always c: the true class costs (c - 1)², each of the 19 others c².",
        "(1 * (c - 1)² + 19 * c²) / 20. Now put in the four constants.",
    ),
    solution="""losses = {f"always {c:g}": (1 * (c - 1) ** 2 + 19 * c**2) / 20 for c in (0, 1, 0.5, 0.05)}""",
)
def constant_losses(answer):
    """Checks a dict of the mean squared errors of four constants to the one-hot matrix, at 20-way."""
    compare_form(answer, _CONSTANT_LOSSES, tolerance=0.0006, otherwise="(1 * (c - 1)² + 19 * c²) / 20: put c in once more.")
    return "Who always says 0.05 has learned nothing, and has a loss of 0.0475. At 20-way a low loss alone means little: look at the accuracy."


_PER_CENT = "No per cent here: the loss is a mean of squares."
_CONSTANT_LOSSES = {
    "always 0": (
        0.05,
        {
            1: "That is the sum over the classes. The mean squared error divides it by 20.",
            0.95: "That is always 1. Of 20 entries, 19 are zeros, and for them 0 is right.",
            0: "The score of the true class is to be 1, and 0 is wrong by 1: one of 20 entries.",
            1 / 19: "Divide by all 20 entries, not by the 19 wrong classes.",
            0.05**0.5: "That is the root. The mean squared error is without.",
            0.025: "There is no half in the mean squared error.",
            0.0475: "That is always 0.05. Here the 19 wrong classes cost nothing.",
            5: _PER_CENT,
        },
    ),
    "always 1": (
        0.95,
        {
            19: "That is the sum over the classes. The mean squared error divides it by 20.",
            0.05: "That is always 0. Of 20 entries 19 are zeros, and for all of them 1 is wrong.",
            0: "That is the true class alone. The 19 others are to be 0, and count, too.",
            1: "The 19 wrong classes cost 1 each, the true class nothing, and the mean is over all 20.",
            0.95**0.5: "That is the root. The mean squared error is without.",
            0.475: "There is no half in the mean squared error.",
            95: _PER_CENT,
        },
    ),
    "always 0.5": (
        0.25,
        {
            0.5: "Square it: every entry is wrong by 0.5.",
            5: "That is the sum over the classes. The mean squared error divides it by 20.",
            0.0125: "That is the true class alone. The 19 others are wrong by 0.5, too.",
            0.2375: "That is the 19 wrong classes. The true class is wrong by 0.5, too.",
            0.125: "There is no half in the mean squared error.",
            0: "Every entry is wrong by 0.5: halfway between 0 and 1 is never right.",
            25: _PER_CENT,
        },
    ),
    "always 0.05": (
        0.0475,
        {
            0.95: "That is the sum over the classes (or the error of the true class, not squared). Squared, and the mean over 20: "
            "(0.95² + 19 * 0.05²) / 20.",
            0.9025: "That is the true class alone. Expected the mean over all 20 entries.",
            0.9025 / 20: "The 19 wrong classes are missing: 0.05² each.",
            19 * 0.0025 / 20: "The true class is missing: it is to be 1, and 0.05 is wrong by 0.95.",
            0.095: "Square the errors.",
            0.05: "That is always 0. Here the true class costs a little less, (0.05 - 1)², and the others a little more, 0.05² each.",
            0.0475**0.5: "That is the root. The mean squared error is without.",
            0.0475 / 2: "There is no half in the mean squared error.",
            0: "0.05 is the mean of the 20 entries, but right for none of them.",
            4.75: _PER_CENT,
        },
    ),
}
