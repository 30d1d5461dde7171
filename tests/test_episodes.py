"""Episodes and pairs: what is drawn, and that every machine draws the same."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

from fslkeras import Episodes, Pairs
from fslkeras.course.augmentation import distort
from fslkeras.course.corruptions import CorruptedEpisodes
from fslkeras.datasets import ImageClasses


def images(sizes, alphabets=None, side=4):
    """Classes of the given sizes. The first two pixels of image p encode p."""
    n = sum(sizes)
    pixels = np.random.default_rng(0).integers(0, 256, (n, side, side, 1), dtype=np.uint8)
    pixels[:, 0, 0, 0], pixels[:, 0, 1, 0] = np.arange(n) // 256, np.arange(n) % 256
    order = np.random.default_rng(1).permutation(n)  # the images of a class need not be contiguous
    labels = np.arange(len(sizes)).repeat(sizes)
    return ImageClasses(pixels, labels[order], [f"class {c}" for c in range(len(sizes))], alphabets)


def shown(pixels, data):
    """The indices into data.images of float images (..., H, W, 1)."""
    values = np.round(pixels * 255).astype(int)
    numbers = values[..., 0, 0, 0] * 256 + values[..., 0, 1, 0]
    all_numbers = data.images[:, 0, 0, 0].astype(int) * 256 + data.images[:, 0, 1, 0]
    return np.argsort(all_numbers)[numbers]


DATA = images([20] * 30)


def test_an_item_is_images_and_one_hot_labels_of_the_promised_shapes():
    x, y = Episodes(DATA, way=5, shot=2, query=3, steps=4, batch_size=6)[0]
    assert {name: array.shape for name, array in x.items()} == {
        "support": (6, 10, 4, 4, 1),
        "support_labels": (6, 10, 5),
        "query": (6, 15, 4, 4, 1),
    }
    assert y.shape == (6, 15, 5)
    for array in (*x.values(), y):
        assert array.dtype == np.float32
    for labels in (x["support_labels"], y):
        assert set(np.unique(labels)) == {0, 1} and (labels.sum(axis=-1) == 1).all()
    assert x["query"].min() == 0 and x["query"].max() == 1


def test_the_pixels_are_those_of_the_drawn_images_divided_by_255():
    episodes = Episodes(DATA, way=5, shot=2, query=3, steps=1)
    (x, _), (support, query) = episodes[0], episodes.indices(0)
    np.testing.assert_array_equal(x["support"], DATA.images[support].astype("float32") / 255)
    np.testing.assert_array_equal(x["query"], DATA.images[query].astype("float32") / 255)


def test_every_image_is_in_the_column_of_its_class():
    x, y = Episodes(DATA, way=7, shot=2, query=3, steps=1, batch_size=20)[0]
    support, query = (DATA.labels[shown(x[part], DATA)] for part in ("support", "query"))
    for episode in range(20):
        class_of_column = [
            support[episode][x["support_labels"][episode, :, column] == 1] for column in range(7)
        ]
        assert all(len(members) == 2 and len(set(members)) == 1 for members in class_of_column)
        for column in range(7):
            assert set(query[episode][y[episode, :, column] == 1]) == set(class_of_column[column])


def test_classes_of_an_episode_are_distinct_and_support_and_query_share_no_image():
    episodes = Episodes(DATA, way=20, shot=5, query=15, steps=50)
    for i in range(50):
        for support, query in zip(*episodes.indices(i), strict=True):
            assert len(set(DATA.labels[support])) == 20
            assert len(set(support) | set(query)) == 20 * (5 + 15)


def test_each_class_and_each_image_comes_up_about_equally_often():
    data = images([4] * 10)
    episodes = Episodes(data, way=5, shot=1, query=1, steps=2000)
    support, query = zip(*(episodes.indices(i) for i in range(2000)), strict=True)
    for drawn in (support, query):
        counts = np.bincount(np.concatenate(drawn).ravel(), minlength=40)
        assert counts.sum() == 10_000
        assert np.abs(counts - 250).max() < 5 * 250**0.5  # five standard deviations


def test_classes_of_unequal_size_give_all_of_their_images_and_no_others():
    data = images([3, 8, 2, 5])
    seen = {c: set() for c in range(4)}
    for i in range(300):
        for indices in Episodes(data, way=4, shot=1, query=1, steps=300).indices(i):
            for index in indices.ravel():
                seen[data.labels[index]].add(index)
    assert [len(seen[c]) for c in range(4)] == [3, 8, 2, 5]


def test_within_alphabet_all_classes_are_of_one_alphabet_and_small_alphabets_are_left_out():
    alphabets = ["A"] * 6 + ["B"] * 4 + ["C"] * 5
    data, seen = images([3] * 15, alphabets), set()
    for i in range(60):
        for indices in zip(
            *Episodes(data, way=5, shot=1, query=1, steps=60, within_alphabet=True).indices(i),
            strict=True,
        ):
            found = {alphabets[data.labels[p]] for p in np.concatenate(indices)}
            assert len(found) == 1
            seen |= found
    assert seen == {"A", "C"}
    anywhere = Episodes(data, way=5, shot=1, query=1, steps=60).indices(0)[0]
    assert len({alphabets[data.labels[p]] for p in anywhere.ravel()}) > 1


def same(one, other):
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def test_the_same_seed_gives_the_same_episodes_on_every_machine():
    """The indices drawn for the course's measurements. If they change, so do all results."""
    support, query = Episodes(
        images([5] * 6), way=3, shot=1, query=2, steps=9, batch_size=2, seed=7
    ).indices(4, epoch=3)
    assert support.tolist() == [[14, 29, 7], [1, 21, 9]]
    assert query.tolist() == [[18, 3, 6, 24, 17, 26], [6, 29, 3, 4, 10, 13]]


