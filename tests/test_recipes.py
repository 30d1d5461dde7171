"""The recipes run one after the other, as a reader would paste them, and do what they say."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

RECIPES = (Path(__file__).parents[1] / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", RECIPES, re.MULTILINE | re.DOTALL)

# What the recipes leave behind, and two requests to the service of one of them.
MEASURED = """
queries_of = letters.images[queries]
right = np.array(classifier.predict(queries_of)) == names[queries]
found = {
    "larger": len(larger.class_names), "smaller": len(smaller.class_names),
    "first class": list(uneven.labels).count(names[0]), "right": float(right.mean()),
    "nearest": nearest[:, 0].tolist(), "expected": classifier.predict(letters.images[:2]),
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
