"""Few-shot tasks and pairs of images, as training examples for `keras.Model.fit`."""

import keras
import numpy as np

from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.validation import check_flag, check_integer, invalid

__all__ = ["Episodes", "Pairs"]


class _Draws(keras.utils.PyDataset):
    """A stream whose item i depends only on (seed, epoch, i), whichever worker asks, and when."""

    # Two workers: with one, TensorFlow 2.21 may tune its pipeline for as long as the epoch took.
    def __init__(
        self, data, steps, batch_size, augment, resample, seed, shard=(0, 1), workers=2, **kwargs
    ):
        owner = type(self).__name__
        if not isinstance(data, ImageClasses):
            raise ValueError(
                f"{owner} expected `data` to be an ImageClasses, as fslkeras.datasets.load returns "
                f"it. Received: an object of type {type(data).__name__}. Wrap arrays in "
                "fslkeras.datasets.ImageClasses(images, labels, class_names)."
            )
        for name, value in {"steps": steps, "batch_size": batch_size, "workers": workers}.items():
            check_integer(owner, name, value)
        check_integer(owner, "seed", seed, 0)
        check_flag(owner, "resample", resample)
        if augment is not None and not callable(augment):
            expected = "a function of images and a NumPy random generator, or None"
            raise invalid(owner, "augment", augment, expected)
        of_shard = np.asarray(shard)
        if of_shard.dtype.kind != "i" or of_shard.shape != (2,) or not 0 <= shard[0] < shard[1]:
            raise invalid(owner, "shard", shard, "(process, number), with 0 <= process < number")
        if batch_size % shard[1]:
            expected = f"a multiple of {shard[1]}, the number of processes in `shard`"
            raise invalid(owner, "batch_size", batch_size, expected)
        super().__init__(workers=workers, **kwargs)
        self.data, self.images = data, data.images
        self.steps, self.batch_size, self.augment = steps, batch_size, augment
        self.resample, self.seed, self.epoch = resample, seed, 0
        share = batch_size // shard[1]
        self._share = slice(share * shard[0], share * (shard[0] + 1))
        # One row per class with the indices of its images, padded with -1.
        self._images_per_class = counts = np.bincount(data.labels, minlength=data.num_classes)
        self._indices = np.full((data.num_classes, counts.max(initial=0)), -1)
        for label in range(data.num_classes):
            self._indices[label, : counts[label]] = np.flatnonzero(data.labels == label)

    def __len__(self):
        return self.steps

    def on_epoch_end(self):
        if self.resample:
            self.epoch += 1

    def _generator(self, i, epoch=None):
        if isinstance(i, bool) or not isinstance(i, int | np.integer):
            raise TypeError(f"Expected an integer index. Received: {i!r}.")
        if not 0 <= i < self.steps:
            raise IndexError(f"Expected an index from 0 to {self.steps - 1}. Received: {i}.")
        return np.random.default_rng((self.seed, self.epoch if epoch is None else epoch, i))

    def _draw_images(self, rng, classes, n):
        """Indices of n different images of each class, (len(classes), n)."""
        order = rng.random((len(classes), self._indices.shape[1]))
        order[self._indices[classes] < 0] = 2  # padding sorts last and is never drawn
        return np.take_along_axis(self._indices[classes], order.argsort(axis=1)[:, :n], axis=1)

    def _pixels(self, indices, rng):
        """This process's share of the images, float32 in [0, 1], augmented if asked for."""
        if self.augment is None:
            return np.divide(self.images[indices[self._share]], 255, dtype="float32")
        # An augmentation draws its random numbers for the whole batch.
        images = np.divide(self.images[indices], 255, dtype="float32")
        flat = images.reshape(-1, *images.shape[-3:])
        changed = np.asarray(self.augment(flat, rng), "float32")
        if changed.size != images.size:
            raise ValueError(
                f"{type(self).__name__} expected `augment` to return images of the shape it gets, "
                f"{flat.shape}. Received: {changed.shape}."
            )
        return changed.reshape(images.shape)[self._share]


