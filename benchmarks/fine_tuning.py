"""Does it help to fine-tune on the support set? Prototypes as the start of a linear classifier.

    python benchmarks/fine_tuning.py

trains chapter 2's network with three random seeds for 1,000 steps on the glyphs' train alphabets.
In each test episode, a linear classifier of the embeddings starts with the network's own answers,
at w = 2 p and b = -|p|^2 for each prototype p (Triantafillou et al. 2020). It takes 50 steps on the
support set with cross-entropy, while the encoder stays frozen. `choices.py` chose OPTIMIZER.
Results: data/results/fine_tuning.json, accuracy before and after, and the difference, paired by
episode.
"""

import keras
import numpy as np
from grid import over_seeds, run
from keras import ops
from training import (
    embedded_episodes,
    evaluation_episodes,
    glyphs,
    mean_and_interval,
    train_prototypical,
)

STEPS = 1000
OPTIMIZER = ("adam", 0.001)
ABOUT = (
    f"glyphs, Conv4-32, {STEPS} steps of one 40-way 1-shot episode, 2 queries per class; 50 steps "
    f"of fine-tuning with {OPTIMIZER[0]}, learning rate {OPTIMIZER[1]}; test alphabets, 300 "
    "episodes, 15 queries per class"
)
TASKS = ((5, 1), (5, 5), (20, 1), (20, 5))
RUNS = over_seeds({"Prototypical": {}})


def measure(seed):
    train, test = glyphs()
    model = train_prototypical(train, STEPS, seed=seed)
    return {f"{way}w{shot}s": gain(model, test, way, shot, *OPTIMIZER) for way, shot in TASKS}


def gain(model, data, way, shot, optimizer, rate):
    """Accuracy of the prototypes and of the fine-tuned classifiers, and the difference."""
    episodes = evaluation_episodes(data, way, shot, part=0.3)
    (x,) = embedded_episodes(model, episodes, at_once=len(episodes))
    answers = episodes.labels(len(episodes))["query_labels"].argmax(axis=-1)
    prototypes = np.einsum("esn,esd->end", x["support_labels"], x["support"]) / shot
    classifiers = LinearClassifiers(prototypes)
    before = accuracy_per_episode(classifiers(x["query"]), answers)
    classifiers.fine_tune(x["support"], x["support_labels"], optimizer, rate)
    after = accuracy_per_episode(classifiers(x["query"]), answers)
    measured = {"before": before, "after": after, "difference": after - before}
    return {name: mean_and_interval(per_episode) for name, per_episode in measured.items()}


def accuracy_per_episode(scores, answers):
    return (keras.ops.convert_to_numpy(scores).argmax(axis=-1) == answers).mean(axis=-1)


class LinearClassifiers(keras.Model):
    """A linear classifier for each of E episodes: from embeddings (E, Q, D) to logits (E, Q, N).

    Args:
        prototypes: float (E, N, D), the prototypes that set the initial weights.
    """

    def __init__(self, prototypes):
        super().__init__()
        self.kernel = keras.Variable(2 * prototypes)
        self.bias = keras.Variable(-np.square(prototypes).sum(axis=-1))

    def call(self, embeddings):
        return ops.einsum("eqd,end->eqn", embeddings, self.kernel) + self.bias[:, None]

    def fine_tune(self, support, labels, optimizer, rate, steps=50):
        # A sum keeps the episodes independent: the gradient of a mean would depend on their number.
        loss = keras.losses.CategoricalCrossentropy(from_logits=True, reduction="sum")
        config = {"class_name": optimizer, "config": {"learning_rate": rate}}
        self.compile(keras.optimizers.get(config), loss)
        for _ in range(steps):
            self.train_on_batch(support, labels)


def main():
    run("fine_tuning", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
