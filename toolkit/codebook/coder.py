"""The codebook at work: one automaton over every word of its rules, and the grammar only where one occurs.

Aho and Corasick (1975) for the words; see :mod:`toolkit.codebook.reading` for the grammar.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from toolkit.codebook import words as w
from toolkit.codebook.acts import Act
from toolkit.codebook.automaton import SPACED, Anchor, Compiled, Entry, automaton_of, compile_rules
from toolkit.codebook.reading import Reading
from toolkit.codebook.words import plain, words_of
from toolkit.labels import Example, LabelScheme
from toolkit.records import Evidence, Kind, Statement

__all__ = ["Codebook", "Found", "failing_examples"]


class Found(NamedTuple):
    """An act that a rule names, where it stands, and whether the rule counts there."""

    rule: int
    counts: bool
    field: str
    start: int
    end: int


_OPENS_CLAUSE = w.PRONOUNS | w.OWN_WORDS | {"that"}
_ENDS_PHRASE = w.MARKS | w.CONDITIONS | w.BREAKS | {"and"}
_NO_OBJECT = w.PREPOSITION | {"to", "that", "up"}
_TO_ITSELF = ("me", "us")
_REFLEXIVE = ("ourselves", "myself")
_BESIDES = ("after", "before", "since", "upon", "following")
_MODIFIES = 3
"""How far before a noun what bars it may stand."""
_CUE, _TEXT = "cue", "text"
_ACTS, _ALONE, _ABOUT = (Entry._fields.index(name) for name in ("acts", "alone", "about"))


class Hit(NamedTuple):
    """Where the automaton met a word: its number, its field and its place in it."""

    number: int
    field: str
    start: int
    entry: Entry


class _Near:
    """The words of a statement that a rule wants beside its act, or bars there, by rule and clause."""

    def __init__(self, hits: Sequence[Hit], reading: Reading) -> None:
        self._hits, self._reading = hits, reading
        self._beside = 0
        for hit in hits:
            self._beside |= hit.entry.about | hit.entry.not_about
        self._places: dict[int, dict[int, tuple[list[int], list[int]]]] = {}

    def allows(self, compiled: Compiled, i: int, last: int, noun: bool) -> bool:
        """Say whether the clause of the act from ``i`` to ``last`` has what the rule wants, and nothing it bars.

        What it bars stands behind the act, or right before a noun: ``lifting these sanctions``.
        """
        about: list[int] = []
        barred: list[int] = []
        if compiled.bit & self._beside:
            places = self._places.get(compiled.bit)
            if places is None:
                places = self._places[compiled.bit] = self._of(compiled.bit)
            about, barred = places.get(self._reading.clause(i).start, (about, barred))
        if barred and (barred[-1] > last or (noun and i - _MODIFIES <= barred[bisect_left(barred, i) - 1] < i)):
            return False
        return not compiled.rule.about or (bool(about) and (about[0] < i or about[-1] > last))

    def _of(self, bit: int) -> dict[int, tuple[list[int], list[int]]]:
        """Return where, in every clause by its beginning, what a rule wants stands, and what it bars."""
        places: dict[int, tuple[list[int], list[int]]] = {}
        for k, _, _, entry in self._hits:
            if (entry.about | entry.not_about) & bit:
                about, barred = places.setdefault(self._reading.clause(k).start, ([], []))
                if entry.about & bit:
                    insort(about, k)
                if entry.not_about & bit:
                    # A phrase stands where it ends, so that one with the act in it bars it: "international relations".
                    insort(barred, k + entry.words if entry.words > 1 else k)
        return places


class Codebook:
    """The rules of a label scheme, ready to read statements with."""

    def __init__(self, scheme: LabelScheme) -> None:
        self.scheme = scheme
        self.rules = compile_rules(scheme)
        self._free = sum(one.bit for one in self.rules if not (one.rule.about or one.denied or one.rule.condition))
        """The rules that want nothing besides their act."""
        self._said = ~sum(one.bit for one in self.rules if one.denied)
        """The rules whose act a cue may name: who says that something was not so denies it in the text."""
        self._automaton = automaton_of(scheme, self.rules)

    @property
    def rule_names(self) -> list[str]:
        """The names of the rules, ``label/rule``, in codebook order."""
        return [f"{one.label}/{one.name}" for one in self.rules]

    def find(self, statement: Statement) -> list[Found]:
        """Return every act of the rules in a statement: those that count, and those that the grammar voids."""
        if self._automaton is None:
            return []
        cue, text = statement.cue or "", statement.text
        both = plain(f" {cue} {text} ")
        begin = len(cue) + 2  # of the text in what is searched
        met, acts = self._free, 0
        spaced = both.translate(SPACED)
        hits = list(self._automaton.iter(spaced))
        for last, entry in hits:
            met |= entry[_ABOUT]
            if entry[_ACTS]:
                acts |= entry[_ALONE] if last >= begin else entry[_ALONE] & self._said
                for bit, particle in entry.joint:
                    if particle in spaced:
                        acts |= bit
        # A rule that wants a word besides its act, or a denial, is not read where there is none.
        acts &= met
        if not acts:
            return []
        reading = Reading(statement, both[1 : begin - 1], both[begin:-1])
        placed: list[Hit] = []
        counted, numbers = [begin], [reading.first]  # how far words have been counted, and how many there were
        for last, entry in hits:
            if not entry.wanted & acts:
                continue
            start = last - entry.back + 1
            if start < begin - 1:
                placed.append(Hit(len(words_of(both[1:start])), _CUE, start - 1, entry))
                continue
            while start < counted[-1]:  # a longer word that began before the last one
                del counted[-1], numbers[-1]
            numbers.append(numbers[-1] + len(words_of(both[counted[-1] : start])))
            counted.append(start)
            placed.append(Hit(numbers[-1], _TEXT, start - begin, entry))
        found: list[Found] = []
        rules, near = self.rules, _Near(placed, reading)
        for hit in placed:
            entry = hit.entry
            if entry.acts & acts:
                for anchor in entry.anchors:
                    compiled = rules[anchor.rule]
                    if compiled.bit & acts:
                        one = self._read(reading, compiled, anchor, hit, near)
                        if one is not None:
                            found.append(one)
        return found

    def labels_of(self, found: Iterable[Found]) -> tuple[str, ...]:
        """Return the labels of which a rule counts, in codebook order."""
        given = {self.rules[one.rule].label for one in found if one.counts}
        return tuple(label for label in self.scheme.labels if label in given)

    def evidence(self, found: Iterable[Found]) -> list[Evidence]:
        """Return where the rules that count were found, each once."""
        kept = dict.fromkeys(one for one in found if one.counts)
        return [
            Evidence(self.rules[one.rule].label, one.field, one.start, one.end, self.rules[one.rule].name)
            for one in kept
        ]

    def _read(self, reading: Reading, compiled: Compiled, anchor: Anchor, hit: Hit, near: _Near) -> Found | None:
        """Return what a rule says of an act at a place; None where it is not the rule's act at all."""
        i, field, start, entry = hit
        last = i + entry.words - 1
        if anchor.particle:
            # Behind the cue it may open the text: "scoffed | at suggestions of a rift".
            stop = reading.first + 1 if field == _CUE else len(reading.lows)
            try:
                found = reading.lows.index(anchor.particle, i + 1, min(stop, i + 5))
            except ValueError:
                return None
            if reading.lows[found - 1] in w.DETERMINER:
                return None  # "take one from the back"
            last = found if found == i + 1 else i
        if not _possible(compiled, reading, i) or _is_future(reading.lows, i):
            return None
        fits = not compiled.takes or _takes(reading, last, compiled.takes)
        if not fits and anchor.kind != "past":
            return None
        if compiled.bound and not near.allows(compiled, i, last, anchor.kind == "noun"):
            return None
        act = reading.read(i, anchor.kind)
        if not fits and not act.passive:
            return None
        return Found(
            anchor.rule, self._counts(compiled, act, reading, field, i, last), field, start, start + entry.width
        )

    def _counts(self, compiled: Compiled, act: Act, reading: Reading, field: str, i: int, last: int) -> bool:
        rule = compiled.rule
        if compiled.voids & act.voids:
            return False
        if rule.polarity != "either" and compiled.denied != (act.negated or act.empty):
            return False
        unnamed = act.actor == "nobody" and (act.state or act.planned)
        if compiled.denied and act.passive and unnamed and not act.planned and reading.lows[i] in w.BEFALLS:
            return False
        if rule.by == "other" and act.actor not in ("other", "third", "state"):
            return False
        own = act.actor == "own" or (act.actor == "state" and rule.by == "state")
        if rule.by in ("own", "state") and not own and not unnamed:
            return False
        untimely = compiled.times and act.time not in compiled.times
        refused = act.negated and act.time == "announced"  # "would not commit to a truce": nothing that was not done
        if untimely and (field == _TEXT or compiled.announced or refused):
            return False
        if field == _CUE and i and reading.lows[i - 1] in _BESIDES:
            return False  # "said after meeting them" tells when it was said
        if "call" in compiled.voids and field == _TEXT and reading.called_for(i):
            return False
        following = reading.lows[last + 1] if last + 1 < len(reading.lows) else ""
        if following in _TO_ITSELF and act.actor in ("own", "nobody") and not act.passive:
            return False  # "she promised me a job", told by another: nobody does it to his own side
        if compiled.denied and following in _REFLEXIVE:
            return False
        party = "own" if act.suffers else reading.object_party(last)
        return party is None or party in rule.to


