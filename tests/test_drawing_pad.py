"""The pad in the notebook, with what its browser side would send."""

import shutil
import subprocess
import sys

import numpy as np
import pytest

from fslkeras.course import DrawingPad, invented


def drawing(letter, place, ink=range(100, 120)):
    pixels = "".join("1" if i in ink else "0" for i in range(784))
    return {"letter": letter, "place": place, "strokes": [[[0.1, 0.1]]], "pixels": pixels}


def test_drawings_become_a_support_set_and_queries_in_the_order_of_letters():
    pad = DrawingPad(classes=2, shot=2, query=1)
    places = [(1, 2), (0, 0), (1, 0), (0, 1), (0, 2), (1, 1)]
    pad.drawings = [drawing(letter, place, [10 * letter + place]) for letter, place in places]
    assert pad.support.labels.tolist() == [0, 0, 1, 1]
    assert pad.query.labels.tolist() == [0, 1]
    assert pad.support.images.shape == (4, 28, 28, 1) and pad.support.images.dtype == np.uint8
    assert [image.argmax() for image in pad.support.images] == [0, 1, 10, 11]
    assert np.unique(pad.query.images).tolist() == [0, 255]
    assert pad.support.class_names == ("letter 1", "letter 2")
    assert len(pad.all_drawings.images) == 6


def test_a_letter_without_an_example_is_named():
    pad = DrawingPad(classes=4, shot=1)
    pad.drawings = [drawing(0, 0), drawing(2, 0), drawing(3, 1)]
    with pytest.raises(ValueError, match="none of letter 2, 4. Draw it"):
        pad.support  # noqa: B018
    assert pad.query.labels.tolist() == [3]


def test_without_drawings_an_invented_alphabet_takes_their_place_and_says_so_once(capsys):
    pad = DrawingPad(classes=3, shot=2, query=3, seed=4)
    mine = invented.invent(1, 3, 5, seed=4)
    np.testing.assert_array_equal(pad.all_drawings.images, mine.images)
    assert np.bincount(pad.support.labels).tolist() == [2, 2, 2]
    assert np.bincount(pad.query.labels).tolist() == [3, 3, 3]
    np.testing.assert_array_equal(pad.query.images[0], mine.images[2])
    assert capsys.readouterr().out.count("invented") == 1
    pad.drawings = [drawing(letter, 0) for letter in range(3)]
    assert len(pad.support.images) == 3  # once there are drawings, they count
    assert len(pad.query.images) == 0


@pytest.mark.parametrize("wrong", [{"classes": 1}, {"classes": 11}, {"shot": 0}, {"query": 6}])
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(ValueError, match=f"argument `{next(iter(wrong))}` of DrawingPad"):
        DrawingPad(**wrong)


@pytest.mark.skipif(not shutil.which("node"), reason="Node is not installed")
def test_its_javascript_is_one_module_with_no_name_twice():
    module = ["node", "--input-type=module", "--eval", DrawingPad._esm]
    assert subprocess.run(module, capture_output=True, text=True).stderr == ""
    assert DrawingPad._esm.count("export default") == 1


def test_a_page_without_a_kernel_gets_a_sentence():
    data, _ = DrawingPad(classes=7)._repr_mimebundle_()
    assert data["text/plain"].startswith("A pad to draw 7 letters on")


def test_importing_the_course_does_not_import_the_pad():
    code = "import sys, fslkeras.course; assert 'anywidget' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
