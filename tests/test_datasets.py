"""The datasets: their contents, that they cannot be changed, and errors if files are missing."""

import hashlib
import os
import re
import shutil
import time
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import fslkeras
from fslkeras import datasets
from fslkeras.datasets import ImageClasses, caltech101, glyphs, omniglot

ROOT = Path(__file__).parents[1]


def small(alphabets=("A", "A", "B", "B", "B"), per_class=3):
    n = len(alphabets) * per_class
    return ImageClasses(
        np.random.default_rng(0).integers(0, 256, (n, 4, 4, 1), dtype=np.uint8),
        np.tile(np.arange(len(alphabets)), per_class),
        [f"class {c}" for c in range(len(alphabets))],
        alphabets,
    )


# --- ImageClasses


def test_it_says_what_it_is():
    assert repr(small()) == "ImageClasses: 15 images of 4x4x1, 5 classes of 3 images, 2 alphabets"
    unequal = ImageClasses(
        np.zeros((1200, 8, 6, 3), "uint8"), np.array([0] * 1000 + [1] * 200), ["a", "b"]
    )
    assert (
        str(unequal)
        == "ImageClasses: 1,200 images of 8x6x3, 2 classes of 200 to 1000 images, 1 alphabet"
    )


def test_nothing_in_it_can_be_changed():
    data = small()
    for name in ("images", "labels", "class_names", "alphabets", "other"):
        with pytest.raises(AttributeError):
            setattr(data, name, None)
        with pytest.raises(AttributeError):
            delattr(data, name)
    for part in (data, data.take([0, 1]), data.rotated(), data.mirrored(), *data.split(2)):
        for array in (part.images, part.labels):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
        assert type(part.class_names) is type(part.alphabets) is tuple


@pytest.mark.parametrize("view", [False, True])
def test_changing_the_arrays_it_was_made_of_does_not_change_it(view):
    images, labels = np.full((4, 2, 2, 1), 7, "uint8"), np.array([0, 0, 1, 1])
    given = (images[:], labels[:]) if view else (images, labels)
    for array in given:
        array.flags.writeable = not view  # a read-only view of a writeable array
    data = ImageClasses(*given, ["a", "b"])
    images[:], labels[:] = 0, 0
    assert (data.images == 7).all() and data.labels.tolist() == [0, 0, 1, 1]


def test_take_keeps_the_given_order_and_renumbers():
    data = small()
    taken = data.take([3, 0])
    assert (taken.class_names, taken.alphabets, taken.num_classes) == (
        ("class 3", "class 0"),
        ("B", "A"),
        2,
    )
    for new, old in enumerate([3, 0]):
        np.testing.assert_array_equal(
            taken.images[taken.labels == new], data.images[data.labels == old]
        )
    assert data.take(["Class 3", "class 0"]).class_names == taken.class_names
    by_mask = data.take([name == "B" for name in data.alphabets])
    assert by_mask.class_names == ("class 2", "class 3", "class 4")


def test_names_that_differ_only_in_case_are_two_names():
    data = ImageClasses(np.zeros((3, 4, 4, 1), "uint8"), [0, 1, 2], ["A", "a", "B"])
    assert [data.take([name]).class_names for name in "AabB"] == [("A",), ("a",), ("B",), ("B",)]


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        ([0, 5], r"classes from 0 to 4. Received: 0 to 5"),
        ([-1], r"Received: -1 to -1"),
        ([1, 1], "Received: a class more than once"),
        ([0.0, 1.0], "Received: an array of dtype float64"),
        (2, "a list of class numbers"),
        ("a", "a list of class numbers"),
        (["class 1", "class 5"], "names from class_names. Received: 'class 5'"),
        (None, "a list of class numbers"),
        (
            [True, False],
            "numbers or names, or one boolean per class. Received: an array of dtype bool",
        ),
    ],
)
def test_take_refuses_unknown_classes(classes, message):
    with pytest.raises(ValueError, match=message):
        small().take(classes)


def test_split_gives_two_parts_that_share_no_class_and_cover_all():
    data = small(["A"] * 20)
    one, other = data.split(15, seed=1)
    assert (one.num_classes, other.num_classes) == (15, 5)
    assert set(one.class_names) | set(other.class_names) == set(data.class_names)
    assert one.class_names == tuple(sorted(one.class_names, key=data.class_names.index))
    assert (
        data.split(15, seed=1)[0].class_names
        == one.class_names
        != data.split(15, seed=2)[0].class_names
    )


@pytest.mark.parametrize("n_classes", [0, 5, -1, 9, 2.5, True, "2"])
def test_split_refuses_an_empty_part(n_classes):
    with pytest.raises(
        ValueError,
        match=f"`n_classes` of split. .* from 1 to 4. Received: n_classes={n_classes!r}",
    ):
        small().split(n_classes)


