"""RelationModule against loops over the paper's description: one convolution of both maps."""

import keras
import numpy as np
import pytest

from fslkeras.layers import RelationModule


def maps(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def small(height=5, width=6, channels=3, **options):
    """A module with weights and moving statistics far from their initial values."""
    layer = RelationModule(**{"filters": 4, "units": 8, **options})
    layer.build((None, None, height, width, channels), (None, None, height, width, channels))
    rng = np.random.default_rng(2)
    for weight in layer.weights:
        value = rng.normal(size=weight.shape) * (0.4 if "convolve" in weight.path else 0.8)
        weight.assign(np.abs(value) + 0.5 if weight.name in ("gamma", "moving_variance") else value)
    return layer


def scores(layer, queries, classes, **options):
    return keras.ops.convert_to_numpy(layer(queries, classes, **options))


def array(weight):
    return keras.ops.convert_to_numpy(weight).astype("float64")


def convolved(pictures, kernel):
    found = np.zeros((*pictures.shape[:3], kernel.shape[3]))
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1), (0, 0)))
    for n, y, x, f in np.ndindex(found.shape):
        found[n, y, x, f] = (padded[n, y : y + 3, x : x + 3] * kernel[..., f]).sum()
    return found


def normalized(pictures, layer, training):
    mean, variance = array(layer.moving_mean), array(layer.moving_variance)
    if training:
        mean, variance = pictures.mean(axis=(0, 1, 2)), pictures.var(axis=(0, 1, 2))
    return array(layer.gamma) * (pictures - mean) / np.sqrt(variance + 1e-5) + array(layer.beta)


