"""Answers to `checks.near_duplicates`, the appendix."""

import numpy as np
from answers import right, wrong
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import cosine_similarity


@right("near_duplicates")
def two_loops(support, query, threshold):
    found = []
    for i in range(len(support)):
        for j in range(len(query)):
            if sum(a * b for a, b in zip(support[i], query[j], strict=True)) >= threshold:
                found.append((i, j))
    return found


@right("near_duplicates")
def one_loop(support, query, threshold):
    found = []
    for i, image in enumerate(support):
        found += [[i, j] for j in np.flatnonzero(query @ image >= threshold)]
    return found


@right("near_duplicates")
def query_first_but_named_right(support, query, threshold):
    return [
        (i, j) for j, q in enumerate(query) for i, s in enumerate(support) if s.dot(q) >= threshold
    ]


RIGHT = [
    lambda s, q, t: np.argwhere(s @ q.T >= t),
    lambda s, q, t: np.where(np.dot(s, q.T) >= t),
    lambda s, q, t: np.nonzero(np.inner(s, q) >= t),
    lambda s, q, t: np.argwhere(cosine_similarity(s, q) >= t - 1e-9),
    lambda s, q, t: np.argwhere(1 - cdist(s, q, "cosine") >= t - 1e-9),
    lambda s, q, t: np.argwhere(cdist(s, q) ** 2 <= 2 - 2 * t + 1e-9),
    lambda s, q, t: np.array(np.where(np.einsum("sd,qd->sq", s, q) >= t)).T,
    lambda s, q, t: list(zip(*np.where(s @ q.T >= t), strict=True)),
    lambda s, q, t: {(i, j) for i in range(len(s)) for j in range(len(q)) if s[i] @ q[j] >= t},
    lambda s, q, t: [(i, j) for (i, j), c in np.ndenumerate(s @ q.T) if c >= t],
    lambda s, q, t: np.argwhere((s[:, None] * q[None]).sum(-1) >= t).astype(float),
    lambda s, q, t: np.stack(np.where(~(s @ q.T < t)), axis=-1),
]
for answer in RIGHT:
    right("near_duplicates")(answer)


def same_image_twice(s, q, t):
    return sorted({(i, i) for i in np.where(s @ q.T >= t)[0]})


def most_similar_pair(s, q, t):
    cosines = s @ q.T
    best = np.unravel_index(cosines.argmax(), cosines.shape)
    return [best] if cosines[best] >= t else []


def first_of_each(pairs, column):
    return pairs[np.unique(pairs[:, column], return_index=True)[1]]


def those(condition):
    """An answer: the pairs (i, j) for which `condition(i, j, cosine, threshold)` holds."""
    return lambda s, q, t: [
        (i, j) for (i, j), cosine in np.ndenumerate(s @ q.T) if condition(i, j, cosine, t)
    ]


