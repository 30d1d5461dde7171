"""The networks of the course in their finished form: each an ordinary functional `keras.Model` over episodes.

Each is an encoder, which turns every image of an episode into an embedding, and a *head*, a model of its own by the name "head", which
turns embeddings and support labels into scores. `evaluate` and `FewShotClassifier` embed each image once and then call the head alone.
An encoder gets float32 images in 0..1; one that expects another range has `keras.layers.Rescaling` in front.

What to give to `fit` and `compile`:

    network                 data      loss                                        metric
    siamese                 Pairs     losses.ContrastiveLoss()                    metrics.PairAccuracy()
    siamese, "weighted_l1"  Pairs     BinaryCrossentropy(from_logits=True)        BinaryAccuracy(threshold=0.0)
    prototypical            Episodes  CategoricalCrossentropy(from_logits=True)   metrics.EpisodeAccuracy()
    gaussian_prototypical   Episodes  CategoricalCrossentropy(from_logits=True)   metrics.EpisodeAccuracy()
    semi_supervised         Episodes  CategoricalCrossentropy(from_logits=True)   metrics.EpisodeAccuracy()
    relation                Episodes  MeanSquaredError()                          metrics.EpisodeAccuracy()
    matching                Episodes  CategoricalCrossentropy(from_logits=True)   metrics.EpisodeAccuracy()

Other data is a `ValueError` of Keras: 'Missing data for input ...'. A wrong loss often raises no error: without `from_logits=True`,
cross-entropy takes scores for probabilities. A `class_weight` is a `TypeError`: the same column is another class in each episode.
"""

import json

import keras
from keras import ops

from fslkeras import layers
from fslkeras.encoders import conv4
from fslkeras.layers.encode_episode import check_encoder
from fslkeras.paths import DATA
from fslkeras.validation import check_choice, check_integer


def episode_inputs(shape, unlabelled=False):
    """The inputs of a network over episodes, or of a head.

    Args:
        shape: of one image, (H, W, C), for a network; of one embedding, such as (D,), for a head.
        unlabelled: True for the input "unlabelled", too.
    Returns:
        dict of `keras.Input`: "support" (B, S, *shape), "query" (B, Q, *shape), "unlabelled" (B, U, *shape), "support_labels" (B, S, N).
    """
    sets = ("support", "query", "unlabelled") if unlabelled else ("support", "query")
    inputs = {name: keras.Input((None, *shape), name=name) for name in sets}
    return {**inputs, "support_labels": keras.Input((None, None), name="support_labels")}


def compose(encoder, head, query_encoder=None, name=None):
    """The network of an encoder and a head.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to embeddings (n, ...).
        head: `keras.Model` by the name "head", from `episode_inputs` of an embedding's shape to scores (B, Q, N).
        query_encoder: another encoder for the queries; None to share one.
        name: of the network.
    Returns:
        `keras.Model`, not compiled, from `episode_inputs` of an image's shape to scores (B, Q, N).
    Raises:
        ValueError: if an encoder is not a model of known shapes, or the head has another name or no such inputs.
    """
    check_encoder("compose", encoder)
    if (
        not isinstance(head, keras.Model)
        or head.name != "head"
        or not isinstance(getattr(head, "input", None), dict)
    ):
        raise ValueError(
            'compose expected `head` to be a keras.Model with the name "head" and the inputs of networks.episode_inputs. '
            f'Received: head={head!r}. Make it with keras.Model(inputs, scores, name="head").'
        )
    inputs = episode_inputs(encoder.input_shape[1:], "unlabelled" in head.input)
    sets = [name for name in ("support", "query", "unlabelled") if name in inputs]
    embeddings = layers.EncodeEpisode(encoder, query_encoder, name="encode")(
        *(inputs[name] for name in sets)
    )
    scores = head(
        {"support_labels": inputs["support_labels"], **dict(zip(sets, embeddings, strict=True))}
    )
    return keras.Model(inputs, scores, name=name)


def encoder_and_head(model):
    """A network's `EncodeEpisode` layer and its head, or None for a model with any further step, which has to be run whole."""
    inputs = getattr(model, "input", None)
    steps = [
        step
        for step in getattr(model, "operations", ())
        if not isinstance(step, keras.layers.InputLayer)
    ]
    if (
        not isinstance(inputs, dict)
        or len(steps) != 2
        or not isinstance(steps[0], layers.EncodeEpisode)
    ):
        return None
    encode, head = steps
    expected = [inputs[name] for name in ("support", "query", "unlabelled") if name in inputs]
    received = keras.tree.flatten(encode.input)
    if (
        head.name != "head"
        or len(received) != len(expected)
        or any(map(lambda a, b: a is not b, received, expected))
    ):
        return None
    return encode, head


