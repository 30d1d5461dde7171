"""Plain and Gaussian prototypical networks with spoiled support images: a Going further section of chapter 2.

    python benchmarks/corrupted.py

trains each network over three seeds, adds each to data/results/corrupted.json when it is done, leaves out those that are there
already, and prints the table. Conv4-32, trained on the glyphs' train alphabets and judged on the test alphabets.
"""

from training import accuracy, load_results, row, save_results, train_on_corrupted

import fslkeras

STEPS = 1500
NETWORKS = ("squared_euclidean", "euclidean", "image", "dimension")
SHARES = {"0%": 0.0, "25%": 0.25, "50%": 0.5, "75%": 0.75, "100%": 1.0}


def main():
    train, test = fslkeras.datasets.load("glyphs", split="train"), fslkeras.datasets.load("glyphs", split="test")
    results = load_results("corrupted.json")
    results["about"] = (
        f"glyphs, Conv4-32, {STEPS} steps of one 20-way 5-shot episode, one query a class, half of the support spoiled; "
        "test alphabets, 20-way 5-shot, 1000 episodes, 15 queries a class"
    )
    for seed in range(3):
        for network in NETWORKS:
            name = f"{network}, seed {seed}"
            if name not in results["runs"]:
                model = train_on_corrupted(train, network, STEPS, seed=seed)
                results["runs"][name] = {"network": network, "seed": seed, **by_share(model, test)}
                save_results("corrupted.json", results)
            run = results["runs"][name]
            print(f"{name:24s} {row({share: run[share] for share in SHARES})}", flush=True)


def by_share(model, data):
    """Accuracy at each share of spoiled support images, 20-way 5-shot, over 1,000 episodes of 15 queries a class."""
    return {
        name: accuracy(model, fslkeras.Episodes(data, way=20, shot=5, query=15, steps=1000, seed=1, corrupted=share))
        for name, share in SHARES.items()
    }


if __name__ == "__main__":
    main()
