"""What the checks of all chapters share: how an answer is called, how it is judged, and how the result shows itself."""

import dataclasses
import dis
import functools
import html
import re
import sys
import sysconfig
import warnings
from pathlib import Path

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
        after = "" if more else f" That was the last hint: checks.{self.__name__}.solution() shows an answer."
        return Note(f"Hint {self._hints_given} of {len(self._hints)}: {self._hints[self._hints_given - 1]}{after}")

    def solution(self):
        """The code of one right answer."""
        return Note(self._solution)


def exercise(hints, solution):
    """Makes an `Exercise` of the function below it."""
    return lambda judge: Exercise(judge, hints, solution)


def call(answer, *inputs):
    """What an answer returns for its arguments, as a float array. It may return NumPy arrays, lists of them, or tensors.
    Raises:
        NotAttempted, Wrong: as `returned_by`; and `Wrong` if what it returns is no array of numbers.
    """
    returned = returned_by(answer, *inputs)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if keras.ops.is_tensor(returned) or hasattr(returned, "numpy"):
                returned = keras.ops.convert_to_numpy(returned)
            array = np.asarray(returned)
            if array.dtype.kind in "biufO":
                return array.astype("float64")
    except (TypeError, ValueError):
        pass
    raise Wrong(f"expected an array of numbers, and it returns {_described(returned)}.")


def returned_by(answer, *inputs):
    """What an answer returns for its arguments, as it is.
    Args:
        answer: the reader's function.
        inputs: its arguments; of arrays it receives copies.
    Raises:
        NotAttempted: if the answer is still empty.
        Wrong: if it is not a function, raises, changes its arguments, or returns nothing.
    """
    if answer is None or answer is ...:
        raise NotAttempted
    if not callable(answer):
        raise Wrong(
            f"expected your function itself, by its name without quotation marks or parentheses, and received "
            f"{_described(answer)}."
        )
    given = [np.copy(value) if isinstance(value, np.ndarray) else value for value in inputs]
    arrays = [(old, new) for old, new in zip(inputs, given, strict=True) if isinstance(old, np.ndarray)]
    shapes = " and ".join(str(array.shape) for array, _ in arrays)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            returned = answer(*given)
        except NotImplementedError:
            raise NotAttempted from None
        except (Exception, SystemExit) as error:
            advice = next((f" {text}" for pattern, text in _ADVICE.items() if re.search(pattern, str(error))), "")
            raise Wrong(
                f"for arguments of shapes {shapes}, it stopped with an error, {_name(error)}.{advice}"
            ) from error
    if any(not np.array_equal(old, new, equal_nan=True) for old, new in arrays):
        raise Wrong(
            "it changes the arrays that it is given, and whoever calls it may need them again. "
            "`a = a - b` makes a new array where `a -= b` writes into the old one."
        )
    if returned is None or returned is ...:
        if _is_empty(answer):
            raise NotAttempted
        raise Wrong("it returns nothing. Does it end with `return`?")
    return returned


# What a beginner can do about errors of others that they meet often: a pattern in the error's text, and the advice.
_ADVICE = {
    "broadcast|Incompatible shapes": "Arrays of different shapes are matched from their last axis on; `a[:, None]` gives `a` another "
    "axis, of size 1, which is repeated as needed.",
    "inhomogeneous|must have the same shape": "The rows that it stacks have different lengths. Does it average along the wrong axis? "
    "axis=0 averages over the rows, axis=1 over the numbers within a row.",
    "boolean index did not match": "Its mask has another length than the axis it selects from. Is the mask a *column* of one-hot "
    "labels, `labels[:, k]`?",
    "truth value of an array": "Python's own max, min and if take one number; np.maximum, np.minimum and np.where take arrays.",
    "a cannot be empty": "Is there a class with too few images to draw from?",
    "bitwise_xor": "The power is written `**` in Python; `^` is another thing.",
}


def predicted(answer, names):
    """The numbers of a form, a dict with a number for each name.
    Args:
        answer: the reader's dict, with None where there is no number yet. Further keys are left alone.
        names: the keys expected.
    Returns:
        dict from each name to a float.
    Raises:
        NotAttempted: if there is no number at all.
        Wrong: if it is not a dict, or a key or a number is missing.
    """
    if answer is None or answer is ...:
        raise NotAttempted
    listed = ", ".join(map(repr, names))
    if not isinstance(answer, dict):
        raise Wrong(f"expected a dict with the keys {listed}.")
    for name in names:
        if name not in answer:
            raise Wrong(f"there is no key {name!r}. Expected the keys {listed}.")
    left = [name for name in names if answer[name] is None or answer[name] is ...]
    if len(left) == len(names):
        raise NotAttempted
    if left:
        raise Wrong(f"still to be predicted: {' and '.join(left)}.")
    try:
        return {
            name: float(answer[name].strip("% ") if isinstance(answer[name], str) else answer[name]) for name in names
        }
    except (TypeError, ValueError):
        raise Wrong("expected a number for each, such as 98.") from None


