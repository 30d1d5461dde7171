"""Answers to the exercises of chapter 1."""

import keras
import numpy as np
import tensorflow as tf
from answers import RIGHT, WRONG, right, wrong
from keras import ops
from sklearn.metrics import roc_curve

import fslkeras

# --- pair_losses ---

LOSSES = {"same at 0.8": 0.64, "different at 0.8": 0.04, "different at 1.5": 0, "same at 2": 4}
RIGHT["pair_losses"] = [
    LOSSES,
    {name: np.float32(value) for name, value in LOSSES.items()},
    {
        "same at 0.8": 0.8**2,
        "different at 0.8": (1 - 0.8) ** 2,
        "different at 1.5": max(1 - 1.5, 0) ** 2,
        "same at 2": 2**2,
    },
    {name: str(value) for name, value in LOSSES.items()},
]
WRONG["pair_losses"] = [
    ({**LOSSES, "same at 0.8": 0.8}, "E squared"),
    ({**LOSSES, "same at 0.8": 0.04}, "only E² is left"),
    ({**LOSSES, "different at 0.8": 0.64}, "only the second term"),
    ({**LOSSES, "different at 0.8": 0.2}, "Square it"),
    ({**LOSSES, "different at 1.5": 0.25}, "beyond the margin there is nothing"),
    ({**LOSSES, "same at 2": 0}, "Beyond the margin only pairs of *two* classes"),
    ({**LOSSES, "same at 2": 7}, "once more"),
    ({**LOSSES, "same at 2": None}, "still to be predicted"),
    ({**LOSSES, "same at 2": "four"}, "a number for each"),
]

# --- contrastive_loss ---


@right("contrastive_loss")
def from_the_formula(y, distances, margin):
    gap = np.maximum(margin - distances, 0)
    return np.mean(y * distances**2 + (1 - y) * gap**2)


@right("contrastive_loss")
def pair_by_pair(y, d, margin):
    total = 0.0
    for label, distance in zip(y, d, strict=True):
        total += distance**2 if label else max(margin - distance, 0) ** 2
    return total / len(y)


@right("contrastive_loss")
def with_where(y, E, m):
    return np.where(y == 1, np.square(E), np.square(np.clip(m - E, 0, None))).mean()


@right("contrastive_loss")
def loss_in_keras(y, d, margin):
    return ops.mean(y * ops.square(d) + (1 - y) * ops.square(ops.relu(margin - d)))


@right("contrastive_loss")
def loss_in_tensorflow(y, d, margin):
    return tf.reduce_mean(y * d**2 + (1 - y) * tf.nn.relu(margin - d) ** 2)


@right("contrastive_loss")
def by_the_package(y, d, margin):
    return fslkeras.losses.ContrastiveLoss(float(margin))(y, d)


@wrong("contrastive_loss", "labels are exchanged")
def flipped(y, d, margin):
    return from_the_formula(1 - y, d, margin)


@wrong("contrastive_loss", "forgets the max")
def no_max(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * (margin - d) ** 2)


@wrong("contrastive_loss", "square what is missing")
def hinge_not_squared(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(margin - d, 0))


@wrong("contrastive_loss", "square the distance")
def distance_not_squared(y, d, margin):
    return np.mean(y * d + (1 - y) * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "both terms lack")
def nothing_squared(y, d, margin):
    return np.mean(y * d + (1 - y) * np.maximum(margin - d, 0))


@wrong("contrastive_loss", "the sum over the pairs")
def summed(y, d, margin):
    return np.sum(y * d**2 + (1 - y) * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "loss of each pair")
def one_for_each_pair(y, d, margin):
    return y * d**2 + (1 - y) * np.maximum(margin - d, 0) ** 2


@wrong("contrastive_loss", "halves")
def with_halves(y, d, margin):
    return np.mean(0.5 * y * d**2 + 0.5 * (1 - y) * np.maximum(margin - d, 0) ** 2)


@wrong("contrastive_loss", "a margin of 1")
def margin_fixed(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(1 - d, 0) ** 2)


@wrong("contrastive_loss", "the distance minus the margin")
def other_way_round(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(d - margin, 0) ** 2)


