"""Writes the pages docs/omniglot.md and docs/speed.md from the results in data/results.

    python benchmarks/pages.py

writes both. omniglot.py, speed.py, backends.py, easyfsl_comparison.py, profile_step.py and
growth.py also write theirs at the end.
"""

import textwrap
from pathlib import Path

from grid import load_results
from growth import slope

from fslkeras.paths import DATA

DOCS = Path(__file__).parents[1] / "docs"
TASKS = ("5w1s", "5w5s", "20w1s", "20w5s")
WITHIN, TRIALS, VERIFICATION = "20w1s within an alphabet", "Lake's 400 trials", "verification"
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
# Accuracy on 5w1s, 5w5s, 20w1s and 20w5s in percent, as the papers report it.
PAPERS = {
    "prototypical": (98.8, 99.7, 96.0, 98.9),
    "matching": (98.1, 98.9, 93.8, 98.5),
    "relation": (99.6, 99.8, 97.6, 99.1),
    "siamese": (96.7, 98.4, 88.0, 96.5),
}
HOW = "how it differs from its paper"
PUBLISHED_BY = {
    "prototypical": "Snell et al. (2017)",
    "matching": "Vinyals et al. (2016), cosine, without fine-tuning",
    "relation": "Sung et al. (2018)",
    "siamese": "the baseline that Vinyals et al. (2016) trained, not Koch et al. (2015)",
}
_MATCHING = "only the support is normalized, while the paper uses the cosine; 60-way"
_DEEP = "with seven convolutions instead of four, and random distortions of each image"
DIFFERENCES = {
    "prototypical": "Euclidean distance, not squared; 1 query per class, not 5",
    "prototypical, deep": f"as prototypical, {_DEEP}",
    "matching": _MATCHING,
    "matching, full context": _MATCHING,
    "relation": "mean over the shots, not the sum; cross-entropy, not the squared error; 40-way "
    "with 1 query per class, not 5-way with 19 or 20-way with 10; batch normalization with moving "
    "statistics in testing",
    "siamese": "no paper: Conv4, Euclidean distance, contrastive loss on all pairs of an episode",
    "siamese, deep": f"as siamese, {_DEEP}",
    "koch": "28x28 pixels, not 105x105; smaller kernels, 1,024 units, not 4,096, and other initial "
    "weights; a bias in the weighted L1 distance; all pairs of an episode, rotations as classes, "
    "no distortions; Adam, no L2 penalty and no learning rate per layer",
}


def omniglot(results):
    """The lines of docs/omniglot.md."""
    made = results["made with"]
    measured = (*TASKS, WITHIN, TRIALS)
    columns = ("network", "split", *measured, "verification, AUC", "training", "minutes", HOW)
    lines = [
        "# Accuracy on Omniglot",
        "",
        "Accuracy in percent with its 95 % interval over 1,000 episodes of 15 queries per class. "
        "Each row of ours is one training run (random seed 0), and the interval covers episode "
        "sampling only: another seed, or other characters, can differ by more. "
        f"Keras {made['keras']} on {made['backend']}, {made['cores']} processor cores; some runs "
        "shared the machine. `python benchmarks/omniglot.py NETWORK` adds a row.",
        "",
        "**Splits.** The papers train on 1,200 characters of all 50 alphabets and test on the "
        "other 423, each with its four rotations as separate classes. `mixed` does the same with "
        "our own random draw (seed 0), not the papers' lists of characters. We train on 1,028 of "
        "the 1,200 and choose the epoch on the other 172, 20-way 1-shot. `alphabets` is Lake's "
        "split: 25 background alphabets, rotated and mirrored, for training, five to choose the "
        "epoch, and the twenty evaluation alphabets, unchanged, for testing.",
        "",
        "**What all our rows share, unlike the papers as far as they report it:** Adam with a "
        "learning rate that decays from 2e-3 to 0 along a cosine; one network for all four tasks, "
        "trained on 1-shot episodes.",
        "",
        f"| {' | '.join(columns)} |",
        "|" + len(columns) * "---|",
    ]

    def place(run):
        return run["split"] != "mixed", NETWORKS.index(run["network"])

    for run in sorted(results["runs"].values(), key=place):
        network = run["network"]
        cells = [network, run["split"], *(_percent(run.get(task)) for task in measured)]
        pairs = run.get(VERIFICATION)
        cells.append(f"{100 * pairs['accuracy']:.1f}, {pairs['auc']:.3f}" if pairs else "")
        cells += [run["episodes"], run["minutes of training"], DIFFERENCES[network]]
        lines.append(f"| {' | '.join(map(str, cells))} |")
        if run["split"] == "mixed" and network in PAPERS:
            cells = ["– as published", "mixed", *PAPERS[network], *5 * [""], PUBLISHED_BY[network]]
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines + WITHIN_AN_ALPHABET


