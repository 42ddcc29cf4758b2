"""Whom a statement is aimed at: the one urged, accused, threatened, thanked or told, where the sentence names one."""

from __future__ import annotations

from toolkit.lexicon import MEDIA_NOUNS, verbs_of
from toolkit.quotes.attributions.attribution import Attribution
from toolkit.quotes.grammar.phrases import Place
from toolkit.quotes.grammar.reading import Reading
from toolkit.quotes.grammar.tagging import DETERMINER, NAME, NOUN, OBJECT, POSSESSIVE

__all__ = ["addressee"]

_AIMED = (
    verbs_of("object", "object-to", "naming", "weak")
    - verbs_of("clause", "light")
    - frozenset(
        "cite ascribe attribute mourn project forecast foresee express voice subpoena outline commemorate".split()
    )
)
"""Verbs whose object, or whoever owns it, is the one that the statement is aimed at."""


def addressee(reading: Reading, by: Attribution) -> Place | None:
    """Return first and last token of the noun phrase that names the addressee; None where there is none."""
    if by.patient is not None:
        found = _owner_or_self(reading, by.patient[0], by.patient[1])
        return found if by.verb.base in _AIMED else None
    if by.inverted or by.behind is None:
        return None
    i = by.behind.begins
    if reading.words[i].low == "it" and reading.tags[i + 1 : i + 2] == [NOUN]:
        return None  # "called it unlikely that"
    if by.behind.kind == "object":
        if by.verb.base in _AIMED or any(name.startswith("+") for name in _prepositions(reading, by)):
            return _owner_or_self(reading, i, reading.phrase_from(i, bare=True))
        return _asked(reading, by)
    if by.behind.kind == "to":
        return _object_of_infinitive(reading, i) if by.verb.base == "threaten" else None
    if by.verb.takes("person") and i > by.cue[1] + 1:
        return _person(reading, by.cue[1] + 1, reading.phrase_from(by.cue[1] + 1, bare=True))
    return None


def _prepositions(reading: Reading, by: Attribution) -> frozenset[str]:
    """The preposition before the content where it says whom: ``called on``, ``apologised to``, ``warned against``."""
    words = reading.words
    between = {f"+{words[k].low}" for k in range(by.cue[1] + 1, by.behind.begins)} if by.behind else set()
    return by.verb.complements & between & {"+on", "+upon", "+to", "+against", "+at", "+with"}


def _owner_or_self(reading: Reading, first: int, last: int) -> Place | None:
    """``the government's decision`` is aimed at the government, ``the prime minister`` at himself."""
    words = reading.words
    for k in range(first, last + 1):
        if words[k].low.endswith(("'s", "s'")):
            begin = reading.base_before(k)
            return _person(reading, k if begin is None else begin, k)
    if last > first and reading.tags[first] == POSSESSIVE and not reading.can_act(first + 1, last):
        return first, first
    return _person(reading, first, last)


def _person(reading: Reading, first: int, last: int) -> Place | None:
    if last < first or any(reading.words[k].low in MEDIA_NOUNS for k in range(first, last + 1)):
        return None
    return (first, last) if reading.tags[first] == OBJECT or reading.can_act(first, last) else None


def _asked(reading: Reading, by: Attribution) -> Place | None:
    """``asked Georgia for help``, ``demanded an apology from Japan``."""
    words = reading.words
    if by.verb.base in ("ask", "beg", "petition", "lobby", "press"):
        first = by.cue[1] + 1
        return _person(reading, first, reading.phrase_from(first, bare=True))
    if by.verb.base in ("demand", "request", "solicit"):
        for k in range(by.cue[1] + 1, min(len(words) - 1, by.cue[1] + 12)):
            if words[k].low == "from":
                return _person(reading, k + 1, reading.phrase_from(k + 1, bare=True))
    return None


def _object_of_infinitive(reading: Reading, i: int) -> Place | None:
    """``threatened to sanction Iran``: the name behind the infinitive."""
    first = i + 2
    if first >= len(reading.words) or reading.tags[first] not in (NAME, DETERMINER, OBJECT, POSSESSIVE):
        return None
    return _owner_or_self(reading, first, reading.phrase_from(first, bare=True))
