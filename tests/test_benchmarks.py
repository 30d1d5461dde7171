"""The benchmarks: results are complete, interrupted ones resume, and each still runs one step."""

import csv
import importlib
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path

import confidence
import fine_tuning
import keras
import numpy as np
import pages
import pretrained
import pytest
import scores
import training
import transduction
from grid import over_seeds, run

import fslkeras
from fslkeras.course.results import load_results

ROOT = Path(__file__).parents[1]
GRIDS = [
    "chapter_1",
    "chapter_2",
    "chapter_3",
    "chapter_4",
    "choices",
    "comparison",
    "confidence",
    "corrupted",
    "fine_tuning",
    "transduction",
    "transfer",
    "unlabelled",
]


# --- The grid


@pytest.fixture
def results_folder(tmp_path, monkeypatch):
    for module in ("grid", "fslkeras.course.results"):
        monkeypatch.setattr(f"{module}.DATA", tmp_path)
    (tmp_path / "results").mkdir()
    return tmp_path / "results"


def test_an_interrupted_benchmark_resumes_with_the_run_it_was_in(results_folder, capsys):
    runs = over_seeds({"small": {"way": 5}, "large": {"way": 20}}, seeds=(0, 1))
    measured = []

    def measure(way, seed):
        if measured == [(5, 0), (20, 0)]:
            raise KeyboardInterrupt
        measured.append((way, seed))
        return {"5w1s": {"mean": 0.5, "ci95": 0.01}, "weights": 10}

    with pytest.raises(KeyboardInterrupt):
        run("test", "about", runs, measure)
    saved = json.loads((results_folder / "test.json").read_text())
    assert list(saved["runs"]) == ["small, seed 0", "large, seed 0"] and saved["about"] == "about"
    assert saved["runs"]["large, seed 0"] == {
        "way": 20,
        "seed": 0,
        "5w1s": {"mean": 0.5, "ci95": 0.01},
        "weights": 10,
    }
    assert [file.name for file in results_folder.iterdir()] == ["test.json"]

    measured.append("resumed")
    results = run("test", "about", runs, measure)
    assert measured == [(5, 0), (20, 0), "resumed", (5, 1), (20, 1)]
    assert results == json.loads((results_folder / "test.json").read_text()) and list(
        results["runs"]
    ) == list(runs)
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].split("   ")[0] == "large, seed 1" and lines[-1].endswith(
        "5w1s 50.0 ± 1.0   weights 10"
    )
    assert len(lines) == 2 + 4


@pytest.mark.parametrize("name", [*GRIDS, "omniglot"])
def test_the_results_hold_each_run_of_the_benchmark_and_no_other(name):
    measured, expected = load_results(name)["runs"], importlib.import_module(name).RUNS
    assert set(measured) == set(expected)
    for key, settings in expected.items():
        assert settings.items() <= measured[key].items()


@pytest.mark.parametrize("name", GRIDS)
def test_a_complete_benchmark_prints_its_runs_and_leaves_its_file_alone(name, monkeypatch, capsys):
    file = ROOT / "data" / "results" / f"{name}.json"
    module, before = importlib.import_module(name), (file.read_bytes(), file.stat().st_mtime_ns)
    monkeypatch.setattr(
        module, "measure", lambda **settings: pytest.fail(f"{name} would train {settings}")
    )
    module.main()
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    lines = capsys.readouterr().out.splitlines()
    assert all(line.startswith(key) for line, key in zip(lines, module.RUNS, strict=False))
    assert len(lines) == len(module.RUNS) + (name == "transfer")  # and its raw pixels


def runs_with_different_results(name):
    """The first run of a benchmark for each set of results; networks have different sets."""
    runs = load_results(name)["runs"]
    return {frozenset(runs[key]): key for key in reversed(runs)}.values()


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name in GRIDS for key in runs_with_different_results(name)]
)
def test_a_run_of_one_step_measures_what_the_results_hold(name, key, monkeypatch):
    module, stored = importlib.import_module(name), load_results(name)["runs"][key]
    monkeypatch.setattr(training, "EPISODES", 2)
    monkeypatch.setattr(module, "STEPS", 1, raising=False)
    settings = module.RUNS[key] | ({"steps": 1} if "steps" in module.RUNS[key] else {})
    if name == "transfer":  # Omniglot may be missing
        settings = {"source": "glyphs"}
        monkeypatch.setattr(module, "targets", lambda: {"glyphs": training.glyphs()[1]})
        stored = {"tested on": {"glyphs": stored["tested on"]["glyphs"]}}
    measured = module.measure(**settings)
    assert structure(measured) == structure(
        {what: stored[what] for what in stored if what not in settings}
    )


