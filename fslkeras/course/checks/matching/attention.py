"""Chapter 4: attention to the support images by the cosine."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import compare
from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.matching.attention_mistakes import (
    by_class_first,
    images_left_out,
    softmax,
    unit,
    wrong_results,
    wrong_sums,
)
from fslkeras.course.checks.mistakes import copied_example, first_query_only, rows_and_columns


@exercise(
    hints=(
        "Three steps: the cosine of each query with each support image, the attention that follows "
        "from the cosines, and the class that each attention goes to.",
        "Scale each row to length 1: `query / np.linalg.norm(query, axis=1, keepdims=True)`, and "
        "the support in the same way. Then query @ support.T gives the cosines, (Q, S).",
        "The attention is e to the power of each cosine, divided by the sum of its row: axis=1, "
        "keepdims=True. Then attention @ labels adds it up by class.",
    ),
    solution="""query = query / np.linalg.norm(query, axis=1, keepdims=True)
support = support / np.linalg.norm(support, axis=1, keepdims=True)
exponentials = np.exp(query @ support.T)  # (Q, S)
weights = exponentials / exponentials.sum(axis=1, keepdims=True)  # each row sums to 1
return weights @ labels  # (Q, N)""",
)
def attention(answer):
    """Checks a function that returns class probabilities by attention.

    From query (Q, D), support (S, D) and one-hot labels (S, N), it must return (Q, N).
    """
    rng = np.random.default_rng(7)
    for n_queries, images in ((4, (3, 1, 2)), (5, (2, 2, 1)), (1, (1, 4, 1, 2))):
        labels = np.eye(len(images), dtype="float32")[
            rng.permutation(np.repeat(np.arange(len(images)), images))
        ]
        q, s = (rng.normal(0.3, 1.5, (n, 5)).astype("float32") for n in (n_queries, len(labels)))
        q[0], s[-1] = q[0] / 20, s[-1] / 20  # shorter than 1
        right = softmax(unit(q) @ unit(s).T) @ labels
        compare(
            call(answer, q, s, labels),
            right,
            _mistakes(q, s, labels, right),
            "(queries, classes)",
            "queries",
        )
    return (
        "A classifier without weights of its own: all it knows about a class is how similar a "
        "query is to its images."
    )


def _mistakes(q, s, labels, right):
    cosines = unit(q) @ unit(s).T
    similarities = [*_wrong_cosines(q, s), *_other_similarities(q, s), *_wrong_embeddings(q, s)]
    return [
        *((softmax(wrong) @ labels, reason) for wrong, reason in similarities),
        *_wrong_softmax(cosines, labels),
        *_wrong_exponentials(cosines, labels),
        *by_class_first(q, s, cosines, labels),
        *wrong_sums(cosines, labels),
        *images_left_out(cosines, labels),
        *wrong_results(right, labels),
        rows_and_columns(right, "query", "(queries, classes)"),
        copied_example([[0.845, 0.155]]),
        *first_query_only(right),
    ]  # fmt: skip


def _wrong_cosines(q, s):
    squares = (q**2).sum(axis=1)[:, None] * (s**2).sum(axis=1)
    root = "The length is the root of the sum of the squares."
    return [
        (q @ s.T,
         "it uses the plain dot product. For the cosine, scale the query and the support "
         "embeddings to length 1 first."),
        (unit(q) @ s.T,
         "it scales only the queries to length 1. For the cosine, scale the support embeddings, "
         "too."),
        (q @ unit(s).T,
         "it scales only the support embeddings to length 1. For the cosine, scale the queries, "
         "too. (The chapter comes back to what you have there, which is no longer a cosine.)"),
        (q @ s.T / squares,
         "it divides by the squares of the lengths. A cosine is the dot product divided by both "
         "lengths."),
        (unit(q, axis=0) @ unit(s, axis=0).T,
         "it divides by the lengths of the columns. For the length of each embedding, sum over its "
         "D numbers: axis=1."),
        (unit(q, axis=None) @ unit(s, axis=None).T,
         "it divides by one length for the whole array. Each embedding has its own: "
         "np.linalg.norm(..., axis=1, keepdims=True)."),
        (q @ s.T / (np.sqrt((q**2).sum(axis=1))[:, None] + np.sqrt((s**2).sum(axis=1))),
         "it divides by the sum of the two lengths. A cosine is the dot product divided by their "
         "product."),
        (q @ s.T / np.sqrt(np.sqrt(squares)),
         "it divides by the root of the product of the lengths. A cosine is the dot product "
         "divided by the product itself."),
        (q / np.abs(q).sum(axis=1, keepdims=True) @ (s / np.abs(s).sum(axis=1, keepdims=True)).T,
         f"it divides by the sum of the absolute values. {root}"),
        (q / np.abs(q).max(axis=1, keepdims=True) @ (s / np.abs(s).max(axis=1, keepdims=True)).T,
         f"it divides by the largest coordinate. {root}"),
        (q / q.sum(axis=1, keepdims=True) @ (s / s.sum(axis=1, keepdims=True)).T,
         f"it divides by the sum of the coordinates. {root}"),
        (unit(q - q.mean(axis=1, keepdims=True)) @ unit(s - s.mean(axis=1, keepdims=True)).T,
         "it subtracts the mean of each embedding first, which gives the correlation, as "
         "np.corrcoef does. Do not subtract it."),
    ]  # fmt: skip


