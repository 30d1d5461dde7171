"""`python -m fslkeras`, the check that a teacher asks everyone to run first."""

import subprocess
import sys

import pytest

import fslkeras
from fslkeras.course import readiness as laptop_check


def test_a_ready_computer_is_told_ok_and_nothing_on_stderr(tmp_path):
    check = subprocess.run([sys.executable, "-m", "fslkeras"], cwd=tmp_path, capture_output=True, text=True)
    assert (check.returncode, check.stderr) == (0, "")
    *table, verdict = check.stdout.splitlines()
    assert [line.split()[0] for line in table] == ["versions", "device", "memory", "data", "training"]
    assert verdict == "OK"


def missing(*arguments, **options):
    raise FileNotFoundError("glyphs.npz is not there. Clone the repository again.")


def outdated(line):
    return ["keras>=99,<100"]


@pytest.mark.parametrize(
    ("where", "name", "broken", "remedy"),
    [
        (fslkeras.datasets, "load", missing, "glyphs.npz is not there. Clone the repository again."),
        (laptop_check.importlib.metadata, "requires", outdated, 'pip install "keras'),
        (laptop_check, "MEMORY_NEEDED", 1e18, "Close other programs"),
    ],
)
def test_a_problem_is_told_with_its_remedy(monkeypatch, capsys, where, name, broken, remedy):
    for check in ("device", "training"):  # these take seconds
        monkeypatch.setattr(laptop_check, check, lambda: "not asked")
    monkeypatch.setattr(where, name, broken)
    assert laptop_check.main([]) == 1
    printed = capsys.readouterr().out
    assert remedy in printed and "Traceback" not in printed and not printed.endswith("OK\n")
