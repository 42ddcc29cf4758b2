"""Charts of rows and cells as inline SVG, each with its table: what a drawing shows can be read without it.

No series is told by its colour alone: marks have shapes, lines have dashes, rows and cells have their names and numbers
written. The same numbers give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from toolkit.report.drawing import WIDTH, Axis, add, canvas, colour, drawn, in_short, mark, path, ticks, write
from toolkit.report.parts import Cell, Chart, Table, Value

__all__ = ["Measured", "bars", "domain", "forest", "heat"]

_ROW = 30
_NAMES = 22
"""Letters of a row's name that fit beside a chart."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure by its name, with the ends of its interval, and what it rests on (statements, say)."""

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    support: int | None = None


# ---------------------------------------------------------------------------------------- figures with intervals


def forest(
    title: str,
    rows: Sequence[Measured],
    *,
    unit: str,
    head: str = "name",
    reference: float | None = None,
    note: str = "",
) -> Chart:
    """Draw figures with their intervals below each other; ``head`` says what the rows are (models).

    ``reference`` is a line to compare with: no difference.
    """
    return _rowwise(title, rows, (head, unit, note), reference, _whisker, from_zero=False)


def bars(title: str, rows: Sequence[Measured], *, unit: str, head: str = "name", note: str = "") -> Chart:
    """Draw figures as bars from nought, with their intervals."""
    return _rowwise(title, rows, (head, unit, note), None, _bar, from_zero=True)


_DrawRow = Callable[[Element, Axis, float, Measured], None]


def _rowwise(
    title: str,
    rows: Sequence[Measured],
    said: tuple[str, str, str],
    reference: float | None,
    draw: _DrawRow,
    from_zero: bool,
) -> Chart:
    unit = said[1]
    left = min(max([len(row.name) for row in rows] + [6]), _NAMES) * 6.4 + 18
    top, height = 8, 8 + _ROW * max(len(rows), 1)
    low, high = domain([*rows, *([Measured("", reference)] if reference is not None else [])], from_zero)
    axis = Axis(low, high, left, WIDTH - 14)
    root = canvas(title, _said(rows, unit), height + 40)
    _across(root, axis, top, height, unit)
    if reference is not None:
        x = axis(reference)
        add(root, "line", {"x1": x, "x2": x, "y1": top, "y2": height, "class": "reference"})
    for k, row in enumerate(rows):
        y = top + _ROW * (k + 0.5)
        write(root, left - 10, y + 4, in_short(row.name, _NAMES), "end")
        if row.value is None:
            write(root, left + 6, y + 4, "undefined", "quiet")
        else:
            draw(root, axis, y, row)
    return Chart(drawn(root), _figures(title, rows, *said))


def _whisker(root: Element, axis: Axis, y: float, row: Measured) -> None:
    if row.low is not None and row.high is not None:
        a, b = axis(row.low), axis(row.high)
        add(root, "path", {"d": f"{path([(a, y), (b, y)])}{_caps(a, b, y)}", "class": f"line {colour(0)}"})
    mark(root, 1, axis(row.value or 0), y, _one(row))


def _bar(root: Element, axis: Axis, y: float, row: Measured) -> None:
    start, end = sorted((axis(0), axis(row.value or 0)))
    bar: dict[str, str | float] = {
        "x": start,
        "y": y - 8,
        "width": end - start,
        "height": 16,
        "class": colour(0),
        "fill-opacity": "0.35",
    }
    add(add(root, "rect", bar), "title", {}, _one(row))
    if row.low is not None and row.high is not None:
        a, b = axis(row.low), axis(row.high)
        add(root, "path", {"d": f"{path([(a, y), (b, y)])}{_caps(a, b, y)}", "class": f"line {colour(6)}"})


def _caps(a: float, b: float, y: float) -> str:
    return path([(a, y - 4), (a, y + 4)]) + path([(b, y - 4), (b, y + 4)])


def domain(rows: Sequence[Measured], from_zero: bool) -> tuple[float, float]:
    """Return the ends of an axis: nought and one for shares, otherwise a little more than the figures span."""
    found = [end for row in rows for end in (row.value, row.low, row.high) if end is not None]
    if not found or (min(found) >= 0 and 0.5 < max(found) <= 1):
        return 0.0, 1.0
    low, high = min(found + [0.0] * from_zero), max(found + [0.0] * from_zero)
    room = (high - low) * 0.06 or 0.05
    return low - room * (low < 0 or not from_zero), high + room


