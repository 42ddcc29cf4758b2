"""The section of a page that tells what models gain from more statements, and lose on others than their own."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from toolkit.errors import TrackingError, first_line
from toolkit.evaluation import figure_said
from toolkit.report import Cell, Chart, Measured, PageTable, Part, Section, Value, forest
from toolkit.review.reviewed import Reviewed

__all__ = ["shift"]

Row = Mapping[str, str]


def shift(of: Reviewed) -> Section | None:
    """Gap and learning curve of an experiment; None where neither was asked for."""
    folder = None if of.experiment is None else of.experiment.folder
    if folder is None:
        return None
    shown = {(model.run.scheme.name, model.name) for model in of.models}
    gaps, curves = (
        [row for row in _rows(folder / name) if (row["scheme"], row["model"]) in shown]
        for name in ("gap.csv", "learning_curve.csv")
    )
    try:
        parts = [*_gaps(gaps), *_curves(curves, of)]
    except (ValueError, KeyError) as error:
        raise TrackingError(f"{folder}: gap.csv or learning_curve.csv cannot be read: {first_line(error)}.") from None
    return Section("Shift", tuple(parts)) if parts else None


def _rows(path: Path) -> list[Row]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _gaps(rows: list[Row]) -> list[Part]:
    if not rows:
        return []
    cells: list[tuple[Cell, ...]] = []
    for row in rows:
        sides = [_value(row, name) for name in ("in_domain", "shifted", "difference")]
        name = f"{row['scheme']}: {row['model']}"
        cells.append((name, figure_said(row["figure"]), *sides, int(row["statements"])))
    heads = ("model", "figure", "data like its own", "unseen", "difference", "statements")
    told = "The same statements twice: of a model that had learnt from others like them, and of one that had not."
    return [told, PageTable("What models lose on unseen data", heads, tuple(cells))]


def _curves(rows: list[Row], of: Reviewed) -> list[Part]:
    over, _, kind = str(of.config["tuning"]["metric"]).partition("_")
    said = figure_said(f"{kind}/{over}")
    models = dict.fromkeys((row["scheme"], row["model"]) for row in rows)
    return [_curve(scheme, model, said, [r for r in rows if (r["scheme"], r["model"]) == (scheme, model)])
            for scheme, model in models]  # fmt: skip


def _curve(scheme: str, model: str, said: str, rows: list[Row]) -> Chart:
    points = [
        Measured(f"{float(row['trained']):,.0f}", value.value, value.low, value.high)
        for row in rows
        for value in [_value(row, "value")]
    ]
    title, note = f"{scheme}: {model} by how much it learnt from", "The last row is the whole training part."
    return forest(title, points, unit=said, head="statements", note=note)


def _value(row: Row, name: str) -> Value:
    low, high = ("low", "high") if name == "value" else (f"{name}_low", f"{name}_high")
    return Value(_number(row[name]), _number(row[low]), _number(row[high]))


def _number(cell: str) -> float | None:
    return float(cell) if cell else None
