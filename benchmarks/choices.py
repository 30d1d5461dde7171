"""Settings of the baselines, chosen on the validation alphabets with random seed 0.

    python benchmarks/choices.py

prints the accuracy on the validation alphabets of each value tried: the distance of the softmax
classifier (1,000 steps), and the way of the relation network with cross-entropy (300 steps), both
for `comparison.py`; the margins of the contrastive loss on all pairs (500 steps) and of the triplet
loss (300 steps), for `chapter_1.py`; and the optimizer and learning rate of `fine_tuning.py`.
Results: data/results/choices.json.
"""

import functools

import fine_tuning
from chapter_1 import MARGINS
from grid import run
from training import (
    accuracies,
    train_classifier,
    train_prototypical,
    train_relation,
    train_siamese,
)

import fslkeras
from fslkeras.networks import encoder_and_head, episode_model, prototypical

STEPS = 1000
ABOUT = (
    "glyphs, 32 filters, 120 images per step, random seed 0; validation alphabets, 1000 episodes "
    "(fine-tuning: 300), 15 queries per class"
)
TASKS = ((5, 1), (20, 1))
METRICS = ("squared_euclidean", "euclidean", "cosine")
RATES = [(optimizer, rate) for optimizer in ("sgd", "adam") for rate in (1e-3, 1e-2, 1e-1)]


def distances(train, validation):
    """One softmax classifier, evaluated with each distance."""
    encoder = encoder_and_head(train_classifier(train, STEPS))[0].encoder
    models = {metric: prototypical(encoder, metric) for metric in METRICS}
    return {metric: accuracies(model, validation, TASKS) for metric, model in models.items()}


def relation(train, validation, way, query):
    options = {"loss": "categorical_crossentropy", "reduction": "mean"}
    model = train_relation(train, min(STEPS, 300), way=way, query=query, **options)
    return accuracies(model, validation, TASKS)


def siamese(train, validation, steps, **settings):
    network = train_siamese(train, steps=min(STEPS, steps), **settings)
    return accuracies(episode_model(network), validation, TASKS)


def rates(train, validation):
    """One prototypical network, fine-tuned with each optimizer and learning rate."""
    model, results = train_prototypical(train, STEPS), {}
    for optimizer, rate in RATES:
        for way, shot in ((5, 5), (20, 1)):
            gain = fine_tuning.gain(model, validation, way, shot, optimizer, rate)
            results.setdefault(f"{optimizer} {rate}", {})[f"{way}w{shot}s"] = gain["after"]
    return results


CHOICES = {
    "softmax classifier, distance": distances,
    "relation, cross-entropy, 20-way": functools.partial(relation, way=20, query=5),
    "relation, cross-entropy, 40-way": functools.partial(relation, way=40, query=2),
    **{
        f"contrastive loss, margin {m}": functools.partial(siamese, steps=500, margin=m)
        for m in MARGINS
    },
    **{
        f"triplet loss, margin {m}": functools.partial(siamese, steps=300, margin=m, loss="triplet")
        for m in (0.5, 1.0, 2.0)
    },
    "fine-tuning, learning rate": rates,
}
RUNS = {choice: {"choice": choice} for choice in CHOICES}


def measure(choice):
    splits = ("train", "validation")
    return CHOICES[choice](*(fslkeras.datasets.load("glyphs", split) for split in splits))


def main():
    run("choices", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
