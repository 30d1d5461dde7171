"""The benchmark on photographs: its heads match the package's, its results match its runs."""

import keras
import numpy as np
import photographs
import pytest

from fslkeras import networks
from fslkeras.course.results import load_results
from fslkeras.datasets.caltech101 import SPLIT


@pytest.fixture
def episode():
    """Two episodes of three classes, with embeddings of four examples per class."""
    rng = np.random.default_rng(0)
    labels = np.eye(3, dtype="float32").repeat(4, axis=0)[None].repeat(2, axis=0)
    support, query = (rng.normal(size=(2, n, 6)).astype("float32") for n in (12, 7))
    return support + labels @ rng.normal(size=(3, 6)).astype("float32"), labels, query


@pytest.mark.parametrize(
    ("head", "setting", "network", "options"),
    [
        ("prototypes, squared Euclidean", "squared_euclidean", "prototypical", {}),
        ("prototypes, cosine", "cosine", "prototypical", {"metric": "cosine"}),
        ("matching attention", 3, "matching", {"normalize": "both", "scale": 3.0}),
    ],
)
def test_heads_give_the_probabilities_of_the_packages_networks(
    episode, head, setting, network, options
):
    support, labels, query = episode
    vector = keras.Input((6,))
    model = getattr(networks, network)(keras.Model(vector, vector), **options)
    expected = model({"support": support, "support_labels": labels, "query": query})
    found = photographs.HEADS[head][0](support, labels, query, setting)
    found = np.log(found) if network == "matching" else found
    expected, found = (
        keras.ops.convert_to_numpy(keras.ops.softmax(scores)) for scores in (expected, found)
    )
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_nearest_neighbor_decides_and_fine_tuning_starts_from_the_prototypes(episode):
    support, labels, query = episode
    similarity = photographs.cosine(query, support)
    nearest = np.take_along_axis(labels, similarity.argmax(axis=2)[..., None], axis=1)
    found = photographs.nearest_neighbor(support, labels, query)
    np.testing.assert_array_equal(found.argmax(axis=2), nearest.argmax(axis=2))
    start = photographs.fine_tuned(support, labels, query, rate=1.0, steps=0)
    prototypes = photographs.prototypes(support, labels, query)
    np.testing.assert_allclose(start - start[..., :1], prototypes - prototypes[..., :1], atol=1e-4)
    # Noise, so that only memorizing the labels helps.
    noise = np.random.default_rng(1).normal(size=support.shape).astype("float32")
    before, after = (
        photographs.fine_tuned(noise, labels, noise, rate=1.0, steps=steps) for steps in (0, 100)
    )
    truth = labels.argmax(axis=2)
    assert np.mean(before.argmax(axis=2) == truth) < np.mean(after.argmax(axis=2) == truth)


def test_the_classes_outside_imagenet_are_test_classes():
    assert set(photographs.NOT_IN_IMAGENET) < set(SPLIT["test"])
    assert len(photographs.NOT_IN_IMAGENET) == 13


def test_results_are_runs_of_the_benchmark_with_its_settings():
    measured = load_results("photographs")["runs"]
    assert measured
    for key, run in measured.items():
        assert photographs.RUNS[key].items() <= run.items()
    # PyTorch measured 92.9, 84.1 and 94.0 % with the same backbone and other episodes.
    for task, bar in (("5w1s", 0.92), ("20w1s", 0.83), ("20w5s", 0.93)):
        assert measured["all 100, normalized"][task]["mean"] > bar, task
