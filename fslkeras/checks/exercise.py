"""What the checks of all chapters share: how an answer is called, how it is judged, and how the result shows itself."""

import dataclasses
import dis
import functools
import html
import sys
import warnings

import keras
import numpy as np


class NotAttempted(Exception):
    """Raised by a check where there is no answer yet."""


class Wrong(Exception):
    """Raised by a check, with the reason, in a sentence that begins in the middle: "it returns the sums, ..."."""


@dataclasses.dataclass(frozen=True)
class Result:
    """What a check found. It is true only for a right answer, and shows itself as text and in a notebook.

    Args:
        status: "right", "wrong" or "not yet attempted".
        message: why, in a sentence or two.
        exercise: the `Exercise` that was answered.
    """

    status: str
    message: str
    exercise: "Exercise"

    def __bool__(self):
        return self.status == "right"

    def hint(self):
        """The next hint: see `Exercise.hint`."""
        return self.exercise.hint()

    def solution(self):
        """One right answer: see `Exercise.solution`."""
        return self.exercise.solution()

    def __repr__(self):
        return f"{_MARKS[self.status][0]} {self.status.capitalize()}. {self.message}"

    def _repr_html_(self):
        mark, color = _MARKS[self.status]
        return (
            f'<div role="status" style="border-left: 4px solid {color}; padding: 2px 10px; white-space: pre-wrap">'
            f"<b>{mark} {self.status.capitalize()}.</b> {html.escape(self.message)}</div>"
        )


# A sign and a word each, so that the colour says nothing by itself.
_MARKS = {"right": ("✔", "#009E73"), "wrong": ("✘", "#D55E00"), "not yet attempted": ("○", "#8C8C8C")}


class Note(str):
    """A text that shows itself as it is, line by line."""

    def __repr__(self):
        return str(self)

    def _repr_html_(self):
        return f'<pre style="white-space: pre-wrap">{html.escape(self)}</pre>'


class Exercise:
    """One exercise: called with an answer, it returns a `Result`, and never raises.

    Args:
        judge: function of the answer. It returns what was gained, as a sentence, or raises `Wrong` or `NotAttempted`.
        hints: texts, from a nudge to nearly the answer.
        solution: the code of one right answer.
    """

    def __init__(self, judge, hints, solution):
        functools.update_wrapper(self, judge)
        self._judge, self._hints, self._solution = judge, hints, solution
        self._hints_given = 0

    def __call__(self, answer):
        try:
            return Result("right", self._judge(answer), self)
        except NotAttempted:
            return Result("not yet attempted", f"Stuck? checks.{self.__name__}.hint() helps.", self)
        except Wrong as wrong:
            reason = str(wrong)
        except KeyboardInterrupt:
            reason = "you interrupted it. Is there a loop that never ends?"
        except BaseException as error:  # whatever an answer does, the cells below it are to run
            reason = f"it could not be judged: {_name(error)}."
        return Result("wrong", reason[0].upper() + reason[1:], self)

    def hint(self):
        """The next hint; after the last one, the last one again."""
        self._hints_given = min(self._hints_given + 1, len(self._hints))
        more = self._hints_given < len(self._hints)
        after = "" if more else f" It was the last: checks.{self.__name__}.solution() shows an answer."
        return Note(f"Hint {self._hints_given} of {len(self._hints)}: {self._hints[self._hints_given - 1]}{after}")

    def solution(self):
        """The code of one right answer."""
        return Note(self._solution)


def exercise(hints, solution):
    """Makes an `Exercise` of the function below it."""
    return lambda judge: Exercise(judge, hints, solution)


