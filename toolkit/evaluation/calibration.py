"""Whether probabilities mean what they say: reliability, calibration error, the Brier score in its parts, thresholds.

Bins are of equal mass: each holds about as many statements as every other, equal probabilities lie in one. They stay as
they are while articles are drawn again. The Brier score is divided as Murphy (1973) does, with what lies inside the
bins (Stephenson, Coelho and Jolliffe 2008), so that the parts add up to it exactly:

    brier = reliability - resolution + uncertainty + within

A small calibration error is no proof, since it cannot be 0 on few statements: ``chance`` is what a perfectly calibrated
model with the same probabilities would show on average (consistency resampling, Broecker and Smith 2007; statements are
drawn singly, so where those of an article are alike it is rather too small).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.answers import Answers
from toolkit.decisions import best_thresholds
from toolkit.errors import DataError
from toolkit.evaluation.bootstrap import clusters, interval, multiplicities
from toolkit.evaluation.figures import Figure
from toolkit.evaluation.shares import STANDARD, Resampling, ratio
from toolkit.evaluation.sums import per_article

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

__all__ = ["Bin", "LabelCalibration", "ThresholdStability", "evaluate_calibration", "threshold_stability"]

BINS = 10
FEWEST = 10
"""Statements of a bin, where there are enough for two."""
_CELLS = 250_000
"""How many weights of statements are in memory at a time."""
_CHANCE = 500
"""How often gold labels are drawn from the probabilities."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The statements whose probability lies from ``low`` to ``high``: their mean, and the share that has the label."""

    low: float
    high: float
    mean: float
    share: Figure


@dataclass(frozen=True, slots=True)
class LabelCalibration:
    """How well the probabilities of one label are calibrated.

    ``figures`` are ``ece`` (the mean gap of probability and share over the bins), ``brier``, ``reliability``,
    ``resolution``, ``uncertainty`` and ``within``, whose intervals are percentiles; those of ``ece`` and
    ``reliability`` lie high, since drawing again adds to the gaps.
    """

    label: str
    bins: tuple[Bin, ...]
    figures: Mapping[str, Figure]
    chance: float
    """The mean calibration error of a perfectly calibrated model with the same probabilities."""
    p: float
    """How often such a model would show an error as large as this one's."""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        bins = [{"low": b.low, "high": b.high, "mean": b.mean, "share": b.share.plain()} for b in self.bins]
        figures = {name: figure.plain() for name, figure in self.figures.items()}
        return {"label": self.label, "bins": bins, "figures": figures, "chance": self.chance, "p": self.p}


@dataclass(frozen=True, slots=True)
class ThresholdStability:
    """Where the best F1 of a label would be cut on these statements, and how far that moves with the articles.

    ``used`` is where the model cuts; None where the label is not decided by a threshold.
    """

    label: str
    used: float | None
    best: Figure

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return {"label": self.label, "used": self.used, "best": self.best.plain()}


def evaluate_calibration(
    gold: Any, answers: Answers, groups: Sequence[str], *, bins: int = BINS, resampling: Resampling = STANDARD
) -> tuple[LabelCalibration, ...]:
    """Return the calibration of every label.

    ``gold`` is (n, labels) of 0 and 1, ``groups`` the article of every row. There are at most ``bins`` bins, fewer on
    fewer than ten statements a bin or where probabilities are alike. Raises DataError where there is nothing.
    """
    import numpy as np

    true = np.asarray(gold, dtype=np.float64)
    prob = np.asarray(answers.probabilities, dtype=np.float64)
    if not len(true) or true.shape != prob.shape:
        raise DataError(
            f"gold has the shape {true.shape}, the probabilities {prob.shape}; both are (statements, labels)."
        )
    return tuple(
        _label(label, true[:, k], prob[:, k], groups, bins, resampling)
        for k, label in enumerate(answers.columns.labels)
    )


