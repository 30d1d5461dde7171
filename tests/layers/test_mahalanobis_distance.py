"""MahalanobisDistance against loops over the formula."""

import keras
import numpy as np
import pytest

from fslkeras.layers import Distance, MahalanobisDistance


def vectors(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def positive(seed, *shape):
    return np.random.default_rng(seed).uniform(0.1, 5, shape).astype("float32")


def by_hand(a, b, precisions):
    found = np.zeros((len(a), a.shape[1], b.shape[1]))
    for e, q, n in np.ndindex(found.shape):
        of_class = (
            precisions[e, n] if precisions.shape[2] > 1 else precisions[e, n].repeat(b.shape[2])
        )
        terms = zip(
            a[e, q].astype(float), b[e, n].astype(float), of_class.astype(float), strict=True
        )
        found[e, q, n] = sum(s * (x - p) ** 2 for x, p, s in terms) ** 0.5
    return found


def distances(a, b, precisions):
    return keras.ops.convert_to_numpy(MahalanobisDistance()(a, b, precisions))


both_precisions = pytest.mark.parametrize("size", [1, 7])


@both_precisions
def test_each_distance_is_the_formula_of_its_two_vectors_and_the_classs_precision(size):
    x = vectors(1, 2, 5, 7), vectors(2, 2, 3, 7), positive(3, 2, 3, size)
    assert distances(*x).shape == (2, 5, 3)
    np.testing.assert_allclose(distances(*x), by_hand(*x), rtol=1e-5, atol=1e-6)


@both_precisions
def test_with_precisions_of_1_it_is_the_euclidean_distance(size):
    a, b = vectors(4, 2, 5, 7), vectors(5, 2, 3, 7)
    expected = keras.ops.convert_to_numpy(Distance("euclidean")(a, b))
    np.testing.assert_allclose(
        distances(a, b, np.ones((2, 3, size), "float32")), expected, rtol=1e-6
    )


def test_four_times_the_precision_is_twice_the_distance():
    x = vectors(6, 2, 5, 7), vectors(7, 2, 3, 7), positive(8, 2, 3, 7)
    np.testing.assert_allclose(distances(*x[:2], 4 * x[2]), 2 * distances(*x), rtol=1e-5)


def test_a_coordinate_without_precision_does_not_count():
    a, b, precisions = vectors(9, 1, 5, 7), vectors(10, 1, 3, 7), positive(11, 1, 3, 7)
    precisions[..., 2] = 0
    other = a.copy()
    other[..., 2] += 100
    np.testing.assert_array_equal(distances(other, b, precisions), distances(a, b, precisions))


def test_it_keeps_the_distance_of_long_vectors_that_are_close():
    # Here, |a|^2 - 2ab + |b|^2 in float32 gives 0 or 0.25.
    a = np.full((1, 1, 4), 1000.0, "float32")
    b = a + np.float32(0.0625)
    assert distances(a, b, np.ones((1, 1, 1))).item() == 2 * 0.0625


@both_precisions
def test_distances_are_nonnegative_and_zero_from_a_vector_to_itself(size):
    a = vectors(12, 1, 50, 7)
    found = distances(a, a, positive(13, 1, 50, size))
    assert found.min() >= 0
    np.testing.assert_array_equal(np.diagonal(found, axis1=1, axis2=2), 0)


def trained_a_step(a, b, precisions, wanted):
    """How far a step of gradient descent of size 1 moves a, b and the precisions, as weights.

    The loss is the sum of the distances times `wanted`.
    """
    start = a, b, precisions
    inputs = [keras.Input((len(each), len(each))) for each in start]
    layers = [keras.layers.Dense(each.shape[1], use_bias=False) for each in start]
    model = keras.Model(
        inputs, MahalanobisDistance()(*(layer(x) for layer, x in zip(layers, inputs, strict=True)))
    )
    for layer, each in zip(layers, start, strict=True):
        layer.set_weights([each])
    model.compile(
        keras.optimizers.SGD(1.0),
        loss=lambda wanted, found: keras.ops.sum(wanted * found),
        run_eagerly=True,
    )
    model.train_on_batch(
        [np.eye(len(each), dtype="float32")[None] for each in start], wanted[None].astype("float32")
    )
    return [each - layer.get_weights()[0] for each, layer in zip(start, layers, strict=True)]


@both_precisions
def test_the_gradient_is_that_of_the_formula(size):
    a, b, precisions = vectors(14, 2, 7), vectors(15, 3, 7), positive(16, 3, size)
    wanted = vectors(17, 2, 3)
    found = trained_a_step(a, b, precisions, wanted)
    point = [each.astype("float64") for each in (a, b, precisions)]
    for which, slope in enumerate(found):
        for index in np.ndindex(slope.shape):
            sides = []
            for step in (1e-5, -1e-5):
                moved = [each.copy() for each in point]
                moved[which][index] += step
                sides.append((by_hand(*(each[None] for each in moved))[0] * wanted).sum())
            np.testing.assert_allclose(slope[index], (sides[0] - sides[1]) / 2e-5, atol=1e-4)


@both_precisions
def test_the_gradient_is_zero_where_the_two_vectors_are_identical(size):
    a = vectors(18, 1, 7)
    for moved in trained_a_step(a, a.copy(), positive(19, 1, size), np.ones((1, 1))):
        np.testing.assert_array_equal(moved, 0)


@both_precisions
def test_the_gradient_is_finite_where_a_class_has_no_precision_or_is_very_far(size):
    a, b, precisions = vectors(20, 2, 7), vectors(21, 3, 7), positive(22, 3, size)
    assert all(
        np.isfinite(moved).all() for moved in trained_a_step(a, b, 0 * precisions, np.ones((2, 3)))
    )
    far = trained_a_step(1e3 * a, -1e3 * b, 1e3 * precisions, np.ones((2, 3)))
    assert all(np.isfinite(moved).all() for moved in far)


@both_precisions
@pytest.mark.parametrize("factor", [1e3, 1e6])
def test_very_long_distances_are_finite_and_correct(size, factor):
    x = (
        (factor * vectors(23, 2, 5, 7)).astype("float32"),
        vectors(24, 2, 3, 7),
        100 * positive(25, 2, 3, size),
    )
    np.testing.assert_allclose(distances(*x), by_hand(*x), rtol=1e-5)


@both_precisions
@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_gives_float32_without_overflow(policy, size, name):
    policy(name)
    a, b = (
        300 * np.ones((1, 2, 7), "float32"),
        -300 * np.ones((1, 3, 7), "float32"),
    )  # 7 * 600^2 overflows float16
    precisions = np.full((1, 3, size), 4, "float32")
    found = MahalanobisDistance()(a, b, precisions)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(found), by_hand(a, b, precisions), rtol=1e-5
    )


