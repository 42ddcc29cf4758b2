"""A sentence read without a parser: the verb group around a cue, and the noun phrase that is its subject.

A parser gives the same answers in :mod:`toolkit.quotes.grammar.parsed`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from toolkit.lexicon import BE, CUES, DOCUMENT_NOUNS, MODALS, NEGATIONS, PLURAL_PEOPLE, TIME
from toolkit.quotes.grammar.phrases import Phrases, Place
from toolkit.quotes.grammar.tagging import (
    ADVERB,
    AUXILIARY,
    BREAK,
    COMMA,
    CONJUNCTION,
    DETERMINER,
    GERUND,
    NAME,
    NUMBER,
    PHRASE,
    POSSESSIVE,
    PREPOSITION,
    PRONOUN,
    RELATIVE,
    THAT,
    TO,
    VERB,
)
from toolkit.quotes.grammar.words import Token

__all__ = ["Grammar", "Group", "Reading"]

_ALONE = frozenset("some many several most both".split())
"""Determiners that are a subject where no noun follows: ``some said``."""
_CUT_SHORT = {"wo": "will", "ca": "can", "sha": "shall"}
"""What is left of a modal before ``n't``."""
_INSERTED = 40
"""How many words an apposition or a relative clause between two commas may have."""


class Group(NamedTuple):
    """The verb group around a cue: ``has repeatedly been accused``."""

    first: int
    """Its first token: an auxiliary, an adverb, ``to``, or the verb itself."""
    last: int
    mood: str
    """``finite``, ``to`` (infinitive), ``gerund``, ``participle`` (without an auxiliary), ``modal``, or ``noun``."""
    passive: bool
    negated: bool


