"""Shared fixtures: an easy dataset of squares, networks, Omniglot, and dtype policies."""

from pathlib import Path

import keras
import numpy as np
import pytest

import fslkeras

# Outside the repository, so that tests do not depend on a learner's own copy.
OMNIGLOT = Path(__file__).parents[2] / "shared" / "tensorflow_datasets"


def squares(classes, seed, drawers=10):
    """Classes are patterns of 4x4 faint squares, under a stronger random brightness per drawing."""
    rng = np.random.default_rng(seed)
    pattern = np.kron(rng.integers(0, 2, (classes, 1, 4, 4)), np.ones((2, 2)))
    drawn = (
        60 * pattern
        + rng.integers(0, 150, (classes, drawers, 1, 1))
        + rng.integers(0, 40, (classes, drawers, 8, 8))
    )
    return fslkeras.datasets.ImageClasses(
        drawn.reshape(-1, 8, 8, 1).astype("uint8"),
        np.arange(classes).repeat(drawers),
        range(classes),
    )


@pytest.fixture(scope="session")
def training_data():
    return squares(30, seed=0)


@pytest.fixture(scope="session")
def test_data():
    return squares(20, seed=1)


@pytest.fixture(scope="session")
def trained(training_data):
    """A prototypical network after 60 steps, with its losses. Tests do not change it."""
    keras.utils.set_random_seed(0)
    network = fslkeras.networks.prototypical(
        fslkeras.encoders.conv4((8, 8, 1), filters=16, pooled_blocks=1)
    )
    network.compile(
        keras.optimizers.Adam(3e-3),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    fitted = network.fit(
        fslkeras.Episodes(training_data, way=10, shot=1, query=5, steps=20), epochs=3, verbose=0
    )
    network.first_loss, *_, network.last_loss = fitted.history["loss"]
    return network


def with_moving_statistics(network, unlabelled=False):
    """The network after updating its moving statistics, so that its scores differ."""
    rng = np.random.default_rng(0)
    sets = ("support", "query", "unlabelled") if unlabelled else ("support", "query")
    x = {name: rng.random((1, 6, 8, 8, 1), "float32") for name in sets}
    for _ in range(20):
        network({**x, "support_labels": np.eye(6, dtype="float32")[None]}, training=True)
    return network


@pytest.fixture(scope="session")
def two_encoder_network():
    """A matching network with a separate query encoder. Tests do not change it."""
    keras.utils.set_random_seed(4)
    both = (fslkeras.encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1) for _ in range(2))
    return fslkeras.networks.matching(*both)


@pytest.fixture(scope="session")
def relation_network():
    """An untrained relation network whose scores differ. Tests do not change it."""
    keras.utils.set_random_seed(4)
    encoder = fslkeras.encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1, flatten=False)
    network = fslkeras.networks.relation(encoder, filters=4)
    dense = network.get_layer("head").get_layer("logits").get_layer("relation").dense
    dense.kernel.assign(keras.ops.abs(dense.kernel))  # no unit is off for every pair
    return with_moving_statistics(network)


@pytest.fixture
def policy():
    """Sets the global dtype policy for one test."""
    before = keras.config.dtype_policy()
    yield keras.config.set_dtype_policy
    keras.config.set_dtype_policy(before)


@pytest.fixture(scope="session")
def omniglot_here():
    """Loads Omniglot once for all tests, from outside the repository."""
    pytest.importorskip("tensorflow_datasets")
    if not OMNIGLOT.is_dir():
        pytest.skip(f"Omniglot is not at {OMNIGLOT}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(OMNIGLOT))
        fslkeras.datasets.load("omniglot")