@pytest.mark.parametrize("epoch", [-1, 0.5, True, "0"])
def test_an_epoch_that_is_not_an_integer_of_at_least_0_raises_an_error(epoch):
    with pytest.raises(
        ValueError, match="argument `epoch` of .* Expected an integer of at least 0"
    ):
        Episodes(DATA, way=2, shot=1, query=1, steps=1).indices(0, epoch=epoch)


def test_an_item_depends_only_on_seed_epoch_and_index():
    episodes = Episodes(DATA, way=5, shot=1, query=5, steps=10, seed=3)
    forwards = [episodes.indices(i) for i in range(10)]
    backwards = [episodes.indices(i) for i in reversed(range(10))][::-1]
    assert all(map(same, forwards, backwards))
    again = Episodes(
        DATA, way=5, shot=1, query=5, steps=100, seed=3
    )  # more steps do not change an item
    assert all(same(forwards[i], again.indices(i)) for i in range(10))
    distinct = {indices[0].tobytes() for indices in forwards}
    assert len(distinct) == 10
    assert not same(
        forwards[0], Episodes(DATA, way=5, shot=1, query=5, steps=10, seed=4).indices(0)
    )
    assert not same(forwards[0], episodes.indices(0, epoch=1))


def test_the_second_epoch_differs_unless_resample_is_false():
    training, validation = (
        Episodes(DATA, way=5, shot=1, query=1, steps=3),
        Episodes(DATA, way=5, shot=1, query=1, steps=3, resample=False),
    )
    first = training.indices(0), validation.indices(0)
    for episodes in (training, validation):
        episodes.on_epoch_end()
    assert (training.epoch, validation.epoch) == (1, 0)
    assert not same(first[0], training.indices(0))
    assert same(first[1], validation.indices(0))
    assert same(first[0], training.indices(0, epoch=0))


class Recorder(keras.Model):
    """Records what `fit` passes to it."""

    def __init__(self, example):
        super().__init__()
        self.seen, self.validated, self.noting = [], [], False
        self.scale = self.add_weight(shape=(), name="scale")
        self.compile("sgd", loss=lambda y_true, y_pred: keras.ops.mean(y_pred), run_eagerly=True)
        # Built here: on JAX and PyTorch with several workers, Keras would spend an item on building
        # it.
        self.train_on_batch(*example)
        self.noting = True

    def call(self, x, training=False):
        if self.noting:
            noted = self.seen if training else self.validated
            noted.append(tuple(keras.ops.convert_to_numpy(x[name]).tobytes() for name in sorted(x)))
        return self.scale * keras.ops.sum(x["query"], axis=(2, 3))


def content_of(item):
    """What a `Recorder` records of it."""
    return tuple(item[0][name].tobytes() for name in sorted(item[0]))


