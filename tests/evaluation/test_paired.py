"""Two models on the same statements: figures are scikit-learn's, tests scipy's and statsmodels', and both keep their word."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import permutation_test
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, precision_score, recall_score
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels

from tests.evaluation.simulated import COLUMNS, LABELS, Drawn, drawn
from toolkit.answers import Answers
from toolkit.errors import DataError, UsageError
from toolkit.evaluation import Resampling, evaluate
from toolkit.evaluation.bootstrap import clusters, interval, multiplicities
from toolkit.evaluation.comparison.dominance import almost_stochastic_order
from toolkit.evaluation.comparison.paired import Paired, _randomised, _swaps, compare_models, got_worse, mcnemar
from toolkit.evaluation.comparison.scoring import figure_names, scorer
from toolkit.evaluation.correction import holm

FEW = Resampling(1, 100)


def compared(
    case: Drawn, metric: str = "f1/macro", *, multi_label: bool = True, rounds: int = 99, by: Resampling = FEW
) -> Paired:
    return compare_models(
        case.gold, case.answers, case.groups, metric=metric, multi_label=multi_label, resampling=by, rounds=rounds
    )


def by_scikit_learn(name: str, true: np.ndarray, given: np.ndarray, prob: np.ndarray) -> float:
    kind, _, over = name.partition("/")
    columns = [LABELS.index(over)] if over in LABELS else [0, 1, 2]
    if kind == "average_precision":
        return float(np.mean([average_precision_score(true[:, k], prob[:, k]) for k in columns]))
    if over == "":
        return float(accuracy_score(true, given))
    score: Callable = {"f1": f1_score, "precision": precision_score, "recall": recall_score}[kind]
    if over == "micro":
        return float(score(true, given, average="micro", zero_division=np.nan))
    return float(np.mean([score(true[:, k], given[:, k], zero_division=np.nan) for k in columns]))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000), st.integers(6, 20), st.booleans())
def test_every_figure_is_that_of_scikit_learn(seed: int, articles: int, single: bool) -> None:
    case = drawn(seed, articles, single=single)
    positions, n = clusters(case.groups)
    for name in figure_names(LABELS, not single):
        scored = scorer(name, case.gold.astype(float), case.answers, positions, n, not single)
        found = scored.drawn(np.ones((1, n)))[:, 0]
        for value, answers in zip(found, case.answers, strict=True):
            with np.errstate(all="ignore"):
                wanted = by_scikit_learn(name, case.gold, answers.given, answers.probabilities)
            if not math.isnan(wanted) and (case.gold.any(axis=0) & answers.given.any(axis=0)).all():
                assert value == pytest.approx(wanted), name


def test_a_model_has_the_interval_that_its_own_evaluation_tells() -> None:
    case = drawn(5, 12)
    for name in ("f1/macro", "f1/a", "average_precision/macro", "subset_accuracy"):
        found = compared(case, name)
        for figure, answers in zip(found.figures, case.answers, strict=True):
            told = evaluate(case.gold, answers, case.groups, multi_label=True, resampling=FEW).figures[name]
            assert (figure.value, figure.support) == (pytest.approx(told.value), told.support)
            assert (figure.low, figure.high) == (pytest.approx(told.low), pytest.approx(told.high))


def test_the_interval_of_a_difference_draws_the_same_articles_for_both() -> None:
    case = drawn(6, 15, gain=0.5)
    (found,) = compared(case).differences
    rows = {c: [i for i, group in enumerate(case.groups) if group == c] for c in set(case.groups)}
    names, values = np.unique(case.groups), []
    for times in np.concatenate(list(multiplicities(15, 100, seed=1))):
        index = [i for c, k in zip(names, times, strict=True) for _ in range(k) for i in rows[c]]
        first, second = (f1_score(case.gold[index], one.given[index], average="macro") for one in case.answers)
        values.append(first - second)
    low, high, _ = interval(np.array(values), 15, 0.95)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert found.error == pytest.approx(np.std(values, ddof=1) * (15 / 14) ** 0.5)
    assert found.effect == pytest.approx(found.value / found.error / 15**0.5)
    # Student's quantiles with 14 degrees of freedom, from a printed table.
    assert found.smallest == pytest.approx((2.1448 + 0.8681) * found.error, rel=1e-4)


@pytest.mark.parametrize("metric", ["f1/macro", "average_precision/macro", "f1/b", "precision/micro"])
def test_swapped_articles_are_those_written_out(metric: str) -> None:
    case = drawn(7, 8)
    positions, n = clusters(case.groups)
    scored = scorer(metric, case.gold.astype(float), case.answers, positions, n, True)
    flips = next(_swaps(n, 20, seed=3))
    (found,) = scored.swapped(flips, [(0, 1)])
    one, other = case.answers
    for flip, value in zip(flips, found, strict=True):
        moved = flip[positions][:, None] > 0
        sides = []
        for here, there in ((one, other), (other, one)):
            given = np.where(moved, there.given, here.given)
            prob = np.where(moved, there.probabilities, here.probabilities)
            sides.append(by_scikit_learn(metric, case.gold, given, prob))
        assert value == pytest.approx(sides[0] - sides[1])


def test_randomisation_is_that_of_scipy() -> None:
    case = drawn(8, 10, gain=0.35)
    positions, _ = clusters(case.groups)
    right = [np.bincount(positions, (one.given == case.gold).all(axis=1)) for one in case.answers]
    exact = permutation_test(right, lambda a, b: a.sum() - b.sum(), permutation_type="samples", n_resamples=2000)
    (found,) = compared(case, "subset_accuracy", rounds=20_000).differences
    assert 0.001 < exact.pvalue < 0.9 and found.p == pytest.approx(exact.pvalue, abs=0.02)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_mcnemar_is_that_of_statsmodels(rows: list[tuple[bool, bool]]) -> None:
    one, other = np.array(rows).T
    table = [[(one & other).sum(), (one & ~other).sum()], [(~one & other).sum(), (~one & ~other).sum()]]
    assert mcnemar(one, other) == pytest.approx(mcnemar_of_statsmodels(table, exact=True).pvalue)


@given(st.lists(st.floats(0, 1), max_size=12))
def test_holm_is_as_holm_wrote_it(tested: list[float]) -> None:
    wanted, most = dict[int, float](), 0.0
    for rank, k in enumerate(sorted(range(len(tested)), key=lambda k: tested[k])):
        most = max(most, min(1.0, (len(tested) - rank) * tested[k]))
        wanted[k] = most
    assert holm(tested) == pytest.approx([wanted[k] for k in range(len(tested))])


def test_who_is_tied_and_who_is_not() -> None:
    case = drawn(3, 60, gain=0.1)
    poor = Answers(COLUMNS, case.answers[0].probabilities * 0, np.ones_like(case.answers[0].given))
    found = compare_models(
        case.gold, [poor, *case.answers], case.groups, metric="macro_f1", multi_label=True, resampling=FEW, rounds=999
    )
    best, second = sorted((1, 2), key=lambda k: -found.figures[k].value)
    assert found.metric == "f1/macro" and found.tied == (best, second)
    told = {(one.a, one.b): one for one in found.differences}
    assert found.smallest == told[1, 2].smallest
    assert [found.apart(told[pair]) for pair in ((0, 1), (0, 2), (1, 2))] == [True, True, False]
    assert all(one.p <= one.p_holm <= 1 and one.mcnemar is None for one in found.differences)
    alone = compare_models(case.gold, [poor, case.answers[0]], case.groups, metric="f1/macro", multi_label=True)
    assert alone.tied == () and alone.smallest == alone.differences[0].smallest


def test_what_is_undefined_has_no_difference() -> None:
    case = drawn(2, 10)
    gold = case.gold.copy()
    gold[:, 0] = 0
    case = Drawn(gold, case.answers, case.groups)
    found = compared(case, "average_precision/a", rounds=9)
    (one,) = found.differences
    assert (one.value, one.low, one.p, one.p_holm, one.smallest) == (None, None, None, None, None)
    assert found.tied == () and found.smallest is None and found.figures[0].value is None


def test_one_article_shows_nothing() -> None:
    case = drawn(2, 1, gain=0.5)
    (one,) = compared(case, "subset_accuracy").differences
    assert one.p == 1 and (one.low, one.error, one.smallest) == (None, None, None)


def test_single_labels_have_mcnemar_too() -> None:
    case = drawn(4, 30, gain=0.6, single=True)
    (one,) = compared(case, "accuracy", multi_label=False).differences
    right = [(answers.given == case.gold).all(axis=1) for answers in case.answers]
    assert one.mcnemar == mcnemar(*right) and 0 < one.mcnemar < 1


def test_a_wrong_call_is_one_sentence() -> None:
    case = drawn(1, 5)
    with pytest.raises(
        UsageError, match=r"'f1/macr' is no figure to compare by \(did you mean 'f1/macro'\?\); allowed are"
    ):
        compared(case, "f1/macr")
    with pytest.raises(DataError, match="only on the same statements and labels"):
        compared(Drawn(case.gold[1:], case.answers, case.groups))


def test_where_a_model_got_worse_is_named() -> None:
    case = drawn(9, 60)
    good = Answers(COLUMNS, case.gold * 0.98 + 0.01, case.gold)
    spoilt = case.gold.copy()
    spoilt[:, 2] = 1 - spoilt[:, 2]
    spoilt = np.where(np.arange(len(spoilt))[:, None] % 2, spoilt, case.gold)
    after = Answers(COLUMNS, spoilt * 0.98 + 0.01, spoilt)
    odd = np.arange(len(spoilt)) % 2 == 1
    slices = {"odd": odd, "even": ~odd, "few": np.arange(len(odd)) < 19}
    call = {"metric": "f1/macro", "multi_label": True, "slices": slices}
    found = got_worse(case.gold, good, after, case.groups, **call)
    assert [one.what for one in found] == ["label c", "odd"]
    assert all(one.before == 1 > one.after and one.p_holm < 0.05 for one in found)
    assert got_worse(case.gold, after, good, case.groups, **call) == []


def test_almost_stochastic_order() -> None:
    low, high = [0.5, 0.51, 0.52, 0.53], [0.6, 0.61, 0.62, 0.63, 0.64]
    assert almost_stochastic_order(high, low, seed=0) == 0
    assert almost_stochastic_order(low, high, seed=0) == 1
    assert almost_stochastic_order(low, low, seed=0) > 0.5
    assert almost_stochastic_order([0.5, 0.5], [0.5, 0.5], seed=0) == 0.5
    # By hand: quantile functions differ by +0.1 in one half and by -0.1 in the other.
    assert almost_stochastic_order([0.4, 0.7], [0.5, 0.6], seed=0) >= 0.5


def _many(n: int, articles: int, gain: float, metric: str = "f1/macro") -> dict[str, np.ndarray]:
    """Draw many sets; return p, interval and smallest difference of each, and the intervals of the first model."""
    rows = []
    for seed in range(n):
        case = drawn(seed, articles, gain=gain)
        found = compared(case, metric, rounds=499, by=Resampling(seed, 1000))
        one, figure = found.differences[0], found.figures[0]
        rows.append((one.p, one.low, one.high, one.smallest, figure.low, figure.high, one.value))
    return dict(zip(("p", "low", "high", "smallest", "own_low", "own_high", "value"), np.array(rows).T, strict=True))


def _truth(gain: float) -> tuple[float, float]:
    case = drawn(99_999, 40_000, gain=gain)
    first, second = (f1_score(case.gold, one.given, average="macro") for one in case.answers)
    return first, first - second


@pytest.mark.slow
@pytest.mark.parametrize("articles", [33, 100])
def test_the_test_rejects_5_percent_and_intervals_cover_95(articles: int) -> None:
    many, (own, _) = _many(2000, articles, 0.0), _truth(0.0)
    rejected = (many["p"] <= 0.05).mean()
    covered = ((many["low"] <= 0) & (many["high"] >= 0)).mean()
    covered_own = ((many["own_low"] <= own) & (many["own_high"] >= own)).mean()
    print(
        f"{articles} articles: rejected {rejected:.3f}; covered: difference {covered:.3f}, one model {covered_own:.3f}"
    )
    assert 0.04 <= rejected <= 0.06
    assert 0.93 <= covered <= 0.97 and 0.93 <= covered_own <= 0.97


@pytest.mark.slow
def test_the_smallest_difference_is_shown_four_times_of_five() -> None:
    articles = 60
    promised = _many(100, articles, 0.0)["smallest"].mean()
    gains = np.linspace(0.1, 0.5, 9)
    differences = [-_truth(gain)[1] for gain in gains]
    gain = float(np.interp(promised, differences, gains))
    many = _many(1000, articles, gain)
    shown = (many["p"] <= 0.05).mean()
    print(f"smallest difference {promised:.3f}, true {-_truth(gain)[1]:.3f}: shown {shown:.3f}")
    assert 0.75 <= shown <= 0.85


@pytest.mark.slow
def test_average_precision_keeps_its_word_too() -> None:
    many = _many(400, 40, 0.0, "average_precision/macro")
    rejected, covered = (many["p"] <= 0.05).mean(), ((many["low"] <= 0) & (many["high"] >= 0)).mean()
    print(f"average precision: rejected {rejected:.3f}, covered {covered:.3f}")
    # Of 400 draws: three standard errors about the promise.
    assert 0.02 <= rejected <= 0.08 and 0.91 <= covered <= 0.98


def test_randomisation_counts_the_observed_arrangement() -> None:
    case = drawn(1, 40, gain=3.0)
    positions, n = clusters(case.groups)
    scored = scorer("f1/macro", case.gold.astype(float), case.answers, positions, n, True)
    assert _randomised(scored, [(0, 1)], scored.drawn(np.ones((1, n)))[:, 0], n, 199, 0) == [1 / 200]
