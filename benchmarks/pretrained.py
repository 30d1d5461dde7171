"""The trained networks that the course ships, for its first pages and its Going further sections.

    python benchmarks/pretrained.py [name ...]

trains those named, or all that are not in data/weights yet, and writes there each as a .keras file, and what it was trained on and
reached in weights.json.
"""

import argparse

import fslkeras
from chapter_1 import verification
from corrupted import by_share
from training import (
    WEIGHTS,
    accuracies,
    row,
    ship,
    train_matching,
    train_on_corrupted,
    train_on_unlabelled,
    train_relation,
    train_siamese,
)
from unlabelled import by_task


def siamese(train, test):
    """The network of chapter 1, trained four times as long."""
    model = train_siamese(train, steps=6000)
    figures = accuracies(fslkeras.networks.episode_model(model), test)
    trained_on = "the glyphs' train alphabets: Conv4-32, Euclidean, contrastive loss with margin 5, 6000 steps of all pairs of 120 images"
    return model, trained_on, {**figures, "auc": verification(model, test)}


def gaussian_prototypical(train, test):
    """A network for chapter 2 with one precision an image, trained twice as long as in the comparison there."""
    model = train_on_corrupted(train, "image", steps=3000)
    trained_on = (
        "the glyphs' train alphabets: Conv4-32, a precision for each image, 3000 steps of one 20-way 5-shot episode, one query a class, "
        "half of the support spoiled"
    )
    return model, trained_on, by_share(model, test)


def semi_supervised(train, test):
    """A network for chapter 2 with masked refinement, trained twice as long as in the comparison there."""
    model = train_on_unlabelled(train, "masked", steps=2000)
    trained_on = (
        "the glyphs' train alphabets: Conv4-32, masked soft k-means, 2000 steps of one 20-way 1-shot episode, 2 queries a class, "
        "5 unlabelled images of each class and of 20 distractor classes"
    )
    return model, trained_on, by_task(model, test)


def relation(train, test):
    """The network of chapter 3, trained twice as long."""
    model = train_relation(train, steps=4000)
    trained_on = "the glyphs' train alphabets: Conv4-32 with its maps kept, 4000 steps of one 20-way 1-shot episode, 3 queries a class"
    return model, trained_on, accuracies(model, test)


def matching(train, test):
    """A network for chapter 4 with full context embeddings, five looks at the support set."""
    model = train_matching(train, steps=1000, context_steps=5)
    trained_on = (
        "the glyphs' train alphabets: Conv4-32, only the support normalised, full context embeddings with 5 steps, "
        "1000 steps of one 40-way 1-shot episode, 2 queries a class"
    )
    return model, trained_on, accuracies(model, test)


RECIPES = {
    "siamese": siamese,
    "gaussian_prototypical": gaussian_prototypical,
    "semi_supervised": semi_supervised,
    "relation": relation,
    "matching": matching,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help=f"out of {', '.join(RECIPES)}")
    names = parser.parse_args().names or [name for name in RECIPES if not (WEIGHTS / f"{name}.keras").exists()]
    train, test = fslkeras.datasets.load("glyphs", split="train"), fslkeras.datasets.load("glyphs", split="test")
    for name in names:
        model, trained_on, figures = RECIPES[name](train, test)
        ship(name, model, trained_on, figures)
        print(f"{name}: {row({task: figure for task, figure in figures.items() if isinstance(figure, dict)})}")


if __name__ == "__main__":
    main()
