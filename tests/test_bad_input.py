"""Wrong input, over the whole public surface: each case is refused by a check of the package's own.

An own check is a `ValueError`, `TypeError` or `FileNotFoundError` that is raised inside the package
and says what was expected. Layers called with None or lists are left to Keras, as Keras' own are.
"""

import functools
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fslkeras
from fslkeras import (
    Episodes,
    FewShotClassifier,
    Pairs,
    encoders,
    evaluate,
    layers,
    losses,
    metrics,
    networks,
)
from fslkeras.datasets import ImageClasses, load, load_folder, load_unlabelled

PACKAGE = Path(fslkeras.__file__).parent
NAN, INF = float("nan"), float("inf")
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (12, 8, 8, 1), "uint8")
NAMES, LABELS = list("abc") * 4, np.arange(12) % 3
DATA = ImageClasses(PIXELS, NAMES)
VECTORS, MAPS = RNG.random((1, 3, 4), "float32"), RNG.random((1, 3, 4, 4, 2), "float32")
ONE_HOT = np.eye(3, dtype="float32")[None]


@functools.cache
def encoder(flatten=True):
    return encoders.conv4((8, 8, 1), filters=2, pooled_blocks=1, flatten=flatten)


@functools.cache
def network():
    return networks.prototypical(encoder())


@functools.cache
def classifier():
    return FewShotClassifier(network(), PIXELS, NAMES)


@functools.cache
def episodes():
    return Episodes(DATA, way=2, shot=1, query=1, steps=2)


def refused(call, message):
    """The call raises an error of the package's own that matches the message."""
    with pytest.raises((ValueError, TypeError, FileNotFoundError)) as told:
        call()
    text = str(told.value)
    assert re.search(message, text), text
    assert re.search("[Ee]xpected|found no|are for folders", text), text
    assert PACKAGE in Path(told.traceback[-1].path).parents, told.traceback[-1]


# --- Settings: values of a wrong type or out of range, for each argument that has a kind