def equal_mass(prob: Matrix, bins: int = BINS) -> NDArray[np.int64]:
    """Return the bin of every probability, (n,), counted from 0: about as many in each, equal ones in one.

    Equal probabilities go where the middle of their ranks lies, so that the few above the many that rules give no label
    are a bin of their own.
    """
    import numpy as np

    n = len(prob)
    many = max(1, min(bins, n // FEWEST))
    _, positions, sizes = np.unique(prob, return_inverse=True, return_counts=True)
    middle = np.cumsum(sizes) - (sizes + 1) / 2
    return np.unique((middle * many / n).astype(np.int64)[positions], return_inverse=True)[1].astype(np.int64)


def _label(
    label: str, true: Matrix, prob: Matrix, groups: Sequence[str], bins: int, resampling: Resampling
) -> LabelCalibration:
    import numpy as np

    where = equal_mass(prob, bins)
    n_bins = int(where.max()) + 1
    inside = (where[:, None] == np.arange(n_bins)).astype(np.float64)
    parts = (np.ones_like(prob), prob, true, prob**2, prob * true)
    rows = np.hstack([*(inside * part[:, None] for part in parts), ((prob - true) ** 2)[:, None]])
    positions, n_clusters = clusters(groups)
    counts = per_article(rows, positions, n_clusters)
    examples, size = int(true.sum()), inside.sum(axis=0)
    names = ("ece", "brier", "reliability", "resolution", "uncertainty", "within")
    support = dict.fromkeys(names, examples) | {f"bin {b}": int(size[b]) for b in range(n_bins)}
    found = resampling.figures(counts, lambda sums: _figures(sums, n_bins), support)
    told = tuple(
        Bin(
            float(prob[where == b].min()),
            float(prob[where == b].max()),
            float(prob[where == b].mean()),
            found[f"bin {b}"],
        )
        for b in range(n_bins)
    )
    chance = _by_chance(prob, inside, resampling.seed)
    error = found["ece"].value or 0.0
    p = float((1 + (chance >= error - 1e-12).sum()) / (1 + len(chance)))
    return LabelCalibration(label, told, {name: found[name] for name in names}, float(chance.mean()), p)


def _figures(sums: Matrix, n_bins: int) -> dict[str, Matrix]:
    """Return the figures of sums, (draws, counts).

    The counts are per bin: statements, probability p, gold y, p squared, p times y; then the squared error of all.
    """
    import numpy as np

    size, prob, true, squared, product = (sums[:, b * n_bins : (b + 1) * n_bins] for b in range(5))
    n = size.sum(axis=1)
    mean, share = ratio(prob, size), ratio(true, size)
    rate = ratio(true.sum(axis=1), n)
    gap, spread = (np.nan_to_num(part) for part in (mean - share, share - rate[:, None]))
    variance, covariance = squared - prob * np.nan_to_num(mean), product - prob * np.nan_to_num(share)
    found = {
        "ece": ratio((size * np.abs(gap)).sum(axis=1), n),
        "brier": ratio(sums[:, -1], n),
        "reliability": ratio((size * gap**2).sum(axis=1), n),
        "resolution": ratio((size * spread**2).sum(axis=1), n),
        "uncertainty": rate * (1 - rate),
        "within": ratio((variance - 2 * covariance).sum(axis=1), n),
    }
    return found | {f"bin {b}": share[:, b] for b in range(n_bins)}


def _by_chance(prob: Matrix, inside: Matrix, seed: int) -> Matrix:
    """Return the calibration errors of gold labels that are drawn from the probabilities themselves."""
    import numpy as np

    rng = np.random.default_rng(seed)
    drawn = np.stack([(rng.random(len(prob)) < prob) - prob for _ in range(_CHANCE)])
    errors: Matrix = np.abs(drawn @ inside).sum(axis=1) / len(prob)
    return errors


def threshold_stability(
    gold: Any,
    answers: Answers,
    groups: Sequence[str],
    used: Sequence[float] | None,
    resampling: Resampling = STANDARD,
) -> tuple[ThresholdStability, ...]:
    """Return for every label of a multi-label scheme the threshold of best F1, with its interval over articles.

    A label without an example has none. The thresholds are told to judge those in use, never to take their place: what
    is chosen on the statements that a model is judged by flatters it.
    """
    import numpy as np

    labels = answers.columns.labels
    true, prob = np.asarray(gold, dtype=np.int64), np.asarray(answers.probabilities, dtype=np.float64)
    positions, n_clusters = clusters(groups)
    draws = list(multiplicities(n_clusters, resampling.resamples, resampling.seed))
    point, support = best_thresholds(prob, true), true.sum(axis=0)
    found = []
    for k, label in enumerate(labels):
        values = np.concatenate([_thresholds_drawn(true[:, k], prob[:, k], positions, drawn) for drawn in draws])
        low, high, undefined = interval(values, n_clusters, resampling.confidence)
        value = float(point[k]) if support[k] else None
        best = Figure(
            value, low if support[k] else None, high if support[k] else None, int(support[k]), None, undefined
        )
        found.append(ThresholdStability(label, None if used is None else float(used[k]), best))
    return tuple(found)


def _thresholds_drawn(
    true: NDArray[np.int64], prob: Matrix, positions: NDArray[np.int64], drawn: NDArray[np.int64]
) -> Matrix:
    """Return what :func:`best_thresholds` finds for one label in every draw of articles, (draws,); NaN is none.

    Statements are ranked once. One that was not drawn counts nothing, and no threshold lies against it.
    """
    import numpy as np

    order = np.argsort(-prob, kind="stable")
    scores, hit, where = prob[order], true[order], positions[order]
    begins = np.flatnonzero(np.diff(scores, prepend=np.inf))
    found, chunk = np.full(len(drawn), np.nan), max(1, _CELLS // len(prob))
    levels = np.append(scores[begins], 0.0)
    for start in range(0, len(drawn), chunk):
        weights = drawn[start : start + chunk][:, where]
        held = np.add.reduceat(weights, begins, axis=1)
        hits = np.cumsum(np.add.reduceat(weights * hit, begins, axis=1), axis=1)
        f1 = 2 * hits / np.maximum(np.cumsum(held, axis=1) + hits[:, -1:], 1)
        last = f1.argmax(axis=1)
        later = (np.arange(len(begins)) > last[:, None]) & (held > 0)
        below = np.where(later.any(axis=1), later.argmax(axis=1), len(begins))
        cut = (levels[last] + levels[below]) / 2
        found[start : start + chunk] = np.where((hits[:, -1] > 0) & (cut < 1), cut, np.nan)
    return found
