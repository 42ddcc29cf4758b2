"""The pipeline: paragraphs, quotation marks, sentences, attributions, contents, speakers, statements."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from toolkit.quotes.content import Span, content_after, content_before, content_resumed, quoted_right_before, trimmed
from toolkit.quotes.cues import Attribution, find_attributions, is_coordinate, may_hold_cue
from toolkit.quotes.pairing import Quotation, overlapping, quotations
from toolkit.quotes.resolve import Cast
from toolkit.quotes.sentences import is_boilerplate, paragraphs, sentences
from toolkit.quotes.subjects import first_noun_phrase
from toolkit.quotes.words import Token, token, tokens
from toolkit.records import Article, Kind, Statement, statement_id

__all__ = ["extract"]

_HEADLINE = re.compile(
    r"(?P<speaker>[^\W\d_a-z][\w’'.-]*(?: [^\W\d_][\w’'.-]*){0,3}): (?P<content>[^.!?\n]{12,120})[.!]?\s*\Z"
)
_SAID_WORDS = 6
"""From how many quoted words on a quotation without a cue is taken for a statement (chosen on PolNeAR's train part)."""


@dataclass(slots=True)
class _Draft:
    """A statement in the making."""

    spans: list[Span]
    by: Attribution | None
    mention: Span | None
    sentence: Span
    speaker: str | None = None
    open_ended: bool = False
    """Whether its last quotation had no closing mark, so that the next paragraph may go on with it."""


@dataclass(slots=True)
class _State:
    """What carries over from sentence to sentence."""

    drafts: list[_Draft] = field(default_factory=list)
    paragraph_drafts: int = 0
    """How many drafts there were when the paragraph began."""

    @property
    def last_here(self) -> _Draft | None:
        """The last statement of this paragraph."""
        return self.drafts[-1] if len(self.drafts) > self.paragraph_drafts else None


def extract(article: Article) -> list[Statement]:
    """Return the attributed statements of an article, ordered by their first span.

    Direct, mixed and indirect statements with spans, speaker (as fully as the article tells), mention, cue and
    context. Never fails on any text; an article without statements gives an empty list.
    """
    text, state = article.text, _State()
    marks: list[Quotation] = []
    for number, (start, end) in enumerate(paragraphs(text)):
        if is_boilerplate(text[start:end]):
            continue
        state.paragraph_drafts = len(state.drafts)
        if number == 0 and (headline := _headline(text, start, end)):
            state.drafts.append(headline)
            continue
        quoted = quotations(text, start, end)
        marks += [q for q in quoted if q.mark != "''"]
        for span in sentences(text, start, end, quoted):
            _read_sentence(text, span, quoted, state)
    cast = Cast(text)
    last: _Draft | None = None
    for draft in state.drafts:
        _name_speaker(text, draft, last, cast)
        last = draft
    built = {tuple(draft.spans): _statement(article, draft, marks) for draft in state.drafts}
    return sorted(built.values(), key=lambda statement: statement.spans)


def _headline(text: str, start: int, end: int) -> _Draft | None:
    """Return the statement of a headline with a colon, ``Minister: no tariffs before May``: the colon is the cue."""
    match = _HEADLINE.match(text, start, end)
    if match is None or not any(w[0].isupper() for w in match["speaker"].split()):
        return None
    content = trimmed(text, *match.span("content"), "'\"“”‘’")
    speaker, colon = match.span("speaker"), match.end("speaker")
    if content is None or len(text[slice(*content)].split()) < 3:
        return None
    by = Attribution(":", colon, colon + 1, *speaker, speaker[0], colon + 1, False, False)
    return _Draft([content], by, speaker, (start, end))


def _read_sentence(text: str, span: Span, quoted: list[Quotation], state: _State) -> None:
    start, end = span
    inside = overlapping(quoted, start, end)
    if not inside and not may_hold_cue(text[start:end]):
        return
    words = _outer_tokens(text, start, end, inside)
    found = find_attributions(words)
    spoken = any(w.text[0].isalnum() for w in words)
    if inside and not found:
        _unattributed(text, span, inside, spoken, state)
        return
    begin = start
    for k, by in enumerate(found):
        if by.start < begin:
            continue  # inside the content of the one before: only the outermost attribution counts
        until = next((other.start for other in found[k + 1 :] if is_coordinate(words, other)), end)
        draft = _draft(text, words, by, begin, until, end, inside)
        if draft is not None:
            draft.sentence = span
            state.drafts.append(draft)
            begin = max(by.end, draft.spans[-1][1])
    if inside and state.last_here is not None and not inside[-1].closed:
        state.last_here.open_ended = True


def _outer_tokens(text: str, start: int, end: int, inside: list[Quotation]) -> list[Token]:
    """Return the tokens outside quotation marks; each quotation is one token, a quotation mark."""
    words: list[Token] = []
    position = start
    for q in inside:
        words += tokens(text, position, max(position, q.outer_start))
        words.append(token('"', max(start, q.outer_start), min(end, q.outer_end)))
        position = min(end, q.outer_end)
    return words + tokens(text, position, end)


def _draft(
    text: str, words: list[Token], by: Attribution, begin: int, until: int, end: int, inside: list[Quotation]
) -> _Draft | None:
    pieces: list[Span] = []
    before = content_before(text, words, by, begin)
    after = None if by.inverted else content_after(text, words, by, until)
    if before is not None and after is not None and not quoted_right_before(words, by):
        before = None  # "Speaking in Oslo, Lund said talks would resume": what leads up to the speaker is no content
    if before is not None:
        pieces.append(before)
        rest = content_resumed(text, words, by, until)
        pieces += [rest] if rest else []
    elif by.verb == "according to":
        rest = trimmed(text, by.end, until, ".") if begin == by.start else None
        pieces += [rest] if rest else []
    elif after is not None:
        pieces.append(after)
    elif by.inverted:
        quotes = [q for q in inside if q.outer_start >= by.end]
        if quotes:
            pieces.append((quotes[0].outer_start, quotes[-1].outer_end))
    if not pieces:
        return None
    spans = [span for piece in pieces for span in _pieces(text, piece, inside) if _says_something(text, span)]
    mention = (
        (by.speaker_start, by.speaker_end) if by.speaker_start is not None and by.speaker_end is not None else None
    )
    return _Draft(spans, by, mention, (begin, end)) if spans else None


def _pieces(text: str, piece: Span, inside: list[Quotation]) -> list[Span]:
    """Return the insides of the quotations where nothing else stands in a piece, else the piece as it is."""
    start, end = piece
    quotes = [q for q in inside if q.start < end and q.end > start]
    outside = list(range(start, end))
    if quotes:
        covered = [(max(start, q.outer_start), min(end, q.outer_end)) for q in quotes]
        gaps, position = [], start
        for a, b in covered:
            gaps.append(text[position:a])
            position = max(position, b)
        gaps.append(text[position:end])
        if not any(c.isalnum() for gap in gaps for c in gap):
            return [(max(start, q.start), min(end, q.end)) for q in quotes if max(start, q.start) < min(end, q.end)]
    return [piece] if outside else []


def _unattributed(text: str, span: Span, inside: list[Quotation], spoken: bool, state: _State) -> None:
    """A quotation without a cue in its sentence: it goes on with the statement before it, or it is none."""
    if not any(_is_clause(text, q) for q in inside):
        return
    trailing = spoken and _trailed(text, span, inside)
    if spoken and not trailing and not _introduced(text, span, inside):
        # Woven into somebody else's sentence: a run of words is said, a word or two is a name, a title or irony.
        inside = [q for q in inside if len(text[q.start : q.end].split()) >= _SAID_WORDS]
        if not inside:
            return
    spans = [(max(span[0], q.start), min(span[1], q.end)) for q in inside]
    spans = [span for span in spans if _says_something(text, span)]
    if not spans:
        return
    previous = state.drafts[-1] if state.drafts else None
    here = state.last_here
    if here is not None and not spoken:
        here.spans += [s for s in spans if s[0] >= here.spans[-1][1]]
        here.open_ended = not inside[-1].closed
    elif previous is not None and previous.open_ended and not spoken:
        previous.spans += spans
        previous.open_ended = not inside[-1].closed
    else:
        told = (inside[0].outer_end, span[1]) if trailing else (span[0], inside[0].outer_start)
        mention = first_noun_phrase(tokens(text, *told)) if spoken else None
        state.drafts.append(_Draft(spans, None, mention, span, open_ended=not inside[-1].closed))


def _says_something(text: str, span: Span) -> bool:
    return any(c.isalnum() for c in text[span[0] : span[1]])


def _trailed(text: str, span: Span, inside: list[Quotation]) -> bool:
    """Whether a whole quoted sentence opens, and a few words with a speaker follow: ``"No," Oliver barked.``"""
    first = inside[0]
    if first.outer_start != span[0] or text[first.end - 1] not in ",?!" or not _is_clause(text, first):
        return False
    until = inside[1].outer_start if len(inside) > 1 else span[1]
    told = tokens(text, first.outer_end, until)
    return 2 <= len(told) <= 25 and first_noun_phrase(told) is not None


def _introduced(text: str, span: Span, inside: list[Quotation]) -> bool:
    """Whether running text leads up to a whole quoted sentence: ``Fallon fired back: "You ..."``."""
    first = inside[0]
    before = text[span[0] : first.outer_start].rstrip()
    return before.endswith((":", ",")) and text[first.start].isupper() and _is_clause(text, first)


def _is_clause(text: str, q: Quotation) -> bool:
    return len(text[q.start : q.end].split()) >= 4 or text[q.end - 1] in ".?!,"


def _name_speaker(text: str, draft: _Draft, last: _Draft | None, cast: Cast) -> None:
    if draft.mention is not None:
        start, end = draft.mention
        mention = text[start:end]
        if mention.lower() == "who" and last is not None:
            draft.speaker = last.speaker
        else:
            draft.speaker = cast.resolve(mention, start)
    elif last is not None:
        # A quotation with no attribution of its own goes on with the one before.
        draft.speaker, draft.mention = last.speaker, last.mention


def _statement(article: Article, draft: _Draft, marks: list[Quotation]) -> Statement:
    text = article.text
    spans = tuple(sorted(set(draft.spans)))
    low, high = min(draft.sentence[0], spans[0][0]), max(draft.sentence[1], spans[-1][1])
    return Statement(
        statement_id=statement_id(article.article_id, spans),
        article_id=article.article_id,
        text=" ".join(text[a:b] for a, b in spans),
        spans=spans,
        kind=_kind(text, spans, marks),
        speaker=draft.speaker,
        speaker_start=draft.mention[0] if draft.mention else None,
        speaker_end=draft.mention[1] if draft.mention else None,
        cue=text[draft.by.cue_start : draft.by.cue_end] if draft.by else None,
        context=text[low:high].strip(),
        title=article.title,
        source=article.source,
        published=article.published,
    )


def _kind(text: str, spans: tuple[Span, ...], marks: list[Quotation]) -> Kind:
    letters = inside = 0
    for start, end in spans:
        letters += sum(c.isalnum() for c in text[start:end])
        for q in overlapping(marks, start, end):
            inside += sum(c.isalnum() for c in text[max(start, q.start) : min(end, q.end)])
    return "indirect" if not inside else "direct" if inside == letters else "mixed"
