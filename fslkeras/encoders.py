"""The networks that turn an image into an embedding."""

import keras


def conv4(input_shape=(28, 28, 1), filters=64, pooled_blocks=4, flatten=True):
    """Four blocks of convolution, batch normalisation, ReLU and max-pooling (Vinyals et al. 2016; Snell et al. 2017).

    Args:
        input_shape: (H, W, C) of one image, values in 0..1.
        filters: channels of each block; the papers use 64.
        pooled_blocks: how many blocks, from the first, halve height and width, 0..4. The relation network pools two.
        flatten: True for a vector for each image, False for a feature map (h, w, filters).
    Returns:
        `keras.Model` from (n, H, W, C) to (n, D), or to (n, h, w, filters). 28x28 with four pooled blocks gives D = filters.
    Raises:
        ValueError: if pooled_blocks is not in 0..4, or the image is too small to be halved so often.
    """
    if len(input_shape) != 3 or None in input_shape:
        raise ValueError(f"conv4 expected an input_shape (height, width, channels) and received {tuple(input_shape)}.")
    if pooled_blocks not in range(5):
        raise ValueError(f"conv4 expected pooled_blocks in 0..4 and received {pooled_blocks}.")
    if min(input_shape[:2]) < 2**pooled_blocks:
        raise ValueError(
            f"conv4 halves height and width {pooled_blocks} times, so it expected images of at least {2**pooled_blocks} pixels "
            f"a side and received {tuple(input_shape)}. Use larger images or fewer pooled_blocks."
        )
    image = x = keras.Input(input_shape, name="image")
    for block in range(4):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)  # batch normalisation brings a bias
        # Keras' default momentum of .99 is still far from the true statistics after a few hundred episodes.
        x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)
        x = keras.layers.ReLU()(x)
        if block < pooled_blocks:
            x = keras.layers.MaxPooling2D()(x)
    if flatten:
        x = keras.layers.Flatten()(x)
    return keras.Model(image, x, name="conv4")
