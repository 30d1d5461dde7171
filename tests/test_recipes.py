"""The recipes run one after the other, as a reader would paste them, and do what they say."""

import importlib
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import fslkeras
from fslkeras.course.results import load_results

RECIPES = (Path(__file__).parents[1] / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", RECIPES, re.MULTILINE | re.DOTALL)

# What the recipes leave behind, and two requests to the service of one of them.
MEASURED = """
import pathlib
queries_of = letters.images[queries]
right = np.array(classifier.predict(queries_of)) == names[queries]
found = {
    "larger": len(larger.class_names), "smaller": len(smaller.class_names),
    "first class": list(uneven.labels).count(names[0]), "right": float(right.mean()),
    "nearest": nearest[:, 0].tolist(), "expected": classifier.predict(letters.images[:2]),
    "files": [str(file) for file in pathlib.Path().rglob("*") if file.is_file()],
}
from tornado.httpclient import AsyncHTTPClient
body = json.dumps({"images": (letters.images[:2] / 255).tolist()})
for name, sent in (("answer", body), ("refused", "{}")):
    response = await AsyncHTTPClient().fetch(
        "http://127.0.0.1:8080/predict", method="POST", body=sent, raise_error=False
    )
    found[name] = [response.code, json.loads(response.body)]
print("FOUND", json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What the blocks leave behind, run by a Python of their own in an empty folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    body = "\n".join([*BLOCKS, MEASURED]).replace("8080", port)
    folder = tmp_path_factory.mktemp("recipes")
    (folder / "recipes.py").write_text(body, encoding="utf-8")
    program = (
        "import ast, asyncio\n"
        "code = compile(open('recipes.py', encoding='utf-8').read(), 'recipes.py', 'exec',\n"
        "               flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)\n"
        "asyncio.run(eval(code, {'__name__': '__main__'}))\n"
    )
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.partition("FOUND ")[2])


def test_classes_are_added_and_removed(found):
    assert (found["larger"], found["smaller"], found["first class"]) == (7, 5, 1)


def test_the_classifier_of_the_recipes_is_good(found):
    assert found["right"] > 0.8


def test_the_service_answers_and_refuses(found):
    assert found["answer"] == [200, {"classes": found["expected"]}]
    assert found["refused"][0] == 400


def test_search_finds_the_query_itself_first(found):
    assert found["nearest"] == [0, 1, 2]


@pytest.mark.parametrize(
    "file",
    ["best.keras", "log.csv", "events.out", "saved_model.pb", "encoder.tflite", "encoder.onnx"],
)
def test_callbacks_and_exports_write_their_files(found, file):
    assert any(file in each for each in found["files"])


def test_a_pytorch_loader_returns_the_episodes_unchanged():
    data = pytest.importorskip("torch.utils.data")
    episodes = fslkeras.Episodes(
        fslkeras.datasets.load("glyphs", "test"), way=5, shot=1, query=1, steps=3, seed=4
    )
    for (x, y), i in zip(data.DataLoader(episodes, batch_size=None), range(3), strict=True):
        np.testing.assert_array_equal(x["query"], episodes[i][0]["query"])
        np.testing.assert_array_equal(y, episodes[i][1])


def test_the_table_of_searches_shows_the_results():
    for name, run in load_results("search")["runs"].items():
        cells = (run["recall@10"], run["ms per query"], run["seconds to build"])
        assert f"| {name} | {' | '.join(map(str, cells))} |" in RECIPES


def test_the_search_benchmark_finds_what_is_nearest():
    search = pytest.importorskip("search")  # needs faiss
    stored, queries = search.vectors(fslkeras.datasets.load("glyphs", "test").images, 500, 20)
    for make in search.INDEXES.values():
        assert search.measure(make, stored, queries)["recall@10"] > 0.95


@pytest.mark.parametrize("way", ["TensorFlow, without fit", "TensorFlow, 10 steps per execution"])
def test_a_step_is_timed_in_each_way(monkeypatch, way):
    backends = importlib.import_module("backends")
    monkeypatch.setattr(backends, "STEPS", 30)
    assert all(0 < ms < 1000 for ms in backends.step(way, filters=2).values())


def test_easyfsl_gets_the_images_and_labels_of_our_episodes():
    pytest.importorskip("easyfsl")
    comparison = importlib.import_module("easyfsl_comparison")
    drawn = comparison.episodes("test", way=3, shot=2, query=1, steps=2, seed=5)
    x, y = drawn[0]
    support, labels, query, query_labels, _ = next(iter(comparison.loader(drawn)))
    np.testing.assert_allclose(support.permute(0, 2, 3, 1), x["support"][0], atol=1e-6)
    np.testing.assert_allclose(query.permute(0, 2, 3, 1), x["query"][0], atol=1e-6)
    assert (
        len({*zip(labels.tolist(), x["support_labels"][0].argmax(-1).tolist(), strict=True)}) == 3
    )
