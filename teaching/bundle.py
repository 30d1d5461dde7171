"""Make one archive from which the course installs with no network: the repository's files, and the wheels of every package
that a learner's environment needs, for this kind of computer and this Python. It is then tried: unpacked into a temporary
folder and installed there, without a network where `unshare` can take it away."""

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
NAME = f"fslkeras-bundle-{sysconfig.get_platform()}-py{sys.version_info.major}.{sys.version_info.minor}"


def requirements():
    """What a learner's environment is installed from: the course's dependencies, and what builds an editable install."""
    file = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = file["project"]
    return (
        project["dependencies"]
        + project["optional-dependencies"]["course"]
        + file["build-system"]["requires"]
    )


def download(wheels):
    """Put the wheel of every package into the folder `wheels`. A package that has none for download is built here."""
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
    """Write the repository's files, and the wheels beside them, into `archive`, all under one folder of its name."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                bundle.write(ROOT / name, f"{archive.stem}/{name}")
        for wheel in sorted(wheels.glob("*.whl")):  # these are compressed already
            bundle.write(wheel, f"{archive.stem}/wheels/{wheel.name}", zipfile.ZIP_STORED)


def without_network():
    """The command in front of another that takes its network away, or none where that cannot be done."""
    command = ["unshare", "--map-root-user", "--net"]
    works = (
        shutil.which("unshare")
        and subprocess.run([*command, "true"], stderr=subprocess.DEVNULL).returncode == 0
    )
    return command if works else []


def install(folder, prefix):
    """Install the unpacked course in `folder` as TEACHING.md says, and let it check itself."""
    python = folder / ".venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    offline = ["--no-index", "--find-links", "wheels", "-c", "constraints.txt"]
    # What this computer's own pip settings offer is not in the bundle.
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
    parser.add_argument(
        "--out", type=Path, default=ROOT / "build", help="the folder for the archive"
    )
    parser.add_argument(
        "--untried", action="store_true", help="do not install it once, to see that it works"
    )
    arguments = parser.parse_args()

    arguments.out.mkdir(parents=True, exist_ok=True)
    archive = arguments.out.resolve() / f"{NAME}.zip"
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        download(Path(folder))
        print(
            f"wheels    {len(list(Path(folder).iterdir()))} packages in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        started = time.perf_counter()
        pack(archive, Path(folder))
        print(
            f"archive   {archive.stat().st_size / 1e6:.0f} MB in {time.perf_counter() - started:.0f} s",
            flush=True,
        )

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
        how = "without a network" if prefix else "from its wheels alone"
        print(
            f"installed {how} in {time.perf_counter() - started:.0f} s; takes {size / 1e9:.1f} GB"
        )
    print(archive)
    return ready


if __name__ == "__main__":
    sys.exit(main())
