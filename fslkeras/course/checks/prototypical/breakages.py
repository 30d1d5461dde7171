"""Chapter 2: what broken networks reach."""

from fslkeras.course.checks.answers import predicted
from fslkeras.course.checks.exercise import Wrong, exercise


@exercise(
    hints=(
        "The answer is the class with the highest score. For each change ask: which class has the highest score now?",
        "Divided: does the order of five numbers change when all are divided by 100? Moved: what the network was right about, "
        "it now gives to the next class. Copied: how far is each query from its own prototype?",
        "Blank: all prototypes are the same point, so all scores of a query are equal, and a tie among five counts 1/5.",
    ),
    solution="""predictions = {"divided": 98, "moved": 0, "copied": 100, "blank": 20}""",
)
def breakages(answer):
    """Checks a dict of four predicted accuracies, in per cent."""
    values = predicted(answer, _BREAKAGES)
    if not all(0 <= value <= 100 for value in values.values()):
        raise Wrong("an accuracy lies between 0 and 100 %.")
    reasons = []
    for name, (measured, margin, reason) in _BREAKAGES.items():
        if 0 < values[name] <= 1 and abs(100 * values[name] - measured) <= margin:
            raise Wrong(f"expected per cent: in place of {values[name]:g}, write {100 * values[name]:g}.")
        if abs(values[name] - measured) > margin:
            reasons.append(f"{name}: {reason}")
    if reasons:
        raise Wrong(" ".join(reasons))
    return "You can tell from an accuracy what is broken: near 0 % points at labels, 100 % at a leak, 1/N at a dead input."


# What is measured, in per cent; how far off a prediction may be; what to think of where it is further.
_BREAKAGES = {
    "divided": (
        98,
        3,
        "all distances become smaller, but the nearest prototype stays the nearest. The softmax becomes less sure (the loss grows); "
        "do the answers change?",
    ),
    "moved": (
        0,
        5,
        "this is no random order, which would give 20 %. Every class's prototype is now the next one's: what was right is wrong, and "
        "hardly anything else becomes right.",
    ),
    "copied": (
        100,
        0.5,
        "each query is a support image, at distance zero from its own prototype. Nothing can be nearer, learned or not.",
    ),
    "blank": (
        20,
        0.5,
        "five prototypes at one point, five equal scores, a tie among five. How does our evaluator count it?",
    ),
}
