"""``stance config``: what an experiment says once everything is in its place, and what may stand in its files."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from toolkit.cli import complete, console

__all__ = ["app"]

app = typer.Typer(
    help="Show what an experiment comes to, and what its files may say.",
    epilog="Example: stance config show experiments/quickstart.yaml seed=7",
    no_args_is_help=True,
)


class Kind(StrEnum):
    """The sorts of YAML files."""

    experiment = "experiment"
    labels = "labels"
    model = "model"
    data = "data"


@app.command("show")
def show_command(
    config: Annotated[
        Path,
        typer.Argument(
            help="The experiment's YAML file, or the name of one that is shipped.", autocompletion=complete.experiments
        ),
    ],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Values of the file to change, by dotted path.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="A list of key, value and origin, for programs.")] = False,
) -> None:
    """Print an experiment with its building blocks, overrides and defaults, and where each value comes from.

    What is printed is a YAML file that can be run as it is.

    Example: [bold]stance config show experiments/quickstart.yaml seed=7[/]
    """
    from toolkit.config import as_yaml, experiment_path, trace_experiment

    values = trace_experiment(experiment_path(config), overrides or [])
    rows = [one.row() for one in values]
    typer.echo(json.dumps(rows, indent=1, ensure_ascii=False) if as_json else as_yaml(values), nl=as_json)


class FileKind(StrEnum):
    """What a file can be checked as."""

    experiment = "experiment"
    labels = "labels"
    model = "model"
    data = "data"
    behaviour = "behaviour"


@app.command("check")
def check_command(
    files: Annotated[list[Path], typer.Argument(help="YAML files, or folders of them.")],
    kind: Annotated[
        FileKind | None, typer.Option("--kind", help="What they are. Without: what their folder says.")
    ] = None,
    as_json: console.Summary = False,
) -> None:
    """List every mistake of experiments, label schemes, models, corpora and behaviour tests, with file and line.

    What a file is says its folder: experiments, or labels, models, data, behaviour of configs. Exit 2 if there is one.

    Example: [bold]stance config check experiments configs[/]
    """
    from toolkit.config import check_files, files_below
    from toolkit.errors import ConfigError, UsageError

    found: list[Path] = []
    for path in files:
        below = files_below(path) if path.is_dir() else [path]
        if not below:
            raise UsageError(f"{path}: no YAML file lies in it that an experiment or a building block could be.")
        found += below
    problems = check_files(list(dict.fromkeys(found)), kind)
    counts = {"files": len(set(found)), "problems": len(problems)}
    console.summarise(as_json, "config check", counts, more={"problems": list(problems)})
    if problems:
        raise ConfigError(problems)
    console.say(f"{console.counted(counts['files'], 'files')} checked, no mistake.")


@app.command("schema")
def schema_command(
    kind: Annotated[Kind, typer.Argument(help="Which sort of file.")] = Kind.experiment,
) -> None:
    """Print the JSON Schema of a sort of YAML file, with which an editor completes and underlines.

    Example: [bold]stance config schema labels[/]
    """
    from toolkit.config import json_schema

    typer.echo(json.dumps(json_schema(kind.value), indent=1, ensure_ascii=False))
