"""Sentences of plain paragraphs: what stands around a statement, and a speech or a turn cut into pieces of two.

Articles of these corpora have one blank line between paragraphs and single spaces inside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from toolkit.lexicon import ABBREVIATIONS
from toolkit.records import Article, Span, Statement, statement_id

__all__ = ["passages", "surroundings"]

_PARAGRAPH = re.compile(r"[^\n]+")
_STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"”’')\]]*+ (?=[\"“‘'(\[]?[^\W_a-z])")
_WORD_BEFORE = re.compile(r"([\w.]+)$")
_AT_ONCE, _AROUND = 2, 2


def _sentences(text: str, start: int, end: int) -> list[Span]:
    found, begin = [], start
    for match in _STOP.finditer(text, start, end):
        word = _WORD_BEFORE.search(text, max(begin, match.start() - 12), match.start())
        letter = word is not None and len(word[1]) == 1 and word[1].isupper()
        if match[0][0] == "." and word is not None and (letter or word[1].lower() in ABBREVIATIONS):
            continue
        found.append((begin, match.end() - 1))
        begin = match.end()
    return [*found, (begin, end)] if begin < end else found


def passages(article: Article, start: int, end: int, speaker: str, mention: Span | None = None) -> Iterator[Statement]:
    """Yield text[start:end] of an article, spoken by somebody, as statements of one or two sentences (kind direct).

    It must lie in one paragraph.
    """
    text, found = article.text, _sentences(article.text, start, end)
    for low in range(0, len(found), _AT_ONCE):
        high = min(low + _AT_ONCE, len(found)) - 1
        span = (found[low][0], found[high][1])
        if any(map(str.isalnum, text[slice(*span)])):
            yield Statement(
                statement_id=statement_id(article.article_id, [span]),
                article_id=article.article_id,
                text=text[slice(*span)],
                spans=(span,),
                kind="direct",
                speaker=speaker,
                speaker_start=mention[0] if mention else None,
                speaker_end=mention[1] if mention else None,
                context=_with_more(text, found, low, high),
                title=article.title,
                source=article.source,
                published=article.published,
            )


def surroundings(text: str, spans: Sequence[Span]) -> str:
    """Return the sentences that hold the spans; where these are the statement itself, two more on either side.

    Two more, as long as the paragraph has them: a sentence of a speech tells little alone.
    """
    first, last = spans[0][0], spans[-1][1]
    start = text.rfind("\n", 0, first) + 1
    end = text.find("\n", last)
    found = [
        sentence
        for line in _PARAGRAPH.finditer(text, start, end if end >= 0 else len(text))
        for sentence in _sentences(text, line.start(), line.end())
    ]
    held = [i for i, (a, b) in enumerate(found) if a < last and first < b]
    if not held:
        return text[first:last]
    low, high = held[0], held[-1]
    if found[low][0] >= first and found[high][1] <= last:
        return _with_more(text, found, low, high)
    return _one_line(text, found[low][0], found[high][1])


def _with_more(text: str, found: Sequence[Span], low: int, high: int) -> str:
    return _one_line(text, found[max(0, low - _AROUND)][0], found[min(len(found) - 1, high + _AROUND)][1])


def _one_line(text: str, start: int, end: int) -> str:
    return " ".join(text[start:end].split())
