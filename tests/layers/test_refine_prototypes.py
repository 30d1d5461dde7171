"""RefinePrototypes against the paper's equations, one class and one unlabeled image at a time."""

import keras
import numpy as np
import pytest

from fslkeras.layers import RefinePrototypes

METHODS = ("soft", "cluster", "masked")
BALANCED, UNBALANCED, MIXED = [0, 0, 1, 1, 2, 2], [0, 1, 1, 1, 1, 2, 2], [2, 0, 1, 1, 0, 2, 1]

every_method = pytest.mark.parametrize("method", METHODS)


def episode(seed, labels=UNBALANCED, images=8, dimensions=4, episodes=2, size=0.7):
    """Prototypes (B, N, D) of the classes labels[i], unlabeled images (B, U, D), and labels."""
    rng = np.random.default_rng(seed)
    labels = np.tile(np.eye(max(labels) + 1, dtype="float32")[labels], (episodes, 1, 1))
    support = size * rng.normal(size=(*labels.shape[:2], dimensions))
    sums, numbers = np.einsum("bsn,bsd->bnd", labels, support), labels.sum(axis=1)[..., None]
    unlabelled = size * rng.normal(size=(episodes, images, dimensions))
    return (sums / np.maximum(numbers, 1)).astype("float32"), unlabelled.astype("float32"), labels


def layer_of(method, seed=1, **options):
    """A layer with weights unlike the initial ones, as after some training."""
    layer, rng = RefinePrototypes(method, **options), np.random.default_rng(seed)
    layer.build((None, None, 4), (None, None, 4), (None, None, None))
    layer.set_weights([0.6 * rng.normal(size=weight.shape) for weight in layer.weights])
    return layer


def settings_by_hand(layer, distances):
    """Threshold and slope of one class's mask, from distances (U,) over their mean."""
    mean, images = sum(distances) / len(distances), len(distances)
    variance = sum((d - mean) ** 2 for d in distances) / images
    deviation = variance**0.5 if variance > 0 else 1
    skewness = sum(((d - mean) / deviation) ** 3 for d in distances) / images
    kurtosis = sum(((d - mean) / deviation) ** 4 for d in distances) / images - 3
    statistics = np.array([min(distances), max(distances), variance, skewness, kurtosis])
    (kernel, bias), (kernel2, bias2) = layer.hidden.get_weights(), layer.settings.get_weights()
    threshold, slope = np.exp(np.tanh(statistics @ kernel + bias) @ kernel2 + bias2)
    return threshold, slope


def distances_by_hand(prototypes, unlabelled):
    """(U, N), and the same divided by each class's mean."""
    distances = np.array(
        [[((image - prototype) ** 2).sum() for prototype in prototypes] for image in unlabelled]
    )
    means = [sum(column) / len(column) for column in distances.T]
    return distances, np.array(
        [[d / m if m > 0 else d for d, m in zip(row, means, strict=True)] for row in distances]
    )


def all_settings_by_hand(layer, prototypes, unlabelled):
    normalized = [distances_by_hand(*each)[1] for each in zip(prototypes, unlabelled, strict=True)]
    return [[settings_by_hand(layer, of_class) for of_class in each.T] for each in normalized]


def by_hand(layer, prototypes, unlabelled, labels, settings=None):
    """The refined prototypes, with computed thresholds and slopes of the masks, or `settings`."""
    prototypes, unlabelled, labels = (
        each.astype("float64") for each in (prototypes, unlabelled, labels)
    )
    if layer.method == "masked" and settings is None:
        settings = all_settings_by_hand(layer, prototypes, unlabelled)
    refined = np.zeros(prototypes.shape)
    for e in range(len(prototypes)):
        distances, normalized = distances_by_hand(prototypes[e], unlabelled[e])
        weights, sums = labels[e].sum(axis=0), labels[e].sum(axis=0)[:, None] * prototypes[e]
        for u, image in enumerate(unlabelled[e]):
            logits = list(-distances[u])
            if layer.method == "cluster":
                log_scale = float(keras.ops.convert_to_numpy(layer.log_scale))
                logits.append(-(image @ image) / np.exp(log_scale) ** 2 - log_scale)
            powers = np.exp(np.array(logits) - max(logits))
            for c in range(len(prototypes[e])):
                share = powers[c] / powers.sum()
                if layer.method == "masked":
                    threshold, slope = settings[e][c]
                    share = share / (1 + np.exp(-slope * (threshold - normalized[u, c])))
                sums[c], weights[c] = sums[c] + share * image, weights[c] + share
        refined[e] = sums / weights[:, None]
    return refined


