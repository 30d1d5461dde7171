"""AttentionClassifier against a loop: the softmax of the similarities, times the labels."""

import keras
import numpy as np
import pytest

from fslkeras.layers import AttentionClassifier

BALANCED, UNBALANCED = [0, 0, 1, 1, 2, 2], [2, 0, 1, 1, 1, 1, 2]
every_normalization = pytest.mark.parametrize("normalize", ["both", "support", "none"])


def vectors(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def one_hot(labels, episodes=2):
    return np.tile(np.eye(max(labels) + 1, dtype="float32")[labels], (episodes, 1, 1))


def answers(layer, *x):
    return keras.ops.convert_to_numpy(layer(*x))


def by_hand(query, support, labels, normalize, scale):
    """Log-probabilities, in float64."""
    query, support = query.astype("float64"), support.astype("float64")
    found = np.zeros((*query.shape[:2], labels.shape[2]))
    for e, q in np.ndindex(found.shape[:2]):
        weights = []
        for image in support[e]:
            similarity = query[e, q] @ image
            if normalize == "both":
                similarity /= np.linalg.norm(query[e, q])
            if normalize != "none":
                similarity /= np.linalg.norm(image)
            weights.append(np.exp(scale * similarity))
        for weight, label in zip(weights, labels[e], strict=True):
            found[e, q] += weight / sum(weights) * label
    return np.log(found)


@every_normalization
@pytest.mark.parametrize("scale", [1.0, 7.5, 2])
@pytest.mark.parametrize("classes", [BALANCED, UNBALANCED, [0, 1, 2, 3]])
def test_each_output_is_the_softmax_of_the_similarities_times_the_labels(normalize, scale, classes):
    x = vectors(1, 2, 5, 6), vectors(2, 2, len(classes), 6), one_hot(classes)
    found = answers(AttentionClassifier(normalize, scale), *x)
    # Below e^-80, attention counts as e^-80.
    expected = by_hand(*x, normalize, scale)
    np.testing.assert_allclose(
        np.maximum(found, -80), np.maximum(expected, -80), rtol=1e-4, atol=1e-4
    )
    np.testing.assert_allclose(np.exp(found).sum(axis=-1), 1, rtol=1e-5)


@every_normalization
def test_labels_may_be_probabilities(normalize):
    labels = np.random.default_rng(3).dirichlet([1, 1, 1], size=(2, 5)).astype("float32")
    x = vectors(4, 2, 4, 6), vectors(5, 2, 5, 6), labels
    np.testing.assert_allclose(
        answers(AttentionClassifier(normalize), *x),
        by_hand(*x, normalize, 1.0),
        rtol=1e-4,
        atol=1e-5,
    )


def test_integer_labels_work_like_floats():
    query, support, labels = vectors(6, 2, 4, 6), vectors(7, 2, 6, 6), one_hot(BALANCED)
    layer = AttentionClassifier()
    np.testing.assert_array_equal(
        answers(layer, query, support, labels.astype("int32")),
        answers(layer, query, support, labels),
    )


def test_the_length_of_a_vector_counts_only_where_it_is_not_normalized():
    query, support, labels = vectors(8, 2, 4, 6), vectors(9, 2, 6, 6), one_hot(BALANCED)
    for normalize, (query_counts, support_counts) in {
        "both": (False, False),
        "support": (True, False),
        "none": (True, True),
    }.items():
        layer = AttentionClassifier(normalize)
        before = answers(layer, query, support, labels)
        for counts, x in (
            (query_counts, (3 * query, support)),
            (support_counts, (query, 3 * support)),
        ):
            assert (np.abs(answers(layer, *x, labels) - before).max() > 0.01) == counts


def test_a_query_of_zeros_attends_to_all_images_equally():
    query, support, labels = np.zeros((2, 1, 6)), vectors(10, 2, 7, 6), one_hot(UNBALANCED)
    for normalize in ("both", "support", "none"):
        found = np.exp(answers(AttentionClassifier(normalize), query, support, labels))
        np.testing.assert_allclose(found, np.tile([1 / 7, 4 / 7, 2 / 7], (2, 1, 1)), rtol=1e-5)


def test_a_class_without_images_is_nearly_impossible_and_does_not_affect_the_others():
    query, support, labels = (
        vectors(11, 1, 4, 6),
        vectors(12, 1, 3, 6),
        one_hot([0, 2, 2], episodes=1),
    )
    found = answers(AttentionClassifier(), query, support, labels)
    assert np.isfinite(found).all() and (found[..., 1] < -80).all()
    with np.errstate(divide="ignore"):
        expected = by_hand(query, support, labels, "support", 1.0)
    np.testing.assert_allclose(found[..., [0, 2]], expected[..., [0, 2]], rtol=1e-4, atol=1e-5)


def attention_model(layer, dimensions=6):
    inputs = [
        keras.Input((None, dimensions)),
        keras.Input((None, dimensions)),
        keras.Input((None, None)),
    ]
    return keras.Model(inputs, layer(*inputs))


def test_the_learned_scale_starts_at_10_and_follows_the_gradient_of_the_loss():
    layer = AttentionClassifier("both", scale="learned")
    model = attention_model(layer)
    x, y = [vectors(13, 2, 3, 6), vectors(14, 2, 6, 6), one_hot(BALANCED)], one_hot([0, 1, 2])
    np.testing.assert_allclose(answers(layer, *x), by_hand(*x, "both", 10.0), rtol=1e-4, atol=1e-4)
    model.compile(
        keras.optimizers.SGD(0.1),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    model.train_on_batch(x, y)

    def loss(log_scale):
        return -(by_hand(*x, "both", np.exp(log_scale)) * y).sum(axis=-1).mean()

    slope = (loss(np.log(10) + 1e-4) - loss(np.log(10) - 1e-4)) / 2e-4
    (log_scale,) = (float(weight) for weight in layer.get_weights())
    assert abs(slope) > 0.01
    np.testing.assert_allclose(log_scale, np.log(10) - 0.1 * slope, rtol=1e-4)
    np.testing.assert_allclose(
        answers(layer, *x), by_hand(*x, "both", np.exp(log_scale)), rtol=1e-4, atol=1e-4
    )


def test_a_fixed_scale_has_nothing_to_learn():
    layer = AttentionClassifier(scale=3.0)
    layer(vectors(15, 1, 2, 6), vectors(16, 1, 6, 6), one_hot(BALANCED, 1))
    assert layer.weights == []


@pytest.mark.parametrize(("true", "after"), [(0, 500.0), (1, 499.5)])
def test_similarities_of_500_give_finite_outputs_and_a_gradient_for_a_wrong_one(true, after):
    # The query is the weight itself, 500, and the support is 1 and -1. The gradient of a wrong
    # result pushes the winner down; that of the loser vanishes below e^-80.
    image, support, labels = keras.Input((1, 1)), keras.Input((2, 1)), keras.Input((2, 2))
    dense = keras.layers.Dense(
        1, use_bias=False, kernel_initializer=keras.initializers.Constant(500.0)
    )
    model = keras.Model(
        [image, support, labels], AttentionClassifier("none")(dense(image), support, labels)
    )
    x = [np.ones((1, 1, 1), "float32"), np.array([[[1.0], [-1.0]]], "float32"), one_hot([0, 1], 1)]
    np.testing.assert_allclose(keras.ops.convert_to_numpy(model(x)), [[[0, -80]]], atol=1e-5)
    model.compile(
        keras.optimizers.SGD(0.5),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        run_eagerly=True,
    )
    model.train_on_batch(x, np.eye(2, dtype="float32")[None, [true]])
    np.testing.assert_allclose(dense.get_weights()[0], [[after]], rtol=1e-6)


@every_normalization
def test_permuting_the_support_changes_nothing_and_permuting_the_classes_permutes_the_output(
    normalize,
):
    query, support, labels = vectors(17, 2, 4, 6), vectors(18, 2, 7, 6), one_hot(UNBALANCED)
    layer, order = AttentionClassifier(normalize), np.random.default_rng(0).permutation(7)
    before = answers(layer, query, support, labels)
    np.testing.assert_allclose(
        answers(layer, query, support[:, order], labels[:, order]), before, atol=1e-5
    )
    np.testing.assert_allclose(
        answers(layer, query, support, labels[:, :, [2, 0, 1]]), before[:, :, [2, 0, 1]], atol=1e-6
    )


def test_outputs_do_not_depend_on_the_other_queries():
    layer, query, support, labels = (
        AttentionClassifier(),
        vectors(19, 1, 4, 6),
        vectors(20, 1, 6, 6),
        one_hot(BALANCED, 1),
    )
    together = answers(layer, query, support, labels)
    alone = np.concatenate(
        [answers(layer, query[:, [q]], support, labels) for q in range(4)], axis=1
    )
    np.testing.assert_allclose(alone, together, atol=1e-5)


@every_normalization
@pytest.mark.parametrize("name", ["mixed_float16", "mixed_bfloat16"])
def test_mixed_precision_gives_finite_float32_without_overflow(policy, name, normalize):
    policy(name)
    query, support = (
        np.full((1, 2, 64), 200.0),
        np.full((1, 6, 64), 200.0),
    )  # a product of 2,560,000
    found = AttentionClassifier(normalize, scale="learned")(query, support, one_hot(BALANCED, 1))
    assert keras.backend.standardize_dtype(found.dtype) == "float32"
    np.testing.assert_allclose(keras.ops.convert_to_numpy(found), np.log(1 / 3), rtol=1e-5)


@pytest.mark.parametrize("scale", [4.0, "learned"])
def test_one_model_handles_any_way_shot_and_number_of_queries_and_survives_saving(tmp_path, scale):
    layer = AttentionClassifier("both", scale)
    model = attention_model(layer)
    if scale == "learned":
        layer.set_weights([np.log(4.0)])
    model.save(tmp_path / "attention.keras")
    loaded = keras.models.load_model(tmp_path / "attention.keras", safe_mode=True)
    for classes, queries, episodes in (
        (BALANCED, 4, 1),
        (UNBALANCED, 1, 3),
        ([0], 2, 2),
        (list(range(20)), 3, 2),
    ):
        x = [
            vectors(21, episodes, queries, 6),
            vectors(22, episodes, len(classes), 6),
            one_hot(classes, episodes),
        ]
        found = keras.ops.convert_to_numpy(model(x))
        np.testing.assert_allclose(found, by_hand(*x, "both", 4.0), rtol=1e-4, atol=1e-5)
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(x)), found)


