"""Accuracy over episodes: the same for any model as running it on each episode."""

import re
import tracemalloc

import keras
import numpy as np
import pytest

from fslkeras import (
    Episodes,
    EvaluationResult,
    FewShotClassifier,
    Pairs,
    encoders,
    evaluate,
    evaluation,
    networks,
)
from fslkeras.course.corruptions import CorruptedEpisodes
from fslkeras.datasets import ImageClasses

# On PyTorch, Keras itself triggers a warning about NumPy's `__array__`.
no_warnings = pytest.mark.filterwarnings("error", "ignore:__array__ implementation")


def distinct_classes(n=8, images_per_class=5):
    """Classes of one repeated image each, all different."""
    pixels = np.random.default_rng(0).integers(0, 256, (n, 8, 8, 1), dtype=np.uint8)
    return ImageClasses(
        pixels.repeat(images_per_class, axis=0), np.arange(n).repeat(images_per_class), range(n)
    )


def pixels_as_embedding():
    return keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])


def one_by_one(model, episodes):
    """The accuracy of each episode, from running the model on one batch at a time."""
    right = []
    for i in range(len(episodes)):
        x, y = episodes[i]
        x = {name: x[name] for name in model.input}
        for scores, labels in zip(keras.ops.convert_to_numpy(model(x)), y, strict=True):
            right.append(np.mean(scores.argmax(axis=-1) == labels.argmax(axis=-1)))
    return np.array(right)


@pytest.mark.parametrize(
    ("options", "batch_size"),
    [({"way": 5, "shot": 1, "query": 5}, 1), ({"way": 8, "shot": 3, "query": 2}, 7)],
)
def test_the_accuracies_are_those_of_predicting_episode_by_episode(
    trained, test_data, options, batch_size
):
    episodes = Episodes(test_data, **options, steps=20, batch_size=batch_size, seed=2)
    result = evaluate(trained, episodes)
    assert result.per_episode.shape == (20 * batch_size,)
    np.testing.assert_allclose(result.per_episode, one_by_one(trained, episodes), atol=1e-6)
    assert result.mean == pytest.approx(result.per_episode.mean(), abs=1e-12)


@pytest.mark.parametrize("metric", ["squared_euclidean", "euclidean", "manhattan", "cosine"])
def test_every_metric_scores_the_same_with_the_head_alone(test_data, metric):
    keras.utils.set_random_seed(3)
    model = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2), metric)
    episodes = Episodes(test_data, way=5, shot=2, query=3, steps=10, seed=3)
    np.testing.assert_allclose(
        evaluate(model, episodes).per_episode, one_by_one(model, episodes), atol=1e-6
    )


def test_a_network_trained_with_a_custom_loss_can_be_evaluated_and_still_saved(test_data, tmp_path):
    class MyLoss(keras.losses.Loss):  # not registered with Keras, as in a notebook
        def call(self, y_true, y_pred):
            return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

    network = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1))
    network.compile("sgd", MyLoss())
    episodes = Episodes(test_data, way=5, shot=1, query=2, steps=4)
    judged = evaluate(network, episodes)
    assert np.allclose(judged.per_episode, one_by_one(network, episodes))
    network.save(tmp_path / "network.keras")
    assert (
        evaluate(keras.models.load_model(tmp_path / "network.keras", compile=False), episodes).mean
        == judged.mean
    )


def test_many_images_are_embedded_by_a_traced_encoder_with_the_same_accuracies(trained):
    images = np.random.default_rng(0).integers(
        0, 256, (600, 8, 8, 1), dtype=np.uint8
    )  # more than the few that are not traced
    data = ImageClasses(images, np.arange(60).repeat(10), range(60))
    episodes = Episodes(data, way=20, shot=1, query=5, steps=40, seed=5)
    np.testing.assert_allclose(
        evaluate(trained, episodes).per_episode, one_by_one(trained, episodes), atol=1e-6
    )


