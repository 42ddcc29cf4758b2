"""The verbs of a statement, read without a parser: who does it, whether it is done, when, and what voids it.

The statement is read as ``speaker cue text``: the speaker is the subject of the cue, and what the text begins with
continues it (``threatened`` | ``to close the port``).
"""

from __future__ import annotations

from typing import NamedTuple

from toolkit.codebook import words as w
from toolkit.codebook.subjects import ENDS, REACH, guess
from toolkit.codebook.surroundings import DENIES_NOUN, LIGHT, Surroundings
from toolkit.labels import Void

__all__ = ["Act", "Acts"]

_OPENS_CLAUSE = w.MARKS | w.BREAKS | {"that", "and", "or"}
_HARD = frozenset("hard difficult easy easier harder tough simple".split())
_MOMENT = frozenset("moment time point stage".split())
_TRIED = frozenset("tried sought attempted managed used helped struggled".split())
_OURS = frozenset("i we our my".split())
_CALLED: frozenset[Void] = frozenset(("call",))
_HOW = frozenset("how whether where when vulnerable subject prone exposed".split())
"""What no plan stands behind: ``how to attack``, ``vulnerable to attack``."""
_MAY = frozenset("may might could".split())


class Act(NamedTuple):
    """What the grammar says of one act. ``actor`` is nobody where the text names none (a passive, a fragment)."""

    actor: str
    negated: bool = False
    time: str = "present"
    """``announced`` (to come), ``able`` (it can be), ``present``, ``perfect`` (just done), ``done``, ``shifted`` (the
    past of indirect speech, which was present or done when it was said), or ``unreal``: what would have been."""
    voids: frozenset[Void] = frozenset()
    passive: bool = False
    empty: bool = False
    """Whether its object is nothing or nobody: ``provide no aid``."""
    state: bool = False
    """Whether it may be true with nobody in it, as a noun or an adjective or of nobody at all: ``there are no plans``,
    ``no aircraft had left``."""
    suffers: bool = False
    """Whether it is done to the own side: ``we would be held to account``."""

    @property
    def planned(self) -> bool:
        """Whether somebody who is not named will do it: ``sanctions will be imposed``."""
        return self.passive and self.time == "announced"


