"""Lake's 400 one-shot trials: 20 runs of 20-way 1-shot within an alphabet (Lake et al. 2015).

They are part of Omniglot's repository (python/one-shot-classification/all_runs.zip), not of
tensorflow-datasets. In a run, one person drew the 20 support images and another the 20 queries.
`benchmarks/omniglot.py NETWORK --split alphabets --one-shot FOLDER` evaluates a network on them.
"""

from pathlib import Path

import numpy as np
from PIL import Image

from fslkeras.datasets.omniglot import area_average


def read_trials(folder, size):
    """The trials in Lake's own layout: a folder per run, with training, test and class_labels.txt.

    Args:
        folder: the folder that holds run01, run02 and so on.
        size: image side in pixels.
    Returns:
        support, query: uint8 (runs, 20, size, size, 1), ink bright on 0, rendered as
            `datasets.load("omniglot", size=size)` does.
        answers: int (runs, 20), the support image of the same character as each query.
    Raises:
        FileNotFoundError: if the folder holds no runs.
    """
    folder = Path(folder)
    runs = sorted(folder.glob("run*/class_labels.txt"))
    if not runs:
        raise FileNotFoundError(
            f"Expected folders run01 to run20 of Lake's one-shot trials in {folder}. Received: "
            "none. Unpack all_runs.zip from python/one-shot-classification of "
            "github.com/brendenlake/omniglot there."
        )
    support, query, answers = [], [], []
    for labels in runs:
        pairs = [line.split() for line in labels.read_text().splitlines()]
        classes = sorted({support_name for _, support_name in pairs})
        support.append([_rendered(folder / name, size) for name in classes])
        query.append([_rendered(folder / name, size) for name, _ in pairs])
        answers.append([classes.index(support_name) for _, support_name in pairs])
    return np.array(support), np.array(query), np.array(answers)


def trials_accuracy(model, folder):
    """Accuracy on the trials, and its 95 % interval over the runs, as data/results stores them.

    Args:
        model: `keras.Model` from episodes to scores (B, Q, N).
        folder: as in `read_trials`.
    """
    support, query, answers = read_trials(folder, model.input["support"].shape[2])
    labels = np.tile(np.eye(support.shape[1], dtype="float32"), (len(support), 1, 1))
    images = {"support": support.astype("float32") / 255, "query": query.astype("float32") / 255}
    scores = model.predict({**images, "support_labels": labels}, batch_size=1, verbose=0)
    per_run = np.mean(scores.argmax(axis=-1) == answers, axis=1)
    ci95 = 1.96 * per_run.std(ddof=1) / len(per_run) ** 0.5
    return {"mean": round(float(per_run.mean()), 5), "ci95": round(float(ci95), 5)}


def _rendered(file, size):
    """One of Lake's images, 105x105 and black on white, as `datasets.load` renders Omniglot."""
    shrink = area_average(105, size)
    gray = shrink @ (255 - np.asarray(Image.open(file).convert("L"), "float32")) @ shrink.T
    return np.round(gray).astype(np.uint8)[..., None]
