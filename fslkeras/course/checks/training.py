"""How the open exercises judge a network that a reader has trained in few steps."""

import keras
import numpy as np

from fslkeras import datasets
from fslkeras.course.checks.exercise import NotAttempted, Wrong
from fslkeras.episodes import Episodes
from fslkeras.evaluation import evaluate


def judge_training(model, steps, wanted, far):
    """Raises `Wrong` unless a network is good on 20-way 1-shot episodes of the glyphs' validation alphabets.
    Args:
        model: the reader's trained `keras.Model` from episodes to scores.
        steps: steps of training that are allowed.
        wanted: accuracy to reach, 0..1, over 200 episodes.
        far: a sentence for those who are more than six points below it.
    Returns:
        the accuracy, 0..1.
    """
    if model is None or model is ...:
        raise NotAttempted
    if not isinstance(model, keras.Model):
        raise Wrong(
            f"expected the trained keras.Model, and received an object of type {type(model).__name__}. "
            "The function is to return the model; `fit` returns its history."
        )
    taken = int(model.optimizer.iterations) if getattr(model, "optimizer", None) is not None else 0
    if not taken:
        raise Wrong(
            "the model was not trained: its optimizer has taken no step. compile, then fit, then return the model."
        )
    if taken > steps:
        raise Wrong(f"it was trained for {taken} steps, and {steps} are allowed: steps times epochs.")
    try:
        reached, elsewhere = (
            evaluate(model, Episodes(datasets.load("glyphs", split), way=20, shot=1, query=5, steps=200, seed=7)).mean
            for split in ("validation", "test")
        )
    except Exception as error:
        raise Wrong(
            "it does not answer episodes of 28x28 glyphs with scores (episodes, queries, classes): "
            f"{type(error).__name__}, {str(error).splitlines()[0]}"
        ) from error
    if reached - elsewhere > 0.06:
        raise Wrong(
            f"it reaches {100 * reached:.1f} % on the validation alphabets and only {100 * elsewhere:.1f} % on others. "
            "Were they trained on? Then they no longer say how good the network is on what is new."
        )
    if np.isclose(reached, 1 / 20):
        raise Wrong("it gives every class the same score: 5.0 %, chance. Did the training diverge (loss NaN)?")
    if reached < 0.03:
        raise Wrong(
            f"{100 * reached:.1f} % is below chance: its scores are low for the alike. A score is high for them: of a distance, *minus* the distance."
        )
    if reached < wanted:
        close = (
            "Close. Go beyond the chapter's own recipe: more classes, a higher learning rate, more queries or filters."
        )
        raise Wrong(
            f"{100 * reached:.1f} % after {taken} steps, and {100 * wanted:.1f} % are wanted (20-way 1-shot, 200 episodes of "
            f"validation alphabets). {close if reached > wanted - 0.06 else far}"
        )
    return reached
