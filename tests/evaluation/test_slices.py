"""Slices: each has the figures of its rows alone, they divide the whole, and the worst is named with its correction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from toolkit.answers import Answers, Columns
from toolkit.errors import UsageError
from toolkit.evaluation import Resampling, Sliced, evaluate, evaluate_slices

LABELS = ("a", "b")
FEW = Resampling(seed=3, resamples=100)


def answered(pred: np.ndarray[Any, Any], labels: tuple[str, ...] = LABELS) -> Answers:
    return Answers(Columns("s", labels), pred.astype(float), pred)


def some(n: int, seed: int) -> tuple[np.ndarray[Any, Any], Answers, list[str], list[str]]:
    rng = np.random.default_rng(seed)
    gold, pred = rng.integers(0, 2, (2, n, 2))
    return gold, answered(pred), [f"x{i // 3}" for i in range(n)], [str(v) for v in rng.choice(["p", "q", "r"], n)]


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 60), st.integers(0, 1000))
def test_a_slice_has_the_figures_of_its_rows_alone_and_slices_divide_the_whole(n: int, seed: int) -> None:
    gold, answers, groups, values = some(n, seed)
    found = evaluate_slices(gold, answers, groups, {"v": values}, multi_label=True, resampling=FEW)
    assert sum(one.n for one in found.slices) == found.n == n
    for name, figure in found.whole.items():
        assert sum(one.figures[name].support for one in found.slices) == figure.support, name
    for one in found.slices:
        rows = [i for i, value in enumerate(values) if value == one.value]
        alone = evaluate(
            gold[rows], answered(answers.given[rows]), [groups[i] for i in rows], multi_label=True, resampling=FEW
        )
        assert (one.n, one.n_articles) == (alone.n, alone.n_articles)
        for name, figure in one.figures.items():
            want = alone.figures[name]
            assert (figure.support, figure.over) == (want.support, want.over), name
            bounds = (want.low, want.high) if one.too_small is None else (None, None)
            for mine, theirs in zip((figure.value, figure.low, figure.high), (want.value, *bounds), strict=True):
                assert mine == (theirs if theirs is None else pytest.approx(theirs, abs=1e-12)), name


def test_single_label_figures_are_those_of_evaluate() -> None:
    rng = np.random.default_rng(1)
    gold, pred = np.eye(3, dtype=int)[rng.integers(0, 3, 40)], np.eye(3, dtype=int)[rng.integers(0, 3, 40)]
    groups, answers = [str(i // 2) for i in range(40)], answered(pred, ("a", "b", "c"))
    found = evaluate_slices(gold, answers, groups, {}, multi_label=False, resampling=FEW)
    want = evaluate(gold, answers, groups, multi_label=False, resampling=FEW)
    assert found.whole["accuracy"].value == want.figures["accuracy"].value == found.whole["f1/micro"].value
    assert found.slices == () and found.worst is None and "No slice lies below" in found.verdict()


def planted(wrong: float, seed: int = 0) -> Sliced:
    """60 articles, in a third of which a label is given wrongly with some probability, elsewhere never."""
    rng = np.random.default_rng(seed)
    values = np.repeat(["hard" if i % 3 == 0 else "easy" for i in range(60)], 3)
    gold = np.column_stack([np.ones(180, int), np.zeros(180, int)])
    flip = rng.random(180) < np.where(values == "hard", wrong, 0.05)
    pred = np.where(flip[:, None], gold[:, ::-1], gold)
    noise = [str(v) for v in rng.integers(0, 4, 180)]
    return evaluate_slices(
        gold, answered(pred), [str(i // 3) for i in range(180)], {"v": list(values), "noise": noise},
        multi_label=True, resampling=Resampling(0, 300),
    )  # fmt: skip


def test_a_planted_weakness_is_named_and_survives_the_correction() -> None:
    found = planted(0.6)
    assert found.worst is not None and (found.worst.by, found.worst.value) == ("v", "hard")
    assert found.worst.p_holm < 0.001 and "which chance does not explain" in found.verdict()
    assert found.worst.difference.high < 0 and found.tested == 6 and "6 slices" in found.verdict()
    tested = [one for one in found.slices if one.p is not None]
    assert [one.p_holm for one in tested] == pytest.approx(multipletests([t.p for t in tested], method="holm")[1])


def test_where_nothing_differs_chance_can_explain_the_worst() -> None:
    assert "which chance can explain" in planted(0.05).verdict()


def test_what_is_too_small_is_said_and_not_tested() -> None:
    gold = np.tile([[1, 0]], (40, 1))
    values = ["tiny"] * 3 + ["narrow"] * 12 + ["large"] * 25
    groups = [str(i) for i in range(3)] + ["one"] * 12 + [f"y{i}" for i in range(25)]
    found = evaluate_slices(gold, answered(gold), groups, {"v": values}, multi_label=True, resampling=FEW)
    small = {one.value: one.too_small for one in found.slices}
    assert small == {"large": None, "narrow": "1 article", "tiny": "3 articles"}
    assert [one.p for one in found.slices if one.too_small] == [None, None]
    few = evaluate_slices(
        np.array([[1, 0]] * 4 + [[0, 0]] * 36), answered(gold), [str(i) for i in range(40)], {"v": ["all"] * 40},
        multi_label=True, resampling=FEW,
    )  # fmt: skip
    assert few.slices[0].too_small == "4 examples" and few.tested == 0


def test_an_unknown_figure_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'f1/mikro' is no figure of slices \(did you mean 'f1/micro'\?\); there are"):
        evaluate_slices([[1, 0]], answered(np.array([[1, 0]])), ["x"], {}, multi_label=True, metric="f1/mikro")


@pytest.mark.slow
def test_under_the_null_the_test_rejects_four_to_six_in_a_hundred() -> None:
    """Articles differ in how easy they are, and the slice lies in all of them: 5 % at the nominal 5 %."""
    rng, rejected, rounds = np.random.default_rng(11), 0, 1500
    for _ in range(rounds):
        sizes = rng.integers(1, 8, 60)
        groups = np.repeat(np.arange(60), sizes).astype(str)
        skill = np.repeat(rng.beta(6, 2.5, 60), sizes)[:, None]
        gold = (rng.random((len(groups), 2)) < [0.4, 0.2]).astype(int)
        pred = np.where(rng.random(gold.shape) < skill, gold, (rng.random(gold.shape) < 0.4).astype(int))
        values = ["x" if yes else "y" for yes in rng.random(len(groups)) < 0.3]
        found = evaluate_slices(
            gold, answered(pred), list(groups), {"v": values}, multi_label=True, resampling=Resampling(1, 300)
        )
        rejected += min(one.p or 1 for one in found.slices if one.value == "x") < 0.05
    print(f"rejected under the null: {rejected / rounds:.3f}")
    assert 0.035 <= rejected / rounds <= 0.065
