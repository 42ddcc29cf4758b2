"""Sums over articles, from which figures follow by matrix products: of articles drawn again, swapped, or each once.

A figure is told once, here, for one model's interval and for the difference of two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from toolkit.evaluation.shares import ratio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = [
    "average_precision",
    "average_precision_of_halves",
    "counts",
    "figure_of",
    "figures_by_label",
    "figures_overall",
    "mean_defined",
    "per_article",
]

_CELLS = 250_000
"""How many weights of statements are in memory at a time: as many as a processor has near."""


def per_article(values: Matrix, positions: NDArray[np.int64], n_articles: int) -> Matrix:
    """Return the sums of rows, (n, ...), over each article: (articles, ...)."""
    import numpy as np

    summed = np.zeros((n_articles, *values.shape[1:]))
    np.add.at(summed, positions, values)
    return summed


def counts(true: Matrix, pred: Matrix, positions: NDArray[np.int64], n_articles: int) -> Matrix:
    """Return per article the true positives, false positives and false negatives of every label, right rows and rows.

    ``true`` and ``pred`` are (n, labels) of 0 and 1; the result is (articles, 3 * labels + 2).
    """
    import numpy as np

    right = (true == pred).all(axis=1, keepdims=True).astype(np.float64)
    parts = (true * pred, (1 - true) * pred, true * (1 - pred), right, np.ones((len(true), 1)))
    return per_article(np.hstack(parts), positions, n_articles)


def figures_by_label(sums: Matrix, labels: int) -> dict[str, Matrix]:
    """Return precision, recall and F1 of every label, each (draws, labels), of sums of :func:`counts`."""
    tp, fp, fn = (sums[:, k * labels : (k + 1) * labels] for k in range(3))
    return {
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, tp + fn),
        "f1": ratio(2 * tp, 2 * tp + fp + fn),
    }


def figures_overall(sums: Matrix, labels: int, multi_label: bool) -> dict[str, Matrix]:
    """Return the micro-averaged figures and the (subset) accuracy, each (draws,), of sums of :func:`counts`."""
    tp, fp, fn = (sums[:, k * labels : (k + 1) * labels].sum(axis=1) for k in range(3))
    return {
        "precision/micro": ratio(tp, tp + fp),
        "recall/micro": ratio(tp, tp + fn),
        "f1/micro": ratio(2 * tp, 2 * tp + fp + fn),
        "subset_accuracy" if multi_label else "accuracy": ratio(sums[:, -2], sums[:, -1]),
    }


def figure_of(name: str, sums: Matrix, labels: Sequence[str], multi_label: bool) -> Matrix:
    """Return one figure by its name, (draws,), of sums of :func:`counts`."""
    kind, _, over = name.partition("/")
    if over in ("micro", ""):
        return figures_overall(sums, len(labels), multi_label)[name]
    values = figures_by_label(sums, len(labels))[kind]
    return mean_defined(values) if over == "macro" else values[:, list(labels).index(over)]


def mean_defined(values: Matrix) -> Matrix:
    """Mean over labels, (draws, labels) to (draws,), undefined ones left out; NaN where all are."""
    import numpy as np

    defined = ~np.isnan(values)
    return ratio(np.where(defined, values, 0.0).sum(axis=1), defined.sum(axis=1).astype(np.float64))


def average_precision(true: Matrix, prob: Matrix, positions: NDArray[np.int64], drawn: Matrix) -> Matrix:
    """Return the average precision of every label, (draws, labels), each row counted as often as its article was drawn.

    ``drawn`` is (draws, articles). The sum is step-wise, as scikit-learn has it.
    """
    import numpy as np

    result = np.full((len(drawn), true.shape[1]), np.nan)
    for k in range(true.shape[1]):
        for rows, gained, seen in _ranked(true[:, k], prob[:, k], positions, drawn):
            result[rows, k] = _stepwise(gained, seen)
    return result


def average_precision_of_halves(
    true: Matrix, prob: Matrix, positions: NDArray[np.int64], drawn: Matrix
) -> tuple[Matrix, Matrix]:
    """Return :func:`average_precision` of the articles that are drawn (0 or 1, each once), and of all the others."""
    import numpy as np

    first = np.full((len(drawn), true.shape[1]), np.nan)
    second = first.copy()
    for k in range(true.shape[1]):
        ranking = true[:, k], prob[:, k], positions
        ((_, every, last),) = _ranked(*ranking, np.ones((1, drawn.shape[1])))
        for rows, gained, seen in _ranked(*ranking, drawn):
            first[rows, k] = _stepwise(gained, seen)
            second[rows, k] = _stepwise(every - gained, last - seen)
    return first, second


def _ranked(
    true: Matrix, prob: Matrix, positions: NDArray[np.int64], drawn: Matrix
) -> Iterator[tuple[slice, Matrix, Matrix]]:
    """Yield, for some draws after the others, how many examples each cut of a ranking gains and how many rows it holds.

    Cuts are made where examples are gained, from the highest probability on: nothing else moves the precision that is
    summed.
    """
    import numpy as np

    order = np.argsort(-prob, kind="stable")
    scores, examples = prob[order], np.flatnonzero(true[order])
    # The last position of every run of equal probabilities: only there is a cut possible.
    ends = np.r_[np.flatnonzero(np.diff(scores)), len(scores) - 1]
    cut = np.searchsorted(ends, examples)
    begins = np.flatnonzero(np.diff(cut, prepend=-1))
    where, ends = positions[order], ends[cut[begins]]
    chunk = max(1, _CELLS // len(where))
    for start in range(0, len(drawn), chunk):
        weights = drawn[start : start + chunk][:, where]
        gained = weights[:, examples]
        if len(begins) < len(examples):
            gained = np.add.reduceat(gained, begins, axis=1)
        yield slice(start, start + chunk), gained, np.cumsum(weights, axis=1)[:, ends]


def _stepwise(gained: Matrix, seen: Matrix) -> Matrix:
    import numpy as np

    hits = np.cumsum(gained, axis=1)
    precision = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
    return ratio((gained * precision).sum(axis=1), gained.sum(axis=1))
