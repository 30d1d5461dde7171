"""Time and peak memory of ideas from chapters 3 and 4, each compared with its plain form.

    python benchmarks/cost.py

prints the results and saves them in data/results/cost.json. It needs an otherwise idle computer and
takes about five minutes on two cores. The two forms take turns within one run.

- The relation module and the literal concatenation of each pair, forward and backward, with 64
  channels and 64 filters.
- Attention summed per class, by a product with the one-hot matrix and by a segment sum.
- A training step and an evaluation of each of the four networks.
"""

import argparse
import multiprocessing
import re
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from comparison import NETWORKS
from grid import save
from keras import ops
from speed import in_turns
from training import glyphs, train_matching

import fslkeras

STEPS, EPISODES = 20, 100  # per network, in training and evaluation


class Concatenation(keras.layers.Layer):
    """The paper's relation module: concatenated maps of a pair, two blocks, two dense layers."""

    def __init__(self, filters=64, units=8):
        super().__init__()
        convolution = [
            keras.layers.Conv2D(filters, 3, padding="same", use_bias=False) for _ in range(2)
        ]
        normalization = [
            keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5) for _ in range(2)
        ]
        self.blocks = list(zip(convolution, normalization, strict=True))
        self.pool = keras.layers.MaxPooling2D()
        self.dense = [
            keras.layers.Dense(units, activation="relu"),
            keras.layers.Dense(1, activation="sigmoid"),
        ]

    def call(self, query_maps, class_maps, training=None):
        queries, classes = query_maps.shape[1], class_maps.shape[1]
        of_queries = ops.repeat(query_maps[:, :, None], classes, axis=2)
        of_classes = ops.repeat(class_maps[:, None], queries, axis=1)
        x = ops.reshape(
            ops.concatenate([of_queries, of_classes], axis=-1), (-1, 7, 7, 2 * query_maps.shape[-1])
        )
        for convolution, normalization in self.blocks:
            x = self.pool(ops.relu(normalization(convolution(x), training=training)))
        x = ops.reshape(x, (queries * classes, -1))
        for dense in self.dense:
            x = dense(x)
        return ops.reshape(x, (-1, queries, classes))


def relation_step(split, way, query=5, channels=64):
    """A function that runs a forward and backward pass of the module on random 7x7 feature maps."""
    rng = np.random.default_rng(0)
    maps = [tf.constant(rng.random((1, n, 7, 7, channels), "float32")) for n in (way * query, way)]
    keras.utils.set_random_seed(0)
    module = fslkeras.layers.RelationModule() if split else Concatenation()

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            tape.watch(maps)
            loss = tf.reduce_mean(module(*maps, training=True) ** 2)
        return tape.gradient(loss, maps + module.trainable_variables)

    return step


def attention(product, way, shot, queries=100):
    """A function that sums random attention per class, by a one-hot product or a segment sum."""
    rng = np.random.default_rng(0)
    classes = rng.permutation(np.repeat(np.arange(way), shot))
    weights = tf.constant(rng.random((queries, way * shot), "float32"))
    one_hot = tf.constant(np.eye(way, dtype="float32")[classes])
    if product:
        return tf.function(lambda: tf.matmul(weights, one_hot))
    transposed, segments = tf.transpose(weights), tf.constant(classes, "int32")
    return tf.function(
        lambda: tf.transpose(tf.math.unsorted_segment_sum(transposed, segments, way))
    )


def peak(split, way):
    """Peak memory of `relation_step` in MB, in its own process; None without Linux's /proc."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_peak, (split, way))


def _peak(split, way):
    status = Path("/proc/self/status")
    if not status.exists():
        return None

    def high_water_mark():
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1000

    relation_step(split, way=2)()  # the libraries allocate what they always need
    before = high_water_mark()
    relation_step(split, way)()
    return round(high_water_mark() - before)


def relation_rows():
    rows = []
    for way in (20, 60):
        split, literal = relation_step(True, way), relation_step(False, way)
        split(), literal()  # the first call traces
        (ours, theirs), ratio = in_turns(7 if way == 20 else 3, split, literal)
        memory = [peak(one, way) for one in (True, False)]
        rows.append(
            {
                "way": way,
                "query": 5,
                "split": {"ms": round(1000 * ours, 1), "MB": memory[0]},
                "concatenation": {"ms": round(1000 * theirs, 1), "MB": memory[1]},
                "times faster": round(1 / ratio, 2),
            }
        )
    return rows


def attention_rows():
    rows = []
    for way, shot in ((5, 1), (20, 1), (20, 5), (100, 5), (1000, 5)):
        product, segments = attention(True, way, shot), attention(False, way, shot)
        assert np.allclose(product(), segments(), atol=1e-4)
        repeats = 50 if way * shot < 1000 else 10

        def many(function):
            return lambda: [function() for _ in range(repeats)]  # noqa: B023

        (ours, theirs), _ = in_turns(9, many(product), many(segments))
        rows.append(
            {
                "way": way,
                "shot": shot,
                "queries": 100,
                "one-hot product": {
                    "ms": round(1000 * ours / repeats, 3),
                    "kB of labels": way * shot * way * 4 / 1000,
                },
                "segment sum": {
                    "ms": round(1000 * theirs / repeats, 3),
                    "kB of labels": way * shot * 4 / 1000,
                },
            }
        )
    return rows


def network_rows():
    """Times a training step and an evaluation of each network, in turns."""
    train, test = glyphs()
    # One training step is enough, since only the time counts.
    models = {name: trained(train, steps=1) for name, trained in NETWORKS.items()}
    models["Matching, full context"] = train_matching(train, steps=1, context_steps=5)
    drawn = fslkeras.Episodes(train, way=40, shot=1, query=2, steps=STEPS)
    examples = [drawn[i] for i in range(STEPS)]

    def train_on(model):
        for x, y in examples:
            model.train_on_batch(x, y)

    evaluated = fslkeras.Episodes(test, way=20, shot=1, query=15, steps=EPISODES, seed=1)
    for name, model in models.items():
        loss = (
            "mean_squared_error"
            if name == "Relation"
            else keras.losses.CategoricalCrossentropy(from_logits=True)
        )
        model.compile(keras.optimizers.Adam(1e-3), loss)
        train_on(model)
    training, _ = in_turns(5, *(partial(train_on, model) for model in models.values()))
    evaluation, _ = in_turns(
        3, *(partial(fslkeras.evaluate, model, evaluated) for model in models.values())
    )
    return {
        name: {
            "ms a step": round(1000 * per_epoch / STEPS, 1),
            "s for 100 episodes": round(per_evaluation, 2),
        }
        for name, per_epoch, per_evaluation in zip(models, training, evaluation, strict=True)
    }


def main():
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    results = {
        "about": "medians of repeats, in turns; memory in separate processes",
        "relation": relation_rows(),
        "attention": attention_rows(),
        "networks": network_rows(),
    }
    for row in results["relation"] + results["attention"]:
        print(row, flush=True)
    for name, row in results["networks"].items():
        print(f"{name:15s} {row}", flush=True)
    save("cost", results)


if __name__ == "__main__":
    main()
