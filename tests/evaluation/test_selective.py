"""Withholding what a model is not sure of: confidence, coverage and risk, by hand and by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluation.cases import evaluated
from toolkit.decisions import confidence
from toolkit.evaluation import evaluate_table
from toolkit.evaluation.selective import coverage_risk


def test_confidence_is_the_least_certain_decision() -> None:
    probabilities = np.array([[0.9, 0.2], [0.6, 0.4]])
    assert confidence(probabilities, np.array([[1, 0], [0, 0]]), True).tolist() == pytest.approx([0.8, 0.4])
    assert confidence(probabilities, np.array([[1, 0], [0, 1]]), False).tolist() == pytest.approx([0.9, 0.4])


def test_the_curve_by_hand() -> None:
    curve = coverage_risk(np.array([0.0, 1.0, 0.0, 1.0]), np.array([0.9, 0.5, 0.7, 0.7]))
    assert curve == [[0.25, 0.0, 0.9], [0.75, pytest.approx(1 / 3), 0.7], [1.0, 0.5, 0.5]]


def some(n: int, seed: int = 3) -> dict:
    rng = np.random.default_rng(seed)
    prob = rng.random((n, 2)).round(1)
    true = (rng.random((n, 2)) < prob).astype(int)
    return {
        "y_true": true, "y_prob": prob, "y_pred": (prob >= 0.5).astype(int), "groups": [str(i // 3) for i in range(n)],
        "labels": ["a", "b"], "multi_label": True, "seed": 1, "resamples": 200,
    }  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 40), st.integers(0, 5), st.sampled_from([0.3, 0.5, 0.6, 0.9]))
def test_figures_by_brute_force(n: int, seed: int, bound: float) -> None:
    data = some(n, seed)
    found = evaluated(**data, abstain_below=bound)
    sure = confidence(data["y_prob"], data["y_pred"], True)
    right = (data["y_true"] == data["y_pred"]).all(axis=1)
    kept = sure >= bound
    assert found.figures["coverage"].value == pytest.approx(kept.mean())
    selective = found.figures["selective_accuracy"].value
    assert selective == (pytest.approx(right[kept].mean()) if kept.any() else None)
    # Every statement adds the risk at the last statement that is as sure as it.
    risks = [1 - right[sure >= s].mean() for s in sure]
    assert found.figures["aurc"].value == pytest.approx(np.mean(risks))
    assert found.figures["aurc"].support == n
    plain = evaluated(**data)
    assert plain.figures["f1/macro"] == found.figures["f1/macro"] and "coverage" not in plain.figures


def test_a_perfect_order_of_confidence_is_better_than_none() -> None:
    true = np.array([[1]] * 10 + [[0]] * 10)
    groups, common = [str(i) for i in range(20)], {"labels": ["a"], "multi_label": True, "seed": 1, "resamples": 100}
    pred = np.ones((20, 1), dtype=int)
    knows = evaluated(y_true=true, y_prob=np.where(true, 0.9, 0.6), y_pred=pred, groups=groups, **common)
    guesses = evaluated(y_true=true, y_prob=np.full((20, 1), 0.8), y_pred=pred, groups=groups, **common)
    assert knows.figures["aurc"].value < guesses.figures["aurc"].value == 0.5


def test_the_table_of_predictions_is_enough() -> None:
    data = some(30)
    rows = [
        {
            "article_id": group,
            "gold": [name for name, yes in zip("ab", true, strict=True) if yes],
            "labels": [name for name, yes in zip("ab", pred, strict=True) if yes],
            "probabilities": dict(zip("ab", map(float, prob), strict=True)),
        }
        for group, true, pred, prob in zip(data["groups"], data["y_true"], data["y_pred"], data["y_prob"], strict=True)
    ]
    again = evaluate_table(rows, ["a", "b"], True, seed=1, resamples=200, abstain_below=0.6)
    assert again == evaluated(**data, abstain_below=0.6)
