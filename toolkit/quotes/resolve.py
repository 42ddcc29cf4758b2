"""Who a mention is: surnames back to full names, pronouns and bare titles back to the person meant."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field

from toolkit.quotes.lexicon import FEMALE_NAMES, MALE_NAMES, ORGANISATION_NOUNS, PERSON_NOUNS, TITLES
from toolkit.quotes.sentences import is_boilerplate, paragraphs

__all__ = ["Cast"]

_LOOK_BACK = 4000
"""How many characters a description looks back for a fuller one."""
_MEMORY = 40
"""How many mentions a pronoun looks back over."""
_CAPITAL = r"(?:[^\W\d_a-z]\.|[^\W\d_a-z][\w’'-]*\w|(?:Mr|Mrs|Ms|Dr|Gen|Col|Adm|Lt|Cpl|Sgt|Sen|Rep|Gov|Rear Adm)\.)"
_GAP = r"[ \u00a0]+"
_NAME = re.compile(
    rf"{_CAPITAL}(?:{_GAP}(?:(?:de|da|del|der|van|von|al|el|bin|ibn|la|le|du|dos){_GAP})?{_CAPITAL}){{1,5}}"
)
_APPOSED = re.compile(rf",\s+({_NAME.pattern})(?=\s*[,.;:—])")
_NO_NAME = frozenset(
    "in on at the a an her his its their our my he she they it we i but and after before when while as if for from by "
    "with to of this that these those no not so then there what who mr mrs ms".split()
)
_WORD = re.compile(r"[^\W\d_a-z][\w’'-]*\w")
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
        self._text = text
        self.people: dict[str, Person] = {}
        self._by_surname: dict[str, Person] = {}
        self._by_ending: dict[str, Person] = {}
        # Nobody refers back over hundreds of speakers; the bound keeps long texts linear.
        self._spoke: deque[tuple[str, str | None, set[str]]] = deque(maxlen=_MEMORY)
        for start, end in paragraphs(text):
            if not is_boilerplate(text[start:end]):
                for match in _NAME.finditer(text, start, end):
                    self._meet(text, match)
        self._seen = [
            (match.start(), self._by_surname[match[0].lower()])
            for match in _WORD.finditer(text)
            if match[0].lower() in self._by_surname
        ]
        self._places = [place for place, _ in self._seen]

    def _meet(self, text: str, match: re.Match[str]) -> None:
        words = [re.sub(r"[’']s$", "", word) for word in match[0].split()]
        titles = {word.lower().rstrip(".") for word in words} & TITLES
        words = [w for w in _behind_title(words) if not (len(w) > 3 and w.isupper())]
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
        for k in range(1, len(words) - 1):
            self._by_ending.setdefault(" ".join(words[k:]), person)

    def resolve(self, mention: str, position: int) -> str:
        """Return who a mention at ``position`` is, as fully as the article tells, and remember that they spoke."""
        apposed = _APPOSED.match(self._text, position + len(mention))
        if apposed and (mention.split()[-1].islower() or mention.split()[-1].lower() in PERSON_NOUNS):
            mention = apposed[1]  # "the navy's spokesman, Captain Nuwan Abeygoda"
        name, gender, titles = self._resolve(mention, position)
        self._spoke.append((name, gender, titles))
        return name

    def _resolve(self, mention: str, position: int) -> tuple[str, str | None, set[str]]:
        low = mention.lower()
        if low in ("he", "she", "they", "it", "who", "i", "we"):
            return self._pronoun(low, position) or (mention, None, set())
        words = mention.split()
        bare = [w for w in words if w.lower().rstrip(".") not in TITLES and w.lower() not in _NO_NAME]
        titles = {w.lower().rstrip(".") for w in words} & (TITLES | PERSON_NOUNS)
        institution = any(w.lower() in ORGANISATION_NOUNS or w.endswith(("'s", "’s")) for w in words)
        person = None if institution and words[-1].islower() else self._named(bare)
        if person is not None:
            gender = person.gender or _gender(person.name.split()[0], titles, mention)
            return person.name, gender, person.titles | titles
        if any(w[0].isupper() for w in bare):
            is_name = bool(titles) and not institution and all(w[0].isupper() for w in bare)
            return (" ".join(bare) if is_name else _without_article(mention)), _gender(bare[0], titles, mention), titles
        return self._described(mention, position, titles)

    def _named(self, words: list[str]) -> Person | None:
        capitalised = [w.strip(",") for w in words if w[0].isupper()]
        if not capitalised:
            return None
        if len(capitalised) == 1:
            return self._by_surname.get(capitalised[0].lower())
        # The name as it stands, the end of a longer one, or with words before or behind that are no part of it.
        tries = [capitalised, *(capitalised[k:] for k in range(1, len(capitalised) - 1))]
        tries += [capitalised[:k] for k in range(len(capitalised) - 1, 1, -1)]
        for words in tries:
            person = self.people.get(" ".join(words)) or self._by_ending.get(" ".join(words))
            if person is not None:
                return person
        return None

    def _pronoun(self, low: str, position: int) -> tuple[str, str | None, set[str]] | None:
        wanted = {"he": "m", "she": "f"}.get(low)
        if wanted is None:
            return next((spoke for spoke in reversed(self._spoke) if low != "it" or spoke[0] not in self.people), None)
        # The last person named before the pronoun who can be meant; one whose gender is known goes first when near.
        here = bisect_left(self._places, position)
        before = self._seen[max(0, here - _MEMORY) : here]
        able = [person for _, person in reversed(before) if person.gender in (wanted, None)]
        best = next((person for person in able if person.gender == wanted), None) or next(iter(able), None)
        return (best.name, wanted, best.titles) if best else None

    def _described(self, mention: str, position: int, titles: set[str]) -> tuple[str, str | None, set[str]]:
        """``the minister``: the last speaker, then the last person, who bears that title."""
        heads = {w for w in mention.lower().split() if w in PERSON_NOUNS or w in TITLES}
        for name, gender, borne in reversed(self._spoke):
            if heads and heads <= borne:
                return name, gender, borne
        if heads and mention.lower().startswith("the "):
            met = self._seen[
                max(0, bisect_left(self._places, position) - 4 * _MEMORY) : bisect_left(self._places, position)
            ]
            person = next((person for _, person in reversed(met) if heads <= person.titles), None)
            if person is not None:
                return person.name, person.gender, person.titles
        return self._fullest(mention, position), None, titles

    def _fullest(self, mention: str, position: int) -> str:
        """``the official`` is ``a senior Western official`` where the article said so before."""
        words = mention.split()
        if len(words) != 2 or words[0].lower() != "the":
            return _without_article(mention)
        before = self._text[max(0, position - _LOOK_BACK) : position]
        found = re.findall(rf"\b(?:[Aa]n?|[Oo]ne)\s+((?:[\w’'-]+\s+){{1,4}}?{re.escape(words[1])})\b", before)
        return found[-1] if found else words[1]


def _without_article(mention: str) -> str:
    return re.sub(r"^(?:the|a|an)\s+", "", mention, flags=re.IGNORECASE)


def _behind_title(words: list[str]) -> list[str]:
    """Return the name behind the last title (``Greek Foreign Minister Ana Lund``) and behind words that are no name."""
    last = max((i for i, word in enumerate(words) if word.lower().rstrip(".") in TITLES), default=-1)
    words = words[last + 1 :]
    while words and words[0].lower() in _NO_NAME:
        words = words[1:]
    return words


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