class Episodes(_Draws):
    """Few-shot tasks as training examples (Vinyals et al. 2016, sec. 2.2).

    The classes of an episode are distinct, and no image appears twice in it. Item i depends only on
    (seed, epoch, i). It is a tuple (x, y) of float32 arrays:

    - `x["support"]` (B, N K, H, W, C) and `x["query"]` (B, N query, H, W, C), images in [0, 1],
      class by class, in the order of the label columns;
    - `x["unlabelled"]` (B, (N + D) U, H, W, C), only if U > 0, with the distractors last;
    - `x["support_labels"]` (B, N K, N) and `y` (B, N query, N), one-hot.

    Keras advances the epoch after each epoch of `fit`, and once before the first.

    Args:
        data: `datasets.ImageClasses` to draw from.
        way: Classes per episode, N, at least 1.
        shot: Support images per class, K, at least 1.
        query: Queries per class, at least 1.
        steps: Batches per epoch, at least 1.
        batch_size: Episodes per batch, B; on several devices, a multiple of their number, since
            each device gets whole episodes.
        within_alphabet: True to draw all classes of an episode from one alphabet.
        unlabelled: Unlabeled images per class, U, beyond support and query (Ren et al. 2018,
            sec. 3).
        distractors: Classes that each add U unlabeled images to an episode and nothing else, D.
        augment: Function of images (n, H, W, C), float32 in [0, 1], and a `np.random.Generator`,
            which returns changed images of the same shape, for training; None for no augmentation.
        resample: False to repeat the same episodes in every epoch, for validation.
        seed: Random seed, an integer of at least 0.
        shard: (process, number), for training in several processes: the part of each batch that
            this process gets, one of `number` equal parts in order. Here B is the size of the whole
            batch in `batch_size`, and of the part in the shapes. With `augment`, every process
            augments the whole batch, since the random numbers are drawn for all of it.
        **kwargs: Arguments of `keras.utils.PyDataset`, such as `workers`, here 2 by default.
    Raises:
        ValueError: If an argument is invalid, there are too few classes or too few images in a
            class, or there are distractors without unlabeled images.
    """

    def __init__(
        self,
        data,
        *,
        way,
        shot,
        query,
        steps,
        batch_size=1,
        within_alphabet=False,
        unlabelled=0,
        distractors=0,
        augment=None,
        resample=True,
        seed=0,
        shard=(0, 1),
        **kwargs,
    ):
        super().__init__(data, steps, batch_size, augment, resample, seed, shard, **kwargs)
        for name, value in {"way": way, "shot": shot, "query": query}.items():
            check_integer("Episodes", name, value)
        for name, value in {"unlabelled": unlabelled, "distractors": distractors}.items():
            check_integer("Episodes", name, value, 0)
        check_flag("Episodes", "within_alphabet", within_alphabet)
        if distractors and not unlabelled:
            raise ValueError(
                "Episodes expected unlabeled images for its distractor classes. Received: "
                f"distractors={distractors}, unlabelled=0. Set unlabelled to at least 1."
            )
        self.way, self.shot, self.query = way, shot, query
        self.unlabelled, self.distractors = unlabelled, distractors
        self.within_alphabet = within_alphabet
        self._check_images()
        # An episode draws its classes from one pool: all classes, or those of one alphabet.
        alphabets = np.array(data.alphabets if within_alphabet else [""] * data.num_classes)
        pools = [np.flatnonzero(alphabets == name) for name in dict.fromkeys(alphabets.tolist())]
        self._pools = [pool for pool in pools if len(pool) >= way + distractors]
        if not self._pools:
            raise ValueError(
                f"Episodes expected at least {way + distractors} classes"
                f"{' in one alphabet' * within_alphabet}, for way={way} and distractors="
                f"{distractors}. Received: at most {max(map(len, pools), default=0)}. Lower way or "
                "distractors, or load more classes"
                f"{', or set within_alphabet=False' * within_alphabet}."
            )

    def __getitem__(self, i):
        rng = self._generator(i)
        drawn = zip(("support", "query", "unlabelled"), self._draw(rng), strict=False)
        x = {name: self._pixels(indices, rng) for name, indices in drawn}
        labels = self.labels(len(x["query"]))
        y = labels.pop("query_labels")
        return {**x, **labels}, y

    def labels(self, n):
        """The labels of n episodes, which are the same for every episode.

        Args:
            n: Number of episodes, an integer of at least 0.
        Returns:
            dict: "support_labels" (n, N K, N) and "query_labels" (n, N query, N), float32, one-hot.
        """
        one_hot = np.eye(self.way, dtype="float32")
        counts = {"support_labels": self.shot, "query_labels": self.query}
        rows = {name: one_hot.repeat(count, axis=0) for name, count in counts.items()}
        return {name: np.tile(labels, (n, 1, 1)) for name, labels in rows.items()}

    def indices(self, i, epoch=None):
        """The images of an item, as indices into `data.images`.

        Args:
            i: Index of the item, an integer from 0 to `steps` - 1.
            epoch: The epoch, an integer of at least 0; None for the current one.
        Returns:
            tuple: int arrays for the support (B, N K), the queries (B, N query) and, if U > 0, the
            unlabeled images (B, (N + D) U).
        """
        if epoch is not None:
            check_integer("Episodes.indices", "epoch", epoch, 0)
        return tuple(part[self._share] for part in self._draw(self._generator(i, epoch)))

    def _draw(self, rng):
        per_class = self.shot + self.query + self.unlabelled
        images = np.empty((self.batch_size, self.way, per_class), int)
        others = []
        for episode in images:
            pool = self._pools[rng.integers(len(self._pools))]
            classes = rng.choice(pool, self.way, replace=False)
            episode[:] = self._draw_images(rng, classes, per_class)
            others.append(np.setdiff1d(pool, classes))
        support, query, unlabelled = (
            part.reshape(self.batch_size, -1)
            for part in np.split(images, [self.shot, self.shot + self.query], axis=2)
        )
        # Distractors are drawn last, so that the tasks are the same with and without them.
        if self.distractors:
            drawn = [rng.choice(classes, self.distractors, replace=False) for classes in others]
            further = [
                self._draw_images(rng, classes, self.unlabelled).ravel() for classes in drawn
            ]
            unlabelled = np.concatenate([unlabelled, further], axis=1)
        return (support, query, unlabelled) if self.unlabelled else (support, query)

    def _check_images(self):
        needed = self.shot + self.query + self.unlabelled
        short = np.flatnonzero(self._images_per_class < needed)
        if len(short):
            names, counts = self.data.class_names, self._images_per_class
            first = ", ".join(f"{names[c]!r} has {counts[c]}" for c in short[:5])
            raise ValueError(
                f"Episodes expected at least {needed} images per class, for shot={self.shot}, "
                f"query={self.query} and unlabelled={self.unlabelled}. Received: {len(short)} of "
                f"{len(names)} classes with fewer: {first}{', ...' * (len(short) > 5)}. "
                f"Lower these numbers, or drop the classes with data.with_at_least({needed})."
            )


