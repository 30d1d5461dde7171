"""Chapter 1: an open exercise, training within 300 steps."""

import keras

from fslkeras import losses
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.training import TrainingTask

TASK = TrainingTask(
    kind="Siamese",
    steps=300,
    wanted=0.84,
    far="What did this chapter find out about the pairs in a batch of images, and about the "
    "margin?",
    plain="where 5-way training with a margin of 1 reached 35 %",
)


@exercise(
    hints=(
        "What did this chapter find out about pairs? Once a batch of images is embedded, all its "
        "pairs are free, and with more classes in a batch, more of them contribute.",
        "And the margin? With a larger one, more pairs of different classes stay inside it for "
        "longer.",
        "60-way episodes, 2 queries, margin 3, Adam with CosineDecay(4e-3, 300), Conv4-32.",
    ),
    solution="""episodes = fslkeras.networks.episode_model(
    fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=32))
)
contrastive = fslkeras.losses.ContrastiveLoss(margin=3.0)
episodes.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 300)),
    lambda same, scores: contrastive(same, -scores),
)
episodes.fit(fslkeras.Episodes(data, way=60, shot=1, query=2, steps=300), verbose=0)
return episodes""",
)
def siamese_training(answer):
    """Checks the episode model of a Siamese network trained for at most 300 steps."""
    _judge_outputs(answer)
    return TASK.judge_model(answer)


def _judge_outputs(model):
    """Raises `Wrong` for a network for pairs, or one whose scores are trained as distances."""
    if not isinstance(model, keras.Model):
        return
    if {"left", "right"} & {tensor.name for tensor in getattr(model, "inputs", None) or ()}:
        raise Wrong(
            "this is the network for pairs. Return its episode model, which shares its weights: "
            "`networks.episode_model(siamese)`."
        )
    if isinstance(getattr(model, "loss", None), losses.ContrastiveLoss):
        raise Wrong(
            "its loss takes the scores for distances. A score is *minus* the distance: turn the "
            "sign inside the loss, as the chapter does."
        )
