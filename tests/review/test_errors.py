"""Mistakes: the surest first, with what surrounds them, and words that weigh what the answer loses without them."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from tests.review.cases import made_up
from toolkit.model import StanceModel
from toolkit.review.errors import ERROR_FIELDS, Mistake, errors_of, explain
from toolkit.review.origin import read_origin
from toolkit.tracking import LoggedRun, Store, experiment_of, fetch_model, model_of, open_store, read_runs


@pytest.fixture(scope="module")
def store(trained: Path) -> Store:
    return open_store(trained, must_exist=True)


@pytest.fixture(scope="module")
def run(store: Store) -> LoggedRun:
    return read_runs(store, "tiny/stance/tfidf-nb")[0]


@pytest.fixture(scope="module")
def model(store: Store, run: LoggedRun) -> StanceModel:
    return StanceModel.load(fetch_model(model_of(store, run)))


def test_all_mistakes_are_there_and_the_surest_are_first(run: LoggedRun) -> None:
    found = errors_of(run, most=None)
    wrong = {
        one.statement_id
        for one, gold, given in zip(run.held_out, run.gold, run.answers.labels, strict=True)
        if set(gold) != set(given)
    }
    assert {one.statement.statement_id for one in found} == wrong and len(found) == len(wrong)
    sure = [one.confidence for one in found]
    assert sure == sorted(sure, reverse=True) and found[:5] == errors_of(run, most=5)
    for one in found:
        p = one.probabilities
        least = min([*(p[name] for name in one.invented), *(1 - p[name] for name in one.missed)])
        assert one.confidence == pytest.approx(least) and (one.invented or one.missed)


def test_labels_take_turns_among_mistakes_of_equal_confidence(tmp_path: Path) -> None:
    run = made_up(tmp_path, models=("plain",)).models[0].run
    path = tmp_path / "plain" / "held_out_predictions.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    gold = (["warm"], ["warm"], ["warm"], ["cold"], ["cold"], [])
    for i, row in enumerate(rows):
        row |= {"gold": gold[i % 6] if i < 6 else [], "labels": [], "probabilities": {"warm": 0.25, "cold": 0.25}}
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run = dataclasses.replace(run)
    assert [one.missed for one in errors_of(run)] == [("warm",), ("cold",), ("warm",), ("cold",), ("warm",)]
    assert [one.statement.statement_id for one in errors_of(run, most=3)] == ["s0", "s3", "s1"]


def test_a_single_label_is_as_sure_as_its_probability(store: Store) -> None:
    (run,) = read_runs(store, "tiny/sentiment/tfidf-nb")
    for one in errors_of(run):
        assert one.confidence == pytest.approx(one.probabilities[one.predicted[0]])
        assert one.invented == one.predicted and one.missed == one.gold


def test_context_and_neighbours_come_from_what_the_run_learnt_from(store: Store, run: LoggedRun, trained: Path) -> None:
    experiment = experiment_of(store, run)
    found = errors_of(run, read_origin(experiment, run, trained), most=4)
    for one in found:
        assert one.statement.context and len(one.nearest) == 3
        assert {near.statement.statement_id for near in one.nearest} <= set(experiment.sides.training)
        assert set(one.row()) == set(ERROR_FIELDS)
    assert [one.nearest for one in errors_of(run, most=1)] == [()]


def test_a_word_weighs_what_the_answer_loses_without_it(run: LoggedRun, model: StanceModel) -> None:
    mistakes = errors_of(run, most=3)
    for one in explain(mistakes, model):
        labels = list(model.scheme.label_names)
        assert one.words and len(one.words) <= 8
        assert [one.explained[name] for name in labels] == pytest.approx([one.probabilities[name] for name in labels])
        weights = [abs(word.weight) for word in one.words]
        assert weights == sorted(weights, reverse=True)
        word, text = one.words[0], one.statement.text
        assert text[word.start : word.start + len(word.text)] == word.text
        without = " ".join((text[: word.start] + text[word.start + len(word.text) :]).split())
        asked = [one.statement, dataclasses.replace(one.statement, text=without)]
        answers = model.answers(asked).probabilities[:, labels.index(word.label)]
        assert word.weight == pytest.approx(answers[0] - answers[1])
    assert explain((), model) == ()


def test_a_text_of_one_word_can_be_asked_about(run: LoggedRun, model: StanceModel) -> None:
    (one,) = errors_of(run, most=1)
    alone = dataclasses.replace(one, statement=dataclasses.replace(one.statement, text="Never!"))
    (found,) = explain([alone], model)
    assert isinstance(found, Mistake) and all(np.isfinite(word.weight) for word in found.words)
