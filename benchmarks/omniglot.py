"""The papers' figures on Omniglot: one network on one split, in at most an hour of training on two cores.

    python benchmarks/omniglot.py NETWORK [--split mixed]

"mixed" is the papers' split: 1,200 characters of all alphabets for training and 423 for the test, drawn by a fixed seed, the four rotations of
each being classes of their own; 172 of the 1,200 are set aside to choose the weights by. "alphabets" is Lake's: 25 background alphabets to
train on, turned and mirrored, five to choose by, and the twenty evaluation alphabets as they are.

Verification asks a Siamese network of 10,000 pairs whether they are of one class, half of which are; its threshold is the best one on 10,000
pairs of the validation characters. "20w1s within an alphabet" has one query for each of the twenty, as Lake's trials have, but is not his 400
trials: there one person drew the support and another the queries, and tensorflow-datasets does not tell who drew what.

A killed run goes on with the epoch in which it was killed. A finished one adds its figures to data/results/omniglot.json, writes the table
data/omniglot.md again, and keeps its weights in build/omniglot; on the mixed split, the best of each kind of network go to data/weights,
too, as "omniglot_NETWORK".
"""

import argparse
import csv
import os
import time
from pathlib import Path

import fslkeras  # before keras: it keeps TensorFlow's start-up messages away
import keras
import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve
from training import DATA, accuracies, accuracy, load_results, row, save_results, ship

BUILD = Path(__file__).parent.parent / "build" / "omniglot"
STEPS = 250  # of an epoch
TASKS = ("5w1s", "5w5s", "20w1s", "20w5s")
WITHIN, VERIFICATION = "20w1s within an alphabet", "verification"
SHIPPED = ("prototypical", "matching", "relation", "siamese")


def prototypical(encoder=None):
    # The paper squares the distance; this one is not squared.
    model = fslkeras.networks.prototypical(encoder or fslkeras.encoders.conv4(), "euclidean")
    return model, keras.losses.CategoricalCrossentropy(from_logits=True)


def deep_prototypical():
    return prototypical(deep_encoder())


def matching(context_steps=0):
    model = fslkeras.networks.matching(fslkeras.encoders.conv4(), context_steps=context_steps)
    return model, keras.losses.CategoricalCrossentropy(from_logits=True)


def matching_full_context():
    return matching(context_steps=5)


def relation():
    # The paper sums the maps of a class, which ties a network to one number of shots, and takes the squared error, which learns slowly.
    encoder = fslkeras.encoders.conv4(pooled_blocks=2, flatten=False)
    return fslkeras.networks.relation(encoder, reduction="mean"), keras.losses.CategoricalCrossentropy()


def siamese(encoder=None):
    model = fslkeras.networks.episode_model(fslkeras.networks.siamese(encoder or fslkeras.encoders.conv4()))
    contrastive = fslkeras.losses.ContrastiveLoss(margin=5.0)
    return model, lambda y, scores: contrastive(y, -scores)


def deep_siamese():
    return siamese(deep_encoder())


def deep_encoder():
    """Seven convolutions, more and more filters: what it takes to tell the letters of one alphabet apart.

    In training each image is turned, sheared, moved and resized a little. That happens at 56 pixels a side, and halves them afterwards:
    at 28 it would blur the lines, and the network would learn from images that are not those it is asked about."""
    image = keras.Input((56, 56, 1))
    empty = {"fill_mode": "constant", "fill_value": 0.0}
    x = keras.layers.RandomRotation(5 / 360, **empty, seed=0)(image)
    x = keras.layers.RandomZoom((-0.1, 0.1), (-0.1, 0.1), **empty, seed=1)(x)
    x = keras.layers.RandomShear(0.1, 0.1, **empty, seed=2)(x)
    x = keras.layers.RandomTranslation(0.035, 0.035, **empty, seed=3)(x)
    x = keras.layers.AveragePooling2D(2)(x)
    for convolutions, filters in ((1, 32), (2, 64), (2, 128), (2, 256)):
        for _ in range(convolutions):
            x = keras.layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
            x = keras.layers.BatchNormalization(momentum=0.9)(x)
            x = keras.layers.ReLU()(x)
        x = keras.layers.MaxPooling2D()(x)
    return keras.Model(image, keras.layers.Flatten()(x), name="conv7")


def koch():
    encoder = fslkeras.encoders.koch((28, 28, 1), (64, 128, 128, 256), (3, 3, 2, 2), 1024, "glorot_uniform")
    model = fslkeras.networks.episode_model(fslkeras.networks.siamese(encoder, "weighted_l1"))
    return model, keras.losses.BinaryCrossentropy(from_logits=True)


