"""How well photographed sheets are read, and whether a network that was trained on glyphs reads the alphabets on them.

    python benchmarks/sheets.py

photographs ten drawn sheets for each kind of damage (synthetic photographs, data/build/photographs.py), prints the corner marks found and
the boxes that were read as what was drawn in them, and then the accuracy of the pretrained Siamese network on each sheet's alphabet,
5-way 1-shot: on the sheets as they were read, all kinds of damage together, and on the same drawings without paper and photograph.
Needs the extra `teach`; some minutes.
"""

import sys
import tempfile
from pathlib import Path

import fslkeras  # before keras: it keeps TensorFlow's start-up messages away
import numpy as np
from fslkeras.course.sheets import layout as printed
from fslkeras.course.sheets import load_sheet, reading

sys.path.insert(0, str(Path(__file__).parents[1] / "data" / "build"))

import photographs  # noqa: E402

SHEETS = 10
LAYOUTS = [printed.Layout(*layout) for layout in ((5, 4), (10, 8), (5, 6), (8, 5), (6, 6))]


def drawn(number):
    """The layout and the drawings of a numbered sheet: one box in ten is empty, on half of the sheets."""
    layout = LAYOUTS[number % len(LAYOUTS)]
    return layout, photographs.drawings(layout, number, empty=0.1 if number < SHEETS // 2 else 0)


def reading(folder):
    """Prints a line for each kind of damage; returns the paths of the photographs with all of them together."""
    print(f"{SHEETS} sheets, synthetic photographs\n{'damage':16s}{'marks found':>16s}{'boxes right':>16s}")
    for kind in photographs.DAMAGES:
        found = right = boxes = 0
        paths = []
        for number in range(SHEETS):
            layout, drawings = drawn(number)
            pixels = photographs.photograph(layout, drawings, seed=number, **photographs.damage(kind, number))
            paths.append(folder / f"{kind} {number}.jpg")
            paths[-1].write_bytes(photographs.jpeg(pixels))
            read, marks = reading.find_marks(reading.open_photo(paths[-1]))
            found += len(marks) if read == layout else 0
            try:
                of_sheet, should = photographs.correct_boxes(layout, drawings, *reading.read(paths[-1])[1:])
            except ValueError as problem:
                print(problem)
                of_sheet, should = 0, len(drawings)
            right, boxes = right + of_sheet, boxes + should
        print(f"{kind:16s}{f'{found} of {4 * SHEETS}':>16s}{f'{right} of {boxes}':>16s}", flush=True)
    return paths


def recognition(paths):
    """Prints the accuracy of the pretrained Siamese network on each alphabet, read from its photograph and before."""
    model = fslkeras.networks.episode_model(fslkeras.networks.pretrained("siamese"))
    print(f"\ntrained on {fslkeras.networks.pretrained('siamese').trained_on}")
    print(f"5-way 1-shot, 300 episodes of 1 query a class\n{'sheet':38s}{'photographed':>14s}{'before':>10s}")
    figures = []
    for number, path in enumerate(paths):
        layout, drawings = drawn(number)
        before = fslkeras.datasets.ImageClasses(
            np.stack([photographs.expected(drawing, layout) for drawing in drawings.values()])[..., None],
            np.array([row for row, _ in drawings]),
            range(layout.characters),
        )
        accuracies = [
            fslkeras.evaluate(model, fslkeras.Episodes(data, way=5, shot=1, query=1, steps=300, seed=1)).mean
            for data in (load_sheet(path), before)
        ]
        figures.append(accuracies)
        kind = "invented, thin pen" if number % 2 else "letters of the glyphs, felt pen"
        print(f"{number}: {kind:35s}{100 * accuracies[0]:13.1f} %{100 * accuracies[1]:8.1f} %", flush=True)
    print(f"{'mean':38s}" + "{:13.1f} %{:8.1f} %".format(*100 * np.mean(figures, axis=0)))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        recognition(reading(Path(folder)))
