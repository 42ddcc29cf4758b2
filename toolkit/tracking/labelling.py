"""Runs of labelling: which table came of it, by whom, under which codebook, at what cost, how far annotators agree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import without_passwords
from toolkit.storage import file_sha256
from toolkit.tracking.provenance import Provenance
from toolkit.tracking.runs import experiment_run, finite, log_experiment
from toolkit.tracking.store import Store, mlflow_quietly

__all__ = ["LabelRun", "log_labelling"]

EXPERIMENT = "labelling"
"""Where all of them are logged."""
_DIGITS = 32
"""Of a digest: MLflow takes no longer one for a dataset."""


@dataclass(frozen=True, slots=True)
class LabelRun:
    """What the run of one labelling records. No key belongs into it; passwords in addresses are taken out."""

    name: str
    """What was done: the command, ``label`` for example."""
    tables: Sequence[Path]
    """What came of it, or what was compared."""
    codebooks: Mapping[str, str]
    """The digest of every label scheme."""
    annotators: Sequence[str]
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float | None]
    """Label counts, cost, agreement; what is undefined is left out and stands in the files."""
    files: Mapping[str, str]


def log_labelling(store: Store, record: LabelRun, provenance: Provenance) -> str:
    """Log a labelling as a run of its own, each table as a dataset by the digest of its file; return the run's id."""
    mlflow = mlflow_quietly()
    parameters = {"annotators": ", ".join(record.annotators), **record.parameters}
    parameters |= {f"codebook.{name}": digest for name, digest in record.codebooks.items()}
    told = {name: without_passwords(str(value)) for name, value in parameters.items()}
    files = {name: without_passwords(content) for name, content in record.files.items()}
    metrics = finite({name: value for name, value in record.metrics.items() if value is not None})
    with experiment_run(store, EXPERIMENT, "Labels: who or what gave them, how far they agree.", provenance) as run:
        mlflow.set_tags({"stance.level": "labels", "mlflow.runName": record.name})
        for table in record.tables:
            mlflow.log_input(_dataset(table), context="labels")
        log_experiment({"annotators.json": json.dumps(list(record.annotators)), **files}, told, metrics)
    return run


def _dataset(table: Path) -> Any:
    from mlflow.data.meta_dataset import MetaDataset
    from mlflow.data.sources import LocalArtifactDatasetSource

    # Of the whole file: MLflow's own digest sees 10,000 rows.
    digest = file_sha256(table)[:_DIGITS]
    return MetaDataset(LocalArtifactDatasetSource(str(table)), name=table.name, digest=digest)
