import keras
from keras import ops


@keras.saving.register_keras_serializable("fslkeras")
class EncodeEpisode(keras.layers.Layer):
    """Embeds the support and the query images of an episode in one pass of one encoder.

    One pass rather than two, so that batch normalisation in training sees the whole episode.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to embeddings (n, ...), a vector or a feature map for each image.
        query_encoder: another for the queries, with the same input and output shapes; None to share one. Two encoders make
            two passes.
    Args of the call:
        support: float (B, S, H, W, C), images in 0..1.
        query: float (B, Q, H, W, C), images of the same shape.
    Returns:
        two tensors, (B, S, ...) and (B, Q, ...): the encoder's output for each image.
    Raises:
        ValueError: if an image's shape is not the encoder's input shape, support and query differ in it, or the two encoders
            do not fit each other.

    >>> import numpy as np
    >>> encoder = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    >>> support, query = EncodeEpisode(encoder)(np.zeros((1, 5, 28, 28, 1)), np.zeros((1, 10, 28, 28, 1)))
    >>> tuple(support.shape), tuple(query.shape)
    ((1, 5, 784), (1, 10, 784))
    """

    def __init__(self, encoder, query_encoder=None, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder
        self.query_encoder = query_encoder
        if query_encoder is not None:
            shapes = [(model.input_shape[1:], model.output_shape[1:]) for model in (encoder, query_encoder)]
            if shapes[0] != shapes[1]:
                raise ValueError(
                    "EncodeEpisode expected two encoders with the same input and output shapes and received "
                    f"{shapes[0][0]} to {shapes[0][1]} and {shapes[1][0]} to {shapes[1][1]}."
                )

    def build(self, support_shape, query_shape):
        self._check(support_shape, query_shape)

    def call(self, support, query, training=None):
        self._check(support.shape, query.shape)
        if self.query_encoder is not None:
            return self._encode(self.encoder, support, training), self._encode(self.query_encoder, query, training)
        images = ops.concatenate([support, query], axis=1)
        embeddings = self._encode(self.encoder, images, training)
        number_of_support = ops.shape(support)[1]
        return embeddings[:, :number_of_support], embeddings[:, number_of_support:]

    def _encode(self, encoder, images, training):
        number = ops.shape(images)[1]
        embeddings = encoder(ops.reshape(images, (-1, *images.shape[2:])), training=training)
        return ops.reshape(embeddings, (-1, number, *embeddings.shape[1:]))

    def compute_output_shape(self, support_shape, query_shape):
        embedding_shape = tuple(self.encoder.compute_output_shape((None, *support_shape[2:])))[1:]
        return (*support_shape[:2], *embedding_shape), (*query_shape[:2], *embedding_shape)

    def get_config(self):
        encoders = {"encoder": self.encoder, "query_encoder": self.query_encoder}
        return {**super().get_config(), **{k: keras.saving.serialize_keras_object(v) for k, v in encoders.items()}}

    @classmethod
    def from_config(cls, config):
        for name in ("encoder", "query_encoder"):
            config[name] = keras.saving.deserialize_keras_object(config.get(name))
        return cls(**config)

    def _check(self, support_shape, query_shape):
        expected = tuple(self.encoder.input_shape[1:])
        for name, shape in (("support", support_shape), ("query", query_shape)):
            image_shape = tuple(shape[2:])
            if len(shape) != len(expected) + 2 or any(
                have is not None and want is not None and have != want
                for have, want in zip(image_shape, expected, strict=True)
            ):
                raise ValueError(
                    f"EncodeEpisode expected {name} of shape (episodes, images, *{expected}), the encoder's input shape "
                    f"behind the episode's two axes, and received {tuple(shape)}. "
                    "Build the encoder with the input_shape of your images."
                )
        if any(
            None not in sizes and sizes[0] != sizes[1] for sizes in zip(support_shape[2:], query_shape[2:], strict=True)
        ):
            raise ValueError(
                "EncodeEpisode expected support and query images of one shape, and received "
                f"{tuple(support_shape)} and {tuple(query_shape)}."
            )
