"""The acts of a statement for all rules that ask: verbs (``acts``), and here nouns, adjectives, and calls."""

from __future__ import annotations

from functools import cached_property

from toolkit.codebook import words as w
from toolkit.codebook.acts import Act, Acts
from toolkit.codebook.subjects import ENDS, guess
from toolkit.codebook.surroundings import DENIES_NOUN, LIGHT, ONE
from toolkit.labels import Void
from toolkit.records import Statement

__all__ = ["Reading"]

_SAYS = frozenset("say think note argue believe".split())
_LIKE_BE = frozenset("go gone remain stay become seem feel appear left".split())
_NO_ADJECTIVE = w.DETERMINER | w.PREPOSITION | w.MARKS | w.AUXILIARY | w.SAYING | {"to", "and", "or", "that", "ready"}
_BETWEEN = LIGHT | w.DETERMINER | _LIKE_BE | {"far", "from", "by", "means", "or"}
"""What may stand between an auxiliary and its adjective or noun: ``are by no means ready``, ``not remain silent``."""
_NO_OPENING = w.PRONOUNS | w.AUXILIARY
_CALL = 9
"""How far before an act the word may stand that makes it a call."""
_CALLS = frozenset(
    "must should ought need needs needed necessary essential vital crucial only everyone everybody whole".split()
)
_NEEDED = frozenset("needed necessary required".split())
_SOMEBODY = frozenset("i we you he she it they".split())
_HAVE = frozenset("have has had".split())
_LACK = frozenset("shortage lack dearth scarcity doubt end limit question".split())
"""Nouns that take back what denies them: ``no shortage of soldiers``."""
_EVERYBODY = frozenset("us nations countries states parties people humanity mankind".split())
"""Whom a call is on, with ``all`` or ``each``."""


