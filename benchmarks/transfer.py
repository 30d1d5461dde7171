"""How real are the glyphs? Networks trained on one dataset, asked about the new alphabets of another.

    python benchmarks/transfer.py

trains chapter 2's network on the glyphs' train alphabets, on invented alphabets and on Omniglot's background alphabets, judges each
on the test alphabets of the glyphs and on Omniglot's evaluation alphabets (as it is, and made black and white like the glyphs),
writes data/results/transfer.json and prints the table. Raw pixels (the nearest neighbour by cosine) say how hard each is before
anything is learned. Omniglot comes through tensorflow-datasets: without it those rows are left out.
"""

import dataclasses

from fslkeras.course.invented import invent
import fslkeras  # before keras: it keeps TensorFlow's start-up messages away
import keras
import numpy as np
from fslkeras.course.handwriting import THRESHOLD
from training import accuracies, load_results, row, save_results, train_prototypical

STEPS = 3000


def main():
    load = fslkeras.datasets.load
    train = {
        "glyphs": load("glyphs", split="train"),
        "invented": invent(alphabets=30, characters=25),
    }
    test = {"glyphs": load("glyphs", split="test")}
    try:
        train["omniglot"] = load("omniglot", split="background")
        test["omniglot"] = load("omniglot", split="test")
        ink = np.where(test["omniglot"].images >= THRESHOLD, 255, 0).astype("uint8")
        test["omniglot, black and white"] = dataclasses.replace(test["omniglot"], images=ink)
    except FileNotFoundError as error:
        print(error)
    results = load_results("transfer.json")
    results["about"] = (
        f"prototypical, Conv4-32, {STEPS} steps of one 40-way 1-shot episode with 2 queries a class; "
        "1000 episodes, 15 queries a class"
    )
    if "raw pixels" not in results:
        pixels = keras.Sequential([keras.Input((28, 28, 1)), keras.layers.Flatten()])
        model = fslkeras.networks.prototypical(pixels, metric="cosine")
        results["raw pixels"] = {target: accuracies(model, data, ((5, 1), (20, 1))) for target, data in test.items()}
    for target, figures in results["raw pixels"].items():
        print(f"raw pixels -> {target:26s} {row(figures)}")
    for source, data in train.items():
        if source not in results["runs"]:
            model = train_prototypical(data, steps=STEPS)
            judged = {target: accuracies(model, test[target]) for target in test}
            results["runs"][source] = {"tested on": judged}
            save_results("transfer.json", results)
        run = results["runs"][source]
        for target, figures in run["tested on"].items():
            print(f"{source:>10s} -> {target:26s} {row(figures)}", flush=True)


if __name__ == "__main__":
    main()
