"""The table that compares models, for the terminal, a spreadsheet and a text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.evaluation import Evaluation, Figure

if TYPE_CHECKING:
    from rich.table import Table

__all__ = ["ComparisonRow", "comparison_csv", "comparison_markdown", "comparison_table"]

_COLUMNS = {
    "macro F1": "f1/macro",
    "P": "precision/macro",
    "R": "recall/macro",
    "micro F1": "f1/micro",
    "AP": "average_precision/macro",
    "Brier": "brier/macro",
    "ECE": "ece/macro",
}
_LOWER_IS_BETTER = {"Brier", "ECE"}
_INTERVAL_SHOWN = {"macro F1"}
_SHOWN = [column for column in _COLUMNS if column not in ("micro F1", "ECE")]
"""A terminal of 80 columns has room for these and one interval; the files have them all."""


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One model's line: the figure that chose, what it is a figure of, and held-out figures by column."""

    scheme: str
    model: str
    chosen: bool
    """Whether it has the best figure of ``criterion``."""
    cv: float
    criterion: str
    """What ``cv`` is: ``macro F1 by cross-validation in the training part``."""
    n: int
    n_articles: int
    confidence: float
    figures: dict[str, Figure]
    too_little: str | None = None
    """Why there are no intervals, as a sentence."""

    @classmethod
    def of(
        cls, evaluation: Evaluation, *, scheme: str, model: str, cv: float, criterion: str, chosen: bool
    ) -> ComparisonRow:
        """Take the compared figures out of an evaluation."""
        figures = {column: evaluation.figures[key] for column, key in _COLUMNS.items()}
        size = (evaluation.n, evaluation.n_articles, evaluation.confidence)
        return cls(scheme, model, chosen, cv, criterion, *size, figures, evaluation.too_little)


def comparison_table(rows: Sequence[ComparisonRow]) -> list[Table]:
    """Return one table per label scheme; the best held-out value of a column is bold, the chosen model has a star."""
    from rich.markup import escape
    from rich.table import Table

    tables = []
    for scheme in dict.fromkeys(row.scheme for row in rows):
        ours = [row for row in rows if row.scheme == scheme]
        size = f"{ours[0].n} held-out statements of {ours[0].n_articles} articles"
        if any(row.figures[column].low is not None for row in ours for column in _INTERVAL_SHOWN):
            size += f", {ours[0].confidence:.0%} intervals"
        table = Table(
            title=f"{escape(scheme)}: {size}", title_justify="left", caption=_caption(ours), caption_justify="left"
        )
        table.add_column("model")
        for heading in ("CV", *_SHOWN):
            table.add_column(heading, justify="right")
        for row in ours:
            name = f"{'★ ' if row.chosen else '  '}{escape(row.model)}"
            cells = [_told(row.figures[c], bold=row is _best(ours, c), interval=c in _INTERVAL_SHOWN) for c in _SHOWN]
            table.add_row(name, f"{row.cv:.2f}", *cells)
        tables.append(table)
    return tables


def _caption(rows: Sequence[ComparisonRow]) -> str:
    text = (
        f"★ best CV: {rows[0].criterion}. The rest is on held-out statements, macro averages; P: precision, R: recall, "
    )
    text += "AP: average precision."
    undefined = any(figure.value is None for row in rows for figure in row.figures.values())
    return text + (" — undefined." if undefined else "") + _too_little(rows)


def _too_little(rows: Sequence[ComparisonRow]) -> str:
    """Say why there are no intervals, each reason once."""
    told = dict.fromkeys(row.too_little for row in rows if row.too_little is not None)
    return "".join(f" {one[0].upper()}{one[1:]}" for one in told)


def _best(rows: Sequence[ComparisonRow], column: str) -> ComparisonRow | None:
    defined = [(value, row) for row in rows if (value := row.figures[column].value) is not None]
    if not defined:
        return None
    pick = min if column in _LOWER_IS_BETTER else max
    return pick(defined, key=lambda pair: pair[0])[1]


def _told(figure: Figure, *, bold: bool = False, interval: bool = True) -> str:
    if figure.value is None:
        return "—"
    value = f"[bold]{figure.value:.2f}[/]" if bold else f"{figure.value:.2f}"
    if not interval or figure.low is None or figure.high is None:
        return value
    return f"{value} \\[{figure.low:.2f}, {figure.high:.2f}]"


def comparison_csv(rows: Sequence[ComparisonRow]) -> str:
    """Return the comparison with unrounded values, bounds and supports; an undefined value is an empty cell."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    bounds = [f"{column}{end}" for column in _COLUMNS for end in ("", " low", " high", " support")]
    writer.writerow(["scheme", "model", "chosen", "cv", "criterion", "statements", "articles", *bounds])
    for row in rows:
        cells: list[object] = []
        for figure in row.figures.values():
            cells += [figure.value, figure.low, figure.high, figure.support]
        writer.writerow([row.scheme, row.model, row.chosen, row.cv, row.criterion, row.n, row.n_articles, *cells])
    return stream.getvalue()


def comparison_markdown(rows: Sequence[ComparisonRow]) -> str:
    """Return the comparison as a Markdown table, chosen models marked with a star."""
    lines = ["| scheme | model | CV | " + " | ".join(_COLUMNS) + " |", "| --- " * (len(_COLUMNS) + 3) + "|"]
    for row in rows:
        cells = [_told(row.figures[column]).replace("\\[", "[") for column in _COLUMNS]
        name = row.model.replace("|", "\\|") + (" ★" if row.chosen else "")
        lines.append(f"| {row.scheme} | {name} | {row.cv:.2f} | " + " | ".join(cells) + " |")
    if rows:
        size = f"{rows[0].n} held-out statements of {rows[0].n_articles} articles"
        how = f"brackets: {rows[0].confidence:.0%} intervals by bootstrap over articles"
        lines += ["", f"{size}; {how}; ★ the best CV: {rows[0].criterion}; — undefined.{_too_little(rows)}"]
    return "\n".join(lines) + "\n"
