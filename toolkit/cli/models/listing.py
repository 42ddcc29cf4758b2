"""``stance models list``: every version that is registered."""

from __future__ import annotations

from toolkit.cli import console

__all__ = ["list_command"]


def list_command() -> None:
    """List every version of every registered model.

    Example: [bold]stance models list[/]
    """
    from rich.table import Table

    from toolkit.tracking import list_models, open_store

    table = Table(box=None)
    for head in ("name", "v.", "aliases", "model", "macro F1", "run"):
        table.add_column(head, no_wrap=head in ("v.", "macro F1", "run"), overflow="fold")
    for row in list_models(open_store(must_exist=True)):
        f1 = row.figures.get("f1/macro")
        cells = (row.name, row.version, ", ".join(row.aliases), row.model, "" if f1 is None else f"{f1:.3f}")
        table.add_row(*cells, row.run_id)
    console.show(table)
