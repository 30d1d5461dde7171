"""A training step on each backend, with the options that Keras offers, and in plain PyTorch.

    python benchmarks/backends.py

A prototypical network, one 20-way 1-shot episode with 5 queries per class per step, within `fit`.
Each line runs in its own process, three times, in turns; the median of the three counts. "without
fit" calls the compiled step on one prepared episode, so its difference to `fit` is what drawing the
episode and `fit` cost. Processor time, of all threads, depends less on what else runs.

Results: data/results/backends.json and docs/speed.md. Needs an otherwise idle computer, and
`pip install jax torch`.
"""

import argparse
import json
import statistics
import time

import keras
import numpy as np
from grid import save
from pages import write_speed
from processes import alone

import fslkeras

REPEATS, STEPS, FILTERS = 3, 60, (32, 64)
# The backend, and what `compile` gets.
WAYS = {
    "TensorFlow": ("tensorflow", {}),
    "TensorFlow, without fit": ("tensorflow", {}),
    "TensorFlow, 10 steps per execution": ("tensorflow", {"steps_per_execution": 10}),
    "TensorFlow, XLA": ("tensorflow", {"jit_compile": True}),
    "JAX": ("jax", {}),
    "PyTorch": ("torch", {}),
    "plain PyTorch": ("torch", {}),
}


def step(way, filters):
    """The median milliseconds of a step, and its mean milliseconds of processor time."""
    data = fslkeras.datasets.load("glyphs", split="train")
    episodes = fslkeras.Episodes(data, way=20, shot=1, query=5, steps=STEPS)
    if way == "plain PyTorch":
        import plain_pytorch

        network = plain_pytorch.NETWORKS["prototypical"](filters)
        run = plain_pytorch.training_steps(network, episodes, channels_last=True)
    else:
        network = fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=filters))
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        network.compile(keras.optimizers.Adam(1e-3), loss, **WAYS[way][1])
        run = prepared(network, episodes) if "without" in way else within_fit(network, episodes)
    run()  # traces
    per_call = WAYS[way][1].get("steps_per_execution", 1)
    start = time.process_time()
    median = statistics.median(np.diff(run())) / per_call
    return {"ms": 1000 * median, "processor ms": 1000 * (time.process_time() - start) / STEPS}


def within_fit(network, episodes):
    """A function that trains and returns the time at which each call of the step ends."""

    def run():
        ends = []
        clock = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: ends.append(time.perf_counter())
        )
        network.fit(episodes, verbose=0, callbacks=[clock])
        return ends

    return run


def prepared(network, episodes):
    """As `within_fit`, on one episode that is drawn before."""
    network.make_train_function()
    batch = keras.tree.map_structure(keras.ops.convert_to_tensor, episodes[0])

    def run():
        ends = []
        for _ in range(STEPS):
            keras.tree.map_structure(np.asarray, network.train_function(iter([batch])))
            ends.append(time.perf_counter())
        return ends

    return run


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--one", nargs=2, metavar=("WAY", "FILTERS"), help="print one as JSON")
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(step(arguments.one[0], int(arguments.one[1]))))
        return
    times = {way: {f"Conv4-{filters}": [] for filters in FILTERS} for way in WAYS}
    for _ in range(REPEATS):
        for way in WAYS:
            for filters in FILTERS:
                times[way][f"Conv4-{filters}"].append(
                    alone(__file__, way, filters, KERAS_BACKEND=WAYS[way][0])
                )
                print(way, filters, times[way][f"Conv4-{filters}"], flush=True)
    median = {
        way: {
            f"{size}, {what}": round(statistics.median(repeat[what] for repeat in repeats), 1)
            for size, repeats in each.items()
            for what in repeats[0]
        }
        for way, each in times.items()
    }
    save("backends", {"about": "ms per step, 20-way 1-shot, 5 queries per class", "runs": median})
    write_speed()


if __name__ == "__main__":
    main()
