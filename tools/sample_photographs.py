"""Make the sample photographs in data/photographs from a folder of Caltech-101's originals.

    python tools/sample_photographs.py path/to/originals

takes the first twelve photographs of each of ten classes, and resizes them to a short side of 160
pixels.
"""

import argparse
from pathlib import Path

from PIL import Image, ImageOps

OUT = Path(__file__).resolve().parents[1] / "data" / "photographs"
CLASSES = (
    "butterfly",
    "chair",
    "crab",
    "cup",
    "dolphin",
    "grand_piano",
    "lotus",
    "sunflower",
    "umbrella",
    "watch",
)
PHOTOGRAPHS, SHORT_SIDE, QUALITY = 12, 160, 60


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("originals", type=Path, help="folder with one subfolder per class")
    originals = parser.parse_args().originals
    for name in CLASSES:
        (OUT / name).mkdir(parents=True, exist_ok=True)
        for path in sorted((originals / name).glob("*.jpg"))[:PHOTOGRAPHS]:
            with Image.open(path) as image:
                image = ImageOps.exif_transpose(image).convert("RGB")
                scale = SHORT_SIDE / min(image.size)
                size = [max(1, round(side * scale)) for side in image.size]
                image.resize(size, Image.Resampling.LANCZOS).save(
                    OUT / name / path.name, quality=QUALITY, optimize=True
                )


if __name__ == "__main__":
    main()
