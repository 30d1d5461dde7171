"""How the open exercises judge a network that a reader has trained in few steps: what is measured of it, and the verdict on that."""

import dataclasses

import keras
import numpy as np

from fslkeras import datasets
from fslkeras.course.checks.exercise import NotAttempted, Wrong
from fslkeras.episodes import Episodes
from fslkeras.evaluation import evaluate


@dataclasses.dataclass(frozen=True)
class TrainingRecord:
    """What is measured of a trained network.
    Args:
        steps: steps of training taken.
        validation: accuracy, 0..1, on 200 20-way 1-shot episodes of the glyphs' validation alphabets.
        elsewhere: the same on their test alphabets.
    """

    steps: int
    validation: float = np.nan
    elsewhere: float = np.nan


@dataclasses.dataclass(frozen=True)
class TrainingTask:
    """An accuracy to reach within some steps of training.
    Args:
        steps: steps of training that are allowed.
        wanted: accuracy to reach on the validation alphabets, 0..1.
        far: a sentence for those who are more than six points below it.
        plain: what the chapter's plain recipe reaches, as the end of a sentence.
    """

    steps: int
    wanted: float
    far: str
    plain: str

    def judge_model(self, model):
        """Measures the reader's trained `keras.Model`, from episodes to scores: as `judge`."""
        taken = steps_taken(model)
        self._judge_steps(taken)  # before the accuracies, which take seconds to measure
        return self.judge(TrainingRecord(taken, *accuracies(model)))

    def judge(self, record):
        """The verdict on a `TrainingRecord`: what was gained, as a sentence.
        Raises:
            Wrong: unless the network is good enough within the steps, and not only on the validation alphabets.
        """
        self._judge_steps(record.steps)
        _judge_honesty(record)
        if record.validation < self.wanted:
            close = "Close. Go beyond the chapter's own recipe: more classes, a higher learning rate, more queries or filters."
            raise Wrong(
                f"{100 * record.validation:.1f} % after {record.steps} steps, and {100 * self.wanted:.1f} % are wanted (20-way 1-shot, "
                f"200 episodes of validation alphabets). {close if record.validation > self.wanted - 0.06 else self.far}"
            )
        return f"{100 * record.validation:.1f} % within {self.steps} steps, {self.plain}. How did you do it?"

    def _judge_steps(self, taken):
        if not taken:
            raise Wrong("the model was not trained: its optimizer has taken no step. compile, then fit, then return the model.")
        if taken > self.steps:
            raise Wrong(f"it was trained for {taken} steps, and {self.steps} are allowed: steps times epochs.")


def _judge_honesty(record):
    """Raises `Wrong` where the accuracy tells of an accident, not of learning."""
    percent = f"{100 * record.validation:.1f} %"
    if record.validation - record.elsewhere > 0.06:
        raise Wrong(
            f"it reaches {percent} on the validation alphabets and only {100 * record.elsewhere:.1f} % on others. "
            "Were they trained on? Then they no longer say how good the network is on what is new."
        )
    if np.isclose(record.validation, 1 / 20):
        raise Wrong("it gives every class the same score: 5.0 %, chance. Did the training diverge (loss NaN)?")
    if record.validation < 0.03:
        raise Wrong(
            f"{percent} is below chance: its scores are low for the alike. A score is high for them: of a distance, *minus* the distance."
        )


def steps_taken(model):
    """The steps of training that a model's optimizer has taken.
    Raises:
        NotAttempted: if there is no model yet.
        Wrong: if it is something else.
    """
    if model is None or model is ...:
        raise NotAttempted
    if not isinstance(model, keras.Model):
        raise Wrong(
            f"expected the trained keras.Model, and received an object of type {type(model).__name__}. "
            "The function is to return the model; `fit` returns its history."
        )
    return int(model.optimizer.iterations) if getattr(model, "optimizer", None) is not None else 0


def accuracies(model):
    """A network's accuracy on the glyphs' validation alphabets and on their test alphabets, 0..1.
    Raises:
        Wrong: if it does not answer their episodes.
    """
    try:
        return [
            evaluate(model, Episodes(datasets.load("glyphs", split), way=20, shot=1, query=5, steps=200, seed=7)).mean
            for split in ("validation", "test")
        ]
    except Exception as error:
        raise Wrong(
            "it does not answer episodes of 28x28 glyphs with scores (episodes, queries, classes): "
            f"{type(error).__name__}, {str(error).splitlines()[0]}"
        ) from error
