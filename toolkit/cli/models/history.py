"""``stance models history``: who was the champion, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli import complete, console

__all__ = ["history_command"]


def history_command(
    name: Annotated[str, typer.Argument(help="The registered model.", autocompletion=complete.registered)],
    as_json: console.Summary = False,
) -> None:
    """List the champions of a registered model, the newest first: since when, by what decision, with what figures.

    Example: [bold]stance models history stance[/]
    """
    from dataclasses import asdict

    from rich.markup import escape
    from rich.table import Table

    from toolkit.evaluation import figure_said
    from toolkit.tracking import champions, open_store

    changes = champions(open_store(must_exist=True), name)
    told = {"name": name, "changes": [asdict(one) for one in changes]}
    console.summarise(as_json, "models history", {"changes": len(changes)}, more=told)
    table = Table(box=None)
    for head in ("since (UTC)", "v.", "was", "by", "figure", "was"):
        table.add_column(head, no_wrap=True)
    table.add_column("why", overflow="fold")
    for one in changes:
        figures = ["" if figure is None else f"{figure:.3f}" for figure in (one.figure, one.figure_before)]
        why = one.reason if one.overruled is None else f"{one.overruled} (overruling: {one.reason})"
        since = one.when[:16].replace("T", " ")
        table.add_row(since, one.version, one.before or "", one.by, *figures, escape(why))
    if not changes:
        console.say(f"No decision on a champion of {name} is kept.")
        return
    console.show(table)
    console.say(f"v.: version; figure: {', '.join(dict.fromkeys(figure_said(one.criterion) for one in changes))}.")
