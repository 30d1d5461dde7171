"""The networks of the course in their finished form: each an ordinary functional `keras.Model` over episodes."""

import keras

from fslkeras.layers import Distance, EncodeEpisode, Prototypes


def prototypical(encoder, metric="squared_euclidean"):
    """Prototypical network: a class is the mean of its support embeddings (Snell et al. 2017).

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as `encoders.conv4()`.
        metric: the distance of a query to a prototype, as in `layers.Distance`.
    Returns:
        `keras.Model`, not compiled, from {"support": (B, S, H, W, C), "support_labels": (B, S, N), "query": (B, Q, H, W, C)}
        to scores (B, Q, N), minus the distance to each prototype. Any way, shot and number of queries, also after training.
        Train it with `keras.losses.CategoricalCrossentropy(from_logits=True)`.
    Raises:
        ValueError: if the metric is unknown or the encoder's output is not a vector for each image.
    """
    inputs = _episode_inputs(encoder)
    support, query = EncodeEpisode(encoder, name="encode")(inputs["support"], inputs["query"])
    prototypes = Prototypes(name="prototypes")(support, inputs["support_labels"])
    distances = Distance(metric, name="distances")(query, prototypes)
    return keras.Model(inputs, -distances, name="prototypical")


def _episode_inputs(encoder):
    image_shape = tuple(encoder.input_shape[1:])
    return {
        "support": keras.Input((None, *image_shape), name="support"),
        "support_labels": keras.Input((None, None), name="support_labels"),
        "query": keras.Input((None, *image_shape), name="query"),
    }
