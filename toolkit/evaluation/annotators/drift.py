"""Annotators who drift: what one gives, against the others on the same statements, as labelling goes on.

Of every statement that others labelled too, an annotator's difference from them is taken: how far apart the label sets
are (MASI), and of each label whether he gave it less the share of the others who did. It is told by thirds of his
statements in the order in which he labelled, and tested as Spearman's correlation with that order, by permutation of
whole articles, for statements of one article are labelled together and are alike; p-values are Holm's (1979), over all
annotators and labels. Of two annotators who go through in the same order either may be the one who moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from toolkit.evaluation.annotators.agreement import masi_distance
from toolkit.evaluation.bootstrap import FEWEST_ARTICLES, clusters
from toolkit.evaluation.correction import holm
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.storage import by_statement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

__all__ = ["Drift", "drifts"]

_PERMUTATIONS = 1999
_BATCH = 200


@dataclass(frozen=True, slots=True)
class Drift:
    """How an annotator differs from the others in the first, second and last third of what he labelled.

    Of ``label`` None it is the mean distance of the label sets, 0 to 1; of a label how much oftener he gave it than the
    others, -1 to 1. ``p_value`` is None where there are no times, too few articles, or no difference that varies.
    """

    annotator: str
    label: str | None
    statements: int
    """That others labelled too, and of which it is known when."""
    articles: int
    thirds: tuple[float, float, float] | None
    """None with fewer than three statements."""
    p_value: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"thirds": None if self.thirds is None else list(self.thirds)}


def drifts(labelled: Iterable[tuple[Statement, Labels]], scheme: LabelScheme, seed: int = 0) -> list[Drift]:
    """Return the drift of every annotator, by name: of the label sets, then of each label.

    Raises DataError as :func:`toolkit.storage.by_statement` does.
    """
    both = [one for one in by_statement(labelled, scheme).values() if len(one[1]) > 1]
    names = sorted({name for _, given in both for name in given})
    found = [one for name in names for one in _of(name, both, scheme, seed)]
    corrected = holm([one.p_value for one in found])
    return [replace(one, p_value=p) for one, p in zip(found, corrected, strict=True)]


def _of(
    annotator: str, both: Sequence[tuple[Statement, Mapping[str, Labels]]], scheme: LabelScheme, seed: int
) -> list[Drift]:
    import numpy as np

    timed = []
    for statement, given in both:
        at = _time(given[annotator].given_at) if annotator in given else None
        if at is not None:
            timed.append((at, statement, given))
    timed.sort(key=lambda one: one[0])
    articles, n_articles = clusters([one.article_id or one.statement_id for _, one, _ in timed])
    times = np.array([at for at, _, _ in timed])
    rows = [_difference(annotator, given, scheme) for _, _, given in timed]
    differences = np.array(rows, dtype=float).reshape(len(timed), 1 + len(scheme.labels))
    return [
        Drift(annotator, label, len(timed), n_articles, _thirds(column), _p_value(times, column, articles, seed))
        for label, column in zip((None, *scheme.labels), differences.T, strict=True)
    ]


def _time(given_at: str | None) -> float | None:
    """Return a time in seconds; one that does not say where counts as UTC, what is no time as none."""
    try:
        at = datetime.fromisoformat(given_at or "")
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _difference(annotator: str, given: Mapping[str, Labels], scheme: LabelScheme) -> list[float]:
    own = frozenset(given[annotator].by_scheme[scheme.name])
    others = [frozenset(one.by_scheme[scheme.name]) for name, one in given.items() if name != annotator]
    apart = sum(masi_distance(own, other) for other in others) / len(others)
    return [apart, *((label in own) - sum(label in one for one in others) / len(others) for label in scheme.labels)]


def _thirds(ordered: Vector) -> tuple[float, float, float] | None:
    import numpy as np

    if len(ordered) < 3:
        return None
    first, second, last = (float(part.mean()) for part in np.array_split(ordered, 3))
    return first, second, last


def _p_value(times: Vector, differences: Vector, articles: NDArray[np.int64], seed: int) -> float | None:
    """Return the p-value of the means of articles against their mean rank in time; None where it is undefined."""
    import numpy as np
    from scipy.stats import PermutationMethod, pearsonr, rankdata

    sizes = np.bincount(articles)
    if len(sizes) < FEWEST_ARTICLES:
        return None
    when = rankdata(np.bincount(articles, rankdata(times)) / sizes)
    apart = rankdata(np.round(np.bincount(articles, differences) / sizes, 9))  # equal but for rounding is equal
    if np.ptp(when) == 0 or np.ptp(apart) == 0:
        return None
    method = PermutationMethod(_PERMUTATIONS, _BATCH, rng=np.random.default_rng(seed))
    return float(pearsonr(when, apart, method=method).pvalue)
