"""The networks: what they compute, that they learn, and that using their parts is safe."""

import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import fslkeras
from fslkeras import Episodes, Pairs, encoders, evaluate, losses, networks
from fslkeras.course.corruptions import CorruptedEpisodes
from fslkeras.layers import Distance, Prototypes

WEIGHTS = Path(__file__).parents[1] / "data" / "weights"
METRICS = ("squared_euclidean", "euclidean", "manhattan", "cosine")


def pixels_as_embedding():
    return keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])


def episode(seed, way, shot, query, episodes=2):
    rng = np.random.default_rng(seed)
    return {
        "support": rng.random((episodes, way * shot, 8, 8, 1), "float32"),
        "support_labels": np.tile(
            np.eye(way, dtype="float32").repeat(shot, axis=0), (episodes, 1, 1)
        ),
        "query": rng.random((episodes, way * query, 8, 8, 1), "float32"),
    }


# What a network learns in a few steps depends on its initial weights, which differ per backend.
on_tensorflow = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="the bars are for the weights that TensorFlow draws",
)


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
        scores(networks.prototypical(pixels_as_embedding(), metric), x),
        expected,
        rtol=1e-5,
        atol=1e-6,
    )


def test_one_trained_network_handles_any_way_shot_and_number_of_queries(trained):
    for way, shot, query in ((2, 1, 1), (5, 3, 2), (20, 1, 1)):
        x = episode(3, way, shot, query, episodes=1)
        found = trained.predict(x, verbose=0)
        assert found.shape == (1, way * query, way) and np.isfinite(found).all()


def test_an_unbalanced_support_set_works(trained):
    x = episode(4, way=3, shot=3, query=1)
    keep = [0, 3, 4, 6, 7, 8]  # one, two and three images
    x["support"], x["support_labels"] = x["support"][:, keep], x["support_labels"][:, keep]
    assert scores(trained, x).shape == (2, 3, 3)


def test_permuting_the_support_changes_nothing_and_permuting_the_classes_permutes_the_scores(
    trained,
):
    x = episode(5, way=4, shot=3, query=2)
    before = scores(trained, x)
    order = np.random.default_rng(5).permutation(12)
    mixed = {
        **x,
        "support": x["support"][:, order],
        "support_labels": x["support_labels"][:, order],
    }
    np.testing.assert_allclose(scores(trained, mixed), before, rtol=1e-4, atol=1e-4)
    turned = {**x, "support_labels": x["support_labels"][:, :, [2, 0, 3, 1]]}
    np.testing.assert_allclose(
        scores(trained, turned), before[:, :, [2, 0, 3, 1]], rtol=1e-4, atol=1e-4
    )


def test_training_lowers_the_loss_and_raises_the_accuracy_on_held_out_classes(trained, test_data):
    assert trained.last_loss < 0.2 * trained.first_loss
    keras.utils.set_random_seed(0)
    untrained = networks.prototypical(encoders.conv4((8, 8, 1), filters=16, pooled_blocks=1))
    episodes = Episodes(test_data, way=5, shot=1, query=5, steps=100, seed=1)
    before, after = evaluate(untrained, episodes).mean, evaluate(trained, episodes).mean
    assert before < 0.75 and after > 0.9


def test_training_also_works_from_numpy_arrays_and_in_batches_of_episodes(training_data):
    network = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2))
    network.compile(
        "sgd", loss=keras.losses.CategoricalCrossentropy(from_logits=True), run_eagerly=True
    )
    x, y = Episodes(training_data, way=4, shot=2, query=3, steps=1, batch_size=6)[0]
    history = network.fit(x, y, batch_size=2, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2 and np.isfinite(history.history["loss"]).all()


def test_mixed_precision_trains_without_a_nan_and_scores_in_float32(policy, training_data):
    policy("mixed_float16")
    keras.utils.set_random_seed(0)
    network = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2))
    network.compile(
        keras.optimizers.Adam(3e-3), loss=keras.losses.CategoricalCrossentropy(from_logits=True)
    )
    episodes = Episodes(training_data, way=5, shot=1, query=3, steps=10)
    history = network.fit(episodes, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert all(np.isfinite(weight).all() for weight in network.get_weights())
    found = network(episodes[0][0])
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    assert np.isfinite(keras.ops.convert_to_numpy(found)).all()
    assert evaluate(network, episodes).mean > 0.2


def test_a_saved_network_gives_the_same_scores_and_keeps_learning(trained, training_data, tmp_path):
    trained.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    for way in (3, 7):
        x = episode(6, way, shot=2, query=1)
        np.testing.assert_array_equal(scores(loaded, x), scores(trained, x))
    loaded.run_eagerly = True  # for three steps, faster than tracing
    history = loaded.fit(
        Episodes(training_data, way=10, shot=1, query=5, steps=3, seed=9), verbose=0
    )
    assert history.history["loss"][0] < trained.first_loss


def test_networks_are_loaded_in_a_process_that_has_only_imported_the_layers(tmp_path):
    x = episode(7, way=2, shot=1, query=1)
    made = {
        "cosine": networks.prototypical(small_conv4(), metric="cosine"),
        "gaussian": networks.gaussian_prototypical(small_conv4()),
        "relation": small_relation(),
        "context": networks.matching(
            small_conv4(), small_conv4(), scale="learned", context_steps=1
        ),
        "masked": networks.semi_supervised(small_conv4(), "masked"),
    }
    for name, network in made.items():
        network.save(tmp_path / f"{name}.keras")
    np.savez(tmp_path / "x.npz", **with_unlabelled(x, 3))
    code = (
        "import fslkeras.layers, keras, numpy as np; x = dict(np.load('x.npz'))\n"
        f"for name in {list(made)}:\n"
        "    model = keras.models.load_model(name + '.keras', safe_mode=True)\n"
        "    scores = model({name: x[name] for name in model.input})\n"
        "    np.save(name + '.npy', keras.ops.convert_to_numpy(scores))"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, env=environment())
    for name, network in made.items():
        expected = scores(network, with_unlabelled(x, 3) if name == "masked" else x)
        np.testing.assert_allclose(np.load(tmp_path / f"{name}.npy"), expected, rtol=1e-5)


def environment():
    """This process's environment, in which the package can be imported even if not installed."""
    root = str(Path(fslkeras.__file__).parents[1])
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")])),
    }


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


