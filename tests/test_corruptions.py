"""Corrupted images: each kind does what it says, and nothing else."""

import numpy as np
import pytest

from fslkeras.course import corruptions
from fslkeras.course.corruptions import KINDS, CorruptedEpisodes, corrupt
from fslkeras.datasets import ImageClasses

each_kind = pytest.mark.parametrize("kind", KINDS)
each_shape = pytest.mark.parametrize(
    "shape", [(28, 28, 1), (28, 28, 3), (20, 40, 1), (8, 8, 1), (33, 17, 2)]
)


def drawings(seed, *shape):
    return np.random.default_rng(seed).integers(1, 255, shape, dtype=np.uint8)  # no 0 and no 255


@each_kind
@each_shape
@pytest.mark.parametrize("n", [0, 1, 7])
def test_there_is_one_copy_of_each_image_of_the_same_shape_and_type(kind, shape, n):
    for kinds in (kind, KINDS):
        found = corrupt(drawings(0, n, *shape), kinds)
        assert found.shape == (n, *shape) and found.dtype == np.uint8


@each_kind
def test_the_images_themselves_stay_as_they_were_and_the_copies_share_nothing_with_them(kind):
    images = drawings(1, 6, 28, 28, 1)
    before = images.copy()
    found = corrupt(images, kind)
    found[:] = 7
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize("kinds", [3, None, (), ["noise", 3], ["blur"], [["noise"]], {"noise": 1}])
def test_an_invalid_kind_gets_the_list_of_kinds(kinds):
    with pytest.raises(
        ValueError, match="`kinds` of corrupt. Expected one or more of .*Received: kinds="
    ):
        corrupt(drawings(0, 2, 8, 8, 1), kinds)


@pytest.mark.parametrize("kinds", [*KINDS, KINDS])
def test_equal_images_and_seed_give_equal_copies_and_another_seed_others(kinds):
    images = drawings(2, 10, 28, 28, 1)
    found = corrupt(images, kinds, seed=3)
    np.testing.assert_array_equal(corrupt(images.copy(), kinds, seed=3), found)
    assert (corrupt(images, kinds, seed=4) != found).any()
    np.testing.assert_array_equal(corrupt(images, kinds), corrupt(images, kinds, seed=0))


def test_numpys_global_random_state_is_neither_used_nor_changed():
    images = drawings(3, 10, 28, 28, 1)
    found = []
    for seed in (0, 1):
        np.random.seed(seed)  # noqa: NPY002
        before = np.random.get_state()[1].copy()  # noqa: NPY002
        found.append(corrupt(images))
        np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002
    np.testing.assert_array_equal(*found)


def test_the_same_seed_corrupts_the_same_on_any_machine():
    """The copies with which the course's accuracies were measured. If they change, so do these."""
    images = np.full((6, 8, 8, 1), 200, np.uint8)
    found = corrupt(images, seed=5)
    assert found.sum(axis=(1, 2, 3), dtype=int).tolist() == [1800, 1800, 9900, 1800, 14175, 14175]
    first_covered, first_shrunk = (
        mask.reshape(len(mask), -1).argmax(axis=1).tolist()
        for mask in (found[4:] == 255, found[:4] == 200)
    )
    assert (first_covered, first_shrunk) == ([25, 11], [2, 8, 2, 12])


@each_shape
def test_noise_swaps_ink_and_paper_in_three_of_ten_pixels_in_all_channels(shape):
    images = drawings(4, 50, *shape)
    found = corrupt(images, "noise")
    flipped = found != images
    np.testing.assert_array_equal(found[flipped], 255 - images[flipped])
    assert (flipped == flipped[..., :1]).all()
    pixels = flipped[..., 0]
    assert abs(pixels.mean() - 0.3) < 5 * (0.3 * 0.7 / pixels.size) ** 0.5
    # Each position and each image about equally often.
    for axes, n in (((1, 2), pixels[0].size), (0, len(pixels))):
        assert np.abs(pixels.mean(axis=axes) - 0.3).max() < 5 * (0.3 * 0.7 / n) ** 0.5


@each_shape
def test_occlusion_covers_one_rectangle_of_five_eighths_with_ink_and_leaves_the_rest(shape):
    images = drawings(5, 200, *shape)
    found = corrupt(images, "occlusion")
    height, width = (round(5 / 8 * side) for side in shape[:2])
    places = set()
    for image, changed in zip(images, found, strict=True):
        covered = (changed == 255).all(axis=-1)
        rows, columns = np.flatnonzero(covered.any(axis=1)), np.flatnonzero(covered.any(axis=0))
        assert covered.sum() == height * width
        assert (
            (len(rows), len(columns))
            == (rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1)
            == (height, width)
        )
        np.testing.assert_array_equal(changed[~covered], image[~covered])
        places.add((rows[0], columns[0]))
    tops, lefts = (set(each) for each in zip(*places, strict=True))
    assert tops == set(range(shape[0] - height + 1)) and lefts == set(range(shape[1] - width + 1))


