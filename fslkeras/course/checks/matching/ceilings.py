"""Chapter 4: how sure a softmax of plain cosines can be."""

import numpy as np

from fslkeras.course.checks.answers import predicted
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "At 1 shot, one support image is of the true class and all others are of wrong classes. "
        "How many others are there at 20-way?",
        "The softmax divides e to the power of the true image's cosine by the sum over all images. "
        "The true image gives e¹; each of the others gives e⁻¹ at a cosine of -1, and e⁰ = 1 at a "
        "cosine of 0.",
        "The first is e / (e + 19/e). In the last, the cosines are multiplied by 10 before the "
        "exponential: e¹⁰ and e⁰.",
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
    """Checks a dict of the highest probabilities of the true class, in a softmax of cosines."""
    values = predicted(answer, _CEILINGS)
    for name, (right, mistakes) in _CEILINGS.items():
        if not _same_three_digits(values[name], right):
            raise Wrong(f"{name}: not {values[name]:g}. {_reason(values[name], right, mistakes)}")
    return (
        "Even a perfect network must be unsure as long as its cosines stay between -1 and 1: what "
        "it lacks is a scale, not training."
    )


def _same_three_digits(value, right):
    """Whether two values round to the same three digits: 0.405 is right for 0.4046."""
    return f"{value:.3f}" == f"{right:.3f}"


def _reason(value, right, mistakes):
    if value > 1 and abs(value / 100 - right) <= _TWO_DIGITS:
        return "Expected a probability from 0 to 1, not a percentage."
    if right - 1e-3 < value < right and round(1000 * value, 6) == int(1000 * right):
        return "That is cut off after three digits. Round it."
    cut_off = round(100 * value, 6) == int(100 * right)
    for digits in (_THREE_DIGITS, _TWO_DIGITS) if value == round(value, 2) else (_THREE_DIGITS,):
        if reason := reason_for(value, mistakes, atol=digits):
            if cut_off:
                reason = reason[0].lower() + reason[1:]
                return f"Expected three digits. If you calculated {value:.3f}: {reason}"
            return reason
        if abs(value - right) <= _TWO_DIGITS or cut_off:
            return "Close. Expected three digits."
    if not 0 <= value <= 1:
        return "A probability lies between 0 and 1."
    return "Compute the softmax of the cosines again."


# How far a number typed with so many digits may be from that of a mistake.
_THREE_DIGITS, _TWO_DIGITS = 0.0006, 0.0051


def _of_true(true, others, n_others, base=np.e):
    """The softmax's probability of the true class at these cosines."""
    return base**true / (base**true + n_others * base**others)


def _usual(lowest, n_others):
    """The right number where the others have the lowest cosine, and what mistakes give."""
    way, right = n_others + 1, _of_true(1, lowest, n_others)
    power = "e⁰ = 1" if lowest == 0 else "e⁻¹ = 1/e"
    counted = f"At {way}-way, there are the true class and {n_others} others."
    base = "The softmax uses powers of e, np.exp, not of {}."
    return right, [
        (1, f"The others give {power} each, not 0, and there are {n_others} of them."),
        (1 / (1 + n_others * lowest),
         f"The exponential is missing: the true image gives e, each of the others {power}."),
        (_of_true(1, lowest, 1), f"That is for one wrong class. There are {n_others} of them."),
        (_of_true(1, 0, 1),
         "That is the sigmoid of 1. The softmax divides by the sum over all images."),
        (_of_true(1, lowest, way), counted),
        (_of_true(1, lowest, n_others - 1), counted),
        (_of_true(1, -1 - lowest, n_others),
         f"That is for cosines down to {-1 - lowest}. Here, the others give {power} each."),
        (_of_true(1, lowest, 23 - n_others),
         f"That is {24 - n_others}-way. Here, there are {n_others} wrong classes."),
        (1 / way,
         f"That is chance: all cosines equal. Here, the true image has 1, the others {lowest}."),
        (_of_true(lowest, 1, n_others),
         f"The cosines are swapped: the true image has 1, the others {lowest}."),
        (1 - right,
         "That is the probability of all wrong classes together. Expected that of the true class."),
        ((1 - right) / n_others,
         "That is the probability of *one* wrong class. Expected that of the true class."),
        (1 / (np.e + n_others * np.e**lowest),
         "That is 1 divided by the sum. The true image gives e."),
        (np.e ** (1 - lowest) / n_others,
         "The denominator sums over all images: the true image's e is missing."),
        (np.e ** (1 - lowest) / way,
         "In the denominator, the true image gives e; that is with the 1 of another image."),
        (-np.log(right), "That is minus the logarithm, the loss. Expected the probability."),
        (_of_true(1, lowest, n_others, 2), base.format(2)),
        (_of_true(1, lowest, n_others, 10), base.format(10)),
    ]  # fmt: skip


_ZERO_STAYS_ZERO = "10 times 0 is 0, so the others give e⁰ = 1 each"
_TOO_SURE = "Not quite as sure: each of the 19 others gives e⁰ = 1. Expected three digits."

# The right numbers, and what mistakes give.
_CEILINGS = {
    "20-way, cosines down to -1": _usual(-1, 19),
    "20-way, cosines down to 0": _usual(0, 19),
    "5-way, cosines down to 0": _usual(0, 4),
    "20-way, cosines down to 0, times 10": (
        _of_true(10, 0, 19),
        [
            (1, _TOO_SURE),
            (10 / 29, "The exponential is missing: the true image gives e¹⁰, not 10."),
            (10 * np.e / (10 * np.e + 19),
             "The 10 belongs in the exponent: e¹⁰ is 22,026, but 10 e is only 27."),
            (10 * _of_true(1, 0, 19),
             "Multiply the cosine by 10, before the softmax, not the probability."),
            (_of_true(1, 0, 19),
             "That is without the 10. The cosines 1 and 0 become 10 and 0 before the softmax."),
            (_of_true(0.1, 0, 19),
             "That is with the cosines divided by 10. Multiply them by it."),
            (_of_true(1, 0, 190),
             "Multiply the cosines by 10, not the number of the others."),
            (_of_true(10, 1, 19), f"{_ZERO_STAYS_ZERO}."),
            (_of_true(10, 10, 19), f"{_ZERO_STAYS_ZERO}. Only the true image gives e¹⁰."),
            (_of_true(10, 0, 19, 2), "The softmax uses powers of e, np.exp, not of 2."),
            (1 - _of_true(10, 0, 19),
             "That is the probability of all wrong classes together. Expected that of the true "
             "class."),
            (np.exp(10) / 19,
             "The denominator sums over all images: the true image's e¹⁰ is missing."),
            (np.exp(10) / 20,
             "In the denominator, the true image gives e¹⁰; that is with the 1 of another image."),
            (np.exp(10),
             "That is what the true image gives. The softmax divides it by the sum over all "
             "images."),
        ],
    ),
}  # fmt: skip
