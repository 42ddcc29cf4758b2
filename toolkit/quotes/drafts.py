"""Statements in the making: what the sentences of an article hold, before anybody is given a name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from toolkit.marks import Quotation, overlapping
from toolkit.quotes.attributions import (
    Attribution,
    addressee,
    content_after,
    content_before,
    content_resumed,
    find_attributions,
    is_coordinate,
    led_to,
    may_hold_cue,
    quoted_right_before,
    trimmed,
)
from toolkit.quotes.grammar import Grammar, Place, Reading, Token, token, tokens
from toolkit.records import Act, Span

__all__ = ["Draft", "Drafts"]

_HEADLINE = re.compile(
    r"(?P<speaker>[^\W\d_a-z][\w’'.-]{0,30}(?: [^\W\d_][\w’'.-]{0,30}){0,3}): (?P<content>[^.!?\n]{12,120})[.!]?\s*\Z"
)
_SAID_WORDS = 6
"""From how many quoted words on a quotation without a cue is taken for a statement (chosen on PolNeAR's train part)."""


@dataclass(slots=True)
class Draft:
    """A statement in the making: offsets of everything, names of nobody."""

    spans: list[Span]
    sentence: Span
    cue: Span | None = None
    mention: Span | None = None
    addressee: Span | None = None
    act: Act = "said"
    open_ended: bool = False
    """Whether its last quotation had no closing mark, so that the next paragraph may go on with it."""


@dataclass(slots=True)
class Drafts:
    """The drafts of an article, sentence after sentence."""

    text: str
    grammar: Grammar
    found: list[Draft] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    """Names that the grammar knows, and whether each is a ``person`` or a ``body``."""
    _paragraph: int = 0
    """How many drafts there were when the paragraph began."""

    def begin_paragraph(self) -> None:
        """Say that a paragraph begins: what goes on with the statement before it must stand in the same one."""
        self._paragraph = len(self.found)

    def read_headline(self, start: int, end: int) -> bool:
        """Take a headline with a colon, ``Minister: no tariffs before May``: the colon is the cue. Say if it is one."""
        text = self.text
        match = _HEADLINE.match(text, start, end)
        if match is None or not any(word[0].isupper() for word in match["speaker"].split()):
            return False
        content = trimmed(text, *match.span("content"), "'\"“”‘’")
        if content is None or len(text[slice(*content)].split()) < 3:
            return False
        colon = match.end("speaker")
        self.found.append(Draft([content], (start, end), (colon, colon + 1), match.span("speaker")))
        return True

    def read_sentence(self, span: Span, quoted: list[Quotation]) -> None:
        """Add the statements of a sentence of a paragraph whose quotations are ``quoted``."""
        start, end = span
        inside = overlapping(quoted, start, end)
        if not inside and not may_hold_cue(self.text[start:end]):
            return
        reading = self.grammar(_outer_tokens(self.text, start, end, inside))
        self.names |= reading.names()
        attributions = find_attributions(reading)
        if attributions:
            self._read_attributions(reading, attributions, span, inside)
        elif inside:
            self._read_unattributed(reading, span, inside)

    def _read_attributions(
        self, reading: Reading, found: list[Attribution], span: Span, inside: list[Quotation]
    ) -> None:
        begin, end = span
        if len(found) > 1 and _closes(self.text, reading, found, span, inside):
            found = found[-1:]
        for k, by in enumerate(found):
            if by.start < begin:
                continue  # inside the content of the one before: only the outermost attribution counts
            beside = next((other for other in found[k + 1 :] if is_coordinate(reading, by, other)), None)
            until = end if beside is None else led_to(reading, by, beside) or beside.start
            pieces = _pieces(self.text, reading, by, (begin, until), inside)
            spans = [
                s for piece in pieces for s in _unquoted(self.text, piece, inside) if _says_something(self.text, s)
            ]
            if spans:
                places = (by.cue, by.speaker, addressee(reading, by))
                cue, mention, aim = (_offsets(reading, place) for place in places)
                self.found.append(Draft(spans, span, cue, mention, aim, by.act))
                begin = max(by.end, spans[-1][1])
        last = self._last_here
        if inside and last is not None and not inside[-1].closed:
            last.open_ended = True

    @property
    def _last_here(self) -> Draft | None:
        """The last statement of this paragraph."""
        return self.found[-1] if len(self.found) > self._paragraph else None

    def _read_unattributed(self, reading: Reading, span: Span, inside: list[Quotation]) -> None:
        """Quotations without a cue in their sentence: they go on with the statement before, are one, or none."""
        text = self.text
        spoken = any(word.text[0].isalnum() for word in reading.words)
        goes_on = not spoken and self._last_here is not None
        if not goes_on and not any(_is_clause(text, q) for q in inside):
            return
        trailing = spoken and self._trailed(span, inside)
        if spoken and not trailing and not _introduced(text, span, inside):
            # Woven into somebody else's sentence: a run of words is said, a word or two is a name, a title or irony.
            inside = [q for q in inside if len(text[q.start : q.end].split()) >= _SAID_WORDS]
        spans = [(max(span[0], q.start), min(span[1], q.end)) for q in inside]
        spans = [s for s in spans if _says_something(text, s)]
        if not spans or (not spoken and self._continued(spans, inside)):
            return
        told = (inside[0].outer_end, span[1]) if trailing else (span[0], inside[0].outer_start)
        mention = self._first_noun_phrase(told) if spoken else None
        self.found.append(Draft(spans, span, None, mention, open_ended=not inside[-1].closed))

    def _continued(self, spans: list[Span], inside: list[Quotation]) -> bool:
        """Add quotations to the statement that they go on with, in the same paragraph or over its end; say if so."""
        here = self._last_here
        before = self.found[-1] if self.found else None
        if here is not None:
            here.spans += [s for s in spans if s[0] >= here.spans[-1][1]]
            here.open_ended = not inside[-1].closed
        elif before is not None and before.open_ended:
            before.spans += spans
            before.open_ended = not inside[-1].closed
        else:
            return False
        return True

    def _trailed(self, span: Span, inside: list[Quotation]) -> bool:
        """Whether a whole quoted sentence opens, and a few words with a speaker follow: ``"No," Oliver barked.``"""
        first = inside[0]
        if first.outer_start != span[0] or self.text[first.end - 1] not in ",?!" or not _is_clause(self.text, first):
            return False
        until = inside[1].outer_start if len(inside) > 1 else span[1]
        told = tokens(self.text, first.outer_end, until)
        return 2 <= len(told) <= 25 and self._first_noun_phrase((first.outer_end, until)) is not None

    def _first_noun_phrase(self, span: Span) -> Span | None:
        reading = Reading(tokens(self.text, *span))
        for i, tag in enumerate(reading.tags):
            if tag in "NM#DSO":
                last = reading.phrase_from(i)
                if last >= i and reading.can_speak(i, last):
                    return _offsets(reading, (i, last))
        return None


def _outer_tokens(text: str, start: int, end: int, inside: list[Quotation]) -> list[Token]:
    """Return the tokens outside quotation marks; each quotation is one token, a quotation mark."""
    words: list[Token] = []
    position = start
    for q in inside:
        words += tokens(text, position, max(position, q.outer_start))
        words.append(token('"', max(start, q.outer_start), min(end, q.outer_end)))
        position = min(end, q.outer_end)
    return words + tokens(text, position, end)


def _offsets(reading: Reading, place: Place | None) -> Span | None:
    return (reading.words[place[0]].start, reading.words[place[1]].end) if place is not None else None


def _pieces(text: str, reading: Reading, by: Attribution, within: Span, inside: list[Quotation]) -> list[Span]:
    """Return the pieces of a sentence that an attribution governs, in order."""
    begin, until = within
    after = None if by.inverted else content_after(text, reading, by, until)
    if by.patient is not None:
        patient = _offsets(reading, by.patient)
        return [piece for piece in (patient, after) if piece]
    before = content_before(text, reading, by, begin)
    if before is not None and after is not None and not quoted_right_before(reading, by):
        before = None  # "Speaking in Oslo, Lund said talks would resume": what leads up to the speaker is no content
    if before is not None:
        resumed = content_resumed(text, reading, by, until)
        return [before, resumed] if resumed else [before]
    if after is not None:
        return [after]
    if not by.inverted:
        return []
    if by.verb.base == "according to":
        rest = trimmed(text, by.end, until, ".")
        return [rest] if rest else []
    quotes = [q for q in inside if q.outer_start >= by.end]
    return [(quotes[0].outer_start, quotes[-1].outer_end)] if quotes else []


def _closes(text: str, reading: Reading, found: list[Attribution], within: Span, inside: list[Quotation]) -> bool:
    """Whether a last attribution reports a whole sentence in which somebody acts: ``China opposes it, Mao said``."""
    last, first = found[-1], found[0]
    if len(found) != 2 or (first.act == "said" and (first.behind is None or first.behind.kind != "quote")):
        return False
    if last.behind is not None or last.shared or last.verb.base == "according to" or first.start > within[0] + 60:
        return False
    whole = content_before(text, reading, last, within[0])
    pieces = _pieces(text, reading, first, (within[0], last.start), inside)
    return (
        whole is not None and bool(pieces) and whole[1] - pieces[-1][1] < 60 and not quoted_right_before(reading, last)
    )


def _unquoted(text: str, piece: Span, inside: list[Quotation]) -> list[Span]:
    """Return the insides of the quotations where nothing else stands in a piece, else the piece as it is."""
    start, end = piece
    quotes = [q for q in inside if q.start < end and q.end > start]
    position = start
    for q in quotes:
        if any(map(str.isalnum, text[position : max(position, q.outer_start)])):
            return [piece]
        position = max(position, min(end, q.outer_end))
    if not quotes or any(map(str.isalnum, text[position:end])):
        return [piece]
    insides = [(max(start, q.start), min(end, q.end)) for q in quotes]
    return [(a, b) for a, b in insides if a < b]


def _says_something(text: str, span: Span) -> bool:
    return any(map(str.isalnum, text[span[0] : span[1]]))


def _introduced(text: str, span: Span, inside: list[Quotation]) -> bool:
    """Whether running text leads up to a whole quoted sentence: ``Fallon fired back: "You ..."``."""
    first = inside[0]
    before = text[span[0] : first.outer_start].rstrip()
    return before.endswith((":", ",")) and text[first.start].isupper() and _is_clause(text, first)


def _is_clause(text: str, q: Quotation) -> bool:
    """Whether a quotation is more than a word or two, and no title of a work, a law or a case."""
    said = text[q.start : q.end]
    if said[-1] in ".?!,":
        return True
    long = [word for word in said.split() if len(word) > 3]
    titled = bool(long) and sum(word[0].isupper() for word in long) > 0.7 * len(long)
    return len(said.split()) >= 4 and not titled
