"""WeightedL1 against loops over the formula."""

import keras
import numpy as np
import pytest

from fslkeras.layers import WeightedL1


def vectors(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def logits(layer, a, b):
    return keras.ops.convert_to_numpy(layer(a, b))


def by_hand(layer, a, b):
    alpha, bias = layer.get_weights()
    found = np.zeros((len(a), a.shape[1], b.shape[1]))
    for e, q, n in np.ndindex(found.shape):
        found[e, q, n] = (
            sum(w * abs(x - y) for w, x, y in zip(alpha, a[e, q], b[e, n], strict=True)) + bias
        )
    return found


def test_each_logit_is_the_weighted_sum_of_the_absolute_differences_plus_the_bias():
    layer, a, b = WeightedL1(), vectors(1, 2, 5, 7), vectors(2, 2, 3, 7)
    found = logits(layer, a, b)
    assert found.shape == (2, 5, 3)
    np.testing.assert_allclose(found, by_hand(layer, a, b), rtol=1e-5, atol=1e-5)


def test_known_weights_give_known_logits():
    layer = WeightedL1()
    layer.build((1, 1, 3), (1, 2, 3))
    layer.set_weights([np.array([-1.0, 2.0, 0.0]), np.array(0.25)])
    a, b = np.array([[[1.0, 2.0, 3.0]]]), np.array([[[1.0, 2.0, 9.0], [4.0, 0.0, 3.0]]])
    assert logits(layer, a, b).tolist() == [[[0.25, -1 * 3 + 2 * 2 + 0.25]]]


def test_it_starts_from_the_distributions_of_the_paper():
    keras.utils.set_random_seed(0)
    layers = [WeightedL1() for _ in range(50)]
    for layer in layers:
        layer.build((1, 1, 400), (1, 1, 400))
    alphas, biases = zip(*(layer.get_weights() for layer in layers), strict=True)
    # 20,000 weights and 50 biases: the bounds are about five standard errors wide.
    np.testing.assert_allclose([np.mean(alphas), np.std(alphas)], [0, 0.2], atol=0.007)
    np.testing.assert_allclose(np.mean(biases), 0.5, atol=0.007)
    np.testing.assert_allclose(np.std(biases), 0.01, atol=0.005)


def test_swapping_the_two_sides_transposes_the_logits():
    layer, a, b = WeightedL1(), vectors(3, 2, 5, 7), vectors(4, 2, 3, 7)
    np.testing.assert_array_equal(logits(layer, a, b), logits(layer, b, a).transpose(0, 2, 1))


def test_two_equal_vectors_get_the_bias():
    layer, a = WeightedL1(), vectors(5, 1, 4, 7)
    found = logits(layer, a, a)
    np.testing.assert_array_equal(np.diagonal(found[0]), layer.get_weights()[1])
    assert (found != layer.get_weights()[1]).sum() == 4 * 3  # and no other pair does


@pytest.mark.parametrize("start", [0.0, 1.0])
def test_two_equal_vectors_stay_where_they_are_and_move_the_bias_alone(start):
    # Both vectors are the same weights (times an input of 1). A NaN in the gradient of |a - b|
    # would reach them, and alpha.
    image = keras.Input((1,))
    vector = keras.layers.Dense(
        4, kernel_initializer=keras.initializers.Constant(start), use_bias=False
    )(image)
    a, b = keras.layers.Reshape((1, 4))(vector), keras.layers.Reshape((1, 4))(vector)
    model = keras.Model(image, WeightedL1()(a, b))
    model.compile(keras.optimizers.SGD(0.1), loss="mean_absolute_error", run_eagerly=True)
    kernel, alpha, bias = (weight.copy() for weight in model.get_weights())
    model.train_on_batch(np.ones((2, 1), "float32"), np.full((2, 1, 1), 3.0, "float32"))
    for after, before in zip(model.get_weights(), (kernel, alpha, bias + 0.1), strict=True):
        np.testing.assert_allclose(after, before, atol=1e-6)


@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_gives_float32_without_overflow(policy, name):
    policy(name)
    layer, a, b = (
        WeightedL1(),
        np.full((1, 2, 64), 40_000.0),
        np.full((1, 3, 64), -40_000.0),
    )  # 80,000 overflows float16
    found = layer(a, b)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), by_hand(layer, a, b), rtol=1e-4)


def test_one_model_handles_any_number_of_queries_and_classes_and_survives_saving(tmp_path):
    a, b = keras.Input((None, 6)), keras.Input((None, 6))
    layer = WeightedL1()
    model = keras.Model([a, b], layer(a, b))
    model.save(tmp_path / "weighted_l1.keras")
    loaded = keras.models.load_model(tmp_path / "weighted_l1.keras", safe_mode=True)
    for episodes, queries, classes in ((1, 1, 1), (2, 7, 3), (3, 2, 20)):
        x = [vectors(7, episodes, queries, 6), vectors(8, episodes, classes, 6)]
        found = keras.ops.convert_to_numpy(model(x))
        assert found.shape == (episodes, queries, classes)
        np.testing.assert_allclose(found, by_hand(layer, *x), rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(x)), found)


def test_config_restores_the_layer():
    layer = WeightedL1(name="energy", trainable=False)
    again = WeightedL1.from_config(layer.get_config())
    assert (again.name, again.trainable, again.get_config()) == (
        "energy",
        False,
        layer.get_config(),
    )


def test_the_computed_shape_matches_the_output_and_keeps_unknown_sizes():
    a, b = vectors(9, 2, 5, 7), vectors(10, 2, 3, 7)
    assert WeightedL1().compute_output_shape(a.shape, b.shape) == tuple(WeightedL1()(a, b).shape)
    assert WeightedL1().compute_output_shape((None, None, 7), (None, None, 7)) == (None, None, None)
    assert WeightedL1()(keras.Input((5, 7)), keras.Input((3, 7))).shape == (None, 5, 3)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((1, 5, 7), (1, 3, 6)),
        ((5, 7), (1, 3, 7)),
        ((1, 5, 7), (3, 7)),
        ((1, 5, 2, 2, 7), (1, 3, 2, 2, 7)),
    ],
)
def test_wrong_shapes_raise_an_error_that_names_them(a, b):
    with pytest.raises(ValueError) as error:
        WeightedL1()(np.zeros(a), np.zeros(b))
    assert "WeightedL1 expected query of shape (B, Q, D) and support of shape (B, S, D)" in str(
        error.value
    )
    assert f"query.shape={a}, support.shape={b}" in str(error.value)


def test_embeddings_of_unknown_size_raise_an_error():
    with pytest.raises(ValueError, match="WeightedL1 expected embeddings of known size D"):
        WeightedL1()(keras.Input((5, None)), keras.Input((3, None)))


def test_another_size_than_the_one_it_was_built_for_raises_an_error():
    layer = WeightedL1()
    layer(np.zeros((1, 2, 7)), np.zeros((1, 3, 7)))
    with pytest.raises(
        ValueError, match=r"axis -1 of input shape to have value 7, but received .*\(1, 2, 6\)"
    ):
        layer(np.zeros((1, 2, 6)), np.zeros((1, 3, 6)))


def test_another_number_of_episodes_raises_an_error_instead_of_broadcasting():
    with pytest.raises(ValueError, match=r"query.shape=\(1, 2, 7\), support.shape=\(3, 3, 7\)"):
        WeightedL1()(np.zeros((1, 2, 7)), np.zeros((3, 3, 7)))