NO_INTEGERS = (None, "1", 1.5, True, NAN, [1], np.array([1, 2]))
WRONG = {
    "count": (*NO_INTEGERS, 0, -1),
    "seed": (*NO_INTEGERS, -1),
    "number": (None, "1", True, NAN, INF, 0, -1, [1], np.array([1.0, 2.0])),
    "flag": (None, "no", 0, 1.5, [True]),
    "choice": (None, "other", "", 1, ["mean"]),
    "shape": (None, "28", 28, (28, 28), (28, 28, 0), (28.0, 28, 1), (True, 28, -1), (1, 28, 28)),
    "function": ("flip", 1, [len]),
    "path": (None, 1, 1.5, NAN, [], b"folder", ""),
}
SETTINGS = [
    (
        "Episodes",
        lambda **o: Episodes(DATA, **{"way": 2, "shot": 1, "query": 1, "steps": 1, **o}),
        {
            "count": "way shot query steps batch_size workers",
            "seed": "seed unlabelled distractors",
            "flag": "within_alphabet resample",
            "function": "augment",
        },
    ),
    (
        "Pairs",
        lambda **o: Pairs(DATA, **{"batch_size": 2, "steps": 1, **o}),
        {"count": "batch_size steps", "seed": "seed", "flag": "resample", "function": "augment"},
    ),
    ("with_at_least", DATA.with_at_least, {"count": "n"}),
    ("split", lambda **o: DATA.split(**{"n_classes": 1, **o}), {"count": "n_classes"}),
    ("split", lambda **o: DATA.split(**{"n_classes": 1, **o}), {"seed": "seed"}),
    (
        "conv4",
        encoders.conv4,
        {"shape": "input_shape", "count": "filters", "flag": "flatten synchronized"},
    ),
    ("koch", encoders.koch, {"shape": "input_shape", "count": "units"}),
    ("efficientnet_lite0", encoders.efficientnet_lite0, {"shape": "input_shape"}),
    (
        "backbone",
        lambda **o: encoders.backbone(**{"model": encoder(False), "preprocess": abs, **o}),
        {"flag": "normalize trainable", "function": "preprocess"},
    ),
    (
        "gaussian_prototypical",
        lambda **o: networks.gaussian_prototypical(encoder(), **o),
        {"choice": "precision"},
    ),
    ("Distance", lambda **o: networks.prototypical(encoder(), **o), {"choice": "metric"}),
    (
        "RefinePrototypes",
        lambda **o: networks.semi_supervised(encoder(), **o),
        {"choice": "method"},
    ),
    ("Prototypes", lambda **o: networks.relation(encoder(False), **o), {"choice": "reduction"}),
    (
        "RelationModule",
        lambda **o: networks.relation(encoder(False), **o),
        {"count": "filters units"},
    ),
    ("AttentionClassifier", lambda **o: networks.matching(encoder(), **o), {"number": "scale"}),
    ("matching", lambda **o: networks.matching(encoder(), **o), {"seed": "context_steps"}),
    ("pretrained", networks.pretrained, {"choice": "name"}),
    ("QueryContext", layers.QueryContext, {"count": "steps"}),
    ("AttentionClassifier", layers.AttentionClassifier, {"choice": "normalize"}),
    ("ContrastiveLoss", losses.ContrastiveLoss, {"number": "margin"}),
    ("PairAccuracy", metrics.PairAccuracy, {"number": "threshold"}),
    (
        "predict_proba",
        lambda **o: classifier().predict_proba(PIXELS, **o),
        {"number": "temperature"},
    ),
    (
        "with_linear_head",
        lambda **o: classifier().with_linear_head(**o),
        {"count": "steps", "number": "learning_rate"},
    ),
    ("FewShotClassifier.load", FewShotClassifier.load, {"path": "path"}),
    ("FewShotClassifier.save", lambda **o: classifier().save(**o), {"path": "path"}),
    ("load", load_folder, {"path": "folder"}),
    ("load_unlabelled", load_unlabelled, {"path": "folder"}),
    ("load", lambda **o: load("omniglot", **o), {"count": "size"}),
    ("load_unlabelled", lambda **o: load_unlabelled(".", **o), {"count": "size"}),
]
WRONG_SETTINGS = [
    pytest.param(owner, call, name, value, id=f"{owner}({name}={value!r})"[:60])
    for owner, call, kinds in SETTINGS
    for kind, names in kinds.items()
    for name in names.split()
    for value in WRONG[kind]
]


@pytest.mark.parametrize(("owner", "call", "name", "value"), WRONG_SETTINGS)
def test_a_setting_of_a_wrong_type_or_out_of_range_is_named(owner, call, name, value):
    told = f"argument `{name}` of {re.escape(owner)}. Expected .* Received: {name}="
    refused(lambda: call(**{name: value}), told)


# --- Everything else: what, the call, and part of the message

