"""Distance against loops over the formula."""

import keras
import numpy as np
import pytest

from fslkeras.layers import Distance

METRICS = ("squared_euclidean", "euclidean", "manhattan", "cosine")

every_metric = pytest.mark.parametrize("metric", METRICS)


def by_hand(metric, a, b):
    """The distance of two vectors."""
    if metric == "squared_euclidean":
        return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))
    if metric == "euclidean":
        return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
    if metric == "manhattan":
        return sum(abs(x - y) for x, y in zip(a, b, strict=True))
    return 1 - np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))


def vectors(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def distances(metric, a, b):
    return keras.ops.convert_to_numpy(Distance(metric)(a, b))


@every_metric
def test_each_distance_is_the_formula_of_its_two_vectors(metric):
    a, b = vectors(1, 2, 5, 7), vectors(2, 2, 3, 7)
    expected = [
        [[by_hand(metric, query, point) for point in b[e]] for query in a[e]] for e in range(2)
    ]
    assert distances(metric, a, b).shape == (2, 5, 3)
    np.testing.assert_allclose(distances(metric, a, b), expected, rtol=1e-5, atol=1e-6)


def test_squared_euclidean_is_the_sum_over_the_dimensions_not_the_mean():
    assert distances("squared_euclidean", np.zeros((1, 1, 8)), np.ones((1, 1, 8))).tolist() == [
        [[8.0]]
    ]


def test_squared_euclidean_keeps_the_distance_of_long_vectors_that_are_close():
    # Here, |a|^2 - 2ab + |b|^2 in float32 gives 0 or 0.0625.
    a = np.full((1, 1, 4), 1000.0, "float32")
    b = a + np.float32(0.0625)
    assert distances("squared_euclidean", a, b).item() == 4 * 0.0625**2


@every_metric
def test_distances_are_nonnegative_and_zero_from_a_vector_to_itself(metric):
    a = vectors(3, 1, 200, 64)
    found = distances(metric, a, a)
    assert found.min() >= 0
    np.testing.assert_allclose(np.diagonal(found, axis1=1, axis2=2), 0, atol=1e-6)


def test_cosine_ignores_length_and_is_one_for_a_vector_of_zeros():
    a = vectors(4, 1, 3, 5)
    np.testing.assert_allclose(
        distances("cosine", a, 1000 * a), distances("cosine", a, a), atol=1e-6
    )
    np.testing.assert_array_equal(distances("cosine", np.zeros((1, 1, 5)), a), np.ones((1, 1, 3)))


@every_metric
@pytest.mark.parametrize("start", [0.0, 1.0])
def test_the_gradient_is_zero_or_finite_where_the_two_vectors_are_identical(metric, start):
    # Both vectors are the same weights (times an input of 1), so the gradient should be zero.
    image = keras.Input((1,))
    vector = keras.layers.Dense(
        4, kernel_initializer=keras.initializers.Constant(start), use_bias=False
    )(image)
    a, b = keras.layers.Reshape((1, 4))(vector), keras.layers.Reshape((1, 4))(vector)
    model = keras.Model(image, Distance(metric)(a, b))
    model.compile(keras.optimizers.SGD(0.1), loss="mean_absolute_error", run_eagerly=True)
    before = model.get_weights()[0].copy()
    model.train_on_batch(np.ones((2, 1), "float32"), np.full((2, 1, 1), 3.0, "float32"))
    np.testing.assert_allclose(model.get_weights()[0], before, atol=1e-6)


@every_metric
def test_the_gradient_is_bounded_from_a_vector_of_zeros_to_another(metric):
    image = keras.Input((1,))
    vector = keras.layers.Dense(4, kernel_initializer="zeros", use_bias=False)(image)
    a = keras.layers.Reshape((1, 4))(vector)
    b = keras.Input((2, 4))
    model = keras.Model([image, b], Distance(metric)(a, b))
    model.compile(keras.optimizers.SGD(0.1), loss="mean_squared_error", run_eagerly=True)
    targets = np.stack([np.zeros((2, 4)), np.ones((2, 4))]).astype("float32")
    model.train_on_batch([np.ones((2, 1), "float32"), targets], np.full((2, 1, 2), 3.0, "float32"))
    weights = model.get_weights()[0]
    assert np.isfinite(weights).all() and np.abs(weights).max() < 10


@every_metric
@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_gives_float32_without_overflow(policy, metric, name):
    policy(name)
    a, b = (
        300 * np.ones((1, 2, 64), "float32"),
        -300 * np.ones((1, 3, 64), "float32"),
    )  # 64 * 600^2 overflows float16
    found = Distance(metric)(a, b)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(found), by_hand(metric, a[0, 0], b[0, 0]), rtol=1e-5
    )


@every_metric
def test_permuting_the_classes_permutes_the_columns(metric):
    a, b, order = vectors(5, 2, 4, 6), vectors(6, 2, 5, 6), [3, 0, 4, 1, 2]
    np.testing.assert_allclose(
        distances(metric, a, b[:, order]), distances(metric, a, b)[:, :, order], rtol=1e-6
    )


@every_metric
def test_one_model_handles_any_number_of_queries_and_classes_and_survives_saving(metric, tmp_path):
    a, b = keras.Input((None, 6)), keras.Input((None, 6))
    model = keras.Model([a, b], Distance(metric)(a, b))
    model.save(tmp_path / "distance.keras")
    loaded = keras.models.load_model(tmp_path / "distance.keras", safe_mode=True)
    for episodes, queries, classes in ((1, 1, 1), (2, 7, 3), (3, 2, 20)):
        x = [vectors(7, episodes, queries, 6), vectors(8, episodes, classes, 6)]
        found = keras.ops.convert_to_numpy(model(x))
        assert found.shape == (episodes, queries, classes)
        np.testing.assert_allclose(found, distances(metric, *x), rtol=1e-6)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(x)), found)


@every_metric
def test_config_restores_the_layer(metric):
    layer = Distance(metric, name="compare")
    again = Distance.from_config(layer.get_config())
    assert (again.metric, again.name, again.get_config()) == (metric, "compare", layer.get_config())


def test_the_computed_shape_matches_the_output_and_keeps_unknown_sizes():
    a, b = vectors(9, 2, 5, 7), vectors(9, 2, 3, 7)
    assert Distance().compute_output_shape(a.shape, b.shape) == tuple(Distance()(a, b).shape)
    assert Distance().compute_output_shape((None, None, 7), (None, None, 7)) == (None, None, None)
    assert Distance()(keras.Input((5, 7)), keras.Input((3, 7))).shape == (None, 5, 3)


def test_an_unknown_metric_raises_an_error_that_lists_the_known_ones():
    with pytest.raises(ValueError) as error:
        Distance("hamming")
    assert all(metric in str(error.value) for metric in (*METRICS, "hamming"))


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
        Distance()(np.zeros(a), np.zeros(b))
    assert "Distance expected query of shape (B, Q, D) and prototypes of shape (B, N, D)" in str(
        error.value
    )
    assert f"query.shape={a}, prototypes.shape={b}" in str(error.value)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_another_number_of_episodes_raises_an_error_instead_of_broadcasting(metric):
    with pytest.raises(ValueError, match=r"query.shape=\(1, 2, 7\), prototypes.shape=\(3, 3, 7\)"):
        Distance(metric)(np.zeros((1, 2, 7)), np.zeros((3, 3, 7)))
