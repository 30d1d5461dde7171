"""The networks of the course: ordinary functional Keras models over episodes.

Each is an encoder, which turns every image of an episode into an embedding, and a *head*, a
sub-model named "head", which turns embeddings and support labels into scores. `evaluate` and
`FewShotClassifier` embed each image once and then run the head alone. An encoder receives float32
images in [0, 1]; begin it with `keras.layers.Rescaling` if it expects another range.

`siamese` trains on `Pairs`, all others on `Episodes`. What to pass to `compile`::

    network                 loss                                       metric
    siamese                 losses.ContrastiveLoss()                   metrics.PairAccuracy()
    siamese, "weighted_l1"  BinaryCrossentropy(from_logits=True)       BinaryAccuracy(threshold=0.0)
    prototypical            CategoricalCrossentropy(from_logits=True)  metrics.EpisodeAccuracy()
    gaussian_prototypical   CategoricalCrossentropy(from_logits=True)  metrics.EpisodeAccuracy()
    semi_supervised         CategoricalCrossentropy(from_logits=True)  metrics.EpisodeAccuracy()
    relation                MeanSquaredError()                         metrics.EpisodeAccuracy()
    matching                CategoricalCrossentropy(from_logits=True)  metrics.EpisodeAccuracy()

With the wrong data, Keras raises a `ValueError`: 'Missing data for input ...'. A wrong loss often
raises nothing: without `from_logits=True`, cross-entropy takes scores for probabilities.
`class_weight` raises a `TypeError`, since a column stands for another class in each episode.
"""

import json

import keras
from keras import ops

from fslkeras import layers
from fslkeras.encoders import conv4
from fslkeras.episode_network import compose, encoder_and_head, episode_inputs, head_inputs
from fslkeras.layers.encode_episode import check_encoder
from fslkeras.paths import DATA
from fslkeras.validation import check_choice, check_integer

__all__ = [
    "compose",
    "encoder_and_head",
    "episode_inputs",
    "episode_model",
    "gaussian_prototypical",
    "matching",
    "pretrained",
    "prototypical",
    "relation",
    "semi_supervised",
    "siamese",
]


def siamese(encoder, energy="euclidean"):
    """Siamese network: embeds both images of a pair with one encoder, and compares the embeddings.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as
            `encoders.conv4()` or `encoders.koch()`.
        energy: "euclidean" or "cosine" for a distance (Hadsell et al. 2006), to train with
            `losses.ContrastiveLoss`; "weighted_l1" for the logit of "same class" (Koch et al.
            2015), to train with `keras.losses.BinaryCrossentropy(from_logits=True)`.
    Returns:
        `keras.Model`, not compiled, from {"left": (B, H, W, C), "right": (B, H, W, C)} to (B,).
        Swapping left and right does not change the result.
    Raises:
        ValueError: If the energy is unknown, or the encoder does not return a vector per image.
    """
    check_encoder("siamese", encoder)
    check_choice("siamese", "energy", energy, ("cosine", "euclidean", "weighted_l1"))
    if energy == "weighted_l1":
        compare = layers.WeightedL1(name="energy")
    else:
        compare = layers.Distance(energy, name="energy")
    shape = tuple(encoder.input_shape[1:])
    inputs = {side: keras.Input(shape, name=side) for side in ("left", "right")}
    left, right = encoder(inputs["left"]), encoder(inputs["right"])
    # `compare` takes sets of embeddings. Here each set has one.
    energies = compare(ops.expand_dims(left, 1), ops.expand_dims(right, 1))
    return keras.Model(inputs, ops.squeeze(energies, (1, 2)), name="siamese")


