"""The encoders: shapes, what they are made of, and what they refuse."""

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
        ({"input_shape": (20, 16, 1), "filters": 4, "pooled_blocks": 1, "flatten": False}, (10, 8, 4)),
        ({"input_shape": (4, 4, 1), "filters": 4, "pooled_blocks": 0, "flatten": False}, (4, 4, 4)),
    ],
)
def test_conv4_gives_a_vector_or_a_map_for_each_image(options, shape):
    encoder = encoders.conv4(**options)
    images = np.zeros((3, *options.get("input_shape", (28, 28, 1))), "float32")
    assert encoder.output_shape == (None, *shape)
    assert tuple(encoder(images).shape) == (3, *shape)


def test_conv4_has_the_papers_111936_weights_with_64_filters_and_no_bias_beside_batch_normalisation():
    # 3x3 kernels without bias, then scale, offset and two moving statistics for each channel.
    kernels = 9 * (1 * 64 + 3 * 64 * 64)
    assert encoders.conv4().count_params() == kernels + 4 * 4 * 64


def test_the_moving_statistics_come_close_to_the_true_ones_within_a_hundred_steps():
    encoder = encoders.conv4((4, 4, 1), filters=2, pooled_blocks=0)
    images = np.random.default_rng(0).random((8, 4, 4, 1), "float32")
    for _ in range(100):
        trained = keras.ops.convert_to_numpy(encoder(images, training=True))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(encoder(images, training=False)), trained, atol=0.02)


def test_a_saved_encoder_gives_the_same_embeddings(tmp_path):
    encoder = encoders.conv4((8, 8, 3), filters=4, pooled_blocks=3)
    images = np.random.default_rng(1).random((2, 8, 8, 3), "float32")
    encoder.save(tmp_path / "encoder.keras")
    loaded = keras.models.load_model(tmp_path / "encoder.keras", safe_mode=True)
    np.testing.assert_array_equal(*(keras.ops.convert_to_numpy(model(images)) for model in (encoder, loaded)))


@pytest.mark.parametrize(
    ("options", "received"),
    [
        ({"pooled_blocks": 5}, "received 5"),
        ({"pooled_blocks": -1}, "received -1"),
        ({"input_shape": (28, 28)}, r"received \(28, 28\)"),
        ({"input_shape": (8, 28, 1)}, r"received \(8, 28, 1\)"),
        ({"input_shape": (None, None, 1)}, r"received \(None, None, 1\)"),
    ],
)
def test_what_conv4_cannot_build_is_an_error_that_says_why(options, received):
    with pytest.raises(ValueError, match=f"expected .* {received}"):
        encoders.conv4(**options)
