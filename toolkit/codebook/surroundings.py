"""What stands around a verb, read without a parser: helpers, object, what owns or governs it, where its clause ends."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection
from functools import cached_property

from toolkit.codebook import words as w
from toolkit.codebook.subjects import ENDS, REACH, Subjects, guess

__all__ = ["DENIES_NOUN", "LIGHT", "ONE", "Surroundings"]

LIGHT = w.SKIPPED | w.NEGATIVE
DENIES_NOUN = w.DENIED - {"any"}
ONE = frozenset("one a an any single even".split())
_ABLE = frozenset(("can", "ca"))
_TO_COME = (w.FUTURE | {"should", "must"}) - _ABLE
_MIGHT = frozenset("would 'd might could should".split())
_HAVING = frozenset(("has", "have", "'ve"))
_NOTHING = frozenset("no nobody nothing none neither".split())
_PARTICLES = frozenset("out off up on down over at to for from against".split())
"""What may stand between a verb and its object: ``carried out no strike``, ``aimed at nobody``."""
_MAY_BE_NOTHING = _PARTICLES | _NOTHING | {"not"}
_NAMED = 6
"""How far before an infinitive ``for`` or ``of`` may name who does it."""
_ADJECTIVE = ("able", "ible", "ous", "ful", "ant", "ent", "ary", "ical", "ult", "ial")
_DOERS = w.STATES | w.INSTITUTIONS | frozenset("us me them him her it you everyone anyone others people men".split())
_NO_NAME = w.BREAKS | {"to", "that"}
_PROMISED = frozenset(
    "agreed decided promised pledged vowed resolved committed prepared got been begun started".split()
)
_WONDERS = frozenset("ask asks asked asking wonder wonders wondered wondering".split())
_WHETHER = ("if", "whether")
_STOPS = frozenset(".!;?")
_WHY = frozenset((("due", "to"), ("because", "of"), ("owing", "to"), ("thanks", "to")))


class Surroundings(Subjects):
    """A statement of which is asked what stands around a word; none of it asks what that word's act is."""

    def _governing(self) -> int | None:
        """The verb of the cue, which governs what the text begins with."""
        for i in range(self.first):
            low = self.lows[i]
            if low not in w.AUXILIARY and low not in w.SKIPPED and low not in w.NEGATIVE:
                return i
        return None

    def _time(self, i: int, kind: str, helpers: Collection[str]) -> str:
        """Say when a verb's act is done, by its auxiliaries and its form."""
        if kind == "past" and not _HAVING.isdisjoint(helpers) and not _MIGHT.isdisjoint(helpers):
            return "unreal"  # "would have closed it"
        if not _TO_COME.isdisjoint(helpers) or "going" in self.lows[max(0, i - 3) : i]:
            return "announced"
        if not _ABLE.isdisjoint(helpers):
            return "able"
        if w.PAST.isdisjoint(helpers) and (kind != "past" or helpers):
            return "present"
        told = not self._quoted and i >= self.first
        if not _HAVING.isdisjoint(helpers) or (told and "had" in helpers):
            return "perfect"
        if not told:
            return "done"
        # What was present when it was said is past in indirect speech: "said his government was seeking talks";
        # and a bare sentence tells what was just done.
        if kind == "gerund" and "been" not in helpers:
            return "present"
        return "done" if "ago" in self.lows[i + 1 : i + REACH] else "shifted"

    def _empty(self, i: int) -> bool:
        """Say whether the object of the verb at ``i`` is nothing: ``sent no men``, ``carried out no strike``."""
        following = self._low(i + 1)
        if following not in _MAY_BE_NOTHING:
            return False
        k = i + 2 if following in _PARTICLES else i + 1
        return k > self.first and (self._low(k) in _NOTHING or (self._low(k) == "not" and self._low(k + 1) in ONE))

    def _back(self, j: int) -> tuple[bool, list[str], int]:
        """Walk back over auxiliaries, adverbs and negations: return negated, the auxiliaries, and where it stops."""
        lows, negated, helpers = self.lows, False, []
        floor = 0 if j < self.first else self.first
        while j >= floor:
            low = lows[j]
            if low in w.NEGATIVE:
                negated = not negated
                if low == "cannot":
                    helpers.append("can")
            elif low == "longer" and j > floor and lows[j - 1] == "no":
                negated, j = not negated, j - 1
            elif low in w.AUXILIARY:
                helpers.append(low)
            elif low == "'s" and j + 1 < len(lows) and (lows[j + 1] in LIGHT or (j > 0 and lows[j - 1] in w.PRONOUNS)):
                helpers.append("is")
            elif low == "means" and lows[j - 2 : j] == ["by", "no"] and j - 2 >= floor:
                negated, j = not negated, j - 2
            elif low == "from" and j > floor and lows[j - 1] == "far":
                negated, j = not negated, j - 1
            elif low == "or" and self._low(j + 1).endswith("ly") and self._low(j - 1).endswith("ly"):
                pass  # "never directly or indirectly"
            elif low not in w.SKIPPED and not (low.endswith("ly") and len(low) > 4) and low not in ("be", "been"):
                break
            j -= 1
        return negated, helpers, j

    def _owner(self, noun: int) -> str | None:
        """Say whose the noun is that governs an infinitive, ``their decision | to strike``; None if nobody's."""
        before = self._low(noun - 1)
        if guess(self.lows[noun]) != "finite" or noun - 1 < self.first or before not in w.GENITIVE:
            return None
        if before in w.OF_OTHERS:
            return self._party(range(noun - 1, noun))
        owner = self._party(range(max(self.first, noun - 3), noun - 1))
        # Who speaks for a state in his own words says "our": by its name it is another's.
        return "third" if owner == "state" and self._quoted else owner

    def _have_done(self, k: int) -> bool:
        """Say whether what begins at ``k`` is done, and promises nothing: ``we | have taken steps``, not ``agreed``."""
        if self._low(k) not in _HAVING:
            return False
        k = self.after(k)
        low = self._low(k)
        return (guess(low) == "past" or low in w.UNCHANGED) and low not in _PROMISED

    def _doer(self, j: int) -> str | None:
        """Say who is named as doing the infinitive behind ``j``: ``hard for them | to leave``, ``efforts of .. | to``.

        Who speaks for a side does not name it so, and ``ways`` or ``help`` do nothing: None.
        """
        for k in range(j - 1, max(self.first, j - _NAMED) - 1, -1):
            low, before = self.lows[k], self._low(k - 1)
            if low == "of":
                whose = before in w.MEANS or before in w.INTENTIONS
            elif low == "for":
                whose = self.lows[j] in _DOERS or before.endswith(_ADJECTIVE)
            elif low in w.PREPOSITION or low in _NO_NAME or low in w.AUXILIARY or low in w.MARKS:
                return None
            else:
                continue
            party = self._party(range(k + 1, j + 1)) if whose else None
            return "third" if party == "state" else party
        return None

    def _controller(self, j: int) -> tuple[int, str] | None:
        """Return the verb whose object ends at ``j`` and does the infinitive, and the object's party."""
        k = j
        while k >= max(0, j - 8):
            low = self.lows[k]
            if k < j and low in w.CONTROL and w.DETERMINER.isdisjoint(self.lows[max(0, k - 2) : k]):
                return None if low == "help" else (k, self._party(range(k + 1, j + 1)))
            if k < self.first or low in w.MARKS or low in w.BREAKS or low in w.AUXILIARY or low == "that":
                break
            k -= 1
        cue = self._governing() if k < self.first else None
        if cue is not None:
            if self.lows[cue] in w.CONTROL and j >= self.first:
                return cue, self._party(range(self.first, j + 1))
        return None

    def _is_cause(self, j: int) -> bool:
        """Say whether what ends at ``j`` tells only why something else was: ``threats due to | her part in``."""
        near = self._lows(max(self.first, j - REACH), j + 1)
        heads = [k for k in range(len(near) - 1) if (near[k], near[k + 1]) in _WHY]
        return bool(heads) and w.MARKS.isdisjoint(near[heads[-1] :])

    def _none_of(self, noun: int) -> bool:
        """Say whether the intention at ``noun`` is denied: ``no plans | of closing it``, ``not any desire``."""
        near = self._lows(max(self.first, noun - 3), noun)
        return self._low(noun) in w.INTENTIONS and not DENIES_NOUN.isdisjoint(near)

    def _is_noun(self, i: int, j: int, kind: str, helped: bool) -> bool:
        """Say whether a verb's form is used as a noun, or before one: ``the offer``, ``the promised aid``."""
        if kind in ("finite", "base") and self._low(i - 1) == "too":
            return True
        if kind in ("noun", "state") or helped or j < 0 or i - 1 != j:
            return False
        low = self.lows[j]
        if low in w.DETERMINER and low not in ("that", "all", "both"):
            return True
        if low == "'s" or (low == "that" and j > 0 and self.lows[j - 1] in w.PREPOSITION):
            return True
        if kind in ("finite", "base") and low in w.PREPOSITION:
            return True
        if kind == "gerund" and low in w.DETERMINER:
            return True
        if low in ("and", "or") and self.lows[i].endswith("s") and self._low(j - 1).endswith("s"):
            following = self._low(i + 1)  # "restrictions or sanctions against": a verb would have an object
            if following in w.PREPOSITION or following in w.MARKS or following == "to":
                return True
        if kind == "finite" and guess(low) == "past" and low not in w.SAYING:
            return True  # "held talks"
        return (
            kind in ("finite", "base")
            and low not in w.PRONOUNS
            and low.endswith(("ive", "ous", "ful", "ical", "able", "ible"))
        )

    def _asked(self, i: int) -> bool:
        if 0 < self.first <= i and self.lows[self.first - 1] in _WONDERS and self._low(self.first) in _WHETHER:
            return True  # "asked | whether they will talk"
        stops = self._stops
        k = bisect_left(stops, i)
        return k < len(stops) and self.lows[stops[k]] == "?"

    @cached_property
    def _stops(self) -> list[int]:
        """Where sentences end; of a statement that asks nothing, nowhere."""
        return [k for k, low in enumerate(self.lows) if low in _STOPS] if "?" in self.lows else []

    def _thanked(self, j: int) -> bool:
        """Say whether what ends at ``j`` tells whom one thanks, and for what: ``we thank those who work | to help``."""
        for k in range(j, self.first - 1, -1):
            if self.lows[k] in w.THANKING:
                return True
            if self.lows[k] in ENDS or self.lows[k] in w.BREAKS or self.lows[k] in w.FUTURE:
                return False
        return False

    def _alleged(self, k: int) -> bool:
        """Say whether what ends at ``k`` is an allegation: ``suggestions by a rival | that``."""
        if self.lows[k] in w.ALLEGING_NOUNS:
            return True
        return any(
            self.lows[n] in w.ALLEGING_NOUNS and self.lows[n + 1] in ("by", "from", "of")
            for n in range(max(self.first, k - REACH // 2), k)
        )

    def _is_over(self, start: int, last: int) -> bool:
        """Say whether the clause from ``start`` has a verb of its own before ``last``: ``the claim that we lied | is``.

        It is the claim then of which the next verb tells.
        """
        within = self._lows(start, last + 1)
        if within[:1] and within[0] in w.SUBJECTS:
            return len(within) > 1
        return any(guess(low) == "past" for low in within[1:])

    def _according(self, start: int) -> bool:
        """Say whether the clause at ``start`` is told after others: ``according to their spokesman, we``."""
        if "according" not in self.lows[max(self.first, start - 8) : start]:
            return False
        for k in range(start - 1, max(self.first, start - 8) - 1, -1):
            if self.lows[k] in ENDS:
                return False
            if self.lows[k] == "according":
                return not w.OWN_WORDS.intersection(self.lows[k:start])
        return False
