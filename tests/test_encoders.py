"""The encoders: their shapes, their layers, and what they refuse."""

import re

import keras
import numpy as np
import pytest

from fslkeras import encoders


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({}, (64,)),
        ({"filters": 32}, (32,)),
        ({"input_shape": (84, 84, 3), "filters": 8}, (5 * 5 * 8,)),
        ({"filters": 8, "pooled_blocks": 2, "flatten": False}, (7, 7, 8)),
        (
            {"input_shape": (20, 16, 1), "filters": 4, "pooled_blocks": 1, "flatten": False},
            (10, 8, 4),
        ),
        ({"input_shape": (4, 4, 1), "filters": 4, "pooled_blocks": 0, "flatten": False}, (4, 4, 4)),
    ],
)
def test_conv4_gives_a_vector_or_a_map_for_each_image(options, shape):
    encoder = encoders.conv4(**options)
    images = np.zeros((3, *options.get("input_shape", (28, 28, 1))), "float32")
    assert encoder.output_shape == (None, *shape)
    assert tuple(encoder(images).shape) == (3, *shape)


def test_conv4_has_the_papers_111936_weights_with_64_filters_and_no_convolution_bias():
    # 3x3 kernels without bias, then scale, offset and two moving statistics per channel.
    kernels = 9 * (1 * 64 + 3 * 64 * 64)
    assert encoders.conv4().count_params() == kernels + 4 * 4 * 64


def test_the_moving_statistics_come_close_to_the_true_ones_within_a_hundred_steps():
    encoder = encoders.conv4((4, 4, 1), filters=2, pooled_blocks=0)
    images = np.random.default_rng(0).random((8, 4, 4, 1), "float32")
    for _ in range(100):
        trained = keras.ops.convert_to_numpy(encoder(images, training=True))
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(encoder(images, training=False)), trained, atol=0.02
    )


def test_a_saved_encoder_gives_the_same_embeddings(tmp_path):
    encoder = encoders.conv4((8, 8, 3), filters=4, pooled_blocks=3)
    images = np.random.default_rng(1).random((2, 8, 8, 3), "float32")
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.models.load_model(tmp_path / "encoder.keras", safe_mode=True)
    np.testing.assert_array_equal(
        *(keras.ops.convert_to_numpy(model(images)) for model in (encoder, loaded))
    )


@pytest.mark.parametrize(
    "options",
    [
        {"input_shape": (28, 28)},
        {"input_shape": (8, 28, 1)},
        {"input_shape": (28, 28, 0)},
        {"input_shape": (None, None, 1)},
        {"input_shape": 28},
        {"input_shape": None},
        {"filters": 2.5},
        {"filters": 0},
        {"pooled_blocks": 5},
        {"pooled_blocks": -1},
        {"flatten": "no"},
        {"synchronized": "no"},
    ],
)
def test_what_conv4_cannot_build_raises_an_error_that_says_why(options):
    ((name, value),) = options.items()
    with pytest.raises(
        ValueError, match=f"conv4.*[Ee]xpected .*Received: {name}={re.escape(repr(value))}"
    ):
        encoders.conv4(**options)


def test_numpy_integers_are_treated_like_pythons(tmp_path):
    conv4 = encoders.conv4((np.int64(8), 8, 1), filters=np.int64(4), pooled_blocks=np.int32(1))
    koch = encoders.koch((38, 38, 1), np.array([3, 4, 3, 2]), np.array([3, 3, 2, 2]), np.int64(5))
    for encoder, size in ((conv4, 64), (koch, 5)):
        encoder.save(tmp_path / "encoder.keras")
        assert keras.models.load_model(tmp_path / "encoder.keras", safe_mode=True).output_shape == (
            None,
            size,
        )


def test_images_are_channels_last_whatever_keras_is_configured_to_expect():
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        assert encoders.conv4(
            (8, 8, 3), filters=4, pooled_blocks=1, flatten=False
        ).output_shape == (None, 4, 4, 4)
        assert encoders.koch((65, 65, 1), (1, 1, 1, 1), units=2).output_shape == (None, 2)
    finally:
        keras.config.set_image_data_format(before)


@pytest.fixture(scope="module")
def paper():
    """Koch's encoder at the size of the paper, 39 million weights. Tests do not change it."""
    keras.utils.set_random_seed(0)
    return encoders.koch()


def small_koch():
    # The last maps are 2x2, so that the order of flattening matters. The weights come from NumPy
    # and are the same on every backend, so that these few filters do not all die.
    encoder = encoders.koch((38, 38, 2), (3, 4, 3, 2), (3, 3, 2, 2), 5)
    rng = np.random.default_rng(0)
    encoder.set_weights([rng.normal(0.1, 0.2, weight.shape) for weight in encoder.get_weights()])
    return encoder


