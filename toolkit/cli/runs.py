"""Logged runs as commands name them, and what they learnt from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli import console
from toolkit.errors import DataError

if TYPE_CHECKING:
    from toolkit.evaluation import Figure
    from toolkit.review.origin import Origin
    from toolkit.tracking import LoggedRun

__all__ = ["NAMED", "interval", "runs_with_origin", "value"]

NAMED = "A run's id, an experiment, EXPERIMENT/MODEL, or a registered model (models:/stance@champion)."


def runs_with_origin(
    name: str, project: Path | None, without: str, ask: bool = True
) -> Iterator[tuple[LoggedRun, Origin | None]]:
    """Yield the runs that a name means, with the statements that they learnt from where these can still be had.

    Where they cannot, why is said once, with what is left out ``without`` them; nothing is read where nobody asks.
    """
    from toolkit.config import project_root
    from toolkit.review.origin import read_origin
    from toolkit.tracking import experiment_of, open_store, read_runs

    store = open_store(must_exist=True)
    root = project or project_root(Path.cwd() / "-")
    known: dict[str, Origin | None] = {}
    for run in read_runs(store, name):
        parent = run.tags.get("mlflow.parentRunId", "")
        if ask and parent not in known:
            try:
                known[parent] = read_origin(experiment_of(store, run), run, root)
            except DataError as error:
                known[parent] = None
                told = "--project names the folder of its data"
                console.say(f"{str(error).rstrip('.')}: {without} ({told}).")
        yield run, known.get(parent)


def value(figure: Figure | None) -> str:
    """Return a figure for a cell of a table."""
    return "undefined" if figure is None or figure.value is None else f"{figure.value:.3f}"


def interval(figure: Figure | None) -> str:
    """Return its interval, nothing where it has none."""
    return "" if figure is None else console.bounds(figure.low, figure.high)