CASES = [
    # Labeled images
    *[
        (f"images {value!r:.20}", lambda v=value: ImageClasses(v, LABELS), "images of dtype uint8")
        for value in (None, "x", 3, [], {}, PIXELS[0], PIXELS / 255, PIXELS.astype("int64"))
    ],
    ("images of strings", lambda: ImageClasses(PIXELS.astype(str), LABELS), "dtype uint8"),
    ("images of objects", lambda: ImageClasses(PIXELS.astype(object), LABELS), "dtype uint8"),
    ("NaN images", lambda: ImageClasses(PIXELS * NAN, LABELS), "dtype uint8"),
    ("boolean images", lambda: ImageClasses(PIXELS > 99, LABELS), "by 255"),
    (
        "channels first",
        lambda: ImageClasses(np.moveaxis(PIXELS, -1, 1), LABELS),
        "channels last. .*moveaxis",
    ),
    *[
        (
            f"labels {value!r:.20}, no names",
            lambda v=value: ImageClasses(PIXELS, v),
            "ImageClasses expected a label for each of 12 images",
        )
        for value in (None, "x", 3, [], [1.0] * 12, [NAN] * 12, [None] * 12, ["a", 1] * 6, [0, 1])
    ],
    *[
        (
            f"labels {value!r:.20}",
            lambda v=value: ImageClasses(PIXELS, v, list("abc")),
            "ImageClasses expected .*label",
        )
        for value in (None, "x", 3, [], [0.0] * 12, [True] * 12, ["a"] * 12, [[0]] * 12, [9] * 12)
    ],
    *[
        (
            f"names {value!r:.20}",
            lambda v=value: ImageClasses(PIXELS, LABELS, v),
            "ImageClasses.*`class_names`|`class_names` of ImageClasses",
        )
        for value in ("abc", b"abc", 3, [NAN] * 3, [None] * 3, [1, 2, "3"], [[1], [2], [3]], [1.5])
    ],
    ("a name twice", lambda: ImageClasses(PIXELS, LABELS, [1, 1, 2]), "distinct class names"),
    ("too few names", lambda: ImageClasses(PIXELS, LABELS, ["a"]), "labels from 0 to 0"),
    *[
        (f"take({value!r})", lambda v=value: DATA.take(v), "take expected")
        for value in (None, "a", 3, {}, [NAN], [None], [0.5], ["z"], [7], [-1], [0, 0], [True])
    ],
    ("take ragged", lambda: DATA.take([[0], [1, 2]]), "take expected `classes` to be one array"),
    ("take bytes", lambda: DATA.take([b"a"]), "take expected"),
    # Loading
    *[
        (f"load({value!r})", lambda v=value: load(v), "load expected a dataset's name or a folder")
        for value in (None, 3, NAN, [], b"glyphs", "", "mnist")
    ],
    *[
        (f"load split {value!r}", lambda v=value: load("glyphs", v), "`split` of load")
        for value in ("other", 3, [], b"test", NAN)
    ],
    *[
        (f"load {name} {value!r}", lambda n=name, v=value: load("glyphs", **{n: v}), "for folders")
        for name in ("invert", "crop")
        for value in (None, "no", 1, np.array([1, 2]))
    ],
    ("load color", lambda: load("glyphs", color_mode=None), "`color_mode` of load"),
    ("no such folder", lambda: load("some/where"), "found no folder"),
    ("no such folder", lambda: load_folder("some/where"), "load found no folder"),
    ("no such folder", lambda: load_unlabelled("some/where"), "load_unlabelled found no folder"),
    ("a file", lambda: load_unlabelled(__file__), "load_unlabelled found no folder"),
    # Episodes and pairs
    *[
        (
            f"{kind.__name__}({value!r:.10})",
            lambda k=kind, o=options, v=value: k(v, **o),
            f"{kind.__name__} expected `data` to be an ImageClasses",
        )
        for kind, options in (
            (Episodes, {"way": 2, "shot": 1, "query": 1, "steps": 1}),
            (Pairs, {"batch_size": 2, "steps": 1}),
        )
        for value in (None, "glyphs", 3, PIXELS, (PIXELS, LABELS))
    ],
    ("no class", lambda: Pairs(DATA.take([]), batch_size=2, steps=1), "Pairs expected at least"),
    # Encoders and networks
    *[
        (
            f"{make}({value!r:.20})",
            lambda m=make, v=value: getattr(networks, m)(v),
            f"{make} expected `encoder` to be a keras.Model",
        )
        for make in ("siamese", "prototypical", "gaussian_prototypical", "semi_supervised")
        for value in (3, [], PIXELS, encoder)
    ],
    ("koch filters", lambda: encoders.koch(filters=64), "`filters` of koch"),
    ("koch kernels", lambda: encoders.koch(kernels=(3, 3, 3, 3.0)), "`kernels` of koch"),
    ("backbone model", lambda: encoders.backbone(None, abs), "backbone expected `model`"),
    ("conv4 blocks", lambda: encoders.conv4(pooled_blocks=5), "from 0 to 4"),
    *[
        (
            f"episode_inputs({value!r})",
            lambda v=value: networks.episode_inputs(v),
            "`shape` of episode_inputs",
        )
        for value in (None, "1", 3, 1.5, True, np.array([8, 8, 1]))
    ],
    (
        "episode_inputs flag",
        lambda: networks.episode_inputs((3,), 1),
        "`unlabelled` of episode_inp",
    ),
    *[
        (
            f"compose(encoder, {value!r:.10})",
            lambda v=value: networks.compose(encoder(), v),
            'compose expected `head` to be a keras.Model named "head"',
        )
        for value in (None, "head", 3, abs, [])
    ],
    ("episode_model", lambda: networks.episode_model(3), "episode_model expected a network"),
    ("EncodeEpisode", lambda: layers.EncodeEpisode(abs), "EncodeEpisode expected `encoder`"),
    # Losses and metrics
    *[
        (
            f"loss of {value!r:.20}",
            lambda v=value: losses.ContrastiveLoss()(v, [0.5, 0.5]),
            "ContrastiveLoss expected `y_true`",
        )
        for value in (None, "1", 2, NAN, [0.5, 1], ["a", "b"])
    ],
    (
        "loss shapes",
        lambda: losses.ContrastiveLoss()(np.zeros(3), np.zeros((3, 1))),
        "ContrastiveLoss expected",
    ),
    *[
        (
            f"episode_accuracy {np.shape(y)}, {np.shape(scores)}",
            lambda y=y, s=scores: metrics.episode_accuracy(y, s),
            "episode_accuracy expected",
        )
        for y, scores in (
            (1.0, 1.0),
            (np.eye(3), np.eye(3)[:1]),
            (np.eye(3), np.eye(4)),
            (np.eye(3), np.eye(3)[None]),
        )
    ],
    (
        "PairAccuracy shapes",
        lambda: metrics.PairAccuracy()(np.zeros(3), np.zeros((3, 1))),
        "PairAccuracy expected",
    ),
    # Evaluation
    *[
        (f"evaluate({value!r:.10})", lambda v=value: evaluate(v, episodes()), "evaluate expected")
        for value in (None, "model", 3, PIXELS)
    ],
    *[
        (f"evaluate on {value!r:.10}", lambda v=value: evaluate(abs, v), "evaluate expected")
        for value in (None, "glyphs", 3, DATA, PIXELS)
    ],
    ("evaluate scores", lambda: evaluate(lambda x: NAN, episodes()), "expected scores of shape"),
    # The classifier
    *[
        (
            f"{method}({value!r:.20})",
            lambda m=method, v=value: getattr(classifier(), m)(v),
            "FewShotClassifier expected (`images` to contain|images of dtype|at least one image)",
        )
        for method in ("predict", "scores", "predict_proba")
        for value in (None, "x", 3, [], PIXELS[0], PIXELS[:0], PIXELS * NAN, PIXELS.astype("int16"))
    ],
    *[
        (
            f"labels {value!r:.20}",
            lambda v=value: FewShotClassifier(network(), PIXELS, v),
            "FewShotClassifier expected a label for each of 12 images",
        )
        for value in (None, "a", 3, NAN, [], [NAN] * 12, ["a", 1] * 6, np.eye(12))
    ],
    *[
        (
            f"with_examples {value!r:.20}",
            lambda v=value: classifier().with_examples(PIXELS[:2], v),
            "FewShotClassifier expected a label for each of (2|14) images",
        )
        for value in (None, "a", 3, ["a"], [1, 2], [None, "a"])
    ],
    *[
        (
            f"threshold {value!r}",
            lambda v=value: classifier().predict(PIXELS, threshold=v),
            "`threshold` of predict. Expected a number, or None",
        )
        for value in ("1", True, NAN, [1], np.array([1.0, 2.0]))
    ],
    ("load a folder", lambda: FewShotClassifier.load("."), "found no file"),
    ("load text", lambda: FewShotClassifier.load(__file__), r"\(BadZipFile: "),
    # Layers
    *[
        (
            f"{name}, {change}, argument {number}",
            lambda n=name, c=changed, k=number: call_layer(n, k, c),
            f"{name} expected",
        )
        for name, arguments in (
            ("AttentionClassifier", 3),
            ("Distance", 2),
            ("GaussianPrototypes", 3),
            ("MahalanobisDistance", 3),
            ("Prototypes", 2),
            ("QueryContext", 2),
            ("RefinePrototypes", 3),
            ("RelationModule", 2),
            ("SupportContext", 1),
            ("WeightedL1", 2),
        )
        for number in range(arguments)
        for change, changed in (
            ("an axis less", lambda a: a[0]),
            ("an axis more", lambda a: a[None]),
            ("two episodes", lambda a: np.concatenate([a, a])),
        )
        if not (arguments == 1 and change == "two episodes")
    ],
    ("no support", lambda: call_layer("SupportContext", 0, lambda a: a[:, :0]), "at least one"),
    (
        "no support",
        lambda: layers.AttentionClassifier()(VECTORS, VECTORS[:, :0], ONE_HOT[:, :0]),
        "AttentionClassifier expected at least one support image",
    ),
]
INPUTS = {
    "AttentionClassifier": (VECTORS, VECTORS, ONE_HOT),
    "Distance": (VECTORS, VECTORS),
    "GaussianPrototypes": (VECTORS, VECTORS, ONE_HOT),
    "MahalanobisDistance": (VECTORS, VECTORS, VECTORS),
    "Prototypes": (VECTORS, ONE_HOT),
    "QueryContext": (VECTORS, VECTORS),
    "RefinePrototypes": (VECTORS, VECTORS, ONE_HOT),
    "RelationModule": (MAPS, MAPS),
    "SupportContext": (VECTORS,),
    "WeightedL1": (VECTORS, VECTORS),
}


