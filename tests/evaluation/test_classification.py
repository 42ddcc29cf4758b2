"""Figures agree with scikit-learn, intervals draw whole articles, undefined stays undefined."""

from __future__ import annotations

import json
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, brier_score_loss, f1_score, precision_score, recall_score

from tests.evaluation.cases import evaluated
from toolkit.errors import DataError
from toolkit.evaluation import Evaluation, evaluate_table
from toolkit.evaluation.bootstrap import clusters, interval, multiplicities

LABELS = ["a", "b_$x", "c"]


def random_case(seed: int, n: int = 60, labels: int = 3) -> dict:
    rng = np.random.default_rng(seed)
    true = (rng.random((n, labels)) < 0.3).astype(int)
    prob = np.round(np.clip(true * 0.3 + rng.random((n, labels)) * 0.7, 0, 1), 1)
    return {
        "y_true": true,
        "y_prob": prob,
        "y_pred": (prob > 0.5).astype(int),
        "groups": [f"article{i // 5}" for i in range(n)],
        "labels": LABELS[:labels],
        "multi_label": True,
        "seed": 1,
        "resamples": 200,
    }


def value(evaluation: Evaluation, name: str) -> float | None:
    return evaluation.figures[name].value


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 80))
def test_figures_agree_with_scikit_learn(seed: int, n: int) -> None:
    case = random_case(seed, n)
    found = evaluated(**{**case, "resamples": 100})
    true, prob, pred = case["y_true"], case["y_prob"], case["y_pred"]
    for k, label in enumerate(LABELS):
        t, p, d = true[:, k], prob[:, k], pred[:, k]
        assert found.figures[f"f1/{label}"].support == t.sum()
        expected = {
            "precision": precision_score(t, d, zero_division=np.nan) if d.any() else None,
            "recall": recall_score(t, d, zero_division=np.nan) if t.any() else None,
            "f1": f1_score(t, d, zero_division=np.nan) if t.any() or d.any() else None,
            "average_precision": average_precision_score(t, p) if t.any() else None,
            "brier": brier_score_loss(t, p, pos_label=1),
        }
        for name, wanted in expected.items():
            assert value(found, f"{name}/{label}") == (None if wanted is None else pytest.approx(wanted)), name
    if true.any() or pred.any():
        assert value(found, "f1/micro") == pytest.approx(f1_score(true, pred, average="micro", zero_division=0))


def test_a_hand_computed_example() -> None:
    found = evaluated(
        y_true=[[1], [1], [0], [0]], y_prob=[[0.95], [0.15], [0.85], [0.05]], y_pred=[[1], [0], [1], [0]],
        groups=["x", "x", "y", "z"], labels=["a"], multi_label=True, seed=0, resamples=100,
    )  # fmt: skip
    assert value(found, "precision/a") == value(found, "recall/a") == value(found, "f1/a") == 0.5
    assert value(found, "average_precision/a") == pytest.approx((1 + 2 / 3) / 2)
    assert value(found, "brier/a") == pytest.approx((0.05**2 + 0.85**2 + 0.85**2 + 0.05**2) / 4)
    assert value(found, "ece/a") == pytest.approx((0.05 + 0.85 + 0.85 + 0.05) / 4)
    assert value(found, "subset_accuracy") == 0.5
    assert found.confusion["a"] == [[1, 1], [1, 1]]


def test_undefined_is_undefined_and_not_zero() -> None:
    case = random_case(3)
    case["y_true"][:, 0] = 0  # no example of the first label
    case["y_pred"][:, 1] = 0  # the second is never predicted
    found = evaluated(**case)
    assert value(found, "recall/a") is None and value(found, "average_precision/a") is None
    assert value(found, "precision/b_$x") is None and value(found, "f1/b_$x") == 0
    assert found.figures["recall/macro"].over == 2 and found.figures["precision/macro"].over == 2
    assert found.figures["recall/a"].low is None
    case["y_pred"][:, 0] = 0
    found = evaluated(**case)
    assert value(found, "f1/a") is None and found.figures["f1/macro"].over == 2
    metrics = found.metrics()
    assert "f1/a" not in metrics and all(math.isfinite(v) for v in metrics.values())
    assert {row["figure"] + "/" + row["label"]: row["value"] for row in found.rows()}["f1/a"] is None


def test_the_bootstrap_of_average_precision_is_that_of_the_drawn_articles_written_out() -> None:
    case = random_case(9, n=25, labels=1)
    found = evaluated(**{**case, "resamples": 100, "confidence": 0.9})
    positions, n_clusters = clusters(case["groups"])
    values = []
    for drawn in multiplicities(n_clusters, 100, seed=1):
        for times in drawn:
            rows = [i for i in range(25) for _ in range(times[positions[i]])]
            true, prob = case["y_true"][rows, 0], case["y_prob"][rows, 0]
            values.append(average_precision_score(true, prob) if true.any() else np.nan)
    low, high, _ = interval(np.array(values), n_clusters, 0.9)
    figure = found.figures["average_precision/a"]
    assert (figure.low, figure.high) == (pytest.approx(low), pytest.approx(high))


