"""What the Makefile does without installing: help, the learner's copies, advice on a Python."""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


@pytest.fixture
def checkout(tmp_path):
    """A copy of the repository with one chapter, so the real notebooks/mine is never touched."""
    for folder in ("notebooks", "tools"):
        (tmp_path / folder).mkdir()
    for name in (
        "Makefile",
        "pyproject.toml",
        "constraints.txt",
        "constraints-oldest.txt",
        "tools/environment.sh",
    ):
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "notebooks" / "01_first.ipynb").write_text("as it came")
    return tmp_path


def make(folder, *arguments, **environment):
    command = [shutil.which("make"), *arguments]
    # Keep out the settings of a `make test` that runs this test.
    environment = {
        **os.environ,
        "MAKEFLAGS": "",
        "MAKELEVEL": "0",
        "PYTHON": "python3",
        **environment,
    }
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def test_make_alone_lists_the_commands(checkout):
    listed = make(checkout)
    assert listed.returncode == 0
    targets = "lab test test-fast test-backends test-oldest lint run notebooks site slides bundle"
    for target in (*targets.split(), "release", "grade", "clean"):
        assert f"make {target} " in listed.stdout


def test_the_makefile_stays_short():
    assert len((ROOT / "Makefile").read_text().splitlines()) < 90


@pytest.mark.parametrize("force", [[], ["--always-make"]], ids=["plain", "forced"])
def test_a_learners_copy_is_made_once_and_never_overwritten(checkout, force):
    mine = checkout / "notebooks" / "mine" / "01_first.ipynb"
    target = mine.relative_to(checkout).as_posix()
    assert make(checkout, *force, target).returncode == 0
    assert mine.read_text() == "as it came"

    mine.write_text("as it was solved")
    os.utime(mine, (0, 0))  # older than the chapter, as after a `git pull`
    assert make(checkout, *force, target).returncode == 0
    assert mine.read_text() == "as it was solved"

    assert make(checkout, "clean").returncode == 0
    assert mine.read_text() == "as it was solved"


def test_grading_asks_for_the_folder(checkout):
    told = make(checkout, "grade")
    assert told.returncode != 0
    assert "make grade SUBMITTED=folder" in told.stdout
    assert not (checkout / ".venv-dev").exists()


def test_make_says_what_to_do_if_no_python_fits(checkout):
    (checkout / "bin").mkdir()
    for tool in ("sh", "sed", "cat", "id"):
        (checkout / "bin" / tool).symlink_to(shutil.which(tool))
    told = make(checkout, "lab", PATH=str(checkout / "bin"))
    assert told.returncode != 0
    assert "Python 3.11, 3.12 or 3.13" in told.stdout and "make PYTHON=" in told.stdout
    assert not (checkout / ".venv").exists()

    told = make(checkout, "test-oldest", PATH=str(checkout / "bin"))
    assert told.returncode != 0 and "Python 3.11, and none was found" in told.stdout


def test_an_environment_is_remade_only_if_its_requirements_changed(checkout):
    (checkout / ".venv-dev").mkdir()  # without a Python, so an installation would be noticed
    wanted = f"{checkout} -e .[course,dev,site,teach] " + "".join(
        (checkout / name).read_text() for name in ("pyproject.toml", "constraints.txt")
    )
    (checkout / ".venv-dev" / "installed").write_text(wanted)
    os.utime(checkout / "pyproject.toml")
    again = make(checkout, "dev")
    assert (again.returncode, again.stdout) == (0, "")

    (checkout / "constraints.txt").write_text("numpy==2.0.0\n")
    assert (
        "Installing into .venv-dev"
        in make(checkout, "dev", PYTHON=sys.executable, PIP_NO_INDEX="1").stdout
    )


def test_a_bundle_for_another_python_is_refused(checkout):
    (checkout / "wheels").mkdir()
    other = checkout / "wheels" / "tensorflow-2.21.0-cp39-cp39-win_amd64.whl"
    other.touch()
    told = make(checkout, "lab")
    assert told.returncode != 0
    assert other.name in told.stdout and "get the bundle for yours" in told.stdout
    assert not (checkout / ".venv").exists()


def test_a_bundle_for_this_python_installs_from_its_wheels_only(checkout):
    system = "macosx_12_0" if sys.platform == "darwin" else "manylinux_2_27"
    python = f"cp3{sys.version_info.minor}"
    wheel = (
        checkout
        / "wheels"
        / f"tensorflow-2.21.0-{python}-{python}-{system}_{platform.machine()}.whl"
    )
    wheel.parent.mkdir()
    wheel.touch()  # the only wheel: without a network, the installation cannot find setuptools
    told = make(checkout, "course", PYTHON=sys.executable)
    assert told.returncode != 0 and "Installing into .venv" in told.stdout
    assert "No matching distribution found for setuptools" in told.stderr

    assert "--no-index" in make(checkout, "--dry-run", "course").stdout
    assert "--no-index" not in make(checkout, "--dry-run", "dev").stdout
    assert make(checkout, "clean").returncode == 0
    assert wheel.exists()
