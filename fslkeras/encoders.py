"""The networks that turn an image into an embedding."""

import keras
import numpy as np

from fslkeras.layers.encode_episode import check_encoder
from fslkeras.paths import DATA
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
        x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False, **_LAST)(
            x
        )  # batch normalization has one
        # Keras' default momentum of .99 is still far from the true statistics after a few hundred episodes.
        x = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, synchronized=synchronized)(
            x
        )
        x = keras.layers.ReLU()(x)
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
        raise ValueError(
            f"koch expected four filters and four kernels. Received: filters={filters}, kernels={kernels}."
        )
    for size in (*filters, *kernels):
        check_integer("koch", "filters and kernels", size)
    check_integer("koch", "units", units)

    def start(mean, deviation, otherwise):
        # A new initializer for each layer: one for all would give them the same numbers.
        return (
            keras.initializers.RandomNormal(mean, deviation)
            if kernel_initializer is None
            else otherwise
        )

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
    check_integer(
        "koch", "output size", x.shape[-1]
    )  # an older Keras lets a map without pixels pass
    kernel, bias = start(0.0, 0.2, kernel_initializer), start(0.5, 0.01, "zeros")
    x = keras.layers.Dense(int(units), "sigmoid", kernel_initializer=kernel, bias_initializer=bias)(
        x
    )
    return keras.Model(image, x, name="koch")


def backbone(model, preprocess, normalize=True, trainable=False):
    """A pretrained network as an encoder: its preprocessing, its features averaged over positions.

    Args:
        model: `keras.Model` from images (n, H, W, C) to feature maps (n, h, w, D) or vectors (n, D), such as
            any of `keras.applications` with `include_top=False` and an `input_shape`.
        preprocess: function or layer from images in 0..255 to what the model expects, such as
            `preprocess_input` of the model's module in `keras.applications`.
        normalize: True to scale each embedding to length 1.
        trainable: False to freeze the model itself, batch normalization and all.
    Returns:
        `keras.Model` from (n, H, W, C), values in 0..1, to (n, D). It shares its weights with `model`.
    Raises:
        ValueError: if the model is of another kind or ends in a dense layer.
    """
    check_encoder("backbone", model, "model")
    check_flag("backbone", "normalize", normalize)
    check_flag("backbone", "trainable", trainable)
    last, shape = type(model.layers[-1]).__name__, model.output_shape
    if len(shape) not in (2, 4) or last == "Dense":
        raise ValueError(
            "backbone expected `model` to end in feature maps (n, h, w, D) or vectors (n, D). Received: one "
            f"that ends in a {last} layer, {shape}. Build it with include_top=False."
        )
    model.trainable = bool(trainable)
    image = keras.Input(model.input_shape[1:], name="image")
    x = model(preprocess(keras.layers.Rescaling(255.0)(image)))
    if len(x.shape) == 4:
        x = keras.layers.GlobalAveragePooling2D(**_LAST)(x)
    if normalize:
        x = keras.layers.UnitNormalization()(x)
    return keras.Model(image, x, name="backbone")


# Stages of inverted residual blocks: repeats, kernel, stride of the first, expansion, filters.
_LITE0 = (
    (1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320),
)  # fmt: skip


def efficientnet_lite0(input_shape=(224, 224, 3), normalize=True, trainable=False):
    """EfficientNet-Lite0, trained on ImageNet, as a `backbone`; its weights come with the package.

    EfficientNet-B0 (Tan & Le 2019, table 1) without squeeze-and-excitation, and with ReLU6. Source and
    license of the weights: data/weights/efficientnet_lite0.md.

    Args:
        input_shape: (H, W, 3) of one image; it was trained on (224, 224, 3).
        normalize, trainable: as in `backbone`.
    Returns:
        `keras.Model` from (n, H, W, 3), values in 0..1, to (n, 1280).
    Raises:
        ValueError: if the images have no three channels, or a side is below 32 pixels.
    """
    _check_input_shape("efficientnet_lite0", input_shape)
    if input_shape[2] != 3 or min(input_shape[:2]) < 32:
        expected = "color images (color_mode='rgb') of at least 32 pixels a side"
        raise ValueError(
            f"efficientnet_lite0 expected {expected}. Received: input_shape={tuple(input_shape)}."
        )
    model = _lite0(input_shape)
    with np.load(DATA / "weights" / "efficientnet_lite0.npz", allow_pickle=False) as file:
        for weight in model.weights:
            weight.assign(file[weight.path].astype("float32"))
    # Mean and deviation are the ones it was trained with, not those of ImageNet.
    return backbone(model, keras.layers.Rescaling(1 / 128, -127 / 128), normalize, trainable)


def _lite0(input_shape):
    """The network up to its last feature maps, (n, h, w, 1280), with random weights."""

    def convolve(x, name, filters=None, kernel=1, stride=1, activate=True):
        options = {"strides": stride, "padding": "same", "use_bias": False, "name": name, **_LAST}
        depthwise = keras.layers.DepthwiseConv2D
        layer = (
            depthwise(kernel, **options)
            if filters is None
            else keras.layers.Conv2D(filters, kernel, **options)
        )
        x = layer(x)
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
    if len(sizes) != 3 or not all(
        isinstance(size, int | np.integer) and size > 0 for size in sizes
    ):
        raise ValueError(
            f"{owner} expected `input_shape` to be three whole numbers above 0, (height, width, channels). "
            f"Received: input_shape={input_shape!r}."
        )
