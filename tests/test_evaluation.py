"""Judging networks and classifying images of one's own."""

import io
import re
import time
import zipfile

import keras
import numpy as np
import pytest

from fslkeras import Episodes, EvaluationResult, FewShotClassifier, encoders, evaluate, networks
from fslkeras.course.results import mean_over_seeds
from fslkeras.datasets import ImageClasses


def distinct_classes(n=8, images_per_class=5):
    """Each class is one image, again and again; no two classes have the same."""
    pixels = np.random.default_rng(0).integers(0, 256, (n, 8, 8, 1), dtype=np.uint8)
    return ImageClasses(pixels.repeat(images_per_class, axis=0), np.arange(n).repeat(images_per_class), range(n))


def pixels_as_embedding():
    return keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])


def one_by_one(model, episodes):
    """Accuracy of each episode, the model asked about one batch of episodes after the other."""
    right = []
    for i in range(len(episodes)):
        x, y = episodes[i]
        for scores, labels in zip(model.predict_on_batch(x), y, strict=True):
            right.append(np.mean(scores.argmax(axis=-1) == labels.argmax(axis=-1)))
    return np.array(right)


@pytest.mark.parametrize(
    ("options", "batch_size"), [({"way": 5, "shot": 1, "query": 5}, 1), ({"way": 8, "shot": 3, "query": 2}, 7)]
)
def test_the_answers_are_those_of_predicting_episode_by_episode(trained, test_data, options, batch_size):
    episodes = Episodes(test_data, **options, steps=20, batch_size=batch_size, seed=2)
    result = evaluate(trained, episodes)
    assert result.per_episode.shape == (20 * batch_size,)
    np.testing.assert_allclose(result.per_episode, one_by_one(trained, episodes), atol=1e-6)
    assert result.mean == pytest.approx(result.per_episode.mean(), abs=1e-12)


@pytest.mark.parametrize("metric", ["squared_euclidean", "euclidean", "manhattan", "cosine"])
def test_every_metric_is_judged_on_the_cut_network_as_on_the_whole(test_data, metric):
    keras.utils.set_random_seed(3)
    model = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2), metric)
    episodes = Episodes(test_data, way=5, shot=2, query=3, steps=10, seed=3)
    np.testing.assert_allclose(evaluate(model, episodes).per_episode, one_by_one(model, episodes), atol=1e-6)


def test_a_network_trained_with_a_loss_of_ones_own_is_judged_and_still_saved(test_data, tmp_path):
    class MyLoss(keras.losses.Loss):  # as in a notebook: not registered with Keras
        def call(self, y_true, y_pred):
            return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)

    network = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1))
    network.compile("sgd", MyLoss())
    episodes = Episodes(test_data, way=5, shot=1, query=2, steps=4)
    judged = evaluate(network, episodes)
    assert np.allclose(judged.per_episode, one_by_one(network, episodes))
    network.save(tmp_path / "network.keras")
    assert evaluate(keras.models.load_model(tmp_path / "network.keras", compile=False), episodes).mean == judged.mean


def test_many_images_are_embedded_by_a_traced_encoder_to_the_same_answers(trained):
    images = np.random.default_rng(0).integers(
        0, 256, (600, 8, 8, 1), dtype=np.uint8
    )  # beyond the few that are not traced
    data = ImageClasses(images, np.arange(60).repeat(10), range(60))
    episodes = Episodes(data, way=20, shot=1, query=5, steps=40, seed=5)
    np.testing.assert_allclose(evaluate(trained, episodes).per_episode, one_by_one(trained, episodes), atol=1e-6)


def test_a_network_without_an_episode_encoder_and_a_function_are_judged_too(test_data):
    shapes = {"support": (None, 8, 8, 1), "support_labels": (None, None), "query": (None, 8, 8, 1)}
    inputs = {name: keras.Input(shape, name=name) for name, shape in shapes.items()}
    support, labels, query = inputs.values()
    means = [keras.ops.mean(images, axis=(2, 3)) for images in (support, query)]  # (B, S, 1), (B, Q, 1)
    scores = -keras.ops.abs(means[1] - keras.ops.sum(means[0] * labels, axis=1)[:, None])
    model = keras.Model(inputs, scores)
    episodes = Episodes(distinct_classes(), way=4, shot=1, query=3, steps=10)
    assert evaluate(model, episodes).mean == 1.0
    assert evaluate(lambda x: keras.ops.convert_to_numpy(model(x)), episodes).mean == 1.0


