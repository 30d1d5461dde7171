"""Chapter 2: the accuracy of broken networks."""

from fslkeras.course.checks.answers import predicted
from fslkeras.course.checks.compare import reason_for
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "The answer is the class with the highest score. For each change, ask: which class has the "
        "highest score now?",
        "Divided: does the order of five numbers change if you divide all of them by 100? Moved: "
        "where the network was right, it now answers the next class. Copied: how far is each query "
        "from its own prototype?",
        "Blank: all prototypes are the same point, so all scores of a query are equal, and a tie "
        "among five counts 1/5.",
    ),
    solution="""predictions = {"divided": 98, "moved": 0, "copied": 100, "blank": 20}""",
)
def breakages(answer):
    """Checks a dict of four predicted accuracies, in %."""
    values = predicted(answer, _BREAKAGES)
    if not all(0 <= value <= 100 for value in values.values()):
        raise Wrong("an accuracy lies between 0 and 100 %.")
    reasons = []
    for name, (measured, margin, mistakes, otherwise) in _BREAKAGES.items():
        if 0 < values[name] <= 1 and abs(100 * values[name] - measured) <= margin:
            raise Wrong(
                f"expected percentages: instead of {values[name]:g}, write {100 * values[name]:g}."
            )
        if abs(values[name] - measured) > margin:
            reason = reason_for(values[name], mistakes.items(), atol=1) or otherwise
            reasons.append(f"{name.capitalize()}: {reason}")
    if reasons:
        raise Wrong(" ".join(reasons))
    return "Near 0 %, suspect the labels; at 100 %, a leak; at exactly 1/N, a dead input."


_LIKE_CHANCE = "20 % is chance, what an answer that ignores the input reaches. "
_AS_BEFORE = "98 % is what the unbroken network reaches. "
_NEAREST = (
    "All distances shrink, but the nearest prototype stays the nearest. The softmax becomes less "
    "confident (the loss grows), but do the answers change?"
)
_NEXT_ONE = (
    "Every class now has the prototype of another class, so what was right is wrong and hardly "
    "anything else becomes right."
)
_DISTANCE_ZERO = (
    "Each query is a support image, at distance zero from its own prototype. Nothing can be "
    "nearer, whatever was learned."
)
_TIE = (
    "Five prototypes at one point, five equal scores, a tie among five. How does our evaluator "
    "count it?"
)

# The measurement in %, the margin, what to say to some numbers, and what to say to any other.
_BREAKAGES = {
    "divided": (98, 3, {20: _LIKE_CHANCE + _NEAREST}, _NEAREST),
    "moved": (
        0,
        5,
        {
            20: f"This is not a random order, which would give 20 %. {_NEXT_ONE}",
            98: f"{_AS_BEFORE}The network does not know names, but its answers are compared with "
            f"the queries' labels, which have not moved. {_NEXT_ONE}",
            80: f"Not one class in five moves, all do. {_NEXT_ONE}",
        },
        _NEXT_ONE,
    ),
    "copied": (
        100,
        0.5,
        {
            98: _AS_BEFORE + _DISTANCE_ZERO,
            20: _LIKE_CHANCE + _DISTANCE_ZERO,
            0: f"A distance of zero is the highest score, not the lowest. {_DISTANCE_ZERO}",
        },
        _DISTANCE_ZERO,
    ),
    "blank": (
        20,
        0.5,
        {
            0: f"That is worse than a guess. {_TIE}",
            98: f"{_AS_BEFORE}All it knows of the five classes comes from the support set. {_TIE}",
            100: f"A tie does not count as a correct answer. {_TIE}",
        },
        _TIE,
    ),
}
