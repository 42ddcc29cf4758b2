"""The section of a page that tells in which part of the data a model is worse than elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.evaluation import Slice, figure_said
from toolkit.report import Chart, Group, Measured, PageTable, Part, Section, Value, forest
from toolkit.review.reviewed import Reviewed
from toolkit.review.showing import value_of
from toolkit.review.slices import slices_of

__all__ = ["slices"]

_SLICES = 12
"""Slices of a property that are shown; the others are counted."""


def slices(of: Reviewed) -> Section:
    """Where the chosen model is worse than elsewhere."""
    parts: list[Part] = [
        "Parts of the held-out statements, each with its support; the worst of them was tested against the rest."
    ]
    for scheme in of.schemes:
        model = of.chosen(scheme)
        found = slices_of(model.run)
        below: list[Part] = [found.verdict()]
        by: dict[str, list[Slice]] = {}
        for one in found.slices:
            by.setdefault(one.by, []).append(one)
        for name, some in by.items():
            below.append(Group(f"By {name}", (_drawn(scheme, name, found.metric, some),), folded=True))
        parts.append(Group(f"{scheme}: {model.name}", tuple(below)))
    return Section("Slices", tuple(parts))


def _drawn(scheme: str, by: str, metric: str, slices: Sequence[Slice]) -> Chart:
    shown = slices[:_SLICES]
    rows = [_measured(one, metric) for one in shown]
    small = sum(one.too_small is not None for one in shown)
    notes = [f"{small} marked * are too small to conclude anything from."] if small else []
    notes += [f"And {len(slices) - len(shown)} more."] if len(slices) > len(shown) else []
    chart = forest(f"{scheme}: {figure_said(metric)} by {by}", rows, unit=figure_said(metric))
    table = tuple(
        (one.value, one.n, one.n_articles, value_of(one.figures[metric]), _difference(one), one.too_small or "")
        for one in shown
    )
    heads = (by, "statements", "articles", figure_said(metric), "less the rest", "too small")
    return Chart(chart.svg, PageTable(chart.table.caption, heads, table, " ".join(notes)))


def _measured(one: Slice, metric: str) -> Measured:
    figure = one.figures[metric]
    return Measured(f"{one.value}{'*' if one.too_small else ''}", figure.value, figure.low, figure.high, one.n)


def _difference(one: Slice) -> Value | str:
    return "" if one.difference is None else Value(one.difference.value, one.difference.low, one.difference.high)
