"""One published example, whatever its corpus calls it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Post"]


@dataclass(frozen=True, slots=True)
class Post:
    """One published example, whatever its corpus calls it.

    ``where`` is its place for messages (file and line), ``group`` the document that it belongs to (by its id, where a
    post is a document), and ``values`` its published labels by column.
    """

    where: str
    group: str
    text: str
    values: Mapping[str, str]
    speaker: str | None = None
    target: str | None = None
    target_start: int | None = None
    """Where the target's mention begins in the text."""
    context: str | None = None
    problem: str | None = None
    """Why it cannot be used, where its reader can tell."""
