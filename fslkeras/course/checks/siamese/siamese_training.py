"""Chapter 1: an open exercise, training within 300 steps."""

from fslkeras.course.checks.exercise import exercise
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
    return TASK.judge_model(answer)
