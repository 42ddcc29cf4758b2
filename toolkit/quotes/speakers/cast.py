"""Who a mention is: everybody whom an article names, and pronouns, titles, descriptions and documents back to them."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Literal

from toolkit.lexicon import (
    ADVERBS,
    AUXILIARIES,
    CONJUNCTIONS,
    DOCUMENT_NOUNS,
    IRREGULAR,
    ORGANISATION_NOUNS,
    PERSON_NOUNS,
    PLURAL_PEOPLE,
    PREPOSITIONS,
    RELATIVES,
    SUBJECT_PRONOUNS,
    TITLES,
    demonyms,
)
from toolkit.quotes.speakers.names import (
    NAME,
    NO_NAME,
    Entity,
    Names,
    behind_title,
    gender_of,
    is_acronym,
    is_state,
    without_genitive,
    words_of,
)
from toolkit.records import Span

__all__ = ["Cast"]

_MEMORY = 40
"""How many mentions a pronoun looks back over, and how many speakers are remembered: so long texts stay linear."""
_LOOK_BACK = 4000
"""How many characters a description looks back for a fuller one."""
_OFFICES = TITLES | PERSON_NOUNS | {"editor", "correspondent", "columnist", "co-chair", "captain"}
_SPOKESPERSONS = frozenset(("spokesman", "spokeswoman", "spokesperson"))
_FINDINGS = frozenset("results data figures findings numbers statistics records".split())
"""What shows something, and is neither ``they`` nor ``it`` in the next sentence."""
_OWNERS = ORGANISATION_NOUNS - {"press", "media"}
_SUBJECT_OF = {"him": "he", "his": "he", "her": "she", "them": "they", "their": "they", "its": "it"}
_ISSUED = re.compile(
    r"[^.;\n]{0,20}?\b(?:released|published|issued|made|given|put out|signed|sent|posted)\b[^.;\n]{0,30}?\bby (?:the )?"
)
_ISSUER = re.compile(
    r"\b((?:[Tt]he |[^\W\d_a-z])[\w’' ]{2,40}?) (?:ha[sd] |have )?(?:issued|released|published|posted) "
    r"(?:a|an|its|their|the)\b"
)
_PLURAL = re.compile(r"\b([A-Za-z]+ )?([a-z]+s|people|police)\b")
_BEHIND_A_NOUN = (
    PREPOSITIONS
    | RELATIVES
    | AUXILIARIES
    | CONJUNCTIONS
    | ADVERBS
    | {"", "that", "to"}
    | {p for p, _ in IRREGULAR.values()}
)
"""What may follow a noun that is no part of another: ``an official government account`` describes no government."""
_NO_PART = NO_NAME | {"", "or", "other", "which", "where", "also", "only", "were", "was", "had", "have", "has", "is"}
"""What stands before a noun for people and says nothing of them: ``of people``, ``and officials``."""
_TURN = re.compile(rf"^[ \t]*(?:\(\(([^()\n]{{2,40}})\)\)|({NAME.pattern}):)(?=\s)", re.MULTILINE)
"""Who has the word in an interview or a transcript, in front of a paragraph: ``Ana Lund: I think``."""
_FIRST_PERSONS = frozenset(("i", "we"))
_APPOSED = re.compile(rf",\s+({NAME.pattern})(?=\s*[,.;:—]|\s(?:of|from|at|told|said|who)\b)")


class Cast:
    """The entities of an article and their mentions, in the order of the text.

    ``sentences`` are the offsets at which its sentences begin, ``quoted`` the spans inside quotation marks; ``names``
    says of some names whether they are a ``person`` or a ``body``, where a parser could tell.
    """

    def __init__(
        self, text: str, sentences: Sequence[int], quoted: Sequence[Span], names: Mapping[str, str] | None = None
    ) -> None:
        self._text = text
        self._sentences = list(sentences)
        self._names = Names(text, sentences, quoted, names or {})
        self._mentions = self._names.mentions
        self._offices: dict[tuple[str, str], str | None] = {}
        self._spoke: deque[tuple[int, Entity]] = deque(maxlen=_MEMORY)
        self._places = [mention.start for mention in self._mentions]
        turns = list(_TURN.finditer(text))
        self._turns = turns if len(turns) > 1 else []
        self._turn_starts = [turn.start() for turn in self._turns]

    def speaker(self, start: int, end: int) -> str:
        """Return who the mention at text[start:end] is, as fully as the article tells, and remember that they spoke."""
        entity = self._resolve(start, end)
        self._spoke.append((start, entity))
        return entity.name

    def name(self, start: int, end: int) -> str:
        """Return who a mention is, without taking it for a speaker."""
        return self._resolve(start, end).name

    def _resolve(self, start: int, end: int) -> Entity:
        mention = without_genitive(self._text[start:end]) or self._text[start:end]
        low = mention.lower()
        stem, cut_short, _ = low.replace("’", "'").partition("'")
        if cut_short and stem in SUBJECT_PRONOUNS and " " not in low and not is_acronym(mention[: len(stem)]):
            mention, low = mention[: len(stem)], stem  # "they're", "who's"
        if low == "who":
            return self._antecedent(start) or Entity(mention, "person")
        words = mention.split() or [mention]
        pronoun = _SUBJECT_OF.get(words[0].lower(), low)
        if (
            pronoun in SUBJECT_PRONOUNS
            and not is_acronym(mention)
            and (len(words) == 1 or words[-1].lower() in DOCUMENT_NOUNS)
        ):
            return self._pronoun(pronoun, start) or Entity(mention, "person")
        apposed = _APPOSED.match(self._text, end)
        own = words[-1] if words[-1] in PERSON_NOUNS else _head(words)[0]
        if apposed and (own.islower() or own.lower() in PERSON_NOUNS):
            found = self._names.lookup(words_of(apposed[1]))
            return found or Entity(apposed[1], "person" if own in PERSON_NOUNS else "body")
        head, place = _head(words)
        if head.lower() in DOCUMENT_NOUNS and head.islower():
            issuer = self._issuer(mention, start, end, place)
            if issuer is not None:
                return issuer
        return self._by_name(words, place, start, mention) or self._described(mention, start)

    def _by_name(self, words: list[str], place: int, start: int, mention: str) -> Entity | None:
        """Return who a mention names; what hangs on it by a preposition only where it is a body's own name."""
        own = words[: place + 1]
        behind = [k for k, word in enumerate(words[:-1]) if word.lower() in _OFFICES and words[k + 1][:1].isupper()]
        if behind and (behind[-1] < place or all(w.lower() in _OFFICES or is_state(w) for w in own)):
            # "Samoa Observer editor Keni Lesa", "Prime Minister of India Narendra Modi"
            found = self._names.lookup(words_of(" ".join(words[behind[-1] + 1 :])))
            if found is not None and found.kind == "person":
                return found
        run = [word.strip(",") for word in own if word[:1].isupper()]
        if not run:
            return None
        if len(own) < len(words) and all(w.lower().rstrip(".") in _OFFICES or is_state(w) for w in run):
            found = self._names.lookup(words_of(" ".join(w for w in words[place + 1 :] if w[:1].isupper())))
            if found is not None and found.kind == "person":
                return found
        owner = next((k for k, word in enumerate(own[:-1]) if word.endswith(("'s", "’s"))), None)
        if owner is not None and own[owner + 1][:1].isupper():
            own = own[owner + 1 :]
            run = [word for word in own if word[:1].isupper()]
            mention = " ".join(words[owner + 1 :])
        spoken_for = next((k for k, w in enumerate(own) if w.lower() in _SPOKESPERSONS), 0)
        if own[-1][:1].islower() and not spoken_for:
            return self._office(words, mention)
        if spoken_for == len(own) - 1 and own[spoken_for - 1].endswith(("'s", "’s")):
            whose = self._names.lookup(words_of(" ".join(own[:spoken_for])))
            if whose is None or whose.kind == "person":
                return None  # a person's spokesman is somebody else, whom nobody names
        whole = self._names.get(_without_article(mention))
        if whole is not None:
            return whole
        found = self._names.lookup(words_of(" ".join(run)))
        body = own[-1].lower() in ORGANISATION_NOUNS and words[place + 1 : place + 2] == ["of"]
        if found is not None and body and own[-1].lower() not in found.name.lower().split():
            return Entity(_without_article(mention), "body")  # the "Norland Department of Health" is not Norland
        if found is not None:
            return found
        if words[0].lower() in ("the", "this", "that") and all(word.lower() in TITLES for word in words[1:]):
            return None  # "the President" is whoever bears that title
        bare = behind_title(run)
        titles = {word.lower().rstrip(".") for word in own} & (TITLES | PERSON_NOUNS)
        if titles and bare and not any(w.lower() in ORGANISATION_NOUNS for w in own):
            entity = Entity(" ".join(bare), "person", gender_of(bare[0], titles), titles)
            self._names.add(bare[-1], entity)
            return entity
        return Entity(_without_article(mention), "body")

    def _office(self, words: list[str], mention: str) -> Entity | None:
        """``the Samoan government``: one name for a body all through an article, where it is told in full."""
        adjective, noun = words[-2].lower() if len(words) > 1 else "", words[-1].lower()
        if noun not in ORGANISATION_NOUNS or not words[-2:][0][:1].isupper():
            return None
        if (noun, adjective) not in self._offices:
            places = re.findall(rf"\b{noun} of (?:the )?([^\W\d_a-z]\w+)", self._text)
            state = demonyms().get(adjective, adjective)
            full = next(
                (place for place in places if place.lower() == state or place.lower()[:4] == adjective[:4]), None
            )
            self._offices[noun, adjective] = f"{noun} of {full}" if full else None
        return Entity(self._offices[noun, adjective] or _without_article(mention), "body")

    def _antecedent(self, start: int) -> Entity | None:
        """``Lund, who``: the name right before a relative pronoun."""
        before = self._text[max(0, start - 120) : start].rstrip(" ,")
        offset = max(0, start - 120)
        last = None
        for match in NAME.finditer(before):
            last = match
        if last is not None and len(before) - last.end() < 3:
            words = words_of(last[0])
            return self._names.lookup(words) or (Entity(" ".join(behind_title(words)), "person") if words else None)
        tail = before.rpartition(",")[2].split() or before.split()
        place = bisect_left(self._places, offset + len(before))
        near = self._mentions[place - 1] if place else None
        if near is not None and offset + len(before) - near.start < 80 and not near.quoted:
            return near.entity
        return Entity(" ".join(tail[-3:]), "group") if tail else None

    def _has_the_word(self, start: int) -> Entity | None:
        """Whose turn it is in an interview or a transcript; None where turns are not told."""
        turn = bisect_right(self._turn_starts, start) - 1
        if turn < 0:
            return None
        name = self._turns[turn][1] or self._turns[turn][2]
        found = self._names.lookup(words_of(name)) if len(name.split()) == 1 else None
        return found or Entity(name, "person")

    def _pronoun(self, low: str, start: int) -> Entity | None:
        wanted = {"he": "m", "she": "f"}.get(low)
        if wanted is None:
            return self._plural_or_thing(low, start)
        here = bisect_left(self._places, start)
        sentence = bisect_right(self._sentences, start)
        spoke = next(((at, who) for at, who in reversed(self._spoke) if who.kind == "person"), None)
        best: tuple[float, Entity] | None = None
        for mention in reversed(self._mentions[max(0, here - _MEMORY) : here]):
            who = mention.entity
            if who.kind != "person" or who.gender not in (wanted, None):
                continue
            away = sentence - bisect_right(self._sentences, mention.start)
            score = -1.0 * away + 0.9 * mention.subject - 2.5 * mention.quoted + 0.8 * (who.gender == wanted)
            if away == 0:
                score -= 0.3
            score += 0.05 * min(6, who.mentioned) - 0.8 * (who.gender is None and not who.titles)
            if spoke is not None and spoke[1] is who and away <= 3:
                score += 1.2
            if best is None or score > best[0]:
                best = score, who
        if spoke is not None and (best is None or best[0] < -6) and spoke[1].gender in (wanted, None):
            return spoke[1]
        return best[1] if best else None

    def _plural_or_thing(self, low: str, start: int) -> Entity | None:
        """``they`` after ``local reports`` is the reports, ``it`` the last body that spoke or was named."""
        if low in ("i", "we", "you"):
            whose = self._has_the_word(start) if low in _FIRST_PERSONS else None
            return whose or next((who for _, who in reversed(self._spoke)), None)
        spoke = next(
            (
                (at, who)
                for at, who in reversed(self._spoke)
                if (who.kind == "body" or (who.kind == "group" and low != "it")) and who.name.lower() not in _FINDINGS
            ),
            None,
        )
        if low == "they":
            before = self._text[max(0, start - 300) : start]
            plurals = [m for m in _PLURAL.finditer(before) if m[2] in PLURAL_PEOPLE]
            if plurals and (spoke is None or spoke[0] < start - 300 + plurals[-1].start()):
                what, whom = (plurals[-1][1] or "").strip(), plurals[-1][2]
                return Entity(whom if what.lower() in _NO_PART else f"{what} {whom}", "group")
            return spoke[1] if spoke else None
        here = bisect_left(self._places, start)
        near = next(
            (m for m in reversed(self._mentions[max(0, here - 8) : here]) if m.entity.kind == "body" and not m.quoted),
            None,
        )
        if near is not None and (spoke is None or near.start > spoke[0]) and near.subject:
            return near.entity
        return spoke[1] if spoke else (near.entity if near else None)

    def _issuer(self, mention: str, start: int, end: int, place: int) -> Entity | None:
        """Return whose document speaks: ``a statement from the ministry``, ``the statement``."""
        words = mention.split()
        owner = next((k for k, word in enumerate(words) if word.endswith(("'s", "’s", "s'", "s’"))), None)
        if owner is not None and owner < place:
            whose = [*words[:owner], without_genitive(words[owner])]
            named = self._by_name(whose, owner, start, " ".join(whose))
            return named or self._described(" ".join(whose), start)
        behind = " ".join(words[place + 1 :])  # not the journal of "a study in the Journal of Medicine"
        source = re.search(r"\b(?:of|from|by)\s+(?:the\s+|an?\s+)?(.+)$", "" if behind.startswith("in ") else behind)
        if source and source[1][:1].isupper():
            words = source[1].split()
            return self._by_name(words, _head(words)[1], start, source[1])
        told = _ISSUED.match(self._text, end, end + 90)
        if told:
            name = NAME.match(self._text, told.end())
            if name:
                words = words_of(name[0])
                return self._names.lookup(words) or Entity(name[0], "body")
        owners = [k for k, word in enumerate(words[:place]) if word.lower() in _OWNERS]
        if owners:
            owner_words = words[: owners[0] + 1]
            return self._office(owner_words, " ".join(owner_words)) or self._described(" ".join(owner_words), start)
        capitals = [word for word in words[:place] if word[:1].isupper() and not is_state(word)]
        whose = [word for word in capitals if is_acronym(word) or word.lower() not in NO_NAME]  # the WHO is one
        if whose:
            return self._names.lookup(whose) or Entity(" ".join(whose), "body")  # "the JHU data"
        if len(words) > 1 and words[0][:1].isupper() and words[0].lower() not in NO_NAME:
            return None
        if words[0].lower() in ("the", "this", "that", "his", "her", "their", "its"):
            issuers = list(_ISSUER.finditer(self._text, max(0, start - 250), start))
            if issuers:
                return self._resolve(*issuers[-1].span(1))
            recent = next((who for at, who in reversed(self._spoke) if start - at < 900), None)
            here = bisect_left(self._places, start)
            near = next(
                (m for m in reversed(self._mentions[max(0, here - 6) : here]) if m.subject and not m.quoted), None
            )
            return recent or (near.entity if near is not None else None)
        return None

    def _described(self, mention: str, position: int) -> Entity:
        """``the minister``: the last speaker, then the last person, who bears that title."""
        words = mention.lower().split()
        heads = {word for word in words if word in PERSON_NOUNS or word in TITLES}
        if heads and words[0] in ("the", "this", "that"):
            for _, who in reversed(self._spoke):
                if heads <= who.titles:
                    return who
            here = bisect_left(self._places, position)
            for met in reversed(self._mentions[max(0, here - 4 * _MEMORY) : here]):
                if heads <= met.entity.titles:
                    return met.entity
        kind: Literal["group", "body"] = "group" if words[-1] in PLURAL_PEOPLE else "body"
        return Entity(self._fullest(mention, position), kind, None, heads)

    def _fullest(self, mention: str, position: int) -> str:
        """``the official`` is ``a senior Western official`` where the article said so before."""
        words = mention.split()
        if len(words) != 2 or words[0].lower() != "the":
            return _without_article(mention)
        before = self._text[max(0, position - _LOOK_BACK) : position]
        noun = re.escape(words[1])
        told = re.finditer(rf"\b(?:[Aa]n?|[Oo]ne)\s+((?:[\w’'-]+\s+){{1,4}}?{noun})\b(?!\s+[A-Z])\s*(\w*)", before)
        found = [match[1] for match in told if match[2] in _BEHIND_A_NOUN or match[2].endswith("ed")]
        return found[-1] if found else words[1]


def _head(words: list[str]) -> tuple[str, int]:
    """Return the head noun of a noun phrase and its place: the last word before a preposition."""
    for k, word in enumerate(words):
        if k and word.lower() in PREPOSITIONS | {"to"}:
            return words[k - 1], k - 1
    return words[-1], len(words) - 1


def _without_article(mention: str) -> str:
    return re.sub(r"^(?:the|a|an)\s+(?:(?:19|20)\d\d\s+)?", "", mention, flags=re.IGNORECASE)
