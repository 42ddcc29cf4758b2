"""Corrected probabilities: a calibration learnt on out-of-fold predictions, kept as plain numbers.

Sigmoid: Platt (1999), on the log odds. Isotonic: Zadrozny and Elkan (2002). Temperature: Guo et al. (2017). In
single-label schemes sigmoid and isotonic correct each label against the rest and the rows are made to sum to 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["NO_CALIBRATION", "Calibration"]

_EDGE = 1e-6


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
    def learn(cls, method: str, probabilities: Matrix, targets: NDArray[np.int64], multi_label: bool) -> Calibration:
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
        import numpy as np

        if self.method == "none" or not len(probabilities):
            return probabilities
        if self.method == "temperature":
            return _tempered(probabilities, self.temperature, self.multi_label)
        columns = []
        for k, curve in enumerate(self.curves):
            column = probabilities[:, k]
            if self.method == "sigmoid":
                slope, intercept = curve[0]
                columns.append(_expit(slope * _log_odds(column) + intercept))
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
    def from_dict(cls, told: Mapping[str, Any], multi_label: bool) -> Calibration:
        """Return the calibration that :meth:`to_dict` told of. Raises ModelError where it is none."""
        try:
            curves = tuple(tuple((float(x), float(y)) for x, y in curve) for curve in told["curves"])
            return cls(str(told["method"]), multi_label, float(told["temperature"]), curves)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelError(f"the calibration of the saved model cannot be read: {error}.") from None


NO_CALIBRATION = Calibration("none", multi_label=True)
"""Corrects nothing."""


def _log_odds(p: Matrix) -> Matrix:
    import numpy as np

    p = np.clip(p, _EDGE, 1 - _EDGE)
    odds: Matrix = np.log(p) - np.log1p(-p)
    return odds


def _expit(x: Matrix) -> Matrix:
    from scipy.special import expit

    found: Matrix = expit(x)
    return found


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

    if multi_label:
        return _expit(_log_odds(p) / temperature)
    logs = np.log(np.clip(p, _EDGE, 1.0)) / temperature
    exponents = np.exp(logs - logs.max(axis=1, keepdims=True))
    tempered: Matrix = exponents / exponents.sum(axis=1, keepdims=True)
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
