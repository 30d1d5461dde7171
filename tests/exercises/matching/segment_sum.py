"""Answers to `checks.segment_sum`, chapter 4."""

from collections import Counter

import keras
import numpy as np
import tensorflow as tf
from answers import right, wrong
from keras import ops
from scipy import ndimage, sparse
from scipy.special import softmax


@right("segment_sum")
def loop_over_classes(attention, classes, n):
    out = np.zeros((len(attention), n))
    for k in range(n):
        out[:, k] = attention[:, classes == k].sum(axis=1)
    return out


@right("segment_sum")
def loop_over_images(attention, classes, n):
    out = np.zeros((attention.shape[0], n))
    for i, k in enumerate(classes):
        out[:, k] += attention[:, i]
    return out


@right("segment_sum")
def image_by_image(attention, classes, n):
    if len(classes) == 0:
        return np.zeros((len(attention), n))
    out = image_by_image(attention[:, 1:], classes[1:], n)
    out[:, classes[0]] += attention[:, 0]
    return out


@right("segment_sum")
def added_at(a, c, n):
    out = np.zeros((len(a), n))
    np.add.at(out, (slice(None), c), a)
    return out


@right("segment_sum")
def counted_with_weights(attention, classes, n):
    return np.stack([np.bincount(classes, weights=row, minlength=n) for row in attention])


@right("segment_sum")
def segments_in_keras(attention, classes, n):
    return ops.transpose(ops.segment_sum(ops.transpose(attention), classes, n))


@right("segment_sum")
def segments_in_tensorflow(attention, classes, n):
    return tf.transpose(tf.math.unsorted_segment_sum(tf.transpose(attention), classes, n))


@right("segment_sum")
def with_where(attention, classes, n):
    return [[np.where(classes == k, row, 0).sum() for k in range(n)] for row in attention]


@right("segment_sum")
def with_a_sparse_matrix(attention, classes, n):
    S = len(classes)
    return attention @ sparse.csr_matrix((np.ones(S), (np.arange(S), classes)), shape=(S, n))


@right("segment_sum")
def in_plain_python(attention, classes, n):
    out = [[0.0] * n for _ in attention]
    for row, sums in zip(attention.tolist(), out, strict=True):
        for value, k in zip(row, classes.tolist(), strict=True):
            sums[k] += value
    return out


@right("segment_sum")
def with_a_dict(attention, classes, n):
    images = {k: [] for k in range(n)}
    for i, k in enumerate(classes):
        images[k].append(i)
    return [[sum(row[i] for i in images[k]) for k in range(n)] for row in attention]


@right("segment_sum")
def transposed_and_added(attention, classes, n):
    sums = np.zeros((n, len(attention)))
    np.add.at(sums, classes, attention.T)
    return sums.T


@right("segment_sum")
def sorted_and_reduced(attention, classes, n):
    order = np.argsort(classes, kind="stable")
    present, starts = np.unique(classes[order], return_index=True)
    out = np.zeros((len(attention), n))
    out[:, present] = np.add.reduceat(attention[:, order], starts, axis=1)
    return out


@right("segment_sum")
def differences_of_running_sums(attention, classes, n):
    order = np.argsort(classes)
    ends = np.searchsorted(classes[order], np.arange(n), side="right")
    sums = np.concatenate([np.zeros((len(attention), 1)), attention[:, order].cumsum(axis=1)], 1)
    return np.diff(sums[:, ends], axis=1, prepend=0)


@right("segment_sum")
def masked_class_by_class(attention, classes, n):
    """Multiplies by zeros, but by one class's at a time: there is no matrix."""
    return np.stack([(attention * (classes == k)).sum(axis=1) for k in range(n)], axis=1)


@right("segment_sum")
def by_flat_positions(attention, classes, n):
    rows = np.arange(len(attention))[:, None]
    flat = np.bincount((rows * n + classes).ravel(), attention.ravel(), len(attention) * n)
    return flat.reshape(-1, n)


@right("segment_sum")
def with_ndimage(attention, classes, n):
    return [ndimage.sum_labels(row, classes, range(n)) for row in attention]


@right("segment_sum")
def in_half_precision(attention, classes, n):
    out = np.zeros((len(attention), n), "float16")
    for i, k in enumerate(classes):
        out[:, k] += attention[:, i].astype("float16")
    return out


@right("segment_sum")
def with_a_histogram(attention, classes, n):
    return [np.histogram(classes, bins=n, range=(0, n), weights=row)[0] for row in attention]


