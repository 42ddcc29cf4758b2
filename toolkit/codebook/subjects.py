"""The words of a statement, its clauses, and whose side a subject or an object is: the own, another, nobody's."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import cached_property

from toolkit.codebook import words as w
from toolkit.codebook.words import plain, words_of
from toolkit.records import Statement

__all__ = ["ENDS", "REACH", "Subjects", "guess"]

ENDS = frozenset(".?!;:")
"""What ends a clause for good."""
REACH = 12
"""How many words a subject may have, and how far a governing verb may stand before its infinitive."""
_SPAN, _OBJECT = 12, 4
"""How many words before an act and behind it may say that it is denied or to come."""
_NAME = re.compile(r"\w+")
_INDEFINITE = w.DETERMINER | {"somebody", "someone", "anybody", "anyone"}
_RULES_OUT = frozenset("no none neither nobody nothing not".split())
_WHEN = w.TIMES | frozenset("end spring summer autumn winter beginning start next".split())
_FOREIGN = frozenset("other another foreign neighbouring neighboring hostile rival enemy some any every many".split())
"""What makes a state another than the speaker's: ``a foreign government``."""
_BY_NOBODY = frozenset("virtue means way law force now then doing reason".split())
_PERSONS = frozenset("i we he she they you it".split())
_OF_WHAT = frozenset("of over about by from against concerning regarding".split())
_PARTS = ENDS | {"but"}
_NO_NOUN = w.SAYING | w.PREPOSITION | w.AUXILIARY
_NO_SUBJECT = w.MARKS | w.BREAKS | w.CONDITIONS | w.AUXILIARY
_OTHER_CLAUSE = (w.SAYING | {"and", "or"}) - {"report", "reports", "state", "states"}


