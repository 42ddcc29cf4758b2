"""Learning curves of simulated labelling: what was played, how each repetition went, and what they all come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from toolkit.evaluation.correction import holm

__all__ = ["SIMULATED", "Course", "Plan", "Simulation"]

SIMULATED = ("random", "uncertain", "rare", "diverse", "disagreement")
"""The strategies that can be played through; what they are compared with comes first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is played through: sizes are numbers of statements, shares go from 0 to 1."""

    strategies: tuple[str, ...] = SIMULATED
    start: int = 100
    batch: int = 100
    most: int | None = None
    """Where labelling stops; None: when every statement that is not held out is labelled."""
    seeds: int = 10
    seed: int = 0
    test_size: float = 0.3
    share: float = 0.95
    """Of the macro F1 of a model that learnt from all, at which a strategy has arrived."""
    floor: float = 0.2
    """The share of the chance that is the same for all statements, as ``stance annotate sample`` keeps it."""


@dataclass(frozen=True, slots=True)
class Course:
    """One repetition of one strategy: the macro F1 on held-out articles after so many labels."""

    strategy: str
    seed: int
    full: float
    """The macro F1 of a model that learnt from all that is not held out."""
    curve: tuple[tuple[int, float], ...]

    def arrives(self, share: float) -> int | None:
        """Return the least number of labels at which two batches in succession reach that share of ``full``.

        One batch may do so by luck. None where there are no such two; the last batch of all is enough by itself.
        """
        there = [value >= share * self.full for _, value in self.curve]
        there.append(there[-1])
        return next((size for k, (size, _) in enumerate(self.curve) if there[k] and there[k + 1]), None)

    @property
    def mean(self) -> float:
        """The mean macro F1 along the curve, the height of the learning curve."""
        return sum(value for _, value in self.curve) / len(self.curve)


@dataclass(frozen=True, slots=True)
class Simulation:
    """All repetitions of all strategies, and what they come to."""

    plan: Plan
    statements: int
    articles: int
    courses: tuple[Course, ...]

    def of(self, strategy: str) -> list[Course]:
        """Return the repetitions of a strategy, by seed."""
        return [course for course in self.courses if course.strategy == strategy]

    def to_dict(self) -> dict[str, Any]:
        """Return, by strategy, the labels it needs and how it compares with chance, as plain data; undefined is null.

        ``labels`` is the median over repetitions with the interval of its order statistics (at least 95 %, which takes
        six repetitions); a repetition that never arrives counts as more than all others. ``macro_f1`` and
        ``above_random`` are means over repetitions of the height of the curve, with Student's interval.
        ``p_value`` is of the sign test that the strategy arrives sooner or later than chance, by Holm.
        """
        random, strategies = self.of("random"), {}
        for name in self.plan.strategies:
            courses = self.of(name)
            arrived = [course.arrives(self.plan.share) for course in courses]
            strategies[name] = {
                "labels": _median(arrived),
                "arrived": sum(one is not None for one in arrived),
                "macro_f1": _mean([course.mean for course in courses]),
                "curve": _mean_curve(courses),
            }
            if name != "random":
                pairs = list(zip(courses, random, strict=True))
                strategies[name] |= {"above_random": _mean([a.mean - b.mean for a, b in pairs])}
                strategies[name] |= _compared(arrived, [course.arrives(self.plan.share) for course in random])
        _adjust(strategies)
        told = {name: getattr(self.plan, name) for name in Plan.__slots__ if name != "strategies"}
        told |= {"statements": self.statements, "articles": self.articles, "full": _mean([c.full for c in random])}
        return {**told, "strategies": strategies}


# ----------------------------------------------------------------------------------------- over all repetitions


def _median(arrived: Sequence[int | None]) -> dict[str, float | None]:
    """Return the median with the interval of its order statistics (Conover 1999, section 3.2)."""
    from scipy.stats import binom

    ordered = sorted(float("inf") if one is None else float(one) for one in arrived)
    middle, n = median(ordered), len(ordered)
    out = int(binom.ppf(0.025, n, 0.5))  # so many on either side lie outside
    bounds = (ordered[out - 1], ordered[n - out]) if out > 0 else (None, None)
    told = zip(("median", "low", "high"), (middle, *bounds), strict=True)
    return {name: None if value is None or value == float("inf") else value for name, value in told}


def _mean(values: Sequence[float]) -> dict[str, float | None]:
    import numpy as np
    from scipy.stats import t

    value, n = float(np.mean(values)), len(values)
    if n < 2:
        return {"value": value, "low": None, "high": None}
    half = float(t.ppf(0.975, n - 1) * np.std(values, ddof=1) / np.sqrt(n))
    return {"value": value, "low": value - half, "high": value + half}


def _mean_curve(courses: Sequence[Course]) -> list[dict[str, float | None]]:
    """Return the mean macro F1 after so many labels, for the sizes that every repetition has."""
    curves = [dict(course.curve) for course in courses]
    sizes = [size for size in curves[0] if all(size in one for one in curves)]
    return [{"labels": size, **_mean([one[size] for one in curves])} for size in sizes]


def _compared(arrived: Sequence[int | None], by_chance: Sequence[int | None]) -> dict[str, Any]:
    from scipy.stats import binomtest

    never = float("inf")
    pairs = [(never if a is None else a, never if b is None else b) for a, b in zip(arrived, by_chance, strict=True)]
    sooner, later = sum(a < b for a, b in pairs), sum(a > b for a, b in pairs)
    p = float(binomtest(sooner, sooner + later).pvalue) if sooner + later else None
    return {"sooner": sooner, "later": later, "p_value": p}


def _adjust(strategies: dict[str, dict[str, Any]]) -> None:
    """Put the p-values of all strategies right for there being several (Holm 1979)."""
    tested = [one for one in strategies.values() if "p_value" in one]
    for one, p in zip(tested, holm([one["p_value"] for one in tested]), strict=True):
        one["p_value"] = p