@pytest.mark.parametrize(("workers", "processes"), [(1, False), (2, False), (2, True)])
def test_fit_sees_each_item_of_each_epoch_once_and_the_same_validation_every_time(
    workers, processes
):
    options = {"workers": workers, "use_multiprocessing": processes}
    training = Episodes(DATA, way=5, shot=1, query=1, steps=8, **options)
    validation = Episodes(DATA, way=5, shot=1, query=1, steps=4, seed=1, resample=False, **options)
    model = Recorder(validation[0])
    model.fit(training, validation_data=validation, epochs=3, verbose=0)

    where = {}  # each item of the first five epochs
    reference = Episodes(DATA, way=5, shot=1, query=1, steps=8)
    for epoch in range(5):
        where |= {content_of(reference[i]): (epoch, i) for i in range(8)}
        reference.on_epoch_end()
    seen = [where[item] for item in model.seen]
    assert len(set(seen)) == len(seen) == 24
    for epoch in range(3):  # Keras also advances the epoch before the first
        assert sorted(seen[8 * epoch : 8 * epoch + 8]) == [(epoch + 1, i) for i in range(8)]
    expected = sorted(content_of(validation[i]) for i in range(4))
    assert [sorted(model.validated[i : i + 4]) for i in (0, 4, 8)] == [expected] * 3


def test_an_index_beyond_the_last_raises_an_index_error_so_loops_end():
    episodes = Episodes(DATA, way=5, shot=1, query=1, steps=3)
    assert len(episodes) == 3
    for i in (3, -1):
        with pytest.raises(IndexError, match=f"from 0 to 2. Received: {i}"):
            episodes[i]


@pytest.mark.parametrize("name", ["way", "shot", "query", "steps", "batch_size"])
@pytest.mark.parametrize("value", [0, -1, 1.0, True, "5", None])
def test_a_count_that_is_not_a_positive_integer_raises_an_error_that_names_it(name, value):
    with pytest.raises(
        ValueError,
        match=f"argument `{name}` of Episodes. Expected an integer .* Received: {name}={value!r}",
    ):
        Episodes(DATA, **{"way": 5, "shot": 1, "query": 1, "steps": 1, name: value})


@pytest.mark.parametrize("seed", [-1, 0.5, True])
def test_a_seed_that_is_not_an_integer_raises_an_error_that_names_it(seed):
    for make in (
        lambda: Episodes(DATA, way=5, shot=1, query=1, steps=1, seed=seed),
        lambda: Pairs(DATA, batch_size=4, steps=1, seed=seed),
    ):
        with pytest.raises(
            ValueError,
            match=f"`seed` of .* Expected an integer of at least 0. Received: seed={seed!r}",
        ):
            make()


def test_too_large_a_way_raises_an_error_with_the_number_of_classes():
    with pytest.raises(
        ValueError,
        match="expected at least 31 classes, for way=31 .* Received: at most 30. Lower way",
    ):
        Episodes(DATA, way=31, shot=1, query=1, steps=1)


def test_too_large_a_way_raises_an_error_with_the_size_of_the_largest_alphabet():
    data = images([3] * 15, ["A"] * 6 + ["B"] * 5 + ["C"] * 4)
    with pytest.raises(
        ValueError,
        match="at least 7 classes in one alphabet, .* Received: at most 6.* within_alphabet=False",
    ):
        Episodes(data, way=7, shot=1, query=1, steps=1, within_alphabet=True)


def test_too_few_images_raise_an_error_with_the_class_and_its_images():
    with pytest.raises(
        ValueError,
        match="expected at least 5 images .* Received: 1 of 3 classes with fewer: 'class 1' has 4",
    ):
        Episodes(images([9, 4, 5]), way=2, shot=2, query=3, steps=1)


def test_half_of_the_pairs_are_from_one_class_and_none_repeats_an_image():
    x, y = Pairs(DATA, batch_size=200, steps=1)[0]
    left, right = shown(x["left"], DATA), shown(x["right"], DATA)
    assert (
        x["left"].shape == x["right"].shape == (200, 4, 4, 1)
        and x["left"].dtype == y.dtype == np.float32
    )
    assert y.shape == (200,) and y.sum() == 100
    np.testing.assert_array_equal(DATA.labels[left] == DATA.labels[right], y == 1)
    assert (left != right).all()
    assert 20 < y[:100].sum() < 80  # mixed, not one half after the other