class Reading(Phrases):
    """A sentence read by rules: verb groups, and whose they are."""

    def group(self, i: int, names: frozenset[str]) -> Group:
        """Return the verb group that ends with the cue at ``i``, whose form can be any of ``names``."""
        words, tags = self.words, self.tags
        j = i - 1
        negated = False
        while j >= 0 and tags[j] == ADVERB and words[j].low not in ("today", "yesterday", "tomorrow"):
            negated |= words[j].low in NEGATIONS
            j -= 1
        if j > 0 and tags[j] == COMMA and not {"base", "participle"}.isdisjoint(names):
            j = self._back_over_an_aside(j)
        if j >= 0 and tags[j] == TO and "base" in names:
            return Group(j, i, "to", False, negated)
        if j >= 0 and "gerund" in names and tags[j] == PRONOUN and "'" in words[j].low:
            return Group(j + 1, i, "finite", False, negated)
        helpers: list[str] = []
        first = i if j == i - 1 else j + 1
        while j >= 0 and tags[j] in (AUXILIARY, ADVERB):
            if tags[j] == AUXILIARY:
                helper = words[j].low.removesuffix("n't")
                negated |= len(helper) < len(words[j].low)
                helpers.append(_CUT_SHORT.get(helper, helper))
                first = j
            else:
                negated |= words[j].low in NEGATIONS
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

    def _back_over_an_aside(self, j: int) -> int:
        """``has, as of today, announced``: the auxiliary before what stands between two commas; ``j`` without one."""
        opener = next((k for k in range(j - 1, max(0, j - 9), -1) if self.tags[k] == COMMA), 0)
        before = opener - 1
        while before > 0 and self.tags[before] == ADVERB:
            before -= 1
        return opener - 1 if opener and self.tags[before] == AUXILIARY else j

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
        if self.words[j].low in _ALONE and (j == 0 or self.tags[j - 1] in (COMMA, BREAK, THAT, CONJUNCTION)):
            return j, j
        if self.words[j].low == "which" and j > 1 and self.tags[j - 1] == COMMA:
            found = self.phrase_before(j - 2)  # "the ministry, which said"
            return found if found is not None and self.can_act(*found) else None
        found = self.phrase_before(j)
        if found is None or (found[0] > 0 and self.tags[found[0] - 1] in (VERB, AUXILIARY, PREPOSITION, TO, RELATIVE)):
            found = self._before_relative(j) or found
        if found is not None:
            found = self._of_a_place(*found) or self._enumerated(*found)
        return found if found is not None and self.can_speak(*found) else None

    def _of_a_place(self, first: int, last: int) -> Place | None:
        """``officials in Munich, Germany``: the noun phrase that a name behind a comma only tells the place of."""
        words, tags = self.words, self.tags
        if first < 4 or tags[first - 1] != COMMA or tags[first - 2] != NAME or set(tags[first : last + 1]) != {NAME}:
            return None
        k = first - 2
        while k > 0 and tags[k] == NAME:
            k -= 1
        if words[k].low not in ("in", "at", "from", "near") and not (words[k].low == "of" and tags[k - 1] == NAME):
            return None  # "a member of the council, Ana Lund said"
        found = self.phrase_before(first - 2)
        if found is None or found[0] >= k or words[found[0]].low.endswith(("ing", "ed")):
            return None  # "Speaking in Oslo, Lund said"
        capitals = any(tags[n] == NAME for n in range(max(1, found[0]), k))
        if (not capitals and not self.can_act(k - 1, k - 1)) or (k == 1 and words[0].low not in PLURAL_PEOPLE):
            return None
        opens = found[0] == 0 or tags[found[0] - 1] in (COMMA, BREAK, THAT, CONJUNCTION)
        return (found[0], last) if opens else None

    def _enumerated(self, first: int, last: int) -> Place:
        """Return a noun phrase with the names that are told before it: ``France, Germany and Britain``."""
        words, tags = self.words, self.tags
        if not any(words[k].low == "and" for k in range(first + 1, last)):
            return first, last
        while first > 1 and tags[first - 1] == COMMA and tags[first - 2] == NAME:
            k = first - 2
            while k > 0 and tags[k - 1] == NAME:
                k -= 1
            if k > 0 and tags[k - 1] not in (COMMA, BREAK, THAT, CONJUNCTION):
                break  # "in Oslo, Germany and Britain condemned"
            first = k
        return first, last

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
                return self.phrase_before(k - 1) if k > 0 and tags[k - 1] in PHRASE else None
        return None

    def _back_over_insertions(self, j: int) -> int | None:
        words, tags = self.words, self.tags
        while j >= 0:
            low = words[j].low
            if (tags[j] == ADVERB and low not in ("both",)) or low in ("itself", "himself", "herself", "themselves"):
                j -= 1
            elif low in TIME and (tags[j] != NAME or low not in ("may", "march", "day")):
                j -= 1
                while j >= 0 and (
                    tags[j] == NUMBER
                    or words[j].low in ("on", "of", "as", "late", "early", "last", "this", "earlier", "in", "next")
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
                    j -= 1  # "On Monday morning, Ana Lund of the ministry (MFA), said"
                    opener = j - 2
                    return opener - 1 if words[j].text == ")" and words[opener].text == "(" else j
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

    def main_subject(self, i: int) -> Place | None:
        """Return the subject of the clause that token ``i`` stands in: its first noun phrase behind no preposition."""
        tags = self.tags
        k = 0
        while k < i and (self.words[k].low in TIME or tags[k] == ADVERB):
            k += 1
        while k < i:
            if tags[k] in PHRASE or tags[k] in (DETERMINER, POSSESSIVE, PRONOUN):
                last = self.phrase_from(k)
                if last >= k:
                    governed = k > 0 and tags[k - 1] in (PREPOSITION, TO)
                    reach = _INSERTED if tags[last + 1 : last + 2] == [COMMA] else 11
                    acts = any(tag in (VERB, AUXILIARY) for tag in tags[last + 1 : last + 1 + reach])
                    if acts and not governed and self.words[last].low not in TIME and self.can_act(k, last):
                        return k, last
                    k = last
            k += 1
        return None


Grammar = Callable[[list[Token]], Reading]
"""What reads the tokens of a sentence: :class:`Reading` by rules, or with a parser."""
