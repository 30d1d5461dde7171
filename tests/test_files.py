"""Files that were interrupted while written, and files from strangers: nothing half is ever read,
and whatever is not what it should be is refused with a reason, in bounded memory and time."""

import io
import json
import os
import re
import signal
import struct
import sys
import time
import zipfile
import zlib
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from fslkeras import FewShotClassifier, networks
from fslkeras.datasets import load_unlabelled

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs fork and its memory peaks")
SEED = 0


def classifier(images=12, side=8, extra=None):
    """A classifier of an encoder that only flattens, with examples that do not compress."""
    encoder = keras.Sequential([keras.Input((side, side, 1)), keras.layers.Flatten()])
    if extra is not None:
        encoder.add(extra)
    pixels = np.random.default_rng(SEED).integers(0, 256, (images, side, side, 1), "uint8")
    return FewShotClassifier(networks.prototypical(encoder), pixels, list("abc") * (images // 3))


def forked(call):
    """Starts a process that calls a function. It ends after two minutes at the latest."""
    process = os.fork()
    if process:
        return process
    try:
        signal.alarm(120)
        call()
        os._exit(0)
    except BaseException:
        os._exit(1)


# --- Killed while writing


def killed_while_writing(write, part, moments=5):
    """Kills a process that writes again and again, up to 3 ms into the writing of a file."""
    hits = 0
    for delay in np.random.default_rng(SEED).uniform(0, 0.003, moments):

        def forever():
            while True:
                write()

        process, until = forked(forever), time.monotonic() + 60
        while not part.exists() and time.monotonic() < until:
            time.sleep(0.0002)
        time.sleep(delay)
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL  # it had not failed by itself
        hits += part.exists()
        yield
        part.unlink(missing_ok=True)
    assert hits, "no process was killed while it wrote"


def test_a_classifier_is_the_old_or_the_new_one_whenever_its_saving_is_killed(tmp_path):
    path, old, new = tmp_path / "classifier.zip", classifier(90, 300), classifier(120, 300)
    old.save(path)
    for _ in killed_while_writing(lambda: (new.save(path), old.save(path)), Path(f"{path}.part")):
        found = FewShotClassifier.load(path).images
        expected = old if len(found) == 90 else new
        np.testing.assert_array_equal(found, expected.images)
    new.save(path)  # what was left behind is in nobody's way
    assert [file.name for file in tmp_path.iterdir()] == ["classifier.zip"]


def test_a_sheet_is_complete_whenever_its_writing_is_killed(tmp_path):
    layout = pytest.importorskip("fslkeras.course.sheets.layout")
    path = tmp_path / "sheet.svg"
    layout.write(path, 2, 2)
    for _ in killed_while_writing(lambda: layout.write(path, 2, 2), Path(f"{path}.part"), 3):
        assert path.read_text(encoding="utf-8").rstrip().endswith("</svg>")
    with pytest.raises(OSError):
        layout.write(tmp_path / "nowhere" / "sheet.svg")


def test_results_are_complete_whenever_their_writing_is_killed(tmp_path, monkeypatch):
    grid = pytest.importorskip("grid")
    monkeypatch.setattr(grid, "DATA", tmp_path)
    (tmp_path / "results").mkdir()
    path = tmp_path / "results" / "long.json"
    runs = {f"run {i}": {"accuracies": list(range(100))} for i in range(300)}
    grid.save("long", {"runs": runs})
    write = lambda: grid.save("long", {"runs": runs})  # noqa: E731
    for _ in killed_while_writing(write, path.with_suffix(".part")):
        assert json.loads(path.read_text(encoding="utf-8"))["runs"] == runs


# --- From strangers


def peak_and_message(call):
    """The memory that a call takes in a process of its own, in MB, and the error it raises."""
    reader, writer = os.pipe()

    def told():
        try:
            call()
            message = "accepted"
        except Exception as error:
            message = f"{type(error).__name__}: {error}"
        os.write(writer, message.encode()[:4000])

    before = int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text()).group(1))
    process = forked(told)
    os.close(writer)
    _, status, usage = os.wait4(process, 0)
    with os.fdopen(reader, "rb") as stream:
        message = stream.read().decode()
    assert status == 0, f"status {status}: {message}"
    return (usage.ru_maxrss - before) / 1024, message


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "classifier.zip"
    classifier().save(path)
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def packed(members, sizes=None):
    """A zip file with these members. `sizes` overrides what it says of their unpacked sizes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        for entry in archive.filelist:
            entry.file_size = (sizes or {}).get(entry.filename, entry.file_size)
    return file.getvalue()


def unpacked(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def array_file(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def weights_bomb(model):
    """A model whose file of weights has a compressed array of 10 GB in a few kB."""
    h5py = pytest.importorskip("h5py")
    file = io.BytesIO(unpacked(model)["model.weights.h5"])
    with h5py.File(file, "a") as weights:
        names = []
        weights.visit(names.append)
        name = next(name for name in names if getattr(weights[name], "ndim", 0) == 2)
        del weights[name]
        weights.create_dataset(
            name, (50_000, 50_000), "float32", chunks=(5000, 5000), compression="gzip"
        )
    return packed({**unpacked(model), "model.weights.h5": file.getvalue()})


class Touch:
    """Unpickling it creates a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


