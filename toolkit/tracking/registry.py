"""The model registry: champions, versions, and where a model URI leads."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import ModelError, UsageError, nearest
from toolkit.tracking.runs import LoggedModel
from toolkit.tracking.store import Store, mlflow_quietly

__all__ = ["ModelRow", "fetch_model", "list_models", "promote", "register_champion"]

CHAMPION = "champion"
_URI = re.compile(r"(models|runs|mlflow-artifacts|file|s3|gs|abfss?|https?):/")


@dataclass(frozen=True, slots=True)
class ModelRow:
    """One registered version, as ``stance models list`` shows it."""

    name: str
    version: str
    aliases: tuple[str, ...]
    model: str
    run_id: str
    figures: dict[str, float]


def register_champion(store: Store, name: str, model: LoggedModel, tags: dict[str, str]) -> str:
    """Register a logged model under ``name`` with the alias ``champion``; return its version."""
    from mlflow.exceptions import MlflowException

    client = store.client()
    try:
        client.create_registered_model(name)
    except MlflowException:
        client.get_registered_model(name)  # it stands already, or this tells what is wrong
    version = client.create_model_version(name, model.uri, run_id=model.run_id, tags=tags).version
    client.set_registered_model_alias(name, CHAMPION, version)
    return str(version)


def list_models(store: Store) -> list[ModelRow]:
    """Return every version of every registered model, newest first within a name."""
    client = store.client()
    rows = []
    for registered in client.search_registered_models(max_results=1000):
        aliases: dict[str, list[str]] = {}
        for alias, version in registered.aliases.items():
            aliases.setdefault(str(version), []).append(alias)
        found = client.search_model_versions(f"name = '{registered.name}'")
        for version in sorted(found, key=lambda v: -int(v.version)):
            rows.append(_row(client, version, tuple(sorted(aliases.get(str(version.version), [])))))
    return rows


def _row(client: Any, version: Any, aliases: tuple[str, ...]) -> ModelRow:
    figures = client.get_run(version.run_id).data.metrics if version.run_id else {}
    return ModelRow(
        name=version.name,
        version=str(version.version),
        aliases=aliases,
        model=version.tags.get("model", ""),
        run_id=version.run_id or "",
        figures={name: figures[name] for name in ("f1/macro", "f1/micro") if name in figures},
    )


def promote(store: Store, name: str, version: str, alias: str = CHAMPION) -> str | None:
    """Give a version the alias and return the version that had it. Raises UsageError for what is not there."""
    client = store.client()
    names = [model.name for model in client.search_registered_models(max_results=1000)]
    if name not in names:
        hint = nearest(name, names) or f" (known: {', '.join(names) or 'none'})"
        raise UsageError(f"{name!r} is no registered model{hint}.")
    versions = sorted((str(v.version) for v in client.search_model_versions(f"name = '{name}'")), key=int)
    if version not in versions:
        raise UsageError(f"{name!r} has no version {version} (known: {', '.join(versions)}).")
    if not re.fullmatch(r"[A-Za-z_][\w-]*", alias) or alias == "latest" or re.fullmatch(r"v\d+", alias):
        raise UsageError(f"{alias!r} cannot be an alias: letters, digits, - and _; 'latest' and 'v1' are reserved.")
    before = client.get_registered_model(name).aliases.get(alias)
    client.set_registered_model_alias(name, alias, version)
    return str(before) if before is not None else None


def fetch_model(uri: str) -> Path:
    """Return the local folder of a model: a folder as it is, a URI downloaded; nothing of it is run.

    Raises ModelError where it cannot be had, UsageError where the version is not named.
    """
    if not _URI.match(uri):
        folder = Path(uri)
        if not folder.is_dir():
            raise ModelError(
                f"{uri}: is neither a folder nor a model URI (models:/NAME@champion, models:/NAME/3, runs:/ID/NAME)."
            )
        return folder
    if re.fullmatch(r"models:/(?!m-)[^/@]+", uri):
        raise UsageError(f"{uri}: say which version: {uri}@champion, or {uri}/1.")
    mlflow = mlflow_quietly()
    try:
        return Path(mlflow.artifacts.download_artifacts(artifact_uri=uri))
    except Exception as error:  # stores and stores' clients fail in many ways
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise ModelError(f"{uri}: the model cannot be had: {reason}.") from error