def test_a_perfect_model_is_exactly_one():
    result = evaluate(
        networks.prototypical(pixels_as_embedding()), Episodes(distinct_classes(), way=5, shot=1, query=4, steps=200)
    )
    assert (result.mean, result.ci95) == (1.0, 0.0)
    assert (result.per_episode == 1).all()


@pytest.mark.parametrize("constant", [0.0, -3.5, 1e30, -np.inf])
def test_a_constant_model_is_one_in_n(constant):
    def model(x):
        return np.full((len(x["query"]), x["query"].shape[1], x["support_labels"].shape[2]), constant)

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
    )  # 20 queries, each a coin of 1 in 5


def test_a_model_that_answers_nan_is_never_right():
    assert (
        evaluate(
            lambda x: np.full((len(x["query"]), 8, 4), np.nan),
            Episodes(distinct_classes(), way=4, shot=1, query=2, steps=5),
        ).mean
        == 0
    )


@pytest.mark.parametrize(
    ("scores", "right"),
    [
        ([9, 1, 1, 1], 1),  # alone at the top
        ([9, 9, 1, 1], 1 / 2),
        ([9, 9, 1, 9], 1 / 3),
        ([0, 0, 0, 0], 1 / 4),
        ([1, 9, 9, 1], 0),  # others tied above it
        ([np.nan, 1, 1, 1], 0),
        ([9, np.nan, 1, 1], 0),
        ([-np.inf, -np.inf, -np.inf, -np.inf], 1 / 4),
        ([np.inf, 1, 1, 1], 1),
    ],
)
def test_a_true_class_tied_with_others_counts_its_share_and_nan_a_miss(scores, right):
    labels = np.eye(4)[[[0]]]
    assert accuracy(np.array([[scores]], float), labels).tolist() == [right]
    order = [2, 3, 0, 1]  # whichever column the true class has
    assert accuracy(np.array([[scores]], float)[..., order], labels[..., order]).tolist() == [right]


@pytest.mark.parametrize("labels", [[[0.5, 0.5], [1, 0]], [[1, 1], [1, 0]], [[0, 0], [1, 0]], [[2, -1], [1, 0]]])
def test_labels_that_are_not_one_hot_are_an_error_that_says_what_to_do(labels):
    with pytest.raises(ValueError, match=r"one-hot.*np.eye\(number_of_classes\)\[labels\]"):
        accuracy(np.zeros((1, 2, 2)), np.array([labels]))


def test_scores_and_labels_of_different_shapes_are_an_error_that_names_both():
    with pytest.raises(ValueError, match=r"received \(1, 2, 3\) and \(1, 2, 2\)"):
        accuracy(np.zeros((1, 2, 3)), np.eye(2)[None])


@pytest.mark.parametrize("shape", [(1, 8), (8, 4), (1, 8, 5), (1, 7, 4)])
def test_scores_of_a_wrong_shape_are_an_error_that_names_the_right_one(shape):
    with pytest.raises(ValueError, match=rf"of shape \(\d+, 8, 4\), not {re.escape(str(shape))}"):
        evaluate(lambda x: np.zeros(shape), Episodes(distinct_classes(), way=4, shot=1, query=2, steps=3))


def test_the_interval_is_1_96_standard_errors_over_episodes():
    def first_half_right(x):
        # The support's pixels decide, so that episodes differ: right where the first one is dark.
        right = np.eye(4)[None].repeat(2, axis=1)
        return np.where(x["support"][:, :1, 0, 0] < 0.5, 1, -1)[:, :1] * np.ones((len(x["query"]), 8, 1)) * right

    result = evaluate(first_half_right, Episodes(distinct_classes(), way=4, shot=1, query=2, steps=40))
    n = len(result.per_episode)
    spread = (sum((a - result.mean) ** 2 for a in result.per_episode) / (n - 1)) ** 0.5
    assert 0 < result.mean < 1 and result.mean == pytest.approx(sum(result.per_episode) / n)
    assert result.ci95 == pytest.approx(1.96 * spread / n**0.5)


def test_one_episode_has_no_interval():
    assert np.isnan(
        evaluate(
            networks.prototypical(pixels_as_embedding()), Episodes(distinct_classes(), way=4, shot=1, query=1, steps=1)
        ).ci95
    )


