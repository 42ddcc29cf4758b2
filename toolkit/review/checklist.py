"""Behaviour tests from a file of capabilities: cases are made, answered, and judged (after CheckList).

Ribeiro, Wu, Guestrin and Singh 2020, "Beyond Accuracy": minimum functionality, invariance, direction.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toolkit.config import Base, BehaviourConfig, Direction, Functionality, Invariance
from toolkit.evaluation import Checked, Checklist, Resampling, check
from toolkit.records import Statement
from toolkit.review.perturbations import (
    appended,
    plain,
    with_country,
    with_cue,
    with_dates,
    with_gender,
    with_speaker,
)

__all__ = ["behaviour_cases", "run_checklist"]

_SLOT = re.compile(r"\{(\w+)\}")
Answer = Callable[[Sequence[Statement]], tuple[Sequence[Sequence[str]], Any]]
"""Labels of statements, and their probabilities, (n, labels), or None where there are none."""


def run_checklist(
    config: BehaviourConfig,
    labels: Sequence[str],
    answer: Answer,
    statements: Sequence[Statement] | None = None,
    resampling: Resampling | None = None,
) -> Checklist:
    """Make the cases of a file, have them answered all at once, and return the failure rates by capability.

    ``statements`` are changed in the place of the file's own ``bases``; cases with known labels are asked either way.
    ``answer`` is asked once, for every statement as it is and changed.
    """
    resampling = resampling or Resampling()
    cases = list(behaviour_cases(config, statements, resampling.seed))
    asked: dict[Statement, int] = {}
    for case in cases:
        for one in (case.original, case.statement):
            if one is not None:
                asked.setdefault(_read(one), len(asked))
    given, probabilities = answer(list(asked)) if asked else ([], None)
    before = [None if case.original is None else given[asked[_read(case.original)]] for case in cases]
    rows = [asked[_read(case.statement)] for case in cases]
    probable = None if probabilities is None else probabilities[rows]
    return check(list(config.capabilities), cases, before, [given[row] for row in rows], probable, labels, resampling)


def _read(statement: Statement) -> Statement:
    """Return what is asked: the same words are asked once."""
    return replace(statement, statement_id="", article_id="")


def behaviour_cases(
    config: BehaviourConfig, statements: Sequence[Statement] | None = None, seed: int = 0
) -> Iterator[Checked]:
    """Yield the cases of every capability, in the order of the file; the same seed yields the same.

    The statements of one article belong together (``group``), and so do the fills of one template.
    """
    if statements is None:
        bases = [_filled(base, config.lexicon, f"base {i}", 0, seed) for i, base in enumerate(config.bases)]
    else:
        bases = [plain(statement) for statement in statements]
    for name, capability in config.capabilities.items():
        match capability:
            case Functionality():
                yield from _known(name, capability, config.lexicon, seed)
            case Invariance():
                yield from _unchanged(name, capability, bases, seed)
            case Direction():
                yield from _changed(name, capability, bases, seed)


def _known(name: str, capability: Functionality, lexicon: Mapping[str, Sequence[str]], seed: int) -> Iterator[Checked]:
    for i, case in enumerate(capability.cases):
        group = f"{name} {i}"
        filled = [_filled(case, lexicon, group, k, seed) for k in range(capability.fills)]
        for statement in {one.text: one for one in filled}.values():
            yield Checked(name, "functionality", group, "", statement, has=tuple(case.has), lacks=tuple(case.lacks))


def _filled(base: Base, lexicon: Mapping[str, Sequence[str]], group: str, number: int, seed: int) -> Statement:
    """Fill the slots of a template; one that stands twice is filled alike, and no two slots with the same word."""
    slots = list(dict.fromkeys(_SLOT.findall(f"{base.text} {base.speaker or ''}")))
    words: dict[str, str] = {}
    for slot in slots:
        free = [word for word in lexicon[slot] if word not in words.values()] or list(lexicon[slot])
        words[slot] = free[(_number(seed, group, slot) + number) % len(free)]

    def put(text: str) -> str:
        return _SLOT.sub(lambda found: words[found[1]], text)

    speaker = base.speaker and put(base.speaker)
    return Statement(f"{group}/{number}", group, put(base.text), (), base.kind, speaker, cue=base.cue)


def _unchanged(name: str, capability: Invariance, bases: Sequence[Statement], seed: int) -> Iterator[Checked]:
    is_country = capability.change == "country"
    tried = ((base, _variants(base, capability)) for base in _drawn(bases, name, seed))
    # Countries are compared within statements, and statements of one article are not independent: one of each.
    for base, variants in _at_most(tried, capability.most, once=is_country):
        chosen = variants if is_country else _some(variants, capability.each, seed, base)
        for change, statement in chosen:
            treatment = change if is_country else None
            yield Checked(name, "invariance", base.article_id, change, statement, original=base, treatment=treatment)


def _variants(base: Statement, capability: Invariance) -> list[tuple[str, Statement]]:
    match capability.change:
        case "country":
            return with_country(base, capability.values)
        case "speaker":
            return with_speaker(base, capability.values)
        case "gender":
            return with_gender(base)
        case "date":
            return with_dates(base)
        case "cue":
            return with_cue(base, capability.values)
        case "aside":
            return appended(base, capability.values)


def _changed(name: str, capability: Direction, bases: Sequence[Statement], seed: int) -> Iterator[Checked]:
    tried = ((base, appended(base, capability.append)) for base in _drawn(bases, name, seed))
    for base, variants in _at_most(tried, capability.most):
        for change, statement in _some(variants, capability.each, seed, base):
            yield Checked(
                name,
                "direction",
                base.article_id,
                change,
                statement,
                original=base,
                has=(capability.appears,),
                keeps=capability.keeps,
            )


def _drawn(bases: Sequence[Statement], name: str, seed: int) -> list[Statement]:
    return sorted(bases, key=lambda base: _number(seed, name, base.statement_id))


def _at_most(
    tried: Iterable[tuple[Statement, list[tuple[str, Statement]]]], most: int, *, once: bool = False
) -> Iterator[tuple[Statement, list[tuple[str, Statement]]]]:
    """Yield the first statements that can be changed; with ``once``, one of an article."""
    taken, articles = 0, set[str]()
    for base, variants in tried:
        if taken == most:
            return
        if variants and not (once and base.article_id in articles):
            taken += 1
            articles.add(base.article_id)
            yield base, variants


def _some(
    variants: Sequence[tuple[str, Statement]], each: int, seed: int, base: Statement
) -> list[tuple[str, Statement]]:
    return sorted(variants, key=lambda one: _number(seed, base.statement_id, one[0]))[:each]


def _number(seed: int, *told: str) -> int:
    text = "\0".join((str(seed), *told))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:6], "big")
