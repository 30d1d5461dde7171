"""The Omniglot benchmarks: Lake's trials, renderings, alphabets, scales, and the page."""

from pathlib import Path

import alphabets
import keras
import numpy as np
import one_shot
import pages
import pytest
import rendering
import training
import transfer
from PIL import Image

import fslkeras
from fslkeras.course.results import load_results

# Outside the repository; the tests skip without it.
TRIALS = Path(__file__).parents[2] / "shared" / "omniglot_one_shot"


# --- Lake's 400 trials


@pytest.mark.usefixtures("omniglot_here")
def test_the_trials_are_omniglots_own_evaluation_images():
    if not TRIALS.is_dir():
        pytest.skip(f"Lake's trials are not at {TRIALS}")
    support, query, answers = one_shot.read_trials(TRIALS, 28)
    assert support.shape == query.shape == (20, 20, 28, 28, 1)
    assert (np.sort(answers) == np.arange(20)).all()
    test = fslkeras.datasets.load("omniglot", split="test")
    pixels = (image.tobytes() for image in test.images)
    label_of = dict(zip(pixels, test.labels, strict=True))

    def labels(images):
        return np.array([[label_of[image.tobytes()] for image in run] for run in images])

    of_support = labels(support)
    np.testing.assert_array_equal(np.take_along_axis(of_support, answers, axis=1), labels(query))
    assert len({test.alphabets[label] for label in of_support.ravel()}) == 10


@pytest.fixture
def two_runs(tmp_path):
    """Two runs in Lake's layout, black on white. Each query equals its support image."""
    rng = np.random.default_rng(0)
    for run in ("run01", "run02"):
        lines = []
        for part in ("training", "test"):
            (tmp_path / run / part).mkdir(parents=True)
        for item, answer in enumerate(rng.permutation(20), start=1):
            white = np.kron(rng.random((15, 15)) < 0.9, np.ones((7, 7), bool))
            image = Image.fromarray(white)
            names = [f"{run}/test/item{item:02d}.png", f"{run}/training/class{answer + 1:02d}.png"]
            for name in names:
                image.save(tmp_path / name)
            lines.append(" ".join(names))
        (tmp_path / run / "class_labels.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_identical_images_are_matched_and_a_wrong_match_counts(two_runs):
    pixels = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    model = fslkeras.networks.prototypical(pixels)
    assert one_shot.trials_accuracy(model, two_runs) == {"mean": 1.0, "ci95": 0.0}
    file = two_runs / "run01" / "class_labels.txt"
    tests, classes = zip(*(line.split() for line in file.read_text().splitlines()), strict=True)
    swapped = (classes[1], classes[0], *classes[2:])
    file.write_text("\n".join(map(" ".join, zip(tests, swapped, strict=True))))
    # 18 and 20 of 20 are right.
    assert one_shot.trials_accuracy(model, two_runs) == {"mean": 0.95, "ci95": 0.098}


def test_a_folder_without_runs_raises_an_error_that_says_what_belongs_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="Received: none. Unpack all_runs.zip"):
        one_shot.read_trials(tmp_path, 28)


# --- Renderings


def test_area_averaging_puts_gray_at_the_edges_and_leaves_the_rest():
    image = np.zeros((1, 28, 28, 1), "uint8")
    image[0, 8:20, 8:20] = 255
    averaged = rendering.area_averaged(image)
    np.testing.assert_allclose(averaged[0, 10:18, 10:18], 255, rtol=1e-4)
    assert averaged[0, :7].max() == 0 and averaged.sum() == pytest.approx(image.sum(), rel=0.05)
    edges = averaged[0, 7:9, 10:18]
    assert (edges > 0).any() and (edges < 254).any()


def test_a_rendering_has_grays_that_the_glyphs_lack():
    for name in rendering.RENDERINGS:
        images = rendering.rendered(name).images
        gray = np.mean((images > 0) & (images < 255)) / np.mean(images > 0)
        assert gray == 0 if name == "as they are" else gray > 0.3


# --- Results


@pytest.mark.parametrize("module", [rendering, alphabets])
def test_the_results_hold_each_run_and_each_of_its_settings(module):
    measured = load_results(module.__name__)["runs"]
    assert set(measured) == set(module.RUNS)
    for key, settings in module.RUNS.items():
        assert settings.items() <= measured[key].items()


def test_a_rendering_and_an_alphabet_reproduce_the_committed_results(monkeypatch):
    monkeypatch.setattr(training, "EPISODES", 20)
    for module, key in ((rendering, "siamese, as they are"), (alphabets, "siamese")):
        measured = module.measure(**module.RUNS[key])
        stored = load_results(module.__name__)["runs"][key]
        assert measured.keys() == stored.keys() - module.RUNS[key].keys()


def test_the_interval_over_alphabets_counts_alphabets_and_the_other_counts_episodes():
    # t with one degree of freedom is 12.706, and the two means differ by 0.2.
    result = alphabets.intervals({"A": np.array([0.8, 0.8]), "B": np.array([0.6, 0.6])})
    assert result[alphabets.TASK] == {"mean": 0.7, "ci95": round(1.96 * np.sqrt(0.04 / 3 / 4), 5)}
    assert result["ci95 over alphabets"] == pytest.approx(12.706 * 0.1, abs=1e-3)
    assert result["alphabets"] == {"A": 0.8, "B": 0.6}


def test_a_learned_scale_starts_at_the_given_value():
    train, _ = training.glyphs()
    for start in (3.0, 10.0):
        options = {"normalize": "both", "scale": "learned", "start": start}
        model = training.train_matching(train, steps=1, way=5, **options)
        (log_scale,) = model.get_layer("head").get_layer("attention").get_weights()
        assert np.exp(log_scale) == pytest.approx(start, rel=0.01)  # one step of 2e-3


# --- Shared scripts


def test_the_glyphs_without_shared_scripts_have_seven_fewer_alphabets():
    train = fslkeras.datasets.load("glyphs", split="train")
    rest = transfer.SOURCES["glyphs without shared scripts"]()
    assert set(train.alphabets) - set(rest.alphabets) == set(transfer.SHARED["glyphs"])
    assert len(set(rest.alphabets)) == 23


@pytest.mark.usefixtures("omniglot_here")
def test_omniglot_without_shared_scripts_has_seven_fewer_alphabets():
    rest = transfer.SOURCES["omniglot without shared scripts"]()
    assert len(set(rest.alphabets)) == 23
    assert not set(rest.alphabets) & set(transfer.SHARED["omniglot"])


# --- The page


def test_each_of_our_rows_says_how_it_differs_from_its_paper():
    lines = pages.omniglot(load_results("omniglot"))
    for network in pages.NETWORKS:
        rows = [line for line in lines if line.startswith(f"| {network} | ")]
        assert rows and all(pages.DIFFERENCES[network] in row for row in rows)
