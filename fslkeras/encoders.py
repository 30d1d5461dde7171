"""Encoders, the networks that turn an image into an embedding."""

import keras
import numpy as np

from fslkeras.layers.encode_episode import check_encoder
from fslkeras.paths import DATA
from fslkeras.validation import channels_first, check_flag, check_integer, invalid

__all__ = ["backbone", "conv4", "efficientnet_lite0", "koch"]

# Images are (height, width, channels), whatever Keras is configured to expect.
_LAST = {"data_format": "channels_last"}


def conv4(input_shape=(28, 28, 1), filters=64, pooled_blocks=4, flatten=True, synchronized=False):
    """Four blocks of convolution, batch normalization, ReLU and max pooling (Vinyals et al. 2016).

    Args:
        input_shape: (H, W, C) of an image.
        filters: Channels of each block, at least 1; 64 in the papers.
        pooled_blocks: How many blocks, counted from the first, halve height and width, 0 to 4. The
            relation network pools two.
        flatten: True for a vector per image, False for a feature map (h, w, filters).
        synchronized: True to share batch statistics among devices, for training under
            `tf.distribute.MirroredStrategy`.
    Returns:
        `keras.Model` from (n, H, W, C), values in [0, 1], to (n, D) or (n, h, w, filters). With
        28x28 images and four pooled blocks, D = filters.
    Raises:
        ValueError: If an argument is invalid, or the image is too small for the pooling.
    """
    _check_input_shape("conv4", input_shape)
    check_integer("conv4", "filters", filters)
    check_integer("conv4", "pooled_blocks", pooled_blocks, 0, 4)
    check_flag("conv4", "flatten", flatten)
    check_flag("conv4", "synchronized", synchronized)
    if min(input_shape[:2]) < 2**pooled_blocks:
        raise ValueError(
            f"conv4 halves height and width {pooled_blocks} times and expected images of at least "
            f"{2**pooled_blocks} pixels per side. Received: input_shape={tuple(input_shape)}. "
            "Use larger images or fewer pooled_blocks."
        )
    image = x = keras.Input(input_shape, name="image")
    for block in range(4):
        # Batch normalization has the bias. With Keras' default momentum of 0.99, its moving
        # averages would still be far off after a few hundred episodes.
        options = {"momentum": 0.9, "epsilon": 1e-5, "synchronized": synchronized}
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False, **_LAST)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization(**options)(x))
        if block < pooled_blocks:
            x = keras.layers.MaxPooling2D(**_LAST)(x)
    if flatten:
        x = keras.layers.Flatten(**_LAST)(x)
    return keras.Model(image, x, name="conv4")


def koch(
    input_shape=(105, 105, 1),
    filters=(64, 128, 128, 256),
    kernels=(10, 7, 4, 4),
    units=4096,
    kernel_initializer=None,
):
    """Four convolutions with max pooling between them and a sigmoid layer (Koch et al. 2015).

    This is one twin of the paper's network, sec. 3.1 and 3.2.

    Args:
        input_shape: (H, W, C) of an image.
        filters: Channels of the four convolutions, each at least 1.
        kernels: Their heights and widths in pixels. There is no padding.
        units: Size of the embedding, D, at least 1.
        kernel_initializer: Initializer of all kernels, with biases of zero. None for the paper's,
            which suits the paper's sizes: normal around 0, with a standard deviation of 0.01 in the
            convolutions and 0.2 in the dense layer, and biases around 0.5.
    Returns:
        `keras.Model` from (n, H, W, C), values in [0, 1], to (n, D), values in [0, 1].
    Raises:
        ValueError: If there are not four filters and kernels, or the image is too small for them.
    """
    _check_input_shape("koch", input_shape)
    for name, sizes in {"filters": filters, "kernels": kernels}.items():
        if np.shape(sizes) != (4,):
            raise invalid("koch", name, sizes, "four integers")
        for size in sizes:
            check_integer("koch", name, size)
    check_integer("koch", "units", units)

    def start(mean, deviation, otherwise):
        # Each layer needs an initializer of its own: a shared one would repeat its numbers.
        normal = keras.initializers.RandomNormal(mean, deviation)
        return normal if kernel_initializer is None else otherwise

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
    if not x.shape[-1]:  # older Keras allows feature maps without pixels
        raise invalid("koch", "input_shape", input_shape, "larger images: the output size is 0")
    kernel, bias = start(0.0, 0.2, kernel_initializer), start(0.5, 0.01, "zeros")
    dense = keras.layers.Dense(
        int(units), "sigmoid", kernel_initializer=kernel, bias_initializer=bias
    )
    return keras.Model(image, dense(x), name="koch")