def refined(layer, prototypes, unlabelled, labels):
    return keras.ops.convert_to_numpy(layer(prototypes, unlabelled, labels))


@every_method
@pytest.mark.parametrize("labels", [BALANCED, UNBALANCED, MIXED, [0, 1, 2, 3]])
@pytest.mark.parametrize("images", [1, 2, 8])
def test_the_prototypes_are_those_of_the_equations(method, labels, images):
    layer, x = layer_of(method), episode(1, labels, images)
    expected = by_hand(layer, *x)
    assert np.abs(expected - x[0]).max() > 0.01
    np.testing.assert_allclose(refined(layer, *x), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_masks_follow_the_statistics_and_differ_between_classes(seed):
    layer, (prototypes, unlabelled, _) = layer_of("masked", seed), episode(2 + seed)
    distances = np.stack(
        [distances_by_hand(*each)[0] for each in zip(prototypes, unlabelled, strict=True)]
    )
    found, settings = (
        keras.ops.convert_to_numpy(layer.mask(keras.ops.convert_to_tensor(distances, "float32"))),
        all_settings_by_hand(layer, prototypes, unlabelled),
    )
    assert np.std(settings) > 0.01 and found.std() > 0.01 and found.min() >= 0 and found.max() <= 1
    for e, u, c in np.ndindex(found.shape):
        (threshold, slope), d = settings[e][c], distances[e, u, c] / distances[e, :, c].mean()
        np.testing.assert_allclose(
            found[e, u, c], 1 / (1 + np.exp(-slope * (threshold - d))), rtol=1e-3, atol=1e-5
        )


def test_a_new_mask_cuts_gently_at_the_mean_distance():
    keras.utils.set_random_seed(0)
    layer, x = RefinePrototypes("masked"), episode(7)
    once = [[(1.0, 1.0)] * 3] * 2
    np.testing.assert_allclose(refined(layer, *x), by_hand(layer, *x, settings=once), atol=0.02)


def test_only_learned_parameters_are_weights():
    x = episode(8)
    for method, shapes in (
        ("soft", []),
        ("cluster", [()]),
        ("masked", [(5, 20), (20,), (20, 2), (2,)]),
    ):
        layer = RefinePrototypes(method)
        layer(*x)
        assert [tuple(weight.shape) for weight in layer.trainable_weights] == shapes
        assert len(layer.weights) == len(shapes)


@every_method
def test_the_order_of_images_does_not_matter_and_the_order_of_classes_is_kept(
    method,
):
    layer, (prototypes, unlabelled, labels) = layer_of(method), episode(9)
    before, rng = refined(layer, prototypes, unlabelled, labels), np.random.default_rng(0)
    np.testing.assert_allclose(
        refined(layer, prototypes, unlabelled, labels[:, rng.permutation(7)]), before, atol=1e-6
    )
    np.testing.assert_allclose(
        refined(layer, prototypes, unlabelled[:, rng.permutation(8)], labels), before, atol=1e-5
    )
    turned = refined(layer, prototypes[:, [2, 0, 1]], unlabelled, labels[:, :, [2, 0, 1]])
    np.testing.assert_allclose(turned, before[:, [2, 0, 1]], atol=1e-5)


@every_method
def test_episodes_do_not_see_each_other(method):
    layer, x = layer_of(method), episode(10)
    alone = [refined(layer, *(each[e : e + 1] for each in x)) for e in range(2)]
    np.testing.assert_allclose(np.concatenate(alone), refined(layer, *x), atol=1e-5)


@every_method
def test_the_more_support_images_a_class_has_the_less_it_moves(method):
    layer, (prototypes, unlabelled, labels) = layer_of(method), episode(11, BALANCED)
    few, many = (
        refined(layer, prototypes, unlabelled, np.tile(labels, (1, n, 1))) for n in (1, 50)
    )
    assert (
        np.linalg.norm(many - prototypes, axis=-1) < 0.2 * np.linalg.norm(few - prototypes, axis=-1)
    ).all()


def test_integer_labels_work_like_floats():
    prototypes, unlabelled, labels = episode(12)
    for layer in map(layer_of, METHODS):
        found = refined(layer, prototypes, unlabelled, labels.astype("int32"))
        np.testing.assert_array_equal(found, refined(layer, prototypes, unlabelled, labels))


# --- What each method does


def two_classes_and(*unlabelled):
    """Classes at (2, 0) and (-2, 0) with one image each, and unlabeled images."""
    prototypes = np.array([[[2.0, 0.0], [-2.0, 0.0]]], "float32")
    return prototypes, np.array([unlabelled], "float32"), np.eye(2, dtype="float32")[None]


def moved_by(method, *unlabelled, **weights):
    keras.utils.set_random_seed(0)
    layer, x = RefinePrototypes(method), two_classes_and(*unlabelled)
    layer.build(*(each.shape for each in x))
    for name, value in weights.items():
        getattr(layer, name).assign(value)
    return np.linalg.norm(refined(layer, *x) - x[0], axis=-1)[0]


def test_an_unlabeled_image_far_from_all_classes_pulls_soft_prototypes_and_hardly_masked_ones():
    near, far = [[2.1, 0.1], [1.9, -0.1], [-2.1, 0.1], [-1.9, -0.1]] * 2, [9.0, 30.0]
    soft, masked = moved_by("soft", *near, far), moved_by("masked", *near, far)
    assert soft.max() > 4
    assert masked.max() < 0.02 * soft.max()


@pytest.mark.parametrize("log_scale", [50.0, 1e4])
def test_a_cluster_of_a_huge_scale_takes_nothing(log_scale):
    x = episode(13)
    layer = layer_of("cluster")
    layer.log_scale.assign(log_scale)
    np.testing.assert_allclose(refined(layer, *x), refined(RefinePrototypes("soft"), *x), atol=1e-6)


def test_a_cluster_takes_images_at_the_origin_and_leaves_images_at_a_class():
    at_origin = [[0.0, 0.5], [0.0, -0.3], [0.1, 0.4]]
    assert moved_by("soft", *at_origin).min() > 0.5
    assert moved_by("cluster", *at_origin, log_scale=0.0).max() < 0.15
    at_class = [[2.2, 0.5], [1.9, 0.3]]
    soft, cluster = moved_by("soft", *at_class), moved_by("cluster", *at_class, log_scale=0.0)
    np.testing.assert_allclose(cluster, soft, rtol=0.1, atol=1e-3)


def test_a_new_clusters_scale_is_100():
    layer = RefinePrototypes("cluster")
    layer(*episode(13))
    np.testing.assert_allclose(np.exp(keras.ops.convert_to_numpy(layer.log_scale)), 100, rtol=1e-3)


def test_unlabeled_images_that_a_method_gives_to_no_class_leave_the_prototypes_as_they_were():
    x = two_classes_and([0.1, 0.0], [0.0, 0.2])
    x[0][:] *= 20  # so far away that the cluster takes all
    layer = layer_of("cluster")
    np.testing.assert_array_equal(refined(layer, *x), x[0])
    x, layer = episode(14), layer_of("masked")
    layer.settings.bias.assign(
        np.array([-20.0, 6.0], "float32")
    )  # a threshold of zero, and a steep mask
    layer.settings.kernel.assign(np.zeros((20, 2), "float32"))
    np.testing.assert_allclose(refined(layer, *x), x[0], atol=1e-4)


@every_method
def test_unlabeled_images_that_lie_on_their_prototype_leave_it_there(method):
    prototypes, _, labels = episode(15, [0, 1], size=20)
    for chosen in ([0, 1], [0, 0, 1, 1, 1], [0, 0]):
        found = refined(layer_of(method), prototypes, prototypes[:, chosen], labels)
        np.testing.assert_allclose(found, prototypes, rtol=1e-5)


def test_no_unlabeled_image_at_all_leaves_soft_prototypes_as_they_were():
    prototypes, _, labels = episode(15)
    found = refined(RefinePrototypes(), prototypes, np.zeros((2, 0, 4), "float32"), labels)
    np.testing.assert_allclose(found, prototypes, rtol=1e-6)


# --- Very large and very small numbers


def test_a_class_without_a_support_image_becomes_the_mean_of_its_assignments():
    for method in METHODS:
        layer, x = layer_of(method), episode(16, [0, 2, 2])
        np.testing.assert_allclose(refined(layer, *x), by_hand(layer, *x), rtol=1e-4, atol=1e-5)


@every_method
def test_a_class_without_a_support_image_and_without_assignments_is_finite(method):
    # Such a class has a prototype of zeros. All unlabeled images are at the other class, far away.
    prototypes = np.array([[[1000.0, 0, 0, 0], [0, 0, 0, 0]]], "float32")
    labels = np.array([[[1.0, 0.0], [1.0, 0.0]]], "float32")
    assert np.isfinite(refined(layer_of(method), prototypes, prototypes[:, [0, 0]], labels)).all()


def trained_a_step(layer, prototypes, unlabelled, labels, wanted):
    """How far a step of gradient descent of size 1 moves prototypes and images, as weights.

    The loss is the sum of the refined prototypes times `wanted`. It also trains the layer.
    """
    start, shapes = (
        (prototypes, unlabelled),
        [(len(each), len(each)) for each in (prototypes, unlabelled)],
    )
    inputs = [keras.Input(shapes[0]), keras.Input(shapes[1]), keras.Input(labels.shape)]
    dense = [keras.layers.Dense(each.shape[1], use_bias=False) for each in start]
    outputs = layer(dense[0](inputs[0]), dense[1](inputs[1]), inputs[2])
    model = keras.Model(inputs, outputs)
    for each, value in zip(dense, start, strict=True):
        each.set_weights([value])
    model.compile(
        keras.optimizers.SGD(1.0),
        loss=lambda wanted, found: keras.ops.sum(wanted * found),
        run_eagerly=True,
    )
    eyes = [np.eye(len(each), dtype="float32")[None] for each in start]
    model.train_on_batch([*eyes, labels[None]], wanted[None].astype("float32"))
    return [value - each.get_weights()[0] for value, each in zip(start, dense, strict=True)]


def slopes_by_hand(loss, *point):
    """The gradient of a function of arrays, one number at a time."""
    point, slopes = [each.astype("float64") for each in point], []
    for which, each in enumerate(point):
        slope = np.zeros(each.shape)
        for index in np.ndindex(each.shape):
            sides = []
            for step in (1e-5, -1e-5):
                moved = [array.copy() for array in point]
                moved[which][index] += step
                sides.append(loss(*moved))
            slope[index] = (sides[0] - sides[1]) / 2e-5
        slopes.append(slope)
    return slopes


@every_method
def test_the_gradient_is_that_of_the_equations_with_the_masks_settings_held_still(method):
    layer, (prototypes, unlabelled, labels) = (
        layer_of(method),
        (each[0] for each in episode(17, images=5)),
    )
    wanted = np.random.default_rng(17).normal(size=prototypes.shape)

    def loss(prototypes, unlabelled, settings):
        return (
            by_hand(layer, prototypes[None], unlabelled[None], labels[None], settings)[0] * wanted
        ).sum()

    still = (
        all_settings_by_hand(layer, prototypes[None], unlabelled[None])
        if method == "masked"
        else None
    )
    expected = slopes_by_hand(lambda *x: loss(*x, still), prototypes, unlabelled)
    moving = slopes_by_hand(lambda *x: loss(*x, None), prototypes, unlabelled)
    found = trained_a_step(layer, prototypes, unlabelled, labels, wanted)
    for slope, right, wrong in zip(found, expected, moving, strict=True):
        np.testing.assert_allclose(slope, right, atol=2e-4)
        assert np.abs(right).min(axis=-1).max() > 0.01
        if method == "masked":
            assert (
                np.abs(right - wrong).max() > 0.005
            )  # a gradient through the statistics would differ


@pytest.mark.parametrize("method", ["cluster", "masked"])
def test_the_gradient_of_the_weights_is_that_of_the_equations(method):
    layer, (prototypes, unlabelled, labels) = (
        layer_of(method),
        (each[0] for each in episode(18, images=5)),
    )
    wanted, before = np.random.default_rng(18).normal(size=prototypes.shape), layer.get_weights()
    before = [np.array(weight, "float32") for weight in before]

    def loss(*weights):
        layer.set_weights(weights)
        return (by_hand(layer, prototypes[None], unlabelled[None], labels[None])[0] * wanted).sum()

    # A step of 1e-5 would vanish in float32 weights, so a few larger steps are taken by hand.
    expected = []
    for which, weight in enumerate(before):
        index = tuple(0 for _ in weight.shape)
        sides = []
        for step in (0.02, -0.02):
            moved = [each.copy() for each in before]
            moved[which][index] += step
            sides.append(loss(*moved))
        expected.append((sides[0] - sides[1]) / 0.04)
    layer.set_weights(before)
    trained_a_step(layer, prototypes, unlabelled, labels, wanted)
    slopes = [old - new for old, new in zip(before, layer.get_weights(), strict=True)]
    assert len(slopes) == (1 if method == "cluster" else 4)
    for slope, right in zip(slopes, expected, strict=True):
        assert (slope != 0).all()
        np.testing.assert_allclose(
            slope[tuple(0 for _ in slope.shape)], right, rtol=0.02, atol=1e-3
        )


@every_method
@pytest.mark.parametrize("size", [1e-3, 1e3, 1e6])
def test_values_and_gradients_are_finite_whatever_the_size_of_the_embeddings(method, size):
    layer, x = layer_of(method), episode(19, images=5, size=size)
    np.testing.assert_allclose(refined(layer, *x), by_hand(layer, *x), rtol=1e-3, atol=1e-4 * size)
    moved = trained_a_step(layer, *(each[0] for each in x), np.ones((3, 4)))
    assert all(np.isfinite(each).all() for each in moved)
    assert all(np.isfinite(weight).all() for weight in layer.get_weights())


@every_method
@pytest.mark.parametrize("where", ["anywhere", "at a prototype", "at the origin"])
@pytest.mark.parametrize("images", [1, 4])
def test_equal_unlabeled_images_give_finite_values_and_gradients(method, where, images):
    # The variance is zero; at a prototype, the mean distance is zero as well.
    layer, (prototypes, unlabelled, labels) = layer_of(method), episode(20, episodes=1)
    if where == "at the origin":
        prototypes[:, 0] = 0
    place = {
        "anywhere": unlabelled[:, :1],
        "at a prototype": prototypes[:, :1],
        "at the origin": 0 * unlabelled[:, :1],
    }
    x = prototypes, place[where].repeat(images, axis=1), labels
    np.testing.assert_allclose(refined(layer, *x), by_hand(layer, *x), rtol=1e-3, atol=1e-4)
    moved = trained_a_step(layer, *(each[0] for each in x), np.ones((3, 4)))
    assert all(np.isfinite(each).all() for each in moved)
    assert all(np.isfinite(weight).all() for weight in layer.get_weights())


@every_method
@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_gives_the_float32_result(policy, method, name):
    x = episode(21)
    expected = refined(layer_of(method), *x)
    policy(name)
    found = layer_of(method)(*x)
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), expected, rtol=1e-5, atol=1e-6)
    huge = episode(22, size=500)  # squared distances overflow float16
    found = refined(layer_of(method), *huge)
    np.testing.assert_allclose(found, by_hand(layer_of(method), *huge), rtol=1e-3, atol=0.05)


