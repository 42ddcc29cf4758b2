"""Models compared on the same statements: paired differences with intervals and tests, articles as the clusters.

- The interval and the standard error of a difference are those of the paired cluster bootstrap: every resample draws
  the same articles for all models (Efron and Tibshirani 1993; Davison and Hinkley 1997, section 3.8).
- The test is approximate randomisation: in each round every article's answers change places between the two models
  with probability one half (Noreen 1989; Yeh 2000); p counts the observed arrangement too (Phipson and Smyth 2010).
- Several pairs are corrected by Holm (1979).
- The smallest difference that a test at 5 % shows with a power of 80 % is (1.96 + 0.84) times the standard error of the
  difference, or with few articles the same quantiles of Student's t (Bloom 1995, "Minimum detectable effects"). It is
  that of one test: a correction for several pairs asks for more.
- The effect size is Cohen's d of paired data, the article being the unit: the difference over its standard error times
  the root of the number of articles (Cohen 1988).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from toolkit.answers import Answers
from toolkit.errors import DataError
from toolkit.evaluation.bootstrap import clusters, interval, multiplicities
from toolkit.evaluation.classification import enough
from toolkit.evaluation.comparison.scoring import figure_named, scorer
from toolkit.evaluation.correction import holm
from toolkit.evaluation.figures import Figure
from toolkit.evaluation.shares import STANDARD, Resampling

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from toolkit.evaluation.comparison.scoring import Scorer

    Matrix = NDArray[np.float64]

__all__ = ["Difference", "Paired", "Worse", "compare_models", "got_worse", "mcnemar"]

POWER = 0.8
_CELLS = 4_000_000
_LEAST = 20
"""Fewer statements than this make no slice to be tested."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The figure of model ``a`` less that of model ``b``, both told by their position; None is undefined."""

    a: int
    b: int
    value: float | None
    low: float | None = None
    high: float | None = None
    error: float | None = None
    """The standard error."""
    p: float | None = None
    """Two-sided, of approximate randomisation over articles."""
    p_holm: float | None = None
    """Corrected for the number of pairs."""
    effect: float | None = None
    """Cohen's d of paired data, by articles."""
    smallest: float | None = None
    """The smallest difference that would be shown 4 times of 5, by one test at the level of the intervals."""
    mcnemar: float | None = None
    """Exact p of McNemar's test of the accuracy, single-label only. It takes statements as independent."""


@dataclass(frozen=True, slots=True)
class Paired:
    """Several models on the same statements, by one figure."""

    metric: str
    n: int
    n_articles: int
    confidence: float
    rounds: int
    """How often articles were swapped."""
    figures: tuple[Figure, ...]
    differences: tuple[Difference, ...]
    """Of every pair, in the order of the models."""

    @property
    def tied(self) -> tuple[int, ...]:
        """The best model and those that cannot be told apart from it, the best first; empty where it stands alone."""
        if not self._ranked():
            return ()
        best, *others = self._ranked()
        rest = [k for k in others if not self.apart(self._of(best, k))]
        return (best, *rest) if rest else ()

    @property
    def smallest(self) -> float | None:
        """The smallest difference that is shown 4 times of 5 from the best model: the largest of those of the pairs
        that it is tied with, or where it stands alone of all its pairs.
        """
        if not self._ranked():
            return None
        best, *others = self.tied or self._ranked()
        told = [self._of(best, k).smallest for k in others]
        return max((one for one in told if one is not None), default=None)

    def apart(self, difference: Difference) -> bool:
        """Whether the two models of a pair can be told apart."""
        return difference.p_holm is not None and difference.p_holm < 1 - self.confidence

    def _ranked(self) -> list[int]:
        """The models whose figure is defined, the best first."""
        defined = [(figure.value, k) for k, figure in enumerate(self.figures) if figure.value is not None]
        return [k for _, k in sorted(defined, key=lambda one: (-one[0], one[1]))]

    def _of(self, a: int, b: int) -> Difference:
        return next(one for one in self.differences if {one.a, one.b} == {a, b})


