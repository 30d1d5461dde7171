"""The site: every link leads somewhere, no page needs another host, and everyone can read it."""

import functools
import subprocess
import sys
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import browser
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site. Sphinx takes every warning for an error."""
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, ROOT / "docs" / "build.py", "--out", out]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stdout + built.stderr
    return out


@pytest.fixture(scope="module")
def pages(site):
    """All pages of the site proper, parsed, by their path. Slides have tests of their own."""
    others = {"slides", "_static"}  # decks, and templates of the theme
    paths = [path for path in site.rglob("*.html") if not others & set(path.parts)]
    return {
        path.relative_to(site).as_posix(): BeautifulSoup(path.read_text("utf-8"), "html.parser")
        for path in paths
    }


@pytest.fixture(scope="module")
def address(site):
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *arguments):
            pass

    handler = functools.partial(Quiet, directory=site)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_every_chapter_and_every_document_has_a_page(pages):
    chapters = {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")}
    expected = {f"chapters/{name}.html" for name in chapters}
    expected |= {
        f"{name}.html"
        for name in "index start results omniglot speed devices teaching glossary datasheet "
        "contributing changes security draw search".split()
    }
    assert expected <= set(pages)


def test_every_internal_link_and_anchor_exists(site, pages):
    anchors = {name: {tag["id"] for tag in page.find_all(id=True)} for name, page in pages.items()}
    broken = []
    for name, page in pages.items():
        for tag in page.find_all(["a", "link", "script", "img"]):
            target = tag.get("href") or tag.get("src") or ""
            if urlsplit(target).scheme or target.startswith("//") or target in ("", "#"):
                continue
            path = unquote(urlsplit(urljoin(name, target)).path) or name
            anchor = urlsplit(target).fragment
            if not (site / path).exists() or (
                anchor and path in anchors and anchor not in anchors[path]
            ):
                broken.append(f"{name}: {target}")
    assert broken == []


def test_no_page_asks_another_host_for_anything(pages):
    foreign = {
        f"{name}: {tag}"[:200]
        for name, page in pages.items()
        for tag in page.find_all(["script", "img", "link", "iframe", "source"])
        if urlsplit(tag.get("src") or tag.get("href") or "").netloc
        and tag.get("rel") != ["canonical"]
    }
    assert foreign == set()


def test_no_page_weighs_three_megabytes(site):
    weights = {path.name: path.stat().st_size for path in site.rglob("*.html")}
    assert {name: weight for name, weight in weights.items() if weight >= 3e6} == {}


def test_solutions_are_folded_and_hidden_tests_are_left_out(pages):
    page = pages["chapters/01_siamese.html"]
    folds = [fold.get_text() for fold in page.find_all("details")]
    assert sum("Show a solution" in fold for fold in folds) >= 5
    assert "HIDDEN TESTS" not in page.get_text() and "BEGIN SOLUTION" not in page.get_text()
    assert "Your answer goes here" in page.get_text()
    assert page.get_text().count("Answer it in the notebook") >= 5
    (links,) = page.find_all(class_="chapter-links")
    assert [link["href"] for link in links.find_all("a")] == [
        "../notebooks/01_siamese.ipynb",
        "../slides/01_siamese.html",
    ]


def test_on_github_a_chapter_opens_in_colab(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "docs")
    import build

    monkeypatch.setattr(build, "REPOSITORY", "owner/name")
    assert "/github/owner/name/blob/main/notebooks/03_relation.ipynb" in build.buttons(
        Path("03_relation.ipynb")
    )


@browser.needs_chromium
def test_pages_fit_a_phone_and_ask_this_host_alone(address, pages):
    with browser.chromium(width=360) as driver:
        for name in pages:
            driver.get(address + name)
            wide = driver.execute_script("return document.scrollingElement.scrollWidth")
            assert wide <= 360, name
            assert browser.errors(driver) == [], name
        asked = {urlsplit(url) for url in browser.requests(driver)}
        hosts = {url.netloc for url in asked if url.scheme in ("http", "https", "ws", "wss")}
        assert hosts == {urlsplit(address).netloc}


@browser.needs_chromium
@browser.needs_axe
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_violation(address, pages, dark):
    found = {}
    with browser.chromium(dark=dark) as driver:
        for name in pages:
            driver.get(address + name)
            found[name] = browser.violations(driver)
    assert {name: violations for name, violations in found.items() if violations} == {}
