"""How the cost of a training step grows: with the way, the shot, the image's size, and the number of classes in the data.

    python benchmarks/growth.py

times a prototypical network (Conv4-32, 20-way 1-shot, 5 queries a class, 28 x 28 pixels, 600 classes, and one of these changed at a time),
each setting in a process of its own, writes data/results/growth.json, prints the table, and draws data/growth.svg.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

SETTINGS = {
    "way": (5, 10, 20, 40, 60),
    "shot": (1, 5, 10, 20),
    "size": (28, 42, 56, 84),
    "classes": (100, 300, 1000, 3000),
}
USUAL = {"way": 20, "shot": 1, "size": 28, "classes": 600}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--one", type=json.loads, help="a setting as JSON: measure it alone, and print the result as JSON"
    )
    one = parser.parse_args().one
    if one:
        print(json.dumps(measured(**one)))
        return
    from training import save_results

    results = {
        "about": (
            "a prototypical network (Conv4-32, 20-way 1-shot, 5 queries a class, 28"
            " x 28 pixels, 600 classes, and one of these changed at a time)"
        ),
        "runs": {},
    }
    for what, values in SETTINGS.items():
        rows = []
        for value in values:
            setting = json.dumps({**USUAL, what: value})
            done = subprocess.run(
                [sys.executable, __file__, "--one", setting], check=True, capture_output=True, text=True
            )
            rows.append({what: value, **json.loads(done.stdout.splitlines()[-1])})
            print(rows[-1], flush=True)
        results["runs"][what] = rows
    save_results("growth.json", results)
    draw(results["runs"])


def measured(way, shot, size, classes, steps=40, repeats=3):
    """Milliseconds of a training step and of drawing its episode, and the process's peak memory."""
    import fslkeras  # before keras: it keeps TensorFlow's start-up messages away
    import keras
    import numpy as np

    images_per_class = shot + 5
    rng = np.random.default_rng(0)
    data = fslkeras.datasets.ImageClasses(
        rng.integers(0, 256, (classes * images_per_class, size, size, 1), dtype=np.uint8),
        np.arange(classes).repeat(images_per_class),
        range(classes),
    )
    episodes = fslkeras.Episodes(data, way=way, shot=shot, query=5, steps=steps)
    network = fslkeras.networks.prototypical(fslkeras.encoders.conv4((size, size, 1), filters=32))
    network.compile(keras.optimizers.Adam(1e-3), keras.losses.CategoricalCrossentropy(from_logits=True))

    def ms(what):
        what()
        times = []
        for _ in range(repeats):
            began = time.perf_counter()
            what()
            times.append(1000 * (time.perf_counter() - began) / steps)
        return round(statistics.median(times), 2)

    return {
        "images": way * images_per_class,
        "step ms": ms(lambda: network.fit(episodes, verbose=0)),
        "draw ms": ms(lambda: [episodes[i] for i in range(steps)]),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def draw(runs):
    """Both axes logarithmic, so that a power is a straight line; its slope stands beside it."""
    import numpy as np
    from matplotlib.figure import Figure

    from fslkeras.course.plotting import COLORS

    figure = Figure(figsize=(11, 3.2), layout="constrained")
    for axes, (what, rows) in zip(figure.subplots(1, len(runs)), runs.items(), strict=True):
        values = [row[what] for row in rows]
        for key, color, marker in (
            ("step ms", COLORS[0], "o"),
            ("peak MB", COLORS[1], "s"),
            ("draw ms", COLORS[2], "^"),
        ):
            measured_values = [row[key] for row in rows]
            slope = np.polyfit(np.log(values), np.log(measured_values), 1)[0]
            axes.plot(values, measured_values, color=color, marker=marker, label=f"{key}, slope {slope:.2f}")
        axes.set(xscale="log", yscale="log", xlabel=what, ylim=(0.005, 5000))
        axes.set_xticks(values, values)
        axes.minorticks_off()
        axes.legend(fontsize=7)
    figure.savefig(Path(__file__).parent.parent / "data" / "growth.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
