"""The checks of chapter 4, Matching networks."""

import numpy as np

from fslkeras.course.checks.exercise import Wrong, call, compare, exercise, predicted
from fslkeras.course.checks.training import judge_training


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
        unit_q, unit_s = _unit(q), _unit(s)
        cosines = unit_q @ unit_s.T
        weights = _softmax(cosines)
        right = weights @ labels
        counts = labels.sum(axis=0)
        squared = ((q[:, None] - s[None]) ** 2).sum(axis=-1)
        means = right / counts
        nearest = np.eye(len(labels))[cosines.argmax(axis=1)]
        mistakes = {
            "it takes the dot product as it is. For the cosine, bring the query and the support embeddings to length one first.": (
                _softmax(q @ s.T) @ labels
            ),
            "it brings only the queries to length one. For the cosine, the support embeddings, too.": (
                _softmax(unit_q @ s.T) @ labels
            ),
            "it brings only the support embeddings to length one. For the cosine, the queries, too. (The chapter comes back to what "
            "you have there: it is no cosine any more.)": _softmax(q @ unit_s.T) @ labels,
            "it divides by the squares of the lengths. A cosine is the dot product divided by both lengths.": (
                _softmax(q @ s.T / (_squared_lengths(q)[:, None] * _squared_lengths(s))) @ labels
            ),
            "it divides by the length of the columns: for the length of each embedding, sum over its D numbers, axis=1.": (
                _softmax((q / np.linalg.norm(q, axis=0)) @ (s / np.linalg.norm(s, axis=0)).T) @ labels
            ),
            "it divides by one length for the whole array. Each embedding has its own: np.linalg.norm(..., axis=1, keepdims=True).": (
                _softmax((q / np.linalg.norm(q)) @ (s / np.linalg.norm(s)).T) @ labels
            ),
            "its softmax runs over the queries. Each query has an attention of its own, which sums to 1 over the support: axis=1.": (
                _softmax(cosines.T).T @ labels
            ),
            "its softmax runs over the queries and the support images together. Each query has an attention of its own: axis=1, "
            "keepdims=True.": np.exp(cosines) / np.exp(cosines).sum() @ labels,
            "its softmax runs over the classes, after the product. It runs over the support images, before it.": _softmax(
                cosines @ labels
            ),
            "its softmax runs over the classes, of the mean cosine of each. It runs over the support images, before the product with "
            "the labels.": _softmax(cosines @ labels / counts),
            "it takes the softmax twice: over the support, and once more over the classes. The first is enough, the sums are "
            "probabilities already.": _softmax(right),
            "the softmax is missing: it adds up the cosines of each class, and these are no probabilities.": cosines
            @ labels,
            "the softmax is missing: it returns the mean cosine of each class.": cosines @ labels / counts,
            "the exponential is missing: the softmax divides e to the cosines by their sum, not the cosines.": (
                cosines / cosines.sum(axis=1, keepdims=True) @ labels
            ),
            "it does not divide by the sum of the exponentials, so that a row does not sum to 1.": np.exp(cosines)
            @ labels,
            "the labels are missing: it returns the attention to each support *image*. Expected its sum for each class, times labels.": (
                weights
            ),
            "it returns the cosines. The softmax and the labels are missing.": cosines,
            "it divides the attention of each class by its number of images. The images of a class add up, so a class with more of "
            "them gets more.": means,
            "it takes the mean attention of each class, and makes the rows sum to 1 again. The images of a class add up, so a class "
            "with more of them gets more.": means / means.sum(axis=1, keepdims=True),
            "it takes the largest attention of each class. Expected the sum over its images.": (
                weights[:, :, None] * labels[None]
            ).max(axis=1),
            "it returns the logarithm. (So does the layer; here the probability itself is wanted.)": np.log(right),
            "it attends most to the *least* alike: it takes the cosine distance for the similarity, or has a minus too many.": (
                _softmax(-cosines) @ labels
            ),
            "it attends by the squared distance. That is near to prototypical networks; here it is the cosine.": (
                _softmax(-squared) @ labels
            ),
            "it attends by the distance. Here it is the cosine.": _softmax(-np.sqrt(squared)) @ labels,
            "it takes a large distance for alike. Here it is the cosine, and large is alike.": _softmax(
                np.sqrt(squared)
            )
            @ labels,
            "it gives all attention to the most similar image. The softmax gives every image its share.": nearest
            @ labels,
            "it divides the dot product by the root of D, as transformers do. Here it is the cosine: divide by the lengths.": (
                _softmax(q @ s.T / np.sqrt(5)) @ labels
            ),
            "it multiplies the cosines by 10. That comes later in the chapter; here the softmax is of the cosines themselves.": (
                _softmax(10 * cosines) @ labels
            ),
            "it gives every image the same attention, whatever the embeddings.": np.tile(
                counts / len(labels), (n_queries, 1)
            ),
            "rows and columns are exchanged: expected a row for each query, (queries, classes).": right.T,
            "it returns the number of the most probable class. Expected the probability of every class.": right.argmax(
                axis=1
            ),
            "it answers the example, whatever it is given. Compute the answer from the arguments.": [[0.845, 0.155]],
        }
        if n_queries > 1:
            mistakes["it answers for the first query only. Expected a row for each query."] = right[0]
            mistakes["it answers for the first query only. Expected one row for each query."] = right[:1]
        compare(call(answer, q, s, labels), right, mistakes, "(queries, classes)", "queries")
    return (
        "A classifier without a weight of its own: all that it knows of a class are its images, and how alike they are."
    )