WITHIN_AN_ALPHABET = [
    "",
    "## One-shot within an alphabet",
    "",
    f"*{WITHIN}*: twenty letters of one evaluation alphabet, with one image of each as support and "
    f"one as query. *{TRIALS}*: two runs of twenty letters from each of ten evaluation alphabets, "
    "with the support drawn by one person and the queries by another; the interval is over the "
    "twenty runs. On these, Koch et al. (2015) report 92.0 for their network, 95.2 for Bayesian "
    "program learning and 95.5 for people. To evaluate a network on them: "
    "`python benchmarks/omniglot.py NETWORK --split alphabets --one-shot FOLDER`.",
]


def _percent(accuracy):
    return f"{100 * accuracy['mean']:.1f} ± {100 * accuracy['ci95']:.1f}" if accuracy else ""


def speed(results):
    """The lines of docs/speed.md that come from speed.py."""
    made = results["made with"]
    lines = [
        "# Speed",
        "",
        f"Keras {made['keras']} on {made['backend']}, {made['cores']} processor cores. Each ratio "
        "compares a line with its reference: a step with its encoder alone, the step with the same "
        "step in PyTorch, prediction episode by episode with `evaluate`, `import "
        "fslkeras.networks` with `import keras`. A line and its reference in Keras take turns, and "
        "the table has the medians of the times and of the ratios; PyTorch runs in a process of "
        "its own. Evaluations of 20-way 5-shot episodes and first steps are timed once. "
        "`python benchmarks/speed.py` measures all of it. Other work shares this computer, so "
        "compare times within one table only.",
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
        "Milliseconds per step, by kind of operation and by part of the network, on a faster "
        "computer than that of the tables above: `python benchmarks/profile_step.py`. "
        "Keras builds batch normalization from more than a dozen operations that each traverse "
        "the whole tensor; PyTorch has one forward and one backward operation.",
        "",
        _kernels(results["runs"]["prototypical, by kind"]),
    ]
    for title, columns in results["runs"].items():
        lines += ["", f"| {title} | {' | '.join(columns)} |", "|" + "---|" * (1 + len(columns))]
        for group in dict.fromkeys(group for times in columns.values() for group in times):
            cells = (f"{times[group]:.1f}" if group in times else "" for times in columns.values())
            lines.append(f"| {group} | {' | '.join(cells)} |")
    return lines


def _kernels(kinds):
    """Convolution and batch normalization in both frameworks."""
    ms = {
        column: f"{times['convolution'] + times['batch normalization']:.0f}"
        for column, times in kinds.items()
    }
    return (
        "TensorFlow's kernels for convolution and batch normalization take "
        f"{ms['TensorFlow, Conv4-32']} ms per step of Conv4-32, PyTorch's "
        f"{ms['PyTorch, Conv4-32']} ms; per step of Conv4-64, {ms['TensorFlow, Conv4-64']} and "
        f"{ms['PyTorch, Conv4-64']} ms. Some operations run at once, so whole steps differ by "
        "less: `python benchmarks/backends.py` compares those."
    )


