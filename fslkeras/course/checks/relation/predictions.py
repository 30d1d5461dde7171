"""Chapter 3: what a reader is asked to predict, and what is measured."""

from fslkeras.course.checks.predictions import Prediction

PREDICTIONS: dict[str, Prediction] = {
    "feature_map": Prediction(
        answer="7x7x32",
        choices=("28x28x32", "14x14x32", "7x7x32", "1x1x32"),
        because="Two blocks halve the side, 28 to 14 to 7; the other two keep it. Each filter "
        "gives one channel.",
    ),
    "times_faster": Prediction(
        answer=3.5,
        within=1.5,
        unit=" times as fast",
        because="A ninth of the multiplications is left, but not a ninth of the time: both forms "
        "still normalize and pool a map for each pair.",
    ),
    "plateau": Prediction(
        answer=0.09,
        within=0.015,
        because="At 10-way, always answering the base rate, 1/10, costs 0.1 x 0.9 = 0.09, and "
        "always answering 0 costs 0.1.",
    ),
    "mean_of_five": Prediction(
        answer=99,
        within=3,
        unit=" %",
        because="The mean of five maps has values as large as those of one map, so the module "
        "reads it as before. It is less noisy, too, so five examples beat one.",
    ),
    "one_class_at_a_time": Prediction(
        answer=10,
        within=6,
        unit=" points",
        because="The three networks lose 12.3, 8.8 and 7.9 points: the batch is normalized by the "
        "queries of one letter only, and by far fewer of them.",
    ),
}
