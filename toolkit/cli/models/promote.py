"""``stance models promote``: who becomes the champion."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from toolkit.cli import complete, console
from toolkit.errors import TrackingError, UsageError

__all__ = ["promote_command"]


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
