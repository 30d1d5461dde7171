"""Build data/glyphs.npz from open fonts.

    apt-get download fonts-noto-core fonts-klee fonts-nanum-extra fonts-seto
    for package in fonts-*.deb; do dpkg-deb -x $package fonts; done
    pip install -e . scikit-image
    python tools/glyphs.py fonts

Each character in characters.tsv is rendered in each font that fonts.tsv lists for its alphabet,
reduced to pen strokes (strokes.py), and redrawn by twenty simulated drawers
(fslkeras/course/handwriting.py). The random seeds are names, so a second build gives the same
pixels, on any machine with the same versions of Pillow and scikit-image.
"""

import argparse
import collections
import csv
import hashlib
from pathlib import Path

import numpy as np
import strokes
from PIL import ImageFont

from fslkeras.course.handwriting import (
    Drawer,
    draw,
    likeness_picture,
    random_state,
    shrunk,
    stroke_length,
)

HERE = Path(__file__).parent
DRAWERS = 20
SEED = "glyphs 1"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("fonts", type=Path, help="folder with the four unpacked packages")
    parser.add_argument("--out", type=Path, default=HERE.parent / "data" / "glyphs.npz")
    arguments = parser.parse_args()
    fonts = checked_fonts(arguments.fonts)
    characters, split = table("characters.tsv"), {}
    by_alphabet = collections.defaultdict(list)
    for row in characters:
        by_alphabet[row["alphabet"]].append(int(row["codepoint"], 16))
        split[row["alphabet"]] = row["split"]
    images, alphabet = [], []
    for number, (name, codepoints) in enumerate(by_alphabet.items()):
        images += drawn_alphabet(name, codepoints, fonts[name])
        alphabet += [number] * len(codepoints)
    images = np.array(images) > 0
    np.savez_compressed(
        arguments.out,
        images=np.packbits(images.reshape(*images.shape[:2], -1), axis=-1),
        shape=np.array(images.shape[2:], np.uint8),
        alphabet=np.array(alphabet, np.uint8),
        codepoint=np.array(
            [c for codepoints in by_alphabet.values() for c in codepoints], np.uint32
        ),
        alphabets=np.array(list(by_alphabet)),
        split=np.array([split[name] for name in by_alphabet]),
    )
    counts = f"{len(by_alphabet)} alphabets, {len(images)} characters, {images.shape[1]} drawers"
    print(f"{counts}: {arguments.out}")
    print("sha256 of the pixels:", pixels_sha256(images))


def pixels_sha256(images):
    """The digest of the pixels, one byte each, 0 or 1, so compression does not change it."""
    return hashlib.sha256(np.ascontiguousarray(images, np.uint8)).hexdigest()


def table(name):
    with open(HERE / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def checked_fonts(folder):
    """The font files of each alphabet, refused if they differ from the originals by one byte."""
    found = {
        path.name: path for path in sorted(folder.rglob("*")) if path.suffix in (".ttf", ".otf")
    }
    fonts = collections.defaultdict(list)
    for row in table("fonts.tsv"):
        if row["file"] not in found:
            raise FileNotFoundError(
                f"{folder} should contain {row['file']}. Unpack version {row['version']} of the "
                f"package {row['package']} there."
            )
        path = found[row["file"]]
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if digest != row["sha256"]:
            raise ValueError(
                f"{path} is not the font the glyphs were made from. Expected sha256: "
                f"{row['sha256']}. Received: {digest}. Unpack version {row['version']} of the "
                f"package {row['package']}."
            )
        for alphabet in row["alphabets"].split(","):
            fonts[alphabet].append(path)
    return fonts


def drawn_alphabet(name, codepoints, fonts):
    """The images of an alphabet's characters, a list of uint8 (drawers, 28, 28)."""
    faces = [ImageFont.truetype(str(path), 200) for path in fonts]
    drawers = [Drawer(random_state(SEED, "drawer", name, d)) for d in range(DRAWERS)]
    # The font that each drawer learned from.
    models = random_state(SEED, "fonts", name).permutation(DRAWERS)
    images = []
    for codepoint in codepoints:
        versions = character_versions(faces, chr(codepoint))
        images.append(
            [
                shrunk(
                    draw(
                        versions[models[d] % len(versions)],
                        drawers[d],
                        random_state(SEED, name, codepoint, d),
                    )
                )
                for d in range(DRAWERS)
            ]
        )
    return images


def character_versions(faces, letter):
    """A character's strokes in each font whose drawing is similar to the first's, in length too."""
    versions = []
    for face in faces:
        mask = strokes.letter_mask(face, letter)
        # What the font draws for a missing character.
        missing = strokes.letter_mask(face, "\U0010fffd")
        if mask is None or (
            missing is not None and mask.shape == missing.shape and (mask == missing).all()
        ):
            continue
        version = strokes.trace(mask)
        if versions:
            similarity = likeness_picture(versions[0]) @ likeness_picture(version)
            length = stroke_length(version) / stroke_length(versions[0])
            if similarity < 0.55 or not 0.65 <= length <= 1.4:
                continue
        versions.append(version)
    if not versions:
        raise ValueError(f"No font draws U+{ord(letter):04X}. Remove it from characters.tsv.")
    return versions


if __name__ == "__main__":
    main()
