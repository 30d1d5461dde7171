"""What the loss, the sum over shots and the mode of batch normalisation are worth: the comparisons of chapter 3.

    python benchmarks/chapter_3.py

trains each relation network over three seeds, adds each to data/results/chapter_3.json when it is done, leaves out those that are
there already, and prints the table. 1,000 steps on the glyphs' train alphabets, judged on the test alphabets.
"""

import fslkeras
import keras
import numpy as np
from training import accuracy, load_results, row, save_results, train_relation

STEPS = 1000
NETWORKS = [
    {"loss": "mean_squared_error", "shot": 1},
    {"loss": "binary_crossentropy", "shot": 1},
    {"loss": "categorical_crossentropy", "shot": 1},
    {"loss": "mean_squared_error", "shot": 5},
]
SHOTS = (1, 2, 3, 5, 10)


def with_reduction(model, reduction):
    """The same trained layers, with the sum or the mean over the shots."""
    of_classes, relation = fslkeras.layers.Prototypes(reduction), model.get_layer("relation")
    support, query = model.get_layer("encode")(model.input["support"], model.input["query"])
    return keras.Model(model.input, relation(query, of_classes(support, model.input["support_labels"])))


def figures(model, data, way, shot, query=15, episodes=1000):
    return accuracy(model, fslkeras.Episodes(data, way=way, shot=shot, query=query, steps=episodes, seed=1))


def leak(model, data):
    """20-way 1-shot accuracy with batch normalisation in its two modes, on the same 100 episodes of 15 queries a class.

    Inference: moving statistics. Training: the statistics of the support and all 300 queries together. One class at a time: the
    same episodes in training mode, but the 15 queries of each class come by themselves, as if a user had asked about them alone.
    """
    # In training mode a model also changes its moving statistics: a copy, and its weights put back.
    copy, kept = keras.models.clone_model(model), model.get_weights()
    copy.set_weights(kept)

    def in_training_mode(x):
        scores = keras.ops.convert_to_numpy(copy(x, training=True))
        copy.set_weights(kept)
        return scores

    def one_class_at_a_time(x):
        queries = np.split(x["query"], 20, axis=1)
        return np.concatenate([in_training_mode({**x, "query": some}) for some in queries], axis=1)

    modes = {"inference": model, "training": in_training_mode, "one class at a time": one_class_at_a_time}
    return {f"20w1s, {mode}": figures(network, data, 20, 1, episodes=100) for mode, network in modes.items()}


def main():
    train, test = fslkeras.datasets.load("glyphs", split="train"), fslkeras.datasets.load("glyphs", split="test")
    results = load_results("chapter_3.json")
    results["about"] = (
        f"glyphs, 32 filters, {STEPS} steps of one 20-way episode, 3 queries a class; test alphabets, 1000 episodes, 15 queries a class "
        "(300 for 20-way, 100 for the modes of batch normalisation)"
    )
    for seed in range(3):
        for network in NETWORKS:
            name = f"{network['loss']}, {network['shot']}-shot, seed {seed}"
            if name not in results["runs"]:
                model = train_relation(train, steps=STEPS, seed=seed, **network)
                run = {**network, "seed": seed, "5w1s": figures(model, test, 5, 1)}
                run["20w1s"] = figures(model, test, 20, 1, episodes=300)
                if network["loss"] == "mean_squared_error":
                    for reduction in ("sum", "mean"):
                        asked = with_reduction(model, reduction)
                        run |= {f"5w{shot}s, {reduction}": figures(asked, test, 5, shot, query=5) for shot in SHOTS}
                if network == NETWORKS[0]:
                    run |= leak(model, test)
                results["runs"][name] = run
                save_results("chapter_3.json", results)
            run = results["runs"][name]
            print(name)
            for task, figure in run.items():
                if isinstance(figure, dict):
                    print(f"    {row({task: figure})}", flush=True)


if __name__ == "__main__":
    main()