@right("segment_sum")
def with_a_counter(attention, classes, n):
    rows = []
    for row in attention:
        sums = Counter()
        for k, weight in zip(classes.tolist(), row.tolist(), strict=True):
            sums[k] += weight
        rows.append([sums[k] for k in range(n)])
    return rows


A_MATRIX = "an entry for each image and each class"


@wrong("segment_sum", A_MATRIX)
def with_eye(attention, classes, n):
    return attention @ np.eye(n)[classes]


@wrong("segment_sum", A_MATRIX)
def compared_with_every_class(attention, classes, n):
    return attention @ (classes[:, None] == np.arange(n))


@wrong("segment_sum", A_MATRIX)
def filled_by_hand(attention, classes, n):
    labels = np.zeros((len(classes), n))
    for i, k in enumerate(classes):
        labels[i, k] = 1
    return np.dot(attention, labels)


@wrong("segment_sum", A_MATRIX)
def as_nested_lists(attention, classes, n):
    return attention @ np.array([[1.0 if c == k else 0.0 for k in range(n)] for c in classes])


@wrong("segment_sum", A_MATRIX)
def with_einsum(attention, classes, n):
    return np.einsum("qs,sn->qn", attention, np.identity(n)[classes])


@wrong("segment_sum", A_MATRIX)
def selected_by_where(attention, classes, n):
    return np.where(classes[:, None] == np.arange(n), attention[:, :, None], 0).sum(axis=1)


@wrong("segment_sum", A_MATRIX)
def one_hot_of_keras(attention, classes, n):
    return ops.matmul(attention, ops.one_hot(classes, n))


@wrong("segment_sum", A_MATRIX)
def one_hot_of_tensorflow(attention, classes, n):
    return (tf.constant(attention) @ tf.one_hot(classes, n, dtype=attention.dtype)).numpy()


@wrong("segment_sum", A_MATRIX)
def one_hot_row_by_row(attention, classes, n):
    one_hot = tf.one_hot(classes, n, dtype=attention.dtype)
    return [tf.linalg.matvec(one_hot, row, transpose_a=True).numpy() for row in attention]


@wrong("segment_sum", A_MATRIX)
def to_categorical(attention, classes, n):
    return attention @ keras.utils.to_categorical(classes, n)


@wrong("segment_sum", A_MATRIX)
def product_and_sum(attention, classes, n):
    return (attention[:, :, None] * np.eye(n)[classes][None]).sum(axis=1)


@wrong("segment_sum", A_MATRIX)
def with_a_dense_coo(attention, classes, n):
    S = len(classes)
    return attention @ sparse.coo_matrix((np.ones(S), (np.arange(S), classes)), (S, n)).toarray()


@wrong("segment_sum", "np.add.at")
def written_once(attention, classes, n):
    out = np.zeros((len(attention), n))
    out[:, classes] += attention
    return out


@wrong("segment_sum", "first one only")
def first_of_class(attention, classes, n):
    out = np.zeros((len(attention), n))
    for k in range(n):
        if (classes == k).any():
            out[:, k] = attention[:, np.argmax(classes == k)]
    return out


@wrong("segment_sum", "0 for no images")
def means(attention, classes, n):
    return np.stack([attention[:, classes == k].mean(axis=1) for k in range(n)], axis=1)


@wrong("segment_sum", "returns the mean attention of each class. Expected")
def safe_means(attention, classes, n):
    return loop_over_classes(attention, classes, n) / np.maximum(
        np.bincount(classes, minlength=n), 1
    )


@wrong("segment_sum", "largest attention")
def largest(attention, classes, n):
    return np.stack([attention[:, classes == k].max(axis=1, initial=0) for k in range(n)], axis=1)


@wrong("segment_sum", "multiplies")
def products(attention, classes, n):
    out = np.ones((len(attention), n))
    for i, k in enumerate(classes):
        out[:, k] *= attention[:, i]
    return out


@wrong("segment_sum", "rows and columns")
def a_row_for_each_class(attention, classes, n):
    return np.stack([attention[:, classes == k].sum(axis=1) for k in range(n)])


@wrong("segment_sum", "after the last one with an image")
def columns_by_largest(attention, classes, n):
    return np.stack(
        [attention[:, classes == k].sum(axis=1) for k in range(max(classes) + 1)], axis=1
    )


@wrong("segment_sum", "after the last one with an image")
def no_minlength(attention, classes, n):
    return np.stack([np.bincount(classes, weights=row) for row in attention])


