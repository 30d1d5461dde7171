"""The measured results, and their mean over seeds."""

import json

import numpy as np
import pytest

from fslkeras.course.results import load_results, mean_over_seeds
from fslkeras.paths import DATA


@pytest.mark.parametrize(
    "path", sorted((DATA / "results").glob("*.json")), ids=lambda path: path.stem
)
def test_results_are_found_by_name(path):
    assert load_results(path.stem) == json.loads(path.read_text(encoding="utf-8")) != {}


@pytest.mark.parametrize(
    "name", ["chapter_8", "chapter_1.json", "../weights/weights", "", None, ["chapter_1"]]
)
def test_an_unknown_name_gets_the_list_of_names(name):
    with pytest.raises(
        ValueError,
        match="`name` of load_results. Expected one of {'alphabets', .*}. Received: name=",
    ):
        load_results(name)


def runs_with(*means, **common):
    return [{**common, "seed": seed, "5w1s": {"mean": mean}} for seed, mean in enumerate(means)]


def of_runs(*runs):
    return {"runs": {str(i): run for i, run in enumerate(runs)}}


TWENTY_WAY, FIVE_WAY = runs_with(0.90, 0.92, 0.97, way=20), runs_with(0.5, 0.6, way=5)


def test_the_interval_over_seeds_is_students_t_times_the_standard_error():
    mean, half = mean_over_seeds(of_runs(*TWENTY_WAY, *FIVE_WAY), "5w1s", way=20)
    squares = sum((value - 0.93) ** 2 for value in (0.90, 0.92, 0.97))
    t = 4.302653  # for 2 degrees of freedom
    assert np.isclose(mean, 0.93) and np.isclose(half, t * (squares / 2 / 3) ** 0.5)


@pytest.mark.parametrize(
    ("runs", "chosen", "received"),
    [
        (TWENTY_WAY + FIVE_WAY, {"way": 7}, "0 runs with 0 different seeds"),
        (TWENTY_WAY + FIVE_WAY, {}, "5 runs with 3 different seeds"),
        (TWENTY_WAY[:1] + FIVE_WAY, {"way": 20}, "1 runs with 1 different seeds"),
    ],
)
def test_runs_that_differ_in_more_than_the_seed_are_an_error(runs, chosen, received):
    with pytest.raises(ValueError, match=f"each with its own seed. Received: {received}"):
        mean_over_seeds(of_runs(*runs), "5w1s", **chosen)


def test_a_task_that_was_not_measured_gets_the_list_of_tasks():
    with pytest.raises(
        ValueError,
        match="`task` of mean_over_seeds. Expected one of {'5w1s'}. Received: task='1w5s'",
    ):
        mean_over_seeds(of_runs(*FIVE_WAY), "1w5s")