@pytest.mark.parametrize(
    "options", [{}, {"normalize": "none", "scale": "learned", "name": "attend"}]
)
def test_config_restores_the_layer(options):
    layer = AttentionClassifier(**options)
    again = AttentionClassifier.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert (again.normalize, again.scale) == (
        options.get("normalize", "support"),
        options.get("scale", 1.0),
    )


def test_the_computed_shape_matches_the_output_and_keeps_unknown_sizes():
    layer = AttentionClassifier()
    assert layer.compute_output_shape((2, 5, 6), (2, 7, 6), (2, 7, 3)) == (2, 5, 3)
    assert tuple(layer(vectors(23, 2, 5, 6), vectors(24, 2, 7, 6), one_hot(UNBALANCED)).shape) == (
        2,
        5,
        3,
    )
    assert attention_model(layer).output_shape == (None, None, None)
    assert layer(keras.Input((5, 6)), keras.Input((None, 6)), keras.Input((None, 3))).shape == (
        None,
        5,
        3,
    )


@pytest.mark.parametrize(
    ("query", "support", "labels"),
    [
        ((1, 5, 6), (1, 7, 5), (1, 7, 3)),  # a different embedding size
        ((1, 5, 6), (1, 7, 6), (1, 6, 3)),  # one label too few
        ((2, 5, 6), (1, 7, 6), (1, 7, 3)),  # a different number of episodes
        ((1, 5, 6), (1, 7, 6), (2, 7, 3)),  # and here, of labels
        ((5, 6), (7, 6), (7, 3)),  # no episode axis
        ((1, 5, 6), (1, 7, 6), (1, 7)),  # class numbers
        ((1, 5, 2, 2, 6), (1, 7, 2, 2, 6), (1, 7, 3)),  # feature maps
    ],
)
def test_wrong_shapes_raise_an_error_that_names_them(query, support, labels):
    with pytest.raises(ValueError) as error:
        AttentionClassifier()(np.zeros(query), np.zeros(support), np.zeros(labels))
    assert (
        "AttentionClassifier expected query of shape (B, Q, D) and support of shape (B, S, D)"
        in str(error.value)
    )
    assert f"query.shape={query}, support.shape={support}, labels.shape={labels}" in str(
        error.value
    )


@pytest.mark.parametrize("normalize", ["query", None, True])
def test_an_unknown_normalization_raises_an_error_that_lists_the_known_ones(normalize):
    with pytest.raises(
        ValueError, match=f"{{'both', 'support', 'none'}}. Received: normalize={normalize!r}"
    ):
        AttentionClassifier(normalize)


@pytest.mark.parametrize("scale", [0, -1.0, float("nan"), float("inf"), "large", None])
def test_an_invalid_scale_raises_an_error_that_names_it(scale):
    with pytest.raises(
        ValueError,
        match=f"`scale` of .* a finite number above 0, or 'learned'. Received: scale={scale!r}",
    ):
        AttentionClassifier(scale=scale)
