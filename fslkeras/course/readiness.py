"""Checks whether this computer is ready for the course: one line per check, then OK or what to do.

Each check imports what may be missing or broken itself, so that it can report it.
"""

import importlib.metadata
import math
import os
import platform
import shutil
import time

import fslkeras

MEMORY_NEEDED = 2e9  # bytes: a chapter takes up to 1.5 GB, the browser the rest
AGAIN = "Create a new environment, and install the course again."


class NotReady(Exception):
    """Says what is wrong and what to do about it."""


def versions():
    for requirement in requirements():
        installed = importlib.metadata.version(requirement.name)
        if not requirement.specifier.contains(installed, prereleases=True):
            needed = f"{requirement.name}{requirement.specifier}"
            raise NotReady(
                f"The course needs {needed}, but {requirement.name} {installed} is installed. "
                f'{AGAIN} Or try: pip install "{needed}"'
            )
    import keras  # last: a version that was just reported may make it fail

    backend = keras.backend.backend()
    on = f"{backend} {importlib.metadata.version(backend)}"
    return f"Python {platform.python_version()}, Keras {keras.__version__} on {on}"


def device():
    import keras

    names = keras.distribution.list_devices("gpu") or keras.distribution.list_devices("cpu")
    line = f"{', '.join(names)}, {os.cpu_count()} CPU cores"
    if names[0].startswith("cpu") and shutil.which("nvidia-smi"):
        line += ' (to use the NVIDIA GPU: pip install "tensorflow[and-cuda]")'
    return line


def memory():
    import psutil

    memory = psutil.virtual_memory()
    if memory.available < MEMORY_NEEDED:
        raise NotReady(
            f"{memory.available / 1e9:.1f} GB of {memory.total / 1e9:.1f} GB memory are free, but "
            f"a chapter needs {MEMORY_NEEDED / 1e9:.0f} GB. Close other programs and notebooks."
        )
    return f"{memory.available / 1e9:.1f} GB free of {memory.total / 1e9:.1f} GB"


def data():
    try:
        glyphs = fslkeras.datasets.load("glyphs", split="train")
    except (OSError, ValueError) as error:
        raise NotReady(str(error)) from None
    return f"glyphs, {len(glyphs.images):,} training images of {glyphs.num_classes:,} characters"


def training():
    import keras

    episodes = fslkeras.Episodes(
        fslkeras.datasets.load("glyphs", split="train"), way=5, shot=1, query=5, steps=2
    )
    model = fslkeras.networks.prototypical(fslkeras.encoders.conv4(filters=32))
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(1e-3), loss=loss)
    started = time.perf_counter()
    history = model.fit(episodes, verbose=0)
    seconds = time.perf_counter() - started
    if not all(map(math.isfinite, history.history["loss"])):
        raise NotReady(f"A training step gave a loss that is not a finite number. {AGAIN}")
    return f"{episodes.steps} steps of a prototypical network in {seconds:.1f} s, with compilation"


def requirements(extras=("", "course")):
    """What the core and the extras require, with the extras of fslkeras that these name."""
    from packaging.requirements import Requirement

    stated = [Requirement(line) for line in importlib.metadata.requires("fslkeras") or ()]
    needed = [
        r
        for r in stated
        if r.marker is None or any(r.marker.evaluate({"extra": extra}) for extra in extras)
    ]
    further = {extra for r in needed if r.name == "fslkeras" for extra in r.extras} - set(extras)
    return (
        requirements((*extras, *further))
        if further
        else [r for r in needed if r.name != "fslkeras"]
    )


def remedy(error):
    """What is wrong and what to do about it, in one line."""
    while error.__cause__:  # TensorFlow wraps the error in a traceback
        error = error.__cause__
    if isinstance(error, NotReady):
        return str(error)
    if isinstance(error, ModuleNotFoundError):  # also of a package without metadata
        if error.name == "fslkeras":
            fix = 'In the folder of the course, run: pip install -e ".[course]"'
            return f"fslkeras is not installed. {fix}"
        return f'{error.name} is not installed. Run: pip install "fslkeras[course]"'
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}. {AGAIN}"


def ready():
    """Prints a line for each check, then OK or what to do; returns the exit status."""
    remedies = []
    for check in (versions, device, memory, data, training):
        try:
            found = check()
        except Exception as error:  # one line, whatever a broken installation raises
            found = "not ready"
            remedies.append(remedy(error))
        print(f"{check.__name__:<10}{found}", flush=True)
    print("\n".join(dict.fromkeys(remedies)) or "OK")
    return int(bool(remedies))