def compare_models(
    gold: Any,
    answers: Sequence[Answers],
    groups: Sequence[str],
    *,
    metric: str,
    multi_label: bool,
    resampling: Resampling = STANDARD,
    rounds: int | None = None,
) -> Paired:
    """Compare what several models answered to the same statements, each with each.

    ``gold`` is (n, labels) of 0 and 1, ``groups`` the article of every row, ``metric`` a figure's name (``f1/macro``).
    ``rounds`` of swapping; None: 9,999, or 1,999 for average precision, which has to be sorted anew for every pair.
    Raises DataError where the shapes do not fit, UsageError for a metric that there is not.
    """
    import numpy as np

    true = np.asarray(gold, dtype=np.float64)
    if not len(true) or any(one.given.shape != true.shape for one in answers) or len(groups) != len(true):
        raise DataError("models can be compared only on the same statements and labels, at least one of them.")
    labels = answers[0].columns.labels
    positions, n_articles = clusters(groups)
    name = figure_named(metric, labels, multi_label)
    scored = scorer(name, true, answers, positions, n_articles, multi_label)
    rounds = scored.rounds if rounds is None else rounds
    point = scored.drawn(np.ones((1, n_articles)))[:, 0]
    draws = multiplicities(n_articles, resampling.resamples, resampling.seed)
    drawn = np.concatenate([scored.drawn(one.astype(np.float64)) for one in draws], axis=1)
    support = scored.support(true)
    bounded = _bounded(name, true, answers, positions, n_articles, multi_label)
    figures = tuple(
        one if yes else replace(one, low=None, high=None)
        for k, yes in enumerate(bounded)
        for one in [_figure(point[k], drawn[k], support, n_articles, resampling)]
    )
    pairs = list(combinations(range(len(answers)), 2))
    tested = _randomised(scored, pairs, point, n_articles, rounds, resampling.seed)
    found = [_difference(pair, point, drawn, p, n_articles, resampling) for pair, p in zip(pairs, tested, strict=True)]
    if not multi_label:
        right = [(one.given == true).all(axis=1) for one in answers]
        found = [replace(one, mcnemar=mcnemar(right[one.a], right[one.b])) for one in found]
    return Paired(name, len(true), n_articles, resampling.confidence, rounds, figures, tuple(_corrected(found)))


def _bounded(
    name: str,
    true: Matrix,
    answers: Sequence[Answers],
    positions: NDArray[np.int64],
    n_articles: int,
    multi_label: bool,
) -> list[bool]:
    """Say of every model whether its figure gets an interval, as its own evaluation does."""
    import numpy as np

    labels, kind = answers[0].columns.labels, name.partition("/")[0]
    one = np.ones((1, n_articles))
    by_label = {
        f"{kind}/{label}": scorer(f"{kind}/{label}", true, answers, positions, n_articles, multi_label).drawn(one)
        for label in (labels if name.endswith("/macro") else ())
    }
    points = [{each: values[k] for each, values in by_label.items()} for k in range(len(answers))]
    return [enough(point, name, labels, true.sum(axis=0), n_articles) for point in points]


def _figure(value: float, drawn: Matrix, support: int, n_articles: int, resampling: Resampling) -> Figure:
    import numpy as np

    low, high, undefined = interval(drawn, n_articles, resampling.confidence)
    if np.isnan(value):
        return Figure(None, None, None, support, None, undefined)
    return Figure(float(value), low, high, support, None, undefined)


def _difference(
    pair: tuple[int, int], point: Matrix, drawn: Matrix, p: float | None, n_articles: int, resampling: Resampling
) -> Difference:
    import numpy as np
    from scipy.stats import t

    a, b = pair
    value, differences = point[a] - point[b], drawn[a] - drawn[b]
    if np.isnan(value):
        return Difference(a, b, None)
    low, high, _ = interval(differences, n_articles, resampling.confidence)
    if low is None:
        return Difference(a, b, float(value), p=p)
    # The bootstrap's own variance is that of a sample's, one article short.
    error = float(np.nanstd(differences, ddof=1)) * (n_articles / (n_articles - 1)) ** 0.5
    effect = float(value) / (error * n_articles**0.5) if error else None
    free, tail = n_articles - 1, (1 - resampling.confidence) / 2
    smallest = error * float(t.isf(tail, free) + t.ppf(POWER, free))
    return Difference(a, b, float(value), low, high, error, p, None, effect, smallest)


