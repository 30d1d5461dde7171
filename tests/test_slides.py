"""The slides of each chapter: few, short, none empty, and complete in one folder."""

import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
SOLVED = sorted((ROOT / "notebooks" / "solved").glob("*.ipynb"))

each_chapter = pytest.mark.parametrize("chapter", SOLVED, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def slides(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slides")
    command = [sys.executable, ROOT / "teaching" / "slides.py", "--out", folder]
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    return folder


def deck(slides, chapter):
    soup = BeautifulSoup(
        (slides / f"{chapter.stem}.html").read_text(encoding="utf-8"), "html.parser"
    )
    return soup, soup.select("section > section")


def cells(chapter):
    return json.loads(chapter.read_text(encoding="utf-8"))["cells"]


@each_chapter
def test_a_deck_is_short_and_no_slide_is_empty(slides, chapter):
    _, shown = deck(slides, chapter)
    fewest, most = (8, 12) if "appendix" in chapter.stem else (15, 25)
    assert fewest <= len(shown) <= most
    for slide in shown:
        for notes in slide.select("aside"):
            notes.extract()
        assert slide.select_one("h2").get_text(strip=True)
        assert slide.select("p, li, table, img"), slide.h2.get_text()


@each_chapter
def test_code_has_at_most_eight_lines_and_shows_no_solution(slides, chapter):
    soup, _ = deck(slides, chapter)
    for code in soup.select("div.highlight pre"):
        assert 1 <= len(code.get_text().strip().splitlines()) <= 8, code.get_text()
    answers = [cell for cell in cells(chapter) if cell["metadata"].get("nbgrader")]
    assert answers and not any("slideshow" in cell["metadata"] for cell in answers)


@each_chapter
def test_every_picture_has_alternative_text(slides, chapter):
    soup, _ = deck(slides, chapter)
    assert len(soup.select("img")) >= (7 if "appendix" in chapter.stem else 8)
    for picture in soup.select("img"):
        assert picture.get("alt", "").strip()


@each_chapter
def test_nothing_is_loaded_from_another_site(slides, chapter):
    soup, _ = deck(slides, chapter)
    files = [
        tag.get("src") or tag.get("href")
        for tag in soup.select("script[src], link[href], img[src]")
    ]
    for address in files:
        assert address.startswith("data:") or (slides / address).is_file(), address[:80]
    scripts = [tag.get_text() for tag in soup.select("script, style")]
    sheets = [
        (slides / address).read_text(encoding="utf-8")
        for address in files
        if address.endswith(".css")
    ]
    for text in scripts + sheets:
        assert not re.search(r"(?:@import|url\(|import\s|from\s)\s*[\"'(]*(?:https?:)?//", text)
    assert not any(urlsplit(address).netloc for address in files)


@each_chapter
def test_every_claim_is_a_passage_of_the_chapter(chapter):
    texts = ["".join(cell["source"]) for cell in cells(chapter) if cell["cell_type"] == "markdown"]
    choices = [cell["metadata"].get("slideshow", {}) for cell in cells(chapter)]
    claims = [choice["claim"] for choice in choices if "claim" in choice]
    assert len(claims) >= (8 if "appendix" in chapter.stem else 15)
    for claim in claims:
        assert any(claim in text for text in texts), claim


@each_chapter
def test_the_notes_contain_the_whole_cell(slides, chapter):
    soup, _ = deck(slides, chapter)
    notes = " ".join(" ".join(tag.get_text() for tag in soup.select("aside.notes")).split())
    for cell in cells(chapter):
        if cell["cell_type"] == "markdown" and "slideshow" in cell["metadata"]:
            # Some words without markup.
            plain = re.search(r"\b[A-Za-z ,]{30,}\b", "".join(cell["source"]))
            assert plain is None or " ".join(plain[0].split()) in notes, plain[0]
