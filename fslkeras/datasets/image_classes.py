"""`ImageClasses`, labeled images and their classes: what every dataset is loaded as."""

import dataclasses

import numpy as np

from fslkeras.validation import channels_first, check_class_labels, check_integer, invalid


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ImageClasses:
    """Labeled images and their classes, read-only.

    Args:
        images: uint8 (n, H, W, C), with ink, or whatever matters, bright on a background of 0.
        labels: int (n,), the class of each image, from 0 to num_classes - 1. Without `class_names`,
            n strings or n integers, which are then numbered in sorted order.
        class_names: The name of each class, all different, strings or integers; None for the sorted
            labels.
        alphabets: The alphabet, or any other group, of each class; None for a single one.
    Raises:
        ValueError: If shapes, types or lengths do not match.
    """

    images: np.ndarray
    labels: np.ndarray
    class_names: tuple = None
    alphabets: tuple = None

    def __post_init__(self):
        images, labels, names = _array("images", self.images), self.labels, self.class_names
        _check_images(images)
        if names is None:
            names = check_class_labels("ImageClasses", labels, len(images))
            names, labels = np.unique(names, return_inverse=True)
        labels, names = _array("labels", labels), _names("class_names", names)
        alphabets = self.alphabets
        alphabets = ("all",) * len(names) if alphabets is None else _names("alphabets", alphabets)
        if labels.shape != images.shape[:1] or not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(
                f"ImageClasses expected an integer label for each of {len(images)} images. "
                f"Received: labels of dtype {labels.dtype} and shape {labels.shape}."
            )
        if len(labels) and not 0 <= labels.min() <= labels.max() < len(names):
            raise ValueError(
                f"ImageClasses expected labels from 0 to {len(names) - 1}, one per class name. "
                f"Received: labels from {labels.min()} to {labels.max()}."
            )
        if len(set(names)) < len(names):
            twice = next(name for k, name in enumerate(names) if name in names[:k])
            raise ValueError(
                f"ImageClasses expected distinct class names. Received: {twice!r} more than once."
            )
        if len(alphabets) != len(names):
            raise ValueError(
                f"ImageClasses expected {len(names)} alphabets, one per class. "
                f"Received: {len(alphabets)}."
            )
        frozen = {"images": _frozen(images), "labels": _frozen(labels)}
        for name, value in {**frozen, "class_names": names, "alphabets": alphabets}.items():
            object.__setattr__(self, name, value)

    def __repr__(self):
        counts = np.bincount(self.labels, minlength=self.num_classes)
        ends = sorted({counts.min(), counts.max()}) if counts.size else [0]
        height, width, channels = self.images.shape[1:]
        alphabets = len(set(self.alphabets))
        return (
            f"ImageClasses: {len(self.images):,} images of {height}x{width}x{channels}, "
            f"{self.num_classes:,} classes of {' to '.join(map(str, ends))} images, "
            f"{alphabets} alphabet{'s' * (alphabets != 1)}"
        )

    @property
    def num_classes(self):
        """The number of classes."""
        return len(self.class_names)

    def take(self, classes):
        """Selects classes, and renumbers them in the given order.

        Args:
            classes: List of class names as strings (exact, or differing only in case), of class
                numbers (positions in `class_names`), or of one boolean per class.
        Returns:
            `ImageClasses` with these classes.
        Raises:
            ValueError: If a class does not exist or is named twice.
        """
        classes = _array("classes", classes, "take")
        if classes.dtype == bool and classes.shape == (self.num_classes,):
            classes = np.flatnonzero(classes)
        if classes.ndim == 1 and classes.dtype.kind == "U":
            names = list(map(str, self.class_names))
            numbers = {name.casefold(): c for c, name in enumerate(names)}
            numbers |= {name: c for c, name in enumerate(names)}
            found = [numbers.get(name, numbers.get(name.casefold())) for name in classes.tolist()]
            if None in found:
                unknown = classes[found.index(None)].item()
                raise ValueError(f"take expected names from class_names. Received: {unknown!r}.")
            classes = np.array(found)
        if classes.ndim != 1 or (classes.size and not np.issubdtype(classes.dtype, np.integer)):
            raise ValueError(
                "take expected a list of class numbers or names, or one boolean per class. "
                f"Received: an array of dtype {classes.dtype} and shape {classes.shape}."
            )
        classes = classes.astype(int)
        if classes.size and not 0 <= classes.min() <= classes.max() < self.num_classes:
            raise ValueError(
                f"take expected classes from 0 to {self.num_classes - 1}. "
                f"Received: {classes.min()} to {classes.max()}."
            )
        if len(np.unique(classes)) != len(classes):
            raise ValueError("take expected distinct classes. Received: a class more than once.")
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
        """Selects the classes with at least n images, such as the shot + query of an episode.

        Args:
            n: Number of images, an integer of at least 1.
        Returns:
            `ImageClasses` with these classes, renumbered.
        """
        check_integer("with_at_least", "n", n)
        return self.take(np.bincount(self.labels, minlength=self.num_classes) >= n)

    def split(self, n_classes, seed=0):
        """Splits the classes at random into two disjoint parts.

        Args:
            n_classes: Classes in the first part, an integer from 1 to num_classes - 1.
            seed: Random seed, an integer of at least 0.
        Returns:
            tuple: Two `ImageClasses`, each with its classes in the original order.
        Raises:
            ValueError: If an argument is invalid.
        """
        check_integer("split", "n_classes", n_classes, 1, self.num_classes - 1)
        check_integer("split", "seed", seed, 0)
        order = np.random.default_rng(seed).permutation(self.num_classes)
        return self.take(np.sort(order[:n_classes])), self.take(np.sort(order[n_classes:]))

    def rotated(self):
        """Adds each class rotated by 90, 180 and 270 degrees, as new classes (Santoro et al. 2016).

        A rotated alphabet counts as another alphabet. A rotated letter can equal another letter.

        Returns:
            `ImageClasses` with four times the classes.
        Raises:
            ValueError: If the images are not square.
        """
        height, width = self.images.shape[1:3]
        if height != width:
            raise ValueError(f"rotated expected square images. Received: {height}x{width} pixels.")
        turns = {f", {90 * turn} degrees" if turn else "": turn for turn in range(4)}
        images = {name: np.rot90(self.images, turn, axes=(1, 2)) for name, turn in turns.items()}
        return self._with(images)

    def mirrored(self):
        """Adds each class mirrored from left to right, as a new class: b is not d.

        A mirrored alphabet counts as another alphabet.

        Returns:
            `ImageClasses` with twice the classes.
        """
        return self._with({"": self.images, ", mirrored": self.images[:, :, ::-1]})

    def _with(self, copies):
        return ImageClasses(
            np.concatenate(list(copies.values())),
            np.concatenate([self.labels + k * self.num_classes for k in range(len(copies))]),
            [f"{name}{suffix}" for suffix in copies for name in self.class_names],
            [f"{name}{suffix}" for suffix in copies for name in self.alphabets],
        )


