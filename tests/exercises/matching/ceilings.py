"""Answers to `checks.ceilings`, chapter 4."""

import numpy as np
from answers import RIGHT, WRONG
from scipy.special import softmax

e = np.exp(1)
CEILINGS = {
    "20-way, cosines down to -1": e / (e + 19 / e),
    "20-way, cosines down to 0": e / (e + 19),
    "5-way, cosines down to 0": e / (e + 4),
    "20-way, cosines down to 0, times 10": e**10 / (e**10 + 19),
}
MINUS, ZERO, FIVE, TEN = CEILINGS
RIGHT["ceilings"] = [
    CEILINGS,
    dict(zip(CEILINGS, (0.28, 0.125, 0.405, 0.999), strict=True)),
    dict(zip(CEILINGS, (0.28, 0.13, 0.4, 1), strict=True)),
    {
        name: softmax([10 * high if "times" in name else high] + [low] * others)[0]
        for name, high, low, others in ((MINUS, 1, -1, 19), (ZERO, 1, 0, 19), (FIVE, 1, 0, 4), (TEN, 1, 0, 19))
    },
    {name: f"{value:.3f}" for name, value in CEILINGS.items()},
]
WRONG["ceilings"] = [
    ({**CEILINGS, MINUS: 28}, "in place of 28, 0.280"),
    ({name: 100 * value for name, value in CEILINGS.items()}, "per cent"),
    ({**CEILINGS, MINUS: 1}, "there are 19 of them"),
    ({**CEILINGS, MINUS: 0.881}, "with one wrong class"),
    ({**CEILINGS, MINUS: e / (e + 20 / e)}, "and 19 others"),
    ({**CEILINGS, MINUS: 0.125}, "cosines down to 0"),
    ({**CEILINGS, MINUS: 0.72}, "all wrong classes together"),
    ({**CEILINGS, ZERO: e / (e + 20)}, "and 19 others"),
    ({**CEILINGS, ZERO: 1}, "that is 1, not 0"),
    ({**CEILINGS, ZERO: 0.05}, "chance"),
    ({**CEILINGS, ZERO: e / 20}, "gives e, not 1"),
    ({**CEILINGS, FIVE: e / (e + 5)}, "and 4 others"),
    ({**CEILINGS, FIVE: 0.125}, "That is 20-way"),
    ({**CEILINGS, FIVE: 1 / (1 + 4 * e)}, "exchanged"),
    ({**CEILINGS, FIVE: e / 4}, "the true image, too"),
    ({**CEILINGS, TEN: 1.25}, "before the softmax, and not the probability"),
    ({**CEILINGS, TEN: 0.589}, "into the exponent"),
    ({**CEILINGS, TEN: 0.125}, "without the 10"),
    ({**CEILINGS, TEN: 0.99}, "three digits"),
    ({**CEILINGS, TEN: 22026}, "between 0 and 1"),
    ({**CEILINGS, TEN: 0.7}, "once more"),
    ({**CEILINGS, TEN: np.nan}, "between 0 and 1"),
    ({**CEILINGS, FIVE: None}, "still to be predicted"),
    (list(CEILINGS.values()), "a dict"),
]