def test_the_encoder_that_was_trained_can_be_used_and_saved_on_its_own(
    trained, test_data, tmp_path
):
    encoder = trained.get_layer("encode").encoder
    encoder.save(tmp_path / "encoder.keras")
    images = test_data.images[:4].astype("float32") / 255
    again = networks.prototypical(
        keras.models.load_model(tmp_path / "encoder.keras", safe_mode=True)
    )
    x = episode(9, way=3, shot=1, query=1)
    np.testing.assert_array_equal(scores(again, x), scores(trained, x))
    assert encoder.predict(images, verbose=0).shape == (4, 4 * 4 * 16)


def test_an_unknown_metric_raises_an_error_that_lists_the_known_ones():
    with pytest.raises(
        ValueError, match="euclidean.*manhattan.*cosine.*Received: metric='chebyshev'"
    ):
        networks.prototypical(pixels_as_embedding(), metric="chebyshev")


def test_an_encoder_that_gives_maps_raises_an_error_that_says_what_was_expected():
    with pytest.raises(
        ValueError, match=r"Distance expected query of shape \(B, Q, D\).*flatten=True"
    ):
        networks.prototypical(encoders.conv4(flatten=False))


def named(part):
    """How Keras' own error names an input; older versions give only its number."""
    return f"({part}|Input [0-9] of layer)"


@pytest.mark.parametrize("part", ["support", "query"])
def test_images_of_another_shape_raise_an_error_that_names_it(part):
    x = episode(10, way=2, shot=1, query=1)
    x[part] = np.zeros((2, 2, 9, 9, 1), "float32")
    with pytest.raises(
        ValueError,
        match=rf"{named(part)}.*expected shape=\(None, None, 8, 8, 1\), found shape=\(2, 2, 9, 9",
    ):
        networks.prototypical(pixels_as_embedding())(x)


ENERGIES = ("euclidean", "cosine", "weighted_l1")
LOSSES = {
    "euclidean": losses.ContrastiveLoss(margin=1.0),
    "cosine": losses.ContrastiveLoss(margin=0.5),
    "weighted_l1": keras.losses.BinaryCrossentropy(from_logits=True),
}

every_energy = pytest.mark.parametrize("energy", ENERGIES)


def small_siamese(energy, seed=0):
    keras.utils.set_random_seed(seed)
    return networks.siamese(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1), energy)


def some_pairs(seed, n):
    rng = np.random.default_rng(seed)
    return {side: rng.random((n, 8, 8, 1), "float32") for side in ("left", "right")}


def energy_by_hand(pair_model, a, b):
    """The energy of two embeddings."""
    compare = pair_model.get_layer("energy")
    if isinstance(compare, Distance):
        if compare.metric == "euclidean":
            return sum((a - b) ** 2) ** 0.5
        return 1 - a @ b / (np.linalg.norm(a) * np.linalg.norm(b))
    alpha, bias = compare.get_weights()
    return sum(alpha * abs(a - b)) + bias


def scores_by_hand(pair_model, x):
    """Scores one pair at a time, and averages over the images of each class."""
    sign = -1 if isinstance(pair_model.get_layer("energy"), Distance) else 1
    found = np.zeros((*x["query"].shape[:2], x["support_labels"].shape[2]))
    for e, q, c in np.ndindex(found.shape):
        members = x["support"][e][x["support_labels"][e, :, c] == 1]
        pairs = [{"left": x["query"][e, q][None], "right": member[None]} for member in members]
        found[e, q, c] = sign * np.mean([scores(pair_model, pair) for pair in pairs])
    return found


def trained_on_pairs(pair_model, energy, data, steps):
    """The network after a few eager steps, which are faster than tracing."""
    pair_model.compile(keras.optimizers.Adam(3e-3), loss=LOSSES[energy], run_eagerly=True)
    return pair_model.fit(Pairs(data, batch_size=16, steps=steps), verbose=0)


@every_energy
def test_a_siamese_network_gives_each_pair_the_energy_of_its_two_embeddings(energy):
    model, x = small_siamese(energy), some_pairs(11, 5)
    encoder = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    embedded = scores(encoder, x["left"]), scores(encoder, x["right"])
    expected = [energy_by_hand(model, a, b) for a, b in zip(*embedded, strict=True)]
    assert model.output_shape == (None,) and np.std(expected) > 1e-4
    for n in (5, 1):
        found = scores(model, {side: images[:n] for side, images in x.items()})
        assert found.shape == (n,)
        np.testing.assert_allclose(found, expected[:n], rtol=1e-4, atol=1e-5)


@every_energy
def test_swapping_left_and_right_changes_nothing(energy):
    model, x = small_siamese(energy), some_pairs(12, 5)
    swapped = {"left": x["right"], "right": x["left"]}
    np.testing.assert_allclose(scores(model, swapped), scores(model, x), rtol=1e-5, atol=1e-6)


@every_energy
def test_both_sides_share_one_encoder_and_only_weighted_l1_adds_weights(energy):
    encoder = encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1)
    model = networks.siamese(encoder, energy)
    added = encoder.output_shape[1] + 1 if energy == "weighted_l1" else 0  # alpha and the bias
    assert model.count_params() == encoder.count_params() + added
    of_model, of_encoder = (
        {id(weight) for weight in each.trainable_weights} for each in (model, encoder)
    )
    assert of_encoder <= of_model and len(of_model - of_encoder) == (2 if added else 0)


@on_tensorflow
@every_energy
def test_training_on_pairs_lowers_the_loss_and_raises_the_accuracy_on_held_out_classes(
    energy, training_data, test_data
):
    model = small_siamese(energy)
    episodes = Episodes(test_data, way=5, shot=1, query=5, steps=50, seed=1)
    model.compile(keras.optimizers.Adam(3e-3), loss=LOSSES[energy])
    pairs = Pairs(test_data, batch_size=100, steps=2, resample=False, seed=1)
    before = (
        evaluate(networks.episode_model(model), episodes).mean,
        model.evaluate(pairs, verbose=0),
    )
    model.fit(Pairs(training_data, batch_size=16, steps=80), verbose=0)
    after = evaluate(networks.episode_model(model), episodes).mean, model.evaluate(pairs, verbose=0)
    assert after[0] > before[0] + 0.1 and after[1] < 0.9 * before[1]


def test_mixed_precision_trains_on_pairs_without_a_nan_and_answers_in_float32(
    policy, training_data
):
    policy("mixed_float16")
    model = small_siamese("euclidean")
    history = trained_on_pairs(model, "euclidean", training_data, steps=2)
    assert np.isfinite(history.history["loss"]).all()
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert keras.backend.standardize_dtype(model(some_pairs(13, 2)).dtype) == "float32"


