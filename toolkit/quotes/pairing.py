"""Quotation marks paired: straight and curly marks and guillemets, nested ones, closers that are missing."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

__all__ = ["Quotation", "overlapping", "quotations"]

_MARK = re.compile("[\"“”«»„]|''")
_OPENERS = {"“": "”", "«": "»", "„": "“”"}


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quotation: offsets of what stands inside the marks, of the marks, and whether a closer was there."""

    start: int
    end: int
    outer_start: int
    outer_end: int
    closed: bool
    mark: str


def quotations(text: str, start: int, end: int) -> list[Quotation]:
    """Return the outermost quotations of a paragraph, text[start:end], in order.

    One that is opened and never closed runs to the end of the paragraph: newspapers leave the closer away where the
    quotation goes on in the next paragraph. Single marks are never outermost here: they are mostly apostrophes.
    """
    found: list[Quotation] = []
    opened, mark, depth = -1, "", 0
    for match in _MARK.finditer(text, start, end):
        i, c = match.start(), match[0]
        if opened < 0:
            if c in _OPENERS or (c in ('"', "''") and _opens(text, i, start, end, len(c))):
                opened, mark, depth = i, c, 1
        elif c in _closers(mark):
            depth -= 1
            if depth == 0 or c == mark:
                _add(found, text, (opened, opened + len(mark)), (i, i + len(c)), True, mark)
                opened = -1
        elif c in _OPENERS and c == mark:
            depth += 1
    if opened >= 0:
        _add(found, text, (opened, opened + len(mark)), (end, end), False, mark)
    return found


def _closers(mark: str) -> str | tuple[str, ...]:
    return _OPENERS.get(mark) or (mark,)


def overlapping(marks: list[Quotation], start: int, end: int) -> list[Quotation]:
    """Return the quotations, of a list in order, that share a character with text[start:end]."""
    first = bisect_right(marks, start, key=lambda q: q.outer_end)
    last = bisect_left(marks, end, key=lambda q: q.outer_start)
    return marks[first:last]


def _opens(text: str, i: int, start: int, end: int, width: int) -> bool:
    """A straight mark opens before a letter and not behind a digit (that would be inches)."""
    return i + width < end and not text[i + width].isspace() and not (i > start and text[i - 1].isdigit())


def _add(
    found: list[Quotation], text: str, opener: tuple[int, int], closer: tuple[int, int], closed: bool, mark: str
) -> None:
    start, end = opener[1], closer[0]
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    if start < end:
        found.append(Quotation(start, end, opener[0], closer[1], closed, mark))
