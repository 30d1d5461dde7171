"""The networks of the course in their finished form: each an ordinary functional `keras.Model` over episodes."""

import json

import keras
from keras import ops

from fslkeras.layers import (
    AttentionClassifier,
    Distance,
    EncodeEpisode,
    GaussianPrototypes,
    MahalanobisDistance,
    Prototypes,
    QueryContext,
    RefinePrototypes,
    RelationModule,
    SupportContext,
    WeightedL1,
)
from fslkeras.paths import DATA


def siamese(encoder, energy="euclidean"):
    """Siamese network: one encoder for both images of a pair, and one number for how far apart, or how alike, they are.

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
    known = ("cosine", "euclidean", "weighted_l1")
    if energy not in known:
        raise ValueError(f"siamese expected an energy out of {known} and received {energy!r}.")
    compare = WeightedL1(name="energy") if energy == "weighted_l1" else Distance(energy, name="energy")
    image_shape = tuple(encoder.input_shape[1:])
    inputs = {side: keras.Input(image_shape, name=side) for side in ("left", "right")}
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
    encoder = next((layer for layer in siamese.layers if isinstance(layer, keras.Model)), None)
    compare = next((layer for layer in siamese.layers if isinstance(layer, Distance | WeightedL1)), None)
    if encoder is None or compare is None:
        raise ValueError(
            "episode_model expected a network as fslkeras.networks.siamese returns it, with an encoder and a Distance or WeightedL1 "
            f"layer, and received a model of {[type(layer).__name__ for layer in siamese.layers]}."
        )
    inputs = _episode_inputs(encoder)
    support, query = EncodeEpisode(encoder, name="encode")(inputs["support"], inputs["query"])
    alike = compare(query, support)  # (B, Q, S)
    if isinstance(compare, Distance):
        alike = -alike
    # The mean over the images of each class is what Prototypes computes, here of similarities in place of embeddings.
    of_classes = Prototypes(name="class_means")(ops.transpose(alike, (0, 2, 1)), inputs["support_labels"])
    return keras.Model(inputs, ops.transpose(of_classes, (0, 2, 1)), name="siamese_episodes")


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


def gaussian_prototypical(encoder, precision="image"):
    """Gaussian prototypical network: each support image says how sure it is of its place (Fort 2017).

    A dense layer "precision" on the support's embeddings gives 1 + softplus of its outputs; the more precise an image, the more it
    counts in its class's mean, and the more precisely a class's place is known, the more a step away from it counts. Precisions are
    added up, so of two classes alike, the one with fewer images draws more queries.

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to vectors (n, D), such as `encoders.conv4()`.
        precision: "image" for one number an image, or "dimension" for one in each of the D coordinates.
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to scores (B, Q, N), minus the distance to each
        prototype. Train it with `keras.losses.CategoricalCrossentropy(from_logits=True)`, on support images of unlike quality.
    Raises:
        ValueError: if the precision is unknown or the encoder's output is not a vector for each image.
    """
    units = {"image": 1, "dimension": encoder.output_shape[-1]}
    if precision not in units:
        raise ValueError(
            f"gaussian_prototypical expected a precision out of {tuple(units)} and received {precision!r}."
        )
    inputs = _episode_inputs(encoder)
    support, query = EncodeEpisode(encoder, name="encode")(inputs["support"], inputs["query"])
    precisions = 1 + keras.layers.Dense(units[precision], "softplus", dtype="float32", name="precision")(support)
    gather, compare = GaussianPrototypes(name="prototypes"), MahalanobisDistance(name="distances")
    distances = compare(query, *gather(support, precisions, inputs["support_labels"]))
    return keras.Model(inputs, -distances, name="gaussian_prototypical")


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
    inputs = _episode_inputs(encoder)
    inputs["unlabelled"] = keras.Input(inputs["support"].shape[1:], name="unlabelled")
    encode, refine = EncodeEpisode(encoder, name="encode"), RefinePrototypes(method, name="refine")
    support, query, unlabelled = encode(inputs["support"], inputs["query"], inputs["unlabelled"])
    prototypes = Prototypes(name="prototypes")(support, inputs["support_labels"])
    prototypes = refine(prototypes, inputs["support_labels"], unlabelled)
    distances = Distance("squared_euclidean", name="distances")(query, prototypes)
    return keras.Model(inputs, -distances, name="semi_supervised")


def relation(encoder, filters=64, units=8, reduction="sum"):
    """Relation network: a small network compares the feature maps of a query and of a class (Sung et al. 2018).

    Args:
        encoder: `keras.Model` from images (n, H, W, C) to feature maps (n, h, w, c) of at least 4 x 4, such as
            `encoders.conv4(pooled_blocks=2, flatten=False)`.
        filters, units: of the `layers.RelationModule`.
        reduction: "sum" of the maps of a class's support images, as the paper does it, or "mean".
    Returns:
        `keras.Model`, not compiled, with the inputs of `networks.prototypical`, to relation scores (B, Q, N), each 0..1: they are
        apart for each class, and sum to nothing in particular. Train it with `keras.losses.MeanSquaredError()`.
    Raises:
        ValueError: if the reduction is unknown or the encoder's output is not a feature map of at least 4 x 4.
    """
    inputs = _episode_inputs(encoder)
    support, query = EncodeEpisode(encoder, name="encode")(inputs["support"], inputs["query"])
    classes = Prototypes(reduction, name="class_maps")(support, inputs["support_labels"])
    scores = RelationModule(filters, units, name="relation")(query, classes)
    return keras.Model(inputs, scores, name="relation")


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
    inputs = _episode_inputs(encoder)
    support, query = EncodeEpisode(encoder, query_encoder, name="encode")(inputs["support"], inputs["query"])
    if context_steps:
        support = SupportContext(name="support_context")(support)
        query = QueryContext(context_steps, name="query_context")(query, support)
    attend = AttentionClassifier(normalize, scale, name="attention")
    return keras.Model(inputs, attend(query, support, inputs["support_labels"]), name="matching")


def pretrained(name):
    """A trained network that comes with the course.

    Args:
        name: trained on the glyphs, with 32 filters: "siamese", a network for pairs, which `episode_model` turns into one for episodes;
            "gaussian_prototypical", trained with half of its support spoiled; "semi_supervised", with masked refinement; "relation";
            "matching", with full context embeddings. Trained on Omniglot by the papers' protocol, with 64 filters:
            "omniglot_siamese", for pairs, too, "omniglot_prototypical", "omniglot_relation" and "omniglot_matching".
    Returns:
        `keras.Model`, not compiled. Its attribute `trained_on` says on what, and for how long; `figures` what it reached.
    Raises:
        ValueError: if there is no network of that name; the message lists those there are.
    """
    about = json.loads((DATA / "weights" / "weights.json").read_text(encoding="utf-8"))
    if name not in about:
        raise ValueError(f"pretrained expected a network out of {sorted(about)} and received {name!r}.")
    model = keras.models.load_model(DATA / "weights" / f"{name}.keras", compile=False)
    model.trained_on, model.figures = about[name]["trained on"], about[name]["figures"]
    return model


def _episode_inputs(encoder):
    image_shape = tuple(encoder.input_shape[1:])
    return {
        "support": keras.Input((None, *image_shape), name="support"),
        "support_labels": keras.Input((None, None), name="support_labels"),
        "query": keras.Input((None, *image_shape), name="query"),
    }
