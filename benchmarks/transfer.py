"""How realistic are the glyphs? Networks trained on one dataset and evaluated on another.

    python benchmarks/transfer.py

trains chapter 2's network on the glyphs' train alphabets, on invented alphabets and on Omniglot's
background alphabets. It evaluates each on the glyphs' test alphabets and on Omniglot's evaluation
alphabets, in the original grayscale and in black and white like the glyphs. Raw pixels (the nearest
neighbor by cosine) show how hard each test is without learning. The two datasets share scripts, so
the network is also trained on each without the scripts in the other's test set. Omniglot comes
through tensorflow-datasets; without it, its rows are left out. Results: data/results/transfer.json.
"""

import dataclasses
import functools

import keras
import numpy as np
from grid import line, run, save
from training import accuracies, train_prototypical

from fslkeras.course.handwriting import THRESHOLD
from fslkeras.course.invented import invent
from fslkeras.datasets import load
from fslkeras.networks import prototypical

STEPS = 3000
ABOUT = (
    f"prototypical, Conv4-32, {STEPS} steps of one 40-way 1-shot episode with 2 queries per class; "
    "1000 episodes, 15 queries per class"
)
# Training alphabets of each dataset whose script is also in the other's test set.
SHARED = {
    "omniglot": (
        "Asomtavruli_(Georgian)",
        "Bengali",
        "Burmese_(Myanmar)",
        "Korean",
        "Mkhedruli_(Georgian)",
        "N_Ko",
        "Tifinagh",
    ),
    "glyphs": ("Cyrillic", "Ethiopic", "Gurmukhi", "MeeteiMayek", "Oriya", "Syriac", "Tibetan"),
}


def without_shared_scripts(name, split):
    data = load(name, split=split)
    return data.take(~np.isin(data.alphabets, SHARED[name]))


SOURCES = {
    "glyphs": functools.partial(load, "glyphs", split="train"),
    "invented": functools.partial(invent, alphabets=30, characters=25),
    "omniglot": functools.partial(load, "omniglot", split="background"),
    "glyphs without shared scripts": lambda: without_shared_scripts("glyphs", "train"),
    "omniglot without shared scripts": lambda: without_shared_scripts("omniglot", "background"),
}
RUNS = {source: {} for source in SOURCES}


def measure(source):
    model = train_prototypical(SOURCES[source](), steps=STEPS)
    return {"tested on": {target: accuracies(model, data) for target, data in targets().items()}}


@functools.cache
def targets():
    """The datasets to evaluate the networks on."""
    glyphs = load("glyphs", split="test")
    try:
        omniglot = load("omniglot", split="test")
    except FileNotFoundError:
        return {"glyphs": glyphs}
    ink = np.where(omniglot.images >= THRESHOLD, 255, 0).astype("uint8")
    black_and_white = dataclasses.replace(omniglot, images=ink)
    return {"glyphs": glyphs, "omniglot": omniglot, "omniglot, black and white": black_and_white}


def raw_pixels():
    pixels = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
    model = prototypical(pixels, metric="cosine")
    return {
        target: accuracies(model, data, ((5, 1), (20, 1))) for target, data in targets().items()
    }


def main():
    for source in RUNS:
        try:
            results = run(
                "transfer", ABOUT, {source: RUNS[source]}, functools.partial(measure, source)
            )
        except FileNotFoundError as error:
            print(f"{source}: left out. {error}")
    if "raw pixels" not in results:
        results["raw pixels"] = raw_pixels()
        save("transfer", results)
    print(f"{'raw pixels':40s} {line(results['raw pixels'])}")


if __name__ == "__main__":
    main()
