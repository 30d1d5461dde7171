"""Chapter 2: prototypical networks with different distances and classes per training episode.

    python benchmarks/chapter_2.py

trains each network with three random seeds on 1-shot episodes of the glyphs' train alphabets, and
evaluates it on the test alphabets. Results: data/results/chapter_2.json.
"""

from grid import over_seeds, run
from training import accuracies, glyphs, train_prototypical

STEPS = 1000
ABOUT = (
    f"glyphs, Conv4-32, {STEPS} steps of one 1-shot episode, 5 queries per class; test alphabets, "
    "1000 episodes, 15 queries per class"
)
NETWORKS = [
    ("squared_euclidean", 20),
    ("cosine", 20),
    ("squared_euclidean", 5),
    ("squared_euclidean", 40),
]
RUNS = over_seeds(
    {f"{metric}, {way}-way": {"metric": metric, "way": way} for metric, way in NETWORKS}
)


def measure(**settings):
    train, test = glyphs()
    return accuracies(train_prototypical(train, steps=STEPS, query=5, **settings), test)


def main():
    run("chapter_2", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
