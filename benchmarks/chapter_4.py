"""What normalisation, scale, two encoders and full context embeddings are worth: the comparisons of chapter 4.

    python benchmarks/chapter_4.py

trains each matching network over three seeds, adds each to data/results/chapter_4.json when it is done, leaves out those that are
there already, and prints the table. 1,000 steps on the glyphs' train alphabets, judged on the test alphabets.
"""

import fslkeras
import keras
import numpy as np
from training import accuracies, load_results, row, save_results, train_matching

STEPS = 1000
NETWORKS = {
    "support only": {"normalize": "support"},
    "cosine": {"normalize": "both"},
    "cosine, times 10": {"normalize": "both", "scale": 10.0},
    "cosine, learned scale": {"normalize": "both", "scale": "learned"},
    "dot product": {"normalize": "none"},
    "support only, two encoders": {"normalize": "support", "encoders": 2},
    "support only, full context": {"normalize": "support", "context_steps": 5},
}


def agreement(model, data):
    """Share of the answers that stay when the support set comes in another order, 20-way 1-shot."""
    rng = np.random.default_rng(0)
    episodes = fslkeras.Episodes(data, way=20, shot=1, query=5, steps=50, seed=1)
    same = []
    for i in range(len(episodes)):
        x, _ = episodes[i]
        order = rng.permutation(20)
        turned = {**x, "support": x["support"][:, order], "support_labels": x["support_labels"][:, order]}
        before, after = (keras.ops.convert_to_numpy(model(each)).argmax(-1) for each in (x, turned))
        same.append((before == after).mean())
    return round(float(np.mean(same)), 5)


def main():
    train, test = fslkeras.datasets.load("glyphs", split="train"), fslkeras.datasets.load("glyphs", split="test")
    results = load_results("chapter_4.json")
    results["about"] = (
        f"glyphs, Conv4-32, {STEPS} steps of one 40-way 1-shot episode, 2 queries a class; test alphabets, 1000 episodes, 15 queries a class"
    )
    for seed in range(3):
        for network, options in NETWORKS.items():
            name = f"{network}, seed {seed}"
            if name not in results["runs"]:
                model = train_matching(train, steps=STEPS, seed=seed, **options)
                run = {"network": network, "seed": seed, "weights": model.count_params(), **accuracies(model, test)}
                if "learned" in network:
                    run["scale"] = round(float(np.exp(model.get_layer("attention").get_weights()[0])), 2)
                if "context" in network:
                    run["same answer in another order"] = agreement(model, test)
                results["runs"][name] = run
                save_results("chapter_4.json", results)
            run = results["runs"][name]
            also = [f"{key} {run[key]}" for key in ("weights", "scale", "same answer in another order") if key in run]
            print(
                f"{name:40s} {row({task: run[task] for task in ('5w1s', '5w5s', '20w1s', '20w5s')})}   {', '.join(also)}",
                flush=True,
            )


if __name__ == "__main__":
    main()
