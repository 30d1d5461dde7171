"""The course's networks in plain PyTorch, which speed.py times Keras against.

    python benchmarks/plain_pytorch.py prototypical 32 10 5

prints, as JSON, the milliseconds from the end of one training step to the end of the next, for this
network with 32 filters: the median over five repeats of ten steps. Needs `pip install torch`.
"""

import itertools
import json
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

import fslkeras


def conv4(filters, pooled_blocks=4):
    blocks = []
    for block in range(4):
        blocks += [
            nn.Conv2d(1 if block == 0 else filters, filters, 3, padding=1, bias=False),
            nn.BatchNorm2d(filters, momentum=0.1),
            nn.ReLU(),
        ]
        if block < pooled_blocks:
            blocks.append(nn.MaxPool2d(2))
    return nn.Sequential(*blocks)


class Bare(nn.Module):
    """The encoder alone, with the mean square of its embeddings as the loss."""

    def __init__(self, filters):
        super().__init__()
        self.encoder = conv4(filters)

    def forward(self, support, labels, query, truth):
        return self.encoder(torch.cat([support, query])).square().mean()


class Prototypical(Bare):
    def forward(self, support, labels, query, truth):
        z = self.encoder(torch.cat([support, query])).flatten(1)
        support, query = z[: len(support)], z[len(support) :]
        prototypes = labels.T @ support / labels.sum(0)[:, None]
        distances = (query[:, None] - prototypes).square().sum(-1)
        return F.cross_entropy(-distances, truth.argmax(-1))


class Siamese(Bare):
    """All pairs of a query and a support image, contrastive loss with margin 5, at 1 shot."""

    def forward(self, support, labels, query, truth):
        z = self.encoder(torch.cat([support, query])).flatten(1)
        support, query = z[: len(support)], z[len(support) :]
        distances = torch.linalg.vector_norm(query[:, None] - support, dim=-1) @ labels
        return (truth * distances**2 + (1 - truth) * F.relu(5 - distances) ** 2).mean()


class Matching(Bare):
    def forward(self, support, labels, query, truth):
        z = self.encoder(torch.cat([support, query])).flatten(1)
        support, query = z[: len(support)], z[len(support) :]
        attention = F.softmax(query @ F.normalize(support, dim=-1).T, -1)
        return F.nll_loss((attention @ labels).clamp_min(1e-30).log(), truth.argmax(-1))


class Relation(nn.Module):
    """A relation network that literally concatenates the feature maps of each pair."""

    def __init__(self, filters):
        super().__init__()
        self.encoder = conv4(filters, pooled_blocks=2)
        blocks = []
        for incoming in (2 * filters, filters):
            blocks += [
                nn.Conv2d(incoming, filters, 3, padding=1, bias=False),
                nn.BatchNorm2d(filters, momentum=0.1),
            ]
            blocks += [nn.ReLU(), nn.MaxPool2d(2)]
        self.relation = nn.Sequential(
            *blocks, nn.Flatten(), nn.Linear(filters, 8), nn.ReLU(), nn.Linear(8, 1), nn.Sigmoid()
        )

    def forward(self, support, labels, query, truth):
        maps = self.encoder(torch.cat([support, query]))
        support, query = maps[: len(support)], maps[len(support) :]
        classes = torch.einsum("sn,schw->nchw", labels, support)
        pairs = torch.cat(
            [
                query[:, None].expand(-1, len(classes), -1, -1, -1),
                classes[None].expand(len(query), -1, -1, -1, -1),
            ],
            dim=2,
        ).flatten(0, 1)
        return F.mse_loss(self.relation(pairs).reshape(truth.shape), truth)


def training_steps(network, episodes, channels_last):
    """A function that trains the network on each episode once and returns each step's end time.

    Args:
        network: one of the above.
        episodes: `fslkeras.Episodes` with one episode per batch, drawn during training.
        channels_last: True for the memory layout that Keras uses.
    """
    layout = {"memory_format": torch.channels_last if channels_last else torch.contiguous_format}
    network = network.to(**layout).train()
    optimizer = torch.optim.Adam(network.parameters(), 1e-3)

    def run():
        ends = []
        for i in range(len(episodes)):
            x, y = episodes[i]
            support, query = (
                torch.from_numpy(x[name][0]).permute(0, 3, 1, 2).contiguous(**layout)
                for name in ("support", "query")
            )
            loss = network(
                support, torch.from_numpy(x["support_labels"][0]), query, torch.from_numpy(y[0])
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            ends.append(time.perf_counter())
        return ends

    return run


NETWORKS = {
    "prototypical": Prototypical,
    "Siamese": Siamese,
    "matching": Matching,
    "relation": Relation,
}


def main(name, filters, steps, repeats):
    data = fslkeras.datasets.load("glyphs", split="train")
    episodes = fslkeras.Episodes(data, way=20, shot=1, query=5, steps=int(steps))
    milliseconds = {}
    for layout in ("channels first", "channels last"):
        run = training_steps(NETWORKS[name](int(filters)), episodes, layout == "channels last")
        run()
        times = [
            after - before
            for _ in range(int(repeats))
            for before, after in itertools.pairwise(run())
        ]
        milliseconds[layout] = 1000 * statistics.median(times)
    print(json.dumps(milliseconds))


if __name__ == "__main__":
    main(*sys.argv[1:])
