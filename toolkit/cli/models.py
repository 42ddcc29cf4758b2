"""``stance models``: the registry."""

from __future__ import annotations

from typing import Annotated

import typer

from toolkit.cli import console
from toolkit.cli.recalibrate import recalibrate_command

__all__ = ["app"]

app = typer.Typer(
    help="List registered models, say which is the champion, let one decide anew on a new source.",
    epilog="Example: stance models promote stance 2",
    no_args_is_help=True,
)


@app.command("list")
def list_command() -> None:
    """List every version of every registered model.

    Example: [bold]stance models list[/]
    """
    from rich.table import Table

    from toolkit.tracking import list_models, open_store

    table = Table("name", "version", "aliases", "model", "macro F1", "run", box=None)
    for row in list_models(open_store(must_exist=True)):
        f1 = row.figures.get("f1/macro")
        cells = (row.name, row.version, ", ".join(row.aliases), row.model, "" if f1 is None else f"{f1:.3f}")
        table.add_row(*cells, row.run_id)
    console.show(table)


app.command("recalibrate")(recalibrate_command)


@app.command("promote")
def promote_command(
    name: Annotated[str, typer.Argument(help="The registered model.")],
    version: Annotated[str, typer.Argument(help="The version that gets the alias.")],
    alias: Annotated[str, typer.Option("--alias", help="The alias to give.")] = "champion",
) -> None:
    """Give a version the alias by which predictions find it: a person's choice, which no figure is asked about.

    What it replaces is told, and kept with the version.

    Example: [bold]stance models promote stance 2[/]
    """
    from toolkit.tracking import open_store, promote

    before = promote(open_store(must_exist=True), name, version, alias)
    was = f" (was version {before})" if before not in (None, version) else ""
    console.say(f"models:/{name}@{alias} is now version {version}{was}.")