def test_an_unknown_energy_raises_an_error_that_lists_the_known_ones():
    with pytest.raises(
        ValueError, match="cosine.*euclidean.*weighted_l1.*Received: energy='hamming'"
    ):
        networks.siamese(pixels_as_embedding(), "hamming")


@every_energy
def test_an_encoder_of_maps_raises_an_error_that_names_the_shape(energy):
    with pytest.raises(ValueError, match=r"query.shape=\(None, 1, 2, 2, 4\).*flatten=True"):
        networks.siamese(
            encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2, flatten=False), energy
        )


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_side_of_another_shape_raises_an_error_that_names_it(side):
    x = some_pairs(14, 2)
    x[side] = np.zeros((2, 9, 9, 1), "float32")
    with pytest.raises(
        ValueError, match=rf"{named(side)}.*expected shape=\(None, 8, 8, 1\), found shape=\(2, 9, 9"
    ):
        small_siamese("euclidean")(x)


@every_energy
def test_a_siamese_network_survives_saving_before_and_after_an_episode_model_was_made_of_it(
    energy, tmp_path
):
    model, pairs, x = small_siamese(energy), some_pairs(15, 4), episode(15, way=3, shot=2, query=1)
    expected, config = scores(model, pairs), model.get_config()
    model.save(tmp_path / "before.keras")
    episodes = networks.episode_model(model)
    assert model.get_config() == config
    model.save(tmp_path / "after.keras")
    episodes.save(tmp_path / "episodes.keras")
    for name in ("before", "after"):
        loaded = keras.models.load_model(tmp_path / f"{name}.keras", safe_mode=True)
        np.testing.assert_array_equal(scores(loaded, pairs), expected)
        np.testing.assert_array_equal(
            scores(networks.episode_model(loaded), x), scores(episodes, x)
        )
    loaded = keras.models.load_model(tmp_path / "episodes.keras", safe_mode=True)
    np.testing.assert_array_equal(scores(loaded, x), scores(episodes, x))


def test_a_trained_siamese_network_keeps_learning_after_loading(training_data, tmp_path):
    model = small_siamese("euclidean")
    trained_on_pairs(model, "euclidean", training_data, steps=4)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.loss.get_config() == LOSSES["euclidean"].get_config()
    loaded.run_eagerly = True
    history = loaded.fit(Pairs(training_data, batch_size=16, steps=3), verbose=0)
    assert np.isfinite(history.history["loss"]).all() and loaded.optimizer.iterations == 4 + 3


@every_energy
@pytest.mark.parametrize("images_per_class", [(1, 1, 1), (2, 2, 2), (1, 3, 2)])
def test_the_scores_of_an_episode_are_the_mean_over_the_pairs_with_the_images_of_each_class(
    energy, images_per_class
):
    model, x = small_siamese(energy), episode(16, way=3, shot=3, query=1)
    keep = [3 * c + i for c, n in enumerate(images_per_class) for i in range(n)]
    x["support"], x["support_labels"] = x["support"][:, keep], x["support_labels"][:, keep]
    expected = scores_by_hand(model, x)
    assert (
        expected.std(axis=-1).min() > 1e-4
    )  # if the network cannot tell classes apart, this proves nothing
    np.testing.assert_allclose(
        scores(networks.episode_model(model), x), expected, rtol=1e-4, atol=1e-5
    )


@every_energy
def test_one_episode_model_handles_any_way_shot_and_number_of_queries(energy):
    model = networks.episode_model(small_siamese(energy))
    for way, shot, query in ((2, 1, 1), (5, 3, 2), (20, 1, 1)):
        found = model.predict(episode(17, way, shot, query, episodes=2), verbose=0)
        assert found.shape == (2, way * query, way) and np.isfinite(found).all()


@every_energy
def test_evaluate_gives_an_episode_model_the_scores_of_one_pair_at_a_time(energy, test_data):
    model = small_siamese(energy)
    episodes = Episodes(test_data, way=5, shot=2, query=1, steps=1, seed=1)
    fast = evaluate(networks.episode_model(model), episodes)
    slow = evaluate(lambda x: scores_by_hand(model, x), episodes)
    np.testing.assert_allclose(fast.per_episode, slow.per_episode)
    assert 0 < fast.mean < 1


@every_energy
@pytest.mark.parametrize("shot", [1, 3])
def test_a_constant_siamese_network_has_an_accuracy_of_one_in_n(energy, shot, test_data):
    model = small_siamese(energy)
    model.set_weights([np.zeros_like(weight) for weight in model.get_weights()])
    episodes = Episodes(test_data, way=4, shot=shot, query=2, steps=5)
    assert evaluate(networks.episode_model(model), episodes).per_episode.tolist() == [0.25] * 5


def test_training_the_pair_model_trains_the_episode_model_made_of_it(training_data):
    model, x = small_siamese("weighted_l1"), episode(18, way=2, shot=1, query=1)
    episodes = networks.episode_model(model)
    before = scores(episodes, x)
    trained_on_pairs(model, "weighted_l1", training_data, steps=3)
    assert np.abs(scores(episodes, x) - before).min() > 1e-4
    np.testing.assert_allclose(scores(episodes, x), scores_by_hand(model, x), rtol=1e-4, atol=1e-5)
    assert {id(weight) for weight in episodes.weights} == {id(weight) for weight in model.weights}


def test_an_episode_model_of_a_siamese_network_classifies_a_learners_own_images(test_data):
    model = networks.episode_model(small_siamese("weighted_l1"))
    classifier = fslkeras.FewShotClassifier(model, test_data.images[:30], test_data.labels[:30])
    found = classifier.predict_proba(test_data.images[5:8])
    assert found.shape == (3, 3)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize(
    "model",
    [
        pixels_as_embedding,
        lambda: encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1),
        lambda: networks.prototypical(pixels_as_embedding()),
        lambda: networks.episode_model(small_siamese("euclidean")),
    ],
)
def test_only_a_siamese_network_becomes_an_episode_model_of_pairs(model):
    with pytest.raises(
        ValueError,
        match=r"expected a network as fslkeras.networks.siamese returns it.*Received: \[",
    ):
        networks.episode_model(model())


