"""Runs: a parent for the experiment, a child per model and scheme, each ended as FINISHED, FAILED or KILLED.

The stages describe what is to be logged (:class:`ModelRun`); it is written here, in one place.
"""

from __future__ import annotations

import math
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from toolkit.errors import TrackingError, without_passwords
from toolkit.storage import file_name, rows_digest
from toolkit.tracking.page import introduce
from toolkit.tracking.provenance import Provenance
from toolkit.tracking.store import PROCESS_TAG, Store, mlflow_quietly, this_process
from toolkit.version import PACKAGE

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = [
    "HELD_OUT",
    "LoggedModel",
    "ModelRun",
    "OpenRun",
    "Table",
    "add_tags",
    "describe_version",
    "experiment_run",
    "log_experiment",
    "model_run",
]

HELD_OUT = "held-out"
"""The context under which a run logs the statements that it was evaluated on."""


@dataclass(frozen=True, slots=True)
class Table:
    """Labelled rows that a model was trained or evaluated on."""

    name: str
    source: str
    """Path of the labels' file."""
    targets: str | None
    """The column with the labels; None where several have some."""
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class ModelRun:
    """Everything that one child run records."""

    name: str
    scheme: str
    experiment: str
    parameters: Mapping[str, Any]
    training: Table
    held_out: Table
    training_metrics: Mapping[str, float]
    """Cross-validated figures of the training part."""
    held_out_metrics: Mapping[str, float]
    files: Mapping[str, str | bytes]
    """Artifacts by path: tables and plots."""
    example: pa.Table
    """A few statements."""
    answer: pa.Table
    """What the model answers to them; the two make the signature."""
    model_folder: Path
    requirements: Sequence[str]
    """What the model needs to be served."""


@dataclass(frozen=True, slots=True)
class LoggedModel:
    """Where a logged model is to be found."""

    run_id: str
    uri: str


@contextmanager
def experiment_run(
    store: Store,
    experiment: str,
    description: str,
    provenance: Provenance,
    tags: Mapping[str, str] = MappingProxyType({}),
    changes: str = "",
) -> Iterator[str]:
    """Open the parent run of an experiment and give its id; it ends as it should whatever happens inside.

    ``changes`` tells in the run's name what is other than in the experiment's file.
    """
    mlflow = mlflow_quietly()
    client = store.client()
    found = client.get_experiment_by_name(experiment)
    if found is not None and found.lifecycle_stage != "active":
        raise TrackingError(f"the MLflow experiment {experiment!r} is deleted; restore it or use another name.")
    location = f"{store.artifacts}/{file_name(experiment)}" if store.artifacts else None
    experiment_id = found.experiment_id if found else _create(client, experiment, location)
    introduce(client, experiment_id, description)
    own = {PROCESS_TAG: this_process(), "stance.level": "experiment", "stance.experiment": experiment}
    with _ended(
        mlflow,
        experiment_id=experiment_id,
        run_name=_named(experiment, changes),
        tags={**own, **provenance.tags(), **tags},
        description=description,
    ) as run:
        yield run


def _named(name: str, changes: str) -> str:
    """Return the name of a run; the page has room for some of what was changed, and a tag tells it all."""
    return f"{name} {changes}"[:120].rstrip()


def _create(client: Any, experiment: str, location: str | None) -> str:
    from mlflow.exceptions import MlflowException

    try:
        return str(client.create_experiment(experiment, artifact_location=location))
    except MlflowException:
        # Another process was first.
        found = client.get_experiment_by_name(experiment)
        if found is None:
            raise
        return str(found.experiment_id)


@contextmanager
def _ended(mlflow: Any, **start: Any) -> Iterator[str]:
    """A run that ends FINISHED, FAILED on an error, KILLED on an interruption; never RUNNING."""
    run_id = mlflow.start_run(**start).info.run_id
    status = "KILLED"
    try:
        yield run_id
        status = "FINISHED"
    except Exception as error:
        status = "FAILED"
        mlflow.set_tag("stance.error", without_passwords(str(error))[:500])
        raise
    finally:
        mlflow.end_run(status)


def log_experiment(
    files: Mapping[str, str | bytes],
    parameters: Mapping[str, Any],
    metrics: Mapping[str, float],
    *tables: Table,
) -> None:
    """Log what belongs to the whole experiment into the open parent run; each table under its name."""
    mlflow = mlflow_quietly()
    mlflow.log_params(_parameters(parameters))
    for table in tables:
        mlflow.log_input(_dataset(mlflow, table), context=table.name)
    mlflow.log_metrics(finite(metrics))
    _log_files(mlflow, files)


def add_tags(store: Store, run_id: str, tags: Mapping[str, str]) -> None:
    """Add tags to a run, ended or not, by which it can be filtered."""
    for name, value in tags.items():
        store.client().set_tag(run_id, name, value)


def describe_version(store: Store, name: str, version: str, text: str) -> None:
    """Say in the registry what a version is and what it reached."""
    store.client().update_model_version(name, version, text)


