"""Whether a model answers otherwise when only one word is another: the same statements under every treatment.

Statements are blocks, in each of which every treatment (a country) stands once. That labels are given alike often is
asked by Cochran's Q (Cochran 1950), that probabilities are ranked alike by Friedman's test (Friedman 1937), each
corrected over labels by Holm (1979).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.evaluation.correction import holm
from toolkit.evaluation.figures import Figure
from toolkit.evaluation.shares import Resampling

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["Bias", "LabelBias", "measure_bias", "plain_figure"]


@dataclass(frozen=True, slots=True)
class LabelBias:
    """How one label depends on what was put in.

    ``rates`` (how often the label was given) and ``means`` (its mean probability; empty where there are none) are by
    treatment. The p-values are of no difference between treatments; None where the test is undefined: every statement
    is answered the same under all of them, so that there is nothing to tell apart.
    """

    rates: Mapping[str, Figure]
    means: Mapping[str, Figure]
    p_rates: float | None
    p_rates_holm: float | None
    p_means: float | None
    p_means_holm: float | None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        return {
            "rates": {name: plain_figure(figure) for name, figure in self.rates.items()},
            "probabilities": {name: plain_figure(figure) for name, figure in self.means.items()},
            "p_rates": self.p_rates,
            "p_rates_holm": self.p_rates_holm,
            "p_probabilities": self.p_means,
            "p_probabilities_holm": self.p_means_holm,
        }


@dataclass(frozen=True, slots=True)
class Bias:
    """By label, the rates and mean probabilities of every treatment over the same ``blocks``."""

    treatments: tuple[str, ...]
    blocks: int
    labels: Mapping[str, LabelBias]
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        return {"statements": self.blocks, "labels": {label: one.to_dict() for label, one in self.labels.items()}}


def measure_bias(
    blocks: Sequence[str],
    treatments: Sequence[str],
    given: Sequence[Collection[str]],
    probabilities: Any,
    labels: Sequence[str],
    resampling: Resampling,
) -> Bias:
    """Compare treatments within blocks. Every block must hold every treatment once, in any order.

    ``given`` are the labels of every row, ``probabilities`` is (rows, labels) or None. Intervals are over blocks.
    """
    import numpy as np

    names, places = list(dict.fromkeys(treatments)), list(dict.fromkeys(blocks))
    column = {name: k for k, name in enumerate(names)}
    line = {name: k for k, name in enumerate(places)}
    where = tuple(np.array([[line[b], column[t]] for b, t in zip(blocks, treatments, strict=True)]).T)
    rates = np.full((len(labels), len(places), len(names)), np.nan)
    means = np.full_like(rates, np.nan)
    for k, label in enumerate(labels):
        rates[k][where] = [label in one for one in given]
        if probabilities is not None:
            means[k][where] = probabilities[:, k]
    if np.isnan(rates).any():
        raise ValueError("every block must hold every treatment")
    has_means = probabilities is not None
    p_rates = [_p(_cochran, one) for one in rates]
    p_means = [_p(_friedman, one) if has_means else None for one in means]
    found = {
        label: LabelBias(
            _by_treatment(rates[k], names, resampling),
            _by_treatment(means[k], names, resampling) if has_means else {},
            p_rates[k],
            holm(p_rates)[k],
            p_means[k],
            holm(p_means)[k],
        )
        for k, label in enumerate(labels)
    }
    return Bias(tuple(names), len(places), found, resampling.confidence)


def _by_treatment(values: Matrix, names: Sequence[str], resampling: Resampling) -> dict[str, Figure]:
    """Return the mean of every treatment, (blocks, treatments), with its interval over blocks."""
    import numpy as np

    counts = np.column_stack([values, np.ones(len(values))])

    def compute(sums: Matrix) -> dict[str, Matrix]:
        return {name: sums[:, k] / sums[:, -1] for k, name in enumerate(names)}

    return resampling.figures(counts, compute, dict.fromkeys(names, len(values)))


def _p(test: Callable[[Matrix], float], values: Matrix) -> float | None:
    """Return the p-value of a test; None where no block tells treatments apart, or there are fewer than two."""
    import math

    if len(values) < 2 or bool((values == values[:, :1]).all()):
        return None
    found = test(values)
    return None if math.isnan(found) else found


def _cochran(values: Matrix) -> float:
    from statsmodels.stats.contingency_tables import cochrans_q

    return float(cochrans_q(values).pvalue)


def _friedman(values: Matrix) -> float:
    import numpy as np
    from scipy.stats import friedmanchisquare

    # Sums in another order differ in their last digits: those are no ranks.
    return float(friedmanchisquare(*np.round(values, 12).T).pvalue)


def plain_figure(figure: Figure) -> dict[str, float | int | None]:
    """Return a figure of tests as plain data; undefined is null."""
    return {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.support}
