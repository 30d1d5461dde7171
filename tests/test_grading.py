"""`make release` and `make grade`, on the chapters themselves: what is handed out, and what comes back marked."""

import csv
import re
import runpy
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
TEACHING = ROOT / "teaching"
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks" / "solved").glob("*.ipynb"))
CHAPTER = "02_prototypical"
CAN_CONFINE = runpy.run_path(TEACHING / "landlock.py")["version"]() >= 3


def run(script, *arguments):
    command = [sys.executable, TEACHING / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    folder = tmp_path_factory.mktemp("course")
    made = run("release.py", "--course", folder)
    assert made.returncode == 0, made.stderr
    return folder


def notebook(course, step, chapter=CHAPTER):
    return nbformat.read(course / step / chapter / f"{chapter}.ipynb", as_version=4)


def graded(cells, grade_id):
    return next(cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def hand_in(folder, learner, handed_in, chapter=CHAPTER):
    folder = folder / learner
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(handed_in, folder / f"{chapter}.ipynb")


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_an_assignment_has_the_exercises_but_no_answers_and_no_training(course, chapter):
    whole = nbformat.read(ROOT / "notebooks" / "solved" / f"{chapter}.ipynb", as_version=4)
    checks = [cell for cell in whole.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    wanted = {cell.id: cell.metadata.nbgrader.points for cell in checks if "training" not in cell.source}
    assert len(wanted) == len(checks) - 1  # each chapter ends with one open exercise

    handed_out, kept = notebook(course, "release", chapter), notebook(course, "source", chapter)
    given = [cell for cell in handed_out.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert {cell.id: cell.metadata.nbgrader.points for cell in given} == wanted
    for cell in handed_out.cells:
        assert not re.search(r"SOLUTION|HIDDEN|import_module|\.fit\(", cell.source), cell.source
    for cell in given:
        hidden = graded(kept.cells, cell.metadata.nbgrader.grade_id).source
        assert "import_module" in hidden and hidden.endswith(cell.source)


REACH = """
import os
from pathlib import Path

reached = []
for path in {paths}:
    for what, how in {{
        "read": lambda: Path(path).read_bytes(),
        "overwrote": lambda: Path(path).open("r+b"),
        "cut off": lambda: os.truncate(path, 0),
        "removed": lambda: os.remove(path),
        "listed the folder of": lambda: os.listdir(Path(path).parent),
    }}.items():
        try:
            how()
            reached.append((what, path))
        except OSError:
            pass
print("reached:", reached)
"""

EDITED = """
import fslkeras.course.checks

for name in dir(fslkeras.course.checks):
    setattr(fslkeras.course.checks, name, lambda answer: True)
checks = fslkeras.course.checks
"""


@pytest.fixture(scope="module")
def round_of_grading(course, tmp_path_factory):
    """The marks of a class in which some are hostile: {learner: row of marks.csv}, and the folder they went to."""
    submitted, out = tmp_path_factory.mktemp("submitted"), tmp_path_factory.mktemp("graded")

    for chapter in CHAPTERS:
        hand_in(submitted, f"perfect/{chapter}", notebook(course, "source", chapter), chapter)  # nbgrader's layout
    hand_in(submitted, "empty", notebook(course, "release"))
    hand_in(submitted, "whole chapter", nbformat.read(ROOT / "notebooks" / f"{CHAPTER}.ipynb", as_version=4))

    half = notebook(course, "source")
    graded(half.cells, "distances").source = "def my_distances(queries, prototypes):\n    return queries @ prototypes.T"
    graded(half.cells, "accuracy").source = "def my_accuracy(scores, labels):\n    while True:\n        pass"
    graded(half.cells, "breakages").source = "import sys\nprint('a warning', file=sys.stderr)\nexit()"
    hand_in(submitted, "half right", half)

    (submitted / "broken").mkdir()
    (submitted / "broken" / f"{CHAPTER}.ipynb").write_text('{"cells": [')

    edits = notebook(course, "release")
    edits.cells[1].source += EDITED
    for cell in edits.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source, cell.metadata.nbgrader.points = "pass", 100
            cell.metadata.tags = ["skip-execution"]
    edits.cells.remove(graded(edits.cells, "distances-check"))
    others = sorted(files(submitted)) + [
        course / "gradebook.db",
        out / "gradebook.db",
        out / "submitted" / "half right",
    ]
    edits.cells.insert(2, nbformat.v4.new_code_cell(REACH.format(paths=[str(path) for path in others]), id="reach"))
    hand_in(submitted, "hostile, edits", edits)

    hostile = {
        "loops": "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass",
        "prints": "for i in range(1024):\n    print('x' * 2**20)",
        "fills": "filled = []\nwhile True:\n    filled.append(bytearray(10**8))",
    }
    for name, code in hostile.items():
        bad = notebook(course, "source")
        graded(bad.cells, "distances").source = code
        hand_in(submitted, f"hostile, {name}", bad)

    before = files(submitted), files(course)
    options = ["--course", course, "--out", out, "--cell-seconds", "20", *([] if CAN_CONFINE else ["--trust"])]
    made = run("grade.py", submitted, *options)
    assert made.returncode == 0, made.stdout + made.stderr
    assert (files(submitted), files(course)) == before
    with open(out / "marks.csv", newline="", encoding="utf-8") as table:
        rows = {(row["learner"], row["assignment"]): row for row in csv.DictReader(table)}
    assert all(f"{learner:20s}" in made.stdout for learner, _ in rows)
    return rows, out


def marks(row):
    names = ("prototypes", "distances", "accuracy", "breakages", "weighted-prototypes", "refinement")
    return [float(row[name]) for name in names]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_right_answers_get_every_point_in_every_chapter(round_of_grading, chapter):
    rows, out = round_of_grading
    row = rows["perfect", chapter]
    assert row["points"] == row["of"] != "0" and row["remark"] == ""
    # An assignment holds all that its cells need.
    for cell in nbformat.read(out / "autograded" / "perfect" / chapter / f"{chapter}.ipynb", as_version=4).cells:
        assert not any(output.output_type == "error" for output in cell.get("outputs", [])), cell.source


@pytest.mark.parametrize("learner", ["empty", "whole chapter"])
def test_no_answers_get_nothing(round_of_grading, learner):
    row = round_of_grading[0][learner, CHAPTER]
    assert (float(row["points"]), float(row["of"]), row["remark"]) == (0, 11, "")


def test_wrong_answers_cost_their_own_points_alone(round_of_grading):
    row = round_of_grading[0]["half right", CHAPTER]
    assert marks(row) == [1, 0, 0, 0, 2, 2] and float(row["points"]) == 5
    assert row["remark"] == "a cell took more than 20 seconds"


def test_a_broken_notebook_gets_nothing_and_is_told_why(round_of_grading):
    row = round_of_grading[0]["broken", CHAPTER]
    assert float(row["points"]) == 0 and "no valid notebook" in row["remark"]


def test_edited_tests_gain_nothing(round_of_grading):
    row = round_of_grading[0]["hostile, edits", CHAPTER]
    assert (marks(row), float(row["of"])) == ([0] * 6, 11)


@pytest.mark.skipif(not CAN_CONFINE, reason="there is no Landlock here")
def test_a_submission_reaches_neither_the_gradebook_nor_those_of_others(round_of_grading):
    _, out = round_of_grading
    executed = nbformat.read(out / "autograded" / "hostile, edits" / CHAPTER / f"{CHAPTER}.ipynb", as_version=4)
    (cell,) = [cell for cell in executed.cells if cell.get("id") == "reach"]
    assert [output.text for output in cell.outputs] == ["reached: []\n"]


@pytest.mark.parametrize(
    ("what", "remark"),
    [
        ("loops", "could not be interrupted"),
        ("fills", "MB of memory"),
    ],
)
def test_what_came_before_the_end_of_a_hostile_one_counts(round_of_grading, what, remark):
    row = round_of_grading[0][f"hostile, {what}", CHAPTER]
    assert marks(row) == [1, 0, 0, 0, 0, 0]
    assert remark in row["remark"]


def test_a_gigabyte_of_output_is_left_out(round_of_grading):
    rows, out = round_of_grading
    row = rows["hostile, prints", CHAPTER]
    # How fast the machine prints decides whether memory or its own end stops it; in neither case is its answer right.
    assert marks(row)[:2] == [1, 0]
    assert (out / "autograded" / "hostile, prints" / CHAPTER / f"{CHAPTER}.ipynb").stat().st_size < 2**21


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["absent"], "one folder a learner"),
        ([".", "--course", "absent"], "run `make release` first"),
    ],
)
def test_what_is_missing_is_named(tmp_path, monkeypatch, arguments, told):
    monkeypatch.chdir(tmp_path)
    grading = run("grade.py", *arguments)
    assert grading.returncode == 2 and told in grading.stderr
