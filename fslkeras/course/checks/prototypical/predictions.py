"""Chapter 2: what a reader is asked to predict, and what is measured."""

from fslkeras.course.checks.predictions import Prediction

PREDICTIONS: dict[str, Prediction] = {
    "raw_pixels": Prediction(
        answer=48,
        within=12,
        unit=" %",
        because="Slant, size and position change the pixels of a letter a lot, but similar pixels "
        "still beat chance by 28 points.",
    ),
    "first_loss": Prediction(
        answer=3.69,
        within=0.1,
        because="The softmax of equal scores gives each class 1/40, and -log(1/40) = log 40.",
    ),
    "hardest_task": Prediction(
        answer=88,
        within=6,
        unit=" %",
        because="Letters of one alphabet resemble each other: with them, 20-way 1-shot is five "
        "points harder than with letters from all test alphabets.",
    ),
    "way_in_training": Prediction(
        answer="40-way",
        choices=("5-way", "20-way", "40-way"),
        because="At 5-way 1-shot, it reaches 97.3 %; 20-way training reaches 96.4 %, and 5-way "
        "training 90.6 %.",
    ),
    "least_trusted": Prediction(
        answer="shrinking",
        choices=("noise", "occlusion", "shrinking"),
        because="The middle half of the shrunken images has precisions from 2.4 to 2.8; of the "
        "noisy ones, 2.7 to 3.1; of the occluded ones, 3.7 to 4.4.",
    ),
    "refined_accuracy": Prediction(
        answer=97,
        within=2,
        unit=" %",
        because="Five unlabeled images per class bring four points; four more labeled ones, five.",
    ),
    "fine_tuning": Prediction(
        answer=0,
        within=0.5,
        unit=" points",
        because="The gain is 0.01 ± 0.09 points. A possible reason: the encoder was trained with "
        "the prototypes as its last layer.",
    ),
}
