"""Images with classes: the course's own glyphs, invented alphabets, Omniglot, and folders and sheets of paper of your own."""

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import tempfile
import urllib.error
import urllib.request
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np

from fslkeras.paths import DATA

# Five of Lake's thirty background alphabets, set aside to choose by. Train on the other 25, judge on the evaluation alphabets.
OMNIGLOT_VALIDATION = ("Armenian", "Braille", "Gujarati", "Japanese_(hiragana)", "N_Ko")


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ImageClasses:
    """Labelled images that cannot be changed, and the classes they belong to.

    Args:
        images: uint8 (n, H, W, C), ink (or whatever matters) bright on 0.
        labels: int (n,), the class of each image, 0..num_classes - 1.
        class_names: a name for each class.
        alphabets: the alphabet (or any group) of each class; by default one for all.
        drawers: int (n,), who drew each image, or None where it is not known.
    Raises:
        ValueError: if shapes, types or lengths do not fit each other.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple
    alphabets: tuple = None
    drawers: np.ndarray = None

    def __post_init__(self):
        names = tuple(str(name) for name in self.class_names)
        alphabets = ("all",) * len(names) if self.alphabets is None else tuple(str(name) for name in self.alphabets)
        images, labels = np.asarray(self.images), np.asarray(self.labels)
        drawers = None if self.drawers is None else np.asarray(self.drawers)
        if images.ndim != 4 or images.dtype != np.uint8:
            raise ValueError(
                "ImageClasses expected images of type uint8 and shape (images, height, width, channels), and received "
                f"{images.dtype} {images.shape}. Scale values in 0..1 by 255 and give grey images a last axis of 1."
            )
        if labels.shape != images.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(
                f"ImageClasses expected an integer label for each of {len(images)} images and received "
                f"{labels.dtype} {labels.shape}."
            )
        if len(labels) and not 0 <= labels.min() <= labels.max() < len(names):
            raise ValueError(
                f"ImageClasses expected labels in 0..{len(names) - 1}, one for each class name, and received "
                f"{labels.min()}..{labels.max()}."
            )
        if len(alphabets) != len(names):
            raise ValueError(
                f"ImageClasses expected {len(names)} alphabets, one a class, and received {len(alphabets)}."
            )
        if drawers is not None and drawers.shape != labels.shape:
            raise ValueError(
                f"ImageClasses expected {len(labels)} drawers, one an image, and received {drawers.shape}."
            )
        for name, value in dict(
            images=_frozen(images),
            labels=_frozen(labels),
            class_names=names,
            alphabets=alphabets,
            drawers=None if drawers is None else _frozen(drawers),
        ).items():
            object.__setattr__(self, name, value)

    def __repr__(self):
        counts = np.bincount(self.labels, minlength=self.num_classes)
        each = " to ".join(str(n) for n in sorted({counts.min(), counts.max()})) if counts.size else "0"
        height, width, channels = self.images.shape[1:]
        alphabets = len(set(self.alphabets))
        return (
            f"ImageClasses: {len(self.images):,} images of {height}x{width}x{channels}, {self.num_classes:,} classes of {each} "
            f"images, {alphabets} alphabet{'s' * (alphabets != 1)}"
        )

    @property
    def num_classes(self):
        return len(self.class_names)

    def take(self, classes):
        """The chosen classes alone, numbered anew in the order given.

        Args:
            classes: class numbers, 0..num_classes - 1, or a boolean for each class.
        Raises:
            ValueError: if a class is not there or is named twice.
        """
        classes = np.asarray(classes)
        if classes.dtype == bool and classes.shape == (self.num_classes,):
            classes = np.flatnonzero(classes)
        if classes.ndim != 1 or (classes.size and not np.issubdtype(classes.dtype, np.integer)):
            raise ValueError(f"take expected a list of class numbers and received {classes.dtype} {classes.shape}.")
        classes = classes.astype(int)
        if classes.size and not 0 <= classes.min() <= classes.max() < self.num_classes:
            raise ValueError(
                f"take expected classes in 0..{self.num_classes - 1} and received {classes.min()}..{classes.max()}."
            )
        if len(np.unique(classes)) != len(classes):
            raise ValueError("take expected each class once and received one twice.")
        new_label = np.full(self.num_classes, -1)
        new_label[classes] = np.arange(len(classes))
        images = np.flatnonzero(new_label[self.labels] >= 0)
        images = images[np.argsort(new_label[self.labels[images]], kind="stable")]
        return ImageClasses(
            self.images[images],
            new_label[self.labels[images]],
            [self.class_names[c] for c in classes],
            [self.alphabets[c] for c in classes],
            None if self.drawers is None else self.drawers[images],
        )

    def split(self, n_classes, seed=0):
        """Two parts that share no class: n_classes drawn at random, and the rest.

        Args:
            n_classes: classes of the first part, 1..num_classes - 1.
            seed: integer of at least 0.
        Returns:
            two `ImageClasses`, each with its classes in their old order.
        Raises:
            ValueError: if a part would be empty.
        """
        whole = isinstance(n_classes, int | np.integer) and not isinstance(n_classes, bool)
        if not whole or not 0 < n_classes < self.num_classes:
            raise ValueError(f"split expected n_classes in 1..{self.num_classes - 1} and received {n_classes!r}.")
        order = np.random.default_rng(seed).permutation(self.num_classes)
        return self.take(np.sort(order[:n_classes])), self.take(np.sort(order[n_classes:]))

    def rotated(self):
        """Four times the classes: each class as it is, and turned by 90, 180 and 270 degrees (Santoro et al. 2016).

        A turned alphabet counts as an alphabet of its own. One rotation of a letter can be another letter.

        Raises:
            ValueError: if the images are not square.
        """
        if self.images.shape[1] != self.images.shape[2]:
            raise ValueError(
                f"rotated expected square images and received {self.images.shape[1]}x{self.images.shape[2]}."
            )
        turns = range(4)
        names = ["" if turn == 0 else f", {90 * turn} degrees" for turn in turns]
        return ImageClasses(
            np.concatenate([np.rot90(self.images, turn, axes=(1, 2)) for turn in turns]),
            np.concatenate([self.labels + turn * self.num_classes for turn in turns]),
            [name + turned for turned in names for name in self.class_names],
            [name + turned for turned in names for name in self.alphabets],
            None if self.drawers is None else np.tile(self.drawers, 4),
        )

    def mirrored(self):
        """Twice the classes: each class as it is, and mirrored, left to right; so, too, with the alphabets.

        A mirrored letter can be another letter: b and d.
        """
        names = ["", ", mirrored"]
        return ImageClasses(
            np.concatenate([self.images, self.images[:, :, ::-1]]),
            np.concatenate([self.labels, self.labels + self.num_classes]),
            [name + mirrored for mirrored in names for name in self.class_names],
            [name + mirrored for mirrored in names for name in self.alphabets],
            None if self.drawers is None else np.tile(self.drawers, 2),
        )


def load(name, split=None, size=28, color_mode="grayscale", invert=False):
    """A dataset by its name, or a folder of your own images.

    Args:
        name: "glyphs", the course's own, 28x28 and inside the package; "omniglot", through tensorflow-datasets, which downloads
            it once; or the path of a folder with one sub-folder a class, holding images of any size that Pillow can read.
        split: "train", "validation", "test", or None for all. Omniglot has "background" too, Lake's 30 background alphabets:
            its "train" and "validation" together. Its "test" is Lake's 20 evaluation alphabets. A folder has no splits.
        size: height and width in pixels, for Omniglot and folders. Omniglot is shrunk by area averaging; a picture in a folder
            is shrunk to fit and filled up to a square.
        color_mode: "grayscale" or "rgb", for folders.
        invert: for folders, True where the ink is dark on a bright ground: ink is to be bright.
    Returns:
        `ImageClasses`.
    Raises:
        ValueError: if the name, the split, the size or the color mode is unknown or does not apply, the glyphs file is damaged, or the folder
            holds no images.
        FileNotFoundError: if the folder is not there, or Omniglot can be neither found nor downloaded.
    """
    _check_size("load", size)
    if name in ("glyphs", "omniglot") and (color_mode != "grayscale" or invert):
        raise ValueError(
            f"{name!r} is grayscale with bright ink; color_mode and invert are for folders. Leave them out."
        )
    if name == "glyphs":
        if size != 28:
            raise ValueError(
                f"The glyphs come as 28x28 and load received size={size}. Leave size out, or use 'omniglot'."
            )
        return _load_glyphs(split)
    if name == "omniglot":
        return _load_omniglot(split, size)
    folder = Path(name)
    if not folder.is_dir() or name == "":
        known = "Known names are 'glyphs' and 'omniglot'; anything else is the path of a folder with one sub-folder a class."
        if isinstance(name, str) and folder.name == name:
            raise ValueError(f"load expected a dataset's name or a folder and received {name!r}. {known}")
        raise FileNotFoundError(f"load expected a folder at {str(name)!r} and there is none. {known}")
    if split is not None:
        raise ValueError(
            f"A folder has no split {split!r}. Load it whole and divide its classes: load(...).split(n_classes)."
        )
    return _load_folder(folder, size, color_mode, invert)


def invent(alphabets=30, characters=25, drawers=20, seed=0):
    """Invented alphabets: characters composed from a few strokes, drawn by simulated hands. No file, no font.

    Args:
        alphabets: number of alphabets, each with a style of its own.
        characters: characters in each, 1..60.
        drawers: images of each character, each by another hand.
        seed: integer of at least 0; the same seed gives the same pixels, and a larger dataset contains the smaller.
    Returns:
        `ImageClasses` with 28x28 images of 0 and 255.
    Raises:
        ValueError: if a number is out of its range.
    """
    for what, value, least, most in (
        ("alphabets", alphabets, 1, 10_000),
        ("characters", characters, 1, 60),
        ("drawers", drawers, 1, 10_000),
        ("seed", seed, 0, 2**63),
    ):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not least <= value <= most:
            raise ValueError(f"invent expected {what} to be a whole number in {least}..{most} and received {value!r}.")
    from fslkeras import handwriting

    images, alphabet = handwriting.invent(alphabets, characters, drawers, seed)
    n_classes = len(images)
    return ImageClasses(
        images.reshape(-1, 28, 28, 1),
        np.arange(n_classes).repeat(drawers),
        [f"Invented {alphabet[c] + 1}, character {c % characters + 1}" for c in range(n_classes)],
        [f"Invented {a + 1}" for a in alphabet],
        np.tile(np.arange(drawers), n_classes),
    )


def load_sheet(photos, alphabets=None, size=28):
    """Alphabets drawn on paper: photographs of the sheets that `python -m fslkeras sheet` prints.

    Needs OpenCV: pip install opencv-python-headless. Each drawing is centred, and brought to the size and the pen of the glyphs.

    Args:
        photos: path of a photograph, or a list of them, one for each sheet.
        alphabets: a name, or a list of one for each photograph; by default each sheet is an alphabet that is named after its file.
            Sheets of the same name are one alphabet, by one hand: the rows of the second sheet are its next characters.
        size: height and width of a drawing in pixels.
    Returns:
        `ImageClasses` with images of 0 and 255, ink bright, in the order of the photographs and rows; the numbers of `drawers` are those
        of the alphabets. Empty boxes are left out, and rows without a drawing.
    Raises:
        ImportError: if OpenCV is not installed.
        FileNotFoundError: if a photograph is not there.
        ValueError: if a photograph cannot be read as a sheet; the message says why, and what to do, for each of them. If the names do not
            fit the photographs, or the size is out of its range.
    """
    _check_size("load_sheet", size)
    from fslkeras import sheets

    photos = [photos] if isinstance(photos, str | os.PathLike) else list(photos)
    if alphabets is None:
        alphabets = [Path(photo).stem for photo in photos]
        if len(set(alphabets)) < len(alphabets):
            alphabets = [str(photo) for photo in photos]
    alphabets = [alphabets] if isinstance(alphabets, str) else list(alphabets)
    if not photos or len(alphabets) != len(photos):
        raise ValueError(
            f"load_sheet expected at least one photograph, and an alphabet's name for each, and received {len(photos)} photographs and "
            f"{len(alphabets)} names."
        )
    read, problems = [], []
    for photo in photos:
        try:
            read.append(sheets.read(photo, size))
        except (FileNotFoundError, ValueError) as problem:
            problems.append(problem)
    if problems and len(photos) == 1:
        raise problems[0]
    if problems:
        # All at once: who has thirty photographs does not want to hear of the bad ones one by one.
        told = "\n".join(map(str, problems))
        raise ValueError(f"{len(problems)} of {len(photos)} photographs could not be read.\n{told}")
    hand = {name: number for number, name in enumerate(dict.fromkeys(alphabets))}
    images, labels, drawers, names, groups = [], [], [], [], []
    characters_before = dict.fromkeys(hand, 0)
    for alphabet, (layout, drawings, places) in zip(alphabets, read, strict=True):
        rows, label = np.unique(places[:, 0], return_inverse=True)
        images.append(drawings[..., None])
        labels.append(label + len(names))
        drawers.append(np.full(len(drawings), hand[alphabet]))
        names += [f"{alphabet}, character {characters_before[alphabet] + row + 1}" for row in rows]
        groups += [alphabet] * len(rows)
        characters_before[alphabet] += layout.characters
    return ImageClasses(np.concatenate(images), np.concatenate(labels), names, groups, np.concatenate(drawers))


def load_results(name):
    """Figures that one of the benchmarks measured, as they were when this version was made.

    Args:
        name: "chapter_2", "transfer" or another file of data/results, without its ending.
    Returns:
        dict, with what was measured under "about" and the runs under "runs".
    Raises:
        FileNotFoundError: if there is no such file; the message names those there are.
    """
    path = DATA / "results" / f"{name}.json"
    if not path.is_file():
        known = sorted(file.stem for file in path.parent.glob("*.json"))
        raise FileNotFoundError(f"load_results expected one of {known} and received {name!r}.")
    return json.loads(path.read_text(encoding="utf-8"))


def _frozen(array):
    """The array, or a copy where somebody else could still write into it."""
    if array.flags.writeable or (isinstance(array.base, np.ndarray) and array.base.flags.writeable):
        array = array.copy()
        array.flags.writeable = False
    return array


def _check_size(function, size):
    if isinstance(size, bool) or not isinstance(size, int | np.integer) or not 4 <= size <= 1024:
        raise ValueError(f"{function} expected a size in 4..1024 pixels and received {size!r}.")


def _check_split(split, known):
    if split is not None and split not in known:
        raise ValueError(f"load expected a split out of {sorted(known)} or None for all, and received {split!r}.")


@functools.cache
def _glyphs():
    path = DATA / "glyphs.npz"
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            height, width = file["shape"].tolist()
            classes, drawers, _ = file["images"].shape
            pixels = np.unpackbits(file["images"], axis=-1, count=height * width)
            alphabet, names, split = file["alphabet"], file["alphabets"], file["split"]
            codepoints = file["codepoint"]
    except FileNotFoundError:
        raise FileNotFoundError(
            f"The glyphs were expected at {path} and are not there. Install the package again: pip install --force-reinstall."
        ) from None
    except (ValueError, KeyError, TypeError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(
            f"The glyphs at {path} are damaged ({error}). Fetch the file again: git checkout data/glyphs.npz in a clone, "
            "or pip install --force-reinstall."
        ) from None
    data = ImageClasses(
        pixels.reshape(-1, height, width, 1) * np.uint8(255),
        np.arange(classes).repeat(drawers),
        [f"{names[a]} U+{c:04X}" for a, c in zip(alphabet, codepoints, strict=True)],
        names[alphabet],
        np.tile(np.arange(drawers), classes),
    )
    return data, split[alphabet]


def _load_glyphs(split):
    _check_split(split, ("train", "validation", "test"))
    data, split_of_class = _glyphs()
    return data if split is None else data.take(split_of_class == split)


def _load_omniglot(split, size):
    _check_split(split, ("train", "validation", "background", "test"))
    data, background = _omniglot(size)
    if split is None:
        return data
    validation = np.isin(np.array(data.alphabets), OMNIGLOT_VALIDATION)
    return data.take(
        {
            "train": background & ~validation,
            "validation": background & validation,
            "background": background,
            "test": ~background,
        }[split]
    )


@functools.cache
def _omniglot(size):
    cached = _cache_folder() / f"omniglot-3.0.0-{size}.npz"
    arrays = _read_cache(cached)
    if arrays is None:
        arrays = _omniglot_from_tfds(size)
        _write_cache(cached, arrays)
    data = ImageClasses(arrays["images"], arrays["labels"], arrays["class_names"], arrays["alphabets"])
    return data, arrays["background"]


def _omniglot_from_tfds(size):
    try:
        import tensorflow as tf
        import tensorflow_datasets as tfds

        tfds.display_progress_bar(False)
        builder = tfds.builder("omniglot:3.0.0", data_dir=os.environ.get("TFDS_DATA_DIR"))
        if not builder.is_prepared():
            # tensorflow-datasets itself tries for minutes without a network, and leaves pieces of its downloads behind.
            with contextlib.suppress(urllib.error.HTTPError):  # whatever the server answers, it can be reached
                urllib.request.urlopen("https://github.com/brendenlake/omniglot", timeout=20).close()
            with tempfile.TemporaryDirectory() as folder:
                builder.download_and_prepare(download_dir=folder)
        background, evaluation = builder.as_dataset(
            split=["train", "test"], decoders={"image": tfds.decode.SkipDecoding()}
        )
    except Exception as error:  # tensorflow-datasets raises a different one for each way in which a download can fail
        raise FileNotFoundError(
            "Omniglot is not in tensorflow-datasets' folder and could not be downloaded "
            f"({type(error).__name__}). Go online once and load it again; or set TFDS_DATA_DIR to a folder that holds it; "
            "or use load('glyphs'), which needs no download."
        ) from error
    shrink = area_average(105, size)

    def decoded(example):
        return tf.io.decode_png(example["image"], channels=1), example["label"], example["alphabet"]

    images, labels, alphabet_of_label, background_labels = [], [], {}, set()
    for part in (background, evaluation):
        for png, label, alphabet in part.map(decoded, num_parallel_calls=2).batch(1024).as_numpy_iterator():
            grey = shrink @ (255.0 - png[..., 0]).astype("float32") @ shrink.T
            images.append(np.round(grey).astype(np.uint8)[..., None])
            labels.append(label)
            alphabet_of_label.update(zip(label.tolist(), alphabet.tolist(), strict=True))
            if part is background:
                background_labels.update(label.tolist())
    images, labels = np.concatenate(images), np.concatenate(labels)
    order = np.argsort(labels, kind="stable")
    return {
        "images": images[order],
        "labels": labels[order],
        "class_names": np.array(builder.info.features["label"].names),
        "alphabets": np.array(
            [builder.info.features["alphabet"].names[alphabet_of_label[c]] for c in sorted(alphabet_of_label)]
        ),
        "background": np.array([c in background_labels for c in sorted(alphabet_of_label)]),
    }


def area_average(old, new):
    """The (new, old) matrix that shrinks one side of an image: each new pixel is the mean of the area that it covers."""
    edges = np.arange(new + 1) * old / new
    overlap = np.minimum(edges[1:, None], np.arange(1, old + 1)) - np.maximum(edges[:-1, None], np.arange(old))
    return (np.maximum(overlap, 0) * new / old).astype("float32")


def _cache_folder():
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fslkeras"


def _digest(arrays):
    digest = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype} {array.shape}".encode())
        digest.update(array)
    return digest.hexdigest()


def _read_cache(path):
    """The arrays, or None where the file is missing, half-written or not what was written."""
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            arrays = dict(file)
    except (OSError, ValueError, TypeError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        return None
    digest = arrays.pop("digest", None)
    return arrays if digest is not None and str(digest) == _digest(arrays) else None


def _write_cache(path, arrays):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            written = Path(folder) / path.name
            np.savez(written, **arrays, digest=_digest(arrays))
            os.replace(written, path)  # whole or not at all
    except OSError:
        pass  # a cache that cannot be written, on a full or read-only disk, costs time alone


def _load_folder(folder, size, color_mode, invert):
    modes = {"grayscale": ("L", 1), "rgb": ("RGB", 3)}
    if color_mode not in modes:
        raise ValueError(f"load expected a color_mode out of {sorted(modes)} and received {color_mode!r}.")
    mode, channels = modes[color_mode]
    classes = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    images, labels, names, unread = [], [], [], []
    for path in classes:
        files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
        pictures = [(file, _read_picture(file, size, mode, invert)) for file in files]
        unread += [str(file.relative_to(folder)) for file, picture in pictures if picture is None]
        pictures = [picture for _, picture in pictures if picture is not None]
        if pictures:
            labels += [len(names)] * len(pictures)
            names.append(path.name)
            images += pictures
    skipped = f"{', '.join(unread[:5])}{', ...' * (len(unread) > 5)}"
    if not images:
        raise ValueError(
            f"load expected {folder} to hold one sub-folder a class with images in it, and found {len(classes)} sub-folders and "
            f"no image that Pillow can read{f' (not read: {skipped})' * bool(unread)}. "
            "Put the images of each class into a folder of their own."
        )
    if unread:
        warnings.warn(
            f"{len(unread)} file{'s' * (len(unread) > 1)} that Pillow cannot read as images were skipped: {skipped}.",
            stacklevel=3,
        )
    return ImageClasses(np.stack(images).reshape(-1, size, size, channels), np.array(labels), names)


def _read_picture(file, size, mode, invert):
    """uint8 (size, size) or (size, size, 3), or None where Pillow cannot read the file."""
    from PIL import Image, ImageOps

    paper = 255 if invert else 0  # behind transparent parts, and around a picture that is not square
    try:
        with Image.open(file) as image:
            image = ImageOps.exif_transpose(image)
            if image.mode.startswith(("I", "F")):  # 16 and 32 bits: bring the picture's own range to 0..255
                values = np.asarray(image, "float64")
                image = Image.fromarray((255 * (values - values.min()) / max(np.ptp(values), 1)).astype(np.uint8))
            if image.has_transparency_data:
                image = image.convert("RGBA")
                image = Image.alpha_composite(Image.new("RGBA", image.size, (paper,) * 3 + (255,)), image)
            image = image.convert(mode)
            image = ImageOps.pad(image, (size, size), Image.Resampling.BOX, color=(paper,) * len(image.getbands()))
            pixels = np.asarray(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    return 255 - pixels if invert else pixels