def _figures(title: str, rows: Sequence[Measured], head: str, unit: str, note: str) -> Table:
    supported = any(row.support is not None for row in rows)
    columns = (head, unit, "support") if supported else (head, unit)
    cells: list[tuple[Cell, ...]] = [
        (row.name, Value(row.value, row.low, row.high) if row.value is not None else None)
        + ((row.support if row.support is not None else "",) if supported else ())
        for row in rows
    ]
    return Table(title, columns, tuple(cells), note)


def _said(rows: Sequence[Measured], unit: str) -> str:
    told = "; ".join(_one(row) for row in rows[:12])
    more = f"; and {len(rows) - 12} more in the table" if len(rows) > 12 else ""
    return f"{unit} with intervals. {told}{more}." if rows else "There is nothing to show."


def _one(row: Measured) -> str:
    value = "undefined" if row.value is None else str(Value(row.value, row.low, row.high))
    return f"{row.name}: {value}"


def _across(root: Element, axis: Axis, top: float, bottom: float, unit: str) -> None:
    for tick in ticks(axis.low, axis.high):
        add(root, "line", {"x1": axis(tick), "x2": axis(tick), "y1": top, "y2": bottom, "class": "grid"})
        write(root, axis(tick), bottom + 15, f"{tick:g}", "quiet middle")
    add(root, "line", {"x1": axis.start, "x2": axis.end, "y1": bottom, "y2": bottom, "class": "edge"})
    write(root, (axis.start + axis.end) / 2, bottom + 32, unit, "quiet middle")


# ----------------------------------------------------------------------------------------------------- heat tables


def heat(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[float | None]],
    *,
    across: str,
    down: str,
    note: str = "",
) -> Chart:
    """Draw a table whose cells are the darker the more they hold: a confusion matrix, from whom to whom.

    ``across`` says what the columns are (predicted), ``down`` what the rows are (gold); None is an empty cell.
    """
    left, top = 128, 56
    wide = min((WIDTH - left - 6) / max(len(columns), 1), 92)
    root = canvas(
        title, f"Rows: {down}; columns: {across}. {_greatest(rows, columns, cells)}", top + _ROW * len(rows) + 8
    )
    write(root, left, 14, f"{across} →", "quiet")
    write(root, 4, top - 8, f"{down} ↓", "quiet")
    most = max((value for row in cells for value in row if value is not None), default=0) or 1
    for j, name in enumerate(columns):
        write(root, left + wide * (j + 0.5), top - 8, in_short(name, max(int(wide / 6.6), 2)), "middle")
    for i, name in enumerate(rows):
        y = top + _ROW * i
        write(root, left - 8, y + 19, in_short(name, 18), "end")
        for j, value in enumerate(cells[i]):
            x = left + wide * j
            add(root, "rect", {"x": x, "y": y, "width": wide, "height": _ROW, "class": "box"})
            if value is not None:
                fill: dict[str, str | float] = {
                    "x": x + 1,
                    "y": y + 1,
                    "width": wide - 2,
                    "height": _ROW - 2,
                    "class": "heat",
                }
                shade = add(root, "rect", {**fill, "opacity": f"{max(value, 0) / most * 0.45:.3f}"})
                add(shade, "title", {}, f"{name} → {columns[j]}: {value:g}")
                write(root, x + wide / 2, y + 19, f"{value:g}" if value == int(value) else f"{value:.2f}", "middle")
    corner = f"{down} \\ {across}"
    table = Table(title, (corner, *columns), tuple((name, *cells[i]) for i, name in enumerate(rows)), note)
    return Chart(drawn(root), table)


def _greatest(rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[float | None]]) -> str:
    found = [(v, a, b) for a, row in zip(rows, cells, strict=True) for b, v in zip(columns, row, strict=True) if v]
    ordered = sorted(found, key=lambda cell: -cell[0])[:5]
    return "Greatest: " + "; ".join(f"{a} to {b}, {v:g}" for v, a, b in ordered) + "." if ordered else "All are empty."
