"""The classes of words, told by closed lists, endings and capitals: noun, name, determiner, verb, and so on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from toolkit.lexicon import (
    ADVERBS,
    AUXILIARIES,
    CLAUSE_BREAKS,
    CONJUNCTIONS,
    DETERMINERS,
    IRREGULAR,
    NEGATIONS,
    NOUNS_IN_LY,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    RELATIVES,
    SUBJECT_PRONOUNS,
    THIRD_PERSONS,
    TIME,
)
from toolkit.quotes.grammar.words import Token

__all__ = [
    "ADVERB",
    "AUXILIARY",
    "BREAK",
    "COMMA",
    "CONJUNCTION",
    "DETERMINER",
    "GENITIVE",
    "GERUND",
    "MARK",
    "NAME",
    "NOUN",
    "NUMBER",
    "OBJECT",
    "PHRASE",
    "POSSESSIVE",
    "PREPOSITION",
    "PRONOUN",
    "QUOTATION",
    "RELATIVE",
    "THAT",
    "TO",
    "VERB",
    "tag_words",
]

NOUN, NAME, NUMBER, DETERMINER, POSSESSIVE, GENITIVE = "N", "M", "#", "D", "S", "'"

PRONOUN, OBJECT, PREPOSITION, TO, AUXILIARY, ADVERB = "O", "o", "P", "T", "A", "R"

CONJUNCTION, BREAK, THAT, RELATIVE, VERB, GERUND = "C", "B", "H", "W", "V", "G"

QUOTATION, COMMA, MARK = '"', ",", "."

PHRASE = frozenset((NOUN, NAME, NUMBER, GENITIVE))
"""What a noun phrase without prepositions is made of, besides what opens it."""


def _closed() -> dict[str, str]:
    """Return the class of every word of the closed lists; where a word is in two, the later line wins."""
    found: dict[str, str] = {}
    for words, tag in (
        (IRREGULAR, NOUN),
        ([past for past, _ in IRREGULAR.values()], VERB),
        ([participle for _, participle in IRREGULAR.values()], VERB),
        (ADVERBS, ADVERB),
        (PREPOSITIONS, PREPOSITION),
        (CLAUSE_BREAKS - PREPOSITIONS, BREAK),
        (CONJUNCTIONS, CONJUNCTION),
        (DETERMINERS, DETERMINER),
        (OBJECT_PRONOUNS - POSSESSIVES, OBJECT),
        (POSSESSIVES, POSSESSIVE),
        (SUBJECT_PRONOUNS, PRONOUN),
        (RELATIVES, RELATIVE),
        (AUXILIARIES, AUXILIARY),
        (("according",), PREPOSITION),
        (("to",), TO),
        (("that",), THAT),
        (("having",), GERUND),
        (("'s", "'"), GENITIVE),
    ):
        found |= dict.fromkeys(words, tag)
    return found


_CLOSED = _closed()


_OWNERS = DETERMINERS | POSSESSIVES

_MONTHS_AND_NAMES = frozenset("may march will us".split())
"""Words of the closed lists that are names where they are capitalised within a sentence."""


def tag_words(words: Sequence[Token]) -> list[str]:
    """Return the class of every token of a sentence: a constant of this module each."""
    return [_tag(words, i) for i in range(len(words))]


def _tag(words: Sequence[Token], i: int) -> str:
    text, _, _, low = words[i]
    head = text[0]
    if head.islower():
        tag = _class_of(low)
        if tag == GERUND and i and words[i - 1].low in _OWNERS:
            return NOUN  # "the bombing"
        if low == "yet" and i and words[i - 1].low in NEGATIONS:
            return ADVERB  # "has not yet said"
        return OBJECT if low == "her" and not _owns(words, i) else tag
    if head.isupper():
        closed = _CLOSED.get(low) if len(text) == 1 or not text.isupper() else None  # the WHO and the US are names
        return NAME if closed is None or closed == VERB or (i and low in _MONTHS_AND_NAMES) else closed
    if head in '"“«':
        return QUOTATION
    if head == ",":
        return COMMA
    return _CLOSED.get(low) or (NUMBER if head.isdigit() else NOUN if head.isalnum() else MARK)


def _owns(words: Sequence[Token], i: int) -> bool:
    """Whether ``her`` belongs to a noun behind it: ``her offer``, not ``told her that``."""
    if i + 1 == len(words) or not words[i + 1].text[0].isalnum():
        return False
    return _CLOSED.get(words[i + 1].low) != PREPOSITION


@lru_cache(maxsize=50_000)
def _class_of(low: str) -> str:
    """Return the class of a word in small letters, by the closed lists and its ending."""
    closed = _CLOSED.get(low)
    if closed is not None:
        return closed
    if low.endswith("n't"):
        return AUXILIARY
    stem, mark, _ = low.partition("'")
    if mark and (stem in SUBJECT_PRONOUNS or stem in ("that", "there", "what")):
        return PRONOUN
    if low.endswith("ed") or low in THIRD_PERSONS:
        return VERB
    if low.endswith("ing") and len(low) > 5 and low not in TIME:
        return GERUND
    if low.endswith("ly") and len(low) > 4 and low not in NOUNS_IN_LY:
        return ADVERB
    return NOUN
