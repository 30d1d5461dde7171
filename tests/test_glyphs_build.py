"""The tables that the glyphs are built from, and the script, which refuses other fonts."""

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / "tools"


def table(name):
    with open(TOOLS / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_glyphs_are_the_listed_characters_in_order():
    with np.load(ROOT / "data" / "glyphs.npz", allow_pickle=False) as glyphs:
        alphabets, split = (
            glyphs["alphabets"][glyphs["alphabet"]],
            glyphs["split"][glyphs["alphabet"]],
        )
        built = list(zip(split, alphabets, (f"{c:04X}" for c in glyphs["codepoint"]), strict=True))
    assert built == [
        (row["split"], row["alphabet"], row["codepoint"]) for row in table("characters.tsv")
    ]


def test_no_dropped_character_came_back_and_each_has_a_reason():
    kept = {(row["alphabet"], row["codepoint"]) for row in table("characters.tsv")}
    dropped = table("dropped_characters.tsv")
    assert not kept & {(row["alphabet"], row["codepoint"]) for row in dropped}
    assert all(row["reason"] for row in dropped)


def test_each_alphabet_has_a_font_from_the_four_packages():
    fonts = table("fonts.tsv")
    assert {row["package"] for row in fonts} == {
        "fonts-noto-core",
        "fonts-klee",
        "fonts-nanum-extra",
        "fonts-seto",
    }
    assert {row["alphabet"] for row in table("characters.tsv")} <= {
        a for row in fonts for a in row["alphabets"].split(",")
    }


def test_a_font_that_differs_from_the_original_is_refused(tmp_path):
    pytest.importorskip(
        "skimage", reason="scikit-image traces the fonts; only this script needs it"
    )
    for row in table("fonts.tsv"):
        (tmp_path / row["file"]).write_bytes(b"another font")
    command = [sys.executable, TOOLS / "glyphs.py", tmp_path, "--out", tmp_path / "glyphs.npz"]
    run = subprocess.run(command, capture_output=True, text=True)
    assert run.returncode != 0 and "is not the font the glyphs were made from" in run.stderr
    assert not (tmp_path / "glyphs.npz").exists()