def pooled(pictures):
    number, height, width, channels = pictures.shape
    found = np.zeros((number, height // 2, width // 2, channels))
    for y, x in np.ndindex(height // 2, width // 2):
        found[:, y, x] = pictures[:, 2 * y : 2 * y + 2, 2 * x : 2 * x + 2].max(axis=(1, 2))
    return found


def by_hand(layer, queries, classes, training=False):
    shape = (len(queries), queries.shape[1], classes.shape[1])
    pairs = np.stack(
        [np.concatenate([queries[e, q], classes[e, n]], axis=-1) for e, q, n in np.ndindex(shape)]
    )
    both = np.concatenate(
        [array(layer.convolve_query.kernel), array(layer.convolve_class.kernel)], axis=2
    )
    for kernel, normalize in (
        (both, layer.normalize_1),
        (array(layer.convolve_2.kernel), layer.normalize_2),
    ):
        pairs = pooled(np.maximum(normalized(convolved(pairs, kernel), normalize, training), 0))
    hidden = np.maximum(
        pairs.reshape(len(pairs), -1) @ array(layer.dense.kernel) + array(layer.dense.bias), 0
    )
    found = 1 / (1 + np.exp(-(hidden @ array(layer.score.kernel) + array(layer.score.bias))))
    assert found.std() > 0.02  # equal scores would prove nothing
    return found.reshape(shape)


@pytest.mark.parametrize("training", [False, True])
@pytest.mark.parametrize("size", [(5, 6), (4, 4), (9, 8)])
def test_each_score_is_that_of_one_convolution_over_both_concatenated_maps(size, training):
    layer, queries, classes = small(*size), maps(1, 2, 3, *size, 3), maps(2, 2, 2, *size, 3)
    expected = by_hand(layer, queries, classes, training)
    np.testing.assert_allclose(
        scores(layer, queries, classes, training=training), expected, rtol=1e-3, atol=1e-4
    )


def test_training_moves_the_statistics_a_tenth_of_the_way_to_those_of_the_pairs():
    layer, queries, classes = small(), maps(3, 2, 3, 5, 6, 3), maps(4, 2, 2, 5, 6, 3)
    before = array(layer.normalize_1.moving_mean), array(layer.normalize_1.moving_variance)
    scores(layer, queries, classes, training=False)
    np.testing.assert_array_equal(array(layer.normalize_1.moving_mean), before[0])
    pairs = np.stack(
        [
            np.concatenate([queries[e, q], classes[e, n]], axis=-1)
            for e, q, n in np.ndindex((2, 3, 2))
        ]
    )
    kernel = np.concatenate(
        [array(layer.convolve_query.kernel), array(layer.convolve_class.kernel)], axis=2
    )
    found = convolved(pairs, kernel)
    scores(layer, queries, classes, training=True)
    for now, was, of_pairs in (
        (layer.normalize_1.moving_mean, before[0], found.mean(axis=(0, 1, 2))),
        (layer.normalize_1.moving_variance, before[1], found.var(axis=(0, 1, 2))),
    ):
        np.testing.assert_allclose(array(now), 0.9 * was + 0.1 * of_pairs, rtol=1e-4, atol=1e-5)


def test_swapping_queries_and_classes_changes_the_scores():
    layer, a, b = small(), maps(5, 1, 3, 5, 6, 3), maps(6, 1, 3, 5, 6, 3)
    assert np.abs(scores(layer, a, b) - scores(layer, b, a).transpose(0, 2, 1)).max() > 0.02


def test_permuting_the_classes_permutes_the_scores():
    layer, queries, classes = small(), maps(7, 2, 3, 5, 6, 3), maps(8, 2, 4, 5, 6, 3)
    before = scores(layer, queries, classes)
    np.testing.assert_allclose(
        scores(layer, queries, classes[:, [2, 0, 3, 1]]), before[:, :, [2, 0, 3, 1]], atol=1e-6
    )


def test_outside_training_scores_do_not_depend_on_other_queries_classes_or_episodes():
    layer, queries, classes = small(), maps(9, 2, 3, 5, 6, 3), maps(10, 2, 4, 5, 6, 3)
    together = scores(layer, queries, classes)
    for e, q, n in np.ndindex(together.shape):
        alone = scores(layer, queries[e : e + 1, q : q + 1], classes[e : e + 1, n : n + 1])
        np.testing.assert_allclose(alone[0, 0, 0], together[e, q, n], atol=1e-5)


def module_model(layer, shape=(5, 6, 3)):
    queries, classes = keras.Input((None, *shape)), keras.Input((None, *shape))
    return keras.Model([queries, classes], layer(queries, classes))


def test_one_model_handles_any_number_of_queries_and_classes_and_survives_saving(tmp_path):
    layer = small()
    model = module_model(layer)
    model.save(tmp_path / "relation.keras")
    loaded = keras.models.load_model(tmp_path / "relation.keras", safe_mode=True)
    for episodes, queries, classes in ((1, 1, 1), (2, 4, 3), (3, 2, 8)):
        x = [maps(11, episodes, queries, 5, 6, 3), maps(12, episodes, classes, 5, 6, 3)]
        found = keras.ops.convert_to_numpy(model(x))
        assert found.shape == (episodes, queries, classes)
        np.testing.assert_allclose(found, scores(layer, *x), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(x)), found)


def test_training_changes_every_weight_and_every_moving_statistic():
    layer = small()
    model = module_model(layer)
    model.compile(keras.optimizers.SGD(0.1), loss="mean_squared_error", run_eagerly=True)
    before = [array(weight) for weight in layer.weights]
    target = np.eye(3, dtype="float32")[None].repeat(2, axis=0)
    model.train_on_batch([maps(13, 2, 3, 5, 6, 3), maps(14, 2, 3, 5, 6, 3)], target)
    for weight, old in zip(layer.weights, before, strict=True):
        assert np.isfinite(array(weight)).all() and (array(weight) != old).any(), weight.path


@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_gives_finite_float32_scores_close_to_those_of_float32(policy, name):
    queries, classes = maps(15, 2, 3, 5, 6, 3), maps(16, 2, 4, 5, 6, 3)
    expected = scores(small(), queries, classes)
    policy(name)
    layer = small()
    assert layer.convolve_2.compute_dtype == name.removeprefix("mixed_")
    for training in (False, True):
        found = layer(queries, classes, training=training)
        assert keras.backend.standardize_dtype(found.dtype) == "float32"
        assert np.isfinite(keras.ops.convert_to_numpy(found)).all()
    np.testing.assert_allclose(scores(small(), queries, classes), expected, atol=0.03)
    assert module_model(small()).output.dtype == "float32"  # also in the symbolic output


def test_config_restores_the_layer():
    layer = RelationModule(filters=3, units=5, name="compare")
    again = RelationModule.from_config(layer.get_config())
    assert (again.filters, again.units, again.name) == (3, 5, "compare")
    assert again.get_config() == layer.get_config()


def test_the_computed_shape_matches_the_output_and_keeps_unknown_sizes():
    queries, classes = maps(17, 2, 3, 5, 6, 3), maps(18, 2, 4, 5, 6, 3)
    assert RelationModule().compute_output_shape(queries.shape, classes.shape) == (2, 3, 4)
    assert tuple(small()(queries, classes).shape) == (2, 3, 4)
    assert RelationModule().compute_output_shape((None, None, 5, 6, 3), (None, None, 5, 6, 3)) == (
        None,
        None,
        None,
    )
    assert small()(keras.Input((3, 5, 6, 3)), keras.Input((None, 5, 6, 3))).shape == (None, 3, None)


@pytest.mark.parametrize(
    ("queries", "classes"),
    [
        ((1, 3, 5, 6, 3), (1, 2, 5, 6, 4)),  # different channels
        ((1, 3, 5, 6, 3), (1, 2, 6, 5, 3)),  # a different size
        ((2, 3, 5, 6, 3), (1, 2, 5, 6, 3)),  # a different number of episodes
        ((3, 5, 6, 3), (2, 5, 6, 3)),  # no episode axis
        ((1, 3, 90), (1, 2, 90)),  # vectors
    ],
)
def test_wrong_shapes_raise_an_error_that_names_them(queries, classes):
    with pytest.raises(ValueError) as error:
        RelationModule()(np.zeros(queries), np.zeros(classes))
    assert "RelationModule expected query_maps of shape (B, Q, h, w, C)" in str(error.value)
    assert f"query_maps.shape={queries}, class_maps.shape={classes}" in str(error.value)


def test_maps_that_cannot_be_halved_twice_raise_an_error_that_says_what_to_do():
    with pytest.raises(
        ValueError, match="at least 4 x 4. Received: maps of 3 x 7. Use fewer pooling"
    ):
        RelationModule()(np.zeros((1, 2, 3, 7, 3)), np.zeros((1, 2, 3, 7, 3)))


def test_maps_of_another_shape_than_it_was_built_for_raise_an_error_that_names_both():
    with pytest.raises(
        ValueError, match=r"feature maps of shape \(5, 6, 3\). Received: .* \(6, 5, 3\)"
    ):
        small()(np.zeros((1, 2, 6, 5, 3)), np.zeros((1, 2, 6, 5, 3)))


@pytest.mark.parametrize(
    "options", [{"filters": 0}, {"filters": 2.5}, {"units": -1}, {"units": "8"}]
)
def test_a_wrong_size_raises_an_error_that_names_it(options):
    ((name, value),) = options.items()
    with pytest.raises(
        ValueError,
        match=f"`{name}` of RelationModule. .* integer of at least 1. Received: {name}={value!r}",
    ):
        RelationModule(**options)


@pytest.mark.parametrize("activation", ["tanh", True, "none"])
def test_an_activation_other_than_the_sigmoid_and_none_raises_an_error(activation):
    with pytest.raises(
        ValueError, match=f"{{'sigmoid', None}}. Received: activation={activation!r}"
    ):
        RelationModule(activation=activation)


def test_without_an_activation_it_gives_the_log_odds_of_the_scores():
    layer, log_odds = small(), small(activation=None)  # with the same weights
    x = maps(19, 2, 3, 5, 6, 3), maps(20, 2, 4, 5, 6, 3)
    np.testing.assert_allclose(
        1 / (1 + np.exp(-scores(log_odds, *x))), scores(layer, *x), rtol=1e-4, atol=1e-6
    )
    assert RelationModule.from_config(log_odds.get_config()).activation is None


def test_numpy_integers_are_treated_like_pythons(tmp_path):
    model = module_model(RelationModule(filters=np.int64(4), units=np.int32(3)))
    model.save(tmp_path / "relation.keras")
    x = [maps(21, 1, 2, 5, 6, 3), maps(22, 1, 2, 5, 6, 3)]
    loaded = keras.models.load_model(tmp_path / "relation.keras", safe_mode=True)
    np.testing.assert_array_equal(
        *(keras.ops.convert_to_numpy(each(x)) for each in (loaded, model))
    )


@pytest.mark.parametrize("size", [(4, 4), (5, 6), (7, 7)])
def test_outside_training_it_skips_only_what_pooling_drops(size):
    layer, queries, classes = small(*size), maps(23, 2, 3, *size, 3), maps(24, 2, 4, *size, 3)
    found = scores(layer, queries, classes, training=False)
    layer.normalize_1.trainable = layer.normalize_2.trainable = False  # moving statistics, always
    expected = scores(layer, queries, classes, training=True)  # every position of every pair
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)
