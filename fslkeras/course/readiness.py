"""`python -m fslkeras`: is this computer ready for the course? A short table, then OK, or what to do. `sheet` prints paper to draw on."""

import argparse
import importlib.metadata
import os
import platform
import shutil
import sys
import time

import keras
import numpy as np
import psutil
from packaging.requirements import Requirement

import fslkeras

MEMORY_NEEDED = 2e9  # a chapter stays under 1.5 GB, and a browser shows it


class NotReady(Exception):
    """What is wrong, and what to do about it."""


def versions():
    try:
        required = [Requirement(line) for line in importlib.metadata.requires("fslkeras")]
        required = [requirement for requirement in required if not requirement.marker or requirement.marker.evaluate()]
        found = {requirement.name: importlib.metadata.version(requirement.name) for requirement in required}
    except importlib.metadata.PackageNotFoundError as error:
        raise NotReady(f'{error.name} is not installed. In the course\'s folder: pip install -e "."') from None
    for requirement in required:
        if not requirement.specifier.contains(found[requirement.name], prereleases=True):
            raise NotReady(
                f"The course needs {requirement}, and {found[requirement.name]} is installed. "
                f'Make a new environment, or: pip install "{requirement}"'
            )
    python = f"Python {platform.python_version()}"
    return f"{python}, TensorFlow {found['tensorflow']}, Keras {keras.__version__} on {keras.backend.backend()}"


def device():
    names = keras.distribution.list_devices("gpu") or keras.distribution.list_devices("cpu")
    line = f"{', '.join(names)}, {os.cpu_count()} CPU cores"
    if names[0].startswith("cpu") and shutil.which("nvidia-smi"):
        line += ' (to use the NVIDIA GPU: pip install "tensorflow[and-cuda]")'
    return line


def memory():
    memory = psutil.virtual_memory()
    if memory.available < MEMORY_NEEDED:
        raise NotReady(
            f"{memory.available / 1e9:.1f} GB of {memory.total / 1e9:.1f} GB memory are free, and a chapter needs "
            f"{MEMORY_NEEDED / 1e9:.0f} GB. Close other programs and notebooks."
        )
    return f"{memory.available / 1e9:.1f} GB free of {memory.total / 1e9:.1f} GB"


def data():
    try:
        glyphs = fslkeras.datasets.load("glyphs", split="train")
    except (OSError, ValueError) as error:
        raise NotReady(str(error)) from None
    return f"glyphs, {len(glyphs.images):,} drawings of {glyphs.num_classes:,} characters to train on"


def training():
    episodes = fslkeras.Episodes(fslkeras.datasets.load("glyphs", split="train"), way=5, shot=1, query=5, steps=2)
    model = fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=32))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss=loss)
    started = time.perf_counter()
    history = model.fit(episodes, verbose=0)
    seconds = time.perf_counter() - started
    if not np.isfinite(history.history["loss"]).all():
        raise NotReady("A training step gave a loss that is not a number. Make a new environment and install again.")
    return f"{episodes.steps} steps of a prototypical network in {seconds:.1f} s, the first one's preparation included"


def ready():
    """Prints a line for each check, then OK or what to do; returns the exit status."""
    remedies = []
    for check in (versions, device, memory, data, training):
        try:
            found = check()
        except NotReady as problem:
            found = "not ready"
            remedies.append(str(problem))
        except Exception as error:  # whatever a broken installation raises, its owner reads one line
            found = "not ready"
            remedies.append(f"{type(error).__name__}: {error}. Make a new environment and install again.")
        print(f"{check.__name__:<10}{found}", flush=True)
    print("\n".join(dict.fromkeys(remedies)) or "OK")
    return int(bool(remedies))


def sheet(characters, copies, out):
    """Writes a sheet to draw an alphabet on, and says what to do with it; returns the exit status."""
    try:
        from fslkeras.course.sheets.layout import write

        write(out, characters, copies)
    except OSError as problem:
        print(f"{out} cannot be written ({problem.strerror}). Name a file in a folder that is there.", file=sys.stderr)
        return 1
    except (ImportError, ValueError) as problem:
        print(problem, file=sys.stderr)
        return 1
    print(
        f"{out}: {characters} rows for characters, {copies} boxes each. Print it on A4, draw with a dark pen, photograph the whole "
        'sheet, and load it: fslkeras.course.sheets.load_sheet("photo.jpg").'
    )
    return 0


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m fslkeras", description=__doc__)
    commands = parser.add_subparsers(
        dest="command", title="commands", metavar="", help="without one: is this computer ready?"
    )
    about = "write a sheet of paper on which a class draws alphabets of its own"
    of_sheet = commands.add_parser("sheet", help=about, description=about)
    of_sheet.add_argument("--characters", type=int, default=5, help="rows, 1..10: each for one character (default: 5)")
    of_sheet.add_argument("--copies", type=int, default=4, help="columns, 1..8: drawings of each (default: 4)")
    of_sheet.add_argument(
        "--out", default="sheet.pdf", help="the file to write: .pdf, .png or .svg (default: sheet.pdf)"
    )
    options = parser.parse_args(arguments)
    if options.command == "sheet":
        return sheet(options.characters, options.copies, options.out)
    return ready()


if __name__ == "__main__":
    sys.exit(main())
