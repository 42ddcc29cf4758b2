"""The noun phrases of a sentence: where one begins and ends, whether it can speak, whether a clause follows."""

from __future__ import annotations

from toolkit.lexicon import CUES, DOCUMENT_NOUNS, ORGANISATION_NOUNS, PERSON_NOUNS, TIME, TITLES
from toolkit.quotes.grammar.tagging import (
    ADVERB,
    AUXILIARY,
    BREAK,
    COMMA,
    CONJUNCTION,
    DETERMINER,
    GENITIVE,
    GERUND,
    NAME,
    NOUN,
    NUMBER,
    OBJECT,
    PHRASE,
    POSSESSIVE,
    PREPOSITION,
    PRONOUN,
    QUOTATION,
    RELATIVE,
    THAT,
    TO,
    VERB,
    tag_words,
)
from toolkit.quotes.grammar.words import Token

__all__ = ["Phrases", "Place"]

Place = tuple[int, int]
"""First and last token of a phrase."""

_SETTING = frozenset("after before since during until amid following as".split())
"""Prepositions whose phrases say when or why, and hang on no noun."""

_AGENTS = ("ers", "ors", "ists", "ians")
"""Endings of nouns for people, in the plural."""

_SPEAKERS = PERSON_NOUNS | ORGANISATION_NOUNS | TITLES | DOCUMENT_NOUNS


class Phrases:
    """The tokens of a sentence, the class of each, and the noun phrases and clauses among them."""

    def __init__(self, words: list[Token]) -> None:
        self.words = words
        self.tags = tag_words(words)

    def base_before(self, j: int) -> int | None:
        """Return the first token of the noun phrase without prepositions that ends at ``j``; None where none ends."""
        words, tags = self.words, self.tags
        if j < 0 or tags[j] not in PHRASE:
            return None
        k = j
        while k >= 0 and j - k < 16:
            if words[k].text == ")" and k > 2 and words[k - 2].text == "(":
                k -= 3  # "the university (JHU) data"
                continue
            if tags[k] in (DETERMINER, POSSESSIVE):
                if k > 0 and tags[k - 1] == DETERMINER:
                    k -= 1
                return k
            if tags[k] not in PHRASE and not (tags[k] in (VERB, GERUND) and self._adjectival(k)):
                break
            if words[k].low in TIME and k < j and tags[k] == NAME:
                break
            if k < j and tags[k] == NOUN and tags[k + 1] == NAME and not self._before_a_name(k):
                break  # "on live television Erdogan said"
            k -= 1
        return k + 1 if k < j else None

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
                if k < 0 or tags[k] not in PHRASE or last - k > 16:
                    # "In Baku officials said": what the preposition governs ends where the subject begins.
                    return first, last
                j = k
                continue
            if k > 0 and words[k].low in ("and", "&") and tags[k - 1] in PHRASE:
                other = self.base_before(k - 1)
                if other is not None and (
                    other == 0
                    or tags[other - 1] in (COMMA, BREAK, THAT, CONJUNCTION, QUOTATION)
                    or (tags[k - 1] == NAME and tags[last] == NAME)
                ):
                    first = other
                    if first > 1 and tags[first - 1] == PREPOSITION and tags[first - 2] in PHRASE:
                        j = first - 2
                        continue
            return first, last

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
                if tag in (DETERMINER, POSSESSIVE) and j > i and tags[j - 1] in PHRASE and words[j - 1].low != "all":
                    break
                if tag == NOUN and j > i and tags[j - 1] != DETERMINER and self._verbal(j):
                    break
            elif tag == GERUND and j == i:
                pass
            elif (
                tag in (VERB, GERUND)
                and j + 1 < len(words)
                and tags[j + 1] in PHRASE
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

    def can_speak(self, first: int, last: int) -> bool:
        """Whether a noun phrase names somebody, or something that speaks."""
        return self.tags[first] in (DETERMINER, POSSESSIVE) or self.can_act(first, last)

    def can_act(self, first: int, last: int) -> bool:
        """Whether a noun phrase names a person, a body or a document: ``the virus`` and ``the decision`` are none."""
        words, tags = self.words, self.tags
        if tags[first] in (PRONOUN, NAME) or words[first].low == "who":
            return words[first].low not in ("you", "there")
        return any(
            tags[k] == NAME or words[k].low.removesuffix("'s") in _SPEAKERS or words[k].low.endswith(_AGENTS)
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
            if (tag in (RELATIVE, TO, BREAK) and seen and not skipped) or self.words[k].text == ";":
                return False
            if tag == NOUN and seen and self.words[k].low in CUES and self._verbal(k):
                return True
            seen |= tag in PHRASE or tag in (PRONOUN, DETERMINER, OBJECT, THAT)
        return False

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
        owned = k > 0 and (
            self.tags[k - 1] in (DETERMINER, POSSESSIVE, GENITIVE) or self.words[k - 1].low.endswith(("'s", "s'"))
        )
        return owned and k + 1 < len(self.tags)

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
