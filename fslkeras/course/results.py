"""The measured results that come with the course, and their means over random seeds."""

import json

import numpy as np
from scipy import stats

from fslkeras.paths import DATA
from fslkeras.validation import check_choice


def load_results(name):
    """Loads what one of the benchmarks measured for this version.

    Args:
        name: "chapter_2", "transfer" or another file in data/results, without its ending.
    Returns:
        dict, with a description under "about" and the training runs under "runs".
    Raises:
        ValueError: if there is no such file; the message lists the known names.
    """
    known = {file.stem: file for file in sorted((DATA / "results").glob("*.json"))}
    check_choice("load_results", "name", name, known)
    return json.loads(known[name].read_text(encoding="utf-8"))


def mean_over_seeds(results, task, **chosen):
    """Mean accuracy over training runs that differ only in their random seed.

    Args:
        results: dict from `load_results`.
        task: what the runs were evaluated on, such as "5w1s" or "20w1s".
        **chosen: what the runs have in common, such as metric="cosine", way=20.
    Returns:
        the mean and the half-width of its 95 % confidence interval (Student's t), both in 0..1.
    Raises:
        ValueError: if there are fewer than two such runs, if two of them have the same seed (and
            so differ in something else), or if they were not evaluated on that task.
    """
    runs = [
        run
        for run in results["runs"].values()
        if all(run.get(key) == value for key, value in chosen.items())
    ]
    seeds = {run["seed"] for run in runs}
    if len(seeds) < 2 or len(seeds) < len(runs):
        raise ValueError(
            f"mean_over_seeds expected at least two runs with {chosen}, each with its own seed. "
            f"Received: {len(runs)} runs with {len(seeds)} different seeds. Pass everything that "
            "the runs have in common."
        )
    tasks = [key for key, value in runs[0].items() if isinstance(value, dict) and "mean" in value]
    check_choice("mean_over_seeds", "task", task, tasks)
    values = [run[task]["mean"] for run in runs]
    return np.mean(values), stats.t.ppf(0.975, len(values) - 1) * stats.sem(values)