def koch_by_hand(image, weights):
    """The embedding of one image (H, W, C), pixel by pixel, from the weights of all layers."""
    for block in range(4):
        kernel, bias = weights[2 * block], weights[2 * block + 1]
        size = len(kernel)
        convolved = np.zeros((image.shape[0] - size + 1, image.shape[1] - size + 1, len(bias)))
        for row, column in np.ndindex(convolved.shape[:2]):
            patch = image[row : row + size, column : column + size]
            convolved[row, column] = np.maximum(np.tensordot(patch, kernel, 3) + bias, 0)
        image = convolved
        if block < 3:
            pooled = np.zeros((image.shape[0] // 2, image.shape[1] // 2, len(bias)))
            for row, column in np.ndindex(pooled.shape[:2]):
                pooled[row, column] = image[2 * row : 2 * row + 2, 2 * column : 2 * column + 2].max(
                    axis=(0, 1)
                )
            image = pooled
    return 1 / (1 + np.exp(-(image.ravel() @ weights[8] + weights[9])))


def test_koch_is_four_convolutions_with_pooling_between_them_and_a_sigmoid_layer():
    encoder = small_koch()
    images = np.random.default_rng(2).random((2, 38, 38, 2), "float32")
    found = keras.ops.convert_to_numpy(encoder(images))
    expected = [koch_by_hand(image, encoder.get_weights()) for image in images]
    assert np.std(expected, axis=0).mean() > 1e-3  # or a constant would pass, too
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_koch_has_the_papers_maps_and_its_38947648_weights(paper):
    shapes = [layer.output.shape[1:] for layer in paper.layers]
    assert shapes == [
        (105, 105, 1),
        (96, 96, 64),
        (48, 48, 64),
        (42, 42, 128),
        (21, 21, 128),
        (18, 18, 128),
        (9, 9, 128),
        (6, 6, 256),
        (9216,),
        (4096,),
    ]
    assert paper.count_params() == 38_947_648


def test_koch_gives_4096_numbers_between_0_and_1_for_an_image(paper):
    images = np.random.default_rng(3).random((2, 105, 105, 1), "float32")
    found = keras.ops.convert_to_numpy(paper(images))
    assert found.shape == (2, 4096) and 0 <= found.min() < found.max() <= 1


def test_koch_starts_from_the_papers_normal_distributions(paper):
    weights = paper.get_weights()
    for kernel, deviation in zip(weights[::2], (0.01, 0.01, 0.01, 0.01, 0.2), strict=True):
        np.testing.assert_allclose(
            [kernel.mean(), kernel.std()], [0, deviation], atol=0.03 * deviation
        )
    for bias in weights[1::2]:
        np.testing.assert_allclose([bias.mean(), bias.std()], [0.5, 0.01], atol=0.003)
    # Layers do not share initial numbers, as they would with a single initializer.
    assert len({bias[0] for bias in weights[1::2]}) == 5


def test_koch_of_28_pixels_and_he_normal_gives_images_embeddings_that_differ(tmp_path):
    encoder = encoders.koch((28, 28, 1), (32, 64, 128, 128), (3, 3, 2, 2), 512, "he_normal")
    # He's distribution has a variance of 2 / fan-in: 9 pixels, and 9 pixels of 32 channels.
    for kernel, seen in zip(encoder.get_weights()[:4:2], (9, 9 * 32), strict=True):
        np.testing.assert_allclose(kernel.std(), np.sqrt(2 / seen), rtol=0.2)
    images = np.random.default_rng(4).random((3, 28, 28, 1), "float32")
    found = keras.ops.convert_to_numpy(encoder(images))
    assert found.shape == (3, 512) and found.std(axis=0).mean() > 1e-3
    encoder.save(tmp_path / "koch.keras")
    loaded = keras.models.load_model(tmp_path / "koch.keras", safe_mode=True)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(loaded(images)), found)


def test_the_smallest_image_for_koch_is_the_one_that_leaves_a_single_pixel():
    assert encoders.koch((65, 65, 1), (1, 1, 1, 1), units=2).get_layer(index=-2).output.shape == (
        None,
        1,
    )
    for too_small in ((65, 64, 1), (9, 65, 1), (28, 28, 1)):
        with pytest.raises(
            ValueError, match="output size"
        ):  # Keras' own, or of koch on an older Keras
            encoders.koch(too_small, (1, 1, 1, 1), units=2)


@pytest.mark.parametrize(
    "options",
    [
        {"filters": (64, 128, 128)},
        {"kernels": (10, 7, 4)},
        {"filters": (64,) * 5, "kernels": (3,) * 5},
    ],
)
def test_koch_needs_four_filters_and_four_kernels(options):
    with pytest.raises(
        ValueError, match="of koch. Expected four integers. Received: (filters|kernels)="
    ):
        encoders.koch(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"input_shape": (28, 28)},
        {"input_shape": (None, None, 1)},
        {"input_shape": None},
        {"filters": 64},
        {"filters": (64, 128, 128, 2.5)},
        {"kernels": None},
        {"units": 0},
        {"units": "5"},
    ],
)
def test_koch_says_what_it_expected(options):
    with pytest.raises(ValueError, match="of koch. Expected"):
        encoders.koch(**options)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="batch normalization over devices is TensorFlow's",
)
def test_a_synchronized_conv4_normalizes_as_the_other_does_on_one_device():
    images = np.random.default_rng(0).random((6, 8, 8, 1), "float32")
    outputs = []
    for synchronized in (False, True):
        keras.utils.set_random_seed(0)
        encoder = encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1, synchronized=synchronized)
        normalizations = [
            layer for layer in encoder.layers if isinstance(layer, keras.layers.BatchNormalization)
        ]
        assert (
            all(layer.synchronized == synchronized for layer in normalizations)
            and len(normalizations) == 4
        )
        outputs.append(keras.ops.convert_to_numpy(encoder(images, training=True)))
    np.testing.assert_allclose(outputs[1], outputs[0], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(
    "encoder",
    [
        lambda: encoders.conv4((16, 20, 3), filters=4),
        lambda: encoders.koch((28, 30, 3), (2, 2, 2, 2), (3, 3, 2, 2), 5),
    ],
)
def test_images_are_height_width_channels_whatever_keras_is_configured_to_expect(encoder):
    keras.utils.set_random_seed(0)
    before = encoder()
    configured = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        after = encoder()
    finally:
        keras.config.set_image_data_format(configured)
    after.set_weights(before.get_weights())
    images = np.random.default_rng(0).random((2, *before.input_shape[1:]), "float32")
    np.testing.assert_allclose(
        *(keras.ops.convert_to_numpy(model(images)) for model in (after, before)), atol=1e-6
    )


# --- Pretrained backbones


def small_model(last=None):
    """A convolution and batch normalization instead of a network with millions of weights."""
    keras.utils.set_random_seed(0)
    image = keras.Input((6, 5, 3))
    x = keras.layers.Conv2D(4, 3, data_format="channels_last")(image)
    x = keras.layers.BatchNormalization()(x)
    return keras.Model(image, x if last is None else last(x))


@pytest.mark.parametrize("module", ["densenet", "efficientnet", "mobilenet_v2", "vgg16"])
def test_a_backbone_sees_what_its_own_preprocessing_makes_of_the_image(module, tmp_path):
    preprocess = getattr(keras.applications, module).preprocess_input
    images = np.random.default_rng(0).random((3, 6, 5, 3), "float32")
    model = small_model()
    expected = keras.ops.convert_to_numpy(model(preprocess(255 * images))).mean(axis=(1, 2))
    encoder = encoders.backbone(model, preprocess, normalize=False)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(encoder(images)), expected, rtol=1e-3, atol=1e-4
    )
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.models.load_model(tmp_path / "encoder.keras", safe_mode=True)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(loaded(images)), expected, rtol=1e-3, atol=1e-4
    )
    assert not loaded.trainable_variables