def test_a_relation_network_over_many_batches_has_the_same_accuracies():
    keras.utils.set_random_seed(6)
    pixels = np.random.default_rng(6).integers(0, 256, (240, 8, 8, 1), dtype=np.uint8)
    data = ImageClasses(pixels, np.arange(20).repeat(12), range(20))
    encoder = encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1, flatten=False)
    network = networks.relation(encoder, filters=4)
    episodes = Episodes(data, way=20, shot=1, query=11, steps=70, seed=6)
    np.testing.assert_allclose(
        evaluate(network, episodes).per_episode, one_by_one(network, episodes), atol=1e-6
    )


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_a_relation_network_convolved_once_per_image_gives_the_same_scores(reduction):
    keras.utils.set_random_seed(7)
    encoder = encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1, flatten=False)
    network = networks.relation(encoder, filters=6, reduction=reduction)
    maps = {
        name: np.random.default_rng(7).normal(size=(20, 4, 4, 4)).astype("float32")
        for name in ("support", "query")
    }
    labels = np.eye(5, dtype="float32").repeat(4, axis=0)[None]

    def scores(head):
        x = {name: array[None] for name, array in maps.items()}
        return head.predict_on_batch({**x, "support_labels": labels})

    expected = scores(network.get_layer("head"))
    remaining = evaluation._convolved_once(network.get_layer("head"), maps)
    assert maps["query"].shape == (20, 4, 4, 6)
    np.testing.assert_allclose(scores(remaining), expected, atol=1e-5)


def test_the_head_of_another_network_runs_as_it_is():
    head = networks.prototypical(pixels_as_embedding()).get_layer("head")
    assert evaluation._convolved_once(head, {}) is head


@no_warnings
def test_a_network_without_an_episode_encoder_and_a_function_can_be_evaluated(test_data):
    shapes = {"support": (None, 8, 8, 1), "support_labels": (None, None), "query": (None, 8, 8, 1)}
    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    support, labels, query = inputs.values()
    means = [
        keras.ops.mean(images, axis=(2, 3)) for images in (support, query)
    ]  # (B, S, 1), (B, Q, 1)
    scores = -keras.ops.abs(means[1] - keras.ops.sum(means[0] * labels, axis=1)[:, None])
    model = keras.Model(inputs, scores)
    episodes = Episodes(distinct_classes(), way=4, shot=1, query=3, steps=10)
    assert evaluate(model, episodes).mean == 1.0
    assert evaluate(lambda x: keras.ops.convert_to_numpy(model(x)), episodes).mean == 1.0
    with_more = Episodes(
        distinct_classes(), way=4, shot=1, query=3, steps=10, unlabelled=1
    )  # which it ignores
    assert evaluate(model, with_more).mean == 1.0


def test_a_perfect_model_is_exactly_one():
    result = evaluate(
        networks.prototypical(pixels_as_embedding()),
        Episodes(distinct_classes(), way=5, shot=1, query=4, steps=200),
    )
    assert (result.mean, result.ci95) == (1.0, 0.0)
    assert (result.per_episode == 1).all()


@pytest.mark.parametrize("constant", [0.0, -3.5, 1e30, -np.inf])
def test_a_constant_model_is_one_in_n(constant):
    def model(x):
        return np.full(
            (len(x["query"]), x["query"].shape[1], x["support_labels"].shape[2]), constant
        )

    for way in (3, 5, 7):
        result = evaluate(model, Episodes(distinct_classes(), way=way, shot=1, query=2, steps=50))
        assert result.mean == pytest.approx(1 / way, abs=1e-12)
        assert result.ci95 == pytest.approx(0, abs=1e-12)


def test_a_random_model_is_one_in_n_within_its_interval():
    rng = np.random.default_rng(0)

    def model(x):
        return rng.random((len(x["query"]), x["query"].shape[1], x["support_labels"].shape[2]))

    result = evaluate(model, Episodes(distinct_classes(), way=5, shot=1, query=4, steps=1000))
    assert abs(result.mean - 0.2) < 2 * result.ci95
    assert result.ci95 == pytest.approx(
        1.96 * (0.2 * 0.8 / 20 / 1000) ** 0.5, rel=0.1
    )  # 20 queries, each right with a probability of 1/5


def test_a_model_that_returns_nan_is_never_right():
    assert (
        evaluate(
            lambda x: np.full((len(x["query"]), 8, 4), np.nan),
            Episodes(distinct_classes(), way=4, shot=1, query=2, steps=5),
        ).mean
        == 0
    )


