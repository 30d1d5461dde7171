"""The figures that move: what they hold, and the static figure that stands in for them."""

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from fslkeras.course import interactive

POINTS = np.array([[0.0, 0], [2, 0], [6, 1], [6, 3], [1, 6], [3, 6]])
LABELS = np.eye(3)[[0, 0, 1, 1, 2, 2]]
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(scope="module", autouse=True)
def ipython():
    return InteractiveShell.instance()


@pytest.mark.parametrize(
    ("make", "alt"),
    [
        (lambda: interactive.contrastive(margin=1.5), "to 0 at the margin, 1.5"),
        (
            lambda: interactive.prototypes(POINTS, LABELS, [[2.0, 1]]),
            "nearest to the prototype of class 1",
        ),
        (lambda: interactive.softmax([1, 0.5, 0], scale=10), "cosine 0.50 0.01"),
    ],
)
def test_a_figure_brings_its_static_picture_with_alternative_text(make, alt):
    data, _ = make()._repr_mimebundle_()
    assert WIDGET in data
    assert alt in data["text/plain"]
    assert '<img alt="' in data["text/html"] and "data:image/png" in data["text/html"]


def test_the_state_starts_with_the_arguments():
    assert interactive.contrastive(2, distance=0.5).margin == 2
    figure = interactive.prototypes(POINTS, LABELS, [[2.0, 1]])
    assert (figure.points, figure.classes) == (POINTS.tolist(), [0, 0, 1, 1, 2, 2])
    assert interactive.softmax([1, 0], scale=30).scale == 30