def test_occlusion_of_28_pixels_is_a_square_of_18():
    found = corrupt(np.zeros((3, 28, 28, 1), np.uint8), "occlusion")
    assert (found.sum(axis=(1, 2, 3), dtype=int) == 18 * 18 * 255).all()


def box(image):
    rows, columns = (np.flatnonzero((image > 0).any(axis=axes)) for axes in ((1, 2), (0, 2)))
    return rows[0], rows[-1] + 1, columns[0], columns[-1] + 1


@each_shape
def test_shrinking_leaves_the_drawing_within_three_eighths_somewhere(shape):
    images = np.full((200, *shape), 200, np.uint8)
    found = corrupt(images, "shrinking")
    height, width = (round(3 / 8 * side) for side in shape[:2])
    boxes = [box(image) for image in found]
    for (top, bottom, left, right), image in zip(boxes, found, strict=True):
        assert (bottom - top, right - left) == (height, width)
        assert (image[top:bottom, left:right] == 200).all()
    assert {each[0] for each in boxes} == set(range(shape[0] - height + 1))
    assert {each[2] for each in boxes} == set(range(shape[1] - width + 1))


def test_a_shrunk_drawing_of_28_pixels_fits_in_10_by_10_with_ink_in_proportion_to_the_area():
    images = drawings(6, 30, 28, 28, 1) * (
        np.random.default_rng(6).random((30, 28, 28, 1)) < 0.2
    ).astype(np.uint8)
    found = corrupt(images, "shrinking")
    for image, changed in zip(images, found, strict=True):
        top, bottom, left, right = box(changed)
        assert bottom - top <= 10 and right - left <= 10
        np.testing.assert_allclose(
            changed.sum(dtype=float) / image.sum(dtype=float), (10 / 28) ** 2, rtol=0.05
        )


def test_a_shrunk_pixel_is_the_mean_of_what_it_covers_and_the_drawing_is_not_rotated():
    images = drawings(7, 5, 16, 32, 3)  # to 6 x 12: each side of 8 old pixels becomes 3 new ones
    found = corrupt(images, "shrinking")
    fine = images.astype(float).repeat(3, axis=1).repeat(3, axis=2)
    expected = fine.reshape(5, 6, 8, 12, 8, 3).mean(axis=(2, 4))
    for drawing, changed in zip(expected, found, strict=True):
        top, bottom, left, right = box(changed)
        assert np.abs(changed[top:bottom, left:right] - drawing).max() <= 0.51


@pytest.mark.parametrize("kinds", [KINDS, KINDS[:2], KINDS[::-1], ["shrinking", "noise"]])
def test_each_image_gets_one_kind_and_kinds_are_about_equally_frequent(kinds):
    images = drawings(8, 900, 16, 16, 1)
    changed = corrupt(images, kinds)
    counts = {
        "noise": ((changed == images) | (changed == 255 - images)).all(axis=(1, 2, 3)),
        "occlusion": (changed == 255).sum(axis=(1, 2, 3)) == 100,
        "shrinking": (changed == 0).sum(axis=(1, 2, 3)) >= 16 * 16 - 36,
    }
    assert (sum(found.astype(int) for found in counts.values()) == 1).all()
    for kind in KINDS:
        n, share = counts[kind].sum(), 1 / len(kinds) if kind in kinds else 0
        assert abs(n - 900 * share) <= 5 * (900 * share * (1 - share)) ** 0.5


def test_one_kind_needs_no_list():
    images = drawings(9, 5, 16, 16, 1)
    for kind in KINDS:
        np.testing.assert_array_equal(corrupt(images, kind), corrupt(images, [kind]))
    assert corruptions.KINDS == ("noise", "occlusion", "shrinking")


@pytest.mark.parametrize("kinds", ["blur", ("noise", "blur"), (), ""])
def test_an_unknown_kind_or_none_gets_the_list_of_kinds(kinds):
    with pytest.raises(
        ValueError,
        match=r"one or more of \('noise', 'occlusion', 'shrinking'\). Received",
    ):
        corrupt(drawings(10, 2, 28, 28, 1), kinds)


