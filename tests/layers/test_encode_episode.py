"""EncodeEpisode against the encoder called on one image at a time."""

import keras
import numpy as np
import pytest

from fslkeras import encoders
from fslkeras.layers import EncodeEpisode


def images(seed, *shape):
    return np.random.default_rng(seed).random(shape, "float32")


def small_encoder(**options):
    keras.utils.set_random_seed(0)
    return encoders.conv4((8, 8, 1), filters=4, **{"pooled_blocks": 2, **options})


def numpy(tensors):
    return [keras.ops.convert_to_numpy(tensor) for tensor in tensors]


@pytest.mark.parametrize("flatten", [True, False])
def test_each_image_gets_the_encoders_output_for_it_alone(flatten):
    encoder = small_encoder(flatten=flatten)
    support, query = images(1, 2, 3, 8, 8, 1), images(2, 2, 5, 8, 8, 1)
    embedded = numpy(EncodeEpisode(encoder)(support, query))
    for found, pictures in zip(embedded, (support, query), strict=True):
        for episode in range(2):
            for i in range(pictures.shape[1]):
                alone = keras.ops.convert_to_numpy(encoder(pictures[episode, i][None]))[0]
                np.testing.assert_allclose(found[episode, i], alone, rtol=1e-4, atol=1e-5)


def test_in_training_batch_normalization_sees_support_and_query_together():
    inputs = keras.Input((1, 1, 1))
    outputs = keras.layers.Flatten()(keras.layers.BatchNormalization(epsilon=1e-12)(inputs))
    support, query = np.zeros((1, 2, 1, 1, 1), "float32"), np.full((1, 2, 1, 1, 1), 10, "float32")
    support, query = numpy(
        EncodeEpisode(keras.Model(inputs, outputs))(support, query, training=True)
    )
    # In two passes, each would be its own mean, and so zero.
    np.testing.assert_allclose(support, -1, rtol=1e-4)
    np.testing.assert_allclose(query, 1, rtol=1e-4)


def test_outside_training_a_querys_embedding_does_not_depend_on_the_other_queries():
    layer = EncodeEpisode(small_encoder())
    support, query = images(3, 1, 3, 8, 8, 1), images(4, 1, 5, 8, 8, 1)
    together, alone = numpy(layer(support, query))[1], numpy(layer(support, query[:, :1]))[1]
    np.testing.assert_allclose(together[:, :1], alone, rtol=1e-4, atol=1e-5)


def test_permuting_the_support_permutes_its_embeddings_and_leaves_the_queries():
    layer = EncodeEpisode(small_encoder())
    support, query, order = images(5, 2, 4, 8, 8, 1), images(6, 2, 3, 8, 8, 1), [2, 0, 3, 1]
    before, after = numpy(layer(support, query)), numpy(layer(support[:, order], query))
    np.testing.assert_allclose(after[0], before[0][:, order], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(after[1], before[1], rtol=1e-4, atol=1e-5)


def episode_model(encoder):
    support, query = (keras.Input((None, *encoder.input_shape[1:])) for _ in range(2))
    return keras.Model([support, query], EncodeEpisode(encoder)(support, query))


def test_one_model_takes_any_number_of_images_and_survives_saving_with_its_weights(tmp_path):
    model = episode_model(small_encoder())
    model.save(tmp_path / "encode.keras")
    loaded = keras.models.load_model(tmp_path / "encode.keras", safe_mode=True)
    for episodes, s, q in ((1, 1, 1), (2, 3, 7), (3, 5, 2)):
        x = [images(7, episodes, s, 8, 8, 1), images(8, episodes, q, 8, 8, 1)]
        found = numpy(model(x))
        assert [each.shape for each in found] == [(episodes, s, 16), (episodes, q, 16)]
        for before, after in zip(found, numpy(loaded(x)), strict=True):
            np.testing.assert_array_equal(after, before)


def test_training_through_it_changes_the_encoder_and_its_moving_statistics():
    encoder = small_encoder()
    model = episode_model(encoder)
    model.compile(keras.optimizers.SGD(0.01), loss="mean_squared_error", run_eagerly=True)
    before = [weight.copy() for weight in encoder.get_weights()]
    x = [images(9, 2, 3, 8, 8, 1), images(10, 2, 4, 8, 8, 1)]
    model.train_on_batch(x, [np.ones((2, 3, 16), "float32"), np.ones((2, 4, 16), "float32")])
    after = encoder.get_weights()
    assert all(np.isfinite(weight).all() for weight in after)
    assert all((old != new).any() for old, new in zip(before, after, strict=True))


@pytest.mark.parametrize(
    ("name", "dtype"), [("mixed_float16", "float16"), ("mixed_bfloat16", "bfloat16")]
)
def test_mixed_precision_is_the_encoders_and_close_to_float32(policy, name, dtype):
    support, query = images(11, 2, 3, 8, 8, 1), images(12, 2, 4, 8, 8, 1)
    expected = numpy(EncodeEpisode(small_encoder())(support, query))
    policy(name)
    for found, exact in zip(EncodeEpisode(small_encoder())(support, query), expected, strict=True):
        assert keras.backend.standardize_dtype(found.dtype) == dtype
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(keras.ops.cast(found, "float32")),
            exact,
            atol=0.05 * np.abs(exact).max(),
        )