def structure(results):
    """The nested keys, and the type of each value."""
    if isinstance(results, dict):
        return {key: structure(value) for key, value in results.items()}
    return type(results)


@pytest.mark.parametrize("network", ["Siamese", "Relation", "Matching"])
def test_each_network_of_the_comparison_trains(network):
    comparison = importlib.import_module("comparison")
    model = comparison.NETWORKS[network](training.glyphs()[0], steps=1, seed=0)
    assert (
        model.count_params() == load_results("comparison")["runs"][f"{network}, seed 0"]["weights"]
    )


def test_a_relation_network_keeps_its_weights_when_the_reduction_changes():
    chapter_3 = importlib.import_module("chapter_3")
    train, test = training.glyphs()
    model = training.train_relation(train, steps=1)
    one, five = (
        fslkeras.Episodes(test, way=5, shot=shot, query=1, steps=1)[0][0] for shot in (1, 5)
    )
    scores = {
        reduction: chapter_3.with_reduction(model, reduction) for reduction in ("sum", "mean")
    }
    for x in (one, five):
        np.testing.assert_array_equal(scores["sum"](x), model(x))
    np.testing.assert_allclose(scores["mean"](one), model(one), rtol=1e-5)
    assert not np.allclose(scores["mean"](five), model(five), rtol=1e-3)


# --- The baselines and the measures of confidence


def test_the_triplet_loss_is_the_mean_over_all_triplets():
    rng = np.random.default_rng(0)
    distances = rng.random((2, 6, 3)).astype("float32")
    labels = np.tile(np.eye(3, dtype="float32").repeat(2, axis=0), (2, 1, 1))
    triplets = [
        max(0, 0.2 + per_class[own] - per_class[other])
        for (_, q), per_class in zip(np.ndindex(2, 6), distances.reshape(12, 3), strict=True)
        for own, other in itertools.permutations(range(3), 2)
        if own == q // 2
    ]
    assert float(training.triplet_loss(0.2)(labels, distances)) == pytest.approx(np.mean(triplets))


def test_infonce_at_one_shot_is_the_loss_of_a_prototypical_network():
    episodes = fslkeras.Episodes(training.glyphs()[0], way=5, shot=1, query=2, steps=1)
    (x, labels), encoder = episodes[0], fslkeras.encoders.conv4(filters=4)
    siamese = fslkeras.networks.episode_model(fslkeras.networks.siamese(encoder))
    prototypical = fslkeras.networks.prototypical(encoder)
    expected = keras.losses.CategoricalCrossentropy(from_logits=True)(labels, prototypical(x))
    assert float(training.info_nce(labels, -siamese(x))) == pytest.approx(float(expected), rel=1e-4)


def test_a_softmax_classifier_learns_its_training_classes():
    data = training.glyphs()[0].take(range(5))
    model = training.train_classifier(data, steps=30)
    episodes = fslkeras.Episodes(data, way=5, shot=5, query=10, steps=10)
    assert fslkeras.evaluate(model, episodes).mean > 0.8


def test_embedded_episodes_give_the_scores_that_evaluate_counts():
    data = training.glyphs()[1]
    model = fslkeras.networks.matching(fslkeras.encoders.conv4(filters=4))
    episodes = fslkeras.Episodes(data, way=3, shot=2, query=4, steps=5, seed=1)
    right = fine_tuning.accuracy_per_episode
    answers, head = np.repeat(np.arange(3), 4), model.get_layer("head")
    batches = training.embedded_episodes(model, episodes, at_once=2)
    accuracies = [right(head(x), answers) for x in batches]
    assert [len(batch) for batch in accuracies] == [2, 2, 1]
    expected = fslkeras.evaluate(model, episodes).per_episode
    np.testing.assert_allclose(np.concatenate(accuracies), expected)


