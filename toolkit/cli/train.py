"""``stance train``: an experiment from one YAML file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli import console

if TYPE_CHECKING:
    from toolkit.experiment import Outcome

__all__ = ["train_command"]


def train_command(
    config: Annotated[Path, typer.Argument(help="The experiment's YAML file.")],
    overrides: Annotated[
        list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Values of the file to change, by dotted path.")
    ] = None,
) -> None:
    """Run an experiment: extract, join gold labels, split without a leak, train, evaluate once, track in MLflow.

    Example: [bold]stance train experiments/quickstart.yaml seed=7 tuning.folds=3[/]
    """
    from toolkit.config import load_experiment, project_root
    from toolkit.experiment import run_experiment
    from toolkit.tracking import open_store

    experiment, schemes = load_experiment(config, overrides or [])
    store = open_store()
    with console.Bars() as bars:
        outcome = run_experiment(experiment, schemes, project_root(config), store, bars)
    _report(outcome, _articles_to_try(project_root(config), experiment.data.articles))


def _articles_to_try(root: Path, articles: list[str]) -> str:
    """Articles that the suggested command can be typed with: fresh ones where there are some."""
    fresh = root / "data" / "sample" / "fresh"
    return os.path.relpath(fresh if fresh.is_dir() else root / articles[0])


def _report(outcome: Outcome, articles: str) -> None:
    from toolkit.report import comparison_table

    found, gold = len(outcome.alignment.matches), len(outcome.alignment.missed) + len(outcome.alignment.matches)
    console.say("")
    console.say(f"{found} of {gold} gold statements were extracted; {len(outcome.alignment.missed)} missed.")
    console.say(
        f"{len(outcome.split.train)} statements trained the models, {len(outcome.split.held_out)} are held out."
    )
    for table in comparison_table(outcome.rows):
        console.show(table)
    for champion in outcome.champions:
        console.say(f"models:/{champion.scheme}@champion is now {champion.model} (version {champion.version}).")
    console.say("\nNext:")
    console.say("  stance ui")
    for champion in outcome.champions:
        model = f"-m models:/{champion.scheme}@champion"
        console.say(f"  stance predict {articles} {model} -o {champion.scheme}.parquet")