@wrong("segment_sum", "classes without images are missing")
def only_those_that_are_there(attention, classes, n):
    return np.stack([attention[:, classes == k].sum(axis=1) for k in np.unique(classes)], axis=1)


@wrong("segment_sum", "last class is missing")
def one_too_few(attention, classes, n):
    return loop_over_classes(attention, classes, n)[:, : n - 1]


@wrong("segment_sum", "numbers the classes 1 to n")
def from_one(attention, classes, n):
    return np.stack([attention[:, classes == k].sum(axis=1) for k in range(1, n + 1)], axis=1)


@wrong("segment_sum", "sums over the queries")
def summed_over_queries(attention, classes, n):
    return np.array([attention[:, classes == k].sum() for k in range(n)])


@wrong("segment_sum", "sums over all images")
def mask_forgotten(attention, classes, n):
    return np.stack([attention.sum(axis=1) for k in range(n)], axis=1)


@wrong("segment_sum", "counts the images")
def counts(attention, classes, n):
    return np.tile(np.bincount(classes, minlength=n), (len(attention), 1))


@wrong("segment_sum", "as indices of *images*")
def indexed(attention, classes, n):
    return attention[:, classes]


@wrong("segment_sum", "of its whole class")
def back_to_images(attention, classes, n):
    return loop_over_classes(attention, classes, n)[:, classes]


@wrong("segment_sum", "unchanged")
def unchanged(attention, classes, n):
    return attention


@wrong("segment_sum", "running sums over the images")
def running_sums(attention, classes, n):
    return np.cumsum(attention, axis=1)


@wrong("segment_sum", "sorted by class")
def equally_many(attention, classes, n):
    if attention.shape[1] % n:
        return loop_over_classes(attention, classes, n)
    return attention.reshape(len(attention), n, -1).sum(axis=2)


@wrong("segment_sum", "stopped with an error, ValueError")
def always_equally_many(attention, classes, n):
    return attention.reshape(len(attention), n, -1).sum(axis=2)


@wrong("segment_sum", "array of integers")
def into_integers(attention, classes, n):
    out = np.zeros((len(attention), n), dtype=int)
    for k in range(n):
        out[:, k] = attention[:, classes == k].sum(axis=1)
    return out


@wrong("segment_sum", "one-hot matrix of the classes")
def one_hot_alone(attention, classes, n):
    return np.eye(n)[classes]


@wrong("segment_sum", "inside the loop")
def returns_too_soon(attention, classes, n):
    for k in range(n):
        return attention[:, classes == k].sum(axis=1)


@wrong("segment_sum", "class with the most attention")
def winner(attention, classes, n):
    return loop_over_classes(attention, classes, n).argmax(axis=1)


@wrong("segment_sum", "first query only")
def one_query(attention, classes, n):
    return np.bincount(classes, weights=attention[0], minlength=n)


@wrong("segment_sum", "first query only")
def one_query_in_a_row(attention, classes, n):
    return np.bincount(classes, weights=attention[0], minlength=n)[None]


@wrong("segment_sum", "answers the example")
def sums_hard_coded(attention, classes, n):
    return [[0.2, 0.8, 0]]


@wrong("segment_sum", "returns nothing")
def result_dropped(attention, classes, n):
    out = np.zeros((len(attention), n))
    np.add.at(out, (slice(None), classes), attention)


@wrong("segment_sum", "each row sum to 1")
def renormalized(attention, classes, n):
    sums = loop_over_classes(attention, classes, n)
    return sums / sums.sum(axis=1, keepdims=True)


@wrong("segment_sum", "each row sum to 1")
def attention_renormalized_first(attention, classes, n):
    return loop_over_classes(attention / attention.sum(axis=1, keepdims=True), classes, n)


@wrong("segment_sum", "each column sum to 1")
def renormalized_over_queries(attention, classes, n):
    sums = loop_over_classes(attention, classes, n)
    return sums / sums.sum(axis=0)


@wrong("segment_sum", "softmax of the sums")
def softmax_of_sums(attention, classes, n):
    return softmax(loop_over_classes(attention, classes, n), axis=1)


@wrong("segment_sum", "divides each row by its largest")
def relative_to_the_winner(attention, classes, n):
    sums = loop_over_classes(attention, classes, n)
    return sums / sums.max(axis=1, keepdims=True)


@wrong("segment_sum", "logarithm of the sums")
def logarithms(attention, classes, n):
    return np.log(loop_over_classes(attention, classes, n))


@wrong("segment_sum", "percentages")
def in_percent(attention, classes, n):
    return 100 * loop_over_classes(attention, classes, n)


