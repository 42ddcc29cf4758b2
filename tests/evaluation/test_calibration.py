"""Calibration: the Brier score is the sum of its parts, the error is what its definition says, chance is told apart."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss

from toolkit.answers import Answers, Columns
from toolkit.decisions import best_thresholds
from toolkit.errors import DataError
from toolkit.evaluation import Resampling, evaluate_calibration, threshold_stability
from toolkit.evaluation.calibration import equal_mass

FEW = Resampling(seed=2, resamples=100)


def answered(prob: np.ndarray[Any, Any]) -> Answers:
    return Answers(Columns("s", tuple("abc"[: prob.shape[1]])), prob, (prob >= 0.5).astype(int))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 120), st.integers(0, 1000), st.integers(1, 3))
def test_the_parts_add_up_and_the_error_is_its_definition(n: int, seed: int, digits: int) -> None:
    rng = np.random.default_rng(seed)
    prob = rng.random((n, 1)).round(digits)
    gold = (rng.random((n, 1)) < prob**2).astype(int)
    (found,) = evaluate_calibration(gold, answered(prob), [str(i // 2) for i in range(n)], resampling=FEW)
    value = {name: figure.value for name, figure in found.figures.items()}
    assert value["brier"] == pytest.approx(brier_score_loss(gold[:, 0], prob[:, 0], pos_label=1))
    parts = value["reliability"] - value["resolution"] + value["uncertainty"] + value["within"]
    assert value["brier"] == pytest.approx(parts, abs=1e-12)
    p, y = prob[:, 0], gold[:, 0]
    inside = [(p >= one.low) & (p <= one.high) for one in found.bins]
    assert sum(map(np.count_nonzero, inside)) == n
    assert value["ece"] == pytest.approx(sum(m.mean() * abs(p[m].mean() - y[m].mean()) for m in inside))
    assert value["reliability"] == pytest.approx(sum(m.mean() * (p[m].mean() - y[m].mean()) ** 2 for m in inside))
    assert value["resolution"] == pytest.approx(sum(m.mean() * (y[m].mean() - y.mean()) ** 2 for m in inside))
    assert [one.share.value for one in found.bins] == pytest.approx([y[m].mean() for m in inside])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=200))
def test_bins_are_in_order_equal_probabilities_in_one(values: list[float]) -> None:
    prob = np.array(values)
    where = equal_mass(prob)
    order = np.argsort(prob, kind="stable")
    assert (np.diff(where[order]) >= 0).all() and set(where) == set(range(where.max() + 1)) and where.max() < 10
    assert all(len(set(where[prob == value])) == 1 for value in values)


def test_bins_of_distinct_probabilities_hold_alike_many() -> None:
    assert sorted(np.bincount(equal_mass(np.random.default_rng(0).random(205)))) == [20] * 5 + [21] * 5


def test_within_one_value_a_bin_murphys_three_parts_are_all() -> None:
    prob = np.repeat([[0.1], [0.5], [0.9]], 20, axis=0)
    gold = np.array([[0]] * 18 + [[1]] * 12 + [[0]] * 12 + [[1]] * 18)
    (found,) = evaluate_calibration(gold, answered(prob), [str(i) for i in range(60)], resampling=FEW)
    assert len(found.bins) == 3 and found.figures["within"].value == pytest.approx(0)


def test_chance_is_told_from_a_model_that_is_too_sure() -> None:
    rng = np.random.default_rng(4)
    true = rng.random((600, 1))
    gold = (rng.random((600, 1)) < true).astype(int)
    groups = [str(i // 3) for i in range(600)]
    (right,) = evaluate_calibration(gold, answered(true), groups, resampling=FEW)
    sharp = np.clip(0.5 + 2 * (true - 0.5), 0.01, 0.99)
    (wrong,) = evaluate_calibration(gold, answered(sharp), groups, resampling=FEW)
    assert right.p > 0.05 and wrong.p < 0.01
    assert wrong.figures["ece"].value > 2 * wrong.chance and right.figures["ece"].value < 2 * right.chance


def test_thresholds_move_less_on_more_articles_and_without_examples_there_are_none() -> None:
    def spread(n: int) -> float:
        rng = np.random.default_rng(7)
        prob = rng.random((n, 2))
        gold = np.column_stack([(rng.random(n) < prob[:, 0]).astype(int), np.zeros(n, int)])
        known, absent = threshold_stability(gold, answered(prob), [str(i) for i in range(n)], [0.4, 0.5], FEW)
        assert (absent.best.value, absent.best.low, absent.used) == (None, None, 0.5)
        assert known.best.value == best_thresholds(prob, gold)[0] and known.used == 0.4
        return known.best.high - known.best.low

    assert spread(900) < spread(60)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(DataError, match="gold has the shape"):
        evaluate_calibration(np.zeros((2, 1)), answered(np.zeros((3, 1))), ["x"] * 3)


def test_the_few_with_a_probability_of_their_own_are_not_lost_among_the_many() -> None:
    prob = np.array([0.07] * 90 + [0.7] * 6 + [0.9] * 4)
    bins = equal_mass(prob)
    assert len(set(bins[:90])) == 1 and set(bins[90:]) == {1} and bins.tolist() == sorted(bins)
    assert np.bincount(equal_mass(np.linspace(0, 1, 100))).tolist() == [10] * 10
