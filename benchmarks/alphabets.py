"""How certain is an accuracy on ten alphabets? Its intervals over episodes and over alphabets.

    python benchmarks/alphabets.py

evaluates published networks, trained on the glyphs, on 14-way 1-shot episodes within each of the
ten test alphabets, the smallest of which has 14 letters. The interval over episodes covers other
episodes of the same ten alphabets; the interval over alphabets (Student's t on their ten means)
covers other alphabets. Results: data/results/alphabets.json.
"""

import numpy as np
from grid import run
from scipy import stats
from training import evaluation_episodes

import fslkeras

WAY = 14
TASK = f"{WAY}w1s within an alphabet"
ABOUT = f"glyphs, {TASK}: 100 episodes in each of ten test alphabets, 15 queries per class"
RUNS = {name: {"network": name} for name in ("siamese", "matching")}


def measure(network):
    test = fslkeras.datasets.load("glyphs", split="test")
    model = fslkeras.networks.pretrained(network)
    if network == "siamese":  # published as a network over pairs
        model = fslkeras.networks.episode_model(model)
    per_alphabet = {}
    for name in dict.fromkeys(test.alphabets):
        alphabet = test.take(np.array(test.alphabets) == name)
        episodes = evaluation_episodes(alphabet, WAY, 1, part=0.1)
        per_alphabet[name] = fslkeras.evaluate(model, episodes).per_episode
    return intervals(per_alphabet)


def intervals(per_alphabet):
    """The mean accuracy, and its 95 % intervals over episodes and over alphabets.

    Args:
        per_alphabet: dict from an alphabet to the accuracies of its episodes, the same number each.
    Returns:
        dict, rounded, as data/results stores it.
    """
    episodes = np.concatenate(list(per_alphabet.values()))
    means = np.array([accuracies.mean() for accuracies in per_alphabet.values()])
    over_alphabets = stats.t.ppf(0.975, len(means) - 1) * stats.sem(means)
    result = {"mean": episodes.mean(), "ci95": 1.96 * stats.sem(episodes)}
    return {
        TASK: {name: round(float(value), 5) for name, value in result.items()},
        "ci95 over alphabets": round(float(over_alphabets), 5),
        "alphabets": dict(zip(per_alphabet, means.round(5).tolist(), strict=True)),
    }


def main():
    run("alphabets", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
