"""A fitted model told anew how to decide, from a few labelled statements of a new source.

What the classifier itself answers stays as it is; a calibration and thresholds are learnt on top of it. What that gains
is told by statements that had no part in it: articles are dealt to folds, and every fold is decided by what the others
taught (cross-fitting).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.decisions import Calibration, Decision
from toolkit.errors import DataError, UsageError
from toolkit.labels import LabelScheme
from toolkit.splits import deal_folds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Given = NDArray[np.int64]

__all__ = ["FEWEST_EXAMPLES", "METHODS", "Recalibrated", "recalibrate"]

METHODS = ("sigmoid", "isotonic", "temperature", "none")
FEWEST_EXAMPLES = 5
"""A label with fewer examples keeps its calibration and its threshold."""
_FEWEST_FOR_STEPS = 100
"""Statements without which an isotonic step follows chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Recalibrated:
    """What was learnt from all statements, and what decisions learnt without them make of each: (n, labels) twice."""

    decision: Decision
    probabilities: Matrix
    given: Given
    kept: tuple[str, ...]
    """Labels with too few examples, which are decided as before."""
    folds: int


def recalibrate(
    raw: Matrix,
    targets: Given,
    groups: Sequence[str],
    before: Decision,
    scheme: LabelScheme,
    *,
    method: str = "sigmoid",
    folds: int = 5,
    seed: int = 0,
) -> Recalibrated:
    """Learn how to decide by the classifier's own probabilities, ``raw``, and by gold, both (n, labels).

    ``groups`` are articles, of which none lies in two folds. ``method`` is sigmoid, isotonic, temperature or none
    (thresholds alone); single-label schemes have no thresholds. Raises DataError where there is too little to learn
    from, SplitError with fewer articles than folds, and UsageError for what cannot be asked.
    """
    import numpy as np

    if method not in METHODS:
        raise UsageError(f"{method!r} is no way to calibrate; there are {', '.join(METHODS)}.")
    if method == "none" and not scheme.multi_label:
        raise UsageError("a single-label scheme has no thresholds, so there is nothing to learn without a calibration.")
    if method == "isotonic" and len(raw) < _FEWEST_FOR_STEPS:
        told = f"isotonic steps need {_FEWEST_FOR_STEPS} statements, there are {len(raw)}"
        raise DataError(f"{told}; sigmoid and temperature learn from fewer.")
    names = list(scheme.label_names)
    few = [k for k in range(len(names)) if targets[:, k].sum() < FEWEST_EXAMPLES]
    if len(few) == len(names):
        raise DataError(f"no label has {FEWEST_EXAMPLES} examples: there is nothing to learn from.")

    def learn(rows: NDArray[np.bool_]) -> Decision:
        learnt = Decision.learn(
            raw[rows], targets[rows], multi_label=scheme.multi_label, calibration=method, threshold=None
        )
        return _kept(dataclasses.replace(learnt, abstain_below=before.abstain_below), before, few)

    classes = [[names[k] for k in np.flatnonzero(row)] or [""] for row in targets]
    dealt = deal_folds(groups, classes, folds, seed)
    probabilities, given = np.zeros_like(raw), np.zeros_like(targets)
    for fold in range(folds):
        outside = dealt == fold
        probabilities[outside], given[outside] = learn(~outside).of(raw[outside])
    every = learn(np.ones(len(raw), dtype=bool))
    return Recalibrated(every, probabilities, given, tuple(names[k] for k in few), folds)


def _kept(learnt: Decision, before: Decision, few: Sequence[int]) -> Decision:
    """Return what was learnt, with labels of few examples decided where they were before.

    Their probabilities pass as the classifier gives them, unless they were corrected in the same way before; a
    temperature is shared. The threshold moves with them: to where the same answers of the classifier reach it.
    """
    calibration, same = learnt.calibration, learnt.calibration.method == before.calibration.method
    if calibration.curves:
        plain = ((1.0, 0.0),) if calibration.method == "sigmoid" else ((0.0, 0.0), (1.0, 1.0))
        curves = list(calibration.curves)
        for k in few:
            curves[k] = before.calibration.curves[k] if same else plain
        calibration = dataclasses.replace(calibration, curves=tuple(curves))
    thresholds = learnt.thresholds
    if thresholds is not None and before.thresholds is not None:
        moved = list(thresholds)
        for k in few:
            moved[k] = _moved(before.thresholds[k], k, before.calibration, calibration, len(moved))
        thresholds = tuple(moved)
    return dataclasses.replace(learnt, calibration=calibration, thresholds=thresholds)


def _moved(threshold: float, k: int, old: Calibration, new: Calibration, labels: int) -> float:
    """Return the threshold after ``new`` that the classifier's answers reach where they reached the one after ``old``.

    Both rise with the answer, so the answer at the threshold is found by halving.
    """
    import numpy as np

    def after(one: Calibration, answer: float) -> float:
        return float(one.apply(np.full((1, labels), answer))[0, k])

    if threshold > after(old, 1.0):  # is never reached
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if after(old, middle) >= threshold else (middle, high)
    return min(1.0, after(new, high))
