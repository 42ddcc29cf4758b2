"""How near statements lie to others: the cosine of their TF-IDF vectors (Salton and Buckley 1988), words and pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.records import Statement

__all__ = ["Neighbour", "nearest_of"]


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training statement, and how near it lies: 0 nothing in common, 1 the same words."""

    statement: Statement
    similarity: float


def nearest_of(
    statements: Sequence[Statement], training: Sequence[Statement], most: int = 1
) -> list[tuple[Neighbour, ...]]:
    """Return the nearest training statements of every statement, the nearest first, at most ``most``."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.neighbors import NearestNeighbors

    if not statements or not training:
        return [()] * len(statements)
    weigh = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+")
    learnt = weigh.fit_transform([one.text for one in training])
    search = NearestNeighbors(n_neighbors=min(most, len(training)), metric="cosine", algorithm="brute").fit(learnt)
    far, rows = search.kneighbors(weigh.transform([one.text for one in statements]))
    return [
        tuple(Neighbour(training[i], round(max(0.0, 1.0 - float(d)), 6)) for d, i in zip(ds, js, strict=True))
        for ds, js in zip(far, rows, strict=True)
    ]