def _possible(compiled: Compiled, reading: Reading, i: int) -> bool:
    """Say whether the words around an act allow what a rule asks of it, before the act itself is read."""
    if compiled.denied and not reading.may_be_denied(i):
        return False
    if compiled.announced and not reading.may_come(i):
        return False
    return not compiled.rule.condition or reading.conditional(i)


def _is_future(lows: Sequence[str], i: int) -> bool:
    """Say whether ``going`` at ``i`` is an auxiliary, ``going to be``, and no act."""
    return lows[i] == "going" and lows[i + 1 : i + 2] == ["to"] and w.DETERMINER.isdisjoint(lows[i + 2 : i + 3])


def _takes(reading: Reading, last: int, wanted: frozenset[str]) -> bool:
    k = reading.after(last)
    if k >= len(reading.lows):
        return "nothing" in wanted
    low = reading.lows[k]
    if low in wanted:
        return True
    if low in _ENDS_PHRASE:
        return "nothing" in wanted
    if "gerund" in wanted and low.endswith("ing") and len(low) > 4:
        return True
    if "clause" in wanted and (low in _OPENS_CLAUSE or (last < reading.first <= k and _finite(reading, k))):
        return True
    if low == "that":  # "close that border"
        return "object" in wanted and "clause" not in wanted and _names(reading.lows[k + 1 : k + 2])
    return "object" in wanted and low not in _NO_OBJECT and not low.endswith("ing")


