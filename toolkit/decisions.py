"""From a classifier's probabilities to decisions: calibration, thresholds, confidence, abstention.

Whatever is learnt here is learnt on out-of-fold probabilities of the training part and kept as plain numbers.
Sigmoid: Platt (1999), on the log odds. Isotonic: Zadrozny and Elkan (2002). Temperature: Guo et al. (2017). In
single-label schemes sigmoid and isotonic correct each label against the rest and the rows are made to sum to 1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]
    Given = NDArray[np.int64]

__all__ = ["NO_CALIBRATION", "Calibration", "Decision", "best_thresholds", "confidence", "decide", "numbers"]

_EDGE = 1e-6
_OVER = 1e-6
"""How far a threshold may lie above 1: the rules' own lie right above a share."""


@dataclass(frozen=True, slots=True)
class Decision:
    """How a model decides: a calibration, and the threshold of every label (None: the most probable label wins)."""

    calibration: Calibration
    thresholds: tuple[float, ...] | None
    abstain_below: float | None = None
    """Below this confidence an answer is withheld; None: every answer counts."""

    @classmethod
    def learn(
        cls, probabilities: Matrix, targets: Given, *, multi_label: bool, calibration: str, threshold: float | None
    ) -> Decision:
        """Learn from out-of-fold probabilities and targets, both (n, labels).

        ``threshold`` is where every label is given; None takes the one with the best F1 for each.
        """
        learnt = Calibration.learn(calibration, probabilities, targets, multi_label)
        if not multi_label:
            return cls(learnt, None)
        if threshold is not None:
            return cls(learnt, (threshold,) * targets.shape[1])
        return cls(learnt, tuple(float(t) for t in best_thresholds(learnt.apply(probabilities), targets)))

    @classmethod
    def from_dict(
        cls, told: Mapping[str, Any], labels: int, multi_label: bool, abstain_below: float | None
    ) -> Decision:
        """Return how a saved model decides. Raises ValueError, KeyError or TypeError where it cannot be so."""
        thresholds = told["thresholds"]
        if (thresholds is not None) != multi_label:
            raise ValueError("thresholds belong to multi-label schemes, and to each of them")
        if thresholds is not None:
            numbers("thresholds", thresholds, labels, most=1 + _OVER)
            thresholds = tuple(map(float, thresholds))
        return cls(Calibration.from_dict(told["calibration"], multi_label, labels), thresholds, abstain_below)

    def of(self, probabilities: Matrix) -> tuple[Matrix, Given]:
        """Return corrected probabilities and the decisions by them, both (n, labels)."""
        corrected = self.calibration.apply(probabilities)
        return corrected, decide(corrected, self.thresholds)

    def withheld(self, probabilities: Matrix, given: Given, multi_label: bool) -> NDArray[np.bool_] | None:
        """Say of every row, (n,), whether its confidence lies below the bound; None where no answer is withheld."""
        if self.abstain_below is None:
            return None
        below: NDArray[np.bool_] = confidence(probabilities, given, multi_label) < self.abstain_below
        return below


def decide(probabilities: Matrix, thresholds: Sequence[float] | Matrix | None) -> Given:
    """Turn probabilities, (n, labels), into decisions of 0 and 1.

    With thresholds, every label whose probability reaches its own; without, the most probable label.
    """
    import numpy as np

    if thresholds is not None:
        return (probabilities >= np.asarray(thresholds)).astype(np.int64)
    given = np.zeros(probabilities.shape, dtype=np.int64)
    given[np.arange(len(probabilities)), probabilities.argmax(axis=1)] = 1
    return given


