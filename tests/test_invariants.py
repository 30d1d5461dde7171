"""Properties of random episodes: order does not matter, and they are drawn as documented."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fslkeras
from fslkeras import layers, networks

reproducible = settings(deadline=None, derandomize=True, database=None)
seeds = st.integers(0, 2**32 - 1)


def heads():
    """Heads of networks and of single layers: name -> (embedding shape, function)."""
    vectors = keras.Sequential([keras.Input((1, 1, 5)), keras.layers.Flatten()])
    maps = keras.Sequential([keras.Input((4, 4, 2)), keras.layers.Activation("linear")])
    models = {
        "prototypical": networks.prototypical(vectors),
        "gaussian_prototypical": networks.gaussian_prototypical(vectors),
        "soft k-means": networks.semi_supervised(vectors, "soft"),
        "with a distractor cluster": networks.semi_supervised(vectors, "cluster"),
        "masked": networks.semi_supervised(vectors, "masked"),
        "relation": networks.relation(maps, filters=4, units=4),
        "matching": networks.matching(vectors),
        "siamese": networks.episode_model(networks.siamese(vectors)),
    }
    found = {
        name: (
            model.input["support"].shape[2:] if name == "relation" else (5,),
            model.get_layer("head"),
        )
        for name, model in models.items()
    }
    for metric in ("squared_euclidean", "euclidean", "manhattan", "cosine"):
        found[f"prototypes, {metric}"] = (5,), prototypes_and_distance(metric)
    for normalize in ("both", "support", "none"):
        found[f"attention, {normalize}"] = (
            (5,),
            attention(layers.AttentionClassifier(normalize, scale=2.0)),
        )
    found["precisions, mahalanobis"] = (5,), gaussian
    return found


def prototypes_and_distance(metric):
    gather, compare = layers.Prototypes(), layers.Distance(metric)
    return lambda x: -compare(x["query"], gather(x["support"], x["support_labels"]))


def attention(layer):
    return lambda x: layer(x["query"], x["support"], x["support_labels"])


def gaussian(x):
    # The precision of an image is a function of the image, as in a network.
    prototypes = layers.GaussianPrototypes()(
        x["support"], 1 + x["support"] ** 2, x["support_labels"]
    )
    return -layers.MahalanobisDistance()(x["query"], *prototypes)


HEADS = heads()


@st.composite
def episodes(draw, shape):
    """Two episodes of random embeddings, with classes of different sizes in any order."""
    images_of_each = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    rng = np.random.default_rng(draw(seeds))
    labels = rng.permutation(np.repeat(np.arange(len(images_of_each)), images_of_each))
    sizes = {"support": len(labels), "query": draw(st.integers(1, 3)), "unlabelled": 2}
    x = {name: rng.normal(size=(2, n, *shape)).astype("float32") for name, n in sizes.items()}
    return {
        **x,
        "support_labels": np.eye(len(images_of_each), dtype="float32")[[labels, labels]],
    }, rng


def scores(head, x):
    inputs = (
        x
        if callable(head) and not isinstance(head, keras.Model)
        else {name: x[name] for name in head.input}
    )
    return keras.ops.convert_to_numpy(head(inputs))


@pytest.mark.parametrize("name", HEADS)
@settings(reproducible, max_examples=20)
@given(data=st.data())
def test_the_order_of_support_classes_and_queries_does_not_matter(name, data):
    shape, head = HEADS[name]
    x, rng = data.draw(episodes(shape))
    of_support, of_classes, of_queries = (
        rng.permutation(n) for n in (*x["support_labels"].shape[1:], x["query"].shape[1])
    )
    permuted = {
        "support": x["support"][:, of_support],
        "support_labels": x["support_labels"][:, of_support][:, :, of_classes],
        "query": x["query"][:, of_queries],
        "unlabelled": x["unlabelled"][:, ::-1],
    }
    want = scores(head, x)
    assert np.isfinite(want).all()
    np.testing.assert_allclose(
        scores(head, permuted), want[:, of_queries][:, :, of_classes], rtol=1e-4, atol=1e-4
    )


@st.composite
def streams(draw):
    """Arguments of `Episodes`, and data with just enough classes and images, or a few more."""
    numbers = {
        "way": st.integers(1, 4),
        "shot": st.integers(1, 3),
        "query": st.integers(1, 3),
        "unlabelled": st.integers(0, 2),
    }
    options = {name: draw(number) for name, number in numbers.items()}
    options["distractors"] = draw(st.integers(0, 2)) if options["unlabelled"] else 0
    options |= {"steps": 3, "batch_size": draw(st.integers(1, 2)), "seed": draw(seeds)}
    needed = options["shot"] + options["query"] + options["unlabelled"]
    fewest = options["way"] + options["distractors"]
    counts = draw(st.lists(st.integers(needed, needed + 3), min_size=fewest, max_size=fewest + 3))
    labels = np.random.default_rng(options["seed"]).permutation(
        np.repeat(np.arange(len(counts)), counts)
    )
    return fslkeras.datasets.ImageClasses(
        np.zeros((len(labels), 1, 1, 1), "uint8"), labels, range(len(counts))
    ), options


@settings(reproducible, max_examples=100)
@given(streams())
def test_classes_are_distinct_and_no_image_is_drawn_twice(drawn):
    data, options = drawn
    way, unlabelled = options["way"], options["unlabelled"]
    for support, query, *rest in zip(*fslkeras.Episodes(data, **options).indices(1), strict=True):
        classes = data.labels[support].reshape(way, options["shot"])
        assert len(set(classes[:, 0])) == way
        np.testing.assert_array_equal(classes, classes[:, :1].repeat(options["shot"], axis=1))
        np.testing.assert_array_equal(data.labels[query], classes[:, 0].repeat(options["query"]))
        without = rest[0] if rest else np.array([], int)
        assert len(without) == (way + options["distractors"]) * unlabelled
        np.testing.assert_array_equal(
            data.labels[without[: way * unlabelled]], classes[:, 0].repeat(unlabelled)
        )
        distractors = data.labels[without[way * unlabelled :]]
        assert len(set(distractors)) == options["distractors"] and not set(distractors) & set(
            classes[:, 0]
        )
        every = np.concatenate([support, query, without])
        assert len(set(every)) == len(every)


@settings(reproducible, max_examples=30)
@given(streams())
def test_an_item_depends_only_on_seed_epoch_and_index(drawn):
    data, options = drawn
    one, other = fslkeras.Episodes(data, **options), fslkeras.Episodes(data, **options)
    later = {
        (i, epoch): other.indices(i, epoch) for epoch in (2, 0) for i in (2, 1, 0)
    }  # in another order
    for (i, epoch), want in later.items():
        for a, b in zip(one.indices(i, epoch), want, strict=True):
            np.testing.assert_array_equal(a, b)


def test_another_seed_epoch_or_index_draws_another_item():
    data = fslkeras.datasets.ImageClasses(
        np.zeros((200, 1, 1, 1), "uint8"), np.arange(50).repeat(4), range(50)
    )
    options = {"way": 5, "shot": 1, "query": 1, "steps": 4}
    drawn = [
        fslkeras.Episodes(data, seed=seed, **options).indices(i, e)
        for seed in (0, 1)
        for i in range(4)
        for e in (0, 1)
    ]
    assert len({np.concatenate(item, axis=1).tobytes() for item in drawn}) == len(drawn)