def test_an_odd_batch_is_half_same_class_on_average():
    y = np.array([Pairs(DATA, batch_size=1, steps=400)[i][1][0] for i in range(400)])
    assert abs(y.mean() - 0.5) < 0.125  # five standard deviations


def test_a_class_of_one_image_is_never_paired_with_itself():
    data = images([1, 1, 2])
    for i in range(50):
        x, y = Pairs(data, batch_size=4, steps=50)[i]
        left, right = shown(x["left"], data), shown(x["right"], data)
        assert (left != right).all() and (data.labels[left][y == 1] == 2).all()


def pixels(pairs, i=0):
    x, y = pairs[i]
    return x["left"], x["right"], y


def test_pairs_depend_only_on_seed_epoch_and_index():
    pairs = Pairs(DATA, batch_size=8, steps=4, augment=distort, seed=5)
    first = pixels(pairs)
    pixels(pairs, 3)
    assert same(first, pixels(pairs)) and same(
        first, pixels(Pairs(DATA, batch_size=8, steps=9, augment=distort, seed=5))
    )
    assert not same(first, pixels(pairs, 1)) and not same(
        first, pixels(Pairs(DATA, batch_size=8, steps=4, augment=distort, seed=6))
    )
    pairs.on_epoch_end()
    assert not same(first, pixels(pairs))
    fixed = Pairs(DATA, batch_size=8, steps=4, resample=False, augment=distort, seed=5)
    fixed.on_epoch_end()
    assert same(first, pixels(fixed))


def test_the_same_seed_gives_the_same_pairs_on_every_machine():
    data = images([5] * 6)
    x, y = Pairs(data, batch_size=4, steps=9, seed=7)[4]
    assert shown(x["left"], data).tolist() == [17, 27, 25, 15]
    assert shown(x["right"], data).tolist() == [0, 5, 10, 9]
    assert y.tolist() == [0.0, 1.0, 1.0, 0.0]


def test_distortion_moves_the_ink_a_little_and_keeps_shape_type_and_range():
    square = np.zeros((2, 105, 105, 3), "uint8")
    square[:, 40:65, 40:65] = 255
    data = ImageClasses(np.concatenate([square, square]), np.arange(2).repeat(2), ["one", "other"])
    plain, _, _ = pixels(Pairs(data, batch_size=64, steps=1))
    left, right, _ = pixels(Pairs(data, batch_size=64, steps=1, augment=distort))
    for side in (left, right):
        assert side.shape == plain.shape and side.dtype == np.float32
        assert side.min() >= 0 and side.max() <= 1
        np.testing.assert_allclose(side[..., 0], side[..., 2])  # the colors move together
    assert (left != plain).any(
        axis=(1, 2, 3)
    ).mean() > 0.9  # each distortion has a probability of 1/2
    assert (left != right).any(
        axis=(1, 2, 3)
    ).mean() > 0.9  # the two images of a pair are distorted independently
    rows, columns = (
        np.tensordot(left[..., 0], np.arange(105), (axis, 0)).sum(1) / left[..., 0].sum((1, 2))
        for axis in (1, 2)
    )
    for center in (rows, columns):
        assert np.abs(center - 52).max() < 2.5  # shifted by at most 2 pixels of 105
    area = left[..., 0].sum((1, 2)) / 25**2
    assert 0.5 < area.min() < 0.9 < 1.1 < area.max() < 1.6  # each axis scaled by 0.8 to 1.2


@pytest.mark.parametrize("name", ["batch_size", "steps"])
@pytest.mark.parametrize("value", [0, 2.5, False])
def test_a_count_of_pairs_that_is_not_a_positive_integer_raises_an_error_that_names_it(name, value):
    with pytest.raises(
        ValueError,
        match=f"argument `{name}` of Pairs. Expected an integer .* Received: {name}={value!r}",
    ):
        Pairs(DATA, **{"batch_size": 4, "steps": 1, name: value})


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ([5], "1 classes with images, of which 1 "),
        ([1, 1, 1], "3 classes with images, of which 0 "),
    ],
)
def test_pairs_need_two_classes_and_two_images_of_one(sizes, found):
    with pytest.raises(ValueError, match=f"Received: {found}"):
        Pairs(images(sizes), batch_size=4, steps=1)


# --- Augmentation, and invalid arguments


def noisy(images, rng):
    """An augmentation that draws its random numbers into the images."""
    return images + rng.random(images.shape, "float32")


def content(item):
    x, y = item
    return [*x.values(), y]


