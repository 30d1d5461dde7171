import functools

import keras
from keras import ops

from fslkeras.validation import check_choice, check_integer, check_known, check_shapes

_LAST = {"data_format": "channels_last"}


@keras.saving.register_keras_serializable("fslkeras")
class RelationModule(keras.layers.Layer):
    """Learned similarity of each query and each class (Sung et al. 2018, eq. 1, sec. 3.4).

    The paper concatenates the feature maps of a query and a class along the channel axis, and then
    applies two blocks of convolution, batch normalization, ReLU and max pooling, a dense layer with
    ReLU, and a single sigmoid unit. Here the first convolution runs once per query and once per
    class, and only the sums are computed per pair: the same numbers for a fraction of the work.

    Args:
        filters: Channels of the two convolutions, at least 1; 64 in the paper.
        units: Size of the dense layer, at least 1; 8 in the paper.
        activation: "sigmoid" for relation scores in [0, 1], as in the paper; None for log-odds.
    Call arguments:
        query_maps: float (B, Q, h, w, C), the feature maps of the queries, at least 4 x 4.
        class_maps: float (B, N, h, w, C), one feature map per class.
        training: bool, True to normalize with the statistics of these pairs and update the moving
            averages.
        convolved: bool, True for maps that `convolve_query` and `convolve_class` have been applied
            to, as `evaluate` does once per image.
    Returns:
        float32 (B, Q, N): the relation scores, or their log-odds.
    Raises:
        ValueError: If an argument is invalid, the shapes do not match, or the maps are too small.

    >>> import numpy as np
    >>> layer = RelationModule(filters=4)
    >>> layer(np.zeros((1, 10, 7, 7, 6)), np.zeros((1, 5, 7, 7, 6))).shape == (1, 10, 5)
    True
    """

    def __init__(self, filters=64, units=8, activation="sigmoid", **kwargs):
        super().__init__(**kwargs)
        check_integer("RelationModule", "filters", filters)
        check_integer("RelationModule", "units", units)
        check_choice("RelationModule", "activation", activation, ("sigmoid", None))
        self.filters, self.units, self.activation = int(filters), int(units), activation
        part = {"dtype": self.dtype_policy}
        last = {**_LAST, **part}

        def convolution(name):
            options = {"padding": "same", "use_bias": False, "name": name}  # normalization has one
            return keras.layers.Conv2D(filters, 3, **options, **last)

        def normalization(name):
            return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name, **part)

        self.convolve_query = convolution("convolve_query")
        self.convolve_class = convolution("convolve_class")
        self.normalize_1 = normalization("normalize_1")
        self.normalize_2 = normalization("normalize_2")
        self.convolve_2 = convolution("convolve_2")
        self.pool = keras.layers.MaxPooling2D(name="pool", **last)
        self.dense = keras.layers.Dense(self.units, activation="relu", name="dense", **part)
        self.score = keras.layers.Dense(1, activation=activation, name="score", dtype="float32")

    def build(self, query_maps_shape, class_maps_shape):
        self.compute_output_shape(query_maps_shape, class_maps_shape)
        height, width, channels = query_maps_shape[2:]
        self.convolve_query.build((None, height, width, channels))
        self.convolve_class.build((None, height, width, channels))
        self.normalize_1.build((None, height, width, self.filters))
        height, width = height // 2, width // 2
        self.convolve_2.build((None, height, width, self.filters))
        self.normalize_2.build((None, height, width, self.filters))
        self.dense.build((None, (height // 2) * (width // 2) * self.filters))
        self.score.build((None, self.units))
        self.map_shape = tuple(query_maps_shape[2:])

    def call(self, query_maps, class_maps, training=None, convolved=False):
        self.compute_output_shape(query_maps.shape, class_maps.shape)
        map_shape = (*self.map_shape[:2], self.filters) if convolved else self.map_shape
        if tuple(query_maps.shape[2:]) != map_shape:
            raise ValueError(
                f"RelationModule was built for feature maps of shape {map_shape}. "
                f"Received: feature maps of shape {tuple(query_maps.shape[2:])}."
            )
        queries, classes = ops.shape(query_maps)[1], ops.shape(class_maps)[1]
        height, width, _ = self.map_shape

        def convolve(convolution, maps, count):
            flat = ops.reshape(maps, (-1, *map_shape))
            flat = flat if convolved else convolution(flat)
            flat = flat if training else self.normalize_1(flat, training=False)
            return ops.reshape(flat, (-1, count, height, width, self.filters))

        query_part = convolve(self.convolve_query, query_maps, queries)
        class_part = convolve(self.convolve_class, class_maps, classes)
        if training:
            pairs = query_part[:, :, None] + class_part[:, None]
            pairs = ops.reshape(pairs, (-1, height, width, self.filters))
            # Max pooling and ReLU commute; pooling first leaves a quarter of the numbers for it.
            pairs = ops.relu(self.pool(self.normalize_1(pairs, training=True)))
            pairs = self.convolve_2(pairs)
        else:
            pairs = self._pooled_pairs(query_part, class_part)
            # The last row and column of an odd map are dropped by pooling, so not computed.
            padding = [(0, 0), (1, 1 - height // 2 % 2), (1, 1 - width // 2 % 2), (0, 0)]
            pairs = ops.conv(ops.pad(pairs, padding), self.convolve_2.kernel, 1, "valid", **_LAST)
        pairs = ops.relu(self.pool(self.normalize_2(pairs, training=training)))
        pairs = ops.reshape(pairs, (-1, (height // 4) * (width // 4) * self.filters))
        return ops.reshape(self.score(self.dense(pairs)), (-1, queries, classes))

    def _pooled_pairs(self, query_part, class_part):
        """The first block of each pair from parts that are both normalized: n(q + c) is affine."""
        class_part = class_part - self.normalize_1(ops.zeros((1, 1, 1, self.filters)))
        height, width = (2 * (side // 2) for side in self.map_shape[:2])
        corners = [(slice(i, height, 2), slice(j, width, 2)) for i in (0, 1) for j in (0, 1)]
        sums = (query_part[:, :, None, i, j] + class_part[:, None, :, i, j] for i, j in corners)
        pairs = functools.reduce(ops.maximum, sums)  # max pooling, without the pairs before it
        return ops.relu(ops.reshape(pairs, (-1, height // 2, width // 2, self.filters)))

    def compute_output_shape(self, query_maps_shape, class_maps_shape):
        size = check_shapes(
            "RelationModule",
            "Let the encoder keep its feature maps, as conv4(pooled_blocks=2, flatten=False) does.",
            query_maps=(query_maps_shape, "B Q h w C"),
            class_maps=(class_maps_shape, "B N h w C"),
        )
        for axis in "hwC":
            check_known("RelationModule", size[axis], f"`query_maps` of known {axis}")
        if min(size["h"], size["w"]) < 4:
            raise ValueError(
                "RelationModule halves the feature maps twice and expected maps of at least 4 x 4. "
                f"Received: maps of {size['h']} x {size['w']}. Use fewer pooling layers in the "
                "encoder, or larger images."
            )
        return (query_maps_shape[0], size["Q"], size["N"])

    def compute_output_spec(self, query_maps, class_maps, training=None, convolved=False):
        # Under mixed precision, Keras would assume float16 scores.
        shape = self.compute_output_shape(query_maps.shape, class_maps.shape)
        return keras.KerasTensor(shape, dtype="float32")

    def get_config(self):
        own = {"filters": self.filters, "units": self.units, "activation": self.activation}
        return {**super().get_config(), **own}
