"""The benchmark that takes an hour survives being killed."""

import csv
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TRAIN = """
import sys
from pathlib import Path
import fslkeras, keras, omniglot
omniglot.STEPS = 20
data = fslkeras.datasets.load("glyphs", "validation")
keras.utils.set_random_seed(0)
model = fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=4))
loss = keras.losses.CategoricalCrossentropy(from_logits=True)
omniglot.train_resumably(model, loss, data, data, {"way": 5, "query": 2}, 4, Path(sys.argv[1]))
"""


def training(folder):
    folder.mkdir(exist_ok=True)
    environment = {"PYTHONPATH": f"{ROOT / 'benchmarks'}:{ROOT}", "PATH": "", "HOME": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, folder],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def losses(folder):
    """The loss of each epoch; an epoch that was made twice counts once."""
    log = folder / "log.csv"
    rows = csv.DictReader(log.read_text().splitlines()) if log.exists() else []
    return {row["epoch"]: float(row["loss"]) for row in rows}


def test_a_killed_training_goes_on_where_it_was_and_ends_as_if_it_had_not_been_killed(tmp_path):
    whole = training(tmp_path / "whole")
    killed = training(tmp_path / "killed")
    until = time.monotonic() + 120
    while len(losses(tmp_path / "killed")) < 2 and killed.poll() is None and time.monotonic() < until:
        time.sleep(0.02)
    killed.kill()
    killed.communicate()
    before = losses(tmp_path / "killed")
    assert 2 <= len(before) < 4
    assert "of 4: validation" in whole.communicate()[0]

    output = training(tmp_path / "killed").communicate()[0]
    assert "epoch 1 of 4" not in output and "epoch 4 of 4" in output
    after = losses(tmp_path / "killed")
    assert list(after) == ["0", "1", "2", "3"]
    assert after == pytest.approx(losses(tmp_path / "whole"), rel=1e-3)
    assert (tmp_path / "killed" / "best.weights.h5").exists()
