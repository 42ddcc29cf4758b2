"""What stands inside double quotation marks, and so the kind of a statement."""

from __future__ import annotations

import re
from collections.abc import Iterable

from toolkit.records import Kind, Span

__all__ = ["kind_of", "quoted_letters"]

_LINE = re.compile(r"[^\n]+")
_MARK_OR_LETTER = re.compile(r"[“”«»\"]|[^\W_]")


def quoted_letters(text: str) -> set[int]:
    """Return the offsets of the letters and digits inside double quotation marks, curly, straight or guillemets.

    A quotation that is not closed runs to the end of its paragraph.
    """
    inside: set[int] = set()
    for line in _LINE.finditer(text):
        opened = False
        for match in _MARK_OR_LETTER.finditer(text, line.start(), line.end()):
            mark = match[0]
            if mark in "“«":
                opened = True
            elif mark in "”»":
                opened = False
            elif mark == '"':
                opened = not opened
            elif opened:
                inside.add(match.start())
    return inside


def kind_of(text: str, spans: Iterable[Span], quoted: set[int], enough: float = 0.9) -> Kind:
    """Return ``direct`` where at least ``enough`` of the letters stand in ``quoted``, ``mixed`` where some do."""
    letters = [i for start, end in spans for i in range(start, end) if text[i].isalnum()]
    share = sum(i in quoted for i in letters) / max(1, len(letters))
    return "direct" if share >= enough else "mixed" if share > 0 else "indirect"
