"""What the energy and the choice of pairs are worth: the comparisons of chapter 1.

    python benchmarks/chapter_1.py

trains each Siamese network over three seeds, adds each to data/results/chapter_1.json when it is done, leaves out those that are there
already, and prints the table. 1,500 steps of 120 images from the glyphs' train alphabets (500 steps to compare margins); judged on
the test alphabets: one-shot episodes, and the area under the ROC curve of 4,000 balanced pairs.
"""

import fslkeras
from sklearn.metrics import roc_auc_score
from training import accuracies, load_results, row, save_results, train_siamese

MARGINS = {"euclidean": 5.0, "cosine": 0.5, "weighted_l1": None}
NETWORKS = [
    {"encoder": encoder, "energy": energy, "pairs": pairs, "margin": MARGINS[energy], "steps": 1500}
    for encoder, energy, pairs in (
        ("conv4", "euclidean", "all"),
        ("conv4", "cosine", "all"),
        ("conv4", "weighted_l1", "all"),
        ("koch", "weighted_l1", "all"),
        ("conv4", "euclidean", "random"),
        ("koch", "weighted_l1", "random"),
    )
] + [
    {"encoder": "conv4", "energy": "euclidean", "pairs": "all", "margin": margin, "steps": 500}
    for margin in (0.5, 1.0, 2.0, 5.0, 10.0)
]


def verification(siamese, data):
    """Area under the ROC curve over 4,000 pairs, half of them of the same class."""
    x, same = fslkeras.Pairs(data, batch_size=4000, steps=1, seed=1)[0]
    energy = siamese.predict(x, batch_size=500, verbose=0)
    is_logit = any(isinstance(layer, fslkeras.layers.WeightedL1) for layer in siamese.layers)
    return round(float(roc_auc_score(same, energy if is_logit else -energy)), 5)


def main():
    train, test = fslkeras.datasets.load("glyphs", split="train"), fslkeras.datasets.load("glyphs", split="test")
    results = load_results("chapter_1.json")
    results["about"] = (
        "glyphs, steps of 120 images: all pairs of a 40-way episode, or 60 random pairs; test alphabets, 1000 episodes, 15 queries a class"
    )
    for seed in range(3):
        for network in NETWORKS:
            name = ", ".join(f"{key} {value}" for key, value in {**network, "seed": seed}.items())
            if name not in results["runs"]:
                siamese = train_siamese(train, seed=seed, **network)
                figures = accuracies(fslkeras.networks.episode_model(siamese), test, tasks=((5, 1), (20, 1)))
                results["runs"][name] = {**network, "seed": seed, **figures, "auc": verification(siamese, test)}
                save_results("chapter_1.json", results)
            run = results["runs"][name]
            print(
                f"{name:95s} {row({task: run[task] for task in ('5w1s', '20w1s')})}   AUC {run['auc']:.4f}", flush=True
            )


if __name__ == "__main__":
    main()
