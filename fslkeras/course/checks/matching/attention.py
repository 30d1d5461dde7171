"""Chapter 4: attention to the support images, by the cosine."""

import numpy as np

from fslkeras.course.checks.answers import call
from fslkeras.course.checks.compare import compare
from fslkeras.course.checks.exercise import exercise
from fslkeras.course.checks.mistakes import copied_example, first_query_only, rows_and_columns


@exercise(
    hints=(
        "Three steps: how alike each query and each support image are, how much attention that "
        "makes, and to which class the "
        "attention goes.",
        "Bring each row to length one, `query / np.linalg.norm(query, axis=1, keepdims=True)`, the "
        "support likewise. Then query @ "
        "support.T are the cosines, (Q, S).",
        "The attention is e to the cosines, divided by the sum of each row: axis=1, keepdims=True. "
        "Attention @ labels adds what the "
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
        labels = np.eye(len(images), dtype="float32")[
            rng.permutation(np.repeat(np.arange(len(images)), images))
        ]
        q, s = (rng.normal(0.3, 1.5, (n, 5)).astype("float32") for n in (n_queries, len(labels)))
        right = _softmax(_unit(q) @ _unit(s).T) @ labels
        compare(
            call(answer, q, s, labels),
            right,
            _mistakes(q, s, labels, right),
            "(queries, classes)",
            "queries",
        )
    return "A classifier without a weight of its own: all it knows of a class is how similar a query is to its images."


def _unit(rows, axis=1):
    return rows / np.linalg.norm(rows, axis=axis, keepdims=True)


def _softmax(scores, axis=1):
    powers = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def _mistakes(q, s, labels, right):
    cosines = _unit(q) @ _unit(s).T
    similarities = [*_wrong_cosines(q, s), *_other_similarities(q, s)]
    return [
        *((_softmax(wrong) @ labels, reason) for wrong, reason in similarities),
        *_wrong_softmax(cosines, labels),
        *_wrong_exponentials(cosines, labels),
        *_by_class_first(q, s, cosines, labels),
        *_wrong_sums(cosines, labels),
        *_wrong_results(right, labels),
        rows_and_columns(right, "query", "(queries, classes)"),
        copied_example([[0.845, 0.155]]),
        *first_query_only(right),
    ]  # fmt: skip


def _wrong_cosines(q, s):
    squares = (q**2).sum(axis=1)[:, None] * (s**2).sum(axis=1)
    return [
        (q @ s.T,
         "it takes the dot product as it is. For the cosine, bring the query and the support "
         "embeddings to length one first."),
        (_unit(q) @ s.T,
         "it brings only the queries to length one. For the cosine, the support embeddings, too."),
        (q @ _unit(s).T,
         "it brings only the support embeddings to length one. For the cosine, the queries, too. "
         "(The chapter comes back to "
         "what you have there: it is no cosine any more.)"),
        (q @ s.T / squares,
         "it divides by the squares of the lengths. A cosine is the dot product divided by both "
         "lengths."),
        (_unit(q, axis=0) @ _unit(s, axis=0).T,
         "it divides by the length of the columns: for the length of each embedding, sum over its "
         "D numbers, axis=1."),
        (_unit(q, axis=None) @ _unit(s, axis=None).T,
         "it divides by one length for the whole array. Each embedding has its own: "
         "np.linalg.norm(..., axis=1, keepdims=True)."),
        (q @ s.T / (np.sqrt((q**2).sum(axis=1))[:, None] + np.sqrt((s**2).sum(axis=1))),
         "it divides by the sum of the two lengths. A cosine is the dot product divided by their "
         "product."),
        (q @ s.T / np.sqrt(np.sqrt(squares)),
         "it divides by the root of the two lengths. A cosine is the dot product divided by the "
         "lengths themselves."),
        (q / np.abs(q).sum(axis=1, keepdims=True) @ (s / np.abs(s).sum(axis=1, keepdims=True)).T,
         "it divides by the sum of the absolute values. The length is the root of the sum of the "
         "*squares*."),
        (q / np.abs(q).max(axis=1, keepdims=True) @ (s / np.abs(s).max(axis=1, keepdims=True)).T,
         "it divides by the largest coordinate. The length is the root of the sum of the squares."),
        (q / q.sum(axis=1, keepdims=True) @ (s / s.sum(axis=1, keepdims=True)).T,
         "it divides by the sum of the coordinates. The length is the root of the sum of their "
         "squares."),
        (_unit(q - q.mean(axis=1, keepdims=True)) @ _unit(s - s.mean(axis=1, keepdims=True)).T,
         "it subtracts the mean of each embedding first: that is the correlation, as np.corrcoef "
         "has it. Leave the mean in."),
    ]  # fmt: skip


def _other_similarities(q, s):
    cosines = _unit(q) @ _unit(s).T
    squared = ((q[:, None] - s[None]) ** 2).sum(axis=-1)
    return [
        (-cosines,
         "it attends most to the *least* alike: it takes the cosine distance for the similarity, "
         "or has a minus too many."),
        (-squared,
         "it attends by the squared distance. That is near to prototypical networks; here it is "
         "the cosine."),
        (-np.sqrt(squared), "it attends by the distance. Here it is the cosine."),
        (np.sqrt(squared),
         "it takes a large distance for alike. Here it is the cosine, and large is alike."),
        (q @ s.T / np.sqrt(q.shape[1]),
         "it divides the dot product by the root of D, as transformers do. Here it is the cosine: "
         "divide by the lengths."),
        (10 * cosines,
         "it multiplies the cosines by 10. That comes later in the chapter; here the softmax is of "
         "the cosines themselves."),
        (0 * cosines, "it gives every image the same attention, whatever the embeddings."),
        (np.abs(cosines),
         "it takes the absolute value of the cosines. The opposite direction is the least alike, "
         "-1."),
        (np.maximum(cosines, 0), "it sets negative cosines to 0. A cosine goes down to -1."),
        (cosines**2, "it squares the cosines, so that opposite directions count as alike."),
        ((1 + cosines) / 2,
         "it brings the cosines into 0..1 first. Here the softmax is of the cosines themselves."),
        (-np.arccos(cosines), "it attends by the angle. Here it is the cosine of the angle."),
        (np.arccos(cosines),
         "it attends by the angle, and most to the widest. Here it is the cosine of the angle."),
        (cosines / np.sqrt(q.shape[1]),
         "it divides the cosines by the root of D. They are divided by the lengths already, and "
         "that is all."),
        (cosines / 10,
         "it divides the cosines by 10. Here the softmax is of the cosines themselves."),
        (q @ s.T / q.shape[1],
         "it takes the mean of the products, and not the cosine: divide by the lengths."),
        (np.exp(cosines), "it takes the exponential twice: the softmax has one in it."),
    ]  # fmt: skip


def _wrong_softmax(cosines, labels):
    e, counts = np.exp(cosines), labels.sum(axis=0)
    own = "Each query has an attention of its own"
    return [
        (_softmax(cosines, axis=0) @ labels,
         f"its softmax runs over the queries. {own}, which sums to 1 over the support: axis=1."),
        (e / e.sum() @ labels,
         f"its softmax runs over the queries and the support images together. {own}: axis=1, "
         "keepdims=True."),
        (_softmax(cosines @ labels),
         "its softmax runs over the classes, after the product. It runs over the support images, "
         "before it."),
        (_softmax(cosines @ labels / counts),
         "its softmax runs over the classes, of the mean cosine of each. It runs over the support "
         "images, before the product with the labels."),
        (_softmax(_softmax(cosines) @ labels),
         "it takes the softmax twice: over the support, and once more over the classes. The first "
         "is enough, the sums are probabilities already."),
        (cosines @ labels,
         "the softmax is missing: it adds up the cosines of each class, and these are no "
         "probabilities."),
        (cosines @ labels / counts,
         "the softmax is missing: it returns the mean cosine of each class."),
        (cosines / cosines.sum(axis=1, keepdims=True) @ labels,
         "the exponential is missing: the softmax divides e to the cosines by their sum, not the "
         "cosines."),
    ]  # fmt: skip


def _wrong_exponentials(cosines, labels):
    e, nearest = np.exp(cosines), np.eye(len(labels))[cosines.argmax(axis=1)]
    sigmoid = e / (1 + e)
    return [
        (e @ labels,
         "it does not divide by the sum of the exponentials, so that a row does not sum to 1."),
        (nearest @ labels,
         "it gives all attention to the most similar image. The softmax gives every image its "
         "share."),
        (_softmax(np.log(2) * cosines) @ labels,
         "it takes powers of 2. The softmax takes powers of e: np.exp."),
        (_softmax(np.log(10) * cosines) @ labels,
         "it takes powers of 10. The softmax takes powers of e: np.exp."),
        (sigmoid @ labels,
         "it takes a sigmoid of each cosine. The softmax makes the attention of a query sum to 1."),
        (sigmoid / sigmoid.sum(axis=1, keepdims=True) @ labels,
         "it takes a sigmoid of each cosine, where the softmax takes e to the cosine."),
        (e / len(labels) @ labels,
         "it divides by the number of images. The softmax divides by the sum of the exponentials."),
        (e / labels.shape[1] @ labels,
         "it divides by the number of classes. The softmax divides by the sum of the "
         "exponentials."),
        (e / e.max(axis=1, keepdims=True) @ labels,
         "it divides by the largest exponential. The softmax divides by the sum of the "
         "exponentials."),
        (_unit(e) @ labels,
         "it brings the exponentials to length one. The softmax makes them *sum* to 1."),
        (_softmax(_softmax(cosines)) @ labels,
         "it takes the softmax over the support images twice. Once is enough."),
    ]  # fmt: skip


def _by_class_first(q, s, cosines, labels):
    """What is compared with a class as a whole, where the attention is to each image."""
    counts, instead = labels.sum(axis=0), "Here each image gets attention by itself."
    largest = np.where(labels, cosines[:, :, None], -np.inf).max(axis=1)
    means, mean_units = (labels.T @ rows / counts[:, None] for rows in (s, _unit(s)))
    return [
        (_softmax(largest),
         "only the most similar image of each class counts. Expected the sum over its images."),
        (largest,
         "it returns the largest cosine of each class. The softmax is missing, and its sum over "
         "the images."),
        (_softmax(_unit(q) @ _unit(means).T),
         f"it compares with the mean of each class, as prototypical networks do. {instead}"),
        (_softmax(_unit(q) @ _unit(mean_units).T),
         f"it compares with a mean of each class, of directions. {instead}"),
        (_softmax(-((q[:, None] - means) ** 2).sum(axis=-1)),
         "it is a prototypical network: the squared distance from the mean of each class. "
         f"{instead}"),
        (np.exp(cosines @ labels),
         "it takes e to the sums. The softmax runs over the images, before the product with the "
         "labels."),
    ]  # fmt: skip


def _wrong_sums(cosines, labels):
    weights = _softmax(cosines)
    of_class = weights[:, :, None] * labels
    means, largest = weights @ labels / labels.sum(axis=0), of_class.max(axis=1)
    smallest = np.where(labels, of_class, np.inf).min(axis=1)
    first = weights[:, labels.argmax(axis=0)]
    last = weights[:, ::-1][:, labels[::-1].argmax(axis=0)]
    in_order = labels[labels.argmax(axis=1).argsort(kind="stable")]
    more = "The images of a class add up, so a class with more of them gets more."
    all_of_them = "Expected the sum over its images."
    return [
        (weights,
         "the labels are missing: it returns the attention to each support *image*. Expected its "
         "sum for each class, times "
         "labels."),
        (cosines, "it returns the cosines. The softmax and the labels are missing."),
        (np.exp(cosines),
         "it returns the exponentials. Their sum, below, is missing, and the labels."),
        (means, f"it divides the attention of each class by its number of images. {more}"),
        (_to_one(means),
         f"it takes the mean attention of each class, and makes the rows sum to 1 again. {more}"),
        (largest, f"it takes the largest attention of each class. {all_of_them}"),
        (smallest, f"it takes the smallest attention of each class. {all_of_them}"),
        (first, f"it takes the attention to the first image of each class. {all_of_them}"),
        (last,
         "it takes the attention to the last image of each class: a position that is repeated in "
         "`out[:, classes] += ...` is "
         f"written once. {all_of_them}"),
        (weights**2 @ labels, "it adds up squares. Expected the sum of the attention itself."),
        (np.log(weights) @ labels,
         "it adds up the logarithms of the attention. Expected the sum of the attention itself."),
        (weights @ in_order,
         "it takes the support images in the order of their classes. Row i of `labels` says which "
         "class image i is of."),
        (weights @ labels[::-1],
         "the labels are in reverse order. Row i of `labels` is that of image i."),
    ]  # fmt: skip


def _to_one(rows):
    return rows / rows.sum(axis=1, keepdims=True)


def _wrong_results(right, labels):
    """What else is done with the probabilities."""
    every = "Expected the probability of every class."
    return [
        (np.log(right),
         "it returns the logarithm. (So does the layer; here the probability itself is wanted.)"),
        (-np.log(right),
         "it returns minus the logarithm, the loss. Here the probability itself is wanted."),
        (100 * right, "it returns per cent. Expected probabilities, which sum to 1."),
        (1 - right, "it returns the probability that it is *not* the class."),
        (right.argmax(axis=1), f"it returns the number of the most probable class. {every}"),
        (right.max(axis=1), f"it returns the probability of the most probable class. {every}"),
        (right == right.max(axis=1, keepdims=True), f"it marks the most probable class. {every}"),
        (right[:, 0], f"it returns the probability of the first class. {every}"),
        (right.mean(axis=0), "it averages over the queries. Expected a row for each query."),
        (right.sum(axis=0), "it sums over the queries. Expected a row for each query."),
        (right[:, ::-1], "the columns are in reverse: column k is class k."),
        (right @ labels.T,
         "it gives each image the probability of its class. Expected a column for each class."),
    ]  # fmt: skip
