"""Chapter 3: an open exercise, training within 300 steps."""

from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.training import TrainingTask

TASK = TrainingTask(
    kind="relation",
    steps=300,
    wanted=0.84,
    far="What did this chapter find out about the loss? And do more classes per episode help with "
    "every loss?",
    plain="where 5-way training with the squared error at a constant learning rate reaches 59 %",
)


@exercise(
    hints=(
        "With the squared error, training stays for a long time at scores near 0 for everything: "
        "you computed what that costs, and it costs less the more classes there are. What did "
        "this chapter find out about other losses?",
        "keras.losses.CategoricalCrossentropy() divides a query's scores by their sum, so only the "
        "true class *relative to* the others counts. With it, more classes per episode help, and "
        "so does a higher learning rate that decays to zero.",
        "40-way episodes, 2 queries per class, CategoricalCrossentropy, Adam with "
        "CosineDecay(4e-3, 300), 32 filters.",
    ),
    solution="""encoder = fslkeras.encoders.conv4(filters=32, pooled_blocks=2, flatten=False)
model = fslkeras.networks.relation(encoder, filters=32)
model.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 300)),
    keras.losses.CategoricalCrossentropy(),
)
model.fit(fslkeras.Episodes(data, way=40, shot=1, query=2, steps=300), verbose=0)
return model""",
)
def relation_training(answer):
    """Checks a relation network trained on the glyphs for at most 300 steps."""
    return TASK.judge_model(answer)
