"""Cues and the speaker's mention beside them: ``said Kerry``, ``the ministry added``, ``according to officials``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from toolkit.quotes.lexicon import ABBREVIATIONS, CUES, ORGANISATION_NOUNS, PERSON_NOUNS, TITLES

__all__ = [
    "Attribution",
    "Token",
    "find_attributions",
    "first_noun_phrase",
    "is_coordinate",
    "may_hold_cue",
    "token",
    "tokens",
]

_TOKEN = re.compile(r"[^\W_](?:[\w.&/’'-]*[\w’'])?\.?|[^\w\s]")
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
_DETERMINERS = frozenset(
    (
        "the a an this that these those his her its their our my another one two three several some many most both "
        "other senior top unnamed local"
    ).split()
)
_JOINERS = frozenset("of for the de da del der den van von al el bin ibn la le du dos das e y and & at".split())
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
_PHRASE_HEADS = frozenset(cue.split()[0] for cue in CUES if " " in cue)
_FIRST_WORDS = frozenset(cue.split()[0] for cue in CUES) | {"according"}
_LETTERS = re.compile(r"[^\W\d_]+")
_ALSO_NOUNS = frozenset(
    (
        "state states report reports estimate estimates note notes claim claims charge charges comment comments "
        "promise promises pledge pledges demand demands offer offers post posts tweet tweets signal signals vow vows "
        "answer answers reply address call calls attack attacks credit credits blame blast label labels brand brands "
        "hail mock fear fears hope hopes praise hint hints counter urge urges account accounts voice voices refuse "
        "express welcome defend propose"
    ).split()
)
"""Forms that are nouns or adjectives as often as verbs of saying."""
_CLAUSE_STARTS = frozenset(
    "that he she it they we i you the a an his her its their there this these those to him them us".split()
)


class Token(NamedTuple):
    """A word or mark and where it stands."""

    text: str
    start: int
    end: int
    low: str
    """The word in lower case, without a full stop behind it."""


def token(text: str, start: int, end: int) -> Token:
    """Return a token."""
    return Token(text, start, end, text.lower().rstrip(".").replace("’", "'"))


@dataclass(frozen=True, slots=True)
class Attribution:
    """A cue with its speaker's mention, and the region of the sentence that the two cover."""

    verb: str
    cue_start: int
    cue_end: int
    speaker_start: int | None
    speaker_end: int | None
    start: int
    end: int
    inverted: bool
    that: bool
    """Whether the cue is followed by ``that``."""


def tokens(text: str, start: int, end: int) -> list[Token]:
    """Return the words and marks of text[start:end]."""
    found = []
    for match in _TOKEN.finditer(text, start, end):
        word, last = match[0], match.end()
        if len(word) > 2 and word[-1] == "." and word[:-1].lower() not in ABBREVIATIONS and "." not in word[:-1]:
            found += [token(word[:-1], match.start(), last - 1), token(".", last - 1, last)]
        else:
            found.append(token(word, match.start(), last))
    return found


def may_hold_cue(sentence: str) -> bool:
    """Say quickly whether any cue can be in a sentence; most sentences of an article have none."""
    return not _FIRST_WORDS.isdisjoint(_LETTERS.findall(sentence.lower()))


def find_attributions(words: list[Token]) -> list[Attribution]:
    """Return the attributions among the tokens of a sentence outside its quotation marks, in order."""
    found: list[Attribution] = []
    i = 0
    while i < len(words):
        hit = _according(words, i) or _cue(words, i) or (_participle(words, i, found[-1]) if found else None)
        if hit is not None:
            found.append(hit)
            while i < len(words) and words[i].start < hit.end:
                i += 1
        i += 1
    return found


def _according(words: list[Token], i: int) -> Attribution | None:
    if words[i].low != "according" or i + 2 >= len(words) or words[i + 1].low != "to":
        return None
    last = _noun_phrase_end(words, i + 2)
    if last < i + 2:
        return None
    cue_end = words[i + 1].end
    first, final, start = words[i + 2].start, words[last].end, words[i].start
    return Attribution("according to", start, cue_end, first, final, start, final, True, False)


def _cue(words: list[Token], i: int) -> Attribution | None:
    verb, last = _verb(words, i)
    if verb is None:
        return None
    before = _subject(words, i)
    after = _inverted_subject(words, last + 1) if before is None or _is_weak(words, before) else None
    that = last + 1 < len(words) and words[last + 1].low == "that"
    cue_start, cue_end = words[i].start, words[last].end
    if after is not None:
        start, final = words[after[0]].start, words[after[1]].end
        return Attribution(verb, cue_start, cue_end, start, final, cue_start, final, True, False)
    if before is None:
        return None
    start, final = words[before[0]].start, words[before[1]].end
    return Attribution(verb, cue_start, cue_end, start, final, start, cue_end, False, that)


