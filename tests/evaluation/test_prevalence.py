"""Shares corrected by a labelled sample: unbiased, as published, and intervals that hold."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from toolkit.evaluation.prevalence import Corpus, GoldSample, power, ppi, share
from toolkit.labeling.people import draw, inclusion, of_strata, uncertainty, with_floor

BITS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), st.integers(0, 8)), min_size=12, max_size=60)


def corpus_of(predicted: np.ndarray, article: np.ndarray) -> Corpus:
    return Corpus(np.bincount(article).astype(float), np.bincount(article, predicted.astype(float)))


def numbered(rows: list[tuple[int, int, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    label, predicted, article = (np.array(column) for column in zip(*rows, strict=True))
    return label.astype(float), predicted.astype(float), np.unique(article, return_inverse=True)[1]


def test_unbiased_over_all_samples_of_a_small_corpus() -> None:
    label = np.array([1, 0, 0, 1, 0, 1, 0, 0], float)
    predicted = np.array([1, 1, 0, 0, 0, 1, 1, 0], float)
    corpus = corpus_of(predicted, np.arange(8))
    found = []
    for drawn in itertools.combinations(range(8), 4):
        rows = np.array(drawn)
        sample = GoldSample(label[rows], predicted[rows], rows, np.full(4, 2.0))
        errors = label[rows] - predicted[rows]
        found.append(corpus.raw + errors.mean())
        assert ppi(corpus, sample).value == pytest.approx(min(max(found[-1], 0), 1))
    assert np.mean(found) == pytest.approx(label.mean()) and corpus.raw != label.mean()


@settings(max_examples=40)
@given(BITS)
def test_where_all_are_labelled_it_is_their_mean(rows: list[tuple[int, int, int]]) -> None:
    label, predicted, article = numbered(rows)
    sample = GoldSample(label, predicted, article, np.ones(len(label)))
    corpus = corpus_of(predicted, article)
    for lam in (0.0, 0.4, 1.0, None):
        assert ppi(corpus, sample, lam).value == pytest.approx(label.mean())
    if (found := share(corpus, sample)).value is not None:
        assert found.value == pytest.approx(label.mean())


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.floats(0, 1), st.booleans())
def test_power_and_ends_are_in_range_and_the_tuned_share_is_the_tuned_mean(
    seed: int, often: float, right: float, even: bool
) -> None:
    rng = np.random.default_rng(seed)
    label = (rng.random(60) < often).astype(float)
    predicted = np.where(rng.random(60) < right, label, 1 - label)
    article = np.unique(rng.integers(0, 40, 60), return_inverse=True)[1]
    sample = GoldSample(label, predicted, article, rng.uniform(1, 50, 60), even)
    base = corpus_of(predicted, article)
    corpus = Corpus(base.statements + 5, base.predicted + rng.integers(0, 6, len(base.predicted)))
    assert 0 <= power(sample) <= 1
    for found in (ppi(corpus, sample, None), share(corpus, sample)):
        if found.low is not None and found.value is not None and found.high is not None:
            assert 0 <= found.low <= found.value <= found.high <= 1
    found = share(corpus, sample)
    if found.value is not None and 0 < power(sample) < 1:
        assert found.value == pytest.approx(ppi(corpus, sample, None).value, abs=1e-9)


def test_as_published_where_sample_and_corpus_are_apart() -> None:
    """Algorithm 1 of Angelopoulos et al. 2023 with t quantiles, every statement an article: a formula of its own.

    Of these arrays ``ppi_mean_pointestimate`` of ppi-python 0.2.3 gives 0.25 with lam=1, and ``ppi_mean_ci`` 0.140 to
    0.360, with normal quantiles; power-tuned, with another estimate of the power, 0.2418.
    """
    rng = np.random.default_rng(3)
    unlabelled = (rng.random(400) < 0.3).astype(float)
    label = (rng.random(80) < 0.2).astype(float)
    predicted = np.where(rng.random(80) < 0.8, label, 1 - label)
    corpus = Corpus(np.r_[np.ones(400), np.zeros(80)], np.r_[unlabelled, np.zeros(80)])
    sample = GoldSample(label, predicted, np.arange(400, 480), np.ones(80))
    found = ppi(corpus, sample)
    error = label - predicted
    half = stats.t.ppf(0.975, 79) * np.sqrt(unlabelled.var() / 400 + error.var(ddof=1) / 80)
    assert found.value == pytest.approx(unlabelled.mean() + error.mean())
    assert found.high - found.value == pytest.approx(half)
    assert found.value == pytest.approx(0.25) and (found.low, found.high) == pytest.approx((0.140, 0.360), abs=0.003)
    assert ppi(corpus, sample, None).value == pytest.approx(0.2418, abs=0.002)


def test_variance_is_between_articles() -> None:
    label, predicted = np.tile([1.0, 0.0, 0.0, 0.0], 25), np.zeros(100)
    alone = GoldSample(label, predicted, np.arange(100), np.ones(100))
    once = share(Corpus(np.full(100, 10.0), np.zeros(100)), alone)
    wide = GoldSample(np.sort(label), predicted, np.arange(100) // 5, np.ones(100))
    together = share(Corpus(np.full(20, 50.0), np.zeros(20)), wide)
    assert once.value == pytest.approx(0.25) and together.value == pytest.approx(0.25)
    assert once.high is not None and once.low is not None and together.high is not None and together.low is not None
    assert together.high - together.low > 1.5 * (once.high - once.low)


def test_too_few_are_said_and_no_error_found_is_no_certainty() -> None:
    corpus = Corpus(np.full(50, 20.0), np.full(50, 1.0))
    few = share(corpus, GoldSample(np.zeros(29), np.zeros(29), np.arange(29), np.ones(29)))
    assert few.value is None and few.low is None and "29 labelled statements" in few.why and few.raw == 0.05
    one_article = share(corpus, GoldSample(np.zeros(60), np.zeros(60), np.arange(60) % 9, np.ones(60)))
    assert one_article.value is None and "9 articles" in one_article.why
    none = share(corpus, GoldSample(np.zeros(50), np.zeros(50), np.arange(50), np.ones(50)))
    assert none.value == 0 and none.high is not None and none.high > 0.05  # of what was predicted nothing was looked at


def world(
    rng: np.random.Generator, share_of: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return label, prediction, article, outlet, score of some 6,000 statements of 1,500 articles that differ."""
    article = np.repeat(np.arange(1500), 1 + rng.poisson(3, 1500))

    def by_article(mean: float, concentration: float) -> np.ndarray:
        return rng.beta(mean * concentration, (1 - mean) * concentration, 1500)[article]

    size = len(article)
    label = rng.random(size) < by_article(share_of, 8)
    predicted = rng.random(size) < np.where(label, by_article(0.6, 6), by_article(0.04, 6))
    outlet = np.where(rng.random(1500) < 0.5, 0, rng.integers(0, 4, 1500))[article].astype(str)
    score = np.where(predicted, rng.uniform(0.5, 1, size), rng.beta(1, 6, size) / 2 + label * rng.uniform(0, 0.3, size))
    return label.astype(float), predicted.astype(float), article, outlet, np.clip(score, 0, 1)