def siamese(encoder, energy="euclidean"):
    """Siamese network: one encoder for both images of a pair, and one number for their distance or similarity.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as `encoders.conv4()` or `encoders.koch()`.
        energy: "euclidean" or "cosine" for a distance, as in `layers.Distance` (Hadsell et al. 2006); train it with
            `losses.ContrastiveLoss`. "weighted_l1" for the logit of "same class" (Koch et al. 2015); train it with
            `keras.losses.BinaryCrossentropy(from_logits=True)`.
    Returns:
        `keras.Model`, not compiled, from {"left": (B, H, W, C), "right": (B, H, W, C)} to (B,). Left and right may be swapped.
    Raises:
        ValueError: if the energy is unknown or the encoder's output is not a vector for each image.
    """
    check_encoder("siamese", encoder)
    check_choice("siamese", "energy", energy, ("cosine", "euclidean", "weighted_l1"))
    compare = (
        layers.WeightedL1(name="energy")
        if energy == "weighted_l1"
        else layers.Distance(energy, name="energy")
    )
    inputs = {
        side: keras.Input(tuple(encoder.input_shape[1:]), name=side) for side in ("left", "right")
    }
    left, right = encoder(inputs["left"]), encoder(inputs["right"])
    # `compare` takes sets of embeddings, and here each set is a single one.
    each_pair = compare(ops.expand_dims(left, 1), ops.expand_dims(right, 1))
    return keras.Model(inputs, ops.squeeze(each_pair, (1, 2)), name="siamese")


def episode_model(siamese):
    """The episode model of a Siamese network: a query is compared with each support image, and each class gets the mean.

    Args:
        siamese: `keras.Model` as `networks.siamese` returns it, trained or not. The two share their weights.
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to scores (B, Q, N): minus the distance, or the logit
        of "same class", averaged over the support images of each class. Each image is embedded once, whatever the number of pairs.
    Raises:
        ValueError: if the model is not a Siamese network.
    """
    parts = getattr(siamese, "layers", [])
    encoder = next((layer for layer in parts if isinstance(layer, keras.Model)), None)
    compare = next(
        (layer for layer in parts if isinstance(layer, layers.Distance | layers.WeightedL1)), None
    )
    if encoder is None or compare is None:
        raise ValueError(
            "episode_model expected a network as fslkeras.networks.siamese returns it, with an encoder and a Distance or WeightedL1 "
            f"layer. Received: {[type(layer).__name__ for layer in parts] or siamese!r}."
        )
    inputs = episode_inputs(encoder.output_shape[1:])
    similarity = compare(inputs["query"], inputs["support"])  # (B, Q, S)
    if isinstance(compare, layers.Distance):
        similarity = -similarity
    # The mean over the images of each class is what Prototypes computes, here of similarities in place of embeddings.
    class_scores = layers.Prototypes(name="class_means")(
        ops.transpose(similarity, (0, 2, 1)), inputs["support_labels"]
    )
    head = keras.Model(inputs, ops.transpose(class_scores, (0, 2, 1)), name="head")
    return compose(encoder, head, name="siamese_episodes")


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
    inputs = _embedded("prototypical", encoder)
    prototypes = layers.Prototypes(name="prototypes")(inputs["support"], inputs["support_labels"])
    distances = layers.Distance(metric, name="distances")(inputs["query"], prototypes)
    return compose(encoder, keras.Model(inputs, -distances, name="head"), name="prototypical")


def gaussian_prototypical(encoder, precision="image"):
    """Gaussian prototypical network: each support image says how sure it is of its place (Fort 2017).

    A dense layer "precision" on the support's embeddings gives 1 + softplus of its outputs; the more precise an image, the more it
    counts in its class's mean, and the more precise the class, the more each unit of distance from it counts. Precisions add up, so all
    else equal, the class with fewer images attracts more queries.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as `encoders.conv4()`.
        precision: "image" for one number per image, or "dimension" for one in each of the D coordinates.
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to scores (B, Q, N), minus the distance to each
        prototype. Train it with `keras.losses.CategoricalCrossentropy(from_logits=True)`, on support images of different quality.
    Raises:
        ValueError: if the precision is unknown or the encoder's output is not a vector for each image.
    """
    inputs = _embedded("gaussian_prototypical", encoder)
    check_choice("gaussian_prototypical", "precision", precision, ("image", "dimension"))
    units = 1 if precision == "image" else encoder.output_shape[-1]
    precisions = 1 + keras.layers.Dense(units, "softplus", dtype="float32", name="precision")(
        inputs["support"]
    )
    gather, compare = (
        layers.GaussianPrototypes(name="prototypes"),
        layers.MahalanobisDistance(name="distances"),
    )
    distances = compare(
        inputs["query"], *gather(inputs["support"], precisions, inputs["support_labels"])
    )
    return compose(
        encoder, keras.Model(inputs, -distances, name="head"), name="gaussian_prototypical"
    )


