"""What was logged is read back as records, from which every figure can be computed again."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.answers import indicator
from toolkit.errors import TrackingError
from toolkit.evaluation import Resampling, evaluate
from toolkit.experiment.headline import headline
from toolkit.tracking import Store, open_store, read_experiment, read_run


@pytest.fixture
def store(trained: Path) -> Store:
    return open_store(trained, must_exist=True)


def test_an_experiment_is_read_back_with_its_models_in_their_order(store: Store) -> None:
    found = read_experiment(store, "tiny")
    assert (found.name, found.status, found.config["seed"]) == ("tiny", "FINISHED", 7)
    names = [(run.scheme.name, run.model) for run in found.models]
    assert names == [(scheme, model) for scheme in ("stance", "sentiment") for model in ("majority", "tfidf-nb")]
    assert found == read_experiment(store, found.run_id)
    assert found.sides.parts == (found.sides.held_out,) and found.sides.learnt == (found.sides.training,)
    assert not set(found.sides.training) & set(found.sides.held_out)
    for run in found.models:
        assert {statement.statement_id for statement in run.held_out} == set(found.sides.held_out)
        assert run == read_run(store, run.run_id) and run.config == found.config


def test_every_figure_follows_from_what_is_read_back(store: Store) -> None:
    for run in read_experiment(store, "tiny").models:
        answers = run.answers
        again = evaluate(
            indicator(run.gold, answers.columns.labels),
            answers,
            [statement.article_id for statement in run.held_out],
            multi_label=run.scheme.multi_label,
            resampling=Resampling(int(run.parameters["seed"]), run.config["evaluation"]["resamples"]),
        )
        shown = headline(again)
        assert shown and {**run.metrics, **shown} == pytest.approx(run.metrics)


def test_the_held_out_table_tells_what_comparing_needs(store: Store) -> None:
    run = read_experiment(store, "tiny").models[0]
    assert all(one.source and one.published and one.kind for one in run.held_out)
    assert any(one.cue for one in run.held_out) and any(one.speaker for one in run.held_out)
    assert all({"context", "addressee", "act"} <= row.keys() for _, row in run._rows)
    assert any(one.context for one in run.held_out) and any(one.act for one in run.held_out)
    assert all(row["length"] == len(one.text.split()) for one, row in run._rows)


def test_what_is_not_there_is_said_in_one_sentence(store: Store) -> None:
    found = read_experiment(store, "tiny")
    with pytest.raises(TrackingError, match="nothing: is neither the name of an experiment"):
        read_experiment(store, "nothing")
    with pytest.raises(TrackingError, match="is not the run of an experiment"):
        read_experiment(store, found.models[0].run_id)
    with pytest.raises(TrackingError, match="is not the run of a model"):
        read_run(store, found.run_id)


@pytest.mark.slow
def test_an_experiment_without_a_run_is_told(tmp_path: Path) -> None:
    other = open_store(tmp_path)  # a new store takes seconds
    other.client().create_experiment("empty")
    with pytest.raises(TrackingError, match="the experiment 'empty' has no finished run"):
        read_experiment(other, "empty")