def _verb_follows(words: list[Token], i: int) -> bool:
    """Whether what stands around a form that may be a noun makes it a verb: a subject before it, an object behind."""
    if i == 0 or i + 1 >= len(words):
        return False
    before, behind = words[i - 1], words[i + 1]
    if (
        before.low in _DETERMINERS
        or before.low in ("of", "no", "in", "for", "'s", "and", "or")
        or before.text[0].isdigit()
    ):
        return False
    return (
        behind.low in _CLAUSE_STARTS
        or behind.text in ('"', ":")
        or (behind.text == "," and i + 2 < len(words) and words[i + 2].text == '"')
    )


def _participle(words: list[Token], i: int, governed: Attribution) -> Attribution | None:
    """``he said, adding that``: the participle's speaker is the one before it."""
    verb, last = _verb(words, i)
    if verb is None or not words[i].low.endswith("ing") or i == 0 or words[i - 1].text not in (",", '"', "—"):
        return None
    that = last + 1 < len(words) and words[last + 1].low == "that"
    speaker = governed.speaker_start, governed.speaker_end
    return Attribution(verb, words[i].start, words[last].end, *speaker, words[i].start, words[last].end, False, that)


def _verb(words: list[Token], i: int) -> tuple[str | None, int]:
    low = words[i].low
    for n in (3, 2) if low in _PHRASE_HEADS else ():
        phrase = " ".join(w.low for w in words[i : i + n])
        if phrase in CUES:
            return CUES[phrase], min(i + n - 1, len(words) - 1)
    if low not in CUES or words[i].text[0].isupper():
        return None, i
    previous = words[i - 1].low if i else ""
    if previous in ("to", "a", "an", "the", "of", "his", "her", "their", "its", "this", "no", "any"):
        return None, i
    if low in _ALSO_NOUNS and not _verb_follows(words, i):
        return None, i
    # "was told", "is expected": passives are not the subject's own words.
    if previous in ("was", "were", "been", "be", "being", "is", "are", "get", "got") and low.endswith(
        ("ed", "told", "said")
    ):
        return None, i
    return CUES[low], i


def _subject(words: list[Token], cue: int) -> tuple[int, int] | None:
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
    if word.low in _DETERMINERS and word.low not in ("the", "that"):
        return True
    if word.low == "that":
        return False
    if word.low in ("in", "from") and j > 0 and j < last:
        # "the energy ministry in Baku", but not "hours after the talks in Baku officials said"
        return words[j + 1].text[0].isupper() and words[j - 1].low in ORGANISATION_NOUNS | PERSON_NOUNS
    return word.low not in ("in", "from", "with", "to", "on", "about", "by")


def _can_speak(words: list[Token], first: int, last: int) -> bool:
    return words[first].low in _DETERMINERS or any(
        w.text[0].isupper() or w.low in PERSON_NOUNS or w.low in ORGANISATION_NOUNS or w.low in TITLES
        for w in words[first : last + 1]
    )


def _is_weak(words: list[Token], span: tuple[int, int]) -> bool:
    """Whether the subject found before a cue may be the end of the content instead: it touches no sentence start."""
    first, last = span
    return first > 0 and words[first - 1].text == "," and last - first > 6


def _inverted_subject(words: list[Token], i: int) -> tuple[int, int] | None:
    """Return the noun phrase behind a cue: ``said Foreign Minister Ana Lund, who``."""
    if i >= len(words):
        return None
    last = _noun_phrase_end(words, i)
    if last < i or words[i].low in ("that", "in", "on", "to", "at", "it", "there", "no", "not"):
        return None
    return (i, last) if _can_speak(words, i, last) else None


def _noun_phrase_end(words: list[Token], i: int) -> int:
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
            last = _noun_phrase_end(words, i)
            if last >= i and (words[i].low in _PRONOUNS or _can_speak(words, i, last)):
                return words[i].start, words[last].end
    return None


def is_coordinate(words: list[Token], by: Attribution) -> bool:
    """Whether an attribution stands beside the one before it (``, adding that``, ``, she said``), not inside it."""
    before = [w for w in words if w.end <= by.start]
    if not before:
        return True
    if before[-1].text in ('"', ";", "—") or by.verb == "according to" or before[-1].text == ",":
        return True
    return before[-1].low in ("and", "but") and (
        by.start == by.cue_start or (len(before) > 1 and before[-2].text in (",", '"'))
    )