def test_a_result_reads_as_a_sentence():
    assert str(EvaluationResult(0.97178, 0.0021, np.zeros(1000))) == "97.18 ± 0.21 % over 1000 episodes"
    assert str(EvaluationResult(1.0, 0.0, np.ones(20))) == "100.00 ± 0.00 % over 20 episodes"


def test_evaluation_is_on_epoch_zero_whatever_has_been_trained(trained, test_data):
    fresh, used = (Episodes(test_data, way=5, shot=1, query=2, steps=10, seed=4) for _ in range(2))
    used[0]
    for _ in range(3):
        used.on_epoch_end()
    np.testing.assert_array_equal(evaluate(trained, used).per_episode, evaluate(trained, fresh).per_episode)
    assert used.epoch == 3  # and training goes on where it was


def test_evaluating_inside_fit_changes_no_weight(test_data):
    model = networks.prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=2))
    before = [weight.copy() for weight in model.get_weights()]
    evaluate(model, Episodes(test_data, way=5, shot=1, query=2, steps=10))
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_progress_bar_appears_only_after_two_seconds(capsys):
    perfect = networks.prototypical(pixels_as_embedding())
    evaluate(perfect, Episodes(distinct_classes(), way=4, shot=1, query=2, steps=50))
    assert capsys.readouterr() == ("", "")

    def slow(x):
        time.sleep(0.8)
        return np.zeros((len(x["query"]), 8, 4))

    evaluate(slow, Episodes(distinct_classes(), way=4, shot=1, query=2, steps=1000))
    assert "1000/1000" in capsys.readouterr().out


# --- FewShotClassifier


@pytest.fixture
def classifier(trained, test_data):
    """Two examples of each of three classes, with names."""
    return FewShotClassifier(trained, *examples(test_data))


def examples(data, shot=2, offset=0):
    chosen = np.concatenate([np.flatnonzero(data.labels == c)[offset : offset + shot] for c in (4, 2, 9)])
    return data.images[chosen], np.array(["four", "two", "nine"]).repeat(shot)


def test_it_answers_with_class_names_and_mostly_the_right_ones(classifier, test_data):
    new, names = examples(test_data, shot=8, offset=2)
    assert classifier.class_names == ("four", "nine", "two")
    answers = classifier.predict(new)
    assert isinstance(answers, list) and all(type(answer) is str for answer in answers)
    assert np.mean(np.array(answers) == names) > 0.9


def test_probabilities_are_the_softmax_of_the_networks_scores(classifier, trained, test_data):
    (images, labels), (new, _) = examples(test_data), examples(test_data, shot=4, offset=2)
    columns = np.array([[name == label for name in classifier.class_names] for label in labels], "float32")
    x = {"support": images[None] / 255, "support_labels": columns[None], "query": new[None] / 255}
    scores = trained.predict({name: array.astype("float32") for name, array in x.items()}, verbose=0)[0].astype(
        "float64"
    )
    expected = np.exp(scores - scores.max(axis=-1, keepdims=True))
    expected /= expected.sum(axis=-1, keepdims=True)
    found = classifier.predict_proba(new)
    assert found.shape == (12, 3)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-5)
    assert classifier.predict(new) == [classifier.class_names[i] for i in expected.argmax(axis=-1)]


def test_an_answer_does_not_depend_on_the_other_new_images(classifier, test_data):
    new, _ = examples(test_data, shot=4, offset=2)
    alone = np.concatenate([classifier.predict_proba(image[None]) for image in new])
    np.testing.assert_allclose(classifier.predict_proba(new), alone, atol=1e-5)


def test_images_of_0_to_255_and_of_0_to_1_are_the_same(trained, test_data):
    (images, labels), (new, _) = examples(test_data), examples(test_data, shot=4, offset=2)
    whole = FewShotClassifier(trained, images, labels).predict_proba(new)
    for dtype in ("float32", "float64"):
        parts = FewShotClassifier(trained, images.astype(dtype) / 255, labels).predict_proba(new.astype(dtype) / 255)
        np.testing.assert_allclose(parts, whole, atol=1e-4)


