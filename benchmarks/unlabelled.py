"""Prototypes refined with unlabeled images, with and without distractors, for chapter 2.

    python benchmarks/unlabelled.py

trains each network with three random seeds on the glyphs' train alphabets, and evaluates it on the
test alphabets. Results: data/results/unlabelled.json.
"""

from grid import over_seeds, run
from training import accuracy, glyphs, train_on_unlabelled

STEPS = 1000
ABOUT = (
    f"glyphs, Conv4-32, {STEPS} steps of one 20-way 1-shot episode, 2 queries per class, 5 "
    "unlabelled images of each class and of 20 distractor classes; test alphabets, 1-shot, 5 "
    "unlabelled images per class, 1000 episodes, 10 queries per class"
)
METHODS = ("supervised", "test only", "soft", "cluster", "masked")
RUNS = over_seeds({method: {"method": method} for method in METHODS})


def measure(method, seed):
    train, test = glyphs()
    return by_task(train_on_unlabelled(train, method, STEPS, seed=seed), test)


def by_task(model, data):
    """1-shot accuracy for each way and number of distractor classes."""
    return {
        f"{way}w1s, {distractors} distractors": accuracy(
            model, data, way, 1, query=10, unlabelled=5, distractors=distractors
        )
        for way in (5, 20)
        for distractors in (0, way)
    }


def main():
    run("unlabelled", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
