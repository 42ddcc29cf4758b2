"""Figures of parts of an evaluated set: where a model is worse than elsewhere, and whether chance can explain it.

A part is every row with one value of a property (the cue "denied", the speaker nobody had seen). Its figures are those
of :func:`toolkit.evaluation.evaluate` on its rows alone. Whether it is worse than the rest is asked by the cluster
bootstrap: whole articles are drawn, part and rest are scored on the same draw, so that articles which lie in both do no
harm; the difference over its standard error is held against Student's t with one degree of freedom fewer than the
smaller side has articles. The p values of all parts that were looked at are corrected together (Holm 1979).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from toolkit.answers import Answers
from toolkit.errors import UsageError, nearest
from toolkit.evaluation.bootstrap import FEWEST_ARTICLES, FEWEST_EXAMPLES, clusters, multiplicities
from toolkit.evaluation.classification import enough
from toolkit.evaluation.correction import holm
from toolkit.evaluation.figures import Figure, figure_said
from toolkit.evaluation.shares import STANDARD, Resampling
from toolkit.evaluation.sums import counts, figure_of, figures_by_label, figures_overall, mean_defined, per_article

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["FEWEST_ARTICLES", "FEWEST_EXAMPLES", "Slice", "Sliced", "evaluate_slices"]


@dataclass(frozen=True, slots=True)
class Slice:
    """One part: all rows whose property ``by`` has this ``value``, and what came of holding it against the rest.

    ``difference`` is the figure in the part less that in the rest, with its interval; it, ``p`` and ``p_holm`` are None
    where either side is too small, or the figure undefined.
    """

    by: str
    value: str
    n: int
    n_articles: int
    figures: Mapping[str, Figure]
    too_small: str | None = None
    """Why nothing is concluded: ``3 articles``, ``8 examples``; None where there is enough."""
    difference: Figure | None = None
    p: float | None = None
    p_holm: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        plain = {name: getattr(self, name) for name in ("by", "value", "n", "n_articles", "too_small", "p", "p_holm")}
        plain["difference"] = None if self.difference is None else self.difference.plain()
        return plain | {"figures": {name: figure.plain() for name, figure in self.figures.items()}}


@dataclass(frozen=True, slots=True)
class Sliced:
    """All parts of one evaluated set, compared by one figure."""

    metric: str
    whole: Mapping[str, Figure]
    slices: tuple[Slice, ...]
    """Property after property, each with its largest part first."""
    confidence: float
    n: int
    n_articles: int

    @property
    def tested(self) -> int:
        """How many parts were held against the rest."""
        return sum(one.p is not None for one in self.slices)

    @property
    def worst(self) -> Slice | None:
        """The part that lies farthest below the rest, of those that are not too small; None where none lies below."""
        below = [one for one in self.slices if _gap(one) < 0]
        return min(below, key=_gap, default=None)

    def verdict(self) -> str:
        """Return in a sentence which part is worst and whether chance can explain it."""
        one, count = self.worst, f"{self.tested} slices" if self.tested != 1 else "1 slice"
        if one is None or one.difference is None or one.p_holm is None:
            return f"No slice lies below the rest by {figure_said(self.metric)} ({count} looked at)."
        figure, gap = one.figures[self.metric], one.difference
        told = f"{one.by}: {one.value}, with {figure_said(self.metric)} {figure.value:.2f}{_bounds(figure)} "
        told += f"on {one.n} statements of "
        told += f"{one.n_articles} articles, {abs(gap.value or 0):.2f} below the rest{_bounds(gap)}; p {_p(one.p)}, "
        sure = "which chance does not explain" if one.p_holm < 1 - self.confidence else "which chance can explain"
        return f"The worst slice, by {told}{_p(one.p_holm)} corrected for {count} (Holm), {sure}."

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        plain = {name: getattr(self, name) for name in ("metric", "n", "n_articles", "confidence", "tested")}
        plain |= {"whole": {name: figure.plain() for name, figure in self.whole.items()}, "verdict": self.verdict()}
        worst = None if self.worst is None else {"by": self.worst.by, "value": self.worst.value}
        return plain | {"worst": worst, "slices": [one.to_dict() for one in self.slices]}


def evaluate_slices(
    gold: Any,
    answers: Answers,
    groups: Sequence[str],
    properties: Mapping[str, Sequence[str]],
    *,
    multi_label: bool,
    metric: str = "f1/micro",
    untested: Collection[str] = (),
    resampling: Resampling = STANDARD,
) -> Sliced:
    """Evaluate every part of every property.

    ``gold`` is (n, labels) of 0 and 1, ``groups`` the article of every row, ``properties`` by name its value in every
    row. Parts are compared by micro F1 unless another figure is asked for: a part seldom has examples of every label,
    and macro figures of different labels are not figures of the same thing. Properties in ``untested`` are cut by gold
    itself, from which their figures follow: they are told and not compared. Raises UsageError for an unknown figure.
    """
    import numpy as np

    labels = answers.columns.labels
    true, pred = np.asarray(gold, dtype=np.float64), np.asarray(answers.given, dtype=np.float64)
    rows = counts(true, pred, np.arange(len(true)), len(true))
    articles, n_articles = clusters(groups)
    whole = _figures(rows, articles, labels, multi_label, resampling)
    if metric not in whole:
        raise UsageError(f"{metric!r} is no figure of slices{nearest(metric, whole)}; there are {', '.join(whole)}.")
    parts = list(_parts(properties))
    own = [len(np.unique(articles[inside])) for _, _, inside in parts]
    found: dict[int, Slice] = {}
    for i in sorted(range(len(parts)), key=own.__getitem__):  # as many articles are drawn alike
        by, value, inside = parts[i]
        small = _too_small(own[i], _examples(rows[inside], labels, metric))
        asked = resampling if small is None else None
        figures = _figures(rows[inside], articles[inside], labels, multi_label, asked)
        found[i] = Slice(by, value, int(inside.sum()), own[i], figures, small)
    slices, masks = [found[i] for i in range(len(parts))], [inside for _, _, inside in parts]
    compared = _compared(slices, masks, rows, articles, (labels, multi_label, metric), set(untested), resampling)
    return Sliced(metric, whole, tuple(compared), resampling.confidence, len(rows), n_articles)


def _parts(properties: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Yield every value of every property with the rows that have it, the most frequent first."""
    import numpy as np

    for by, values in properties.items():
        told = np.asarray(values, dtype=object)
        for value, _ in sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])):
            yield by, value, told == value


