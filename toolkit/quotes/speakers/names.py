"""Everybody whom an article names: persons and bodies, the forms of their names, and every mention of them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from toolkit.lexicon import (
    DETERMINERS,
    DOCUMENT_NOUNS,
    FEMALE_NAMES,
    FEMALE_TITLES,
    MALE_NAMES,
    MALE_TITLES,
    ORGANISATION_NOUNS,
    PARTIES,
    PERSON_NOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    ROYAL_TITLES,
    TIME,
    TITLES,
    states,
)
from toolkit.records import Span

__all__ = [
    "NAME",
    "NO_NAME",
    "Entity",
    "Mention",
    "Names",
    "behind_title",
    "gender_of",
    "is_acronym",
    "is_state",
    "key_of",
    "without_genitive",
    "words_of",
]

_CAPITAL = (
    r"(?:(?:al|el|ad|as|ar|an|ul|bin|ben)-[^\W\d_a-z]\w{0,40}|[^\W\d_a-z]\.|[^\W\d_a-z][\w’'.-]{0,40}\w"
    r"|(?:Mr|Mrs|Ms|Dr|Gen|Col|Adm|Lt|Cpl|Sgt|Sen|Rep|Gov|Rear Adm|St)\.)"
)
_GAP = r"[ \u00a0]{1,3}"
_LINK = r"(?:de|da|del|dela|della|der|den|van|von|al|el|ul|ur|bin|bint|ibn|la|le|du|dos|di|ten)"
NAME = re.compile(rf"{_CAPITAL}(?:{_GAP}(?:{_LINK}{_GAP})?{_CAPITAL}){{0,7}}")
_OF = re.compile(rf"{_GAP}(?:of|for|on|and|in)(?:{_GAP}the)?{_GAP}(?={_CAPITAL})")
_ACRONYM = re.compile(r"\s?\(([A-Z][A-Za-z.&-]{1,9})\)")
_WHEN = TIME - {"day"}
"""What says when, and is no family name."""
NO_NAME = (
    frozenset("in on at but and after before when while as if for from by with to of so not then there".split())
    | frozenset("it he she they we i who what this that these those no yes mr mrs ms".split())
    | PREPOSITIONS
    | DETERMINERS
    | POSSESSIVES
)


@dataclass(slots=True)
class Entity:
    """Somebody or something that an article names: a person, a body, a group of people."""

    name: str
    kind: Literal["person", "body", "group"]
    gender: str | None = None
    titles: set[str] = field(default_factory=set)
    mentioned: int = 0


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where an entity is named, and what the text says of it there."""

    start: int
    entity: Entity
    subject: bool
    """Whether it begins its sentence."""
    quoted: bool