@pytest.mark.parametrize(
    "make",
    [
        lambda **options: Episodes(
            DATA, way=3, shot=1, query=2, augment=noisy, unlabelled=1, **options
        ),
        lambda **options: Pairs(DATA, batch_size=4, augment=noisy, **options),
    ],
)
def test_an_augmented_item_depends_only_on_seed_epoch_and_index(make):
    stream = make(steps=4, seed=1)
    forwards = [content(stream[i]) for i in range(4)]
    backwards = [content(stream[i]) for i in reversed(range(4))][::-1]
    again = [
        content(make(steps=9, seed=1)[i]) for i in range(4)
    ]  # more steps do not change an item
    for one, two, three in zip(forwards, backwards, again, strict=True):
        assert same(one, two) and same(one, three)
    assert not same(forwards[0], forwards[1]) and not same(
        forwards[0], content(make(steps=4, seed=2)[0])
    )
    stream.on_epoch_end()
    assert not same(forwards[0], content(stream[0]))
    fixed = make(steps=4, seed=1, resample=False)
    fixed.on_epoch_end()
    assert same(forwards[0], content(fixed[0]))


def test_augmentation_changes_the_pixels_and_neither_the_task_nor_the_data():
    before = DATA.images.copy()
    plain, augmented = (
        Episodes(DATA, way=3, shot=2, query=2, steps=2, augment=each) for each in (None, noisy)
    )
    assert same(plain.indices(1), augmented.indices(1))
    (x, y), (changed, labels) = plain[1], augmented[1]
    np.testing.assert_array_equal(labels, y)
    np.testing.assert_array_equal(changed["support_labels"], x["support_labels"])
    for name in ("support", "query"):
        assert changed[name].shape == x[name].shape and changed[name].dtype == np.float32
        difference = changed[name] - x[name]
        assert difference.min() > -1e-6 and 0.4 < difference.mean() < 0.6
    np.testing.assert_array_equal(DATA.images, before)


@pytest.mark.parametrize("changed", [lambda images, rng: images[:1], lambda images, rng: None])
def test_an_augmentation_that_returns_another_number_of_images_raises_an_error(changed):
    with pytest.raises(
        ValueError, match="Episodes expected `augment` to return images of the shape it gets"
    ):
        Episodes(DATA, way=3, shot=2, query=2, steps=2, augment=changed)[0]


@pytest.mark.parametrize("data", [DATA.images, None, "glyphs", [1, 2]])
def test_only_image_classes_can_be_drawn_from(data):
    kind = type(data).__name__
    for name, make in {
        "Episodes": lambda: Episodes(data, way=2, shot=1, query=1, steps=1),
        "Pairs": lambda: Pairs(data, batch_size=2, steps=1),
    }.items():
        message = (
            f"{name} expected `data` to be an ImageClasses, .*Received: an object of type {kind}"
        )
        with pytest.raises(ValueError, match=message):
            make()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("within_alphabet", "no"),
        ("within_alphabet", 1),
        ("resample", "no"),
        ("augment", "no"),
        ("augment", 3),
        ("workers", 0),
    ],
)
def test_an_option_of_the_wrong_type_raises_an_error_that_names_it(option, value):
    with pytest.raises(
        ValueError,
        match=f"argument `{option}` of Episodes. Expected .* Received: {option}={value!r}",
    ):
        Episodes(DATA, way=2, shot=1, query=1, steps=1, **{option: value})


@pytest.mark.parametrize("i", ["a", None, 1.0, True, slice(0, 1)])
def test_anything_but_an_integer_index_raises_a_type_error(i):
    for stream in (
        Episodes(DATA, way=2, shot=1, query=1, steps=2),
        Pairs(DATA, batch_size=2, steps=2),
    ):
        with pytest.raises(
            TypeError, match=f"Expected an integer index. Received: {re.escape(repr(i))}"
        ):
            stream[i]


def test_numpy_integers_are_treated_like_pythons():
    one, two = np.int64(1), np.int32(2)
    episodes = Episodes(
        DATA, way=two, shot=one, query=one, steps=two, seed=one, unlabelled=one, distractors=two
    )
    assert same(
        content(episodes[one]),
        content(
            Episodes(DATA, way=2, shot=1, query=1, steps=2, seed=1, unlabelled=1, distractors=2)[1]
        ),
    )


