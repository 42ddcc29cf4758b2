"""How far annotators agree: alpha, kappa and AC1 of every label and of all together, and what they contest most.

Krippendorff's alpha (Krippendorff 2004, chapter 11), Cohen's kappa (Cohen 1960; of more than two annotators the mean
over their pairs, Light 1971), Gwet's AC1 (Gwet 2008), MASI as the distance of label sets (Passonneau 2006).
Units that only one annotator labelled say nothing on agreement and are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from toolkit.errors import DataError
from toolkit.evaluation.bootstrap import clusters
from toolkit.evaluation.figures import Figure
from toolkit.evaluation.shares import Resampling
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.storage import by_statement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Matrix = NDArray[np.float64]

__all__ = [
    "Agreement",
    "Coefficients",
    "Contested",
    "agreement",
    "alpha",
    "cohen_kappa",
    "gwet_ac1",
    "masi_distance",
    "nominal_alphas",
]

_MISSING = -1


@dataclass(frozen=True, slots=True)
class Coefficients:
    """How far annotators agree on one question; None where a coefficient is undefined (only one value occurs).

    ``n`` is the number of units that two or more annotators labelled, ``alike`` on how many of them all were of one
    mind, ``given`` to how many at least one of them gave the label. ``alpha_low`` and ``alpha_high`` bound the
    percentile interval over resamples of whole articles. ``kappa`` of more than two annotators is the mean of
    ``kappa_of_pairs``.
    """

    n: int
    alike: int
    given: int
    alpha: float | None
    alpha_low: float | None
    alpha_high: float | None
    kappa: float | None
    ac1: float | None
    kappa_of_pairs: dict[str, float | None]

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Contested:
    """A statement on which annotators differ: what each gave, and how far apart they are (mean distance, 0 to 1)."""

    statement: Statement
    given: dict[str, tuple[str, ...]]
    distance: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """The agreement of annotators in one label scheme.

    ``pooled`` takes, of a multi-label scheme, every decision on a label for a statement, and of another one the label
    itself; ``sets`` is alpha over whole label sets with MASI as their distance, for a multi-label scheme.
    """

    scheme: str
    annotators: tuple[str, ...]
    statements: int
    """How many were labelled by two or more annotators."""
    alike: int
    """To how many of them all of their annotators gave the same labels."""
    single: int
    """How many only one annotator labelled: they say nothing."""
    articles: int
    """How many clusters the intervals draw from; a statement that names no article is one."""
    labels: dict[str, Coefficients]
    pooled: Coefficients
    sets: Figure | None
    contested: tuple[Contested, ...]
    """The statements on which annotators are furthest apart, those first."""
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return the figures by label, and under ``pooled``, as plain data."""
        pooled = self.pooled.to_dict()
        if self.sets is not None:
            pooled |= {
                "masi_alpha": self.sets.value,
                "masi_alpha_low": self.sets.low,
                "masi_alpha_high": self.sets.high,
            }
        pooled |= {name: getattr(self, name) for name in ("statements", "single", "articles")}
        return {**{name: one.to_dict() for name, one in self.labels.items()}, "pooled": pooled}


