"""Who was the champion of a registered model, since when, and by what decision: kept in the tags of the model."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from toolkit.errors import UsageError, nearest
from toolkit.tracking.gate import Judgement
from toolkit.tracking.store import Store

__all__ = ["Change", "champions", "known_models", "remember"]

_KEY = "champion."
_LONGEST = 1500
"""Characters of a text; a tag of a registered model holds 5,000 in all."""


@dataclass(frozen=True, slots=True)
class Change:
    """A version that has got an alias, and why."""

    version: str
    before: str | None
    """The version that had it; None where there was none."""
    when: str
    """ISO time, UTC."""
    by: str
    """``training`` or ``person``."""
    criterion: str
    figure: float | None
    figure_before: float | None
    reason: str
    """What the gate found."""
    overruled: str | None = None
    """Why a person has overruled it; None where nobody has."""

    @classmethod
    def now(
        cls, version: str, before: str | None, by: str, criterion: str, judged: Judgement, overruled: str | None = None
    ) -> Change:
        """Return a change that is made now."""
        when = datetime.now(UTC).isoformat(timespec="seconds")
        figures = (judged.figure, judged.figure_before)
        told = None if overruled is None else overruled[:_LONGEST]
        return cls(version, before, when, by, criterion, *figures, judged.reason[:_LONGEST], told)


def remember(client: Any, name: str, change: Change) -> None:
    """Keep a change of the champion with the registered model; the store must be locked."""
    place = len(_kept(client, name)) + 1
    client.set_registered_model_tag(name, f"{_KEY}{place:05}", json.dumps(asdict(change), ensure_ascii=False))


def champions(store: Store, name: str) -> list[Change]:
    """Return the champions of a registered model, the newest first. Raises UsageError where there is no such model."""
    client = store.client()
    known_models(client, name)
    return [Change(**json.loads(value)) for _, value in sorted(_kept(client, name).items(), reverse=True)]


def _kept(client: Any, name: str) -> dict[str, str]:
    tags = client.get_registered_model(name).tags
    return {key: value for key, value in tags.items() if key.startswith(_KEY) and key[len(_KEY) :].isdigit()}


def known_models(client: Any, name: str) -> list[str]:
    """Return the names of all registered models. Raises UsageError where ``name`` is not among them."""
    names = [model.name for model in client.search_registered_models(max_results=1000)]
    if name not in names:
        hint = nearest(name, names) or f" (known: {', '.join(names) or 'none'})"
        raise UsageError(f"{name!r} is no registered model{hint}.")
    return names
