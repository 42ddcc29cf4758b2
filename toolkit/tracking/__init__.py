"""Everything that touches MLflow: the store, its runs, and the model registry."""

from toolkit.tracking.attaching import attach
from toolkit.tracking.fetching import fetch_model, model_name
from toolkit.tracking.gate import Judgement
from toolkit.tracking.history import Change, champions
from toolkit.tracking.labelling import LabelRun, log_labelling
from toolkit.tracking.page import page_addresses
from toolkit.tracking.provenance import Provenance, provenance, requirements
from toolkit.tracking.reading import (
    LoggedExperiment,
    LoggedRun,
    Sides,
    experiment_of,
    model_of,
    read_experiment,
    read_run,
    read_runs,
)
from toolkit.tracking.registry import ModelRow, Registered, list_models, promote, register_candidate
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
    "Change",
    "Judgement",
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
    "add_tags",
    "attach",
    "champions",
    "close_dead_runs",
    "describe_version",
    "experiment_of",
    "experiment_run",
    "fetch_model",
    "list_models",
    "log_experiment",
    "log_labelling",
    "model_name",
    "model_of",
    "model_run",
    "open_store",
    "page_addresses",
    "promote",
    "provenance",
    "read_experiment",
    "read_run",
    "read_runs",
    "register_candidate",
    "requirements",
    "server_command",
]
