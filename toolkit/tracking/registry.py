"""The model registry: candidates and champions.

Training registers candidates. The champion, by which predictions find a model, gives way only to a version that the
gate lets pass, or that a person promotes against it, with a reason; what was decided is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from toolkit.errors import TrackingError, UsageError
from toolkit.tracking.gate import Judgement, judge
from toolkit.tracking.history import Change, known_models, remember
from toolkit.tracking.runs import LoggedModel
from toolkit.tracking.store import Store

__all__ = ["ModelRow", "Registered", "list_models", "promote", "register_candidate"]

CANDIDATE, CHAMPION = "candidate", "champion"
REPLACED = "replaced"
"""The tag of a version that names the champion whose place it took."""


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
    judged: Judgement

    @property
    def decision(self) -> str:
        """What the version is now, and why."""
        if not self.moved:
            return f"is the candidate; champion stays version {self.before}: {self.judged.reason}"
        if self.before is None:
            return f"is the candidate and champion ({self.judged.reason})"
        return f"is the candidate and replaces version {self.before} as champion: {self.judged.reason}"

    def tags(self) -> dict[str, str]:
        """Return what is kept with the version in the registry."""
        told = {
            "criterion": self.criterion,
            "champion_before": self.before,
            "decision": self.decision,
            REPLACED: self.before if self.moved else None,
        }
        return {**self.judged.tags(), **{name: value for name, value in told.items() if value is not None}}


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
        judged = judge(store, logged.run_id, _run_of(client, name, before), criterion, before)
        registered = Registered(name, model, version, before, judged.passes, criterion, judged)
        for tag, value in registered.tags().items():
            client.set_model_version_tag(name, version, tag, value)
        for alias in (CANDIDATE, CHAMPION) if judged.passes else (CANDIDATE,):
            client.set_registered_model_alias(name, alias, version)
        if judged.passes:
            remember(client, name, Change.now(version, before, "training", criterion, judged))
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


def _run_of(client: Any, name: str, version: str | None) -> str | None:
    return None if version is None else client.get_model_version(name, version).run_id


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


def promote(store: Store, name: str, version: str, alias: str = CHAMPION, *, overruling: str | None = None) -> Change:
    """Give a version the alias; it becomes the champion only where the gate lets it pass.

    ``overruling`` is a person's reason to make it the champion all the same; it is kept with the version. Raises
    UsageError for what is not there, TrackingError where the gate refuses, or another process keeps the store locked.
    """
    client = store.client()
    _check_version(client, name, version)
    _check_alias(alias)
    with store.locked():
        before = _holder(client, name, alias)
        criterion = _criterion(client, name, version)
        if alias != CHAMPION or before == version:
            judged = Judgement(True, "was not asked")
        else:
            judged = judge(store, _run_of(client, name, version), _run_of(client, name, before), criterion, before)
        if not judged.passes and overruling is None:
            raise TrackingError(f"{name}: the champion stays version {before}: {judged.reason}.")
        change = Change.now(version, before, "person", criterion, judged, overruling)
        if alias == CHAMPION and before != version:
            for tag, value in _promoted_tags(change, judged).items():
                client.set_model_version_tag(name, version, tag, value)
            remember(client, name, change)
        client.set_registered_model_alias(name, alias, version)
    return change


def _check_version(client: Any, name: str, version: str) -> None:
    known_models(client, name)
    versions = sorted((str(v.version) for v in _versions(client, name)), key=int)
    if version not in versions:
        raise UsageError(f"{name!r} has no version {version} (known: {', '.join(versions)}).")


def _check_alias(alias: str) -> None:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]{0,99}", alias) or re.fullmatch(r"(?i)latest|v\d+", alias):
        told = "letters, digits, - and _, at most 100; 'latest' and 'v1' are reserved"
        raise UsageError(f"{alias[:100]!r} cannot be an alias: {told}.")


def _criterion(client: Any, name: str, version: str) -> str:
    """Return the figure that a version was chosen by when it was registered; macro F1 where nobody says."""
    return str(client.get_model_version(name, version).tags.get("criterion", "f1/macro"))


def _promoted_tags(change: Change, judged: Judgement) -> dict[str, str]:
    """Return what is kept with a version that a person has promoted."""
    against = "" if judged.passes else "against the gate, "
    told = {
        "criterion": change.criterion,
        "champion_before": change.before,
        "decision": f"made champion by a person, {against}{change.reason}",
        "overruling": change.overruled,
        REPLACED: change.before,
    }
    return {**judged.tags(), **{name: value for name, value in told.items() if value is not None}}
