"""Episodes and pairs: few-shot tasks drawn from labelled images, as training examples for `keras.Model.fit`."""

import keras
import numpy as np

from fslkeras.datasets.image_classes import ImageClasses
from fslkeras.validation import check_flag, check_integer


class _Draws(keras.utils.PyDataset):
    """A stream whose item i depends on (seed, epoch, i) alone, whichever worker asks for it and in whichever order."""

    # Two workers: with one, TensorFlow 2.21 may wait at an epoch's end, for its own tuning, as long as the epoch lasted.
    def __init__(self, data, *, steps, batch_size, augment, resample, seed, workers=2, **kwargs):
        owner = type(self).__name__
        if not isinstance(data, ImageClasses):
            raise ValueError(
                f"{owner} expected `data` to be an ImageClasses, as fslkeras.datasets.load returns it. Received an object of type "
                f"{type(data).__name__}. Arrays: fslkeras.datasets.ImageClasses(images, labels, class_names)."
            )
        for name, value in {"steps": steps, "batch_size": batch_size, "workers": workers}.items():
            check_integer(owner, name, value)
        check_integer(owner, "seed", seed, 0)
        check_flag(owner, "resample", resample)
        if augment is not None and not callable(augment):
            raise ValueError(
                f"{owner} expected `augment` to be a function of images and a random generator, or None. "
                f"Received: augment={augment!r}."
            )
        super().__init__(workers=workers, **kwargs)
        self.data, self.images = data, data.images
        self.steps, self.batch_size, self.augment = steps, batch_size, augment
        self.resample, self.seed, self.epoch = resample, seed, 0
        # One row for each class, its images' indices into data.images. Shorter rows are padded with -1.
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
            raise TypeError(f"Expected the number of an item. Received: {i!r}.")
        if not 0 <= i < self.steps:
            raise IndexError(f"Expected an item in 0..{self.steps - 1}. Received: {i}.")
        return np.random.default_rng((self.seed, self.epoch if epoch is None else epoch, i))

    def _draw_images(self, rng, classes, n):
        """n different images of each class: indices into data.images, (len(classes), n)."""
        order = rng.random((len(classes), self._indices.shape[1]))
        order[self._indices[classes] < 0] = 2  # padding sorts last and is never drawn
        return np.take_along_axis(self._indices[classes], order.argsort(axis=1)[:, :n], axis=1)

    def _pixels(self, indices, rng):
        """float32 in 0..1, augmented if asked for."""
        images = self.images[indices].astype("float32") / 255
        if self.augment is None:
            return images
        flat = np.asarray(self.augment(images.reshape(-1, *images.shape[-3:]), rng), "float32")
        if flat.size != images.size:
            raise ValueError(
                f"{type(self).__name__} expected `augment` to return images of the shape it received. Received: {flat.shape}."
            )
        return flat.reshape(images.shape)


