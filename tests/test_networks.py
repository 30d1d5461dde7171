"""The prototypical network: what it computes, that it learns, and that nobody who takes it apart harms it."""

import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import fslkeras
from fslkeras import Episodes, encoders, evaluate, networks
from fslkeras.layers import Distance

METRICS = ("squared_euclidean", "euclidean", "manhattan", "cosine")


def pixels_as_embedding():
    return keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])


def episode(seed, way, shot, query, episodes=2):
    rng = np.random.default_rng(seed)
    return {
        "support": rng.random((episodes, way * shot, 8, 8, 1), "float32"),
        "support_labels": np.tile(np.eye(way, dtype="float32").repeat(shot, axis=0), (episodes, 1, 1)),
        "query": rng.random((episodes, way * query, 8, 8, 1), "float32"),
    }


def scores(model, x):
    return keras.ops.convert_to_numpy(model(x))


def test_the_scores_are_minus_the_squared_distance_to_the_mean_of_each_class():
    x = episode(1, way=3, shot=2, query=2)
    found = scores(networks.prototypical(pixels_as_embedding()), x)
    for e in range(2):
        for q in range(6):
            for c in range(3):
                members = x["support"][e][x["support_labels"][e, :, c] == 1]
                difference = x["query"][e, q] - members.mean(axis=0)
                np.testing.assert_allclose(found[e, q, c], -(difference**2).sum(), rtol=1e-5)


@pytest.mark.parametrize("metric", METRICS)
def test_the_metric_is_the_layers(metric):
    x = episode(2, way=4, shot=1, query=1)
    flat = (x["query"].reshape(2, 4, -1), x["support"].reshape(2, 4, -1))
    expected = -keras.ops.convert_to_numpy(Distance(metric)(*flat))
    np.testing.assert_allclose(
        scores(networks.prototypical(pixels_as_embedding(), metric), x), expected, rtol=1e-5, atol=1e-6
    )


def test_one_trained_network_answers_any_way_shot_and_number_of_queries(trained):
    for way, shot, query in ((2, 1, 1), (5, 3, 2), (20, 1, 1)):
        x = episode(3, way, shot, query, episodes=1)
        found = trained.predict(x, verbose=0)
        assert found.shape == (1, way * query, way) and np.isfinite(found).all()


def test_an_unbalanced_support_set_is_fine(trained):
    x = episode(4, way=3, shot=3, query=1)
    keep = [0, 3, 4, 6, 7, 8]  # one, two and three images
    x["support"], x["support_labels"] = x["support"][:, keep], x["support_labels"][:, keep]
    assert scores(trained, x).shape == (2, 3, 3)


def test_permuting_the_support_changes_nothing_and_permuting_the_classes_permutes_the_scores(trained):
    x = episode(5, way=4, shot=3, query=2)
    before = scores(trained, x)
    order = np.random.default_rng(5).permutation(12)
    mixed = {**x, "support": x["support"][:, order], "support_labels": x["support_labels"][:, order]}
    np.testing.assert_allclose(scores(trained, mixed), before, rtol=1e-4, atol=1e-4)
    turned = {**x, "support_labels": x["support_labels"][:, :, [2, 0, 3, 1]]}
    np.testing.assert_allclose(scores(trained, turned), before[:, :, [2, 0, 3, 1]], rtol=1e-4, atol=1e-4)


def test_training_lowers_the_loss_and_raises_the_accuracy_on_classes_never_seen(trained, test_data):
    assert trained.history.history["loss"][-1] < 0.2 * trained.history.history["loss"][0]
    keras.utils.set_random_seed(0)
    untrained = networks.prototypical(encoders.conv4((8, 8, 1), filters=16, pooled_blocks=1))
    episodes = Episodes(test_data, way=5, shot=1, query=5, steps=100, seed=1)
    before, after = evaluate(untrained, episodes).mean, evaluate(trained, episodes).mean
    assert before < 0.75 and after > 0.9