def semi_supervised(encoder, method="masked"):
    """Prototypical network whose prototypes are refined by unlabelled images (Ren et al. 2018).

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as `encoders.conv4()`.
        method: "soft", "cluster" or "masked", as in `layers.RefinePrototypes`.
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical` and "unlabelled": (B, U, H, W, C), to scores (B, Q, N).
        Train it with `keras.losses.CategoricalCrossentropy(from_logits=True)` on `Episodes(..., unlabelled=..., distractors=...)`.
    Raises:
        ValueError: if the method is unknown or the encoder's output is not a vector for each image.
    """
    inputs = _embedded("semi_supervised", encoder, unlabelled=True)
    labels = inputs["support_labels"]
    prototypes = layers.Prototypes(name="prototypes")(inputs["support"], labels)
    prototypes = layers.RefinePrototypes(method, name="refine")(
        prototypes, inputs["unlabelled"], labels
    )
    distances = layers.Distance("squared_euclidean", name="distances")(inputs["query"], prototypes)
    return compose(encoder, keras.Model(inputs, -distances, name="head"), name="semi_supervised")


def relation(encoder, filters=64, units=8, reduction="sum"):
    """Relation network: a small network compares the feature maps of a query and of a class (Sung et al. 2018).

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to feature maps (n, h, w, c) of at least 4 x 4, such as
            `encoders.conv4(pooled_blocks=2, flatten=False)`.
        filters, units: of the `layers.RelationModule`.
        reduction: "sum" of the maps of a class's support images, as the paper does it, or "mean".
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to relation scores (B, Q, N), each 0..1: they are
        independent of each other and need not sum to 1. Train it with `keras.losses.MeanSquaredError()`.
    Raises:
        ValueError: if the reduction is unknown or the encoder's output is not a feature map of at least 4 x 4.
    """
    inputs = _embedded("relation", encoder)
    class_maps = layers.Prototypes(reduction, name="class_maps")(
        inputs["support"], inputs["support_labels"]
    )
    log_odds = layers.RelationModule(filters, units, activation=None, name="relation")(
        inputs["query"], class_maps
    )
    # The head's scores are in 0..1, as in the paper. Its sub-model "logits" stops before the sigmoid.
    logits = keras.Model(inputs, log_odds, name="logits")
    return compose(
        encoder, keras.Model(inputs, ops.sigmoid(logits(inputs)), name="head"), name="relation"
    )


def matching(encoder, query_encoder=None, normalize="support", scale=1.0, context_steps=0):
    """Matching network: a query attends to the support images and takes over their labels (Vinyals et al. 2016).

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as `encoders.conv4()`; g in the paper.
        query_encoder: another for the queries, f in the paper, with the same input and output; None to share one.
        normalize, scale: of the `layers.AttentionClassifier`.
        context_steps: K, how often each query looks at the support set in full context embeddings; 0 for none of them.
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to log-probabilities (B, Q, N).
        Train it with `keras.losses.CategoricalCrossentropy(from_logits=True)`: log-probabilities are their own logits.
    Raises:
        ValueError: if an argument is unknown or the encoder's output is not a vector for each image.
    """
    inputs = _embedded("matching", encoder)
    check_integer("matching", "context_steps", context_steps, 0)
    support, query = inputs["support"], inputs["query"]
    if context_steps:
        support = layers.SupportContext(name="support_context")(support)
        query = layers.QueryContext(context_steps, name="query_context")(query, support)
    scores = layers.AttentionClassifier(normalize, scale, name="attention")(
        query, support, inputs["support_labels"]
    )
    return compose(
        encoder, keras.Model(inputs, scores, name="head"), query_encoder, name="matching"
    )


def pretrained(name):
    """A trained network that comes with the course.

    Args:
        name: trained on the glyphs, with 32 filters: "siamese", a network for pairs, which `episode_model` turns into one for episodes;
            "gaussian_prototypical", trained with half of its support corrupted; "semi_supervised", with masked refinement; "relation";
            "matching", with full context embeddings. Trained on Omniglot's characters, mixed over alphabets, with 64 filters:
            "omniglot_siamese", for pairs, too, "omniglot_prototypical", "omniglot_relation" and "omniglot_matching".
    Returns:
        `keras.Model`, not compiled. Its attribute `trained_on` says on what, and for how long; `results` the accuracy it reached.
    Raises:
        ValueError: if there is no network of that name; the message lists those there are.
    """
    about = json.loads((DATA / "weights" / "weights.json").read_text(encoding="utf-8"))
    check_choice("pretrained", "name", name, sorted(about))
    network, about = about[name]["network"], about[name]
    # Only the weights are read from the file: a whole model cannot be read by a Keras older than the one that wrote it.
    model = globals()[network["function"]](conv4(**network["encoder"]), **network["options"])
    model.load_weights(DATA / "weights" / f"{name}.keras")
    model.trained_on, model.results = about["trained on"], about["results"]
    return model


def _embedded(owner, encoder, unlabelled=False):
    """The inputs of a head behind this encoder, once it is checked."""
    return episode_inputs(check_encoder(owner, encoder).output_shape[1:], unlabelled)
