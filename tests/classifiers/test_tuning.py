"""Thresholds, choices and classifiers: right by brute force, deterministic, and saved without pickle."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from toolkit.classifiers import build, candidates, decide, restore, tune
from toolkit.classifiers.tuning import tune_thresholds
from toolkit.config import ComplementNB, CuesModel, LinearModel, LinearSVM, LogisticRegression, MajorityModel
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme

STANCE = LabelScheme.model_validate(
    {
        "name": "s",
        "question": "?",
        "multi_label": True,
        "labels": {
            "offer": {"definition": "o", "cues": [r"\btalks?\b"]},
            "threat": {"definition": "t", "cues": [r"\bwe won't wait\b"]},
        },
    }
)
TONE = LabelScheme.model_validate(
    {
        "name": "t",
        "question": "?",
        "multi_label": False,
        "labels": {name: {"definition": name, "cues": [name]} for name in ("bad", "plain", "good")},
    }
)
HEADS = [
    LogisticRegression(kind="logistic_regression"),
    LinearSVM(kind="linear_svm"),
    ComplementNB(kind="complement_nb"),
]


def texts_and_targets(scheme: LabelScheme, n: int = 60) -> tuple[list[str], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    names = scheme.label_names
    filler = "the minister of a river town spoke on monday about grain and the old bridge".split()
    targets = np.zeros((n, len(names)), dtype=np.int64)
    texts = []
    for i in range(n):
        if scheme.multi_label:
            targets[i] = rng.integers(0, 2, len(names))
        else:
            targets[i, rng.integers(0, len(names))] = 1
        marks = [name for name, given in zip(names, targets[i], strict=True) if given]
        texts.append(" ".join([*rng.choice(filler, 6), *marks]))
    return texts, targets, np.arange(n) % 4


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([0.0, 0.1, 0.35, 0.5, 0.50001, 0.9, 1.0]), st.integers(0, 1)), min_size=1, max_size=20
    )
)
def test_the_threshold_has_the_best_f1_of_all_thresholds(rows: list[tuple[float, int]]) -> None:
    probabilities, truth = np.array([[p] for p, _ in rows]), np.array([[t] for _, t in rows])
    threshold = tune_thresholds(probabilities, truth)
    reached = f1_score(truth, decide(probabilities, threshold), zero_division=0)
    best = max(f1_score(truth, probabilities >= cut, zero_division=0) for cut in [*probabilities[:, 0], 2.0])
    assert reached == pytest.approx(best)


def test_a_single_label_is_the_most_probable_one() -> None:
    decided = decide(np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]), None)
    assert decided.tolist() == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("scheme", [STANCE, TONE], ids=["multi", "single"])
@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.kind)
def test_linear_models_learn_save_and_restore_bit_for_bit(scheme: LabelScheme, head, tmp_path: Path) -> None:
    config = LinearModel(kind="linear", head=head, char_ngrams=[2, 4])
    texts, targets, folds = texts_and_targets(scheme)
    runs = []
    for _ in range(2):
        classifier = build(config, scheme, seed=3)
        classifier.fit(texts, targets, folds)
        runs.append(classifier.predict_proba(texts))
    assert runs[0].shape == targets.shape
    assert (runs[0] == runs[1]).all()
    assert ((runs[0] >= 0) & (runs[0] <= 1)).all()
    if not scheme.multi_label:
        assert runs[0].sum(axis=1) == pytest.approx(1)
        assert (runs[0].argmax(axis=1) == targets.argmax(axis=1)).mean() > 0.9
    values = classifier.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".skops"}
    again = restore(config, scheme, tmp_path, json.loads(json.dumps(values)))
    assert (again.predict_proba(texts) == runs[0]).all()


@pytest.mark.parametrize("config", [MajorityModel(kind="majority"), CuesModel(kind="cues")], ids=["majority", "cues"])
@pytest.mark.parametrize("scheme", [STANCE, TONE], ids=["multi", "single"])
def test_baselines(config, scheme: LabelScheme, tmp_path: Path) -> None:
    texts, targets, folds = texts_and_targets(scheme)
    classifier = build(config, scheme, seed=0)
    classifier.fit(texts, targets, folds)
    probabilities = classifier.predict_proba(texts)
    if config.kind == "majority":
        assert probabilities[0] == pytest.approx(targets.mean(axis=0))
        assert (probabilities == probabilities[0]).all()
    elif not scheme.multi_label:
        assert (probabilities.argmax(axis=1) == targets.argmax(axis=1)).all()
    again = restore(config, scheme, tmp_path, json.loads(json.dumps(classifier.save(tmp_path))))
    assert (again.predict_proba(texts) == probabilities).all()


def test_a_cue_decides_even_where_it_misled_in_training() -> None:
    texts = ["talks again", "talks now", "no cue here", "none here"]
    targets = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    classifier = build(CuesModel(kind="cues"), STANCE, seed=0)
    classifier.fit(texts, targets, np.arange(4))
    decided = decide(classifier.predict_proba([*texts, "we won't wait"]), classifier.thresholds)
    assert decided.tolist() == [[1, 0], [1, 0], [0, 0], [0, 0], [0, 1]]


def test_cue_patterns_match_curly_apostrophes_and_any_case() -> None:
    assert STANCE.match_cues("WE WON’T WAIT for the Talks") == [True, True]
    assert STANCE.match_cues("stalks") == [False, False]


def test_a_label_that_training_never_saw_has_probability_zero() -> None:
    texts, targets, folds = texts_and_targets(TONE)
    keep = targets[:, 1] == 0
    config = LinearModel(kind="linear", head=HEADS[0])
    classifier = build(config, TONE, seed=0)
    classifier.fit([t for t, k in zip(texts, keep, strict=True) if k], targets[keep], folds[keep])
    probabilities = classifier.predict_proba(["plain"])
    assert probabilities.shape == (1, 3) and probabilities[0, 1] == 0


def test_texts_without_a_feature_are_an_error_with_a_reason() -> None:
    classifier = build(LinearModel(kind="linear", head=HEADS[0]), TONE, seed=0)
    with pytest.raises(ModelError, match="cannot be fitted: empty vocabulary"):
        classifier.fit(["!", "?", "."], np.eye(3, dtype=np.int64), np.arange(3))


def test_tuning_chooses_by_out_of_fold_predictions() -> None:
    texts, targets, folds = texts_and_targets(STANCE, 120)
    config = LinearModel(
        kind="linear", head=LogisticRegression(kind="logistic_regression"), search={"head.C": [1e-6, 10.0]}
    )
    tried = candidates(config)
    assert [values for values, _ in tried] == [{"head.C": 1e-6}, {"head.C": 10.0}]
    builders = [lambda c=c: build(c, STANCE, 0) for _, c in tried]
    fits = []
    tuned = tune(
        builders, texts, targets, [folds, (folds + 1) % 3], multi_label=True, metric="macro_average_precision",
        on_fit=lambda: fits.append(1),
    )  # fmt: skip
    assert tuned.index == int(np.argmax([np.mean(s) for s in tuned.scores]))
    assert tuned.score == pytest.approx(np.mean(tuned.scores[tuned.index]))
    assert len(fits) == 2 * (4 + 3)
    assert tuned.thresholds is not None and len(tuned.thresholds) == 2


def test_out_of_fold_means_out_of_fold() -> None:
    """A classifier that only remembers cannot look good."""

    class Parrot:
        thresholds = None

        def fit(self, texts, targets, folds):
            self.known = dict(zip(texts, targets, strict=True))

        def predict_proba(self, texts):
            return np.array([self.known.get(text, np.zeros(1)) for text in texts], dtype=float)

    targets = np.arange(40)[:, None] % 2
    tuned = tune(
        [Parrot], [f"t{i}" for i in range(40)], targets, [np.arange(40) // 10], multi_label=True, metric="macro_f1"
    )  # type: ignore[list-item]
    assert tuned.score <= 2 / 3 + 1e-9  # what giving every label to every text reaches
