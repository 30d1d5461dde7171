"""Plain and Gaussian prototypical networks with corrupted support images, for chapter 2.

    python benchmarks/corrupted.py

trains each network with three random seeds on the glyphs' train alphabets, and evaluates it on the
test alphabets. Results: data/results/corrupted.json.
"""

from grid import over_seeds, run
from training import accuracy, glyphs, train_on_corrupted

STEPS = 1500
ABOUT = (
    f"glyphs, Conv4-32, {STEPS} steps of one 20-way 5-shot episode, one query per class, half of "
    "the support corrupted; test alphabets, 20-way 5-shot, 1000 episodes, 15 queries per class"
)
NETWORKS = ("squared_euclidean", "euclidean", "image", "dimension")
RUNS = over_seeds({network: {"network": network} for network in NETWORKS})


def measure(network, seed):
    train, test = glyphs()
    return by_share(train_on_corrupted(train, network, STEPS, seed=seed), test)


def by_share(model, data):
    """20-way 5-shot accuracy for each percentage of corrupted support images."""
    return {
        f"{percent}%": accuracy(model, data, 20, 5, corrupted=percent / 100)
        for percent in (0, 25, 50, 75, 100)
    }


def main():
    run("corrupted", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
