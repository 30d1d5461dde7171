"""Measures and judges the network that a learner trains in an open exercise."""

import contextlib
import dataclasses

import keras
import numpy as np
from scipy.special import softmax

from fslkeras import datasets, layers
from fslkeras.course.checks.exercise import NotAttempted, Wrong, error_text
from fslkeras.course.checks.steps import random_start, same_weights, steps_taken
from fslkeras.episodes import Episodes
from fslkeras.evaluation import evaluate


@dataclasses.dataclass(frozen=True)
class TrainingRecord:
    """Measurements of a trained network.

    Args:
        steps: number of training steps.
        validation: accuracy, 0..1, on 200 20-way 1-shot episodes of the validation alphabets.
        elsewhere: the same on their test alphabets.
    """

    steps: int
    validation: float = np.nan
    elsewhere: float = np.nan


@dataclasses.dataclass(frozen=True)
class TrainingTask:
    """An accuracy to reach within a number of training steps.

    Args:
        kind: the kind of network that the exercise asks for, as `kind_of` names it.
        steps: the number of training steps allowed.
        wanted: accuracy to reach on the validation alphabets, 0..1.
        far: a sentence for results more than six points below it.
        plain: what the chapter's plain recipe reaches, as the end of a sentence.
    """

    kind: str
    steps: int
    wanted: float
    far: str
    plain: str

    def judge_model(self, model):
        """Measures the learner's `keras.Model`, from episodes to scores, then as `judge`."""
        _judge_type(model)
        taken = steps_taken(model)
        self._judge_steps(taken)  # before measuring accuracy, which takes seconds
        _judge_start(model)
        must_be(self.kind, model)
        return self.judge(TrainingRecord(taken, *accuracies(model)))

    def judge(self, record):
        """Judges a `TrainingRecord`, and returns a sentence on what was reached.

        Raises:
            Wrong: unless the network reaches the accuracy within the steps, and other alphabets
                show no sign of cheating.
        """
        self._judge_steps(record.steps)
        _judge_honesty(record)
        reached = f"{100 * record.validation:.1f} % after {record.steps} steps"
        if not record.validation >= self.wanted:  # also catches NaN
            close = (
                "Close. Go beyond the chapter's own recipe: more classes, a higher learning rate, "
                "more queries or filters."
            )
            raise Wrong(
                f"{reached}. The target is {100 * self.wanted:.1f} % (20-way 1-shot, 200 episodes "
                "of validation alphabets). "
                f"{close if record.validation > self.wanted - 0.06 else self.far}"
            )
        return f"{reached}, {self.plain}. How did you do it?"

    def _judge_steps(self, taken):
        if not taken:
            raise Wrong(
                "the model was not trained: no optimizer has taken a step with its weights. Call "
                "compile, then fit, then return the model you fitted, not a copy."
            )
        if taken > self.steps:
            raise Wrong(
                f"it was trained for {taken} steps, but only {self.steps} are allowed. Steps times "
                "epochs count, over every fit since its weights were random."
            )


def _judge_honesty(record):
    """Raises `Wrong` if the accuracy does not come from learning."""
    percent = f"{100 * record.validation:.1f} %"
    if record.validation - record.elsewhere > 0.06:
        raise Wrong(
            f"it reaches {percent} on the validation alphabets but only "
            f"{100 * record.elsewhere:.1f} % on others. Did it train on the validation alphabets? "
            "Then they no longer measure how it does on new ones."
        )
    if np.isclose(record.validation, 1 / 20):
        raise Wrong(
            "it gives every class the same score: 5.0 %, chance. Did training diverge (loss NaN)?"
        )
    if record.validation < 0.03:
        raise Wrong(
            f"{percent} is below chance: its scores are lower for more similar images. They must "
            "be higher: the cosine itself, or *minus* the distance."
        )


def _judge_type(model):
    if model is None or model is ...:
        raise NotAttempted
    if not isinstance(model, keras.Model):
        raise Wrong(
            "expected the trained keras.Model, but received an object of type "
            f"{type(model).__name__}. Return the model itself; `fit` returns its history."
        )


def _judge_start(model):
    """Raises `Wrong` if a network has had more training than the counted steps."""
    if not random_start(model):
        raise Wrong(
            "it was trained before: the first counted step did not start from random weights. "
            "Build a new network and train that."
        )
    if not same_weights(model):
        raise Wrong(
            "its weights are not those that were trained: they were replaced after the first "
            "step, loaded from a file, or lost to a far too high learning rate. Return the model "
            "as `fit` leaves it."
        )


def must_be(kind, model):
    """Raises `Wrong` unless a model over episodes is of one kind, as `kind_of` names it."""
    received = kind_of(model)
    if received and kind not in received:
        raise Wrong(
            f"expected a {kind} network, but this one compares as a {received} network does."
        )