def _gap(one: Slice) -> float:
    """Return how far a part lies above the rest; 0 where it was not compared."""
    return 0.0 if one.difference is None else float(one.difference.value or 0)


def _too_small(n_articles: int, examples: int) -> str | None:
    if n_articles < FEWEST_ARTICLES:
        return f"{n_articles} article{'s' * (n_articles != 1)}"
    return f"{examples} example{'s' * (examples != 1)}" if examples < FEWEST_EXAMPLES else None


def _computed(sums: Matrix, labels: Sequence[str], multi_label: bool) -> dict[str, Matrix]:
    """Return every figure of sums, (draws, counts); undefined is NaN."""
    by_label = figures_by_label(sums, len(labels))
    overall = figures_overall(sums, len(labels), multi_label)
    found = {"f1/macro": mean_defined(by_label["f1"])}
    found |= {name: overall[name] for name in ("f1/micro", "subset_accuracy" if multi_label else "accuracy")}
    order = ("f1", "precision", "recall")
    return found | {f"{name}/{one}": by_label[name][:, i] for name in order for i, one in enumerate(labels)}


def _figures(
    rows: Matrix,
    articles: NDArray[np.int64],
    labels: Sequence[str],
    multi_label: bool,
    resampling: Resampling | None,
) -> dict[str, Figure]:
    """Return the figures of some rows, with intervals over their own articles where they are asked for."""
    import numpy as np

    own, positions = np.unique(articles, return_inverse=True)
    summed = per_article(rows, positions, len(own))
    point = _computed(summed.sum(axis=0, keepdims=True), labels, multi_label)
    support = {name: _examples(rows, labels, name) for name in point}
    if resampling is None:
        values = {name: None if np.isnan(value[0]) else float(value[0]) for name, value in point.items()}
        found = {name: Figure(value, None, None, support[name]) for name, value in values.items()}
    else:
        found = resampling.figures(summed, lambda sums: _computed(sums, labels, multi_label), support)
        examples = np.array([support[f"f1/{label}"] for label in labels])
        few = [name for name in found if not enough(point, name, labels, examples, len(own))]
        found |= {name: replace(found[name], low=None, high=None) for name in few}
    over = sum(found[f"f1/{label}"].value is not None for label in labels)
    return found | {"f1/macro": replace(found["f1/macro"], over=over)}


