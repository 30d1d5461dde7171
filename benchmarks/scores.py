"""How well scores measure confidence: known against unknown classes, and calibration."""

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax
from sklearn.metrics import roc_auc_score


def open_set(known, unknown, threshold):
    """AUROC of known against unknown queries by highest score, and the effect of a threshold.

    Args:
        known, unknown: float (n,) and (m,), each query's highest score.
        threshold: the lowest score that is kept.
    """
    same = np.repeat([1, 0], [len(known), len(unknown)])
    return {
        "auroc": rounded(roc_auc_score(same, np.concatenate([known, unknown]))),
        "known kept": rounded((known >= threshold).mean()),
        "unknown rejected": rounded((unknown < threshold).mean()),
    }


def best_temperature(logits, labels):
    """The temperature with the lowest log-loss, between e^-6 and e^6 (Guo et al. 2017).

    Args:
        logits: float (n, N).
        labels: int (n,).
    """

    def log_loss(log_temperature):
        log_probabilities = log_softmax(logits / np.exp(log_temperature), axis=-1)
        return -log_probabilities[np.arange(len(labels)), labels].mean()

    return float(np.exp(minimize_scalar(log_loss, bounds=(-6, 6), method="bounded").x))


def reliability(probabilities, labels, bins=15):
    """Expected calibration error, over bins of equal width, weighted by queries (Guo et al. 2017).

    Args:
        probabilities: float (n, N), each 0..1.
        labels: int (n,).
        bins: number of bins.
    Returns:
        dict of "ece" and "bins", each [mean confidence, accuracy, fraction of queries], or None.
    """
    confidence = probabilities.max(axis=-1)
    right = probabilities.argmax(axis=-1) == labels
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    rows = [
        [confidence[inside].mean(), right[inside].mean(), inside.mean()] if inside.any() else None
        for inside in (number == i for i in range(bins))
    ]
    ece = sum(abs(row[0] - row[1]) * row[2] for row in rows if row)
    bins = [row and [rounded(value) for value in row] for row in rows]
    return {"ece": rounded(ece), "bins": bins}


def rounded(value):
    return round(float(value), 5)