@both_precisions
def test_permuting_the_classes_permutes_the_columns_and_permuting_the_queries_the_rows(size):
    a, b, precisions = vectors(26, 2, 4, 6), vectors(27, 2, 5, 6), positive(28, 2, 5, min(size, 6))
    before, order, turn = distances(a, b, precisions), [3, 0, 4, 1, 2], [2, 0, 3, 1]
    np.testing.assert_allclose(
        distances(a, b[:, order], precisions[:, order]), before[:, :, order], rtol=1e-6
    )
    np.testing.assert_allclose(distances(a[:, turn], b, precisions), before[:, turn], rtol=1e-6)


@pytest.mark.parametrize("size", [1, 6])
def test_one_model_handles_any_number_of_queries_and_classes_and_survives_saving(size, tmp_path):
    inputs = [keras.Input((None, 6)), keras.Input((None, 6)), keras.Input((None, size))]
    model = keras.Model(inputs, MahalanobisDistance()(*inputs))
    model.save(tmp_path / "distance.keras")
    loaded = keras.models.load_model(tmp_path / "distance.keras", safe_mode=True)
    for episodes, queries, classes in ((1, 1, 1), (2, 7, 3), (3, 2, 20)):
        x = [
            vectors(29, episodes, queries, 6),
            vectors(30, episodes, classes, 6),
            positive(31, episodes, classes, size),
        ]
        found = keras.ops.convert_to_numpy(model(x))
        np.testing.assert_allclose(found, by_hand(*x), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(x)), found)


def test_config_restores_the_layer():
    layer = MahalanobisDistance(name="compare")
    again = MahalanobisDistance.from_config(layer.get_config())
    assert again.name == "compare" and again.get_config() == layer.get_config()


def test_the_computed_shape_matches_the_output_and_keeps_unknown_sizes():
    layer, x = (
        MahalanobisDistance(),
        (vectors(32, 2, 5, 7), vectors(33, 2, 3, 7), positive(34, 2, 3, 1)),
    )
    assert (
        layer.compute_output_shape(*(each.shape for each in x))
        == tuple(layer(*x).shape)
        == (2, 5, 3)
    )
    assert layer.compute_output_shape((None, None, 7), (None, None, 7), (None, None, 7)) == (
        None,
        None,
        None,
    )
    assert layer(keras.Input((5, 7)), keras.Input((3, 7)), keras.Input((None, 7))).shape == (
        None,
        5,
        3,
    )


@pytest.mark.parametrize(
    ("a", "b", "precisions"),
    [
        ((1, 5, 7), (1, 3, 6), (1, 3, 1)),  # a different D
        ((1, 5, 7), (1, 3, 7), (1, 3, 6)),  # precisions of other dimensions
        ((1, 5, 7), (1, 3, 7), (1, 5, 7)),  # precisions of the queries
        ((1, 5, 7), (3, 3, 7), (3, 3, 7)),  # a different number of episodes: never broadcast
        ((3, 5, 7), (3, 3, 7), (1, 3, 7)),
        ((5, 7), (1, 3, 7), (1, 3, 7)),  # no episode axis
        ((1, 5, 7), (1, 3, 7), (3, 7)),
        ((1, 5, 2, 2, 7), (1, 3, 2, 2, 7), (1, 3, 2, 2, 7)),  # feature maps
    ],
)
def test_wrong_shapes_raise_an_error_that_names_them(a, b, precisions):
    with pytest.raises(ValueError) as error:
        MahalanobisDistance()(np.zeros(a), np.zeros(b), np.ones(precisions))
    assert (
        "MahalanobisDistance expected query of shape (B, Q, D) and prototypes of shape (B, N, D)"
        in str(error.value)
    )
    assert f"query.shape={a}, prototypes.shape={b}, precisions.shape={precisions}" in str(
        error.value
    )
