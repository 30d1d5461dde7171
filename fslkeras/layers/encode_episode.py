import keras
from keras import ops

from fslkeras.validation import check_image_shape, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class EncodeEpisode(keras.layers.Layer):
    """Embeds the support and the query images of an episode in one pass of one encoder.

    One pass rather than two, so that batch normalization in training sees the whole episode.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to embeddings (n, ...), a vector or a feature map for each image.
        query_encoder: another for the queries, with the same input and output shapes; None to share one. Two encoders make
            two passes.
    Call arguments:
        support: float (B, S, H, W, C), images in 0..1.
        query: float (B, Q, H, W, C), images of the same shape.
        unlabelled: float (B, U, H, W, C), or None. These go through the support's encoder.
    Returns:
        two tensors, (B, S, ...) and (B, Q, ...), and with unlabelled images a third, (B, U, ...): the encoder's output for each image.
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
        self.encoder = check_encoder("EncodeEpisode", encoder)
        self.query_encoder = query_encoder
        if query_encoder is not None:
            check_encoder("EncodeEpisode", query_encoder, "query_encoder")
            shapes = [
                (model.input_shape[1:], model.output_shape[1:])
                for model in (encoder, query_encoder)
            ]
            if shapes[0] != shapes[1]:
                raise ValueError(
                    "EncodeEpisode expected two encoders with the same input and output shapes. Received: "
                    f"{shapes[0][0]} to {shapes[0][1]} and {shapes[1][0]} to {shapes[1][1]}."
                )

    def build(self, support_shape, query_shape, unlabelled_shape=None):
        self._check(support_shape, query_shape, unlabelled_shape)

    def call(self, support, query, unlabelled=None, training=None):
        self._check(support.shape, query.shape, None if unlabelled is None else unlabelled.shape)
        examples = [support] if unlabelled is None else [support, unlabelled]
        if self.query_encoder is None:
            support, *unlabelled, query = self._encode(self.encoder, [*examples, query], training)
        else:
            support, *unlabelled = self._encode(self.encoder, examples, training)
            (query,) = self._encode(self.query_encoder, [query], training)
        return support, query, *unlabelled

    def _encode(self, encoder, sets, training):
        """Each set of images, embedded in one pass."""
        numbers = [ops.shape(images)[1] for images in sets]
        images = ops.concatenate(sets, axis=1) if len(sets) > 1 else sets[0]
        embeddings = encoder(ops.reshape(images, (-1, *images.shape[2:])), training=training)
        embeddings = ops.reshape(embeddings, (-1, sum(numbers), *embeddings.shape[1:]))
        parts, start = [], 0
        for number in numbers:
            parts.append(embeddings[:, start : start + number])
            start = start + number
        return parts

    def compute_output_shape(self, support_shape, query_shape, unlabelled_shape=None):
        embedding_shape = tuple(self.encoder.compute_output_shape((None, *support_shape[2:])))[1:]
        sets = (
            (support_shape, query_shape)
            if unlabelled_shape is None
            else (support_shape, query_shape, unlabelled_shape)
        )
        return tuple((*shape[:2], *embedding_shape) for shape in sets)

    def get_config(self):
        encoders = {"encoder": self.encoder, "query_encoder": self.query_encoder}
        return {
            **super().get_config(),
            **{k: keras.saving.serialize_keras_object(v) for k, v in encoders.items()},
        }

    @classmethod
    def from_config(cls, config):
        for name in ("encoder", "query_encoder"):
            config[name] = keras.saving.deserialize_keras_object(config.get(name))
        return cls(**config)

    def _check(self, support_shape, query_shape, unlabelled_shape):
        sets = {"support": support_shape, "query": query_shape, "unlabelled": unlabelled_shape}
        sets = {name: shape for name, shape in sets.items() if shape is not None}
        for name, shape in sets.items():
            check_image_shape("EncodeEpisode", name, self.encoder.input_shape[1:], shape[2:])
        check_shapes(
            "EncodeEpisode",
            **{name: (shape, f"B {name[0].upper()} *") for name, shape in sets.items()},
        )


def check_encoder(owner, encoder, name="encoder"):
    """The encoder itself. Raises `ValueError` unless it is a model whose input and output shapes are known."""
    shapes = getattr(encoder, "input_shape", None), getattr(encoder, "output_shape", None)
    if not isinstance(encoder, keras.Model) or not all(
        isinstance(shape, tuple) for shape in shapes
    ):
        raise ValueError(
            f"{owner} expected `{name}` to be a keras.Model from images to embeddings, with one input of known shape. Received: "
            f"{name}={encoder!r}. Put any other model or layer behind an input: "
            "keras.Sequential([keras.Input((height, width, channels)), model])."
        )
    return encoder
