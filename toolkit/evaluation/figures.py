"""A figure with its interval and support, and an evaluation that holds them all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from toolkit.evaluation.bootstrap import FEWEST_ARTICLES, FEWEST_EXAMPLES

__all__ = ["Evaluation", "Figure", "figure_said"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of an evaluation.

    ``value`` is None where the figure is undefined (a precision without predictions); ``low`` and ``high`` bound the
    percentile interval, None where it cannot be had. ``support`` is the number of gold examples behind it, ``over`` the
    number of labels that a macro figure averages (those whose figure is defined), and ``undefined_share`` the share of
    resamples in which the figure was undefined.
    """

    value: float | None
    low: float | None
    high: float | None
    support: int
    over: int | None = None
    undefined_share: float = 0.0

    def plain(self) -> dict[str, float | int | None]:
        """Return value, bounds and support as plain data; what is undefined is None."""
        return {"value": self.value, "low": self.low, "high": self.high, "support": self.support}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Every figure of one model on one set of statements, keyed ``FIGURE/LABEL``, ``FIGURE/macro``, ``FIGURE/micro``.

    ``confusion`` holds, for a multi-label scheme, per label the counts [[true negative, false positive], [false
    negative, true positive]]; for a single-label scheme one matrix, rows gold and columns predicted, under ``all``.
    ``reliability`` holds per label the rows (mean probability, share of positives, count) of the bins that are not
    empty; ``curves`` the points (recall, precision) of the precision-recall curve; ``coverage_risk`` the points
    (coverage, risk, confidence) of what the model could withhold.
    """

    labels: tuple[str, ...]
    multi_label: bool
    n: int
    n_articles: int
    seed: int
    resamples: int
    confidence: float
    figures: Mapping[str, Figure]
    confusion: Mapping[str, list[list[int]]]
    reliability: Mapping[str, list[list[float]]]
    curves: Mapping[str, list[list[float]]]
    coverage_risk: list[list[float]]
    abstain_below: float | None = None

    @property
    def too_little(self) -> str | None:
        """Why macro averages have no interval, as a sentence: too few articles, or too few examples of some labels."""
        if self.n_articles < FEWEST_ARTICLES:
            return f"no intervals: {self.n_articles} held-out articles, at least {FEWEST_ARTICLES} are needed."
        rare = {name: self.figures[f"f1/{name}"] for name in self.labels}
        rare = {name: one for name, one in rare.items() if one.support < FEWEST_EXAMPLES and one.value is not None}
        if not rare:
            return None
        told = ", ".join(f"{name} has {one.support}" for name, one in rare.items())
        return f"no intervals of macro averages: {told} held-out examples, at least {FEWEST_EXAMPLES} are needed."

    @property
    def macro_f1(self) -> Figure:
        """The macro-averaged F1."""
        return self.figures["f1/macro"]

    def metrics(self) -> dict[str, float]:
        """Return the defined figures with their bounds and supports under names that MLflow allows."""
        found: dict[str, float] = {"statements": self.n, "articles": self.n_articles}
        for name, figure in self.figures.items():
            if figure.value is not None and math.isfinite(figure.value):
                found[name] = figure.value
                found[f"{name}/support"] = figure.support
            if figure.low is not None and figure.high is not None:
                found[f"{name}/low"], found[f"{name}/high"] = figure.low, figure.high
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Return one row per figure, undefined ones too."""
        rows = []
        for name, figure in self.figures.items():
            kind, _, label = name.partition("/")
            rows.append(
                {
                    "figure": kind,
                    "label": label,
                    "value": figure.value,
                    "low": figure.low,
                    "high": figure.high,
                    "support": figure.support,
                    "over": figure.over,
                    "undefined_share": figure.undefined_share,
                }
            )
        return rows

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        plain = {name: getattr(self, name) for name in self.__slots__ if name != "figures"}
        plain["labels"] = list(self.labels)
        plain["figures"] = {
            name: {field: getattr(figure, field) for field in Figure.__slots__} for name, figure in self.figures.items()
        }
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Evaluation:
        """Return the evaluation that :meth:`to_dict` told of."""
        figures = {name: Figure(**fields) for name, fields in plain["figures"].items()}
        return cls(**{**plain, "labels": tuple(plain["labels"]), "figures": figures})


_SAID = {"f1": "F1", "ece": "ECE", "aurc": "AURC", "brier": "Brier score"}


def figure_said(name: str) -> str:
    """Return the name of a figure as a person says it: ``macro F1`` for ``f1/macro``."""
    kind, _, over = name.partition("/")
    return f"{over} {_SAID.get(kind, kind.replace('_', ' '))}".strip()
