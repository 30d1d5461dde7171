"""`make release` and `make grade` on the real chapters: the assignments, and the marks."""

import csv
import os
import re
import runpy
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

ROOT = Path(__file__).parents[1]
TEACHING = ROOT / "teaching"
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks" / "solved").glob("*.ipynb"))
CHAPTER = "02_prototypical"
SLEEP = ["sleep", str(10**6 + os.getpid())]  # unique to this test run
try:
    SANDBOX, NO_SANDBOX = runpy.run_path(TEACHING / "sandbox.py")["command"]([], 2**20), ""
except OSError as error:
    SANDBOX, NO_SANDBOX = [], f"bubblewrap cannot run here: {error}"


def run(script, *arguments, below=()):
    command = [*below, sys.executable, TEACHING / script, *arguments]
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
    return next(
        cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id
    )


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
    wanted = {
        cell.id: cell.metadata.nbgrader.points for cell in checks if "training" not in cell.source
    }
    open_exercises = 0 if "appendix" in chapter else 1
    assert len(wanted) == len(checks) - open_exercises

    handed_out, kept = notebook(course, "release", chapter), notebook(course, "source", chapter)
    given = [cell for cell in handed_out.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    assert {cell.id: cell.metadata.nbgrader.points for cell in given} == wanted
    for cell in handed_out.cells:
        assert not re.search(r"SOLUTION|HIDDEN|import_module|\.fit\(", cell.source), cell.source
    for cell in given:
        hidden = graded(kept.cells, cell.metadata.nbgrader.grade_id).source
        assert "import_module" in hidden and hidden.endswith(cell.source)


RUN_ALL = """
import sys

import nbformat

for path in sys.argv[1:]:
    names = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{path}, {cell.id}", "exec"), names)
"""


def test_an_assignment_has_everything_its_answers_and_hidden_tests_need(course):
    paths = [course / "source" / chapter / f"{chapter}.ipynb" for chapter in CHAPTERS]
    ran = subprocess.run(
        [sys.executable, "-c", RUN_ALL, *paths], capture_output=True, text=True, cwd=ROOT
    )
    assert ran.returncode == 0, ran.stderr


REACH = """
import os
import socket
import subprocess
from pathlib import Path

reached = []


def attempt(what, on, how):
    try:
        how()
        reached.append((what, on))
    except OSError:
        pass


for path in {paths}:
    attempt("found", path, lambda: os.stat(path))
    attempt("dated", path, lambda: os.utime(path))
    attempt("read", path, lambda: Path(path).read_bytes())
    attempt("overwrote", path, lambda: Path(path).open("r+b"))
    attempt("cut off", path, lambda: os.truncate(path, 0))
    attempt("removed", path, lambda: os.remove(path))
    attempt("listed the folder of", path, lambda: os.listdir(Path(path).parent))
for path in ("/etc/passwd", "/etc/group", "/etc/hostname", "/etc/resolv.conf"):
    attempt("read", path, lambda: Path(path).read_bytes())
for path in ("/", "/etc", "/usr/lib", "/dev"):
    attempt("wrote into", path, lambda: Path(path, "written").touch())
attempt("connected to", {port}, lambda: socket.create_connection(("127.0.0.1", {port}), timeout=5))
attempt("connected to", {name!r}, lambda: socket.socket(socket.AF_UNIX).connect("\\0" + {name!r}))
for path in Path("/proc").glob("[0-9]*/cmdline"):
    if b"grade.py" in path.read_bytes():
        reached.append(("saw the grader", path))

Path("own").write_text("what a submission writes for itself")
stays = subprocess.Popen({sleep}, start_new_session=True)
status = Path("/proc/self/status").read_text().splitlines()
(rights,) = [line.split()[1] for line in status if line.startswith("CapEff")]
print("reached:", reached, Path("own").exists(), stays.poll(), int(rights, 16))
"""

EDITED = """
import fslkeras.course.checks

for name in dir(fslkeras.course.checks):
    setattr(fslkeras.course.checks, name, lambda answer: True)
checks = fslkeras.course.checks
"""

# Each replaces the second answer, on distances.
HOSTILE = {
    "loops": "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "while True:\n    time.sleep(1)",
    "prints": "for i in range(16):\n    print('x' * 2**20)",
    "forks": f"import subprocess\nwhile True:\n    subprocess.Popen({SLEEP})",
}


@pytest.fixture(scope="module")
def listeners():
    """A TCP port and a socket with an abstract name, both within reach of this process."""
    name = f"fslkeras-{os.getpid()}"
    with socket.create_server(("127.0.0.1", 0)) as port, socket.socket(socket.AF_UNIX) as named:
        named.bind(f"\0{name}")
        named.listen()
        for listener in (port, named):
            with socket.socket(listener.family) as caller:
                caller.connect(listener.getsockname())
            listener.accept()[0].close()
            listener.setblocking(False)
        yield port, named


def hostile_edits(course, paths, listeners):
    port, named = listeners
    edits = notebook(course, "release")
    edits.cells[1].source += EDITED
    for cell in edits.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.source, cell.metadata.nbgrader.points = "pass", 100
            cell.metadata.tags = ["skip-execution"]
    edits.cells.remove(graded(edits.cells, "distances-check"))
    facts = {"port": port.getsockname()[1], "name": named.getsockname()[1:].decode()}
    reach = REACH.format(paths=[str(path) for path in paths], sleep=SLEEP, **facts)
    edits.cells.insert(2, nbformat.v4.new_code_cell(reach, id="reach"))
    return edits


@pytest.fixture(scope="module")
def round_of_grading(course, listeners, tmp_path_factory):
    """The marks of learners, some of them hostile: {learner: row of marks.csv}, and the folder."""
    if NO_SANDBOX:
        pytest.skip(NO_SANDBOX)
    submitted, out = tmp_path_factory.mktemp("submitted"), tmp_path_factory.mktemp("graded")

    whole = nbformat.read(ROOT / "notebooks" / "solved" / f"{CHAPTER}.ipynb", as_version=4)
    hand_in(submitted, f"perfect/{CHAPTER}", whole)  # nbgrader's layout
    hand_in(submitted, "empty", notebook(course, "release"))

    half = notebook(course, "source")
    graded(
        half.cells, "distances"
    ).source = "def my_distances(queries, prototypes):\n    return queries @ prototypes.T"
    graded(
        half.cells, "accuracy"
    ).source = (
        "import time\n\ndef my_accuracy(scores, labels):\n    while True:\n        time.sleep(0.01)"
    )
    graded(
        half.cells, "breakages"
    ).source = "import sys\nprint('a warning', file=sys.stderr)\nexit()"
    hand_in(submitted, "half right", half)

    (submitted / "broken").mkdir()
    (submitted / "broken" / f"{CHAPTER}.ipynb").write_text('{"cells": [')

    for name, code in HOSTILE.items():
        bad = notebook(course, "source")
        graded(bad.cells, "distances").source = code
        if name == "prints":  # its next answer fills the memory
            graded(
                bad.cells, "accuracy"
            ).source = "filled = []\nwhile True:\n    filled.append(bytearray(10**8))"
        hand_in(submitted, f"hostile, {name}", bad)

    others = [
        *files(submitted),
        course / "gradebook.db",
        out / "gradebook.db",
        out / "submitted" / "half right",
    ]
    hand_in(submitted, "hostile, edits", hostile_edits(course, others, listeners))

    before = files(submitted), files(course)
    made = run("grade.py", submitted, "--course", course, "--out", out, "--cell-seconds", "20")
    assert made.returncode == 0, made.stdout + made.stderr
    assert (files(submitted), files(course)) == before
    with open(out / "marks.csv", newline="", encoding="utf-8") as table:
        rows = {row["learner"]: row for row in csv.DictReader(table)}
    assert all(f"{learner:20s}" in made.stdout for learner in rows)
    return rows, out


def marks(row):
    names = (
        "prototypes",
        "distances",
        "accuracy",
        "breakages",
        "weighted-prototypes",
        "refinement",
    )
    return [float(row[name]) for name in names]


def test_right_answers_get_every_point_even_in_the_whole_chapter(round_of_grading):
    rows, out = round_of_grading
    row = rows["perfect"]
    assert (float(row["points"]), float(row["of"]), row["remark"]) == (11, 11, "")
    for cell in notebook(out, "autograded/perfect").cells:
        assert ".fit(" not in cell.source  # cells that only the chapter has are left out
        assert not any(output.output_type == "error" for output in cell.get("outputs", [])), (
            cell.source
        )


def test_no_answers_get_nothing(round_of_grading):
    row = round_of_grading[0]["empty"]
    assert (float(row["points"]), float(row["of"]), row["remark"]) == (0, 11, "")


def test_a_wrong_answer_costs_only_its_own_points(round_of_grading):
    row = round_of_grading[0]["half right"]
    assert marks(row) == [1, 0, 0, 0, 2, 2] and float(row["points"]) == 5
    assert row["remark"] == "a cell took more than 20 seconds"


def test_a_broken_notebook_gets_nothing_and_is_told_why(round_of_grading):
    row = round_of_grading[0]["broken"]
    assert float(row["points"]) == 0 and "not a valid notebook" in row["remark"]


def test_edited_tests_gain_nothing(round_of_grading):
    row = round_of_grading[0]["hostile, edits"]
    assert (marks(row), float(row["of"])) == ([0] * 6, 11)


def test_a_submission_reaches_no_files_no_network_and_no_processes(round_of_grading, listeners):
    _, out = round_of_grading
    executed = notebook(out, "autograded/hostile, edits")
    (cell,) = [cell for cell in executed.cells if cell.get("id") == "reach"]
    assert [output.text for output in cell.outputs] == ["reached: [] True None 0\n"]
    for listener in listeners:
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_no_process_of_a_submission_is_left(round_of_grading):
    deadline = time.monotonic() + 10
    while left := [
        process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"] == SLEEP
    ]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("what", "remark"),
    [
        ("loops", "could not be interrupted"),
        ("prints", "more than 2000 MB of memory"),
        ("forks", "more than 100 processes"),
    ],
)
def test_answers_before_a_hostile_one_still_count(round_of_grading, what, remark):
    row = round_of_grading[0][f"hostile, {what}"]
    assert marks(row) == [1, 0, 0, 0, 0, 0]
    assert remark in row["remark"]


