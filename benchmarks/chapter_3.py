"""Chapter 3: relation networks with different losses, reductions and batch normalization modes.

    python benchmarks/chapter_3.py

trains each network with three random seeds on the glyphs' train alphabets, and evaluates it on the
test alphabets. Results: data/results/chapter_3.json.
"""

import keras
import numpy as np
from grid import over_seeds, run
from training import accuracy, glyphs, train_relation

import fslkeras

STEPS = 1000
ABOUT = (
    f"glyphs, 32 filters, {STEPS} steps of one 20-way episode, 3 queries per class; test "
    "alphabets, 1000 episodes, 15 queries per class (300 for 20-way, 100 for the modes of batch "
    "normalization)"
)
NETWORKS = [
    ("mean_squared_error", 1),
    ("binary_crossentropy", 1),
    ("categorical_crossentropy", 1),
    ("mean_squared_error", 5),
]
RUNS = over_seeds({f"{loss}, {shot}-shot": {"loss": loss, "shot": shot} for loss, shot in NETWORKS})


def measure(loss, shot, seed):
    train, test = glyphs()
    model = train_relation(train, steps=STEPS, loss=loss, shot=shot, seed=seed)
    results = {"5w1s": accuracy(model, test, 5, 1), "20w1s": accuracy(model, test, 20, 1, part=0.3)}
    if loss == "mean_squared_error":
        for reduction in ("sum", "mean"):
            network = with_reduction(model, reduction)
            for test_shot in (1, 2, 3, 5, 10):
                results[f"5w{test_shot}s, {reduction}"] = accuracy(
                    network, test, 5, test_shot, query=5
                )
        if shot == 1:
            results |= by_batch_normalization(model, test)
    return results


def with_reduction(model, reduction):
    """A relation network with the weights of `model`, and the sum or the mean over the shots."""
    network = fslkeras.networks.relation(
        model.get_layer("encode").encoder, filters=32, reduction=reduction
    )
    network.set_weights(model.get_weights())
    return network


def by_batch_normalization(model, data):
    """20-way 1-shot accuracy with batch normalization in different modes.

    All use the same 100 episodes of 15 queries per class. Inference: moving statistics. Training:
    the statistics of the support set and all 300 queries. One class at a time: training mode, but
    with only the 15 queries of one class, as if a user had no others.
    """
    # In training mode, a model also updates its moving statistics, so reset them after each call.
    copy, weights = keras.models.clone_model(model), model.get_weights()
    copy.set_weights(weights)

    def in_training_mode(x):
        scores = keras.ops.convert_to_numpy(copy(x, training=True))
        copy.set_weights(weights)
        return scores

    def one_class_at_a_time(x):
        queries = np.split(x["query"], 20, axis=1)
        return np.concatenate(
            [in_training_mode({**x, "query": query}) for query in queries], axis=1
        )

    modes = {
        "inference": model,
        "training": in_training_mode,
        "one class at a time": one_class_at_a_time,
    }
    return {
        f"20w1s, {mode}": accuracy(network, data, 20, 1, part=0.1)
        for mode, network in modes.items()
    }


def main():
    run("chapter_3", ABOUT, RUNS, measure)


if __name__ == "__main__":
    main()