@pytest.mark.parametrize(
    ("images", "received"),
    [
        (np.zeros((2, 28, 28, 1), "float32"), r"float32 and shape \(2, 28, 28, 1\)"),
        (np.zeros((2, 28, 28, 1), int), r"int64 and shape \(2, 28, 28, 1\)"),
        (np.zeros((28, 28, 1), np.uint8), r"uint8 and shape \(28, 28, 1\)"),  # one image
        (np.zeros((2, 28, 28), np.uint8), r"uint8 and shape \(2, 28, 28\)"),  # no channels
        (np.zeros((2, 28, 7, 1), np.uint8), r"uint8 and shape \(2, 28, 7, 1\)"),  # too small
    ],
)
def test_an_error_names_the_dtype_and_shape_of_unsuitable_images(images, received):
    with pytest.raises(
        ValueError,
        match=f"corrupt expected images of dtype uint8 .* Received: images of dtype {received}",
    ):
        corrupt(images)


@pytest.mark.parametrize("seed", [-1, 0.5, None, "0"])
def test_a_seed_that_is_not_an_integer_is_named(seed):
    with pytest.raises(
        ValueError, match=f"`seed` of corrupt. Expected an integer .*Received: seed={seed!r}"
    ):
        corrupt(drawings(11, 2, 28, 28, 1), seed=seed)


# --- Episodes with corrupted support images

DATA = ImageClasses(drawings(12, 600, 8, 8, 1), np.arange(30).repeat(20), range(30))


def corrupted_of(episodes, i=0):
    """Which support images of an item are corrupted copies: bool (B, S)."""
    return episodes.indices(i)[0] >= len(episodes.data.images)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.25, 0.5, 0.77, 1.0])
@pytest.mark.parametrize(("way", "shot"), [(5, 1), (5, 5), (7, 3)])
def test_the_fraction_of_the_support_images_is_corrupted_and_no_query_or_unlabelled_image(
    share, way, shot
):
    episodes = CorruptedEpisodes(
        DATA,
        way=way,
        shot=shot,
        query=2,
        steps=5,
        batch_size=4,
        unlabelled=2,
        distractors=2,
        corrupted=share,
    )
    for i in range(5):
        _, query, unlabelled = episodes.indices(i)
        assert (corrupted_of(episodes, i).sum(axis=1) == round(share * way * shot)).all()
        assert max(query.max(), unlabelled.max()) < len(episodes.data.images)


def test_a_larger_fraction_corrupts_more_images_and_keeps_those_already_corrupted():
    before = np.zeros((3, 20), bool)
    for share in (0.1, 0.3, 0.5, 0.75, 1.0):
        now = corrupted_of(
            CorruptedEpisodes(
                DATA, way=5, shot=4, query=1, steps=1, batch_size=3, seed=2, corrupted=share
            )
        )
        assert (now >= before).all() and now.sum() > before.sum()
        before = now


def test_support_images_are_corrupted_about_equally_often_and_episodes_differ():
    episodes = CorruptedEpisodes(DATA, way=5, shot=2, query=1, steps=500, corrupted=0.3)
    corrupted = np.concatenate([corrupted_of(episodes, i) for i in range(500)])
    assert np.abs(corrupted.mean(axis=0) - 0.3).max() < 5 * (0.3 * 0.7 / 500) ** 0.5
    assert len({each.tobytes() for each in corrupted}) > 100  # of 120 ways to choose 3 of 10


def test_corrupted_images_are_the_copies_of_corrupt_and_the_others_are_untouched():
    data = DATA
    before = data.images.copy()
    episodes = CorruptedEpisodes(
        data, way=5, shot=4, query=2, steps=1, batch_size=3, corrupted=0.5, unlabelled=1
    )
    copies, (x, _) = corrupt(data.images), episodes[0]
    support, query, unlabelled = episodes.indices(0)
    np.testing.assert_array_equal(episodes.images, np.concatenate([data.images, copies]))
    for e, s in np.ndindex(support.shape):
        p, corrupted = support[e, s] % len(data.images), support[e, s] >= len(data.images)
        expected = (copies if corrupted else data.images)[p]
        np.testing.assert_array_equal(x["support"][e, s], expected.astype("float32") / 255)
    np.testing.assert_array_equal(x["query"], data.images[query].astype("float32") / 255)
    np.testing.assert_array_equal(x["unlabelled"], data.images[unlabelled].astype("float32") / 255)
    np.testing.assert_array_equal(data.images, before)


@pytest.mark.parametrize("share", [-0.1, 1.01, 50, float("nan"), "0.5", None, True])
def test_a_fraction_outside_0_to_1_is_named(share):
    with pytest.raises(
        ValueError, match=rf"Expected a fraction in 0\.\.1. Received: corrupted={share!r}"
    ):
        CorruptedEpisodes(DATA, way=5, shot=1, query=1, steps=1, corrupted=share)