def episode_model(siamese):
    """Makes a Siamese network classify episodes, by the mean similarity to each class's images.

    Each image is embedded once, however many pairs it is in.

    Args:
        siamese: `keras.Model` returned by `networks.siamese`, trained or not. The two models share
            their weights.
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to scores
        (B, Q, N): minus the distance, or the logit of "same class", averaged over the support
        images of each class.
    Raises:
        ValueError: If the model is not a Siamese network.
    """
    parts = getattr(siamese, "layers", [])
    encoder = next((part for part in parts if isinstance(part, keras.Model)), None)
    kinds = layers.Distance | layers.WeightedL1
    compare = next((part for part in parts if isinstance(part, kinds)), None)
    if encoder is None or compare is None:
        raise ValueError(
            "episode_model expected a network as fslkeras.networks.siamese returns it, with an "
            "encoder and a Distance or WeightedL1 layer. "
            f"Received: {[type(part).__name__ for part in parts] or siamese!r}."
        )
    inputs = episode_inputs(encoder.output_shape[1:])
    similarity = compare(inputs["query"], inputs["support"])  # (B, Q, S)
    if isinstance(compare, layers.Distance):
        similarity = -similarity
    # Prototypes computes the mean of each class, here of similarities instead of embeddings.
    mean = layers.Prototypes(name="class_means")
    scores = mean(ops.transpose(similarity, (0, 2, 1)), inputs["support_labels"])
    return _network("siamese_episodes", encoder, inputs, ops.transpose(scores, (0, 2, 1)))


def prototypical(encoder, metric="squared_euclidean"):
    """Prototypical network: represents a class by its mean embedding (Snell et al. 2017).

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as
            `encoders.conv4()`.
        metric: Distance from a query to a prototype, as in `layers.Distance`.
    Returns:
        `keras.Model`, not compiled, from {"support": (B, S, H, W, C), "support_labels": (B, S, N),
        "query": (B, Q, H, W, C)} to scores (B, Q, N), minus the distance to each prototype. Way,
        shot and number of queries may vary, even after training. Train it with
        `keras.losses.CategoricalCrossentropy(from_logits=True)`.
    Raises:
        ValueError: If the metric is unknown, or the encoder does not return a vector per image.
    """
    inputs = head_inputs("prototypical", encoder)
    prototypes = layers.Prototypes(name="prototypes")(inputs["support"], inputs["support_labels"])
    distances = layers.Distance(metric, name="distances")(inputs["query"], prototypes)
    return _network("prototypical", encoder, inputs, -distances)


def gaussian_prototypical(encoder, precision="image"):
    """Gaussian prototypical network: estimates how precise each support embedding is (Fort 2017).

    A dense layer on the support embeddings returns the precision, 1 + softplus. More precise images
    count more in the mean of their class, and distances from a more precise class count more.
    Precisions add up, so all else equal, the class with fewer images attracts more queries.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as
            `encoders.conv4()`.
        precision: "image" for one number per image, or "dimension" for D of them.
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to scores
        (B, Q, N), minus the distance to each prototype. Train it on support images of varying
        quality, with `keras.losses.CategoricalCrossentropy(from_logits=True)`.
    Raises:
        ValueError: If the precision is unknown, or the encoder does not return a vector per image.
    """
    inputs = head_inputs("gaussian_prototypical", encoder)
    check_choice("gaussian_prototypical", "precision", precision, ("image", "dimension"))
    units = 1 if precision == "image" else encoder.output_shape[-1]
    dense = keras.layers.Dense(units, "softplus", dtype="float32", name="precision")
    gather = layers.GaussianPrototypes(name="prototypes")
    compare = layers.MahalanobisDistance(name="distances")
    support = inputs["support"]
    prototypes = gather(support, 1 + dense(support), inputs["support_labels"])
    return _network(
        "gaussian_prototypical", encoder, inputs, -compare(inputs["query"], *prototypes)
    )


def semi_supervised(encoder, method="masked"):
    """Prototypical network that refines its prototypes with unlabeled images (Ren et al. 2018).

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as
            `encoders.conv4()`.
        method: "soft", "cluster" or "masked", as in `layers.RefinePrototypes`.
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical` and "unlabelled":
        (B, U, H, W, C), to scores (B, Q, N). Train it on `Episodes(..., unlabelled=...)`, with
        `keras.losses.CategoricalCrossentropy(from_logits=True)`.
    Raises:
        ValueError: If the method is unknown, or the encoder does not return a vector per image.
    """
    inputs = head_inputs("semi_supervised", encoder, unlabelled=True)
    labels = inputs["support_labels"]
    prototypes = layers.Prototypes(name="prototypes")(inputs["support"], labels)
    refine = layers.RefinePrototypes(method, name="refine")
    prototypes = refine(prototypes, inputs["unlabelled"], labels)
    distances = layers.Distance("squared_euclidean", name="distances")(inputs["query"], prototypes)
    return _network("semi_supervised", encoder, inputs, -distances)


