"""Chapter 1: the contrastive losses of four pairs."""

from fslkeras.course.checks.answers import predicted
from fslkeras.course.checks.compare import compare_form
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "A pair of the same class costs E², whatever the margin. A pair from two classes costs something only inside the margin.",
        "Two classes at E = 0.8: what is missing to the margin of 1 is 0.2, and it counts squared.",
        "Two classes at E = 1.5: 1 - 1.5 is below zero, and max(1 - 1.5, 0) is 0.",
    ),
    solution="""losses = {"same at 0.8": 0.64, "different at 0.8": 0.04, "different at 1.5": 0, "same at 2": 4}""",
)
def pair_losses(answer):
    """Checks a dict of the contrastive losses of four pairs, with a margin of 1."""
    negative = [
        f"{name}: not {loss:g}"
        for name, loss in predicted(answer, _PAIR_LOSSES).items()
        if loss < 0
    ]
    if negative:
        raise Wrong(
            f"{negative[0]}. A loss is never negative: whatever is missing to the margin, or zero, is squared."
        )
    compare_form(
        answer,
        _PAIR_LOSSES,
        tolerance=0.005,
        otherwise="Put the numbers into the formula once more.",
    )
    return "A far pair of the same class costs most, a far pair from two classes nothing."


_PAIR_LOSSES = {
    "same at 0.8": (
        0.64,
        {
            0.8: "The loss has E squared.",
            0.04: "That is the loss of two classes: for the same class Y is 1, and only E² is left.",
            0.2: "That is what is missing to the margin, and the margin matters for two classes only.",
            0: "Only a pair at distance zero costs nothing.",
            0.32: "There is no half in this form of the loss.",
            0.36: "The margin has no part in it: with Y = 1, only the first term is left.",
            0.68: "Only one of the two terms counts for a pair; Y says which.",
            1.6: "E is squared, not doubled.",
            0.4096: "E is the distance itself: square it once.",
            64: "Once more with the decimal point: 0.8 times 0.8 is below 0.8.",
        },
    ),
    "different at 0.8": (
        0.04,
        {
            0.2: "Square it.",
            0.64: "That is the loss of the same class: for two classes Y is 0, and only the second term is left.",
            0: "It is inside the margin, by 0.2.",
            0.36: "The margin minus E is squared, (1 - 0.8)², not E alone.",
            0.02: "There is no half in this form of the loss.",
            0.68: "Only one of the two terms counts for a pair; Y says which.",
            0.8: "Only what is missing to the margin counts, and it is squared.",
            0.4: "What is missing to the margin is squared, not doubled.",
            3.24: "The distance is subtracted from the margin, not added to it.",
        },
    ),
    "different at 1.5": (
        0,
        {
            0.25: "max(1 - 1.5, 0) is 0: beyond the margin there is nothing to pay.",
            0.5: "It lies beyond the margin by 0.5, so nothing is missing to it.",
            1.5: "The distance itself is no loss. How much is missing to the margin?",
            1: "The margin is 1, and this pair lies beyond it.",
            2.25: "That is the loss of the same class.",
        },
    ),
    "same at 2": (
        4,
        {
            2: "The loss has E squared.",
            0: "Beyond the margin only pairs of *two* classes cost nothing.",
            1: "The margin does not matter to a pair of the same class: E² alone.",
            3: "The margin does not matter to a pair of the same class: E² alone.",
            5: "Only one of the two terms counts for a pair; Y says which.",
            8: "E is squared: 2 times 2.",
            16: "E is the distance itself: square it once.",
        },
    ),
}
