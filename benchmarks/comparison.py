"""The four networks of the course in one budget: the closing comparison of chapter 4.

    python benchmarks/comparison.py

trains each network over three seeds, adds each to data/results/comparison.json when it is done, leaves out those that are there
already, and prints the table. 1,000 steps of one 1-shot episode of 120 images from the glyphs' train alphabets: 40-way with 2 queries a
class, and 20-way with 5 for the relation network, whose squared error learns badly 40-way (it is in the table, too); judged on 1,000
episodes of 15 queries a class of the test alphabets. The relation network takes the mean over the shots, so that it may be asked about
five. `benchmarks/cost.py` measures the times of a step and of an evaluation side by side.
"""

import fslkeras
from training import (
    accuracies,
    accuracy,
    load_results,
    row,
    save_results,
    train_matching,
    train_prototypical,
    train_relation,
    train_siamese,
)

STEPS = 1000
NETWORKS = {
    "Siamese": lambda data, **options: fslkeras.networks.episode_model(train_siamese(data, **options)),
    "Prototypical": train_prototypical,
    "Relation": lambda data, **options: train_relation(data, way=20, query=5, reduction="mean", **options),
    "Matching": train_matching,
}
ALSO_TRIED = {
    "Relation, 40-way": lambda data, **options: train_relation(data, way=40, query=2, reduction="mean", **options),
}


def main():
    train, test = fslkeras.datasets.load("glyphs", split="train"), fslkeras.datasets.load("glyphs", split="test")
    results = load_results("comparison.json")
    results["about"] = (
        f"glyphs, Conv4-32, {STEPS} steps of one 1-shot episode of 120 images (40-way; relation 20-way); test alphabets, 1000 episodes, "
        "15 queries a class"
    )
    for seed in range(3):
        for network, trained in (NETWORKS | ALSO_TRIED).items():
            name = f"{network}, seed {seed}"
            if name not in results["runs"]:
                model = trained(train, steps=STEPS, seed=seed)
                run = {"network": network, "seed": seed, "weights": model.count_params(), **accuracies(model, test)}
                within = fslkeras.Episodes(test, way=20, shot=1, query=15, steps=1000, within_alphabet=True, seed=1)
                run["20w1s, one alphabet"] = accuracy(model, within)
                results["runs"][name] = run
                save_results("comparison.json", results)
            run = results["runs"][name]
            tasks = ("5w1s", "5w5s", "20w1s", "20w5s", "20w1s, one alphabet")
            print(f"{name:22s} {run['weights']:>8,} weights   {row({task: run[task] for task in tasks})}", flush=True)


if __name__ == "__main__":
    main()
