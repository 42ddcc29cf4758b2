"""What was said: the pieces of a sentence that an attribution governs, up to their true ends."""

from __future__ import annotations

from toolkit.quotes.cues import Attribution
from toolkit.quotes.lexicon import BE_CUES, INFINITIVE_CUES, NAMING_CUES, NOUN_CUES, QUOTE_CUES
from toolkit.quotes.words import Token

__all__ = ["Span", "content_after", "content_before", "content_resumed", "quoted_right_before", "trimmed"]

Span = tuple[int, int]
_LEAD = 16
"""How many words may stand between a cue and the quotation that it leads to."""
_EDGE = " \t\u00a0,;:—–-"
_PREPOSITIONS = frozenset("in on at during after before to from by with through via late early last this".split())
_TIME = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow week month year night "
    "morning evening afternoon".split()
)
_VENUES = frozenset(
    "statement interview speech conference briefing post letter message tweet reporters journalists parliament "
    "television radio call address communique telegram facebook twitter x press readout blog report email memo "
    "column hearing court lawmakers diplomats agency newspaper channel paper meeting summit".split()
)
_OBJECTS = frozenset("me us him her them you reporters journalists parliament".split())
_CLAUSE_VERBS = frozenset(
    "say tell add insist warn argue claim note suggest stress acknowledge explain believe admit announce confirm "
    "report state maintain think estimate predict declare contend concede assert allege reply".split()
)
_LEADS = frozenset(
    "but and yet so still however meanwhile in on at after before during when while as asked for with by under "
    "since earlier later last if speaking".split()
)
_APPOSITION = frozenset(
    "who which whose where when after before in on at during the a an his her its their adding saying noting "
    "referring according while as speaking using citing echoing with".split()
)


def trimmed(text: str, start: int, end: int, more: str = "") -> Span | None:
    """Return the span without space and punctuation at its ends, or None where nothing is left."""
    edge = _EDGE + more
    while start < end and (text[start] in edge or text[start].isspace()):
        start += 1
    while end > start and (text[end - 1] in edge or text[end - 1].isspace()):
        end -= 1
    return (start, end) if start < end and any(c.isalnum() for c in text[start:end]) else None


def content_after(text: str, words: list[Token], by: Attribution, end: int) -> Span | None:
    """Return the content behind a cue: a clause, an infinitive or a noun phrase, by the verb; None where none is."""
    rest = [w for w in words if w.start >= by.end and w.start < end]
    if not rest:
        return None
    i = 0
    if by.verb in ("tell", "inform", "remind", "assure", "reassure", "warn", "advise"):
        i = _skip_object(rest, i)
    i, that = _skip_to_that(rest, i)
    if i + 1 < len(rest) and rest[i].text == "," and rest[i + 1].text == '"':
        i += 1
    if i >= len(rest):
        return None
    if not that and not _may_follow(by, rest, i):
        quote = _introduced_quotation(rest, 0)
        if quote is None:
            return None
        i = quote
    return trimmed(text, rest[i].start, end, ".")


def _skip_object(rest: list[Token], i: int) -> int:
    for k in range(i, min(len(rest), i + 12)):
        low = rest[k].low
        if low in ("that", "to") or rest[k].text in (":", '"', ","):
            return k
        if low in _OBJECTS:
            return k + 1
        if k > i and rest[k].text[0].isupper() and rest[k - 1].text[0].isupper():
            following = rest[k + 1] if k + 1 < len(rest) else None
            if following is not None and not following.text[0].isupper():
                return k + 1
    return i


def _skip_to_that(rest: list[Token], i: int) -> tuple[int, bool]:
    """Skip ``on Monday``, ``in a statement`` and the like up to the content; tell whether ``that`` introduced it."""
    for k in range(i, min(len(rest), i + 14)):
        if rest[k].low == "that":
            return k + 1, True
        if rest[k].text in (";", '"') or rest[k].low in ("he", "she", "they", "it", "we", "i"):
            break
    for k in range(i, min(len(rest), i + 14)):
        if rest[k].text == ":":
            return k + 1, True
    j = i
    while j < len(rest) and (rest[j].low in _PREPOSITIONS or rest[j].low in _TIME):
        ends = (k for k in range(j, min(len(rest), j + 8)) if rest[k].low in _TIME or rest[k].low in _VENUES)
        last = next(ends, None)
        if last is None:
            break
        j = last + 1
        if j < len(rest) and rest[j].text == ",":
            j += 1
    return j, False


def _may_follow(by: Attribution, rest: list[Token], i: int) -> bool:
    """Whether content without ``that`` can stand behind this verb."""
    word = rest[i]
    if word.text[0] in '"“«' or by.verb == "according to":
        return word.text[0] in '"“«'
    if word.low == "to":
        return by.verb in INFINITIVE_CUES
    if by.verb in NOUN_CUES:
        return word.text[0].isalnum() and word.low not in ("by", "in", "on", "at", "for")
    if by.verb in NAMING_CUES or by.verb in BE_CUES:
        return any(w.text == '"' for w in rest[i:])
    if by.verb in QUOTE_CUES or by.verb in INFINITIVE_CUES - {"threaten", "promise", "vow"}:
        return False
    quoted = any(w.text == '"' for w in rest[i:])
    if by.verb not in _CLAUSE_VERBS or not word.text[0].isalnum() or (len(rest) - i < 3 and not quoted):
        return False
    return word.low not in _PREPOSITIONS | {"of", "about", "for", "nothing", "so", "as", "yes", "no", "more", "goodbye"}


def content_before(text: str, words: list[Token], by: Attribution, start: int) -> Span | None:
    """Return the content before an attribution, where a comma or a closing mark parts the two; None where none is."""
    before = [w for w in words if start <= w.start and w.end <= by.start]
    if not before or before[-1].text not in (",", '"', "—", "–", "-") or by.that:
        return None
    if before[-1].text != '"' and (by.verb in NAMING_CUES or by.verb in BE_CUES):
        return None
    if len(before) < 3 and before[-1].text != '"':
        return None
    if before[0].low in _LEADS and before[0].low not in ("if", "but", "and") and len(before) < 8:
        return None
    return trimmed(text, start, by.start)


def content_resumed(text: str, words: list[Token], by: Attribution, end: int) -> Span | None:
    """Return the content that goes on behind an attribution in its middle: ``Talks, he said, would resume``."""
    rest = [w for w in words if by.end <= w.start < end]
    quote = _introduced_quotation(rest, 0)
    if quote is not None:
        return trimmed(text, rest[quote].start, end, ".")
    if len(rest) < 4 or rest[0].text != "," or by.inverted:
        return None
    if rest[1].text[0].islower() and rest[1].low not in _APPOSITION:
        return trimmed(text, by.end, end, ".")
    return None


def _introduced_quotation(rest: list[Token], i: int) -> int | None:
    """Return the place of a quotation that a comma or colon leads to within a few words."""
    places = (k for k in range(i + 1, min(len(rest), i + _LEAD)) if rest[k].text == '"' and rest[k - 1].text in ",:—")
    return next(places, None)


def quoted_right_before(words: list[Token], by: Attribution) -> bool:
    """Whether a quotation ends right before the attribution."""
    before = [w for w in words if w.end <= by.start]
    return bool(before) and before[-1].text == '"'