def test_training_also_works_from_numpy_arrays_and_in_batches_of_episodes(training_data):
    network = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2))
    network.compile("sgd", loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    x, y = Episodes(training_data, way=4, shot=2, query=3, steps=1, batch_size=6)[0]
    history = network.fit(x, y, batch_size=2, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2 and np.isfinite(history.history["loss"]).all()


@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_trains_without_a_nan_and_scores_in_float32(policy, training_data, name):
    policy(name)
    keras.utils.set_random_seed(0)
    network = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2))
    network.compile(keras.optimizers.Adam(3e-3), loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    episodes = Episodes(training_data, way=5, shot=1, query=3, steps=10)
    history = network.fit(episodes, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert all(np.isfinite(weight).all() for weight in network.get_weights())
    found = network(episodes[0][0])
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    assert np.isfinite(keras.ops.convert_to_numpy(found)).all()
    assert evaluate(network, episodes).mean > 0.2


def test_a_saved_network_gives_the_same_scores_and_goes_on_learning(trained, training_data, tmp_path):
    trained.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    for way in (3, 7):
        x = episode(6, way, shot=2, query=1)
        np.testing.assert_array_equal(scores(loaded, x), scores(trained, x))
    history = loaded.fit(Episodes(training_data, way=10, shot=1, query=5, steps=3, seed=9), verbose=0)
    assert history.history["loss"][0] < trained.history.history["loss"][0]


def test_a_network_is_saved_and_loaded_in_a_process_that_has_only_imported_the_package(tmp_path):
    x = episode(7, way=2, shot=1, query=1)
    network = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2), metric="cosine")
    network.save(tmp_path / "network.keras")
    np.savez(tmp_path / "x.npz", **x)
    code = (
        "import fslkeras, keras, numpy as np; x = dict(np.load('x.npz'));"
        "np.save('scores.npy', keras.models.load_model('network.keras', safe_mode=True).predict(x, verbose=0))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env=environment())
    np.testing.assert_allclose(np.load(tmp_path / "scores.npy"), network.predict(x, verbose=0), rtol=1e-5)


def environment():
    """This process' own, with the package importable also where it is not installed."""
    root = str(Path(fslkeras.__file__).parents[1])
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))}


def test_evaluating_and_classifying_leave_the_network_as_it_was(test_data, tmp_path):
    network = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2))
    x = episode(8, way=3, shot=1, query=1)
    before, config = scores(network, x), network.get_config()
    for _ in range(2):
        evaluate(network, Episodes(test_data, way=5, shot=1, query=1, steps=5))
        fslkeras.FewShotClassifier(network, test_data.images[::10], test_data.labels[::10]).predict(
            test_data.images[:3]
        )
    assert network.get_config() == config
    np.testing.assert_array_equal(scores(network, x), before)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_array_equal(scores(loaded, x), before)


def test_the_encoder_that_was_trained_can_be_used_and_saved_on_its_own(trained, test_data, tmp_path):
    encoder = trained.get_layer("encode").encoder
    encoder.save(tmp_path / "encoder.keras")
    images = test_data.images[:4].astype("float32") / 255
    again = networks.prototypical(keras.models.load_model(tmp_path / "encoder.keras", safe_mode=True))
    x = episode(9, way=3, shot=1, query=1)
    np.testing.assert_array_equal(scores(again, x), scores(trained, x))
    assert encoder.predict(images, verbose=0).shape == (4, 4 * 4 * 16)


def test_an_unknown_metric_is_told_the_known_ones():
    with pytest.raises(ValueError, match="cosine.*euclidean.*manhattan.*received 'chebyshev'"):
        networks.prototypical(pixels_as_embedding(), metric="chebyshev")


def test_an_encoder_that_gives_maps_is_an_error_that_says_what_was_expected():
    with pytest.raises(ValueError, match=r"expected embeddings of shape \(episodes, support images, D\)"):
        networks.prototypical(encoders.conv4(flatten=False))


@pytest.mark.parametrize("part", ["support", "query"])
def test_images_of_another_shape_are_an_error_that_names_it(part):
    x = episode(10, way=2, shot=1, query=1)
    x[part] = np.zeros((2, 2, 9, 9, 1), "float32")
    with pytest.raises(ValueError, match=rf"{part}.*expected shape=\(None, None, 8, 8, 1\), found shape=\(2, 2, 9, 9"):
        networks.prototypical(pixels_as_embedding())(x)