@pytest.mark.parametrize(
    "name, task, options",
    [
        ("siamese", "20w1s", {}),
        ("gaussian_prototypical", "50%", {"shot": 5, "corrupted": 0.5}),
        (
            "semi_supervised",
            "20w1s, 20 distractors",
            {"query": 10, "unlabelled": 5, "distractors": 20},
        ),
        ("relation", "20w1s", {"query": 5}),
        ("matching", "20w1s", {}),
    ],
)
def test_a_pretrained_network_says_what_it_was_trained_on_and_reaches_its_accuracies(
    name, task, options
):
    network = networks.pretrained(name)
    assert "train alphabets" in network.trained_on
    test = fslkeras.datasets.load("glyphs", "test")
    episodes = networks.episode_model(network) if name == "siamese" else network
    draw = CorruptedEpisodes if "corrupted" in options else Episodes
    tasks = draw(test, way=20, **{"shot": 1, "query": 15, **options}, steps=100, seed=1)
    result = fslkeras.evaluate(episodes, tasks)
    assert abs(result.mean - network.results[task]["mean"]) < 3 * result.ci95


@pytest.mark.usefixtures("omniglot_here")
def test_the_omniglot_networks_reach_their_accuracies_on_held_out_characters():
    _, test = fslkeras.datasets.load("omniglot").split(1200, seed=0)
    tasks = fslkeras.Episodes(test.rotated(), way=5, shot=1, query=5, steps=100, seed=1)
    shipped = [path.stem for path in WEIGHTS.glob("omniglot_*.keras")]
    assert "omniglot_prototypical" in shipped
    for name in shipped:
        network = networks.pretrained(name)
        assert "Omniglot" in network.trained_on
        result = fslkeras.evaluate(
            networks.episode_model(network) if name == "omniglot_siamese" else network, tasks
        )
        assert abs(result.mean - network.results["5w1s"]["mean"]) < 3 * result.ci95, name


def test_an_unknown_pretrained_network_raises_an_error_that_lists_the_known_ones():
    for name in ("resnet", None, 3):
        with pytest.raises(
            ValueError, match=f"'omniglot_siamese'.*'siamese'}}. Received: name={name!r}"
        ):
            networks.pretrained(name)


def test_pretrained_weights_are_small():
    sizes = {file.name: file.stat().st_size for file in WEIGHTS.iterdir()}
    assert sizes.pop("efficientnet_lite0.npz") < 8e6 and sum(sizes.values()) < 5e6


# --- Relation and matching networks


def small_conv4(flatten=True, **options):
    return encoders.conv4(
        (8, 8, 1), **{"filters": 4, "pooled_blocks": 1, **options}, flatten=flatten
    )


def relation_module(model):
    return model.get_layer("head").get_layer("logits").get_layer("relation")


def small_relation(**options):
    return networks.relation(small_conv4(flatten=False), **{"filters": 4, **options})


NEW_NETWORKS = {
    "relation": small_relation,
    "matching": lambda: networks.matching(small_conv4()),
    "matching with a learned scale": lambda: networks.matching(
        small_conv4(), normalize="both", scale="learned"
    ),
    "matching with two encoders": lambda: networks.matching(small_conv4(), small_conv4()),
    "matching in full context": lambda: networks.matching(
        small_conv4(pooled_blocks=2), context_steps=2
    ),
}
each_new_network = pytest.mark.parametrize("name", NEW_NETWORKS)


@functools.cache
def new_network(name):
    """Untrained, with moving statistics, so that its scores differ. Tests do not change it."""
    keras.utils.set_random_seed(0)
    model = NEW_NETWORKS[name]()
    if name == "relation":  # a unit that is off for every pair would hide differences
        dense = relation_module(model).dense
        dense.kernel.assign(keras.ops.abs(dense.kernel))
    for _ in range(20):
        model(episode(0, way=3, shot=1, query=2), training=True)
    return model


def unbalanced(x):
    """One, two and three of the three images of three classes."""
    keep = [0, 3, 4, 6, 7, 8]
    return {**x, "support": x["support"][:, keep], "support_labels": x["support_labels"][:, keep]}


def embedded(encoder, images):
    return np.stack([[scores(encoder, image[None])[0] for image in episode] for episode in images])


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_relation_scores_are_the_modules_of_each_query_with_the_sum_or_mean_of_the_maps_of_a_class(
    reduction,
):
    keras.utils.set_random_seed(1)
    model, x = small_relation(reduction=reduction), unbalanced(episode(21, way=3, shot=3, query=1))
    encoder, module, found = (
        model.get_layer("encode").encoder,
        relation_module(model),
        scores(model, x),
    )
    support, query = embedded(encoder, x["support"]), embedded(encoder, x["query"])
    assert found.shape == (2, 3, 3)
    for e, q, c in np.ndindex(found.shape):
        members = [
            a for a, label in zip(support[e], x["support_labels"][e], strict=True) if label[c] == 1
        ]
        of_class = sum(members) / (len(members) if reduction == "mean" else 1)
        log_odds = scores(
            lambda pair: module(*pair), (query[e, q][None, None], of_class[None, None])
        )[0, 0, 0]
        np.testing.assert_allclose(
            found[e, q, c], 1 / (1 + np.exp(-log_odds)), rtol=1e-4, atol=1e-5
        )


@pytest.mark.parametrize("second", [False, True])
@pytest.mark.parametrize(("normalize", "scale"), [("support", 1.0), ("both", 5.0), ("none", 1.0)])
def test_matching_scores_are_the_logarithm_of_the_attention_times_the_labels(
    second, normalize, scale
):
    keras.utils.set_random_seed(2)
    encoder, query_encoder = small_conv4(), small_conv4() if second else None
    x = unbalanced(episode(22, way=3, shot=3, query=1))
    found = scores(networks.matching(encoder, query_encoder, normalize, scale), x)
    support, query = embedded(encoder, x["support"]), embedded(query_encoder or encoder, x["query"])
    if normalize != "none":
        support = support / np.linalg.norm(support, axis=-1, keepdims=True)
    if normalize == "both":
        query = query / np.linalg.norm(query, axis=-1, keepdims=True)
    for e, q in np.ndindex(found.shape[:2]):
        attention = np.exp([scale * query[e, q] @ image for image in support[e]])
        expected = sum(
            a * y for a, y in zip(attention / attention.sum(), x["support_labels"][e], strict=True)
        )
        np.testing.assert_allclose(found[e, q], np.log(expected), rtol=1e-4, atol=1e-5)


def test_two_encoders_answer_differently_from_a_shared_one():
    keras.utils.set_random_seed(3)
    encoder, other, x = small_conv4(), small_conv4(), episode(23, way=3, shot=1, query=1)
    shared, apart = (scores(networks.matching(encoder, each), x) for each in (None, other))
    assert np.abs(shared - apart).max() > 1e-3
    np.testing.assert_allclose(
        scores(networks.matching(encoder, encoder), x), shared, rtol=1e-5, atol=1e-6
    )


