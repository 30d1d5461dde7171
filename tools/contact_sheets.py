"""Draw data/contact_sheets: a row for each character of the glyphs, by eight of its twenty drawers.

python tools/contact_sheets.py
"""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import fslkeras

DRAWERS, CELL, LABEL, COLUMNS = 8, 30, 46, 5


def main():
    folder = Path(__file__).parents[1] / "data" / "contact_sheets"
    folder.mkdir(exist_ok=True)
    for split in ("train", "validation", "test"):
        data = fslkeras.datasets.load("glyphs", split)
        names = list(dict.fromkeys(data.alphabets))
        for start in range(0, len(names), 10):
            classes = [
                c for c in range(data.num_classes) if data.alphabets[c] in names[start : start + 10]
            ]
            sheet(data, classes).save(folder / f"{split}_{start // 10 + 1}.png", optimize=True)


def sheet(data, classes):
    """One sheet. Each class is a row of drawings, labeled with its alphabet and code point."""
    rows = -(-len(classes) // COLUMNS)
    width = LABEL + DRAWERS * CELL + 6
    image = Image.new("1", (COLUMNS * width, rows * CELL), 1)
    paper = ImageDraw.Draw(image)
    for place, c in enumerate(classes):
        left, top = place // rows * width, place % rows * CELL
        alphabet, codepoint = data.class_names[c].split(" ")
        paper.text((left + 2, top + 3), f"{alphabet[:8]}\n{codepoint[2:]}", fill=0, font_size=9)
        for column, drawing in enumerate(data.images[data.labels == c][:DRAWERS]):
            ink = Image.fromarray(np.where(drawing[..., 0], 0, 255).astype("uint8")).convert(
                "1", dither=Image.Dither.NONE
            )
            image.paste(ink, (left + LABEL + column * CELL, top + 1))
    return image


if __name__ == "__main__":
    main()
