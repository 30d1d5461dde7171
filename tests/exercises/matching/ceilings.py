"""Answers to `checks.ceilings`, chapter 4."""

import math

import numpy as np
from answers import RIGHT, WRONG
from keras import ops
from scipy.special import expit, log_softmax, softmax

e = np.exp(1)
CEILINGS = {
    "20-way, cosines down to -1": e / (e + 19 / e),
    "20-way, cosines down to 0": e / (e + 19),
    "5-way, cosines down to 0": e / (e + 4),
    "20-way, cosines down to 0, times 10": e**10 / (e**10 + 19),
}
MINUS, ZERO, FIVE, TEN = CEILINGS
# The cosines of the true image and of the others, the number of the others, and the scale.
TASKS = {MINUS: (1, -1, 19, 1), ZERO: (1, 0, 19, 1), FIVE: (1, 0, 4, 1), TEN: (1, 0, 19, 10)}


def form(rule):
    """The answers of a learner who follows one rule throughout."""
    return {name: rule(*task) for name, task in TASKS.items()}


def typed(*numbers):
    return dict(zip(CEILINGS, numbers, strict=True))


RIGHT["ceilings"] = [
    CEILINGS,
    typed(0.28, 0.125, 0.405, 0.999),
    typed(0.280, 0.1252, 0.4046, 0.9991),
    typed(0.28001, 0.12516, 0.40461, 0.99914),
    typed("0.28", "0.125", "0.405", "0.999"),
    typed(*map(np.float32, CEILINGS.values())),
    {name: f"{value:.3f}" for name, value in CEILINGS.items()},
    {name: round(value, 3) for name, value in reversed(CEILINGS.items())},
    {name: np.array([value]) for name, value in CEILINGS.items()},
    {**CEILINGS, "my note": "the last one is sure enough"},
    form(lambda t, low, n, s: softmax(s * np.array([t] + [low] * n))[0]),
    form(lambda t, low, n, s: np.exp(log_softmax([s * t] + [s * low] * n))[0]),
    form(lambda t, low, n, s: 1 / (1 + n * math.exp(s * (low - t)))),
    form(lambda t, low, n, s: expit(s * (t - low) - math.log(n))),
    form(lambda t, low, n, s: ops.softmax(ops.array([s * t] + [s * low] * n, float))[0]),
    form(lambda t, low, n, s: 1 - n * softmax([s * t] + [s * low] * n)[1]),
    form(lambda t, low, n, s: softmax(np.repeat([s * t, s * low], [1, n]))[0]),
    form(lambda t, low, n, s: 1 / np.exp(s * (np.array([t] + [low] * n) - t)).sum()),
]


def probability(true, low, n, base=e):
    return base**true / (base**true + n * base**low)


