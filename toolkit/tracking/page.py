"""How MLflow's page shows an experiment: opened on its runs, with the figures that matter as columns.

Its address alone opens on traces of language models, and on the row of the experiment with no figure beside it; what is
to be seen instead is kept with the experiment as a shared view, MLflow's own way to hand a table's columns on.
"""

from __future__ import annotations

import json
from typing import Any

from toolkit.tracking.store import Store

__all__ = ["introduce", "page_addresses"]

_VIEW = "figures"
_VIEW_TAG = f"mlflow.sharedViewState.{_VIEW}"
_COLUMNS = ("f1/macro", "average_precision/macro", "precision/macro", "recall/macro", "brier/macro", "statements")


def introduce(client: Any, experiment_id: str, description: str) -> None:
    """Let MLflow's page know what an experiment is and how it is looked at; what a person has set there stays."""
    known = client.get_experiment(experiment_id).tags
    tags = {
        "mlflow.experimentKind": "custom_model_development",
        "mlflow.note.content": description,
        _VIEW_TAG: json.dumps(_view()),
    }
    for name, value in tags.items():
        if value and name not in known:
            client.set_experiment_tag(experiment_id, name, value)


def _view() -> dict[str, Any]:
    """Return the state of the table of runs; sorted by a figure, the models' rows are not folded under a parent."""
    return {
        "searchFilter": "",
        "orderByKey": "metrics.`f1/macro`",
        "orderByAsc": False,
        "startTime": "ALL",
        "lifecycleFilter": "Active",
        "modelVersionFilter": "All Runs",
        "datasetsFilter": [],
        "selectedColumns": [*(f"metrics.`{name}`" for name in _COLUMNS), "tags.`stance.chosen`"],
        "runsExpanded": {},
        "runsPinned": [],
        "runsHidden": [],
    }


def page_addresses(store: Store, server: str) -> dict[str, str]:
    """Return where the server's page shows the figures of each experiment of this toolkit, by name, newest first."""
    found = store.client().search_experiments(order_by=["last_update_time DESC"])
    query = f"viewStateShareKey={_VIEW}&workflowType=machine_learning"
    return {
        one.name: f"{server}/#/experiments/{one.experiment_id}/runs?{query}" for one in found if _VIEW_TAG in one.tags
    }