def test_calibration_error_is_the_gap_between_confidence_and_accuracy():
    probabilities = np.array([[0.95, 0.05], [0.96, 0.04], [0.1, 0.9], [0.62, 0.38], [1.0, 0.0]])
    measured = scores.reliability(probabilities, np.array([0, 1, 1, 1, 0]))
    bins = {i: row for i, row in enumerate(measured["bins"]) if row}
    assert len(measured["bins"]) == 15 and bins.keys() == {9, 13, 14}
    assert bins[9] == [0.62, 0.0, 0.2] and bins[13] == [0.9, 1.0, 0.2]
    assert bins[14] == pytest.approx([0.97, 2 / 3, 0.6], abs=1e-5)
    assert measured["ece"] == pytest.approx((0.62 + 0.1 + 3 * (0.97 - 2 / 3)) / 5, abs=1e-5)


def test_the_temperature_of_overconfident_logits_is_what_they_were_multiplied_by():
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(20_000, 4))
    labels = (logits + rng.gumbel(size=logits.shape)).argmax(axis=-1)  # drawn from their softmax
    assert scores.best_temperature(3 * logits, labels) == pytest.approx(3, rel=0.05)


def test_auroc_counts_the_pairs_in_which_the_known_query_scores_higher():
    known, unknown = np.array([0.9, 0.6, 0.4]), np.array([0.1, 0.6])
    measured = scores.open_set(known, unknown, threshold=0.5)
    assert measured == {"auroc": 0.75, "known kept": 0.66667, "unknown rejected": 0.5}  # 4.5 of 6


@pytest.mark.parametrize("network", ["Matching", "Relation"])
def test_unknown_queries_are_compared_with_the_known_classes_alone(network, monkeypatch):
    monkeypatch.setattr(training, "EPISODES", 3)
    train, test = training.glyphs()
    model = confidence.RECIPES[network](train, steps=1, seed=0)
    highest = confidence.highest_scores(model, test)
    more = {"attention logit", "cosine"} if network == "Matching" else set()
    assert highest.keys() == {"score", "probability"} | more
    assert all(found.shape == (2, 3 * 25) for found in highest.values())
    x, _ = training.evaluation_episodes(test, 10, 1, query=5)[1]
    first_five = {"support": x["support"][:, :5], "support_labels": x["support_labels"][:, :5, :5]}
    expected = keras.ops.max(model({**first_five, "query": x["query"]})[0], axis=-1)
    measured = np.concatenate(highest["score"][:, 25:50])
    np.testing.assert_allclose(measured, expected, rtol=1e-3, atol=1e-4)


def test_linear_classifiers_start_as_prototypes_and_learn_each_episode_on_its_own():
    rng = np.random.default_rng(0)
    prototypes = rng.normal(size=(3, 4, 6)).astype("float32")
    queries = rng.normal(size=(3, 9, 6)).astype("float32")
    support, labels = prototypes + 0.5, np.tile(np.eye(4, dtype="float32"), (3, 1, 1))
    together = fine_tuning.LinearClassifiers(prototypes)
    distances = ((queries[:, :, None] - prototypes[:, None]) ** 2).sum(axis=-1)
    expected = (queries**2).sum(axis=-1, keepdims=True) - distances
    np.testing.assert_allclose(together(queries), expected, rtol=1e-4, atol=1e-4)
    together.fine_tune(support, labels, "sgd", 0.01, steps=3)
    alone = fine_tuning.LinearClassifiers(prototypes[1:2])
    alone.fine_tune(support[1:2], labels[1:2], "sgd", 0.01, steps=3)
    np.testing.assert_allclose(together(queries)[1], alone(queries[1:2])[0], rtol=1e-4)
    assert not np.allclose(together(queries), expected, rtol=1e-2)


def test_unbalanced_queries_keep_their_total_and_never_exceed_the_available():
    sizes = transduction.unbalanced(400, total=25, most=19)
    assert sizes.shape == (400, 5) and (sizes.sum(axis=-1) == 25).all() and sizes.max() <= 19
    np.testing.assert_allclose(sizes.mean(axis=0), 5, atol=0.8)
    assert 3 < sizes.std() < 5  # as from a Dirichlet(1) distribution; 2 with equal proportions
    assert (sizes == transduction.unbalanced(400, total=25, most=19)).all()