def best_thresholds(probabilities: Matrix, targets: Given) -> Matrix:
    """Return for every label the threshold with the best F1: (n, labels) twice in, (labels,) out.

    A threshold lies half-way between the last probability that passes and the next one below. A label whose best F1
    is 0 (no examples) gets 1.0 and is never given.
    """
    import numpy as np

    thresholds = np.ones(probabilities.shape[1])
    for k in range(probabilities.shape[1]):
        order = np.argsort(-probabilities[:, k], kind="stable")
        scores, hits = probabilities[order, k], np.cumsum(targets[order, k])
        f1 = 2 * hits / (np.arange(1, len(order) + 1) + hits[-1])
        # A cut inside a run of equal probabilities cannot be made.
        f1[:-1][scores[:-1] == scores[1:]] = -1.0
        last = int(np.argmax(f1))
        if f1[last] > 0:
            below = scores[last + 1] if last + 1 < len(scores) else 0.0
            thresholds[k] = (scores[last] + below) / 2
    return thresholds


def confidence(probabilities: Matrix, given: Matrix | Given, multi_label: bool) -> Matrix:
    """Return the confidence of every row, (n,): the probability of the least certain of its decisions.

    Multi-label: the least of p for labels that are given and 1 - p for labels that are not. Single-label: the
    probability of the label that is given.
    """
    import numpy as np

    if multi_label:
        sure: Matrix = np.where(given > 0, probabilities, 1 - probabilities).min(axis=1)
    else:
        sure = (probabilities * given).sum(axis=1)
    return sure


# -------------------------------------------------------------------------------------------------- calibration


@dataclass(frozen=True, slots=True)
class Calibration:
    """A monotone correction of probabilities.

    ``curves`` holds numbers per label: (slope, intercept) of a sigmoid, or the corners (x, y) of an isotonic step;
    ``temperature`` divides the log odds (multi-label) or the log probabilities (single-label).
    """

    method: str
    multi_label: bool
    temperature: float = 1.0
    curves: tuple[tuple[tuple[float, float], ...], ...] = ()

    @classmethod
    def learn(cls, method: str, probabilities: Matrix, targets: Given, multi_label: bool) -> Calibration:
        """Learn from out-of-fold probabilities and targets, both (n, labels). ``none`` corrects nothing."""
        if method == "none":
            return cls(method, multi_label)
        if method == "temperature":
            return cls(method, multi_label, temperature=_temperature(probabilities, targets, multi_label))
        learn = _sigmoid if method == "sigmoid" else _isotonic
        labels = range(targets.shape[1])
        return cls(method, multi_label, curves=tuple(learn(probabilities[:, k], targets[:, k]) for k in labels))

    def apply(self, probabilities: Matrix) -> Matrix:
        """Return corrected probabilities, (n, labels) in and out."""
        if self.method == "none" or not len(probabilities):
            return probabilities
        import numpy as np
        from scipy.special import expit

        if self.method == "temperature":
            return _tempered(probabilities, self.temperature, self.multi_label)
        columns = []
        for k, curve in enumerate(self.curves):
            column = probabilities[:, k]
            if self.method == "sigmoid":
                slope, intercept = curve[0]
                columns.append(expit(slope * _log_odds(column) + intercept))
            else:
                columns.append(np.interp(column, [x for x, _ in curve], [y for _, y in curve]))
        corrected = np.stack(columns, axis=1)
        if not self.multi_label:
            sums = corrected.sum(axis=1, keepdims=True)
            corrected = np.divide(corrected, sums, out=probabilities.copy(), where=sums > 0)
        return corrected

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"method": self.method, "temperature": self.temperature, "curves": [list(c) for c in self.curves]}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any], multi_label: bool, labels: int) -> Calibration:
        """Return the calibration that :meth:`to_dict` told of.

        Raises ValueError, KeyError or TypeError where it cannot be one.
        """
        method, temperature = told["method"], told["temperature"]
        if method not in ("none", "sigmoid", "isotonic", "temperature"):
            raise ValueError(f"calibration.method is {method!r}; none, sigmoid, isotonic and temperature are known")
        numbers("calibration.temperature", [temperature], 1, least=0.01, most=100)
        if (method != "temperature" and temperature != 1) or set(told) != {"method", "temperature", "curves"}:
            raise ValueError(f"calibration {method} has a temperature of 1, and curves alone")
        curves = tuple(tuple((float(x), float(y)) for x, y in curve) for curve in told["curves"])
        if len(curves) != (labels if method in ("sigmoid", "isotonic") else 0):
            raise ValueError(f"calibration.curves are {len(curves)}, for {labels} labels and the method {method}")
        for curve in curves:
            (_is_sigmoid if method == "sigmoid" else _is_isotonic)(curve)
        return cls(method, multi_label, float(temperature), curves)


