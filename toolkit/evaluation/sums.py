"""Sums over articles, from which figures follow by matrix products: of articles drawn again, swapped, or each once.

A figure is told once, here, for one model's interval and for the difference of two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.evaluation.shares import ratio

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["average_precision", "counts", "figures_by_label", "figures_overall", "mean_defined", "per_article"]

_ROWS = 256
"""How many draws of the statements' weights are in memory at a time."""


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
        order = np.argsort(-prob[:, k], kind="stable")
        scores, positives = prob[order, k], true[order, k]
        # The last position of every run of equal probabilities: only there is a cut possible.
        ends = np.r_[np.flatnonzero(np.diff(scores)), len(scores) - 1]
        where = positions[order]
        for start in range(0, len(drawn), _ROWS):
            weights = drawn[start : start + _ROWS][:, where]
            hits, seen = np.cumsum(weights * positives, axis=1)[:, ends], np.cumsum(weights, axis=1)[:, ends]
            gained = np.diff(hits, axis=1, prepend=0.0)
            precision = np.divide(hits, seen, out=np.zeros_like(hits), where=seen > 0)
            result[start : start + _ROWS, k] = ratio((gained * precision).sum(axis=1), hits[:, -1])
    return result
