"""The course's four networks with the same training budget: the comparison at the end of chapter 4.

    python benchmarks/comparison.py

trains each network with three random seeds for 1,000 steps of one 1-shot episode of 120 images from
the glyphs' train alphabets, and evaluates it on the test alphabets. Episodes are 40-way with 2
queries per class. The relation network's squared error learns slowly on 40 classes, so it gets
20-way episodes with 5 queries per class (its 40-way runs are in the file too). It takes the mean
over the shots, so that it can be evaluated 5-shot. Results: data/results/comparison.json.
`benchmarks/cost.py` measures the times.

Two more baselines have the same encoder and budget. "Softmax classifier, nearest centroid" trains
an ordinary classifier of the 745 training classes on 120 random images per step, discards its last
layer, and compares each query with the class means by cosine (Chen et al. 2019; Wang et al. 2019;
Laenen and Bertinetto 2021). "Relation, cross-entropy" replaces the squared error with categorical
cross-entropy. `benchmarks/choices.py` chose the distance and the way on the validation alphabets.
"""

import functools

from grid import over_seeds, run
from training import (
    accuracies,
    accuracy,
    glyphs,
    train_classifier,
    train_matching,
    train_prototypical,
    train_relation,
    train_siamese,
)

import fslkeras

STEPS = 1000
ABOUT = (
    f"glyphs, Conv4-32, {STEPS} steps of one 1-shot episode of 120 images (40-way; relation "
    "20-way); test alphabets, 1000 episodes, 15 queries per class"
)
NETWORKS = {
    "Siamese": lambda data, **options: fslkeras.networks.episode_model(
        train_siamese(data, **options)
    ),
    "Prototypical": train_prototypical,
    "Relation": lambda data, **options: train_relation(
        data, way=20, query=5, reduction="mean", **options
    ),
    "Matching": train_matching,
}
CROSS_ENTROPY = {"way": 40, "query": 2, "reduction": "mean", "loss": "categorical_crossentropy"}
ALSO_TRIED = {
    "Relation, 40-way": lambda data, **options: train_relation(
        data, way=40, query=2, reduction="mean", **options
    ),
    "Relation, cross-entropy": functools.partial(train_relation, **CROSS_ENTROPY),
    "Softmax classifier, nearest centroid": train_classifier,
}
RUNS = over_seeds({network: {"network": network} for network in NETWORKS | ALSO_TRIED})


def measure(network, seed):
    train, test = glyphs()
    model = (NETWORKS | ALSO_TRIED)[network](train, steps=STEPS, seed=seed)
    within = accuracy(model, test, 20, 1, within_alphabet=True)
    return {
        "weights": model.count_params(),
        **accuracies(model, test),
        "20w1s, one alphabet": within,
    }


def main():
    run("comparison", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