@each_new_network
def test_one_new_network_handles_any_way_shot_and_number_of_queries_even_after_saving(
    name, tmp_path
):
    model = new_network(name)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    for way, shot, query, episodes in ((2, 1, 1, 1), (5, 3, 2, 2), (20, 1, 1, 1)):
        x = episode(24, way, shot, query, episodes)
        found = scores(model, x)
        assert found.shape == (episodes, way * query, way) and np.isfinite(found).all()
        np.testing.assert_allclose(scores(loaded, x), found, rtol=1e-6)
    x = unbalanced(episode(25, way=3, shot=3, query=1))
    np.testing.assert_allclose(scores(loaded, x), scores(model, x), rtol=1e-6)


@each_new_network
def test_the_order_of_support_and_classes_and_the_other_queries_do_not_matter(name):
    model, x = new_network(name), episode(26, way=4, shot=3, query=1)
    before, order = scores(model, x), np.random.default_rng(5).permutation(12)
    assert before.std(axis=-1).min() > 1e-4  # equal scores would prove nothing
    turned = {**x, "support_labels": x["support_labels"][:, :, [2, 0, 3, 1]]}
    np.testing.assert_allclose(
        scores(model, turned), before[:, :, [2, 0, 3, 1]], rtol=1e-4, atol=1e-5
    )
    alone = [scores(model, {**x, "query": x["query"][:, [q]]}) for q in range(4)]
    np.testing.assert_allclose(np.concatenate(alone, axis=1), before, rtol=1e-4, atol=1e-5)
    mixed = scores(
        model,
        {**x, "support": x["support"][:, order], "support_labels": x["support_labels"][:, order]},
    )
    if "context" in name:  # its support is a sequence
        assert np.abs(mixed - before).max() > 1e-3
    else:
        np.testing.assert_allclose(mixed, before, rtol=1e-4, atol=1e-5)


def loss_of(name):
    relation = name == "relation"
    return (
        keras.losses.MeanSquaredError()
        if relation
        else keras.losses.CategoricalCrossentropy(from_logits=True)
    )


@each_new_network
def test_new_networks_train_in_mixed_precision_and_score_in_float32(policy, training_data, name):
    policy("mixed_float16")
    keras.utils.set_random_seed(0)
    model = NEW_NETWORKS[name]()
    model.compile(
        keras.optimizers.Adam(3e-3), loss=loss_of(name), run_eagerly=True
    )  # faster here than tracing
    episodes = Episodes(training_data, way=5, shot=2, query=2, steps=2)
    assert np.isfinite(model.fit(episodes, verbose=0).history["loss"]).all()
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    found = model(episodes[0][0])
    assert keras.backend.standardize_dtype(found.dtype) == model.output.dtype == "float32"
    assert np.isfinite(keras.ops.convert_to_numpy(found)).all()


LARGER = {
    "relation": lambda: networks.relation(small_conv4(False, filters=16), filters=16),
    "matching": lambda: networks.matching(small_conv4(filters=16)),
    "matching with two encoders and a learned scale": lambda: networks.matching(
        small_conv4(filters=16), small_conv4(filters=16), "both", "learned"
    ),
    "matching in full context": lambda: networks.matching(
        small_conv4(filters=16, pooled_blocks=2), context_steps=2
    ),
}


@on_tensorflow
@pytest.mark.parametrize("name", LARGER)
def test_new_networks_learn_and_a_saved_one_keeps_learning(
    name, training_data, test_data, tmp_path
):
    keras.utils.set_random_seed(1)
    model = LARGER[name]()
    episodes = Episodes(test_data, way=5, shot=1, query=5, steps=50, seed=1)
    before, weights = (
        evaluate(model, episodes).mean,
        [weight.copy() for weight in model.get_weights()],
    )
    model.compile(keras.optimizers.Adam(3e-3), loss=loss_of(name))
    steps = 40 if name == "relation" else 20
    history = model.fit(
        Episodes(training_data, way=10, shot=1, query=5, steps=steps), epochs=3, verbose=0
    )
    losses, after = history.history["loss"], evaluate(model, episodes).mean
    assert losses[-1] < 0.5 * losses[0] and after > before + 0.03 and after > 0.85
    assert all((old != new).any() for old, new in zip(weights, model.get_weights(), strict=True))
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    np.testing.assert_allclose(evaluate(loaded, episodes).mean, after)
    loaded.run_eagerly = True
    history = loaded.fit(
        Episodes(training_data, way=10, shot=1, query=5, steps=2, seed=9), verbose=0
    )
    assert history.history["loss"][0] < losses[0]


def test_a_relation_network_takes_color_images_of_84_pixels():
    model = networks.relation(
        encoders.conv4((84, 84, 3), filters=4, pooled_blocks=2, flatten=False), filters=4
    )
    rng = np.random.default_rng(0)
    x = {
        "support": rng.random((1, 3, 84, 84, 3), "float32"),
        "support_labels": np.eye(3, dtype="float32")[None],
        "query": rng.random((1, 2, 84, 84, 3), "float32"),
    }
    assert relation_module(model).map_shape == (21, 21, 4)
    found = scores(model, x)
    assert found.shape == (1, 2, 3) and ((found > 0) & (found < 1)).all() and found.std() > 0


def test_an_encoder_of_the_wrong_kind_raises_an_error_that_names_the_right_one():
    with pytest.raises(
        ValueError,
        match=r"RelationModule expected query_maps.*conv4\(pooled_blocks=2, flatten=False\)",
    ):
        networks.relation(small_conv4())
    with pytest.raises(ValueError, match="at least 4 x 4. Received: maps of 2 x 2"):
        networks.relation(small_conv4(flatten=False, pooled_blocks=2))
    with pytest.raises(ValueError, match=r"AttentionClassifier expected.*conv4\(flatten=True\)"):
        networks.matching(small_conv4(flatten=False))
    with pytest.raises(ValueError, match="expected two encoders"):
        networks.matching(small_conv4(), small_conv4(pooled_blocks=2))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"normalize": "query"}, "Received: normalize='query'"),
        ({"scale": -1}, "Received: scale=-1"),
        ({"context_steps": -1}, "Received: context_steps=-1"),
        ({"context_steps": 1.5}, "Received: context_steps=1.5"),
        ({"context_steps": None}, "Received: context_steps=None"),
        ({"query_encoder": "x"}, "Received: query_encoder='x'"),
    ],
)
def test_unknown_arguments_of_matching_raise_errors_that_name_them(options, message):
    with pytest.raises(ValueError, match=f"[Ee]xpected .*{message}"):
        networks.matching(small_conv4(), **options)