# --- Unlabeled images and distractors


def draw(data, **options):
    """Episodes, corrupted if a fraction is given."""
    return (CorruptedEpisodes if "corrupted" in options else Episodes)(data, **options)


def parts(episodes, i=0, epoch=None):
    """Indices of the support, query and unlabeled images in the first episode of an item."""
    return [indices[0] for indices in episodes.indices(i, epoch)]


@pytest.mark.parametrize(("unlabelled", "distractors"), [(1, 0), (4, 0), (3, 2), (1, 10)])
def test_unlabeled_images_come_class_by_class_and_those_of_the_distractors_last(
    unlabelled, distractors
):
    options = {"unlabelled": unlabelled, "distractors": distractors}
    episodes = Episodes(DATA, way=5, shot=2, query=3, steps=1, batch_size=6, **options)
    x, y = episodes[0]
    number = (5 + distractors) * unlabelled
    assert set(x) == {"support", "support_labels", "query", "unlabelled"}
    assert x["unlabelled"].shape == (6, number, 4, 4, 1) and x["unlabelled"].dtype == np.float32
    assert y.shape == (6, 15, 5)
    support, query, indices = episodes.indices(0)
    np.testing.assert_array_equal(shown(x["unlabelled"], DATA), indices)
    for e in range(6):
        classes = DATA.labels[indices[e]].reshape(5 + distractors, unlabelled)
        assert (classes == classes[:, :1]).all()
        np.testing.assert_array_equal(
            classes[:5, 0], DATA.labels[support[e][::2]]
        )  # in column order
        assert (
            len(set(classes[:, 0])) == 5 + distractors
        )  # distractors are distinct, and not among the columns


def test_no_image_appears_twice_in_an_episode():
    episodes = Episodes(
        images([9] * 12), way=6, shot=2, query=3, steps=50, unlabelled=4, distractors=6
    )
    for i in range(50):
        everything = np.concatenate(parts(episodes, i))
        assert len(set(everything)) == len(everything) == 6 * (2 + 3) + 12 * 4


def test_each_image_and_each_class_comes_up_about_equally_often_unlabeled_and_as_a_distractor():
    data = images([4] * 10)
    episodes = Episodes(data, way=5, shot=1, query=1, steps=2000, unlabelled=2, distractors=2)
    drawn = np.array([parts(episodes, i)[2] for i in range(2000)])
    for indices, n in ((drawn[:, :10], 20_000), (drawn[:, 10:], 8_000)):
        counts = np.bincount(indices.ravel(), minlength=40)
        assert counts.sum() == n
        assert np.abs(counts - n / 40).max() < 5 * (n / 40) ** 0.5  # five standard deviations


def test_within_alphabet_distractors_are_of_the_episodes_alphabet_and_small_ones_are_left_out():
    alphabets = ["A"] * 7 + ["B"] * 6 + ["C"] * 8
    data, seen = images([4] * 21, alphabets), set()
    options = {"within_alphabet": True, "unlabelled": 2}
    for i in range(60):
        everything = np.concatenate(
            parts(Episodes(data, way=5, shot=1, query=1, steps=60, distractors=2, **options), i)
        )
        found = {alphabets[data.labels[p]] for p in everything}
        assert len(found) == 1 and len(set(data.labels[everything])) == 7
        seen |= found
    assert seen == {"A", "C"}  # B, with 6 classes, has too few for 5 and the distractors


@pytest.mark.parametrize("batch_size", [1, 4])
@pytest.mark.parametrize(
    "options",
    [
        {"unlabelled": 3},
        {"unlabelled": 3, "distractors": 4},
        {"corrupted": 0.5},
        {"unlabelled": 1, "corrupted": 1.0},
    ],
)
def test_support_and_queries_are_those_drawn_without_unlabeled_images_distractors_and_corruption(
    options, batch_size
):
    data = images([20] * 30, side=8)
    plain, further = (
        draw(data, way=5, shot=2, query=3, steps=5, batch_size=batch_size, seed=8, **each)
        for each in ({}, options)
    )
    for i in range(5):
        for expected, found in zip(
            plain.indices(i, epoch=2), further.indices(i, epoch=2), strict=False
        ):
            np.testing.assert_array_equal(found % len(data.images), expected)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_the_same_unlabeled_images_are_drawn_with_and_without_distractors_and_corruption(
    batch_size,
):
    data = images([20] * 30, side=8)
    first, *others = (
        draw(data, way=5, shot=2, query=3, steps=3, batch_size=batch_size, unlabelled=3, **options)
        for options in (
            {},
            {"distractors": 5},
            {"corrupted": 0.5},
            {"distractors": 5, "corrupted": 0.5},
        )
    )
    for other in others:
        np.testing.assert_array_equal(other.indices(2)[2][:, :15], first.indices(2)[2])
    np.testing.assert_array_equal(others[0].indices(2)[2], others[2].indices(2)[2])


