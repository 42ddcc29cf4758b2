"""Cues and the attributions around them: ``said Kerry``, ``the ministry added``, ``according to officials``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.quotes.lexicon import CUES
from toolkit.quotes.subjects import DETERMINERS, is_weak, noun_phrase_end, subject_before, subject_behind
from toolkit.quotes.words import Token

__all__ = ["Attribution", "find_attributions", "is_coordinate", "may_hold_cue"]

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
    last = noun_phrase_end(words, i + 2)
    if last < i + 2:
        return None
    cue_end = words[i + 1].end
    first, final, start = words[i + 2].start, words[last].end, words[i].start
    return Attribution("according to", start, cue_end, first, final, start, final, True, False)


def _cue(words: list[Token], i: int) -> Attribution | None:
    verb, last = _verb(words, i)
    if verb is None:
        return None
    before = subject_before(words, i)
    after = subject_behind(words, last + 1) if before is None or is_weak(words, before) else None
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
        before.low in DETERMINERS
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
