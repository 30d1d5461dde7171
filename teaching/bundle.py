"""Make one archive from which the course installs without a network.

It holds the repository's files and the wheels of every package that a learner's environment needs,
for this kind of computer and this Python. To test it, the script unpacks it into a temporary folder
and installs it there, without a network if `unshare` can disconnect it.
"""

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYTHON = f"py{sys.version_info.major}.{sys.version_info.minor}"
NAME = f"fslkeras-bundle-{sysconfig.get_platform()}-{PYTHON}"


def requirements():
    """The course's dependencies, and what an editable install is built with."""
    file = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = file["project"]
    return (
        project["dependencies"]
        + project["optional-dependencies"]["course"]
        + file["build-system"]["requires"]
    )


def download(wheels):
    """Puts a wheel of every package into the folder `wheels`, and builds those not on offer."""
    options = [
        "--disable-pip-version-check",
        "--quiet",
        "-c",
        ROOT / "constraints.txt",
        "-w",
        wheels,
    ]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, *requirements()], check=True)


def pack(archive, wheels):
    """Writes the repository's files and the wheels into `archive`, in one folder of its name."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                bundle.write(ROOT / name, f"{archive.stem}/{name}")
        for wheel in sorted(wheels.glob("*.whl")):  # already compressed
            bundle.write(wheel, f"{archive.stem}/wheels/{wheel.name}", zipfile.ZIP_STORED)


def without_network():
    """The prefix that runs a command without a network; empty if the system cannot do that."""
    command = ["unshare", "--map-root-user", "--net"]
    works = (
        shutil.which("unshare")
        and subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode == 0
    )
    return command if works else []


def install(folder, prefix):
    """Installs the unpacked course in `folder` as TEACHING.md says, and runs its own check."""
    python = folder / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    offline = ["--no-index", "--find-links", "wheels", "-c", "constraints.txt"]
    # This computer's own pip settings could find packages that are not in the bundle.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    environment["PIP_CONFIG_FILE"] = os.devnull
    for command in (
        [sys.executable, "-m", "venv", ".venv"],
        [
            python,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--quiet",
            "install",
            *offline,
            "-e",
            ".[course]",
        ],
    ):
        subprocess.run([*prefix, *command], cwd=folder, env=environment, check=True)
    return subprocess.run([*prefix, python, "-m", "fslkeras"], cwd=folder).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build", help="folder for the archive")
    parser.add_argument("--untried", action="store_true", help="skip the test installation")
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    archive = arguments.out.resolve() / f"{NAME}.zip"
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        download(Path(folder))
        packages, seconds = len(list(Path(folder).iterdir())), time.perf_counter() - started
        print(f"wheels    {packages} packages in {seconds:.0f} s", flush=True)
        started = time.perf_counter()
        pack(archive, Path(folder))
        size, seconds = archive.stat().st_size / 1e6, time.perf_counter() - started
        print(f"archive   {size:.0f} MB in {seconds:.0f} s", flush=True)

    ready = 0
    if not arguments.untried:
        prefix = without_network()
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            shutil.unpack_archive(archive, folder)
            ready = install(Path(folder) / NAME, prefix)
            size = sum(
                path.stat().st_size
                for path in Path(folder).rglob("*")
                if path.is_file() and not path.is_symlink()
            )
        how = "without a network" if prefix else "from its wheels only"
        seconds = time.perf_counter() - started
        print(f"installed {how} in {seconds:.0f} s; takes {size / 1e9:.1f} GB")
    print(archive)
    return ready


if __name__ == "__main__":
    sys.exit(main())
