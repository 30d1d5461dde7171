"""Accuracies against loops, and `fit` against `evaluate`."""

import keras
import numpy as np
import pytest

from fslkeras import Episodes, Pairs, encoders, evaluate, losses, networks
from fslkeras.metrics import EpisodeAccuracy, PairAccuracy, episode_accuracy


def accuracy_by_hand(y_true, y_pred):
    """The accuracy of one query."""
    (column,) = [n for n, label in enumerate(y_true) if label == 1]
    if any(np.isnan(score) for score in y_pred):
        return 0
    tied = [n for n, score in enumerate(y_pred) if score == max(y_pred)]
    return 1 / len(tied) if column in tied else 0


def numpy(tensor):
    return keras.ops.convert_to_numpy(tensor)


def small_encoder():
    return encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1)


@pytest.mark.parametrize(
    ("scores", "right"),
    [
        ([9, 1, 1, 1], 1),  # the single highest
        ([9, 9, 1, 1], 1 / 2),
        ([9, 9, 1, 9], 1 / 3),
        ([0, 0, 0, 0], 1 / 4),
        ([1, 9, 9, 1], 0),  # below a tie of others
        ([np.nan, 1, 1, 1], 0),
        ([9, np.nan, 1, 1], 0),
        ([np.nan] * 4, 0),
        ([-np.inf, -np.inf, -np.inf, -np.inf], 1 / 4),
        ([np.inf, 1, 1, 1], 1),
    ],
)
def test_a_true_class_tied_with_others_counts_as_a_fraction_and_nan_as_wrong(scores, right):
    labels = np.eye(4)[[[0]]]
    expected = [[np.float32(right)]]
    assert numpy(episode_accuracy(labels, np.array([[scores]], "float32"))).tolist() == expected
    order = [2, 3, 0, 1]  # whichever column is the true class
    assert (
        numpy(
            episode_accuracy(labels[..., order], np.array([[scores]], "float32")[..., order])
        ).tolist()
        == expected
    )


@pytest.mark.parametrize("kind", ["float32", "float16", "int32"])
def test_each_query_counts_as_in_a_loop(kind):
    rng = np.random.default_rng(0)
    y_true = np.eye(5)[rng.integers(5, size=(3, 40))].astype(kind)
    y_pred = rng.integers(4, size=(3, 40, 5)).astype(
        kind
    )  # few values, so that there are many ties
    expected = [
        [accuracy_by_hand(*query) for query in zip(*episode, strict=True)]
        for episode in zip(y_true, y_pred, strict=True)
    ]
    assert {1 / 2, 1 / 3, 0, 1} <= set(np.ravel(expected).tolist())
    found = episode_accuracy(y_true, y_pred)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(numpy(found), expected, rtol=1e-6)


def test_the_metric_is_the_mean_over_all_queries_of_all_updates_until_it_is_reset():
    rng, metric, each = np.random.default_rng(1), EpisodeAccuracy(), []
    for episodes in (1, 4):
        y_true, y_pred = (
            np.eye(3)[rng.integers(3, size=(episodes, 5))],
            rng.integers(3, size=(episodes, 5, 3)).astype("float32"),
        )
        metric.update_state(y_true, y_pred)
        each += [
            accuracy_by_hand(*query)
            for query in zip(y_true.reshape(-1, 3), y_pred.reshape(-1, 3), strict=True)
        ]
    assert float(metric.result()) == pytest.approx(np.mean(each)) and metric.name == "accuracy"
    metric.reset_state()
    metric.update_state(np.eye(2)[None], np.zeros((1, 2, 2)))
    assert float(metric.result()) == 0.5


@pytest.mark.parametrize("threshold", [0.5, 1.25])
def test_a_pair_is_right_where_its_distance_is_on_the_right_side_of_the_threshold(threshold):
    rng = np.random.default_rng(2)
    same, distance = rng.integers(2, size=50), (2 * rng.random(50)).astype("float32")
    distance[:2], same[:2] = threshold, (0, 1)  # at the threshold a pair is called the same
    metric = PairAccuracy(threshold)
    metric.update_state(same, distance)
    expected = [(d <= threshold) == (s == 1) for s, d in zip(same, distance, strict=True)]
    assert 0 < np.mean(expected) < 1
    assert float(metric.result()) == pytest.approx(np.mean(expected))


@pytest.mark.parametrize(
    "metric", [EpisodeAccuracy(name="right"), PairAccuracy(0.75, name="right"), PairAccuracy()]
)
def test_config_restores_the_metric(metric):
    again = keras.metrics.deserialize(keras.metrics.serialize(metric))
    assert type(again) is type(metric) and again.name == metric.name
    assert again.get_config() == metric.get_config()
    if isinstance(metric, PairAccuracy):
        assert again.threshold == metric.threshold


def test_fit_and_keras_evaluate_report_what_evaluate_counts_even_after_saving(test_data, tmp_path):
    keras.utils.set_random_seed(0)
    # Without batch normalization and with a learning rate of 0, every training step sees the same
    # network.
    encoder = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(4)]
    )
    network = networks.prototypical(encoder)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    network.compile(keras.optimizers.SGD(0.0), loss, metrics=[EpisodeAccuracy()])
    episodes = Episodes(
        test_data, way=5, shot=1, query=3, steps=12, batch_size=2, resample=False, seed=3
    )
    network.test_on_batch(
        *episodes[0]
    )  # builds it: on JAX and PyTorch, `fit` would spend an item on that
    history = network.fit(episodes, validation_data=episodes, epochs=2, verbose=0).history
    counted = evaluate(network, episodes)
    assert 0 < counted.mean < 1 and counted.per_episode.std() > 0
    for name in ("accuracy", "val_accuracy"):
        np.testing.assert_allclose(history[name], [counted.mean] * 2, atol=1e-6)
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    shown = loaded.evaluate(episodes, verbose=0, return_dict=True)["accuracy"]
    assert shown == pytest.approx(counted.mean, abs=1e-6)


def test_a_constant_network_has_an_accuracy_of_one_in_n(test_data):
    network = networks.prototypical(small_encoder())
    network.set_weights([np.zeros_like(weight) for weight in network.get_weights()])
    network.compile(loss="mse", metrics=[EpisodeAccuracy()], run_eagerly=True)
    episodes = Episodes(test_data, way=4, shot=1, query=2, steps=3)
    assert (
        network.evaluate(episodes, verbose=0, return_dict=True)["accuracy"]
        == evaluate(network, episodes).mean
        == 0.25
    )


def test_pair_accuracy_in_a_compiled_siamese_network_survives_saving(test_data, tmp_path):
    keras.utils.set_random_seed(0)
    network = networks.siamese(small_encoder())
    network.compile(
        "sgd", losses.ContrastiveLoss(), metrics=[PairAccuracy(threshold=0.05)], run_eagerly=True
    )
    pairs = Pairs(test_data, batch_size=20, steps=2, resample=False)
    shown = network.evaluate(pairs, verbose=0, return_dict=True)["accuracy"]
    distances = [(numpy(network(x)), y) for x, y in (pairs[0], pairs[1])]
    assert shown == pytest.approx(np.mean([(d <= 0.05) == (y == 1) for d, y in distances]))
    network.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras", safe_mode=True)
    assert loaded.evaluate(pairs, verbose=0, return_dict=True)["accuracy"] == pytest.approx(shown)
