"""``stance models list``: every version that is registered."""

from __future__ import annotations

from dataclasses import asdict

from toolkit.cli import console

__all__ = ["list_command"]


def list_command(as_json: console.Summary = False) -> None:
    """List every version of every registered model.

    Example: [bold]stance models list[/]
    """
    from rich.table import Table

    from toolkit.tracking import list_models, open_store

    table = Table(box=None)
    for head in ("name", "v.", "aliases", "model", "macro F1", "run"):
        table.add_column(head, no_wrap=head in ("v.", "macro F1", "run"), overflow="fold")
    rows = list_models(open_store(must_exist=True))
    for row in rows:
        f1 = row.figures.get("f1/macro")
        cells = (row.name, row.version, ", ".join(row.aliases), row.model, "" if f1 is None else f"{f1:.3f}")
        table.add_row(*cells, row.run_id)
    console.show(table)
    told = {"versions": [asdict(row) for row in rows]}
    console.summarise(as_json, "models list", {"versions": len(rows)}, run_ids=[row.run_id for row in rows], more=told)
