"""The figures as widgets: a number or a point that the reader moves, and what follows from it.

The drawing is done in the browser, by the JavaScript files beside this one.
"""

from functools import partial
from pathlib import Path

import anywidget
import numpy as np
import scipy.special
import traitlets
from IPython.utils.capture import capture_output

from fslkeras.course import plotting

_HERE = Path(__file__).parent


def _script(name):
    return "\n".join((_HERE / f"{part}.js").read_text("utf-8") for part in ("drawing", name))


class Figure(anywidget.AnyWidget):
    """A widget that carries a static figure for whatever cannot show it."""

    def __init__(self, draw, **traits):
        super().__init__(**traits)
        with capture_output() as captured:
            draw()
        self._static = captured.outputs[0].data if captured.outputs else {}

    def _repr_mimebundle_(self, **options):
        data, metadata = super()._repr_mimebundle_(**options)
        return {**data, **self._static}, metadata


class Contrastive(Figure):
    """The contrastive loss of a pair. See `contrastive`."""

    _esm = _script("contrastive")
    margin = traitlets.Float(1.0).tag(sync=True)
    distance = traitlets.Float(0.8).tag(sync=True)


class Prototypes(Figure):
    """Support points, their means and the regions nearest to these. See `prototypes`."""

    _esm = _script("prototypes")
    points = traitlets.List().tag(sync=True)
    classes = traitlets.List().tag(sync=True)
    query = traitlets.List().tag(sync=True)


class Softmax(Figure):
    """A softmax of scaled cosines. See `softmax`."""

    _esm = _script("softmax")
    cosines = traitlets.List().tag(sync=True)
    scale = traitlets.Float(1.0).tag(sync=True)


def contrastive(margin=1.0, distance=0.8):
    """The contrastive loss over the distance of a pair, with sliders for the margin and a distance.

    Args:
        margin: where the margin starts, 0.2..3.
        distance: where the pair starts, 0..3.
    Returns:
        a widget; its `margin` and `distance` follow the sliders.
    """
    draw = partial(plotting.contrastive, margin)
    return Contrastive(draw, margin=float(margin), distance=float(distance))


def prototypes(points, labels, query):
    """Support points that can be dragged: their prototypes and the regions nearest to them follow.

    Args:
        points: (S, 2), the support points.
        labels: (S, N), one-hot, N up to 8.
        query: (1, 2), a query, which can be dragged, too.
    Returns:
        a widget; its `points` and `query` follow the hand.
    """
    points, labels, query = (np.asarray(value, "float64") for value in (points, labels, query))
    means = (labels.T @ points) / labels.sum(0)[:, None]
    distances = ((query[:, None] - means) ** 2).sum(-1)[0]
    alt = (
        f"{len(points)} points of {len(means)} classes in the plane, and the mean of each class. "
        f"The query is nearest to the prototype of class {distances.argmin() + 1}."
    )
    return Prototypes(
        partial(plotting.plane, points, labels, means, query, alt=alt),
        points=points.tolist(),
        classes=labels.argmax(-1).tolist(),
        query=query[0].tolist(),
    )


def softmax(cosines, scale=1.0):
    """The softmax of cosines times a scale, with a slider for the scale.

    Args:
        cosines: float (N,), N up to 8, one cosine per class, each in -1..1.
        scale: where the slider starts, 1..100.
    Returns:
        a widget; its `scale` follows the slider.
    """
    cosines = np.asarray(cosines, "float64")
    names = [f"cosine {value:.2f}" for value in cosines]
    shares = scipy.special.softmax(scale * cosines)
    return Softmax(
        partial(plotting.attention, shares, names, range(len(cosines))),
        cosines=cosines.tolist(),
        scale=float(scale),
    )