class Names:
    """The entities of an article by every form of their names, and their mentions in the order of the text.

    ``sentences`` are the offsets at which its sentences begin, ``quoted`` the spans inside quotation marks; ``known``
    says of some names whether they are a ``person`` or a ``body``, where a parser could tell.
    """

    def __init__(self, text: str, sentences: Sequence[int], quoted: Sequence[Span], known: Mapping[str, str]) -> None:
        self._text = text
        self._known = {key_of(name): kind for name, kind in known.items()}
        self._sentences = list(sentences)
        self._quoted_starts = [start for start, _ in quoted]
        self._quoted_ends = [end for _, end in quoted]
        self._named: dict[str, Entity] = {}
        self._initials: dict[str, Entity] = {}
        self.mentions: list[Mention] = []
        runs = [(match, words_of(match[0])) for match in NAME.finditer(text) if match[0].lower() not in NO_NAME]
        for match, words in runs:
            if len(words) > 1 or (words and is_acronym(words[0])):
                self._introduce(words, match)
        for match, words in runs:
            entity = self.lookup(words)
            if entity is not None:
                start = match.start()
                entity.mentioned += 1
                self.mentions.append(Mention(start, entity, self._begins(start), self._is_quoted(start)))

    def get(self, name: str) -> Entity | None:
        """Return the entity of exactly this name."""
        return self._named.get(key_of(name))

    def add(self, name: str, entity: Entity) -> None:
        """Let a name stand for an entity, unless it stands for one already."""
        self._named.setdefault(key_of(name), entity)

    def lookup(self, words: Sequence[str]) -> Entity | None:
        """Return the entity that some words name: as they stand, without titles, or by a part of them."""
        if not words:
            return None
        exact = self.get(" ".join(words)) or (self._initials.get(words[0]) if len(words) == 1 else None)
        if exact is not None:
            return exact
        own = behind_title(list(words))
        for k in range(len(own)):
            for end in range(len(own), k, -1):
                if end - k == 1 and len(own) > 2 and k < len(own) - 1:
                    continue  # a word in the middle of a name names nobody
                found = self.get(" ".join(own[k:end]))
                if found is not None:
                    return found
        return None

    def _introduce(self, words: list[str], match: re.Match[str]) -> None:
        """Take a run of capitals for a body or a person."""
        low = [word.lower().rstrip(".") for word in words]
        titles = {word for word in low if word in TITLES}
        if len(words) > 1 and all(word in TITLES for word in low):
            return  # the Vice President is whoever it is
        if len(words) > 2 and self._text.endswith((" of ", " of the "), 0, match.start()):
            first = next((k for k in range(1, len(words) - 1) if gender_of(words[k], set())), 0)
            words, low = words[first:], low[first:]  # "Director of National Intelligence Ana Lund"
        own = behind_title(words)
        office = titles and len(own) > 1 and not any(word.lower() in ORGANISATION_NOUNS for word in own)
        if not office and self._is_body(words, low, own, match):
            self._introduce_body(words, low, match)
        elif len(own) == 1 and is_acronym(own[0]):
            self.add(own[0], Entity(own[0], "body"))
        elif len(own) > 1 and not any(len(word) > 3 and word.isupper() for word in own):
            self._introduce_person(words, low, own, titles | self._described_as(match))

    def _is_body(self, words: list[str], low: list[str], own: list[str], match: re.Match[str]) -> bool:
        if any(word in ORGANISATION_NOUNS for word in low[-2:] + low[:1]) or _ACRONYM.match(self._text, match.end()):
            return True
        known = self._known.get(key_of(" ".join(own))) or self._known.get(key_of(" ".join(words)))
        return known == "body" and not any(word in TITLES for word in low) and not (own and gender_of(own[0], set()))

    def _introduce_body(self, words: list[str], low: list[str], match: re.Match[str]) -> None:
        """``World Health Organization (WHO)``, ``Ministry of Foreign Affairs``: a name, and its acronym."""
        text, name = self._text, " ".join(words)
        acronym = _ACRONYM.match(text, match.end())
        link = _OF.match(text, match.end())
        if link is not None and low[-1] in ORGANISATION_NOUNS and link[0].strip() != "and":
            further = NAME.match(text, link.end())
            if further is not None:
                name = f"{name}{link[0]}{further[0]}"
                acronym = acronym or _ACRONYM.match(text, further.end())
        self.add(name, Entity(without_genitive(name), "body"))
        initials = "".join(word[0] for word in name.split() if word[0].isupper())
        if len(initials) > 2:
            self._initials.setdefault(initials, self._named[key_of(name)])
        if acronym:
            self.add(acronym[1], self._named[key_of(name)])

    def _introduce_person(self, words: list[str], low: list[str], own: list[str], titles: set[str]) -> None:
        """Keep the fullest form of a person's name, and let every ending of it stand for the person."""
        name = " ".join(own)
        entity = self.get(name) or (self.get(" ".join(own[1:])) if len(own) > 2 else None) or Entity(name, "person")
        near = list(zip(words, low, strict=True))[-len(own) - 1 :]
        royal = next((word for word, small in near if small in ROYAL_TITLES), None)
        if royal is not None:
            entity.name = entity.name if entity.name.startswith(royal) else f"{royal} {name}"
        elif entity.kind == "person" and len(entity.name.split()) < len(own):
            entity.name = name
        for k in range(len(own)):
            self.add(" ".join(own[k:]), entity)
        if not any(title in DOCUMENT_NOUNS for title in titles):
            self.add(" ".join(own[:2]), entity)
        entity.titles |= titles
        entity.gender = entity.gender or gender_of(own[0], entity.titles)

    def _described_as(self, match: re.Match[str]) -> set[str]:
        """Return the nouns for persons that stand right before a name, or behind it between commas."""
        text = self._text
        before = text[max(0, match.start() - 50) : match.start()]
        near = before.rpartition(".")[2].rpartition(",")[2]
        found = {word for word in re.findall(r"[a-z]+", near) if word in PERSON_NOUNS}
        apposition = re.match(
            r",\s+(?:the|a|an|his|her|its|their)?\s*([^,.;]{3,60})", text[match.end() : match.end() + 70]
        )
        if apposition:
            found |= {word for word in apposition[1].lower().split() if word in PERSON_NOUNS}
        return found

    def _begins(self, start: int) -> bool:
        place = bisect_right(self._sentences, start) - 1
        return place >= 0 and start - self._sentences[place] < 40

    def _is_quoted(self, start: int) -> bool:
        place = bisect_right(self._quoted_starts, start) - 1
        return place >= 0 and start < self._quoted_ends[place]


