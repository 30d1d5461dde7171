"""Chapter 1: an open exercise, to train within 300 steps."""

from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.training import TrainingTask

TASK = TrainingTask(
    kind="Siamese",
    steps=300,
    wanted=0.84,
    far="What did this chapter find out about the pairs that a batch of images holds, and about the margin?",
    plain="where 5-way training with a margin of 1 reached 35 %",
)


@exercise(
    hints=(
        "What did this chapter find about pairs? All pairs of a batch of images are free once the images are embedded, and the more "
        "classes in a batch, the more of them are worth something.",
        "And the margin? A larger one keeps more pairs of two classes inside it for longer.",
        "60-way episodes, 2 queries, margin 3, Adam with CosineDecay(4e-3, 300), Conv4-32.",
    ),
    solution="""episodes = fslkeras.networks.episode_model(fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=32)))
contrastive = fslkeras.losses.ContrastiveLoss(margin=3.0)
episodes.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 300)),
    lambda same, scores: contrastive(same, -scores),
)
episodes.fit(fslkeras.Episodes(data, way=60, shot=1, query=2, steps=300), verbose=0)
return episodes""",
)
def siamese_training(answer):
    """Checks a Siamese network's episode model, trained on the glyphs for at most 300 steps."""
    return TASK.judge_model(answer)
