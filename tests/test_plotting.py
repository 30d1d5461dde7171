"""Every figure displays, with an alternative text that states its main numbers."""

import re
from pathlib import Path

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

import fslkeras
from fslkeras.course import plotting
from fslkeras.course.invented import invent


@pytest.fixture(scope="module")
def data():
    return invent(alphabets=1, characters=4, drawers=4)


def shown(draw, *arguments, **options):
    """The alternative text of the only figure that a function displays, in a real IPython."""
    InteractiveShell.instance()
    with capture_output() as captured:
        assert draw(*arguments, **options) is None
    (output,) = captured.outputs
    (alt,) = re.findall(
        r'<img alt="([^"]+)" [^>]*src="data:image/png;base64,[A-Za-z0-9+/=]{1000,}">',
        output.data["text/html"],
    )
    assert not captured.stdout and not captured.stderr
    return alt


def test_an_episode_says_how_many_queries_were_classified_correctly(data):
    x, y = fslkeras.Episodes(data, way=3, shot=1, query=2, steps=1)[0]
    assert "3-way 1-shot" in shown(plotting.episode, x, y)
    wrong_once = y.copy()
    wrong_once[0, 0] = np.roll(wrong_once[0, 0], 1)
    assert "5 of 6 queries are classified correctly" in shown(plotting.episode, x, y, wrong_once)


def test_an_episode_may_be_unbalanced(data):
    labels = np.eye(2)[[0, 0, 0, 1]][None]
    x = {
        "support": data.images[None, :4],
        "support_labels": labels,
        "query": data.images[None, 4:7],
    }
    assert "2-way 3-shot episode" in shown(plotting.episode, x, np.eye(2)[[1, 1, 0]][None])


def test_every_figure_of_the_notebooks_exists():
    notebooks = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
    used = {
        name
        for path in notebooks
        for name in re.findall(r"plotting\.(\w+)\(", path.read_text(encoding="utf-8"))
    }
    assert {"episode", "trial", "plane", "attention"} <= used <= set(plotting.__all__)


def test_the_pipeline_highlights_a_step_and_rejects_unknown_ones():
    assert "We are at step 3, compare." in shown(plotting.pipeline, "compare")
    with pytest.raises(
        ValueError,
        match="Expected one of {'encode', 'gather', 'compare', 'score'}. Received: step='train'",
    ):
        plotting.pipeline("train")


def test_curves_and_intervals_state_their_numbers():
    history = {"accuracy": [0.3, 0.8], "val_accuracy": [0.2, 0.7]}
    assert "from 20 to 70 %; chance is 5 %" in shown(plotting.curves, history, chance=0.05)
    assert "first 90.0 ± 1.0; second 80.0 ± 2.0" in shown(
        plotting.intervals, {"first": (0.9, 0.01), "second": (0.8, 0.02)}, "accuracy, %"
    )


def test_images_points_and_embeddings_have_an_alternative_text(data):
    assert "a, b" in shown(plotting.images, data.images[:2], ["a", "b"])
    assert (
        shown(plotting.images, data.images[:1], alt='a "hook" & a loop')
        == "a &quot;hook&quot; &amp; a loop"
    )
    points, labels = np.array([[0.0, 0], [2, 0], [6, 1]]), np.eye(2)[[0, 0, 1]]
    prototypes = np.array([[1.0, 0], [6, 1]])
    assert "3 support points of 2 classes" in shown(
        plotting.plane, points, labels, prototypes, np.array([[2.0, 1]])
    )
    sizes = {"precisions": np.ones((3, 2)), "class_precisions": np.array([[2.0, 2], [1, 4]])}
    assert "3 support points of 2 classes" in shown(
        plotting.plane, points, labels, prototypes, **sizes
    )
    moved = {
        "without": (points + 1, np.zeros(3, bool), prototypes + 1),
        "with": (points, points[:, 0] > 3, prototypes),
    }
    assert shown(plotting.refinement, points, labels, moved, "two panels") == "two panels"
    assert (
        shown(plotting.refinement, points, labels, {"with": moved["with"]}, "one panel")
        == "one panel"
    )
    embeddings = np.random.default_rng(0).normal(size=(16, 5))
    assert "4 characters" in shown(
        plotting.embedding_map, embeddings, data.labels, data.class_names
    )
    assert "2 misclassified queries" in shown(
        plotting.mistakes, data.images[:2], data.images[2:4], data.images[4:6], ["90 %", "80 %"]
    )
    others = shown(
        plotting.mistakes,
        *data.images[:6].reshape(3, 2, 28, 28, 1),
        rows=("module", "query", "distance"),
    )
    assert others == "2 columns of three images, from the top: module, query, distance."


