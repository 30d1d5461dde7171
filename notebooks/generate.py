"""Make the learner's chapters from notebooks/solved: `make notebooks`.

They have no outputs, solutions, hidden tests and no cells tagged `bars`, which hold the author to
the figures of a chapter. Cells with checks are locked. `--check` writes nothing, and fails where a
chapter is out of date."""

import argparse
import sys
import tomllib
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ClearOutputPreprocessor, TagRemovePreprocessor
from nbgrader.preprocessors import ClearHiddenTests, ClearSolutions, LockCells

LEARNERS = Path(__file__).parent
SOLVED = LEARNERS / "solved"
PROJECT = tomllib.loads((LEARNERS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
INSTALL = f"""\
# For Colab and other hosted notebooks: installs the course where it is missing.
import importlib.util

if importlib.util.find_spec("fslkeras") is None:
    %pip install -q "fslkeras[course] @ git+{PROJECT["urls"]["Repository"]}"
"""
PREPROCESSORS = (
    TagRemovePreprocessor(remove_cell_tags={"bars"}),
    # A comment alone: the docstring is the function's body, so the notebook runs without an answer.
    ClearSolutions(code_stub={"python": "# Your answer goes here."}),
    ClearHiddenTests(),
    LockCells(),
    ClearOutputPreprocessor(),
)


def learners_chapter(solved):
    """The text of the learner's notebook of the file `solved`, whichever Python executed that."""
    notebook = nbformat.read(solved, as_version=4)
    for preprocessor in PREPROCESSORS:
        notebook, _ = preprocessor.preprocess(notebook, {})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # the hours at which it ran
        cell.metadata.pop("slideshow", None)  # what teaching/slides.py shows of it
    first = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    install = nbformat.v4.new_code_cell(INSTALL.rstrip(), id="install")
    notebook.cells.insert(first, install)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    return nbformat.writes(notebook) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="only say which chapters are out of step"
    )
    check = parser.parse_args().check

    wanted = {
        LEARNERS / solved.name: learners_chapter(solved)
        for solved in sorted(SOLVED.glob("*.ipynb"))
    }
    stale = [
        path
        for path, text in wanted.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    orphans = [path for path in sorted(LEARNERS.glob("*.ipynb")) if path not in wanted]
    for path in orphans:
        print(f"{path.name} has no source in notebooks/solved")
    for path in stale:
        if check:
            print(f"{path.name} is out of date: run `make notebooks`")
        else:
            path.write_text(wanted[path], encoding="utf-8", newline="\n")
            print(f"{path.name} made")
    return 1 if orphans or (check and stale) else 0


if __name__ == "__main__":
    sys.exit(main())
