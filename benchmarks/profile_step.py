"""Where the time of a training step goes, by kind of operation, in Keras on TensorFlow and in plain PyTorch.

A prototypical network, one 20-way 1-shot episode with 5 queries a class a step; PyTorch with images and weights channels last, as Keras has
them; each framework in a process of its own, the medians of seven times forty steps. The time of an operation is from its start to its end, forward and backward, all cores working on it; TensorFlow may run two at once.
Prints a table, and writes data/results/profile.json and the page data/speed.md. Needs a quiet computer, and PyTorch: `pip install torch`."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import fslkeras  # before keras: it keeps TensorFlow's start-up messages away
import keras
import tensorflow as tf
from tensorflow.tsl.profiler.protobuf import xplane_pb2
from speed import write_page
from training import save_results

STEPS, REPEATS = 40, 7
FILTERS = (32, 64)
# The first that the name of an operation contains tells its kind.
KINDS = {
    "convolution": ("conv2d", "convolution"),
    "batch normalisation": ("batch_normalization", "batch_norm"),
    "pooling": ("max_pool",),
    "ReLU": ("re_lu", "relu", "threshold_backward", "clamp_min"),
}
REST = "everything else"


def kind(operation):
    return next((kind for kind, parts in KINDS.items() if any(part in operation for part in parts)), REST)


def in_tensorflow(episodes, filters):
    """A function that trains and gives each operation's kind and time; so, too, the next."""
    network = fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=filters))
    network.compile("adam", keras.losses.CategoricalCrossentropy(from_logits=True))
    network.fit(episodes, verbose=0)  # traces

    def milliseconds():
        with tempfile.TemporaryDirectory() as folder:
            with tf.profiler.experimental.Profile(folder):
                network.fit(episodes, verbose=0)
            space = xplane_pb2.XSpace()
            space.ParseFromString(next(Path(folder).rglob("*.xplane.pb")).read_bytes())
        for plane in space.planes:
            for event in (event for line in plane.lines for event in line.events):
                name = plane.event_metadata[event.metadata_id].name
                if name.startswith("StatefulPartitionedCall/"):  # an operation of the step's graph: path/to/it:ItsType
                    yield kind(name), event.duration_ps / 1e9

    return milliseconds


def in_pytorch(episodes, filters):
    import plain_pytorch  # here, so that Keras is profiled with one framework in memory
    from torch import profiler

    run = plain_pytorch.training_steps(plain_pytorch.Prototypical(filters), episodes, channels_last=True)
    run()

    def milliseconds():
        with profiler.profile(activities=[profiler.ProfilerActivity.CPU]) as profile:
            run()
        for operation in profile.key_averages():
            yield kind(operation.key), operation.self_cpu_time_total / 1e3

    return milliseconds


def by_kind(milliseconds):
    """Of a step, the median over the repeats."""
    totals = {each: [] for each in (*KINDS, REST)}
    for _ in range(REPEATS):
        of_this = Counter()
        for each, time in milliseconds():
            of_this[each] += time / STEPS
        for each, times in totals.items():
            times.append(of_this[each])
    return {each: statistics.median(times) for each, times in totals.items()}


def in_its_own_process(framework, filters):
    """Milliseconds of a step in each kind of operation."""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[1]), "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, __file__, "--framework", framework, "--filters", str(filters)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--framework", choices=FRAMEWORKS, help="profile this one alone, and print its figures as JSON")
    parser.add_argument("--filters", type=int, default=FILTERS[0], help="of the encoder, for --framework")
    arguments = parser.parse_args()
    if arguments.framework:
        episodes = fslkeras.Episodes(fslkeras.datasets.load("glyphs", "train"), 20, 1, 5, steps=STEPS)
        print(json.dumps(by_kind(FRAMEWORKS[arguments.framework](episodes, arguments.filters))))
        return
    runs = []
    for filters in FILTERS:
        times = {framework: in_its_own_process(framework, filters) for framework in FRAMEWORKS}
        print(f"\nConv4-{filters}, ms a step{'':9}" + "".join(f"{framework:>12}" for framework in times))
        for each in (*KINDS, REST):
            print(f"  {each:25}" + "".join(f"{of_framework[each]:12.1f}" for of_framework in times.values()))
        runs.append({"filters": filters, "milliseconds a step": times})
    save_results("profile.json", {"about": "time in operations, prototypical, 20-way 1-shot 5 queries", "runs": runs})
    write_page()


FRAMEWORKS = {"TensorFlow": in_tensorflow, "PyTorch": in_pytorch}


if __name__ == "__main__":
    main()
