"""How reliably are photographed sheets read, and how well does a network recognize their letters?

    python benchmarks/sheets.py

makes synthetic photographs (tools/sheet_photographs.py) of ten completed sheets for each kind of
damage, and prints how many corner marks were found and how many boxes were read correctly. It then
prints the 5-way 1-shot accuracy of the published Siamese network on each sheet's alphabet: on the
photographs with all kinds of damage together, and on the same drawings without paper or photograph.
Needs the extra `teach`; takes a few minutes.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np

import fslkeras
from fslkeras.course.sheets import layout as printed
from fslkeras.course.sheets import load_sheet
from fslkeras.course.sheets.reading import find_marks, open_photo, read

sys.path.insert(0, str(Path(__file__).parents[1] / "tools"))

import sheet_photographs  # noqa: E402

SHEETS = 10
LAYOUTS = [printed.Layout(*layout) for layout in ((5, 4), (10, 8), (5, 6), (8, 5), (6, 6))]


def drawn(number):
    """The layout and drawings of a numbered sheet; on the first half, one box in ten is empty."""
    layout = LAYOUTS[number % len(LAYOUTS)]
    return layout, sheet_photographs.drawings(
        layout, number, empty=0.1 if number < SHEETS // 2 else 0
    )


def reading(folder):
    """Prints a line for each kind of damage; returns the photographs with all kinds together."""
    print(f"{SHEETS} sheets, synthetic photographs")
    print(f"{'damage':16s}{'marks found':>16s}{'boxes correct':>16s}")
    for kind in sheet_photographs.DAMAGES:
        found = correct = boxes = 0
        paths = []
        for number in range(SHEETS):
            layout, drawings = drawn(number)
            pixels = sheet_photographs.photograph(
                layout, drawings, seed=number, **sheet_photographs.damage(kind, number)
            )
            paths.append(folder / f"{kind} {number}.jpg")
            paths[-1].write_bytes(sheet_photographs.jpeg(pixels))
            marked, marks = find_marks(open_photo(paths[-1]))
            found += len(marks) if marked == layout else 0
            try:
                counts = sheet_photographs.correct_boxes(layout, drawings, *read(paths[-1])[1:])
            except ValueError as problem:
                print(problem)
                counts = 0, len(drawings)
            correct, boxes = correct + counts[0], boxes + counts[1]
        marks_found, boxes_correct = f"{found} of {4 * SHEETS}", f"{correct} of {boxes}"
        print(f"{kind:16s}{marks_found:>16s}{boxes_correct:>16s}", flush=True)
    return paths


def recognition(paths):
    """Prints the published Siamese network's accuracy on each alphabet, photographed and drawn."""
    siamese = fslkeras.networks.pretrained("siamese")
    model = fslkeras.networks.episode_model(siamese)
    print(f"\ntrained on {siamese.trained_on}")
    print("5-way 1-shot, 300 episodes of 1 query per class")
    print(f"{'sheet':38s}{'photographed':>14s}{'as drawn':>10s}")
    accuracies = []
    for number, path in enumerate(paths):
        layout, drawings = drawn(number)
        as_drawn = fslkeras.datasets.ImageClasses(
            np.stack(
                [sheet_photographs.expected(drawing, layout) for drawing in drawings.values()]
            )[..., None],
            np.array([row for row, _ in drawings]),
            range(layout.characters),
        )
        for data in (load_sheet(path), as_drawn):
            episodes = fslkeras.Episodes(data, way=5, shot=1, query=1, steps=300, seed=1)
            accuracies.append(100 * fslkeras.evaluate(model, episodes).mean)
        kind = "invented, thin pen" if number % 2 else "letters of the glyphs, felt pen"
        print(f"{number}: {kind:35s}{accuracies[-2]:13.1f} %{accuracies[-1]:8.1f} %", flush=True)
    print(f"{'mean':38s}{np.mean(accuracies[::2]):13.1f} %{np.mean(accuracies[1::2]):8.1f} %")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        recognition(reading(Path(folder)))
