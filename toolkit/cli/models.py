"""``stance models``: the registry."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from toolkit.cli import complete, console
from toolkit.cli.recalibrate import recalibrate_command
from toolkit.errors import TrackingError, UsageError

__all__ = ["app"]

app = typer.Typer(
    help="List registered models, say which is the champion, let one decide anew on a new source.",
    epilog="Example: stance models promote stance 2",
    no_args_is_help=True,
)


@app.command("list")
def list_command(as_json: console.Summary = False) -> None:
    """List every version of every registered model.

    Example: [bold]stance models list[/]
    """
    from rich.table import Table

    from toolkit.tracking import list_models, open_store

    table = Table("name", "version", "aliases", "model", "macro F1", "run", box=None)
    rows = list_models(open_store(must_exist=True))
    for row in rows:
        f1 = row.figures.get("f1/macro")
        cells = (row.name, row.version, ", ".join(row.aliases), row.model, "" if f1 is None else f"{f1:.3f}")
        table.add_row(*cells, row.run_id)
    console.show(table)
    told = {"versions": [asdict(row) for row in rows]}
    console.summarise(as_json, "models list", {"versions": len(rows)}, run_ids=[row.run_id for row in rows], more=told)


app.command("recalibrate")(recalibrate_command)


@app.command("promote")
def promote_command(
    name: Annotated[str, typer.Argument(help="The registered model.", autocompletion=complete.registered)],
    version: Annotated[str, typer.Argument(help="The version that gets the alias.")],
    alias: Annotated[str, typer.Option("--alias", help="The alias to give.")] = "champion",
    force: Annotated[
        bool, typer.Option("--force", help="Make it the champion although it is worse or cannot be compared.")
    ] = False,
    reason: Annotated[str | None, typer.Option("--reason", help="With --force: why; kept with the version.")] = None,
    as_json: console.Summary = False,
) -> None:
    """Give a version the alias by which predictions find it.

    It becomes the champion by the rule of training: where it is not worse than the champion on the same held-out
    statements. Labels, sources and kinds on which it is significantly worse are named. A person may overrule that with
    --force and --reason. What it replaces is told, and kept with the version.

    Example: [bold]stance models promote stance 2 --force --reason "holds on real statements"[/]
    """
    from toolkit.tracking import open_store, promote

    if force != (reason is not None) or (reason is not None and not reason.strip()):
        raise UsageError(
            "--force needs --reason TEXT, and --reason is for --force alone: it says why the rule is overruled."
        )
    store = open_store(must_exist=True)
    try:
        change = promote(store, name, version, alias, overruling=reason)
    except TrackingError:
        console.advise(
            f'stance models promote {name} {version} --force --reason "..." makes it the champion all the same.'
        )
        raise
    was = f" (was version {change.before})" if change.before not in (None, version) else ""
    told = f": {change.reason}" if was and alias == "champion" else ""
    console.say(f"models:/{name}@{alias} is now version {version}{was}{told}.")
    more = {"name": name, "alias": alias, **asdict(change)}
    console.summarise(as_json, "models promote", {"changed": int(change.before != version)}, more=more)


@app.command("history")
def history_command(
    name: Annotated[str, typer.Argument(help="The registered model.")],
    as_json: console.Summary = False,
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
    told = {"name": name, "changes": [asdict(one) for one in changes]}
    console.summarise(as_json, "models history", {"changes": len(changes)}, more=told)
    if not changes:
        console.say(f"No decision on a champion of {name} is kept.")
        return
    console.show(table)
