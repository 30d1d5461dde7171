"""The contrastive loss against a loop over the formula."""

import keras
import numpy as np
import pytest

from fslkeras.losses import ContrastiveLoss

either_shape = pytest.mark.parametrize("shape", [(12,), (2, 15)])


def pairs(shape):
    """Labels, and distances between 0 and 2, on both sides of the margins used here."""
    rng = np.random.default_rng(0)
    return rng.integers(0, 2, shape).astype("float32"), (2 * rng.random(shape)).astype("float32")


def by_hand(y, d, margin):
    costs = [
        distance**2 if same == 1 else max(margin - distance, 0) ** 2
        for same, distance in zip(y.ravel(), d.ravel(), strict=True)
    ]
    return sum(costs) / len(costs)


def loss(y, d, margin=1.0):
    return float(ContrastiveLoss(margin)(y, d))


def distance_after_a_step(y, d, learning_rate=0.125):
    """A distance that is a weight (times an input of 1), after one step of gradient descent."""
    image = keras.Input((1,))
    distance = keras.layers.Dense(
        1, kernel_initializer=keras.initializers.Constant(d), use_bias=False
    )(image)
    model = keras.Model(image, distance)
    model.compile(keras.optimizers.SGD(learning_rate), loss=ContrastiveLoss(), run_eagerly=True)
    model.train_on_batch(np.ones((1, 1), "float32"), np.full((1, 1), y, "float32"))
    return model.get_weights()[0].item()


@either_shape
@pytest.mark.parametrize("margin", [0.5, 1, 1.5])
def test_it_is_the_mean_of_the_formula_over_all_pairs(shape, margin):
    y, d = pairs(shape)
    np.testing.assert_allclose(loss(y, d, margin), by_hand(y, d, margin), rtol=1e-5)


@pytest.mark.parametrize(
    ("y", "d", "expected"),
    [
        (1, 3.0, 9.0),  # same class: the squared distance, without the paper's 1/2
        (0, 0.5, 2.25),  # different classes: the square of what is missing to the margin of 2
        (0, 2.0, 0.0),  # at the margin
        (0, 5.0, 0.0),  # beyond it
        (0, 0.0, 4.0),
        (1, 0.0, 0.0),
    ],
)
def test_known_pairs_have_known_losses(y, d, expected):
    assert loss(np.array([y]), np.array([d]), margin=2.0) == expected


@pytest.mark.parametrize("reduction", ["none", "sum"])
@either_shape
def test_another_reduction_and_sample_weights_are_those_of_keras(shape, reduction):
    y, d = pairs(shape)
    weights = np.arange(y.size, dtype="float32").reshape(shape)
    found = keras.ops.convert_to_numpy(
        ContrastiveLoss(reduction=reduction)(y, d, sample_weight=weights)
    )
    each = [by_hand(y[i], d[i], margin=1) * weights[i] for i in np.ndindex(shape)]
    np.testing.assert_allclose(
        found, sum(each) if reduction == "sum" else np.reshape(each, shape), rtol=1e-5
    )


@pytest.mark.parametrize("kind", ["int64", "int32", "uint8", "bool", "float64", "float16"])
def test_labels_of_every_dtype_work_like_float32(kind):
    y, d = pairs((12,))
    assert loss(y.astype(kind), d) == loss(y, d)


def test_float16_distances_are_computed_in_float32():
    d = np.array([300.0, 0.5], "float16")  # 300^2 overflows float16
    found = ContrastiveLoss()(np.array([1, 0]), d)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    assert float(found) == (300**2 + 0.25) / 2


@pytest.mark.parametrize(
    ("y", "d", "slope"),
    [
        (1, 0.5, 1.0),  # 2 d
        (0, 0.5, -1.0),  # -2 (margin - d)
        (1, 0.0, 0.0),
        (0, 0.0, -2.0),
        (0, 1.0, 0.0),
        (0, 3.0, 0.0),
        (1, 3.0, 6.0),
    ],
)
def test_the_slope_is_that_of_the_formula_also_at_zero_and_zero_beyond_the_margin(y, d, slope):
    assert distance_after_a_step(y, d, learning_rate=0.125) == d - 0.125 * slope


