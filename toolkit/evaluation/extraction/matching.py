"""Which extracted statement stands for which of gold: the two sides of one article, compared letter by letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from toolkit.records import Kind, Span, Statement

__all__ = ["RELAXED", "STRICT", "Outline", "Sides", "compare", "same_mention", "same_name"]

RELAXED, STRICT = 0.5, 0.9
"""From which overlap on two statements are the same one."""
_WORD = re.compile(r"\w+")
_NO_NAME = frozenset("the a an of s".split())
"""Words that tell no name from another: articles, ``of``, and the ``s`` of a genitive."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A statement and the offsets of its letters and digits in the article's text."""

    statement: Statement
    letters: frozenset[int]

    @property
    def kind(self) -> Kind:
        """Its kind: gold's as annotated, or as its corpus was imported."""
        return self.statement.kind


@dataclass(frozen=True, slots=True)
class Sides:
    """The gold and the extracted statements of one article, told by their positions (0, 1, ...) on either side.

    ``pairs`` are the statements that share a letter, (overlap, gold position, extracted position), best first; of
    equal ones those that stand first in their files.
    """

    gold: tuple[Outline, ...]
    extracted: tuple[Outline, ...]
    pairs: tuple[tuple[float, int, int], ...]

    def match(
        self,
        threshold: float,
        *,
        gold: Iterable[int] | None = None,
        extracted: Iterable[int] | None = None,
    ) -> dict[int, int]:
        """Match one to one, best overlap first: positions in gold to positions among the extracted.

        ``gold`` and ``extracted`` are the positions that take part, all where None.
        """
        ours = range(len(self.gold)) if gold is None else frozenset(gold)
        theirs = range(len(self.extracted)) if extracted is None else frozenset(extracted)
        matched: dict[int, int] = {}
        used: set[int] = set()
        for overlap, g, e in self.pairs:
            if overlap < threshold:
                break
            if g in ours and e in theirs and g not in matched and e not in used:
                matched[g] = e
                used.add(e)
        return matched


def compare(text: str, gold: Iterable[Statement], extracted: Iterable[Statement]) -> Sides:
    """Return the two sides of an article.

    A gold statement without a letter or digit cannot be matched and is left out.
    """
    ours = tuple(Outline(s, letters) for s in gold if (letters := _letters(text, s.spans)))
    theirs = tuple(Outline(s, _letters(text, s.spans)) for s in extracted)
    return Sides(ours, theirs, tuple(_overlaps(ours, theirs)))


def same_mention(one: Statement, other: Statement) -> bool:
    """Whether the mentions of the two speakers overlap; not where either has none."""
    a, b, c, d = one.speaker_start, one.speaker_end, other.speaker_start, other.speaker_end
    return a is not None and b is not None and c is not None and d is not None and a < d and c < b


def same_name(one: str | None, other: str | None) -> bool:
    """Whether two names are of the same person or body; not where either has no word.

    They are where their last words are equal (``Ana Lund`` and ``Lund``), or where the words of one are all among the
    other's (``the ministry`` and ``Ministry of Defence``).
    """
    words, others = _name_words(one), _name_words(other)
    if not words or not others:
        return False
    return words[-1] == others[-1] or set(words) <= set(others) or set(others) <= set(words)


def _name_words(name: str | None) -> list[str]:
    return [word for word in _WORD.findall((name or "").lower()) if word not in _NO_NAME]


def _letters(text: str, spans: Iterable[Span]) -> frozenset[int]:
    return frozenset(i for start, end in spans for i in range(start, end) if text[i].isalnum())


def _overlaps(gold: Sequence[Outline], extracted: Sequence[Outline]) -> list[tuple[float, int, int]]:
    """Return the intersection over union of all that share a letter, best first."""
    pairs = [
        (shared / len(ours.letters | theirs.letters), g, e)
        for g, ours in enumerate(gold)
        for e, theirs in enumerate(extracted)
        if (shared := len(ours.letters & theirs.letters))
    ]
    return sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2]))