@pytest.mark.parametrize("seed", [-1, 1.5, "a", None])
def test_split_raises_an_error_that_names_an_invalid_seed(seed):
    with pytest.raises(
        ValueError,
        match=f"argument `seed` of .* Expected an integer of at least 0. Received: seed={seed!r}",
    ):
        small().split(2, seed=seed)


def test_rotated_has_each_class_four_times_and_each_rotation_is_a_class_and_an_alphabet():
    data = small()
    turned = data.rotated()
    assert turned.num_classes == 20 and len(set(turned.class_names)) == 20
    assert set(turned.alphabets) == {
        f"{a}{turn}" for a in "AB" for turn in ("", *(f", {d} degrees" for d in (90, 180, 270)))
    }
    for turn in range(4):
        for c in range(5):
            upright, found = (
                data.images[data.labels == c],
                turned.images[turned.labels == c + 5 * turn],
            )
            for before, after in zip(upright, found, strict=True):
                np.testing.assert_array_equal(after[..., 0], np.rot90(before[..., 0], turn))
    with pytest.raises(ValueError, match="square images. Received: 4x6"):
        ImageClasses(np.zeros((1, 4, 6, 1), "uint8"), [0], ["a"]).rotated()


def test_mirrored_has_each_class_twice_and_each_side_is_a_class_and_an_alphabet():
    data = small()
    both = data.mirrored()
    assert both.num_classes == 10 and len(set(both.class_names)) == 10
    assert set(both.alphabets) == {"A", "B", "A, mirrored", "B, mirrored"}
    for c in range(5):
        assert both.alphabets[c + 5] == f"{data.alphabets[c]}, mirrored"
        before, after = data.images[data.labels == c], both.images[both.labels == c + 5]
        np.testing.assert_array_equal(after[..., 0], [np.fliplr(image) for image in before[..., 0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images": None}, "images of dtype uint8"),
        (
            {"images": np.zeros((2, 4, 4), "uint8")},
            r"dtype uint8 and shape \(2, 4, 4\).*a last axis of size 1",
        ),
        ({"images": np.zeros((2, 4, 4, 0), "uint8")}, "each of at least one pixel"),
        (
            {"images": np.zeros((2, 4, 4, 1))},
            "Received: images of dtype float64.*Multiply values in .0, 1. by 255",
        ),
        (
            {"images": np.eye(4, dtype="uint8").reshape(1, 4, 4, 1)},
            "maximum of 1. Multiply them by 255",
        ),
        (
            {"labels": [0, 1, 1]},
            r"label for each of 2 images. Received: labels of dtype int64 and shape \(3,\)",
        ),
        ({"labels": [0.0, 1.0]}, "integer label.*Received: labels of dtype float64"),
        ({"labels": ["a", "b"]}, "integer label"),
        ({"labels": [0, None]}, "integer label.*Received: labels of dtype object"),
        ({"labels": np.eye(2, dtype=int)}, r"Received: labels of dtype int64 and shape \(2, 2\)"),
        ({"labels": [0, 2]}, "labels from 0 to 1, .* Received: labels from 0 to 2"),
        ({"labels": [-1, 0]}, "Received: labels from -1 to 0"),
        (
            {"class_names": ["a", None]},
            "a name for each class in `class_names`.* Received: names of type NoneType, str",
        ),
        (
            {"class_names": ["a", float("nan")]},
            "a name for each class in `class_names`.* Received: names of type float, str",
        ),
        ({"class_names": ["a", "a"]}, "distinct class names. Received: 'a' more than once"),
        (
            {"class_names": [1, "1"]},
            "all strings or all integers. Received: names of type int, str",
        ),
        ({"class_names": [1, 1]}, "distinct class names. Received: 1 more than once"),
        (
            {"class_names": "cup"},
            "`class_names` of .* a list with one name per class. Received: class_names='cup'",
        ),
        (
            {"class_names": 2},
            "a list with one name per class. Received: class_names=2",
        ),
        ({"alphabets": ["A"]}, "2 alphabets, one per class. Received: 1"),
        (
            {"alphabets": "AB"},
            "a list with one name per class. Received: alphabets='AB'",
        ),
        ({"alphabets": ["A", None]}, "each class in `alphabets`.* names of type NoneType, str"),
    ],
)
def test_parts_that_do_not_match_raise_an_error_that_says_how(arguments, message):
    with pytest.raises(ValueError, match=message):
        ImageClasses(
            **{
                "images": np.zeros((2, 4, 4, 1), "uint8"),
                "labels": [0, 1],
                "class_names": ["a", "b"],
                **arguments,
            }
        )


# --- Names


@pytest.mark.parametrize("name", ["mnist", "Glyphs", "omniglott", "", None, 3, b"glyphs"])
def test_an_unknown_name_raises_an_error_that_lists_the_known_ones(name):
    with pytest.raises(
        ValueError,
        match=f"Received: {name!r}. Known names are 'glyphs', 'omniglot' and 'caltech101'",
    ):
        datasets.load(name)


def test_a_missing_folder_raises_an_error_that_names_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        datasets.load(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="some/where"):
        datasets.load("some/where")


@pytest.mark.parametrize("name", ["glyphs", "omniglot", "caltech101"])
@pytest.mark.parametrize("split", ["evaluation", 3, ["train"]])
def test_an_unknown_split_raises_an_error_that_lists_the_known_ones(name, split):
    known = "'train', 'validation', 'test'"
    known = {"omniglot": "'train', 'validation', 'background', 'test'"}.get(name, known)
    with pytest.raises(
        ValueError, match=re.escape(f"Expected one of {{None, {known}}}. Received: split={split!r}")
    ):
        datasets.load(name, split=split)


@pytest.mark.parametrize("size", [0, 3, 28.0, True, 10_000, "28"])
def test_an_invalid_size_raises_an_error(size):
    with pytest.raises(
        ValueError,
        match=f"argument `size` of .* Expected an integer from 4 to 1024. Received: size={size!r}",
    ):
        datasets.load("omniglot", size=size)


# --- The glyphs


@pytest.fixture
def data_folder(tmp_path, monkeypatch):
    """An empty folder instead of data/."""
    monkeypatch.setattr(glyphs, "DATA", tmp_path)
    glyphs._glyphs.cache_clear()
    yield tmp_path
    glyphs._glyphs.cache_clear()


def test_the_glyphs_are_fifty_alphabets_of_twenty_drawers_in_two_tones():
    data = datasets.load("glyphs")
    assert len(set(data.alphabets)) >= 50 and data.num_classes >= 1200
    assert len(set(data.class_names)) == data.num_classes
    assert data.images.shape == (20 * data.num_classes, 28, 28, 1)
    assert set(np.unique(data.images)) == {0, 255}
    assert (np.bincount(data.labels) == 20).all()
    ink = (data.images > 0).mean(axis=(1, 2, 3))
    assert 0 < ink.min() and 0.05 < ink.mean() < 0.3  # ink is bright, on a larger background


def test_the_glyphs_splits_are_thirty_ten_and_ten_alphabets_that_share_none():
    parts = [datasets.load("glyphs", split=split) for split in ("train", "validation", "test")]
    assert [len(set(part.alphabets)) for part in parts] == [30, 10, 10]
    assert len(set().union(*(part.alphabets for part in parts))) == 50
    assert sum(part.num_classes for part in parts) == datasets.load("glyphs").num_classes


def test_the_pixels_of_the_glyphs_are_those_of_all_measurements():
    recorded = re.findall(
        r"\b[0-9a-f]{64}\b", (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    )
    pixels = datasets.load("glyphs").images // 255
    assert hashlib.sha256(pixels.tobytes()).hexdigest() in recorded


def test_the_glyphs_are_under_a_megabyte_and_load_quickly():
    assert (glyphs.DATA / "glyphs.npz").stat().st_size < 1e6
    glyphs._glyphs.cache_clear()
    started = time.perf_counter()
    datasets.load("glyphs", split="train")
    assert time.perf_counter() - started < 2  # benchmarks/speed.py has the stricter limit


@pytest.mark.parametrize(
    "option", [{"color_mode": "rgb"}, {"invert": True}, {"invert": "no"}, {"crop": True}]
)
def test_options_for_folders_are_refused_elsewhere(option):
    with pytest.raises(ValueError, match="are for folders"):
        datasets.load("glyphs", **option)


def test_glyphs_have_one_size():
    with pytest.raises(ValueError, match="glyphs are 28x28. Received: size=32"):
        datasets.load("glyphs", size=32)


def test_missing_glyphs_raise_an_error_with_their_path(data_folder):
    with pytest.raises(
        FileNotFoundError, match=f"{re.escape(str(data_folder))}.*Install the package again"
    ):
        datasets.load("glyphs")


@pytest.mark.parametrize(
    "damage",
    ["empty", "text", "half", "a few bytes short", "altered", "another archive", "an array"],
)
def test_damaged_glyphs_raise_a_value_error_that_says_what_to_do(data_folder, damage):
    whole = (ROOT / "data" / "glyphs.npz").read_bytes()
    altered = bytearray(whole)
    altered[len(whole) // 2] ^= 255
    path = data_folder / "glyphs.npz"
    if damage == "another archive":
        np.savez(path, images=np.zeros(3))
    elif damage == "an array":
        with open(path, "wb") as file:
            np.save(file, np.zeros(3))
    else:
        path.write_bytes(
            {
                "empty": b"",
                "text": b"version https://git-lfs.github.com/spec/v1\n",
                "half": whole[: len(whole) // 2],
                "a few bytes short": whole[:-9],
                "altered": bytes(altered),
            }[damage]
        )
    with pytest.raises(ValueError, match="glyphs.npz are damaged .*git checkout data/glyphs.npz"):
        datasets.load("glyphs")
    shutil.copy(ROOT / "data" / "glyphs.npz", path)  # the error is not cached
    assert datasets.load("glyphs").num_classes >= 1200


# --- Omniglot


@pytest.mark.usefixtures("omniglot_here")
def test_omniglot_is_lakes_with_five_background_alphabets_set_aside():
    splits = ("train", "validation", "background", "test", None)
    parts = {split: datasets.load("omniglot", split=split) for split in splits}
    assert {split: len(set(part.alphabets)) for split, part in parts.items()} == {
        "train": 25,
        "validation": 5,
        "background": 30,
        "test": 20,
        None: 50,
    }
    assert [parts[split].num_classes for split in ("background", "test", None)] == [964, 659, 1623]
    assert parts["train"].num_classes + parts["validation"].num_classes == 964
    assert set(parts["validation"].alphabets) == set(omniglot.VALIDATION_ALPHABETS)
    assert not set(parts["train"].alphabets) & set(parts["validation"].alphabets)
    assert not set(parts["background"].alphabets) & set(parts["test"].alphabets)
    assert "Angelic" in parts["test"].alphabets and "Greek" in parts["train"].alphabets
    images = parts[None].images
    assert images.shape == (32460, 28, 28, 1) and (np.bincount(parts[None].labels) == 20).all()
    # Ink is bright, on a larger background.
    assert np.median(images) == 0 and images.max() > 200 and 10 < images.mean() < 40


@pytest.mark.parametrize(("old", "new"), [(105, 28), (105, 35), (105, 105), (6, 4), (4, 6)])
def test_area_averaging_gives_each_new_pixel_the_mean_of_the_area_it_covers(old, new):
    line = np.random.default_rng(0).random(old)
    fine = line.repeat(new)  # each old pixel in `new` parts; a new pixel covers `old` of them
    expected = [fine[i * old : (i + 1) * old].mean() for i in range(new)]
    np.testing.assert_allclose(omniglot.area_average(old, new) @ line, expected, rtol=1e-5)


@pytest.mark.parametrize("dataset", ["omniglot", "caltech101"])
def test_without_the_data_and_without_a_network_a_friendly_error_leaves_nothing_behind(
    dataset, tmp_path, monkeypatch
):
    nowhere = "http://127.0.0.1:9"  # a port without a server
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, nowhere)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tfds").mkdir()
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "tfds"))
    started = time.perf_counter()
    with pytest.raises(FileNotFoundError) as error:
        datasets.load(dataset, split="test", size=27)  # a size that no other test has loaded
    assert time.perf_counter() - started < 30
    assert all(
        remedy in str(error.value) for remedy in ("while online", "TFDS_DATA_DIR", "load('glyphs')")
    )
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not list((tmp_path / "tfds").iterdir())


# --- Caltech-101

PHOTOGRAPHS = ROOT / "data" / "photographs"  # ten of its classes
ORIGINALS = ROOT.parent / "shared" / "photographs"  # all 100, if present


def test_each_class_of_caltech_101_is_in_one_split():
    tfds = pytest.importorskip("tensorflow_datasets")
    names = sum(caltech101.SPLIT.values(), [])
    assert [len(split) for split in caltech101.SPLIT.values()] == [60, 15, 25]
    assert (
        sorted([*names, *caltech101.LEFT_OUT])
        == tfds.builder("caltech101").info.features["label"].names
    )
    assert {path.name for path in PHOTOGRAPHS.iterdir()} <= set(caltech101.SPLIT["test"])


def test_the_split_of_caltech_101_follows_its_rule():
    names = sorted(sum(caltech101.SPLIT.values(), []))
    together = ("chair windsor_chair", "lotus water_lilly", "cougar_body cougar_face")
    together += ("crocodile crocodile_head", "flamingo flamingo_head")
    groups = {name: kinds.split() for kinds in together for name in kinds.split()}
    groups = [groups.get(name, [name]) for name in names if groups.get(name, [name])[0] == name]
    fixed = {path.name for path in PHOTOGRAPHS.iterdir()}
    split = {
        "test": [name for group in groups if fixed & set(group) for name in group],
        "validation": [],
        "train": [],
    }
    rest = [group for group in groups if not fixed & set(group)]
    for i in np.random.default_rng(0).permutation(len(rest)):
        sizes = {"test": 25, "validation": 15, "train": 60}
        split[next(name for name in split if len(split[name]) + len(rest[i]) <= sizes[name])] += (
            rest[i]
        )
    assert {name: sorted(classes) for name, classes in split.items()} == caltech101.SPLIT


@pytest.fixture(scope="module")
def caltech101_here(tmp_path_factory):
    """The course's photographs, two per class and part, as tensorflow-datasets stores them."""
    tfds = pytest.importorskip("tensorflow_datasets")
    tf = pytest.importorskip("tensorflow")
    folder = tmp_path_factory.mktemp("tfds")
    info = tfds.builder("caltech101").info

    def examples(numbers):
        for path in sorted(PHOTOGRAPHS.glob("*/*.jpg")):
            if sorted(path.parent.iterdir()).index(path) in numbers:
                yield {
                    "image": np.asarray(Image.open(path).convert("RGB")),
                    "label": info.features["label"].str2int(path.parent.name),
                    "image/file_name": path.name,
                }

    signature = {
        "image": tf.TensorSpec((None, None, 3), tf.uint8),
        "label": tf.TensorSpec((), tf.int64),
        "image/file_name": tf.TensorSpec((), tf.string),
    }
    parts = {"train": (0, 2), "test": (1, 3)}
    tfds.dataset_builders.store_as_tfds_dataset(
        name="caltech101",
        version=str(info.version),
        features=info.features,
        split_datasets={
            part: tf.data.Dataset.from_generator(
                lambda numbers=numbers: examples(numbers), output_signature=signature
            )
            for part, numbers in parts.items()
        },
        data_dir=folder,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFDS_DATA_DIR", str(folder))
        yield folder


@pytest.mark.usefixtures("caltech101_here")
def test_caltech_101_from_tensorflow_datasets_joins_both_parts_in_the_order_of_their_files():
    data = datasets.load("caltech101", split="test", size=32, color_mode="rgb", crop=True)
    assert data.class_names == tuple(caltech101.SPLIT["test"]) and data.images.shape == (
        40,
        32,
        32,
        3,
    )
    assert np.bincount(data.labels).max() == 4 and (np.diff(data.labels) >= 0).all()
    cup = load_quietly(PHOTOGRAPHS, size=32, color_mode="rgb", crop=True).take(["cup"]).images[:4]
    found = data.take(["cup"]).images.astype(int)
    assert found.shape == cup.shape and np.abs(found - cup).mean() < 2  # after a second compression
    with pytest.raises(ValueError, match="invert is for folders"):
        datasets.load("caltech101", invert=True)


@pytest.mark.skipif(not ORIGINALS.is_dir(), reason=f"no photographs at {ORIGINALS}")
def test_the_split_of_caltech_101_applies_to_a_folder_of_it():
    names = sorted(path.name for path in ORIGINALS.iterdir())
    data = ImageClasses(np.zeros((len(names), 4, 4, 1), "uint8"), range(len(names)), names)
    parts = [data.take(classes) for classes in caltech101.SPLIT.values()]
    assert sum(part.num_classes for part in parts) == data.num_classes
    assert "Faces" in parts[0].class_names and "watch" in parts[2].class_names


# --- Folders


def save(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(pixels, "uint8")).save(path, **options)


def left_half(height=12, width=12, bright=255, dark=0):
    pixels = np.full((height, width), dark)
    pixels[:, : width // 2] = bright
    return pixels


def load_quietly(folder, **options):
    """Any warning is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return datasets.load(folder, **options)


def test_a_folder_has_a_class_per_subfolder_in_the_order_of_their_names(tmp_path):
    for name, count in (("zebra", 1), ("ant", 3), ("bee", 2)):
        for i in range(count):
            save(tmp_path / name / f"{i}.png", np.full((8, 8 + count), 50 * i))
    for data in (load_quietly(tmp_path), load_quietly(str(tmp_path))):
        assert (
            repr(data)
            == "ImageClasses: 6 images of 28x28x1, 3 classes of 1 to 3 images, 1 alphabet"
        )
        assert data.class_names == ("ant", "bee", "zebra") and data.labels.tolist() == [
            0,
            0,
            0,
            1,
            1,
            2,
        ]
        assert data.images[:, 14, 14, 0].tolist() == [0, 50, 100, 0, 50, 0]


def test_gray_and_color_are_both_available(tmp_path):
    red = np.zeros((8, 8, 3))
    red[..., 0] = 200
    save(tmp_path / "red" / "a.png", red)
    save(tmp_path / "gray" / "b.jpg", np.full((8, 8), 90))
    gray, color = load_quietly(tmp_path, size=8), load_quietly(tmp_path, size=8, color_mode="rgb")
    assert gray.images.shape == (2, 8, 8, 1) and color.images.shape == (2, 8, 8, 3)
    assert (
        color.images[1, 0, 0].tolist() == [200, 0, 0] and color.images[0, 0, 0].tolist() == [90] * 3
    )
    assert gray.images[:, 0, 0, 0].tolist() == [90, 60]  # .299 of red


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"color_mode": "bgr"}, "{'grayscale', 'rgb'}. Received: color_mode='bgr'"),
        ({"color_mode": None}, "{'grayscale', 'rgb'}. Received: color_mode=None"),
        ({"invert": "yes"}, "`invert` of load. Expected True or False. Received: invert='yes'"),
    ],
)
def test_an_option_of_folders_that_does_not_exist_raises_an_error(tmp_path, options, message):
    save(tmp_path / "a" / "a.png", np.zeros((8, 8)))
    with pytest.raises(ValueError, match=message):
        datasets.load(tmp_path, **options)


def test_pictures_of_any_shape_are_scaled_to_fit_and_padded_to_a_square(tmp_path):
    save(tmp_path / "a" / "wide.png", np.full((10, 40), 255))
    save(tmp_path / "b" / "tall.png", np.full((90, 45), 255))
    data = load_quietly(tmp_path, size=8)
    np.testing.assert_array_equal(
        data.images[0, ..., 0], [[255 * (3 <= row < 5)] * 8 for row in range(8)]
    )
    np.testing.assert_array_equal(
        data.images[1, ..., 0], [[255 * (2 <= column < 6) for column in range(8)]] * 8
    )


def test_shrinking_averages_areas(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 24))
    save(tmp_path / "a" / "a.png", pixels)
    expected = pixels.reshape(8, 3, 8, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(load_quietly(tmp_path, size=8).images[0, ..., 0], expected, atol=1)


def test_a_photo_is_rotated_by_its_exif_orientation(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees clockwise for display
    save(tmp_path / "a" / "photo.png", left_half(), exif=exif)
    found = load_quietly(tmp_path, size=4).images[0, ..., 0]
    np.testing.assert_array_equal(found, [[255] * 4] * 2 + [[0] * 4] * 2)


@pytest.mark.parametrize("invert", [False, True])
def test_transparent_parts_become_background(tmp_path, invert):
    pixels = np.full((8, 8, 4), 255 * (not invert))  # ink, bright or dark
    pixels[:, 4:] = (128, 128, 128, 0)  # fully transparent, of any color
    pixels[:, :4, 3] = 255
    save(tmp_path / "a" / "a.png", pixels)
    found = load_quietly(tmp_path, size=8, invert=invert).images[0, ..., 0]
    np.testing.assert_array_equal(found, left_half(8, 8))


def test_sixteen_bits_are_reduced_to_eight(tmp_path):
    (tmp_path / "a").mkdir()
    Image.fromarray(left_half(8, 8, bright=40_000, dark=0).astype("uint16")).save(
        tmp_path / "a" / "a.png"
    )
    Image.fromarray(left_half(8, 8, bright=1.0, dark=0.0).astype("float32")).save(
        tmp_path / "a" / "b.tiff"
    )
    for found in load_quietly(tmp_path, size=8).images[..., 0]:
        np.testing.assert_array_equal(found, left_half(8, 8))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_kind_of_picture_can_be_read(tmp_path, mode):
    (tmp_path / "a").mkdir()
    suffix = "tiff" if mode == "CMYK" else "png"
    Image.fromarray(left_half(8, 8).astype("uint8")).convert(mode).save(
        tmp_path / "a" / f"a.{suffix}"
    )
    np.testing.assert_array_equal(load_quietly(tmp_path, size=8).images[0, ..., 0], left_half(8, 8))


def test_invert_makes_dark_ink_bright_and_pads_with_background(tmp_path):
    save(
        tmp_path / "a" / "a.png", left_half(4, 8, bright=0, dark=255)
    )  # dark ink on the left, on white
    found = load_quietly(tmp_path, size=8, invert=True).images[0, ..., 0]
    np.testing.assert_array_equal(found[2:6], left_half(4, 8))
    assert not found[:2].any() and not found[6:].any()


def test_hidden_files_and_folders_are_ignored(tmp_path):
    save(tmp_path / "a" / "a.png", np.zeros((8, 8)))
    save(tmp_path / ".thumbnails" / "a.png", np.zeros((8, 8)))
    (tmp_path / "a" / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
    assert (
        repr(load_quietly(tmp_path))
        == "ImageClasses: 1 images of 28x28x1, 1 classes of 1 images, 1 alphabet"
    )


def test_files_that_are_not_images_are_skipped_with_a_warning_that_counts_and_names_them(tmp_path):
    for i in range(3):
        save(tmp_path / "good" / f"{i}.png", np.zeros((40, 40)))
    whole = (tmp_path / "good" / "0.png").read_bytes()
    (tmp_path / "good" / "broken.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "good" / "empty.jpg").touch()
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "text.png").write_text("no image")
    with pytest.warns(UserWarning) as caught:
        data = datasets.load(tmp_path)
    assert data.class_names == ("good",) and len(data.images) == 3
    (warning,) = caught
    told = str(warning.message)
    assert told.startswith("load skipped what is not an image")
    assert re.search(r"can read: good.broken.png, good.empty.jpg, notes.text.png\.$", told)
    assert Path(warning.filename) == Path(
        __file__
    )  # it points at the caller's line, not into the package


def test_nested_folders_files_outside_the_classes_and_links_are_skipped_and_all_named(tmp_path):
    top = tmp_path / "classes"
    save(top / "ant" / "0.png", np.zeros((8, 8)))
    save(top / "bee" / "0.png", np.full((8, 8), 9))
    save(top / "bee" / "young" / "1.png", np.zeros((8, 8)))  # a folder inside a class
    save(top / "loose.png", np.zeros((8, 8)))
    (top / "notes.txt").write_text("beside the classes")
    for number in range(20):
        (top / "ant" / f"{number:02d}.txt").write_text("no image")
    try:
        (top / "same").symlink_to(top / "ant", target_is_directory=True)
        (top / "loop").symlink_to(top, target_is_directory=True)
    except OSError:  # few users may create links on Windows
        pytest.skip("this system makes no links")
    with pytest.warns(UserWarning) as caught:
        data = datasets.load(top, size=8)
    assert data.class_names == ("ant", "bee") and len(data.images) == 2
    (warning,) = caught
    beside, texts, folders = str(warning.message).split(": ", 1)[1].removesuffix(".").split("; ")
    assert beside == "outside the class folders: loop, loose.png, notes.txt, same"
    assert folders == f"a folder, or a broken link: {Path('bee', 'young')}"
    listed = ", ".join(str(Path("ant", f"{number:02d}.txt")) for number in range(20))
    assert texts == f"not an image that Pillow can read: {listed}"


def test_a_folder_of_nested_folders_raises_an_error_that_names_them(tmp_path):
    save(tmp_path / "letters" / "ant" / "0.png", np.zeros((8, 8)))
    with pytest.raises(ValueError, match=r"no image in a subfolder .*broken link: letters.ant\)"):
        datasets.load(tmp_path)


def test_the_images_of_a_folder_without_classes_come_with_their_paths(tmp_path):
    for name, value in (("b.png", 50), ("a.jpg", 90)):
        save(tmp_path / name, np.full((12, 12), value))
    (tmp_path / "notes.txt").write_text("no image")
    save(tmp_path / "further" / "c.png", np.zeros((8, 8)))
    images, files = datasets.load_unlabelled(str(tmp_path), size=8)
    assert images.shape == (2, 8, 8, 1) and images.dtype == np.uint8
    assert images[:, 0, 0, 0].tolist() == [90, 50] and [Path(file).name for file in files] == [
        "a.jpg",
        "b.png",
    ]
    assert (
        datasets.load_unlabelled(tmp_path, size=8, color_mode="rgb", invert=True)[0][
            1, 0, 0
        ].tolist()
        == [205] * 3
    )
    for wrong in ({"size": 0}, {"color_mode": "bgr"}, {"invert": "no"}):
        ((name, value),) = wrong.items()
        with pytest.raises(ValueError, match=f"Received: {name}={value!r}"):
            datasets.load_unlabelled(tmp_path, **wrong)
    with pytest.raises(ValueError, match="found no images in"):
        (tmp_path / "empty").mkdir()
        datasets.load_unlabelled(tmp_path / "empty")


def test_a_folder_without_images_says_what_was_expected(tmp_path):
    with pytest.raises(
        ValueError, match="one subfolder of images per class. Received: no image in a subfolder."
    ):
        datasets.load(tmp_path)
    save(tmp_path / "loose.png", np.zeros((8, 8)))  # images, but not in class folders
    with pytest.raises(ValueError, match="Move the images of each class to a folder"):
        datasets.load(tmp_path)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "text.png").write_text("no image")
    with pytest.raises(
        ValueError, match="outside the class folders: loose.png; not an image .* read: a.text.png"
    ):
        datasets.load(tmp_path)


def test_a_folder_has_no_splits(tmp_path):
    save(tmp_path / "a" / "a.png", np.zeros((8, 8)))
    with pytest.raises(ValueError, match=r"no splits. Received: split='train'.*split\(n_classes\)"):
        datasets.load(tmp_path, split="train")


def test_classes_with_too_few_images_can_be_left_out():
    data = ImageClasses(
        np.zeros((6, 4, 4, 1), "uint8"), np.array([0, 0, 0, 1, 2, 2]), ["three", "one", "two"]
    )
    assert data.with_at_least(2).class_names == ("three", "two")
    assert data.with_at_least(4).num_classes == 0
    with pytest.raises(
        ValueError, match="argument `n` of .* Expected an integer of at least 1. Received: n=0"
    ):
        data.with_at_least(0)


def test_images_of_different_sizes_raise_a_plain_error():
    with pytest.raises(
        ValueError, match="`images` to be one array. Received: parts of different shapes"
    ):
        ImageClasses(
            [np.zeros((4, 4, 1), "uint8"), np.zeros((5, 4, 1), "uint8")], [0, 1], ["a", "b"]
        )


def test_a_crop_is_the_center_of_the_picture_without_distortion(tmp_path):
    rows, columns = np.mgrid[:256, :640]
    save(tmp_path / "a" / "a.png", np.stack([rows, columns // 4, 0 * rows], axis=-1))
    found = load_quietly(tmp_path, size=224, color_mode="rgb", crop=True).images[0]
    expected = np.stack([rows, columns // 4, 0 * rows], axis=-1)[16:240, 208:432]
    np.testing.assert_allclose(found.astype(int), expected, atol=1)
    unlabelled, _ = datasets.load_unlabelled(tmp_path / "a", size=224, color_mode="rgb", crop=True)
    np.testing.assert_array_equal(unlabelled[0], found)
    with pytest.raises(
        ValueError, match="`crop` of load. Expected True or False. Received: crop='yes'"
    ):
        datasets.load(tmp_path, crop="yes")


def test_the_first_frame_of_an_animation_is_loaded(tmp_path):
    frames = [Image.new("L", (8, 8), gray) for gray in (200, 10, 90)]
    (tmp_path / "a").mkdir()
    frames[0].save(tmp_path / "a" / "a.gif", save_all=True, append_images=frames[1:])
    assert (load_quietly(tmp_path, size=8).images == 200).all()


def told_of(folder):
    with pytest.warns(UserWarning) as caught:
        data = datasets.load(folder, size=8)
    (warning,) = caught
    assert Path(warning.filename) == Path(__file__)
    return data, str(warning.message)


def test_a_heic_photograph_raises_an_error_that_says_what_to_do(tmp_path):
    save(tmp_path / "a" / "a.png", np.zeros((8, 8)))
    (tmp_path / "a" / "IMG_1.HEIC").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    assert re.search(r"HEIC, .*export it as JPEG\): a.IMG_1.HEIC\.$", told_of(tmp_path)[1])


def test_a_picture_of_more_than_100_megapixels_is_refused_with_the_reason(tmp_path):
    save(tmp_path / "a" / "small.png", np.zeros((8, 8)))
    Image.new("1", (20_000, 10_000)).save(tmp_path / "a" / "vast.png")
    data, told = told_of(tmp_path)
    assert len(data.images) == 1 and re.search(
        r"over 100 megapixels \(shrink it first\): a.vast.png\.$", told
    )
    with pytest.raises(ValueError, match=r"no images in .* \(skipped: over 100 megapixels"):
        (tmp_path / "a" / "small.png").unlink()
        datasets.load_unlabelled(tmp_path / "a")


def test_the_same_photograph_in_two_classes_is_reported(tmp_path):
    for name, gray in (("ant/0.png", 7), ("ant/1.png", 7), ("bee/2.png", 7), ("bee/3.png", 9)):
        save(tmp_path / name, np.full((8, 8), gray))
    data, told = told_of(tmp_path)
    assert len(data.images) == 4  # reported, but kept
    assert (
        f"two classes: {Path('ant', '0.png')} = {Path('bee', '2.png')}. Remove one of each." in told
    )


def test_one_photograph_per_class_is_too_few_for_an_episode(tmp_path):
    for name in ("ant/0.png", "ant/1.png", "bee/2.png"):
        save(tmp_path / name, np.full((8, 8), 10 * int(name[4])))
    with pytest.raises(ValueError, match="at least 2 images per class, .*'bee' has 1"):
        fslkeras.Episodes(load_quietly(tmp_path), way=2, shot=1, query=1, steps=1)


def test_a_link_to_a_photograph_is_loaded_and_a_broken_link_or_pipe_is_not(tmp_path):
    save(tmp_path / "elsewhere.png", np.full((8, 8), 9))
    top = tmp_path / "classes"
    save(top / "ant" / "0.png", np.zeros((8, 8)))
    try:
        (top / "ant" / "1.png").symlink_to(tmp_path / "elsewhere.png")
        (top / "ant" / "2.png").symlink_to(tmp_path / "nowhere.png")
        (top / "ant" / "3.png").symlink_to("3.png")
        os.mkfifo(top / "ant" / "4.png")
    except (OSError, AttributeError):  # Windows
        pytest.skip("this system makes no links or no pipes")
    data, told = told_of(top)
    assert data.images[:, 0, 0, 0].tolist() == [0, 9]
    assert re.search(r"broken link: ant.2.png, ant.3.png, ant.4.png\.$", told)


def test_photographs_without_labels_come_with_their_paths(tmp_path):
    for name, side in (("b.png", 30), ("a.png", 12)):
        Image.new("RGB", (side, 20), (200, 10, 10)).save(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no image")
    images, paths = datasets.load_unlabelled(tmp_path, size=8, color_mode="rgb")
    assert images.shape == (2, 8, 8, 3) and images.dtype == np.uint8
    assert [path.name for path in paths] == ["a.png", "b.png"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="found no images in .*empty"):
        datasets.load_unlabelled(tmp_path / "empty")