@pytest.mark.parametrize("shape", [(1, 8), (8, 4), (1, 8, 5), (1, 7, 4)])
def test_scores_of_a_wrong_shape_raise_an_error_that_names_the_right_one(shape):
    with pytest.raises(
        ValueError, match=rf"of shape \(\d+, 8, 4\), .* of shape {re.escape(str(shape))}"
    ):
        evaluate(
            lambda x: np.zeros(shape), Episodes(distinct_classes(), way=4, shot=1, query=2, steps=3)
        )


def test_the_interval_is_1_96_standard_errors_over_episodes():
    def first_half_right(x):
        # The support decides, so that episodes differ: right if its first image is dark.
        right = np.eye(4)[None].repeat(2, axis=1)
        return (
            np.where(x["support"][:, :1, 0, 0] < 0.5, 1, -1)[:, :1]
            * np.ones((len(x["query"]), 8, 1))
            * right
        )

    result = evaluate(
        first_half_right, Episodes(distinct_classes(), way=4, shot=1, query=2, steps=40)
    )
    n = len(result.per_episode)
    spread = (sum((a - result.mean) ** 2 for a in result.per_episode) / (n - 1)) ** 0.5
    assert 0 < result.mean < 1 and result.mean == pytest.approx(sum(result.per_episode) / n)
    assert result.ci95 == pytest.approx(1.96 * spread / n**0.5)


def test_one_episode_has_no_interval():
    assert np.isnan(
        evaluate(
            networks.prototypical(pixels_as_embedding()),
            Episodes(distinct_classes(), way=4, shot=1, query=1, steps=1),
        ).ci95
    )


def test_a_result_reads_as_a_sentence():
    assert (
        str(EvaluationResult(0.97178, 0.0021, np.zeros(1000)))
        == "97.18 ± 0.21 % over 1000 episodes"
    )
    assert str(EvaluationResult(1.0, 0.0, np.ones(20))) == "100.00 ± 0.00 % over 20 episodes"


def test_evaluation_is_on_epoch_zero_whatever_the_epoch_of_training(trained, test_data):
    fresh, used = (Episodes(test_data, way=5, shot=1, query=2, steps=10, seed=4) for _ in range(2))
    used[0]
    for _ in range(3):
        used.on_epoch_end()
    np.testing.assert_array_equal(
        evaluate(trained, used).per_episode, evaluate(trained, fresh).per_episode
    )
    assert used.epoch == 3  # training continues from its epoch


def test_evaluating_changes_no_weight_and_prints_nothing(test_data, capsys):
    model = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2))
    before = [weight.copy() for weight in model.get_weights()]
    evaluate(model, Episodes(test_data, way=5, shot=1, query=2, steps=10))
    assert capsys.readouterr() == ("", "")
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("network", ["two_encoder_network", "relation_network"])
def test_two_encoders_and_relation_scores_score_the_same_as_episode_by_episode(
    network, test_data, request
):
    model, episodes = (
        request.getfixturevalue(network),
        Episodes(test_data, way=5, shot=2, query=3, steps=20, batch_size=2, seed=6),
    )
    result = evaluate(model, episodes)
    np.testing.assert_allclose(result.per_episode, one_by_one(model, episodes), atol=1e-6)
    assert result.per_episode.std() > 0


# --- Unlabeled and corrupted images


def gaussian(precision="image"):
    return networks.gaussian_prototypical(
        encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1), precision
    )


def draw(data, **options):
    """Episodes, corrupted if a fraction is given."""
    return (CorruptedEpisodes if "corrupted" in options else Episodes)(data, **options)


def semi_supervised(method="masked"):
    return networks.semi_supervised(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1), method)


UNLABELLED = {"unlabelled": 3, "distractors": 2}
FURTHER = [{}, {"corrupted": 0.5}, UNLABELLED, {**UNLABELLED, "corrupted": 0.5}]


@no_warnings
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("method", ["soft", "cluster", "masked"])
@pytest.mark.parametrize("further", FURTHER[2:])
def test_semi_supervised_networks_score_the_same_as_a_function(
    test_data, method, further, batch_size
):
    keras.utils.set_random_seed(4)
    model = semi_supervised(method)
    episodes = draw(
        test_data, way=5, shot=2, query=3, steps=6, batch_size=batch_size, seed=6, **further
    )
    fast, slow = evaluate(model, episodes), evaluate(lambda x: model(x), episodes)
    np.testing.assert_allclose(fast.per_episode, slow.per_episode, atol=1e-6)
    np.testing.assert_allclose(fast.per_episode, one_by_one(model, episodes), atol=1e-6)
    assert len(fast.per_episode) == 6 * batch_size and fast.per_episode.std() > 0


