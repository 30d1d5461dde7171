"""The networks that turn an image into an embedding."""

import keras
import numpy as np

from fslkeras.validation import check_flag, check_integer

# The course's images are (height, width, channels), whatever Keras is configured to expect.
_LAST = {"data_format": "channels_last"}


def conv4(input_shape=(28, 28, 1), filters=64, pooled_blocks=4, flatten=True, synchronized=False):
    """Four blocks of convolution, batch normalization, ReLU and max-pooling (Vinyals et al. 2016; Snell et al. 2017).

    Args:
        input_shape: (H, W, C) of one image, values in 0..1.
        filters: channels of each block; the papers use 64.
        pooled_blocks: how many blocks, from the first, halve height and width, 0..4. The relation network pools two.
        flatten: True for a vector for each image, False for a feature map (h, w, filters).
        synchronized: True for batch normalization over all devices, for training under `tf.distribute.MirroredStrategy`.
    Returns:
        `keras.Model` from (n, H, W, C) to (n, D), or to (n, h, w, filters). 28x28 with four pooled blocks gives D = filters.
    Raises:
        ValueError: if pooled_blocks is not in 0..4, or the image is too small to be halved so often.
    """
    _check_input_shape("conv4", input_shape)
    check_integer("conv4", "filters", filters)
    check_integer("conv4", "pooled_blocks", pooled_blocks, 0, 4)
    check_flag("conv4", "flatten", flatten)
    check_flag("conv4", "synchronized", synchronized)
    if min(input_shape[:2]) < 2**pooled_blocks:
        raise ValueError(
            f"conv4 halves height and width {pooled_blocks} times, so it expected images of at least {2**pooled_blocks} pixels "
            f"a side. Received: input_shape={tuple(input_shape)}. Use larger images or fewer pooled_blocks."
        )
    image = x = keras.Input(input_shape, name="image")
    for block in range(4):
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False, **_LAST)(x)  # batch normalization has one
        # Keras' default momentum of .99 is still far from the true statistics after a few hundred episodes.
        x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, synchronized=synchronized)(x)
        x = keras.layers.ReLU()(x)
        if block < pooled_blocks:
            x = keras.layers.MaxPooling2D(**_LAST)(x)
    if flatten:
        x = keras.layers.Flatten(**_LAST)(x)
    return keras.Model(image, x, name="conv4")


def koch(input_shape=(105, 105, 1), filters=(64, 128, 128, 256), kernels=(10, 7, 4, 4), units=4096, kernel_initializer=None):
    """Four convolutions with max-pooling between them, and a sigmoid layer: the twin of Koch et al. (2015, sec. 3.1 and 3.2).

    Args:
        input_shape: (H, W, C) of one image, values in 0..1.
        filters: channels of the four convolutions.
        kernels: their heights and widths in pixels; nothing is padded.
        units: size of the embedding, D.
        kernel_initializer: of the convolutions and the dense layer, with biases of zero. None for the paper's, made for the paper's
            sizes: normal around 0 with a standard deviation of .01 in convolutions and .2 in the dense layer, biases around .5.
    Returns:
        `keras.Model` from (n, H, W, C) to (n, D), each number in 0..1.
    Raises:
        ValueError: if there are not four filters and kernels, or the image is too small for them.
    """
    _check_input_shape("koch", input_shape)
    if np.shape(filters) != (4,) or np.shape(kernels) != (4,):
        raise ValueError(f"koch expected four filters and four kernels. Received: filters={filters}, kernels={kernels}.")
    for size in (*filters, *kernels):
        check_integer("koch", "filters and kernels", size)
    check_integer("koch", "units", units)

    def start(mean, deviation, otherwise):
        # A new initializer for each layer: one for all would give them the same numbers.
        return keras.initializers.RandomNormal(mean, deviation) if kernel_initializer is None else otherwise

    image = x = keras.Input(input_shape, name="image")
    for block in range(4):
        x = keras.layers.Conv2D(
            int(filters[block]),
            int(kernels[block]),
            activation="relu",
            kernel_initializer=start(0.0, 0.01, kernel_initializer),
            bias_initializer=start(0.5, 0.01, "zeros"),
            **_LAST,
        )(x)
        if block < 3:
            x = keras.layers.MaxPooling2D(**_LAST)(x)
    x = keras.layers.Flatten(**_LAST)(x)
    check_integer("koch", "output size", x.shape[-1])  # an older Keras lets a map without pixels pass
    kernel, bias = start(0.0, 0.2, kernel_initializer), start(0.5, 0.01, "zeros")
    x = keras.layers.Dense(int(units), "sigmoid", kernel_initializer=kernel, bias_initializer=bias)(x)
    return keras.Model(image, x, name="koch")


def _check_input_shape(owner, input_shape):
    sizes = tuple(input_shape) if isinstance(input_shape, tuple | list) else ()
    if len(sizes) != 3 or not all(isinstance(size, int | np.integer) and size > 0 for size in sizes):
        raise ValueError(
            f"{owner} expected `input_shape` to be three whole numbers above 0, (height, width, channels). "
            f"Received: input_shape={input_shape!r}."
        )
