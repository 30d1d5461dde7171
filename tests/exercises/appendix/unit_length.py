"""Answers to `checks.unit_length`, the appendix."""

import keras
import numpy as np
import tensorflow as tf
from answers import right, wrong
from sklearn.preprocessing import normalize

TINY = 1e-12


@right("unit_length")
def row_by_row(features):
    rows = []
    for row in features:
        length = np.sqrt(np.sum(row**2))
        rows.append(row / length if length > 0 else row)
    return rows


@right("unit_length")
def number_by_number(features):
    result = np.zeros(features.shape)
    for i in range(len(features)):
        total = sum(float(x) ** 2 for x in features[i]) ** 0.5
        for j in range(features.shape[1]):
            result[i, j] = features[i, j] / total if total else 0.0
    return result


@right("unit_length")
def zeros_replaced(features):
    lengths = np.linalg.norm(features, axis=1)
    return (features.T / np.where(lengths == 0, 1, lengths)).T


@right("unit_length")
def nan_to_num(features):
    return np.nan_to_num(features / np.linalg.norm(features, axis=-1)[:, None])


RIGHT = [
    lambda z: normalize(z),
    lambda z: keras.ops.normalize(z, axis=-1),
    lambda z: tf.math.l2_normalize(z, axis=-1),
    lambda z: keras.layers.UnitNormalization()(z),
    lambda z: z / np.sqrt((z**2).sum(1, keepdims=True) + 1e-12),
    lambda z: z / np.maximum(np.sqrt(np.einsum("nd,nd->n", z, z)), TINY)[:, None],
    lambda z: np.divide(
        z, np.linalg.norm(z, axis=1, keepdims=True), where=z != 0, out=np.zeros_like(z)
    ),
    lambda z: z / (np.linalg.norm(z, axis=1, keepdims=True) + 1e-9),
    lambda z: np.apply_along_axis(lambda row: row / max(np.linalg.norm(row), TINY), 1, z),
    lambda z: np.stack([row / max(np.hypot.reduce(row), TINY) for row in z]),
    lambda z: (z.T / np.maximum(np.linalg.norm(z, 2, axis=1), TINY)).T,
    lambda z: z / np.sqrt((z**2).sum(1, keepdims=True) + 1e-7),
    lambda z: (z / np.maximum(length(z), TINY)).astype("float16"),
    lambda z: keras.ops.divide_no_nan(z, keras.ops.norm(z, axis=1, keepdims=True)),
    lambda z: np.diag(1 / np.maximum(np.linalg.norm(z, axis=1), TINY)) @ np.matrix(z),
]
for answer in RIGHT:
    right("unit_length")(answer)


def length(z):
    return np.linalg.norm(z, axis=1, keepdims=True)


WRONG = [
    ("0 / 0", lambda z: z / length(z)),
    ("0 / 0", lambda z: z / np.sqrt(np.sum(z * z, axis=1))[:, None]),
    ("columns", lambda z: z / np.maximum(np.linalg.norm(z, axis=0), TINY)),
    ("columns", lambda z: normalize(z, axis=0)),
    ("the whole array by one", lambda z: z / np.linalg.norm(z)),
    ("the whole array by one", lambda z: z / np.sqrt((z**2).sum())),
    ("square root is missing", lambda z: z / np.maximum((z**2).sum(1, keepdims=True), TINY)),
    ("square root is missing", lambda z: z / length(z) ** 2),
    ("a root already", lambda z: z / np.sqrt(np.maximum(length(z), 1e-30))),
    ("sum of the absolute", lambda z: normalize(z, "l1")),
    ("makes the sum 1", lambda z: z / z.sum(axis=1, keepdims=True)),
    ("largest value 1", lambda z: z / z.max(axis=1, keepdims=True)),
    ("largest value of all rows", lambda z: z / z.max()),
    ("largest value 1", lambda z: normalize(z, "max")),
    ("root of D", lambda z: z / z.shape[1] ** 0.5),
    ("returns the lengths", lambda z: np.linalg.norm(z, axis=1)),
    ("returns the lengths", lambda z: length(z)),
    ("multiplies", lambda z: z * length(z)),
    ("standardizes each row", lambda z: (z - z.mean(1, keepdims=True)) / z.std(1, keepdims=True)),
    ("standardizes each column", lambda z: (z - z.mean(0)) / z.std(0)),
    ("mean of each row", lambda z: normalize(z - z.mean(1, keepdims=True))),
    ("mean of each column", lambda z: normalize(z - z.mean(0))),
    (
        "0..1",
        lambda z: (
            (z - z.min(1, keepdims=True)) / (z.max(1, keepdims=True) - z.min(1, keepdims=True))
        ),
    ),
    ("softmax", lambda z: keras.ops.softmax(z)),
    ("`return` inside", lambda z: next(row / np.linalg.norm(row) for row in z)),
    ("signs", lambda z: normalize(np.abs(z))),
    ("unchanged", lambda z: z),
    ("every number is 0", lambda z: np.zeros_like(z, dtype=int)),
    ("array of integers", lambda z: normalize(z).astype(int)),
    ("example", lambda z: [[0.6, 0.8], [0, 0]]),
    ("mean of the squares", lambda z: z / np.sqrt((z**2).mean(1, keepdims=True) + TINY)),
    ("squares the features", lambda z: z**2 / np.maximum((z**2).sum(1, keepdims=True), TINY)),
    ("right direction, but length", lambda z: z / 5),
    ("right direction, but length", lambda z: z / (length(z) + 1)),
    ("right direction, but length", lambda z: z / length(z).max()),
    ("right direction, but length", lambda z: z / np.linalg.norm(z[0])),
    ("right direction, but length", lambda z: np.concatenate([normalize(z[:1]), z[1:]])),
    ("too large", lambda z: z / (length(z) + 1e-3)),
    ("too large", lambda z: z / np.maximum(length(z), 0.1)),
    ("nothing but zeros", lambda z: [row / np.linalg.norm(row) if row.all() else row for row in z]),
    ("nothing but zeros", lambda z: [row / np.linalg.norm(row) if row.sum() else row for row in z]),
    ("[0. 0.]", lambda z: np.where(z.any(1, keepdims=True), normalize(z), z.shape[1] ** -0.5)),
    ("broadcast", lambda z: z / np.maximum(np.linalg.norm(z, axis=1), TINY)),
    ("returns nothing", lambda z: print(end="")),
    ("stopped with an error", lambda z: z / np.linalg.norm(z, axis=1) / np.ones((7, 9))),
]
for because, answer in WRONG:
    wrong("unit_length", because)(answer)
