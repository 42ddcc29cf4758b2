"""Who can speak: the noun phrase before a cue or behind it, as first and last of a sentence's tokens."""

from __future__ import annotations

from toolkit.quotes.lexicon import CUES, ORGANISATION_NOUNS, PERSON_NOUNS, TITLES
from toolkit.quotes.words import Token

__all__ = [
    "DETERMINERS",
    "first_noun_phrase",
    "is_weak",
    "noun_phrase_end",
    "subject_before",
    "subject_behind",
]

_PRONOUNS = frozenset("he she they it we i who".split())
_AUXILIARIES = frozenset(
    "has had have having was were is are been be will would could may might did does do not".split()
)
_ADVERBS = frozenset(
    (
        "also then later earlier again once still even only further repeatedly reportedly today yesterday tomorrow "
        "now just simply never always often recently separately meanwhile however instead and both flatly"
    ).split()
)
DETERMINERS = frozenset(
    (
        "the a an this that these those his her its their our my another one two three several some many most both "
        "other senior top unnamed local"
    ).split()
)
_CLAUSE_BREAKS = frozenset(
    "but when while as because after before if although though where which since until whether so".split()
)
_TIME = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday today yesterday tomorrow late early".split()
)
_LINKS = frozenset("of for and in from by at with & both all".split())
_PREPOSITIONS = frozenset(
    "in on at during after before from by to with through via of for about against over under".split()
)


def subject_before(words: list[Token], cue: int) -> tuple[int, int] | None:
    """Return first and last token of the noun phrase before a cue, across adverbs, auxiliaries and one apposition."""
    j = cue - 1
    while j >= 0 and (words[j].low in _AUXILIARIES or words[j].low in _ADVERBS or words[j].low.endswith("ly")):
        j -= 1
    j = _skip_time_back(words, j)
    if j >= 0 and words[j].text == ",":
        # An apposition or a relative clause stands between two commas: "Lund, the foreign minister, said".
        opener = next((k for k in range(j - 1, max(-1, j - 30), -1) if words[k].text == ","), None)
        if opener is None or opener == 0:
            return None
        j = opener - 1
    if j >= 0 and words[j].text == ")":
        opener = next((k for k in range(j, max(-1, j - 12), -1) if words[k].text == "("), None)
        if opener is None:
            return None
        j = opener - 1
    return _noun_phrase_before(words, j)


def _skip_time_back(words: list[Token], j: int) -> int:
    if j >= 0 and words[j].low in _TIME:
        j -= 1
        while j >= 0 and words[j].low in ("on", "late", "early", "last"):
            j -= 1
    return j


def _noun_phrase_before(words: list[Token], j: int) -> tuple[int, int] | None:
    if j < 0:
        return None
    if words[j].low in _PRONOUNS:
        return j, j
    if not words[j].text[0].isalnum():
        return None
    last = j
    while j >= 0 and _in_noun_phrase(words, j, last):
        j -= 1
    first = j + 1
    while (first < last and words[first].low in ("and", "at", "for", "of", "e", "y", "&")) or words[
        first
    ].low in _ADVERBS - {"both"}:
        first += 1
        if first > last:
            return None
    first = _cut_lead(words, first, last)
    return (first, last) if first <= last and _can_speak(words, first, last) else None


def _cut_lead(words: list[Token], first: int, last: int) -> int:
    """Leave away what only stands before a subject: ``Tuesday``, ``Hours later``."""
    while first < last and words[first].low in _TIME:
        first += 1
    for k in range(last, first, -1):
        if words[k].low in ("the", "its", "his", "her", "their") and words[k - 1].low not in _LINKS:
            return k
    return first


def _in_noun_phrase(words: list[Token], j: int, last: int) -> bool:
    word = words[j]
    if word.text in ("'s", "’s"):
        return True
    if not word.text[0].isalnum() or last - j > 14:
        return False
    if word.low in _CLAUSE_BREAKS or word.low in _PRONOUNS or (word.low in CUES and word.text[0].islower()):
        return False
    if word.low in _AUXILIARIES:
        return False
    if word.low in DETERMINERS and word.low not in ("the", "that"):
        return True
    if word.low == "that":
        return False
    if word.low in ("in", "from") and j > 0 and j < last:
        # "the energy ministry in Baku", but not "hours after the talks in Baku officials said"
        return words[j + 1].text[0].isupper() and words[j - 1].low in ORGANISATION_NOUNS | PERSON_NOUNS
    return word.low not in ("in", "from", "with", "to", "on", "about", "by")


def _can_speak(words: list[Token], first: int, last: int) -> bool:
    return words[first].low in DETERMINERS or any(
        w.text[0].isupper() or w.low in PERSON_NOUNS or w.low in ORGANISATION_NOUNS or w.low in TITLES
        for w in words[first : last + 1]
    )


def is_weak(words: list[Token], span: tuple[int, int]) -> bool:
    """Whether the subject found before a cue may be the end of the content instead: it touches no sentence start."""
    first, last = span
    return first > 0 and words[first - 1].text == "," and last - first > 6


def subject_behind(words: list[Token], i: int) -> tuple[int, int] | None:
    """Return the noun phrase behind a cue: ``said Foreign Minister Ana Lund, who``."""
    if i >= len(words):
        return None
    last = noun_phrase_end(words, i)
    if last < i or words[i].low in ("that", "in", "on", "to", "at", "it", "there", "no", "not"):
        return None
    return (i, last) if _can_speak(words, i, last) else None


def noun_phrase_end(words: list[Token], i: int) -> int:
    """Return the last token of the noun phrase that begins at i (i - 1 where there is none)."""
    if i < len(words) and words[i].low in _PRONOUNS:
        return i
    j = i
    while j < len(words) and j - i < 16:
        word = words[j]
        if word.text in ("'s", "’s"):
            j += 1
            continue
        if not word.text[0].isalnum() or word.low in _CLAUSE_BREAKS or word.low in _AUXILIARIES or word.low in _TIME:
            break
        if (word.low in _PREPOSITIONS and word.low not in ("of", "for")) or word.low in ("who", "that"):
            break
        if (word.low in CUES and word.text[0].islower()) or (word.low in ("and",) and not _name_follows(words, j)):
            break
        j += 1
    while j > i and words[j - 1].low in ("of", "for", "the", "and"):
        j -= 1
    return j - 1


def _name_follows(words: list[Token], j: int) -> bool:
    return j + 1 < len(words) and words[j + 1].text[0].isupper()


def first_noun_phrase(words: list[Token]) -> tuple[int, int] | None:
    """Return the offsets of the first noun phrase that can speak, or None."""
    for i, word in enumerate(words):
        if word.text[0].isalnum():
            last = noun_phrase_end(words, i)
            if last >= i and (words[i].low in _PRONOUNS or _can_speak(words, i, last)):
                return words[i].start, words[last].end
    return None
