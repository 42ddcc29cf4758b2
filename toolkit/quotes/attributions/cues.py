"""Cues and the attributions around them: ``said Kerry``, ``urged Serbia to``, ``according to the ministry``."""

from __future__ import annotations

import re
from typing import Literal

from toolkit.lexicon import CUES, EQUATED, NOMINAL_CUES, PHRASES, TIME, VerbForm
from toolkit.quotes.attributions.attribution import ACCORDING, NAMED, Attribution
from toolkit.quotes.attributions.complements import Complement, complement
from toolkit.quotes.attributions.verbal import read_verb
from toolkit.quotes.grammar.reading import Reading
from toolkit.quotes.grammar.tagging import ADVERB, DETERMINER, GERUND, NAME, NOUN, POSSESSIVE, PREPOSITION, VERB

__all__ = ["find_attributions", "may_hold_cue"]

_LETTERS = re.compile(r"[^\W\d_]+")

_SOURCES = (("according", "to"), ("as", "per"), ("per",), ("by",))
_SOURCE_HEADS = frozenset(phrase[0] for phrase in _SOURCES)
_REPORTS = frozenset("reports accounts estimates".split())
_FIRST_WORDS = (
    frozenset(CUES) | {phrase[0] for phrase in PHRASES} | NOMINAL_CUES | EQUATED | {"according", "per"} | _REPORTS
)

_NOUNS = NOMINAL_CUES | EQUATED
_IS = frozenset("is was remains remained".split())
_LOOSE_NOUNS = frozenset("report reports support comment comments statement statements".split())
"""Nouns of communication behind which ``of`` and ``to`` say something else."""
_QUOTING = frozenset("quoted cited quoting citing quotes cites".split())
_PHRASE_HEADS = frozenset(phrase[0] for phrase in PHRASES)


def may_hold_cue(sentence: str) -> bool:
    """Say quickly whether any cue can be in a sentence; most sentences of an article have none."""
    return not _FIRST_WORDS.isdisjoint(_LETTERS.findall(sentence.lower()))


def find_attributions(reading: Reading) -> list[Attribution]:
    """Return the attributions among the tokens of a sentence outside its quotation marks, in order."""
    words, tags = reading.words, reading.tags
    found: list[Attribution] = []
    i = 0
    while i < len(words):
        low = words[i].low
        hit = None
        if low in _SOURCE_HEADS:
            hit = _according(reading, i)
        elif low in _NOUNS and tags[i] == NOUN and (named := _nominal(reading, i)):
            hit = named
        elif low in _QUOTING and (quoted := _quoted_as(reading, i)):
            hit = quoted
        elif low in _PHRASE_HEADS and (phrase := _phrase(reading, i)):
            hit = read_verb(reading, i, *phrase, found)
        elif low in CUES and not (words[i].text[0].isupper() and (i or tags[i] != GERUND)):
            hit = read_verb(reading, i, CUES[low], i, found)
        if hit is not None:
            found.append(hit)
            while i < len(words) and words[i].start < hit.end:
                i += 1
        else:
            i += 1
    return found


