"""Recalibration: what it gains is told by statements that taught it nothing, and rare labels are decided as before."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.decisions import NO_CALIBRATION, Calibration, Decision
from toolkit.errors import DataError, SplitError, UsageError
from toolkit.labels import LabelScheme
from toolkit.tuning import recalibrate


def scheme(multi_label: bool = True) -> LabelScheme:
    labels = {name: {"definition": name} for name in ("a", "b")}
    return LabelScheme.model_validate({"name": "s", "question": "?", "multi_label": multi_label, "labels": labels})


def shifted(n: int = 300, rare: int = 0, seed: int = 0) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[str]]:
    """A classifier that is far too sure of the first label, and ``rare`` examples of the second."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=n)
    gold = (rng.random(n) < 1 / (1 + np.exp(-(score - 1.5)))).astype(int)
    other = np.zeros(n, int)
    other[rng.choice(n, rare, replace=False)] = 1
    raw = np.column_stack([1 / (1 + np.exp(-3 * score - 1)), rng.random(n) * 0.4])
    return raw, np.column_stack([gold, other]), [str(i // 2) for i in range(n)]


BEFORE = Decision(NO_CALIBRATION, (0.5, 0.3))


@pytest.mark.parametrize(("method", "share"), [("sigmoid", 0.9), ("isotonic", 0.9), ("temperature", 0.95)])
def test_probabilities_come_nearer_to_gold_on_statements_that_taught_nothing(method: str, share: float) -> None:
    """A temperature takes away what is too sure, and cannot move what lies too high."""
    raw, gold, groups = shifted(rare=40)
    found = recalibrate(raw, gold, groups, BEFORE, scheme(), method=method)
    assert found.kept == () and ((found.probabilities - gold) ** 2).mean() < share * ((raw - gold) ** 2).mean()
    assert found.decision.calibration.method == method and len(found.decision.thresholds) == 2
    told = {"calibration": found.decision.calibration.to_dict(), "thresholds": list(found.decision.thresholds)}
    told["calibration"]["curves"] = [[list(corner) for corner in curve] for curve in told["calibration"]["curves"]]
    assert Decision.from_dict(told, 2, True, None) == found.decision


def test_no_statement_is_decided_by_what_its_own_article_taught() -> None:
    raw, gold, groups = shifted(rare=40)
    found = recalibrate(raw, gold, groups, BEFORE, scheme())
    turned = gold.copy()
    own = [i for i, group in enumerate(groups) if group == groups[0]]
    turned[own, 0] = 1 - turned[own, 0]
    again = recalibrate(raw, turned, groups, BEFORE, scheme())
    fold_may_move = found.probabilities[own] == pytest.approx(again.probabilities[own], abs=0.05)
    assert fold_may_move and (found.decision.calibration != again.decision.calibration)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(["none", "sigmoid", "isotonic", "temperature"]),
    st.sampled_from(["none", "sigmoid", "temperature"]),
    st.floats(0.02, 0.98),
    st.integers(0, 50),
)
def test_a_rare_label_is_decided_as_before(method: str, earlier: str, threshold: float, seed: int) -> None:
    raw, gold, groups = shifted(120, rare=3, seed=seed)
    learnt = Calibration.learn(earlier, *shifted(120, rare=30, seed=seed + 1)[:2], True)
    before = Decision(learnt, (0.5, threshold))
    found = recalibrate(raw, gold, groups, before, scheme(), method=method)
    assert found.kept == ("b",)
    distance = np.abs(learnt.apply(raw)[:, 1] - threshold)
    clear = distance > 1e-9
    assert (found.decision.of(raw)[1][clear, 1] == before.of(raw)[1][clear, 1]).all()


def test_a_single_label_scheme_has_no_thresholds_and_its_rows_sum_to_one() -> None:
    raw, _, groups = shifted()
    raw = np.column_stack([raw[:, 0], 1 - raw[:, 0]])
    gold = np.eye(2, dtype=int)[(np.random.default_rng(1).random(300) < 0.7).astype(int)]
    found = recalibrate(raw, gold, groups, Decision(NO_CALIBRATION, None, 0.6), scheme(False), method="temperature")
    assert found.decision.thresholds is None and found.decision.abstain_below == 0.6
    assert found.probabilities.sum(axis=1) == pytest.approx(np.ones(300))
    with pytest.raises(UsageError, match="a single-label scheme has no thresholds"):
        recalibrate(raw, gold, groups, Decision(NO_CALIBRATION, None), scheme(False), method="none")


def test_too_little_is_refused() -> None:
    raw, gold, groups = shifted(60, rare=6)
    with pytest.raises(DataError, match="isotonic steps need 100 statements, there are 60"):
        recalibrate(raw, gold, groups, BEFORE, scheme(), method="isotonic")
    with pytest.raises(DataError, match="no label has 5 examples"):
        recalibrate(raw, np.zeros_like(gold), groups, BEFORE, scheme())
    with pytest.raises(SplitError, match="1 groups of articles cannot be dealt to 5 folds"):
        recalibrate(raw, gold, ["x"] * 60, BEFORE, scheme())
    with pytest.raises(UsageError, match="'platt' is no way to calibrate"):
        recalibrate(raw, gold, groups, BEFORE, scheme(), method="platt")
