"""Training on more than one device: the loss after ten steps, and the time of a step, beside those of a single device.

    python benchmarks/devices.py

makes two devices of this computer's processor, trains the same prototypical network on the same batches of four episodes in each of these
ways, every one in a process of its own, writes data/results/devices.json and prints the table. benchmarks/devices.md says what to make of it.
The rows of JAX need jax installed.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import time

WAYS = {
    "TensorFlow, one device": "tensorflow",
    "TensorFlow, MirroredStrategy, two devices": "tensorflow",
    "TensorFlow, MultiWorkerMirroredStrategy, two processes": "tensorflow",
    "JAX, one device": "jax",
    "JAX, DataParallel, two devices": "jax",
}
STEPS = 10


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--one", choices=WAYS, help="train in this way alone, in this process, and print the result as JSON"
    )
    way = parser.parse_args().one
    if way:
        print(json.dumps(train(way)))
        return
    results = {
        "about": f"prototypical, Conv4-32, {STEPS} steps of four 20-way 1-shot episodes with 5 queries, Adam",
        "runs": {},
    }
    for way in WAYS:
        results["runs"][way] = in_a_process(way)
        print(f"{way:56s} {results['runs'][way]}", flush=True)
    from training import save_results

    save_results("devices.json", results)


def in_a_process(way):
    """What `train` returns, or the last line of the error that it ends with."""
    environments = [{"KERAS_BACKEND": WAYS[way]}]
    if "two devices" in way and WAYS[way] == "jax":
        environments[0]["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
    if "two processes" in way:
        workers = [f"localhost:{port}" for port in free_ports(2)]
        tasks = [{"cluster": {"worker": workers}, "task": {"type": "worker", "index": k}} for k in range(2)]
        environments = [{**environments[0], "TF_CONFIG": json.dumps(task)} for task in tasks]
    command = [sys.executable, __file__, "--one", way]
    processes = [
        subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for environment in environments
    ]
    output, errors = [process.communicate() for process in processes][0]
    if processes[0].returncode == 0:
        return json.loads(output.splitlines()[-1])
    raised = [line for line in errors.splitlines() if "Error: " in line]
    return {"error": raised[-1][:200] if raised else f"exit status {processes[0].returncode}"}


def free_ports(n):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for each in sockets:
            each.bind(("localhost", 0))
        return [each.getsockname()[1] for each in sockets]


def train(way):
    """The loss of each of ten steps, and the milliseconds of a step."""
    import fslkeras  # before keras: it keeps TensorFlow's start-up messages away
    import keras
    import numpy as np

    scope = contextlib.nullcontext()
    if "Mirrored" in way:
        import tensorflow as tf

        if "two devices" in way:
            (processor,) = tf.config.list_physical_devices("CPU")
            tf.config.set_logical_device_configuration(processor, 2 * [tf.config.LogicalDeviceConfiguration()])
            scope = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()
        else:
            scope = tf.distribute.MultiWorkerMirroredStrategy().scope()
    if "DataParallel" in way:
        keras.distribution.set_distribution(keras.distribution.DataParallel())

    data = fslkeras.datasets.load("glyphs", "train")
    episodes = fslkeras.Episodes(data, way=20, shot=1, query=5, steps=STEPS, batch_size=4)
    items = [episodes[i] for i in range(STEPS)]
    x = {name: np.concatenate([x[name] for x, _ in items]) for name in items[0][0]}
    y = np.concatenate([y for _, y in items])
    with scope:
        keras.utils.set_random_seed(0)
        # JAX's batch normalisation sees the whole batch, on however many devices it lies.
        encoder = fslkeras.encoders.conv4(filters=32, synchronized=WAYS[way] == "tensorflow")
        model = fslkeras.networks.prototypical(encoder)
        model.compile(keras.optimizers.Adam(1e-4), keras.losses.CategoricalCrossentropy(from_logits=True))
    means = []
    keep = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: means.append(logs["loss"]))
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0, callbacks=[keep])
    sums = np.arange(1, STEPS + 1) * means  # Keras logs the mean of the epoch so far
    began = time.perf_counter()
    model.fit(x, y, batch_size=4, shuffle=False, verbose=0)
    ms = 1000 * (time.perf_counter() - began) / STEPS
    return {"losses": np.diff(sums, prepend=0).round(6).tolist(), "ms a step": round(ms, 1)}


if __name__ == "__main__":
    main()
