"""Answers to `checks.threshold`, chapter 1."""

import numpy as np
from answers import right, wrong
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, precision_recall_curve, roc_curve
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier


def accuracy(t, distances, same):
    return ((distances <= t) == same).mean()


def best_of(candidates, distances, same):
    return max(candidates, key=lambda t: accuracy(t, distances, same))


@right("threshold")
def as_in_the_chapter(distances, same):
    candidates = np.append(distances, -1)
    accuracies = [((distances <= t) == same).mean() for t in candidates]
    return candidates[np.argmax(accuracies)]


@right("threshold")
def from_the_roc_curve(distances, same):
    if same.all():
        return distances.max()
    fpr, tpr, thresholds = roc_curve(same, -distances)
    right = tpr * same.sum() + (1 - fpr) * (1 - same).sum()
    return -thresholds[right.argmax()]  # minus infinity where no pair should be called the same


@right("threshold")
def between_neighbors(distances, same):
    d = np.sort(distances)
    candidates = [d[0] / 2, *(d[1:] + d[:-1]) / 2, 2 * d[-1]]
    return best_of(candidates, distances, same)


@right("threshold")
def with_a_loop(distances, same):
    best, best_t = np.mean(same == 0), 0.0
    for t in distances:
        accuracy = np.mean((distances <= t) == (same == 1))
        if accuracy > best:
            best, best_t = accuracy, t
    return best_t


@right("threshold")
def the_last_of_the_best(distances, same):
    best, best_t = -1, None
    for t in sorted([0, *distances]):
        accuracy = sum((d <= t) == bool(s) for d, s in zip(distances, same, strict=True))
        if accuracy >= best:
            best, best_t = accuracy, t
    return best_t


@right("threshold")
def by_sorting(distances, same):
    thresholds = np.unique(distances)
    gains = [np.sum(2 * same[distances == t] - 1) for t in thresholds]
    total = np.cumsum([0, *gains])
    return [-1, *thresholds][total.argmax()]


@right("threshold")
def all_at_once(distances, same):
    candidates = np.concatenate([[0], distances])
    return candidates[((distances <= candidates[:, None]) == same).sum(axis=1).argmax()]


@right("threshold")
def fewest_mistakes(distances, same):
    mistakes = {t: np.sum((distances <= t) != same) for t in (-np.inf, *distances.tolist())}
    return min(mistakes, key=mistakes.get)


@right("threshold")
def by_scikit_learn(distances, same):
    candidates = [distances.min() - 1, *distances]
    return candidates[np.argmax([accuracy_score(same, distances <= t) for t in candidates])]


@right("threshold")
def distances_of_same_pairs_alone(distances, same):
    return best_of([-1, *distances[same == 1]], distances, same)


@right("threshold")
def just_above_each_distance(distances, same):
    return best_of([-1, *(distances * 1.0001)], distances, same)


@right("threshold")
def below_the_next_distance(distances, same):
    d = np.sort(distances)
    return best_of([np.nextafter(d[0], -1), *np.nextafter(d[1:], -1), d[-1]], distances, same)


@right("threshold")
def recursive_counts(distances, same):
    far = np.sort(distances[same == 0])
    near = np.sort(distances[same == 1])
    candidates = np.array([0, *near])
    lost = len(near) - np.searchsorted(near, candidates, "right")
    return candidates[(lost + np.searchsorted(far, candidates, "right")).argmin()]


@right("threshold")
def in_a_list(distances, same):
    d, s = distances.tolist(), same.tolist()
    return max(
        (sum((x <= t) == (y == 1) for x, y in zip(d, s, strict=True)), t) for t in [-1.0, *d]
    )[1]


@right("threshold")
def an_array_without_axes(distances, same):
    return np.array(as_in_the_chapter(distances, same))


@right("threshold")
def as_a_number_of_pythons(distances, same):
    return float(all_at_once(distances, same))


def rates(distances, same):
    thresholds = np.unique(distances)
    called = distances <= thresholds[:, None]
    return thresholds, called[:, same == 1].mean(axis=1), called[:, same == 0].mean(axis=1)


@wrong("threshold", "accuracy counts pairs")
def youden(distances, same):
    thresholds, tpr, fpr = rates(distances, same)
    return thresholds[(tpr - fpr).argmax()]


@wrong("threshold", "accuracy counts pairs")
def youden_by_scikit_learn(distances, same):
    fpr, tpr, thresholds = roc_curve(same, -distances)
    return -thresholds[(tpr - fpr).argmax()]


@wrong("threshold", "F1")
def best_f1(distances, same):
    precision, recall, thresholds = precision_recall_curve(same, -distances)
    return -thresholds[(2 * precision * recall / (precision + recall))[:-1].argmax()]


@wrong("threshold", "of the 60 same-class pairs")
def decision_tree(distances, same):
    return DecisionTreeClassifier(max_depth=1).fit(distances[:, None], same).tree_.threshold[0]