def backends(results):
    """The lines of docs/speed.md that come from backends.py."""
    runs = results["runs"]
    reference = runs["plain PyTorch"]
    lines = [
        "",
        "## The same step on each backend",
        "",
        "Milliseconds per step of a prototypical network, and the ratio to plain PyTorch: `python "
        "benchmarks/backends.py`, the median of three runs in turns. *Without fit* calls the "
        "compiled step on one prepared episode. Processor time is that of all threads.",
        "",
        f"| within `fit` | {' | '.join(f'{size} | ratio' for size in reference)} |",
        "|" + "---|" * (1 + 2 * len(reference)),
    ]
    for way, times in runs.items():
        cells = (f"{ms} | {ms / reference[size]:.2f}" for size, ms in times.items())
        lines.append(f"| {way} | {' | '.join(cells)} |")
    return lines


def easyfsl(results):
    """The lines of docs/speed.md that come from easyfsl_comparison.py."""
    lines = [
        "",
        "## Compared with easyfsl",
        "",
        "A prototypical network with Conv4-32 on the glyphs, with the same episodes, in this "
        "package and in easyfsl 1.5.0: `python benchmarks/easyfsl_comparison.py`. Evaluation: "
        "seconds for 1,000 episodes of 15 queries per class. Here each image is embedded once; "
        "easyfsl embeds the images of each episode, unless it is given embeddings.",
        "",
        "| library | task | time | steps | accuracy |",
        "|---|---|---|---|---|",
    ]
    for run in results["runs"].values():
        time = f"{run['seconds']:.1f} s" if "seconds" in run else f"{run['minutes']:.1f} min"
        cells = (run["library"], run["task"], time, run.get("steps", ""), run.get("accuracy", ""))
        lines.append(f"| {' | '.join(map(str, cells))} |")

    stored = "easyfsl, on stored embeddings"

    def times(task, unit, library="easyfsl"):
        theirs, ours = (results["runs"][f"{name}, {task}"][unit] for name in (library, "fslkeras"))
        return theirs / ours

    lines += [
        "",
        f"So evaluation here is {times('5-way 1-shot', 'seconds'):.0f} and "
        f"{times('20-way 5-shot', 'seconds'):.0f} times as fast as in easyfsl on images, "
        f"{times('5-way 1-shot', 'seconds', stored):.1f} and "
        f"{times('20-way 5-shot', 'seconds', stored):.1f} times as fast as on stored embeddings, "
        f"and training to 90 %, one run each, {times('training to 90 %', 'minutes'):.1f} times. "
        "Each evaluation is the best of three, for easyfsl on images ten times that of 100 "
        "episodes.",
    ]
    return lines


def growth(results):
    """The lines of docs/speed.md that come from growth.py."""
    slopes = {what: f"{slope(rows, what, 'step ms'):.1f}" for what, rows in results["runs"].items()}
    return [
        "",
        "## How the cost of a training step grows",
        "",
        "![Milliseconds of a training step, milliseconds of drawing its episode, and peak memory, "
        "against the way, the shot, the image side and the number of classes, on logarithmic axes. "
        f"The time of a step grows with slope {slopes['way']} in the way, {slopes['shot']} in the "
        f"shot, {slopes['size']} in the image side, and {slopes['classes']} in the number of "
        "classes.](growth.svg)",
        "",
        "A prototypical network (Conv4-32, 20-way 1-shot, 5 queries per class, 28x28 pixels), with "
        "one of these settings changed at a time: `python benchmarks/growth.py`, on the faster "
        f"computer, {results['made with']['cores']} cores. The cost grows with the number of "
        "pixels, and so with the square of the image side. The five queries per class do not grow "
        "with the shot, so the shot costs less than the way.",
    ]


def write_omniglot():
    _write("omniglot", omniglot(load_results("omniglot")))


def write_speed():
    _write(
        "speed",
        speed(load_results("speed"))
        + _if_measured("easyfsl", easyfsl)
        + _if_measured("backends", backends)
        + profile(load_results("profile"))
        + growth(load_results("growth")),
    )


def _if_measured(name, section):
    """The lines of a section whose benchmark needs packages that not everyone has."""
    return section(load_results(name)) if (DATA / "results" / f"{name}.json").is_file() else []


def _write(name, lines):
    wrap = textwrap.TextWrapper(100, break_long_words=False, break_on_hyphens=False).fill
    lines = [line if line.startswith(("|", "#", "!")) else wrap(line) for line in lines]
    (DOCS / f"{name}.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_omniglot()
    write_speed()