def test_config_restores_the_layer():
    layer = EncodeEpisode(small_encoder(), name="embed")
    again = EncodeEpisode.from_config(layer.get_config())
    assert again.name == "embed" and again.encoder.get_config() == layer.encoder.get_config()
    assert again.get_config() == layer.get_config()


@pytest.mark.parametrize(("flatten", "embedding"), [(True, (16,)), (False, (2, 2, 4))])
def test_the_computed_shape_matches_the_output_and_keeps_unknown_sizes(flatten, embedding):
    layer = EncodeEpisode(small_encoder(flatten=flatten))
    shapes = layer.compute_output_shape((2, 3, 8, 8, 1), (2, 5, 8, 8, 1))
    found = layer(images(13, 2, 3, 8, 8, 1), images(14, 2, 5, 8, 8, 1))
    assert (
        list(shapes)
        == [tuple(each.shape) for each in found]
        == [(2, 3, *embedding), (2, 5, *embedding)]
    )
    symbolic = layer(keras.Input((None, 8, 8, 1)), keras.Input((None, 8, 8, 1)))
    assert [tuple(each.shape) for each in symbolic] == [(None, None, *embedding)] * 2


@pytest.mark.parametrize(
    ("support", "query", "wrong"),
    [
        ((1, 3, 8, 8, 3), (1, 3, 8, 8, 3), "support"),  # color for a gray encoder
        ((1, 3, 8, 8, 1), (1, 3, 9, 8, 1), "query"),  # queries of another size
        ((3, 8, 8, 1), (3, 8, 8, 1), "support"),  # no episode axis
        ((1, 3, 8, 8), (1, 3, 8, 8), "support"),  # no channel axis
    ],
)
def test_wrong_shapes_raise_an_error_that_names_expected_and_received(support, query, wrong):
    with pytest.raises(ValueError) as error:
        EncodeEpisode(small_encoder())(np.zeros(support), np.zeros(query))
    message = str(error.value)
    assert f"`{wrong}` to contain images of the encoder's input shape, (8, 8, 1)" in message
    received = query if wrong == "query" else support
    assert f"Received: images of shape {received[2:]}" in message


def test_an_encoder_of_any_size_still_needs_support_and_query_of_one_size():
    image = keras.Input((None, None, 1))
    layer = EncodeEpisode(keras.Model(image, keras.layers.GlobalAveragePooling2D()(image)))
    assert tuple(layer(np.zeros((1, 2, 8, 8, 1)), np.zeros((1, 3, 8, 8, 1)))[1].shape) == (1, 3, 1)
    with pytest.raises(ValueError, match=r"query.shape=\(1, 3, 9, 8, 1\)"):
        layer(np.zeros((1, 2, 8, 8, 1)), np.zeros((1, 3, 9, 8, 1)))


