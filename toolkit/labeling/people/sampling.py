"""Which statements people are given to label, each drawn with a probability that is known.

What a model is unsure of, or finds rare, is drawn more often, never all and never alone: every statement keeps a share
of the chance that a plain draw gives it. So shares of labels can be estimated without bias afterwards, each
statement weighted by one over its probability (Horvitz and Thompson 1952). The draw itself is systematic with
unequal probabilities over a random order (Madow 1949): the size is just what was asked, nothing is drawn twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolkit.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

__all__ = [
    "clusters_of",
    "disagreement",
    "draw",
    "inclusion",
    "of_strata",
    "rareness",
    "uncertainty",
    "weights_by",
    "with_floor",
]


def inclusion(weights: Vector, size: int) -> Vector:
    """Return the probability with which each of (n,) statements is drawn, by its weight; they add up to ``size``.

    Where that would be more than 1 a statement is drawn for certain, and the others share what is left. Raises
    UsageError where there are fewer statements of a weight than are to be drawn.
    """
    import numpy as np

    if size > (there := int((weights > 0).sum())):
        raise UsageError(f"{size} statements are asked for, and there are {there} to draw from.")
    certain = np.zeros(len(weights), bool)
    while True:
        rest = weights * ~certain
        total = rest.sum()
        left = size - int(certain.sum())
        found = np.where(certain, 1.0, left * rest / total if total > 0 else 0.0)
        above = (found >= 1) & ~certain
        if not above.any() or left == 0:
            return found
        certain |= above


def draw(probabilities: Vector, seed: int, strata: Sequence[str] | None = None) -> NDArray[np.int64]:
    """Return the numbers of the statements that are drawn, in their order, each with its own probability.

    Of every one of the ``strata`` as many are drawn as its probabilities add up to, give or take a part of one.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    order = rng.permutation(len(probabilities))
    if strata is not None:
        order = order[np.argsort(np.asarray(strata, dtype=object).astype(str)[order], kind="stable")]
    passed = np.floor(np.cumsum(probabilities[order]) + rng.random() + 1e-9)
    before = np.concatenate([[0.0], passed[:-1]])
    found: NDArray[np.int64] = np.sort(order[passed > before])
    return found


def of_strata(strata: Sequence[str], size: int) -> Vector:
    """Return weights by which every stratum gives as many statements, small ones all that they have."""
    import numpy as np

    names, place, counts = np.unique(
        np.asarray(strata, dtype=object).astype(str), return_inverse=True, return_counts=True
    )
    taken = np.zeros(len(names))
    left = float(size)
    open_ones = np.ones(len(names), bool)
    while left > 1e-9 and open_ones.any():
        each = left / open_ones.sum()
        full = open_ones & (taken + each >= counts)
        if not full.any():
            taken[open_ones] += each
            break
        left -= float((counts - taken)[full].sum())
        taken[full] = counts[full]
        open_ones &= ~full
    return (taken / counts)[place]


def uncertainty(probabilities: Vector) -> Vector:
    """Return how near the least sure label is to a coin's toss, 0 to 1, for (n, labels)."""
    import numpy as np

    found: Vector = (1 - np.abs(2 * probabilities - 1)).max(axis=1)
    return found


def rareness(probabilities: Vector) -> Vector:
    """Return how much of the labels a statement may have, the rare ones counted more: probability over its mean."""
    import numpy as np

    means = np.maximum(probabilities.mean(axis=0), 1e-9)
    found: Vector = (probabilities / means).max(axis=1)
    return found


def disagreement(one: Vector, other: Vector) -> Vector:
    """Return how far two models are apart on their furthest label, 0 to 1, for (n, labels) each."""
    import numpy as np

    found: Vector = np.abs(one - other).max(axis=1)
    return found


def with_floor(scores: Vector, floor: float) -> Vector:
    """Return weights of which the share ``floor`` is even and the rest follows the scores, (n,)."""
    import numpy as np

    mean = scores.mean() if len(scores) else 0.0
    return np.ones(len(scores)) if mean <= 0 else (1 - floor) * scores / mean + floor


def weights_by(strategy: str, answers: Sequence[Vector], floor: float) -> Vector:
    """Return the weights, (n,), of ``uncertain`` or ``rare`` by a model's answers, (n, labels), or of ``disagreement``
    by those of two.
    """
    if strategy == "disagreement":
        return with_floor(disagreement(answers[0], answers[1]), floor)
    return with_floor((uncertainty if strategy == "uncertain" else rareness)(answers[0]), floor)


def clusters_of(texts: Sequence[str], size: int, seed: int) -> list[str]:
    """Return the cluster of every text, at most ``size`` of them: k-means over the words that texts share."""
    import numpy as np
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    if len(texts) <= size:
        return [str(number) for number in range(len(texts))]
    counts = HashingVectorizer(n_features=2**16, alternate_sign=False, norm=None).transform(texts)
    tfidf = TfidfTransformer(sublinear_tf=True).fit_transform(counts)
    few = min(50, tfidf.shape[0] - 1)
    dense = TruncatedSVD(few, random_state=seed).fit_transform(tfidf)
    dense /= np.maximum(np.linalg.norm(dense, axis=1, keepdims=True), 1e-12)
    found = MiniBatchKMeans(size, random_state=seed, n_init=1, batch_size=4096).fit_predict(dense)
    return [str(number) for number in found]
