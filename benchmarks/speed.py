"""The speed of the package, compared with references that take turns with it in the same run.

    python benchmarks/speed.py

Results: data/results/speed.json and docs/speed.md. Needs an otherwise idle computer, and PyTorch
for the lines about it: `pip install torch`.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
from grid import save
from pages import write_speed

from fslkeras import Episodes, encoders, evaluate, losses, networks
from fslkeras.course.invented import invent
from fslkeras.datasets import glyphs, load, omniglot

ROOT = Path(__file__).resolve().parents[1]


def seconds(what):
    start = time.perf_counter()
    what()
    return time.perf_counter() - start


def in_turns(repeats, *candidates):
    """The candidates' median seconds in turns, and the median ratio of the first to the last."""
    times = [[seconds(candidate) for candidate in candidates] for _ in range(repeats)]
    medians = [statistics.median(column) for column in zip(*times, strict=True)]
    return medians, statistics.median(turn[0] / turn[-1] for turn in times)


def row(what, measured, ratio=None, bar="", unit="s"):
    return {"what": what, "value": measured, "unit": unit, "ratio": ratio, "bar": bar}


CROSS_ENTROPY = keras.losses.CategoricalCrossentropy(from_logits=True)
CONTRASTIVE = losses.ContrastiveLoss(5.0)
# Each network: a function that builds it around an encoder, and its loss.
NETWORKS = {
    "Siamese": (
        lambda encoder: networks.episode_model(networks.siamese(encoder)),
        lambda y, s: CONTRASTIVE(y, -s),
    ),
    "prototypical": (networks.prototypical, CROSS_ENTROPY),
    "matching": (networks.matching, CROSS_ENTROPY),
    "matching, full context": (
        lambda encoder: networks.matching(encoder, context_steps=5),
        CROSS_ENTROPY,
    ),
    "relation": (
        lambda encoder: networks.relation(encoder, encoder.output_shape[-1], reduction="mean"),
        keras.losses.MeanSquaredError(),
    ),
}


def encoder_of(name, filters):
    return encoders.conv4(
        filters=filters, **({"pooled_blocks": 2, "flatten": False} if name == "relation" else {})
    )


def training_steps(data, filters, steps=40, repeats=3):
    """A step of each network within `fit`, its encoder alone, and plain PyTorch if installed."""
    episodes = Episodes(data, way=20, shot=1, query=5, steps=steps)
    rows = []
    for name, (make, loss) in NETWORKS.items():
        network, bare = make(encoder_of(name, filters)), encoder_of(name, filters)
        network.compile(keras.optimizers.Adam(1e-3), loss)
        # The loss is the mean square of the embeddings.
        bare.compile(keras.optimizers.Adam(1e-3), "mean_squared_error")
        candidates = ((network, episodes), (bare, Images(episodes, bare.output_shape[1:])))
        turns = [[a_step(*candidate) for candidate in candidates] for _ in range(1 + repeats)]
        del turns[0]  # the first turn traces
        ours, alone = (1000 * statistics.median(column) for column in zip(*turns, strict=True))
        ratio = statistics.median(turn[0] / turn[1] for turn in turns)
        bar = "" if name in ("relation", "matching, full context") else "<= 1.15"
        rows += [
            row(
                f"a training step, {name}, Conv4-{filters}, 20-way 1-shot 5 queries",
                ours,
                ratio,
                bar,
                "ms",
            ),
            row(
                f"  its encoder alone: forward, backward, update of {6 * 20} images",
                alone,
                unit="ms",
            ),
        ]
        for layout, ms in plain_pytorch(name, filters, steps, repeats).items():
            rows.append(row(f"  in plain PyTorch, {layout}", ms, ours / ms, "<= 1", "ms"))
    return rows


def a_step(model, examples):
    """The median seconds from the end of one step of `fit` to the end of the next."""
    ends = []
    clock = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter())
    )
    model.fit(examples, verbose=0, callbacks=[clock])
    return statistics.median(np.diff(ends))


class Images(keras.utils.PyDataset):
    """The images of the same episodes, for an encoder alone."""

    def __init__(self, episodes, embedding_shape):
        super().__init__()
        self.episodes, self.embedding_shape = episodes, embedding_shape

    def __len__(self):
        return len(self.episodes)

    def __getitem__(self, i):
        x, _ = self.episodes[i]
        images = np.concatenate([x["support"][0], x["query"][0]])
        return images, np.zeros((len(images), *self.embedding_shape), "float32")


def plain_pytorch(*arguments):
    """Milliseconds of the same step in PyTorch for each memory layout; empty without PyTorch.

    It runs in its own process, because PyTorch's threads keep spinning for a while after a step and
    would slow Keras down.
    """
    command = [sys.executable, Path(__file__).with_name("plain_pytorch.py"), *map(str, arguments)]
    done = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {}