@pytest.mark.slow
@pytest.mark.parametrize("design", ["random", "stratified", "uncertain", "rare"])
@pytest.mark.parametrize("size", [100, 300, 1000])
def test_coverage(design: str, size: int) -> None:
    """Of 1,000 corpora each: the corrected interval holds a label of 3 %, the count's and the usual one's do not."""
    times, rng = 1000, np.random.default_rng(size)
    held, usual, counted, width = 0, 0, 0, 0.0
    for seed in range(times):
        label, predicted, article, outlet, score = world(rng, 0.03)
        weights = {
            "random": lambda label=label: np.ones(len(label)),
            "stratified": lambda outlet=outlet: of_strata(outlet, size),
            "uncertain": lambda score=score: with_floor(uncertainty(score[:, None]), 0.2),
            "rare": lambda score=score: with_floor(score / score.mean(), 0.2),
        }[design]()
        chances = inclusion(weights, size)
        rows = draw(chances, seed, outlet if design == "stratified" else None)
        corpus = corpus_of(predicted, article)
        even = design in ("random", "stratified")
        sample = GoldSample(label[rows], predicted[rows], article[rows], 1 / chances[rows], even)
        found, plain = share(corpus, sample), ppi(corpus, sample, None)
        assert found.low is not None and found.high is not None and plain.low is not None and plain.high is not None
        away = (corpus.predicted - corpus.raw * corpus.statements) / len(label)
        held += found.low <= 0.03 <= found.high
        usual += plain.low <= 0.03 <= plain.high
        counted += abs(corpus.raw - 0.03) <= 1.96 * np.sqrt(away @ away)
        width += (found.high - found.low) / times
    told = f"corrected {held / times:.3f} (width {width:.3f}), usual {usual / times:.3f}, count {counted / times:.3f}"
    print(f"{design}, {size} labelled: {told}")
    by_chance = 0.007  # the standard error of such a share of 1,000
    assert 0.93 - by_chance <= held / times <= 0.97 + by_chance and counted / times < 0.1
