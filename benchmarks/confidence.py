"""How far can a network's scores be trusted? Images of unknown classes, and calibration.

    python benchmarks/confidence.py

trains the comparison's networks with three random seeds for 1,000 steps. On the test alphabets:

- open set: 1,000 5-way 1-shot episodes, 5 queries per class of these five classes and of five
  unknown ones. AUROC of the highest score, known against unknown queries, pooled over episodes.
  Then, with a threshold that keeps 95 % of the known queries of the validation alphabets, the
  fraction of known queries kept and of unknown ones rejected.
- calibration, 5-way and 20-way 1-shot, 15 queries per class: expected calibration error (ECE) of
  `FewShotClassifier.predict_proba`, before and after all logits are divided by one temperature,
  which minimizes the log-loss on the validation alphabets.

Results: data/results/confidence.json. Each of 15 bins is [mean confidence, accuracy, fraction of
the queries], or null if it is empty.
"""

import keras
import numpy as np
from comparison import ALSO_TRIED, NETWORKS
from grid import over_seeds, run
from scipy.special import softmax
from scores import best_temperature, open_set, reliability, rounded
from training import embedded_episodes, evaluation_episodes

import fslkeras
from fslkeras.networks import encoder_and_head

STEPS = 1000
ABOUT = (
    f"glyphs, 32 filters, {STEPS} steps of 120 images; test alphabets; open set: 1000 5-way 1-shot "
    "episodes, 5 queries per class of 5 known and 5 unknown classes; calibration: 15 queries per "
    "class, 1000 episodes 5-way, 300 20-way; thresholds and temperatures: validation alphabets"
)
RECIPES = NETWORKS | {"Softmax classifier": ALSO_TRIED["Softmax classifier, nearest centroid"]}
RUNS = over_seeds({network: {"network": network} for network in RECIPES})
SPLITS = ("train", "validation", "test")


def measure(network, seed):
    train, validation, test = (fslkeras.datasets.load("glyphs", split) for split in SPLITS)
    model = RECIPES[network](train, steps=STEPS, seed=seed)
    chosen_on, tested = highest_scores(model, validation), highest_scores(model, test)
    thresholds = {kind: np.quantile(known, 0.05) for kind, (known, _) in chosen_on.items()}
    return {
        "open set": {kind: open_set(*tested[kind], thresholds[kind]) for kind in tested},
        "5w1s": calibration(model, validation, test, way=5, part=1.0),
        "20w1s": calibration(model, validation, test, way=20, part=0.3),
    }


def highest_scores(model, data):
    """Each query's highest score: dict from the kind of score to (2, n), known and unknown."""
    head, found = encoder_and_head(model)[1], {}
    for x in embedded_episodes(model, evaluation_episodes(data, 10, 1, query=5)):
        x["support"], x["support_labels"] = x["support"][:, :5], x["support_labels"][:, :5, :5]
        kinds = {"score": _run(head, x), "probability": softmax(_run(_logits(head), x), axis=-1)}
        if model.name == "matching":  # its score is a log-probability; these are the logits
            unit = x["support"] / np.linalg.norm(x["support"], axis=-1, keepdims=True)
            length = np.linalg.norm(x["query"], axis=-1, keepdims=True)
            kinds["attention logit"] = np.einsum("bqd,bsd->bqs", x["query"], unit)
            kinds["cosine"] = kinds["attention logit"] / length
        for kind, scores in kinds.items():
            known_and_unknown = np.split(scores.max(axis=-1), 2, axis=1)
            found.setdefault(kind, []).append(np.reshape(known_and_unknown, (2, -1)))
    return {kind: np.hstack(parts) for kind, parts in found.items()}


def calibration(model, validation, test, way, part):
    """The best temperature, and the reliability before and after dividing by it."""
    head = encoder_and_head(model)[1]
    temperature = best_temperature(*answers(model, _logits(head), validation, way, part))
    logits, labels = answers(model, _logits(head), test, way, part)
    results = {
        "temperature": rounded(temperature),
        "before": reliability(softmax(logits, axis=-1), labels),
        "after": reliability(softmax(logits / temperature, axis=-1), labels),
    }
    if model.name == "relation":
        results["relation scores"] = reliability(*answers(model, head, test, way, part))
    return results


def answers(model, head, data, way, part):
    """A head's output for each query, (queries, N), and the queries' classes, (queries,)."""
    episodes = evaluation_episodes(data, way, 1, part=part)
    answered = np.concatenate([_run(head, x) for x in embedded_episodes(model, episodes)])
    labels = episodes.labels(len(answered))["query_labels"].argmax(axis=-1)
    return answered.reshape(-1, way), labels.ravel()


def _logits(head):
    """The input of the softmax in `predict_proba`: a relation network's log-odds, or the scores."""
    return next((layer for layer in head.layers if layer.name == "logits"), head)


def _run(head, x):
    return keras.ops.convert_to_numpy(head(x))


def main():
    run("confidence", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