def words_of(run: str) -> list[str]:
    """Return the words of a run of capitals without what only begins a sentence or says when."""
    words = [without_genitive(word) for word in run.split()]
    while words and not is_acronym(words[0]) and (words[0].lower() in NO_NAME or words[0].lower() in _WHEN):
        words = words[1:]
    while words and words[-1].lower() in _WHEN:
        words = words[:-1]
    return words


@lru_cache(maxsize=20_000)
def key_of(name: str) -> str:
    """Return a name for comparison: without marks on letters, case, dots and possessive endings."""
    plain = unicodedata.normalize("NFKD", name) if not name.isascii() else name
    letters = "".join(c for c in plain if not unicodedata.combining(c)) if not name.isascii() else plain
    return without_genitive(letters.lower().replace(".", "").replace("ı", "i")).removeprefix("the ")


def without_genitive(word: str) -> str:
    """Return a word without the ending of a genitive."""
    return word.removesuffix("s").removesuffix("'").removesuffix("’") if word.endswith(_GENITIVES) else word


def behind_title(words: list[str]) -> list[str]:
    """Return the name behind the last title (``Greek Foreign Minister Ana Lund``), a party or a people before it."""
    last = max((i for i, word in enumerate(words) if word.lower().rstrip(".") in TITLES), default=-1)
    if last + 1 < len(words):
        words = words[last + 1 :]
    while len(words) > 2 and (is_state(words[0]) or words[0].lower() in PARTIES | NO_NAME):
        words = words[1:]
    while len(words) > 3 and " ".join(words[:2]).lower() in ("united nations", "united states", "united kingdom"):
        words = words[2:]
    while words and words[0].lower() in NO_NAME:
        words = words[1:]
    return words


def is_acronym(word: str) -> bool:
    """Whether a word is written in capitals throughout."""
    return len(word) > 1 and word.isupper()


def is_state(word: str) -> bool:
    """Whether a word names a state, its people or its capital."""
    return (word.lower().replace(".", ""),) in states()


_GENITIVES = ("'s", "’s", "'", "’")


def gender_of(first: str, titles: set[str]) -> str | None:
    """Return ``f`` or ``m`` where titles or a first name tell it, else None."""
    if titles & FEMALE_TITLES:
        return "f"
    if titles & MALE_TITLES:
        return "m"
    low = first.lower()
    return "f" if low in FEMALE_NAMES else "m" if low in MALE_NAMES else None
