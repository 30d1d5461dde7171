"""Chapter 1: the contrastive losses of four pairs."""

from fslkeras.course.checks.answers import predicted
from fslkeras.course.checks.compare import compare_form
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "A pair of the same class costs E², whatever the margin. A pair of different classes costs "
        "something only inside the margin.",
        "Different classes at E = 0.8: the margin of 1 minus E is 0.2. Square it.",
        "Different classes at E = 1.5: 1 - 1.5 is below zero, so max(1 - 1.5, 0) is 0.",
    ),
    solution=(
        'losses = {"same at 0.8": 0.64, "different at 0.8": 0.04, '
        '"different at 1.5": 0, "same at 2": 4}'
    ),
)
def pair_losses(answer):
    """Checks a dict of the contrastive losses of four pairs, with a margin of 1."""
    for name, loss in predicted(answer, _PAIR_LOSSES).items():
        if loss < 0:
            raise Wrong(f"{name}: not {loss:g}. A loss is a square, so it is never negative.")
    compare_form(
        answer,
        _PAIR_LOSSES,
        tolerance=0.005,
        otherwise="Put the numbers into the formula once more.",
    )
    return (
        "A distant pair of the same class costs most, a distant pair of different classes nothing."
    )


_ONE_TERM = "Only one of the two terms counts for a pair; y says which."
_NO_HALF = "This form of the loss has no factor of one half."
_SAME_CLASS = "That is the loss for the same class."
_NO_MARGIN = "The margin does not matter for a pair of the same class: only E² counts."
_SQUARE_ONCE = "E is the distance itself: square it once."
_QUARTER = "That is a quarter of it. Each pair has its own loss; do not take the mean."
_POINT = "Check the decimal point: 0.8 times 0.8 is below 0.8."
_NO_SIGMOID = "That is the loss with a sigmoid around E. Here E is the distance itself."

_PAIR_LOSSES = {
    "same at 0.8": (
        0.64,
        {
            0.8: "The loss contains E squared.",
            0.04: "That is the loss for different classes. For the same class y is 1, and only E² "
            "is left.",
            0.2: "That is the margin minus E, and the margin matters for different classes only.",
            0: "Only a pair at distance zero costs nothing.",
            0.32: _NO_HALF,
            0.36: _NO_MARGIN,
            0.68: _ONE_TERM,
            1.6: "E is squared, not doubled.",
            0.4096: _SQUARE_ONCE,
            64: _POINT,
            6.4: _POINT,
            0.16: _QUARTER,
            1.28: "That is twice E².",
            0.512: "Square E, do not cube it.",
            0.894: "Square E, do not take its root.",
            0.476: _NO_SIGMOID,
        },
    ),
    "different at 0.8": (
        0.04,
        {
            0.2: "Square it.",
            0.64: f"{_SAME_CLASS} For different classes y is 0, and only the second term is left.",
            0: "It is inside the margin, by 0.2.",
            0.36: "Square the margin minus E, (1 - 0.8)², not E alone.",
            0.02: _NO_HALF,
            0.68: _ONE_TERM,
            0.8: "Only the margin minus E counts, and it is squared.",
            0.4: "The margin minus E is squared, not doubled.",
            3.24: "The distance is subtracted from the margin, not added to it.",
            0.13: "Square the margin minus E, not E as well.",
            0.01: _QUARTER,
            0.08: "That is twice the square.",
            0.447: "Square it, do not take the root.",
            1.44: "That is the loss with a margin of 2. Here it is 1.",
            0.096: _NO_SIGMOID,
        },
    ),
    "different at 1.5": (
        0,
        {
            0.25: "max(1 - 1.5, 0) is 0: beyond the margin, a pair costs nothing.",
            0.5: "It is beyond the margin by 0.5, so it costs nothing.",
            1.5: "The distance itself is not the loss. What is the margin minus E?",
            1: "The margin is 1, and this pair is beyond it.",
            2.25: _SAME_CLASS,
            2.5: _ONE_TERM,
            0.125: "Beyond the margin, a pair costs nothing.",
            6.25: "The distance is subtracted from the margin, not added to it.",
        },
    ),
    "same at 2": (
        4,
        {
            2: "The loss contains E squared.",
            0: "Beyond the margin, only pairs of *different* classes cost nothing.",
            1: _NO_MARGIN,
            3: _NO_MARGIN,
            5: _ONE_TERM,
            8: "E is squared: 2 times 2.",
            16: _SQUARE_ONCE,
        },
    ),
}
