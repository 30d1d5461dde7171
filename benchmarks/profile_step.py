"""Where the time of a training step goes, by kind of operation and by part of the network.

    python benchmarks/profile_step.py

compares kinds of operations in Keras on TensorFlow and in plain PyTorch, and the parts of the two
slower networks. Each step takes one 20-way 1-shot episode with 5 queries per class. PyTorch uses
channels last, as Keras does. Each network runs in its own process; times are medians over seven
repeats of forty steps. An operation's time lasts from its start to its end, forward and backward,
on all cores; TensorFlow may run two operations at once. Results: data/results/profile.json and
docs/speed.md. Needs an otherwise idle computer, and PyTorch: `pip install torch`.
"""

import argparse
import json
import statistics
import tempfile
from collections import Counter
from pathlib import Path

import speed
import tensorflow as tf
from grid import save
from pages import write_speed
from processes import alone
from tensorflow.tsl.profiler.protobuf import xplane_pb2

import fslkeras

STEPS, REPEATS = 40, 7
FILTERS = (32, 64)
# An operation belongs to the first group with a string that its name contains.
KINDS = {
    "convolution": ("conv2d", "convolution"),
    "batch normalization": ("batch_normalization", "batch_norm"),
    "pooling": ("max_pool",),
    "ReLU": ("re_lu", "relu", "threshold_backward", "clamp_min"),
}
PARTS = {
    "encoder": ("/encode",),
    "maps of the classes": ("/class_maps",),
    "convolution of the pairs": ("/convolve",),
    "batch normalization of the pairs": ("/normalize",),
    "context of the support": ("/support_context",),
    "context of the queries": ("/query_context",),
}
REST = "everything else"


def in_tensorflow(network, filters, episodes):
    """A function that trains and yields the name and the milliseconds of each operation."""
    make, loss = speed.NETWORKS[network]
    model = make(speed.encoder_of(network, filters))
    model.compile("adam", loss)
    model.fit(episodes, verbose=0)  # traces

    def operations():
        with tempfile.TemporaryDirectory() as folder:
            with tf.profiler.experimental.Profile(folder):
                model.fit(episodes, verbose=0)
            space = xplane_pb2.XSpace()
            space.ParseFromString(next(Path(folder).rglob("*.xplane.pb")).read_bytes())
        for plane in space.planes:
            for event in (event for line in plane.lines for event in line.events):
                name = plane.event_metadata[event.metadata_id].name
                # The step's graph: path/to/operation:Type.
                if name.startswith("StatefulPartitionedCall/"):
                    yield name, event.duration_ps / 1e9

    return operations


def in_pytorch(network, filters, episodes):
    """As `in_tensorflow`."""
    import plain_pytorch  # here, to profile Keras without PyTorch in memory
    from torch import profiler

    run = plain_pytorch.training_steps(
        plain_pytorch.NETWORKS[network](filters), episodes, channels_last=True
    )
    run()

    def operations():
        with profiler.profile(activities=[profiler.ProfilerActivity.CPU]) as profile:
            run()
        for operation in profile.key_averages():
            yield operation.key, operation.self_cpu_time_total / 1e3

    return operations


FRAMEWORKS = {"TensorFlow": in_tensorflow, "PyTorch": in_pytorch}


def milliseconds_a_step(operations, groups):
    """The median milliseconds per step for each group of operations, without empty groups."""
    repeats = []
    for _ in range(REPEATS):
        totals = Counter()
        for name, time in operations():
            group = next(
                (group for group, parts in groups.items() if any(part in name for part in parts)),
                REST,
            )
            totals[group] += time / STEPS
        repeats.append(totals)
    medians = {
        group: statistics.median(totals[group] for totals in repeats) for group in (*groups, REST)
    }
    return {group: median for group, median in medians.items() if median}


def in_its_own_process(*arguments):
    times = alone(__file__, *arguments)
    print(*arguments, {group: round(ms, 1) for group, ms in times.items()}, flush=True)
    return times


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    one = ("FRAMEWORK", "NETWORK", "FILTERS")
    parser.add_argument(
        "--one", nargs=3, metavar=one, help="profile only this, and print the result as JSON"
    )
    arguments = parser.parse_args()
    if arguments.one:
        framework, network, filters = arguments.one
        episodes = fslkeras.Episodes(
            fslkeras.datasets.load("glyphs", "train"), way=20, shot=1, query=5, steps=STEPS
        )
        operations = FRAMEWORKS[framework](network, int(filters), episodes)
        print(
            json.dumps(
                milliseconds_a_step(operations, KINDS if network == "prototypical" else PARTS)
            )
        )
        return
    kinds = {
        f"{framework}, Conv4-{filters}": in_its_own_process(framework, "prototypical", filters)
        for filters in FILTERS
        for framework in FRAMEWORKS
    }
    parts = {
        f"{network}, Conv4-{filters}": in_its_own_process("TensorFlow", network, filters)
        for network in ("relation", "matching, full context")
        for filters in FILTERS
    }
    about = "ms per step in operations, 20-way 1-shot, 5 queries per class"
    save("profile", {"about": about, "runs": {"prototypical, by kind": kinds, "by part": parts}})
    write_speed()


if __name__ == "__main__":
    main()