@wrong("threshold", "% can be")
def decision_tree_by_entropy(distances, same):
    return (
        DecisionTreeClassifier(max_depth=1, criterion="entropy")
        .fit(distances[:, None], same)
        .tree_.threshold[0]
    )


@wrong("threshold", "% can be")
def logistic_regression(distances, same):
    fitted = LogisticRegression().fit(distances[:, None], same)
    return -fitted.intercept_[0] / fitted.coef_[0, 0]


@wrong("threshold", "% can be")
def two_normal_distributions(distances, same):
    called = GaussianNB().fit(distances[:, None], same).predict(distances[:, None]) == 1
    return distances[called].max(initial=0)


@wrong("threshold", "same *rate*")
def equal_error_rate(distances, same):
    thresholds, tpr, fpr = rates(distances, same)
    return thresholds[np.abs(fpr - (1 - tpr)).argmin()]


@wrong("threshold", "first distance that should be called *different*")
def strictly_below(distances, same):
    accuracies = [((distances < t) == same).mean() for t in distances]
    return distances[np.argmax(accuracies)]


@wrong("threshold", "first distance that should be called *different*")
def one_step_too_far(distances, same):
    d = np.unique(distances)
    return d[np.argmax([accuracy(t, distances, same) for t in d]) + 1]


@wrong("threshold", "first distance that should be called *different*")
def different_pairs_as_candidates(distances, same):
    return best_of(distances[same == 0], distances, same)


@wrong("threshold", "below all distances")
def distances_alone(distances, same):
    return best_of(distances, distances, same)


@wrong("threshold", "below all distances")
def distances_of_the_same_alone(distances, same):
    return best_of(distances[same == 1], distances, same)


@wrong("threshold", "below all distances")
def midpoints_alone(distances, same):
    d = np.sort(distances)
    return best_of((d[1:] + d[:-1]) / 2, distances, same)


@wrong("threshold", "smallest distance")
def a_grid_of_hundred(distances, same):
    return best_of(np.linspace(distances.min(), distances.max(), 100), distances, same)


@wrong("threshold", "a grid")
def a_grid_of_thousand_from_zero(distances, same):
    return best_of(np.linspace(0, distances.max(), 1000), distances, same)


@wrong("threshold", "% can be")
def percentiles(distances, same):
    return best_of(np.percentile(distances, np.arange(0, 101, 10)), distances, same)


@wrong("threshold", "a grid")
def up_to_ten(distances, same):
    return best_of(np.arange(0, 10, 0.01), distances, same)


@wrong("threshold", "several pairs have this distance")
def without_regard_to_ties(distances, same):
    order = np.lexsort((1 - same, distances))  # of tied pairs, the same ones first
    hits = np.cumsum(2 * same[order] - 1)
    return -1 if hits.max() < 0 else distances[order][hits.argmax()]


@wrong("threshold", "for the first time")
def the_first_peak(distances, same):
    d = np.unique(distances)
    accuracies = [accuracy(t, distances, same) for t in d]
    i = 0
    while i + 1 < len(d) and accuracies[i + 1] >= accuracies[i]:
        i += 1
    return d[i]


@wrong("threshold", "% can be")
def where_precision_is_highest(distances, same):
    return max(np.unique(distances), key=lambda t: same[distances <= t].mean())


@wrong("threshold", "% can be")
def where_every_same_pair_is_found_but_five_percent(distances, same):
    return np.quantile(distances[same == 1], 0.95)


@wrong("threshold", "as many pairs the same as there are")
def as_many_as_there_are(distances, same):
    return np.quantile(distances, same.mean())


@wrong("threshold", "best accuracy")
def accuracy_returned(distances, same):
    return max(accuracy(t, distances, same) for t in distances)


@wrong("threshold", "lowest error")
def error_returned(distances, same):
    return min(1 - accuracy(t, distances, same) for t in distances)


@wrong("threshold", "index of the best")
def index_of_best(distances, same):
    return np.argmax([accuracy(t, distances, same) for t in distances])


@wrong("threshold", "middle of the two means")
def middle(distances, same):
    return (distances[same == 1].mean() + distances[same == 0].mean()) / 2


@wrong("threshold", "middle of the two medians")
def middle_of_medians(distances, same):
    return (np.median(distances[same == 1]) + np.median(distances[same == 0])) / 2


@wrong("threshold", "of two single pairs")
def middle_of_extremes(distances, same):
    return (distances[same == 1].max() + distances[same == 0].min()) / 2


@wrong("threshold", "mean distance of same-class pairs")
def mean_of_same(distances, same):
    return distances[same == 1].mean()


@wrong("threshold", "median distance of same-class pairs")
def median_of_same(distances, same):
    return np.median(distances[same == 1])


@wrong("threshold", "mean distance. Try")
def mean(distances, same):
    return distances.mean()


