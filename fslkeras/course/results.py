"""The measured results that come with the course, and their mean over seeds."""

import json

import numpy as np
from scipy import stats

from fslkeras.paths import DATA


def load_results(name):
    """Figures that one of the benchmarks measured, as they were when this version was made.
    Args:
        name: "chapter_2", "transfer" or another file of data/results, without its ending.
    Returns:
        dict, with what was measured under "about" and the runs under "runs".
    Raises:
        FileNotFoundError: if there is no such file; the message names those there are.
    """
    known = {file.stem: file for file in sorted((DATA / "results").glob("*.json"))}
    if name not in known:
        raise FileNotFoundError(f"load_results expected one of {list(known)}. Received: {name!r}.")
    return json.loads(known[name].read_text(encoding="utf-8"))


def mean_over_seeds(results, task, **chosen):
    """Mean accuracy over the runs of a benchmark that differ in their seed alone, with its 95 % interval (Student's t).
    Args:
        results: dict of `load_results`.
        task: "5w1s", "20w1s" or another that the runs were evaluated on.
        chosen: what these runs have in common, such as metric="cosine", way=20.
    Returns:
        the mean, and half the width of its interval, both 0..1.
    Raises:
        ValueError: if there are fewer than two such runs, or two of one seed, so that they differ in something else.
    """
    runs = [run for run in results["runs"].values() if all(run.get(key) == value for key, value in chosen.items())]
    seeds = {run["seed"] for run in runs}
    if len(seeds) < 2 or len(seeds) < len(runs):
        raise ValueError(
            f"mean_over_seeds expected at least two runs with {chosen}, each with another seed. Received: {len(runs)} runs of "
            f"{len(seeds)} seeds. Name all that they have in common."
        )
    values = [run[task]["mean"] for run in runs]
    return np.mean(values), stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
