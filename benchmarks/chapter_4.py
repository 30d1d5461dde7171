"""Chapter 4: matching networks with different normalizations, scales, encoders and contexts.

    python benchmarks/chapter_4.py

trains each network with three random seeds on the glyphs' train alphabets, and evaluates it on the
test alphabets. Results: data/results/chapter_4.json. A learned scale starts at 10 unless its name
says otherwise; "scale" is its final value.
"""

import keras
import numpy as np
from grid import over_seeds, run
from training import accuracies, evaluation_episodes, glyphs, train_matching

STEPS = 1000
ABOUT = (
    f"glyphs, Conv4-32, {STEPS} steps of one 40-way 1-shot episode, 2 queries per class; test "
    "alphabets, 1000 episodes, 15 queries per class"
)
NETWORKS = {
    "support only": {"normalize": "support"},
    "cosine": {"normalize": "both"},
    "cosine, times 10": {"normalize": "both", "scale": 10.0},
    "cosine, times 30": {"normalize": "both", "scale": 30.0},
    "cosine, learned scale": {"normalize": "both", "scale": "learned"},
    "cosine, learned scale from 3": {"normalize": "both", "scale": "learned", "start": 3.0},
    "cosine, learned scale from 30": {"normalize": "both", "scale": "learned", "start": 30.0},
    "cosine, learned scale from 100": {"normalize": "both", "scale": "learned", "start": 100.0},
    "dot product": {"normalize": "none"},
    "support only, two encoders": {"normalize": "support", "encoders": 2},
    "support only, full context": {"normalize": "support", "context_steps": 5},
}
RUNS = over_seeds({network: {"network": network} for network in NETWORKS})


def measure(network, seed):
    train, test = glyphs()
    model = train_matching(train, steps=STEPS, seed=seed, **NETWORKS[network])
    results = {"weights": model.count_params(), **accuracies(model, test)}
    if "learned" in network:
        (log_scale,) = model.get_layer("head").get_layer("attention").get_weights()
        results["scale"] = round(float(np.exp(log_scale)), 2)
    if "context" in network:
        results["same answer in another order"] = order_agreement(model, test)
    return results


def order_agreement(model, data):
    """Fraction of the predictions that stay the same if the support set is permuted.

    Measured on 50 20-way 1-shot episodes.
    """
    rng = np.random.default_rng(0)
    same = []
    episodes = evaluation_episodes(data, 20, 1, query=5, part=0.05)
    for i in range(len(episodes)):
        x, _ = episodes[i]
        order = rng.permutation(20)
        permuted = {
            **x,
            "support": x["support"][:, order],
            "support_labels": x["support_labels"][:, order],
        }
        before, after = (
            keras.ops.convert_to_numpy(model(each)).argmax(-1) for each in (x, permuted)
        )
        same.append((before == after).mean())
    return round(float(np.mean(same)), 5)


def main():
    run("chapter_4", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