def kind_of(model):
    """The kind of a model over episodes: "Siamese", "prototypical", "relation" or "matching".

    The layers identify a relation network, or else the scores do. In a matching network, a class's
    probability is the sum over its images. A Siamese network compares a query with each support
    image, so a class's score lies between those of its images. Of the other two, only a relation
    network's scores lie in 0..1, or change when queries and examples change places.

    Returns:
        the kind, or None if the scores are all the same or not numbers. Where the scores do not
        decide, all kinds that it may be, such as "Siamese or relation".
    Raises:
        Wrong: if the model does not take episodes.
    """
    x, _ = Episodes(datasets.load("glyphs", "validation"), way=5, shot=3, query=5, steps=1, seed=7)[
        0
    ]
    scores = _scores(model, x)
    parts = list(_layers(model))
    if any(isinstance(part, layers.RelationModule) for part in parts):
        return "relation"
    if not np.ptp(scores) >= 1e-6:  # also catches NaN
        return None
    if _adds_up(model, x):
        return "matching"
    # Compared with the last class, which keeps its three images, a log-softmax changes nothing.
    of_all = _beside_the_last(model, x)
    of_each = []
    for i in range(3):
        kept = [i, 3 + i, 6 + i, 9 + i, 12, 13, 14]
        one_image = {name: x[name][:, kept] for name in ("support", "support_labels")}
        of_each.append(_beside_the_last(model, {**x, **one_image}))
    slack, symmetric = 1e-3 * np.ptp(of_all), _symmetric(model, x)
    above, below = np.max(of_each, axis=0) + slack, np.min(of_each, axis=0) - slack
    if np.mean((of_all > above) | (of_all < below)) < 0.02:
        return "Siamese" if symmetric else "Siamese or relation"
    if 0 <= scores.min() and scores.max() <= 1:
        # Probabilities of the classes may come from any other network, by a softmax.
        any_other = np.allclose(scores.sum(axis=-1), 1, atol=1e-3)
        return "Siamese, prototypical or relation" if any_other else "relation"
    return "prototypical" if symmetric else "prototypical or relation"


def _symmetric(model, x):
    """Whether queries and examples may change places, as under a distance."""
    labels, images = np.eye(5, dtype="float32")[None], (x["support"][:, ::3], x["query"][:, ::5])
    scores, swapped = (
        _scores(model, {"support": a, "support_labels": labels, "query": b})[0]
        for a, b in (images, images[::-1])
    )
    if np.allclose(scores.sum(axis=-1), 1, atol=1e-3):  # probabilities
        scores, swapped = np.log(np.maximum([scores, swapped], 1e-30))
    difference = scores - swapped.T
    # A log-softmax shifts whole rows of both.
    difference -= difference.mean(axis=0)
    difference -= difference.mean(axis=1, keepdims=True)
    return np.ptp(difference) < 1e-3 * np.ptp(scores)


def _adds_up(model, x):
    """Whether a class's probability is the sum over its images, each as a class of its own."""
    # One image of the first class, three of the others: equal classes would differ little at first.
    support, labels = x["support"][:, 2:], x["support_labels"][:, 2:]
    alone = np.eye(labels.shape[1], dtype="float32")[None]
    of_class, of_images = (
        _scores(model, {**x, "support": support, "support_labels": y}) for y in (labels, alone)
    )
    readings = [(softmax(of_images, axis=-1), softmax(of_class, axis=-1))]  # logits, logarithms
    if np.allclose(of_class.sum(axis=-1), 1, atol=1e-3):
        readings.append((of_images, of_class))  # probabilities
    return any(np.allclose(each @ labels, total, rtol=0.02, atol=1e-5) for each, total in readings)


def _beside_the_last(model, x):
    scores = _scores(model, x)
    return scores[..., :-1] - scores[..., -1:]


def _layers(model):
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from _layers(layer)


def _scores(model, x):
    """A model's scores for an episode, float (1, Q, N)."""
    with _answering():
        scores = keras.ops.convert_to_numpy(model(x, training=False))
        expected = (1, x["query"].shape[1], x["support_labels"].shape[-1])
        if scores.shape != expected:
            raise ValueError(f"expected scores of shape {expected}, received {scores.shape}")
        return scores.astype("float64")


def accuracies(model):
    """A network's accuracies on the glyphs' validation and test alphabets, 0..1.

    Raises:
        Wrong: if it does not take their episodes.
    """
    with _answering():
        return [
            evaluate(
                model,
                Episodes(
                    datasets.load("glyphs", split), way=20, shot=1, query=5, steps=200, seed=7
                ),
            ).mean
            for split in ("validation", "test")
        ]


@contextlib.contextmanager
def _answering():
    try:
        yield
    except Exception as error:
        raise Wrong(
            "it does not turn episodes of 28x28 glyphs into scores (episodes, queries, classes): "
            f"{error_text(error)}."
        ) from error
