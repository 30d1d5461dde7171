"""An exercise, whose check is called with an answer, and the result that it displays."""

import dataclasses
import functools
import html
import re


class NotAttempted(Exception):
    """Raised by a check if there is no answer yet."""


class Wrong(Exception):
    """Raised by a check with the reason, in lowercase: "it returns the sums, ..."."""


@dataclasses.dataclass(frozen=True)
class Result:
    """The result of a check. It is true only for a right answer, and displays as text and HTML.

    Args:
        status: "right", "wrong" or "not yet attempted"; "off" for a prediction that missed.
        message: the reason, in a sentence or two.
        exercise: the `Exercise` that was answered; None for a prediction.
    """

    status: str
    message: str
    exercise: "Exercise | None" = None

    def __bool__(self):
        return self.status == "right"

    def hint(self):
        """The next hint, as `Exercise.hint`."""
        return self.exercise.hint()

    def solution(self):
        """One right answer, as `Exercise.solution`."""
        return self.exercise.solution()

    def __repr__(self):
        return f"{MARKS[self.status][0]} {self.status.capitalize()}. {self.message}"

    def _repr_html_(self):
        mark, color = MARKS[self.status]
        style = f"border-left: 4px solid {color}; padding: 2px 10px; white-space: pre-wrap"
        return (
            f'<div role="status" style="{style}">'
            f"<b>{mark} {self.status.capitalize()}.</b> {html.escape(self.message)}</div>"
        )


# Each has a sign and a word too, so nothing depends on color.
MARKS = {
    "right": ("✔", "#009E73"),
    "wrong": ("✘", "#D55E00"),
    "off": ("≠", "#0072B2"),
    "not yet attempted": ("○", "#8C8C8C"),
}


class Note(str):
    """A text that displays as it is, with its line breaks."""

    def __repr__(self):
        return str(self)

    def _repr_html_(self):
        return f'<pre style="white-space: pre-wrap">{html.escape(self)}</pre>'


class Exercise:
    """One exercise: called with an answer, it returns a `Result` and never raises.

    Args:
        judge: function of the answer. It returns a sentence on what the learner has now, or raises
            `Wrong` or `NotAttempted`.
        hints: texts, from a nudge to nearly the answer.
        solution: the code of one right answer.
    """

    def __init__(self, judge, hints, solution):
        functools.update_wrapper(self, judge)
        self._judge, self._hints, self._solution = judge, hints, solution
        self._hints_given = 0
        self.status = "not yet attempted"  # of the last answer, for `checks.progress`

    @property
    def chapter(self):
        """The chapter that the exercise belongs to, such as "siamese"."""
        return self.__module__.split(".")[-2]

    def __call__(self, answer):
        result = self._result(answer)
        self.status = result.status
        return result

    def _result(self, answer):
        try:
            return Result("right", self._judge(answer), self)
        except NotAttempted:
            return Result("not yet attempted", f"Stuck? checks.{self.__name__}.hint() helps.", self)
        except Wrong as wrong:
            reason = str(wrong)
        except KeyboardInterrupt:
            reason = "you interrupted it. Is there a loop that never ends?"
        except BaseException as error:  # whatever an answer does, the cells below it must still run
            reason = f"it could not be checked: {error_text(error)}."
        return Result("wrong", reason[0].upper() + reason[1:], self)

    def hint(self):
        """The next hint; after the last one, the last one again."""
        number = self._hints_given = min(self._hints_given + 1, len(self._hints))
        text = f"Hint {number} of {len(self._hints)}: {self._hints[number - 1]}"
        if number == len(self._hints):
            text += f" That was the last hint: checks.{self.__name__}.solution() shows an answer."
        return Note(text)

    def solution(self):
        """The code of one right answer."""
        return Note(self._solution)


def exercise(hints, solution):
    """A decorator that makes a function an `Exercise`."""
    return lambda judge: Exercise(judge, hints, solution)


def error_text(error):
    """An error's name and the first line of its message."""
    text = [
        line.strip()
        for line in re.sub(r"\x1b\[\d*m", "", str(error)).splitlines()  # Keras prints in bold
        if line.strip() and not line.startswith(("in user code", "Exception encountered"))
    ]
    return type(error).__name__ + (f": {text[0][:200].rstrip('.')}" if text else "")
