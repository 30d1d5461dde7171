"""Calls an answer and reads what it returns: an array, or the numbers of a form."""

import dis
import re
import sys
import sysconfig
import warnings
from pathlib import Path

import keras
import numpy as np

from fslkeras.course.checks.exercise import NotAttempted, Wrong, error_text


def call(answer, *inputs):
    """What an answer returns, as a float array.

    Args:
        answer: the learner's function. It may return a NumPy array, a list of them, or a tensor.
        inputs: its arguments.
    Raises:
        NotAttempted, Wrong: as `returned_by`; `Wrong` too if it does not return numbers.
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
    raise Wrong(f"expected an array of numbers, but it returns {_described(returned)}.")


def returned_by(answer, *inputs):
    """What an answer returns, unconverted.

    Args:
        answer: the learner's function.
        inputs: its arguments; it receives copies of arrays.
    Raises:
        NotAttempted: if the answer is still empty.
        Wrong: if it is not a function, raises, changes its arguments, or returns nothing.
    """
    if answer is None or answer is ...:
        raise NotAttempted
    if not callable(answer):
        raise Wrong(
            "expected your function itself, by its name without quotation marks or parentheses, "
            f"but received {_described(answer)}."
        )
    given = [np.copy(value) if isinstance(value, np.ndarray) else value for value in inputs]
    returned = _run(answer, given)
    arrays = (
        (old, new) for old, new in zip(inputs, given, strict=True) if isinstance(old, np.ndarray)
    )
    if any(not np.array_equal(old, new, equal_nan=True) for old, new in arrays):
        raise Wrong(
            "it changes the arrays it is given, but the caller may still need them. "
            "`a = a - b` makes a new array; `a -= b` overwrites the old one."
        )
    if returned is None or returned is ...:
        if _is_empty(answer):
            raise NotAttempted
        raise Wrong("it returns nothing. Does it end with `return`?")
    return returned


def _run(answer, inputs):
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return answer(*inputs)
        except NotImplementedError:
            raise NotAttempted from None
        except (Exception, SystemExit) as error:
            shapes = " and ".join(
                str(value.shape) for value in inputs if isinstance(value, np.ndarray)
            )
            advice = next(
                (f" {text}" for pattern, text in _ADVICE.items() if re.search(pattern, str(error))),
                "",
            )
            raise Wrong(
                f"for arguments of shapes {shapes}, it stopped with an error, "
                f"{error_text(error)}.{advice}"
            ) from error


# Advice on common errors: a pattern in the error's text, and what a beginner can do.
_ADVICE = {
    "broadcast|Incompatible shapes": (
        "Broadcasting matches shapes from the last axis backward; `a[:, None]` gives `a` another "
        "axis, of size 1, which is repeated as needed."
    ),
    "inhomogeneous|must have the same shape": (
        "The rows that it stacks have different lengths. Does it average along the wrong axis? "
        "axis=0 averages over the rows, axis=1 over the numbers within a row."
    ),
    "boolean index did not match": (
        "The mask and the axis it selects from differ in length. Is the mask a *column* of one-hot "
        "labels, `labels[:, k]`?"
    ),
    "core dimension|Matrix size-incompatible": (
        "In `a @ b`, `a` needs as many columns as `b` has rows; `.T` swaps rows and columns."
    ),
    "same_kind": (
        "An array of integers takes no fractions; np.zeros without a dtype makes one of floats."
    ),
    "truth value of an array": (
        "Python's own max, min and if take one number; np.maximum, np.minimum and np.where take "
        "arrays."
    ),
    "a cannot be empty": "Is there a class with too few images to draw from?",
    "larger sample than population": (
        "Without replacement, rng.choice draws at most as many items as there are. Is there a "
        "class with a single image?"
    ),
    "bitwise_xor": "Python writes powers as `**`; `^` is the bitwise exclusive or.",
}


def predicted(answer, names):
    """The numbers of a form, a dict with a number for each name.

    Args:
        answer: the learner's dict, with None for missing numbers. Other keys are ignored.
        names: the expected keys.
    Returns:
        dict from each name to a float.
    Raises:
        NotAttempted: if there are no numbers at all.
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
        raise Wrong(f"not answered yet: {', '.join(left)}.")
    return {name: _number(name, answer[name]) for name in names}


def _number(name, value):
    """A form's number as a float: a string, or anything with a single entry."""
    try:
        return float(value.strip("% ") if isinstance(value, str) else np.ravel(value).item())
    except (TypeError, ValueError):
        raise Wrong(
            f"expected a number for {name!r}, such as 0.5, but received {_described(value)}."
        ) from None


def loops(answer, few, many):
    """Whether an answer loops in Python: whether many rows take more instructions than few.

    Unlike the time, the number of instructions is the same on every machine. Without a loop, the
    answer's own code runs the same number for few rows as for many. Library code may differ a
    little, so there only twice as many count as a loop.

    Args:
        answer: the learner's function.
        few, many: tuples of arrays; every axis is longer in `many`.
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

    # A warm-up: it traces a tf.function, and Python 3.12 misses the first instructions.
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


def _is_empty(function):
    """Whether a function has no body except a docstring."""
    code = getattr(function, "__code__", None)
    idle = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST"}
    return (
        code is not None
        and {instruction.opname for instruction in dis.get_instructions(code)} <= idle
    )


def _described(value):
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) < 40 else text[:40] + '...'}"
