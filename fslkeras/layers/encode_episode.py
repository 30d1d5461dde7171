import keras
from keras import ops

from fslkeras.validation import check_image_shape, check_shapes


@keras.saving.register_keras_serializable("fslkeras")
class EncodeEpisode(keras.layers.Layer):
    """Embeds the support and query images of an episode in one pass through the encoder.

    With one pass, batch normalization sees the whole episode during training.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to embeddings (n, ...): a vector or a
            feature map per image.
        query_encoder: Another encoder for the queries, with the same input and output shapes, which
            takes a second pass; None to share `encoder`.
    Call arguments:
        support: float (B, S, H, W, C), the support images, in [0, 1].
        query: float (B, Q, H, W, C), the queries.
        unlabelled: float (B, U, H, W, C), unlabeled images for `encoder`, or None.
    Returns:
        tuple: The support embeddings (B, S, ...), the query embeddings (B, Q, ...) and, if there
        are unlabeled images, their embeddings (B, U, ...).
    Raises:
        ValueError: If the images do not have the encoder's input shape, or the two encoders do not
            have the same shapes.

    >>> import numpy as np
    >>> encoder = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    >>> images = np.zeros((1, 15, 28, 28, 1))
    >>> support, query = EncodeEpisode(encoder)(images[:, :5], images[:, 5:])
    >>> tuple(support.shape), tuple(query.shape)
    ((1, 5, 784), (1, 10, 784))
    """

    def __init__(self, encoder, query_encoder=None, **kwargs):
        super().__init__(**kwargs)
        self.encoder = check_encoder("EncodeEpisode", encoder)
        self.query_encoder = query_encoder
        if query_encoder is not None:
            check_encoder("EncodeEpisode", query_encoder, "query_encoder")
            both = (encoder, query_encoder)
            shapes = [(model.input_shape[1:], model.output_shape[1:]) for model in both]
            if shapes[0] != shapes[1]:
                raise ValueError(
                    "EncodeEpisode expected two encoders with the same input and output shapes. "
                    f"Received: {shapes[0][0]} to {shapes[0][1]} and {shapes[1][0]} to "
                    f"{shapes[1][1]}."
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
        """The embeddings of each set of images, from a single pass."""
        counts = [ops.shape(images)[1] for images in sets]
        images = ops.concatenate(sets, axis=1) if len(sets) > 1 else sets[0]
        embeddings = encoder(ops.reshape(images, (-1, *images.shape[2:])), training=training)
        embeddings = ops.reshape(embeddings, (-1, sum(counts), *embeddings.shape[1:]))
        parts, start = [], 0
        for count in counts:
            parts.append(embeddings[:, start : start + count])
            start = start + count
        return parts

    def compute_output_shape(self, support_shape, query_shape, unlabelled_shape=None):
        embedding_shape = tuple(self.encoder.compute_output_shape((None, *support_shape[2:])))[1:]
        shapes = (support_shape, query_shape, unlabelled_shape)
        return tuple((*shape[:2], *embedding_shape) for shape in shapes if shape is not None)

    def get_config(self):
        encoders = {"encoder": self.encoder, "query_encoder": self.query_encoder}
        serialized = {k: keras.saving.serialize_keras_object(v) for k, v in encoders.items()}
        return {**super().get_config(), **serialized}

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
        axes = {name: (shape, f"B {name[0].upper()} *") for name, shape in sets.items()}
        check_shapes("EncodeEpisode", **axes)


def check_encoder(owner, encoder, name="encoder"):
    """Returns the encoder. Raises `ValueError` unless it is a model with known shapes."""
    shapes = getattr(encoder, "input_shape", None), getattr(encoder, "output_shape", None)
    if not isinstance(encoder, keras.Model) or not all(isinstance(x, tuple) for x in shapes):
        raise ValueError(
            f"{owner} expected `{name}` to be a keras.Model from images to embeddings, with one "
            f"input of known shape. Received: {name}={encoder!r}. Put any other model or layer "
            f"behind an input: keras.Sequential([keras.Input((height, width, channels)), {name}])."
        )
    return encoder
