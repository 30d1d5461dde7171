"""The papers' experiments on Omniglot: one network on one split, up to an hour on two cores.

    python benchmarks/omniglot.py NETWORK [--split mixed] [--one-shot FOLDER]

"mixed" is the papers' split: 1,200 characters of all alphabets for training and 423 for testing,
drawn with a fixed random seed, each with its four rotations as separate classes. It holds out 172
of the 1,200 to choose the best epoch. "alphabets" is Lake's split: 25 background alphabets, rotated
and mirrored, for training, five to choose the epoch, and the twenty evaluation alphabets,
unchanged, for testing.

Verification gives a Siamese network 10,000 pairs, half of them from the same class, with the
threshold that is best on 10,000 pairs of the validation characters. "20w1s within an alphabet" has
one query for each of twenty classes, like Lake's trials, but is not his 400 trials: there, one
person drew the support and another the queries, and tensorflow-datasets does not say who drew what.

--one-shot also evaluates the network on the 400 trials, from a folder with run01 to run20 of Lake's
all_runs.zip. Their characters come from the evaluation alphabets, so this needs --split alphabets.

An interrupted run resumes with the epoch it was in. A finished run adds its results to
data/results/omniglot.json and docs/omniglot.md, and keeps its weights in build/omniglot. The mixed
split's networks for the course are published in data/weights as "omniglot_NETWORK".
"""

import argparse
import csv
import functools
import os
import time
from pathlib import Path

import keras
import numpy as np
from grid import run
from one_shot import trials_accuracy
from pages import TRIALS, VERIFICATION, WITHIN, write_omniglot
from sklearn.metrics import roc_auc_score, roc_curve
from training import accuracies, accuracy, publish

import fslkeras

BUILD = Path(__file__).parents[1] / "build" / "omniglot"
STEPS = 250  # per epoch
PAIRS = 10_000  # for verification
ABOUT = "1000 episodes, 15 queries per class; verification on 10,000 pairs"
PUBLISHED = ("prototypical", "matching", "relation", "siamese")


def prototypical(encoder=None):
    # The paper squares the distance; here it is not squared.
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
    # The paper sums the feature maps of a class, which ties a network to one number of shots, and
    # uses the squared error, which learns slowly.
    encoder = fslkeras.encoders.conv4(pooled_blocks=2, flatten=False)
    model = fslkeras.networks.relation(encoder, reduction="mean")
    return model, keras.losses.CategoricalCrossentropy()


def siamese(encoder=None):
    model = fslkeras.networks.episode_model(
        fslkeras.networks.siamese(encoder or fslkeras.encoders.conv4())
    )
    contrastive = fslkeras.losses.ContrastiveLoss(margin=5.0)
    return model, lambda y, scores: contrastive(y, -scores)


def deep_siamese():
    return siamese(deep_encoder())


def deep_encoder():
    """Seven convolutions with increasing filters, enough to distinguish letters of one alphabet.

    During training, each image is slightly rotated, sheared, shifted and scaled at 56x56 pixels,
    then halved. At 28x28 this would blur the strokes, so the network would train on images unlike
    those it is evaluated on.
    """
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
    encoder = fslkeras.encoders.koch(
        (28, 28, 1), (64, 128, 128, 256), (3, 3, 2, 2), 1024, "glorot_uniform"
    )
    model = fslkeras.networks.episode_model(fslkeras.networks.siamese(encoder, "weighted_l1"))
    return model, keras.losses.BinaryCrossentropy(from_logits=True)


# For each network: a function that builds it and its loss, the way and queries of a training
# episode, and the epochs on each split.
RECIPES = {
    "prototypical": (prototypical, {"way": 60, "query": 1}, {"mixed": 48, "alphabets": 16}),
    "prototypical, deep": (
        deep_prototypical,
        {"way": 60, "query": 1},
        {"mixed": 40, "alphabets": 48},
    ),
    "matching": (matching, {"way": 60, "query": 1}, {"mixed": 40, "alphabets": 16}),
    "matching, full context": (
        matching_full_context,
        {"way": 60, "query": 1},
        {"mixed": 24, "alphabets": 12},
    ),
    "relation": (relation, {"way": 40, "query": 1}, {"mixed": 48, "alphabets": 16}),
    "siamese": (siamese, {"way": 60, "query": 1}, {"mixed": 32, "alphabets": 16}),
    "siamese, deep": (deep_siamese, {"way": 60, "query": 1}, {"alphabets": 48}),
    "koch": (koch, {"way": 40, "query": 2}, {"mixed": 24, "alphabets": 12}),
}

RUNS = {
    f"{network}, {split}": {"network": network, "split": split, "seed": 0}
    for network, (_, _, epochs) in RECIPES.items()
    for split in epochs
}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("network", choices=RECIPES)
    parser.add_argument("--split", choices=("mixed", "alphabets"), default="mixed")
    parser.add_argument("--one-shot", metavar="FOLDER", help="folder of Lake's 400 trials")
    arguments = parser.parse_args()
    if arguments.one_shot and arguments.split != "alphabets":
        parser.error("--one-shot needs --split alphabets: mixed trains on letters in the trials.")
    name = f"{arguments.network}, {arguments.split}"
    if name not in RUNS:
        listed = "; ".join(RUNS)
        parser.error(f"{arguments.network!r} has no recipe for this split. Expected: {listed}.")
    measure_all = functools.partial(measure, one_shot=arguments.one_shot)
    run("omniglot", ABOUT, {name: RUNS[name]}, measure_all)
    write_omniglot()


