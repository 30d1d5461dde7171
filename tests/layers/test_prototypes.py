"""Prototypes against the mean of each class, one class at a time."""

import keras
import numpy as np
import pytest

from fslkeras.layers import Prototypes


def support(seed, labels, dimensions=6, episodes=2):
    """Embeddings (B, S, D) and one-hot labels (B, S, N) of images of the classes labels[i]."""
    embeddings = (
        np.random.default_rng(seed)
        .normal(size=(episodes, len(labels), dimensions))
        .astype("float32")
    )
    one_hot = np.eye(max(labels) + 1, dtype="float32")[labels]
    return embeddings, np.tile(one_hot, (episodes, 1, 1))


def by_hand(embeddings, labels):
    prototypes = np.zeros((len(embeddings), labels.shape[2], embeddings.shape[2]))
    for episode in range(len(embeddings)):
        for c in range(labels.shape[2]):
            members = [
                embeddings[episode, s] for s in range(labels.shape[1]) if labels[episode, s, c] == 1
            ]
            prototypes[episode, c] = sum(members) / len(members)
    return prototypes


def prototypes(embeddings, labels):
    return keras.ops.convert_to_numpy(Prototypes()(embeddings, labels))


BALANCED, UNBALANCED, MIXED = [0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 1, 2, 2], [2, 0, 1, 1, 0, 2, 1]


@pytest.mark.parametrize("labels", [BALANCED, UNBALANCED, MIXED])
def test_a_prototype_is_the_mean_of_its_class_however_many_images_it_has(labels):
    embeddings, labels = support(1, labels)
    np.testing.assert_allclose(
        prototypes(embeddings, labels), by_hand(embeddings, labels), rtol=1e-5, atol=1e-6
    )


def test_with_one_image_per_class_the_prototypes_are_the_images():
    embeddings, labels = support(2, [0, 1, 2, 3])
    np.testing.assert_array_equal(prototypes(embeddings, labels), embeddings)


def test_a_class_without_images_has_a_prototype_of_zeros_and_does_not_affect_the_others():
    embeddings, labels = support(3, [0, 2, 2])
    found = prototypes(embeddings, labels)
    np.testing.assert_array_equal(found[:, 1], 0)
    np.testing.assert_allclose(found[:, 2], embeddings[:, 1:].mean(axis=1), rtol=1e-6)


def test_permuting_the_support_changes_nothing():
    embeddings, labels = support(4, UNBALANCED)
    order = np.random.default_rng(4).permutation(len(UNBALANCED))
    np.testing.assert_allclose(
        prototypes(embeddings[:, order], labels[:, order]),
        prototypes(embeddings, labels),
        atol=1e-6,
    )


def test_permuting_the_classes_permutes_the_prototypes():
    embeddings, labels = support(5, UNBALANCED)
    np.testing.assert_allclose(
        prototypes(embeddings, labels[:, :, [2, 0, 1]]),
        prototypes(embeddings, labels)[:, [2, 0, 1]],
        atol=1e-6,
    )


@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_gives_float32_without_overflow(policy, name):
    policy(name)
    embeddings = np.full((1, 4, 3), 30_000, "float32")  # three of them overflow float16
    labels = np.eye(2, dtype="float32")[[0, 0, 0, 1]][None]
    found = Prototypes()(embeddings, labels)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), 30_000)


def test_integer_labels_work_like_floats():
    embeddings, labels = support(6, MIXED)
    np.testing.assert_array_equal(
        prototypes(embeddings, labels.astype("int32")), prototypes(embeddings, labels)
    )


def test_the_gradient_is_each_images_share_of_the_mean_even_next_to_an_empty_class():
    # Each embedding is a weight, and the loss is the sum of the prototypes, so the gradient is 1
    # over the number of images of the class.
    image = keras.Input((3, 3))
    labels = keras.Input((3, 3))
    model = keras.Model(
        [image, labels], Prototypes()(keras.layers.Dense(1, use_bias=False)(image), labels)
    )
    model.compile(keras.optimizers.SGD(1.0), loss="mean_absolute_error", run_eagerly=True)
    before = model.get_weights()[0].copy()
    one_hot = np.eye(3, dtype="float32")[[0, 0, 2]][None]
    model.train_on_batch(
        [np.eye(3, dtype="float32")[None], one_hot], np.full((1, 3, 1), 100.0, "float32")
    )
    np.testing.assert_allclose(
        model.get_weights()[0] - before, np.array([[0.5], [0.5], [1]]) / 3, atol=1e-5
    )


def test_one_model_handles_any_way_and_shot_and_survives_saving(tmp_path):
    embeddings, labels = keras.Input((None, 6)), keras.Input((None, None))
    model = keras.Model([embeddings, labels], Prototypes()(embeddings, labels))
    model.save(tmp_path / "prototypes.keras")
    loaded = keras.models.load_model(tmp_path / "prototypes.keras", safe_mode=True)
    for support_labels, episodes in (
        (BALANCED, 1),
        (UNBALANCED, 3),
        ([0], 2),
        (list(range(20)), 2),
    ):
        x = list(support(7, support_labels, episodes=episodes))
        found = keras.ops.convert_to_numpy(model(x))
        np.testing.assert_allclose(found, by_hand(*x), rtol=1e-5, atol=1e-6)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(x)), found)


def test_config_restores_the_layer():
    layer = Prototypes(name="means")
    assert Prototypes.from_config(layer.get_config()).get_config() == layer.get_config()


