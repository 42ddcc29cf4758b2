"""Quotation marks paired, and so what stands inside them and of which kind a statement is.

Straight and curly marks and guillemets, nested ones, closers that are missing, marks that are odd.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolkit.records import Kind, Span

__all__ = ["Quotation", "kind_of", "overlapping", "prints_single", "quotations", "quoted_letters", "quoted_spans"]

_TOGGLE = re.compile(r"[“”«»\"]")
_LINE = re.compile(r"[^\n]+")
_MARK = re.compile("[\"“”«»„]|''")
_SINGLE = re.compile(r"(?<![^\s(—–-])(?P<opener>['‘])(?=\w)[^\n]{2,1500}?(?<=[,.?!…])(?P<closer>['’])(?![\w'’])")
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


def prints_single(text: str) -> bool:
    """Whether an article has no double marks at all, and so its single ones quote, as in British papers."""
    return _MARK.search(text) is None


def quotations(text: str, start: int, end: int, single: bool = False) -> list[Quotation]:
    """Return the outermost quotations of a paragraph, text[start:end], in order.

    One that is opened and never closed runs to the end of the paragraph: newspapers leave the closer away where the
    quotation goes on in the next paragraph. A straight mark that can only open, while one is open, shows that the one
    before was odd, and begins anew. Single marks are mostly apostrophes: they count where ``single`` says so
    (:func:`prints_single`), from one behind a space to the next behind a comma or the end of a sentence.
    """
    found: list[Quotation] = []
    opened, mark, depth = -1, "", 0
    for match in _MARK.finditer(text, start, end):
        i, c = match.start(), match[0]
        if opened < 0:
            if c in _OPENERS or (c in ('"', "''") and _opens(text, i, start, end, len(c))):
                opened, mark, depth = i, c, 1
        elif c == mark == '"' and _only_opens(text, i, start, end):
            opened = i
        elif c in _closers(mark):
            depth -= 1
            if depth == 0 or c == mark:
                _add(found, text, (opened, opened + len(mark)), (i, i + len(c)), True, mark)
                opened = -1
        elif c in _OPENERS and c == mark:
            depth += 1
    if opened >= 0:
        _add(found, text, (opened, opened + len(mark)), (end, end), False, mark)
    if single:
        for match in _SINGLE.finditer(text, start, end):
            _add(found, text, match.span("opener"), match.span("closer"), True, match["opener"])
    return found


def _only_opens(text: str, i: int, start: int, end: int) -> bool:
    """Whether a straight mark stands behind space and before a letter; one that closes stands behind what was said."""
    before, behind = text[i - 1 : i] if i > start else " ", text[i + 1 : i + 2] if i + 1 < end else " "
    return before.isspace() and behind.isalnum()


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


def quoted_spans(text: str) -> list[Span]:
    """Return what stands inside quotation marks, in order; an open one runs to the end of its paragraph."""
    single = prints_single(text)
    found = (q for line in _LINE.finditer(text) for q in quotations(text, line.start(), line.end(), single))
    return [(q.start, q.end) for q in found if q.mark != "''"]


def quoted_letters(text: str) -> set[int]:
    """Return the offsets of the letters and digits inside double quotation marks, as PolNeAR's scorer counts them.

    There every straight mark opens or closes in turn; :func:`quotations` knows inches and odd marks, and so differs in
    a few paragraphs of a thousand.
    """
    inside: set[int] = set()
    for line in _LINE.finditer(text):
        opened, place = False, line.start()
        for match in _TOGGLE.finditer(text, line.start(), line.end()):
            if opened:
                inside.update(i for i in range(place, match.start()) if text[i].isalnum())
            opened, place = match[0] in "“«" or (match[0] == '"' and not opened), match.end()
        if opened:
            inside.update(i for i in range(place, line.end()) if text[i].isalnum())
    return inside


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