def test_transduction_on_balanced_queries_evaluates_the_network_itself(monkeypatch):
    monkeypatch.setattr(training, "EPISODES", 20)
    data = training.glyphs()[1]
    model = fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=4))
    gain = transduction.gain(model, data, query=15)
    assert gain["inductive"] == training.accuracy(model, data, 5, 1)
    unlabelled = transduction.gain(model, data, query=19, total=25)
    assert unlabelled.keys() == gain.keys() == {"inductive", "transductive", "difference"}
    difference = gain["transductive"]["mean"] - gain["inductive"]["mean"]
    assert gain["difference"]["mean"] == pytest.approx(difference, abs=2e-5)


# --- The published networks and the pages


def test_the_published_networks_match_their_recipes():
    about = json.loads((ROOT / "data" / "weights" / "weights.json").read_text())
    assert pretrained.TRAINED_ON.keys() == pretrained.RECIPES.keys()
    assert pretrained.TRAINED_ON == {name: about[name]["trained on"] for name in pretrained.RECIPES}


def test_a_published_network_has_no_optimizer_and_leaves_other_entries_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "WEIGHTS", tmp_path)
    (tmp_path / "weights.json").write_text('{"other": {}}')
    model = training.train_prototypical(training.glyphs()[0], steps=1)
    training.publish("new", model, "one step", {"5w1s": 0.2})
    about = json.loads((tmp_path / "weights.json").read_text())
    assert about == {"other": {}, "new": {"trained on": "one step", "results": {"5w1s": 0.2}}}
    assert (tmp_path / "new.keras").stat().st_size < 6 * model.count_params() + 100_000


def test_the_pages_match_the_results(tmp_path, monkeypatch):
    monkeypatch.setattr(pages, "DOCS", tmp_path)
    pages.write_omniglot()
    pages.write_speed()
    for page in ("omniglot.md", "speed.md"):
        assert (tmp_path / page).read_text() == (ROOT / "docs" / page).read_text()


# --- Timings and photographs


def test_the_cost_of_each_network_is_measured(monkeypatch):
    cost, in_turns = importlib.import_module("cost"), importlib.import_module("speed").in_turns
    small = {
        "STEPS": 1,
        "EPISODES": 2,
        "NETWORKS": {"Prototypical": training.train_prototypical},
        "in_turns": lambda repeats, *candidates: in_turns(1, *candidates),
    }
    for name, value in small.items():
        monkeypatch.setattr(cost, name, value)
    costs = cost.network_rows()
    assert list(costs) == ["Prototypical", "Matching, full context"]
    assert all(value > 0 for times in costs.values() for value in times.values())
    np.testing.assert_allclose(
        cost.attention(True, 5, 2)(), cost.attention(False, 5, 2)(), atol=1e-4
    )
    for split in (True, False):
        query_maps, class_maps, *weights = cost.relation_step(split, way=2, query=1, channels=4)()
        assert query_maps.shape == class_maps.shape == (1, 2, 7, 7, 4) and weights


def test_a_training_step_is_timed_beside_its_encoder(monkeypatch):
    speed = importlib.import_module("speed")
    monkeypatch.setattr(speed, "NETWORKS", {"relation": speed.NETWORKS["relation"]})
    monkeypatch.setattr(speed, "plain_pytorch", lambda *arguments: {})  # PyTorch may be missing
    network, bare = speed.training_steps(training.glyphs()[0], filters=4, steps=3, repeats=1)
    assert network["value"] > 0 and bare["value"] > 0 and network["ratio"] > 0


def test_the_profile_finds_each_part_of_a_relation_network(monkeypatch):
    profile_step = importlib.import_module("profile_step")
    monkeypatch.setattr(profile_step, "REPEATS", 1)
    episodes = fslkeras.Episodes(training.glyphs()[0], way=5, shot=1, query=1, steps=2)
    operations = profile_step.in_tensorflow("relation", 4, episodes)
    times = profile_step.milliseconds_a_step(operations, profile_step.PARTS)
    assert list(times) == list(load_results("profile")["runs"]["by part"]["relation, Conv4-32"])


