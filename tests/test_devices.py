"""Training on two devices is training: the losses are those of one device."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "devices.py"


def losses(way):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--one", way],
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])["losses"]


def test_two_mirrored_devices_lose_after_ten_steps_what_one_loses():
    one, two = losses("TensorFlow, one device"), losses("TensorFlow, MirroredStrategy, two devices")
    assert one[-1] < one[0]
    # Sums in another order differ in the last digits at first, and each step multiplies that.
    np.testing.assert_allclose(two[0], one[0], rtol=1e-5)
    np.testing.assert_allclose(two, one, rtol=5e-4)