def agreement(
    labelled: Iterable[tuple[Statement, Labels]], scheme: LabelScheme, resampling: Resampling, most_contested: int = 10
) -> Agreement:
    """Compare annotators over the rows of a labelled table, one per statement and annotator.

    Raises DataError where there are fewer than two annotators, where no statement was labelled by two of them, where
    a row names no annotator, and where two rows of a statement do not have the same text.
    """
    import numpy as np

    read = by_statement(labelled, scheme)
    statements = {name: statement for name, (statement, _) in read.items()}
    given = {
        name: {annotator: labels.by_scheme[scheme.name] for annotator, labels in theirs.items()}
        for name, (_, theirs) in read.items()
    }
    annotators = sorted({annotator for theirs in given.values() for annotator in theirs})
    both = [name for name, readings in given.items() if len(readings) > 1]
    if len(annotators) < 2:
        one = f"only {annotators[0]!r}" if annotators else "nobody"
        raise DataError(f"agreement needs two annotators: {one} labelled a statement in the scheme '{scheme.name}'.")
    if not both:
        raise DataError(f"no statement was labelled by two annotators in the scheme '{scheme.name}'.")
    kinds: dict[frozenset[str], int] = {}
    shape = len(both), len(annotators)
    questions = {label: np.full(shape, _MISSING, dtype=np.int64) for label in scheme.labels}
    sets = np.full(shape, _MISSING, dtype=np.int64)
    for row, name in enumerate(both):
        for annotator, labels in given[name].items():
            seat = annotators.index(annotator)
            sets[row, seat] = kinds.setdefault(frozenset(labels), len(kinds))
            for label, question in questions.items():
                question[row, seat] = label in labels
    pooled = np.concatenate(list(questions.values())) if scheme.multi_label else sets
    distance = np.array([[masi_distance(one, other) for other in kinds] for one in kinds])
    asked = [*((question, None) for question in questions.values()), (pooled, None), (sets, distance)]
    groups, n_articles = clusters([statements[name].article_id or name for name in both])
    alphas = _alphas(asked, groups, n_articles, resampling)
    found = [
        _coefficients(
            question, alpha, annotators, 2 if scheme.multi_label or k < len(questions) else len(scheme.labels)
        )
        for k, ((question, _), alpha) in enumerate(zip(asked[:-1], alphas, strict=False))
    ]
    spread = sorted(((_spread(list(given[name].values())), name) for name in both), key=lambda one: -one[0])
    apart = [Contested(statements[name], given[name], distance) for distance, name in spread if distance]
    return Agreement(
        scheme.name,
        tuple(annotators),
        statements=len(both),
        alike=len(both) - len(apart),
        single=len(given) - len(both),
        articles=n_articles,
        labels=dict(zip(questions, found, strict=False)),
        pooled=found[-1],
        sets=alphas[-1] if scheme.multi_label else None,
        contested=tuple(apart[:most_contested]),
        confidence=resampling.confidence,
    )


def _coefficients(values: Codes, alpha: Figure, annotators: Sequence[str], categories: int) -> Coefficients:
    seats = combinations(range(len(annotators)), 2)
    pairs = {f"{annotators[a]} & {annotators[b]}": cohen_kappa(values[:, a], values[:, b]) for a, b in seats}
    defined = [kappa for kappa in pairs.values() if kappa is not None]
    least = values.max(axis=1, initial=0, where=values != _MISSING)
    alike = (values == least[:, None]) | (values == _MISSING)
    return Coefficients(
        n=len(values),
        alike=int(alike.all(axis=1).sum()),
        given=int((values == 1).any(axis=1).sum()) if categories == 2 else len(values),
        alpha=alpha.value,
        alpha_low=alpha.low,
        alpha_high=alpha.high,
        kappa=sum(defined) / len(defined) if defined else None,
        ac1=gwet_ac1(values, categories),
        kappa_of_pairs=pairs,
    )


def alpha(values: Codes, distance: Matrix | None = None) -> float | None:
    """Return Krippendorff's alpha of codes from 0 on, (units, annotators), -1 where an annotator gave none.

    ``distance`` holds the distance of every two codes; without it they are nominal. None where it is undefined:
    only one code occurs, or no unit has two.
    """
    import numpy as np

    one_cluster = np.zeros(len(values), dtype=np.int64)
    return _alphas([(values, distance)], one_cluster, 1, Resampling(resamples=1))[0].value


def nominal_alphas(asked: Sequence[Codes], groups: Codes, n_groups: int, resampling: Resampling) -> list[Figure]:
    """Return Krippendorff's alpha of several questions on the same units, (units, annotators), with intervals.

    The intervals are over the ``groups``, (units,), numbers below ``n_groups``.
    """
    return _alphas([(values, None) for values in asked], groups, n_groups, resampling)


