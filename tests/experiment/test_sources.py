"""Learning from real statements: sources left out in turn, disputed labels, withheld cues, learning curves."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from toolkit.classifiers.heads import ComplementNB, LinearHead, LinearSVM, LogisticRegression
from toolkit.config import load_experiment
from toolkit.errors import ConfigError, DataError, ModelError
from toolkit.experiment import run_experiment
from toolkit.experiment.data import load_data, make_plan, withhold
from toolkit.records import Statement
from toolkit.storage import SetAside
from toolkit.tracking import open_store
from toolkit.work import Silent

SOURCES = ("North", "South", "East")
TEXTS = {
    "conciliatory": "We will meet envoy {i} and offer {i} boats to talk about peace number {i}",
    "threatening": "We will strike depot {i} and impose sanctions number {i} on bank {i}",
    "denial": "We deny report {i} and never sent letter {i} to clerk {i}",
    "": "The committee met on day {i} and read page {i} of volume {i}",
}


@pytest.fixture
def statements(project: Path) -> Path:
    rows = []
    for i in range(120):
        label = list(TEXTS)[i % 4]
        rows.append(
            {
                "statement_id": f"s{i}",
                "article_id": f"a{i}",
                "text": TEXTS[label].format(i=i),
                "speaker": "the minister",
                "cue": "said",
                "source": SOURCES[i % 3] if i < 108 else "Invented",
                "stance": [label] if label else [],
                "readings": [{"annotator": "A", "stance": ["denial"]}, {"annotator": "B", "stance": []}]
                if i in (0, 1)
                else None,
            }
        )
    path = project / "data" / "real.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return project


def experiment(folder: Path, **changes: object) -> Path:
    told = {
        "name": "sources",
        "seed": 7,
        "data": {"statements": ["data/real.jsonl"], **changes.pop("data", {})},  # type: ignore[dict-item]
        "schemes": ["stance"],
        "split": {"kind": "leave_out", "sources": list(SOURCES)},
        "models": {
            "codebook": {"kind": "codebook"},
            "linear": {
                "kind": "linear",
                "codebook": 1.0,
                "hash_bits": 12,
                "thresholds": 0.4,
                "head": {"kind": "logistic_regression"},
            },
        },
        "tuning": {"folds": 3, "repeats": 1},
        "evaluation": {"resamples": 100},
        **changes,
    }
    path = folder / "experiments" / "sources.yaml"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


def planned(path: Path):
    config, schemes = load_experiment(path)
    _, data = load_data(config, schemes, path.parents[1], Silent(), SetAside())
    return config, schemes, data, make_plan(config, schemes, data)


def test_every_source_is_held_out_once_and_others_only_train(statements: Path) -> None:
    _, _, data, plan = planned(experiment(statements))
    source = [statement.source for statement in data.statements]
    for part, name in zip(plan.parts, SOURCES, strict=True):
        assert {source[i] for i in part.held_out} == {name}
        assert {source[i] for i in part.train} == {*SOURCES, "Invented"} - {name}
    assert len(plan.held_out) == 108 and len(plan.final.train) == 120


def test_a_source_that_is_not_there_is_named(statements: Path) -> None:
    path = experiment(statements, split={"kind": "leave_out", "sources": ["North", "West"]})
    with pytest.raises(
        DataError, match=r"no statement has the source 'West' \(there are: East, Invented, North, South\)"
    ):
        planned(path)


def test_what_annotators_did_not_agree_on(statements: Path) -> None:
    _, schemes, data, plan = planned(experiment(statements, data={"disputed": "leave_out"}))
    assert {0, 1}.isdisjoint(plan.final.train) and {0, 1} <= set(plan.held_out)
    _, schemes, data, plan = planned(experiment(statements, data={"disputed": "soft"}))
    assert data.lessons(schemes[0])[0].tolist() == [0, 0, 0.5] and data.targets(schemes[0])[0].tolist() == [1, 0, 0]
    _, schemes, data, plan = planned(experiment(statements))
    assert (data.lessons(schemes[0]) == data.targets(schemes[0])).all()


def test_a_learning_curve_takes_whole_articles_and_grows(statements: Path) -> None:
    grouped = {"kind": "grouped"}
    ids = []
    for most in (60, 90):
        _, _, data, _ = planned(experiment(statements, data={"at_most": most}, split=grouped))
        ids.append({statement.statement_id for statement in data.statements})
        assert len(ids[-1]) == most
    assert ids[0] < ids[1]


def test_cues_are_withheld_from_a_share() -> None:
    many = [Statement(f"s{i}", "a", "text", (), "direct", "Kerry", cue="said") for i in range(1000)]
    kept = Counter(withhold(one, 0.3).cue for one in many)
    assert 250 < kept[None] < 350 and [withhold(one, 0.0) for one in many] == many
    assert [withhold(one, 0.3) for one in many] == [withhold(one, 0.3) for one in many]


@pytest.mark.usefixtures("undrawn")
def test_trained_on_sources_the_unseen_ones_choose(statements: Path, tmp_path: Path) -> None:
    config, schemes = load_experiment(experiment(statements, data={"disputed": "soft", "withheld_cues": 0.3}))
    outcome = run_experiment(config, schemes, statements, open_store(tmp_path))
    for row in outcome.rows:
        assert row.cv == row.figures["macro F1"].value and "had not seen" in row.criterion
        assert row.figures["macro F1"].value > 0.9
    assert outcome.registered


@pytest.mark.usefixtures("undrawn")
def test_only_candidates_are_registered(statements: Path, tmp_path: Path) -> None:
    config, schemes = load_experiment(experiment(statements, candidates=["codebook"]))
    outcome = run_experiment(config, schemes, statements, open_store(tmp_path))
    assert [one.model for one in outcome.registered] == ["codebook"]
    assert [row.model for row in outcome.rows if row.chosen] == ["codebook"]
    assert "of the candidates codebook" in outcome.rows[0].criterion
    with pytest.raises(ConfigError, match="candidates: 'nobody' is none of the models"):
        load_experiment(experiment(statements, candidates=["nobody"]))


@pytest.mark.parametrize("config", [LogisticRegression(kind="logistic_regression"), ComplementNB(kind="complement_nb")])
def test_a_soft_label_lies_between(config) -> None:
    features = np.repeat(np.eye(3), 40, axis=0)
    targets = np.zeros((120, 2))
    targets[:40, 0], targets[40:80, 0] = 1.0, 0.5
    targets[80:, 1] = 1.0
    head = LinearHead(config, 2, True, seed=0)
    head.fit(features, targets, np.arange(120) % 3)
    yes, half, no = head.predict_proba(np.eye(3))[:, 0]
    assert yes > half + 0.1 > no + 0.2 and half == pytest.approx(0.5, abs=0.15)


def test_a_support_vector_machine_says_that_it_cannot() -> None:
    head = LinearHead(LinearSVM(kind="linear_svm"), 2, True, seed=0)
    targets = np.array([[1, 0], [0.5, 1], [0, 0]] * 6)
    with pytest.raises(ModelError, match="cannot learn from soft labels"):
        head.fit(np.eye(18), targets, np.arange(18) % 3)
