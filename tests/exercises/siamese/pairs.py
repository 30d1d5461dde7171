"""Answers to `checks.pairs`, chapter 1."""

from itertools import combinations

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
    chosen = rng.permutation(
        np.concatenate([rng.choice(same_class, n - n // 2), rng.choice(two_classes, n // 2)])
    )
    return i[chosen], j[chosen], (labels[i[chosen]] == labels[j[chosen]]).astype("float32")


@right("pairs")
def stacked(labels, n, rng):
    return np.stack(as_in_the_chapter(labels, n, rng))


@right("pairs")
def in_a_list(labels, n, rng):
    return [array.tolist() for array in from_all_pairs(labels, n, rng)]


@right("pairs")
def from_a_list_of_all_pairs(labels, n, rng):
    pairs = list(combinations(range(len(labels)), 2))
    of = {
        wanted: [p for p in pairs if (labels[p[0]] == labels[p[1]]) == wanted]
        for wanted in (True, False)
    }
    drawn = [of[i % 2 == 0][rng.integers(len(of[i % 2 == 0]))] for i in range(n)]
    left, right = zip(*drawn, strict=True)
    return left, right, [i % 2 == 0 for i in range(n)]


@right("pairs")
def by_a_shuffled_half(labels, n, rng):
    members = {k: np.flatnonzero(labels == k) for k in np.unique(labels)}
    several = [k for k in members if len(members[k]) > 1]
    same = rng.permutation(np.repeat([True, False], n // 2))
    left, right = np.zeros(n, int), np.zeros(n, int)
    for i in range(n):
        if same[i]:
            left[i], right[i] = rng.permutation(members[rng.choice(several)])[:2]
        else:
            left[i], right[i] = (rng.choice(members[k]) for k in rng.permutation(list(members))[:2])
    return left, right, same


@right("pairs")
def image_first(labels, n, rng):
    counts = np.bincount(labels)[labels]
    left, right = [], []
    for i in range(n):
        first = rng.choice(np.flatnonzero(counts > 1)) if i < n / 2 else rng.integers(len(labels))
        others = np.flatnonzero(
            (labels == labels[first]) if i < n / 2 else (labels != labels[first])
        )
        left.append(first)
        right.append(rng.choice(others[others != first]))
    return left, right, np.arange(n) < n / 2


@right("pairs")
def shifted_within_the_class(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    for i in np.flatnonzero(same):
        members = np.flatnonzero(labels == labels[left[i]])
        at = rng.integers(len(members))
        left[i], right[i] = (
            members[at],
            members[(at + rng.integers(1, len(members))) % len(members)],
        )
    return left, right, same


@right("pairs")
def different_first(labels, n, rng):
    return tuple(array[::-1] for array in as_in_the_chapter(labels, n, rng))


@right("pairs")
def sides_exchanged(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    return right, left, same


@right("pairs")
def the_lower_on_the_left(labels, n, rng):
    left, right, same = from_all_pairs(labels, n, rng)
    return np.minimum(left, right), np.maximum(left, right), same


@right("pairs")
def with_spawned_generators(labels, n, rng):
    return as_in_the_chapter(labels, n, np.random.default_rng(rng.integers(2**32)))


@right("pairs")
def shuffled_at_the_end(labels, n, rng):
    drawn = np.array(as_in_the_chapter(labels, n, rng))
    return rng.permutation(drawn, axis=1)


@right("pairs")
def in_small_types(labels, n, rng):
    left, right, same = from_all_pairs(labels, n, rng)
    return left.astype("uint8"), right.astype("int32"), same.astype("int8")


@right("pairs")
def as_an_iterator(labels, n, rng):
    return zip(*zip(*from_all_pairs(labels, n, rng), strict=True), strict=True)


@right("pairs")
def as_an_iterator_of_arrays(labels, n, rng):
    return map(np.array, zip(*zip(*from_all_pairs(labels, n, rng), strict=True), strict=True))


@wrong("pairs", "must be of one pair")
def shuffled_apart(labels, n, rng):
    return tuple(rng.permutation(array) for array in as_in_the_chapter(labels, n, rng))


@wrong("pairs", "must be of one pair")
def same_in_another_order(labels, n, rng):
    left, right, _ = as_in_the_chapter(labels, n, rng)
    return left, right, np.arange(n) % 2 == 0


@wrong("pairs", "`n` counts the pairs of both kinds")
def n_of_each_kind(labels, n, rng):
    return as_in_the_chapter(labels, 2 * n, rng)


@wrong("pairs", "it must draw another one")
def single_images_skipped(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    kept = rng.random(n) < 0.9
    return left[kept], right[kept], same[kept]


@wrong("pairs", "has an image of class 0")
def class_0_taken_for_none(labels, n, rng):
    kept = np.flatnonzero(labels)
    left, right, same = from_all_pairs(labels[kept], n, rng)
    return kept[left], kept[right], same


@wrong("pairs", "never draws these of the 13 images: 0.")
def counted_from_1(labels, n, rng):
    left, right, same = from_all_pairs(labels[1:], n, rng)
    return left + 1, right + 1, same


@wrong("pairs", "never draws these of the 13 images: 12.")
def up_to_the_last(labels, n, rng):
    return from_all_pairs(labels[:-1], n, rng)


@wrong("pairs", "still for a same-class pair")
def different_where_there_is_a_single_image(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    others = np.flatnonzero(labels != 3)
    for i in np.flatnonzero(same)[: n // 26]:
        left[i], same[i] = np.flatnonzero(labels == 3)[0], False
        right[i] = rng.choice(others)
    return left, right, same


@wrong("pairs", "an image with itself")
def as_found(labels, n, rng):
    same = np.arange(n) % 2
    left = rng.integers(len(labels), size=n)
    right = np.where(same, left, rng.integers(len(labels), size=n))
    return left, right, same


@wrong("pairs", "an image with itself")
def with_replacement(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    for i in np.flatnonzero(same):
        right[i] = rng.choice(np.flatnonzero(labels == labels[left[i]]))
    return left, right, same


@wrong("pairs", "Draw two different classes")
def different_may_be_the_image_itself(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    right[~same] = rng.integers(len(labels), size=(~same).sum())
    return left, right, same


@wrong("pairs", "happen to be of the same class")
def different_by_luck(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    for i in np.flatnonzero(~same):
        left[i], right[i] = rng.choice(len(labels), 2, replace=False)
    return left, right, same


@wrong("pairs", "exchanged")
def called_the_wrong_way(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    return left, right, ~same


@wrong("pairs", "hardly ever of the same class")
def any_two(labels, n, rng):
    left = rng.integers(len(labels), size=n)
    right = (left + rng.integers(1, len(labels), size=n)) % len(labels)
    return left, right, labels[left] == labels[right]


def _with_share(labels, n, rng, wanted):
    """The chapter's pairs, with `wanted` of them of the same class."""
    left, right, same = as_in_the_chapter(labels, 2 * n, rng)
    kept = np.concatenate([np.flatnonzero(same)[:wanted], np.flatnonzero(~same)[: n - wanted]])
    return left[kept], right[kept], same[kept]


@wrong("pairs", "Do not leave it to chance")
def by_coin(labels, n, rng):
    return _with_share(labels, n, rng, rng.binomial(n, 0.5))


@wrong("pairs", "2250 of 5000 pairs")
def forty_five_percent(labels, n, rng):
    return _with_share(labels, n, rng, int(0.45 * n))


@wrong("pairs", "2499 of 5000 pairs")
def one_too_few(labels, n, rng):
    return _with_share(labels, n, rng, n // 2 - 1)


@wrong("pairs", "5000 of 5000 pairs")
def same_alone(labels, n, rng):
    return _with_share(labels, n, rng, n)


@wrong("pairs", "0 of 5000 pairs")
def different_alone(labels, n, rng):
    return _with_share(labels, n, rng, 0)


@wrong("pairs", "Draw everything from `rng`")
def own_randomness(labels, n, rng):
    return as_in_the_chapter(labels, n, np.random.default_rng())


@wrong("pairs", "Draw everything from `rng`")
def one_draw_of_its_own(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    swap = np.random.default_rng().random(n) < 0.5
    return np.where(swap, right, left), np.where(swap, left, right), same


@wrong("pairs", "whatever the generator")
def own_seed(labels, n, rng):
    return as_in_the_chapter(labels, n, np.random.default_rng(0))


def _by_class(labels, n, rng, classes_of, image_of):
    """Pairs whose classes and images are chosen by two functions."""
    members = {k: np.flatnonzero(labels == k) for k in np.unique(labels)}
    same = np.arange(n) % 2 == 0
    left, right = np.empty(n, int), np.empty(n, int)
    for i in range(n):
        j, k = classes_of(i, same[i], members)
        left[i], right[i] = image_of(members[j], members[k], same[i])
    return left, right, same


def _two_images(rng):
    return lambda first, second, same: (
        rng.choice(first, 2, replace=False) if same else (rng.choice(first), rng.choice(second))
    )


def _two_classes(rng):
    def classes(i, same, members):
        if same:
            return 2 * [rng.choice([k for k in members if len(members[k]) > 1])]
        return rng.choice(list(members), 2, replace=False)

    return classes


@wrong("pairs", "never paired with each other. Draw the second class")
def always_the_next_class(labels, n, rng):
    def classes(i, same, members):
        j, k = _two_classes(rng)(i, same, members)
        known = sorted(members)
        return (j, k) if same else (j, known[(known.index(j) + 1) % len(known)])

    return _by_class(labels, n, rng, classes, _two_images(rng))


@wrong("pairs", "never paired with each other. Draw the second class")
def always_against_the_largest_class(labels, n, rng):
    def classes(i, same, members):
        largest, *others = sorted(members, key=lambda k: -len(members[k]))
        return _two_classes(rng)(i, same, members) if same else (largest, rng.choice(others))

    return _by_class(labels, n, rng, classes, _two_images(rng))


@wrong("pairs", "classes come in the same order")
def classes_in_turn(labels, n, rng):
    def classes(i, same, members):
        several = [k for k in members if len(members[k]) > 1]
        each = list(combinations(members, 2))
        return 2 * [several[i // 2 % len(several)]] if same else each[i // 2 % len(each)]

    return _by_class(labels, n, rng, classes, _two_images(rng))


@wrong("pairs", "some images are never paired")
def neighbors_in_the_class(labels, n, rng):
    def images(first, second, same):
        if not same:
            return rng.choice(first), rng.choice(second)
        at = rng.integers(len(first) - 1)
        return first[at], first[at + 1]

    return _by_class(labels, n, rng, _two_classes(rng), images)


@wrong("pairs", "some images are never paired")
def always_the_first_image(labels, n, rng):
    def images(first, second, same):
        return (
            (first[0], rng.choice(first[1:])) if same else (rng.choice(first), rng.choice(second))
        )

    return _by_class(labels, n, rng, _two_classes(rng), images)


@wrong("pairs", "some images are never paired")
def never_the_last_image(labels, n, rng):
    def images(first, second, same):
        if same:
            return rng.choice(first, 2, replace=False)
        return first[rng.integers(max(len(first) - 1, 1))], second[
            rng.integers(max(len(second) - 1, 1))
        ]

    return _by_class(labels, n, rng, _two_classes(rng), images)


@wrong("pairs", "some images are never paired")
def same_place_in_both_classes(labels, n, rng):
    def images(first, second, same):
        if same:
            return rng.choice(first, 2, replace=False)
        at = rng.integers(min(len(first), len(second)))
        return first[at], second[at]

    return _by_class(labels, n, rng, _two_classes(rng), images)


@wrong("pairs", "never paired with each other")
def the_same_few_again_and_again(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, 40, rng)
    chosen = np.concatenate([rng.choice(20, n // 2), 20 + rng.choice(20, n // 2)])
    return left[chosen], right[chosen], same[chosen]


@wrong("pairs", "never draws these of the 13 images: 4, 6, 7, 9.")
def first_and_last_images(labels, n, rng):
    def images(first, second, same):
        return first[0], second[-1]

    return _by_class(labels, n, rng, _two_classes(rng), images)


@wrong("pairs", "has an image of class 3")
def only_classes_with_two(labels, n, rng):
    kept = np.flatnonzero(np.bincount(labels)[labels] >= 2)
    left, right, same = from_all_pairs(labels[kept], n, rng)
    return kept[left], kept[right], same


@wrong("pairs", "same-class pair has an image of class 10")
def only_classes_with_three(labels, n, rng):
    left, right, same = from_all_pairs(labels, 4 * n, rng)
    good = ~same.astype(bool) | (np.bincount(labels)[labels[left]] >= 3)
    chosen = [np.flatnonzero(good & (same == s))[: n // 2] for s in (1, 0)]
    return tuple(array[np.concatenate(chosen)] for array in (left, right, same))


def _from_numbered_classes(labels, n, rng, numbers):
    left, right = np.empty(n, int), np.empty(n, int)
    for i in range(n):
        j, k = rng.choice(numbers, 2, replace=False)
        several = [c for c in numbers if np.sum(labels == c) != 1]
        c = rng.choice(several)
        left[i], right[i] = (
            rng.choice(np.flatnonzero(labels == c), 2, replace=False)
            if i % 2
            else (rng.choice(np.flatnonzero(labels == j)), rng.choice(np.flatnonzero(labels == k)))
        )
    return left, right, np.arange(n) % 2


@wrong("pairs", "numbered 0, 1, 2 and so on")
def numbered_up_to_the_largest(labels, n, rng):
    return _from_numbered_classes(labels, n, rng, np.arange(labels.max() + 1))


@wrong("pairs", "numbered 0, 1, 2 and so on")
def as_many_numbers_as_classes(labels, n, rng):
    return _from_numbered_classes(labels, n, rng, np.arange(len(np.unique(labels))))


@wrong("pairs", "indices into `labels`")
def images_for_indices(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    return left / 255, right / 255, same


@wrong("pairs", "cannot index")
def stacked_as_floats(labels, n, rng):
    return np.stack(from_all_pairs(labels, n, rng))


@wrong("pairs", "1 (or True) and 0 (or False)")
def same_as_text(labels, n, rng):
    left, right, same = from_all_pairs(labels, n, rng)
    return left, right, np.where(same, "same", "different")


@wrong("pairs", "the shape (5000,)")
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


@wrong("pairs", "5000 triples")
def triples(labels, n, rng):
    return list(zip(*from_all_pairs(labels, n, rng), strict=True))


@wrong("pairs", "but are of different classes")
def same_at_random(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    return left, right, np.ones(n)


@wrong("pairs", "the numbers of classes")
def classes_for_indices(labels, n, rng):
    left, right, same = as_in_the_chapter(labels, n, rng)
    return labels[left], labels[right], same


@wrong("pairs", "labels in sorted order")
def of_sorted_labels(labels, n, rng):
    return as_in_the_chapter(np.sort(labels), n, rng)


@wrong("pairs", "answers the example")
def the_example(labels, n, rng):
    return np.zeros(n, int), np.arange(n) % 2 + 1, np.arange(n) % 2 == 0


@wrong("pairs", "a single image has no same-class pair")
def alone_in_its_class(labels, n, rng):
    same, left, right = np.arange(n) % 2 == 0, rng.integers(len(labels), size=n), []
    for i in range(n):
        others = np.flatnonzero((labels == labels[left[i]]) == same[i])
        right.append(rng.choice(others[others != left[i]] if len(others) > 1 else others))
    return left, np.array(right), same


@wrong("pairs", "a class with a single image?")
def two_of_any_class(labels, n, rng):
    drawn = [
        rng.choice(np.flatnonzero(labels == k), 2, replace=False)
        for k in rng.choice(np.unique(labels), n)
    ]
    return *np.transpose(drawn), np.ones(n)