OPTIONS = {"unlabelled": 2, "distractors": 3, "corrupted": 0.5}


def test_the_same_seed_gives_the_same_unlabeled_images_and_corruption_on_every_machine():
    episodes = draw(
        images([5] * 6, side=8), way=3, shot=1, query=2, steps=9, batch_size=2, seed=7, **OPTIONS
    )
    support, query, unlabelled = episodes.indices(4, epoch=3)
    assert support.tolist() == [[44, 29, 37], [31, 51, 9]]  # from 30 on, they are corrupted
    assert query.tolist() == [[18, 3, 6, 24, 17, 26], [6, 29, 3, 4, 10, 13]]
    assert unlabelled.tolist() == [
        [4, 21, 15, 1, 23, 16, 12, 5, 9, 13, 28, 19],
        [24, 15, 18, 14, 0, 25, 28, 19, 27, 12, 16, 23],
    ]


def test_an_item_with_all_of_them_depends_only_on_seed_epoch_and_index():
    data = images([20] * 30, side=8)
    options = {"way": 5, "shot": 2, "query": 3, **OPTIONS}
    episodes = draw(data, **options, steps=6, seed=3)
    forwards = [episodes.indices(i) for i in range(6)]
    backwards = [episodes.indices(i) for i in reversed(range(6))][::-1]
    assert all(map(same, forwards, backwards))
    again = draw(data, **options, steps=60, seed=3)
    assert all(same(forwards[i], again.indices(i)) for i in range(6))
    for part in range(3):
        assert len({indices[part].tobytes() for indices in forwards}) == 6
        others = draw(data, **options, steps=6, seed=4).indices(0), episodes.indices(0, epoch=1)
        assert not any(np.array_equal(other[part], forwards[0][part]) for other in others)
    x, again = episodes[1][0], again[1][0]
    assert all(np.array_equal(x[name], again[name]) for name in x)


@pytest.mark.parametrize(("workers", "processes"), [(2, False), (2, True)])
def test_fit_sees_the_same_unlabeled_images_whichever_worker_draws_them(workers, processes):
    data = images([20] * 30, side=8)

    options = {"way": 5, "shot": 2, "query": 1, "steps": 6, **OPTIONS}
    model = Recorder(draw(data, **options)[0])
    model.fit(draw(data, workers=workers, use_multiprocessing=processes, **options), verbose=0)
    reference = draw(data, **options)
    reference.on_epoch_end()
    assert sorted(model.seen) == sorted(content_of(reference[i]) for i in range(6))


@pytest.mark.parametrize("name", ["unlabelled", "distractors"])
@pytest.mark.parametrize("value", [-1, 1.0, True, "5", None])
def test_a_count_that_is_not_an_integer_of_at_least_0_raises_an_error_that_names_it(name, value):
    with pytest.raises(
        ValueError,
        match=f"`{name}` of Episodes. .* integer of at least 0. Received: {name}={value!r}",
    ):
        Episodes(
            DATA, **{"way": 5, "shot": 1, "query": 1, "steps": 1, "unlabelled": 1, name: value}
        )


def test_distractors_without_unlabeled_images_raise_an_error_that_says_what_to_set():
    with pytest.raises(
        ValueError,
        match="unlabeled images for its distractor classes. Received: distractors=3, .* Set unl",
    ):
        Episodes(DATA, way=5, shot=1, query=1, steps=1, distractors=3)


def test_too_many_unlabeled_images_raise_an_error_with_the_class_that_has_too_few():
    expected = (
        "Episodes expected at least 9 images per class, for shot=2, query=3 and unlabelled=4. "
        "Received: 1 of 3 classes with fewer: 'class 1' has 8. Lower these numbers, or drop"
    )
    with pytest.raises(ValueError, match=expected):
        Episodes(images([9, 8, 10]), way=2, shot=2, query=3, steps=1, unlabelled=4)


