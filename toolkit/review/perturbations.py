"""Small changes of a statement that must not change what it says: another country, person, gender, date, verb.

What could come out ungrammatical, or say something else, is not changed at all: every function returns None, or
nothing, where it is not sure. Nothing is read but the statement's text, speaker and cue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

from toolkit.lexicon import CONJUNCTIONS, FEMALE_NAMES, MALE_NAMES, PREPOSITIONS, SUBJECT_PRONOUNS, states
from toolkit.records import Statement

__all__ = [
    "appended",
    "plain",
    "with_country",
    "with_cue",
    "with_dates",
    "with_gender",
    "with_speaker",
]

Changed = tuple[str, Statement]
"""What was changed, in words, and the statement that came of it."""

_WORD = re.compile(r"\w[\w'\u2019-]*")
_BEFORE_A_NAME = PREPOSITIONS | CONJUNCTIONS | SUBJECT_PRONOUNS | frozenset("that this both neither either".split())
"""Capitalised words that may stand before a name at the start of a sentence without being part of it."""
_NEVER_BEFORE = frozenset("the a an north south east west new old northern southern eastern western".split())


def plain(statement: Statement) -> Statement:
    """Return a statement without what a change cannot reach: context, title, and places in its article."""
    return replace(
        statement,
        context=None,
        title=None,
        spans=(),
        speaker_start=None,
        speaker_end=None,
        target=None,
        target_start=None,
        target_end=None,
    )


# -------------------------------------------------------------------------------------------------------- countries


def with_country(statement: Statement, values: Sequence[str]) -> list[Changed]:
    """Put every one of ``values`` where a statement names a state; nothing where that cannot be done for each of them.

    The state is named by its plain name alone: not by its people or capital, as part of a longer name, behind an
    article. None of the values may stand there already, other than as that state.
    """
    fields = [statement.text, statement.speaker or "", statement.addressee or ""]
    named = list(dict.fromkeys(name for field in fields for name in _states_of(field)))
    if len(named) != 1:
        return []
    name = named[0]
    if not any(_is_swappable(name, field) for field in fields) or not all(
        _is_swappable(name, field) for field in fields if re.search(rf"\b{name}\b", field)
    ):
        return []
    pattern = re.compile(rf"\b{re.escape(name)}\b")

    def put(value: str) -> Statement:
        text, speaker, addressee = (pattern.sub(value, field) for field in fields)
        return replace(
            statement,
            text=text,
            speaker=statement.speaker and speaker,
            addressee=statement.addressee and addressee,
        )

    return [(value, put(value)) for value in values]


def _states_of(text: str) -> Iterator[str]:
    """Yield every name of a state, its people or its capital, as it is written."""
    for found in _state_pattern().finditer(text):
        yield found[0]


@cache
def _state_pattern() -> re.Pattern[str]:
    def written(words: tuple[str, ...]) -> str:
        if words == ("us",):
            return r"US|U\.S\.?"
        return r"\s".join(re.escape(w.upper() if w in ("uk", "usa", "uae") else w.title()) for w in words)

    names = sorted((written(words) for words in states()), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(names)})(?!\w)")


def _is_swappable(name: str, text: str) -> bool:
    """Say whether every place where a state stands by its plain name is one where any other could stand."""
    words = tuple(name.lower().split())
    places = [found.span() for found in re.finditer(rf"\b{re.escape(name)}\b", text)]
    is_plain = states().get(words) == " ".join(words) and not name.endswith("s")
    return is_plain and bool(places) and all(_stands_alone(text, *place) for place in places)


def _stands_alone(text: str, start: int, end: int) -> bool:
    before = re.search(r"([\w.'\u2019-]+)\s*$", text[:start])
    after = re.match(r"\s+([\w.-]+)", text[end:])
    if text[end : end + 1] == "-" or text[start - 1 : start] == "-":
        return False
    if after and after[1][0].isupper():  # Iran Air, South Africa Day
        return False
    if before is None:
        return True
    word = before[1].lower().rstrip(".")
    if word in _NEVER_BEFORE:
        return False
    return before[1].islower() or word in _BEFORE_A_NAME or before[1].endswith(".")


# ---------------------------------------------------------------------------------------------- speakers and genders


def with_speaker(statement: Statement, values: Sequence[str]) -> list[Changed]:
    """Put other persons of the same gender in the place of a speaker who is one, and whom the text does not name.

    A person is told by a given name that is known, and a family name. The text may say ``his`` of the speaker.
    """
    parts = (statement.speaker or "").split()
    if len(parts) != 2 or parts[0].lower() not in FEMALE_NAMES | MALE_NAMES:
        return []
    if any(re.search(rf"\b{re.escape(part)}\b", statement.text) for part in parts):
        return []
    alike = FEMALE_NAMES if parts[0].lower() in FEMALE_NAMES else MALE_NAMES
    fitting = [value for value in values if value.split()[0].lower() in alike and value != statement.speaker]
    return [(value, replace(statement, speaker=value)) for value in fitting]


_TO_FEMALE = {"he": "she", "him": "her", "his": "her", "himself": "herself", "mr": "ms"}
_TO_MALE = {"she": "he", "herself": "himself", "ms": "mr", "mrs": "mr"}
_ROLES = [(f"{start}man", f"{start}woman") for start in ("spokes", "chair", "business", "congress", "council")]
_TO_FEMALE |= dict(_ROLES)
_TO_MALE |= {woman: man for man, woman in _ROLES}


def with_gender(statement: Statement) -> list[Changed]:
    """Turn men into women, or women into men: pronouns, Mr and Ms, spokesman and the like, in text and speaker.

    Nothing is changed where both genders stand, and where ``her`` or ``his`` can be read in two ways.
    """
    fields = f"{statement.text}\n{statement.speaker or ''}"
    words = {word.lower() for word in _WORD.findall(fields)}
    words |= {word.partition("'")[0].partition("\u2019")[0] for word in words}
    male, female = words & set(_TO_FEMALE), words & (set(_TO_MALE) | {"her", "hers"})
    if male and not female and not re.search(r"\bhis\b(?!\s+\w)|\bof\s+his\b(?!\s+\w)", fields, re.IGNORECASE):
        return [("male to female", _with_words(statement, _TO_FEMALE))]
    if female and not male and not words & {"her", "hers"}:
        return [("female to male", _with_words(statement, _TO_MALE))]
    return []


def _with_words(statement: Statement, other: Mapping[str, str]) -> Statement:
    pattern = re.compile(rf"\b(?:{'|'.join(other)})\b", re.IGNORECASE)

    def put(found: re.Match[str]) -> str:
        word = other[found[0].lower()]
        return word.capitalize() if found[0][0].isupper() else word

    speaker = statement.speaker and pattern.sub(put, statement.speaker)
    return replace(statement, text=pattern.sub(put, statement.text), speaker=speaker)


# ------------------------------------------------------------------------------------------------------------ dates

_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_MONTHS = "January February April June July August September October November December".split()
"""March and May are left alone: they are verbs too."""
_IN = r"(?<=\b(?:in|of|by)\s)"
_DAY = re.compile(rf"\b(?:{'|'.join(_DAYS)})\b")
_MONTH = re.compile(rf"{_IN}(?:{'|'.join(_MONTHS)})\b(?!\s+(?:29|3[01])\b)")
_YEAR = re.compile(rf"{_IN}(?:19[3-9]\d|20[0-8]\d)\b(?![-\u2013/])")


def with_dates(statement: Statement) -> list[Changed]:
    """Move every weekday, month behind a preposition and year behind one on, all alike; nothing where there is none."""
    text = _DAY.sub(lambda found: _next(_DAYS, found[0], 2), statement.text)
    text = _MONTH.sub(lambda found: _next(_MONTHS, found[0], 3), text)
    text = _YEAR.sub(lambda found: str(int(found[0]) + 3), text)
    return [("later dates", replace(statement, text=text))] if text != statement.text else []


def _next(names: Sequence[str], name: str, by: int) -> str:
    return names[(names.index(name) + by) % len(names)]


# --------------------------------------------------------------------------------------------------- cues, sentences


def with_cue(statement: Statement, values: Sequence[str]) -> list[Changed]:
    """Put other verbs in the place of a cue that is among ``values`` itself: all of them say nothing of the stance."""
    cue = (statement.cue or "").lower()
    return [(value, replace(statement, cue=value)) for value in values if value != cue] if cue in values else []


def appended(statement: Statement, sentences: Sequence[str]) -> list[Changed]:
    """Set a sentence behind a statement in quotation marks that is itself made of whole sentences."""
    text = statement.text.rstrip()
    whole = text[:1].isupper() and len(text.split()) >= 4 and statement.kind == "direct"
    if not whole or text[-1] in "-\u2013\u2014\u2026:;(" or text.endswith("..."):
        return []
    text = f"{text[:-1]}." if text.endswith(",") else text
    stop = "" if text[-1] in ".!?" or text[-2:] in ('."', ".\u201d", '!"', '?"', "?\u201d", "!\u201d") else "."
    return [(sentence, replace(statement, text=f"{text}{stop} {sentence}")) for sentence in sentences]
