"""Figures of a classifier on labelled statements, each with a bootstrap interval over articles.

Undefined is undefined: precision without a prediction, recall and average precision without an example, F1 with
neither. A label that has examples and is never predicted has no precision, but an F1 of 0. A macro figure averages
the labels whose figure is defined and says over how many.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from toolkit.answers import Answers, Columns, indicator
from toolkit.decisions import confidence as sureness
from toolkit.errors import DataError
from toolkit.evaluation.bootstrap import FEWEST_ARTICLES, FEWEST_EXAMPLES, clusters, interval, multiplicities
from toolkit.evaluation.figures import Evaluation, Figure
from toolkit.evaluation.selective import coverage_risk
from toolkit.evaluation.shares import STANDARD, Resampling, ratio
from toolkit.evaluation.sums import (
    average_precision,
    counts,
    figures_by_label,
    figures_overall,
    mean_defined,
    per_article,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["drawn_figure", "enough", "evaluate", "evaluate_table"]

BINS = 10


def evaluate(
    gold: Any,
    answers: Answers,
    groups: Sequence[str],
    *,
    multi_label: bool,
    resampling: Resampling = STANDARD,
    abstain_below: float | None = None,
) -> Evaluation:
    """Evaluate decisions and probabilities against gold.

    ``gold`` is (n, labels) of 0 and 1, ``groups`` the article of every row. Average precision is the step-wise sum (as
    scikit-learn has it); the Brier score of a label is the mean squared difference (Brier 1950, halved for two
    classes); the expected calibration error weighs the gap of mean probability and share of examples in ten bins of
    equal width (Naeini et al. 2015). ``aurc`` is the area under the coverage-risk curve (Geifman et al. 2019). With
    ``abstain_below``, ``coverage`` is the share of statements whose confidence reaches it and ``selective_accuracy``
    the share of right answers among those; every other figure is over all statements. There is no interval of fewer
    than five articles, nor where a label that a figure rests on has fewer than ten examples. Raises DataError where
    the arrays do not fit.
    """
    import numpy as np

    labels = answers.columns.labels
    true, pred = np.asarray(gold, dtype=np.float64), np.asarray(answers.given, dtype=np.float64)
    prob = np.asarray(answers.probabilities, dtype=np.float64)
    _check(true, pred, prob, groups, labels, multi_label)
    positions, n_clusters = clusters(groups)
    sure = sureness(prob, pred, multi_label)
    statistics = _Statistics(true, pred, prob, positions, n_clusters, sure, abstain_below)
    point = statistics.figures(np.ones((1, n_clusters)), labels, multi_label)
    chunks = [
        statistics.figures(m.astype(np.float64), labels, multi_label)
        for m in multiplicities(n_clusters, resampling.resamples, resampling.seed)
    ]
    support = true.sum(axis=0)
    figures = {}
    for name, value in point.items():
        drawn = np.concatenate([chunk[name] for chunk in chunks])
        low, high, undefined = interval(drawn, n_clusters, resampling.confidence)
        label = name.partition("/")[2]
        bounded = not np.isnan(value[0]) and enough(point, name, labels, support, n_clusters)
        figures[name] = Figure(
            value=None if np.isnan(value[0]) else float(value[0]),
            low=low if bounded else None,
            high=high if bounded else None,
            support=int(support[list(labels).index(label)]) if label in labels else _support(name, support, len(true)),
            over=len(_behind(point, name, labels)) if label == "macro" else None,
            undefined_share=undefined,
        )
    return Evaluation(
        labels=tuple(labels),
        multi_label=multi_label,
        n=len(true),
        n_articles=n_clusters,
        seed=resampling.seed,
        resamples=resampling.resamples,
        confidence=resampling.confidence,
        figures=figures,
        confusion=_confusion(true, pred, labels, multi_label),
        reliability={label: _reliability(true[:, k], prob[:, k]) for k, label in enumerate(labels)},
        curves={label: _curve(true[:, k], prob[:, k]) for k, label in enumerate(labels)},
        coverage_risk=coverage_risk((true != pred).any(axis=1).astype(np.float64), sure),
        abstain_below=abstain_below,
    )


def evaluate_table(
    rows: Sequence[Mapping[str, Any]],
    labels: Sequence[str],
    multi_label: bool,
    *,
    seed: int,
    resamples: int = 2000,
    abstain_below: float | None = None,
) -> Evaluation:
    """Recompute every figure from a table of predictions, without the model.

    Each row has ``article_id``, ``gold`` and ``labels`` (lists), and ``probabilities`` (label to probability).
    """
    return evaluate(
        indicator([row["gold"] for row in rows], labels),
        Answers.from_rows(rows, Columns("", tuple(labels))),
        [row["article_id"] for row in rows],
        multi_label=multi_label,
        resampling=Resampling(seed, resamples),
        abstain_below=abstain_below,
    )


def _check(
    true: Matrix, pred: Matrix, prob: Matrix, groups: Sequence[str], labels: Sequence[str], multi_label: bool
) -> None:
    import numpy as np

    shape = (len(groups), len(labels))
    if not len(groups):
        raise DataError("there is nothing to evaluate: no statement is held out.")
    for name, array in (("gold", true), ("predicted", pred), ("probability", prob)):
        if array.shape != shape:
            raise DataError(f"the {name} matrix has the shape {array.shape}, {shape} is expected (statements, labels).")
    for name, array in (("gold", true), ("predicted", pred)):
        if not np.isin(array, (0, 1)).all():
            raise DataError(f"the {name} matrix must hold 0 and 1 only.")
        if not multi_label and not (array.sum(axis=1) == 1).all():
            raise DataError(f"the {name} matrix of a single-label scheme must hold exactly one 1 in each row.")
    if not np.isfinite(prob).all() or (prob < 0).any() or (prob > 1).any():
        raise DataError("probabilities must be numbers from 0 to 1.")


class _Statistics:
    """Sums per article, from which every figure of every resample is a few matrix products."""

    def __init__(
        self,
        true: Matrix,
        pred: Matrix,
        prob: Matrix,
        positions: NDArray[np.int64],
        n_clusters: int,
        sure: Matrix,
        abstain_below: float | None,
    ) -> None:
        import numpy as np

        self.true, self.prob, self.positions = true, prob, positions
        self.counts = counts(true, pred, positions, n_clusters)
        right = (true == pred).all(axis=1, keepdims=True).astype(np.float64)
        self.wrong, self.sure = 1 - right[:, 0], sure
        self.answered = None
        if abstain_below is not None:
            answered = (sure >= abstain_below)[:, None].astype(np.float64)
            self.answered = per_article(np.hstack((answered, answered * right)), positions, n_clusters)
        self.brier = per_article((true - prob) ** 2, positions, n_clusters)
        bins = np.minimum((prob * BINS).astype(np.int64), BINS - 1)
        inside = bins[:, :, None] == np.arange(BINS)
        # ECE: the sum over bins of |sum of (probability - gold)| over n; per label and bin.
        self.gap = per_article(np.where(inside, (prob - true)[:, :, None], 0.0), positions, n_clusters)

    def figures(self, drawn: Matrix, labels: Sequence[str], multi_label: bool) -> dict[str, Matrix]:
        """Return every figure for every resample; ``drawn`` is (resamples, articles). Undefined is NaN."""
        import numpy as np

        sums = drawn @ self.counts
        gap = np.abs(np.einsum("rc,clb->rlb", drawn, self.gap)).sum(axis=2)
        by_label = {
            **figures_by_label(sums, len(labels)),
            "average_precision": average_precision(self.true, self.prob, self.positions, drawn),
            "brier": ratio(drawn @ self.brier, sums[:, -1:]),
            "ece": ratio(gap, sums[:, -1:]),
        }
        found = {f"{name}/{label}": values[:, k] for name, values in by_label.items() for k, label in enumerate(labels)}
        found |= {f"{name}/macro": mean_defined(values) for name, values in by_label.items()}
        found |= figures_overall(sums, len(labels), multi_label)
        found["aurc"] = self._aurc(drawn)
        if self.answered is not None:
            answered, right = (drawn @ self.answered).T
            found["coverage"], found["selective_accuracy"] = ratio(answered, sums[:, -1]), ratio(right, answered)
        return found

    def _aurc(self, drawn: Matrix) -> Matrix:
        """Area under the coverage-risk curve, with every statement counted as often as its article was drawn."""
        import numpy as np

        order = np.argsort(-self.sure, kind="stable")
        ends = np.r_[np.flatnonzero(np.diff(self.sure[order])), len(order) - 1]
        where, wrong = self.positions[order], self.wrong[order]
        areas = []
        for start in range(0, len(drawn), 256):
            weights = drawn[start : start + 256][:, where]
            errors, seen = np.cumsum(weights * wrong, axis=1)[:, ends], np.cumsum(weights, axis=1)[:, ends]
            risk = np.divide(errors, seen, out=np.zeros_like(errors), where=seen > 0)
            areas.append(ratio((np.diff(seen, axis=1, prepend=0.0) * risk).sum(axis=1), seen[:, -1]))
        return np.concatenate(areas)


def _support(name: str, support: Matrix, n: int) -> int:
    return int(support.sum()) if "/" in name else n


def enough(point: Mapping[str, Matrix], name: str, labels: Sequence[str], support: Matrix, n_articles: int) -> bool:
    """Say whether a figure of ``point`` gets an interval: of five articles, and ten examples of each label behind it.

    ``support`` holds the examples of every label, (labels,).
    """
    behind = _behind(point, name, labels)
    return n_articles >= FEWEST_ARTICLES and all(support[k] >= FEWEST_EXAMPLES for k in behind)


def _behind(point: Mapping[str, Matrix], name: str, labels: Sequence[str]) -> list[int]:
    """Return the labels that a figure rests on: its own, those that a macro figure averages, none of any other."""
    import numpy as np

    kind, _, label = name.partition("/")
    return [
        k
        for k, one in enumerate(labels)
        if one == label or (label == "macro" and not np.isnan(point[f"{kind}/{one}"][0]))
    ]


def _confusion(true: Matrix, pred: Matrix, labels: Sequence[str], multi_label: bool) -> dict[str, list[list[int]]]:
    import numpy as np

    if not multi_label:
        return {"all": (true.T @ pred).astype(np.int64).tolist()}
    stacked = {
        label: [
            [((1 - t) * (1 - p)).sum(), ((1 - t) * p).sum()],
            [(t * (1 - p)).sum(), (t * p).sum()],
        ]
        for label, t, p in zip(labels, true.T, pred.T, strict=True)
    }
    return {label: [[int(cell) for cell in row] for row in matrix] for label, matrix in stacked.items()}


def _reliability(true: Matrix, prob: Matrix) -> list[list[float]]:
    import numpy as np

    bins = np.minimum((prob * BINS).astype(np.int64), BINS - 1)
    filled = [bins == b for b in range(BINS) if (bins == b).any()]
    return [[float(prob[inside].mean()), float(true[inside].mean()), float(inside.sum())] for inside in filled]


def _curve(true: Matrix, prob: Matrix) -> list[list[float]]:
    """Return (recall, precision) at every cut; empty where there is no example."""
    import numpy as np

    if not true.any():
        return []
    order = np.argsort(-prob, kind="stable")
    scores, hits = prob[order], np.cumsum(true[order])
    ends = np.r_[np.flatnonzero(np.diff(scores)), len(scores) - 1]
    return [[float(hits[e] / hits[-1]), float(hits[e] / (e + 1))] for e in ends]


def drawn_figure(
    name: str, gold: Any, answers: Answers, groups: Sequence[str], *, multi_label: bool, resampling: Resampling
) -> tuple[float, Matrix, int]:
    """Return one figure of :func:`evaluate` (NaN: undefined), its values over the resamples, and how many articles.

    The same groups and the same resampling give the same draws, whatever the answers: so figures can be subtracted.
    """
    import numpy as np

    labels = answers.columns.labels
    true, pred = np.asarray(gold, dtype=np.float64), np.asarray(answers.given, dtype=np.float64)
    prob = np.asarray(answers.probabilities, dtype=np.float64)
    _check(true, pred, prob, groups, labels, multi_label)
    positions, n_clusters = clusters(groups)
    statistics = _Statistics(true, pred, prob, positions, n_clusters, sureness(prob, pred, multi_label), None)
    point = statistics.figures(np.ones((1, n_clusters)), labels, multi_label)[name]
    draws = [
        statistics.figures(drawn.astype(np.float64), labels, multi_label)[name]
        for drawn in multiplicities(n_clusters, resampling.resamples, resampling.seed)
    ]
    return float(point[0]), np.concatenate(draws), n_clusters
