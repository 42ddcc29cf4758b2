"""Where a model URI leads: which version it means, and its folder on this machine."""

from __future__ import annotations

import re
from pathlib import Path

from toolkit.errors import ModelError, UsageError, first_line
from toolkit.tracking.store import mlflow_quietly

__all__ = ["fetch_model", "model_name"]

_URI = re.compile(r"(models|runs|mlflow-artifacts|file|s3|gs|abfss?|https?):/")


def model_name(uri: str) -> str:
    """Return what a model URI means now, never an alias: ``models:/stance/3 (run 1f0c...)``; else the URI as it is.

    Raises ModelError where there is no such version.
    """
    from mlflow.exceptions import MlflowException

    found = re.fullmatch(r"models:/([^/@]+)(?:@([^/@]+)|/(\d+))", uri)
    if not found:
        return uri
    name, alias, version = found.groups()
    client = mlflow_quietly().MlflowClient()
    try:
        if alias is not None:
            one = client.get_model_version_by_alias(name, alias)
        else:
            one = client.get_model_version(name, version)
    except MlflowException as error:
        raise ModelError(f"{uri}: the model cannot be had: {first_line(error)}.") from None
    return f"models:/{name}/{one.version}" + (f" (run {one.run_id})" if one.run_id else "")


def fetch_model(uri: str) -> Path:
    """Return the local folder of a model: a folder as it is, a URI downloaded; nothing of it is run.

    Raises ModelError where it cannot be had, UsageError where the version is not named.
    """
    if not _URI.match(uri):
        folder = Path(uri)
        if not folder.is_dir():
            raise ModelError(
                f"{uri}: is neither a folder nor a model URI (models:/NAME@champion, models:/NAME/3, runs:/ID/model)."
            )
        return folder
    if re.fullmatch(r"models:/(?!m-)[^/@]+", uri):
        raise UsageError(f"{uri}: say which version: {uri}@champion, or {uri}/1.")
    mlflow = mlflow_quietly()
    try:
        return Path(mlflow.artifacts.download_artifacts(artifact_uri=_model_of_run(uri)))
    except ModelError:
        raise
    except Exception as error:  # stores and stores' clients fail in many ways
        raise ModelError(f"{uri}: the model cannot be had: {first_line(error)}.") from error


def _model_of_run(uri: str) -> str:
    """Return the URI of the model that a run has logged for ``runs:/ID`` or ``runs:/ID/model``; others as they are."""
    found = re.fullmatch(r"runs:/([0-9a-f]{32})(?:/model)?", uri)
    if found is None:
        return uri
    outputs = mlflow_quietly().MlflowClient().get_run(found[1]).outputs
    if not outputs or not outputs.model_outputs:
        raise ModelError(f"{uri}: the run has logged no model.")
    return f"models:/{outputs.model_outputs[0].model_id}"
