"""Training on more than one device: losses and time per step, compared with a single device.

    python benchmarks/devices.py

splits this computer's processor into two devices and trains the same prototypical network on the
same batches of four episodes in each of the setups below, each in its own process. Results:
data/results/devices.json; docs/devices.md explains them. The JAX setups need jax.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import time

# Each setup with its backend.
SETUPS = {
    "TensorFlow, one device": "tensorflow",
    "TensorFlow, MirroredStrategy, two devices": "tensorflow",
    "TensorFlow, MultiWorkerMirroredStrategy, two processes": "tensorflow",
    "JAX, one device": "jax",
    "JAX, DataParallel, two devices": "jax",
    "JAX, DataParallel, two processes": "jax",
}
STEPS = 10
ABOUT = (
    f"prototypical, Conv4-32, {STEPS} steps of four 20-way 1-shot episodes with 5 queries per "
    "class, Adam"
)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--one", choices=SETUPS, help="train only in this setup, and print the result as JSON"
    )
    setup = parser.parse_args().one
    if setup:
        print(json.dumps(train(setup)))
        return
    from grid import save  # here, since it loads Keras, and each setup chooses its own backend

    runs = {}
    for setup in SETUPS:
        runs[setup] = in_a_process(setup)
        print(f"{setup:56s} {runs[setup]}", flush=True)
    save("devices", {"about": ABOUT, "runs": runs})


def in_a_process(setup):
    """What `train` returns, or the last line of its error."""
    environments = [{"KERAS_BACKEND": SETUPS[setup]}]
    if "two devices" in setup and SETUPS[setup] == "jax":
        environments[0]["XLA_FLAGS"] = "--xla_force_host_platform_device_count=2"
    if "two processes" in setup:
        workers = [f"127.0.0.1:{port}" for port in free_ports(2)]
        tasks = [
            {"cluster": {"worker": workers}, "task": {"type": "worker", "index": k}}
            for k in range(2)
        ]
        environments = [
            {
                **environments[0],
                "TF_CONFIG": json.dumps(tasks[k]),
                "KERAS_DISTRIBUTION_JOB_ADDRESSES": workers[0],
                "KERAS_DISTRIBUTION_NUM_PROCESSES": "2",
                "KERAS_DISTRIBUTION_PROCESS_ID": str(k),
            }
            for k in range(2)
        ]
    command = [sys.executable, __file__, "--one", setup]
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    processes = [
        subprocess.Popen(command, env={**os.environ, **each}, **options) for each in environments
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


def train(setup):
    """The loss of each of ten steps, and the milliseconds per step."""
    import keras
    import numpy as np

    import fslkeras

    scope = distribution(setup)
    data = fslkeras.datasets.load("glyphs", "train")
    # On JAX, each process passes its share to `fit`; on TensorFlow, all of them pass everything.
    number = 2 if setup == "JAX, DataParallel, two processes" else 1
    shard = (int(os.environ.get("KERAS_DISTRIBUTION_PROCESS_ID", 0)) % number, number)
    options = {"steps": STEPS, "batch_size": 4, "shard": shard}
    episodes = fslkeras.Episodes(data, way=20, shot=1, query=5, **options)
    items = [episodes[i] for i in range(STEPS)]
    x = {name: np.concatenate([x[name] for x, _ in items]) for name in items[0][0]}
    y = np.concatenate([y for _, y in items])
    with scope:
        keras.utils.set_random_seed(0)
        # On JAX, batch normalization sees the whole batch, however many devices share it.
        encoder = fslkeras.encoders.conv4(filters=32, synchronized=SETUPS[setup] == "tensorflow")
        model = fslkeras.networks.prototypical(encoder)
        model.compile(
            keras.optimizers.Adam(1e-4), keras.losses.CategoricalCrossentropy(from_logits=True)
        )
    means = []
    keep = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: means.append(logs["loss"])
    )
    model.fit(x, y, batch_size=4 // number, shuffle=False, verbose=0, callbacks=[keep])
    sums = np.arange(1, STEPS + 1) * means  # Keras logs the mean of the epoch so far
    start = time.perf_counter()
    model.fit(x, y, batch_size=4 // number, shuffle=False, verbose=0)
    ms = 1000 * (time.perf_counter() - start) / STEPS
    return {"losses": np.diff(sums, prepend=0).round(6).tolist(), "ms a step": round(ms, 1)}


def distribution(setup):
    """The scope in which to build the network. On JAX, the distribution is global instead."""
    if "DataParallel" in setup:
        import keras

        if "two processes" in setup:
            keras.distribution.initialize()  # from the variables set by `in_a_process`
        parallel = keras.distribution.DataParallel(auto_shard_dataset=False)
        keras.distribution.set_distribution(parallel)
    if "Mirrored" not in setup:
        return contextlib.nullcontext()
    import tensorflow as tf

    if "two processes" in setup:
        return tf.distribute.MultiWorkerMirroredStrategy().scope()
    (processor,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(
        processor, 2 * [tf.config.LogicalDeviceConfiguration()]
    )
    return tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]).scope()


if __name__ == "__main__":
    main()