def call_layer(name, number, change):
    arguments = list(INPUTS[name])
    arguments[number] = change(arguments[number])
    return getattr(layers, name)()(*arguments)


@pytest.mark.parametrize(
    ("call", "message"), [pytest.param(call, message, id=what) for what, call, message in CASES]
)
def test_wrong_input_is_refused_with_what_was_expected(call, message):
    refused(call, message)


# --- What must work, though it looks unusual


@keras.saving.register_keras_serializable("test_bad_input")
class Subclassed(keras.Model):
    """An encoder without a functional graph, as a user may write it."""

    def __init__(self, **options):
        super().__init__(**options)
        self.flatten, self.dense = keras.layers.Flatten(), keras.layers.Dense(3)

    def call(self, images):
        return self.dense(self.flatten(images))


def behind_an_input(encoder):
    """The remedy, taken from the error message."""
    with pytest.raises(ValueError) as told:
        networks.prototypical(encoder)
    remedy = re.search(r"keras\.Sequential\(.*\]\)", str(told.value)).group()
    sizes = {"height": 8, "width": 8, "channels": 1}
    return eval(remedy, {"keras": keras, "encoder": encoder, **sizes})


WORKS = {
    "integers as labels": lambda: ImageClasses(PIXELS, [7, 3, 5] * 4).class_names == (3, 5, 7),
    "strings as labels": lambda: ImageClasses(PIXELS, NAMES).labels.tolist() == [0, 1, 2] * 4,
    "NumPy integers as names": lambda: (
        list(map(type, ImageClasses(PIXELS, LABELS, np.array([9, 4, 6])).class_names)) == [int] * 3
    ),
    "an integer name, as a string": lambda: (
        ImageClasses(PIXELS, [7, 3, 5] * 4).take(["7"]).class_names == (7,)
    ),
    "an integer name, by its position": lambda: (
        ImageClasses(PIXELS, [7, 3, 5] * 4).take([2]).class_names == (7,)
    ),
    "integer names, mirrored": lambda: (
        ImageClasses(PIXELS, LABELS).mirrored().class_names[::3] == ("0", "0, mirrored")
    ),
    "integer labels of a classifier": lambda: (
        FewShotClassifier(network(), PIXELS, [7, 3, 5] * 4).class_names == (3, 5, 7)
    ),
    "one label for one image": lambda: (
        classifier().with_examples(PIXELS[:1], "d").class_names == tuple("abcd")
    ),
    "no class": lambda: repr(DATA.take([])).endswith("0 alphabets"),
    "lists for images": lambda: len(classifier().predict((PIXELS / 255).tolist())) == 12,
    "float64": lambda: len(classifier().predict(PIXELS / 255.0)) == 12,
    "a negative threshold": lambda: len(classifier().predict(PIXELS, threshold=-1)) == 12,
    "NumPy's numbers": lambda: len(classifier().predict(PIXELS, threshold=np.float32(0))) == 12,
    "a scalar loss": lambda: float(losses.ContrastiveLoss()(1, 0.5)) == 0.25,
    "scores of a function": lambda: (
        evaluate(lambda x: np.zeros((len(x["query"]), 2, 2)), episodes()).mean == 0.5
    ),
    "a subclassed encoder": lambda: FewShotClassifier(
        networks.prototypical(behind_an_input(Subclassed())), PIXELS, NAMES
    ).scores(PIXELS).shape == (12, 3),
}  # fmt: skip


