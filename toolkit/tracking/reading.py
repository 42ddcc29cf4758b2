"""Runs read back as records: what was asked for, how it was divided, and what each model said of what was held out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from toolkit.answers import Answers, Columns
from toolkit.errors import TrackingError, first_line, nearest
from toolkit.labels import LabelScheme
from toolkit.records import Statement
from toolkit.storage import read_rows, statement_from
from toolkit.tracking.store import Store, mlflow_quietly

__all__ = [
    "LoggedExperiment",
    "LoggedRun",
    "Sides",
    "experiment_of",
    "model_of",
    "read_experiment",
    "read_run",
    "read_runs",
]


@dataclass(frozen=True, slots=True)
class Sides:
    """The ids of the statements on either side of a split.

    ``parts`` are the held-out sides of all its parts, ``learnt`` what the models that judged them had learnt from, part
    by part; nothing in older runs, which do not tell it.
    """

    training: tuple[str, ...]
    held_out: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    learnt: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Sides:
        """Return the sides that an artifact tells."""
        parts, learnt = (tuple(map(tuple, told.get(name, ()))) for name in ("parts", "learnt"))
        return cls(tuple(told["training"]), tuple(told["held_out"]), parts, learnt)


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
    folder: Path | None = None
    """Where its artifacts are on this machine."""


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
        sides=Sides.from_dict(_json(folder, "split.json")),
        models=tuple(
            read_run(store, child.info.run_id) for child in children if child.data.tags.get("stance.level") == "model"
        ),
        folder=folder,
    )


def read_runs(store: Store, name: str) -> tuple[LoggedRun, ...]:
    """Return the runs of models that a name means, in the order in which they were trained.

    It is the id of a run, the name of an experiment (its newest finished run), ``EXPERIMENT/MODEL`` or
    ``EXPERIMENT/SCHEME/MODEL``, or a registered model (``models:/stance@champion``, ``models:/stance/3``). Raises
    TrackingError where it means none.
    """
    if name.startswith("models:/"):
        return (read_run(store, _registered(store, name)),)
    experiment, _, wanted = name.partition("/")
    if not wanted and _newest(store, name) is None and _run(store, name).data.tags.get("stance.level") == "model":
        return (read_run(store, name),)
    found = read_experiment(store, experiment)
    runs = tuple(run for run in found.models if wanted in ("", run.model, f"{run.scheme.name}/{run.model}"))
    if not runs:
        known = [f"{run.scheme.name}/{run.model}" for run in found.models]
        hint = nearest(wanted, [*known, *(run.model for run in found.models)]) if wanted else ""
        there_are = f"{hint} (there are: {', '.join(known) or 'none'})"
        of = f" of a model {wanted!r}{there_are}" if wanted else " of a model"
        raise TrackingError(f"the experiment {experiment!r} has no finished run{of}.")
    return runs


def experiment_of(store: Store, run: LoggedRun) -> LoggedExperiment:
    """Return the experiment of a model's run. Raises TrackingError where there is none, or an artifact is missing."""
    parent = run.tags.get("mlflow.parentRunId")
    if parent is None:
        raise TrackingError(f"{run.run_id}: belongs to no experiment.")
    return read_experiment(store, parent)


def model_of(store: Store, run: LoggedRun) -> str:
    """Return the URI of the model that a run has logged. Raises TrackingError where it has logged none."""
    outputs = _run(store, run.run_id).outputs
    if not outputs or not outputs.model_outputs:
        raise TrackingError(f"{run.run_id}: has logged no model.")
    return f"models:/{outputs.model_outputs[0].model_id}"


def _registered(store: Store, uri: str) -> str:
    """Return the id of the run that a registered version comes from."""
    from mlflow.exceptions import MlflowException

    told = re.fullmatch(r"models:/([^/@]+)(?:@([^/@]+)|/(\d+))", uri)
    if told is None:
        raise TrackingError(f"{uri}: is no registered model; models:/NAME@champion and models:/NAME/3 are.")
    name, alias, version = told.groups()
    try:
        client = store.client()
        found = client.get_model_version_by_alias(name, alias) if alias else client.get_model_version(name, version)
    except MlflowException as error:
        raise TrackingError(f"{uri}: cannot be had: {first_line(error)}.") from None
    if not found.run_id:
        raise TrackingError(f"{uri}: comes from no run, so there is no held-out table of it.")
    return str(found.run_id)


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
        if error.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            raise TrackingError(f"{run_id}: cannot be read: {first_line(error)}.") from None
    begun = [run for run in _ids(store) if re.fullmatch(r"[0-9a-f]{4,31}", run_id) and run.startswith(run_id)]
    if len(begun) == 1:
        raise TrackingError(f"{run_id}: is only the beginning of a run's id; the whole is {begun[0]}.")
    names = [one.name for one in store.client().search_experiments()]
    hint = nearest(run_id, names) or f" (there are: {', '.join(names) or 'none'})"
    raise TrackingError(f"{run_id}: is neither the name of an experiment{hint} nor the id of a run (32 letters).")


def _ids(store: Store) -> list[str]:
    """Return the ids of the newest runs."""
    experiments = [one.experiment_id for one in store.client().search_experiments()]
    return [run.info.run_id for run in store.client().search_runs(experiments, max_results=1000)]


def _level(run: Any) -> str:
    return str(run.data.tags.get("stance.level", "not told"))


def _artifacts(store: Store, run: Any) -> Path:
    """Return the folder of a run's artifacts on this machine, downloaded where they lie elsewhere."""
    uri = str(run.info.artifact_uri)
    if uri.startswith("file://"):
        return Path(unquote(uri.removeprefix("file://")))
    mlflow = mlflow_quietly()
    return Path(mlflow.artifacts.download_artifacts(run_id=run.info.run_id, tracking_uri=store.uri))


def _json(folder: Path, name: str) -> Any:
    try:
        return json.loads((folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrackingError(f"{folder / name}: cannot be read: {first_line(error)}.") from None
