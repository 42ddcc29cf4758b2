"""Behaviour tests: small changes of a statement that must keep or lose a label, as data (Ribeiro et al. 2020)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from toolkit.evaluation.figures import Figure
from toolkit.evaluation.shares import STANDARD, Resampling
from toolkit.records import BehaviourTest

__all__ = ["FAILED_COLUMNS", "BehaviourEvaluation", "evaluate_behaviour"]

FAILED_COLUMNS = ("pair", "label", "rule", "change", "speaker", "cue", "text", "has")
"""What is told of a test that failed."""


@dataclass(frozen=True, slots=True)
class BehaviourEvaluation:
    """The shares of tests that came out as they should, with intervals over pairs, and the tests that did not.

    ``figures`` are keyed ``all``, ``pairs`` (every test of a pair right), ``keeps`` and ``loses`` (tests that must have
    the label, or not), ``change: ...`` and ``label: ...``.
    """

    confidence: float
    figures: Mapping[str, Figure]
    failed: tuple[BehaviourTest, ...]

    def rows(self) -> list[dict[str, str | bool | None]]:
        """Return the tests that failed, a row each (:data:`FAILED_COLUMNS`)."""
        return [
            {
                "pair": test.pair,
                "label": test.label,
                "rule": test.rule,
                "change": test.change,
                "speaker": test.statement.speaker,
                "cue": test.statement.cue,
                "text": test.statement.text,
                "has": test.has,
            }
            for test in self.failed
        ]


def evaluate_behaviour(
    tests: Sequence[BehaviourTest], given: Sequence[Collection[str]], resampling: Resampling = STANDARD
) -> BehaviourEvaluation:
    """Compare the labels that were given with what each test wants of its own label; the intervals are over pairs."""
    right = [(test.label in labels) == test.has for test, labels in zip(tests, given, strict=True)]
    by_pair: dict[str, Counter[str]] = {}
    names: dict[str, None] = {"all": None, "pairs": None, "keeps": None, "loses": None}
    for test, passed in zip(tests, right, strict=True):
        counts = by_pair.setdefault(test.pair, Counter())
        for name in ("all", "keeps" if test.has else "loses", f"change: {test.change}", f"label: {test.label}"):
            names.setdefault(name)
            counts[name] += 1
            counts[f"{name} right"] += passed
    for counts in by_pair.values():
        counts["pairs"], counts["pairs right"] = 1, int(counts["all"] == counts["all right"])
    tallies = [
        {name: (counts[name], counts[f"{name} right"]) for name in names if counts[name]} for counts in by_pair.values()
    ]
    shares = resampling.shares(tallies)
    failed = tuple(test for test, passed in zip(tests, right, strict=True) if not passed)
    return BehaviourEvaluation(resampling.confidence, {name: shares[name] for name in names if name in shares}, failed)