def test_too_many_distractors_raise_an_error_with_the_number_of_classes():
    Episodes(DATA, way=20, shot=1, query=1, steps=1, unlabelled=1, distractors=10)
    expected = "at least 31 classes, for way=20 and distractors=11. Received: at most 30. Lower"
    with pytest.raises(ValueError, match=expected):
        Episodes(DATA, way=20, shot=1, query=1, steps=1, unlabelled=1, distractors=11)
    data = images([3] * 15, ["A"] * 6 + ["B"] * 5 + ["C"] * 4)
    expected = "in one alphabet, for way=5 and distractors=2. Received: at most 6. Lower way or"
    with pytest.raises(ValueError, match=expected):
        Episodes(
            data, way=5, shot=1, query=1, steps=1, within_alphabet=True, unlabelled=1, distractors=2
        )


# --- Several processes


@pytest.mark.parametrize("number", [1, 2, 4])
@pytest.mark.parametrize("augment", [None, noisy])
@pytest.mark.parametrize(
    "make",
    [
        lambda **options: Episodes(
            DATA, way=3, shot=2, query=2, unlabelled=1, distractors=2, batch_size=8, **options
        ),
        lambda **options: Pairs(DATA, batch_size=8, **options),
    ],
)
def test_the_parts_of_all_processes_are_the_batch_of_one(make, augment, number):
    options = {"steps": 3, "seed": 2, "augment": augment}
    whole = content(make(**options)[2])
    streams = [make(**options, shard=(process, number)) for process in range(number)]
    parts_of_each = [content(stream[2]) for stream in streams]
    assert all(len(array) == 8 // number for part in parts_of_each for array in part)
    assert same(map(np.concatenate, zip(*parts_of_each, strict=True)), whole)


def test_the_indices_of_a_process_are_those_of_its_images():
    options = {"way": 3, "shot": 2, "query": 2, "steps": 3, "batch_size": 4}
    episodes = Episodes(DATA, shard=(1, 2), **options)
    x, _ = episodes[1]
    assert same([shown(x[part], DATA) for part in ("support", "query")], episodes.indices(1))
    whole = Episodes(DATA, **options).indices(1)
    assert same([part[2:] for part in whole], episodes.indices(1))


@pytest.mark.parametrize("shard", [(2, 2), (-1, 2), (0, 0), (0.0, 1.0), (False, True), 1, None])
def test_a_shard_that_is_not_a_process_and_a_number_raises_an_error_that_names_it(shard):
    expected = re.escape(f"with 0 <= process < number. Received: shard={shard!r}.")
    with pytest.raises(ValueError, match=expected):
        Pairs(DATA, batch_size=4, steps=1, shard=shard)


def test_a_batch_that_the_processes_cannot_share_equally_raises_an_error_with_their_number():
    with pytest.raises(ValueError, match="multiple of 4, the number of processes .* batch_size=6"):
        Episodes(DATA, way=2, shot=1, query=1, steps=1, batch_size=6, shard=(0, 4))


def in_a_file(path, images):
    written = np.memmap(path, np.uint8, "w+", shape=images.shape)
    written[:] = images
    written.flush()
    return np.memmap(path, np.uint8, "r", shape=images.shape)


def test_images_in_a_file_are_drawn_as_those_in_memory(tmp_path):
    in_file = in_a_file(tmp_path / "images", DATA.images)
    data = ImageClasses(in_file, DATA.labels, DATA.class_names)
    options = {"way": 5, "shot": 2, "query": 3, "steps": 2}
    from_file, from_memory = (content(Episodes(each, **options)[1]) for each in (data, DATA))
    assert same(from_file, from_memory)


def of_files():
    """Megabytes of files that are in this process's memory."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"RssFile:\s+(\d+)", status)[1]) / 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's /proc")
def test_a_file_of_images_is_not_read_before_images_are_drawn(tmp_path):
    pixels = np.full((1000, 256, 256, 1), 9, "uint8")  # 66 MB
    images, before = in_a_file(tmp_path / "images", pixels), of_files()
    data = ImageClasses(images, np.arange(1000) // 10, [str(c) for c in range(100)])
    Episodes(data, way=5, shot=1, query=1, steps=100).indices(99)
    assert of_files() - before < 20
    assert images.max() == 9 and of_files() - before > 50  # reading it would have shown
