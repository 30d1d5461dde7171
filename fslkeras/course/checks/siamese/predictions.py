"""Chapter 1: what a reader is asked to predict, and what is measured."""

from fslkeras.course.checks.predictions import Prediction

PREDICTIONS: dict[str, Prediction] = {
    "game": Prediction(
        answer=90,
        within=8,
        unit=" %",
        because="Raw pixels reach only 24 %, and chance 5 %: two drawings of one letter share few "
        "pixels.",
    ),
    "flipped_labels": Prediction(
        answer=31,
        within=8,
        unit=" %",
        because="Random weights already map similar drawings to similar vectors: 46 % without any "
        "training. The flipped loss works against that, but 100 steps do not reverse the order.",
    ),
    "inside_margin": Prediction(
        answer=11,
        within=8,
        unit=" %",
        because="The other 89 % are beyond the margin and cost nothing, so the 80 same-letter "
        "pairs make up more than half of the loss.",
    ),
    "best_energy": Prediction(
        answer="Euclidean",
        choices=("Euclidean", "cosine", "weighted L1", "Koch"),
        because="It leads by more than ten points, and the intervals of the other three overlap. "
        "But its margin was chosen among five, and the cosine's was not.",
    ),
}
