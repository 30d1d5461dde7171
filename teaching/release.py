"""Make build/course, an nbgrader course with one assignment a chapter: its set-up, its exercises with their points, and hidden tests.

Left out are the chapter's training cells, and the exercises of three stars, which train a network. What to hand out lies in
build/course/release; build/course/gradebook.db, which `grade.py` needs, stays with the teacher."""

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

These are exercises of the chapter, each below the text that leads to it; all the rest is in the chapter itself. Complete each
answer, run the cell below it, which says whether it is right, save, and hand in this file. **Keep its name.** The cells with the
checks are put back before grading, so changing them changes no mark.

| exercise | points |
|---|---|
{exercises}
"""

# Behind answers that may have replaced a check: `fslkeras.course.checks.prototypes = lambda answer: True`.
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
        folder: absolute path of the folder that holds `gradebook.db`, or is to hold it.
        settings: a dict for each nbgrader class that is to be configured, by the name of the class.
    Returns:
        an `NbGraderAPI`.
    """
    # nbgrader calls `alembic`, which lies beside a Python whose environment need not be activated.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    config = Config(CourseDirectory={"root": str(folder)}, **settings)
    return NbGraderAPI(config=config, log_level="WARN")


def assignment(chapter):
    """The part of a solved chapter that is handed in: the cells of its exercises, of their checks, and what these need.

    Args:
        chapter: a solved chapter, as nbformat reads it.
    Returns:
        A notebook of some of its cells, with solutions and hidden tests still in it.
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
    """Makes the nbgrader course in a folder, in place of one that is there.

    Args:
        chapters: paths of solved chapters.
        course: the folder. Its `release` is for the learners, its `gradebook.db` for `grade.py`.
    Raises:
        RuntimeError: with nbgrader's own message where it makes no assignment.
    """
    for folder in ("source", "release"):
        shutil.rmtree(course / folder, ignore_errors=True)
    (course / "gradebook.db").unlink(missing_ok=True)

    # As in notebooks/generate.py: without an answer the function returns None, and the notebook runs on.
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
            print(
                f"{course / 'release' / path.stem / path.name}: {len(exercises)} exercises, {points:g} points"
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--course", type=Path, default=COURSE, help="the folder to make (default: %(default)s)"
    )
    course = parser.parse_args().course
    release(sorted((ROOT / "notebooks" / "solved").glob("*.ipynb")), course.resolve())


if __name__ == "__main__":
    sys.exit(main())