# --- Models, shapes and errors


def refining_model(layer):
    inputs = [keras.Input((None, 4)), keras.Input((None, 4)), keras.Input((None, None))]
    return keras.Model(inputs, layer(*inputs))


@every_method
def test_one_model_handles_any_way_shot_and_number_of_images_and_survives_saving(method, tmp_path):
    layer = layer_of(method)
    model = refining_model(layer)
    model.save(tmp_path / "refine.keras")
    loaded = keras.models.load_model(tmp_path / "refine.keras", safe_mode=True)
    for labels, images, episodes in (
        (BALANCED, 1, 1),
        (UNBALANCED, 7, 3),
        ([0, 1], 3, 2),
        (list(range(20)), 30, 2),
    ):
        x = list(episode(23, labels, images, episodes=episodes))
        found = keras.ops.convert_to_numpy(model(x))
        np.testing.assert_allclose(found, by_hand(layer, *x), rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(x)), found)


@every_method
def test_config_restores_the_layer(method):
    layer = RefinePrototypes(method, name="refine")
    again = RefinePrototypes.from_config(layer.get_config())
    assert (again.method, again.name, again.get_config()) == (method, "refine", layer.get_config())


@every_method
def test_the_computed_shape_matches_the_output_and_keeps_unknown_sizes(method):
    layer, x = layer_of(method), episode(25)
    computed = layer.compute_output_shape(*(each.shape for each in x))
    assert tuple(computed) == tuple(layer(*x).shape) == (2, 3, 4)
    assert layer(
        keras.Input((None, 4)), keras.Input((None, 4)), keras.Input((None, None))
    ).shape == (None, None, 4)


