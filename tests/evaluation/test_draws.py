"""What is computed for all draws of articles at once is what every draw would give by itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score

from toolkit.decisions import best_thresholds
from toolkit.evaluation.bootstrap import multiplicities
from toolkit.evaluation.calibration import _thresholds_drawn
from toolkit.evaluation.sums import average_precision, average_precision_of_halves


def some(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return gold, probabilities of which many are equal, the articles of the rows, and draws of them."""
    rng = np.random.default_rng(seed)
    prob = np.round(rng.random((n, 2)), 1 + seed % 3)
    positions = np.unique(rng.integers(0, 1 + n // 3, n), return_inverse=True)[1]
    articles = int(positions.max()) + 1
    return rng.integers(0, 2, (n, 2)), prob, positions, rng.multinomial(articles, np.full(articles, 1 / articles), 30)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 80), st.integers(0, 1000))
def test_thresholds_of_all_draws_are_those_of_each_to_the_last_digit(n: int, seed: int) -> None:
    true, prob, positions, drawn = some(n, seed)
    for k in range(2):
        found = _thresholds_drawn(true[:, k], prob[:, k], positions, drawn)
        for one, times in zip(found, drawn, strict=True):
            rows = np.repeat(np.arange(n), times[positions])
            (alone,) = best_thresholds(prob[rows, k : k + 1], true[rows, k : k + 1])
            assert np.isnan(one) if alone >= 1 else one == alone


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 80), st.integers(0, 1000))
def test_average_precision_of_all_draws_is_scikit_learns_of_each(n: int, seed: int) -> None:
    true, prob, positions, drawn = some(n, seed)
    found = average_precision(true.astype(float), prob, positions, drawn.astype(float))
    for row, times in zip(found, drawn, strict=True):
        weights = times[positions]
        for k in range(2):
            if weights @ true[:, k]:
                assert row[k] == pytest.approx(average_precision_score(true[:, k], prob[:, k], sample_weight=weights))
            else:
                assert np.isnan(row[k])


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(0, 1000))
def test_both_halves_of_the_articles_are_ranked_as_each_would_be_alone(n: int, seed: int) -> None:
    true, prob, positions, drawn = some(n, seed)
    half, ranking = np.minimum(drawn, 1).astype(float), (true.astype(float), prob, positions)
    halves = average_precision_of_halves(*ranking, half)
    for found, alone in zip(halves, (half, 1 - half), strict=True):
        np.testing.assert_allclose(found, average_precision(*ranking, alone), rtol=0, atol=1e-12)


def test_draws_that_are_kept_are_the_same_and_cannot_be_changed() -> None:
    (first,), (again,) = multiplicities(7, 50, 3), multiplicities(7, 50, 3)
    fresh = np.random.default_rng(3).multinomial(7, np.full(7, 1 / 7), size=50)
    assert (first == again).all() and (first == fresh).all() and (first.sum(axis=1) == 7).all()
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 9
