"""The exercises and predictions of a chapter, and the learner's progress."""

from fslkeras.course import checks
from fslkeras.course.checks import predictions
from fslkeras.course.checks.exercise import MARKS, Exercise, Note
from fslkeras.validation import check_choice


def progress(chapter=None):
    """Lists the exercises and predictions of a chapter with the state of each.

    Args:
        chapter: "siamese", "prototypical", "relation", "matching" or "appendix". By default, every
            chapter with an answer since the notebook started, or all chapters if there is none.
    Returns:
        a text with one line per exercise or prediction.
    Raises:
        ValueError: if the chapter does not exist.
    """
    check_choice("progress", "chapter", chapter, (None, *predictions.CHAPTERS))
    states = {name: _states(name) for name in predictions.CHAPTERS}
    begun = [name for name, state in states.items() if set(state.values()) - {_OPEN}]
    shown = [chapter] if chapter else begun or list(states)
    return Note("\n\n".join(_text(name, states[name]) for name in shown))


_OPEN = "not yet attempted"


def _states(chapter):
    exercises = {name: getattr(checks, name) for name in checks.__all__}
    state = {
        f"checks.{name}": exercise.status
        for name, exercise in exercises.items()
        if isinstance(exercise, Exercise) and exercise.chapter == chapter
    }
    for name in predictions.of_chapter(chapter):
        state[f'checks.predict("{name}")'] = predictions.made.get(name, _OPEN)
    return state


def _text(chapter, state):
    right = sum(status == "right" for status in state.values())
    lines = [f"{chapter}: {right} of {len(state)} right"]
    lines += [f"  {MARKS[status][0]} {name}: {status}" for name, status in state.items()]
    return "\n".join(lines)
