"""`ImageClasses`: labelled images and their classes, the form in which every dataset comes."""

import dataclasses

import numpy as np

from fslkeras.validation import check_integer


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ImageClasses:
    """Labelled images, read-only, and the classes they belong to.

    Args:
        images: uint8 (n, H, W, C), ink (or whatever matters) bright on 0.
        labels: int (n,), the class of each image, 0..num_classes - 1.
        class_names: a name for each class, no two the same.
        alphabets: the alphabet (or any group) of each class; by default one for all.
    Raises:
        ValueError: if shapes, types or lengths do not fit each other.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple
    alphabets: tuple = None

    def __post_init__(self):
        images, labels = _array("images", self.images), _array("labels", self.labels)
        names = _names("class_names", self.class_names)
        alphabets = (
            ("all",) * len(names) if self.alphabets is None else _names("alphabets", self.alphabets)
        )
        _check_images(images)
        if labels.shape != images.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(
                f"ImageClasses expected an integer label for each of {len(images)} images. Received: "
                f"labels of dtype {labels.dtype} and shape {labels.shape}."
            )
        if len(labels) and not 0 <= labels.min() <= labels.max() < len(names):
            raise ValueError(
                f"ImageClasses expected labels in 0..{len(names) - 1}, one for each class name. Received: labels in "
                f"{labels.min()}..{labels.max()}."
            )
        if len(set(names)) < len(names):
            twice = next(name for k, name in enumerate(names) if name in names[:k])
            raise ValueError(
                f"ImageClasses expected each class name once. Received: {twice!r} more than once."
            )
        if len(alphabets) != len(names):
            raise ValueError(
                f"ImageClasses expected {len(names)} alphabets, one for each class. Received: {len(alphabets)}."
            )
        fields = {
            "images": _frozen(images),
            "labels": _frozen(labels),
            "class_names": names,
            "alphabets": alphabets,
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def __repr__(self):
        counts = np.bincount(self.labels, minlength=self.num_classes)
        each = (
            " to ".join(str(n) for n in sorted({counts.min(), counts.max()}))
            if counts.size
            else "0"
        )
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
        """The chosen classes alone, renumbered in the order given: names, numbers in 0..num_classes - 1, or a boolean for each class.

        A name that is not there counts as the one that differs from it in upper and lower case alone.

        Raises:
            ValueError: if a class is not there or is named twice.
        """
        classes = np.asarray(classes)
        if classes.dtype == bool and classes.shape == (self.num_classes,):
            classes = np.flatnonzero(classes)
        if classes.ndim == 1 and classes.dtype.kind == "U":
            numbers = {name.casefold(): c for c, name in enumerate(self.class_names)}
            numbers |= {name: c for c, name in enumerate(self.class_names)}
            found = [numbers.get(name, numbers.get(name.casefold())) for name in classes.tolist()]
            if None in found:
                unknown = classes[found.index(None)].item()
                raise ValueError(
                    f"take expected names of its classes, class_names. Received: {unknown!r}."
                )
            classes = np.array(found)
        if classes.ndim != 1 or (classes.size and not np.issubdtype(classes.dtype, np.integer)):
            raise ValueError(
                "take expected a list of class numbers or names, or a boolean for each class. Received: an array of dtype "
                f"{classes.dtype} and shape {classes.shape}."
            )
        classes = classes.astype(int)
        if classes.size and not 0 <= classes.min() <= classes.max() < self.num_classes:
            raise ValueError(
                f"take expected classes in 0..{self.num_classes - 1}. Received: {classes.min()}..{classes.max()}."
            )
        if len(np.unique(classes)) != len(classes):
            raise ValueError("take expected each class once. Received: a class more than once.")
        new_label = np.full(self.num_classes, -1)
        new_label[classes] = np.arange(len(classes))
        images = np.flatnonzero(new_label[self.labels] >= 0)
        images = images[np.argsort(new_label[self.labels[images]], kind="stable")]
        return ImageClasses(
            self.images[images],
            new_label[self.labels[images]],
            [self.class_names[c] for c in classes],
            [self.alphabets[c] for c in classes],
        )

    def with_at_least(self, n):
        """The classes with at least n images alone, renumbered; n such as shot + query of the episodes to draw."""
        check_integer("with_at_least", "n", n)
        return self.take(np.bincount(self.labels, minlength=self.num_classes) >= n)

    def split(self, n_classes, seed=0):
        """Two `ImageClasses` that share no class: n_classes drawn at random, and the rest, each in the old order.

        Raises:
            ValueError: if a part would be empty, or the seed is no integer of at least 0.
        """
        check_integer("split", "n_classes", n_classes, 1, self.num_classes - 1)
        check_integer("split", "seed", seed, 0)
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
                f"rotated expected square images. Received: images of {self.images.shape[1]}x{self.images.shape[2]}."
            )
        turns = {f", {90 * turn} degrees" if turn else "": turn for turn in range(4)}
        return self._with(
            {name: np.rot90(self.images, turn, axes=(1, 2)) for name, turn in turns.items()}
        )

    def mirrored(self):
        """Twice the classes, and twice the alphabets: as they are, and mirrored, left to right: b and d are two letters."""
        return self._with({"": self.images, ", mirrored": self.images[:, :, ::-1]})

    def _with(self, copies):
        return ImageClasses(
            np.concatenate(list(copies.values())),
            np.concatenate([self.labels + k * self.num_classes for k in range(len(copies))]),
            [name + suffix for suffix in copies for name in self.class_names],
            [name + suffix for suffix in copies for name in self.alphabets],
        )


def _array(argument, values):
    try:
        return np.asarray(values)
    except ValueError as error:  # NumPy's own words for rows of different lengths
        raise ValueError(
            f"ImageClasses expected `{argument}` to be one array. Received: parts of different shapes."
        ) from error


def _check_images(images):
    if images.ndim != 4 or images.dtype != np.uint8 or not all(images.shape[1:]):
        raise ValueError(
            "ImageClasses expected images of dtype uint8 and shape (images, height, width, channels), each of at least one pixel. "
            f"Received: images of dtype {images.dtype} and shape {images.shape}. Multiply values in 0..1 by 255, and give gray images "
            "a last axis of 1."
        )
    if images.size and images.max() == 1:
        raise ValueError(
            "ImageClasses expected images in 0..255, which it divides by 255. Received: images whose largest value is 1. "
            "Multiply them by 255."
        )


def _names(argument, names):
    if isinstance(names, str) or not hasattr(names, "__iter__"):
        raise ValueError(
            f"ImageClasses expected `{argument}` to be a list with one name for each class. Received: {names!r}."
        )
    names = tuple(names)
    if any(name is None or name != name for name in names):  # NaN is not equal to itself
        raise ValueError(
            f"ImageClasses expected a name for each class in `{argument}`. Received: None or NaN."
        )
    return tuple(str(name) for name in names)


def _frozen(array):
    """The array, or a copy where somebody else could still write into it."""
    if array.flags.writeable or (isinstance(array.base, np.ndarray) and array.base.flags.writeable):
        array = array.copy()
        array.flags.writeable = False
    return array