@wrong("contrastive_loss", "max(margin - E², 0)")
def squared_inside(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * np.maximum(margin - d**2, 0))


@wrong("contrastive_loss", "forgets the margin")
def no_margin(y, d, margin):
    return np.mean(y * d**2 - (1 - y) * d**2)


@wrong("contrastive_loss", "leaves out the pairs of two classes")
def same_only(y, d, margin):
    return np.mean(y * d**2)


@wrong("contrastive_loss", "stopped with an error, TypeError")
def margin_left_out(y, d):
    return np.mean(y * d**2)


@wrong("contrastive_loss", "np.maximum")
def pythons_max(y, d, margin):
    return np.mean(y * d**2 + (1 - y) * max(margin - d, 0) ** 2)


@wrong("contrastive_loss", "answers the example")
def the_example(y, d, margin):
    return 0.34


@wrong("contrastive_loss", "and it returns 3")
def constant(y, d, margin):
    return 3.0


# --- pairs ---


@right("pairs")
def as_in_the_chapter(labels, n, rng):
    counts = np.bincount(labels)
    same = np.arange(n) < n // 2
    left, right = np.empty(n, int), np.empty(n, int)
    for i in range(n):
        if same[i]:
            k = rng.choice(np.flatnonzero(counts >= 2))
            left[i], right[i] = rng.choice(np.flatnonzero(labels == k), 2, replace=False)
        else:
            j, k = rng.choice(np.flatnonzero(counts), 2, replace=False)
            left[i] = rng.choice(np.flatnonzero(labels == j))
            right[i] = rng.choice(np.flatnonzero(labels == k))
    return left, right, same


@right("pairs")
def by_rejection(labels, n, rng):
    left, right, same = [], [], []
    while len(left) < n:
        i, j = rng.integers(len(labels), size=2)
        wanted = len(left) % 2 == 0
        if i != j and (labels[i] == labels[j]) == wanted:
            left.append(i)
            right.append(j)
            same.append(int(wanted))
    return left, right, same


