"""The rules for every chapter, checked in its file. `make test` also runs the chapters."""

import ast
import re
import runpy
import subprocess
import sys
import textwrap
from pathlib import Path

import nbformat
import pytest

import fslkeras
from fslkeras.course import checks
from fslkeras.course.checks import predictions
from fslkeras.course.checks.exercise import Exercise

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
SOLVED = sorted((NOTEBOOKS / "solved").glob("*.ipynb"))
LEARNERS = sorted(NOTEBOOKS.glob("*.ipynb"))

each_solved = pytest.mark.parametrize("path", SOLVED, ids=lambda path: path.stem)
each_learners = pytest.mark.parametrize("path", LEARNERS, ids=lambda path: path.stem)
each_chapter = pytest.mark.parametrize(
    "path", SOLVED + LEARNERS, ids=lambda path: f"{path.parent.name}/{path.stem}"
)


def cells(path, cell_type=None):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return [cell for cell in notebook.cells if cell_type in (None, cell.cell_type)]


def exercises(path):
    """The name, the answer cell and the check's cell of each exercise of a chapter."""
    code = cells(path, "code")
    graded = [i for i, cell in enumerate(code) if cell.metadata.get("nbgrader", {}).get("grade")]
    return [(re.search(r"checks\.(\w+)", code[i].source)[1], code[i - 1], code[i]) for i in graded]


def solution_region(source):
    return re.search(r"### BEGIN SOLUTION\n(.*?)\n *### END SOLUTION", source, re.DOTALL)[1]


def nameless_images(html):
    """The images in Markdown or HTML without an alternative text."""
    return [
        *re.findall(r"!\[\s*\]\([^)]*\)", html),
        *re.findall(r"<img(?![^>]*\balt=[\"'][^\"'])[^>]*>", html),
        *re.findall(r"<svg(?![^>]*\baria-label=[\"'][^\"'])[^>]*>", html),
    ]


def test_learners_chapters_are_up_to_date():
    command = [sys.executable, NOTEBOOKS / "generate.py", "--check"]
    check = subprocess.run(command, capture_output=True, text=True)
    assert check.returncode == 0, check.stdout + check.stderr


def test_learners_chapter_has_no_outputs_and_no_bars(tmp_path):
    text = {}
    for version in ("3.11.7", "3.13.0"):
        output = nbformat.v4.new_output("stream", name="stdout", text=version)
        loss = nbformat.v4.new_code_cell("print(1)", id="loss", execution_count=1, outputs=[output])
        loss.metadata = {"execution": {"iopub.execute_input": version}, "tags": ["result"]}
        bars = nbformat.v4.new_code_cell(
            "assert accuracy > 0.9", id="bars", metadata={"tags": ["bars"]}
        )
        language = {"name": "python", "version": version}
        notebook = nbformat.v4.new_notebook(
            cells=[loss, bars], metadata={"language_info": language}
        )
        nbformat.write(notebook, tmp_path / "solved.ipynb")
        text[version] = runpy.run_path(NOTEBOOKS / "generate.py")["learners_chapter"](
            tmp_path / "solved.ipynb"
        )
    assert text["3.11.7"] == text["3.13.0"]
    install, cell = nbformat.reads(text["3.11.7"], as_version=4).cells
    assert "%pip install" in install.source
    assert (cell.id, cell.source, cell.outputs, cell.execution_count) == (
        "loss",
        "print(1)",
        [],
        None,
    )
    assert cell.metadata == {"tags": ["result"]}


def test_every_exercise_is_in_one_chapter():
    known = [name for name in checks.__all__ if isinstance(getattr(checks, name), Exercise)]
    assert sorted(name for path in SOLVED for name, _, _ in exercises(path)) == sorted(known)


@each_solved
def test_each_chapter_asks_for_all_its_predictions(path):
    chapter = path.stem.partition("_")[2].replace("photographs", "appendix")
    code = "\n".join(cell.source for cell in cells(path, "code"))
    asked = re.findall(r'checks\.predict\(\s*"(\w+)"', code)
    assert sorted(asked) == sorted(predictions.of_chapter(chapter))


