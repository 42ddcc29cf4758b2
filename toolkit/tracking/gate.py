"""May a version be the champion? The one rule, whether training asks or a person.

The figure of the criterion must not be lower than the champion's on the same held-out statements with the same gold
labels. Where the held-out tables of both can be read, the difference is told with its interval and test, and the
labels, sources and kinds on which the new one is significantly worse are named: a warning to whoever reads it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from toolkit.answers import Answers, indicator
from toolkit.errors import ToolkitError
from toolkit.records import Statement
from toolkit.tracking.reading import LoggedRun, read_run
from toolkit.tracking.runs import HELD_OUT, finite
from toolkit.tracking.store import Store

__all__ = ["Judgement", "judge"]

_SLICES = 12
"""At most so many sources are looked at, the largest; more would be corrected away."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a version may take the champion's place, and the figures by which that was decided."""

    passes: bool
    reason: str
    figure: float | None = None
    figure_before: float | None = None
    """None where undefined or not logged."""
    difference: str | None = None
    """The paired difference with its interval and p, where the held-out tables of both could be read."""
    worse: tuple[str, ...] = ()
    """On which labels and slices the new one is significantly worse, with the figures."""

    def tags(self) -> dict[str, str]:
        """Return what is kept of it with the version."""
        told = {
            "figure": self.figure,
            "champion_before.figure": self.figure_before,
            "difference": self.difference,
            "worse_on": "; ".join(self.worse) or None,
        }
        return {name: str(value) for name, value in told.items() if value is not None}


@dataclass(frozen=True, slots=True)
class _Standing:
    """What a version reached, and on which held-out statements and gold labels, as its run tells."""

    figure: float | None = None
    held_out: str | None = None
    """Digest of the statements with their gold labels."""
    statements: float | None = None


def judge(store: Store, new: str | None, old: str | None, criterion: str, before: str | None) -> Judgement:
    """Judge the version of the run ``new`` by the champion ``before``, a version of the run ``old``; None: none.

    ``criterion`` is the held-out figure to compare, as the runs of both log it. The champion stays where the new one is
    worse, a figure is undefined, or the two were not evaluated on the same statements with the same gold labels.
    """
    ours, theirs = _standing(store, new, criterion), _standing(store, old, criterion)
    if before is None:
        return Judgement(True, "there was none", ours.figure)
    passes, reason, same = _compare(ours, theirs, criterion, before)
    difference, worse = _paired(store, new, old, criterion) if same and new != old else (None, ())
    if difference is not None:
        reason = f"{reason} (difference {difference})"
    if worse:
        reason += f"; worse on {', '.join(worse)}"
    return Judgement(passes, reason, ours.figure, theirs.figure, difference, worse)


def _standing(store: Store, run_id: str | None, criterion: str) -> _Standing:
    from mlflow.exceptions import MlflowException

    if not run_id:
        return _Standing()
    try:
        run = store.client().get_run(run_id)
    except MlflowException:  # the run has been deleted for good
        return _Standing()
    figures = finite(run.data.metrics)
    inputs = run.inputs.dataset_inputs if run.inputs else []
    inputs = [one for one in inputs if HELD_OUT in (tag.value for tag in one.tags)]
    return _Standing(figures.get(criterion), inputs[0].dataset.digest if inputs else None, figures.get("statements"))


def _compare(new: _Standing, old: _Standing, criterion: str, before: str) -> tuple[bool, str, bool]:
    """Return whether the new one may take the place of the old one, why, and whether both figures are of the same."""
    from toolkit.evaluation.figures import figure_said

    told = figure_said(criterion)
    if new.figure is None:
        return False, f"the candidate's {told} is undefined", False
    if old.figure is None:
        return False, f"no {told} of version {before} is known", False
    if old.held_out is None or new.held_out != old.held_out:
        reason = f"the held-out statements or their gold labels are not the same, so {told} cannot be compared"
        return False, reason, False
    # Sums in another order differ by less than this.
    passes = new.figure >= old.figure or math.isclose(new.figure, old.figure, rel_tol=0, abs_tol=1e-9)
    first, second = (new.figure, old.figure) if passes else (old.figure, new.figure)
    digits = next((n for n in range(2, 9) if f"{first:.{n}f}" != f"{second:.{n}f}"), 2)
    size = "" if new.statements is None else f" {new.statements:.0f}"
    reason = f"{told} {first:.{digits}f} against {second:.{digits}f} on the same{size} held-out statements"
    return passes, reason, True


def _paired(store: Store, new: str | None, old: str | None, criterion: str) -> tuple[str | None, tuple[str, ...]]:
    """Return the difference of two runs, new less old, and where the new one is worse; nothing without their tables."""
    from toolkit.evaluation.comparison.paired import compare_models, got_worse

    try:
        after, before = read_run(store, new or ""), read_run(store, old or "")
        held_out, gold, answers = _table(after, before)
    except (ToolkitError, LookupError):  # of a deleted run, an older toolkit or another program
        return None, ()
    groups = [statement.article_id for statement in held_out]
    multi_label = after.scheme.multi_label
    paired = compare_models(gold, answers, groups, metric=criterion, multi_label=multi_label)
    worse = got_worse(
        gold, answers[1], answers[0], groups, metric=criterion, multi_label=multi_label, slices=_slices(held_out)
    )
    one = paired.differences[0]
    bounds = "" if one.low is None or one.high is None else f" [{one.low:+.3f}, {one.high:+.3f}]"
    p = "" if one.p is None else f", p {one.p:.4f}"
    difference = None if one.value is None else f"{one.value:+.3f}{bounds}{p}"
    return difference, tuple(f"{each.what} ({each.before:.2f} to {each.after:.2f})" for each in worse)


def _table(after: LoggedRun, before: LoggedRun) -> tuple[list[Statement], Any, list[Answers]]:
    """Return the held-out statements, their gold labels and both runs' answers. Raises KeyError where they differ."""
    held_out, labels = after.held_out, tuple(after.scheme.labels)
    places = {statement.statement_id: k for k, statement in enumerate(before.held_out)}
    order = [places[statement.statement_id] for statement in held_out]
    old = before.answers
    if old.columns.labels != labels:
        raise KeyError(before.scheme.name)
    answers = [after.answers, Answers(old.columns, old.probabilities[order], old.given[order])]
    return held_out, indicator(after.gold, labels), answers


def _slices(statements: Sequence[Statement]) -> dict[str, list[bool]]:
    """Return the statements' kinds and most frequent sources: whether a row belongs to each."""
    from collections import Counter

    found = {}
    for field in ("source", "kind"):
        values = [getattr(statement, field) for statement in statements]
        for value, _ in Counter(value for value in values if value).most_common(_SLICES):
            found[f"{field} {value}"] = [each == value for each in values]
    return found
