"""How the cost of a training step grows with way, shot, image size and number of classes.

    python benchmarks/growth.py

times a prototypical network, with one setting changed at a time (Conv4-32, 20-way 1-shot, 5 queries
per class, 28x28 pixels, 600 classes in the data), each in its own process. Results:
data/results/growth.json, plotted in docs/growth.svg. It needs an otherwise idle computer.
"""

import argparse
import json
import resource
import statistics
import time
from pathlib import Path

import numpy as np

SETTINGS = {
    "way": (5, 10, 20, 40, 60),
    "shot": (1, 5, 10, 20),
    "size": (28, 42, 56, 84),
    "classes": (100, 300, 1000, 3000),
}
DEFAULT = {"way": 20, "shot": 1, "size": 28, "classes": 600}
ABOUT = (
    "a prototypical network (Conv4-32, 20-way 1-shot, 5 queries per class, 28x28 pixels, 600 "
    "classes, with one of these changed at a time)"
)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--one",
        type=json.loads,
        help="measure only this setting, a JSON object, and print the result as JSON",
    )
    one = parser.parse_args().one
    if one:
        print(json.dumps(measure(**one)))
        return
    # Imported here, so that the process of a setting holds only what it needs.
    from grid import save
    from pages import write_speed
    from processes import alone

    runs = {}
    for what, values in SETTINGS.items():
        runs[what] = [
            {what: value, **alone(__file__, json.dumps({**DEFAULT, what: value}))}
            for value in values
        ]
        print(*runs[what], sep="\n", flush=True)
    save("growth", {"about": ABOUT, "runs": runs})
    draw(runs)
    write_speed()


def measure(way, shot, size, classes, steps=40, repeats=3):
    """Milliseconds of a training step and of drawing its episode, and the process's peak memory."""
    import keras

    import fslkeras

    images_per_class = shot + 5
    rng = np.random.default_rng(0)
    data = fslkeras.datasets.ImageClasses(
        rng.integers(0, 256, (classes * images_per_class, size, size, 1), dtype=np.uint8),
        np.arange(classes).repeat(images_per_class),
        range(classes),
    )
    episodes = fslkeras.Episodes(data, way=way, shot=shot, query=5, steps=steps)
    network = fslkeras.networks.prototypical(fslkeras.encoders.conv4((size, size, 1), filters=32))
    network.compile(
        keras.optimizers.Adam(1e-3), keras.losses.CategoricalCrossentropy(from_logits=True)
    )

    def ms(what):
        what()
        times = []
        for _ in range(repeats):
            start = time.perf_counter()
            what()
            times.append(1000 * (time.perf_counter() - start) / steps)
        return round(statistics.median(times), 2)

    return {
        "images": way * images_per_class,
        "step ms": ms(lambda: network.fit(episodes, verbose=0)),
        "draw ms": ms(lambda: [episodes[i] for i in range(steps)]),
        "peak MB": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def slope(rows, what, key):
    """The exponent of the power law of `key` in `what`: the slope on logarithmic axes."""
    return np.polyfit(np.log([row[what] for row in rows]), np.log([row[key] for row in rows]), 1)[0]


def draw(runs):
    """Draws docs/growth.svg, with logarithmic axes and the slopes in the legends."""
    from matplotlib.figure import Figure

    from fslkeras.course.plotting import COLORS

    figure = Figure(figsize=(11, 3.2), layout="constrained")
    for axes, (what, rows) in zip(figure.subplots(1, len(runs)), runs.items(), strict=True):
        values = [row[what] for row in rows]
        for key, color, marker in zip(
            ("step ms", "peak MB", "draw ms"), COLORS, "os^", strict=False
        ):
            label = f"{key}, slope {slope(rows, what, key):.2f}"
            axes.plot(values, [row[key] for row in rows], color=color, marker=marker, label=label)
        axes.set(xscale="log", yscale="log", xlabel=what, ylim=(0.005, 5000))
        axes.set_xticks(values, values)
        axes.minorticks_off()
        axes.legend(fontsize=7)
    figure.savefig(Path(__file__).parents[1] / "docs" / "growth.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