class Subjects:
    """A statement, word by word; the words of the cue stand before those of the text."""

    def __init__(self, statement: Statement, cue: str, text: str) -> None:
        """``cue`` and ``text`` are those of the statement as :func:`toolkit.codebook.words.plain` gives them."""
        self.statement = statement
        spoken: list[str] = words_of(cue) if cue else []
        self.first = len(spoken)
        """Where the words of the text begin."""
        self.lows: list[str] = spoken + words_of(text)
        self._quoted = statement.kind == "direct" and bool(statement.speaker or statement.cue)
        """Whether the words are the speaker's own, so that ``he`` is somebody else."""
        self._bare = not statement.speaker and not statement.cue
        """Whether nothing is known but a sentence: what its subject does is what counts."""

    @cached_property
    def _outsider(self) -> bool:
        """Whether the speaker speaks for no side: an analyst, a historian, a witness."""
        return not w.OUTSIDERS.isdisjoint(_NAME.findall(plain(self.statement.speaker or "")))

    @cached_property
    def _lifeless(self) -> bool:
        """Whether a law or the like is the speaker, which does nothing on anybody's behalf."""
        named = _NAME.findall(plain(self.statement.speaker or ""))
        return bool(named) and (named[-1] in w.LAWS or (named[0] in w.LAWS and len(named) == 2))

    def _names_speaker(self, lows: Sequence[str]) -> bool:
        """Say whether one of these words is of the speaker's name."""
        speaker = self.statement.speaker
        if not speaker:
            return False
        named = plain(speaker)
        shared = [low for low in lows if low in named and len(low) > 2 and low not in w.DETERMINER]
        return bool(shared) and not set(_NAME.findall(named)).isdisjoint(shared)

    def _subject(self, j: int) -> tuple[str, int]:
        """Return the party of the subject that ends at ``j``, and where it begins."""
        low = self.lows[j]
        if low in ("and", "or", "but", ",", "then", '"', "“", "—", "–", "-", ";", ":", ".", "!", "?", ")", "nor", "…"):
            return self._inherited(j)
        if low in ("who", "which"):
            return self._antecedent(j), j
        if low in w.SUBJECTS:
            return self._party(range(j, j + 1)), j
        if low == "that" and j > self.first and self.lows[j - 1] not in _NO_NOUN and self.lows[j - 1] not in w.MARKS:
            return self._antecedent(j), j
        floor = 0 if j < self.first else self.first
        k = j
        while k >= max(floor, j - REACH):
            here = self.lows[k]
            if here in _NO_SUBJECT or (here == "that" and k < j):
                break
            if here in w.SUBJECTS:
                k -= 1
                break
            if k < j and here in _OTHER_CLAUSE and self._low(k - 1) not in w.ARTICLES and not self._is_claim(k):
                break
            k -= 1
        start = k + 1
        return self._party(range(start, j + 1), start), start

    def _is_claim(self, k: int) -> bool:
        """Say whether the word at ``k`` is a noun with what it is about: ``their claims | over the islands``."""
        return self.lows[k] in w.ALLEGING_NOUNS and self._low(k + 1) in _OF_WHAT

    def ruled_out(self, start: int) -> int:
        """Return how many words at the beginning of a subject deny it: ``none of | its aircraft``; 0 for none."""
        low = self._low(start)
        if low not in _RULES_OUT:
            return 0
        if low in ("nobody", "nothing"):
            return 1
        if low == "not" and self._low(start + 1) not in ("one", "a", "any"):
            return 0
        k = start + 1
        while self._low(k) in ("one", "a", "any", "single", "of"):
            k += 1
        return k - start

    def _antecedent(self, j: int) -> str:
        """Return the party that a relative clause is about: the own side, or somebody else."""
        return "own" if self._party(range(max(0, j - 3), j)) == "own" else "third"

    def _party(self, span: range, start: int | None = None) -> str:
        """Say who a noun phrase is: the own side, another, or nobody."""
        lows = self.lows[max(0, span.start) : span.stop]
        if not lows:
            return "nobody"
        last = lows[-1]
        if not w.OWN_WORDS.isdisjoint(lows):
            return "third" if last in w.OTHER_SIDES else "own"
        if last in ("there", "this", "that", "these", "those") or (last == "it" and self._quoted):
            return "nobody"
        if self._names_speaker(lows):
            return "own"
        if last in ("he", "she", "it", "they", "his", "her", "its", "their") and len(lows) <= 2:
            return "third" if self._quoted else "own"
        if "you" in lows or "your" in lows:
            return "other"
        if not self._quoted and lows[0] in ("his", "her", "its", "their") and last not in w.OTHER_SIDES:
            return "own"
        if self._bare and start is not None and not self._acted_before(start):
            return "own"
        if not _FOREIGN.isdisjoint(lows):
            return "third"
        spoken_for = not self._quoted and last in w.INSTITUTIONS and lows[0] in ("the", "both")
        return "third" if self._outsider or (w.STATES.isdisjoint(lows) and not spoken_for) else "state"

    def _acted_before(self, start: int) -> bool:
        """Say whether another verb stands before in the sentence, so that its subject is the main one."""
        return start > self.first and self._acted[start - self.first - 1]

    @cached_property
    def _acted(self) -> list[bool]:
        """For every word of the text, whether a verb stands before it in its sentence or is it."""
        found, acted = False, []
        for low in self.lows[self.first :]:
            found = low not in ENDS and (found or low in w.AUXILIARY or low in w.SAYING or guess(low) == "past")
            acted.append(found)
        return acted

    def _inherited(self, j: int) -> tuple[str, int]:
        """Return the party of the last subject before a conjunction, a comma or the beginning."""
        k = self._persons[j - self.first] if j >= self.first else -1
        if k >= 0:
            return self._party(range(k, k + 1)), k
        if self._bare:
            return "own", j
        following = self._low(j)
        if following in ("and", "or", "but", ",", "then") and not self._quoted:
            return self._opening or (self._shared_with(j) if following == "and" else "own"), j
        return "nobody", j

    def _shared_with(self, j: int) -> str:
        """Return whose the verb behind ``and`` at ``j`` is: ``these rules will help us and | give work``."""
        first = next((k for k in range(self.first + 1, j) if self.lows[k] in w.AUXILIARY), j)
        shared = first < j and ENDS.isdisjoint(self.lows[first:j])
        other = shared and self._party(range(self.first, first), self.first) == "third"
        return "third" if other else "own"

    @cached_property
    def _opening(self) -> str | None:
        """Who the subject is with which a told clause opens: ``said | the prince, who was ill, had not``."""
        if w.NO_GERUND.isdisjoint(self.lows[: self.first]):
            return None
        start = self.first + (self._low(self.first) == "that")
        if self._low(start) in w.PREPOSITION and "," in self.lows[start:]:  # "in May, the prince"
            start = self.lows.index(",", start) + 1
        end = next((k for k in range(start, min(len(self.lows), start + REACH)) if self._ends_opening(k)), start)
        return self._party(range(start, end), start) if end > start and self._bears_verb(end) else None

    def _bears_verb(self, k: int) -> bool:
        """Say whether a verb, or what is set between a subject and its verb, begins at ``k``."""
        low = self._low(k)
        return low in w.AUXILIARY or low in (",", "who", "which") or self._is_past(k)

    def _ends_opening(self, k: int) -> bool:
        low = self.lows[k]
        return low in _NO_SUBJECT or low in ("and", "or", "to", "that", "who", "which") or self._is_past(k)

    def _is_past(self, k: int) -> bool:
        before = self._low(k - 1)  # "the injured driver", "of coordinated steps"
        return guess(self._low(k)) == "past" and before not in w.DETERMINER and before not in w.PREPOSITION

    @cached_property
    def _persons(self) -> list[int]:
        """For every word of the text, where the last person before it in its clause stands; -1 for nowhere."""
        last, persons = -1, []
        for k in range(self.first, len(self.lows)):
            low = self.lows[k]
            last = k if low in _PERSONS else -1 if low in ENDS else last
            persons.append(last)
        return persons

    def _without_subject(self, i: int, helpers: Sequence[str]) -> tuple[str, int]:
        if i < self.first or (self.first and not self._quoted) or helpers:
            return "third" if self._lifeless else "own", i
        return ("own" if self._bare or i <= self.first + 2 else "nobody"), i

    def _agent(self, i: int) -> str:
        for k in range(i + 1, min(len(self.lows), i + 6)):
            if self.lows[k] == "by":
                behind = self._low(k + 2) if self._low(k + 1) in w.DETERMINER else self._low(k + 1)
                if behind in _WHEN or behind in _BY_NOBODY:
                    continue  # "will be closed by Friday"
                return self._party(range(k + 1, min(len(self.lows), k + 4)))
            if self.lows[k] in w.MARKS:
                break
        return "nobody"

    def object_party(self, i: int) -> str | None:
        """Say whom the act that ends at ``i`` is aimed at: own, other, third, or None where nobody is named."""
        for k in range(i + 1, min(len(self.lows), i + 4)):
            low = self.lows[k]
            if low in w.MARKS or low in w.BREAKS or low in ("to", "that"):
                return None
            if low in ("us", "me", "our", "my", "ourselves", "myself"):
                return "own"
            if low in ("you", "your", "them", "him", "her", "their", "his", "it", "its"):
                return "other"
        return None

    def clause(self, i: int) -> range:
        """Return the words of the clause in which the word at ``i`` stands: between full stops, colons and ``but``.

        What the cue says goes on in the text.
        """
        breaks = self._clause_breaks
        k = bisect_right(breaks, i)
        return range(breaks[k - 1] if k else 0, breaks[k] if k < len(breaks) else len(self.lows))

    @cached_property
    def _clause_breaks(self) -> list[int]:
        return [k + 1 for k, low in enumerate(self.lows) if low in _PARTS]

    def may_be_denied(self, i: int) -> bool:
        """Say whether a word that denies stands so near to ``i`` that it may deny the act there."""
        end = self.first if i < self.first else i + _OBJECT
        return not w.DENYING.isdisjoint(self.lows[max(0, i - _SPAN) : end])

    def may_come(self, i: int) -> bool:
        """Say whether the act at ``i`` may be to come: by a word near it, or as what the cue announces."""
        return i <= self.first + 2 or not w.COMING.isdisjoint(self.lows[max(0, i - _SPAN) : i])

    def conditional(self, i: int) -> bool:
        """Say whether the clause of the word at ``i`` names a condition: ``if``, ``as long as``, ``should they``."""
        clause, found = self.clause(i), self._conditions
        k = bisect_left(found, clause.start)
        return k < len(found) and found[k] in clause

    @cached_property
    def _conditions(self) -> list[int]:
        return [k for k, low in enumerate(self.lows) if low in w.OPENS_CONDITION and self._opens_condition(k)]

    def _opens_condition(self, k: int) -> bool:
        """Say whether a word opens a condition with what stands beside it."""
        low = self.lows[k]
        following = self._low(k + 1)
        if low == "if":
            aside = following in ("any", "possible") and self._low(k + 2) in w.MARKS
            return self._low(k - 1) != "even" and not aside and not self._as_able(k + 1)
        if low in ("as", "so"):
            return following in ("long", "soon") and self._low(k + 2) == "as" and not self._as_able(k + 3)
        if low == "should":  # "should it fail": a question, or a condition, and no question is told
            return k + 2 < len(self.lows) and (following in w.PRONOUNS or following in _INDEFINITE)
        if low in ("exchange", "return"):
            return self._low(k - 1) == "in" and following == "for"
        if low in ("moment", "day", "hour", "minute", "condition"):
            return self._low(k - 1) in ("the", "on", "very")
        if low in ("those", "anyone", "anybody"):
            return following in ("who", "that", "which", "whose") and self._low(k - 1) != "with"
        if low in ("until", "till", "once"):  # "until Friday" says when
            behind = (following, self._low(k + 2), self._low(k + 3))
            return following in w.PRONOUNS or (following in w.DETERMINER and _WHEN.isdisjoint(behind))
        return True

    def _as_able(self, k: int) -> bool:
        """Say whether nothing but the own side's ability is asked from ``k`` on: ``as soon as | we can``."""
        low = self._low(k)
        own = low in ("i", "we") or (low in ("he", "she", "it", "they") and not self._quoted)
        return low == "possible" or (own and self._low(k + 1) in ("can", "could"))

    def after(self, i: int) -> int:
        """Return the first word behind an act that is no adverb and no time: ``agreed on Thursday | to meet``."""
        k = i + 1
        if k + 1 < len(self.lows) and self.lows[k] in ("on", "last", "this", "in") and self.lows[k + 1] in w.TIMES:
            k += 2
        while k < len(self.lows) and (self.lows[k] in w.TIMES or (self.lows[k] in w.SKIPPED and self.lows[k] != "so")):
            k += 1
        return k

    def _low(self, i: int) -> str:
        return self.lows[i] if 0 <= i < len(self.lows) else ""

    def _lows(self, start: int, end: int) -> list[str]:
        return self.lows[start:end]


def guess(low: str) -> str:
    """Guess what form a word is from its ending."""
    if low.endswith("ing"):
        return "gerund"
    if low.endswith("ed") or low in w.IRREGULAR_PAST:
        return "past"
    return "finite"
