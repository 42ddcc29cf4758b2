"""Behaviour by capability: failure rates of tests whose outcome is known, or is that of the statement unchanged.

After CheckList (Ribeiro, Wu, Guestrin and Singh 2020).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from toolkit.evaluation.behaviour.bias import Bias, measure_bias, plain_figure
from toolkit.evaluation.figures import Figure
from toolkit.evaluation.shares import STANDARD, Resampling
from toolkit.records import Statement

__all__ = ["CHECKED_COLUMNS", "Checked", "CheckedCapability", "Checklist", "check"]

CHECKED_COLUMNS = (
    "capability",
    "group",
    "change",
    "speaker",
    "cue",
    "text",
    "labels",
    "problem",
    "original",
    "original_speaker",
    "original_cue",
    "original_labels",
)
"""What is told of a test that failed."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement and what is expected of its labels.

    ``has`` and ``lacks`` are labels it must and must not have. An invariance must have those of ``original``; where
    ``keeps`` is set, all of those, whatever else. ``group`` is the article or template that it comes from,
    ``treatment`` what was put in, where treatments are compared.
    """

    capability: str
    kind: Literal["functionality", "invariance", "direction"]
    group: str
    change: str
    statement: Statement
    original: Statement | None = None
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    keeps: bool = False
    treatment: str | None = None

    def problem(self, before: Collection[str], labels: Collection[str]) -> str | None:
        """Say what is wrong with the labels that were given, ``before`` being those of the original; None: nothing."""
        if self.kind == "invariance":
            lost, gained = sorted(set(before) - set(labels)), sorted(set(labels) - set(before))
        else:
            lost = [label for label in self.has if label not in labels]
            gained = [label for label in self.lacks if label in labels]
            lost += sorted(set(before) - set(labels) - set(lost)) if self.keeps else []
        told = [f"{what} {', '.join(names)}" for what, names in (("lacks", lost), ("should not have", gained)) if names]
        return "; ".join(told) or None


@dataclass(frozen=True, slots=True)
class CheckedCapability:
    """The failure rate of one capability, with its interval over ``groups`` articles or templates.

    The interval is by bootstrap, and exact over the groups where nothing or everything failed.

    ``labelled`` is the rate among the statements that had a label before they were changed: an invariance is easily
    kept where there is none. It is None for cases whose labels are known.
    """

    kind: str
    failures: Figure
    groups: int
    labelled: Figure | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data; undefined is null."""
        return {
            "kind": self.kind,
            "groups": self.groups,
            "failures": plain_figure(self.failures),
            "labelled_failures": None if self.labelled is None else plain_figure(self.labelled),
        }


@dataclass(frozen=True, slots=True)
class Checklist:
    """Failure rates by capability, the tests that failed, and by capability and label how treatments differ."""

    capabilities: Mapping[str, CheckedCapability]
    empty: tuple[str, ...]
    """Capabilities for which there was nothing to change."""
    bias: Mapping[str, Bias]
    failed: tuple[Mapping[str, Any], ...]
    n: int
    confidence: float

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain data, the failed tests as their number; undefined is null."""
        return {
            "tests": self.n,
            "failed": len(self.failed),
            "confidence": self.confidence,
            "capabilities": {name: one.to_dict() for name, one in self.capabilities.items()},
            "empty": list(self.empty),
            "bias": {name: one.to_dict() for name, one in self.bias.items()},
        }


def check(
    names: Sequence[str],
    cases: Sequence[Checked],
    before: Sequence[Collection[str] | None],
    given: Sequence[Collection[str]],
    probabilities: Any,
    labels: Sequence[str],
    resampling: Resampling = STANDARD,
) -> Checklist:
    """Judge the answers to the cases of some capabilities.

    ``before`` holds the labels of every original (None where there is none), ``given`` those of every case, and
    ``probabilities`` is (cases, labels), or None where nothing is told of them.
    """
    problems = [case.problem(old or (), new) for case, old, new in zip(cases, before, given, strict=True)]
    found, bias = {}, {}
    for name in names:
        rows = [i for i, case in enumerate(cases) if case.capability == name]
        if not rows:
            continue
        some = [i for i in rows if before[i]]
        compared = cases[rows[0]].original is not None
        found[name] = CheckedCapability(
            cases[rows[0]].kind,
            _failures(rows, cases, problems, resampling),
            len({cases[i].group for i in rows}),
            _failures(some, cases, problems, resampling) if compared else None,
        )
        if cases[rows[0]].treatment is not None:
            bias[name] = measure_bias(
                [cases[i].group for i in rows],
                [cases[i].treatment or "" for i in rows],
                [given[i] for i in rows],
                None if probabilities is None else probabilities[rows],
                labels,
                resampling,
            )
    failed = tuple(
        _row(case, old, new, problem)
        for case, old, new, problem in zip(cases, before, given, problems, strict=True)
        if problem
    )
    empty = tuple(name for name in names if name not in found)
    return Checklist(found, empty, bias, failed, len(cases), resampling.confidence)


def _failures(
    rows: Sequence[int], cases: Sequence[Checked], problems: Sequence[str | None], resampling: Resampling
) -> Figure:
    tallies: dict[str, tuple[int, int]] = {}
    for i in rows:
        n, failed = tallies.get(cases[i].group, (0, 0))
        tallies[cases[i].group] = n + 1, failed + (problems[i] is not None)
    if not tallies:
        return Figure(None, None, None, 0)
    figure = resampling.shares([{"failed": tally} for tally in tallies.values()])["failed"]
    return _exact(figure, len(tallies), resampling.confidence) if figure.value in (0.0, 1.0) else figure


def _exact(figure: Figure, groups: int, confidence: float) -> Figure:
    """Bound a share of nothing or everything by that of the groups (Clopper and Pearson 1934): no draw differs."""
    from scipy.stats import binomtest

    found = binomtest(groups if figure.value else 0, groups).proportion_ci(confidence, method="exact")
    return replace(figure, low=float(found.low), high=float(found.high))


def _row(case: Checked, before: Collection[str] | None, labels: Collection[str], problem: str) -> dict[str, Any]:
    old = case.original
    values = (
        case.capability,
        case.group,
        case.change or None,
        case.statement.speaker,
        case.statement.cue,
        case.statement.text,
        ";".join(labels),
        problem,
        old and old.text,
        old and old.speaker,
        old and old.cue,
        None if before is None else ";".join(before),
    )
    return dict(zip(CHECKED_COLUMNS, values, strict=True))
