"""Thresholds, choices and classifiers: right by brute force, deterministic, and saved without pickle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from toolkit.classifiers import build, restore
from toolkit.classifiers.base import KINDS
from toolkit.classifiers.baselines import CuesModel, MajorityModel
from toolkit.classifiers.coding import CodebookModel
from toolkit.classifiers.heads import SGD, ComplementNB, LinearSVM, LogisticRegression
from toolkit.classifiers.linear import LinearModel
from toolkit.decisions import Calibration, best_thresholds, decide
from toolkit.errors import ModelError
from toolkit.labels import LabelScheme
from toolkit.settings import ModelSettings, Range, Search
from toolkit.tuning import Examples, choose, cross_validate, search_points
from toolkit.work import Silent, Work

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
    SGD(kind="sgd", alpha=1e-3),
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
    threshold = best_thresholds(probabilities, truth)
    reached = f1_score(truth, decide(probabilities, threshold), zero_division=0)
    cut = probabilities >= np.array([*probabilities[:, 0], 2.0])  # (rows, thresholds)
    best = max(2 * (cut & (truth == 1)).sum(axis=0) / np.maximum(cut.sum(axis=0) + truth.sum(), 1))
    assert reached == pytest.approx(best)


def test_a_single_label_is_the_most_probable_one() -> None:
    decided = decide(np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]), None)
    assert decided.tolist() == [[0, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize("scheme", [STANCE, TONE], ids=["multi", "single"])
@pytest.mark.parametrize("features", [{}, {"hash_bits": 14, "cues": 1.0}], ids=["tfidf", "hashing and cues"])
@pytest.mark.parametrize("head", HEADS, ids=lambda head: head.kind)
def test_linear_models_learn_save_and_restore_bit_for_bit(scheme: LabelScheme, head, features, tmp_path: Path) -> None:
    config = LinearModel(kind="linear", head=head, char_ngrams=[2, 4], **features)
    texts, targets, folds = texts_and_targets(scheme)
    runs = []
    for number in range(2):
        classifier = build(config, scheme, seed=3)
        classifier.fit(texts, targets, folds)
        runs.append(classifier.predict_proba(texts))
        (tmp_path / str(number)).mkdir()
        classifier.save(tmp_path / str(number))
    one, other = (sorted((tmp_path / str(number)).iterdir()) for number in range(2))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in other]
    tmp_path = tmp_path / "again"
    tmp_path.mkdir()
    assert runs[0].shape == targets.shape
    assert (runs[0] == runs[1]).all()
    assert ((runs[0] >= 0) & (runs[0] <= 1)).all()
    if not scheme.multi_label:
        assert runs[0].sum(axis=1) == pytest.approx(1)
        assert (runs[0].argmax(axis=1) == targets.argmax(axis=1)).mean() > 0.9
    values = classifier.save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} == {".safetensors"}
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


def test_a_codebook_counts_what_its_rules_are_worth(tmp_path: Path) -> None:
    rules = {
        "meets": {"verbs": ["meet"], "counts": ["we will meet"], "does_not_count": ["they met"]},
        "offers": {"verbs": ["offer"], "counts": ["we offer it"], "does_not_count": ["they offer it"]},
    }
    label = {"definition": "o", "rules": rules}
    scheme = LabelScheme.model_validate(
        {
            "name": "stance",
            "question": "q",
            "multi_label": True,
            "labels": {"offer": label, "other": {"definition": "n"}},
        }
    )
    texts = ["we will meet"] * 4 + ["we offer it"] * 4 + ["the hall was empty"] * 4
    targets = np.array([[1, 0]] * 4 + [[1, 1], [0, 0], [0, 1], [0, 0]] + [[0, 0]] * 4)
    classifier = build(CodebookModel(kind="codebook"), scheme, seed=0)
    classifier.fit(texts, targets, np.arange(12))
    probabilities = classifier.predict_proba(["we will meet", "we offer it", "it was empty", "we offer to meet"])
    assert probabilities[:, 0] == pytest.approx([5 / 6, 2 / 6, 1 / 6, 5 / 6], abs=1e-5)
    assert decide(probabilities, classifier.thresholds)[:, 0].tolist() == [1, 1, 0, 1]
    again = restore(CodebookModel(kind="codebook"), scheme, tmp_path, json.loads(json.dumps(classifier.save(tmp_path))))
    assert (again.predict_proba(texts) == classifier.predict_proba(texts)).all()
    with pytest.raises(ModelError, match="has no rules to read statements with"):
        build(CodebookModel(kind="codebook"), TONE, seed=0)
    with pytest.raises(ValueError, match="rules decide in kind: codebook alone"):
        MajorityModel(kind="majority", thresholds="rules")


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


def linear(**options) -> LinearModel:
    return LinearModel(kind="linear", head=LogisticRegression(kind="logistic_regression"), **options)


def walk(config: LinearModel, seed: int = 0, study: Path | None = None, stop_after: int | None = None) -> list:
    """Search with a cheap figure; ``stop_after`` kills the search in its middle."""
    seen = []

    def evaluate(point, report) -> float:
        if stop_after is not None and len(seen) == stop_after:
            raise KeyboardInterrupt
        seen.append(point)
        assert (report is not None) is (config.search is not None and config.search.prune)
        for step in range(3 if report else 0):
            report(-abs(np.log10(point.model.head.C)), step)
        return -abs(np.log10(point.model.head.C))

    return [(dict(point.values), figure) for point, figure in search_points(config, seed, evaluate, study)]


def test_a_grid_is_walked_through_in_order() -> None:
    config = linear(search=Search(space={"head.C": [0.1, 1.0], "word_ngrams": [[1, 1], [1, 2]]}))
    values = [values for values, _ in walk(config)]
    assert values == [{"head.C": c, "word_ngrams": n} for c in (0.1, 1.0) for n in ([1, 1], [1, 2])]


@pytest.mark.parametrize("method", ["tpe", "random"])
def test_a_search_is_the_same_again_and_another_with_another_seed(method: str) -> None:
    space = {"head.C": Range(low=0.01, high=100.0, log=True), "min_df": Range(low=1, high=3), "cues": [0.0, 1.0]}
    config = linear(search=Search(space=space, method=method, trials=6))
    assert walk(config, 1) == walk(config, 1) != walk(config, 2)
    for values, _ in walk(config, 1):
        assert 0.01 <= values["head.C"] <= 100 and values["min_df"] in (1, 2, 3) and values["cues"] in (0.0, 1.0)


def test_a_killed_search_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    space = {"head.C": Range(low=0.01, high=100.0, log=True)}
    config = linear(search=Search(space=space, method="tpe", trials=8))
    with pytest.raises(KeyboardInterrupt):
        walk(config, 1, tmp_path / "study.sqlite", stop_after=5)
    assert walk(config, 1, tmp_path / "study.sqlite") == walk(config, 1)


def test_hopeless_points_are_given_up() -> None:
    space = {"head.C": Range(low=0.0001, high=10000.0, log=True)}
    config = linear(search=Search(space=space, method="random", trials=25, prune=True))
    figures = [figure for _, figure in walk(config, 1)]
    assert None in figures and sum(figure is not None for figure in figures) > 4


class Parrot:
    """Remembers what it has seen, and how often it was asked to learn."""

    class Settings(ModelSettings):
        kind: Literal["parrot"] = "parrot"

    thresholds = None
    fits = 0

    def __init__(self, config, scheme, seed) -> None:
        self.known: dict[str, np.ndarray] = {}

    def fit(self, texts, targets, folds, work) -> None:
        Parrot.fits += 1
        self.known = dict(zip(texts, targets, strict=True))

    def predict_proba(self, texts):
        return np.array([self.known.get(text, np.zeros(2)) for text in texts], dtype=float)


@pytest.fixture
def parrot(monkeypatch: pytest.MonkeyPatch) -> ModelSettings:
    monkeypatch.setitem(KINDS, Parrot.Settings, Parrot)
    monkeypatch.setattr(Parrot, "fits", 0)
    return Parrot.Settings()


def examples_of(texts: list[str], targets: np.ndarray, folds: list[np.ndarray]) -> Examples:
    return Examples(lambda settings: texts, targets, targets.astype(float), folds)


def test_cross_validation_fits_once_per_fold_and_keeps_what_was_done(tmp_path: Path, parrot: ModelSettings) -> None:
    texts, targets, folds = texts_and_targets(STANCE, 120)
    examples = examples_of(texts, targets, [folds, (folds + 1) % 3])
    found, again = (
        cross_validate(parrot, STANCE, examples, metric="macro_f1", seed=0, work=Work(tmp_path)) for _ in range(2)
    )
    assert Parrot.fits == 4 + 3 and found.score == pytest.approx(np.mean(found.scores))
    assert again.scores == found.scores
    assert all((a == b).all() for a, b in zip(found.probabilities, again.probabilities, strict=True))


def test_out_of_fold_means_out_of_fold(parrot: ModelSettings) -> None:
    """A classifier that only remembers cannot look good."""
    targets = np.stack([np.arange(40) % 2, np.arange(40) // 2 % 2], axis=1)
    examples = examples_of([f"t{i}" for i in range(40)], targets, [np.arange(40) // 10])
    found = cross_validate(parrot, STANCE, examples, metric="macro_f1", seed=0)
    assert found.score <= 2 / 3 + 1e-9  # what giving every label to every text reaches


class Heard(Silent):
    def __init__(self) -> None:
        self.steps, self.points = 0, []

    def step(self) -> None:
        self.steps += 1

    def tried(self, number, values, figure) -> None:
        self.points.append((number, dict(values), figure))


def test_what_is_chosen_is_fitted_decides_by_its_own_thresholds_and_tells_how_it_got_on() -> None:
    texts, targets, folds = texts_and_targets(STANCE, 120)
    config = linear(search=Search(space={"head.C": [0.001, 10.0]}), abstain_below=0.6)
    heard = Heard()
    chosen = choose(
        config, STANCE, examples_of(texts, targets, [folds]), metric="macro_f1", seed=0, work=Work(listener=heard)
    )
    assert heard.steps == 2 * 4 and [number for number, *_ in heard.points] == [0, 1]
    figures = [figure for *_, figure in heard.points]
    assert chosen.score == max(figures) and chosen.point.values == heard.points[figures.index(max(figures))][1]
    assert chosen.decision.abstain_below == 0.6
    assert chosen.decision.thresholds is not None and len(chosen.decision.thresholds) == 2
    probabilities, given = chosen.decision.of(chosen.classifier.predict_proba(texts))
    assert (given == (probabilities >= np.array(chosen.decision.thresholds))).all() and (given == targets).mean() > 0.9


@pytest.mark.parametrize("method", ["sigmoid", "isotonic", "temperature"])
@pytest.mark.parametrize("multi_label", [True, False])
def test_a_calibration_makes_overconfident_probabilities_honest(method: str, multi_label: bool) -> None:
    rng = np.random.default_rng(1)
    true = rng.dirichlet([1, 1, 1], 4000)
    drawn = np.array([rng.multinomial(1, row) for row in true])
    if multi_label:
        drawn = (rng.random(true.shape) < true).astype(np.int64)
        bold = 1 / (1 + ((1 - true) / true) ** 3)
    else:
        bold = true**3 / (true**3).sum(axis=1, keepdims=True)
    learnt = Calibration.learn(method, bold, drawn, multi_label)
    again = Calibration.from_dict(json.loads(json.dumps(learnt.to_dict())), multi_label, drawn.shape[1])
    corrected = again.apply(bold)
    assert (corrected == learnt.apply(bold)).all()
    assert np.abs(corrected - true).mean() < 0.4 * np.abs(bold - true).mean()
    assert ((corrected >= 0) & (corrected <= 1)).all()
    if not multi_label:
        assert corrected.sum(axis=1) == pytest.approx(1)


def test_no_calibration_changes_nothing() -> None:
    p = np.array([[0.2, 0.8]])
    assert (Calibration.learn("none", p, np.array([[0, 1]]), True).apply(p) == p).all()
