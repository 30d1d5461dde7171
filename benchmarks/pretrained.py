"""The trained networks that the course publishes.

    python benchmarks/pretrained.py [NAME ...]

trains the named networks, or all that are missing from data/weights, and writes each there as a
.keras file. weights.json records what it was trained on, and its results.
"""

import argparse

from chapter_1 import verification
from corrupted import by_share
from grid import line
from training import (
    WEIGHTS,
    accuracies,
    glyphs,
    publish,
    train_matching,
    train_on_corrupted,
    train_on_unlabelled,
    train_relation,
    train_siamese,
)
from unlabelled import by_task

import fslkeras

TRAINED_ON = {
    "siamese": "Conv4-32, Euclidean, contrastive loss with margin 5, 6000 steps of all pairs of "
    "120 images",
    "gaussian_prototypical": "Conv4-32, one precision per image, 3000 steps of one 20-way 5-shot "
    "episode, one query per class, half of the support corrupted",
    "semi_supervised": "Conv4-32, masked soft k-means, 2000 steps of one 20-way 1-shot episode, 2 "
    "queries per class, 5 unlabelled images of each class and of 20 distractor classes",
    "relation": "Conv4-32 that keeps its feature maps, 4000 steps of one 20-way 1-shot episode, 3 "
    "queries per class",
    "matching": "Conv4-32, only the support normalized, full context embeddings with 5 steps, "
    "1000 steps of one 40-way 1-shot episode, 2 queries per class",
}
TRAINED_ON = {name: f"the glyphs' train alphabets: {how}" for name, how in TRAINED_ON.items()}


def siamese(train, test):
    """Chapter 1's network, trained four times as long."""
    model = train_siamese(train, steps=6000)
    results = accuracies(fslkeras.networks.episode_model(model), test)
    return model, {**results, "auc": verification(model, test)}


def gaussian_prototypical(train, test):
    """Chapter 2's network with one precision per image, trained twice as long as there."""
    model = train_on_corrupted(train, "image", steps=3000)
    return model, by_share(model, test)


def semi_supervised(train, test):
    """Chapter 2's network with masked refinement, trained twice as long as there."""
    model = train_on_unlabelled(train, "masked", steps=2000)
    return model, by_task(model, test)


def relation(train, test):
    """Chapter 3's network, trained twice as long."""
    model = train_relation(train, steps=4000)
    return model, accuracies(model, test)


def matching(train, test):
    """Chapter 4's network with full context embeddings, which read the support set five times."""
    model = train_matching(train, steps=1000, context_steps=5)
    return model, accuracies(model, test)


RECIPES = {
    recipe.__name__: recipe
    for recipe in (siamese, gaussian_prototypical, semi_supervised, relation, matching)
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(RECIPES)}")
    names = parser.parse_args().names or [
        name for name in RECIPES if not (WEIGHTS / f"{name}.keras").exists()
    ]
    train, test = glyphs()
    for name in names:
        model, results = RECIPES[name](train, test)
        publish(name, model, TRAINED_ON[name], results)
        print(f"{name}: {line(results)}")


if __name__ == "__main__":
    main()