_NO_NAME = w.PRONOUNS | w.DETERMINER | w.OWN_WORDS | w.PREPOSITION | w.AUXILIARY | w.MARKS | {"to", "out", "up", "off"}


def _names(lows: list[str]) -> bool:
    """Say whether a word can follow ``that`` where it points at something: ``that border``."""
    return bool(lows) and _NO_NAME.isdisjoint(lows)


def _finite(reading: Reading, k: int) -> bool:
    """Say whether an auxiliary stands among the first words from ``k`` on: a clause, not a noun phrase."""
    return not w.AUXILIARY.isdisjoint(reading.lows[k : k + 8])


def failing_examples(scheme: LabelScheme) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield every example of a rule that the rule reads otherwise: where it stands in the scheme, and what is wrong."""
    codebook = Codebook(scheme)
    for number, compiled in enumerate(codebook.rules):
        for key, wanted in (("counts", True), ("does_not_count", False)):
            examples: Sequence[Example] = getattr(compiled.rule, key)
            for position, example in enumerate(examples):
                found = any(one.counts and one.rule == number for one in codebook.find(_statement(example)))
                if found != wanted:
                    place = ("labels", compiled.label, "rules", compiled.name, key, position)
                    yield place, f"the rule {'finds' if found else 'does not find'} its own example {example.text!r}"


def _statement(example: Example) -> Statement:
    kind: Kind = "indirect" if example.cue else "direct"
    speaker = example.speaker or "somebody"
    return Statement(
        "example", "example", example.text, (), kind, speaker, cue=example.cue, addressee=example.addressee
    )
