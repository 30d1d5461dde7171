"""Sheets are printed, drawn on, badly photographed and read. Only the photographs are synthetic."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import sheet_photographs

import fslkeras
from fslkeras.course import handwriting
from fslkeras.course.invented import invented_characters
from fslkeras.course.sheets import layout as printed
from fslkeras.course.sheets import load_sheet, reading

SAMPLES = Path(__file__).parents[1] / "data" / "sheets"
LAYOUT = printed.Layout(characters=5, copies=4)
LAYOUTS = [LAYOUT, printed.Layout(10, 8), printed.Layout(3, 8), printed.Layout(8, 5)]
KINDS = list(sheet_photographs.DAMAGES)


def saved(folder, pixels, name="photo.jpg"):
    (folder / name).write_bytes(sheet_photographs.jpeg(pixels))
    return folder / name


@pytest.fixture(scope="module")
def drawn():
    return sheet_photographs.drawings(LAYOUT, number=0, empty=0.2)


@pytest.fixture(scope="module")
def neat(drawn):
    """A photograph in which nothing is wrong."""
    return sheet_photographs.photograph(
        LAYOUT, drawn, **(sheet_photographs.NEAT | {"megapixels": 1.5})
    )


@pytest.mark.parametrize("number", range(len(KINDS)), ids=KINDS)
def test_every_mark_is_found_and_no_box_mixed_up(tmp_path, number):
    layout = LAYOUTS[number % len(LAYOUTS)]
    drawings = sheet_photographs.drawings(layout, number, empty=0.1)
    damage = sheet_photographs.damage(KINDS[number], number)
    photo = saved(tmp_path, sheet_photographs.photograph(layout, drawings, seed=number, **damage))
    of_marks, marks = reading.find_marks(reading.open_photo(photo))
    assert of_marks == layout and sorted(marks) == [0, 1, 2, 3]
    read, images, places = reading.read(photo)
    assert read == layout
    assert [tuple(place) for place in places] == list(drawings)  # all of them, and no empty box
    correct = sheet_photographs.correct_boxes(layout, drawings, images, places)
    assert correct == (len(drawings), len(drawings))


def test_the_four_quarter_turns_give_the_same_drawings(tmp_path, neat):
    first, *others = (reading.read(saved(tmp_path, np.rot90(neat, turns)))[1] for turns in range(4))
    for images in others:
        assert (images != first).mean() < 0.01  # JPEG and rounding


def test_drawings_look_like_the_glyphs(tmp_path, neat, drawn):
    """Black and white, centered, with about as much ink as the letters they were drawn after."""
    images = load_sheet(saved(tmp_path, neat)).images
    assert set(np.unique(images)) == {0, 255}
    sides = []
    for image in images[..., 0]:
        y, x = np.nonzero(image)
        assert abs(y.min() + y.max() - 27) <= 2 and abs(x.min() + x.max() - 27) <= 2
        sides.append(max(np.ptp(y), np.ptp(x)) + 1)
    assert 17 <= min(sides) and max(sides) <= 21
    glyphs = fslkeras.datasets.load("glyphs", split="test")
    own = glyphs.take([alphabet == glyphs.alphabets[0] for alphabet in glyphs.alphabets])
    assert (images > 0).mean() == pytest.approx((own.images > 0).mean(), rel=0.25)


def test_a_thin_and_a_thick_pen_give_nearly_the_same_drawing(tmp_path):
    drawer = handwriting.Drawer(handwriting.random_state("hand"))
    character = invented_characters(1, handwriting.random_state("alphabet"))[0]
    drawings = {}
    for column, pen in enumerate((2.0, 3.0, 5.0, 7.0)):  # in a box of 33.5 mm: 0.6 to 2.1 mm
        drawer.pen = pen
        ink = handwriting.draw(character, drawer, handwriting.random_state("drawing"))
        drawings[0, column] = ink / 255
    layout = printed.Layout(1, 4)
    images = reading.read(
        saved(tmp_path, sheet_photographs.photograph(layout, drawings, **sheet_photographs.NEAT))
    )[1]
    ink = (images > 0).mean(axis=(1, 2))
    assert ink.max() < 1.35 * ink.min()


def test_several_sheets_become_one_dataset():
    photos = [SAMPLES / "letters.jpg", SAMPLES / "invented.jpg"]
    alone = [load_sheet(photo) for photo in photos]
    both = load_sheet(photos)
    assert both.num_classes == 10 and both.alphabets == ("letters",) * 5 + ("invented",) * 5
    assert both.class_names[5] == "invented, character 1"
    np.testing.assert_array_equal(both.images, np.concatenate([data.images for data in alone]))
    np.testing.assert_array_equal(
        both.labels, np.concatenate([alone[0].labels, alone[1].labels + 5])
    )
    x, _ = fslkeras.Episodes(both, way=5, shot=1, query=1, steps=1, within_alphabet=True)[0]
    assert x["support"].shape == (1, 5, 28, 28, 1)

    one = load_sheet(photos, alphabets=["Anna's", "Anna's"], size=56)
    assert set(one.alphabets) == {"Anna's"} and one.images.shape[1:] == (56, 56, 1)
    assert one.class_names[5] == "Anna's, character 6"
    with pytest.raises(ValueError, match="2 photographs and 1 names"):
        load_sheet(photos, alphabets="Anna's")


def test_a_row_without_a_drawing_is_not_a_class(tmp_path, drawn):
    some = {place: drawing for place, drawing in drawn.items() if place[0] in (1, 4)}
    pixels = sheet_photographs.photograph(
        LAYOUT, some, **(sheet_photographs.NEAT | {"megapixels": 1.0})
    )
    data = load_sheet(saved(tmp_path, pixels, "Ben.jpg"))
    assert data.class_names == ("Ben, character 2", "Ben, character 5")
    assert len(data.images) == len(some)


def test_photographs_with_one_name_in_two_folders_are_two_alphabets(tmp_path, neat):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    data = load_sheet([saved(tmp_path / folder, neat) for folder in ("a", "b")])
    assert len(set(data.alphabets)) == 2


def blurred(neat, drawn, sigma):
    return sheet_photographs.photograph(
        LAYOUT, drawn, **(sheet_photographs.NEAT | {"megapixels": 1.5, "blur": sigma})
    )


def lit_paper():
    """Unprinted paper that fills the picture, brighter on one side."""
    light = np.random.default_rng(0).normal(np.linspace(140, 220, 900)[:, None], 2, (1200, 900, 3))
    return light.clip(0, 255).astype("uint8")


UNREADABLE = {
    "no sheet": (
        lambda neat, drawn: np.random.default_rng(0).integers(0, 255, (900, 700, 3), "uint8"),
        "no corner mark",
    ),
    "a corner cut off": (
        lambda neat, drawn: neat[: int(0.85 * len(neat))],
        "missing: bottom right and bottom left",
    ),
    "rotated and cut off": (
        lambda neat, drawn: np.rot90(neat[:, int(0.2 * len(neat[0])) :]),
        "missing: top left and bottom left",
    ),
    "mirrored": (lambda neat, drawn: neat[:, ::-1], "not mirrored"),
    "tiny": (lambda neat, drawn: neat[::5, ::5], "too small.*full size"),
    "far away": (
        lambda neat, drawn: np.pad(neat[::3, ::3], [(300, 300), (300, 300), (0, 0)]),
        "Go closer",
    ),
    "blurred": (lambda neat, drawn: blurred(neat, drawn, 1.0), "too blurred"),
    "very blurred": (lambda neat, drawn: blurred(neat, drawn, 3.0), "too blurred.*Hold still"),
    "two sheets": (lambda neat, drawn: np.hstack([neat, neat]), "more than one sheet"),
    "blank paper": (lambda neat, drawn: lit_paper(), "no drawing and no corner mark"),
    "no drawings": (
        lambda neat, drawn: sheet_photographs.photograph(LAYOUT, {}, creases=3),
        "no drawing",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_a_photograph_that_cannot_be_read_says_why(tmp_path, neat, drawn, case):
    damaged, reason = UNREADABLE[case]
    photo = saved(tmp_path, np.ascontiguousarray(damaged(neat, drawn)))
    with pytest.raises(ValueError, match=reason) as told:
        load_sheet(photo)
    assert str(photo) in str(told.value)


def test_files_that_are_not_photographs_say_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no such file"):
        load_sheet(tmp_path / "nobody.jpg")
    with pytest.raises(ValueError, match=r"this is a folder.*glob"):
        load_sheet(tmp_path)
    (tmp_path / "text.jpg").write_text("no picture")
    with pytest.raises(ValueError, match="JPEG or PNG"):
        load_sheet(tmp_path / "text.jpg")


def test_all_bad_photographs_are_listed_at_once(tmp_path):
    photos = [SAMPLES / "letters.jpg", SAMPLES / "blurred.jpg", tmp_path / "nobody.jpg"]
    with pytest.raises(ValueError, match="2 of 3 photographs") as told:
        load_sheet(photos)
    for reason in ("too blurred", "nobody.jpg: there is no such file"):
        assert reason in str(told.value)


@pytest.mark.parametrize("characters, copies", [(1, 1), (5, 4), (10, 8)])
def test_every_layout_has_marks_of_its_own(characters, copies):
    layout = printed.Layout(characters, copies)
    for corner in range(4):
        assert printed.Layout.of_mark(layout.mark_number(corner)) == (layout, corner)
    assert layout.box >= 19
    last = layout.place(characters - 1, copies - 1)
    marks = printed.EDGE + printed.MARK
    assert layout.place(0, 0)[1] > marks and last[1] + layout.box < printed.HEIGHT - marks
    assert last[0] + layout.box < printed.WIDTH


def test_without_opencv_the_package_works_and_a_sheet_says_what_to_install():
    code = (
        "import sys; sys.modules['cv2'] = None; from fslkeras.course.sheets import load_sheet; "
        "load_sheet('photo.jpg')"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1].startswith("ImportError")
    assert "pip install opencv-python-headless" in told.stderr
