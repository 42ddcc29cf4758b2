"""What a model would gain by withholding what it is not sure of (El-Yaniv and Wiener 2010)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["coverage_risk"]

_POINTS = 200


def coverage_risk(wrong: Matrix, sure: Matrix) -> list[list[float]]:
    """Return (coverage, risk, confidence) for at most 200 cuts, the surest statements first.

    ``wrong`` is (n,) of 0 and 1: whether the row's answer differs from gold in any label. Risk is the share of wrong
    answers among those that are not withheld.
    """
    import numpy as np

    order = np.argsort(-sure, kind="stable")
    scores, errors = sure[order], np.cumsum(wrong[order])
    ends = np.r_[np.flatnonzero(np.diff(scores)), len(scores) - 1]
    if len(ends) > _POINTS:
        ends = ends[np.unique(np.linspace(0, len(ends) - 1, _POINTS).round().astype(int))]
    return [[float((e + 1) / len(scores)), float(errors[e] / (e + 1)), float(scores[e])] for e in ends]
