"""Invented alphabets."""

import time

import numpy as np
import pytest

from fslkeras.course.invented import invent


def test_invented_alphabets_have_the_requested_sizes():
    data = invent(alphabets=3, characters=4, drawers=5, seed=1)
    assert repr(data) == "ImageClasses: 60 images of 28x28x1, 12 classes of 5 images, 3 alphabets"
    assert [data.alphabets.count(name) for name in dict.fromkeys(data.alphabets)] == [4, 4, 4]
    assert set(np.unique(data.images)) == {0, 255}
    drawn = data.images.reshape(12, 5, -1)
    for character in drawn:  # no two drawers draw the same pixels
        assert len(np.unique(character, axis=0)) == 5
    assert 0.02 < (drawn > 0).mean(axis=-1).min() and (drawn > 0).mean() < 0.3


def test_a_drawing_is_nearest_to_the_mean_of_its_own_character():
    drawn = invent(alphabets=4, characters=5, drawers=12, seed=3).images.reshape(20, 12, -1) / 255
    means = drawn[:, 2:].mean(axis=1)  # of ten drawers; those of the other two are the queries
    distance = ((drawn[:, :2, None] - means) ** 2).sum(axis=-1)
    assert (distance.argmin(axis=-1) == np.arange(20)[:, None]).mean() > 0.3  # chance is 0.05


def test_the_same_seed_gives_the_same_pixels_and_another_seed_others():
    first = invent(alphabets=2, characters=3, drawers=2, seed=1)
    np.testing.assert_array_equal(
        invent(alphabets=2, characters=3, drawers=2, seed=1).images, first.images
    )
    assert (invent(alphabets=2, characters=3, drawers=2, seed=2).images != first.images).any()


def test_a_larger_dataset_contains_the_smaller_one_of_the_same_seed():
    small, large = invent(2, 3, 2, seed=1), invent(3, 5, 4, seed=1)
    large = large.images.reshape(3, 5, 4, 28, 28, 1)[:2, :3, :2]
    np.testing.assert_array_equal(large.reshape(small.images.shape), small.images)


def test_inventing_600_characters_of_20_drawers_takes_two_minutes_at_most_on_a_slow_machine():
    started = time.process_time()  # of this process only
    invent(alphabets=1, characters=10, drawers=20)  # about 0.3 s on an idle machine
    assert time.process_time() - started < 120 * 10 / 600


@pytest.mark.parametrize("name", ["alphabets", "characters", "drawers", "seed"])
@pytest.mark.parametrize("value", [-1, 1.5, True, "3"])
def test_an_argument_that_is_not_an_integer_in_range_is_named(name, value):
    with pytest.raises(
        ValueError,
        match=f"`{name}` of invent. Expected an integer from .* Received: {name}={value!r}",
    ):
        invent(**{name: value})
