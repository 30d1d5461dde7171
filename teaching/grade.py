"""Grade the notebooks in a folder with nbgrader, print a table of marks and write it as CSV.

The folder holds one folder per learner: LEARNER/02_prototypical.ipynb, or nbgrader's layout,
LEARNER/02_prototypical/02_prototypical.ipynb. Each notebook's code runs in its own sandbox
(`sandbox.py`), which limits time, memory and output. Only code goes into the sandbox, and only its
outputs come out; nbgrader does everything else, including the gradebook, outside it.
"""

import argparse
import csv
import shutil
import sys
import time
import warnings
from pathlib import Path

import nbformat
import sandbox
from apart import ExecuteApart
from execute import FILE_SIZE, MEGABYTE, NOT_RUN
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute
from release import COURSE, ROOT, nbgrader_course

LARGEST_NOTEBOOK = 20 * MEGABYTE

NO_SANDBOX = """submissions are strangers' code, so they need the sandbox bubblewrap to run. \
Received: {}.
Install it (Debian, Ubuntu, Fedora: the package bubblewrap, 0.8 or later), and grade as a user who \
may create user namespaces. On macOS and Windows, or if the system forbids this, grade in a \
container: `docker run --network none ... --trust`. TEACHING.md has the full command under "In a \
container". For notebooks that you trust as your own: OPTIONS=--trust"""


def submissions(folder, assignments):
    """The notebooks in a folder.

    Args:
        folder: path of a folder with one folder per learner.
        assignments: names of the existing assignments.
    Returns:
        list of (learner, assignment, path). The path is None if no assignment has this name.
    """
    found = {}
    for learner in sorted(
        path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")
    ):
        for path in sorted([*learner.glob("[!.]*/*.ipynb"), *learner.glob("*.ipynb")]):
            found[learner.name, path.stem] = path if path.stem in assignments else None
    return [(*key, path) for key, path in found.items()]


def read(path, release):
    """Reads a submitted notebook.

    Args:
        path: path of the notebook.
        release: the notebook that was handed out.
    Returns:
        the notebook. If the learner submitted the whole chapter, without the cells only that has.
    Raises:
        ValueError: if it is not a notebook, with the reason.
    """
    if path.is_symlink() or not path.is_file():
        raise ValueError("it is a link, not a file")
    if path.stat().st_size > LARGEST_NOTEBOOK:
        raise ValueError(f"it is larger than {LARGEST_NOTEBOOK // MEGABYTE} MB")
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:80]
        raise ValueError(f"it is not a valid notebook: {reason}") from error
    chapter = nbformat.read(ROOT / "notebooks" / "solved" / path.name, as_version=4)
    others = {cell.id for cell in chapter.cells} - {cell.id for cell in release.cells}
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") not in others]
    return notebook


def grade(nbgrader, learner, assignment, path):
    """Grades one submission with nbgrader.

    Args:
        nbgrader: `NbGraderAPI` of the course's copy.
        learner, assignment: str, their names.
        path: path of the submitted notebook.
    Returns:
        why it has no marks, or "".
    """
    course = Path(nbgrader.coursedir.root)
    try:
        handed_out = nbformat.read(
            course / "release" / assignment / f"{assignment}.ipynb", as_version=4
        )
        submitted = course / "submitted" / learner / assignment / f"{assignment}.ipynb"
        submitted.parent.mkdir(parents=True)
        nbformat.write(read(path, handed_out), submitted)
    except ValueError as error:
        return str(error)
    result = nbgrader.autograde(assignment, learner)
    if result["success"]:
        return ""
    if result["error"].rstrip().endswith("KeyboardInterrupt"):
        raise KeyboardInterrupt  # nbgrader swallows it
    lines = result["error"].splitlines() + result.get("log", "").splitlines()
    errors = [line for line in lines if "Error:" in line]
    return f"nbgrader cannot grade it: {errors[-1].strip()[:80] if errors else 'see its log'}"


def marks(nbgrader, learner, assignment, remark):
    """The marks of one submission, after `grade`.

    Args:
        nbgrader, learner, assignment: as for `grade`.
        remark: what `grade` returned.
    Returns:
        dict from each exercise to (points, maximum points); and a remark, or "".
    """
    with Gradebook(nbgrader.coursedir.db_url) as gradebook:
        cells = gradebook.find_notebook(assignment, assignment).grade_cells
        most, points = {cell.name: cell.max_score for cell in cells}, {}
        if not remark:
            given = gradebook.find_submission_notebook(assignment, assignment, learner).grades
            points = {each.name: each.score for each in given}
            path = Path(
                nbgrader.coursedir.root, "autograded", learner, assignment, f"{assignment}.ipynb"
            )
            outputs = [
                each
                for cell in nbformat.read(path, as_version=4).cells
                for each in cell.get("outputs", [])
            ]
            remark = next(
                (output.evalue for output in outputs if output.get("ename") == NOT_RUN), ""
            )
    # A remark may quote the submission, and some characters control a terminal.
    remark = "".join(filter(str.isprintable, remark))[:120]
    return {name.removesuffix("-check"): (points.get(name, 0), most[name]) for name in most}, remark