@dataclass(frozen=True, slots=True)
class OpenRun:
    """The run of one model while it is being trained."""

    run_id: str
    experiment_id: str
    origin: Mapping[str, str]
    """Tags that say where the run comes from."""

    def tell(self, name: str, value: float, step: int) -> None:
        """Log a metric of the training as it comes."""
        if math.isfinite(value):
            mlflow_quietly().log_metric(name, value, step=step, run_id=self.run_id)

    def trial(self, number: int, values: Mapping[str, Any], metric: str, figure: float | None) -> None:
        """Log one point of a search as a run of its own below this one; None: it was given up.

        Such rows are many: :meth:`tell` keeps the points as steps of a metric.
        """
        mlflow = mlflow_quietly()
        own = {PROCESS_TAG: this_process(), "stance.level": "trial", "stance.pruned": str(figure is None).lower()}
        with _ended(
            mlflow,
            run_name=f"trial-{number:03} " + " ".join(f"{name}={value}" for name, value in values.items())[:100],
            tags={**self.origin, **own},
            experiment_id=self.experiment_id,
            nested=True,
        ):
            mlflow.log_params(_parameters(values))
            if figure is not None:
                mlflow.log_metrics(finite({metric: figure}))

    def log(self, record: ModelRun) -> LoggedModel:
        """Write what the model came to. Raises TrackingError where the model could not be logged."""
        mlflow = mlflow_quietly()
        mlflow.log_params(_parameters(record.parameters))
        training, held_out = _dataset(mlflow, record.training), _dataset(mlflow, record.held_out)
        mlflow.log_input(training, context="training")
        mlflow.log_input(held_out, context=HELD_OUT)
        _log_files(mlflow, record.files)
        model_id, uri = _log_model(record)
        mlflow.log_metrics(finite(record.training_metrics), dataset=training, model_id=model_id)
        mlflow.log_metrics(finite(record.held_out_metrics), dataset=held_out, model_id=model_id)
        return LoggedModel(run_id=self.run_id, uri=uri)


@contextmanager
def model_run(
    scheme: str, name: str, provenance: Provenance, tags: Mapping[str, str], changes: str = ""
) -> Iterator[OpenRun]:
    """Open the run of a model for a scheme below the open experiment run. Raises TrackingError where none is open."""
    mlflow = mlflow_quietly()
    parent = mlflow.active_run()
    if parent is None:
        raise TrackingError("a model run needs an open experiment run.")
    own = {PROCESS_TAG: this_process(), "stance.level": "model", "stance.scheme": scheme, "stance.model": name}
    # Without the experiment's id, a nested run would go to MLflow's default experiment.
    experiment_id = parent.info.experiment_id
    tags = {**own, **provenance.tags(), **tags}
    title = _named(f"{scheme}/{name}", changes)
    with _ended(mlflow, run_name=title, tags=tags, experiment_id=experiment_id, nested=True) as run_id:
        yield OpenRun(run_id, experiment_id, provenance.tags())


def finite(metrics: Mapping[str, float]) -> dict[str, float]:
    """Leave out what MLflow would distort: it turns NaN into 0 and infinity into 1.8e308. Both stand in the files."""
    return {name: float(value) for name, value in metrics.items() if math.isfinite(value)}


def _parameters(parameters: Mapping[str, Any]) -> dict[str, str]:
    # Names allow no brackets, values are cut at 6,000 characters; the whole config is an artifact.
    return {name: str(value)[:6000] for name, value in parameters.items()}


def _dataset(mlflow: Any, table: Table) -> Any:
    import pandas as pd
    from mlflow.data.sources import LocalArtifactDatasetSource

    digest = rows_digest(table.rows)[:32]
    frame = pd.DataFrame(list(table.rows)).astype(object)
    source = LocalArtifactDatasetSource(table.source)
    return mlflow.data.from_pandas(frame, source=source, name=table.name, targets=table.targets, digest=digest)


def _log_files(mlflow: Any, files: Mapping[str, str | bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        mlflow.log_artifacts(folder)


def _log_model(record: ModelRun) -> tuple[str, str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # MLflow's own type hints, when this part of it is imported
        import mlflow.pyfunc
    with tempfile.TemporaryDirectory() as folder:
        code = Path(folder) / "toolkit"
        shutil.copytree(PACKAGE, code, ignore=shutil.ignore_patterns("__pycache__"))
        info = mlflow.pyfunc.log_model(
            name=_model_name(record),
            tags={"stance.experiment": record.experiment, "stance.scheme": record.scheme, "stance.model": record.name},
            loader_module="toolkit.model",
            data_path=str(record.model_folder),
            code_paths=[str(code)],
            signature=_signature(record),
            input_example=_frame(record.example),
            pip_requirements=list(record.requirements),
            params=_parameters(record.parameters),
        )
    logged = mlflow.get_logged_model(info.model_id)
    if str(logged.status) not in ("READY", "LoggedModelStatus.READY"):
        raise TrackingError(f"MLflow could not log the model {record.name} of {record.scheme} ({logged.status}).")
    return info.model_id, info.model_uri


def _model_name(record: ModelRun) -> str:
    """Return what the logged model is called; MLflow allows no / : . % and quotation marks in it."""
    return re.sub(r"[^\w-]", "_", f"{record.experiment}-{record.scheme}-{record.name}")


def _signature(record: ModelRun) -> Any:
    """Return what the model takes, the columns of a statement, and what it answers.

    MLflow knows a bare list of texts as a table with the column 0, and would refuse what it does not find in the
    signature: so that column stands in it too, and no column is marked as required. No column has a type, since MLflow
    makes text of whatever stands in a column of strings, ``"None"`` of null and ``"3"`` of 3. The model itself refuses
    a table without texts, and what is no text.
    """
    from mlflow.models import ModelSignature
    from mlflow.types.schema import AnyType, ColSpec, Schema
    from mlflow.types.utils import _infer_schema

    columns = [ColSpec(AnyType(), name, required=False) for name in (0, *record.example.column_names)]
    return ModelSignature(inputs=Schema(columns), outputs=_infer_schema(_frame(record.answer)))


def _frame(table: pa.Table) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame({name: table[name].to_pylist() for name in table.column_names})