class Episodes(_Draws):
    """Few-shot tasks: `way` classes, `shot` support images and `query` query images of each (Vinyals et al. 2016, sec. 2.2).

    Item i is a function of (seed, epoch, i) alone. Classes of an episode are distinct, support and query are disjoint.
    Keras advances the epoch after each epoch of `fit`, and once before the first.

    Args:
        data: `datasets.ImageClasses` to draw from.
        way: classes of an episode, N.
        shot: support images of each class, K.
        query: query images of each class.
        steps: batches in an epoch.
        batch_size: episodes in a batch, B; on several devices a multiple of their number, since each gets whole episodes.
        within_alphabet: True to draw all classes of an episode from one alphabet.
        unlabelled: images of each class, U, that come without their label (Ren et al. 2018, sec. 3). None of them is support or query.
        distractors: further classes, D, of which only U unlabelled images each are in the episode.
        augment: function of images (n, H, W, C), float32 in 0..1, and a `np.random.Generator` that returns changed images of the same
            shape, for training; None to leave the images as they are.
        resample: False to give the same episodes in every epoch, for validation.
        seed: integer of at least 0.
        **kwargs: of `keras.utils.PyDataset`, such as `workers`, which is 2 if not given.
    Item:
        x: {"support": (B, N K, H, W, C), "support_labels": (B, N K, N), "query": (B, N query, H, W, C)}, and where there are
            unlabelled images, "unlabelled": (B, (N + D) U, H, W, C), those of the distractors last;
        y: (B, N query, N). All float32, images in 0..1, labels one-hot; class by class in the order of the columns.
    Raises:
        ValueError: if an argument is invalid, the data have too few classes, a class has too few images, or there are distractors
            without unlabelled images.
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
        **kwargs,
    ):
        super().__init__(
            data,
            steps=steps,
            batch_size=batch_size,
            augment=augment,
            resample=resample,
            seed=seed,
            **kwargs,
        )
        for name, value in {"way": way, "shot": shot, "query": query}.items():
            check_integer("Episodes", name, value)
        for name, value in {"unlabelled": unlabelled, "distractors": distractors}.items():
            check_integer("Episodes", name, value, 0)
        check_flag("Episodes", "within_alphabet", within_alphabet)
        if distractors and not unlabelled:
            raise ValueError(
                "Episodes expected unlabelled images for its distractor classes. Received: "
                f"distractors={distractors}, unlabelled=0. Set unlabelled to at least 1."
            )
        self.way, self.shot, self.query = way, shot, query
        self.unlabelled, self.distractors = unlabelled, distractors
        self.within_alphabet = within_alphabet
        self._check_images()
        # The classes to draw an episode from: all, or those of one alphabet, where they are enough.
        alphabets = np.array(data.alphabets if within_alphabet else [""] * data.num_classes)
        pools = [np.flatnonzero(alphabets == name) for name in dict.fromkeys(alphabets.tolist())]
        self._pools = [pool for pool in pools if len(pool) >= way + distractors]
        if not self._pools:
            raise ValueError(
                f"Episodes expected at least {way + distractors} classes{' in one alphabet' * within_alphabet}, for way={way} and "
                f"distractors={distractors}. Received: at most {max(map(len, pools), default=0)}. Lower way or distractors, or load more "
                f"classes{' or set within_alphabet=False' * within_alphabet}."
            )

    def __getitem__(self, i):
        rng = self._generator(i)
        support, query, *unlabelled = self._draw(rng)
        x = {
            "support": self._pixels(support, rng),
            "query": self._pixels(query, rng),
            **self.labels(self.batch_size),
        }
        y = x.pop("query_labels")
        if unlabelled:
            x["unlabelled"] = self._pixels(unlabelled[0], rng)
        return x, y

    def labels(self, n):
        """The labels of n episodes, which are the same in each: "support_labels" (n, S, N) and "query_labels" (n, Q, N), one-hot."""
        one_hot = np.eye(self.way, dtype="float32")
        numbers = {"support_labels": self.shot, "query_labels": self.query}
        return {
            name: np.tile(one_hot.repeat(number, axis=0), (n, 1, 1))
            for name, number in numbers.items()
        }

    def indices(self, i, epoch=None):
        """The images of item i, in the current epoch or another: int indices into `images`.

        Returns:
            support (B, S), query (B, Q) and, where there are unlabelled images, these (B, (N + D) U).
        """
        if epoch is not None:
            check_integer("Episodes.indices", "epoch", epoch, 0)
        return self._draw(self._generator(i, epoch))

    def _draw(self, rng):
        images_of_each = self.shot + self.query + self.unlabelled
        images = np.empty((self.batch_size, self.way, images_of_each), int)
        others = []
        for episode in images:
            pool = self._pools[rng.integers(len(self._pools))]
            classes = rng.choice(pool, self.way, replace=False)
            episode[:] = self._draw_images(rng, classes, images_of_each)
            others.append(np.setdiff1d(pool, classes))
        support, query, unlabelled = (
            part.reshape(self.batch_size, -1)
            for part in np.split(images, [self.shot, self.shot + self.query], axis=2)
        )
        # What follows is drawn last, so that the same tasks can be drawn with and without it.
        if self.distractors:
            drawn = [rng.choice(classes, self.distractors, replace=False) for classes in others]
            distractors = [
                self._draw_images(rng, classes, self.unlabelled).ravel() for classes in drawn
            ]
            unlabelled = np.concatenate([unlabelled, distractors], axis=1)
        return (support, query, unlabelled) if self.unlabelled else (support, query)

    def _check_images(self):
        needed = self.shot + self.query + self.unlabelled
        short = np.flatnonzero(self._images_per_class < needed)
        if len(short):
            first = ", ".join(
                f"{self.data.class_names[c]!r} has {self._images_per_class[c]}" for c in short[:5]
            )
            raise ValueError(
                f"Episodes expected at least {needed} images of each class, for shot={self.shot}, query={self.query} and "
                f"unlabelled={self.unlabelled}. Received: {len(short)} of {self.data.num_classes} classes with fewer: "
                f"{first}{', ...' * (len(short) > 5)}. Lower these numbers, or leave the classes out with data.take(...)."
            )


class Pairs(_Draws):
    """Pairs of images, half of the same class and half from different classes, for verification (Koch et al. 2015, sec. 4.1).

    Item i is a function of (seed, epoch, i) alone. The two images of a pair are never the same image.

    Args:
        data: `datasets.ImageClasses` to draw from; classes with one image appear only in pairs from different classes.
        batch_size: pairs in a batch, B. Half of them are of the same class; of an odd number, half on average.
        steps: batches in an epoch.
        augment: as in `Episodes`.
        resample: False to give the same pairs in every epoch, for validation.
        seed: integer of at least 0.
        **kwargs: as in `Episodes`.
    Item:
        x: {"left": (B, H, W, C), "right": (B, H, W, C)}, float32 in 0..1.
        y: (B,), float32, 1 for the same class and 0 for different classes.
    Raises:
        ValueError: if the data have fewer than two classes, or no class has two images.
    """

    def __init__(self, data, *, batch_size, steps, augment=None, resample=True, seed=0, **kwargs):
        super().__init__(
            data,
            steps=steps,
            batch_size=batch_size,
            augment=augment,
            resample=resample,
            seed=seed,
            **kwargs,
        )
        self._classes_with_two = np.flatnonzero(self._images_per_class >= 2)
        self._classes_with_one = np.flatnonzero(self._images_per_class >= 1)
        if len(self._classes_with_one) < 2 or not len(self._classes_with_two):
            raise ValueError(
                "Pairs expected at least two classes, one of them with at least two images. Received: data of "
                f"{len(self._classes_with_one)} classes, of which {len(self._classes_with_two)} have two images or more."
            )

    def __getitem__(self, i):
        rng = self._generator(i)
        same = (
            np.arange(self.batch_size) < (self.batch_size + rng.integers(2)) // 2
        )  # half of an odd batch, on average
        pairs = np.empty((self.batch_size, 2), int)
        classes = rng.choice(self._classes_with_two, same.sum())
        pairs[same] = self._draw_images(rng, classes, 2)
        for k in np.flatnonzero(~same):
            classes = rng.choice(self._classes_with_one, 2, replace=False)
            pairs[k] = self._draw_images(rng, classes, 1)[:, 0]
        order = rng.permutation(self.batch_size)
        left, right = (self._pixels(pairs[order, side], rng) for side in (0, 1))
        return {"left": left, "right": right}, same[order].astype("float32")
