"""Chapter 4: an open exercise, to train within 300 steps."""

from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.training import TrainingTask

TASK = TrainingTask(
    kind="matching",
    steps=300,
    wanted=0.84,
    far="What did this chapter find out about how sure a softmax of cosines can be?",
    plain="where 5-way training with exact cosines reaches 46 %",
)


@exercise(
    hints=(
        "What did this chapter find about the cosines? As long as both sides have length one, the softmax cannot become sure of "
        "anything, and the slope of the loss says little. What lets it?",
        'normalize="support" leaves the query its length; scale multiplies the cosines by a number. And as in the other chapters: more '
        "classes in an episode, and a higher learning rate that falls to zero.",
        '60-way episodes, 2 queries, normalize="support", Adam with CosineDecay(4e-3, 300), Conv4-32.',
    ),
    solution="""model = fslkeras.networks.matching(fslkeras.encoders.conv4(filters=32), normalize="support")
model.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 300)),
    keras.losses.CategoricalCrossentropy(from_logits=True),
)
model.fit(fslkeras.Episodes(data, way=60, shot=1, query=2, steps=300), verbose=0)
return model""",
)
def matching_training(answer):
    """Checks a matching network, trained on the glyphs for at most 300 steps."""
    return TASK.judge_model(answer)