# --- A separate encoder for the queries


def two_encoders(**options):
    of_support = small_encoder(**options)
    return of_support, encoders.conv4((8, 8, 1), filters=4, **{"pooled_blocks": 2, **options})


def two_encoder_model(of_support, of_query):
    support, query = (keras.Input((None, 8, 8, 1)) for _ in range(2))
    return keras.Model([support, query], EncodeEpisode(of_support, of_query)(support, query))


@pytest.mark.parametrize("flatten", [True, False])
def test_support_and_queries_each_get_their_own_encoders_output(flatten):
    of_support, of_query = two_encoders(flatten=flatten)
    pictures = images(15, 2, 3, 8, 8, 1)
    support, query = numpy(EncodeEpisode(of_support, of_query)(pictures, pictures[:, :2]))
    assert np.abs(support[:, :2] - query).max() > 0.01  # the same images, but other embeddings
    for found, encoder in ((support, of_support), (query, of_query)):
        for e, i in np.ndindex(found.shape[:2]):
            alone = keras.ops.convert_to_numpy(encoder(pictures[e, i][None]))[0]
            np.testing.assert_allclose(found[e, i], alone, rtol=1e-4, atol=1e-5)


def test_both_encoders_are_trained_with_all_their_weights_and_statistics():
    pair = two_encoders()
    model = two_encoder_model(*pair)
    model.compile(keras.optimizers.SGD(0.01), loss="mean_squared_error", run_eagerly=True)
    before = [[weight.copy() for weight in encoder.get_weights()] for encoder in pair]
    x = [images(16, 2, 3, 8, 8, 1), images(17, 2, 4, 8, 8, 1)]
    model.train_on_batch(x, [np.ones((2, 3, 16), "float32"), np.ones((2, 4, 16), "float32")])
    for encoder, weights in zip(pair, before, strict=True):
        assert all(
            (old != new).any() for old, new in zip(weights, encoder.get_weights(), strict=True)
        )
    assert len(model.trainable_weights) == sum(len(encoder.trainable_weights) for encoder in pair)


def test_two_encoders_survive_saving_each_with_its_weights(tmp_path):
    model = two_encoder_model(*two_encoders())
    model.save(tmp_path / "encode.keras")
    loaded = keras.models.load_model(tmp_path / "encode.keras", safe_mode=True)
    for episodes, s, q in ((1, 1, 1), (2, 3, 7), (3, 5, 2)):
        x = [images(18, episodes, s, 8, 8, 1), images(19, episodes, q, 8, 8, 1)]
        for before, after in zip(numpy(model(x)), numpy(loaded(x)), strict=True):
            np.testing.assert_array_equal(after, before)


def test_one_encoder_named_twice_is_still_one_after_saving(tmp_path):
    encoder = small_encoder()
    model = two_encoder_model(encoder, encoder)
    model.save(tmp_path / "encode.keras")
    loaded = keras.models.load_model(tmp_path / "encode.keras", safe_mode=True)
    assert len(loaded.weights) == len(encoder.weights)
    x = [images(20, 1, 3, 8, 8, 1), images(21, 1, 2, 8, 8, 1)]
    for before, after in zip(numpy(model(x)), numpy(loaded(x)), strict=True):
        np.testing.assert_array_equal(after, before)


def test_config_restores_the_encoders_one_or_two():
    layer = EncodeEpisode(*two_encoders(), name="embed")
    again = EncodeEpisode.from_config(layer.get_config())
    assert again.get_config() == layer.get_config() and again.query_encoder is not again.encoder
    older = EncodeEpisode(small_encoder()).get_config()
    del older["query_encoder"]  # older files, from before there was a second one
    assert EncodeEpisode.from_config(older).query_encoder is None