def test_an_unknown_method_raises_an_error_that_lists_the_known_ones():
    with pytest.raises(ValueError, match="{'soft', 'cluster', 'masked'}. Received: method='hard'"):
        RefinePrototypes("hard")


@every_method
@pytest.mark.parametrize(
    ("prototypes", "unlabelled", "labels"),
    [
        ((1, 3, 4), (1, 5, 4), (1, 6, 2)),  # labels of other classes
        ((1, 3, 4), (1, 5, 6), (1, 6, 3)),  # embeddings of another size
        ((2, 3, 4), (1, 5, 4), (2, 6, 3)),  # a different number of episodes: never broadcast
        ((2, 3, 4), (2, 5, 4), (1, 6, 3)),
        ((3, 4), (5, 4), (6, 3)),  # no episode axis
        ((1, 3, 4), (1, 5, 4), (1, 6)),  # class numbers
        ((1, 3, 2, 2, 4), (1, 5, 2, 2, 4), (1, 6, 3)),  # feature maps
    ],
)
def test_wrong_shapes_raise_an_error_that_names_them(method, prototypes, unlabelled, labels):
    with pytest.raises(ValueError) as error:
        RefinePrototypes(method)(np.zeros(prototypes), np.zeros(unlabelled), np.zeros(labels))
    assert (
        "RefinePrototypes expected prototypes of shape (B, N, D) and unlabelled of shape (B, U, D)"
        in str(error.value)
    )
    received = (
        f"prototypes.shape={prototypes}, unlabelled.shape={unlabelled}, labels.shape={labels}"
    )
    assert f"Received: {received}" in str(error.value)
