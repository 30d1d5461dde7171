"""TEACHING.md matches the chapters."""

import re
from pathlib import Path

import nbformat
import pytest

import fslkeras

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "TEACHING.md").read_text(encoding="utf-8")
SOLVED = sorted((ROOT / "notebooks" / "solved").glob("*.ipynb"))


def headings(cell):
    return (
        re.findall(r"^##+ (.+)$", cell.source, re.MULTILINE) if cell.cell_type == "markdown" else []
    )


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_each_training_has_its_question(number):
    section, names = None, re.findall(rf"^\| {number}, \*(.+?)\*", TEXT, re.MULTILINE)
    for cell in nbformat.read(SOLVED[number - 1], as_version=4).cells:
        for heading in headings(cell):
            if not heading.startswith("Exercise"):
                section = heading.removeprefix("Going further: ")
        if (
            cell.cell_type == "code"
            and ".fit(fslkeras.Episodes" in cell.source
            or ".fit(training" in cell.source
        ):
            # TEACHING.md may shorten a heading to its beginning.
            assert section.startswith(tuple(names)), section


def test_it_takes_a_quarter_of_an_hour_to_read_and_its_links_work():
    assert len(TEXT.split()) < 2500
    for address in re.findall(r"\]\(([^)#]+)", TEXT):
        assert (ROOT / address).exists(), address


def test_what_replaces_a_training_run_works():
    namespace = {"fslkeras": fslkeras}
    for chapter in re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1].split("# chapter ")[1:]:
        exec("# chapter " + chapter, namespace)
        model = namespace["episodes" if chapter.startswith("1") else "model"]
        x, y = fslkeras.Episodes(
            fslkeras.datasets.load("glyphs", "test"), way=5, shot=1, query=3, steps=1
        )[0]
        assert model(x).shape == y.shape