@wrong("threshold", "median")
def median(distances, same):
    return np.median(distances)


@wrong("threshold", "largest distance of a same-class pair")
def safe_for_same(distances, same):
    return distances[same == 1].max()


@wrong("threshold", "smallest distance of a different-class pair")
def safe_for_different(distances, same):
    return distances[same == 0].min()


@wrong("threshold", "0.5, whatever")
def half(distances, same):
    return 0.5


@wrong("threshold", "it returns 1, whatever")
def one(distances, same):
    return 1


@wrong("threshold", "it returns 2, whatever")
def the_example(distances, same):
    return 2


@wrong("threshold", "*small*")
def wrong_way(distances, same):
    accuracies = [((distances >= t) == same).mean() for t in distances]
    return distances[np.argmax(accuracies)]


@wrong("threshold", "it returns -1, whatever")
def everything_is_different(distances, same):
    return -1


@wrong("threshold", "largest distance, up to which")
def everything_is_the_same(distances, same):
    return distances.max()


@wrong("threshold", "one threshold")
def all_thresholds(distances, same):
    return np.sort(distances)


@wrong("threshold", "NaN")
def not_a_number(distances, same):
    return distances[same == 2].mean()


@wrong("threshold", "index of the best")
def index_of_best_with_a_candidate_below(distances, same):
    return np.argmax([accuracy(t, distances, same) for t in [-1, *distances]])


@wrong("threshold", "index of the best")
def index_of_best_in_order(distances, same):
    return np.argmax([accuracy(t, distances, same) for t in np.sort(distances)])


@wrong("threshold", "*minus* the best")
def sign_forgotten(distances, same):
    return -as_in_the_chapter(distances, same)


@wrong("threshold", "rounded")
def rounded(distances, same):
    return round(float(as_in_the_chapter(distances, same)), 1)


@wrong("threshold", "just below the best")
def a_little_below(distances, same):
    return as_in_the_chapter(distances, same) - 1e-6


@wrong("threshold", "*small*")
def worst(distances, same):
    return distances[np.argmin([accuracy(t, distances, same) for t in distances])]


@wrong("threshold", "*small*")
def labels_exchanged(distances, same):
    return as_in_the_chapter(distances, 1 - same)


@wrong("threshold", "`return` inside the loop")
def returned_within_the_loop(distances, same):
    best = 0
    for t in distances:
        if accuracy(t, distances, same) > best:
            return t


def _never_updated(candidates, distances, same):
    best, best_t = 0, None
    for t in candidates:
        if accuracy(t, distances, same) > best:
            best_t = t
    return best_t


@wrong("threshold", "keep the best accuracy")
def best_never_updated(distances, same):
    return _never_updated(distances, distances, same)


@wrong("threshold", "keep the best accuracy")
def best_never_updated_in_order(distances, same):
    return _never_updated(np.sort(distances), distances, same)


@wrong("threshold", "as they are given")
def counted_without_sorting(distances, same):
    return distances[np.cumsum(2 * same - 1).argmax()]


@wrong("threshold", "for the first time")
def up_to_the_first_different_pair(distances, same):
    return distances[distances < distances[same == 0].min()].max()


@wrong("threshold", "index among the sorted distances")
def index_of_sorted_in_unsorted(distances, same):
    return distances[np.argmax([accuracy(t, distances, same) for t in np.sort(distances)])]


@wrong("threshold", "index among the unsorted distances")
def index_of_unsorted_in_sorted(distances, same):
    return np.sort(distances)[np.argmax([accuracy(t, distances, same) for t in distances])]


@wrong("threshold", "only as given")
def middles_without_sorting(distances, same):
    middles = (distances[1:] + distances[:-1]) / 2
    return best_of([0, *middles, distances.max()], distances, same)


@wrong("threshold", "Count all of them")
def one_pair_for_each_distance(distances, same):
    once, first = np.unique(distances, return_index=True)
    return best_of([0, *once], once, same[first])


@wrong("threshold", "Count all of them")
def in_a_dict(distances, same):
    labels = dict(zip(distances.tolist(), same.tolist(), strict=True))
    return best_of([0, *labels], np.array(list(labels)), np.array(list(labels.values())))


@wrong("threshold", "a grid")
def hundredths_up_to_the_largest(distances, same):
    return best_of(np.arange(0, distances.max(), 0.01), distances, same)


@wrong("threshold", "% can be")
def hundredths_up_to_one(distances, same):
    return best_of(np.linspace(0, 1, 101), distances, same)


@wrong("threshold", "without their labels")
def distances_sorted_without_their_labels(distances, same):
    return best_of([distances.min() - 1, *distances], np.sort(distances), same)


@wrong("threshold", "as many pairs the same as there are")
def as_many_by_sorting(distances, same):
    return np.sort(distances)[int(same.sum()) - 1]
