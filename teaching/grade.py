"""Grade the notebooks of a folder with nbgrader, print a table of marks and write it as CSV.

The folder holds one folder a learner: LEARNER/02_prototypical.ipynb, or LEARNER/02_prototypical/02_prototypical.ipynb as nbgrader
lays it out. Each notebook's code runs in a process of its own (`execute.py`), with limits on time, memory and output. It is given
the code and returns what the code printed; all else, the gradebook too, nbgrader does out of its reach."""

import argparse
import contextlib
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import landlock
import nbformat
import psutil
from execute import NOT_RUN
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute, NbGraderPreprocessor
from nbgrader.utils import is_grade
from release import COURSE, ROOT, nbgrader_course
from traitlets import Bool, Float

MEGABYTE = 2**20
LARGEST_NOTEBOOK = 20 * MEGABYTE
PRINTED = 1 * MEGABYTE  # by a cell
FILE_SIZE = 64 * MEGABYTE  # of any file that a submission writes, and of all its outputs together


class ExecuteApart(NbGraderPreprocessor):
    """In place of nbgrader's `Execute`: it has a notebook's code run in a process of its own, with limits.

    A cell that is not run to its end, for a limit or since the kernel died, gets an error that says so, so that it counts nothing.
    """

    seconds = Float(300.0, help="for all cells of a notebook").tag(config=True)
    cell_seconds = Float(30.0, help="for each cell; then it is interrupted, and the next one runs").tag(config=True)
    megabytes = Float(2000.0, help="of memory, for all processes of a notebook together").tag(config=True)
    confined = Bool(True, help="whether the code is kept from all files but its own").tag(config=True)

    def preprocess(self, notebook, resources):
        """Fills in the outputs of a notebook's code cells: see nbconvert's `Preprocessor`."""
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        outputs, reason = self.run([cell.source for cell in cells])
        for cell, printed in zip(cells, outputs, strict=True):
            if printed is None:
                cell.outputs = [nbformat.v4.new_output("error", ename=NOT_RUN, evalue=reason, traceback=[reason])]
                continue
            cell.outputs = nbformat.from_dict(printed)
            # nbgrader takes a message on stderr for a failure; a right answer may warn of something, and is right.
            if is_grade(cell):
                cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        return notebook, resources

    def run(self, sources):
        """Runs cells of code apart.

        Args:
            sources: list of str.
        Returns:
            the outputs of each cell, None for one that was not completed; and "" or why some were not.
        """
        with (
            tempfile.TemporaryDirectory(prefix="grade-", ignore_cleanup_errors=True) as folder,
            tempfile.TemporaryFile("w+", encoding="utf-8") as code,
            tempfile.TemporaryFile("w+", encoding="utf-8") as result,
        ):
            # The package alone, and not the repository around it.
            library, work = Path(folder, "library"), Path(folder, "work")
            library.mkdir()
            work.mkdir()
            package = [ROOT / name for name in ("fslkeras", "data")]
            for path in package:
                (library / path.name).symlink_to(path)
            json.dump(sources, code)
            code.seek(0)

            command = [sys.executable, ROOT / "teaching" / "execute.py"]
            command += [f"--seconds={self.seconds}", f"--cell-seconds={self.cell_seconds}"]
            command += [f"--printed={PRINTED}", f"--file-size={FILE_SIZE}"]
            if self.confined:
                command += [f"--readable={path}" for path in (library, ROOT / "teaching", *package)]
            # Nothing of the teacher's own environment. Without a GPU marks are the same everywhere.
            environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": work, "TMPDIR": work}
            environment |= {"PYTHONPATH": library, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
            process = subprocess.Popen(
                command,
                cwd=work,
                env=environment,
                stdin=code,
                stdout=result,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
            try:
                stopped = self.watch(process)
            finally:
                end_all_below()
            result.seek(0)
            try:
                returned = json.load(result)
            except ValueError:
                reason = f"it printed more than {FILE_SIZE // MEGABYTE} MB, or ended itself"
                returned = {"outputs": [None] * len(sources), "reason": reason}
            return returned["outputs"], stopped or returned["reason"]

    def watch(self, process):
        """Waits for the end of a process. While all below this one take too much memory, it ends the largest of them.

        Args:
            process: `subprocess.Popen`.
        Returns:
            "", or what it had to be stopped for.
        """
        stopped = ""
        # `execute.py` keeps to the time by itself, as long as nobody hinders it.
        deadline = time.monotonic() + self.seconds + 30
        while process.poll() is None:
            sizes = {}
            for child in psutil.Process().children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    sizes[child] = child.memory_info().rss
            if sum(sizes.values()) > self.megabytes * MEGABYTE:
                stopped = f"it took more than {self.megabytes:g} MB of memory"
                with contextlib.suppress(psutil.Error):
                    max(sizes, key=sizes.get).kill()
            if time.monotonic() > deadline:
                return f"it took more than {self.seconds:g} seconds"
            time.sleep(0.05)
        return stopped


def end_all_below():
    """Ends every process that this one started, and those that they started."""
    for _ in range(100):
        children = psutil.Process().children(recursive=True)
        for child in children:
            with contextlib.suppress(psutil.Error):
                child.kill()
        if not children:
            return
        psutil.wait_procs(children, timeout=1)


def submissions(folder, assignments):
    """The notebooks of a folder.

    Args:
        folder: path of a folder with one folder a learner.
        assignments: names of those that there are.
    Returns:
        list of (learner, assignment, path), where the path is None for a name that is no assignment's.
    """
    found = {}
    for learner in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        for path in sorted([*learner.glob("[!.]*/*.ipynb"), *learner.glob("*.ipynb")]):
            found[learner.name, path.stem] = path if path.stem in assignments else None
    return [(*key, path) for key, path in found.items()]


def read(path, release):
    """A submitted notebook.

    Args:
        path: where it is.
        release: the notebook that was handed out.
    Returns:
        it as nbformat reads it, without the cells that only the whole chapter has, should that have been handed in.
    Raises:
        ValueError: with the reason, if it is no notebook.
    """
    if path.is_symlink() or not path.is_file():
        raise ValueError("it is a link, not a file")
    if path.stat().st_size > LARGEST_NOTEBOOK:
        raise ValueError(f"it is larger than {LARGEST_NOTEBOOK // MEGABYTE} MB")
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except Exception as error:
        raise ValueError(
            f"it is no valid notebook: {(str(error).splitlines() or [type(error).__name__])[0][:80]}"
        ) from error
    chapter = nbformat.read(ROOT / "notebooks" / "solved" / path.name, as_version=4)
    others = {cell.id for cell in chapter.cells} - {cell.id for cell in release.cells}
    notebook.cells = [cell for cell in notebook.cells if cell.get("id") not in others]
    return notebook


def grade(nbgrader, learner, assignment, path):
    """Has nbgrader grade one submission.

    Args:
        nbgrader: `NbGraderAPI` of the folder that it works in.
        learner, assignment: str.
        path: the submitted notebook.
    Returns:
        dict from each exercise to its (points, most points); and a remark, "" where there is nothing to say.
    """
    course = Path(nbgrader.coursedir.root)
    remark = ""
    try:
        handed_out = nbformat.read(course / "release" / assignment / f"{assignment}.ipynb", as_version=4)
        submitted = course / "submitted" / learner / assignment / f"{assignment}.ipynb"
        submitted.parent.mkdir(parents=True)
        nbformat.write(read(path, handed_out), submitted)
        result = nbgrader.autograde(assignment, learner)
        if not result["success"] and result["error"].rstrip().endswith("KeyboardInterrupt"):
            raise KeyboardInterrupt  # nbgrader keeps it to itself
        if not result["success"]:
            errors = [
                line for line in result["error"].splitlines() + result.get("log", "").splitlines() if "Error:" in line
            ]
            remark = f"nbgrader cannot grade it: {errors[-1].strip()[:80] if errors else 'see its log'}"
    except ValueError as error:
        remark = str(error)

    with Gradebook(nbgrader.coursedir.db_url) as gradebook:
        points = {
            cell.name: [0, cell.max_score] for cell in gradebook.find_notebook(assignment, assignment).grade_cells
        }
        if not remark:
            for given in gradebook.find_submission_notebook(assignment, assignment, learner).grades:
                points[given.name][0] = given.score
            autograded = nbformat.read(
                course / "autograded" / learner / assignment / f"{assignment}.ipynb", as_version=4
            )
            outputs = [output for cell in autograded.cells for output in cell.get("outputs", [])]
            remark = next((output.evalue for output in outputs if output.get("ename") == NOT_RUN), "")
    # It may hold a submission's own words, and a terminal obeys some characters.
    remark = "".join(filter(str.isprintable, remark))[:120]
    return {name.removesuffix("-check"): tuple(value) for name, value in points.items()}, remark


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("submitted", type=Path, help="the folder with one folder a learner")
    parser.add_argument("--course", type=Path, default=COURSE, help="what `make release` made (default: %(default)s)")
    parser.add_argument(
        "--out", type=Path, help="where marks.csv and the graded notebooks go (default: build/graded/NAME)"
    )
    parser.add_argument("--seconds", type=float, default=300, help="for each notebook (default: %(default)s)")
    parser.add_argument("--cell-seconds", type=float, default=30, help="for each cell (default: %(default)s)")
    parser.add_argument(
        "--megabytes", type=float, default=2000, help="of memory, for each notebook (default: %(default)s)"
    )
    parser.add_argument("--trust", action="store_true", help="grade where submissions cannot be kept from your files")
    asked = parser.parse_args()
    if not asked.submitted.is_dir():
        parser.error(f"expected a folder with one folder a learner, and there is none at {asked.submitted}")
    if not (asked.course / "gradebook.db").exists():
        parser.error(
            f"there is no gradebook.db in {asked.course}: run `make release` first, and hand out what it makes"
        )
    if sys.platform == "win32":
        parser.error("on Windows, grade in WSL (Windows' own Linux) or in a container: see TEACHING.md")
    if not asked.trust and landlock.version() < 3:
        parser.error(
            "this system cannot keep a submission from your files: that takes Linux 6.2 or later, with Landlock. Grade in a "
            "container, as TEACHING.md shows, or, if you trust these notebooks as your own: --trust"
        )

    warnings.filterwarnings("ignore", module="nbgrader")  # SQLAlchemy's, of how nbgrader uses it
    # A copy, so that it never depends on what was graded before.
    out = (asked.out or ROOT / "build" / "graded" / asked.submitted.resolve().name).resolve()
    for name in ("submitted", "autograded", "release"):
        shutil.rmtree(out / name, ignore_errors=True)
    shutil.copytree(asked.course / "release", out / "release")
    shutil.copy(asked.course / "gradebook.db", out)
    limits = {"seconds": asked.seconds, "cell_seconds": asked.cell_seconds, "megabytes": asked.megabytes}
    preprocessors = [ExecuteApart if each is Execute else each for each in Autograde().autograde_preprocessors]
    nbgrader = nbgrader_course(
        out,
        Autograde={"autograde_preprocessors": preprocessors},
        ExecuteApart={**limits, "confined": not asked.trust},
    )
    landlock.adopt_orphans()

    began, rows = time.monotonic(), []
    for learner, assignment, path in submissions(asked.submitted, {path.name for path in (out / "release").iterdir()}):
        start = time.monotonic()
        points, remark = {}, "no assignment has this name: was the file renamed?"
        if path:
            points, remark = grade(nbgrader, learner, assignment, path)
        marks = {"points": sum(given for given, _ in points.values()), "of": sum(most for _, most in points.values())}
        rows.append({"learner": learner, "assignment": assignment, **marks, "remark": remark})
        rows[-1] |= {name: given for name, (given, _) in points.items()}
        by_exercise = ", ".join(f"{name} {given:g}/{most:g}" for name, (given, most) in points.items())
        print(
            f"{learner:20s} {assignment:16s} {marks['points']:3g} of {marks['of']:2g}  {time.monotonic() - start:4.0f} s",
            end="",
        )
        print(f"  {by_exercise}" + (f"  ({remark})" if remark else ""), flush=True)

    if not rows:
        parser.error(f"expected notebooks such as {asked.submitted}/LEARNER/02_prototypical.ipynb, and found none")
    with open(out / "marks.csv", "w", newline="", encoding="utf-8") as table:
        writer = csv.DictWriter(table, list(dict.fromkeys(name for row in rows for name in row)), restval="")
        writer.writeheader()
        writer.writerows(rows)
    seconds = time.monotonic() - began
    print(
        f"{len(rows)} notebooks in {seconds / 60:.1f} minutes, {seconds / len(rows):.0f} seconds each. Marks: {out / 'marks.csv'}"
    )


if __name__ == "__main__":
    sys.exit(main())