def _swaps(n_articles: int, rounds: int, seed: int) -> Iterator[Matrix]:
    """Yield, in chunks, which articles are swapped: 0 and 1, (rounds of the chunk, articles)."""
    import numpy as np

    rng = np.random.default_rng(seed)
    chunk = max(1, min(rounds, _CELLS // max(1, n_articles)))
    for start in range(0, rounds, chunk):
        yield rng.integers(0, 2, size=(min(chunk, rounds - start), n_articles)).astype(np.float64)


def _randomised(
    scored: Scorer, pairs: Sequence[tuple[int, int]], point: Matrix, n_articles: int, rounds: int, seed: int
) -> list[float | None]:
    """Return p of every pair. A round whose difference is undefined counts against a difference."""
    import numpy as np

    extreme = np.ones(len(pairs))
    for flips in _swaps(n_articles, rounds, seed):
        for k, differences in enumerate(scored.swapped(flips, pairs)):
            a, b = pairs[k]
            # Sums in another order differ by less than 1e-12.
            extreme[k] += (~(np.abs(differences) < abs(point[a] - point[b]) - 1e-12)).sum()
    undefined = [bool(np.isnan(point[a] - point[b])) for a, b in pairs]
    return [None if none else float(e / (rounds + 1)) for e, none in zip(extreme, undefined, strict=True)]


def mcnemar(first: Any, second: Any) -> float:
    """Return the exact two-sided p of McNemar's test (1947) of two models' right answers, each (n,) of 0 and 1.

    Statements are the unit, taken as independent: where those of one article err together, p is too small.
    """
    import numpy as np
    from scipy.stats import binomtest

    one, other = np.asarray(first, bool), np.asarray(second, bool)
    only_first, only_second = int((one & ~other).sum()), int((other & ~one).sum())
    if only_first + only_second == 0:
        return 1.0
    return float(binomtest(only_first, only_first + only_second).pvalue)


def _corrected(found: Sequence[Difference]) -> list[Difference]:
    """Correct the p of all differences that have one, by Holm."""
    corrected = holm([one.p for one in found])
    return [replace(one, p_holm=p) for one, p in zip(found, corrected, strict=True)]


@dataclass(frozen=True, slots=True)
class Worse:
    """A label or a slice on which the second of two models is worse than the first, corrected for their number."""

    what: str
    before: float
    after: float
    n: int
    p_holm: float


def got_worse(
    gold: Any,
    before: Answers,
    after: Answers,
    groups: Sequence[str],
    *,
    metric: str,
    multi_label: bool,
    slices: Mapping[str, Sequence[bool]],
    resampling: Resampling = STANDARD,
) -> list[Worse]:
    """Return the labels (by their F1) and the slices (by ``metric``) on which the model ``after`` is worse.

    ``slices`` are by name: whether a row belongs to it, (n,). Slices of fewer than 20 statements or of one article are
    left out. All that were looked at are corrected together, by Holm.
    """
    import numpy as np

    labels = before.columns.labels
    every = np.ones(len(groups), bool)
    asked = [(f"label {label}", every, f"f1/{label}") for label in labels]
    for name, given in slices.items():
        inside = np.asarray(given, bool)
        if _LEAST <= inside.sum() < len(inside):
            asked.append((name, inside, metric))
    found = []
    for name, inside, by in asked:
        told = _before_and_after(gold, before, after, groups, inside, by, multi_label, resampling)
        found += [(name, int(inside.sum()), *told)] if told is not None else []
    corrected = holm([p for *_, p in found])
    return [
        Worse(name, old, new, n, p)
        for (name, n, old, new, _), p in zip(found, corrected, strict=True)
        if p is not None and new < old and p < 1 - resampling.confidence
    ]


def _before_and_after(
    gold: Any,
    before: Answers,
    after: Answers,
    groups: Sequence[str],
    inside: NDArray[np.bool_],
    metric: str,
    multi_label: bool,
    resampling: Resampling,
) -> tuple[float, float, float] | None:
    """Return both figures of the rows inside and p of their difference; None where there is no test."""
    import numpy as np

    true = np.asarray(gold, dtype=np.float64)[inside]
    models = [Answers(one.columns, one.probabilities[inside], one.given[inside]) for one in (before, after)]
    positions, n_articles = clusters([group for group, yes in zip(groups, inside, strict=True) if yes])
    name = figure_named(metric, before.columns.labels, multi_label)
    scored = scorer(name, true, models, positions, n_articles, multi_label)
    old, new = (float(value) for value in scored.drawn(np.ones((1, n_articles)))[:, 0])
    if n_articles < 2 or np.isnan(old - new):
        return None
    point = np.array([old, new])
    (p,) = _randomised(scored, [(0, 1)], point, n_articles, scored.rounds, resampling.seed)
    return None if p is None else (old, new, p)