def backbone(model, preprocess, normalize=True, trainable=False):
    """Makes an encoder of a pretrained network: preprocessing, network, mean over positions.

    Args:
        model: `keras.Model` from images (n, H, W, C) to feature maps (n, h, w, D) or vectors
            (n, D), such as any of `keras.applications` with `include_top=False` and an
            `input_shape`.
        preprocess: Function or layer from images in [0, 255] to what the model expects, such as
            the `preprocess_input` in the model's module of `keras.applications`.
        normalize: True to scale each embedding to length 1.
        trainable: False to freeze the model, including its batch normalization.
    Returns:
        `keras.Model` from (n, H, W, C), values in [0, 1], to (n, D). It shares the weights of
        `model`.
    Raises:
        ValueError: If `model` is not a model with known shapes, or ends in a dense layer.
    """
    check_encoder("backbone", model, "model")
    if not callable(preprocess):
        raise invalid("backbone", "preprocess", preprocess, "a function or a layer")
    check_flag("backbone", "normalize", normalize)
    check_flag("backbone", "trainable", trainable)
    last, shape = type(model.layers[-1]).__name__, model.output_shape
    if len(shape) not in (2, 4) or last == "Dense":
        raise ValueError(
            "backbone expected `model` to end in feature maps (n, h, w, D) or vectors (n, D). "
            f"Received: a model that ends in a {last} layer, {shape}. Use include_top=False."
        )
    model.trainable = bool(trainable)
    image = keras.Input(model.input_shape[1:], name="image")
    x = model(preprocess(keras.layers.Rescaling(255.0)(image)))
    if len(x.shape) == 4:
        x = keras.layers.GlobalAveragePooling2D(**_LAST)(x)
    if normalize:
        x = keras.layers.UnitNormalization()(x)
    return keras.Model(image, x, name="backbone")


# Stages of inverted residual blocks: repeats, kernel, first stride, expansion, filters.
_LITE0 = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip


def efficientnet_lite0(input_shape=(224, 224, 3), normalize=True, trainable=False):
    """EfficientNet-Lite0 trained on ImageNet, as a `backbone`. Its weights come with the package.

    This is EfficientNet-B0 (Tan & Le 2019, table 1) with ReLU6 and no squeeze-and-excitation.
    data/weights/efficientnet_lite0.md names the source and license of the weights.

    Args:
        input_shape: (H, W, 3) of an image, at least 32 pixels per side; (224, 224, 3) in training.
        normalize: True to scale each embedding to length 1.
        trainable: False to freeze the network, including its batch normalization.
    Returns:
        `keras.Model` from (n, H, W, 3), values in [0, 1], to (n, 1280).
    Raises:
        ValueError: If the images do not have three channels, or are too small.
    """
    _check_input_shape("efficientnet_lite0", input_shape)
    if input_shape[2] != 3 or min(input_shape[:2]) < 32:
        expected = "color images (color_mode='rgb') of at least 32 pixels per side"
        raise ValueError(
            f"efficientnet_lite0 expected {expected}. Received: input_shape={tuple(input_shape)}."
        )
    model = _lite0(input_shape)
    with np.load(DATA / "weights" / "efficientnet_lite0.npz", allow_pickle=False) as file:
        for weight in model.weights:
            weight.assign(file[weight.path].astype("float32"))
    # It was trained with this mean and scale, not with ImageNet's.
    return backbone(model, keras.layers.Rescaling(1 / 128, -127 / 128), normalize, trainable)


def _lite0(input_shape):
    """The network up to its last feature maps, (n, h, w, 1280), with untrained weights."""

    def convolve(x, name, filters=None, kernel=1, stride=1, activate=True):
        options = {"strides": stride, "padding": "same", "use_bias": False, "name": name, **_LAST}
        if filters is None:
            x = keras.layers.DepthwiseConv2D(kernel, **options)(x)
        else:
            x = keras.layers.Conv2D(filters, kernel, **options)(x)
        x = keras.layers.BatchNormalization(momentum=0.99, epsilon=1e-3, name=f"{name}_norm")(x)
        return keras.layers.ReLU(6.0)(x) if activate else x

    image = keras.Input(input_shape, name="image")
    x = convolve(image, "stem", 32, 3, 2)
    blocks = [(*stage[1:], step) for stage in _LITE0 for step in range(stage[0])]
    for number, (kernel, stride, expansion, filters, step) in enumerate(blocks):
        name, start = f"block{number}", x
        if expansion > 1:
            x = convolve(x, f"{name}_expand", expansion * x.shape[-1])
        x = convolve(x, f"{name}_depthwise", kernel=kernel, stride=stride if step == 0 else 1)
        x = convolve(x, f"{name}_project", filters, activate=False)
        if step:
            x = keras.layers.add([x, start])
    return keras.Model(image, convolve(x, "top", 1280), name="efficientnet_lite0")


def _check_input_shape(owner, input_shape):
    sizes = tuple(input_shape) if isinstance(input_shape, tuple | list) else ()
    integers = all(isinstance(x, int | np.integer) and x > 0 for x in sizes)
    if len(sizes) != 3 or not integers or channels_first(sizes):
        expected = "three integers of at least 1, (height, width, channels), channels last"
        raise invalid(owner, "input_shape", input_shape, expected)
