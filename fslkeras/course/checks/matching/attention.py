"""Chapter 4: attention to the support images, by the cosine."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import compare
from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.mistakes import copied_example, first_query_only, rows_and_columns


@exercise(
    hints=(
        "Three steps: how alike each query and each support image are, how much attention that makes, and to which class the "
        "attention goes.",
        "Bring each row to length one, `query / np.linalg.norm(query, axis=1, keepdims=True)`, the support likewise. Then query @ "
        "support.T are the cosines, (Q, S).",
        "The attention is e to the cosines, divided by the sum of each row: axis=1, keepdims=True. Attention @ labels adds what the "
        "images of each class got.",
    ),
    solution="""query = query / np.linalg.norm(query, axis=1, keepdims=True)
support = support / np.linalg.norm(support, axis=1, keepdims=True)
similar = np.exp(query @ support.T)  # (Q, S)
weights = similar / similar.sum(axis=1, keepdims=True)  # each row sums to 1
return weights @ labels  # (Q, N)""",
)
def attention(answer):
    """Checks a function from query (Q, D), support (S, D) and one-hot labels (S, N) to probabilities (Q, N)."""
    rng = np.random.default_rng(4)
    for n_queries, images in ((4, (3, 1, 2)), (5, (2, 2, 1)), (1, (1, 4, 1, 2))):
        labels = np.eye(len(images), dtype="float32")[rng.permutation(np.repeat(np.arange(len(images)), images))]
        q, s = (rng.normal(0.3, 1.5, (n, 5)).astype("float32") for n in (n_queries, len(labels)))
        right = _softmax(_unit(q) @ _unit(s).T) @ labels
        compare(call(answer, q, s, labels), right, _mistakes(q, s, labels, right), "(queries, classes)", "queries")
    return "A classifier without a weight of its own: all that it knows of a class are its images, and how alike they are."


def _unit(rows, axis=1):
    return rows / np.linalg.norm(rows, axis=axis, keepdims=True)


def _softmax(scores, axis=1):
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _mistakes(q, s, labels, right):
    cosines = _unit(q) @ _unit(s).T
    return [
        *((_softmax(wrong) @ labels, reason) for wrong, reason in [*_wrong_cosines(q, s), *_other_similarities(q, s)]),
        *_wrong_softmax(cosines, labels),
        *_wrong_sums(cosines, labels),
        rows_and_columns(right, "query", "(queries, classes)"),
        (right.argmax(axis=1), "it returns the number of the most probable class. Expected the probability of every class."),
        copied_example([[0.845, 0.155]]),
        *first_query_only(right),
    ]  # fmt: skip


def _wrong_cosines(q, s):
    squares = (q**2).sum(axis=1)[:, None] * (s**2).sum(axis=1)
    return [
        (q @ s.T,
         "it takes the dot product as it is. For the cosine, bring the query and the support embeddings to length one first."),
        (_unit(q) @ s.T, "it brings only the queries to length one. For the cosine, the support embeddings, too."),
        (q @ _unit(s).T,
         "it brings only the support embeddings to length one. For the cosine, the queries, too. (The chapter comes back to "
         "what you have there: it is no cosine any more.)"),
        (q @ s.T / squares,
         "it divides by the squares of the lengths. A cosine is the dot product divided by both lengths."),
        (_unit(q, axis=0) @ _unit(s, axis=0).T,
         "it divides by the length of the columns: for the length of each embedding, sum over its D numbers, axis=1."),
        (_unit(q, axis=None) @ _unit(s, axis=None).T,
         "it divides by one length for the whole array. Each embedding has its own: np.linalg.norm(..., axis=1, keepdims=True)."),
    ]  # fmt: skip


def _other_similarities(q, s):
    cosines = _unit(q) @ _unit(s).T
    squared = ((q[:, None] - s[None]) ** 2).sum(axis=-1)
    return [
        (-cosines,
         "it attends most to the *least* alike: it takes the cosine distance for the similarity, or has a minus too many."),
        (-squared, "it attends by the squared distance. That is near to prototypical networks; here it is the cosine."),
        (-np.sqrt(squared), "it attends by the distance. Here it is the cosine."),
        (np.sqrt(squared), "it takes a large distance for alike. Here it is the cosine, and large is alike."),
        (q @ s.T / np.sqrt(q.shape[1]),
         "it divides the dot product by the root of D, as transformers do. Here it is the cosine: divide by the lengths."),
        (10 * cosines,
         "it multiplies the cosines by 10. That comes later in the chapter; here the softmax is of the cosines themselves."),
        (0 * cosines, "it gives every image the same attention, whatever the embeddings."),
    ]  # fmt: skip


def _wrong_softmax(cosines, labels):
    e, counts, nearest = np.exp(cosines), labels.sum(axis=0), np.eye(len(labels))[cosines.argmax(axis=1)]
    own = "Each query has an attention of its own"
    return [
        (_softmax(cosines, axis=0) @ labels,
         f"its softmax runs over the queries. {own}, which sums to 1 over the support: axis=1."),
        (e / e.sum() @ labels,
         f"its softmax runs over the queries and the support images together. {own}: axis=1, keepdims=True."),
        (_softmax(cosines @ labels),
         "its softmax runs over the classes, after the product. It runs over the support images, before it."),
        (_softmax(cosines @ labels / counts),
         "its softmax runs over the classes, of the mean cosine of each. It runs over the support images, before the product "
         "with the labels."),
        (_softmax(_softmax(cosines) @ labels),
         "it takes the softmax twice: over the support, and once more over the classes. The first is enough, the sums are "
         "probabilities already."),
        (cosines @ labels,
         "the softmax is missing: it adds up the cosines of each class, and these are no probabilities."),
        (cosines @ labels / counts, "the softmax is missing: it returns the mean cosine of each class."),
        (cosines / cosines.sum(axis=1, keepdims=True) @ labels,
         "the exponential is missing: the softmax divides e to the cosines by their sum, not the cosines."),
        (e @ labels, "it does not divide by the sum of the exponentials, so that a row does not sum to 1."),
        (nearest @ labels,
         "it gives all attention to the most similar image. The softmax gives every image its share."),
    ]  # fmt: skip


def _wrong_sums(cosines, labels):
    weights = _softmax(cosines)
    means, largest = weights @ labels / labels.sum(axis=0), (weights[:, :, None] * labels).max(axis=1)
    more = "The images of a class add up, so a class with more of them gets more."
    return [
        (weights,
         "the labels are missing: it returns the attention to each support *image*. Expected its sum for each class, times "
         "labels."),
        (cosines, "it returns the cosines. The softmax and the labels are missing."),
        (means, f"it divides the attention of each class by its number of images. {more}"),
        (means / means.sum(axis=1, keepdims=True),
         f"it takes the mean attention of each class, and makes the rows sum to 1 again. {more}"),
        (largest, "it takes the largest attention of each class. Expected the sum over its images."),
        (np.log(weights @ labels),
         "it returns the logarithm. (So does the layer; here the probability itself is wanted.)"),
    ]  # fmt: skip
