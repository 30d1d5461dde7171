"""Make a slide deck of each chapter from notebooks/solved.

reveal.js and MathJax are copied beside the decks, so they need no network. A cell becomes a slide
if it has `slideshow` metadata. `slide_type` is Jupyter's own; three keys are ours:

- `claim`: the passage of the chapter to show. By default, the first paragraph after the cell's last
  heading.
- `lines`: the first and the last line of code to show; none if empty. Code of more than eight lines
  is left out.
- `figure`: which figure to show, if the cell has several, from 1.

The whole text of a cell goes to the speaker notes.
"""

import argparse
import re
import shutil
import textwrap
from importlib.util import find_spec
from pathlib import Path

from nbconvert import SlidesExporter
from nbconvert.preprocessors import Preprocessor
from nbformat.v4 import new_markdown_cell

ROOT = Path(__file__).resolve().parents[1]
SOLVED = ROOT / "notebooks" / "solved"
MOST_LINES = 8
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)


class Excerpts(Preprocessor):
    """Cuts each cell down to what fits on a slide: a heading, a claim, a few lines, one figure."""

    def preprocess(self, notebook, resources):
        heading, cells = "", []
        for cell in notebook.cells:
            choice = cell.metadata.get("slideshow", {})
            kind = choice.get("slide_type", "skip")
            text = cell.source if cell.cell_type == "markdown" else ""
            headings = list(HEADING.finditer(text))
            if kind not in ("skip", "notes"):
                claim = choice.get("claim") or first_paragraph(text)
                before = [found for found in headings if found.start() < text.find(claim)]
                title = f"## {before[-1][2] if before else heading}" if kind == "slide" else ""
                if title or claim:
                    cells.append(part(f"{title}\n\n{claim}", kind))
                    kind = "-"
                if cell.cell_type == "code":
                    show(cell, choice)
                    cell.metadata.slideshow = {"slide_type": kind}
                    cells.append(cell)
            if kind != "skip" and text:
                cells.append(part(text, "notes"))
            # An exercise's heading ends with the exercise; a section's holds until the next one.
            heading = next((found[2] for found in reversed(headings) if len(found[1]) < 3), heading)
        notebook.cells = cells
        return notebook, resources


def part(text, kind):
    return new_markdown_cell(text, metadata={"slideshow": {"slide_type": kind}})


def first_paragraph(text):
    below = HEADING.split(text)[-1]  # what comes after the last heading
    return below.strip().split("\n\n")[0]


def show(cell, choice):
    """Keeps the chosen lines and the chosen figure of a code cell, and drops progress bars."""
    lines = cell.source.splitlines()
    first, last = choice.get("lines", (1, len(lines))) or (1, 0)
    lines = lines[first - 1 : last]
    cell.source = textwrap.dedent("\n".join(lines))
    if len(lines) > MOST_LINES or not lines:
        cell.metadata.transient = {"remove_source": True}
    cell.outputs = [output for output in cell.outputs if "━" not in output.get("text", "")]
    if "figure" in choice:
        figures = [
            output
            for output in cell.outputs
            if "<img" in output.get("data", {}).get("text/html", "")
        ]
        cell.outputs = [figures[choice["figure"] - 1]]


def exporter():
    return SlidesExporter(
        template_file=str(Path(__file__).with_name("slides.html.j2")),
        preprocessors=[Excerpts],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        reveal_url_prefix="reveal.js",
        reveal_theme="white",
        reveal_transition="none",
        reveal_number="c/t",
        reveal_width="1280",
        reveal_height="720",
    )


def deck(chapter):
    """The HTML of one chapter's slides, from its file in notebooks/solved."""
    html, _ = exporter().from_filename(str(chapter))
    return html


def package(name):
    """The folder of an installed package, found without importing it."""
    found = find_spec(name)
    if found is None:
        raise SystemExit(
            f"{name} is not installed. Run `make slides`, or "
            '`pip install -c constraints.txt -e ".[dev,teach]"`.'
        )
    return Path(found.origin).parent


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--out", type=Path, default=ROOT / "build" / "slides", help="folder for the slides"
    )
    out = parser.parse_args().out

    reveal = package("sphinx_revealjs") / "_static" / "revealjs"
    for folder in ("dist", "plugin/notes"):
        shutil.copytree(reveal / folder, out / "reveal.js" / folder, dirs_exist_ok=True)
    shutil.copy(reveal / "LICENSE", out / "reveal.js")
    shutil.copy(
        package("sphinx-mathjax-offline") / "static" / "mathjax" / "tex-svg-full.js",
        out / "mathjax.js",
    )
    for chapter in sorted(SOLVED.glob("*.ipynb")):
        html = deck(chapter)
        (out / f"{chapter.stem}.html").write_text(html, encoding="utf-8")
        print(out / f"{chapter.stem}.html", html.count("<section") // 2, "slides")


if __name__ == "__main__":
    main()