def _other_similarities(q, s):
    cosines = unit(q) @ unit(s).T
    squared = ((q[:, None] - s[None]) ** 2).sum(axis=-1)
    themselves = "Here the softmax is of the cosines themselves."
    return [
        (-cosines,
         "it attends most to the *least* similar image: it uses the cosine distance as the "
         "similarity, or has one minus too many."),
        (-squared,
         "it attends by the squared distance. That is close to a prototypical network; here, use "
         "the cosine."),
        (-np.sqrt(squared), "it attends by the distance. Here, use the cosine."),
        (2 * cosines,
         "it attends by the squared distance of the scaled embeddings, or doubles the cosines. Use "
         "the cosines themselves."),
        (np.sqrt(squared),
         "it treats a large distance as similar. Use the cosine, which is large for similar "
         "images."),
        (q @ s.T / np.sqrt(q.shape[1]),
         "it divides the dot product by the root of D, as transformers do. For the cosine, divide "
         "by the lengths."),
        (10 * cosines,
         f"it multiplies the cosines by 10. That comes later in the chapter. {themselves}"),
        (0 * cosines, "it gives every image the same attention, whatever the embeddings."),
        (np.abs(cosines),
         "it takes the absolute value of the cosines. Opposite directions are the least similar, "
         "with -1."),
        (np.maximum(cosines, 0), "it sets negative cosines to 0. A cosine goes down to -1."),
        (cosines**2, "it squares the cosines, so opposite directions count as similar."),
        ((1 + cosines) / 2, f"it maps the cosines to 0..1 first. {themselves}"),
        (-np.arccos(cosines), "it attends by the angle. Use the cosine of the angle."),
        (np.arccos(cosines),
         "it attends by the angle, and most to the widest. Use the cosine of the angle."),
        (cosines / np.sqrt(q.shape[1]),
         "it divides the cosines by the root of D. Dividing by the lengths is enough."),
        (cosines / 10, f"it divides the cosines by 10. {themselves}"),
        (q @ s.T / q.shape[1],
         "it takes the mean of the products. For the cosine, divide their sum by the lengths."),
        (np.exp(cosines), "it takes the exponential twice. The softmax already contains one."),
    ]  # fmt: skip


def _wrong_embeddings(q, s):
    cosines = unit(q) @ unit(s).T
    return [
        (-np.sqrt(2 - 2 * cosines),
         "it attends by the distance of the scaled embeddings. Use the cosines themselves."),
        (unit(q @ s.T),
         "it scales the dot products to length 1. Scale the embeddings, before the product."),
        (unit(q[:, :2]) @ unit(s[:, :2]).T,
         "it uses only the first two numbers of each embedding. There are D."),
    ]  # fmt: skip


def _wrong_softmax(cosines, labels):
    e, counts = np.exp(cosines), labels.sum(axis=0)
    own = "The attention of each query sums to 1 over the support images"
    exponential = (
        "the exponential is missing: the softmax divides e to the power of each cosine by their "
        "sum."
    )
    before = "It must run over the support images, before the product with the labels."
    return [
        (softmax(cosines, axis=0) @ labels, f"its softmax runs over the queries. {own}: axis=1."),
        (e / e.sum() @ labels,
         "its softmax runs over the queries and the support images together. "
         f"{own}: axis=1, keepdims=True."),
        (softmax(cosines @ labels),
         f"its softmax runs over the classes, after the product. {before}"),
        (softmax(cosines @ labels / counts),
         f"its softmax runs over the classes, on the mean cosine of each. {before}"),
        (softmax(softmax(cosines) @ labels),
         "it applies the softmax twice: over the support images, then over the classes. The first "
         "is enough: its sums are already probabilities."),
        (cosines @ labels,
         "the softmax is missing: it adds up the cosines of each class, which does not give "
         "probabilities."),
        (cosines @ labels / counts,
         "the softmax is missing: it returns the mean cosine of each class."),
        (cosines / cosines.sum(axis=1, keepdims=True) @ labels, exponential),
        ((1 + cosines) / (1 + cosines).sum(axis=1, keepdims=True) @ labels, exponential),
    ]  # fmt: skip


def _wrong_exponentials(cosines, labels):
    e, nearest = np.exp(cosines), np.eye(len(labels))[cosines.argmax(axis=1)]
    sigmoid = e / (1 + e)
    by_sum = "The softmax divides by the sum of the exponentials."
    return [
        (e @ labels,
         "it does not divide by the sum of the exponentials, so the rows do not sum to 1."),
        (nearest @ labels,
         "it gives all attention to the most similar image. The softmax gives every image a "
         "share."),
        (softmax(np.log(2) * cosines) @ labels,
         "it uses powers of 2. The softmax uses powers of e: np.exp."),
        (softmax(np.log(10) * cosines) @ labels,
         "it uses powers of 10. The softmax uses powers of e: np.exp."),
        (sigmoid @ labels,
         "it applies a sigmoid to each cosine. The softmax makes a query's attention sum to 1."),
        (sigmoid / sigmoid.sum(axis=1, keepdims=True) @ labels,
         "it applies a sigmoid to each cosine, where the softmax takes the exponential."),
        (cosines**2 / (cosines**2).sum(axis=1, keepdims=True) @ labels,
         "it squares the cosines, where the softmax takes the exponential."),
        (e / len(labels) @ labels, f"it divides by the number of images. {by_sum}"),
        (e / labels.shape[1] @ labels, f"it divides by the number of classes. {by_sum}"),
        (e / e.max(axis=1, keepdims=True) @ labels,
         f"it divides by the largest exponential. {by_sum}"),
        (unit(e) @ labels,
         "it scales the exponentials to length 1. The softmax makes them *sum* to 1."),
        (softmax(softmax(cosines)) @ labels,
         "it applies the softmax over the support images twice. Once is enough."),
    ]  # fmt: skip
