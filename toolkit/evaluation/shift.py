"""How a figure changes with what a model learnt from: the gap to data unlike its own, and the learning curve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.answers import Answers
from toolkit.evaluation.bootstrap import interval
from toolkit.evaluation.classification import drawn_figure
from toolkit.evaluation.figures import Figure
from toolkit.evaluation.shares import STANDARD, Resampling

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CurvePoint", "Gap", "measure_gap", "measure_point"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A figure of the same statements twice: of a model that learnt from others like them, and of one that did not.

    ``difference`` is ``shifted`` less ``in_domain``: below zero where the shift costs something.
    """

    name: str
    in_domain: Figure
    shifted: Figure
    difference: Figure


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The held-out figure of a model that learnt from ``trained`` statements, on average over ``values``, one a draw.

    ``asked`` is the size that was asked for; None means the whole training part.
    """

    asked: int | None
    trained: float
    values: tuple[float, ...]
    figure: Figure


def measure_gap(
    name: str,
    gold: Any,
    in_domain: Answers,
    shifted: Answers,
    groups: Sequence[str],
    *,
    multi_label: bool,
    resampling: Resampling = STANDARD,
) -> Gap:
    """Compare two sets of answers to the same statements by one figure (``f1/macro``), with intervals over articles.

    ``gold`` is (n, labels) of 0 and 1, ``groups`` the article of every row. Both sides are taken from the same draws of
    articles, as they are about the same statements: two independent bootstraps would call the difference less sure than
    it is.
    """
    drawn = [
        drawn_figure(name, gold, answers, groups, multi_label=multi_label, resampling=resampling)
        for answers in (in_domain, shifted)
    ]
    (inside, inside_draws, n), (outside, outside_draws, _) = drawn
    confidence, support = resampling.confidence, len(groups)
    return Gap(
        name,
        _figure(inside, inside_draws, n, confidence, support),
        _figure(outside, outside_draws, n, confidence, support),
        _figure(outside - inside, outside_draws - inside_draws, n, confidence, support),
    )


def measure_point(
    name: str,
    gold: Any,
    answers: Sequence[Answers],
    groups: Sequence[str],
    *,
    multi_label: bool,
    resampling: Resampling = STANDARD,
) -> tuple[Figure, tuple[float, ...]]:
    """Return the mean figure over models that learnt from several draws of one size, and the figure of each.

    Every resample draws articles and draws models (two crossed sources of chance; Owen 2007): the interval holds what
    either does to the figure. With a single draw it holds the articles alone.
    """
    import numpy as np

    drawn = [drawn_figure(name, gold, one, groups, multi_label=multi_label, resampling=resampling) for one in answers]
    values = np.array([value for value, _, _ in drawn])
    resamples = np.stack([draws for _, draws, _ in drawn])
    chosen = np.random.default_rng(resampling.seed + 1).integers(len(drawn), size=resamples.shape)
    mean = np.take_along_axis(resamples, chosen, axis=0).mean(axis=0)
    figure = _figure(float(values.mean()), mean, drawn[0][2], resampling.confidence, len(groups))
    return figure, tuple(float(value) for value in values)


def _figure(value: float, draws: NDArray[np.float64], n_clusters: int, confidence: float, support: int) -> Figure:
    import math

    low, high, undefined = interval(draws, n_clusters, confidence)
    if math.isnan(value):
        return Figure(None, None, None, support, None, undefined)
    return Figure(value, low, high, support, None, undefined)
