"""Each check against the answers of many learners: no right one rejected, no wrong one accepted, each wrong one told why."""

import matching
import numpy as np
import prototypical
import pytest
import relation
import siamese
from answers import RIGHT, WRONG

import fslkeras
from fslkeras.course import checks

# Whose answers are functions from the training data to a model.
TRAINED = {"matching_training", "relation_training", "short_training", "siamese_training"}


def answers(of):
    return [
        pytest.param(name, answer, id=f"{name}-{getattr(answer, '__name__', i)}")
        for name, listed in of.items()
        for i, answer in enumerate(listed)
    ]


def submitted(name, answer):
    return answer(fslkeras.datasets.load("glyphs", "train")) if name in TRAINED else answer


@pytest.mark.parametrize("name", checks.__all__)
def test_every_exercise_has_four_right_answers_and_six_wrong_ones_with_reasons_of_their_own(name):
    assert len(RIGHT[name]) >= 4
    assert len({because for _, because in WRONG[name]}) >= 6


@pytest.mark.parametrize(("name", "answer"), answers(RIGHT))
def test_right_answer_is_accepted(name, answer):
    result = getattr(checks, name)(submitted(name, answer))
    assert result.status == "right" and bool(result) is True, result


@pytest.mark.parametrize(("name", "answer_and_reason"), answers(WRONG))
def test_wrong_answer_is_told_why(name, answer_and_reason):
    answer, because = answer_and_reason
    result = getattr(checks, name)(submitted(name, answer))
    assert result.status == "wrong" and bool(result) is False
    assert because.lower() in result.message.lower()


def only_a_docstring(first, second):
    """The stub that a learner finds."""


def not_implemented(*arguments):
    raise NotImplementedError


@pytest.mark.parametrize("name", checks.__all__)
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
    assert checks.breakages(dict.fromkeys(("divided", "moved", "copied", "blank"))).status == "not yet attempted"


def interrupted(*arguments):
    raise KeyboardInterrupt


def leaves(*arguments):
    raise SystemExit


@pytest.mark.parametrize("answer", [interrupted, leaves, 3, "text", [], {}, object(), lambda: 1, np.ones(3), print])
@pytest.mark.parametrize("name", checks.__all__)
def test_check_never_raises(name, answer):
    assert getattr(checks, name)(answer).status == "wrong"


def test_shape_is_told_with_the_one_expected():
    result = checks.prototypes(lambda embeddings, labels: np.zeros((2, 2)))
    assert "(4, 5), that is (classes, D)" in result.message and "(2, 2)" in result.message


def test_the_answer_gets_the_same_arguments_each_time():
    seen = []
    for _ in range(2):
        checks.distances(lambda queries, prototypes: seen.append((queries, prototypes)))
    assert all(np.array_equal(first, second) for first, second in zip(*seen, strict=True))


def test_nothing_is_printed_or_warned(recwarn, capfd):
    checks.prototypes(prototypical.divided_by_zero)
    checks.accuracy(lambda scores, labels: np.nanmean(scores[:0]))
    assert not recwarn.list
    assert capfd.readouterr() == ("", "")


def test_result_shows_itself_as_text_and_html():
    right, wrong = checks.prototypes(prototypical.one_product), checks.prototypes(lambda z, y: "<b>")
    assert repr(right).startswith("✔ Right. ") and repr(wrong).startswith("✘ Wrong. ")
    assert "Right." in right._repr_html_() and "&lt;b&gt;" in wrong._repr_html_()


def test_hints_come_by_degrees_and_the_solution_on_request():
    exercise = fslkeras.course.checks.exercise.Exercise(lambda answer: "Good.", ("Look.", "Think."), "return 1")
    exercise.__name__ = "one"
    result = exercise(1)
    assert result.hint() == "Hint 1 of 2: Look."
    last = "Hint 2 of 2: Think. That was the last hint: checks.one.solution() shows an answer."
    assert [exercise.hint(), exercise.hint()] == [last, last]
    assert repr(result.solution()) == exercise.solution() == "return 1"


def test_the_plain_recipes_reach_what_the_open_exercises_say_of_them():
    data, validation = (fslkeras.datasets.load("glyphs", split) for split in ("train", "validation"))
    episodes = fslkeras.Episodes(validation, way=20, shot=1, query=5, steps=200, seed=7)
    plain = prototypical.train(prototypical.prototypical(), data, 1e-3, way=5, query=5)
    assert abs(fslkeras.evaluate(plain, episodes).mean - 0.62) < 0.04
    plain = siamese.train(data, way=5, query=5, rate=1e-3, margin=1.0)
    assert abs(fslkeras.evaluate(plain, episodes).mean - 0.31) < 0.06
    assert abs(fslkeras.evaluate(relation.plain(), episodes).mean - 0.57) < 0.06
    assert abs(fslkeras.evaluate(matching.plain(), episodes).mean - 0.48) < 0.06
