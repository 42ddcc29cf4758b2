"""Runs read back as records: what was asked for, how it was divided, and what each model said of what was held out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from toolkit.answers import Answers, Columns
from toolkit.errors import TrackingError, first_line
from toolkit.labels import LabelScheme
from toolkit.records import Statement
from toolkit.storage import read_rows, statement_from
from toolkit.tracking.store import Store, mlflow_quietly

__all__ = ["LoggedExperiment", "LoggedRun", "Sides", "read_experiment", "read_run"]


@dataclass(frozen=True, slots=True)
class Sides:
    """The ids of the statements on either side of a split; ``parts`` are the held-out sides of all its parts."""

    training: tuple[str, ...]
    held_out: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class LoggedRun:
    """The run of one model for one label scheme."""

    run_id: str
    status: str
    scheme: LabelScheme
    model: str
    metrics: Mapping[str, float]
    parameters: Mapping[str, str]
    tags: Mapping[str, str]
    config: Mapping[str, Any]
    """The resolved configuration of its experiment."""
    folder: Path
    """Where its artifacts are on this machine."""

    @cached_property
    def _rows(self) -> list[tuple[Statement, Mapping[str, Any]]]:
        rows = read_rows(self.folder / "held_out_predictions.jsonl", required=("statement_id", "gold", "labels"))
        return [(statement_from(row), row.values) for row in rows]

    @property
    def held_out(self) -> list[Statement]:
        """The statements that the model was evaluated on, with what the held-out table tells of them."""
        return [statement for statement, _ in self._rows]

    @property
    def gold(self) -> list[tuple[str, ...]]:
        """Their gold labels."""
        return [tuple(row["gold"]) for _, row in self._rows]

    @property
    def answers(self) -> Answers:
        """What the model said of them."""
        rows = [row for _, row in self._rows]
        abstains, evident = ("withheld" in rows[0], "evidence" in rows[0]) if rows else (False, False)
        return Answers.from_rows(rows, Columns(self.scheme.name, tuple(self.scheme.labels), abstains, evident))


@dataclass(frozen=True, slots=True)
class LoggedExperiment:
    """The run of a whole experiment with those of its models, in the order in which they were trained."""

    run_id: str
    name: str
    status: str
    config: Mapping[str, Any]
    sides: Sides
    models: tuple[LoggedRun, ...]


def read_run(store: Store, run_id: str) -> LoggedRun:
    """Return the run of a model. Raises TrackingError where there is none, or where an artifact of it is missing."""
    run = _run(store, run_id)
    if run.data.tags.get("stance.level") != "model":
        raise TrackingError(f"{run_id}: is not the run of a model (stance.level is {_level(run)}).")
    folder = _artifacts(store, run)
    return LoggedRun(
        run_id=run_id,
        status=run.info.status,
        scheme=LabelScheme.model_validate(_json(folder, "label_scheme.json")),
        model=run.data.tags["stance.model"],
        metrics=run.data.metrics,
        parameters=run.data.params,
        tags=run.data.tags,
        config=_json(folder, "config.json"),
        folder=folder,
    )


def read_experiment(store: Store, experiment: str) -> LoggedExperiment:
    """Return an experiment with the runs of its models: by the id of its run, or by name the newest that is finished.

    Raises TrackingError where there is none, or where an artifact of it is missing.
    """
    run = _run(store, _newest(store, experiment) or experiment)
    if run.data.tags.get("stance.level") != "experiment":
        raise TrackingError(f"{experiment}: is not the run of an experiment (stance.level is {_level(run)}).")
    folder = _artifacts(store, run)
    sides = _json(folder, "split.json")
    children = store.client().search_runs(
        [run.info.experiment_id],
        f"tags.`mlflow.parentRunId` = '{run.info.run_id}' AND attributes.status = 'FINISHED'",
        max_results=5000,
        order_by=["attributes.start_time ASC"],
    )
    return LoggedExperiment(
        run_id=run.info.run_id,
        name=run.data.tags.get("stance.experiment", run.data.tags.get("mlflow.runName", "")),
        status=run.info.status,
        config=_json(folder, "config.json"),
        sides=Sides(tuple(sides["training"]), tuple(sides["held_out"]), tuple(map(tuple, sides["parts"]))),
        models=tuple(
            read_run(store, child.info.run_id) for child in children if child.data.tags.get("stance.level") == "model"
        ),
    )


def _newest(store: Store, name: str) -> str | None:
    """Return the id of the newest finished run of an experiment of this name."""
    client = store.client()
    found = client.get_experiment_by_name(name)
    if found is None:
        return None
    runs: Sequence[Any] = client.search_runs(
        [found.experiment_id],
        "tags.`stance.level` = 'experiment' AND attributes.status = 'FINISHED'",
        max_results=1,
        order_by=["attributes.start_time DESC"],
    )
    if not runs:
        raise TrackingError(f"the experiment {name!r} has no finished run.")
    return str(runs[0].info.run_id)


def _run(store: Store, run_id: str) -> Any:
    from mlflow.exceptions import MlflowException

    try:
        return store.client().get_run(run_id)
    except MlflowException as error:
        raise TrackingError(f"{run_id}: is neither the name of an experiment nor a run: {first_line(error)}.") from None


def _level(run: Any) -> str:
    return str(run.data.tags.get("stance.level", "not told"))


def _artifacts(store: Store, run: Any) -> Path:
    """Return the folder of a run's artifacts on this machine, downloaded where they lie elsewhere."""
    uri = str(run.info.artifact_uri)
    if uri.startswith("file://"):
        return Path(uri.removeprefix("file://"))
    mlflow = mlflow_quietly()
    return Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, tracking_uri=store.uri))


def _json(folder: Path, name: str) -> Any:
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrackingError(f"{folder / name}: cannot be read: {first_line(error)}.") from None
