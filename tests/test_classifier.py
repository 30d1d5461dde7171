"""FewShotClassifier: a trained network as a classifier for your own images."""

import copy
import io
import re
import zipfile

import keras
import numpy as np
import pytest
from conftest import with_moving_statistics

from fslkeras import Episodes, FewShotClassifier, encoders, networks


def small_encoder():
    return encoders.conv4((8, 8, 1), filters=4, pooled_blocks=1)


def packed(files):
    """The bytes of a zip file."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as file:
        for name, content in files.items():
            file.writestr(name, content)
    return written.getvalue()


@pytest.fixture
def classifier(trained, test_data):
    """Two examples each of three classes, with names."""
    return FewShotClassifier(trained, *examples(test_data))


def examples(data, shot=2, offset=0):
    chosen = np.concatenate(
        [np.flatnonzero(data.labels == c)[offset : offset + shot] for c in (4, 2, 9)]
    )
    return data.images[chosen], np.array(["four", "two", "nine"]).repeat(shot)


def softmax(x):
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def whole_episode(data, classifier):
    """The examples and four new images per class, as an episode for the whole network."""
    (images, labels), (new, _) = examples(data), examples(data, shot=4, offset=2)
    columns = np.array(
        [[name == label for name in classifier.class_names] for label in labels], "float32"
    )
    x = {"support": images[None] / 255, "support_labels": columns[None], "query": new[None] / 255}
    return {name: array.astype("float32") for name, array in x.items()}, new


def test_it_predicts_class_names_and_mostly_the_right_ones(classifier, test_data):
    new, names = examples(test_data, shot=8, offset=2)
    assert classifier.class_names == ("four", "nine", "two")
    answers = classifier.predict(new)
    assert isinstance(answers, list) and all(type(answer) is str for answer in answers)
    assert np.mean(np.array(answers) == names) > 0.9


def test_probabilities_are_the_softmax_of_the_networks_scores(classifier, trained, test_data):
    (images, labels), (new, _) = examples(test_data), examples(test_data, shot=4, offset=2)
    columns = np.array(
        [[name == label for name in classifier.class_names] for label in labels], "float32"
    )
    x = {"support": images[None] / 255, "support_labels": columns[None], "query": new[None] / 255}
    scores = trained.predict(
        {name: array.astype("float32") for name, array in x.items()}, verbose=0
    )[0].astype("float64")
    expected = np.exp(scores - scores.max(axis=-1, keepdims=True))
    expected /= expected.sum(axis=-1, keepdims=True)
    found = classifier.predict_proba(new)
    assert found.shape == (12, 3)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-5)
    assert classifier.predict(new) == [classifier.class_names[i] for i in expected.argmax(axis=-1)]


def test_a_prediction_does_not_depend_on_the_other_images(classifier, test_data):
    new, _ = examples(test_data, shot=4, offset=2)
    alone = np.concatenate([classifier.predict_proba(image[None]) for image in new])
    np.testing.assert_allclose(classifier.predict_proba(new), alone, atol=1e-5)


def test_images_of_0_to_255_and_of_0_to_1_are_the_same(trained, test_data):
    (images, labels), (new, _) = examples(test_data), examples(test_data, shot=4, offset=2)
    whole = FewShotClassifier(trained, images, labels).predict_proba(new)
    for dtype in ("float32", "float64"):
        parts = FewShotClassifier(trained, images.astype(dtype) / 255, labels).predict_proba(
            new.astype(dtype) / 255
        )
        np.testing.assert_allclose(parts, whole, atol=1e-4)


def test_classes_may_have_different_numbers_of_examples_and_any_names(trained, test_data):
    images, _ = examples(test_data)
    for as_label in (int, str, np.int16, np.str_):
        seven, ten, nine = map(as_label, (7, 10, 9))
        unequal = FewShotClassifier(
            trained, images[[0, 1, 2, 4, 5]], [seven, seven, ten, nine, nine]
        )
        answers = unequal.predict(images)
        assert answers == [seven, seven, ten, ten, nine, nine]  # in the given form
        plain = str if as_label in (str, np.str_) else int
        assert all(
            type(answer) is plain for answer in (*answers, *unequal.class_names, *unequal.labels)
        )
        assert unequal.class_names == (("10", "7", "9") if plain is str else (7, 9, 10))


def test_the_examples_cannot_be_changed_afterwards(trained, test_data, tmp_path):
    images, labels = examples(test_data)
    images, labels, (new, _) = images.copy(), labels.copy(), examples(test_data, shot=4, offset=2)
    classifier = FewShotClassifier(trained, images, labels)
    before = classifier.predict_proba(new)
    images[:], labels[:] = 0, "two"
    np.testing.assert_array_equal(classifier.predict_proba(new), before)
    classifier.save(tmp_path / "classifier.zip")
    np.testing.assert_array_equal(
        FewShotClassifier.load(tmp_path / "classifier.zip").predict_proba(new), before
    )
    for name in ("class_names", "model", "images", "labels"):
        with pytest.raises(AttributeError):
            setattr(classifier, name, None)
    classifier.images[:], classifier.labels[:] = 0, ["two"] * 6  # both are copies
    classifier.model.set_weights(
        [np.zeros_like(weight) for weight in classifier.model.get_weights()]
    )
    np.testing.assert_array_equal(classifier.predict_proba(new), before)


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_it_survives_saving_and_loading(trained, test_data, tmp_path, dtype):
    (images, labels), (new, _) = examples(test_data), examples(test_data, shot=4, offset=2)
    classifier = FewShotClassifier(
        trained, images if dtype == "uint8" else images.astype(dtype) / 255, labels
    )
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
    resource.setrlimit(
        resource.RLIMIT_FSIZE, (4096, hard)
    )  # larger files raise an OSError, as on a full disk
    try:
        with pytest.raises(OSError):
            classifier.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [file.name for file in tmp_path.iterdir()] == ["classifier.zip"]
    assert path.read_text() == "what was there before"


def test_a_missing_file_or_one_that_is_not_a_classifier_raises_an_error_that_says_so(
    classifier, tmp_path
):
    for path in (tmp_path / "nowhere.zip", tmp_path, str(tmp_path / "no" / "where.zip")):
        with pytest.raises(FileNotFoundError, match=f"found no file at {re.escape(str(path))}"):
            FewShotClassifier.load(path)
    classifier.save(tmp_path / "whole.zip")
    whole = (tmp_path / "whole.zip").read_bytes()
    damaged = bytearray(whole)
    damaged[len(whole) // 2] ^= 255
    others = [
        packed({"notes.txt": b"nothing"}),
        packed({"model.keras": b"garbage", "examples.npz": b"garbage"}),
    ]
    for content in (b"", b"no zip", whole[: len(whole) // 2], bytes(damaged), *others):
        path = tmp_path / "bad.zip"
        path.write_bytes(content)
        with pytest.raises(
            ValueError, match=f"written by FewShotClassifier.save. Received: {re.escape(str(path))}"
        ):
            FewShotClassifier.load(path)


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((3, 8, 8, 1), "uint8"), ["a", "b"], "a label for each of 3 images"),
        (
            np.zeros((2, 9, 9, 1), "uint8"),
            ["a", "b"],
            r"\(8, 8, 1\). Received: .*\(9, 9, 1\)",
        ),
        (np.zeros((2, 8, 8), "uint8"), ["a", "b"], r"Received: images of shape \(8, 8\)"),
        (np.zeros((0, 8, 8, 1), "uint8"), [], "at least one image. Received: none"),
        (
            np.full((2, 8, 8, 1), 255.0),
            ["a", "b"],
            "255.0.. Divide float images in .0, 255. by 255",
        ),
        (np.full((2, 8, 8, 1), np.nan), ["a", "b"], "nan..nan"),
        (np.zeros((2, 8, 8, 1), "int64"), ["a", "b"], "Received: int64"),
        (
            np.eye(8, dtype="uint8")[None, ..., None].repeat(2, axis=0),
            ["a", "b"],
            "multiply uint8 images of 0 and 1 by 255",
        ),
        (None, ["a", "b"], "to contain images"),
        (np.zeros((2, 8, 8, 1), "uint8"), ["a", "a"], r"at least two classes. Received: \['a'\]"),
        (np.zeros((2, 8, 8, 1), "uint8"), np.eye(2), "a label for each of 2 images"),
        *[
            (
                np.zeros((2, 8, 8, 1), "uint8"),
                labels,
                "a label for each of 2 images, .*none of them missing. Received: labels=",
            )
            for labels in (
                [None, "a"],
                [1, None],
                ["a", float("nan")],
                [1, float("nan")],
                [1.0, 2.0],
                [1, "a"],
                "ab",
                None,
                3,
            )
        ],
    ],
)
def test_examples_that_do_not_match_raise_an_error_that_says_how(trained, images, labels, message):
    with pytest.raises(ValueError, match=message):
        FewShotClassifier(trained, images, labels)


class MyLoss(keras.losses.Loss):
    """Not registered with Keras, as in a notebook."""

    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


def test_further_training_changes_no_prediction_and_classifying_does_not_change_the_model(
    training_data, test_data
):
    keras.utils.set_random_seed(0)
    model, (new, _) = networks.prototypical(small_encoder()), examples(test_data, shot=4, offset=2)
    model.compile(keras.optimizers.Adam(0.1), MyLoss(), run_eagerly=True)
    weights = [weight.copy() for weight in model.get_weights()]
    classifier = FewShotClassifier(model, *examples(test_data))
    before = classifier.predict_proba(new)
    for old, now in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(now, old)
    model.fit(Episodes(training_data, way=5, shot=1, query=2, steps=3), verbose=0)
    assert (
        np.abs(FewShotClassifier(model, *examples(test_data)).predict_proba(new) - before).max()
        > 1e-3
    )
    np.testing.assert_array_equal(classifier.predict_proba(new), before)


def test_a_model_compiled_with_a_custom_loss_can_be_classified_with_saved_and_loaded(
    test_data, tmp_path
):
    keras.utils.set_random_seed(0)
    model, (new, _) = networks.prototypical(small_encoder()), examples(test_data, shot=4, offset=2)
    model.compile("sgd", MyLoss(), metrics=["accuracy"])
    classifier = FewShotClassifier(model, *examples(test_data))
    classifier.save(tmp_path / "classifier.zip")
    assert isinstance(model.loss, MyLoss)  # the model itself stays compiled
    loaded = FewShotClassifier.load(tmp_path / "classifier.zip")
    np.testing.assert_array_equal(loaded.predict_proba(new), classifier.predict_proba(new))


def test_the_scores_are_the_networks_own(classifier, trained, test_data):
    x, new = whole_episode(test_data, classifier)
    expected = keras.ops.convert_to_numpy(trained(x))[0]
    assert classifier.scores(new).shape == (12, 3)
    np.testing.assert_allclose(classifier.scores(new), expected, rtol=1e-4, atol=1e-3)


def test_an_image_with_its_best_score_below_the_threshold_is_unknown(classifier, test_data):
    new, _ = examples(test_data, shot=4, offset=2)
    best, named = classifier.scores(new).max(axis=-1), classifier.predict(new)
    assert (
        classifier.predict(new, threshold=best.min()) == named
    )  # at the threshold, a class is predicted
    threshold = np.sort(best)[5]
    expected = [
        name if score >= threshold else None for name, score in zip(named, best, strict=True)
    ]
    assert expected.count(None) == 5
    assert classifier.predict(new, threshold=threshold) == expected
    assert (
        classifier.predict(new, threshold=np.inf, unknown="none of them") == ["none of them"] * 12
    )


def test_more_examples_make_a_new_classifier(trained, test_data):
    (images, labels), (more, names) = examples(test_data), examples(test_data, shot=3, offset=2)
    new, _ = examples(test_data, shot=4, offset=5)
    classifier = FewShotClassifier(trained, images, labels)
    before = classifier.predict_proba(new)
    for further in (more, more.astype("float32") / 255):
        both = classifier.with_examples(further, names)
        whole = FewShotClassifier(trained, np.concatenate([images, more]), [*labels, *names])
        assert both.labels == [*labels, *names] and both.class_names == classifier.class_names
        np.testing.assert_allclose(both.predict_proba(new), whole.predict_proba(new), atol=1e-5)
    assert classifier.with_examples(more[:2], ["ten", "ten"]).class_names == (
        "four",
        "nine",
        "ten",
        "two",
    )
    np.testing.assert_array_equal(classifier.predict_proba(new), before)
    with pytest.raises(ValueError, match="all strings or all integers"):
        classifier.with_examples(more[:1], [3])
    for number, text in ((2, "ab"), (2, 3), (2, ["a"])):  # a string is not a list of letters
        with pytest.raises(ValueError, match=f"a label for each of {number} images"):
            classifier.with_examples(more[:number], text)


def test_its_parts_can_be_read_back(classifier, trained, test_data):
    images, labels = examples(test_data)
    np.testing.assert_array_equal(classifier.images, images)
    assert classifier.labels == labels.tolist()
    x, _ = whole_episode(test_data, classifier)
    np.testing.assert_array_equal(
        *(keras.ops.convert_to_numpy(model(x)) for model in (classifier.model, trained))
    )


@pytest.mark.parametrize("labels", [[7, 7, 10, 10, 9, 9], ["g", "g", "a", "a", "c", "c"]])
def test_labels_come_back_as_they_were_given_even_after_loading(
    trained, test_data, tmp_path, labels
):
    images, _ = examples(test_data)
    FewShotClassifier(trained, images, labels).save(tmp_path / "classifier.zip")
    loaded = FewShotClassifier.load(tmp_path / "classifier.zip")
    assert loaded.labels == loaded.predict(images) == labels and type(
        loaded.predict(images)[0]
    ) is type(labels[0])


def test_a_model_that_cannot_be_loaded_again_is_not_saved_and_the_error_says_why(
    test_data, tmp_path
):
    encoder = keras.Sequential(
        [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Lambda(lambda x: 2 * x)]
    )
    path = tmp_path / "classifier.zip"
    with pytest.raises(
        ValueError, match="FewShotClassifier.* expected a model that can be loaded again.*[Ll]ambda"
    ):
        FewShotClassifier(networks.prototypical(encoder), *examples(test_data)).save(path)
    assert not list(tmp_path.iterdir())


def test_saving_to_a_missing_folder_raises_an_error_that_names_it(classifier, tmp_path):
    with pytest.raises(
        FileNotFoundError, match=f"found no folder at {re.escape(str(tmp_path / 'nowhere'))}"
    ):
        classifier.save(tmp_path / "nowhere" / "classifier.zip")
    assert not list(tmp_path.iterdir())


def test_new_images_are_checked_as_the_examples_are(classifier):
    for images, message in (
        (np.zeros((2, 9, 9, 1), "uint8"), r"Received: images of shape \(9, 9, 1\)"),
        (np.zeros((8, 8, 1), "uint8"), r"Received: images of shape \(8, 1\)"),
        (np.full((1, 8, 8, 1), 2.0), "2.0..2.0"),
    ):
        with pytest.raises(ValueError, match=message):
            classifier.predict(images)


def test_only_networks_over_episodes_are_accepted():
    for model in (small_encoder(), networks.siamese(small_encoder()), lambda x: x, None):
        with pytest.raises(
            ValueError, match="expected a network over episodes that is an encoder and a head"
        ):
            FewShotClassifier(model, np.zeros((2, 8, 8, 1), "uint8"), ["a", "b"])


def test_a_classifier_of_two_encoders_embeds_new_images_with_the_second_even_after_loading(
    two_encoder_network, test_data, tmp_path
):
    model = two_encoder_network
    classifier = FewShotClassifier(model, *examples(test_data))
    x, new = whole_episode(test_data, classifier)
    expected = np.exp(model.predict(x, verbose=0)[0])  # log-probabilities
    np.testing.assert_allclose(classifier.predict_proba(new), expected, atol=1e-5)
    shared = networks.matching(model.get_layer("encode").encoder).predict(x, verbose=0)[0]
    assert np.abs(np.exp(shared) - expected).max() > 1e-3
    classifier.save(tmp_path / "classifier.zip")
    loaded = FewShotClassifier.load(tmp_path / "classifier.zip")
    np.testing.assert_allclose(loaded.predict_proba(new), expected, atol=1e-5)


def test_probabilities_of_relation_scores_are_the_softmax_of_their_log_odds_even_after_loading(
    relation_network, test_data, tmp_path
):
    model = relation_network
    classifier = FewShotClassifier(model, *examples(test_data))
    x, new = whole_episode(test_data, classifier)
    scores = model.predict(x, verbose=0)[0].astype("float64")
    expected = softmax(np.log(scores / (1 - scores)))
    assert (
        np.abs(expected - softmax(scores)).max() > 1e-3
    )  # the softmax of the scores themselves differs
    found = classifier.predict_proba(new)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert classifier.predict(new) == [classifier.class_names[i] for i in scores.argmax(axis=-1)]
    classifier.save(tmp_path / "classifier.zip")
    np.testing.assert_allclose(
        FewShotClassifier.load(tmp_path / "classifier.zip").predict_proba(new), found, atol=1e-6
    )


@pytest.mark.parametrize("bias", [-200.0, 200.0])
def test_relation_scores_of_exactly_0_or_1_still_give_the_probabilities_of_their_log_odds(
    relation_network, test_data, bias
):
    network, new = copy.deepcopy(relation_network), test_data.images[:4]
    network.get_layer("head").get_layer("logits").get_layer("relation").score.bias.assign([bias])
    classifier = FewShotClassifier(network, *examples(test_data))
    assert set(np.unique(classifier.scores(new))) == {float(bias > 0)}
    # Adding the same number to all log-odds does not change probabilities.
    expected = FewShotClassifier(relation_network, *examples(test_data)).predict_proba(new)
    assert expected.std() > 1e-3
    np.testing.assert_allclose(
        classifier.predict_proba(new), expected, atol=1e-4
    )  # 200 + x in float32


@pytest.mark.parametrize("method", ["soft", "cluster", "masked"])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_a_classifier_with_unlabeled_images_predicts_what_the_network_does_even_after_loading(
    test_data, tmp_path, method, dtype
):
    keras.utils.set_random_seed(6)
    model = with_moving_statistics(
        networks.semi_supervised(small_encoder(), method), unlabelled=True
    )
    unlabelled = test_data.images[[43, 44, 23, 24, 93, 7, 111]]
    given = unlabelled if dtype == "uint8" else unlabelled.astype("float32") / 255
    classifier = FewShotClassifier(model, *examples(test_data), unlabelled=given)
    x, new = whole_episode(test_data, classifier)
    expected = softmax(
        model.predict({**x, "unlabelled": unlabelled[None].astype("float32") / 255}, verbose=0)[0]
    )
    found = classifier.predict_proba(new)
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert classifier.predict(new) == [classifier.class_names[i] for i in found.argmax(axis=-1)]
    fewer = FewShotClassifier(model, *examples(test_data), unlabelled=given[:1]).predict_proba(new)
    assert np.abs(fewer - found).max() > 1e-4  # the unlabeled images matter
    given[:] = 0  # and cannot be changed later
    classifier.save(tmp_path / "classifier.zip")
    loaded = FewShotClassifier.load(tmp_path / "classifier.zip")
    np.testing.assert_allclose(loaded.predict_proba(new), found, atol=1e-6)
    np.testing.assert_array_equal(classifier.predict_proba(new), found)


def test_a_gaussian_classifier_predicts_what_the_network_does_even_after_loading(
    test_data, tmp_path
):
    keras.utils.set_random_seed(7)
    model = with_moving_statistics(networks.gaussian_prototypical(small_encoder(), "dimension"))
    classifier = FewShotClassifier(model, *examples(test_data))
    x, new = whole_episode(test_data, classifier)
    found = classifier.predict_proba(new)
    np.testing.assert_allclose(found, softmax(model.predict(x, verbose=0)[0]), atol=1e-4)
    classifier.save(tmp_path / "classifier.zip")
    np.testing.assert_allclose(
        FewShotClassifier.load(tmp_path / "classifier.zip").predict_proba(new), found, atol=1e-6
    )


def test_unlabeled_images_raise_an_error_where_the_model_takes_none_and_missing_where_it_takes_some(
    trained, test_data
):
    unlabelled, semi_supervised = test_data.images[:4], networks.semi_supervised(small_encoder())
    with pytest.raises(ValueError, match="its model takes none. Received: some"):
        FewShotClassifier(trained, *examples(test_data), unlabelled=unlabelled)
    with pytest.raises(
        ValueError, match="expected unlabeled images, since its model takes some. Received: none"
    ):
        FewShotClassifier(semi_supervised, *examples(test_data))
    for wrong, message in (
        (unlabelled[:0], "at least one image"),
        (unlabelled[0], r"\(8, 8, 1\). Received: images of shape \(8, 1\)"),
        (unlabelled.astype("float32"), "of dtype uint8 in .0, 255., or float in .0, 1."),
    ):
        with pytest.raises(ValueError, match=message):
            FewShotClassifier(semi_supervised, *examples(test_data), unlabelled=wrong)


def test_many_images_get_the_same_predictions_as_few(classifier, test_data):
    many = np.concatenate([test_data.images] * 6)  # more than run at once
    assert len(many) > 1024
    few = np.concatenate(
        [classifier.scores(many[start : start + 200]) for start in range(0, len(many), 200)]
    )
    np.testing.assert_allclose(classifier.scores(many), few, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("temperature", [0.5, 1, 4.0])
def test_a_temperature_divides_the_scores(classifier, test_data, temperature):
    new, _ = examples(test_data, shot=4, offset=2)
    found = classifier.predict_proba(new, temperature=temperature)
    np.testing.assert_allclose(
        found, softmax(classifier.scores(new).astype("float64") / temperature), atol=1e-5
    )
    np.testing.assert_array_equal(found.argmax(axis=-1), classifier.scores(new).argmax(axis=-1))


@pytest.mark.parametrize("temperature", [0, -1, float("nan"), "hot", None])
def test_a_temperature_that_is_not_a_number_above_zero_raises_an_error(
    classifier, test_data, temperature
):
    with pytest.raises(
        ValueError, match="argument `temperature` of .* Expected a finite number above 0"
    ):
        classifier.predict_proba(test_data.images[:1], temperature)


def cross_entropy(classifier):
    """The cross-entropy of the examples, in nats."""
    columns = [classifier.class_names.index(label) for label in classifier.labels]
    right = classifier.predict_proba(classifier.images)[np.arange(len(columns)), columns]
    return -np.log(right.astype("float64")).mean()


@pytest.fixture
def close_classes():
    """Three classes of random pixels, which prototypes do not separate perfectly."""
    pixels = np.random.default_rng(0).integers(0, 256, (12, 4, 4, 1), "uint8")
    encoder = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten()])
    return FewShotClassifier(networks.prototypical(encoder), pixels, list("abc") * 4)


def test_a_linear_head_starts_as_the_prototypes(close_classes):
    linear = close_classes.with_linear_head(steps=1, learning_rate=1e-9)
    assert linear.class_names == close_classes.class_names
    np.testing.assert_allclose(
        linear.scores(linear.images), close_classes.scores(linear.images), atol=1e-4
    )


def test_a_linear_head_learns_the_examples_leaves_the_classifier_as_it_is_and_can_be_saved(
    close_classes, tmp_path
):
    images = close_classes.images
    before, loss = close_classes.scores(images), cross_entropy(close_classes)
    linear = close_classes.with_linear_head(steps=50, learning_rate=0.01)
    assert cross_entropy(linear) < 0.8 * loss
    np.testing.assert_array_equal(close_classes.scores(images), before)
    linear.save(tmp_path / "classifier.zip")
    loaded = FewShotClassifier.load(tmp_path / "classifier.zip")
    assert loaded.predict(images) == linear.predict(images)
    np.testing.assert_allclose(
        loaded.predict_proba(images), linear.predict_proba(images), atol=1e-6
    )
    with pytest.raises(
        ValueError, match="with_examples expected a classifier without a linear head"
    ):
        loaded.with_examples(images[:1], ["ten"])
    with pytest.raises(
        ValueError, match="with_linear_head expected a network from networks.prototypical"
    ):
        loaded.with_linear_head()


def test_only_class_means_and_squared_distances_have_a_linear_head(test_data, relation_network):
    others = [
        networks.prototypical(small_encoder(), "euclidean"),
        networks.gaussian_prototypical(small_encoder()),
    ]
    for network in (
        *others,
        relation_network,
        networks.episode_model(networks.siamese(small_encoder())),
    ):
        with pytest.raises(ValueError, match="with squared Euclidean distance. Received: "):
            FewShotClassifier(network, *examples(test_data)).with_linear_head()


@pytest.mark.parametrize(
    ("options", "name"), [({"steps": 0}, "steps"), ({"learning_rate": 0}, "learning_rate")]
)
def test_steps_and_learning_rate_of_a_linear_head_are_checked(classifier, options, name):
    with pytest.raises(ValueError, match=f"argument `{name}` of with_linear_head. Expected"):
        classifier.with_linear_head(**options)
