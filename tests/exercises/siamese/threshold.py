"""Answers to `checks.threshold`, chapter 1."""

import numpy as np
from answers import right, wrong
from sklearn.metrics import roc_curve


@right("threshold")
def try_each(distances, same):
    accuracies = [((distances <= t) == same).mean() for t in distances]
    return distances[np.argmax(accuracies)]


@right("threshold")
def from_the_roc_curve(distances, same):
    fpr, tpr, thresholds = roc_curve(same, -distances)
    right = tpr * same.sum() + (1 - fpr) * (1 - same).sum()
    return -thresholds[right.argmax()]


@right("threshold")
def between_neighbors(distances, same):
    d = np.sort(distances)
    best, best_t = 0, None
    for t in (d[1:] + d[:-1]) / 2:
        accuracy = np.mean((distances < t) == (same == 1))
        if accuracy > best:
            best, best_t = accuracy, t
    return best_t


@right("threshold")
def all_at_once(distances, same):
    order = np.argsort(distances)
    hits = np.cumsum(same[order]) - np.cumsum(1 - same[order])
    return float(distances[order][hits.argmax()])


@wrong("threshold", "best accuracy")
def accuracy_returned(distances, same):
    return max(((distances <= t) == same).mean() for t in distances)


@wrong("threshold", "position of the best")
def index_of_best(distances, same):
    return np.argmax([((distances <= t) == same).mean() for t in distances])


@wrong("threshold", "middle between")
def middle(distances, same):
    return (distances[same == 1].mean() + distances[same == 0].mean()) / 2


@wrong("threshold", "mean distance")
def mean(distances, same):
    return distances.mean()


@wrong("threshold", "median")
def median(distances, same):
    return np.median(distances)


@wrong("threshold", "largest distance of a pair of the same class")
def safe_for_same(distances, same):
    return distances[same == 1].max()


@wrong("threshold", "smallest distance of a pair of two classes")
def safe_for_different(distances, same):
    return distances[same == 0].min()


@wrong("threshold", "0.5, whatever")
def half(distances, same):
    return 0.5


@wrong("threshold", "*small*")
def wrong_way(distances, same):
    accuracies = [((distances >= t) == same).mean() for t in distances]
    return distances[np.argmax(accuracies)]


@wrong("threshold", "one threshold")
def all_thresholds(distances, same):
    return np.sort(distances)
