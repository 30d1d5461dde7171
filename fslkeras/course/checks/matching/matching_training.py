"""Chapter 4: an open exercise, training within 300 steps."""

from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.training import TrainingTask

TASK = TrainingTask(
    kind="matching",
    steps=300,
    wanted=0.84,
    far="What did this chapter find out about how sure a softmax of cosines can be? If yours has a "
    "remedy, use more classes per episode and a higher learning rate.",
    plain="where 5-way training with plain cosines reaches 46 %",
)


@exercise(
    hints=(
        "As long as both sides have length 1, the softmax of their cosines cannot be sure of "
        "anything, and its gradient says little. What did this chapter do about that?",
        'normalize="support" lets the query keep its length; `scale` multiplies the cosines by a '
        "number. As in the other chapters, more classes per episode help, and so does a higher "
        "learning rate that decays to zero.",
        '60-way episodes, 2 queries per class, normalize="support", Adam with '
        "CosineDecay(4e-3, 300), 32 filters.",
    ),
    solution="""encoder = fslkeras.encoders.conv4(filters=32)
model = fslkeras.networks.matching(encoder, normalize="support")
model.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 300)),
    keras.losses.CategoricalCrossentropy(from_logits=True),
)
model.fit(fslkeras.Episodes(data, way=60, shot=1, query=2, steps=300), verbose=0)
return model""",
)
def matching_training(answer):
    """Checks a matching network trained on the glyphs for at most 300 steps."""
    return TASK.judge_model(answer)