def test_the_computed_shape_matches_the_output_and_keeps_unknown_sizes():
    embeddings, labels = support(8, UNBALANCED)
    assert Prototypes().compute_output_shape(embeddings.shape, labels.shape) == (2, 3, 6)
    assert tuple(Prototypes()(embeddings, labels).shape) == (2, 3, 6)
    assert Prototypes()(keras.Input((None, 6)), keras.Input((None, None))).shape == (None, None, 6)


@pytest.mark.parametrize(
    ("embeddings", "labels"),
    [
        ((1, 6, 4), (1, 5, 3)),  # one label too few
        ((2, 6, 4), (1, 6, 3)),  # a different number of episodes
        ((6, 4), (6, 3)),  # no episode axis
        ((1, 6, 4), (1, 6)),  # class numbers
        ((1, 6), (1, 6, 3)),  # no embedding axis
        ((1, 6, 2, 2, 4), (1, 5, 3)),  # feature maps, and a label too few
    ],
)
def test_wrong_shapes_raise_an_error_that_names_them(embeddings, labels):
    with pytest.raises(ValueError, match="Prototypes expected embeddings of shape") as error:
        Prototypes()(np.zeros(embeddings), np.zeros(labels))
    assert f"Received: embeddings.shape={embeddings}, labels.shape={labels}" in str(error.value)


def test_fewer_images_than_classes_raise_an_error():
    with pytest.raises(
        ValueError, match="one support image per class. Received: 2 images for 3 classes"
    ):
        Prototypes()(np.zeros((1, 2, 4)), np.zeros((1, 2, 3)))


# --- Sums, and feature maps


def maps_by_hand(maps, labels, reduction):
    found = np.zeros((len(maps), labels.shape[2], *maps.shape[2:]))
    for e, c in np.ndindex(found.shape[:2]):
        members = [maps[e, s] for s in range(labels.shape[1]) if labels[e, s, c] == 1]
        if members:
            found[e, c] = sum(members) / (len(members) if reduction == "mean" else 1)
    return found


def support_of_maps(seed, labels, *shape, episodes=2):
    maps = (
        np.random.default_rng(seed).normal(size=(episodes, len(labels), *shape)).astype("float32")
    )
    return maps, support(0, labels, episodes=episodes)[1]


both_reductions = pytest.mark.parametrize("reduction", ["mean", "sum"])


@both_reductions
@pytest.mark.parametrize("labels", [BALANCED, UNBALANCED, MIXED, [0, 2, 2]])
@pytest.mark.parametrize("shape", [(6,), (4, 6), (3, 4, 6)])
def test_vectors_and_feature_maps_are_averaged_or_added_up_class_by_class(reduction, labels, shape):
    maps, labels = support_of_maps(9, labels, *shape)
    layer, expected = Prototypes(reduction), maps_by_hand(maps, labels, reduction)
    found = layer(maps, labels)
    assert (
        tuple(found.shape) == expected.shape == layer.compute_output_shape(maps.shape, labels.shape)
    )
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), expected, rtol=1e-5, atol=1e-5)


@both_reductions
def test_permuting_the_images_of_maps_changes_nothing_and_permuting_the_classes_permutes_them(
    reduction,
):
    maps, labels = support_of_maps(10, UNBALANCED, 3, 4, 6)
    layer, order = Prototypes(reduction), np.random.default_rng(0).permutation(len(UNBALANCED))
    before = keras.ops.convert_to_numpy(layer(maps, labels))
    mixed = keras.ops.convert_to_numpy(layer(maps[:, order], labels[:, order]))
    np.testing.assert_allclose(mixed, before, atol=1e-5)
    turned = keras.ops.convert_to_numpy(layer(maps, labels[:, :, [2, 0, 1]]))
    np.testing.assert_allclose(turned, before[:, [2, 0, 1]], atol=1e-6)


@both_reductions
def test_one_model_of_maps_answers_any_way_and_shot_and_survives_saving(tmp_path, reduction):
    maps, labels = keras.Input((None, 3, 4, 6)), keras.Input((None, None))
    model = keras.Model([maps, labels], Prototypes(reduction)(maps, labels))
    assert model.output_shape == (None, None, 3, 4, 6)
    model.save(tmp_path / "prototypes.keras")
    loaded = keras.models.load_model(tmp_path / "prototypes.keras", safe_mode=True)
    for support_labels, episodes in (
        (BALANCED, 1),
        (UNBALANCED, 3),
        ([0], 2),
        (list(range(20)), 2),
    ):
        x = list(support_of_maps(11, support_labels, 3, 4, 6, episodes=episodes))
        found = keras.ops.convert_to_numpy(model(x))
        np.testing.assert_allclose(found, maps_by_hand(*x, reduction), rtol=1e-5, atol=1e-5)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(x)), found)


@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_a_sum_beyond_float16_is_finite_under_mixed_precision(policy, name):
    policy(name)
    found = Prototypes("sum")(
        np.full((1, 4, 2, 2, 3), 30_000, "float32"), np.ones((1, 4, 1), "float32")
    )
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), 120_000)


def test_the_reduction_is_in_the_config_and_is_the_mean_where_none_is_named():
    assert Prototypes.from_config(Prototypes("sum").get_config()).reduction == "sum"
    assert Prototypes.from_config({"name": "from_an_older_file"}).reduction == "mean"


def test_an_unknown_reduction_raises_an_error_that_lists_the_known_ones():
    with pytest.raises(ValueError, match="{'mean', 'sum'}. Received: reduction='median'"):
        Prototypes("median")