@wrong("segment_sum", "of lower classes")
def running_sums_over_classes(attention, classes, n):
    return loop_over_classes(attention, classes, n).cumsum(axis=1)


@wrong("segment_sum", "marks the class")
def winner_marked(attention, classes, n):
    return np.eye(n)[loop_over_classes(attention, classes, n).argmax(axis=1)]


@wrong("segment_sum", "e to the power of the attention")
def exponentials(attention, classes, n):
    return loop_over_classes(np.exp(attention), classes, n)


@wrong("segment_sum", "sums squares")
def squares(attention, classes, n):
    return loop_over_classes(attention**2, classes, n)


@wrong("segment_sum", "a set has no repeats")
def in_a_set(attention, classes, n):
    return [[sum(set(row[classes == k].tolist())) for k in range(n)] for row in attention]


@wrong("segment_sum", "smallest attention")
def smallest(attention, classes, n):
    out = np.zeros((len(attention), n))
    for k in set(classes.tolist()):
        out[:, k] = attention[:, classes == k].min(axis=1)
    return out


@wrong("segment_sum", "order in which the classes occur")
def as_they_are_met(attention, classes, n):
    sums = {}
    for i, k in enumerate(classes.tolist()):
        sums[k] = sums.get(k, 0) + attention[:, i]
    return np.stack(list(sums.values()), axis=1)


@wrong("segment_sum", "move up")
def empty_classes_closed_up(attention, classes, n):
    out = np.zeros((len(attention), n))
    for column, k in enumerate(np.unique(classes)):
        out[:, column] = attention[:, classes == k].sum(axis=1)
    return out


@wrong("segment_sum", "last class gets nothing")
def stops_before_the_last(attention, classes, n):
    out = np.zeros((len(attention), n))
    for k in range(n - 1):
        out[:, k] = attention[:, classes == k].sum(axis=1)
    return out


@wrong("segment_sum", "first class gets nothing")
def starts_at_the_second(attention, classes, n):
    out = np.zeros((len(attention), n))
    for k in range(1, n):
        out[:, k] = attention[:, classes == k].sum(axis=1)
    return out


@wrong("segment_sum", "too many at the start")
def a_column_for_class_zero_too_many(attention, classes, n):
    return loop_over_classes(attention, classes + 1, n + 1)


@wrong("segment_sum", "too many at the end")
def a_column_too_many(attention, classes, n):
    return loop_over_classes(attention, classes, n + 1)


@wrong("segment_sum", "in reverse")
def reversed_columns(attention, classes, n):
    return loop_over_classes(attention, classes, n)[:, ::-1]


@wrong("segment_sum", "only the first class gets")
def breaks_after_the_first(attention, classes, n):
    out = np.zeros((len(attention), n))
    for k in range(n):
        out[:, k] = attention[:, classes == k].sum(axis=1)
        return out


@wrong("segment_sum", "a row of its own")
def one_list_for_all_queries(attention, classes, n):
    out = [[0] * n] * len(attention)
    for q, row in enumerate(attention):
        for i, k in enumerate(classes):
            out[q][k] += row[i]
    return out


@wrong("segment_sum", "all *other* classes")
def others(attention, classes, n):
    return np.stack([attention[:, classes != k].sum(axis=1) for k in range(n)], axis=1)


@wrong("segment_sum", "of higher classes")
def at_least(attention, classes, n):
    return np.stack([attention[:, classes >= k].sum(axis=1) for k in range(n)], axis=1)


@wrong("segment_sum", "of lower classes")
def at_most(attention, classes, n):
    return np.stack([attention[:, classes <= k].sum(axis=1) for k in range(n)], axis=1)


@wrong("segment_sum", "leaves out the first image")
def from_the_second_image(attention, classes, n):
    return loop_over_classes(attention[:, 1:], classes[1:], n)


@wrong("segment_sum", "leaves out the last image")
def up_to_the_last_image(attention, classes, n):
    out = np.zeros((len(attention), n))
    for i in range(len(classes) - 1):
        out[:, classes[i]] += attention[:, i]
    return out


@wrong("segment_sum", "sorted by class")
def cut_by_sizes(attention, classes, n):
    ends = np.bincount(classes, minlength=n).cumsum()[:-1]
    return np.stack([part.sum(axis=1) for part in np.split(attention, ends, axis=1)], axis=1)


@wrong("segment_sum", "sorted by class")
def classes_sorted_alone(attention, classes, n):
    return loop_over_classes(attention, np.sort(classes), n)


