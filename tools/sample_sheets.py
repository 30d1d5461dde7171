"""Make data/sheets: synthetic photographs of three completed sheets, one too blurred to read.

python tools/sample_sheets.py
"""

from pathlib import Path

import sheet_photographs

from fslkeras.course.sheets import layout as printed

SAMPLES = {
    "letters": (0, {"turns": 1, "tilt": 0.06, "shadow": 0.4}),
    "invented": (1, {"tilt": 0.08, "creases": 2, "ink": "blue", "noise": 5.0}),
    "blurred": (2, {"blur": 1.6}),
}


def main():
    folder = Path(__file__).parents[1] / "data" / "sheets"
    folder.mkdir(exist_ok=True)
    layout = printed.Layout(characters=5, copies=4)
    for name, (number, damage) in SAMPLES.items():
        drawings = sheet_photographs.drawings(layout, number, empty=0.1)
        options = sheet_photographs.NEAT | {"megapixels": 1.5} | damage
        pixels = sheet_photographs.photograph(layout, drawings, seed=number, **options)
        (folder / f"{name}.jpg").write_bytes(sheet_photographs.jpeg(pixels, quality=80))


if __name__ == "__main__":
    main()
