"""Build the site into build/site: `make site`. It needs no network, and neither do its readers.

The pages are those of docs, the solved chapters, and documents of the repository. With
GITHUB_REPOSITORY set to OWNER/NAME, as on GitHub, each chapter has a button for Colab, and
links to other files lead to the repository; otherwise their names are plain text.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
from nbconvert.preprocessors import TagRemovePreprocessor
from nbgrader.preprocessors import ClearHiddenTests

sys.path.append(str(Path(__file__).resolve().parents[1] / "teaching"))
import slides

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SOURCE = ROOT / "build" / "site-source"
SITE = ROOT / "build" / "site"
REPOSITORY = os.environ.get("GITHUB_REPOSITORY")

# Where each document of the repository stands on the site; the pages of docs keep their names.
PAGES = {
    "TEACHING.md": "teaching.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changes.md",
    "SECURITY.md": "security.md",
    "data/README.md": "datasheet.md",
    "data/photographs.md": "photographs.md",
    **{f"docs/{path.name}": path.name for path in DOCS.glob("*.md")},
    **{
        f"notebooks/{folder}{path.name}": f"chapters/{path.name}"
        for path in (ROOT / "notebooks").glob("*.ipynb")
        for folder in ("", "solved/")
    },
}
LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)\s]*)?\)")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=SITE, help="the folder of the site")
    out = parser.parse_args().out.resolve()
    shutil.rmtree(SOURCE, ignore_errors=True)
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(DOCS, SOURCE, ignore=shutil.ignore_patterns("demo", "build.py", "__pycache__"))
    mathjax = slides.package("sphinx-mathjax-offline") / "static" / "mathjax"
    shutil.copy(mathjax / "tex-svg-full.js", SOURCE / "static" / "mathjax.js")
    for document, page in PAGES.items():
        (SOURCE / page).parent.mkdir(exist_ok=True)
        if document.endswith(".md"):
            text = (ROOT / document).read_text(encoding="utf-8")
            (SOURCE / page).write_text(relinked(text, document, page), encoding="utf-8")
        elif "solved" in document:
            nbformat.write(chapter(ROOT / document), SOURCE / page)
    sphinx = ["-m", "sphinx", "-W", "--keep-going", "-q", "-d", f"{SOURCE}/.doctrees"]
    subprocess.run([sys.executable, *sphinx, SOURCE, out], check=True)

    (out / "notebooks").mkdir()
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(notebook, out / "notebooks")
    decks = [sys.executable, slides.__file__, "--out", out / "slides"]
    subprocess.run(decks, check=True, stdout=subprocess.DEVNULL)
    draw = [sys.executable, DOCS / "demo" / "build.py", out / "draw.html", "index.html"]
    subprocess.run(draw, check=True)
    (out / ".nojekyll").touch()  # otherwise GitHub's Pages leave out the folders _static, ...
    print(f"The site is in {out}: open index.html")


def relinked(text, document, page):
    """The text of a document with its links as they are on the site.

    Args:
        text: Markdown.
        document: the path of its file in the repository.
        page: the path of its page on the site.
    """

    def link(match):
        image, name, target, anchor = match[1], match[2], match[3], match[4] or ""
        path = os.path.relpath(ROOT / Path(document).parent / target, ROOT)
        up = "../" * page.count("/")
        if path in PAGES:
            return f"[{name}]({up}{PAGES[path]}{anchor})"
        if image:
            (SOURCE / "images").mkdir(exist_ok=True)
            shutil.copy(ROOT / path, SOURCE / "images")
            return f"![{name}]({up}images/{Path(path).name})"
        if REPOSITORY:
            return f"[{name}](https://github.com/{REPOSITORY}/blob/main/{path})"
        return f"`{name}`" if name == target else name

    return LINK.sub(link, text)


def chapter(solved):
    """A solved chapter as a page: links at its top, its solutions behind a fold."""
    notebook = nbformat.read(solved, as_version=4)
    notebook.metadata.pop("widgets", None)  # their page would ask another host for scripts
    learners = nbformat.read(solved.parents[1] / solved.name, as_version=4)
    stubs = {cell.id: cell.source for cell in learners.cells}
    for preprocessor in (TagRemovePreprocessor(remove_cell_tags={"bars"}), ClearHiddenTests()):
        notebook, _ = preprocessor.preprocess(notebook, {})
    cells = []
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            there = f'<a href="../notebooks/{solved.name}" download>Answer it in the notebook</a>'
            stub = f"```python\n{stubs[cell.id]}\n```\n\n{there}, where it is checked."
            cells.append(nbformat.v4.new_markdown_cell(stub, id=f"stub-{cell.id}"[:64]))
            cell.metadata["tags"] = [*cell.metadata.get("tags", []), "hide-input"]
        if cell.cell_type == "code":
            cell.source = re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", cell.source)
            # Without the progress bars of trainings.
            cell.outputs = [out for out in cell.outputs if "━" not in out.get("text", "")]
        else:
            document = f"notebooks/solved/{solved.name}"
            cell.source = relinked(cell.source, document, f"chapters/{solved.name}")
        cells.append(cell)
    title, _, rest = cells[0].source.partition("\n")
    cells[0].source = f"{title}\n\n{buttons(solved)}\n{rest}"
    notebook.cells = cells
    return notebook


def buttons(solved):
    """Links to the learner's notebook and to the slides of a chapter."""
    links = [f'<a href="../notebooks/{solved.name}" download>Download the notebook</a>']
    if REPOSITORY:
        colab = f"https://colab.research.google.com/github/{REPOSITORY}/blob/main"
        links.insert(0, f'<a href="{colab}/notebooks/{solved.name}">Open in Colab</a>')
    links.append(f'<a href="../slides/{solved.stem}.html">Slides</a>')
    return f'<p class="chapter-links">{" ".join(links)}</p>\n'


if __name__ == "__main__":
    main()
