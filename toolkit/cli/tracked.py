"""``--track``: what a command did with labels, as a run in MLflow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli import console

if TYPE_CHECKING:
    from toolkit.labels import LabelScheme
    from toolkit.tracking import Store

__all__ = ["Track", "store_of", "track"]

Track = Annotated[
    bool, typer.Option("--track", help="Log a run in MLflow: table and codebook with digests, annotators, figures.")
]


def store_of(tracked: bool) -> Store | None:
    """Return the store of ``--track``, before the work: one that cannot be used shall not cost it."""
    if not tracked:
        return None
    from toolkit.tracking import open_store

    return open_store()


def track(
    store: Store,
    name: str,
    *,
    tables: Sequence[Path],
    inputs: Sequence[Path],
    schemes: Sequence[LabelScheme],
    annotators: Iterable[str],
    parameters: Mapping[str, Any],
    metrics: Mapping[str, float | None],
    files: Mapping[str, str],
) -> str:
    """Log what was done, say under which run, and return its id."""
    from toolkit.tracking import LabelRun, log_labelling, provenance

    codebooks = {scheme.name: scheme.digest for scheme in schemes}
    record = LabelRun(name, tables, codebooks, sorted(annotators), parameters, metrics, files)
    files_used = list(dict.fromkeys(path.resolve() for path in (*inputs, *tables)))
    run = log_labelling(store, record, provenance(Path.cwd(), files_used, threads=1))
    console.say(f"Logged as the run {run} of the experiment 'labelling'.")
    return run
