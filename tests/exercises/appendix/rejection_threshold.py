"""Answers to `checks.rejection_threshold`, the appendix."""

import math

import numpy as np
from answers import right, wrong


@right("rejection_threshold")
def try_each(scores, keep):
    return max(t for t in scores if np.mean(scores >= t) >= keep)


@right("rejection_threshold")
def one_by_one(scores, keep):
    kept = 0
    for t in sorted(scores, reverse=True):
        kept += 1
        if kept / len(scores) >= keep:
            return t


@right("rejection_threshold")
def how_many_may_go(scores, keep):
    gone = math.floor(len(scores) * (1 - keep) + 1e-9)
    return np.sort(scores)[gone]


RIGHT = [
    lambda s, keep: np.quantile(s, 1 - keep + 1e-9, method="inverted_cdf"),
    lambda s, keep: np.sort(s)[::-1][math.ceil(keep * len(s) - 1e-9) - 1],
    lambda s, keep: -np.sort(-s)[int(np.ceil(keep * len(s) - 1e-9)) - 1],
    lambda s, keep: np.partition(s, len(s) - math.ceil(keep * len(s) - 1e-9))[
        len(s) - math.ceil(keep * len(s) - 1e-9)
    ],
    lambda s, keep: np.unique(s)[[np.mean(s >= t) >= keep for t in np.unique(s)]].max(),
    lambda s, keep: [
        max(t for t in s.tolist() if sum(x >= t for x in s.tolist()) >= keep * len(s))
    ],
    lambda s, keep: sorted(s)[-math.ceil(keep * len(s) - 1e-9)],
    lambda s, keep: np.max(np.where((s[None] >= s[:, None]).mean(axis=1) >= keep, s, -np.inf)),
]
for answer in RIGHT:
    right("rejection_threshold")(answer)


def one_too_many(s, keep):
    return np.sort(s)[::-1][min(math.ceil(keep * len(s)), len(s) - 1)]


def count(s, keep):
    return math.ceil(keep * len(s) - 1e-9)


def first_kept(s, candidates, keep):
    return max(t for t in candidates if np.mean(s >= t) >= keep)


def above_instead_of_at_least(s, keep):
    return max((t for t in s if np.mean(s > t) >= keep), default=s.min() - 1)


WRONG = [
    ("interpolates", lambda s, keep: np.quantile(s, 1 - keep)),
    ("interpolates", lambda s, keep: np.percentile(s, 100 - 100 * keep)),
    ("from the lowest score up", lambda s, keep: np.quantile(s, keep)),
    ("mean score", lambda s, keep: s.mean()),
    ("median", lambda s, keep: np.median(s)),
    ("keeps all scores", lambda s, keep: s.min()),
    ("highest score only", lambda s, keep: s.max()),
    ("returns the share", lambda s, keep: keep),
    ("returns a share", lambda s, keep: 1 - keep),
    ("fraction of the highest", lambda s, keep: keep * s.max()),
    ("fraction of the range", lambda s, keep: s.min() + (1 - keep) * (s.max() - s.min())),
    ("normal distribution", lambda s, keep: s.mean() - s.std()),
    ("normal distribution", lambda s, keep: s.mean() - 1.645 * s.std()),
    ("rounds down", lambda s, keep: np.sort(s)[::-1][int(keep * len(s)) - 1]),
    ("Positions start at 0", one_too_many),
    ("highest score down", lambda s, keep: np.sort(s)[math.ceil(keep * len(s)) - 1]),
    ("without sorting", lambda s, keep: s[math.ceil(keep * len(s) - 1e-9) - 1]),
    ("scores stay", lambda s, keep: np.mean(s >= s.mean())),
    ("scores stay", lambda s, keep: int(keep * len(s))),
    ("scores stay", lambda s, keep: np.sort(s)[len(s) // 2]),
    ("scores stay", lambda s, keep: np.quantile(s, 1 - keep, method="higher")),
    ("scores stay", lambda s, keep: np.sort(s)[::-1][max(math.ceil(keep * len(s)) - 2, 0)]),
    ("scores stay", lambda s, keep: min(t for t in s if np.mean(s <= t) >= keep)),
    ("scores stay", lambda s, keep: np.abs(s).max()),
    ("scores stay", lambda s, keep: np.sort(s)[::-1][len(s) - math.ceil(keep * len(s))]),
    ("a score equal to the threshold", above_instead_of_at_least),
    ("one score too far down", lambda s, keep: np.quantile(s, 1 - keep, method="inverted_cdf")),
    ("one score too far down", lambda s, keep: min(t for t in s if np.mean(s <= t) >= 1 - keep)),
    ("from the lowest score up", lambda s, keep: np.quantile(s, keep, method="lower")),
    ("equal scores once", lambda s, keep: first_kept(np.unique(s), np.unique(s), keep)),
    ("equal scores once", lambda s, keep: np.unique(s)[-min(count(s, keep), len(np.unique(s)))]),
    ("absolute value", lambda s, keep: sorted(s, key=abs)[count(s, keep) - 1]),
    ("reverses", lambda s, keep: s[::-1][count(s, keep) - 1]),
    ("position", lambda s, keep: count(s, keep) - 1),
    ("position", lambda s, keep: np.argsort(-s)[count(s, keep) - 1]),
    ("sign", lambda s, keep: np.sort(-s)[count(s, keep) - 1]),
    ("example", lambda s, keep: -3),
    ("lowest score,", lambda s, keep: keep * s.min()),
    ("one of the scores", lambda s, keep: first_kept(s, s, keep) - 0.01),
    ("one of the scores", lambda s, keep: max(-100, first_kept(s, s, keep))),
    ("array of shape", lambda s, keep: s[s >= np.quantile(s, 1 - keep)]),
    ("array of shape", lambda s, keep: np.sort(s)),
    ("-inf", lambda s, keep: -np.inf),
    ("nan", lambda s, keep: np.nan),
    ("stopped with an error", lambda s, keep: np.sort(s)[keep * len(s)]),
    ("returns nothing", lambda s, keep: print(end="")),
]
for because, answer in WRONG:
    wrong("rejection_threshold", because)(answer)
