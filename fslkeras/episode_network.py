"""What all networks over episodes have in common: their inputs, an encoder, and a head."""

import keras

from fslkeras.layers import EncodeEpisode
from fslkeras.layers.encode_episode import check_encoder
from fslkeras.validation import check_flag, invalid


def episode_inputs(shape, unlabelled=False):
    """The inputs of a network over episodes, or of a head.

    Args:
        shape: For a network, (H, W, C) of an image; for a head, the shape of an embedding, such as
            (D,).
        unlabelled: True to add the input "unlabelled".
    Returns:
        dict of `keras.Input`: "support" (B, S) + shape, "query" (B, Q) + shape, "support_labels"
        (B, S, N), and if asked for, "unlabelled" (B, U) + shape.
    """
    if not isinstance(shape, tuple | list):
        raise invalid("episode_inputs", "shape", shape, "a tuple of integers, such as (28, 28, 1)")
    check_flag("episode_inputs", "unlabelled", unlabelled)
    sets = ("support", "query", "unlabelled") if unlabelled else ("support", "query")
    inputs = {name: keras.Input((None, *shape), name=name) for name in sets}
    return {**inputs, "support_labels": keras.Input((None, None), name="support_labels")}


def compose(encoder, head, query_encoder=None, name=None):
    """A network over episodes from an encoder and a head.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to embeddings (n, ...).
        head: `keras.Model` named "head", from `episode_inputs` of the embedding shape to scores
            (B, Q, N).
        query_encoder: Another encoder for the queries; None to share `encoder`.
        name: Name of the network.
    Returns:
        `keras.Model`, not compiled, from `episode_inputs` of the image shape to scores (B, Q, N).
    Raises:
        ValueError: If an encoder is not a model with known shapes, or the head has another name or
            other inputs.
    """
    check_encoder("compose", encoder)
    named_head = isinstance(head, keras.Model) and head.name == "head"
    if not named_head or not isinstance(getattr(head, "input", None), dict):
        raise ValueError(
            'compose expected `head` to be a keras.Model named "head" with the inputs of '
            f"networks.episode_inputs. Received: head={head!r}. "
            'Build it as keras.Model(inputs, scores, name="head").'
        )
    inputs = episode_inputs(encoder.input_shape[1:], "unlabelled" in head.input)
    sets = [name for name in ("support", "query", "unlabelled") if name in inputs]
    encode = EncodeEpisode(encoder, query_encoder, name="encode")
    embeddings = dict(zip(sets, encode(*(inputs[name] for name in sets)), strict=True))
    scores = head({"support_labels": inputs["support_labels"], **embeddings})
    return keras.Model(inputs, scores, name=name)


def encoder_and_head(model):
    """The `EncodeEpisode` layer and the head of a network, so that they can run separately.

    Returns:
        tuple: The layer and the head; None for a model with any other step, which must run whole.
    """
    inputs, operations = getattr(model, "input", None), getattr(model, "operations", ())
    steps = [step for step in operations if not isinstance(step, keras.layers.InputLayer)]
    if not isinstance(inputs, dict) or len(steps) != 2 or not isinstance(steps[0], EncodeEpisode):
        return None
    encode, head = steps
    expected = [inputs[name] for name in ("support", "query", "unlabelled") if name in inputs]
    received = keras.tree.flatten(encode.input)
    if head.name != "head" or list(map(id, received)) != list(map(id, expected)):
        return None
    return encode, head


def head_inputs(owner, encoder, unlabelled=False):
    """The inputs of a head for this encoder, after checking the encoder."""
    return episode_inputs(check_encoder(owner, encoder).output_shape[1:], unlabelled)