class Acts(Surroundings):
    """A statement whose verbs are read: a verb by its group, an infinitive by what governs it, a gerund by its own."""

    # ---------------------------------------------------------------------------------------------------- the act

    def act(self, i: int, kind: str = "finite", depth: int = 0) -> Act:
        """Read the act whose verb, noun or adjective is the word at ``i``.

        ``kind`` is what its form can be: ``finite``, ``base``, ``past``, ``gerund``, or ``noun`` and ``state`` for
        nouns and adjectives.
        """
        if depth > 4:
            return Act("nobody")
        lows = self.lows
        negated, helpers, j = self._back(i - 1)
        crossed = i >= self.first > j + 1 and self.first > 0
        if crossed:
            j = self.first - 1
        if not crossed and j >= 0 and lows[j] == "to" and kind in ("base", "finite", "state"):
            return self._governed(i, j, negated, depth)
        if crossed and kind in ("base", "gerund", "finite") and not helpers:
            return self._of_cue(negated, depth)
        if kind == "gerund" and w.BE_FORMS.isdisjoint(helpers):
            return self._gerund(i, j, negated, depth)
        if kind == "base" and not helpers and j >= self.first and lows[j] in ("and", "or", "nor", ","):
            shared = self._coordinated(i, j, depth)
            if shared is not None:
                return shared
        voids: set[Void] = set()
        if kind in ("base", "finite") and helpers and helpers[0] in w.BE_FORMS:
            kind = "past" if lows[i] in w.UNCHANGED else "adjective"  # "will be cut", "is close"
        if kind == "adjective" or self._is_noun(i, j, kind, bool(helpers)):
            voids.add("noun")
        if kind == "finite" and not helpers and i > self.first and lows[i - 1] == "not":
            voids.add("noun")  # "and not arms": a verb would have an auxiliary
        passive = kind == "past" and not w.BE_FORMS.isdisjoint(helpers)
        if kind == "past" and not helpers and self._low(i + 1) == "by":
            passive = True
        if self._asked(i):
            voids.add("question")
        if not w.ALLEGED.isdisjoint(lows[max(0, j) : i]):
            voids.add("hearsay")
        ruled_out = 0
        if crossed or j < 0:
            actor, start = self._without_subject(i, helpers)
        else:
            actor, start = self._subject(j)
            # In "we had no drips left" they are an object: without an auxiliary only what opens a clause is a subject.
            if (
                start <= self.first
                or (helpers and self.lows[start - 1] not in w.AUXILIARY)
                or self.lows[start - 1] in _OPENS_CLAUSE
            ):
                ruled_out = self.ruled_out(start)
        ours = self._low(start) in _OURS and j - start < 4 and lows[j] not in w.OTHER_SIDES
        suffers = passive and ours and not crossed
        if passive:
            actor = self._agent(i)
            if suffers and actor == "nobody":
                actor = "third"  # "we will be stopped": by others
        elif ruled_out:
            actor = self._party(range(start + ruled_out, j + 1), start)
        if actor == "state" and self._quoted and not _MAY.isdisjoint(helpers):
            actor = "third"  # who speaks for a state knows what it will do; what one may do is said of another
        voids |= self._embedded(start, depth, j)
        named = self._low(start) == "neither" or self._low(start + ruled_out) in w.OF_OTHERS  # "neither Ann nor Bob"
        unowned = bool(ruled_out) and actor != "own" and not named
        return Act(
            "nobody" if unowned else actor,
            negated ^ bool(ruled_out),
            self._time(i, kind, helpers),
            frozenset(voids),
            passive,
            self._empty(i),
            state=unowned,
            suffers=suffers,
        )

    def _governed(self, i: int, to: int, negated: bool, depth: int) -> Act:
        """Read an infinitive by what governs it: ``refused to talk``, ``urged them to talk``, ``plans to talk``."""
        j = to - 1
        while j >= self.first and (self.lows[j] in LIGHT and self.lows[j] not in ("ready", "able")):
            negated ^= self.lows[j] in w.NEGATIVE
            j -= 1
        if j < self.first:
            if self.first:
                return self._of_cue(negated, depth)
            # "To stop this, we": what for, in the speaker's own words, not what is to come.
            time = "present" if self._quoted else "announced"
            return Act("own" if self._bare or to <= self.first else "nobody", negated, time)
        if self.lows[j] in _MOMENT and self._low(j - 1) in ("this", "that", "the") and self._low(j - 2) == "at":
            j = max(self.first, j - 3)  # "no plans at this point | to meet"
        low = self.lows[j]
        if low in _HOW:
            return Act("nobody", negated, voids=frozenset(("noun",)))
        controlled = self._controller(j)
        if controlled is not None:
            verb, party = controlled
            outer = (
                self._of_cue(False, depth) if verb < self.first else self.act(verb, guess(self.lows[verb]), depth + 1)
            )
            # "asked to be allowed": what the own side is asked by others, or asks others, is not what it does.
            told = party == "own" and self.lows[verb] in w.DEMANDING
            asked = "third" if party == "state" or told else party
            return Act(asked, negated ^ outer.negated, "announced", outer.voids)
        outer = self._purpose(j, depth) or self.act(j, guess(low), depth + 1)
        turned = low in w.REFUSING or low == "too"
        denied = outer.negated or (
            guess(low) != "past" and not DENIES_NOUN.isdisjoint(self._lows(max(self.first, j - 2), j))
        )
        time = "announced" if outer.time != "done" or guess(low) == "past" else "done"
        if low in _TRIED and outer.time != "perfect":
            time = "done"
        if outer.time == "unreal" or low == "able":
            time = outer.time  # "might have wanted to close it", "has been able to close it"
        if low in w.MEANS and time != "done":
            time = "present"
        if self._thanked(j):
            time = "done"
        voids = outer.voids - {"noun"}
        if low in w.REQUESTS:
            voids |= _CALLED
        if low in _HARD:
            voids |= {"noun"}  # "tasks hard to carry out"
        actor = self._owner(j) or self._doer(j) or outer.actor
        if low in w.ALLEGING_NOUNS and actor != "own":
            voids |= {"hearsay"}
        return Act(actor, negated ^ denied ^ turned, time, voids)

    def _purpose(self, j: int, depth: int) -> Act | None:
        """Read what governs an infinitive behind an object: ``we will use all means | to bring them back``."""
        if guess(self.lows[j]) != "finite" or self.lows[j] in w.SAYING or self.lows[j - 1] in w.AUXILIARY:
            return None
        for k in range(j - 1, max(self.first, j - REACH) - 1, -1):
            low = self.lows[k]
            if low in w.MARKS or low in w.BREAKS or low in ("to", "that"):
                return None
            if low in ("must", "should"):
                return Act("nobody", voids=_CALLED)  # "we must expose them | to defeat them"
            if low in w.SUBJECTS:
                time = "done" if self._have_done(k + 1) else "present"
                return Act(self._party(range(k, k + 1)), False, time, self._embedded(k, depth))
            done = self._have_done(k) and DENIES_NOUN.isdisjoint(self.lows[k:j])
            if low in w.FUTURE or done:
                negated, _, left = self._back(k)
                if left < self.first:
                    return None
                actor, start = self._subject(left)
                negated ^= self._low(k + 1) in w.NEGATIVE
                return Act(actor, negated, "done" if done else "announced", self._embedded(start, depth))
        return None

    def _of_cue(self, negated: bool, depth: int) -> Act:
        """Read what the text begins with as the cue's: the speaker does it, unless the cue asks others to."""
        i = self._governing()
        if i is None:
            return Act("own", negated, "announced")
        outer = self.act(i, "finite", depth + 1) if depth < 4 else Act("own")
        turned = self.lows[i] in w.REFUSING
        return Act(outer.actor, negated ^ outer.negated ^ turned, "announced", outer.voids)

    def _gerund(self, i: int, j: int, negated: bool, depth: int) -> Act:
        """Read a gerund by what stands before it: ``considering closing``, ``accused of closing``."""
        if i < self.first and (j < 0 or self.lows[j] in w.BREAKS):
            return Act("own", negated)  # the cue itself: "denying | claims of"
        if j < self.first:
            # Without a cue it names something, as behind "said": "halting the approvals was right".
            named = not self.first or self.lows[self._governing() or 0] in w.NO_GERUND
            return Act("own", negated, voids=frozenset(("noun",))) if named else self._of_cue(negated, depth)
        low = self.lows[j]
        voids: set[Void] = set()
        if low in w.DETERMINER or self._is_noun(i, j, "gerund", False) or self._is_cause(j):
            voids.add("noun")
        if low == "without" or (low == "of" and self._none_of(j - 1)):
            negated = not negated
        before = j - 1 if low in w.PREPOSITION else j
        k = before
        while (
            k >= max(self.first, j - 4)
            and guess(self.lows[k]) not in ("past", "gerund")
            and self.lows[k] not in w.REFUSING
        ):
            k -= 1
        if k >= max(self.first, j - 4):
            outer = self.act(k, guess(self.lows[k]), depth + 1)
            turned = self.lows[k] in w.REFUSING
            if low in ("of", "with") and self.lows[k] in w.CHARGING:
                voids.add("hearsay")  # "accused of closing it"
            actor = outer.actor
            if low in w.PREPOSITION and self.lows[k] in w.DEMANDING and k < j - 1:
                actor = self._party(range(k + 1, j))  # "warned both parties against | closing it"
            return Act(actor, negated ^ outer.negated ^ turned, outer.time, outer.voids | voids)
        actor, start = self._inherited(j)
        if self._asked(i):
            voids.add("question")
        return Act(actor, negated, "present", frozenset(voids) | self._embedded(start, depth))

    def _coordinated(self, i: int, j: int, depth: int) -> Act | None:
        """Read a base form behind a conjunction by the auxiliary or ``to`` it shares: ``will not meet or talk``."""
        joint = self.lows[j]
        for k in range(j - 1, max(self.first - 1, j - 12), -1):
            low = self.lows[k]
            if low in w.SUBJECTS or low in ENDS or low in w.BREAKS:
                return None
            if low == "to" and self.lows[k + 1] not in w.DETERMINER:  # no "to those remarks"
                before = self._back(k - 1)[0]
                return self._governed(i, k, before, depth)
            if low in w.FUTURE or low in ("do", "does", "did"):
                negated, _, left = self._back(k)
                behind = self._low(k + 1) in w.NEGATIVE
                actor, start = self._subject(left) if left >= self.first else self._without_subject(i, [low])
                denied = (negated ^ behind) and joint in ("or", "nor", ",")
                time = "announced" if low in w.FUTURE else "done" if low == "did" else "present"
                return Act(actor, denied, time, self._embedded(start, depth))
        return None

    # --------------------------------------------------------------------------------------------------- the voids

    def _embedded(self, start: int, depth: int, verb: int = -1) -> frozenset[Void]:
        """Say what voids a clause from above: a condition, or what somebody else says.

        ``verb`` is the last word before its verb, where that is known.
        """
        floor = 0 if start < self.first else self.first
        k = start - 1
        if self._according(start):
            return frozenset(("hearsay",))
        if k >= floor and self.lows[k] == "that":
            k -= 1
            if k >= floor and self.lows[k] not in w.SAYING:  # "told reporters that"
                told = next((n for n in range(k, max(floor, k - 4) - 1, -1) if self.lows[n] in w.SAYING), None)
                k = k if told is None else told
        if k < floor:
            return frozenset()
        low = self.lows[k]
        if low in w.CONDITIONS or (low in ("or", "not") and "whether" in self._lows(k - 2, k)):
            return frozenset(("hypothesis",))  # "whether or not they do"
        if self.lows[start - 1] == "that" and self._alleged(k):
            return frozenset() if self._is_over(start, verb) else frozenset(("hearsay",))
        if low == "it" and k > floor + 1 and self.lows[k - 1] == "has":
            return frozenset(("hearsay",))  # "rumour has it that"
        told = low in w.SAYING and low not in ("hope", "hopes", "hoped") and self._low(k - 1) not in w.ARTICLES
        if told and depth < 3 and k - 1 >= floor:
            outer = self.act(k, guess(low), depth + 2)
            if outer.actor in ("third", "other", "state") or (outer.negated and low not in w.REFUSING):
                return frozenset(("hearsay",))  # "we never said that we would leave"
            return outer.voids & {"hypothesis", "hearsay"}
        return frozenset()