@pytest.mark.parametrize("what", WORKS)
def test_unusual_input_works(what):
    assert WORKS[what]()


@pytest.mark.parametrize("metric", ["squared_euclidean", "euclidean", "manhattan", "cosine"])
def test_the_distance_from_nan_is_nan_and_not_0(metric):
    distances = layers.Distance(metric)(VECTORS * NAN, VECTORS)
    assert np.isnan(keras.ops.convert_to_numpy(distances)).all()


def test_a_network_of_nan_is_always_wrong():
    nan = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
    nan.add(keras.layers.Rescaling(NAN))
    for network in (networks.prototypical(nan, "euclidean"), networks.gaussian_prototypical(nan)):
        assert evaluate(network, episodes()).mean == 0


# --- Random shapes

SHAPES = st.lists(st.integers(1, 4), min_size=1, max_size=5).map(tuple)


@pytest.mark.parametrize("name", INPUTS)
@settings(deadline=None, derandomize=True, database=None, max_examples=20)
@given(data=st.data())
def test_a_layer_computes_its_shape_or_says_which_it_expected(name, data):
    layer, usual = getattr(layers, name)(), [x.shape for x in INPUTS[name]]
    shapes = [data.draw(st.sampled_from(usual) | SHAPES) for _ in usual]
    arrays = [
        np.eye(shape[-1], dtype="float32")[np.zeros(shape[:-1], int)] for shape in shapes
    ]  # one-hot, which also serves as embeddings and precisions
    try:
        expected = layer.compute_output_shape(*shapes)
    except ValueError as error:
        assert f"{name} " in str(error) and "expected" in str(error)
        with pytest.raises(ValueError, match=f"{name} .*expected"):
            layer(*arrays)
        return
    found = layer(*arrays)
    many = isinstance(found, tuple | list)
    assert [tuple(x.shape) for x in (found if many else [found])] == (
        list(expected) if many else [tuple(expected)]
    )
    assert all(np.isfinite(keras.ops.convert_to_numpy(x)).all() for x in keras.tree.flatten(found))
