"""Image search: recall and time of an approximate index over 100,000 embeddings.

    python benchmarks/search.py

embeds rotated Omniglot characters with the pretrained Siamese encoder, and searches for the ten
nearest of 100,000 for each of 1,000 others, one query at a time. Recall compares with exact search.
Results: data/results/search.json. Needs `pip install faiss-cpu`.
"""

import argparse
import statistics
import time

import faiss
import numpy as np
from grid import run

from fslkeras.datasets import load
from fslkeras.evaluation import embed
from fslkeras.networks import pretrained


def approximate(size):
    index = faiss.IndexHNSWFlat(size, 32)
    index.hnsw.efSearch = 64  # more candidates: higher recall, longer search
    return index


INDEXES = {
    "exact, faiss.IndexFlatL2": faiss.IndexFlatL2,
    "approximate, faiss.IndexHNSWFlat": approximate,
}


def vectors(images, stored=100_000, queries=1000, seed=0):
    """Embeddings of random images: those that are stored, and those that are searched for."""
    chosen = np.random.default_rng(seed).permutation(len(images))[: stored + queries]
    encoder = next(layer for layer in pretrained("omniglot_siamese").layers if layer.weights)
    embeddings = embed(encoder, images, chosen)
    return embeddings[:stored], embeddings[stored:]


def measure(make, stored, queries, k=10):
    """Recall, milliseconds per query (the best of three rounds), and seconds to build the index."""
    index, start = make(stored.shape[1]), time.perf_counter()
    index.add(stored)
    built = time.perf_counter() - start
    rounds = []
    for _ in range(3):
        start = time.perf_counter()
        found = np.concatenate([index.search(query[None], k)[1] for query in queries])
        rounds.append((time.perf_counter() - start) / len(queries))
    exact = faiss.IndexFlatL2(stored.shape[1])
    exact.add(stored)
    pairs = zip(found, exact.search(queries, k)[1], strict=True)
    return {
        "recall@10": round(statistics.mean(len({*a} & {*b}) / k for a, b in pairs), 4),
        "ms per query": round(1000 * min(rounds), 3),
        "seconds to build": round(built, 1),
    }


def main():
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    stored, queries = vectors(load("omniglot", split=None).rotated().images)
    size = f"{len(stored)} embeddings of size {stored.shape[1]}"
    about = f"the ten nearest of {size}, one query at a time"
    runs = {name: {"index": name} for name in INDEXES}
    run("search", about, runs, lambda index: measure(INDEXES[index], stored, queries))


if __name__ == "__main__":
    main()
