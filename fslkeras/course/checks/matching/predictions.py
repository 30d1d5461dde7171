"""Chapter 4: what a reader is asked to predict, and what is measured."""

from fslkeras.course.checks.predictions import Prediction

PREDICTIONS: dict[str, Prediction] = {
    "segment_sum_wins": Prediction(
        answer="1000-way",
        choices=("5-way", "20-way", "100-way", "1000-way"),
        because="Up to 100-way, the product takes less than a quarter of a millisecond, and the "
        "segment sum more. At 1,000-way, they take 3.5 and 1.0 ms.",
    ),
    "plain_cosine_behind": Prediction(
        answer=40,
        within=15,
        unit=" points",
        because="The plain cosine reaches 51.3 ± 2.5 %, the normalized support 90.9 ± 1.0 %.",
    ),
    "two_encoders": Prediction(
        answer="5 points lower",
        choices=("5 points higher", "about the same", "5 points lower"),
        because="86.0 ± 1.3 % instead of 90.9 ± 1.0 %, perhaps because the two encoders must learn "
        "a common space that a shared one has from the start.",
    ),
    "last_of_four": Prediction(
        answer="Relation",
        choices=("Siamese", "Prototypical", "Relation", "Matching"),
        because="With its squared error it reaches 86.6 ± 1.9 %, the others 90 to 91 %. A "
        "40-way step also takes about three times as long.",
    ),
    "another_order": Prediction(
        answer=98,
        within=6,
        unit=" %",
        because="The three training runs keep 98.1, 98.4 and 98.6 % of their answers. The rest "
        "depend on an order that means nothing.",
    ),
    "known_or_unknown": Prediction(
        answer="the score",
        choices=("the score", "the probability"),
        because="A distance says how far away the nearest class is. A softmax drops that.",
    ),
    "plain_cosine_confidence": Prediction(
        answer=6,
        within=6,
        unit=" %",
        because="Chance is 5 %, and a softmax of cosines from 0 to 1 gives at most 12.5 %: see "
        "exercise 3.",
    ),
    "half_a_pixel": Prediction(
        answer=7.5,
        within=4,
        unit=" points",
        because="Over a thousand episodes, it goes from 78.1 to 85.7 %, and the Siamese network "
        "from 71.8 to 83.2 %.",
    ),
}
