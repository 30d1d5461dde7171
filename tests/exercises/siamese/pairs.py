"""Answers to `checks.pairs`, chapter 1."""

import numpy as np
from answers import right, wrong


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
    same_class = np.flatnonzero(labels[i] == labels[j])
    two_classes = np.flatnonzero(labels[i] != labels[j])
    chosen = rng.permutation(np.concatenate([rng.choice(same_class, n - n // 2), rng.choice(two_classes, n // 2)]))
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
def images_for_indices(labels, n, rng):
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