def call(answer, *inputs):
    """What an answer returns for arrays, as a float array.

    Args:
        answer: the reader's function. It may return NumPy arrays, lists of them, or tensors.
        inputs: arrays; the answer receives copies.
    Returns:
        float array.
    Raises:
        NotAttempted: if the answer is still empty.
        Wrong: if it is not a function, raises, changes its arguments, returns nothing, or returns no numbers.
    """
    if answer is None or answer is ...:
        raise NotAttempted
    if not callable(answer):
        raise Wrong(
            f"expected your function itself, and received {_described(answer)}. Leave out the brackets behind its name."
        )
    given = [np.copy(array) for array in inputs]
    shapes = " and ".join(str(array.shape) for array in inputs)
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            returned = answer(*given)
    except NotImplementedError:
        raise NotAttempted from None
    except (Exception, SystemExit) as error:
        raise Wrong(f"for arguments of shapes {shapes}, it stopped with {_name(error)}.") from error
    if any(not np.array_equal(before, after, equal_nan=True) for before, after in zip(inputs, given, strict=True)):
        raise Wrong(
            "it changes the arrays that it is given, and whoever calls it may need them again. "
            "`a = a - b` makes a new array where `a -= b` writes into the old one."
        )
    if returned is None or returned is ...:
        if _is_empty(answer):
            raise NotAttempted
        raise Wrong("it returns nothing. Does it end with `return`?")
    return numbers(returned)


def numbers(returned):
    """An array, tensor or nested list as a float array; `Wrong` if it is not one."""
    try:
        if keras.ops.is_tensor(returned):
            returned = keras.ops.convert_to_numpy(returned)
        return np.asarray(returned).astype("float64")
    except (TypeError, ValueError):
        raise Wrong(f"expected an array of numbers, and it returns {_described(returned)}.") from None


def compare(got, want, mistakes=None, meaning="", places="rows"):
    """Raises `Wrong`, with the most telling reason, unless two arrays are equal up to rounding.

    Args:
        got: float array, what the answer returned.
        want: float array, what is right.
        mistakes: dict from a reason to the array that this mistake would have returned, of any shape.
        meaning: what the axes of `want` are, such as "(classes, D)".
        places: what the first axis of `want` counts, for the message that shows a difference.
    """
    want = np.asarray(want, "float64")
    if _equal(got, want):
        return
    for reason, wrong in (mistakes or {}).items():
        if _equal(got, np.asarray(wrong, "float64")):
            raise Wrong(reason)
    if got.shape != want.shape:
        if got.size == want.size and got.squeeze().shape == want.squeeze().shape:
            raise Wrong(
                f"the numbers may be right, but there is an axis too many or too few: expected {want.shape}{_of(meaning)}, "
                f"received {got.shape}."
            )
        raise Wrong(f"expected a result of shape {want.shape}{_of(meaning)}, and it has the shape {got.shape}.")
    if np.isnan(got).any():
        raise Wrong("it returns NaN (not a number) in places. Does it divide by zero, or take the root of zero?")
    if want.ndim == 0:
        raise Wrong(f"expected {want:.4g}, and it returns {got:.4g}.")
    row = int(np.flatnonzero(~np.isclose(got, want, **_TOLERANCE).reshape(len(want), -1).all(axis=1))[0])
    raise Wrong(
        f"the shape is right, the numbers are not. The first of the {places} that differ is number {row}: expected "
        f"{np.round(want[row], 3)}, received {np.round(got[row], 3)}."
    )


def steps_taken(answer, *inputs):
    """How many instructions of the reader's own code run for these arguments.

    Instructions inside NumPy, Keras or TensorFlow do not count, so an answer without a loop needs as many for ten as for
    a thousand rows. Unlike seconds, the number is the same on every machine.
    """
    namespace, count = getattr(answer, "__globals__", None), 0

    def trace(frame, event, argument):
        nonlocal count
        if frame.f_globals is not namespace:
            return None
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call(answer, *inputs)
    finally:
        sys.settrace(before)
    return count


_TOLERANCE = {"rtol": 1e-3, "atol": 1e-3}  # float16 answers pass, and none of the mistakes


def _equal(got, want):
    return got.shape == want.shape and np.allclose(got, want, **_TOLERANCE)


def _is_empty(function):
    """Whether a function has no body but its docstring."""
    code = getattr(function, "__code__", None)
    idle = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
    return code is not None and {instruction.opname for instruction in dis.get_instructions(code)} <= idle


def _of(meaning):
    return f", {meaning}" if meaning else ""


def _name(error):
    text = str(error).strip().splitlines()
    return type(error).__name__ + (f": {text[0][:200].rstrip('.')}" if text else "")


def _described(value):
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) < 40 else text[:40] + '...'}"