def test_statements_of_one_article_are_no_independent_evidence() -> None:
    case = random_case(4, n=60)
    copied = {
        **case,
        **{name: np.repeat(case[name], 10, axis=0) for name in ("y_true", "y_prob", "y_pred")},
        "groups": [group for group in case["groups"] for _ in range(10)],
    }
    one, ten = evaluated(**case).figures["f1/macro"], evaluated(**copied).figures["f1/macro"]
    assert (one.low, one.high) == (pytest.approx(ten.low), pytest.approx(ten.high))


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(0)
    covered = 0
    for trial in range(150):
        quality = rng.beta(8, 3, size=60)  # articles differ in how easy they are
        correct = rng.random((60, 4)) < quality[:, None]
        true = np.ones((240, 1), dtype=int)
        pred = correct.reshape(-1, 1).astype(int)
        found = evaluated(
            y_true=true, y_prob=pred.astype(float), y_pred=pred, groups=[str(i // 4) for i in range(240)],
            labels=["a"], multi_label=True, seed=trial, resamples=400,
        ).figures["recall/a"]  # fmt: skip
        assert found.low is not None and found.high is not None
        covered += found.low <= 8 / 11 <= found.high
    assert 0.88 <= covered / 150 <= 0.99


def test_the_seed_moves_the_interval_and_not_the_value() -> None:
    case = random_case(5)
    one, same, other = evaluated(**case), evaluated(**case), evaluated(**{**case, "seed": 2})
    assert one.to_dict() == same.to_dict()
    assert value(one, "f1/macro") == value(other, "f1/macro")
    assert one.figures["f1/macro"].low != other.figures["f1/macro"].low


def test_a_single_article_has_no_interval() -> None:
    case = random_case(5)
    found = evaluated(**{**case, "groups": ["only"] * 60})
    assert value(found, "f1/macro") is not None and found.figures["f1/macro"].low is None


def test_single_label_confusion_and_accuracy() -> None:
    true, pred = np.eye(3, dtype=int)[[0, 0, 1, 2]], np.eye(3, dtype=int)[[0, 1, 1, 1]]
    found = evaluated(y_true=true, y_prob=pred.astype(float), y_pred=pred, groups=list("wxyz"), labels=LABELS,
                     multi_label=False, seed=0, resamples=100)  # fmt: skip
    assert found.confusion == {"all": [[1, 1, 0], [0, 1, 0], [0, 1, 0]]}
    assert value(found, "accuracy") == 0.5 and value(found, "precision/c") is None and value(found, "f1/c") == 0


def test_everything_survives_json() -> None:
    found = evaluated(**random_case(6))
    assert Evaluation.from_dict(json.loads(json.dumps(found.to_dict(), allow_nan=False))) == found


def test_a_table_of_predictions_gives_every_figure_again() -> None:
    case = random_case(7)
    rows = [
        {
            "article_id": case["groups"][i],
            "gold": [name for name, t in zip(LABELS, case["y_true"][i], strict=True) if t],
            "labels": [name for name, t in zip(LABELS, case["y_pred"][i], strict=True) if t],
            "probabilities": dict(zip(LABELS, map(float, case["y_prob"][i]), strict=True)),
        }
        for i in range(60)
    ]
    again = evaluate_table(rows, LABELS, True, seed=1, resamples=200)
    assert again.to_dict() == evaluated(**case).to_dict()


def test_metric_names_are_legal_in_mlflow() -> None:
    import re

    names = evaluated(**{**random_case(8), "labels": ["a", "b", "c"]}).metrics()
    assert {"f1/macro", "f1/macro/low", "f1/a/support", "statements"} <= set(names)
    assert all(re.fullmatch(r"[\w\-. /]+", name) for name in names)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y_prob": np.full((60, 3), 1.5)}, "probabilities must be numbers from 0 to 1"),
        ({"y_prob": np.full((60, 3), np.nan)}, "probabilities must be numbers from 0 to 1"),
        ({"y_pred": np.zeros((59, 3))}, r"the predicted matrix has the shape \(59, 3\), \(60, 3\) is expected"),
        ({"y_pred": np.full((60, 3), 2)}, "must hold 0 and 1 only"),
        ({"multi_label": False}, "exactly one 1 in each row"),
        ({"groups": []}, "no statement is held out"),
    ],
)
def test_arrays_that_do_not_fit(change: dict, message: str) -> None:
    with pytest.raises(DataError, match=message):
        evaluated(**{**random_case(1), **change})


def test_two_thousand_resamples_are_quick() -> None:
    case = {**random_case(1, n=300), "resamples": 2000}
    evaluated(**case)
    start = time.perf_counter()
    evaluated(**case)
    assert time.perf_counter() - start < 3
