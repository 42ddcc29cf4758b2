"""What was said: the pieces of a sentence that an attribution governs, up to their true ends."""

from __future__ import annotations

import re

from toolkit.lexicon import CUES, TIME, VENUES
from toolkit.quotes.attributions.attribution import Attribution
from toolkit.quotes.attributions.complements import introduced_quotation
from toolkit.quotes.grammar.reading import Reading
from toolkit.quotes.grammar.tagging import (
    ADVERB,
    AUXILIARY,
    BREAK,
    CONJUNCTION,
    DETERMINER,
    GERUND,
    NUMBER,
    POSSESSIVE,
    PREPOSITION,
    PRONOUN,
    QUOTATION,
    RELATIVE,
    THAT,
    TO,
    VERB,
)
from toolkit.quotes.grammar.words import Token
from toolkit.records import Span

__all__ = ["content_after", "content_before", "content_resumed", "quoted_right_before", "trimmed"]

_JOINT = re.compile(r",? (?:and|but)\s*\Z")
_EDGE = " \t\u00a0,;:—–-"
_LEADS = frozenset(
    "but and yet so still however meanwhile in on at after before during when while as asked for with by under "
    "since earlier later last if speaking".split()
)
_WHICH = frozenset("this last next that earlier late early".split())
"""What stands before a word of time: ``last week``, ``this year``."""
_FINITE = frozenset("is was are were has had have".split())
_LINKING = frozenset("because and but that while although so however meanwhile".split())
_APPOSITION = frozenset(
    "who which whose where when after before in on at during adding saying noting "
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


def content_after(text: str, reading: Reading, by: Attribution, end: int) -> Span | None:
    """Return the content behind a cue, up to ``end`` at most: a clause, an infinitive or a noun phrase; or None."""
    if by.behind is None or by.behind.begins >= len(reading.words):
        return None
    start = reading.words[by.behind.begins].start
    if start >= end:
        return None
    end = min(end, _clause_end(reading, by.behind.begins))
    if by.behind.kind in ("object", "to"):
        end = min(end, _object_end(reading, by.behind.begins, end, by.behind.kind == "to"))
    joint = _JOINT.search(text, start, end)
    return trimmed(text, start, joint.start() if joint else end, ".")


def _clause_end(reading: Reading, i: int) -> int:
    """Return where the reporter takes over again: behind a semicolon, with ``while``, behind ``"...," and``."""
    words, tags = reading.words, reading.tags
    for k in range(i + 1, len(words)):
        low = words[k].low
        if words[k].text == ";" or (low in ("while", "whereas") and tags[k - 1] == ","):
            return words[k - 1].end
        if low in ("and", "while", "but") and tags[k - 1] == '"' and words[k - 1].text == '"' and k - 1 == i:
            return words[k - 1].end
    return words[-1].end


def _object_end(reading: Reading, i: int, end: int, infinitive: bool) -> int:
    """Return where a noun phrase or an infinitive ends that is the whole content, without what the reporter adds."""
    words, tags = reading.words, reading.tags
    reach = range(i, min(len(words), i + 40))
    spoken = (n for n in reach if n > i and tags[n] == VERB and words[n].low in CUES and tags[n - 1] != PRONOUN)
    again = next(spoken, len(words))
    quote = max((n for n in reach if n < again and tags[n] == QUOTATION and words[n].start < end), default=i)
    k = max(i + 1, quote)
    while k < len(words):
        word, tag = words[k], tags[k]
        if tag == BREAK and not _stays(words, k):
            break
        if word.low in ("after", "before", "since", "following", "despite", "amid") and TO not in tags[i:k]:
            break
        if word.low == "which" and k + 1 < len(words) and tags[k + 1] == AUXILIARY:
            break
        finite = tag == AUXILIARY and word.low in _FINITE and tags[k - 1] != TO
        if finite and not {RELATIVE, THAT} & set(tags[i:k]):
            break
        if word.text in (";", "—", "–") or _speaks_again(reading, k):
            break
        if tag == PREPOSITION and word.low not in ("of", "for", "as") and _is_setting(reading, k):
            last = reading.phrase_from(k + 1, bare=True)
            if TO in tags[i:k] or tags[last + 1 : last + 2] != [TO]:
                break  # but not in "urged Iran on Monday to stop"
        if tag == "," and _leaves(reading, k + 1, infinitive):
            break
        if (
            tag == CONJUNCTION
            and k + 1 < len(words)
            and (
                "past" in (CUES[words[k + 1].low].forms if words[k + 1].low in CUES else ())
                or (tags[k + 1] == VERB and not infinitive)
                or (tags[k + 1] in (RELATIVE, PRONOUN, AUXILIARY) and RELATIVE not in tags[i:k])
                or reading.has_clause(k + 1, min(len(words), k + 9))
            )
        ):
            break
        k += 1
    return words[_without_tail(reading, i, k - 1)].end


def _speaks_again(reading: Reading, k: int) -> bool:
    """Whether a participle of a cue follows a content without a comma: ``reported him dead citing sources``."""
    form = CUES.get(reading.words[k].low)
    if form is None or reading.tags[k] != GERUND or reading.tags[k - 1] in (PREPOSITION, CONJUNCTION):
        return False
    return form.verb.takes("clause") or form.verb.base in ("cite", "quote", "refer")


def _leaves(reading: Reading, k: int, infinitive: bool) -> bool:
    """Whether what follows a comma is no longer part of a content that is a noun phrase or an infinitive."""
    words, tags = reading.words, reading.tags
    if k >= len(words):
        return True
    if words[k].low in ("including", "such", "as", "also"):
        return False
    if tags[k] == PREPOSITION and infinitive:
        return False
    if tags[k] in (RELATIVE, BREAK, GERUND, PREPOSITION, PRONOUN, VERB, ADVERB, THAT, '"') or words[k].low in (
        "but",
        "a",
        "an",
    ):
        return True
    if tags[k] == CONJUNCTION:
        return k + 1 < len(words) and tags[k + 1] in (VERB, PRONOUN, AUXILIARY, ADVERB, DETERMINER)
    # An enumeration goes on to an "and" within a few words.
    return not any(words[n].low in ("and", "or") for n in range(k, min(len(words), k + 12)))


def _stays(words: list[Token], k: int) -> bool:
    """Whether a subordinate clause belongs to the content: a reason or a condition, not when or so that what."""
    if words[k].low == "so":
        return k + 1 < len(words) and words[k + 1].low in ("as", "that", "many", "much", "far", "long")
    return words[k].low in ("as", "because", "unless", "if", "until", "whether")


def _is_setting(reading: Reading, k: int) -> bool:
    """Whether a preposition begins a phrase of time, or of where it was said: ``by television``, ``in a letter``."""
    words, tags = reading.words, reading.tags
    last = reading.phrase_from(k + 1, bare=True)
    if last <= k:
        return False
    head = words[last].low
    if words[k].low == "via":
        return True
    if head in TIME or (tags[last] == NUMBER and len(head) == 4 and words[k].low == "in"):
        return words[k].low in ("on", "in", "at", "during", "by")
    return (
        head in VENUES
        and words[k].low in ("in", "via", "during", "by", "through", "on")
        and (words[k].low != "on" or head in ("twitter", "facebook", "television", "radio", "tv"))
    )


def _without_tail(reading: Reading, i: int, last: int) -> int:
    """Leave away phrases of time and place at the end: ``the attack in a statement on Monday``."""
    words, tags = reading.words, reading.tags
    while last > i + 1:
        k = last
        while k > i and last - k < 6 and tags[k] not in (PREPOSITION, TO):
            k -= 1
        if words[last].low in ("yesterday", "today", "tomorrow"):
            last -= 1
            continue
        if words[last].low in TIME and words[last - 1].low in _WHICH:
            last -= 3 if words[last - 2].low in ("earlier", "later", "late", "early") else 2
            continue
        heads = (
            words[last].low in TIME
            or words[last].low in VENUES
            or (tags[last] == NUMBER and words[k].low in ("on", "in"))
        )
        if (
            not heads
            or tags[k] != PREPOSITION
            or k <= i
            or words[k].low not in ("on", "in", "at", "during", "via", "from", "through")
        ):
            return last
        if (
            words[last].low in VENUES
            and words[k].low == "on"
            and words[last].low not in ("twitter", "facebook", "television", "radio", "tv")
        ):
            return last
        last = k - 1
    return last


def content_before(text: str, reading: Reading, by: Attribution, start: int) -> Span | None:
    """Return the content before an attribution, where a comma or a closing mark parts the two; None where none is."""
    before = [w for w in reading.words[: by.cue[1] + 1] if start <= w.start and w.end <= by.start]
    parted = bool(before) and (before[-1].text in (",", '"', "—", "–", "-") or by.verb.base == "according to")
    if not parted or by.that or by.shared:
        return None
    quoted = before[-1].text == '"' or (len(before) > 1 and before[-2].text == '"')
    if quoted:
        return trimmed(text, start, by.start)
    if not _reports(by) or _has_an_object(reading, by):
        return None
    if content_resumed(text, reading, by, reading.words[-1].end) is not None:
        return trimmed(text, start, by.start)  # "In May, Lund said, the talks would resume"
    if len(before) < 3 or not reading.has_verb(start, by.start):
        return None  # "In a letter to parliament, the ministry said": what leads up to it
    if by.verb.base == "according to" and before[-1].text == "," and before[-2].low in _LINKING:
        return None
    if before[0].low in _LEADS and before[0].low not in ("if", "but", "and") and len(before) < 8:
        return None
    return trimmed(text, start, by.start)


def _has_an_object(reading: Reading, by: Attribution) -> bool:
    """Whether a noun phrase follows a verb that does not say whom it tells: ``, Lund maintained her lead``."""
    k = by.cue[1] + 1
    while k < len(reading.words) and reading.tags[k] == ADVERB:
        k += 1
    if by.inverted or by.verb.takes("person", "object-to") or k + 1 >= len(reading.words):
        return False
    return reading.tags[k] in (DETERMINER, POSSESSIVE) and not {reading.words[n].low for n in (k, k + 1)} & (
        TIME | _WHICH
    )


def _reports(by: Attribution) -> bool:
    """Whether a verb can stand behind or inside a reported clause, as ``said`` can and ``urged`` cannot."""
    if by.verb.takes("clause") or by.verb.base == "according to":
        return True
    return by.verb.takes("that") and not by.verb.takes("object", "object-to", "naming", "weak")


def content_resumed(text: str, reading: Reading, by: Attribution, end: int) -> Span | None:
    """Return the content that goes on behind an attribution in its middle: ``Talks, he said, would resume``."""
    words = reading.words
    i = next((k for k in range(by.cue[0], len(words)) if words[k].start >= by.end), len(words))
    quote = introduced_quotation(reading, i)
    if quote is not None and words[quote].start < end:
        return trimmed(text, words[quote].start, end, ".")
    rest = [w for w in words[i:] if w.start < end]
    if len(rest) < 4 or rest[0].text != "," or (by.inverted and reading.tags[0] != BREAK):
        return None  # but "Because only courts may do so, reads the motion, the order is void"
    if rest[1].text[0].islower() and rest[1].low not in _APPOSITION:
        return trimmed(text, by.end, end, ".")
    return None


def quoted_right_before(reading: Reading, by: Attribution) -> bool:
    """Whether a quotation ends right before the attribution, or opens the sentence and only a comma follows it."""
    before = [w.text for w in reading.words[: by.cue[1] + 1] if w.end <= by.start]
    return before[-1:] == ['"'] or before == ['"', ","]