GB = 10**9
ZEROS = bytes(200_000_000)
HOSTILE = {
    "says it unpacks to 20 GB": (
        lambda saved, evil: packed(saved, {"model.keras": 20 * GB}),
        "at most 1 GB when unpacked. Received: 20.0 GB",
    ),
    "examples that say they unpack to 20 GB": (
        lambda saved, evil: packed(
            {
                **saved,
                "examples.npz": packed(unpacked(saved["examples.npz"]), {"images.npy": 20 * GB}),
            }
        ),
        "at most 1 GB when unpacked. Received: 20.0 GB",
    ),
    "a model that says it unpacks to 20 GB": (
        lambda saved, evil: packed(
            {
                **saved,
                "model.keras": packed(unpacked(saved["model.keras"]), {"config.json": 20 * GB}),
            }
        ),
        "at most 1 GB when unpacked. Received: 20.0 GB",
    ),
    "unpacks to more than it says": (
        lambda saved, evil: packed({**saved, "model.keras": ZEROS}, {"model.keras": 1000}),
        "BadZipFile",
    ),
    "examples that unpack to more than they say": (
        lambda saved, evil: packed(
            {**saved, "examples.npz": packed({"images.npy": ZEROS}, {"images.npy": 1000})}
        ),
        "damaged",
    ),
    "an array that says it has 10^12 images": (
        lambda saved, evil: packed(
            {
                **saved,
                "examples.npz": packed(
                    {
                        **unpacked(saved["examples.npz"]),
                        "images.npy": array_file(np.zeros((1, 8, 8, 1), "uint8")).replace(
                            b"(1, 8, 8, 1), }" + b" " * 12, b"(1000000000000, 8, 8, 1), }"
                        ),
                    }
                ),
            }
        ),
        "damaged",
    ),
    "a pickle among the examples": (
        lambda saved, evil: packed(
            {
                **saved,
                "examples.npz": packed(
                    {
                        **unpacked(saved["examples.npz"]),
                        "labels.npy": array_file(np.array([Touch(evil)], object)),
                    }
                ),
            }
        ),
        "allow_pickle=False",
    ),
    "a path in place of a name": (
        lambda saved, evil: packed({"../" * 20 + str(evil)[1:]: b"", str(evil): b""}),
        "no item named 'model.keras'",
    ),
    "a pickle in place of the model": (
        lambda saved, evil: packed({**saved, "model.keras": array_file(Touch(evil))}),
        "damaged",
    ),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_classifier_is_refused_with_the_reason(tmp_path, saved, what):
    make, reason = HOSTILE[what]
    path, evil = tmp_path / "classifier.zip", tmp_path / "evil"
    path.write_bytes(make(saved, evil))
    started = time.monotonic()
    peak, message = peak_and_message(lambda: FewShotClassifier.load(path))
    assert message.startswith("ValueError: FewShotClassifier.load expected a file written by")
    assert re.search(reason, message), message
    assert peak < 150 and time.monotonic() - started < 20
    assert not evil.exists()


@pytest.mark.filterwarnings("ignore:Skipping invalid path")
def test_further_members_of_a_classifier_are_left_where_they_are(tmp_path, saved):
    path, evil = tmp_path / "a" / "classifier.zip", tmp_path / "evil"
    path.parent.mkdir()
    model = packed({**unpacked(saved["model.keras"]), "../evil": b"", str(evil): b""})
    path.write_bytes(packed({**saved, "model.keras": model, "../evil": b"", str(evil): b""}))
    assert FewShotClassifier.load(path).class_names == ("a", "b", "c")
    assert not evil.exists()


def test_a_model_with_code_in_it_is_refused(tmp_path, saved):
    twice = keras.layers.Lambda(lambda x: 2 * x)
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), twice])
    networks.prototypical(model).save(tmp_path / "model.keras")
    path = tmp_path / "classifier.zip"
    path.write_bytes(packed({**saved, "model.keras": (tmp_path / "model.keras").read_bytes()}))
    with pytest.raises(ValueError, match=r"(?s)written by FewShotClassifier.save.*Lambda"):
        FewShotClassifier.load(path)


def test_weights_that_unpack_to_10_gb_are_refused(tmp_path):
    path = tmp_path / "classifier.zip"
    classifier(extra=keras.layers.Dense(3)).save(path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    path.write_bytes(packed({**members, "model.keras": weights_bomb(members["model.keras"])}))
    assert path.stat().st_size < 1e6
    peak, message = peak_and_message(lambda: FewShotClassifier.load(path))
    assert message.startswith("ValueError: FewShotClassifier.load expected a file written by")
    assert peak < 150


def png(width, height):
    """A PNG of this size in black and white, whose pixels are missing."""

    def chunk(kind, content):
        checksum = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + checksum

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b""))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [10_001, 100_000, 2**31 - 1])
def test_a_photograph_of_more_than_100_megapixels_is_refused(tmp_path, side):
    reading = pytest.importorskip("fslkeras.course.sheets.reading")
    (tmp_path / "vast.png").write_bytes(png(side, side))
    for call, reason in (
        (lambda: load_unlabelled(tmp_path), r"no images in .* \(skipped: over 100 megapixels"),
        (lambda: reading.open_photo(tmp_path / "vast.png"), "over 100 megapixels. Send"),
    ):
        peak, message = peak_and_message(call)
        assert re.search(f"ValueError: .*{reason}", message), message
        assert peak < 50


def test_a_huge_file_behind_a_small_photograph_does_not_fill_the_memory(tmp_path):
    for name in ("ant", "bee"):
        (tmp_path / name).mkdir()
        Image.new("L", (8, 8), len(name)).save(tmp_path / name / "0.png")
        os.truncate(tmp_path / name / "0.png", 300_000_000)  # zeros, which take no space

    def load():
        from fslkeras.datasets import load

        assert len(load(tmp_path).images) == 2

    peak, message = peak_and_message(load)
    assert message == "accepted" and peak < 50
