"""Names of people, countries and organisations replaced by typed placeholders.

Rules and a list of states, not a statistical recogniser: they need no model, cost microseconds, and answer the same on
every machine. A name is a run of capitalised words that does more than begin a sentence. In it, states, their
people and capitals become ``_COUNTRY_``; what holds the word of a body ("ministry", "court") or is an acronym becomes
``_ORGANISATION_``; offices stay as they are; the rest becomes ``_PERSON_``.
"""

from __future__ import annotations

import re

from toolkit.lexicon import ORGANISATION_NOUNS, TITLES, states

__all__ = ["mask_names"]

_CAPITAL = r"(?:[^\W\d_a-zß-öø-ÿ](?:[\w\-]|[’'](?!s\b)|\.(?=[^\W\d_a-z]))*(?:(?<=\.[A-Z])\.)?)"
_PARTICLE = r"(?:al|bin|da|de|del|della|der|di|dos|du|el|ibn|la|le|of|ten|van|von|for|and the|of the)"
_RUN = re.compile(rf"(?<![\w_]){_CAPITAL}(?:[ ](?:{_PARTICLE}[ ])?{_CAPITAL})*")
_SENTENCE_END = re.compile(r"^[\"“‘(\[]*$|[.!?:;][\"”’)\]]*\s+[\"“‘(\[]*$|(?<!\S)[\"“‘(\[]+$")
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|Prof|Sen|Rep|Gen|Col)\. $")
_SPEAKS = re.compile(
    r"(?:['’]s\b|,|\s+(?:also |then |later )?(?:said|says|told|added|denied|announced|warned|insisted|promised|offered|"
    r"pledged|dismissed|proposed|replied|claimed|conceded|welcomed|accused|rejected|threatened|vowed|was|had|has|is)\b)"
)
_BODIES = ORGANISATION_NOUNS | frozenset(
    "society corp ltd times pentagon customs guards fund treasury news inc brigade post".split()
)
_ORDINARY = frozenset(
    (
        "a an and as at but by for from he her his how i if in it its no not of on or our she so some that the their "
        "there these they this those to we what when where while who why with yes you your after before during since "
        "many most all both each every officials police protesters rebels talks troops meanwhile however yesterday "
        "today earlier later monday tuesday wednesday thursday friday saturday sunday january february march april "
        "may june july august september october november december"
    ).split()
)


def mask_names(text: str) -> str:
    """Return the text with typed placeholders for the names in it.

    A single capitalised word that begins a sentence is masked only where it is a state, an acronym, or capitalised
    elsewhere in the text as well. Placeholders that are there already stay.
    """
    runs = [run for run in _RUN.finditer(text) if run[0][0].isupper()]
    first = [_begins_sentence(text, run) for run in runs]
    elsewhere = {word for run, begins in zip(runs, first, strict=True) for word in run[0].split()[int(begins) :]}
    pieces, end = [], 0
    for run, begins in zip(runs, first, strict=True):
        pieces += [text[end : run.start()], _masked(run[0].split(), begins, elsewhere)]
        end = run.end()
    return "".join([*pieces, text[end:]])


def _begins_sentence(text: str, run: re.Match[str]) -> bool:
    """Say whether a run's first word may be capitalised for no other reason than that it begins a sentence.

    What speaks, or owns something, is rather a name, if it is neither an adverb nor a plural.
    """
    before = text[max(0, run.start() - 8) : run.start()]
    if not _SENTENCE_END.search(before) or _TITLE.search(before):
        return False
    alone = " " not in run[0] and not run[0].endswith(("s", "ly", "ing"))
    return not (alone and run[0].lower() not in _ORDINARY and _SPEAKS.match(text, run.end()))


def _masked(words: list[str], begins: bool, elsewhere: set[str]) -> str:
    done: list[str] = []
    while words and words[0].lower() in _ORDINARY:
        done.append(words.pop(0))
        begins = False if words else begins
    if begins and len(words) == 1 and not done and not _is_state(words) and not _is_acronym(words[0]):
        return words[0] if words[0] not in elsewhere or words[0].lower() in TITLES else "_PERSON_"
    while words:
        size = next((n for n in (4, 3, 2, 1) if n <= len(words) and _is_state(words[:n])), 0)
        if size:
            done.append("_COUNTRY_")
            words = words[size:]
        elif words[0].lower() in TITLES | _ORDINARY:
            done.append(words.pop(0))
        else:
            body = any(word.lower() in _BODIES or _is_acronym(word) for word in words)
            done.append("_ORGANISATION_" if body else "_PERSON_")
            words = []
    return " ".join(done)


def _is_state(words: list[str]) -> bool:
    return tuple(word.lower().replace(".", "") for word in words) in states()


def _is_acronym(word: str) -> bool:
    letters = word.replace(".", "")
    return 2 <= len(letters) <= 6 and letters.isupper()