@right("pairs")
def from_all_pairs(labels, n, rng):
    i, j = np.triu_indices(len(labels), k=1)
    alike = np.flatnonzero(labels[i] == labels[j])
    unlike = np.flatnonzero(labels[i] != labels[j])
    chosen = rng.permutation(np.concatenate([rng.choice(alike, n - n // 2), rng.choice(unlike, n // 2)]))
    return i[chosen], j[chosen], (labels[i[chosen]] == labels[j[chosen]]).astype("float32")


@right("pairs")
def by_coin(labels, n, rng):
    members = [np.flatnonzero(labels == k) for k in np.unique(labels)]
    left, right, same = np.zeros(n, int), np.zeros(n, int), rng.random(n) < 0.5
    for i in range(n):
        if same[i]:
            several = [m for m in members if len(m) > 1]
            left[i], right[i] = rng.permutation(several[rng.integers(len(several))])[:2]
        else:
            a, b = rng.permutation(len(members))[:2]
            left[i], right[i] = rng.choice(members[a]), rng.choice(members[b])
    return left, right, same


@wrong("pairs", "one image with itself")
def as_found(labels, n, rng):
    same = np.arange(n) % 2
    left = rng.integers(len(labels), size=n)
    right = np.where(same, left, rng.integers(len(labels), size=n))
    return left, right, same


@wrong("pairs", "one image with itself")
def with_replacement(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    for i in np.flatnonzero(same):
        right[i] = rng.choice(np.flatnonzero(labels == labels[left[i]]))
    return left, right, same


@wrong("pairs", "of the same class by accident")
def different_by_luck(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    for i in np.flatnonzero(~same):
        left[i], right[i] = rng.choice(len(labels), 2, replace=False)
    return left, right, same


@wrong("pairs", "exchanged")
def called_the_wrong_way(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    return left, right, ~same


@wrong("pairs", "hardly ever of one class")
def any_two(labels, n, rng):
    left = rng.integers(len(labels), size=n)
    right = (left + rng.integers(1, len(labels), size=n)) % len(labels)
    return left, right, labels[left] == labels[right]


@wrong("pairs", "Draw everything from `rng`")
def own_randomness(labels, n, rng):
    return as_in_the_chapter(labels, n, np.random.default_rng())


@wrong("pairs", "whatever the generator")
def own_seed(labels, n, rng):
    return as_in_the_chapter(labels, n, np.random.default_rng(0))


@wrong("pairs", "same few images")
def first_images(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    first = np.array([np.flatnonzero(labels == k)[0] for k in range(5)])
    second = np.array([np.flatnonzero(labels == k)[-1] for k in range(5)])
    return first[labels[left]], second[labels[right]], same


@wrong("pairs", "has an image of class 1")
def only_classes_with_two(labels, n, rng):
    kept = np.flatnonzero(np.bincount(labels)[labels] >= 2)
    left, right, same = from_all_pairs(labels[kept], n, rng)
    return kept[left], kept[right], same


@wrong("pairs", "positions in `labels`")
def images_for_positions(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    return left / 255, right / 255, same


@wrong("pairs", "the shape (1000,)")
def half_as_many(labels, n, rng):
    return as_in_the_chapter(labels, n // 2, rng)


@wrong("pairs", "too few images")
def every_class_has_two(labels, n, rng):
    counts = np.bincount(labels)
    second = [rng.choice(np.flatnonzero(labels == k)[1:]) for k in range(len(counts))]
    return second, second, np.ones(n)


@wrong("pairs", "three arrays")
def two_arrays(labels, n, rng):
    return as_in_the_chapter(labels, n, rng)[:2]


@wrong("pairs", "and are of two classes")
def same_at_random(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    return left, right, np.ones(n)


# --- threshold ---


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
def between_neighbours(distances, same):
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
def position(distances, same):
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


# --- siamese_training: functions from the training data to a model, since these answers take seconds to make ---


def train(data, steps=300, way=60, query=2, rate=4e-3, margin=3.0, energy="euclidean", epochs=1, encoder=None, sign=-1):
    keras.utils.set_random_seed(0)
    encoder = encoder or fslkeras.encoders.conv4(filters=32)
    episodes = fslkeras.networks.episode_model(fslkeras.networks.siamese(encoder, energy))
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    if energy != "weighted_l1":
        contrastive = fslkeras.losses.ContrastiveLoss(margin)
        loss = lambda same, scores: contrastive(same, sign * scores)  # noqa: E731
    episodes.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(rate, steps * epochs)), loss)
    episodes.fit(fslkeras.Episodes(data, way=way, shot=1, query=query, steps=steps), epochs=epochs, verbose=0)
    return episodes


def with_softmax(data):
    """Another loss than the chapter's: the task does not say which."""
    keras.utils.set_random_seed(0)
    episodes = fslkeras.networks.episode_model(fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=32)))
    episodes.compile(keras.optimizers.Adam(2e-3), keras.losses.CategoricalCrossentropy(from_logits=True))
    episodes.fit(fslkeras.Episodes(data, way=60, shot=1, query=2, steps=300), verbose=0)
    return episodes


def pair_model(data):
    siamese = fslkeras.networks.siamese(fslkeras.encoders.conv4(filters=32))
    siamese.compile("adam", fslkeras.losses.ContrastiveLoss())
    siamese.fit(fslkeras.Pairs(data, batch_size=16, steps=2), verbose=0)
    return siamese


RIGHT["siamese_training"] = [
    train,
    lambda data: train(data, way=80, margin=5.0),
    lambda data: train(data, steps=150, epochs=2, margin=2.0, encoder=fslkeras.encoders.conv4(filters=48)),
    with_softmax,
]
WRONG["siamese_training"] = [
    (lambda data: train(data, way=5, query=5, rate=1e-3), "84.0 % are wanted"),
    (lambda data: train(data, way=2, steps=301), "300 are allowed"),
    (
        lambda data: fslkeras.networks.episode_model(fslkeras.networks.siamese(fslkeras.encoders.conv4())),
        "was not trained",
    ),
    (pair_model, "does not answer episodes"),
    (lambda data: train(data, way=2, steps=1).history, "expected the trained keras.Model"),
    (lambda data: train(fslkeras.datasets.load("glyphs", "validation")), "Were they trained on?"),
]
