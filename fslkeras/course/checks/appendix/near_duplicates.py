"""The appendix on photographs: near duplicates between the support set and the queries."""

import numpy as np

from fslkeras.course.checks.answers import returned_by
from fslkeras.course.checks.exercise import Wrong, exercise
from fslkeras.course.checks.mistakes import RETURNS_TOO_SOON, copied_example


@exercise(
    hints=(
        "Compare every support image with every query. With rows of length one, a single matrix "
        "product does it.",
        "`support @ query.T` holds the cosines, (S, Q). Where are they at least the threshold?",
        "`np.argwhere(mask)` lists the positions where a mask is true, one row per position: first "
        "the support image, then the query.",
    ),
    solution="""cosines = support @ query.T  # (S, Q)
return np.argwhere(cosines >= threshold)""",
)
def near_duplicates(answer):
    """Checks a function from features (S, D), (Q, D) and a threshold to pairs (support, query)."""
    for support, query, threshold in _cases():
        cosines = support @ query.T
        want = set(_tuples(np.argwhere(cosines >= threshold)))
        try:
            listed = _pairs(returned_by(answer, support, query, threshold))
        except Wrong as wrong:
            raise wrong if want else Wrong(f"where there are no such pairs, {wrong}") from None
        got = set(listed)
        if got == want and len(listed) == len(want):
            continue
        if listed == _tuples(np.reshape(np.nonzero(cosines >= threshold), (-1, 2))):
            raise Wrong("`reshape` mixes the positions of different pairs. Transpose instead.")
        if len(listed) > len(got):
            raise Wrong(f"it lists the pair {max(listed, key=listed.count)} twice.")
        for mistaken, reason in _mistakes(cosines, support, query, threshold):
            if got == set(_tuples(np.argwhere(mistaken))):
                raise Wrong(reason)
        if got == {(0, 1)}:
            raise Wrong(copied_example(got)[1])
        if got == {(j, i) for i, j in want}:
            raise Wrong("the pairs are reversed. Expected the support image first, then the query.")
        if got == {(i + 1, j + 1) for i, j in want}:
            raise Wrong("it counts from 1. Expected positions, which start at 0.")
        if got == {(i, i) for i, _ in want} or got == {(j, j) for _, j in want}:
            raise Wrong(
                "each pair holds the same image twice. Expected a support image and a query."
            )
        missing, extra = sorted(want - got), sorted(got - want)
        pair = (missing or extra)[0]
        raise Wrong(
            f"at threshold {threshold:g}, the pair {pair} "
            f"{'is missing' if missing else 'does not belong'}: {_cosine(cosines, pair)}."
        )
    return "Look at such pairs in a new folder before you trust an accuracy."


def _tuples(rows):
    return [tuple(row) for row in rows.tolist()]


def _cosine(cosines, pair):
    inside = all(0 <= i < size for i, size in zip(pair, cosines.shape, strict=True))
    return f"its cosine is {cosines[pair]:.3f}" if inside else "there are fewer images than that"


def _cases():
    rng = np.random.default_rng(1)
    for n_support, n_query, threshold in ((9, 14, 0.7), (12, 8, 0.81)):
        support, query = (
            rows / np.linalg.norm(rows, axis=1, keepdims=True)
            for rows in (rng.normal(size=(n, 3)) for n in (n_support, n_query))
        )
        query[[1, 3]] = support[[2, 0]]  # the same photograph twice
        yield support, query, threshold
    # Rows of a Hadamard matrix, over 4: exact in binary, so some cosines equal the threshold.
    rows = np.array([[(-1) ** (i & j).bit_count() for j in range(16)] for i in range(5)]) / 4
    near = np.where(np.arange(16) < 2, -rows[0], rows[0])  # its cosine with rows[0] is 0.75
    yield rows, np.stack([near, rows[2], rows[4]]), 0.75
    yield rows[:2], rows[2:], 0.5  # none


def _pairs(returned):
    """The pairs of an answer, a list: from a list of tuples, an array (n, 2) or two arrays."""
    try:
        if (
            isinstance(returned, tuple)
            and len(returned) == 2
            and all(np.ndim(part) == 1 for part in returned)
        ):
            returned = np.stack(returned, axis=1)
        listed = [
            tuple(pair) for pair in (returned.tolist() if hasattr(returned, "tolist") else returned)
        ]
        if all(len(pair) == 2 and all(float(i) == int(i) for i in pair) for pair in listed):
            return [(int(i), int(j)) for i, j in listed]
    except (TypeError, ValueError):
        pass
    described = getattr(returned, "shape", None) or type(returned).__name__
    if getattr(getattr(returned, "dtype", None), "kind", "") == "b":
        raise Wrong(
            "it returns a mask. Expected the positions where the mask is true, (n, 2): "
            "`np.argwhere` finds them."
        )
    raise Wrong(
        "expected pairs of positions, (n, 2): a support image and a query in each row. "
        f"Received: {described}."
    )