@each_solved
def test_exercises_are_marked_for_nbgrader(path):
    # Chapter 2 has two more, in its Going further sections.
    most = 7 if "02_prototypical" in str(path) else 5
    assert 3 <= len(exercises(path)) <= most
    for name, answer, check in exercises(path):
        marks, graded = answer.metadata.nbgrader, check.metadata.nbgrader
        assert marks.solution and not marks.grade and not marks.locked, name
        assert graded.locked and not graded.solution and graded.points > 0, name
        hidden = re.search(
            r"### BEGIN HIDDEN TESTS\n(.*)\n### END HIDDEN TESTS\n(.*)", check.source
        )
        assert hidden[1] == "assert " + hidden[2], name


@each_solved
def test_solved_exercises_are_right(path):
    for name, _, check in exercises(path):
        # A slow check also prints a progress bar.
        results = [output.data["text/plain"][:7] for output in check.outputs if "data" in output]
        assert results == ["✔ Right"], name


@each_solved
def test_the_solution_shown_on_request_is_the_chapters(path):
    for name, answer, _ in exercises(path):
        assert getattr(checks, name).solution() == textwrap.dedent(
            solution_region(answer.source)
        ), name


@each_learners
def test_unsolved_exercises_are_not_yet_attempted(path):
    for name, answer, check in exercises(path):
        # Without the calls that try the function: they need the cells above.
        body = [node for node in ast.parse(answer.source).body if not isinstance(node, ast.Expr)]
        namespace = {"fslkeras": fslkeras, "checks": checks}
        exec(compile(ast.Module(body, []), name, "exec"), namespace)
        assert check.metadata.editable is False
        assert eval(check.source, namespace).status == "not yet attempted", name


@each_learners
def test_learners_chapter_contains_no_solution(path):
    for cell in cells(path):
        assert "SOLUTION" not in cell.source and "HIDDEN" not in cell.source, cell.source


@each_solved
def test_solved_chapter_was_executed_in_order(path):
    counts = [cell.execution_count for cell in cells(path, "code") if cell.source]
    assert counts == list(range(1, len(counts) + 1))


@each_solved
def test_solved_chapter_shows_no_error_and_nothing_on_stderr(path):
    for cell in cells(path, "code"):
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr", cell.source


@each_solved
def test_solved_chapter_holds_static_figures_not_widgets_of_a_kernel_that_is_gone(path):
    assert "widgets" not in nbformat.read(path, as_version=4).metadata
    kinds = {k for c in cells(path, "code") for o in c.outputs for k in o.get("data", {})}
    assert not [kind for kind in kinds if "widget" in kind]


@each_chapter
def test_no_cell_is_over_25_lines_or_expects_an_error(path):
    for cell in cells(path, "code"):
        assert len(cell.source.splitlines()) <= 25, cell.source
        assert "raises-exception" not in cell.metadata.get("tags", []), cell.source


@each_chapter
def test_every_image_has_alternative_text(path):
    for cell in cells(path):
        if cell.cell_type == "markdown":
            assert nameless_images(cell.source) == []
        for output in cell.get("outputs", []):
            assert nameless_images(output.get("data", {}).get("text/html", "")) == [], cell.source
            for kind in output.get("data", {}):
                assert not kind.startswith("image/") or output.metadata.get(kind, {}).get("alt"), (
                    cell.source
                )


@each_chapter
def test_core_fits_in_an_hour(path):
    core = []
    for cell in cells(path):
        if cell.cell_type == "markdown" and re.search(
            r"^#+ Going further", cell.source, re.MULTILINE
        ):
            break
        core.append(cell)
    assert sum(cell.id != "install" for cell in core) <= 60  # only hosted notebooks run that one
    assert sum(len(cell.source.split()) for cell in core if cell.cell_type == "markdown") <= 3500


def test_nameless_images_are_found():
    nameless = '![](a.png) <img src="a.png"> <img src="a.png" alt=""> <svg width="9">'
    assert len(nameless_images(nameless)) == 4
    assert nameless_images('![a](a.png) <img alt="a" src="a.png"> <svg aria-label="a">') == []