def test_growth_measures_a_setting_and_fits_a_power_law():
    growth = importlib.import_module("growth")
    measured = growth.measure(way=2, shot=1, size=16, classes=4, steps=1, repeats=1)
    assert measured.keys() == load_results("growth")["runs"]["way"][0].keys() - {"way"}
    rows = [{"way": way, "step ms": 3 * way**1.5} for way in (5, 10, 20)]
    assert growth.slope(rows, "way", "step ms") == pytest.approx(1.5)


def test_sheets_are_read_and_recognized(tmp_path, monkeypatch, capsys):
    pytest.importorskip("cv2", reason="OpenCV photographs and reads the sheets")
    sheets = importlib.import_module("sheets")
    monkeypatch.setattr(sheets, "SHEETS", 1)
    monkeypatch.setattr(sheets.sheet_photographs, "DAMAGES", {"none": {}})
    sheets.recognition(sheets.reading(tmp_path))
    output = capsys.readouterr().out
    assert (
        "4 of 4" in output
        and "20 of 20" in output
        and "trained on the glyphs' train alphabets" in output
    )


# --- The benchmark that takes an hour


def test_omniglot_measures_and_publishes(tmp_path, monkeypatch):
    omniglot = importlib.import_module("omniglot")
    glyphs = fslkeras.datasets.load("glyphs", "validation")
    small = {
        "siamese": (
            lambda: omniglot.siamese(fslkeras.encoders.conv4(filters=4)),
            {"way": 5, "query": 1},
            {"mixed": 1},
        )
    }
    for name, value in {"BUILD": tmp_path, "STEPS": 1, "PAIRS": 20, "RECIPES": small}.items():
        monkeypatch.setattr(omniglot, name, value)
    # Omniglot may be missing.
    monkeypatch.setattr(omniglot, "datasets", lambda split, size: (glyphs, glyphs, glyphs))
    monkeypatch.setattr(training, "EPISODES", 2)
    monkeypatch.setattr(training, "WEIGHTS", tmp_path)
    (tmp_path / "weights.json").write_text("{}")
    measured = omniglot.measure("siamese", "mixed", seed=0)
    stored = load_results("omniglot")["runs"]["siamese, mixed"]
    assert structure(measured) == structure(
        {what: stored[what] for what in stored.keys() - omniglot.RUNS["siamese, mixed"]}
    )
    assert (tmp_path / "omniglot_siamese.keras").exists()


TRAIN = """
import sys
from pathlib import Path
import fslkeras, keras, omniglot
omniglot.STEPS = 20
data = fslkeras.datasets.load("glyphs", "validation")
keras.utils.set_random_seed(0)
model = fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=4))
loss = keras.losses.CategoricalCrossentropy(from_logits=True)
omniglot.train_resumably(model, loss, data, data, {"way": 5, "query": 2}, 4, Path(sys.argv[1]))
"""


def training_process(folder):
    folder.mkdir(exist_ok=True)
    environment = {"PYTHONPATH": f"{ROOT / 'benchmarks'}:{ROOT}", "PATH": "", "HOME": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, folder],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def losses(folder):
    """The loss of each epoch; an epoch that ran twice counts once."""
    log = folder / "log.csv"
    rows = csv.DictReader(log.read_text().splitlines()) if log.exists() else []
    return {row["epoch"]: float(row["loss"]) for row in rows}


def test_a_killed_training_run_resumes_and_ends_with_the_same_losses(tmp_path):
    whole = training_process(tmp_path / "whole")
    killed = training_process(tmp_path / "killed")
    until = time.monotonic() + 400  # seconds, on a busy machine
    while (
        len(losses(tmp_path / "killed")) < 2 and killed.poll() is None and time.monotonic() < until
    ):
        time.sleep(0.02)
    killed.kill()
    killed.communicate()
    before = losses(tmp_path / "killed")
    assert 2 <= len(before) < 4
    assert "of 4: validation" in whole.communicate()[0]

    output = training_process(tmp_path / "killed").communicate()[0]
    assert "epoch 1 of 4" not in output and "epoch 4 of 4" in output
    after = losses(tmp_path / "killed")
    assert list(after) == ["0", "1", "2", "3"]
    assert after == pytest.approx(losses(tmp_path / "whole"), rel=1e-3)
    assert (tmp_path / "killed" / "best.weights.h5").exists()