def _array(argument, values, owner="ImageClasses"):
    try:
        return np.asarray(values)
    except ValueError as error:  # NumPy's message is about inhomogeneous shapes
        raise ValueError(
            f"{owner} expected `{argument}` to be one array. Received: parts of different shapes."
        ) from error


def _check_images(images):
    if images.ndim != 4 or images.dtype != np.uint8 or not all(images.shape[1:]):
        raise ValueError(
            "ImageClasses expected images of dtype uint8 and shape (images, height, width, "
            "channels), each of at least one pixel. "
            f"Received: images of dtype {images.dtype} and shape {images.shape}. "
            "Multiply values in [0, 1] by 255, and give gray images a last axis of size 1."
        )
    if channels_first(images.shape[1:]):
        raise ValueError(
            "ImageClasses expected images of shape (images, height, width, channels), channels "
            f"last. Received: shape {images.shape}. Use np.moveaxis(images, 1, -1)."
        )
    # Image by image, so that a file is not read to its end.
    if all(image.max() <= 1 for image in images) and images.any():
        raise ValueError(
            "ImageClasses expected images in [0, 255]. Received: images with a maximum of 1. "
            "Multiply them by 255."
        )


def _names(argument, names):
    if isinstance(names, str | bytes) or not hasattr(names, "__iter__"):
        raise invalid("ImageClasses", argument, names, "a list with one name per class")
    names = tuple(names)
    integers = [isinstance(name, int | np.integer) for name in names]
    if not all(integers) and not all(isinstance(name, str) for name in names):
        kinds = ", ".join(sorted({type(name).__name__ for name in names}))
        raise ValueError(
            f"ImageClasses expected a name for each class in `{argument}`, all strings or all "
            f"integers. Received: names of type {kinds}."
        )
    return tuple(map(int if all(integers) else str, names))


def _frozen(array):
    """The array, or a copy if other code could still write to it."""
    if array.flags.writeable or (isinstance(array.base, np.ndarray) and array.base.flags.writeable):
        array = array.copy()
        array.flags.writeable = False
    return array
