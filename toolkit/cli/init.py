"""``stance init``: a project of one's own."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli import console

__all__ = ["init_command"]


def init_command(
    folder: Annotated[Path, typer.Argument(help="A new or an empty folder.")], as_json: console.Summary = False
) -> None:
    """Lay out a project: an experiment, a label scheme to edit, a few articles with gold labels, and a README.

    Example: [bold]stance init my-project[/]
    """
    from toolkit.config import make_project

    files = make_project(folder)
    shown = [name for name in files if not name.startswith(("articles/", "configs/schemas/"))]
    articles = sum(name.startswith("articles/") for name in files)
    console.say(f"{folder}: {', '.join(shown)}, and {articles} articles.")
    console.say("\nNext (README.md says more):")
    console.say(f"  cd {shlex.quote(str(folder))}")
    console.say("  stance train experiments/first.yaml")
    console.summarise(as_json, "init", {"files": len(files), "articles": articles}, [folder / name for name in shown])