def measure(network, split, seed, one_shot=None):
    make, options, epochs = RECIPES[network]
    folder = BUILD / f"{network}-{split}".replace(", ", "-").replace(" ", "_")
    folder.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(seed)
    model, loss = make()
    train, validation, test = datasets(split, size=model.input["support"].shape[2])
    log = train_resumably(model, loss, train, validation, options, epochs[split], folder)
    model.load_weights(folder / "best.weights.h5")

    results = accuracies(model, test)
    if split == "alphabets":
        results[WITHIN] = accuracy(model, test, 20, 1, query=1, within_alphabet=True)
    if one_shot:
        results[TRIALS] = trials_accuracy(model, one_shot)
    if network.startswith(("siamese", "koch")):
        results[VERIFICATION] = verification(model, validation, test)
    steps = f"{len(log)} x {STEPS} of {options['way']}-way 1-shot"
    episodes = f"{steps}, queries per class: {options['query']}"
    if network in PUBLISHED and split == "mixed":
        trained_on = (
            "Omniglot, 1,028 of the papers' 1,200 characters, four rotations each: Conv4-64, "
            f"{episodes}"
        )
        # A Siamese network is published as a network over pairs.
        pairs = network == "siamese"
        published = fslkeras.networks.siamese(model.get_layer("encode").encoder) if pairs else model
        publish(f"omniglot_{network}", published, trained_on, results)
    return {
        "episodes": episodes,
        "weights": model.count_params(),
        "minutes of training": round(sum(float(epoch["seconds"]) for epoch in log) / 60, 1),
        **results,
    }


def verification(model, validation, test):
    """Accuracy, and area under the ROC curve, on `PAIRS` pairs."""

    def scores(data):
        x, same = fslkeras.Pairs(data, batch_size=PAIRS, steps=1, seed=1)[0]
        # A pair is an episode with one class, one support image and one query.
        episodes = {"support": x["left"][:, None], "query": x["right"][:, None]}
        labels = np.ones((len(same), 1, 1), "float32")
        return same, model.predict(
            {**episodes, "support_labels": labels}, batch_size=500, verbose=0
        ).ravel()

    wrong, right, thresholds = roc_curve(*scores(validation))
    threshold = thresholds[np.argmax(right - wrong)]
    same, of_test = scores(test)
    return {
        "accuracy": round(float(np.mean((of_test >= threshold) == same)), 5),
        "auc": round(float(roc_auc_score(same, of_test)), 5),
    }


def datasets(name, size=28):
    """The training, validation and test classes, with images of size x size pixels."""
    if name == "alphabets":
        train, validation, test = (
            fslkeras.datasets.load("omniglot", part, size=size)
            for part in ("train", "validation", "test")
        )
        return train.rotated().mirrored(), validation, test
    background, test = fslkeras.datasets.load("omniglot", size=size).split(1200, seed=0)
    validation, train = background.split(172, seed=0)
    return train.rotated(), validation.rotated(), test.rotated()


def train_resumably(network, loss, train, validation, options, epochs, folder):
    """Trains, or resumes training, and keeps the weights with the best validation accuracy.

    Returns:
        the log, a list with one dict per epoch.
    """
    examples = fslkeras.Episodes(train, shot=1, steps=STEPS, **options)
    schedule = keras.optimizers.schedules.CosineDecay(2e-3, epochs * STEPS)
    network.compile(keras.optimizers.Adam(schedule), loss, metrics=["accuracy"])
    network.fit(
        examples,
        validation_data=fslkeras.Episodes(
            validation, way=20, shot=1, query=5, steps=100, resample=False, seed=1
        ),
        epochs=epochs,
        shuffle=False,  # item i is random already; in order, a resumed run equals a full one
        verbose=1 if os.isatty(1) else 0,
        callbacks=callbacks(examples, epochs, folder),
    )
    return read_log(folder)


def callbacks(examples, epochs, folder):
    """Callbacks that time and log each epoch, keep the best weights and make training resumable."""
    clock = {}

    def begin(epoch, logs):
        # Otherwise a resumed fit would start again with the first epoch's episodes.
        examples.epoch = epoch + 1
        clock["start"] = time.monotonic()

    def end(epoch, logs):
        logs["seconds"] = time.monotonic() - clock["start"]
        left = (epochs - epoch - 1) * logs["seconds"] / 60
        accuracy = f"{100 * logs['val_accuracy']:.2f} %"
        print(
            f"epoch {epoch + 1} of {epochs}: validation {accuracy}, about {left:.0f} min left",
            flush=True,
        )

    return [
        keras.callbacks.LambdaCallback(on_epoch_begin=begin, on_epoch_end=end),
        # Before the log: a run killed while it writes the best weights must write them again.
        keras.callbacks.ModelCheckpoint(
            folder / "best.weights.h5",
            monitor="val_accuracy",
            mode="max",
            save_best_only=True,
            save_weights_only=True,
            initial_value_threshold=max(
                (float(row["val_accuracy"]) for row in read_log(folder)), default=None
            ),
        ),
        keras.callbacks.CSVLogger(folder / "log.csv", append=True),
        keras.callbacks.BackupAndRestore(
            folder / "backup", double_checkpoint=True, delete_checkpoint=False
        ),
    ]


def read_log(folder):
    log = folder / "log.csv"
    if not log.exists():
        return []
    with log.open() as lines:
        # A run killed between log and backup repeats the epoch: the last row of each epoch counts.
        return list({row["epoch"]: row for row in csv.DictReader(lines)}.values())


if __name__ == "__main__":
    main()
