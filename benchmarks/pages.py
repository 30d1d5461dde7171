"""The pages docs/omniglot.md and docs/speed.md, from the results in data/results.

    python benchmarks/pages.py

writes both. omniglot.py, speed.py, profile_step.py and growth.py write theirs when they are done.
"""

from pathlib import Path

from grid import load_results
from growth import slope

DOCS = Path(__file__).parents[1] / "docs"
TASKS = ("5w1s", "5w5s", "20w1s", "20w5s")
WITHIN, VERIFICATION = "20w1s within an alphabet", "verification"
# In the order of the table.
NETWORKS = (
    "prototypical",
    "prototypical, deep",
    "matching",
    "matching, full context",
    "relation",
    "siamese",
    "siamese, deep",
    "koch",
)
# Accuracy on 5w1s, 5w5s, 20w1s and 20w5s in percent, as the papers report it; for the Siamese networks, as Vinyals et al. (2016) do.
PAPERS = {
    "prototypical": (98.8, 99.7, 96.0, 98.9),
    "matching": (98.1, 98.9, 93.8, 98.5),
    "relation": (99.6, 99.8, 97.6, 99.1),
    "siamese": (96.7, 98.4, 88.0, 96.5),
}


def omniglot(results):
    """The lines of docs/omniglot.md: one for each network and split."""
    made = results["made with"]
    lines = [
        "# Accuracy on Omniglot, by the papers' protocols",
        "",
        f"Accuracy in percent with its 95 % interval over 1,000 episodes of 15 queries per class; one training run each (random seed 0), "
        f"Keras {made['keras']} on {made['backend']}, {made['cores']} processor cores, some of the runs on a busy machine. "
        "`python benchmarks/omniglot.py NETWORK` adds a line; its docstring defines the splits. Episodes of twenty letters of one alphabet "
        "with one query each are not Lake's 400 trials: support and query may come from the same drawer or from different ones.",
        "",
        f"| network | split | {' | '.join((*TASKS, WITHIN))} | verification, AUC | training | minutes |",
        "|" + 10 * "---|",
    ]

    def place(run):
        return run["split"] != "mixed", NETWORKS.index(run["network"])

    for run in sorted(results["runs"].values(), key=place):
        accuracies = [run.get(task) for task in (*TASKS, WITHIN)]
        cells = [f"{100 * a['mean']:.1f} ± {100 * a['ci95']:.1f}" if a else "" for a in accuracies]
        pairs = run.get(VERIFICATION)
        cells.append(f"{100 * pairs['accuracy']:.1f}, {pairs['auc']:.3f}" if pairs else "")
        cells = [run["network"], run["split"], *cells, run["episodes"], run["minutes of training"]]
        lines.append(f"| {' | '.join(map(str, cells))} |")
        if run["split"] == "mixed" and run["network"] in PAPERS:
            lines.append(f"| – as published | mixed | {' | '.join(map(str, PAPERS[run['network']]))} |  |  |  |  |")
    return lines


def speed(results):
    """The lines of docs/speed.md that come from speed.py."""
    made = results["made with"]
    lines = [
        "# Speed",
        "",
        f"Medians of several repeats, measured in turns within one run, Keras {made['keras']} on {made['backend']}, {made['cores']} processor "
        "cores. Each ratio compares a line with its reference: a step with its encoder alone, the step with the same step in PyTorch, "
        "prediction episode by episode with `evaluate`, `import fslkeras` with `import keras`. Made by `python benchmarks/speed.py`.",
        "",
        "| what | measured | ratio | target |",
        "|---|---|---|---|",
    ]
    for run in results["runs"]:
        what = "– " + run["what"].strip() if run["what"].startswith(" ") else run["what"]
        ratio = "" if run["ratio"] is None else f"{run['ratio']:.2f}"
        lines.append(f"| {what} | {run['value']:.3g} {run['unit']} | {ratio} | {run['bar']} |")
    return lines


def profile(results):
    """The lines of docs/speed.md that come from profile_step.py."""
    lines = [
        "",
        "## Where the time of a training step goes",
        "",
        "Milliseconds per step in operations of each kind, and in each part of the network: `python benchmarks/profile_step.py`. Keras "
        "builds batch normalization from more than a dozen operations that each traverse the whole tensor; PyTorch has one forward and "
        "one backward operation.",
    ]
    for title, columns in results["runs"].items():
        lines += ["", f"| {title} | {' | '.join(columns)} |", "|" + "---|" * (1 + len(columns))]
        for group in dict.fromkeys(group for times in columns.values() for group in times):
            cells = (f"{times[group]:.1f}" if group in times else "" for times in columns.values())
            lines.append(f"| {group} | {' | '.join(cells)} |")
    return lines


def growth(results):
    """The lines of docs/speed.md that come from growth.py."""
    slopes = {what: f"{slope(rows, what, 'step ms'):.1f}" for what, rows in results["runs"].items()}
    return [
        "",
        "## How the cost of a training step grows",
        "",
        "![Milliseconds of a training step, milliseconds of drawing its episode, and peak memory, against the way, the shot, the image side "
        f"and the number of classes, on logarithmic axes. The time of a step grows with slope {slopes['way']} in the way, {slopes['shot']} in "
        f"the shot, {slopes['size']} in the image side, and {slopes['classes']} in the number of classes.](growth.svg)",
        "",
        "A prototypical network, Conv4-32, 20-way 1-shot with 5 queries per class and 28x28 pixels, with one of these changed at a time: "
        f"`python benchmarks/growth.py`, on {results['made with']['cores']} cores. The cost grows with the number of pixels, so with the "
        "square of the image side. The five queries per class do not grow with the shot, so the shot costs less than the way.",
    ]


def write_omniglot():
    _write("omniglot", omniglot(load_results("omniglot")))


def write_speed():
    _write("speed", speed(load_results("speed")) + profile(load_results("profile")) + growth(load_results("growth")))


def _write(name, lines):
    (DOCS / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_omniglot()
    write_speed()