def test_classes_may_have_different_numbers_of_examples_and_any_names(trained, test_data):
    images, _ = examples(test_data)
    unequal = FewShotClassifier(trained, images[[0, 1, 2, 4, 5]], [7, 7, 10, 9, 9])
    assert unequal.class_names == ("10", "7", "9")
    assert unequal.predict(images) == ["7", "7", "10", "10", "9", "9"]


def test_the_examples_cannot_be_changed_afterwards(trained, test_data, tmp_path):
    images, labels = examples(test_data)
    images, labels, (new, _) = images.copy(), labels.copy(), examples(test_data, shot=4, offset=2)
    classifier = FewShotClassifier(trained, images, labels)
    before = classifier.predict_proba(new)
    images[:], labels[:] = 0, "two"
    np.testing.assert_array_equal(classifier.predict_proba(new), before)
    classifier.save(tmp_path / "classifier.zip")
    np.testing.assert_array_equal(FewShotClassifier.load(tmp_path / "classifier.zip").predict_proba(new), before)
    with pytest.raises(AttributeError):
        classifier.class_names = ("a", "b", "c")


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_it_survives_saving_and_loading(trained, test_data, tmp_path, dtype):
    (images, labels), (new, _) = examples(test_data), examples(test_data, shot=4, offset=2)
    classifier = FewShotClassifier(trained, images if dtype == "uint8" else images.astype(dtype) / 255, labels)
    classifier.save(tmp_path / "classifier.zip")
    loaded = FewShotClassifier.load(str(tmp_path / "classifier.zip"))
    assert [file.name for file in tmp_path.iterdir()] == ["classifier.zip"]
    assert loaded.class_names == classifier.class_names
    np.testing.assert_array_equal(loaded.predict_proba(new), classifier.predict_proba(new))
    assert loaded.predict(new) == classifier.predict(new)


def test_a_disk_that_fills_up_leaves_the_old_file_and_nothing_half_written(classifier, tmp_path):
    resource = pytest.importorskip("resource")  # not on Windows
    path = tmp_path / "classifier.zip"
    path.write_text("what was there before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))  # a longer file is an OSError, as on a full disk
    try:
        with pytest.raises(OSError):
            classifier.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [file.name for file in tmp_path.iterdir()] == ["classifier.zip"]
    assert path.read_text() == "what was there before"


def test_a_file_that_is_not_there_or_not_a_classifier_is_an_error_that_says_so(classifier, tmp_path):
    with pytest.raises(FileNotFoundError):
        FewShotClassifier.load(tmp_path / "nowhere.zip")
    classifier.save(tmp_path / "whole.zip")
    whole = (tmp_path / "whole.zip").read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 255
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as file:
        file.writestr("notes.txt", "nothing")
    for content in (b"", b"no zip", whole[: len(whole) // 2], bytes(damaged), other.getvalue()):
        (tmp_path / "bad.zip").write_bytes(content)
        with pytest.raises(ValueError, match="expected a file written by its save at .*bad.zip"):
            FewShotClassifier.load(tmp_path / "bad.zip")


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((3, 8, 8, 1), "uint8"), ["a", "b"], r"a class name for each of 3 images and received \(2,\)"),
        (np.zeros((2, 9, 9, 1), "uint8"), ["a", "b"], r"shape \(n, \*\(8, 8, 1\)\) and received \(2, 9, 9, 1\)"),
        (np.zeros((2, 8, 8), "uint8"), ["a", "b"], r"received \(2, 8, 8\)"),
        (np.zeros((0, 8, 8, 1), "uint8"), [], "at least one image and received none"),
        (np.full((2, 8, 8, 1), 255.0), ["a", "b"], "in 255.0..255.0. Divide float images of 0..255 by 255"),
        (np.full((2, 8, 8, 1), np.nan), ["a", "b"], "nan..nan"),
        (np.zeros((2, 8, 8, 1), "int64"), ["a", "b"], "received int64"),
        (np.zeros((2, 8, 8, 1), "uint8"), ["a", "a"], r"at least two classes and received \['a'\]"),
        (np.zeros((2, 8, 8, 1), "uint8"), np.eye(2), r"a class name for each of 2 images and received \(2, 2\)"),
    ],
)
def test_examples_that_do_not_fit_are_an_error_that_says_how(trained, images, labels, message):
    with pytest.raises(ValueError, match=message):
        FewShotClassifier(trained, images, labels)


