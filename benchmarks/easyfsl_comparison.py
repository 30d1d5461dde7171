"""Prototypical networks here and in easyfsl: seconds to evaluate, and minutes to train.

    python benchmarks/easyfsl_comparison.py

Both take the same episodes of the glyphs and a Conv4 with 32 filters, both compare by Euclidean
distance, and each runs in its own process. easyfsl gets the images as tensors in memory. Each
evaluation is the best of three, for easyfsl ten times that of 100 episodes. Training ends at 90 %
on 200 fixed 20-way 1-shot episodes of the validation split, judged every 100 steps; its time
includes the judging.

Results: data/results/easyfsl.json and docs/speed.md. Needs an otherwise idle computer, and
`pip install easyfsl`.
"""

import argparse
import functools
import json
import time

import keras
import numpy as np
from grid import run
from pages import write_speed
from processes import alone

import fslkeras

FILTERS, GOAL, AT_MOST = 32, 0.9, 4000
TASKS = {"5-way 1-shot": (5, 1), "20-way 5-shot": (20, 5)}


@functools.cache
def glyphs(split):
    return fslkeras.datasets.load("glyphs", split=split)


@functools.cache
def tensors(split):
    import torch

    return torch.tensor(glyphs(split).images).permute(0, 3, 1, 2).float() / 255


def episodes(split, way, shot, query, steps, seed):
    drawn = fslkeras.Episodes(
        glyphs(split), way=way, shot=shot, query=query, steps=steps, seed=seed
    )
    drawn.split = split
    return drawn


def training(epoch, steps):
    return episodes("train", 20, 1, 5, steps, seed=epoch)


class Ours:
    """The network of this package."""

    def __init__(self):
        keras.utils.set_random_seed(0)
        encoder = fslkeras.encoders.conv4(filters=FILTERS)
        self.network = fslkeras.networks.prototypical(encoder, metric="euclidean")
        loss = keras.losses.CategoricalCrossentropy(from_logits=True)
        self.network.compile(keras.optimizers.Adam(1e-3), loss)

    def train(self, drawn):
        self.network.fit(drawn, verbose=0)

    def accuracy(self, drawn):
        return fslkeras.evaluate(self.network, drawn).mean


class Easyfsl:
    """easyfsl's network, sampler's collation and evaluation, on the episodes of this package."""

    def __init__(self):
        import torch
        from easyfsl.methods import PrototypicalNetworks
        from plain_pytorch import conv4

        torch.manual_seed(0)
        encoder = torch.nn.Sequential(conv4(FILTERS), torch.nn.Flatten())
        self.network = PrototypicalNetworks(encoder)
        self.optimizer = torch.optim.Adam(self.network.parameters(), 1e-3)

    def train(self, drawn):
        from torch.nn import functional as F

        self.network.train()
        for support, support_labels, query, query_labels, _ in loader(drawn):
            self.optimizer.zero_grad()
            self.network.process_support_set(support, support_labels)
            F.cross_entropy(self.network(query), query_labels).backward()
            self.optimizer.step()

    def accuracy(self, drawn):
        from easyfsl.utils import evaluate

        return evaluate(self.network, loader(drawn), device="cpu", use_tqdm=False)


class Embedded(Easyfsl):
    """The same network, evaluated by easyfsl on embeddings that are computed once per image."""

    def accuracy(self, drawn):
        import torch
        from easyfsl.methods import PrototypicalNetworks
        from easyfsl.utils import evaluate

        self.network.eval()
        with torch.no_grad():
            parts = tensors(drawn.split).split(128)
            embeddings = torch.cat([self.network.backbone(part) for part in parts])
        features = PrototypicalNetworks()  # without a backbone
        return evaluate(features, loader(drawn, embeddings), device="cpu", use_tqdm=False)


def loader(drawn, items=None):
    """A PyTorch loader of the same episodes, through the collation of easyfsl's sampler."""
    from easyfsl.samplers import TaskSampler
    from torch.utils.data import DataLoader, TensorDataset

    class Data(TensorDataset):
        def __getitem__(self, index):
            return self.tensors[0][index], int(labels[index])

    class Sampler(TaskSampler):
        n_way, n_shot, n_query = drawn.way, drawn.shot, drawn.query

        def __init__(self):
            pass  # easyfsl 1.5.0 passes an argument that PyTorch's sampler no longer takes

        def __len__(self):
            return len(drawn)

        def __iter__(self):
            for i in range(len(drawn)):
                sets = (part.reshape(drawn.way, -1) for part in drawn.indices(i, epoch=0))
                yield np.concatenate(list(sets), axis=1).ravel().tolist()

    labels = drawn.data.labels
    data = Data(tensors(drawn.split) if items is None else items)
    sampler = Sampler()
    return DataLoader(data, batch_sampler=sampler, collate_fn=sampler.episodic_collate_fn)


LIBRARIES = {
    "fslkeras": Ours,
    "easyfsl": Easyfsl,
    "easyfsl, on stored embeddings": Embedded,
}


def evaluation(library, task, steps=1000, repeats=3):
    """The best seconds to evaluate 1,000 episodes of 15 queries.

    easyfsl's time is proportional to the episodes, unless it starts from embeddings: it evaluates a
    tenth of them.
    """
    network, (way, shot) = LIBRARIES[library](), TASKS[task]
    share = 10 if library == "easyfsl" else 1
    drawn = episodes("test", way, shot, 15, steps // share, seed=1)
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        network.accuracy(drawn)
        seconds.append(time.perf_counter() - start)
    return {"seconds": round(share * min(seconds), 2)}


def reaching(library, goal=GOAL, at_most=AT_MOST):
    """Minutes and steps to reach the accuracy, with the judging every 100 steps."""
    network, start = LIBRARIES[library](), time.perf_counter()
    judged = episodes("validation", 20, 1, 5, 200, seed=2)
    for done in range(100, at_most + 1, 100):
        network.train(training(done, 100))
        accuracy = network.accuracy(judged)
        if accuracy >= goal:
            break
    minutes = (time.perf_counter() - start) / 60
    return {"minutes": round(minutes, 2), "steps": done, "accuracy": round(float(accuracy), 4)}


def measure(library, task):
    return alone(__file__, library, task)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--one", nargs=2, metavar=("LIBRARY", "TASK"), help="print one as JSON")
    arguments = parser.parse_args()
    if arguments.one:
        library, task = arguments.one
        print(json.dumps(evaluation(library, task) if task in TASKS else reaching(library)))
        return
    runs = {
        f"{library}, {task}": {"library": library, "task": task}
        for task in (*TASKS, "training to 90 %")
        for library in LIBRARIES
        if library in ("fslkeras", "easyfsl") or task in TASKS
    }
    run("easyfsl", "1,000 episodes of 15 queries; training 20-way 1-shot", runs, measure)
    write_speed()


if __name__ == "__main__":
    main()