class Pairs(_Draws):
    """Pairs of images, half of them from the same class (Koch et al. 2015, sec. 4.1).

    The two images of a pair are never the same image. Item i depends only on (seed, epoch, i). It
    is a tuple (x, y) of float32 arrays:

    - `x["left"]` and `x["right"]` (B, H, W, C), images in [0, 1];
    - `y` (B,), 1 for a pair from the same class and 0 for a pair from different classes.

    Args:
        data: `datasets.ImageClasses` to draw from. Classes with a single image appear only in pairs
            from different classes.
        batch_size: Pairs per batch, B, at least 1. If B is odd, half are from the same class on
            average.
        steps: Batches per epoch, at least 1.
        augment: As in `Episodes`.
        resample: False to repeat the same pairs in every epoch, for validation.
        seed: Random seed, an integer of at least 0.
        **kwargs: `shard` and the others, as in `Episodes`.
    Raises:
        ValueError: If an argument is invalid, there are fewer than two classes, or no class has two
            images.
    """

    def __init__(self, data, *, batch_size, steps, augment=None, resample=True, seed=0, **kwargs):
        super().__init__(data, steps, batch_size, augment, resample, seed, **kwargs)
        self._classes_with_two = np.flatnonzero(self._images_per_class >= 2)
        self._classes_with_one = np.flatnonzero(self._images_per_class >= 1)
        if len(self._classes_with_one) < 2 or not len(self._classes_with_two):
            raise ValueError(
                "Pairs expected at least two classes, one of them with at least two images. "
                f"Received: {len(self._classes_with_one)} classes with images, of which "
                f"{len(self._classes_with_two)} have two or more."
            )

    def __getitem__(self, i):
        rng = self._generator(i)
        # Half of the batch; if it is odd, on average.
        same = np.arange(self.batch_size) < (self.batch_size + rng.integers(2)) // 2
        pairs = np.empty((self.batch_size, 2), int)
        classes = rng.choice(self._classes_with_two, same.sum())
        pairs[same] = self._draw_images(rng, classes, 2)
        for k in np.flatnonzero(~same):
            classes = rng.choice(self._classes_with_one, 2, replace=False)
            pairs[k] = self._draw_images(rng, classes, 1)[:, 0]
        order = rng.permutation(self.batch_size)
        left, right = (self._pixels(pairs[order, side], rng) for side in (0, 1))
        return {"left": left, "right": right}, same[order][self._share].astype("float32")
