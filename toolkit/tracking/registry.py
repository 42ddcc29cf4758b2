"""The model registry: candidates, champions, and where a model URI leads.

Training registers candidates. The champion, by which predictions find a model, gives way only to a candidate that is
not worse on the same held-out statements, or to one that a person promotes.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.errors import ModelError, UsageError, first_line, nearest
from toolkit.tracking.runs import HELD_OUT, LoggedModel, finite
from toolkit.tracking.store import Store, mlflow_quietly

__all__ = ["ModelRow", "Registered", "fetch_model", "list_models", "model_name", "promote", "register_candidate"]

CANDIDATE, CHAMPION = "candidate", "champion"
REPLACED = "replaced"
"""The tag of a version that names the champion whose place it took."""
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


@dataclass(frozen=True, slots=True)
class Registered:
    """A version that training has registered, and what came of it for the champion."""

    name: str
    model: str
    version: str
    before: str | None
    """The version that was the champion; None where there was none."""
    moved: bool
    """Whether the new version is the champion now."""
    criterion: str
    """The held-out figure that was compared, as runs log it: ``f1/macro``."""
    figure: float | None
    figure_before: float | None
    """The figures of the new version and of the champion before; None where undefined or not logged."""
    reason: str

    @property
    def decision(self) -> str:
        """What the version is now, and why."""
        if not self.moved:
            return f"is the candidate; champion stays version {self.before}: {self.reason}"
        if self.before is None:
            return f"is the candidate and champion ({self.reason})"
        return f"is the candidate and replaces version {self.before} as champion: {self.reason}"

    def tags(self) -> dict[str, str]:
        """Return what is kept with the version in the registry."""
        told = {
            "criterion": self.criterion,
            "figure": self.figure,
            "champion_before": self.before,
            "champion_before.figure": self.figure_before,
            "decision": self.decision,
            REPLACED: self.before if self.moved else None,
        }
        return {name: str(value) for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a version reached, and on which held-out statements and gold labels, as its run tells."""

    figure: float | None = None
    held_out: str | None = None
    """Digest of the statements with their gold labels."""
    statements: float | None = None


def register_candidate(
    store: Store, name: str, logged: LoggedModel, *, model: str, experiment_run: str, criterion: str
) -> Registered:
    """Register a logged model under ``name`` as the candidate, and as the champion where it is not worse.

    ``criterion`` is the held-out figure to compare, as the runs of both log it. The champion stays where the candidate
    is worse, a figure is undefined, or the two were not evaluated on the same statements with the same gold labels.
    Raises TrackingError where another process keeps the store locked.
    """
    client = store.client()
    with store.locked():
        _make_sure(client, name)
        before = _holder(client, name, CHAMPION)
        tags = {"model": model, "experiment_run": experiment_run}
        version = str(client.create_model_version(name, logged.uri, run_id=logged.run_id, tags=tags).version)
        new, old = _standing(client, logged.run_id, criterion), _Standing()
        moved, reason = True, "there was none"
        if before is not None:
            old = _standing(client, client.get_model_version(name, before).run_id, criterion)
            moved, reason = _compare(new, old, criterion, before)
        registered = Registered(name, model, version, before, moved, criterion, new.figure, old.figure, reason)
        for tag, value in registered.tags().items():
            client.set_model_version_tag(name, version, tag, value)
        for alias in (CANDIDATE, CHAMPION) if moved else (CANDIDATE,):
            client.set_registered_model_alias(name, alias, version)
    return registered