def test_an_unknown_reduction_of_relation_raises_an_error_that_lists_the_known_ones():
    with pytest.raises(ValueError, match="'mean', 'sum'.*Received: reduction='max'"):
        small_relation(reduction="max")


# --- Gaussian prototypical and semi-supervised networks


EPISODE_NETWORKS = {
    "one precision an image": lambda: networks.gaussian_prototypical(small_conv4()),
    "one precision a dimension": lambda: networks.gaussian_prototypical(small_conv4(), "dimension"),
    "soft": lambda: networks.semi_supervised(small_conv4(), "soft"),
    "cluster": lambda: networks.semi_supervised(small_conv4(), "cluster"),
    "masked": lambda: networks.semi_supervised(small_conv4()),
}
GAUSSIAN, SEMI_SUPERVISED = list(EPISODE_NETWORKS)[:2], list(EPISODE_NETWORKS)[2:]
each_episode_network = pytest.mark.parametrize("name", EPISODE_NETWORKS)


def with_unlabelled(x, images, seed=0):
    shape = (len(x["query"]), images, *x["query"].shape[2:])
    return {**x, "unlabelled": np.random.default_rng(seed).random(shape, "float32")}


def episode_for(name, *args, images=6, **options):
    x = episode(*args, **options)
    return with_unlabelled(x, images) if name in SEMI_SUPERVISED else x


@functools.cache
def episode_network(name):
    """Untrained, with moving statistics and no zero weights. Tests do not change it."""
    keras.utils.set_random_seed(0)
    model = EPISODE_NETWORKS[name]()
    if name in GAUSSIAN:
        kernel = model.get_layer("head").get_layer("precision").kernel
        kernel.assign(0.1 * keras.random.normal(kernel.shape))
    if name == "masked":
        refine = model.get_layer("head").get_layer("refine")
        refine.set_weights(
            [0.4 * np.random.default_rng(0).normal(size=weight.shape) for weight in refine.weights]
        )
    for _ in range(20):
        model(episode_for(name, 0, way=3, shot=1, query=2), training=True)
    return model


@pytest.mark.parametrize("name", GAUSSIAN)
def test_gaussian_scores_are_minus_the_distance_to_the_weighted_mean_in_units_of_the_classs_spread(
    name,
):
    model, x = episode_network(name), unbalanced(episode(31, way=3, shot=3, query=1))
    encoder, found = model.get_layer("encode").encoder, scores(model, x)
    kernel, bias = model.get_layer("head").get_layer("precision").get_weights()
    support, query = (embedded(encoder, x[part]).astype("float64") for part in ("support", "query"))
    precisions = 1 + np.log1p(np.exp(support @ kernel + bias))
    assert precisions.shape[2] == (1 if "image" in name else 64) and precisions.std() > 0.01
    for e, q, c in np.ndindex(found.shape):
        members = x["support_labels"][e, :, c] == 1
        of_class = precisions[e][members].sum(axis=0)
        mean = (precisions[e] * support[e])[members].sum(axis=0) / of_class
        expected = -((of_class * (query[e, q] - mean) ** 2).sum() ** 0.5)
        np.testing.assert_allclose(found[e, q, c], expected, rtol=1e-3)


@pytest.mark.parametrize("name", SEMI_SUPERVISED)
def test_semi_supervised_scores_are_minus_the_squared_distance_to_the_refined_prototypes(name):
    model, x = (
        episode_network(name),
        with_unlabelled(unbalanced(episode(32, way=3, shot=3, query=1)), 5),
    )
    encoder, refine = model.get_layer("encode").encoder, model.get_layer("head").get_layer("refine")
    found = scores(model, x)
    support, query, unlabelled = (
        embedded(encoder, x[part]) for part in ("support", "query", "unlabelled")
    )
    labels = x["support_labels"]
    means = np.einsum("esn,esd->end", labels, support) / labels.sum(axis=1)[..., None]
    refined = keras.ops.convert_to_numpy(refine(means, unlabelled, labels))
    expected = -((query[:, :, None] - refined[:, None]) ** 2).sum(axis=-1)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("name", SEMI_SUPERVISED)
def test_unlabeled_images_and_support_images_go_through_one_encoder(name):
    model, encoder = episode_network(name), small_conv4()
    own = len(model.get_layer("head").get_layer("refine").trainable_weights)
    assert len(model.trainable_weights) == len(encoder.trainable_weights) + own
    assert own == {"soft": 0, "cluster": 1, "masked": 4}[name]
    assert set(model.input) == {"support", "support_labels", "query", "unlabelled"}


@each_episode_network
def test_one_episode_network_learns_and_handles_any_episode_even_after_saving(
    name, training_data, tmp_path
):
    keras.utils.set_random_seed(1)
    model = EPISODE_NETWORKS[name]()
    further = {"unlabelled": 2, "distractors": 2} if name in SEMI_SUPERVISED else {}
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss=loss)
    before = [weight.copy() for weight in model.get_weights()]
    history = model.fit(
        Episodes(training_data, way=5, shot=2, query=3, steps=15, **further), epochs=2, verbose=0
    ).history["loss"]
    assert np.isfinite(history).all() and history[-1] < history[0]
    changed = [(old != new).any() for old, new in zip(before, model.get_weights(), strict=True)]
    assert all(changed)
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    for way, shot, query, episodes, images in ((2, 1, 1, 1, 1), (5, 3, 2, 2, 4), (20, 1, 1, 1, 30)):
        x = episode_for(name, 33, way, shot, query, episodes=episodes, images=images)
        found = scores(model, x)
        assert found.shape == (episodes, way * query, way) and np.isfinite(found).all()
        np.testing.assert_allclose(scores(loaded, x), found, rtol=1e-6)
    loaded.run_eagerly = True
    again = loaded.fit(
        Episodes(training_data, way=4, shot=1, query=1, steps=1, **further), verbose=0
    )
    assert np.isfinite(again.history["loss"][0])


