"""What is counted in one article when its extracted statements are compared with gold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from toolkit.evaluation.extraction.matching import RELAXED, STRICT, Sides, compare, same_mention, same_name
from toolkit.evaluation.extraction.saying import says
from toolkit.marks import quoted_letters
from toolkit.records import Statement

__all__ = ["ERROR_COLUMNS", "Counts", "QuoteError", "Tally", "count_article"]

ERROR_COLUMNS = ("article_id", "problem", "gold", "extracted", "gold_speaker", "extracted_speaker", "cue", "context")
"""What is told of an error."""

Tally = Mapping[str, tuple[int, int]]
"""By name (a kind, a cue): how many statements were asked about, and how many of them were right."""


@dataclass(frozen=True, slots=True)
class QuoteError:
    """A statement that was missed, invented, cut wrongly or given to the wrong speaker."""

    article_id: str
    problem: str
    gold: Statement | None
    extracted: Statement | None

    def row(self) -> dict[str, str | bool | None]:
        """Return it as a row of a table (:data:`ERROR_COLUMNS`)."""
        either = self.gold or self.extracted
        values = (
            self.article_id,
            self.problem,
            self.gold.text if self.gold else None,
            self.extracted.text if self.extracted else None,
            self.gold.speaker if self.gold else None,
            self.extracted.speaker if self.extracted else None,
            either.cue if either else None,
            either.context if either else None,
        )
        return dict(zip(ERROR_COLUMNS, values, strict=True))


@dataclass(frozen=True, slots=True)
class Counts:
    """The counts of one article, each under its name, and every error.

    Found (relaxed) of the statements that extraction is asked for: ``by_kind``, ``by_cue``; found of all gold
    statements: ``by_kind_of_all``. In gold of the extracted statements: ``by_act``.
    """

    numbers: Mapping[str, int]
    by_kind: Tally
    by_kind_of_all: Tally
    by_cue: Tally
    by_act: Tally
    errors: tuple[QuoteError, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """The gold statements of one group that extraction is asked for, and the matches of those that it found."""

    gold: Sequence[int]
    found: Mapping[int, int]


def count_article(text: str, gold: Iterable[Statement], extracted: Iterable[Statement]) -> Counts:
    """Compare the two sides of one article. The spans must lie in its text."""
    sides = compare(text, gold, extracted)
    groups = {"quoted": _asked(sides, _quoted_gold(sides)), "indirect": _asked(sides, _indirect_asked(sides))}
    every = sides.match(RELAXED)
    numbers = _count_spans(sides) | _count_letters(text, sides) | _count_all(sides, every) | _count_names(sides, every)
    for name, group in groups.items():
        numbers |= _count_mentions(name, sides, group)
    asked = [(sides.gold[g], g in group.found) for group in groups.values() for g in group.gold]
    return Counts(
        numbers=numbers,
        by_kind=_tally((one.kind, found) for one, found in asked),
        by_kind_of_all=_tally((one.kind, g in every) for g, one in enumerate(sides.gold)),
        by_cue=_tally(((one.statement.cue or "none").lower(), found) for one, found in asked),
        by_act=_tally((act, right) for act, right in _acts(sides, every) if act),
        errors=(*_missed_or_misattributed(sides, groups.values()), *_invented(sides, every)),
    )


def _quoted_gold(sides: Sides) -> list[int]:
    return [g for g, one in enumerate(sides.gold) if one.kind != "indirect"]


def _indirect_asked(sides: Sides) -> list[int]:
    return [g for g, one in enumerate(sides.gold) if one.kind == "indirect" and says(one.statement.cue)]


def _extracted(sides: Sides, *, indirect: bool) -> list[int]:
    return [e for e, one in enumerate(sides.extracted) if (one.kind == "indirect") == indirect]


def _asked(sides: Sides, gold: Sequence[int]) -> _Asked:
    # Found is found, whatever kind extraction took it for.
    return _Asked(gold, sides.match(RELAXED, gold=gold))


def _count_spans(sides: Sides) -> dict[str, int]:
    gold, extracted = _quoted_gold(sides), _extracted(sides, indirect=False)
    asked, indirect = _indirect_asked(sides), _extracted(sides, indirect=True)
    return {
        "quoted gold": len(gold),
        "quoted extracted": len(extracted),
        "quoted relaxed": len(sides.match(RELAXED, gold=gold, extracted=extracted)),
        "quoted strict": len(sides.match(STRICT, gold=gold, extracted=extracted)),
        "indirect gold": len(asked),
        "indirect extracted": len(indirect),
        "indirect found": len(sides.match(RELAXED, gold=asked)),
        "indirect right": len(sides.match(RELAXED, extracted=indirect)),
    }


def _count_letters(text: str, sides: Sides) -> dict[str, int]:
    """Count letters inside quotation marks: of any gold statement, of the extracted quotations, and of both."""
    quoted = quoted_letters(text)
    gold = frozenset().union(*(one.letters for one in sides.gold)) & quoted
    quotations = (sides.extracted[e].letters for e in _extracted(sides, indirect=False))
    extracted = frozenset().union(*quotations) & quoted
    return {"letters gold": len(gold), "letters extracted": len(extracted), "letters both": len(gold & extracted)}


def _count_mentions(name: str, sides: Sides, group: _Asked) -> dict[str, int]:
    """Count the found statements whose gold names a speaker in the text, and those with the same mention."""
    judged = [
        same_mention(sides.extracted[e].statement, ours)
        for g, e in group.found.items()
        if (ours := sides.gold[g].statement).speaker_start is not None
    ]
    return {f"{name} with mention": len(judged), f"{name} mention right": sum(judged)}


def _count_all(sides: Sides, every: Mapping[int, int]) -> dict[str, int]:
    """Count all statements whatever their kind, and gold whose kind is not what the quotation marks make it."""
    return {
        "all gold": len(sides.gold),
        "all extracted": len(sides.extracted),
        "all matched": len(every),
    }


def _count_names(sides: Sides, every: Mapping[int, int]) -> dict[str, int]:
    """Count, of the matched statements, those whose speaker and addressee are named, and those named the same."""
    matched = [(sides.gold[g].statement, sides.extracted[e].statement) for g, e in every.items()]
    with_speaker = [(ours, theirs) for ours, theirs in matched if ours.speaker]
    return {
        "with speaker": len(with_speaker),
        "speaker right": sum(same_name(ours.speaker, theirs.speaker) for ours, theirs in with_speaker),
        "addressee gold": sum(bool(ours.addressee) for ours, _ in matched),
        "addressee extracted": sum(bool(theirs.addressee) for _, theirs in matched),
        "addressee right": sum(same_name(ours.addressee, theirs.addressee) for ours, theirs in matched),
    }


def _acts(sides: Sides, every: Mapping[int, int]) -> list[tuple[str | None, bool]]:
    """Return the act of every extracted statement and whether it is in gold."""
    used = set(every.values())
    return [(one.statement.act, e in used) for e, one in enumerate(sides.extracted)]


def _missed_or_misattributed(sides: Sides, groups: Iterable[_Asked]) -> list[QuoteError]:
    errors = []
    for group in groups:
        for g in group.gold:
            ours = sides.gold[g].statement
            if g not in group.found:
                errors.append(QuoteError(ours.article_id, "missed", ours, None))
                continue
            theirs = sides.extracted[group.found[g]].statement
            if ours.speaker_start is not None and not same_mention(theirs, ours):
                errors.append(QuoteError(ours.article_id, "other speaker", ours, theirs))
    return errors


def _invented(sides: Sides, every: Mapping[int, int]) -> list[QuoteError]:
    used = set(every.values())
    invented = [one.statement for e, one in enumerate(sides.extracted) if e not in used]
    return [QuoteError(statement.article_id, "not in gold", None, statement) for statement in invented]


def _tally(judged: Iterable[tuple[str, bool]]) -> Tally:
    asked: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for name, is_right in judged:
        asked[name] += 1
        right[name] += is_right
    return {name: (n, right[name]) for name, n in asked.items()}