def relation(encoder, filters=64, units=8, reduction="sum"):
    """Relation network: compares feature maps with a small network (Sung et al. 2018).

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to feature maps (n, h, w, c) of at least
            4 x 4, such as `encoders.conv4(pooled_blocks=2, flatten=False)`.
        filters: Channels of the `layers.RelationModule`, at least 1.
        units: Size of its dense layer, at least 1.
        reduction: "sum" of the feature maps of a class, as in the paper, or "mean".
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to relation scores
        (B, Q, N) in [0, 1], which are independent and need not sum to 1. Train it with
        `keras.losses.MeanSquaredError()`.
    Raises:
        ValueError: If an argument is invalid, or the encoder does not return feature maps of at
            least 4 x 4.
    """
    inputs = head_inputs("relation", encoder)
    gather = layers.Prototypes(reduction, name="class_maps")
    compare = layers.RelationModule(filters, units, activation=None, name="relation")
    log_odds = compare(inputs["query"], gather(inputs["support"], inputs["support_labels"]))
    # The scores are in [0, 1], as in the paper. The sub-model "logits" stops before the sigmoid.
    logits = keras.Model(inputs, log_odds, name="logits")
    return _network("relation", encoder, inputs, ops.sigmoid(logits(inputs)))


def matching(encoder, query_encoder=None, normalize="support", scale=1.0, context_steps=0):
    """Matching network: attends to support images, adds up their labels (Vinyals et al. 2016).

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as
            `encoders.conv4()`; g in the paper.
        query_encoder: Another encoder for the queries, f in the paper, with the same input and
            output shapes; None to share `encoder`.
        normalize: "both", "support" or "none", as in `layers.AttentionClassifier`.
        scale: Float above 0 or "learned", as in `layers.AttentionClassifier`.
        context_steps: How often a query attends to the support set in full context embeddings, K in
            the paper; 0 for no full context embeddings.
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to
        log-probabilities (B, Q, N), which are their own logits. Train it with
        `keras.losses.CategoricalCrossentropy(from_logits=True)`.
    Raises:
        ValueError: If an argument is invalid, or the encoder does not return a vector per image.
    """
    inputs = head_inputs("matching", encoder)
    check_integer("matching", "context_steps", context_steps, 0)
    support, query = inputs["support"], inputs["query"]
    if context_steps:
        support = layers.SupportContext(name="support_context")(support)
        query = layers.QueryContext(context_steps, name="query_context")(query, support)
    attend = layers.AttentionClassifier(normalize, scale, name="attention")
    scores = attend(query, support, inputs["support_labels"])
    return _network("matching", encoder, inputs, scores, query_encoder)


def pretrained(name):
    """A trained network that comes with the package.

    Args:
        name: For networks with 32 filters, trained on the glyphs: "siamese", a network over pairs
            (see `episode_model`); "gaussian_prototypical", trained with half of its support images
            corrupted; "semi_supervised", with masked refinement; "relation"; "matching", with full
            context embeddings. For networks with 64 filters, trained on Omniglot with characters
            mixed across alphabets: "omniglot_siamese" (over pairs), "omniglot_prototypical",
            "omniglot_relation" and "omniglot_matching".
    Returns:
        `keras.Model`, not compiled. Its attribute `trained_on` says on what and for how long it was
        trained, `results` which accuracies it reached.
    Raises:
        ValueError: If there is no such network. The message lists all names.
    """
    about = json.loads((DATA / "weights" / "weights.json").read_text(encoding="utf-8"))
    check_choice("pretrained", "name", name, sorted(about))
    network, about = about[name]["network"], about[name]
    # Only weights are loaded: an older Keras cannot read a whole model written by a newer one.
    model = globals()[network["function"]](conv4(**network["encoder"]), **network["options"])
    model.load_weights(DATA / "weights" / f"{name}.keras")
    model.trained_on, model.results = about["trained on"], about["results"]
    return model


def _network(name, encoder, inputs, scores, query_encoder=None):
    return compose(encoder, keras.Model(inputs, scores, name="head"), query_encoder, name)
