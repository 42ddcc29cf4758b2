"""Everything that touches MLflow: the store, its runs, and the model registry."""

from toolkit.tracking.labelling import LabelRun, log_labelling
from toolkit.tracking.provenance import Provenance, provenance, requirements
from toolkit.tracking.reading import LoggedExperiment, LoggedRun, Sides, read_experiment, read_run
from toolkit.tracking.registry import (
    ModelRow,
    Registered,
    fetch_model,
    list_models,
    model_name,
    promote,
    register_candidate,
)
from toolkit.tracking.runs import LoggedModel, ModelRun, OpenRun, Table, experiment_run, log_experiment, model_run
from toolkit.tracking.store import Store, close_dead_runs, open_store, server_command

__all__ = [
    "LabelRun",
    "LoggedExperiment",
    "LoggedModel",
    "LoggedRun",
    "ModelRow",
    "ModelRun",
    "OpenRun",
    "Provenance",
    "Registered",
    "Sides",
    "Store",
    "Table",
    "close_dead_runs",
    "experiment_run",
    "fetch_model",
    "list_models",
    "log_experiment",
    "log_labelling",
    "model_name",
    "model_run",
    "open_store",
    "promote",
    "provenance",
    "read_experiment",
    "read_run",
    "register_candidate",
    "requirements",
    "server_command",
]