WRONG["ceilings"] = [
    # t, low and s are the cosines of the true image and of the others, and the scale.
    # One rule throughout: the reason is that of its first mistake.
    (form(lambda t, low, n, s: probability(s * t, s * low, 1)), "one wrong class"),
    (form(lambda t, low, n, s: probability(s * t, s * low, n + 1)), "and 19 others"),
    (form(lambda t, low, n, s: probability(s * t, s * low, n - 1)), "and 19 others"),
    (form(lambda t, low, n, s: 1 / (n + 1)), "chance"),
    (form(lambda t, low, n, s: probability(s * low, s * t, n)), "swapped"),
    (form(lambda t, low, n, s: 1 - probability(s * t, s * low, n)), "all wrong classes together"),
    (form(lambda t, low, n, s: 1), "there are 19 of them"),
    (form(lambda t, low, n, s: math.exp(s * (t - low)) / n), "e is missing"),
    (form(lambda t, low, n, s: math.exp(s * (t - low)) / (n + 1)), "the 1 of another image"),
    (form(lambda t, low, n, s: -math.log(probability(s * t, s * low, n))), "the loss"),
    (form(lambda t, low, n, s: probability(s * t, s * low, n, 2)), "powers of e"),
    (form(lambda t, low, n, s: probability(s * t, s * low, n, 10)), "powers of e"),
    (form(lambda t, low, n, s: probability(s * t, s * low, n, 2.7)), "Three digits"),
    (form(lambda t, low, n, s: probability(s * t, 0, n)), "down to 0"),
    (form(lambda t, low, n, s: probability(s * t, -s, n)), "down to -1"),
    (form(lambda t, low, n, s: probability(s * t, s * low, 19)), "That is 20-way"),
    (form(lambda t, low, n, s: probability(s * t, s * low, 4)), "That is 5-way"),
    (form(lambda t, low, n, s: probability(s * low, s * low, n)), "chance"),
    (form(lambda t, low, n, s: s * t / (s * t + n * s * low)), "exponential is missing"),
    (form(lambda t, low, n, s: expit(s * t)), "sigmoid of 1"),
    (form(lambda t, low, n, s: probability(t, low, n)), "without the 10"),
    (form(lambda t, low, n, s: s * probability(t, low, n)), "not the probability"),
    (form(lambda t, low, n, s: s * e / (s * e + n * e**low)), "in the exponent"),
    (form(lambda t, low, n, s: probability(t / s, low / s, n)), "divided by 10"),
    (form(lambda t, low, n, s: probability(t, low, s * n)), "number of the others"),
    (
        form(lambda t, low, n, s: (1 - probability(s * t, s * low, n)) / n),
        "*one* wrong class",
    ),
    # Percentages and digits.
    ({**CEILINGS, MINUS: 28}, "not a percentage"),
    (form(lambda *task: 100 * softmax([task[0]] + [task[1]] * task[2])[0]), "not a percentage"),
    (typed("28 %", "12.5 %", "40.5 %", "99.9 %"), "not a percentage"),
    ({**CEILINGS, TEN: 99.91}, "not a percentage"),
    (typed(0.28, 0.13, 0.4, 1), "three digits"),
    ({**CEILINGS, TEN: 1}, "three digits"),
    ({**CEILINGS, TEN: 0.9998}, "19 others gives e⁰"),
    ({**CEILINGS, TEN: 0.99}, "not 0.99. Close."),
    ({**CEILINGS, TEN: 0.0125}, "Compute the softmax"),
    ({**CEILINGS, MINUS: e / (e + 19) / e}, "Compute the softmax"),
    ({**CEILINGS, MINUS: 1 / (e + 19 / e)}, "1 divided by the sum"),
    ({**CEILINGS, FIVE: 0.404}, "cut off"),
    ({**CEILINGS, FIVE: 0.4}, "three digits"),
    ({**CEILINGS, ZERO: 0.13}, "three digits"),
    ({**CEILINGS, ZERO: 0.12}, "Expected three digits. If you calculated 0.120: at 20-way"),
    ({**CEILINGS, TEN: 10 / (10 + 19)}, "exponential is missing"),
    # One line of four.
    ({**CEILINGS, MINUS: 0.881}, "for one wrong class"),
    ({**CEILINGS, MINUS: 0.125}, "cosines down to 0"),
    ({**CEILINGS, MINUS: 0.72}, "all wrong classes together"),
    ({**CEILINGS, ZERO: e / (e + 20)}, "and 19 others"),
    ({**CEILINGS, ZERO: 1}, "e⁰ = 1 each"),
    ({**CEILINGS, ZERO: 0.05}, "chance"),
    ({**CEILINGS, ZERO: e / 20}, "the 1 of another image"),
    ({**CEILINGS, FIVE: e / (e + 5)}, "and 4 others"),
    ({**CEILINGS, FIVE: 0.35}, "and 4 others"),
    ({**CEILINGS, FIVE: 0.125}, "That is 20-way"),
    ({**CEILINGS, FIVE: 1 / (1 + 4 * e)}, "swapped"),
    ({**CEILINGS, FIVE: e / 4}, "e is missing"),
    ({**CEILINGS, TEN: 1.25}, "before the softmax, not the probability"),
    ({**CEILINGS, TEN: 0.589}, "in the exponent"),
    ({**CEILINGS, TEN: 0.125}, "without the 10"),
    ({**CEILINGS, TEN: 0.9977}, "10 times 0 is 0"),
    ({**CEILINGS, TEN: 0.0009}, "all wrong classes together"),
    ({**CEILINGS, TEN: np.exp(10)}, "divides it by the sum"),
    ({**CEILINGS, TEN: np.exp(10) / 19}, "e¹⁰ is missing"),
    ({**CEILINGS, TEN: 5000}, "between 0 and 1"),
    ({**CEILINGS, TEN: -0.2}, "between 0 and 1"),
    ({**CEILINGS, TEN: 0.7}, "Compute the softmax"),
    ({**CEILINGS, TEN: np.nan}, "between 0 and 1"),
    ({**CEILINGS, FIVE: None}, "not answered yet"),
    (dict(list(CEILINGS.items())[:3]), "there is no key"),
    ({**CEILINGS, FIVE: "a fifth"}, "expected a number for '5-way"),
    (list(CEILINGS.values()), "a dict"),
]