@each_episode_network
def test_the_order_of_an_episodes_images_does_not_matter_and_the_order_of_its_classes_is_kept(name):
    model, x = episode_network(name), episode_for(name, 34, way=4, shot=3, query=1)
    before, rng = scores(model, x), np.random.default_rng(5)
    assert before.std(axis=-1).min() > 1e-4
    order = rng.permutation(12)
    mixed = {
        **x,
        "support": x["support"][:, order],
        "support_labels": x["support_labels"][:, order],
    }
    if "unlabelled" in x:
        mixed["unlabelled"] = x["unlabelled"][:, rng.permutation(6)]
    np.testing.assert_allclose(scores(model, mixed), before, rtol=1e-3, atol=1e-4)
    turned = {**x, "support_labels": x["support_labels"][:, :, [2, 0, 3, 1]]}
    np.testing.assert_allclose(
        scores(model, turned), before[:, :, [2, 0, 3, 1]], rtol=1e-3, atol=1e-4
    )
    alone = [scores(model, {**x, "query": x["query"][:, [q]]}) for q in range(4)]
    np.testing.assert_allclose(np.concatenate(alone, axis=1), before, rtol=1e-3, atol=1e-4)


@each_episode_network
def test_episode_networks_train_in_mixed_precision_and_score_in_float32(
    policy, training_data, name
):
    policy("mixed_float16")
    keras.utils.set_random_seed(0)
    model = EPISODE_NETWORKS[name]()
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss=loss, run_eagerly=True)
    further = {"unlabelled": 2, "distractors": 2} if name in SEMI_SUPERVISED else {}
    episodes = Episodes(training_data, way=5, shot=2, query=2, steps=2, **further)
    assert np.isfinite(model.fit(episodes, verbose=0).history["loss"]).all()
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    found = model(episodes[0][0])
    assert keras.backend.standardize_dtype(found.dtype) == model.output.dtype == "float32"
    assert np.isfinite(keras.ops.convert_to_numpy(found)).all()


@pytest.mark.parametrize(
    ("network", "received"),
    [
        (
            lambda: networks.gaussian_prototypical(small_conv4(), "class"),
            "{'image', 'dimension'}. Received: precision='class'",
        ),
        (
            lambda: networks.semi_supervised(small_conv4(), "hard"),
            "{'soft', 'cluster', 'masked'}. Received: method='hard'",
        ),
        (
            lambda: networks.gaussian_prototypical(small_conv4(flatten=False)),
            "GaussianPrototypes expected embeddings",
        ),
        (
            lambda: networks.semi_supervised(small_conv4(flatten=False)),
            "RefinePrototypes expected prototypes",
        ),
    ],
)
def test_an_unknown_argument_or_an_encoder_of_maps_raises_an_error_that_says_what_was_expected(
    network, received
):
    with pytest.raises(ValueError, match=received):
        network()


@pytest.mark.parametrize("shape", [(2, 6, 9, 8, 1), (2, 6, 8, 8, 3)])
def test_unlabeled_images_of_another_shape_raise_an_error_that_names_them(shape):
    x = {**episode(35, way=2, shot=1, query=1), "unlabelled": np.zeros(shape, "float32")}
    with pytest.raises(ValueError, match=named("unlabelled")):
        EPISODE_NETWORKS["soft"]()(x)


# --- Every network is an encoder and a head


NETWORKS = {
    "siamese": lambda: networks.episode_model(small_siamese("weighted_l1")),
    "prototypical": lambda: networks.prototypical(small_conv4()),
    **EPISODE_NETWORKS,
    **NEW_NETWORKS,
}


def parts_of(model):
    return networks.encoder_and_head(model)


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("loaded", [False, True])
def test_the_scores_of_a_network_are_those_of_its_head_on_the_embeddings(name, loaded, tmp_path):
    keras.utils.set_random_seed(0)
    model, x = NETWORKS[name](), episode_for(name, 41, way=3, shot=2, query=2)
    if loaded:
        model.save(tmp_path / "network.keras")
        model = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    encode, head = parts_of(model)
    assert head is model.get_layer("head") and encode is model.get_layer("encode")
    of_query = encode.query_encoder or encode.encoder
    embeddings = {
        part: embedded(of_query if part == "query" else encode.encoder, x[part])
        for part in x
        if part != "support_labels"
    }
    found = scores(head, {**embeddings, "support_labels": x["support_labels"]})
    np.testing.assert_allclose(found, scores(model, x), rtol=1e-4, atol=1e-5)


def test_the_scores_of_a_relation_network_are_the_sigmoid_of_its_logits():
    model, x = small_relation(), episode(42, way=3, shot=2, query=2)
    head = model.get_layer("head")
    encoder = model.get_layer("encode").encoder
    inputs = {
        "support_labels": x["support_labels"],
        **{name: embedded(encoder, x[name]) for name in ("support", "query")},
    }
    log_odds = scores(head.get_layer("logits"), inputs)
    assert log_odds.std() > 0
    np.testing.assert_allclose(scores(head, inputs), 1 / (1 + np.exp(-log_odds)), rtol=1e-5)


def test_a_custom_head_can_be_composed_with_an_encoder(tmp_path):
    encoder = small_conv4()
    inputs = networks.episode_inputs(encoder.output_shape[1:])
    similarity = keras.ops.einsum("bqd,bsd->bqs", inputs["query"], inputs["support"])
    head = keras.Model(inputs, keras.ops.matmul(similarity, inputs["support_labels"]), name="head")
    model, x = networks.compose(encoder, head, name="dot"), episode(43, way=3, shot=2, query=2)
    assert model.name == "dot" and parts_of(model) == (model.get_layer("encode"), head)
    support, query = embedded(encoder, x["support"]), embedded(encoder, x["query"])
    expected = query @ support.transpose(0, 2, 1) @ x["support_labels"]
    np.testing.assert_allclose(scores(model, x), expected, rtol=1e-4, atol=1e-5)
    model.save(tmp_path / "dot.keras")
    loaded = keras.models.load_model(tmp_path / "dot.keras", safe_mode=True)
    np.testing.assert_array_equal(scores(loaded, x), scores(model, x))


def head_by_another_name():
    encoder = small_conv4()
    inputs = networks.episode_inputs(encoder.output_shape[1:])
    means = Prototypes()(inputs["support"], inputs["support_labels"])
    return encoder, keras.Model(inputs, -Distance()(inputs["query"], means), name="my_head")


def test_a_head_needs_its_name():
    for head in (head_by_another_name()[1], None, "head"):
        with pytest.raises(
            ValueError,
            match='compose expected `head` to be a keras.Model named "head" with the inputs',
        ):
            networks.compose(small_conv4(), head)