def _mistakes(cosines, support, query, threshold):
    distances = np.linalg.norm(support[:, None] - query, axis=-1)
    angles = np.arccos(cosines.clip(-1, 1))
    less = "it returns the pairs that are *less* similar. Similar photographs have a large cosine."
    distance = "it compares the distance with the threshold. Expected the cosine."
    one_minus = "it takes 1 - cosine, a distance. Expected the cosine itself."
    not_one_minus = "it compares the {0} with 1 - threshold, but the {0} is not 1 - cosine."
    identical = "it finds identical features only. Near duplicates count, too."
    return [
        (cosines > threshold,
         "it leaves out pairs whose cosine equals the threshold. Expected *at least* the "
         "threshold."),
        (cosines <= threshold, less),
        (cosines < threshold, less),
        (np.abs(cosines) >= threshold,
         "it takes the absolute value. A cosine of -1 means as different as possible."),
        (distances >= threshold, distance),
        (distances <= threshold, distance),
        (1 - cosines >= threshold, one_minus),
        (1 - cosines <= threshold, one_minus),
        (distances <= 1 - threshold, not_one_minus.format("distance")),
        (distances**2 <= 1 - threshold, not_one_minus.format("squared distance")),
        (cosines**2 >= threshold, "it squares the cosines."),
        (cosines >= 0.9, "it always takes 0.9. Use the threshold it is given."),
        (angles <= threshold, "it compares the angle with the threshold. Expected the cosine."),
        (distances == 0, identical),
        (cosines >= 1 - 1e-9, identical),
        *_wrong_selections(cosines, cosines >= threshold),
        *_wrong_sides(support, query, threshold),
    ]  # fmt: skip


def _wrong_sides(support, query, threshold):
    everything = np.concatenate([support, query])
    similar = everything @ everything.T >= threshold
    n = len(support)
    among = "it compares the {} with each other. Expected a support image and a query."
    return [
        (similar[:n, :n], among.format("support images")),
        (similar[n:, n:], among.format("queries")),
        (similar, among.format("photographs of both")),
        (np.triu(similar, 1), among.format("photographs of both")),
        (np.pad(similar[:n, n:], ((0, 0), (n, 0))),
         "it counts the queries from the support images on. Their positions start at 0."),
    ]  # fmt: skip


def _wrong_selections(cosines, above):
    best_query = cosines == cosines.max(axis=1, keepdims=True)
    best_support = cosines == cosines.max(axis=0, keepdims=True)
    best = np.arange(cosines.size).reshape(cosines.shape) == cosines.argmax()
    same = np.eye(*cosines.shape, dtype=bool)
    several = "One scene photographed several times gives several pairs: expected all of them."
    one_query = f"it keeps one query for each support image. {several}"
    one_support = f"it keeps one support image for each query. {several}"
    one_pair = f"it keeps only one pair. {several}"
    most = "it returns the most similar {} for each {}, however low the cosine is."
    positions = "it only looks at queries {}. Support set and queries are separate lists."
    return [
        (above & best_query & (np.cumsum(best_query, axis=1) == 1), one_query),
        (above & (np.cumsum(above, axis=1) == 1), one_query),
        (above & best_support & (np.cumsum(best_support, axis=0) == 1), one_support),
        (above & (np.cumsum(above, axis=0) == 1), one_support),
        (above & best, one_pair),
        (above & (np.cumsum(above).reshape(above.shape) == 1), one_pair),
        (best_query, most.format("query", "support image")),
        (best_support, most.format("support image", "query")),
        (np.triu(above), positions.format("from the support image's own position on")),
        (np.triu(above, 1), positions.format("after the support image's own position")),
        (above & ~same,
         "it leaves out pairs with the same position in both arrays, but these are different "
         "photographs."),
        (above & (np.arange(len(above)) < 1)[:, None],
         f"it looks at the first support image only. {RETURNS_TOO_SOON}"),
        (above & (np.arange(above.shape[1]) < len(above)),
         "it looks at only as many queries as there are support images."),
        (above & same,
         "it compares the first with the first, the second with the second. Compare each support "
         "image with each query."),
        (np.ones_like(above), "it returns every pair."),
        (np.zeros_like(above), "it finds no pairs, but there are some."),
    ]  # fmt: skip
