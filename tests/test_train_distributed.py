"""Two processes train as one does, and resume after one of them was killed."""

import csv
import importlib.util
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

import fslkeras.layers  # registers them, for load_model
import fslkeras.metrics  # noqa: F401

EXAMPLES = Path(__file__).parents[1] / "examples"
pytestmark = pytest.mark.skipif(not importlib.util.find_spec("jax"), reason="needs JAX")

# Kills itself with -9 after as many steps as the last argument says.
KILLED = """
import os, signal, sys
import keras, train_distributed
left = int(sys.argv.pop())
def count(batch, logs):
    global left
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
train_distributed.main(keras.callbacks.LambdaCallback(on_train_batch_end=count))
"""


def start(folder, process=0, processes=1, port=None, killed_after=None):
    """Starts one process of three epochs of two steps."""
    run = [EXAMPLES / "train_distributed.py"] if killed_after is None else ["-c", KILLED]
    options = f"--folder {folder} --epochs 3 --steps 2 --way 3".split()
    if processes > 1:
        address = f"--coordinator 127.0.0.1:{port} --processes {processes} --process {process}"
        options += address.split()
    options += [] if killed_after is None else [str(killed_after)]
    return subprocess.Popen(
        [sys.executable, *run, *options],
        env={
            **os.environ,
            "KERAS_BACKEND": "jax",
            "JAX_PLATFORMS": "cpu",
            "PYTHONPATH": str(EXAMPLES),
            # Later processes need not compile again.
            "JAX_COMPILATION_CACHE_DIR": str(folder.parent / "compiled"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finish(*processes):
    for process in processes:
        output, _ = process.communicate(timeout=240)
        assert process.returncode == 0, output[-2000:]


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def losses(folder):
    with (folder / "log.csv").open() as lines:
        rows = {row["epoch"]: row for row in csv.DictReader(lines)}  # the last row of each epoch
    return [[float(row[name]) for name in ("loss", "val_loss")] for row in rows.values()]


def weights(folder):
    """The weights of the network, and what Adam keeps."""
    model = keras.models.load_model(folder / "epoch_0003.keras")
    return list(map(keras.ops.convert_to_numpy, [*model.weights, *model.optimizer.variables]))


def test_two_processes_train_as_one_and_resume_after_one_was_killed(tmp_path):
    one, two, killed = (tmp_path / name for name in ("one", "two", "killed"))
    finish(start(one))
    port = free_port()
    finish(*(start(two, process, 2, port) for process in range(2)))
    np.testing.assert_allclose(losses(two), losses(one), rtol=2e-5)

    step, victim = np.random.default_rng(0).integers((3, 0), (7, 2))  # after the first checkpoint
    port = free_port()
    pair = [
        start(killed, process, 2, port, step if process == victim else None) for process in range(2)
    ]
    assert pair[victim].wait(timeout=240) == -signal.SIGKILL
    assert pair[1 - victim].wait(timeout=240) != 0  # it fails, too, rather than wait forever
    assert 1 <= len(list(killed.glob("epoch_*.keras"))) < 3
    port = free_port()
    finish(*(start(killed, process, 2, port) for process in range(2)))
    assert losses(killed) == losses(two)
    for resumed, unbroken in zip(weights(killed), weights(two), strict=True):
        np.testing.assert_array_equal(resumed, unbroken)