WRONG = [
    ("equals the threshold", lambda s, q, t: np.argwhere(s @ q.T > t)),
    ("less* similar", lambda s, q, t: np.argwhere(s @ q.T <= t)),
    ("less* similar", lambda s, q, t: np.argwhere(s @ q.T < t)),
    ("absolute value", lambda s, q, t: np.argwhere(abs(s @ q.T) >= t)),
    ("reversed", lambda s, q, t: np.argwhere(q @ s.T >= t)),
    ("counts from 1", lambda s, q, t: np.argwhere(s @ q.T >= t) + 1),
    ("distance with the threshold", lambda s, q, t: np.argwhere(cdist(s, q) <= t)),
    ("distance with the threshold", lambda s, q, t: np.argwhere(cdist(s, q) >= t)),
    ("1 - cosine", lambda s, q, t: np.argwhere(cdist(s, q, "cosine") >= t)),
    ("1 - cosine", lambda s, q, t: np.argwhere(1 - s @ q.T <= t)),
    ("not 1 - cosine", lambda s, q, t: np.argwhere(cdist(s, q) <= 1 - t)),
    ("angle", lambda s, q, t: np.argwhere(np.arccos((s @ q.T).clip(-1, 1)) <= t)),
    ("identical", lambda s, q, t: np.argwhere((s[:, None] == q).all(axis=-1))),
    ("identical", lambda s, q, t: np.argwhere(s @ q.T >= 0.999999)),
    (
        "one query for each",
        lambda s, q, t: [(i, c.argmax()) for i, c in enumerate(s @ q.T) if c.max() >= t],
    ),
    (
        "one support image for each",
        lambda s, q, t: [(c.argmax(), j) for j, c in enumerate(q @ s.T) if c.max() >= t],
    ),
    ("however low", lambda s, q, t: list(enumerate((s @ q.T).argmax(axis=1)))),
    ("however low", lambda s, q, t: [(c.argmax(), j) for j, c in enumerate(q @ s.T)]),
    ("own position on", those(lambda i, j, cosine, t: cosine >= t and j >= i)),
    ("after the support image's", those(lambda i, j, cosine, t: cosine >= t and j > i)),
    ("each query", those(lambda i, j, cosine, t: cosine >= t and i == j)),
    ("every pair", those(lambda i, j, cosine, t: True)),
    ("finds no pairs", lambda s, q, t: []),
    ("only one pair", lambda s, q, t: np.argwhere(s @ q.T >= t)[:1]),
    ("one query for each", lambda s, q, t: first_of_each(np.argwhere(s @ q.T >= t), 0)),
    ("one support image for each", lambda s, q, t: first_of_each(np.argwhere(s @ q.T >= t), 1)),
    ("same position", those(lambda i, j, cosine, t: cosine >= t and j != i)),
    ("first support image only", those(lambda i, j, cosine, t: cosine >= t and i == 0)),
    ("support images with each", lambda s, q, t: np.argwhere(s @ s.T >= t)),
    ("queries with each", lambda s, q, t: np.argwhere(q @ q.T >= t)),
    ("of both", lambda s, q, t: np.argwhere(np.triu(np.r_[s, q] @ np.r_[s, q].T, 1) >= t)),
    ("from the support images on", lambda s, q, t: np.argwhere(s @ q.T >= t) + [0, len(s)]),
    ("as many queries", lambda s, q, t: np.argwhere(s @ q[: len(s)].T >= t)),
    ("squared distance", lambda s, q, t: np.argwhere(cdist(s, q) ** 2 <= 1 - t)),
    ("squares the cosines", lambda s, q, t: np.argwhere((s @ q.T) ** 2 >= t)),
    ("always takes 0.9", lambda s, q, t: np.argwhere(s @ q.T >= 0.9)),
    ("reshape", lambda s, q, t: np.array(np.where(s @ q.T >= t)).reshape(-1, 2)),
    ("answers the example", lambda s, q, t: [[0, 1]]),
    ("no such pairs", lambda s, q, t: np.argwhere(s @ q.T >= t) if (s @ q.T >= t).any() else None),
    ("does not belong", lambda s, q, t: np.argwhere(np.round(s @ q.T, 2) >= t)),
    ("twice", lambda s, q, t: 2 * np.argwhere(s @ q.T >= t).tolist()),
    ("mask", lambda s, q, t: s @ q.T >= t),
    ("pairs of positions", lambda s, q, t: s @ q.T),
    ("pairs of positions", lambda s, q, t: np.flatnonzero(s @ q.T >= t)),
    ("pairs of positions", lambda s, q, t: int((s @ q.T >= t).sum())),
    ("same image twice", same_image_twice),
    ("only one pair", most_similar_pair),
    ("does not belong", lambda s, q, t: np.argwhere(s @ q.T >= t - 0.2)),
    ("is missing", lambda s, q, t: np.argwhere(s @ q.T >= t)[:-1]),
]
for because, answer in WRONG:
    wrong("near_duplicates", because)(answer)