class Reading(Acts):
    """A statement whose acts are read, each once: a verb by its group, a noun or an adjective by its verb."""

    def __init__(self, statement: Statement, cue: str, text: str) -> None:
        super().__init__(statement, cue, text)
        self._acts: dict[tuple[int, str], Act] = {}

    def read(self, i: int, kind: str) -> Act:
        """Read the act at ``i`` once for all rules that ask: a noun, an adjective or a phrase, or a verb's form."""
        key = i, kind
        found = self._acts.get(key)
        if found is None:
            found = self._acts[key] = self.noun(i) if kind == "noun" else self.act(i, kind)
        return found

    def called_for(self, i: int) -> bool:
        """Say whether the act at ``i`` is what all or others must do: ``we must all help``, ``only through talks``.

        So is what others are told to do: ``urged them to help``.
        """
        lows = self.lows
        if self._low(i + 1) == "only":  # "can be solved only by"
            return True
        if self._needed(i):
            return True
        for k in range(i - 1, max(self.first, i - _CALL) - 1, -1):
            low = lows[k]
            if low in ENDS or low in w.BREAKS or low in w.CONDITIONS:
                return False
            if low in _SOMEBODY:
                return self._low(k - 1) in w.AUXILIARY and "only" in self._lows(max(self.first, k - _CALL), k)
            if low in _CALLS or (low == "to" and lows[k - 1] in _HAVE and self._low(k - 2) not in w.FUTURE):
                return True
            if low == "time" and self._low(k - 1) in ("is", "'s"):  # "it is time that we talk"
                return True
            if low in ("all", "each") and self._everybody(k):
                return True
            if low == "to" and self._demanded(k - 1):
                return True
        return False

    def _needed(self, i: int) -> bool:
        """Say whether what the act begins is told to be needed: ``cooperation of all | is needed``."""
        for k in range(i + 1, min(len(self.lows) - 1, i + _CALL)):
            if self.lows[k] in w.MARKS or self.lows[k] in w.SUBJECTS:
                return False
            if self.lows[k] in _NEEDED and self.lows[k - 1] in w.BE_FORMS:
                return True
        return False

    def _demanded(self, j: int) -> bool:
        """Say whether the infinitive behind ``j`` is asked of others: ``urged the leaders | to value our ties``."""
        controlled = self._controller(j)
        if controlled is None:
            return False
        verb, party = controlled
        return self.lows[verb] in w.DEMANDING and party != "own"

    def _everybody(self, k: int) -> bool:
        """Say whether ``all`` or ``each`` at ``k`` is everybody: ``we all``, ``let's all``, ``each one of us``."""
        return self._low(k - 1) in ("we", "us", "'s") or not _EVERYBODY.isdisjoint(self.lows[k + 1 : k + 4])

    def denied(self, i: int) -> bool:
        """Say whether a noun is denied: ``no plans``, ``does not have any intention``, ``nor a role``."""
        lows = self.lows
        for k in range(i - 1, max(self.first - 1, i - 4), -1):
            low = lows[k]
            if low in ("no", "zero", "without", "neither", "nor") or (low == "not" and lows[k + 1] in ONE):
                return True
            if low in w.MARKS or low in w.PRONOUNS or low in _LACK or (low.endswith("ing") and len(low) > 5):
                return False
            if low in ("have", "has", "had", "having", "is", "are", "was", "were", "play", "played"):
                negated = self._back(k - 1)[0] or low in w.NEGATIVE
                return negated or (k + 1 < len(lows) and lows[k + 1] in w.NEGATIVE)
        return False

    def noun(self, i: int) -> Act:
        """Read an act that is a noun, an adjective or a phrase, by its verb: ``are ready``, ``has no plans``."""
        act = self._called(i) or self._state(i)
        behind = self.lows[i + 1 : i + 6]  # "our response to it | will be swift"
        coming = not w.FUTURE.isdisjoint(behind) and w.SUBJECTS.isdisjoint(behind) and w.MARKS.isdisjoint(behind)
        return act._replace(state=True, time="announced" if coming else act.time)

    def _called(self, i: int) -> Act | None:
        """Read what others call something, or nobody calls it, by their verb: ``they called | our report a lie``."""
        for k in range(i - 1, max(self.first, i - _CALL) - 1, -1):
            low = self.lows[k]
            if low in ENDS or low in w.BREAKS or low in w.AUXILIARY or low == "that":
                return None
            if low in w.CALLING:
                act = self.act(k, guess(low))
                others = act.actor in ("other", "third", "state")
                return act._replace(voids=act.voids | {"hearsay"}) if others else act if act.negated else None
        return None

    def _is_told(self, i: int) -> bool:
        """Say whether what the text begins with is a subject of which the cue tells: ``said | the use of force is``."""
        if self.lows[self._governing() or 0] not in w.NO_GERUND:
            return False
        for k in range(i + 1, min(len(self.lows), i + _CALL)):
            low = self.lows[k]
            if low == "that" and self.lows[k - 1] in w.PREPOSITION:
                continue  # "against that country"
            if low in w.MARKS or low in w.PRONOUNS or low in w.BREAKS:
                return False
            if low in w.AUXILIARY:
                return True
        return False

    @cached_property
    def _others_do(self) -> bool:
        """Whether what the cue names is others' doing: ``demanded | support for it``, ``condemned | its ties with``."""
        return self.first > 0 and self.lows[self._governing() or 0] in w.OTHERS_DO

    def _state(self, i: int) -> Act:
        asked: frozenset[Void] = frozenset(("question",)) if self._asked(i) else frozenset()
        if self.lows[i] in ("our", "my"):
            return Act("own", self.denied(i), voids=asked)
        if self._others_do and _NO_OPENING.isdisjoint(self.lows[self.first : i]):
            return Act("third", voids=asked)
        owner = i - 1
        if owner > self.first and not self._quoted and self.lows[owner] not in _NO_ADJECTIVE:
            owner -= 1  # "his deep gratitude"
        if i > self.first and self.lows[owner] in ("their", "his", "her", "its", "your"):
            return Act(self._party(range(owner, owner + 1)), self.denied(i), voids=asked)
        begun = self.lows[self.first : min(i, self.first + 4)]
        finite = self.lows[i] in w.AUXILIARY  # what stands before it is its subject: "the order | does not exist"
        others = self._quoted and begun[:1] in (["the"], ["their"], ["these"], ["those"])
        if (
            i >= self.first
            and len(begun) <= 3
            and not (others or (begun and finite))
            and not _NO_OPENING.intersection(begun)
        ):
            # What the text begins with: "sincere sympathy for the victims".
            if not self.first:
                return Act("own", voids=asked)
            if not self._is_told(i):
                return self._of_cue(not DENIES_NOUN.isdisjoint(begun), 0)  # "any role" alone denies nothing
        k = self.first - 1 if finite else i - 1
        while k >= self.first and k > i - 6 and self.lows[k] not in w.MARKS:
            low = self.lows[k]
            if low in w.AUXILIARY or (low == "'s" and k > 0 and self.lows[k - 1] in w.PRONOUNS):
                break
            if low in ("our", "my"):
                return self.act(i, "state")._replace(actor="own", negated=self.denied(i), voids=asked)
            k -= 1
        if k < self.first or k == i - 6 or self.lows[k] in w.MARKS:
            act = self.act(i, "state")
            subject = next(
                (n for n in range(i - 1, max(self.first, i - 8) - 1, -1) if self.lows[n] in w.SUBJECTS), None
            )
            if subject is not None and not w.MARKS.intersection(self.lows[subject:i]):
                party = self._party(range(subject, subject + 1))
                act = act._replace(actor=party, voids=act.voids | self._embedded(subject, 0, i - 1))
            return act._replace(negated=act.negated or self.denied(i))
        act = self.act(k + 1, "state")
        between = self._lows(k + 1, i)
        if not all(low in _BETWEEN or low.endswith("ly") for low in between):
            if between[-1] in _SAYS:
                act = act._replace(time="present")  # "I would say | sanctions have"
            return act._replace(negated=self.denied(i))  # the auxiliary is another verb's: "did not abandon his plans"
        turned = any(low in w.NEGATIVE for low in between) or "far" in between or "means" in between
        return act._replace(negated=(act.negated ^ turned) or self.denied(i))
