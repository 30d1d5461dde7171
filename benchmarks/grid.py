"""Makes the runs of a benchmark and saves each in data/results, so an interrupted one resumes."""

import json
import os
import platform

import keras

from fslkeras.course.results import load_results
from fslkeras.paths import DATA


def over_seeds(configurations, seeds=range(3)):
    """Combines each configuration with each random seed.

    Args:
        configurations: dict from a configuration's name to its settings, a dict.
        seeds: the random seeds.
    Returns:
        dict from "NAME, seed 0" to the run's settings, including the seed.
    """
    return {
        f"{name}, seed {seed}": {**settings, "seed": seed}
        for seed in seeds
        for name, settings in configurations.items()
    }


def run(name, about, runs, measure):
    """Makes the runs missing from data/results/NAME.json, and prints one line per run.

    It saves the file after each run. To repeat a run, delete it from the file.

    Args:
        name: name of the file, without its suffix.
        about: what the runs have in common, for the file.
        runs: dict from the name of each run to its settings, a dict.
        measure: function that trains, evaluates and returns a dict of results. It takes a run's
            settings as keyword arguments.
    Returns:
        dict, the content of the file.
    """
    results = load_results(name) if (DATA / "results" / f"{name}.json").is_file() else {"runs": {}}
    for key, settings in runs.items():
        if key not in results["runs"]:
            results["about"] = about
            results["runs"][key] = {**settings, **measure(**settings)}
            save(name, results)
        measured = {
            what: value for what, value in results["runs"][key].items() if what not in settings
        }
        print(f"{key:40s} {line(measured)}", flush=True)
    return results


def save(name, results):
    """Writes data/results/NAME.json atomically, with the versions and the number of cores."""
    results["made with"] = {
        "python": platform.python_version(),
        "keras": keras.__version__,
        "backend": keras.backend.backend(),
        "cores": os.cpu_count(),
    }
    file = DATA / "results" / f"{name}.json"
    part = file.with_suffix(".part")
    part.write_text(json.dumps(results, indent=1) + "\n")
    part.replace(file)


def line(results):
    """Formats results as one line: accuracies in percent with their 95 % interval."""
    return "   ".join(f"{what} {_value(value)}" for what, value in results.items())


def _value(value):
    if isinstance(value, list):
        return f"[{len(value)}]"
    if not isinstance(value, dict):
        return value
    return (
        f"{100 * value['mean']:.1f} ± {100 * value['ci95']:.1f}"
        if "mean" in value
        else f"({line(value)})"
    )