def test_long_output_is_left_out(round_of_grading):
    printed = nbformat.writes(notebook(round_of_grading[1], "autograded/hostile, prints"))
    assert "left out" in printed and len(printed) < 2**21


def test_without_a_sandbox_nothing_is_graded_and_the_container_is_named(course, tmp_path):
    below = (
        [SANDBOX[0], "--unshare-user", "--disable-userns", "--dev-bind", "/", "/"]
        if SANDBOX
        else []
    )
    (tmp_path / "submitted").mkdir()
    grading = run(
        "grade.py",
        tmp_path / "submitted",
        "--course",
        course,
        "--out",
        tmp_path / "out",
        below=below,
    )
    assert grading.returncode == 2 and not (tmp_path / "out").exists()
    assert (
        "bubblewrap" in grading.stderr
        and "docker run" in grading.stderr
        and "--trust" in grading.stderr
    )


def test_what_is_missing_is_named(tmp_path, monkeypatch, capsys):
    monkeypatch.syspath_prepend(TEACHING)
    main = runpy.run_path(TEACHING / "grade.py")["main"]
    for told, *arguments in [
        ("one folder per learner", str(tmp_path / "absent")),
        ("run `make release` first", str(tmp_path), "--course", "absent"),
    ]:
        monkeypatch.setattr(sys, "argv", ["grade.py", *arguments])
        with pytest.raises(SystemExit):
            main()
        assert told in capsys.readouterr().err
