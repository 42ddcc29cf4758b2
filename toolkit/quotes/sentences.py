"""Paragraphs and sentences, and the lines of a page that are no running text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from toolkit.lexicon import ABBREVIATIONS, CUES
from toolkit.marks import Quotation

__all__ = ["is_boilerplate", "paragraphs", "sentences", "without_dateline"]

_LINE = re.compile(r"[^\r\n\u2028\u2029]+")
_STOP = re.compile(r"(?<![.!?…])[.!?…]++[\"”»'’)\]]*+(?=\s)")
_ENDLESS = 3000
_SPOKE = "|".join(
    form for form, cue in CUES.items() if cue.forms & {"past", "third"} and cue.verb.takes("clause", "quote")
)
_ATTRIBUTED = re.compile(rf"\s{{1,3}}(?:[^\W\d_a-z][\w.’'-]{{0,30}}\s){{1,5}}(?:\w{{1,12}}ly\s)?(?:{_SPOKE})\b[.,]")
_WORD_BEFORE = re.compile(r"([\w.]+)$")
_BOILERPLATE = re.compile(
    r"""\s*(?:
        (?:also\ read|read\ (?:more|also|next|on)|see\ also|related|more\ on\ this|watch|listen)\b\s*[:|—–-]
      | (?:follow|like|join|find)\ us\b | sign\ up\b | subscribe\b | click\ here\b
      | download\ (?:our|the)\b | share\ this\b
      | (?:this|the)\ (?:story|article|report)\ (?:was|has\ been|will\ be|first)\b
      | (?:photo|image|picture|photograph|graphic|video|file\ photo|caption|credit)s?\b\s*(?:[:/(]|by\b|credit)
      | (?:with\ reporting|based\ on\ reporting|written)\ by\b
      | [^.]{0,60}\bjournalists\ report\ the\ news\b
      | \(?(?:reporting|additional\ reporting|writing|editing|compiled)\ by\b
      | (?:copyright|©|all\ rights\ reserved)\b | advertisement\s*$ | by\ [A-Z][^.!?"“”]{2,60}$ | \*{3,}
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_DATELINE = re.compile(
    r"(?:[^\W\d_a-z][^\W\d_a-z]{2,}(?:[ .'’-][^\W\d_a-z]+){0,3}(?:,[ \w.]{3,30}?)?"  # TBILISI, or NEW YORK, May 3
    r"(?:\s?\([\w. /-]{2,25}\)\s?(?:[—–-]{1,2}|:)?\s|\s?[—–]{1,2}\s|\s--?\s)"
    r"|\(\([^()\n]{2,40}\)\)[ :]{1,4}"  # ((Ana Lund)) has the word
    r"|[^\W\d_a-z]\w+(?: [^\W\d_a-z]\w+)?\s?\([A-Z][A-Za-z.]{1,8}\)\s[—–-]{1,2}\s)"  # Washington (CNN) —
)
_CAPTION = re.compile(
    r"[(\[](?:(?:file\s+)?(?:photo|image|picture|pic)s?\b|courtesy|credit)[^)\]]*[)\]]\.?\s*$"
    r"|\b(?:file\s+)?(?:photo|photograph|image|picture)\s*(?::|/|by\b|courtesy)[^.]{0,80}\.?\s*$",
    re.IGNORECASE,
)


def paragraphs(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of every line that holds more than white space."""
    for match in _LINE.finditer(text):
        if match[0].strip():
            yield match.start(), match.end()


def without_dateline(text: str, start: int, end: int) -> int:
    """Return where a paragraph begins behind its dateline, ``TBILISI (AN) —``, or ``start`` where it has none."""
    match = _DATELINE.match(text, start, min(end, start + 90))
    return match.end() if match else start


def is_boilerplate(line: str) -> bool:
    """Say whether a line is a caption, a byline, a pointer to other pages: none of it is a statement."""
    head = line[:200]
    return bool(_BOILERPLATE.match(head)) or bool(_CAPTION.search(line[-200:]))


def sentences(text: str, start: int, end: int, quoted: list[Quotation]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the sentences of a paragraph (:func:`_sentences`), endless ones in bounded parts.

    Nobody writes sentences of 3,000 characters; where the stops are missing, the time stays linear this way.
    """
    for a, b in _sentences(text, start, end, quoted):
        while b - a > _ENDLESS:
            cut = text.rfind(" ", a + _ENDLESS // 2, a + _ENDLESS)
            cut = cut if cut > 0 else a + _ENDLESS
            yield a, cut
            a = cut
        if a < b:
            yield a, b


def _sentences(text: str, start: int, end: int, quoted: list[Quotation]) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of the sentences of a paragraph; a full stop inside a quotation ends none.

    A stop right before the closing mark ends one where a capital follows the mark.
    """
    begin, k = start, 0
    for match in _STOP.finditer(text, start, end):
        while k < len(quoted) and quoted[k].outer_end <= match.start():
            k += 1
        inside = k < len(quoted) and quoted[k].outer_start < match.start() < quoted[k].end - 1
        if inside and match.end() < quoted[k].outer_end:
            continue
        follows = text[match.end() : match.end() + 3].lstrip()
        if not follows or follows[0].islower() or _abbreviated(text, begin, match.start(), match[0]):
            continue
        if match[0][-1] in '"”»' and _ATTRIBUTED.match(text, match.end(), match.end() + 90):
            continue  # "Why not?" Jane Borger asked.
        yield begin, match.end()
        begin = match.end()
        while begin < end and text[begin].isspace():
            begin += 1
    if begin < end:
        yield begin, end


def _abbreviated(text: str, begin: int, dot: int, stop: str) -> bool:
    if stop[0] != ".":
        return False
    word = _WORD_BEFORE.search(text, max(begin, dot - 12), dot)
    if word is None:
        return False
    letters = word[1].split(".")
    return word[1].lower() in ABBREVIATIONS or all(len(letter) == 1 and letter.isupper() for letter in letters)
