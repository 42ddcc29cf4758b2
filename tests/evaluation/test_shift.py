"""Gaps and points of learning curves: the figures of ``evaluate``, and intervals that hold what they should."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.answers import Answers, Columns
from toolkit.evaluation import Resampling, evaluate, measure_gap, measure_point

COLUMNS = Columns("stance", ("a", "b"))
RNG = np.random.default_rng(3)
GOLD = (RNG.random((120, 2)) < 0.4).astype(np.int64)
GROUPS = [f"article {i // 4}" for i in range(120)]
FEW = Resampling(1, 300)


def answers(wrong: float, seed: int) -> Answers:
    rng = np.random.default_rng(seed)
    given = np.where(rng.random(GOLD.shape) < wrong, 1 - GOLD, GOLD)
    return Answers(COLUMNS, np.clip(given * 0.8 + 0.1, 0, 1), given)


def test_a_gap_is_the_difference_of_two_evaluations_on_the_same_draws() -> None:
    good, bad = answers(0.1, 1), answers(0.35, 2)
    gap = measure_gap("f1/macro", GOLD, good, bad, GROUPS, multi_label=True, resampling=FEW)
    for side, told in ((good, gap.in_domain), (bad, gap.shifted)):
        figure = evaluate(GOLD, side, GROUPS, multi_label=True, resampling=FEW).figures["f1/macro"]
        assert (told.value, told.low, told.high) == (figure.value, figure.low, figure.high)
    assert gap.difference.value == pytest.approx(gap.shifted.value - gap.in_domain.value)
    assert gap.difference.low < gap.difference.value < gap.difference.high < 0
    # Independent draws would be wider: the spreads add up.
    spread = gap.difference.high - gap.difference.low
    assert spread < (gap.in_domain.high - gap.in_domain.low) + (gap.shifted.high - gap.shifted.low)


def test_no_gap_where_the_answers_are_the_same() -> None:
    gap = measure_gap("f1/micro", GOLD, answers(0.2, 1), answers(0.2, 1), GROUPS, multi_label=True, resampling=FEW)
    assert (gap.difference.value, gap.difference.low, gap.difference.high) == (0, 0, 0)


def test_a_point_is_the_mean_of_its_draws_and_its_interval_holds_their_spread() -> None:
    drawn = [answers(0.1, 1), answers(0.3, 2), answers(0.5, 3)]
    figure, values = measure_point("f1/macro", GOLD, drawn, GROUPS, multi_label=True, resampling=FEW)
    assert figure.value == pytest.approx(np.mean(values)) and len(values) == 3
    same, _ = measure_point("f1/macro", GOLD, drawn[:1] * 3, GROUPS, multi_label=True, resampling=FEW)
    alone = evaluate(GOLD, drawn[0], GROUPS, multi_label=True, resampling=FEW).figures["f1/macro"]
    assert same.value == pytest.approx(alone.value)
    assert (same.low, same.high) == pytest.approx((alone.low, alone.high))
    assert figure.high - figure.low > 1.5 * (same.high - same.low)


def test_undefined_stays_undefined() -> None:
    nothing = Answers(COLUMNS, np.zeros((120, 2)), np.zeros((120, 2), np.int64))
    gap = measure_gap("precision/macro", GOLD, answers(0.1, 1), nothing, GROUPS, multi_label=True, resampling=FEW)
    assert gap.shifted.value is None and gap.difference.value is None and gap.in_domain.value is not None
    figure, _ = measure_point("precision/macro", GOLD, [nothing], GROUPS, multi_label=True, resampling=FEW)
    assert figure.value is None and figure.low is None