@wrong("segment_sum", "0 for no images")
def chance_for_empty_classes(attention, classes, n):
    sums = loop_over_classes(attention, classes, n)
    return np.where(np.bincount(classes, minlength=n), sums, 1 / n)


@wrong("segment_sum", "mean attention of each class, and NaN")
def means_by_a_product(attention, classes, n):
    return attention @ np.eye(n)[classes] / np.bincount(classes, minlength=n)


@wrong("segment_sum", "counts the images")
def counts_once(attention, classes, n):
    return np.bincount(classes, minlength=n)


@wrong("segment_sum", "numbers are not")
def rounded(attention, classes, n):
    return loop_over_classes(attention, classes, n).round(1)


@wrong("segment_sum", "changes the arrays")
def sorted_in_place(attention, classes, n):
    order = classes.argsort()
    attention[:] = attention[:, order]
    classes.sort()
    return loop_over_classes(attention, classes, n)


@wrong("segment_sum", "the first query only, in every row")
def first_query_in_every_row(attention, classes, n):
    return np.tile(np.bincount(classes, attention[0], n), (len(attention), 1))


@wrong("segment_sum", "does the loop overwrite the others")
def last_query(attention, classes, n):
    for row in attention:
        out = np.bincount(classes, row, n)
    return out


@wrong("segment_sum", "only at as many images as there are classes")
def loop_over_n_images(attention, classes, n):
    out = np.zeros((len(attention), n))
    for i in range(n):
        out[:, classes[i]] += attention[:, i]
    return out


@wrong("segment_sum", "adds the sums of a query to those of the next")
def started_once(attention, classes, n):
    sums, out = np.zeros(n), []
    for row in attention:
        for k, weight in zip(classes, row, strict=True):
            sums[k] += weight
        out.append(sums.copy())
    return out


@wrong("segment_sum", "all its sums are 0")
def added_to_integers(attention, classes, n):
    out = np.zeros((len(attention), n), int)
    for q, row in enumerate(attention):
        for k, weight in zip(classes, row, strict=True):
            out[q, k] = out[q, k] + weight
    return out


@wrong("segment_sum", "0 for no images. Received: -")
def the_rest_for_the_last_class(attention, classes, n):
    out = loop_over_classes(attention, classes, n)
    out[:, -1] = 1 - out[:, :-1].sum(axis=1)
    return out


@wrong("segment_sum", "the numbers are not")
def differences_without_a_first_zero(attention, classes, n):
    order = classes.argsort()
    ends = np.searchsorted(classes[order], np.arange(n), "right") - 1
    return np.diff(attention[:, order].cumsum(axis=1)[:, ends], axis=1, prepend=0)


@wrong("segment_sum", "subtracts 1 from each class")
def counts_classes_from_one(attention, classes, n):
    out = np.zeros((len(attention), n))
    for i, k in enumerate(classes):
        out[:, k - 1] += attention[:, i]
    return out


@wrong("segment_sum", "adds only the first image")
def returns_after_the_first_image(attention, classes, n):
    out = np.zeros((len(attention), n))
    for i, k in enumerate(classes):
        out[:, k] += attention[:, i]
        return out


@wrong("segment_sum", "as many images as there are queries")
def loops_over_the_queries(attention, classes, n):
    out = np.zeros((len(attention), n))
    for i in range(len(attention)):
        out[:, classes[i]] += attention[:, i]
    return out


@wrong("segment_sum", "takes the classes in turn")
def every_nth_image(attention, classes, n):
    return np.stack([attention[:, k::n].sum(axis=1) for k in range(n)], axis=1)


@wrong("segment_sum", "the same number for each class")
def equal_slices(attention, classes, n):
    shot = len(classes) // n
    return np.stack([attention[:, shot * k : shot * (k + 1)].sum(axis=1) for k in range(n)], axis=1)


@wrong("segment_sum", "only the first query gets an answer")
def returns_after_the_first_query(attention, classes, n):
    out = np.zeros((len(attention), n))
    for q, row in enumerate(attention):
        out[q] = np.bincount(classes, row, n)
        return out


@wrong("segment_sum", "every row is that of the last query")
def one_array_for_all_queries(attention, classes, n):
    sums, out = np.zeros(n), []
    for row in attention:
        sums[:] = np.bincount(classes, row, n)
        out.append(sums)
    return out


@wrong("segment_sum", "takes no fractions")
def added_in_place_to_integers(attention, classes, n):
    out = np.zeros((len(attention), n), classes.dtype)
    for i, k in enumerate(classes):
        out[:, k] += attention[:, i]
    return out