def test_a_backbones_embeddings_have_length_1_by_default():
    images = np.random.default_rng(1).random((3, 6, 5, 3), "float32")
    found = keras.ops.convert_to_numpy(encoders.backbone(small_model(), lambda x: x)(images))
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("trainable", [False, True])
def test_a_frozen_backbone_stays_as_it_is_while_a_head_is_trained(trainable):
    encoder = encoders.backbone(small_model(), lambda x: x, trainable=trainable)
    model = keras.Sequential([encoder, keras.layers.Dense(2)])
    model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
    before = encoder.get_weights()
    images = np.random.default_rng(2).random((8, 6, 5, 3), "float32")
    outputs = [
        keras.ops.convert_to_numpy(encoder(images, training=training)) for training in (False, True)
    ]
    assert np.allclose(*outputs) != trainable
    model.fit(images, np.ones((8, 2)), verbose=0)
    unchanged = [
        np.array_equal(old, new) for old, new in zip(before, encoder.get_weights(), strict=True)
    ]
    assert any(unchanged) != trainable and all(unchanged) != trainable


@pytest.mark.parametrize("pooled", [False, True])
def test_keras_applications_are_backbones_without_their_classifier_only(pooled):
    options = {"input_shape": (32, 32, 3), "alpha": 0.35, "weights": None}
    model = keras.applications.MobileNetV2(
        include_top=False, pooling="avg" if pooled else None, **options
    )
    assert encoders.backbone(
        model, keras.applications.mobilenet_v2.preprocess_input
    ).output_shape == (None, 1280)
    with pytest.raises(ValueError, match="ends in a Dense layer, .*include_top=False"):
        encoders.backbone(keras.applications.MobileNetV2(**options), lambda x: x)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"model": "resnet"},
            "backbone expected `model` to be a keras.Model .* Received: model='resnet'",
        ),
        ({"normalize": "no"}, "argument `normalize` of backbone. Expected True or False"),
        ({"trainable": 1}, "argument `trainable` of backbone. Expected True or False"),
    ],
)
def test_what_backbone_cannot_build_raises_an_error_that_says_why(arguments, message):
    with pytest.raises(ValueError, match=message):
        encoders.backbone(**{"model": small_model(), "preprocess": lambda x: x, **arguments})
    with pytest.raises(
        ValueError, match=r"feature maps .* ends in a Reshape layer, \(None, 16, 3\)"
    ):
        encoders.backbone(small_model(keras.layers.Reshape((16, 3))), lambda x: x)