def test_pairs_trials_and_searches_have_an_alternative_text(data):
    assert "2 pairs of images: same, different 7.5." in shown(
        plotting.pairs, data.images[:2], data.images[2:4], ["same", "different\n7.5"]
    )
    assert "12 numbered candidates" in shown(plotting.trial, data.images[0], data.images[:12])
    right = np.array([[True, False, True], [False, False, True]])
    found = data.images[:6].reshape(2, 3, *data.images.shape[1:])
    assert "3 of these 6 are of the query" in shown(plotting.search, data.images[:2], found, right)


def test_losses_distances_and_ways_state_their_numbers():
    assert "from 4 at distance 0 to 0 at the margin, 2" in shown(plotting.contrastive, margin=2.0)
    same, different = np.linspace(0, 1, 11), np.linspace(2, 4, 11)
    assert (
        "0.5 for pairs of the same class and 3 for pairs of different classes; the margin is 2."
        in shown(plotting.distances, same, different, margin=2.0)
    )
    assert "curve: 0.750" in shown(
        plotting.roc, [0, 0.5, 1], [0, 1, 1], area=0.75, chosen=(0.5, 1.0)
    )
    lines = {"network": [0.99, 0.9], "chance": [0.5, 0.05]}
    assert "for 2 to 20 classes to choose from. At 20: network 90 %; chance 5 %" in shown(
        plotting.by_way, [2, 20], lines, {"people": (20, 0.955)}
    )
    with_intervals = {"sum": [(0.96, 0.01), (0.36, 0.02)]}
    assert shown(plotting.by_way, [1, 5], with_intervals, xlabel="examples", ylabel="share, %") == (
        "Share for 1 to 5 examples. At 5: sum 36 %."
    )


def test_scores_and_attention_state_their_numbers():
    same = np.arange(6) < 3
    alt = shown(
        plotting.relation_scores,
        np.array([1.0, 2, 3, 3, 4, 5]),
        np.array([0.9, 0.8, 0.2, 0.3, 0.1, 0.0]),
        same,
    )
    assert "of the same class, score 0.80 and distance 2;" in alt
    assert alt.endswith("from different classes, score 0.10 and distance 4.")
    alt = shown(plotting.relation_module)
    assert "concatenated: 7x7x64. 3x3 convolution" in alt and "to 3x3x32, 1,806 million" in alt
    assert alt.endswith("Split in two, the first convolution takes 54 million.")
    alt = shown(plotting.attention, np.array([0.7, 0.3]), ["near", "far"], np.array([0, 1]))
    assert alt.endswith("to 2 support images: near 0.70; far 0.30.")


def test_photographs():
    images = np.zeros((3, 8, 8, 3), "uint8")
    alt = shown(
        plotting.predictions, images, ["cup", "crab", "cup"], ["cup", "cup", None], [0.9, 0.5, 0.3]
    )
    assert alt == "3 photographs with the predicted class above each; 1 are right."
    alt = shown(
        plotting.confusion, [[5, 1, 0], [0, 6, 0], [0, 3, 3]], ["cup", "crab", "grand_piano"]
    )
    assert "78 % are right. Most often, grand piano is mistaken for crab." in alt
    assert "100 % are right." in shown(plotting.confusion, np.eye(2, dtype=int), ["cup", "crab"])


def test_a_reliability_diagram_states_the_expected_calibration_error():
    bins = [None, [0.5, 0.4, 0.25], [0.9, 0.9, 0.75]]
    alt = shown(plotting.reliability, {"first": bins, "second": [[0.1, 0.6, 1.0]]})
    assert alt.endswith("Expected calibration error: first 2.5 %; second 50.0 %.")
