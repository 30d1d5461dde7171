"""Prototypes refined by unlabelled images, without and with distractors: a Going further section of chapter 2.

    python benchmarks/unlabelled.py

trains each network over three seeds, adds each to data/results/unlabelled.json when it is done, leaves out those that are there
already, and prints the table. Conv4-32, trained on the glyphs' train alphabets and judged on the test alphabets.
"""

from training import accuracy, load_results, row, save_results, train_on_unlabelled

import fslkeras

STEPS = 1000
METHODS = ("supervised", "test only", "soft", "cluster", "masked")
TASKS = {f"{way}w1s, {distractors} distractors": (way, distractors) for way in (5, 20) for distractors in (0, way)}


def main():
    train, test = fslkeras.datasets.load("glyphs", split="train"), fslkeras.datasets.load("glyphs", split="test")
    results = load_results("unlabelled.json")
    results["about"] = (
        f"glyphs, Conv4-32, {STEPS} steps of one 20-way 1-shot episode, 2 queries a class, 5 unlabelled images of each class and of "
        "20 distractor classes; test alphabets, 1-shot, 5 unlabelled images a class, 1000 episodes, 10 queries a class"
    )
    for seed in range(3):
        for method in METHODS:
            name = f"{method}, seed {seed}"
            if name not in results["runs"]:
                model = train_on_unlabelled(train, method, STEPS, seed=seed)
                results["runs"][name] = {"method": method, "seed": seed, **by_task(model, test)}
                save_results("unlabelled.json", results)
            run = results["runs"][name]
            print(f"{name:20s} {row({task: run[task] for task in TASKS})}", flush=True)


def by_task(model, data):
    """Accuracy at each way and number of distractor classes, 1-shot, over 1,000 episodes of 10 queries a class."""
    return {
        name: accuracy(
            model,
            fslkeras.Episodes(
                data, way=way, shot=1, query=10, steps=1000, seed=1, unlabelled=5, distractors=distractors
            ),
        )
        for name, (way, distractors) in TASKS.items()
    }


if __name__ == "__main__":
    main()