def _compared(
    slices: Sequence[Slice],
    masks: Sequence[NDArray[np.bool_]],
    rows: Matrix,
    articles: NDArray[np.int64],
    figure: tuple[Sequence[str], bool, str],
    untested: set[str],
    resampling: Resampling,
) -> list[Slice]:
    """Hold every part that is large enough against the rest, if that is large enough too, and correct for all."""
    import numpy as np

    labels, _, metric = figure
    asked, rests = [], {}
    for i, (one, inside) in enumerate(zip(slices, masks, strict=True)):
        if one.by in untested or one.too_small is not None:
            continue
        rests[i] = len(np.unique(articles[~inside]))
        if _too_small(rests[i], _examples(rows[~inside], labels, metric)) is None:
            asked.append(i)
    drawn = _differences([masks[i] for i in asked], rows, articles, figure, resampling)
    tested: dict[int, tuple[Figure, float]] = {}
    for i, (gap, gaps) in zip(asked, drawn, strict=True):
        found = _test(gap, gaps, slices[i], rests[i], resampling.confidence)
        if found is not None:
            tested[i] = found
    corrected = dict(zip(tested, holm([p for _, p in tested.values()]), strict=True))
    return [
        replace(one, difference=tested[i][0], p=tested[i][1], p_holm=corrected[i]) if i in tested else one
        for i, one in enumerate(slices)
    ]


def _differences(
    masks: Sequence[NDArray[np.bool_]],
    rows: Matrix,
    articles: NDArray[np.int64],
    figure: tuple[Sequence[str], bool, str],
    resampling: Resampling,
) -> list[tuple[float, Matrix]]:
    """Return for every part the figure in it less that in the rest, as it is and in every draw of whole articles."""
    import numpy as np

    labels, multi_label, metric = figure
    n_articles = int(articles.max(initial=-1)) + 1
    whole = per_article(rows, articles, n_articles)
    parts = [per_article(rows[inside], articles[inside], n_articles) for inside in masks]

    def differences(drawn: Matrix) -> list[Matrix]:
        every, inner = drawn @ whole, [drawn @ part for part in parts]
        return [
            figure_of(metric, sums, labels, multi_label) - figure_of(metric, every - sums, labels, multi_label)
            for sums in inner
        ]

    point = differences(np.ones((1, n_articles)))
    draws = multiplicities(n_articles, resampling.resamples, resampling.seed) if masks else ()
    chunks = [differences(drawn.astype(np.float64)) for drawn in draws]
    return [(float(gap[0]), np.concatenate([chunk[i] for chunk in chunks])) for i, gap in enumerate(point)]


def _examples(rows: Matrix, labels: Sequence[str], metric: str) -> int:
    """Return how many examples stand behind a figure of some rows."""
    k, label = len(labels), metric.partition("/")[2]
    if not label:
        return len(rows)
    examples = (rows[:, :k] + rows[:, 2 * k : 3 * k]).sum(axis=0)
    return int(examples[list(labels).index(label)] if label in labels else examples.sum())


def _test(gap: float, drawn: Matrix, part: Slice, rest_articles: int, confidence: float) -> tuple[Figure, float] | None:
    """Return the difference with its interval and its two-sided p value; None where it cannot be had."""
    import numpy as np
    from scipy.stats import t

    drawn = drawn[~np.isnan(drawn)]
    if np.isnan(gap) or len(drawn) < 2:
        return None
    error, freedom = float(drawn.std(ddof=1)), min(part.n_articles, rest_articles) - 1
    if error == 0:
        return Figure(gap, gap, gap, part.n), 1.0 if gap == 0 else 1 / (len(drawn) + 1)
    reach = float(t.ppf((1 + confidence) / 2, freedom)) * error
    return Figure(gap, gap - reach, gap + reach, part.n), float(2 * t.sf(abs(gap) / error, freedom))


def _bounds(figure: Figure) -> str:
    return "" if figure.low is None or figure.high is None else f" [{figure.low:.2f}, {figure.high:.2f}]"


def _p(value: float | None) -> str:
    return "undefined" if value is None else "below 0.001" if value < 0.001 else f"{value:.3f}"
