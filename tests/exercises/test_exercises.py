"""Each check accepts every right answer, and rejects every wrong one with its own reason."""

import importlib
import inspect
import sys

import numpy as np
import pytest
from answers import RIGHT, WRONG
from prototypical import prototypes

from fslkeras.course import checks
from fslkeras.course.checks.exercise import Exercise
from fslkeras.course.checks.training import TrainingRecord

# The answers to an exercise are in a module with the same name as the check's.
EXERCISES = [name for name in checks.__all__ if isinstance(getattr(checks, name), Exercise)]
MODULES = {name: getattr(checks, name).__module__ for name in EXERCISES}
for module in MODULES.values():
    importlib.import_module(module.removeprefix("fslkeras.course.checks."))

TASKS = {
    name: vars(sys.modules[module])["TASK"]
    for name, module in MODULES.items()
    if "TASK" in vars(sys.modules[module])
}


def answers(of):
    return [
        pytest.param(name, answer, id=f"{name}-{getattr(answer, '__name__', i)}")
        for name, listed in of.items()
        for i, answer in enumerate(listed)
    ]


def checked(name, answer):
    """The check's result for an answer: itself, a training record, or a function that makes it."""
    if isinstance(answer, TrainingRecord):
        return Exercise(TASKS[name].judge, hints=(), solution="")(answer)
    return getattr(checks, name)(
        answer() if name in TASKS and inspect.isfunction(answer) else answer
    )


@pytest.mark.parametrize("name", EXERCISES)
def test_every_exercise_has_four_right_answers_and_six_wrong_ones_with_different_reasons(name):
    assert len(RIGHT[name]) >= 4
    assert len({because for _, because in WRONG[name]}) >= 6


@pytest.mark.parametrize(("name", "answer"), answers(RIGHT))
def test_right_answer_is_accepted(name, answer):
    result = checked(name, answer)
    assert result.status == "right" and bool(result) is True, result


@pytest.mark.parametrize(("name", "answer_and_reason"), answers(WRONG))
def test_wrong_answer_gets_its_reason(name, answer_and_reason):
    answer, because = answer_and_reason
    result = checked(name, answer)
    assert result.status == "wrong" and bool(result) is False
    assert because.lower() in result.message.lower()


def only_a_docstring(first, second):
    """The stub that a learner finds."""


def not_implemented(*arguments):
    raise NotImplementedError


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize("answer", [None, ...])
def test_nothing_is_not_attempted(name, answer):
    result = getattr(checks, name)(answer)
    assert result.status == "not yet attempted" and not result
    assert f"checks.{name}.hint()" in result.message


@pytest.mark.parametrize("name", ["prototypes", "distances", "accuracy"])
@pytest.mark.parametrize("answer", [only_a_docstring, lambda a, b: ..., not_implemented])
def test_empty_function_is_not_attempted(name, answer):
    assert getattr(checks, name)(answer).status == "not yet attempted"


def test_empty_form_is_not_attempted():
    assert (
        checks.breakages(dict.fromkeys(("divided", "moved", "copied", "blank"))).status
        == "not yet attempted"
    )


def interrupted(*arguments):
    raise KeyboardInterrupt


def leaves(*arguments):
    raise SystemExit


@pytest.mark.parametrize(
    "answer", [interrupted, leaves, 3, "text", [], {}, object(), lambda: 1, np.ones(3), print]
)
@pytest.mark.parametrize("name", EXERCISES)
def test_check_never_raises(name, answer):
    assert getattr(checks, name)(answer).status == "wrong"


def test_wrong_shape_is_named_with_the_expected_one():
    result = checks.prototypes(lambda embeddings, labels: np.zeros((2, 2)))
    assert "(4, 5), that is (classes, D)" in result.message and "(2, 2)" in result.message


def test_the_answer_gets_the_same_arguments_each_time():
    seen = []
    for _ in range(2):
        checks.distances(lambda queries, prototypes: seen.append((queries, prototypes)))
    assert all(np.array_equal(first, second) for first, second in zip(*seen, strict=True))


def test_a_check_prints_nothing_and_warns_of_nothing(recwarn, capfd):
    checks.prototypes(prototypes.divided_by_zero)
    checks.accuracy(lambda scores, labels: np.nanmean(scores[:0]))
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


def test_result_shows_itself_as_text_and_html():
    right, wrong = checks.prototypes(prototypes.one_product), checks.prototypes(lambda z, y: "<b>")
    assert repr(right).startswith("✔ Right. ") and repr(wrong).startswith("✘ Wrong. ")
    assert "Right." in right._repr_html_() and "&lt;b&gt;" in wrong._repr_html_()


def test_hints_come_one_by_one_and_the_solution_on_request():
    exercise = Exercise(lambda answer: "Good.", ("Look.", "Think."), "return 1")
    exercise.__name__ = "one"
    result = exercise(1)
    assert result.hint() == "Hint 1 of 2: Look."
    last = "Hint 2 of 2: Think. That was the last hint: checks.one.solution() shows an answer."
    assert [exercise.hint(), exercise.hint()] == [last, last]
    assert repr(result.solution()) == exercise.solution() == "return 1"
