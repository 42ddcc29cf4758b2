"""What stands inside double quotation marks, and so the kind of a statement."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from toolkit.records import Kind, Span

__all__ = ["kind_of", "quoted_letters", "quoted_spans"]

_LINE = re.compile(r"[^\n]+")
_MARK = re.compile(r"[“”«»\"]")


def quoted_spans(text: str) -> list[Span]:
    """Return what stands inside double quotation marks, curly, straight or guillemets, in order.

    A quotation that is not closed runs to the end of its paragraph.
    """
    found: list[Span] = []
    for line in _LINE.finditer(text):
        opened = -1
        for match in _MARK.finditer(text, line.start(), line.end()):
            mark, place = match[0], match.start()
            if opened < 0 and mark in '“«"':
                opened = place + 1
            elif opened >= 0 and mark in '”»"':
                found.append((opened, place))
                opened = -1
        if opened >= 0:
            found.append((opened, line.end()))
    return found


def quoted_letters(text: str) -> set[int]:
    """Return the offsets of the letters and digits of :func:`quoted_spans`."""
    return {i for start, end in quoted_spans(text) for i in range(start, end) if text[i].isalnum()}


def kind_of(text: str, spans: Iterable[Span], quoted: Sequence[Span], enough: float = 0.9) -> Kind:
    """Return ``direct`` where at least ``enough`` of the letters stand in ``quoted``, ``mixed`` where some do."""
    letters = inside = 0
    for start, end in spans:
        letters += sum(map(str.isalnum, text[start:end]))
        first = bisect_right(quoted, start, key=lambda span: span[1])
        last = bisect_left(quoted, end, key=lambda span: span[0])
        for a, b in quoted[first:last]:
            inside += sum(map(str.isalnum, text[max(start, a) : min(end, b)]))
    return "direct" if inside and inside >= enough * letters else "mixed" if inside else "indirect"