# A function that makes a network and its loss; the way and queries of a training episode; and epochs on each split.
RECIPES = {
    "prototypical": (prototypical, {"way": 60, "query": 1}, {"mixed": 48, "alphabets": 16}),
    "prototypical, deep": (deep_prototypical, {"way": 60, "query": 1}, {"alphabets": 48}),
    "matching": (matching, {"way": 60, "query": 1}, {"mixed": 40, "alphabets": 16}),
    "matching, full context": (matching_full_context, {"way": 60, "query": 1}, {"mixed": 24, "alphabets": 12}),
    "relation": (relation, {"way": 40, "query": 1}, {"mixed": 48, "alphabets": 16}),
    "siamese": (siamese, {"way": 60, "query": 1}, {"mixed": 32, "alphabets": 16}),
    "siamese, deep": (deep_siamese, {"way": 60, "query": 1}, {"alphabets": 48}),
    "koch": (koch, {"way": 40, "query": 2}, {"mixed": 24, "alphabets": 12}),
}

# 5w1s, 5w5s, 20w1s and 20w5s in %, as the papers report them; the Siamese networks' as Vinyals et al. (2016) do.
PAPERS = {
    "prototypical": (98.8, 99.7, 96.0, 98.9),
    "matching": (98.1, 98.9, 93.8, 98.5),
    "relation": (99.6, 99.8, 97.6, 99.1),
    "siamese": (96.7, 98.4, 88.0, 96.5),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=RECIPES)
    parser.add_argument("--split", choices=("mixed", "alphabets"), default="mixed")
    arguments = parser.parse_args()
    make, options, epochs_on = RECIPES[arguments.network]
    if arguments.split not in epochs_on:
        parser.error(f"{arguments.network!r} is trained on {', '.join(epochs_on)}: --split {next(iter(epochs_on))}")
    epochs = epochs_on[arguments.split]
    name = f"{arguments.network}, {arguments.split}"
    folder = BUILD / name.replace(", ", "-").replace(" ", "_")
    folder.mkdir(parents=True, exist_ok=True)

    keras.utils.set_random_seed(0)
    model, loss = make()
    train, validation, test = split(arguments.split, size=model.input["support"].shape[2])
    log = train_resumably(model, loss, train, validation, options, epochs, folder)
    model.load_weights(folder / "best.weights.h5")

    figures = accuracies(model, test)
    if arguments.split == "alphabets":
        within = fslkeras.Episodes(test, way=20, shot=1, query=1, steps=1000, seed=1, within_alphabet=True)
        figures[WITHIN] = accuracy(model, within)
    if arguments.network.startswith(("siamese", "koch")):
        figures[VERIFICATION] = verification(model, validation, test)
    results = load_results("omniglot.json")
    episodes = f"{len(log)} x {STEPS} of {options['way']}-way 1-shot, queries a class: {options['query']}"
    results["runs"][name] = {
        "network": arguments.network,
        "split": arguments.split,
        "seed": 0,
        "episodes": episodes,
        "weights": model.count_params(),
        "minutes of training": round(sum(float(epoch["seconds"]) for epoch in log) / 60, 1),
        **figures,
    }
    save_results("omniglot.json", results)
    write_table(results)
    if arguments.network in SHIPPED and arguments.split == "mixed":
        trained_on = f"Omniglot, 1,028 of the papers' 1,200 characters, four rotations each: Conv4-64, {episodes}"
        if arguments.network == "siamese":  # as a network for pairs: its episodes are that network's
            model = fslkeras.networks.siamese(model.get_layer("encode").encoder)
        ship(f"omniglot_{arguments.network}", model, trained_on, figures)
    print(f"{name}: {row({task: figure for task, figure in figures.items() if task != VERIFICATION})}")


def verification(model, validation, test):
    """Accuracy and area under the ROC curve over 10,000 pairs."""

    def scores(data):
        x, same = fslkeras.Pairs(data, batch_size=10_000, steps=1, seed=1)[0]
        # A pair is an episode with one class, one support image and one query.
        episodes = {"support": x["left"][:, None], "query": x["right"][:, None]}
        labels = np.ones((len(same), 1, 1), "float32")
        return same, model.predict({**episodes, "support_labels": labels}, batch_size=500, verbose=0).ravel()

    wrong, right, thresholds = roc_curve(*scores(validation))
    threshold = thresholds[np.argmax(right - wrong)]
    same, of_test = scores(test)
    return {
        "accuracy": round(float(np.mean((of_test >= threshold) == same)), 5),
        "auc": round(float(roc_auc_score(same, of_test)), 5),
    }


