"""What is taken over from scikit-learn answers as scikit-learn does."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.multiclass import OneVsRestClassifier

from toolkit.classifiers.heads import SGD, ComplementNB, LinearHead, LinearSVM, LogisticRegression, _estimator
from toolkit.errors import ModelError

HEADS = [
    LogisticRegression(kind="logistic_regression"),
    LogisticRegression(kind="logistic_regression", solver="lbfgs", class_weight=None),
    LinearSVM(kind="linear_svm"),
    ComplementNB(kind="complement_nb"),
    ComplementNB(kind="complement_nb", norm=True),
    SGD(kind="sgd", alpha=1e-3),
    SGD(kind="sgd", alpha=1e-3, loss="modified_huber"),
]
FOLDS = np.arange(90) % 3


def data(labels: int, multi_label: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(labels)
    if multi_label:
        targets = rng.integers(0, 2, (90, labels))
    else:
        targets = np.eye(labels, dtype=np.int64)[rng.integers(0, labels, 90)]
    features = np.abs(rng.normal(size=(90, 12))) * (rng.random((90, 12)) < 0.6)
    features[:, :labels] += targets
    return features, targets


def reference(head, features, targets: np.ndarray, multi_label: bool) -> np.ndarray:
    """What scikit-learn itself answers."""
    estimator = _estimator(head, FOLDS, 0)
    if multi_label:
        return OneVsRestClassifier(estimator).fit(features, targets).predict_proba(features)
    return estimator.fit(features, targets.argmax(axis=1)).predict_proba(features)


@pytest.mark.parametrize(("multi_label", "labels"), [(True, 2), (True, 4), (False, 2), (False, 3), (False, 5)])
@pytest.mark.parametrize("sparse", [True, False], ids=["sparse", "dense"])
@pytest.mark.parametrize("head", HEADS, ids=lambda head: "-".join(map(str, head.model_dump().values())))
def test_probabilities_are_those_of_scikit_learn(
    head, sparse: bool, multi_label: bool, labels: int, tmp_path: Path
) -> None:
    features, targets = data(labels, multi_label)
    features = csr_matrix(features) if sparse else features
    ours = LinearHead(head, labels, multi_label, seed=0)
    ours.fit(features, targets, FOLDS)
    found = ours.predict_proba(features)
    assert np.abs(found - reference(head, features, targets, multi_label)).max() < 1e-12
    again = LinearHead(head, labels, multi_label, seed=0)
    again.load(tmp_path / "h.safetensors", ours.save(tmp_path / "h.safetensors"))
    assert (again.predict_proba(features) == found).all()


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.kind)
def test_single_precision_is_that_of_scikit_learn(head) -> None:
    features, targets = data(3, False)
    features = features.astype(np.float32)
    ours = LinearHead(head, 3, False, seed=0)
    ours.fit(features, targets, FOLDS)
    assert np.abs(ours.predict_proba(features) - reference(head, features, targets, False)).max() < 1e-6


@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.kind)
def test_absent_labels_have_probability_zero(head) -> None:
    features, targets = data(3, False)
    targets = np.insert(targets, [0, 2], 0, axis=1)  # five labels, the first and the fourth never given
    single = LinearHead(head, 5, False, seed=0)
    single.fit(features, targets, FOLDS)
    found = single.predict_proba(features)
    assert (found[:, [0, 3]] == 0).all() and found.sum(axis=1) == pytest.approx(1)
    two = targets[:, [0, 1, 2]]
    keep = two.any(axis=1)
    pair = LinearHead(head, 3, False, seed=0)
    pair.fit(features[keep], two[keep], FOLDS[keep])
    assert (pair.predict_proba(features)[:, 0] == 0).all() and pair.predict_proba(features).sum(
        axis=1
    ) == pytest.approx(1)
    multi = LinearHead(head, 3, True, seed=0)
    multi.fit(features, np.column_stack([np.ones(90), targets[:, 1], np.zeros(90)]), FOLDS)
    assert (multi.predict_proba(features)[:, [0, 2]] == 0).all() and multi.present == [1]


@pytest.mark.parametrize("head", [HEADS[0], HEADS[3], HEADS[5]], ids=lambda head: head.kind)
def test_a_share_counts_as_an_example_of_either(head) -> None:
    features, targets = data(2, True)
    soft = np.where(targets == 1, 0.75, 0.0)
    ours = LinearHead(head, 2, True, seed=0)
    ours.fit(csr_matrix(features), soft, FOLDS)
    yes = soft[:, 0] > 0
    both, given = np.concatenate([features[yes], features]), np.repeat([1, 0], [yes.sum(), 90])
    weights = np.concatenate([soft[yes, 0], 1 - soft[:, 0]])
    fitted = _estimator(head, FOLDS, 0).fit(csr_matrix(both), given, sample_weight=weights)
    expected = fitted.predict_proba(features)[:, 1]
    assert np.abs(ours.predict_proba(csr_matrix(features))[:, 0] - expected).max() < 1e-12


def test_other_features_than_those_of_training_are_refused() -> None:
    features, targets = data(3, False)
    head = LinearHead(HEADS[0], 3, False, seed=0)
    with pytest.raises(ModelError, match="has not been fitted"):
        head.predict_proba(features)
    head.fit(features, targets, FOLDS)
    with pytest.raises(ModelError, match="weighs 12 features, and was given 11"):
        head.predict_proba(features[:, 1:])


@pytest.mark.parametrize(("multi_label", "rows", "present"), list(itertools.product([True, False], [1, 3], [[0, 1, 5], [2, 1, 0], [0, 0, 1], [0, 1], [-1, 1]])))  # fmt: skip
def test_a_head_that_fits_neither_itself_nor_its_scheme_is_refused(
    multi_label: bool, rows: int, present: list[int]
) -> None:
    head = LinearHead(HEADS[0], 3, multi_label, seed=0)
    if not multi_label and rows == 1 and present == [0, 1]:
        head.take(np.ones((rows, 4)), np.ones(rows), present)
        return
    with pytest.raises(ModelError):
        head.take(np.ones((rows, 4)), np.ones(rows), present)