@pytest.mark.parametrize("margin", [0, 0.0, -1, float("nan"), float("inf"), "a", None, True])
def test_a_margin_that_is_not_a_number_above_zero_raises_an_error(margin):
    with pytest.raises(
        ValueError,
        match=f"`margin` of .* Expected a finite number above 0. Received: margin={margin!r}",
    ):
        ContrastiveLoss(margin)


@pytest.mark.parametrize(
    ("y", "d"),
    [
        ((4,), (4, 1)),
        ((4, 1), (4,)),
        ((4,), (3,)),
        ((1,), (4,)),
        ((2, 3), (3, 2)),
        ((2, 3, 1), (2, 3, 4)),
    ],
)
def test_labels_and_distances_of_different_shapes_raise_an_error_that_names_them(y, d):
    # Broadcasting would average over (4, 4) unintended pairs.
    with pytest.raises(ValueError) as error:
        loss(np.ones(y), np.ones(d))
    assert f"y_true.shape={y}, y_pred.shape={d}" in str(error.value)


def test_fit_does_not_broadcast_labels_to_the_distances_either():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    model.compile("sgd", loss=ContrastiveLoss())
    with pytest.raises(ValueError, match=r"y_true.shape=\(.*, 1\), y_pred.shape=\(.*, 2\)"):
        model.fit(np.ones((4, 3)), np.ones((4, 1)), verbose=0)


@pytest.mark.parametrize("bad", [-1, 0.5, 2, float("nan")])
@pytest.mark.parametrize("kind", [np.array, list])
def test_a_label_other_than_0_and_1_raises_an_error_that_names_it(kind, bad):
    with pytest.raises(ValueError, match=f"expected `y_true` to be 1 .* Received: .*{bad}"):
        loss(kind([1, 0, bad]), np.ones(3))


def test_labels_may_be_a_tensor_and_call_returns_the_loss_of_each_pair():
    y, d = pairs((12,))
    tensor = keras.ops.convert_to_tensor(y)
    assert loss(tensor, d) == loss(y, d)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(ContrastiveLoss().call(tensor, keras.ops.convert_to_tensor(d))),
        [by_hand(one, other, margin=1) for one, other in zip(y[:, None], d[:, None], strict=True)],
        rtol=1e-6,
    )


def test_config_restores_the_loss():
    original = ContrastiveLoss(margin=1.5, name="twins", reduction="sum")
    again = keras.losses.deserialize(keras.losses.serialize(original))
    assert isinstance(again, ContrastiveLoss)
    assert (again.margin, again.name, again.reduction) == (1.5, "twins", "sum")
    assert again.get_config() == original.get_config()
    y, d = pairs((12,))
    assert float(again(y, d)) == float(original(y, d))


def test_fit_pulls_same_class_pairs_together_and_others_apart_and_continues_after_saving(
    tmp_path,
):
    # Input 0 is a same-class pair, input 1 a different-class pair; both distances are learned.
    x, y = np.tile(np.eye(2, dtype="float32"), (8, 1)), np.tile([[1], [0]], (8, 1))
    distance = keras.layers.Dense(
        1, use_bias=False, kernel_initializer=keras.initializers.Constant(0.5)
    )
    model = keras.Sequential([keras.Input((2,)), distance])
    model.compile(keras.optimizers.SGD(0.3), loss=ContrastiveLoss(margin=1.25))
    model.fit(x, y, batch_size=16, epochs=25, verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], [[0], [1.25]], atol=0.01)
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras", safe_mode=True)
    assert loaded.loss.margin == 1.25
    assert loaded.evaluate(x, y, verbose=0) == pytest.approx(model.evaluate(x, y, verbose=0))


def test_plain_lists_work_like_arrays():
    assert float(ContrastiveLoss()([1, 0], [0.5, 0.5])) == 0.25