def write_table(results):
    """data/omniglot.md, one line a network and split."""
    made = results["made with"]
    lines = [
        "# Omniglot, the papers' protocols",
        "",
        f"1,000 episodes of 15 queries a class, % right and 95 % interval; one training each (seed 0), Keras {made['keras']} on {made['backend']}, "
        f"{made['cores']} processor cores, some beside other work. Made by `python benchmarks/omniglot.py`, which says what the splits are. Twenty letters of one alphabet, "
        "one query each, are not Lake's 400 trials: the people who drew them are mixed.",
        "",
        f"| network | split | {' | '.join((*TASKS, WITHIN))} | verification, AUC | training | minutes |",
        "|" + 10 * "---|",
    ]
    for run in sorted(
        results["runs"].values(), key=lambda run: (run["split"] != "mixed", list(RECIPES).index(run["network"]))
    ):
        figures = [run.get(task) for task in (*TASKS, WITHIN)]
        cells = [f"{100 * f['mean']:.1f} ± {100 * f['ci95']:.1f}" if f else "" for f in figures]
        pairs = run.get(VERIFICATION)
        cells.append(f"{100 * pairs['accuracy']:.1f}, {pairs['auc']:.3f}" if pairs else "")
        lines.append(
            f"| {run['network']} | {run['split']} | {' | '.join(cells)} | {run['episodes']} | {run['minutes of training']} |"
        )
        if run["split"] == "mixed" and run["network"] in PAPERS:
            lines.append(f"| – as published | mixed | {' | '.join(map(str, PAPERS[run['network']]))} |  |  |  |  |")
    (DATA / "omniglot.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def split(name, size=28):
    """Classes to train on, to choose by, and to be judged on, their images size x size pixels."""
    if name == "alphabets":
        train, validation, test = (
            fslkeras.datasets.load("omniglot", part, size=size) for part in ("train", "validation", "test")
        )
        return train.rotated().mirrored(), validation, test
    background, test = fslkeras.datasets.load("omniglot", size=size).split(1200, seed=0)
    validation, train = background.split(172, seed=0)
    return train.rotated(), validation.rotated(), test.rotated()


def train_resumably(network, loss, train, validation, options, epochs, folder):
    """Trains, or goes on training, and leaves the weights that were best on validation in the folder.

    Returns:
        the log, a dict an epoch.
    """
    examples = fslkeras.Episodes(train, shot=1, steps=STEPS, **options)
    checking = fslkeras.Episodes(validation, way=20, shot=1, query=5, steps=100, resample=False, seed=1)
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, epochs * STEPS)
    network.compile(keras.optimizers.Adam(schedule), loss, metrics=["accuracy"])
    log = folder / "log.csv"
    best = max((float(epoch["val_accuracy"]) for epoch in read(log)), default=None)
    clock = {}

    def begin(epoch, logs):
        examples.epoch = epoch + 1  # a fit that goes on would begin with the first epoch's episodes again
        clock["began"] = time.monotonic()

    def end(epoch, logs):
        logs["seconds"] = time.monotonic() - clock["began"]
        left = (epochs - epoch - 1) * logs["seconds"] / 60
        print(
            f"epoch {epoch + 1} of {epochs}: validation {100 * logs['val_accuracy']:.2f} %, about {left:.0f} min left",
            flush=True,
        )

    network.fit(
        examples,
        validation_data=checking,
        epochs=epochs,
        shuffle=False,  # item i is random as it is; so a run that goes on is the run that was never killed
        verbose=1 if os.isatty(1) else 0,
        callbacks=[
            keras.callbacks.LambdaCallback(on_epoch_begin=begin, on_epoch_end=end),
            keras.callbacks.CSVLogger(log, append=True),
            keras.callbacks.ModelCheckpoint(
                folder / "best.weights.h5",
                monitor="val_accuracy",
                mode="max",
                save_best_only=True,
                save_weights_only=True,
                initial_value_threshold=best,
            ),
            keras.callbacks.BackupAndRestore(folder / "backup", delete_checkpoint=False),
        ],
    )
    return read(log)


def read(log):
    if not log.exists():
        return []
    with log.open() as lines:
        # Killed between the log and the backup, a run makes an epoch again: the last row of each counts.
        return list({row["epoch"]: row for row in csv.DictReader(lines)}.values())


if __name__ == "__main__":
    main()