def _unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _squared_lengths(rows):
    return (rows**2).sum(axis=1)


def _softmax(rows):
    powers = np.exp(rows - rows.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@exercise(
    hints=(
        "1-shot: one support image is of the true class, all the others are of wrong ones. How many others are there at 20-way?",
        "The softmax divides e to the cosine of the true image by the sum over all images. The true one gives e¹; the others give "
        "e⁻¹ each at a cosine of -1, and e⁰ = 1 each at a cosine of 0.",
        "e / (e + 19/e) is the first one. In the last one both cosines are multiplied by 10 before the exponential: e¹⁰ and e⁰.",
    ),
    solution="""e = np.exp(1)
ceilings = {
    "20-way, cosines down to -1": e / (e + 19 / e),
    "20-way, cosines down to 0": e / (e + 19),
    "5-way, cosines down to 0": e / (e + 4),
    "20-way, cosines down to 0, times 10": e**10 / (e**10 + 19),
}""",
)
def ceilings(answer):
    """Checks a dict of the highest probabilities that a softmax of exact cosines can give to the true class, 1-shot."""
    values = predicted(answer, _CEILINGS)
    for name, (right, mistakes) in _CEILINGS.items():
        if abs(values[name] - right) <= 0.005:
            continue
        if values[name] > 1 and abs(values[name] / 100 - right) <= 0.005:
            raise Wrong(
                f"{name}: expected a probability from 0 to 1, and not per cent: in place of {values[name]:g}, {right:.3f}."
            )
        reason = next((text for wrong, text in mistakes.items() if abs(values[name] - wrong) <= 0.002), "")
        if not 0 <= values[name] <= 1:
            reason = reason or "A probability lies between 0 and 1."
        raise Wrong(f"{name}: not {values[name]:g}. {reason or 'Put the cosines into the softmax once more.'}")
    return "Even a perfect network must be unsure as long as cosines stay between -1 and 1: what it lacks is a scale, not training."


_E = np.e
_WRONG_WAY_ROUND = "That is the probability of all wrong classes together. Expected that of the true one."
_CEILINGS = {
    "20-way, cosines down to -1": (
        _E / (_E + 19 / _E),
        {
            1: "The others get e to the power of -1 each: not nothing, and there are 19 of them.",
            _E / (_E + 1 / _E): "That is with one wrong class. There are 19 of them.",
            _E / (_E + 20 / _E): "20-way: the true class, and 19 others.",
            _E / (_E + 19): "That is for cosines down to 0: e⁰ = 1. Here the others give e to the power of -1.",
            _E / (_E + 4 / _E): "That is 5-way, with 4 wrong classes. Here there are 19.",
            _E / (20 * _E): "That is chance: all cosines alike. Here the true image has 1, the others -1.",
            (1 / _E) / (1 / _E + 19 * _E): "The cosines are exchanged: the true image has 1, the others -1.",
            1 - _E / (_E + 19 / _E): _WRONG_WAY_ROUND,
            _E / (20 / _E): "The sum below has the true image, too: e + 19/e.",
            _E / (19 / _E): "The sum below has the true image, too: e + 19/e.",
        },
    ),
    "20-way, cosines down to 0": (
        _E / (_E + 19),
        {
            1: "The others get e⁰ each, and that is 1, not 0.",
            _E / (_E + 1): "That is with one wrong class. There are 19 of them.",
            _E / (_E + 20): "20-way: the true class, and 19 others.",
            _E / (_E + 19 / _E): "That is for cosines down to -1. Here the others give e⁰ = 1 each.",
            _E / (_E + 4): "That is 5-way, with 4 wrong classes. Here there are 19.",
            1 / 20: "That is chance: all cosines alike. Here the true image has 1, the others 0.",
            1 / (1 + 19 * _E): "The cosines are exchanged: the true image has 1, the others 0.",
            1 - _E / (_E + 19): _WRONG_WAY_ROUND,
            _E / 19: "The sum below has the true image, too: e + 19.",
            _E / 20: "The sum below is e + 19: the true image gives e, not 1.",
        },
    ),
    "5-way, cosines down to 0": (
        _E / (_E + 4),
        {
            1: "The others get e⁰ each, and that is 1, not 0.",
            _E / (_E + 1): "That is with one wrong class. There are 4 of them.",
            _E / (_E + 5): "5-way: the true class, and 4 others.",
            _E / (_E + 4 / _E): "That is for cosines down to -1. Here the others give e⁰ = 1 each.",
            _E / (_E + 19): "That is 20-way, with 19 wrong classes. Here there are 4.",
            1 / 5: "That is chance: all cosines alike. Here the true image has 1, the others 0.",
            1 / (1 + 4 * _E): "The cosines are exchanged: the true image has 1, the others 0.",
            1 - _E / (_E + 4): _WRONG_WAY_ROUND,
            _E / 4: "The sum below has the true image, too: e + 4.",
            _E / 5: "The sum below is e + 4: the true image gives e, not 1.",
        },
    ),
    "20-way, cosines down to 0, times 10": (
        _E**10 / (_E**10 + 19),
        {
            0.99: "Nearly. Three digits, please.",
            10 * _E / (10 * _E + 19): "The 10 belongs into the exponent: e¹⁰ is 22,026, and 10 e only 27.",
            10 * _E / (10 * _E + 190): "The 10 belongs into the exponent: e¹⁰ is 22,026, and 10 e only 27.",
            10
            * _E
            / (_E + 19): "It is the cosine that is multiplied by 10, before the softmax, and not the probability.",
            _E / (_E + 19): "That is without the 10. The cosines 1 and 0 become 10 and 0 before the softmax.",
            _E**10 / (_E**10 + 19 * _E): "10 times 0 is 0: the others give e⁰ = 1 each.",
            _E**10
            / (_E**10 + 19 * _E**10): "10 times 0 is 0: the others give e⁰ = 1 each, and only the true image e¹⁰.",
            1 - _E**10 / (_E**10 + 19): _WRONG_WAY_ROUND,
        },
    ),
}


@exercise(
    hints=(
        "Begin with zeros, np.zeros((len(attention), n)), and ask of each image: to which column does its attention go?",
        "Column k is the sum of those columns of `attention` whose image is of class k: `classes == k` says which.",
        "for k in range(n): out[:, k] = attention[:, classes == k].sum(axis=1). A sum over no image is 0 by itself.",
    ),
    solution="""out = np.zeros((len(attention), n))
for k in range(n):
    out[:, k] = attention[:, classes == k].sum(axis=1)
return out""",
)
def segment_sum(answer):
    """Checks a function from attention (Q, S), classes (S,) as integers and n to the attention of each class, (Q, n)."""
    rng = np.random.default_rng(5)
    cases = (
        (4, (2, 0, 2, 4, 0, 2, 1, 4), 7),  # classes 3, 5 and 6 have no image
        (3, (1, 0, 2, 2, 0, 1), 3),  # equally many, as many queries as classes
        (1, (1, 1, 0, 1), 2),
    )
    for n_queries, listed, n in cases:
        classes = np.array(listed)
        a = rng.dirichlet(np.full(len(classes), 2.0), n_queries).astype("float32")
        one_hot = np.eye(n)[classes]
        right = a @ one_hot
        counts = one_hot.sum(axis=0)
        used = np.unique(classes)
        last = np.zeros_like(right)
        last[:, classes] = a
        first = np.zeros_like(right)
        first[:, classes[::-1]] = a[:, ::-1]
        shifted = np.concatenate([right[:, 1:], np.zeros((n_queries, 1))], axis=1)
        once = (
            "a class with several images gets the attention of the last one only: in `out[:, classes] += attention`, a position that is "
            "repeated is written once. np.add.at(out, (slice(None), classes), attention) adds every time; so does a loop."
        )
        mistakes = {
            once: last,
            "a class with several images gets the attention of the first one only. Expected their sum.": first,
            "it returns the mean attention of each class. Expected the sum over its images.": right
            / np.maximum(counts, 1),
            "it returns the largest attention of each class. Expected the sum over its images.": (
                (a[:, :, None] * one_hot).max(axis=1)
            ),
            "it multiplies the attention of the images of a class. Expected their sum.": np.stack(
                [a[:, classes == k].prod(axis=1) for k in range(n)], axis=1
            ),
            "rows and columns are exchanged: expected a row for each query, (queries, n).": right.T,
            "the classes behind the last one that has an image are missing. `n` says how many columns there are; theirs are 0.": (
                right[:, : classes.max() + 1]
            ),
            "the classes without an image are missing. `n` says how many columns there are; theirs are 0.": right[
                :, used
            ],
            "the last class is missing. range(n) ends at n - 1, and the classes are 0 to n - 1.": right[:, :-1],
            "it takes the classes for 1 to n. They are 0 to n - 1: range(n).": shifted,
            "it sums over the queries, too. Expected a row for each query.": right.sum(axis=0),
            "it sums over all images. Each class gets the attention of its own images only.": np.tile(
                a.sum(axis=1, keepdims=True), (1, n)
            ),
            "it counts the images of each class. Expected their attention, summed.": np.tile(counts, (n_queries, 1)),
            "it returns the attention as it was given. Expected its sum for each class.": a,
            "it uses the classes as numbers of *images*: attention[:, classes] are the images 0 to n - 1, some of them several times.": (
                a[:, classes % a.shape[1]]
            ),
            "it gives each image the attention of its whole class. Expected a column for each class.": right[
                :, classes
            ],
            "it adds up from image to image, without regard to the classes.": a.cumsum(axis=1),
            "it returns the number of the class with most attention. Expected the attention of every class.": right.argmax(
                axis=1
            ),
            "it returns zeros: an array of integers throws away what comes after the decimal point.": np.trunc(right),
            "it returns the one-hot matrix of the classes. Expected the attention, summed for each class.": one_hot,
            "only the first class is there. Is `return` inside the loop?": right[:, 0],
            "it answers the example, whatever it is given. Compute the answer from the arguments.": [[0.2, 0.8, 0]],
        }
        if len(classes) % n == 0:
            in_order = a.reshape(n_queries, n, -1).sum(axis=-1)
            mistakes[
                "it takes the images in order, equally many for each class. `classes` says which class each is of."
            ] = in_order
        if n_queries > 1:
            mistakes["it answers for the first query only. Expected a row for each query."] = right[0]
            mistakes["it answers for the first query only. Expected one row for each query."] = right[:1]
        got = call(answer, a, classes, n)
        if got.shape == right.shape and np.isnan(got).any() and np.array_equal(np.isnan(got[0]), counts == 0):
            raise Wrong(
                "it returns NaN (not a number) for a class without an image: a mean divides by zero there. Expected the sum over the "
                "images; of no images it is 0."
            )
        compare(got, right, mistakes, "(queries, n)", "queries")
    return "The same numbers as attention @ one_hot, with S additions for each query in place of S·n products, most of them with zero."


@exercise(
    hints=(
        "What did this chapter find about the cosines? As long as both sides have length one, the softmax cannot become sure of "
        "anything, and the slope of the loss says little. What lets it?",
        'normalize="support" leaves the query its length; scale multiplies the cosines by a number. And as in the other chapters: more '
        "classes in an episode, and a higher learning rate that falls to zero.",
        '60-way episodes, 2 queries, normalize="support", Adam with CosineDecay(4e-3, 300), Conv4-32.',
    ),
    solution="""model = fslkeras.networks.matching(fslkeras.encoders.conv4(filters=32), normalize="support")
model.compile(
    keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(4e-3, 300)),
    keras.losses.CategoricalCrossentropy(from_logits=True),
)
model.fit(fslkeras.Episodes(data, way=60, shot=1, query=2, steps=300), verbose=0)
return model""",
)
def matching_training(answer):
    """Checks a matching network, trained on the glyphs for at most 300 steps."""
    reached = judge_training(
        answer,
        steps=300,
        wanted=0.84,
        far="What did this chapter find out about how sure a softmax of cosines can be?",
    )
    return f"{100 * reached:.1f} % within 300 steps, where 5-way training with exact cosines reaches 48 %. How did you do it?"
