"""GaussianPrototypes against weighted means, one class and one dimension at a time."""

import keras
import numpy as np
import pytest

from fslkeras.layers import GaussianPrototypes, Prototypes

BALANCED, UNBALANCED, MIXED = [0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 1, 2, 2], [2, 0, 1, 1, 0, 2, 1]


def support(seed, labels, one_each=False, dimensions=6, episodes=2):
    """Embeddings (B, S, D), precisions above 0 (B, S, D or 1) and one-hot labels for labels[i]."""
    rng = np.random.default_rng(seed)
    embeddings = rng.normal(size=(episodes, len(labels), dimensions)).astype("float32")
    precisions = rng.uniform(0.1, 5, (episodes, len(labels), 1 if one_each else dimensions)).astype(
        "float32"
    )
    one_hot = np.eye(max(labels) + 1, dtype="float32")[labels]
    return embeddings, precisions, np.tile(one_hot, (episodes, 1, 1))


def by_hand(embeddings, precisions, labels):
    episodes, classes, dimensions = len(embeddings), labels.shape[2], embeddings.shape[2]
    means, sums = (
        np.zeros((episodes, classes, dimensions)),
        np.zeros((episodes, classes, precisions.shape[2])),
    )
    for e, c in np.ndindex(episodes, classes):
        members = [s for s in range(labels.shape[1]) if labels[e, s, c] == 1]
        for s in members:
            sums[e, c] += precisions[e, s]
        for d in range(dimensions):
            weights = [
                float(precisions[e, s, d if precisions.shape[2] > 1 else 0]) for s in members
            ]
            weighted = sum(
                w * float(embeddings[e, s, d]) for w, s in zip(weights, members, strict=True)
            )
            means[e, c, d] = weighted / sum(weights) if members else 0
    return means, sums


def gather(embeddings, precisions, labels):
    return [
        keras.ops.convert_to_numpy(each)
        for each in GaussianPrototypes()(embeddings, precisions, labels)
    ]


def assert_close(found, expected, **tolerance):
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, **{"rtol": 1e-4, "atol": 1e-5, **tolerance})


both_precisions = pytest.mark.parametrize("one_each", [True, False])


@both_precisions
@pytest.mark.parametrize("labels", [BALANCED, UNBALANCED, MIXED, [0, 1, 2, 3], [0, 2, 2]])
def test_a_prototype_is_the_mean_weighted_by_precision_and_a_classs_precision_the_sum_of_its_images(
    labels, one_each
):
    x = support(1, labels, one_each)
    found = gather(*x)
    assert found[1].shape == (2, max(labels) + 1, 1 if one_each else 6)
    assert_close(found, by_hand(*x))


@both_precisions
def test_a_single_image_is_its_prototype_however_precise_it_is(one_each):
    embeddings, precisions, labels = support(2, [0, 1, 2, 3], one_each)
    assert_close(gather(embeddings, precisions, labels), (embeddings, precisions), rtol=1e-6)


@both_precisions
@pytest.mark.parametrize("precision", [0.25, 1.0, 37.0])
def test_equal_precisions_give_the_plain_mean(precision, one_each):
    embeddings, precisions, labels = support(3, UNBALANCED, one_each)
    means, sums = gather(embeddings, np.full_like(precisions, precision), labels)
    np.testing.assert_allclose(
        means, keras.ops.convert_to_numpy(Prototypes()(embeddings, labels)), atol=1e-5
    )
    np.testing.assert_allclose(sums[0, :, 0], precision * np.array([1, 4, 2]), rtol=1e-6)


def test_one_precision_per_image_applies_to_every_dimension():
    embeddings, precisions, labels = support(4, UNBALANCED, one_each=True)
    means, sums = gather(embeddings, precisions, labels)
    assert_close(
        gather(embeddings, precisions.repeat(6, axis=2), labels), (means, sums.repeat(6, axis=2))
    )


def test_an_imprecise_image_hardly_counts_and_a_very_precise_one_dominates():
    embeddings, precisions, labels = support(5, [0, 0, 0], one_each=True, episodes=1)
    for unsure in ((0, 1), (1,)):
        precisions[:] = 1
        precisions[:, unsure] = 1e-7
        sure = [s for s in range(3) if s not in unsure]
        expected = embeddings[:, sure].mean(axis=1, keepdims=True)
        np.testing.assert_allclose(gather(embeddings, precisions, labels)[0], expected, atol=1e-5)


