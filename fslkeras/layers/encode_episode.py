import keras
from keras import ops


@keras.saving.register_keras_serializable("fslkeras")
class EncodeEpisode(keras.layers.Layer):
    """Embeds the support and the query images of an episode in one pass of one encoder.

    One pass rather than two, so that batch normalisation in training sees the whole episode.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to embeddings (n, ...), a vector or a feature map for each image.
    Args of the call:
        support: float (B, S, H, W, C), images in 0..1.
        query: float (B, Q, H, W, C), images of the same shape.
    Returns:
        two tensors, (B, S, ...) and (B, Q, ...): the encoder's output for each image.
    Raises:
        ValueError: if an image's shape is not the encoder's input shape, or support and query differ in it.

    >>> import numpy as np
    >>> encoder = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    >>> support, query = EncodeEpisode(encoder)(np.zeros((1, 5, 28, 28, 1)), np.zeros((1, 10, 28, 28, 1)))
    >>> tuple(support.shape), tuple(query.shape)
    ((1, 5, 784), (1, 10, 784))
    """

    def __init__(self, encoder, **kwargs):
        super().__init__(**kwargs)
        self.encoder = encoder

    def build(self, support_shape, query_shape):
        self._check(support_shape, query_shape)

    def call(self, support, query, training=None):
        self._check(support.shape, query.shape)
        images = ops.concatenate([support, query], axis=1)
        number_of_support, number_of_images = ops.shape(support)[1], ops.shape(images)[1]
        flat = ops.reshape(images, (-1, *support.shape[2:]))
        embeddings = self.encoder(flat, training=training)
        embeddings = ops.reshape(embeddings, (-1, number_of_images, *embeddings.shape[1:]))
        return embeddings[:, :number_of_support], embeddings[:, number_of_support:]

    def compute_output_shape(self, support_shape, query_shape):
        embedding_shape = tuple(self.encoder.compute_output_shape((None, *support_shape[2:])))[1:]
        return (*support_shape[:2], *embedding_shape), (*query_shape[:2], *embedding_shape)

    def get_config(self):
        return {**super().get_config(), "encoder": keras.saving.serialize_keras_object(self.encoder)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config.pop("encoder")), **config)

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
