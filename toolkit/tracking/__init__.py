"""Everything that touches MLflow: the store, its runs, and the model registry."""

from toolkit.tracking.page import page_addresses
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
from toolkit.tracking.runs import (
    LoggedModel,
    ModelRun,
    OpenRun,
    Table,
    add_tags,
    describe_version,
    experiment_run,
    log_experiment,
    model_run,
)
from toolkit.tracking.store import Store, close_dead_runs, open_store, server_command

__all__ = [
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
    "add_tags",
    "close_dead_runs",
    "describe_version",
    "experiment_run",
    "fetch_model",
    "list_models",
    "log_experiment",
    "model_name",
    "model_run",
    "open_store",
    "page_addresses",
    "promote",
    "provenance",
    "read_experiment",
    "read_run",
    "register_candidate",
    "requirements",
    "server_command",
]