def _alphas(
    asked: Sequence[tuple[Codes, Matrix | None]], groups: Codes, n_groups: int, resampling: Resampling
) -> list[Figure]:
    """Return alpha of every question with its interval over the groups of its units.

    ``groups`` are of the first units; where a question has so many times more, they are the same ones again.
    """
    import numpy as np

    parts, apart, ends = [], [], [0]
    for values, distance in asked:
        codes = int(values.max(initial=0)) + 1
        apart.append(1 - np.eye(codes) if distance is None else distance)
        counts = np.stack([(values == code).sum(axis=1) for code in range(codes)], axis=1).astype(np.float64)
        raters = counts.sum(axis=1)
        counts[raters < 2] = 0  # nobody to compare with
        disagreed = np.einsum("uc,cd,ud->u", counts, apart[-1], counts) / np.maximum(raters - 1, 1)
        sums = np.zeros((n_groups, codes + 1))
        np.add.at(sums, np.resize(groups, len(values)), np.column_stack([counts, disagreed]))
        parts.append(sums)
        ends.append(ends[-1] + codes + 1)

    def compute(sums: Matrix) -> dict[str, Matrix]:
        found = {}
        for k, distance in enumerate(apart):
            totals, disagreed = sums[:, ends[k] : ends[k + 1] - 1], sums[:, ends[k + 1] - 1]
            expected = np.einsum("rc,cd,rd->r", totals, distance, totals)
            with np.errstate(divide="ignore", invalid="ignore"):
                value = 1 - (totals.sum(axis=1) - 1) * disagreed / expected
            found[str(k)] = np.where(expected > 0, value, np.nan)
        return found

    support = {str(k): len(values) for k, (values, _) in enumerate(asked)}
    return list(resampling.figures(np.hstack(parts), compute, support).values())


def cohen_kappa(one: Codes, other: Codes) -> float | None:
    """Return Cohen's kappa of the codes of two annotators, -1 where there is none; None where it is undefined."""
    import numpy as np

    seen = (one != _MISSING) & (other != _MISSING)
    one, other = one[seen], other[seen]
    if not len(one):
        return None
    codes = np.union1d(one, other)
    chance = float(sum((one == code).mean() * (other == code).mean() for code in codes))
    return None if chance == 1 else float(((one == other).mean() - chance) / (1 - chance))


def gwet_ac1(values: Codes, categories: int) -> float | None:
    """Return Gwet's AC1 of codes from 0 on, (units, annotators), -1 where an annotator gave none.

    ``categories`` is how many codes there could be. None where no unit has two, or there is one category only.
    """
    import numpy as np

    categories = max(categories, int(values.max(initial=0)) + 1)
    counts = np.stack([(values == code).sum(1) for code in range(categories)], axis=1).astype(float)
    raters = counts.sum(1)
    counts, raters = counts[raters > 0], raters[raters > 0]
    several = raters > 1
    if categories < 2 or not several.any():
        return None
    pairs = raters[several] * (raters[several] - 1)
    agreed = float(((counts * (counts - 1))[several].sum(1) / pairs).mean())
    shares = (counts / raters[:, None]).mean(0)
    chance = float((shares * (1 - shares)).sum() / (categories - 1))
    return (agreed - chance) / (1 - chance)


def masi_distance(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how far two label sets are apart, from 0 (equal) to 1 (nothing in common)."""
    if one == other:
        return 0.0
    common = one & other
    if not common:
        return 1.0
    monotone = 2 / 3 if common in (one, other) else 1 / 3
    return 1 - monotone * len(common) / len(one | other)


def _spread(given: Sequence[Sequence[str]]) -> float:
    """Return the mean distance of what annotators gave for one statement."""
    pairs = list(combinations([frozenset(labels) for labels in given], 2))
    return sum(masi_distance(a, b) for a, b in pairs) / len(pairs)
