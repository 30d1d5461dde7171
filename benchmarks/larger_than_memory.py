"""Episodes of images in a memory-mapped file: the memory that they need, and the time to draw one.

    python benchmarks/larger_than_memory.py

writes 100,000 random photographs to a temporary file of 2.1 GB and draws 5-way 1-shot episodes with
15 queries per class from it. Own memory is what the system cannot drop: it leaves out the pages of
the file. Results: data/results/larger_than_memory.json. Needs Linux, and an idle computer.
"""

import argparse
import re
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from grid import run

from fslkeras import Episodes
from fslkeras.datasets import ImageClasses

SIDE, CLASSES, PER_CLASS, EPISODES = 84, 1000, 100, 500


def own_memory():
    """Megabytes of this process's memory that belong to no file."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024


def in_a_file(folder):
    path, rng = Path(folder) / "images", np.random.default_rng(0)
    shape = (CLASSES * PER_CLASS, SIDE, SIDE, 3)
    with path.open("wb") as file:
        for _ in range(CLASSES):
            file.write(rng.bytes(PER_CLASS * SIDE * SIDE * 3))
    return np.memmap(path, "uint8", "r", shape=shape)


def measure():
    def milliseconds(draw):
        times = []
        for i in range(EPISODES):
            start = time.perf_counter()
            draw(i)
            times.append(1000 * (time.perf_counter() - start))
        return round(statistics.median(times), 2)

    with tempfile.TemporaryDirectory() as folder:
        images, before = in_a_file(folder), own_memory()
        data = ImageClasses(images, np.arange(len(images)) // PER_CLASS)
        episodes = Episodes(data, way=5, shot=1, query=15, steps=EPISODES)
        return {
            "ms for the indices": milliseconds(lambda i: episodes.indices(i, epoch=0)),
            "ms for the episode": milliseconds(lambda i: episodes[i]),
            "MB of own memory": round(own_memory() - before),
        }


def main():
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    about = f"{CLASSES * PER_CLASS} images of {SIDE}x{SIDE}x3, 5-way 1-shot, 15 queries per class"
    run("larger_than_memory", about, {"memory-mapped": {}}, measure)


if __name__ == "__main__":
    main()
