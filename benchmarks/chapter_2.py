"""What the distance and the way in training are worth: the two comparisons of chapter 2.

    python benchmarks/chapter_2.py

trains each network over three seeds, adds each to data/results/chapter_2.json when it is done, leaves out those that are there
already, and prints the table. Prototypical networks, Conv4-32, 1-shot episodes, trained on the glyphs' train alphabets and judged
on the test alphabets.
"""

from training import accuracies, load_results, row, save_results, train_prototypical

import fslkeras

STEPS = 1000
NETWORKS = [
    {"metric": "squared_euclidean", "way": 20},
    {"metric": "cosine", "way": 20},
    {"metric": "squared_euclidean", "way": 5},
    {"metric": "squared_euclidean", "way": 40},
]


def main():
    train, test = fslkeras.datasets.load("glyphs", split="train"), fslkeras.datasets.load("glyphs", split="test")
    results = load_results("chapter_2.json")
    results["about"] = (
        f"glyphs, Conv4-32, {STEPS} steps of one 1-shot episode, 5 queries a class; test alphabets, 1000 episodes, 15 queries a class"
    )
    for seed in range(3):
        for network in NETWORKS:
            name = f"{network['metric']}, {network['way']}-way, seed {seed}"
            if name not in results["runs"]:
                model = train_prototypical(train, steps=STEPS, query=5, seed=seed, **network)
                run = {**network, "seed": seed, **accuracies(model, test)}
                results["runs"][name] = run
                save_results("chapter_2.json", results)
            run = results["runs"][name]
            figures = {task: run[task] for task in ("5w1s", "5w5s", "20w1s", "20w5s")}
            print(f"{name:40s} {row(figures)}", flush=True)


if __name__ == "__main__":
    main()
