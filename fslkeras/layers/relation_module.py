import keras
from keras import ops


@keras.saving.register_keras_serializable("fslkeras")
class RelationModule(keras.layers.Layer):
    """How alike each query and each class are, by a small network that learns to compare (Sung et al. 2018, eq. 1, sec. 3.4).

    The paper lays the feature map of the query and that of the class one behind the other in channels, then has two blocks of
    convolution, batch normalisation, ReLU and max-pooling, a dense layer with ReLU, and one number through a sigmoid. A convolution
    of such a concatenation is the sum of a convolution of each half. So the first one runs once a query and once a class, and only
    its sums exist for each pair: the same numbers for a fraction of the work.

    Args:
        filters: channels of the two convolutions; the paper uses 64.
        units: size of the dense layer; the paper uses 8.
    Args of the call:
        query_maps: float (B, Q, h, w, C), the queries' feature maps, at least 4 x 4.
        class_maps: float (B, N, h, w, C), one feature map a class.
        training: True to let batch normalisation use the statistics of these very pairs, and learn from them.
    Returns:
        float32 (B, Q, N), the relation scores, each 0..1.
    Raises:
        ValueError: if the shapes do not fit, or the maps are too small to be halved twice.

    >>> import numpy as np
    >>> layer = RelationModule(filters=4)
    >>> layer(np.zeros((1, 10, 7, 7, 6)), np.zeros((1, 5, 7, 7, 6))).shape == (1, 10, 5)
    True
    """

    def __init__(self, filters=64, units=8, **kwargs):
        super().__init__(**kwargs)
        for name, value in (("filters", filters), ("units", units)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"RelationModule expected {name} to be a whole number of at least 1, not {value!r}.")
        self.filters, self.units = filters, units
        part = {"dtype": self.dtype_policy}

        def convolution(name):
            # Without a bias: batch normalisation follows and brings one.
            return keras.layers.Conv2D(filters, 3, padding="same", use_bias=False, name=name, **part)

        def normalization(name):
            return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=name, **part)

        self.convolve_query, self.convolve_class = convolution("convolve_query"), convolution("convolve_class")
        self.normalize_1, self.normalize_2 = normalization("normalize_1"), normalization("normalize_2")
        self.convolve_2 = convolution("convolve_2")
        self.pool = keras.layers.MaxPooling2D(name="pool", **part)
        self.dense = keras.layers.Dense(units, activation="relu", name="dense", **part)
        self.score = keras.layers.Dense(1, activation="sigmoid", name="score", dtype="float32")

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

    def call(self, query_maps, class_maps, training=None):
        self.compute_output_shape(query_maps.shape, class_maps.shape)
        if tuple(query_maps.shape[2:]) != self.map_shape:
            raise ValueError(
                f"RelationModule was built for feature maps of shape {self.map_shape} and received {tuple(query_maps.shape[2:])}."
            )
        queries, classes = ops.shape(query_maps)[1], ops.shape(class_maps)[1]
        height, width, _ = self.map_shape

        def convolve(convolution, maps, number):
            flat = convolution(ops.reshape(maps, (-1, *self.map_shape)))
            return ops.reshape(flat, (-1, number, height, width, self.filters))

        of_queries = convolve(self.convolve_query, query_maps, queries)
        of_classes = convolve(self.convolve_class, class_maps, classes)
        pairs = ops.reshape(of_queries[:, :, None] + of_classes[:, None], (-1, height, width, self.filters))
        # The largest of several numbers is the same before and after a ReLU; after the pooling there are a quarter of them.
        pairs = ops.relu(self.pool(self.normalize_1(pairs, training=training)))
        pairs = ops.relu(self.pool(self.normalize_2(self.convolve_2(pairs), training=training)))
        pairs = ops.reshape(pairs, (-1, (height // 4) * (width // 4) * self.filters))
        return ops.reshape(self.score(self.dense(pairs)), (-1, queries, classes))

    def compute_output_shape(self, query_maps_shape, class_maps_shape):
        if (
            len(query_maps_shape) != 5
            or len(class_maps_shape) != 5
            or None in query_maps_shape[2:]
            or tuple(query_maps_shape[2:]) != tuple(class_maps_shape[2:])
            or (None not in (query_maps_shape[0], class_maps_shape[0]) and query_maps_shape[0] != class_maps_shape[0])
        ):
            raise ValueError(
                "RelationModule expected feature maps of shape (episodes, queries, h, w, C) and (episodes, classes, h, w, C) with as "
                f"many episodes and the same h, w and C, and received {tuple(query_maps_shape)} and {tuple(class_maps_shape)}. "
                "Build the encoder to keep its maps: conv4(pooled_blocks=2, flatten=False) does."
            )
        if min(query_maps_shape[2:4]) < 4:
            raise ValueError(
                "RelationModule halves the feature maps twice, so it expected maps of at least 4 x 4 and received "
                f"{query_maps_shape[2]} x {query_maps_shape[3]}. Pool less in the encoder, or use larger images."
            )
        return (*query_maps_shape[:2], class_maps_shape[1])

    def compute_output_spec(self, query_maps, class_maps, training=None):
        # Keras would take the scores for float16 where the policy is mixed.
        return keras.KerasTensor(self.compute_output_shape(query_maps.shape, class_maps.shape), dtype="float32")

    def get_config(self):
        return {**super().get_config(), "filters": self.filters, "units": self.units}