@no_warnings
@pytest.mark.parametrize("further", [*FURTHER[:3], {"unlabelled": 3, "corrupted": 0.5}])
@pytest.mark.parametrize("network", ["image", "dimension", "two_encoder_network"])
def test_networks_without_unlabeled_images_ignore_them_in_evaluation(
    test_data, network, further, request
):
    keras.utils.set_random_seed(5)
    model = request.getfixturevalue(network) if "network" in network else gaussian(network)
    episodes = draw(test_data, way=5, shot=2, query=3, steps=10, seed=6, **further)
    fast = evaluate(model, episodes)
    slow = evaluate(
        lambda x: model({name: array for name, array in x.items() if name != "unlabelled"}),
        episodes,
    )
    np.testing.assert_allclose(fast.per_episode, slow.per_episode, atol=1e-6)
    without = draw(
        test_data,
        way=5,
        shot=2,
        query=3,
        steps=10,
        seed=6,
        **{k: v for k, v in further.items() if k == "corrupted"},
    )
    np.testing.assert_allclose(fast.per_episode, evaluate(model, without).per_episode, atol=1e-6)
    assert fast.per_episode.std() > 0


@no_warnings
def test_a_trained_prototypical_network_gets_worse_as_more_of_its_support_is_corrupted(
    trained, test_data
):
    means = [
        evaluate(
            trained, CorruptedEpisodes(test_data, way=5, shot=4, query=3, steps=60, corrupted=share)
        ).mean
        for share in (0.0, 0.5, 1.0)
    ]
    assert means[0] > means[1] + 0.02 and means[1] > means[2] + 0.02


def test_a_function_receives_the_unlabeled_and_the_corrupted_images(test_data):
    options, seen = {"way": 5, "shot": 2, "query": 3, "steps": 4, "batch_size": 2}, []
    episodes = CorruptedEpisodes(test_data, **options, corrupted=0.5, **UNLABELLED)

    def model(x):
        seen.append(x)
        return np.zeros((len(x["query"]), 15, 5))

    assert evaluate(model, episodes).mean == pytest.approx(0.2)
    for name in ("support", "support_labels", "query", "unlabelled"):
        shown = np.concatenate([x[name] for x in seen])
        np.testing.assert_allclose(
            shown, np.concatenate([episodes[i][0][name] for i in range(4)]), atol=1e-7
        )


@pytest.mark.parametrize("further", [{}, {"corrupted": 0.5}])
def test_missing_unlabeled_images_raise_an_error_that_says_what_to_do(test_data, further):
    with pytest.raises(
        ValueError,
        match=r"unlabeled images, which this model takes. .*Episodes\(..., unlabelled=5\)",
    ):
        evaluate(semi_supervised(), draw(test_data, way=5, shot=1, query=1, steps=2, **further))


# --- Streams that change their images


class Inverted(Episodes):
    """Inverts the queries."""

    def __getitem__(self, i):
        x, y = super().__getitem__(i)
        return {**x, "query": 1 - x["query"]}, y


def darker(images, rng):
    return images * rng.uniform(0, 1, (len(images), 1, 1, 1)).astype("float32")


@no_warnings
@pytest.mark.parametrize("further", [{}, {"unlabelled": 2}])
@pytest.mark.parametrize("kind", ["a subclass", "augmented"])
def test_a_stream_that_changes_its_images_is_evaluated_on_what_it_yields(
    trained, test_data, kind, further
):
    options = {"way": 5, "shot": 1, "query": 4, "steps": 15, "batch_size": 2, "seed": 7, **further}
    plain = Episodes(test_data, **options)
    stream = (
        Inverted(test_data, **options)
        if kind == "a subclass"
        else Episodes(test_data, augment=darker, **options)
    )
    used = evaluate(trained, stream)
    np.testing.assert_allclose(used.per_episode, one_by_one(trained, stream), atol=1e-6)
    assert len(used.per_episode) == 30 and used.mean < evaluate(trained, plain).mean - 0.02
    for _ in range(3):
        stream.on_epoch_end()
    np.testing.assert_array_equal(
        evaluate(trained, stream).per_episode, used.per_episode
    )  # from epoch 0, as always
    assert stream.epoch == 3