def arguments():
    """The command line: its parser, and the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("submitted", type=Path, help="the folder with one folder per learner")
    add(
        "--course",
        type=Path,
        default=COURSE,
        help="folder that `make release` wrote (default: %(default)s)",
    )
    add(
        "--out",
        type=Path,
        help="folder for marks.csv and the graded notebooks (default: build/graded/NAME)",
    )
    limit = "limit for each {} (default: %(default)s)".format
    add("--seconds", type=float, default=300, help=limit("notebook"))
    add("--cell-seconds", type=float, default=30, help=limit("cell"))
    add("--megabytes", type=float, default=2000, help=f"memory {limit('notebook')}")
    add(
        "--trust",
        action="store_true",
        help="grade without the sandbox: in a container, or code that you trust",
    )
    asked = parser.parse_args()
    if not asked.submitted.is_dir():
        parser.error(f"{asked.submitted} is not a folder. Expected one folder per learner in it.")
    if not (asked.course / "gradebook.db").exists():
        parser.error(
            f"there is no gradebook.db in {asked.course}: run `make release` first, and hand out "
            "the assignments it writes"
        )
    return parser, asked


def course_copy(asked, out, shut_in):
    """nbgrader on a copy of the course, so that marks never depend on earlier grading.

    Args:
        asked: the command line's arguments.
        out: absolute path of the folder for the copy.
        shut_in: the command that starts the sandbox, a list of str; empty for none.
    Returns:
        an `NbGraderAPI`.
    """
    for name in ("submitted", "autograded", "release"):
        shutil.rmtree(out / name, ignore_errors=True)
    shutil.copytree(asked.course / "release", out / "release")
    shutil.copy(asked.course / "gradebook.db", out)
    settings = {name: getattr(asked, name) for name in ("seconds", "cell_seconds", "megabytes")}
    preprocessors = [
        ExecuteApart if each is Execute else each for each in Autograde().autograde_preprocessors
    ]
    return nbgrader_course(
        out,
        Autograde={"autograde_preprocessors": preprocessors},
        ExecuteApart={**settings, "sandbox": shut_in},
    )


def grade_all(nbgrader, folder):
    """Grades every submission in a folder, and prints one line for each.

    Args:
        nbgrader: `NbGraderAPI` of the course's copy.
        folder: path of a folder with one folder per learner.
    Returns:
        list of dict, the rows of the table of marks.
    """
    rows, assignments = (
        [],
        {path.name for path in Path(nbgrader.coursedir.root, "release").iterdir()},
    )
    for learner, assignment, path in submissions(folder, assignments):
        start = time.monotonic()
        points, remark = {}, "there is no assignment of this name; was the file renamed?"
        if path:
            remark = grade(nbgrader, learner, assignment, path)
            points, remark = marks(nbgrader, learner, assignment, remark)
        given, most = (
            (sum(column) for column in zip(*points.values(), strict=True)) if points else (0, 0)
        )
        row = {
            "learner": learner,
            "assignment": assignment,
            "points": given,
            "of": most,
            "remark": remark,
        }
        rows.append(row | {name: given for name, (given, _) in points.items()})
        by_exercise = ", ".join(
            f"{name} {given:g}/{most:g}" for name, (given, most) in points.items()
        )
        seconds, remark = time.monotonic() - start, f"  ({remark})" if remark else ""
        line = f"{learner:20s} {assignment:16s} {given:3g} of {most:2g}  {seconds:4.0f} s"
        print(f"{line}  {by_exercise}{remark}", flush=True)
    return rows


def main():
    parser, asked = arguments()
    shut_in = []
    if not asked.trust or sys.platform == "win32":  # Windows cannot limit a process either
        package = [ROOT / name for name in ("fslkeras", "data", "teaching/execute.py")]
        try:
            shut_in = sandbox.command(package, FILE_SIZE)
        except OSError as error:
            parser.error(NO_SANDBOX.format(error))

    warnings.filterwarnings("ignore", module="nbgrader")  # from SQLAlchemy, about nbgrader's code
    out = (asked.out or ROOT / "build" / "graded" / asked.submitted.resolve().name).resolve()
    began = time.monotonic()
    rows = grade_all(course_copy(asked, out, shut_in), asked.submitted)
    if not rows:
        parser.error(
            f"no notebooks found. Expected {asked.submitted}/LEARNER/02_prototypical.ipynb, "
            "for example."
        )
    with open(out / "marks.csv", "w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(
            table, list(dict.fromkeys(name for row in rows for name in row)), restval=""
        )
        writer.writeheader()
        writer.writerows(rows)
    seconds = time.monotonic() - began
    total = f"{seconds / 60:.1f} minutes, {seconds / len(rows):.0f} seconds each"
    print(f"{len(rows)} notebooks in {total}. Marks: {out / 'marks.csv'}")


if __name__ == "__main__":
    sys.exit(main())
