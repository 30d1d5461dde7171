"""Training on two devices has the same losses as on one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "devices.py"


def losses(setup):
    done = subprocess.run(
        [sys.executable, SCRIPT, "--one", setup],
        env={**os.environ, "KERAS_BACKEND": "tensorflow"},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout.splitlines()[-1])["losses"]


def test_two_mirrored_devices_match_the_losses_of_one():
    one, two = losses("TensorFlow, one device"), losses("TensorFlow, MirroredStrategy, two devices")
    assert one[-1] < one[0]
    # Sums in another order differ in the last digits, and each step amplifies that.
    np.testing.assert_allclose(two[0], one[0], rtol=1e-5)
    np.testing.assert_allclose(two, one, rtol=5e-4)
