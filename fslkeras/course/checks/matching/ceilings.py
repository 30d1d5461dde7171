"""Chapter 4: how sure a softmax of exact cosines can be."""

import numpy as np

from fslkeras.course.checks.answers import predicted
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "1-shot: one support image is of the true class, all the others are of wrong ones. How many others are there at 20-way?",
        "The softmax divides e to the cosine of the true image by the sum over all images. The true one gives e¹; the others give "
        "e⁻¹ each at a cosine of -1, and e⁰ = 1 each at a cosine of 0.",
        "e / (e + 19/e) is the first one. In the last one both cosines are multiplied by 10 before the exponential: e¹⁰ and e⁰.",
    ),
    solution="""e = np.exp(1)
ceilings = {
    "20-way, cosines down to -1": e / (e + 19 / e),
    "20-way, cosines down to 0": e / (e + 19),
    "5-way, cosines down to 0": e / (e + 4),
    "20-way, cosines down to 0, times 10": e**10 / (e**10 + 19),
}""",
)
def ceilings(answer):
    """Checks a dict of the highest probabilities that a softmax of exact cosines can give to the true class, 1-shot."""
    values = predicted(answer, _CEILINGS)
    for name, (right, mistakes) in _CEILINGS.items():
        value = values[name]
        if abs(value - right) <= 0.005:
            continue
        if value > 1 and abs(value / 100 - right) <= 0.005:
            raise Wrong(f"{name}: expected a probability from 0 to 1, and not per cent: in place of {value:g}, {right:.3f}.")
        reason = reason_for(value, mistakes, atol=0.002)
        if not 0 <= value <= 1:
            reason = reason or "A probability lies between 0 and 1."
        raise Wrong(f"{name}: not {value:g}. {reason or 'Put the cosines into the softmax once more.'}")
    return "Even a perfect network must be unsure as long as cosines stay between -1 and 1: what it lacks is a scale, not training."


def _of_true(true, others, n_others):
    """The softmax's probability of the true class, at these cosines."""
    return np.exp(true) / (np.exp(true) + n_others * np.exp(others))


_E = np.e
_ONE_WRONG_CLASS = "That is with one wrong class. There are {} of them."
_WRONG_WAY_ROUND = "That is the probability of all wrong classes together. Expected that of the true one."
_EXCHANGED = "The cosines are exchanged: the true image has 1, the others {}."
_CHANCE = "That is chance: all cosines alike. Here the true image has 1, the others {}."
_TRUE_LEFT_OUT = "The sum below has the true image, too: e + {}."
_BELOW_ZERO = "That is for cosines down to -1. Here the others give e⁰ = 1 each."
_NOT_NOTHING = "The others get e⁰ each, and that is 1, not 0."
_IN_THE_EXPONENT = "The 10 belongs into the exponent: e¹⁰ is 22,026, and 10 e only 27."
_ZERO_STAYS_ZERO = "10 times 0 is 0: the others give e⁰ = 1 each{}."

# What is right, and what mistakes give.
_CEILINGS = {
    "20-way, cosines down to -1": (
        _of_true(1, -1, 19),
        [
            (1, "The others get e to the power of -1 each: not nothing, and there are 19 of them."),
            (_of_true(1, -1, 1), _ONE_WRONG_CLASS.format(19)),
            (_of_true(1, -1, 20), "20-way: the true class, and 19 others."),
            (_of_true(1, 0, 19), "That is for cosines down to 0: e⁰ = 1. Here the others give e to the power of -1."),
            (_of_true(1, -1, 4), "That is 5-way, with 4 wrong classes. Here there are 19."),
            (1 / 20, _CHANCE.format(-1)),
            (_of_true(-1, 1, 19), _EXCHANGED.format(-1)),
            (1 - _of_true(1, -1, 19), _WRONG_WAY_ROUND),
            (_E**2 / 20, _TRUE_LEFT_OUT.format("19/e")),
            (_E**2 / 19, _TRUE_LEFT_OUT.format("19/e")),
        ],
    ),
    "20-way, cosines down to 0": (
        _of_true(1, 0, 19),
        [
            (1, _NOT_NOTHING),
            (_of_true(1, 0, 1), _ONE_WRONG_CLASS.format(19)),
            (_of_true(1, 0, 20), "20-way: the true class, and 19 others."),
            (_of_true(1, -1, 19), _BELOW_ZERO),
            (_of_true(1, 0, 4), "That is 5-way, with 4 wrong classes. Here there are 19."),
            (1 / 20, _CHANCE.format(0)),
            (_of_true(0, 1, 19), _EXCHANGED.format(0)),
            (1 - _of_true(1, 0, 19), _WRONG_WAY_ROUND),
            (_E / 19, _TRUE_LEFT_OUT.format(19)),
            (_E / 20, "The sum below is e + 19: the true image gives e, not 1."),
        ],
    ),
    "5-way, cosines down to 0": (
        _of_true(1, 0, 4),
        [
            (1, _NOT_NOTHING),
            (_of_true(1, 0, 1), _ONE_WRONG_CLASS.format(4)),
            (_of_true(1, 0, 5), "5-way: the true class, and 4 others."),
            (_of_true(1, -1, 4), _BELOW_ZERO),
            (_of_true(1, 0, 19), "That is 20-way, with 19 wrong classes. Here there are 4."),
            (1 / 5, _CHANCE.format(0)),
            (_of_true(0, 1, 4), _EXCHANGED.format(0)),
            (1 - _of_true(1, 0, 4), _WRONG_WAY_ROUND),
            (_E / 4, _TRUE_LEFT_OUT.format(4)),
            (_E / 5, "The sum below is e + 4: the true image gives e, not 1."),
        ],
    ),
    "20-way, cosines down to 0, times 10": (
        _of_true(10, 0, 19),
        [
            (0.99, "Nearly. Three digits, please."),
            (10 * _E / (10 * _E + 19), _IN_THE_EXPONENT),
            (10 * _of_true(1, 0, 19), "It is the cosine that is multiplied by 10, before the softmax, and not the probability."),
            (_of_true(1, 0, 19), "That is without the 10. The cosines 1 and 0 become 10 and 0 before the softmax."),
            (_of_true(10, 1, 19), _ZERO_STAYS_ZERO.format("")),
            (_of_true(10, 10, 19), _ZERO_STAYS_ZERO.format(", and only the true image e¹⁰")),
            (1 - _of_true(10, 0, 19), _WRONG_WAY_ROUND),
        ],
    ),
}  # fmt: skip