def test_new_images_are_checked_as_the_examples_are(classifier):
    for images, message in (
        (np.zeros((2, 9, 9, 1), "uint8"), r"received \(2, 9, 9, 1\)"),
        (np.zeros((8, 8, 1), "uint8"), r"received \(8, 8, 1\)"),
        (np.full((1, 8, 8, 1), 2.0), "2.0..2.0"),
    ):
        with pytest.raises(ValueError, match=message):
            classifier.predict(images)


def test_only_an_episode_model_will_do():
    for model in (pixels_as_embedding(), lambda x: x, None):
        with pytest.raises(ValueError, match="expected an episode model such as networks.prototypical"):
            FewShotClassifier(model, np.zeros((2, 8, 8, 1), "uint8"), ["a", "b"])


# --- Two encoders, and relation scores


def two_encoder_network():
    keras.utils.set_random_seed(4)
    return networks.matching(*(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1) for _ in range(2)))


def relation_network(bias=0.0):
    keras.utils.set_random_seed(4)
    network = networks.relation(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1, flatten=False), filters=4)
    module = network.get_layer("relation")
    module.score.bias.assign([bias])
    module.dense.kernel.assign(keras.ops.abs(module.dense.kernel))  # no unit that is off for each pair
    x = {name: np.random.default_rng(0).random((1, 6, 8, 8, 1), "float32") for name in ("support", "query")}
    for _ in range(20):  # moving statistics as after a while, so that the scores differ
        network({**x, "support_labels": np.eye(6, dtype="float32")[None]}, training=True)
    return network


@pytest.mark.parametrize("network", [two_encoder_network, relation_network])
def test_two_encoders_and_relation_scores_are_judged_as_episode_by_episode(network, test_data):
    model, episodes = network(), Episodes(test_data, way=5, shot=2, query=3, steps=20, batch_size=2, seed=6)
    result = evaluate(model, episodes)
    np.testing.assert_allclose(result.per_episode, one_by_one(model, episodes), atol=1e-6)
    assert result.per_episode.std() > 0


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def whole_episode(data, classifier):
    """The examples and four new images a class as one episode, as the whole network takes it."""
    (images, labels), (new, _) = examples(data), examples(data, shot=4, offset=2)
    columns = np.array([[name == label for name in classifier.class_names] for label in labels], "float32")
    x = {"support": images[None] / 255, "support_labels": columns[None], "query": new[None] / 255}
    return {name: array.astype("float32") for name, array in x.items()}, new


def test_a_classifier_of_two_encoders_embeds_new_images_with_the_second_also_after_loading(test_data, tmp_path):
    model = two_encoder_network()
    classifier = FewShotClassifier(model, *examples(test_data))
    x, new = whole_episode(test_data, classifier)
    expected = np.exp(model.predict(x, verbose=0)[0])  # log-probabilities
    np.testing.assert_allclose(classifier.predict_proba(new), expected, atol=1e-5)
    shared = networks.matching(model.get_layer("encode").encoder).predict(x, verbose=0)[0]
    assert np.abs(np.exp(shared) - expected).max() > 1e-3
    classifier.save(tmp_path / "classifier.zip")
    loaded = FewShotClassifier.load(tmp_path / "classifier.zip")
    np.testing.assert_allclose(loaded.predict_proba(new), expected, atol=1e-5)


def test_probabilities_of_relation_scores_are_the_softmax_of_their_log_odds_also_after_loading(test_data, tmp_path):
    model = relation_network()
    classifier = FewShotClassifier(model, *examples(test_data))
    x, new = whole_episode(test_data, classifier)
    scores = model.predict(x, verbose=0)[0].astype("float64")
    expected = softmax(np.log(scores / (1 - scores)))
    assert np.abs(expected - softmax(scores)).max() > 1e-3  # the softmax of the scores themselves is another
    found = classifier.predict_proba(new)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert classifier.predict(new) == [classifier.class_names[i] for i in scores.argmax(axis=-1)]
    classifier.save(tmp_path / "classifier.zip")
    np.testing.assert_allclose(FewShotClassifier.load(tmp_path / "classifier.zip").predict_proba(new), found, atol=1e-6)


@pytest.mark.parametrize("bias", [-200.0, 200.0])
def test_relation_scores_of_exactly_0_or_1_give_finite_probabilities(test_data, bias):
    classifier = FewShotClassifier(relation_network(bias), *examples(test_data))
    np.testing.assert_allclose(classifier.predict_proba(test_data.images[:4]), 1 / 3, rtol=1e-5)


