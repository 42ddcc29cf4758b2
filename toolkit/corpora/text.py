"""What every reader of documents does to a text and a date."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["iso_date", "paragraphs"]

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def paragraphs(lines: Iterable[str]) -> str:
    """Return lines as paragraphs, a blank line between them, white space inside as single spaces; empty ones fall."""
    return "\n\n".join(line for piece in lines if (line := " ".join(piece.split())))


def iso_date(told: str | None) -> str | None:
    """Return the day that a date begins with (``2024-03-01``), None where it is written otherwise."""
    found = _DATE.match(told or "")
    return found[0] if found else None
