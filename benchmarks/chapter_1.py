"""Chapter 1: Siamese networks with different energies, encoders, pairs and margins.

    python benchmarks/chapter_1.py

trains each network with three random seeds for 1,500 steps (500 to compare margins on all pairs) of
120 images from the glyphs' train alphabets, and evaluates it on the test alphabets: one-shot
accuracy, and the area under the ROC curve of 4,000 balanced pairs. Results:
data/results/chapter_1.json.

"triplet" and "InfoNCE" use the same images and pairs as the contrastive loss on all pairs.
`benchmarks/choices.py` chose the triplets' margin on the validation alphabets.
"""

from grid import over_seeds, run
from sklearn.metrics import roc_auc_score
from training import accuracies, glyphs, train_siamese

import fslkeras

ABOUT = (
    "glyphs, steps of 120 images: all pairs of a 40-way episode, or 60 random pairs; test "
    "alphabets, 1000 episodes, 15 queries per class"
)
MARGINS = (0.5, 1.0, 2.0, 5.0, 10.0)
EUCLIDEAN = {"encoder": "conv4", "energy": "euclidean"}
NETWORKS = [
    {"encoder": "conv4", "energy": "euclidean", "pairs": "all", "margin": 5.0, "steps": 1500},
    {"encoder": "conv4", "energy": "cosine", "pairs": "all", "margin": 0.5, "steps": 1500},
    {"encoder": "conv4", "energy": "weighted_l1", "pairs": "all", "margin": None, "steps": 1500},
    {"encoder": "koch", "energy": "weighted_l1", "pairs": "all", "margin": None, "steps": 1500},
    *({**EUCLIDEAN, "pairs": "random", "margin": m, "steps": 1500} for m in (1.0, 2.0, 5.0, 10.0)),
    {"encoder": "koch", "energy": "weighted_l1", "pairs": "random", "margin": None, "steps": 1500},
    *({**EUCLIDEAN, "pairs": "all", "margin": margin, "steps": 500} for margin in MARGINS),
    {**EUCLIDEAN, "pairs": "all", "loss": "triplet", "margin": 1.0, "steps": 1500},
    {**EUCLIDEAN, "pairs": "all", "loss": "InfoNCE", "margin": None, "steps": 1500},
]
NAMES = [", ".join(f"{key} {value}" for key, value in network.items()) for network in NETWORKS]
RUNS = over_seeds(dict(zip(NAMES, NETWORKS, strict=True)))


def measure(**settings):
    train, test = glyphs()
    siamese = train_siamese(train, **settings)
    episodes = fslkeras.networks.episode_model(siamese)
    return {
        **accuracies(episodes, test, tasks=((5, 1), (20, 1))),
        "auc": verification(siamese, test),
    }


def verification(siamese, data):
    """Area under the ROC curve of 4,000 pairs, half of them from the same class."""
    x, same = fslkeras.Pairs(data, batch_size=4000, steps=1, seed=1)[0]
    energy = siamese.predict(x, batch_size=500, verbose=0)
    is_logit = any(isinstance(layer, fslkeras.layers.WeightedL1) for layer in siamese.layers)
    return round(float(roc_auc_score(same, energy if is_logit else -energy)), 5)


def main():
    run("chapter_1", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