@both_precisions
def test_permuting_the_support_changes_nothing_and_permuting_the_classes_permutes_both(one_each):
    x = support(6, UNBALANCED, one_each)
    before, order = gather(*x), np.random.default_rng(4).permutation(len(UNBALANCED))
    assert_close(gather(*(each[:, order] for each in x)), before)
    turned = gather(*x[:2], x[2][:, :, [2, 0, 1]])
    assert_close(turned, [each[:, [2, 0, 1]] for each in before])


@both_precisions
def test_a_class_without_images_has_zeros_in_both_and_does_not_affect_the_others(one_each):
    embeddings, precisions, labels = support(7, [0, 2, 2], one_each)
    means, sums = gather(embeddings, precisions, labels)
    np.testing.assert_array_equal(means[:, 1], 0)
    np.testing.assert_array_equal(sums[:, 1], 0)
    without = gather(embeddings, precisions, labels[:, :, [0, 2]])
    assert_close((means[:, [0, 2]], sums[:, [0, 2]]), without)


def test_integer_labels_work_like_floats():
    embeddings, precisions, labels = support(8, MIXED)
    assert_close(
        gather(embeddings, precisions, labels.astype("int32")),
        gather(embeddings, precisions, labels),
        rtol=0,
    )


@both_precisions
@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_gives_float32_without_overflow(policy, name, one_each):
    policy(name)
    embeddings = np.full((1, 4, 3), 30_000, "float32")
    precisions = np.full(
        (1, 4, 1 if one_each else 3), 1000, "float32"
    )  # the products overflow float16
    found = GaussianPrototypes()(
        embeddings, precisions, np.eye(2, dtype="float32")[[0, 0, 0, 1]][None]
    )
    assert [keras.backend.standardize_dtype(each.dtype) for each in found] == ["float32"] * 2
    means, sums = (keras.ops.convert_to_numpy(each) for each in found)
    np.testing.assert_allclose(means, 30_000, rtol=1e-6)
    np.testing.assert_allclose(sums[0, :, 0], [3000, 1000])


def trained_a_step(embeddings, precisions, labels, of_means, of_sums):
    """How far a step of gradient descent of size 1 moves embeddings and precisions, as weights.

    The loss is the sum of the means times `of_means` and of the precisions times `of_sums`.
    """
    images = len(embeddings)
    inputs = [
        keras.Input((images, images)),
        keras.Input((images, images)),
        keras.Input(labels.shape),
    ]
    dense = [keras.layers.Dense(each.shape[1], use_bias=False) for each in (embeddings, precisions)]
    outputs = GaussianPrototypes()(dense[0](inputs[0]), dense[1](inputs[1]), inputs[2])
    model = keras.Model(inputs, keras.ops.concatenate(outputs, axis=-1))
    model.set_weights([embeddings, precisions])
    model.compile(
        keras.optimizers.SGD(1.0),
        loss=lambda wanted, found: keras.ops.sum(wanted * found),
        run_eagerly=True,
    )
    wanted = np.concatenate([of_means, of_sums], axis=-1)[None].astype("float32")
    eye = np.eye(images, dtype="float32")[None]
    model.train_on_batch([eye, eye, labels[None]], wanted)
    return [
        before - after
        for before, after in zip((embeddings, precisions), model.get_weights(), strict=True)
    ]


@both_precisions
def test_the_gradient_is_that_of_the_formula_even_next_to_an_empty_class(one_each):
    embeddings, precisions, labels = (
        each[0] for each in support(9, [0, 2, 2, 0, 2], one_each, dimensions=3)
    )
    rng = np.random.default_rng(9)
    wanted = rng.normal(size=(3, 3)), rng.normal(size=(3, precisions.shape[1]))

    def loss(embeddings, precisions):
        found = by_hand(embeddings[None], precisions[None], labels[None])
        return sum((each[0] * weights).sum() for each, weights in zip(found, wanted, strict=True))

    point = embeddings.astype("float64"), precisions.astype("float64")
    found = trained_a_step(embeddings, precisions, labels, *wanted)
    for which, slope in enumerate(found):
        for index in np.ndindex(slope.shape):
            up, down = ([each.copy() for each in point] for _ in range(2))
            up[which][index] += 1e-5
            down[which][index] -= 1e-5
            np.testing.assert_allclose(slope[index], (loss(*up) - loss(*down)) / 2e-5, atol=1e-4)


