"""The appendix: what a reader is asked to predict, and what is measured."""

from fslkeras.course.checks.predictions import Prediction

PREDICTIONS: dict[str, Prediction] = {
    "three_photographs": Prediction(
        answer=91,
        within=8,
        unit=" %",
        because="The backbone already separates everyday things. Three examples per class only "
        "have to mark where each class lies.",
    ),
    "letters_on_photographs": Prediction(
        answer=31,
        within=7,
        unit=" %",
        because="Raw pixels reach 29 %. What tells letters apart hardly helps with photographs.",
    ),
    "outside_imagenet": Prediction(
        answer="about the same",
        choices=("at least 5 points lower", "about the same", "at least 5 points higher"),
        because="At 5-way 5-shot, they reach 95 %, and the classes in ImageNet 96 %. At one shot, "
        "they are no harder.",
    ),
    "first_three_examples": Prediction(
        answer=12,
        within=5,
        unit=" points",
        because="The mean accuracy rises from 82 to 94 % with the second and third example, and "
        "by only one point between the fifth and the eighth.",
    ),
}
