"""The recipes run one after the other, as a reader would paste them, and do what they say."""

import asyncio
import json
import re
import urllib.request
from pathlib import Path

import numpy as np
import pytest

RECIPES = (Path(__file__).parents[1] / "docs" / "recipes.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", RECIPES, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """What all blocks leave behind, executed in an empty folder."""
    folder, names = tmp_path_factory.mktemp("recipes"), {}

    async def run():  # the server of one recipe needs an event loop
        for block in BLOCKS:
            exec(compile(block, "docs/recipes.md", "exec"), names)
        body = json.dumps({"images": (names["letters"].images[:2] / 255).tolist()}).encode()
        request = urllib.request.Request("http://127.0.0.1:8080/predict", body)
        bad = urllib.request.Request("http://127.0.0.1:8080/predict", b"{}")
        names["answer"] = await asyncio.to_thread(lambda: urllib.request.urlopen(request).read())
        with pytest.raises(urllib.error.HTTPError) as refused:
            await asyncio.to_thread(urllib.request.urlopen, bad)
        names["refused"] = refused.value.code
        names["server"].stop()

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        asyncio.run(run())
    return names


def test_classes_are_added_and_removed(ran):
    assert len(ran["larger"].class_names) == 7 and len(ran["smaller"].class_names) == 5
    assert ran["uneven"].labels.count(ran["names"][0]) == 1


def test_the_classifier_of_the_recipes_is_good(ran):
    queries = ran["letters"].images[ran["queries"]]
    right = np.array(ran["classifier"].predict(queries)) == ran["names"][ran["queries"]]
    assert right.mean() > 0.8


def test_the_service_answers_and_refuses(ran):
    expected = ran["classifier"].predict(ran["letters"].images[:2])
    assert json.loads(ran["answer"]) == {"classes": expected}
    assert ran["refused"] == 400


def test_search_finds_the_query_itself_first(ran):
    assert ran["nearest"][:, 0].tolist() == [0, 1, 2]