def runs(*means, **common):
    return [{**common, "seed": seed, "5w1s": {"mean": mean}} for seed, mean in enumerate(means)]


def test_the_interval_over_seeds_is_students_t_times_the_standard_error():
    listed = runs(0.90, 0.92, 0.97, way=20) + runs(0.5, 0.6, way=5)
    results = {"runs": {str(i): run for i, run in enumerate(listed)}}
    mean, half = mean_over_seeds(results, "5w1s", way=20)
    squares = sum((value - 0.93) ** 2 for value in (0.90, 0.92, 0.97))
    assert np.isclose(mean, 0.93) and np.isclose(half, 4.302653 * (squares / 2 / 3) ** 0.5)  # t of 2 degrees of freedom


@pytest.mark.parametrize("chosen", [{"way": 7}, {}])
def test_runs_that_differ_in_more_than_the_seed_are_an_error(chosen):
    listed = runs(0.90, 0.92, way=20) + runs(0.5, 0.6, way=5)
    with pytest.raises(ValueError, match="each of another seed"):
        mean_over_seeds({"runs": {str(i): run for i, run in enumerate(listed)}}, "5w1s", **chosen)


# --- Unlabelled and spoiled images


def gaussian(precision="image"):
    return networks.gaussian_prototypical(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1), precision)


def semi_supervised(method="masked"):
    return networks.semi_supervised(encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1), method)


UNLABELLED = {"unlabelled": 3, "distractors": 2}
FURTHER = [{}, {"corrupted": 0.5}, UNLABELLED, {**UNLABELLED, "corrupted": 0.5}]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("method", ["soft", "cluster", "masked"])
@pytest.mark.parametrize("further", FURTHER[2:])
def test_semi_supervised_networks_are_judged_as_the_function_that_they_are(test_data, method, further, batch_size):
    keras.utils.set_random_seed(4)
    model = semi_supervised(method)
    episodes = Episodes(test_data, way=5, shot=2, query=3, steps=6, batch_size=batch_size, seed=6, **further)
    fast, slow = evaluate(model, episodes), evaluate(lambda x: model(x), episodes)
    np.testing.assert_allclose(fast.per_episode, slow.per_episode, atol=1e-6)
    np.testing.assert_allclose(fast.per_episode, one_by_one(model, episodes), atol=1e-6)
    assert len(fast.per_episode) == 6 * batch_size and fast.per_episode.std() > 0


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("further", [*FURTHER[:3], {"unlabelled": 3, "corrupted": 0.5}])
@pytest.mark.parametrize("network", [gaussian, lambda: gaussian("dimension"), lambda: two_encoder_network()])
def test_networks_without_unlabelled_images_are_judged_on_episodes_with_them_as_on_the_rest(
    test_data, network, further
):
    keras.utils.set_random_seed(5)
    model = network()
    episodes = Episodes(test_data, way=5, shot=2, query=3, steps=10, seed=6, **further)
    fast = evaluate(model, episodes)
    slow = evaluate(lambda x: model({name: array for name, array in x.items() if name != "unlabelled"}), episodes)
    np.testing.assert_allclose(fast.per_episode, slow.per_episode, atol=1e-6)
    without = Episodes(
        test_data, way=5, shot=2, query=3, steps=10, seed=6, **{k: v for k, v in further.items() if k == "corrupted"}
    )
    np.testing.assert_allclose(fast.per_episode, evaluate(model, without).per_episode, atol=1e-6)
    assert fast.per_episode.std() > 0


@pytest.mark.filterwarnings("error")
def test_a_trained_prototypical_network_gets_worse_as_more_of_its_support_is_spoiled(trained, test_data):
    means = [
        evaluate(trained, Episodes(test_data, way=5, shot=4, query=3, steps=60, corrupted=share)).mean
        for share in (0.0, 0.5, 1.0)
    ]
    assert means[0] > means[1] + 0.02 and means[1] > means[2] + 0.02