@both_precisions
@pytest.mark.parametrize("size", [1e-3, 1e3, 1e6])
def test_values_and_gradients_are_finite_whatever_the_size_of_embeddings_and_precisions(
    one_each, size
):
    embeddings, precisions, labels = support(10, [0, 2, 2, 0], one_each, dimensions=3)
    x = size * embeddings, size * precisions, labels
    assert_close(gather(*x), by_hand(*x), atol=1e-4 * size)
    moved = trained_a_step(
        *(each[0] for each in x), np.ones((3, 3)), np.ones((3, precisions.shape[2]))
    )
    assert all(np.isfinite(each).all() for each in moved)


@both_precisions
def test_one_model_handles_any_way_and_shot_and_survives_saving(tmp_path, one_each):
    inputs = [
        keras.Input(shape) for shape in ((None, 6), (None, 1 if one_each else 6), (None, None))
    ]
    model = keras.Model(inputs, GaussianPrototypes()(*inputs))
    model.save(tmp_path / "gaussian.keras")
    loaded = keras.models.load_model(tmp_path / "gaussian.keras", safe_mode=True)
    for support_labels, episodes in (
        (BALANCED, 1),
        (UNBALANCED, 3),
        ([0], 2),
        (list(range(20)), 2),
    ):
        x = list(support(11, support_labels, one_each, episodes=episodes))
        found = [keras.ops.convert_to_numpy(each) for each in model(x)]
        assert_close(found, by_hand(*x))
        assert_close(
            [keras.ops.convert_to_numpy(each) for each in loaded(x)], found, rtol=0, atol=0
        )


def test_config_restores_the_layer():
    layer = GaussianPrototypes(name="weighted_means")
    again = GaussianPrototypes.from_config(layer.get_config())
    assert again.get_config() == layer.get_config() and again.name == "weighted_means"


@both_precisions
def test_the_computed_shape_matches_the_output_and_keeps_unknown_sizes(one_each):
    x, size = support(13, UNBALANCED, one_each), 1 if one_each else 6
    computed = GaussianPrototypes().compute_output_shape(*(each.shape for each in x))
    assert (
        computed
        == tuple(tuple(each.shape) for each in GaussianPrototypes()(*x))
        == ((2, 3, 6), (2, 3, size))
    )
    symbolic = GaussianPrototypes()(
        keras.Input((None, 6)), keras.Input((None, size)), keras.Input((None, None))
    )
    assert [each.shape for each in symbolic] == [(None, None, 6), (None, None, size)]


@pytest.mark.parametrize(
    ("embeddings", "precisions", "labels"),
    [
        ((6, 4), (6, 1), (6, 3)),  # no episode axis
        ((1, 6, 2, 2, 4), (1, 6, 4), (1, 6, 3)),  # feature maps
        ((1, 6, 4), (1, 6), (1, 6, 3)),  # a precision without its axis
        ((1, 6, 4), (1, 6, 4), (1, 6)),  # class numbers
        ((1, 6, 4), (1, 6, 3), (1, 6, 3)),  # precisions of other dimensions
        ((1, 6, 4), (1, 5, 4), (1, 6, 3)),  # one precision too few
        ((1, 6, 4), (1, 6, 1), (1, 5, 3)),  # one label too few
        ((2, 6, 4), (1, 6, 4), (2, 6, 3)),  # a different number of episodes
    ],
)
def test_wrong_shapes_raise_an_error_that_names_them(embeddings, precisions, labels):
    with pytest.raises(ValueError) as error:
        GaussianPrototypes()(np.zeros(embeddings), np.ones(precisions), np.zeros(labels))
    assert (
        "GaussianPrototypes expected embeddings of shape (B, S, D) and precisions of shape (B, S, "
        in str(error.value)
    )
    received = (
        f"embeddings.shape={embeddings}, precisions.shape={precisions}, labels.shape={labels}"
    )
    assert f"Received: {received}" in str(error.value)


def test_fewer_images_than_classes_raise_an_error():
    with pytest.raises(
        ValueError, match="one support image per class. Received: 2 images for 3 classes"
    ):
        GaussianPrototypes()(np.zeros((1, 2, 4)), np.ones((1, 2, 1)), np.zeros((1, 2, 3)))
