"""Figures of an evaluation as a table in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from toolkit.cli import console

if TYPE_CHECKING:
    from toolkit.evaluation import Figure

__all__ = ["show_figures"]


def show_figures(figures: Iterable[tuple[str, Figure]], confidence: float) -> None:
    """Show figures with their intervals as a table."""
    from rich.table import Table

    table = Table("figure", "value", f"{confidence:.0%} interval", "support", box=None)
    for name, figure in figures:
        table.add_row(name, *_cells(figure))
    console.show(table)


def _cells(figure: Figure) -> tuple[str, str, str]:
    value = "undefined" if figure.value is None else f"{figure.value:.4f}"
    return value, console.bounds(figure.low, figure.high, digits=3), str(figure.support)