def test_a_function_is_shown_the_unlabelled_and_the_spoiled_images(test_data):
    episodes, seen = Episodes(test_data, way=5, shot=2, query=3, steps=4, batch_size=2, corrupted=0.5, **UNLABELLED), []

    def model(x):
        seen.append(x)
        return np.zeros((len(x["query"]), 15, 5))

    assert evaluate(model, episodes).mean == pytest.approx(0.2)
    for name in ("support", "support_labels", "query", "unlabelled"):
        shown = np.concatenate([x[name] for x in seen])
        np.testing.assert_allclose(shown, np.concatenate([episodes[i][0][name] for i in range(4)]), atol=1e-7)


@pytest.mark.parametrize("further", [{}, {"corrupted": 0.5}])
def test_episodes_without_the_unlabelled_images_that_a_network_takes_are_an_error_that_says_what_to_do(
    test_data, further
):
    with pytest.raises(ValueError, match=r"unlabelled images, which this model takes: .*Episodes\(..., unlabelled=5\)"):
        evaluate(semi_supervised(), Episodes(test_data, way=5, shot=1, query=1, steps=2, **further))


def with_learned_statistics(model, **further):
    """The model after a few passes in training, and weights that are no longer those it begins with."""
    rng = np.random.default_rng(0)
    x = {name: rng.random((1, 6, 8, 8, 1), "float32") for name in ("support", "query", *further)}
    for _ in range(20):
        model({**x, "support_labels": np.eye(6, dtype="float32")[None]}, training=True)
    return model


@pytest.mark.parametrize("method", ["soft", "cluster", "masked"])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_a_classifier_with_unlabelled_images_answers_as_the_network_also_after_loading(
    test_data, tmp_path, method, dtype
):
    keras.utils.set_random_seed(6)
    model = with_learned_statistics(semi_supervised(method), unlabelled=True)
    unlabelled = test_data.images[[43, 44, 23, 24, 93, 7, 111]]
    given = unlabelled if dtype == "uint8" else unlabelled.astype("float32") / 255
    classifier = FewShotClassifier(model, *examples(test_data), unlabelled=given)
    x, new = whole_episode(test_data, classifier)
    expected = softmax(model.predict({**x, "unlabelled": unlabelled[None].astype("float32") / 255}, verbose=0)[0])
    found = classifier.predict_proba(new)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert classifier.predict(new) == [classifier.class_names[i] for i in found.argmax(axis=-1)]
    fewer = FewShotClassifier(model, *examples(test_data), unlabelled=given[:1]).predict_proba(new)
    assert np.abs(fewer - found).max() > 1e-4  # the unlabelled images do count
    given[:] = 0  # nor can they be changed afterwards
    classifier.save(tmp_path / "classifier.zip")
    loaded = FewShotClassifier.load(tmp_path / "classifier.zip")
    np.testing.assert_allclose(loaded.predict_proba(new), found, atol=1e-6)
    np.testing.assert_array_equal(classifier.predict_proba(new), found)


def test_a_gaussian_classifier_answers_as_the_network_also_after_loading(test_data, tmp_path):
    keras.utils.set_random_seed(7)
    model = with_learned_statistics(gaussian("dimension"))
    classifier = FewShotClassifier(model, *examples(test_data))
    x, new = whole_episode(test_data, classifier)
    found = classifier.predict_proba(new)
    np.testing.assert_allclose(found, softmax(model.predict(x, verbose=0)[0]), atol=1e-4)
    classifier.save(tmp_path / "classifier.zip")
    np.testing.assert_allclose(FewShotClassifier.load(tmp_path / "classifier.zip").predict_proba(new), found, atol=1e-6)


def test_unlabelled_images_are_an_error_where_the_model_takes_none_and_missing_where_it_takes_some(trained, test_data):
    unlabelled = test_data.images[:4]
    with pytest.raises(ValueError, match="this one takes none, and there are some"):
        FewShotClassifier(trained, *examples(test_data), unlabelled=unlabelled)
    with pytest.raises(ValueError, match="this one takes some, and there are none"):
        FewShotClassifier(semi_supervised(), *examples(test_data))
    for wrong, message in (
        (unlabelled[:0], "at least one image"),
        (unlabelled[0], r"expected images of shape \(n, \*\(8, 8, 1\)\) and received \(8, 8, 1\)"),
        (unlabelled.astype("float32"), "uint8, or float in 0..1"),
    ):
        with pytest.raises(ValueError, match=message):
            FewShotClassifier(semi_supervised(), *examples(test_data), unlabelled=wrong)
