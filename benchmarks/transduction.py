"""How much does transduction gain on balanced queries, and on unbalanced ones?

    python benchmarks/transduction.py

trains chapter 2's network with three random seeds for 1,000 steps on the glyphs' train alphabets.
In 5-way 1-shot test episodes, one step of soft k-means (`RefinePrototypes("soft")`) uses the
queries themselves as its unlabeled images. Balanced queries have the same number for each class;
for unbalanced ones, class proportions are drawn from a Dirichlet(1) distribution, with the same
total (Veilleux et al. 2021). Results: data/results/transduction.json, the accuracy over all queries
without and with the refinement, and the difference, paired by episode.
"""

import numpy as np
from fine_tuning import accuracy_per_episode
from grid import over_seeds, run
from training import (
    embedded_episodes,
    evaluation_episodes,
    glyphs,
    mean_and_interval,
    train_prototypical,
)

from fslkeras.networks import encoder_and_head, semi_supervised

STEPS = 1000
ABOUT = (
    f"glyphs, Conv4-32, {STEPS} steps of one 40-way 1-shot episode, 2 queries per class; test "
    "alphabets, 5-way 1-shot, 1000 episodes; unbalanced: the classes' shares of the queries from a "
    "Dirichlet(1) distribution, at most 19 queries per class"
)
RUNS = over_seeds({"Prototypical": {}})


def measure(seed):
    train, test = glyphs()
    model = train_prototypical(train, STEPS, seed=seed)
    return {
        "balanced, 75 queries": gain(model, test, query=15),
        "balanced, 25 queries": gain(model, test, query=5),
        "unbalanced, 25 queries": gain(model, test, query=19, total=25),
    }


def gain(model, data, query, total=None):
    """Accuracy without and with refinement by the queries, and the difference.

    Args:
        model: a prototypical network.
        data: `ImageClasses` to draw the episodes from.
        query: query images per class.
        total: the number of these queries that an unbalanced draw keeps, or None for all.
    """
    encode, inductive = encoder_and_head(model)
    transductive = encoder_and_head(semi_supervised(encode.encoder, "soft"))[1]
    episodes = evaluation_episodes(data, 5, 1, query=query)
    (x,) = embedded_episodes(model, episodes, at_once=len(episodes))
    answers = episodes.labels(len(episodes))["query_labels"].argmax(axis=-1)
    if total is not None:
        sizes = unbalanced(len(episodes), total, most=query)
        kept = np.arange(5 * query) % query < sizes.repeat(query, axis=-1)
        x["query"] = x["query"][kept].reshape(len(episodes), total, -1)
        answers = answers[kept].reshape(len(episodes), total)
    before = accuracy_per_episode(inductive(x), answers)
    after = accuracy_per_episode(transductive({**x, "unlabelled": x["query"]}), answers)
    measured = {"inductive": before, "transductive": after, "difference": after - before}
    return {name: mean_and_interval(per_episode) for name, per_episode in measured.items()}


def unbalanced(episodes, total, most, way=5, seed=2):
    """Queries of each class, int (episodes, way): multinomial, with proportions from Dirichlet(1).

    Args:
        episodes: number of episodes.
        total: queries per episode.
        most: the largest number per class; an episode that exceeds it is drawn again.
        way: classes per episode.
        seed: random seed.
    """
    rng = np.random.default_rng(seed)
    sizes = np.full((episodes, way), total)
    while (refused := (sizes > most).any(axis=-1)).any():
        sizes[refused] = rng.multinomial(total, rng.dirichlet(np.ones(way), refused.sum()))
    return sizes


def main():
    run("transduction", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