def compare_form(answer, right, tolerance, otherwise):
    """Raises `Wrong`, with the reason of the first mistake, unless a form holds the right number for each name.
    Args:
        answer: the reader's dict, as in `predicted`.
        right: dict from each name to (the right number, dict from a number that a mistake gives to its reason).
        tolerance: how far a number may be off.
        otherwise: the reason for a number that no listed mistake gives.
    Raises:
        NotAttempted, Wrong: as `predicted`; and `Wrong` for a wrong number.
    """
    values = predicted(answer, right)
    for name, (number, mistakes) in right.items():
        if not abs(values[name] - number) <= tolerance:
            reason = next((text for wrong, text in mistakes.items() if abs(values[name] - wrong) <= tolerance), "")
            raise Wrong(f"{name}: not {values[name]:g}. {reason or otherwise}")


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
        expected = f"{want.shape}, that is {meaning}," if meaning else f"{want.shape}"
        if got.ndim != want.ndim and got.squeeze().shape == want.squeeze().shape:
            missing = "an axis too many" if got.ndim > want.ndim else "an axis missing"
            raise Wrong(
                f"the numbers may be right, but there is {missing}: expected {expected} and received {got.shape}."
            )
        raise Wrong(f"expected a result of shape {expected} but it has the shape {got.shape}.")
    if np.isnan(got).any():
        raise Wrong(
            "it returns NaN (not a number) in places. Does it divide zero by zero, or take the root of a negative number?"
        )
    if want.ndim == 0:
        raise Wrong(f"expected {want:.4g} for random {places}, and it returns {got:.4g}.")
    row = int(np.flatnonzero(~np.isclose(got, want, **_TOLERANCE).reshape(len(want), -1).all(axis=1))[0])
    raise Wrong(
        f"the shape is right, the numbers are not. The first of the {places} that differ is number {row}: expected "
        f"{np.round(want[row], 3)}, received {np.round(got[row], 3)}."
    )


def loops(answer, few, many):
    """Whether an answer loops in Python, told by the instructions that run for few and for many rows.

    Unlike seconds, their number is the same on every machine. An answer without a loop needs exactly as many of its own for few
    rows as for many. Those of libraries may differ by a little, so only twice as many are a loop.
    Args:
        answer: the reader's function.
        few, many: tuples of arrays; every axis of many is longer.
    """
    counts = {}

    def trace(frame, event, argument):
        frame.f_trace_opcodes = True
        if event == "opcode":
            own = not frame.f_code.co_filename.startswith(_LIBRARIES)
            counts[own] = counts.get(own, 0) + 1
        return trace

    def count(inputs):
        counts.update({True: 0, False: 0})
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            call(answer, *inputs)
        finally:
            sys.settrace(before)
        return dict(counts)

    # Not yet for the record: a tf.function is traced now, and Python 3.12 misses the first instructions.
    for inputs in (few, many):
        count(inputs)
    for_few, for_many = count(few), count(many)
    return for_many[True] > for_few[True] or for_many[False] > 2 * for_few[False]


_LIBRARIES = (
    *(sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")),
    str(Path(__file__).parents[2]),
    "<frozen",
    "<__array_function__",
)
_TOLERANCE = {"rtol": 1e-3, "atol": 1e-3}  # float16 answers pass, and none of the mistakes


def _equal(got, want):
    return got.shape == want.shape and np.allclose(got, want, **_TOLERANCE)


def _is_empty(function):
    """Whether a function has no body but its docstring."""
    code = getattr(function, "__code__", None)
    idle = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
    return code is not None and {instruction.opname for instruction in dis.get_instructions(code)} <= idle


def _name(error):
    text = [line.strip() for line in str(error).splitlines() if line.strip() and not line.startswith("in user code")]
    return type(error).__name__ + (f": {text[0][:200].rstrip('.')}" if text else "")


def _described(value):
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) < 40 else text[:40] + '...'}"
