"""``stance models history``: who was the champion, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli import console

__all__ = ["history_command"]


def history_command(
    name: Annotated[str, typer.Argument(help="The registered model.")],
) -> None:
    """List the champions of a registered model, the newest first: since when, by what decision, with what figures.

    Example: [bold]stance models history stance[/]
    """
    from rich.markup import escape
    from rich.table import Table

    from toolkit.tracking import champions, open_store

    table = Table("since (UTC)", "version", "before", "by", "figure", "its", "before's", "why", box=None)
    changes = champions(open_store(must_exist=True), name)
    for one in changes:
        figures = ["" if figure is None else f"{figure:.3f}" for figure in (one.figure, one.figure_before)]
        why = one.reason if one.overruled is None else f"{one.overruled} (overruling: {one.reason})"
        table.add_row(one.when[:19], one.version, one.before or "", one.by, one.criterion, *figures, escape(why))
    if not changes:
        console.say(f"No decision on a champion of {name} is kept.")
        return
    console.show(table)