@pytest.mark.parametrize(
    "head",
    [keras.Sequential([keras.layers.Dense(3)], name="head"), "one input"],
    ids=["unbuilt", "one input"],
)
def test_a_head_needs_the_inputs_of_an_episode(head):
    if head == "one input":
        inputs = keras.Input((None, 4))
        head = keras.Model(inputs, 2 * inputs, name="head")
    with pytest.raises(
        ValueError,
        match="compose expected `head` .* the inputs of networks.episode_inputs. Received: head=",
    ):
        networks.compose(small_conv4(), head)


def rows_of_the_docstring():
    """The table in the docstring of `networks`: network, loss and metric."""
    table = networks.__doc__.partition("    network ")[2].partition("\n\n")[0]
    return [
        [cell.strip() for cell in re.split(r"  +", line.strip())] for line in table.splitlines()[1:]
    ]


@pytest.mark.parametrize("row", rows_of_the_docstring(), ids=lambda row: row[0])
def test_each_network_fits_the_data_loss_and_metric_of_the_docstring(row, training_data):
    (name, *energy), loss, metric = row[0].split(", "), *row[1:]
    maps = {"flatten": False} if name == "relation" else {}
    options = {"energy": energy[0].strip('"')} if energy else {}
    keras.utils.set_random_seed(0)
    network = getattr(networks, name)(
        encoders.conv4((8, 8, 1), filters=8, pooled_blocks=1, **maps), **options
    )
    known = {
        **vars(keras.losses),
        **vars(keras.metrics),
        "losses": losses,
        "metrics": fslkeras.metrics,
    }
    unlabelled = {"unlabelled": 2} if name == "semi_supervised" else {}
    if name == "siamese":
        data = Pairs(training_data, batch_size=32, steps=1)
    else:
        data = Episodes(training_data, way=5, shot=1, query=4, steps=1, **unlabelled)
    x, y = data[0]
    assert set(x) == set(network.input)
    found = network(x)
    assert 0 < float(eval(loss, known)(y, found)) < np.inf
    assert 0 <= float(eval(metric, known)(y, found)) <= 1


def test_the_table_of_the_docstring_has_each_network():
    made = {
        "siamese",
        "prototypical",
        "gaussian_prototypical",
        "semi_supervised",
        "relation",
        "matching",
    }
    assert {row[0].split(",")[0] for row in rows_of_the_docstring()} == made


def whole_models(network):
    """Models made of a prototypical network's parts that are not just an encoder and a head."""
    encode, head = parts_of(network)
    inputs = networks.episode_inputs((8, 8, 1))
    labels = {"support_labels": inputs["support_labels"]}

    rescale = keras.layers.Rescaling(-1.0, offset=1.0)  # ink and background swapped
    support, query = encode(rescale(inputs["support"]), rescale(inputs["query"]))
    yield "a step before", keras.Model(inputs, head({**labels, "support": support, "query": query}))

    support, query = encode(inputs["support"], inputs["query"])
    scored = head({**labels, "support": support, "query": query})
    yield "a step behind", keras.Model(inputs, keras.layers.Rescaling(-1.0)(scored))

    yield (
        "a step between",
        keras.Model(
            inputs,
            head({**labels, "support": keras.layers.Rescaling(0.5)(support), "query": query}),
        ),
    )
    yield (
        "without a head",
        keras.Model(inputs, -Distance()(query, Prototypes()(support, inputs["support_labels"]))),
    )


@pytest.mark.parametrize(
    "which", ["a step before", "a step behind", "a step between", "without a head"]
)
def test_a_model_with_further_steps_is_not_an_encoder_and_head_and_runs_whole(which, test_data):
    keras.utils.set_random_seed(1)
    network = networks.prototypical(small_conv4())
    model = dict(whole_models(network))[which]
    assert parts_of(network) is not None and parts_of(model) is None
    episodes = Episodes(test_data, way=4, shot=2, query=2, steps=10, batch_size=2, seed=3)
    whole = evaluate(lambda x: scores(model, x), episodes).per_episode
    np.testing.assert_array_equal(evaluate(model, episodes).per_episode, whole)
    assert (whole != evaluate(network, episodes).per_episode).any() == (which != "without a head")
    with pytest.raises(
        ValueError, match="expected a network over episodes that is an encoder and a head"
    ):
        fslkeras.FewShotClassifier(model, test_data.images[:20], test_data.labels[:20])


def test_two_encoders_swapped_are_not_an_encoder_and_head_and_run_whole(test_data):
    keras.utils.set_random_seed(1)
    encode, head = parts_of(networks.matching(small_conv4(), small_conv4()))
    inputs = networks.episode_inputs((8, 8, 1))
    query, support = encode(
        inputs["query"], inputs["support"]
    )  # the queries go through the support encoder
    model = keras.Model(
        inputs,
        head({"support_labels": inputs["support_labels"], "support": support, "query": query}),
    )
    assert parts_of(model) is None
    episodes = Episodes(test_data, way=4, shot=2, query=2, steps=10, seed=3)
    whole = evaluate(lambda x: scores(model, x), episodes)
    np.testing.assert_array_equal(evaluate(model, episodes).per_episode, whole.per_episode)


@pytest.mark.parametrize(
    "model",
    [
        None,
        "x",
        lambda x: x,
        small_conv4,
        lambda: small_siamese("euclidean"),
        lambda: keras.Sequential(),
    ],
)
def test_anything_else_is_not_an_encoder_and_head(model):
    made = model() if callable(model) and model.__code__.co_argcount == 0 else model
    assert parts_of(made) is None


class Subclassed(keras.Model):
    def call(self, images):
        return images


@pytest.mark.parametrize(
    "make",
    ["siamese", "prototypical", "gaussian_prototypical", "semi_supervised", "relation", "matching"],
)
@pytest.mark.parametrize(
    "encoder",
    [None, "x", keras.layers.Flatten(), keras.Sequential([keras.layers.Flatten()]), Subclassed()],
)
def test_an_encoder_without_a_known_shape_raises_an_error_that_names_it_and_says_what_to_do(
    make, encoder
):
    message = f"{make} expected `encoder` to be a keras.Model .*Received: encoder=.*keras.Input"
    with pytest.raises(ValueError, match=message):
        getattr(networks, make)(encoder)


@pytest.mark.parametrize("model", [None, "x", lambda x: x])
def test_episode_model_raises_an_error_for_anything_but_a_network(model):
    with pytest.raises(ValueError, match="episode_model expected a network .*Received: "):
        networks.episode_model(model)