def _nominal(reading: Reading, i: int) -> Attribution | None:
    """``Iran's threat to close the strait``, ``claims by rebels that``: a noun with a source and a content."""
    words, tags = reading.words, reading.tags
    if i + 3 >= len(words):
        return None
    equated = words[i].low in EQUATED and words[i + 1].low in _IS and words[i + 2].low == "that"
    if not equated and (words[i].low not in NOMINAL_CUES or words[i].low in _LOOSE_NOUNS):
        return None
    k = i - 1
    while k > i - 4 and k >= 0 and tags[k] in (NOUN, VERB, ADVERB, GERUND) and not words[k].low.endswith(("'s", "s'")):
        k -= 1
    speaker = None
    if k >= 0 and (tags[k] == POSSESSIVE or words[k].low.endswith(("'s", "s'"))):
        first = k if tags[k] == POSSESSIVE else reading.base_before(k)
        if (first is not None and reading.can_act(first, k)) or tags[k] == POSSESSIVE:
            speaker = (k if first is None else first, k)
    link = words[i + 1].low
    if equated:
        start = words[i if speaker is None else min(speaker[0], i)].start
        behind = Complement("clause", i + 3, True)
        return Attribution(NAMED, (i, i), speaker, start, words[i + 2].end, behind=behind)
    if link in ("by", "from"):
        last = reading.phrase_from(i + 2)
        if last < i + 2 or not reading.can_act(i + 2, last) or last + 2 >= len(words):
            return None
        speaker, link, j = (i + 2, last), words[last + 1].low, last + 1
    else:
        j = i + 1
    if speaker is None or link not in ("that", "of", "for", "to", "against"):
        return None
    kinds: dict[str, Literal["clause", "to"]] = {"that": "clause", "to": "to"}
    behind = Complement(kinds.get(link, "object"), j if link == "to" else j + 1, link == "that")
    start = words[min(speaker[0], i)].start
    return Attribution(NAMED, (i, i), speaker, start, words[j].end if link != "to" else words[j - 1].end, behind=behind)


def _phrase(reading: Reading, i: int) -> tuple[VerbForm, int] | None:
    words = reading.words
    for n in (4, 3, 2):
        verb = PHRASES.get(tuple(w.low for w in words[i : i + n]))
        if verb is not None:
            form = (
                "gerund"
                if words[i].low.endswith("ing")
                else "participle"
                if words[i].low in ("quoted", "cited", "reported")
                else "past"
            )
            return VerbForm(verb, frozenset((form,))), min(i + n - 1, len(words) - 1)
    return None


def _quoted_as(reading: Reading, i: int) -> Attribution | None:
    """``the agency quoted Hale as saying``, ``Hale was quoted by the agency as saying``: who is quoted speaks."""
    words = reading.words
    last = next((k for k in range(i + 2, min(len(words), i + 14)) if words[k].low in ("saying", "telling")), 0)
    if not last or words[last - 1].low != "as":
        return None
    group = reading.group(i, frozenset(("past", "participle")))
    if group.passive:
        speaker, start = reading.subject(group.first), group.first
        start = speaker[0] if speaker else group.first
    else:
        end = reading.phrase_from(i + 1)
        speaker = (i + 1, end) if end > i and reading.can_speak(i + 1, end) else None
        agency = reading.subject(group.first)
        start = agency[0] if agency else group.first
    if speaker is None:
        return None
    form = CUES["saying"]
    behind = complement(reading, form.verb, last + 1)
    return Attribution(form.verb, (last, last), speaker, words[start].start, words[last].end, behind=behind)


def _according(reading: Reading, i: int) -> Attribution | None:
    """``according to the ministry``, ``per the ministry``, ``by reports``: a source without a verb."""
    words = reading.words
    low = tuple(word.low for word in words[i : i + 2])
    first = next((i + len(phrase) for phrase in _SOURCES if low[: len(phrase)] == phrase), 0)
    if not first or first >= len(words):
        return None
    if words[i].low in ("per", "by"):  # "per capita" and "by the sea" name no source
        named = reading.tags[first] in (NAME, DETERMINER) if words[i].low == "per" else words[first].low in _REPORTS
        inserted = i > 1 and words[i - 1].text == "," and words[i - 2].low not in CUES
        if not named or not (i == 0 or inserted):
            return None
    last = reading.source_from(first)
    if last < first:
        return None
    acronym = last + 3 < len(words) and words[last + 1].text == "(" and words[last + 3].text == ")"
    end, k = words[last + 3 if acronym else last].end, last
    while k > first and reading.tags[k] != PREPOSITION:
        k -= 1
    if words[last].low in TIME and k > first:
        last = k - 1  # "according to officials on Thursday"
    return Attribution(ACCORDING, (i, first - 1), (first, last), words[i].start, end, inverted=True)