def evaluation(data, name):
    network = networks.prototypical(encoders.conv4())
    episodes = Episodes(data, way=5, shot=1, query=15, steps=1000, seed=1)
    evaluate(network, Episodes(data, way=5, shot=1, query=15, steps=2))
    network.predict(episodes[0][0], verbose=0)

    def one_by_one():
        for i in range(100):
            network.predict(episodes[i][0], verbose=0)

    (all_episodes, hundred), ratio = in_turns(3, lambda: evaluate(network, episodes), one_by_one)
    rows = [
        row(
            f"evaluate, 1,000 5-way 1-shot episodes of 15 queries on {name}, Conv4-64",
            all_episodes,
            None,
            "<= 10 s",
        ),
        row(
            "  predicting episode by episode, ten times 100 of them",
            10 * hundred,
            10 / ratio,
            ">= 20",
        ),
    ]
    episodes = Episodes(data, way=20, shot=5, query=15, steps=1000, seed=1)
    for each, (make, _) in NETWORKS.items():
        network = make(encoder_of(each, 64))
        bar = {"relation": "<= 25 s", "matching, full context": ""}.get(each, "<= 15 s")
        took = seconds(lambda: evaluate(network, episodes))  # noqa: B023
        rows.append(
            row(f"evaluate, 1,000 20-way 5-shot episodes of 15 queries, {each}", took, None, bar)
        )
    return rows


def one_shot_trial(data):
    """Times a Siamese network's 20-way 1-shot trial, embedding each image once or pair by pair."""
    siamese = networks.siamese(encoders.conv4(filters=32))
    by_episode = networks.episode_model(siamese)
    x, _ = Episodes(data, way=20, shot=1, query=1, steps=1)[0]
    images = {
        "left": x["query"][0].repeat(20, axis=0),
        "right": np.tile(x["support"][0], (20, 1, 1, 1)),
    }
    assert len(images["left"]) == 400
    candidates = lambda: by_episode.predict_on_batch(x), lambda: siamese.predict_on_batch(images)
    assert np.allclose(-candidates[0]()[0].ravel(), candidates[1](), atol=1e-3)
    (once, pair_by_pair), ratio = in_turns(30, *candidates)
    return [
        row(
            "a 20-way trial of 20 queries, Siamese Conv4-32: 20 + 20 embeddings",
            1000 * once,
            ratio,
            "<= 0.2",
            "ms",
        ),
        row("  pair by pair: 2 x 400 embeddings", 1000 * pair_by_pair, unit="ms"),
    ]


def sampling(data):
    def draw(**options):
        episodes = Episodes(data, way=20, shot=1, query=5, steps=500, **options)
        return lambda: [episodes[i] for i in range(500)]

    (anywhere, within), _ = in_turns(5, draw(), draw(within_alphabet=True))
    return [
        row(
            "drawing a 20-way 1-shot 5-query episode", 1000 * anywhere / 500, None, "<= 1 ms", "ms"
        ),
        row("  within one alphabet", 1000 * within / 500, None, "<= 1 ms", "ms"),
    ]


def importing(repeats):
    def run(code):
        quiet = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
        return lambda: subprocess.run(
            [sys.executable, "-c", code], check=True, env=quiet, capture_output=True
        )

    candidates = run("import fslkeras.networks"), run("import keras")
    for candidate in candidates:
        candidate()
    (ours, theirs), ratio = in_turns(repeats, *candidates)
    return [
        row("import fslkeras.networks, a new process", ours, ratio, "<= 1.05"),
        row("  import keras", theirs),
    ]


def first_steps():
    """Times the first step in a new process, after the imports: building, compiling and tracing."""
    code = """
import time, sys, fslkeras, keras, speed
glyphs = fslkeras.datasets.load("glyphs", "train")
x, y = fslkeras.Episodes(glyphs, way=20, shot=1, query=5, steps=1)[0]
make, loss = speed.NETWORKS[sys.argv[1]]
start = time.perf_counter()
model = make(speed.encoder_of(sys.argv[1], 32))
model.compile("adam", loss)
model.train_on_batch(x, y)
print(time.perf_counter() - start)
"""
    quiet = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'benchmarks'}"}
    rows = []
    for name in NETWORKS:
        command = [sys.executable, "-c", code, name]
        done = subprocess.run(command, check=True, env=quiet, capture_output=True, text=True)
        rows.append(
            row(
                f"the first step, {name}, Conv4-32: building, tracing and one step",
                float(done.stdout),
            )
        )
    return rows


def loading():
    def uncached(function, *arguments):
        def call():
            function.cache_clear()
            function(*arguments)

        return call

    rows = [row("load('glyphs')", in_turns(5, uncached(glyphs._glyphs))[0][0], None, "<= 0.1 s")]
    try:
        load_omniglot = in_turns(5, uncached(omniglot._omniglot, 28))[0][0]
        rows.append(row("load('omniglot')", load_omniglot, None, "<= 15 s"))
    except FileNotFoundError as error:
        print(error)
    invented = seconds(lambda: invent(24, 25, 20))
    rows.append(row("invent(alphabets=24, characters=25, drawers=20)", invented, None, "<= 30 s"))
    return rows


def main():
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    train = load("glyphs", split="train")
    rows = loading() + sampling(train) + training_steps(train, 32) + training_steps(train, 64)
    try:
        rows += evaluation(load("omniglot", split="test"), "Omniglot")
    except FileNotFoundError:
        rows += evaluation(load("glyphs", split="test"), "glyphs")
    rows += one_shot_trial(train) + importing(repeats=5) + first_steps()
    for each in rows:
        ratio = "" if each["ratio"] is None else f"{each['ratio']:.2f}"
        print(f"{each['what']:<75}{each['value']:9.3f} {each['unit']:<3}{ratio:>8}  {each['bar']}")
    save("speed", {"about": "medians of repeats, in turns", "runs": rows})
    write_speed()


if __name__ == "__main__":
    main()
