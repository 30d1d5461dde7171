"""Make build/course, an nbgrader course with one assignment per chapter.

An assignment has the chapter's setup, its exercises with their points, and hidden tests. It leaves
out the training cells, and the exercises with three stars, which train a network. Hand out
build/course/release; keep build/course/gradebook.db, which `grade.py` needs.
"""

import argparse
import os
import re
import shutil
import sys
from pathlib import Path

import nbformat
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

ROOT = Path(__file__).parents[1]
COURSE = ROOT / "build" / "course"

INTRODUCTION = """{title}: exercises to hand in

Here are the chapter's exercises, each with its text; everything else is in the chapter itself.
Write each answer, and run the cell below it to check it. Then save, and hand in this file.
**Do not rename it.** The cells with the checks are restored before grading, so changing them does
not change your mark.

| exercise | points |
|---|---|
{exercises}
"""

# An answer may have replaced a check: `fslkeras.course.checks.prototypes = lambda answer: True`.
FRESH_CHECKS = """### BEGIN HIDDEN TESTS
import importlib
import sys

for _name in [name for name in sys.modules if name.startswith("fslkeras.course.checks")]:
    del sys.modules[_name]
checks = importlib.import_module("fslkeras.course.checks")
"""


def nbgrader_course(folder, **settings):
    """nbgrader on a course's folder.

    Args:
        folder: absolute path of the folder with `gradebook.db`, which nbgrader creates if missing.
        settings: a dict of settings for each nbgrader class, by the name of the class.
    Returns:
        an `NbGraderAPI`.
    """
    # nbgrader calls `alembic`. Its folder is on the PATH only if the environment is activated.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    config = Config(CourseDirectory={"root": str(folder)}, **settings)
    return NbGraderAPI(config=config, log_level="WARN")


def assignment(chapter):
    """The part of a solved chapter to hand in: its exercises, their checks, and what these need.

    Args:
        chapter: a solved chapter, as nbformat reads it.
    Returns:
        a notebook with some of its cells, which still include solutions and hidden tests.
    """
    setup = next(cell for cell in chapter.cells if cell.cell_type == "code")
    kept, exercises, exercise = [setup], [], None
    for cell in chapter.cells:
        if cell.cell_type == "markdown" and (
            heading := re.search(r"^### (Exercise .*)$", cell.source, re.MULTILINE)
        ):
            exercise = None if "★★★" in heading[1] else heading[1]
        if exercise or "assignment" in cell.metadata.get("tags", []):
            kept.append(cell)
        if cell.metadata.get("nbgrader", {}).get("grade"):
            if exercise:
                hidden = re.sub(
                    r"^assert (.*)$",
                    r"assert (_result := \1), _result",
                    cell.source,
                    flags=re.MULTILINE,
                )
                cell.source = hidden.replace("### BEGIN HIDDEN TESTS\n", FRESH_CHECKS)
                exercises.append(f"| {exercise} | {cell.metadata.nbgrader.points} |")
            exercise = None

    title = re.match("# .*", chapter.cells[0].source)[0]
    introduction = INTRODUCTION.format(title=title, exercises="\n".join(exercises))
    kept.insert(0, nbformat.v4.new_markdown_cell(introduction, id="introduction"))
    kernel = {"kernelspec": chapter.metadata.kernelspec, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=kept, metadata=kernel)


def release(chapters, course):
    """Makes the nbgrader course in a folder, and replaces the one that is there.

    Args:
        chapters: paths of solved chapters.
        course: the folder. Its `release` is for the learners, its `gradebook.db` for `grade.py`.
    Raises:
        RuntimeError: if nbgrader cannot make an assignment, with its own message.
    """
    for folder in ("source", "release"):
        shutil.rmtree(course / folder, ignore_errors=True)
    (course / "gradebook.db").unlink(missing_ok=True)

    # As in notebooks/generate.py: an empty function returns None, so the notebook still runs.
    nbgrader = nbgrader_course(
        course, ClearSolutions={"code_stub": {"python": "# Your answer goes here."}}
    )
    for path in chapters:
        source = course / "source" / path.stem / path.name
        source.parent.mkdir(parents=True)
        nbformat.write(assignment(nbformat.read(path, as_version=4)), source)
        made = nbgrader.generate_assignment(path.stem)
        if not made["success"]:
            raise RuntimeError(made.get("log") or made["error"])
        with Gradebook(nbgrader.coursedir.db_url) as gradebook:
            exercises = gradebook.find_notebook(path.stem, path.stem).grade_cells
            points = sum(cell.max_score for cell in exercises)
            file = course / "release" / path.stem / path.name
            print(f"{file}: {len(exercises)} exercises, {points:g} points")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--course", type=Path, default=COURSE, help="folder to write to (default: %(default)s)"
    )
    course = parser.parse_args().course
    release(sorted((ROOT / "notebooks" / "solved").glob("*.ipynb")), course.resolve())


if __name__ == "__main__":
    sys.exit(main())
