"""Predictions answer back, and progress lists them with the exercises."""

import numpy as np
import pytest

from fslkeras.course import checks
from fslkeras.course.checks import predictions
from fslkeras.course.checks.predictions import Prediction

NUMBER = Prediction(answer=31, within=6, unit=" %", because="Because it is.")
CHOICE = Prediction(answer="rises", choices=("falls", "rises"), because="Because it does.")


@pytest.fixture(autouse=True)
def two_predictions(monkeypatch):
    monkeypatch.setattr(predictions, "made", {})
    monkeypatch.setattr(predictions, "predictions", lambda: {"number": NUMBER, "choice": CHOICE})


@pytest.mark.parametrize(
    ("name", "guess", "shown"),
    [
        ("number", 37, "✔ Right. It is 31 %. Because it is."),
        ("number", 38.0, "≠ Off. You predicted 38.0 %; it is 31 %. Because it is."),
        ("number", np.float32(37), "✔ Right. It is 31 %. Because it is."),
        ("number", "31", "≠ Off. Expected a number. Received: '31'"),
        ("number", None, "○ Not yet attempted. Write down a guess, and run this cell again."),
        ("choice", "rises", "✔ Right. It is rises. Because it does."),
        ("choice", "falls", "≠ Off. You predicted falls; it is rises. Because it does."),
        ("choice", 3, "≠ Off. Expected one of 'falls', 'rises'. Received: 3"),
    ],
)
def test_a_guess_is_compared_with_what_is_measured(name, guess, shown):
    assert repr(checks.predict(name, guess)) == shown


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match="one of {'choice', 'number'}. Received: name='n'"):
        checks.predict("n", 3)


def test_every_prediction_can_be_right_and_can_be_missed(monkeypatch):
    monkeypatch.undo()
    for name, prediction in predictions.predictions().items():
        assert checks.predict(name, prediction.answer), name
        far = "?" if prediction.choices else prediction.answer + 1.1 * prediction.within + 0.1
        assert not checks.predict(name, far), name


def test_progress_lists_the_exercises_of_a_chapter_with_their_state():
    checks.constant_losses({"all": 1})
    shown = repr(checks.progress("relation"))
    assert shown.startswith("relation: ")
    assert "✘ checks.constant_losses: wrong" in shown
    assert "checks.relation_sizes" in shown and "checks.prototypes" not in shown
    assert "relation: " in repr(checks.progress())  # the chapter that was begun


def test_progress_names_the_chapters_there_are():
    with pytest.raises(ValueError, match="Expected one of .*'siamese'"):
        checks.progress("01")
