"""Gaps and learning curves, as tables for a terminal and a spreadsheet, and as plots."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from toolkit.evaluation import CurvePoint, Figure, Gap
from toolkit.report.plotting import COLOURS, canvas, image, plain_legend

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["CurveRow", "GapRow", "curve_csv", "curve_plots", "curve_table", "gap_csv", "gap_table"]

GapRow = tuple[str, str, Gap]
"""Scheme, model, and what it loses."""
CurveRow = tuple[str, str, CurvePoint]
"""Scheme, model, and one point of its curve."""


def gap_csv(rows: Sequence[GapRow]) -> str:
    """Return a line for every model: the figure among data like its own, on others, and the difference."""
    sides = [f"{side}{end}" for side in ("in_domain", "shifted", "difference") for end in ("", "_low", "_high")]
    lines = [
        [scheme, model, gap.name, *_cells(gap.in_domain), *_cells(gap.shifted), *_cells(gap.difference), n]
        for scheme, model, gap in rows
        for n in (gap.difference.support,)
    ]
    return _csv(["scheme", "model", "figure", *sides, "statements"], lines)


def curve_csv(rows: Sequence[CurveRow]) -> str:
    """Return a line for every size of every model, with the figure of each draw."""
    lines = [
        [
            scheme,
            model,
            "all" if point.asked is None else point.asked,
            f"{point.trained:g}",
            *_cells(point.figure),
            point.figure.support,
            ";".join(f"{value:.6f}" for value in point.values),
        ]
        for scheme, model, point in rows
    ]
    return _csv(["scheme", "model", "size", "trained", "value", "low", "high", "statements", "draws"], lines)


def _cells(figure: Figure) -> list[str]:
    return ["" if value is None else f"{value:.6f}" for value in (figure.value, figure.low, figure.high)]


def _csv(header: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return stream.getvalue()


def gap_table(rows: Sequence[GapRow]) -> Table:
    """Return the gaps for the terminal."""
    from rich.table import Table

    table = Table("scheme", "model", "in domain", "shifted", "difference", "interval", box=None)
    for scheme, model, gap in rows:
        figures = (_shown(gap.in_domain), _shown(gap.shifted), _shown(gap.difference, "+"))
        table.add_row(scheme, model, *figures, _bounds(gap.difference, "+"))
    return table


def curve_table(rows: Sequence[CurveRow]) -> Table:
    """Return the learning curves for the terminal."""
    from rich.table import Table

    table = Table("scheme", "model", "trained on", "figure", "interval", "draws", box=None)
    for scheme, model, point in rows:
        figure = point.figure
        table.add_row(scheme, model, f"{point.trained:.0f}", _shown(figure), _bounds(figure), str(len(point.values)))
    return table


def _shown(figure: Figure, sign: str = "") -> str:
    return "undefined" if figure.value is None else f"{figure.value:{sign}.3f}"


def _bounds(figure: Figure, sign: str = "") -> str:
    told = figure.low is not None and figure.high is not None
    return f"{figure.low:{sign}.3f} to {figure.high:{sign}.3f}" if told else ""


def curve_plots(rows: Sequence[CurveRow], figure: str) -> dict[str, bytes]:
    """Return a PNG of every scheme's curves, ``learning_curve_SCHEME``: the figure by size, its interval shaded."""
    return {f"learning_curve_{scheme}": _curves(rows, scheme, figure) for scheme in dict.fromkeys(r[0] for r in rows)}


def _curves(rows: Sequence[CurveRow], scheme: str, figure: str) -> bytes:
    drawing = canvas(f"Learning curve: {scheme}")
    axes = drawing.add_subplot()
    for k, model in enumerate(dict.fromkeys(name for one, name, _ in rows if one == scheme)):
        points = [p for one, name, p in rows if (one, name) == (scheme, model) and p.figure.value is not None]
        sizes, colour = [p.trained for p in points], COLOURS[k % len(COLOURS)]
        axes.plot(sizes, [p.figure.value or 0.0 for p in points], "o-", color=colour, linewidth=1, label=model)
        bounded = [p for p in points if p.figure.low is not None and p.figure.high is not None]
        lows, highs = [p.figure.low or 0.0 for p in bounded], [p.figure.high or 0.0 for p in bounded]
        axes.fill_between([p.trained for p in bounded], lows, highs, color=colour, alpha=0.15, linewidth=0)
    axes.set(xlabel="training statements", ylabel=f"held-out {figure}", ylim=(-0.02, 1.02))
    axes.grid(alpha=0.3)
    plain_legend(axes)
    return image(drawing, "png")
