"""Who a mention is: surnames back to full names, pronouns and bare titles back to the person meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from toolkit.quotes.lexicon import FEMALE_NAMES, MALE_NAMES, ORGANISATION_NOUNS, PERSON_NOUNS, TITLES

__all__ = ["Cast"]

_NAME = re.compile(
    r"[^\W\d_a-z][\w’'-]*\.?(?:\s+(?:(?:de|da|del|der|van|von|al|el|bin|ibn|la|le|du|dos)\s+)?[^\W\d_a-z][\w’'-]*){1,4}"
)
_FEMALE = re.compile(
    r"\b(?:Mrs|Ms|Miss|Lady|Dame|Queen|Princess|\w*woman|mother|sister|daughter|wife)\b", re.IGNORECASE
)
_MALE = re.compile(r"\b(?:Mr|Sir|Lord|King|Prince|\w+man|father|brother|son|husband)\b", re.IGNORECASE)


@dataclass(slots=True)
class Person:
    """Somebody whom the article names in full."""

    name: str
    position: int
    titles: set[str] = field(default_factory=set)
    gender: str | None = None


class Cast:
    """The people and bodies of an article, in the order in which they are met."""

    def __init__(self, text: str) -> None:
        self.people: dict[str, Person] = {}
        self._by_surname: dict[str, Person] = {}
        self._spoke: list[tuple[str, str | None, set[str]]] = []
        for match in _NAME.finditer(text):
            self._meet(text, match)

    def _meet(self, text: str, match: re.Match[str]) -> None:
        words = match[0].split()
        titles = set()
        while words and words[0].lower().rstrip(".") in TITLES:
            titles.add(words.pop(0).lower().rstrip("."))
        words = [re.sub(r"[’']s$", "", word) for word in words]
        if len(words) < 2 or any(w.lower() in ORGANISATION_NOUNS for w in words):
            return
        name = " ".join(words)
        person = self.people.setdefault(name, Person(name, match.start()))
        person.titles |= titles
        around = text[match.start() : match.end() + 60]
        behind = around[len(match[0]) :]
        apposition = re.match(r",\s+(?:the|a|an|his|her|its|their)?\s*([^,.;]{3,60})", behind)
        if apposition:
            person.titles |= {w for w in apposition[1].lower().split() if w in PERSON_NOUNS}
        before = text[max(0, match.start() - 50) : match.start()]
        person.titles |= {
            w for w in re.findall(r"[a-z]+", before.rpartition(".")[2].rpartition(",")[2]) if w in PERSON_NOUNS
        }
        person.gender = person.gender or _gender(words[0], titles, around)
        self._by_surname.setdefault(words[-1].lower(), person)

    def resolve(self, mention: str, position: int) -> str:
        """Return who a mention at ``position`` is, as fully as the article tells, and remember that they spoke."""
        name, gender, titles = self._resolve(mention, position)
        self._spoke.append((name, gender, titles))
        return name

    def _resolve(self, mention: str, position: int) -> tuple[str, str | None, set[str]]:
        low = mention.lower()
        if low in ("he", "she", "they", "it", "who", "i", "we"):
            return self._pronoun(low, position) or (mention, None, set())
        words = [w for w in re.sub(r"[’']s\b", "", mention).split()]
        bare = [w for w in words if w.lower().rstrip(".") not in TITLES and w.lower() not in ("the", "a", "an")]
        titles = {w.lower().rstrip(".") for w in words} & (TITLES | PERSON_NOUNS)
        person = self._named(bare)
        if person is not None:
            return (
                person.name,
                person.gender or _gender(person.name.split()[0], titles, mention),
                person.titles | titles,
            )
        if any(w[0].isupper() for w in bare):
            name = re.sub(r"^(?:the|a|an)\s+", "", mention, flags=re.IGNORECASE)
            stripped = " ".join(bare) if titles and len(bare) >= 1 and all(w[0].isupper() for w in bare) else name
            return stripped, _gender(bare[0], titles, mention), titles
        return self._described(mention, position, titles)

    def _named(self, words: list[str]) -> Person | None:
        capitalised = [w.strip(",") for w in words if w[0].isupper()]
        if not capitalised:
            return None
        joined = " ".join(capitalised)
        if joined in self.people:
            return self.people[joined]
        for name, person in self.people.items():
            if len(capitalised) > 1 and joined.endswith(name):
                return person
        return self._by_surname.get(capitalised[-1].lower()) if len(capitalised) == 1 else None

    def _pronoun(self, low: str, position: int) -> tuple[str, str | None, set[str]] | None:
        wanted = {"he": "m", "she": "f"}.get(low)
        for name, gender, titles in reversed(self._spoke):
            is_person = name in self.people or gender is not None
            if wanted and (gender == wanted or (gender is None and is_person)):
                return name, wanted, titles
            if not wanted and (low != "it" or not is_person):
                return name, gender, titles
        if wanted:
            before = [p for p in self.people.values() if p.position < position and p.gender in (wanted, None)]
            if before:
                best = max(before, key=lambda p: (p.gender == wanted, p.position))
                return best.name, wanted, best.titles
        return None

    def _described(self, mention: str, position: int, titles: set[str]) -> tuple[str, str | None, set[str]]:
        """``the minister``: the last speaker, then the last person, who bears that title."""
        heads = {w for w in mention.lower().split() if w in PERSON_NOUNS or w in TITLES}
        for name, gender, borne in reversed(self._spoke):
            if heads and heads <= borne:
                return name, gender, borne
        people = [p for p in self.people.values() if p.position < position and heads and heads <= p.titles]
        if people and mention.lower().startswith("the "):
            person = max(people, key=lambda p: p.position)
            return person.name, person.gender, person.titles
        return re.sub(r"^(?:the|a|an)\s+", "", mention, flags=re.IGNORECASE), None, titles


def _gender(first: str, titles: set[str], around: str) -> str | None:
    low = first.lower()
    if titles & {
        "mrs",
        "ms",
        "miss",
        "lady",
        "dame",
        "queen",
        "princess",
        "spokeswoman",
        "chairwoman",
        "congresswoman",
    }:
        return "f"
    if titles & {"mr", "sir", "lord", "king", "prince", "spokesman", "chairman", "congressman"}:
        return "m"
    if low in FEMALE_NAMES:
        return "f"
    if low in MALE_NAMES:
        return "m"
    near = around[:120]
    if _FEMALE.search(near):
        return "f"
    return "m" if _MALE.search(near) else None
