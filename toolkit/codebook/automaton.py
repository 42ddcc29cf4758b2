"""The words of all rules in one automaton, and what each word is to which rule.

Aho and Corasick (1975). Rules are bits of whole numbers, so that what a statement has for all of them is one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from toolkit.codebook import words as w
from toolkit.codebook.words import verb_forms, words_of
from toolkit.labels import LabelScheme, Rule, Void

__all__ = ["SPACED", "Anchor", "Compiled", "Entry", "automaton_of", "compile_rules"]


class Anchor(NamedTuple):
    """A word of the automaton as one rule has it."""

    rule: int
    kind: str
    """``base``, ``finite``, ``past`` or ``gerund`` of a verb, or ``noun`` for all that has no forms."""
    particle: str


class Entry(NamedTuple):
    """What the rules want with a word: as an act, as what an act is about, as what it must not be about."""

    back: int
    """How far its first letter lies before the place where the automaton meets it."""
    width: int
    anchors: tuple[Anchor, ...]
    acts: int
    """Bits of rules, as all that follow but the last two."""
    alone: int
    """The rules whose act it is without a particle."""
    about: int
    not_about: int
    wanted: int
    """What it is to any rule: an act, or a word beside one."""
    joint: tuple[tuple[int, str], ...]
    """The rules whose act it is with a particle, and the particle between spaces."""
    words: int


@dataclass(frozen=True, slots=True)
class Compiled:
    """A rule with what its grammar asks worked out once."""

    label: str
    name: str
    rule: Rule
    bit: int
    voids: frozenset[Void]
    takes: frozenset[str]
    denied: bool
    """Whether the act must be denied."""
    announced: bool
    """Whether it must be to come."""
    bound: bool
    """Whether words beside the act are wanted or barred."""
    times: frozenset[str]
    """The times at which the act counts; none for any."""


_TIMES = {
    "announced": ("announced",),
    "coming": ("announced", "able", "present"),
    "current": ("announced", "able", "present", "perfect", "shifted"),
    "present": ("present", "shifted"),
    "done": ("done", "perfect", "shifted"),
}
_VOIDS: frozenset[Void] = frozenset(("noun", "question", "hypothesis", "hearsay", "call"))


def compile_rules(scheme: LabelScheme) -> list[Compiled]:
    """Return the rules of a scheme, in codebook order."""
    named = [(label, name, rule) for label, one in scheme.labels.items() for name, rule in one.rules.items()]
    return [
        Compiled(
            label,
            name,
            rule,
            1 << number,
            voids=_VOIDS - frozenset(rule.despite),
            takes=frozenset(rule.takes),
            denied=rule.polarity == "negated",
            announced=rule.time == "announced",
            bound=bool(rule.about or rule.not_about),
            times=frozenset(_TIMES.get(rule.time, ())),
        )
        for number, (label, name, rule) in enumerate(named)
    ]


def _plural(noun: str) -> str:
    if len(noun) < 3:
        return noun
    if noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
        return noun[:-1] + "ies"
    return noun + ("es" if noun.endswith(("s", "sh", "ch", "x")) else "s")


SPACED = {code: " " for code in range(0x2600) if not (chr(code).isalnum() or chr(code) in "_'-")}
"""Whatever is no word becomes a space, so that words are found as a whole."""


def automaton_of(scheme: LabelScheme, rules: Sequence[Compiled]) -> Any:
    """Return the automaton over the words of all rules, each with its :class:`Entry`; None without rules."""
    import ahocorasick

    anchors: dict[str, list[Anchor]] = {}
    about: dict[str, int] = {}
    not_about: dict[str, int] = {}
    for number, compiled in enumerate(rules):
        rule = compiled.rule
        for verb in rule.verbs:
            base, _, particle = verb.lower().partition(" ")
            for form, kind in verb_forms(base).items():
                anchors.setdefault(f" {form} ", []).append(Anchor(number, kind, particle))
        for word in (*rule.nouns, *map(_plural, rule.nouns), *rule.phrases):
            anchors.setdefault(_key(word), []).append(Anchor(number, "noun", ""))
        for words, masks in ((rule.about, about), (rule.not_about, not_about)):
            for word in scheme.spelt_out(words):
                for key in {_key(word), _key(word if word.endswith("*") else _plural(word))}:
                    masks[key] = masks.get(key, 0) | compiled.bit
    if not anchors:
        return None
    unbound = [one for one in rules if not one.rule.about]
    conditional = sum(one.bit for one in unbound if one.rule.condition)
    negated = sum(one.bit for one in unbound if one.denied and not one.rule.condition)
    denying = {f" {word} " for word in w.DENYING} | {"n't "}
    opening = {_key(words) for words in w.CONDITIONAL}
    automaton = ahocorasick.Automaton()
    for key in anchors.keys() | about.keys() | not_about.keys() | denying | opening:
        acting = tuple(anchors.get(key, ()))
        acts = alone = 0
        joint = tuple((rules[one.rule].bit, f" {one.particle} ") for one in acting if one.particle)
        for anchor in acting:
            acts |= rules[anchor.rule].bit
            alone |= 0 if anchor.particle else rules[anchor.rule].bit
        bearing = about.get(key, 0) | (negated if key in denying else 0) | (conditional if key in opening else 0)
        word, barred = key.strip(), not_about.get(key, 0)
        bits = acts | bearing | barred
        back = len(key) - key.startswith(" ")
        entry = Entry(back, len(word), acting, acts, alone, bearing, barred, bits, joint, len(words_of(word)))
        automaton.add_word(key, entry)
    automaton.make_automaton()
    return automaton


def _key(word: str) -> str:
    word = word.lower()
    return f" {word[:-1]}" if word.endswith("*") else f" {word} "