def test_labels_of_a_stream_that_are_not_one_hot_raise_an_error_that_says_what_to_do(test_data):
    class Soft(Episodes):
        def __getitem__(self, i):
            x, y = super().__getitem__(i)
            return x, 0.8 * y + 0.1

    with pytest.raises(
        ValueError,
        match=r"evaluate expected `y` to be one-hot.*to_categorical\(labels, num_classes\)",
    ):
        evaluate(lambda x: np.zeros((1, 2, 2)), Soft(test_data, way=2, shot=1, query=1, steps=2))


# --- Invalid arguments


def ordinary():
    return networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (lambda data: (ordinary(), [1, 2]), "Received: objects of type Functional and list"),
        (lambda data: (ordinary(), data), "Received: objects of type Functional and ImageClasses"),
        (lambda data: (ordinary(), None), "Received: objects of type Functional and NoneType"),
        (
            lambda data: (ordinary(), Pairs(data, batch_size=2, steps=1)),
            "Received: objects of type Functional and Pairs",
        ),
        (
            lambda data: (None, Episodes(data, way=2, shot=1, query=1, steps=1)),
            "of type NoneType and Episodes",
        ),
        (
            lambda data: (Episodes(data, way=2, shot=1, query=1, steps=1), ordinary()),
            "of type Episodes and Functional",
        ),
    ],
)
def test_arguments_that_are_none_or_swapped_raise_an_error_that_says_what_was_received(
    arguments, message, test_data
):
    with pytest.raises(
        ValueError, match=f"evaluate expected a keras.Model or a function, .*{message}"
    ):
        evaluate(*arguments(test_data))


def test_a_network_with_other_inputs_is_an_error_and_mentions_episode_model(
    test_data,
):
    pair_model = networks.siamese(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1))
    inputs = {**networks.episode_inputs((8, 8, 1)), "mask": keras.Input((8, 8, 1), name="mask")}
    other = keras.Model(inputs, inputs["support_labels"] * keras.ops.mean(inputs["mask"]))
    for model, received in ((pair_model, "'left', 'right'"), (other, ".*'mask'.*")):
        expected = (
            rf"Received: one with the inputs \[{received}\].*networks.episode_model\(siamese\)"
        )
        with pytest.raises(
            ValueError, match=f"evaluate expected a network with the inputs .*{expected}"
        ):
            evaluate(model, Episodes(test_data, way=2, shot=1, query=1, steps=1))


@pytest.mark.parametrize("kind", [Episodes, Inverted])
def test_episodes_of_another_image_size_than_the_networks_raise_an_error_that_names_both(kind):
    data = ImageClasses(np.zeros((4, 9, 8, 1), "uint8"), [0, 0, 1, 1], ["a", "b"])
    expected = r"`episodes` to contain images .* \(8, 8, 1\). Received: images of shape \(9, 8, 1\)"
    with pytest.raises(ValueError, match=f"evaluate expected {expected}"):
        evaluate(ordinary(), kind(data, way=2, shot=1, query=1, steps=1))


@pytest.mark.parametrize("cut", [True, False])
def test_images_in_a_file_are_never_all_in_memory(tmp_path, cut):
    shape = (8000, 64, 64, 1)  # 33 MB; as float32, 131 MB
    written = np.memmap(tmp_path / "images", "uint8", "w+", shape=shape)
    written[:] = np.random.default_rng(0).integers(0, 256, (8000, 1, 1, 1), dtype="uint8")
    written.flush()
    del written
    images = np.memmap(tmp_path / "images", "uint8", "r", shape=shape)
    data = ImageClasses(images, np.arange(8000) // 80, range(100))
    pooled = keras.layers.AveragePooling2D(32)
    encoder = keras.Sequential([keras.Input(shape[1:]), pooled, keras.layers.Flatten()])
    model = networks.prototypical(encoder)
    episodes = Episodes(data, way=20, shot=1, query=1, steps=300)
    classifier = FewShotClassifier(model, images[::1000], range(8))
    tracemalloc.start()
    result = evaluate(model if cut else lambda x: model(x), episodes)
    answers = classifier.predict(images) if cut else []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20e6
    assert len(result.per_episode) == 300 and len(answers) == cut * 8000
    assert np.shares_memory(data.images, images)  # and they were not copied before