def _make_sure(client: Any, name: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException:
        client.get_registered_model(name)  # it stands already, or this tells what is wrong


def _holder(client: Any, name: str, alias: str) -> str | None:
    """Return the version that has an alias."""
    version = client.get_registered_model(name).aliases.get(alias)
    return None if version is None else str(version)


def _standing(client: Any, run_id: str | None, criterion: str) -> _Standing:
    from mlflow.exceptions import MlflowException

    if not run_id:
        return _Standing()
    try:
        run = client.get_run(run_id)
    except MlflowException:  # the run has been deleted for good
        return _Standing()
    figures = finite(run.data.metrics)
    inputs = run.inputs.dataset_inputs if run.inputs else []
    inputs = [one for one in inputs if HELD_OUT in (tag.value for tag in one.tags)]
    return _Standing(figures.get(criterion), inputs[0].dataset.digest if inputs else None, figures.get("statements"))


def _compare(new: _Standing, old: _Standing, criterion: str, before: str) -> tuple[bool, str]:
    """Return whether the new one takes the place of the old one, and why; a tie is not worse."""
    kind, _, over = criterion.partition("/")
    told = f"{over} {kind}".replace("_", " ").replace("f1", "F1")
    if new.figure is None:
        return False, f"the candidate's {told} is undefined"
    if old.figure is None:
        return False, f"no {told} of version {before} is known"
    if old.held_out is None or new.held_out != old.held_out:
        return False, f"the held-out statements or their gold labels are not the same, so {told} cannot be compared"
    # Sums in another order differ by less than this.
    moved = new.figure >= old.figure or math.isclose(new.figure, old.figure, rel_tol=0, abs_tol=1e-9)
    first, second = (new.figure, old.figure) if moved else (old.figure, new.figure)
    digits = next((n for n in range(2, 9) if f"{first:.{n}f}" != f"{second:.{n}f}"), 2)
    size = "" if new.statements is None else f" {new.statements:.0f}"
    return moved, f"{told} {first:.{digits}f} against {second:.{digits}f} on the same{size} held-out statements"


def list_models(store: Store) -> list[ModelRow]:
    """Return every version of every registered model, newest first within a name."""
    client = store.client()
    rows = []
    for registered in client.search_registered_models(max_results=1000):
        aliases: dict[str, list[str]] = {}
        for alias, version in registered.aliases.items():
            aliases.setdefault(str(version), []).append(alias)
        found = _versions(client, registered.name)
        for version in sorted(found, key=lambda v: -int(v.version)):
            rows.append(_row(client, version, tuple(sorted(aliases.get(str(version.version), [])))))
    return rows


def _versions(client: Any, name: str) -> list[Any]:
    """Return the versions of a model; a name with a quotation mark, which others may have given, fits no filter."""
    if "'" in name:
        return [version for version in client.search_model_versions(max_results=10_000) if version.name == name]
    return list(client.search_model_versions(f"name = '{name}'"))


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
    """Give a version the alias and return the version that had it; a champion keeps whose place it took.

    Raises UsageError for what is not there, TrackingError where another process keeps the store locked.
    """
    client = store.client()
    names = [model.name for model in client.search_registered_models(max_results=1000)]
    if name not in names:
        hint = nearest(name, names) or f" (known: {', '.join(names) or 'none'})"
        raise UsageError(f"{name!r} is no registered model{hint}.")
    versions = sorted((str(v.version) for v in _versions(client, name)), key=int)
    if version not in versions:
        raise UsageError(f"{name!r} has no version {version} (known: {', '.join(versions)}).")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,99}", alias) or re.fullmatch(r"(?i)latest|v\d+", alias):
        told = "letters, digits, - and _, at most 100; 'latest' and 'v1' are reserved"
        raise UsageError(f"{alias[:100]!r} cannot be an alias: {told}.")
    with store.locked():
        before = _holder(client, name, alias)
        if alias == CHAMPION and before not in (None, version):
            client.set_model_version_tag(name, version, REPLACED, before)
        client.set_registered_model_alias(name, alias, version)
    return before


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
                f"{uri}: is neither a folder nor a model URI (models:/NAME@champion, models:/NAME/3, runs:/ID/NAME)."
            )
        return folder
    if re.fullmatch(r"models:/(?!m-)[^/@]+", uri):
        raise UsageError(f"{uri}: say which version: {uri}@champion, or {uri}/1.")
    mlflow = mlflow_quietly()
    try:
        return Path(mlflow.artifacts.download_artifacts(artifact_uri=uri))
    except Exception as error:  # stores and stores' clients fail in many ways
        raise ModelError(f"{uri}: the model cannot be had: {first_line(error)}.") from error
