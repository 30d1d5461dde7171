"""Predictions: a guess before the result is shown, and how far off it was."""

import dataclasses
import importlib
import numbers

from fslkeras.course.checks.exercise import Result
from fslkeras.validation import check_choice

CHAPTERS = ("siamese", "prototypical", "relation", "matching", "appendix")


@dataclasses.dataclass(frozen=True)
class Prediction:
    """A question that the chapter answers with a measurement a few cells later.

    Args:
        answer: the measured number, or one of `choices`.
        because: the explanation, in a sentence or two, shown whatever the guess was.
        within: how far off a number may be and still count as right.
        unit: what follows the number, such as " %".
        choices: the answers to choose from, instead of a number.
    """

    answer: float | str
    because: str
    within: float = 0
    unit: str = ""
    choices: tuple = ()


def predict(name, guess):
    """Compares a guess with the measurement.

    Args:
        name: the prediction's name, as in the chapter.
        guess: a number, or one of the choices that the chapter lists; None or ... if there is none.
    Returns:
        a `Result`: right, off, or not yet attempted. An invalid guess is off; it does not raise.
    Raises:
        ValueError: if no chapter has a prediction of this name.
    """
    known = predictions()
    check_choice("predict", "name", name, sorted(known))
    result = _judged(known[name], guess)
    made[name] = result.status
    return result


def predictions():
    """All predictions by name, in chapter order."""
    return {name: entry for chapter in CHAPTERS for name, entry in of_chapter(chapter).items()}


def of_chapter(chapter):
    """The predictions of one chapter by name."""
    return importlib.import_module(f"fslkeras.course.checks.{chapter}.predictions").PREDICTIONS


made = {}  # the status of each prediction made since the notebook started, by name


def _judged(prediction, guess):
    if guess is None or guess is ...:
        return Result("not yet attempted", "Write down a guess, and run this cell again.")
    if prediction.choices:
        expected = f"one of {', '.join(map(repr, prediction.choices))}"
        valid = isinstance(guess, str) and guess in prediction.choices
        right = valid and guess == prediction.answer
        said, is_so = guess, prediction.answer
    else:
        expected = "a number"
        valid = isinstance(guess, numbers.Real) and not isinstance(guess, bool)
        right = valid and abs(guess - prediction.answer) <= prediction.within
        said, is_so = f"{guess}{prediction.unit}", f"{prediction.answer:g}{prediction.unit}"
    if not valid:
        return Result("off", f"Expected {expected}. Received: {guess!r}")
    told = f"It is {is_so}." if right else f"You predicted {said}; it is {is_so}."
    return Result("right" if right else "off", f"{told} {prediction.because}")
