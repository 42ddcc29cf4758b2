"""A sentence read without a parser: what kind of word each one is, verb groups, noun phrases, and who does what.

The words of a sentence fall into few classes, told by closed lists, endings and capitals; that is enough to find the
verb group around a cue and the noun phrase that is its subject. A parser gives the same answers in
:mod:`toolkit.quotes.parsed`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from toolkit.lexicon import (
    ADVERBS,
    AUXILIARIES,
    BE,
    CLAUSE_BREAKS,
    CONJUNCTIONS,
    CUES,
    DETERMINERS,
    DOCUMENT_NOUNS,
    IRREGULAR,
    MODALS,
    OBJECT_PRONOUNS,
    ORGANISATION_NOUNS,
    PERSON_NOUNS,
    POSSESSIVES,
    PREPOSITIONS,
    RELATIVES,
    SUBJECT_PRONOUNS,
    TIME,
    TITLES,
)
from toolkit.quotes.words import Token

__all__ = ["Grammar", "Group", "Place", "Reading"]

Place = tuple[int, int]
"""First and last token of a phrase."""

NOUN, NAME, NUMBER, DETERMINER, POSSESSIVE, GENITIVE = "N", "M", "#", "D", "S", "'"
PRONOUN, OBJECT, PREPOSITION, TO, AUXILIARY, ADVERB = "O", "o", "P", "T", "A", "R"
CONJUNCTION, BREAK, THAT, RELATIVE, VERB, GERUND = "C", "B", "H", "W", "V", "G"
QUOTATION, COMMA, MARK = '"', ",", "."
_PHRASE = frozenset((NOUN, NAME, NUMBER, GENITIVE))
_INSERTED = 40
"""How many words an apposition or a relative clause between two commas may have."""


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
_NOUNS_IN_LY = frozenset(
    "family ally reply assembly supply anomaly monopoly rally bully elderly daily friendly".split()
)
_THIRD = frozenset(
    "says tells adds insists argues asserts alleges acknowledges admits announces believes thinks concedes concludes "
    "confirms contends declares denies explains maintains predicts reiterates replies responds reveals suggests warns "
    "writes accuses condemns criticises criticizes describes rejects refuses agrees continues".split()
)
"""Third persons that are hardly ever nouns."""


class Group(NamedTuple):
    """The verb group around a cue: ``has repeatedly been accused``."""

    first: int
    """Its first token: an auxiliary, an adverb, ``to``, or the verb itself."""
    last: int
    mood: str
    """``finite``, ``to`` (infinitive), ``gerund``, ``participle`` (without an auxiliary), ``modal``, or ``noun``."""
    passive: bool
    negated: bool


class Reading:
    """The tokens of a sentence and what is known of them."""

    def __init__(self, words: list[Token]) -> None:
        self.words = words
        self.tags = [_tag(words, i) for i in range(len(words))]

    def group(self, i: int, names: frozenset[str]) -> Group:
        """Return the verb group that ends with the cue at ``i``, whose form can be any of ``names``."""
        words, tags = self.words, self.tags
        j = i - 1
        negated = False
        while j >= 0 and tags[j] == ADVERB and words[j].low not in ("today", "yesterday", "tomorrow"):
            negated |= words[j].low in ("not", "n't", "never")
            j -= 1
        if j >= 0 and tags[j] == TO and "base" in names:
            return Group(j, i, "to", False, negated)
        if j >= 0 and "gerund" in names and tags[j] == PRONOUN and "'" in words[j].low:
            return Group(j + 1, i, "finite", False, negated)
        helpers: list[str] = []
        first = i if j == i - 1 else j + 1
        while j >= 0 and tags[j] in (AUXILIARY, ADVERB):
            if tags[j] == AUXILIARY:
                helpers.append(words[j].low)
                first = j
            else:
                negated |= words[j].low in ("not", "n't", "never")
            j -= 1
        if not helpers:
            mood = "gerund" if "gerund" in names else "finite"
            if names == {"participle"}:
                mood = "participle"
            return Group(first, i, mood, False, negated)
        nearest = helpers[0]
        modal = not MODALS.isdisjoint(helpers) or (TO in tags[max(0, first - 1) : first])
        if nearest in BE:
            passive = "participle" in names
            if not passive and "gerund" not in names:
                return Group(i, i, "noun", False, False)
            return Group(first, i, "modal" if modal else "finite", passive, negated)
        return Group(first, i, "modal" if modal else "finite", False, negated)

    def is_verb(self, i: int) -> bool | None:
        """Whether a form is a verb, where the grammar can tell; None where it cannot."""
        return None

    def names(self) -> dict[str, str]:
        """Return the names in the sentence, ``person`` or ``body`` each, where the grammar can tell."""
        return {}

    def subject(self, i: int) -> Place | None:
        """Return first and last token of the noun phrase that the verb group beginning at ``i`` belongs to.

        Adverbs, phrases of time, one apposition or relative clause between commas and phrases in brackets may stand
        between; None where there is none that can speak.
        """
        j = self._back_over_insertions(i - 1)
        if j is None or j < 0:
            return None
        if self.tags[j] == PRONOUN or self.words[j].text == "who":
            return j, j
        found = self.phrase_before(j)
        if found is None or (found[0] > 0 and self.tags[found[0] - 1] in (VERB, AUXILIARY, PREPOSITION, TO, RELATIVE)):
            found = self._before_relative(j) or found
        return found if found is not None and self.can_speak(*found) else None

    def _before_relative(self, j: int) -> Place | None:
        """``voters who watched the debate said``, ``a report published on Monday said``: the noun phrase before it."""
        words, tags = self.words, self.tags
        for k in range(j, max(-1, j - 16), -1):
            if tags[k] == COMMA:
                return None
            if tags[k] == CONJUNCTION and tags[k + 1] in (VERB, AUXILIARY):
                return None
            reduced = tags[k] == VERB and (k == j or tags[k + 1] == PREPOSITION)
            reduced &= words[k].low not in CUES or (k > 0 and words[k - 1].low in DOCUMENT_NOUNS)
            if words[k].low in ("who", "which") or reduced:
                return self.phrase_before(k - 1) if k > 0 and tags[k - 1] in _PHRASE else None
        return None

    def _back_over_insertions(self, j: int) -> int | None:
        words, tags = self.words, self.tags
        while j >= 0:
            low = words[j].low
            if (tags[j] == ADVERB and low not in ("both",)) or low in ("itself", "himself", "herself", "themselves"):
                j -= 1
            elif low in TIME and (tags[j] != NAME or low not in ("may", "march")):
                j -= 1
                while j >= 0 and (
                    tags[j] == NUMBER
                    or words[j].low in ("on", "late", "early", "last", "this", "earlier", "in", "next")
                ):
                    j -= 1
            elif words[j].text == ")":
                opener = next((k for k in range(j, max(-1, j - 12), -1) if words[k].text == "("), None)
                if opener is None:
                    return None
                j = opener - 1
            elif tags[j] == COMMA:
                opener = next((k for k in range(j - 1, max(-1, j - _INSERTED), -1) if tags[k] == COMMA), None)
                if opener is None or opener == 0 or self._is_clause(opener + 1, j):
                    return None
                if words[opener - 1].low in TIME:
                    return j - 1  # "On Monday morning, Ana Lund of the ministry, said"
                if words[opener - 1].low in TIME:
                    return j - 1  # "On Monday morning, Ana Lund of the ministry, said"
                j = opener - 1
                if tags[j] == NUMBER and j > 1 and tags[j - 1] == COMMA:
                    return j - 2  # "Jo Marsh, 27, a teacher, said"
                return j
            else:
                return j
        return None

    def _is_clause(self, first: int, end: int) -> bool:
        """Whether what stands between two commas is a clause of its own, no apposition and no relative clause."""
        tags = self.tags
        if tags[first] in (RELATIVE, GERUND, VERB, PREPOSITION, BREAK):
            return False
        return any(tags[k] == AUXILIARY for k in range(first, end)) and not any(
            tags[k] == RELATIVE for k in range(first, end)
        )

    def phrase_before(self, j: int) -> Place | None:
        """Return the noun phrase that ends at ``j``, with the phrases that hang on it by a preposition."""
        words, tags = self.words, self.tags
        last = j
        while True:
            first = self.base_before(j)
            if first is None:
                return None
            k = first - 1
            while k >= 0 and tags[k] == ADVERB:
                k -= 1
            if k >= 0 and tags[k] in (PREPOSITION, TO):
                if words[k].low in _SETTING:
                    return first, last
                while k >= 0 and tags[k] in (PREPOSITION, TO):
                    k -= 1
                if k < 0 or tags[k] not in _PHRASE or last - k > 16:
                    # "In Baku officials said": what the preposition governs ends where the subject begins.
                    return self._after_lead(first, last)
                j = k
                continue
            if k > 0 and words[k].low in ("and", "&") and tags[k - 1] in _PHRASE:
                other = self.base_before(k - 1)
                if other is not None and (
                    other == 0
                    or tags[other - 1] in (COMMA, BREAK, THAT, CONJUNCTION, QUOTATION)
                    or (tags[k - 1] == NAME and tags[last] == NAME)
                ):
                    first = other
                    if first > 1 and tags[first - 1] == PREPOSITION and tags[first - 2] in _PHRASE:
                        j = first - 2
                        continue
            return first, last

    def _after_lead(self, first: int, last: int) -> Place | None:
        return None if first > last else (first, last)

    def base_before(self, j: int) -> int | None:
        """Return the first token of the noun phrase without prepositions that ends at ``j``; None where none ends."""
        words, tags = self.words, self.tags
        if j < 0 or tags[j] not in _PHRASE:
            return None
        k = j
        while k >= 0 and j - k < 16:
            if tags[k] in (DETERMINER, POSSESSIVE):
                if k > 0 and tags[k - 1] == DETERMINER:
                    k -= 1
                return k
            if tags[k] not in _PHRASE and not (tags[k] in (VERB, GERUND) and self._adjectival(k)):
                break
            if words[k].low in TIME and k < j and tags[k] == NAME:
                break
            if k < j and tags[k] == NOUN and tags[k + 1] == NAME and not self._before_a_name(k):
                break  # "on live television Erdogan said"
            k -= 1
        return k + 1 if k < j else None

    def _before_a_name(self, k: int) -> bool:
        """Whether a noun in small letters can belong to the name behind it: ``climate activist Ana Lund``."""
        low = self.words[k].low
        genitive = k > 0 and self.words[k - 1].low.endswith(("'s", "s'"))
        return (
            genitive
            or low in _SPEAKERS
            or low.endswith(("er", "or", "ist", "an", "man", "ant"))
            or "-" in low
            or low.endswith("'s")
        )

    def _adjectival(self, k: int) -> bool:
        """``the elected president``, ``ruling party``: a participle between a determiner and a noun."""
        return k > 0 and self.tags[k - 1] in (DETERMINER, POSSESSIVE, GENITIVE) and k + 1 < len(self.tags)

    def phrase_from(self, i: int, bare: bool = False) -> int:
        """Return the last token of the noun phrase that begins at ``i`` (``i - 1`` where none begins).

        ``of`` and ``for`` phrases, and names behind ``and``, belong to it unless it is to be ``bare``.
        """
        words, tags = self.words, self.tags
        if i < len(words) and tags[i] in (PRONOUN, OBJECT):
            return i
        j = i
        while j < len(words) and j - i < 20:
            tag, low = tags[j], words[j].low
            if tag in (NOUN, NAME, NUMBER, GENITIVE, DETERMINER, POSSESSIVE) and not (low in TIME and j > i):
                if tag in (DETERMINER, POSSESSIVE) and j > i and tags[j - 1] in _PHRASE and words[j - 1].low != "all":
                    break
                if tag == NOUN and j > i and tags[j - 1] != DETERMINER and self._verbal(j):
                    break
            elif tag == GERUND and j == i:
                pass
            elif (
                tag in (VERB, GERUND)
                and j + 1 < len(words)
                and tags[j + 1] in _PHRASE
                and (j == i or self._adjectival(j))
            ):
                pass
            elif not bare and low in ("of", "for", "from", "in", "at") and j > i and self._goes_on(i, j):
                pass
            elif low in ("and", "&") and j + 1 < len(words) and tags[j + 1] == NAME and tags[j - 1] == NAME:
                pass
            else:
                break
            j += 1
        while j > i and tags[j - 1] in (PREPOSITION, DETERMINER, CONJUNCTION, POSSESSIVE):
            j -= 1
        return j - 1

    def source_from(self, i: int) -> int:
        """Return the last token of the source behind ``according to``: a noun phrase with all that hangs on it."""
        words, tags = self.words, self.tags
        last = self.phrase_from(i)
        j = last + 1
        while i <= last < i + 24 and j < len(words) and tags[j] in (PREPOSITION, TO) and words[j].low not in TIME:
            further = self.phrase_from(j + 1)
            if further <= j:
                break
            last, j = further, further + 1
        return last

    def main_subject(self, i: int) -> Place | None:
        """Return the subject of the clause that token ``i`` stands in: its first noun phrase behind no preposition."""
        tags = self.tags
        k = 0
        while k < i and (self.words[k].low in TIME or tags[k] == ADVERB):
            k += 1
        while k < i:
            if tags[k] in _PHRASE or tags[k] in (DETERMINER, POSSESSIVE, PRONOUN):
                last = self.phrase_from(k)
                if last >= k:
                    governed = k > 0 and tags[k - 1] in (PREPOSITION, TO)
                    if not governed and self.words[last].low not in TIME and self.can_speak(k, last):
                        return k, last
                    k = last
            k += 1
        return None

    def _goes_on(self, i: int, j: int) -> bool:
        if self.words[j].low in ("of", "for"):
            return True
        # "the energy ministry in Baku", "an official from Karsovia"
        behind = self.words[j + 1 : j + 2]
        return (
            bool(behind) and behind[0].text[0].isupper() and self.words[j - 1].low in ORGANISATION_NOUNS | PERSON_NOUNS
        )

    def _verbal(self, j: int) -> bool:
        """Whether a form that may be a noun is rather the verb behind a name: ``the ministry claims that``."""
        form = CUES.get(self.words[j].low)
        return (
            form is not None
            and not self.words[j].text[0].isupper()
            and bool({"third", "base"} & form.forms)
            and (j + 1 < len(self.words) and self.tags[j + 1] in (THAT, PRONOUN, DETERMINER, POSSESSIVE, QUOTATION, TO))
        )

    def can_speak(self, first: int, last: int) -> bool:
        """Whether a noun phrase names somebody, or something that speaks."""
        return self.tags[first] in (DETERMINER, POSSESSIVE) or self.can_act(first, last)

    def can_act(self, first: int, last: int) -> bool:
        """Whether a noun phrase names a person, a body or a document: ``the virus`` and ``the decision`` are none."""
        words, tags = self.words, self.tags
        if tags[first] in (PRONOUN, NAME) or words[first].low == "who":
            return words[first].low != "you"
        return any(
            tags[k] == NAME or words[k].low in _SPEAKERS or words[k].low.endswith(_AGENTS)
            for k in range(first, last + 1)
        )

    def has_verb(self, start: int, end: int) -> bool:
        """Whether a finite verb, or a quotation that may hold one, stands between two offsets of the text."""
        for word, tag in zip(self.words, self.tags, strict=True):
            if start <= word.start and word.end <= end:
                if tag in (AUXILIARY, VERB, QUOTATION):
                    return True
                if tag == NOUN and word.low.endswith("s") and word.low in CUES:
                    return True
        return False

    def has_clause(self, i: int, end: int) -> bool:
        """Whether a subject and a finite verb follow: content that is a clause, not a noun phrase."""
        tags = self.tags
        seen = False
        skipped: set[int] = set()
        for k in range(i, end):
            tag = tags[k]
            if tag == CONJUNCTION and seen and k + 1 < end and tags[k + 1] in (AUXILIARY, VERB):
                return False
            if tag in (AUXILIARY, VERB) and seen and not (tag == VERB and self._adjectival(k)):
                return True
            if tag == COMMA and seen and k not in skipped:
                closer = next((n for n in range(k + 1, min(end, k + 12)) if tags[n] == COMMA), None)
                if closer is None or closer + 1 >= end or tags[closer + 1] not in (AUXILIARY, VERB):
                    return False
                skipped.add(closer)
            if tag == QUOTATION and seen:
                return True
            if tag in (RELATIVE, TO, BREAK) and seen and not skipped:
                return False
            if tag == NOUN and seen and self.words[k].low in CUES and self._verbal(k):
                return True
            seen |= tag in _PHRASE or tag in (PRONOUN, DETERMINER, OBJECT, THAT)
        return False


_SETTING = frozenset("after before since during until amid following as".split())
"""Prepositions whose phrases say when or why, and hang on no noun."""
_AGENTS = ("ers", "ors", "ists", "ians")
"""Endings of nouns for people, in the plural."""
_SPEAKERS = PERSON_NOUNS | ORGANISATION_NOUNS | TITLES | DOCUMENT_NOUNS


def _tag(words: list[Token], i: int) -> str:
    word = words[i]
    low = word.low
    head = word.text[0]
    if head == '"' or head in "“«":
        return QUOTATION
    if head == ",":
        return COMMA
    if len(word.text) > 1 and word.text.isupper():
        return NAME  # the WHO, the US
    closed = _CLOSED.get(low)
    if closed is not None and not (closed == VERB and head.isupper()):
        if low == "her" and (
            i + 1 == len(words) or words[i + 1].low in PREPOSITIONS or not words[i + 1].text[0].isalnum()
        ):
            return OBJECT
        if closed == NOUN or not head.isupper() or i == 0 or (low != "may" and low not in ("will", "us", "march")):
            if closed is AUXILIARY and low == "'s" and i and words[i - 1].text[0].isupper():
                return GENITIVE
            return closed if not (closed == AUXILIARY and low == "'s") else GENITIVE
        return NAME
    if head.isdigit():
        return NUMBER
    if not head.isalnum():
        return MARK
    if head.isupper():
        return NAME
    if "'" in low:
        if low.endswith("n't"):
            return AUXILIARY
        stem = low.partition("'")[0]
        if stem in SUBJECT_PRONOUNS or stem in ("that", "there", "what"):
            return PRONOUN
    if low.endswith("ed") or low in _THIRD:
        return VERB
    if low.endswith("ing") and len(low) > 5:
        owned = i > 0 and (words[i - 1].low in DETERMINERS or words[i - 1].low in POSSESSIVES)
        return NOUN if owned or low in TIME else GERUND
    if low.endswith("ly") and len(low) > 4 and low not in _NOUNS_IN_LY:
        return ADVERB
    return NOUN


Grammar = Callable[[list[Token]], Reading]
"""What reads the tokens of a sentence: :class:`Reading` by rules, or with a parser."""