def numbers(name: str, told: Any, how_many: int, *, least: float = 0, most: float = 1) -> list[float]:
    """Return numbers that a saved model tells. Raises ValueError where they are not so many, or outside the bounds."""
    if not isinstance(told, list) or len(told) != how_many:
        raise ValueError(f"{name} must be a list of {how_many} numbers")
    for value in told:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"{name}: {value!r} is no number between {least:g} and {most:g}")
    return [float(value) for value in told]


def _is_sigmoid(curve: Sequence[tuple[float, float]]) -> None:
    if len(curve) != 1 or not 0 < curve[0][0] < math.inf or not math.isfinite(curve[0][1]):
        raise ValueError("a sigmoid of calibration.curves is one slope above 0 and one intercept")


def _is_isotonic(curve: Sequence[tuple[float, float]]) -> None:
    flat = [value for corner in curve for value in corner]
    rises = all(list(values) == sorted(values) for values in zip(*curve, strict=True))
    if not curve or not rises or not all(-_OVER <= value <= 1 + _OVER for value in flat):
        raise ValueError("an isotonic step of calibration.curves is corners between 0 and 1 that never fall")


NO_CALIBRATION = Calibration("none", multi_label=True)
"""Corrects nothing."""


def _log_odds(p: Matrix) -> Matrix:
    import numpy as np
    from scipy.special import logit

    odds: Matrix = logit(np.clip(p, _EDGE, 1 - _EDGE))
    return odds


def _sigmoid(p: Matrix, y: NDArray[np.int64]) -> tuple[tuple[float, float], ...]:
    from sklearn.linear_model import LogisticRegression

    if y.min() == y.max():
        return ((1.0, 0.0),)
    fitted = LogisticRegression(C=1e6, max_iter=1000).fit(_log_odds(p)[:, None], y)
    # A calibration may not turn the order of the model's answers round.
    return ((max(float(fitted.coef_[0, 0]), 1e-3), float(fitted.intercept_[0])),)


def _isotonic(p: Matrix, y: NDArray[np.int64]) -> tuple[tuple[float, float], ...]:
    from sklearn.isotonic import IsotonicRegression

    fitted = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(p, y)
    return tuple(zip(map(float, fitted.X_thresholds_), map(float, fitted.y_thresholds_), strict=True))


def _tempered(p: Matrix, temperature: float, multi_label: bool) -> Matrix:
    import numpy as np
    from scipy.special import expit, softmax

    tempered: Matrix
    if multi_label:
        tempered = expit(_log_odds(p) / temperature)
    else:
        tempered = softmax(np.log(np.clip(p, _EDGE, 1.0)) / temperature, axis=1)
    return tempered


def _temperature(p: Matrix, y: NDArray[np.int64], multi_label: bool) -> float:
    """Return the temperature with the least negative log likelihood, between 0.05 and 20."""
    import numpy as np
    from scipy.optimize import minimize_scalar

    def loss(log_temperature: float) -> float:
        q = np.clip(_tempered(p, float(np.exp(log_temperature)), multi_label), _EDGE, 1 - _EDGE)
        likelihood = y * np.log(q) + ((1 - y) * np.log1p(-q) if multi_label else 0.0)
        return -float(likelihood.sum())

    return float(np.exp(minimize_scalar(loss, bounds=(-3.0, 3.0), method="bounded").x))