def test_two_encoders_that_do_not_fit_raise_an_error_that_names_both():
    small = small_encoder()
    for other, shapes in (
        (small_encoder(pooled_blocks=1), r"\(8, 8, 1\) to \(16,\) and \(8, 8, 1\) to \(64,\)"),
        (small_encoder(flatten=False), r"\(8, 8, 1\) to \(16,\) and \(8, 8, 1\) to \(2, 2, 4\)"),
        (encoders.conv4((8, 8, 3), filters=4, pooled_blocks=2), r"and \(8, 8, 3\) to \(16,\)"),
    ):
        with pytest.raises(ValueError, match=f"expected two encoders .* Received: .*{shapes}"):
            EncodeEpisode(small, other)


# --- Unlabeled images


def unlabelled_model(*both):
    sets = [keras.Input((None, 8, 8, 1)) for _ in range(3)]
    return keras.Model(sets, EncodeEpisode(*both)(*sets))


def three_sets(seed, episodes=2, numbers=(3, 5, 4)):
    return [images(seed + i, episodes, number, 8, 8, 1) for i, number in enumerate(numbers)]


@pytest.mark.parametrize("flatten", [True, False])
@pytest.mark.parametrize(
    "encoders_of", [lambda **options: (small_encoder(**options),), two_encoders]
)
def test_unlabeled_images_come_third_and_each_gets_the_supports_encoders_output_for_it_alone(
    flatten, encoders_of
):
    pair, x = encoders_of(flatten=flatten), three_sets(22)
    embedded = numpy(EncodeEpisode(*pair)(*x))
    assert [each.shape[:2] for each in embedded] == [(2, 3), (2, 5), (2, 4)]
    for found, pictures, encoder in zip(embedded, x, (pair[0], pair[-1], pair[0]), strict=True):
        for e, i in np.ndindex(found.shape[:2]):
            alone = keras.ops.convert_to_numpy(encoder(pictures[e, i][None]))[0]
            np.testing.assert_allclose(found[e, i], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("encoders_of", [lambda: (small_encoder(),), two_encoders])
def test_support_and_queries_are_embedded_as_without_unlabeled_images(encoders_of):
    layer, (support, query, unlabelled) = EncodeEpisode(*encoders_of()), three_sets(25)
    without = numpy(layer(support, query))
    assert len(without) == 2 and len(numpy(layer(support, query, None))) == 2
    for found, expected in zip(numpy(layer(support, query, unlabelled)), without, strict=False):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def normalising_encoder():
    image = keras.Input((1, 1, 1))
    return keras.Model(
        image, keras.layers.Flatten()(keras.layers.BatchNormalization(epsilon=1e-12)(image))
    )


def sets_of(*values):
    return [np.full((1, 2, 1, 1, 1), value, "float32") for value in values]


def test_in_training_batch_normalization_sees_unlabeled_images_too():
    found = numpy(EncodeEpisode(normalising_encoder())(*sets_of(0, 10, 20), training=True))
    for each, expected in zip(
        found, (-(1.5**0.5), 0, 1.5**0.5), strict=True
    ):  # a mean of 10, a variance of 200 / 3
        np.testing.assert_allclose(each, expected, rtol=1e-3, atol=1e-4)


def test_in_training_of_two_encoders_unlabeled_images_are_normalized_with_the_support():
    pair = normalising_encoder(), normalising_encoder()
    found = numpy(EncodeEpisode(*pair)(*sets_of(0, 1000, 20), training=True))
    for each, expected in zip(found, (-1, 0, 1), strict=True):  # a single query is its own mean
        np.testing.assert_allclose(each, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("encoders_of", [lambda: (small_encoder(),), two_encoders])
def test_a_model_with_unlabeled_images_takes_any_number_of_them_and_survives_saving(
    encoders_of, tmp_path
):
    model = unlabelled_model(*encoders_of())
    model.save(tmp_path / "encode.keras")
    loaded = keras.models.load_model(tmp_path / "encode.keras", safe_mode=True)
    for episodes, numbers in ((1, (1, 1, 1)), (2, (3, 7, 20)), (3, (5, 2, 4))):
        x = three_sets(28, episodes, numbers)
        found = numpy(model(x))
        assert [each.shape for each in found] == [(episodes, number, 16) for number in numbers]
        for before, after in zip(found, numpy(loaded(x)), strict=True):
            np.testing.assert_array_equal(after, before)


@pytest.mark.filterwarnings("ignore:Gradients do not exist")
def test_training_on_unlabeled_images_alone_trains_the_supports_encoder_and_not_the_queries():
    of_support, of_query = two_encoders()
    sets = [keras.Input((None, 8, 8, 1)) for _ in range(3)]
    model = keras.Model(sets, EncodeEpisode(of_support, of_query)(*sets)[2])
    model.compile(keras.optimizers.SGD(0.01), loss="mean_squared_error", run_eagerly=True)
    pair = of_support, of_query
    before = [[weight.copy() for weight in encoder.get_weights()] for encoder in pair]
    model.train_on_batch(three_sets(31), np.ones((2, 4, 16), "float32"))
    changed = [
        [(old != new).any() for old, new in zip(weights, encoder.get_weights(), strict=True)]
        for encoder, weights in zip(pair, before, strict=True)
    ]
    assert all(changed[0])
    moving = [
        i for i, weight in enumerate(of_query.weights) if not weight.trainable
    ]  # these saw the queries
    assert [i for i, yes in enumerate(changed[1]) if yes] == moving


@pytest.mark.parametrize(("flatten", "embedding"), [(True, (16,)), (False, (2, 2, 4))])
@pytest.mark.parametrize(
    "encoders_of", [lambda **options: (small_encoder(**options),), two_encoders]
)
def test_the_computed_shapes_with_unlabeled_images_match_the_outputs(
    flatten, embedding, encoders_of
):
    layer, x = EncodeEpisode(*encoders_of(flatten=flatten)), three_sets(34)
    shapes = layer.compute_output_shape(*(each.shape for each in x))
    real = [tuple(each.shape) for each in layer(*x)]
    assert list(shapes) == real == [(2, number, *embedding) for number in (3, 5, 4)]
    symbolic = layer(*(keras.Input((None, 8, 8, 1)) for _ in range(3)))
    assert [tuple(each.shape) for each in symbolic] == [(None, None, *embedding)] * 3


@pytest.mark.parametrize("shape", [(1, 3, 8, 8, 3), (1, 3, 9, 8, 1), (3, 8, 8, 1), (1, 3, 8, 8)])
@pytest.mark.parametrize("encoders_of", [lambda: (small_encoder(),), two_encoders])
def test_unlabeled_images_of_a_wrong_shape_raise_an_error_that_names_them(shape, encoders_of):
    with pytest.raises(ValueError) as error:
        EncodeEpisode(*encoders_of())(
            np.zeros((1, 3, 8, 8, 1)), np.zeros((1, 3, 8, 8, 1)), np.zeros(shape)
        )
    message = str(error.value)
    assert "`unlabelled` to contain images of the encoder's input shape, (8, 8, 1)" in message
    assert f"Received: images of shape {shape[2:]}" in message


def test_an_encoder_of_any_size_still_needs_unlabeled_images_of_the_supports_size():
    image = keras.Input((None, None, 1))
    layer = EncodeEpisode(keras.Model(image, keras.layers.GlobalAveragePooling2D()(image)))
    x = [np.zeros((1, 2, 8, 8, 1)), np.zeros((1, 3, 8, 8, 1))]
    assert tuple(layer(*x, np.zeros((1, 4, 8, 8, 1)))[2].shape) == (1, 4, 1)
    with pytest.raises(ValueError, match=r"unlabelled.shape=\(1, 4, 9, 8, 1\)"):
        layer(*x, np.zeros((1, 4, 9, 8, 1)))


@pytest.mark.parametrize(
    "wrong", ["x", keras.layers.Flatten(), keras.Sequential([keras.layers.Flatten()])]
)
def test_an_encoder_without_known_shapes_raises_an_error_that_says_what_to_do(wrong):
    for name, both in {"encoder": (wrong,), "query_encoder": (small_encoder(), wrong)}.items():
        with pytest.raises(
            ValueError, match=f"EncodeEpisode expected `{name}` to be a keras.Model .*keras.Input"
        ):
            EncodeEpisode(*both)
