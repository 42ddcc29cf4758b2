"""Slices of logged runs: what they are cut by, what the run learnt from, and what is said where that is gone."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.answers import indicator
from toolkit.errors import DataError
from toolkit.evaluation import evaluate
from toolkit.records import Statement
from toolkit.review.neighbours import nearest_of
from toolkit.review.origin import Origin, read_origin
from toolkit.review.slices import pooled, resampling_of, slices_of, told_properties
from toolkit.tracking import LoggedExperiment, LoggedRun, Sides, Store, experiment_of, open_store, read_runs


def said(name: str, text: str, article: str = "x", **more: str) -> Statement:
    return Statement(name, article, text, (), "direct", **more)


@pytest.fixture(scope="module")
def store(trained: Path) -> Store:
    return open_store(trained, must_exist=True)


@pytest.fixture(scope="module")
def run(store: Store) -> LoggedRun:
    return read_runs(store, "tiny/stance/tfidf-nb")[0]


@pytest.fixture(scope="module")
def origin(store: Store, run: LoggedRun, trained: Path) -> Origin:
    return read_origin(experiment_of(store, run), run, trained)


def test_what_a_run_learnt_from_is_read_again_from_its_data(origin: Origin, run: LoggedRun) -> None:
    sides = origin.experiment.sides
    ((held_out, training),) = origin.training_of()
    assert tuple(one.statement_id for one in training) == sides.training and held_out == sides.held_out
    for one in run.held_out:
        whole = origin.statements[one.statement_id]
        assert (whole.text, whole.speaker, whole.cue) == (one.text, one.speaker, one.cue) and whole.context


def test_changed_or_missing_data_are_refused(origin: Origin, run: LoggedRun, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "data" / "sample").mkdir(parents=True)
    for name in ("articles.jsonl", "gold.jsonl"):
        shutil.copy(trained / "data" / "sample" / name, tmp_path / "data" / "sample")
    assert read_origin(origin.experiment, run, tmp_path).statements == origin.statements
    with (tmp_path / "data" / "sample" / "gold.jsonl").open("a") as stream:
        stream.write("\n")
    with pytest.raises(DataError, match=r"gold.jsonl: is not what the run learnt from \(its SHA-256 is another\)"):
        read_origin(origin.experiment, run, tmp_path)
    (tmp_path / "data" / "sample" / "gold.jsonl").unlink()
    with pytest.raises(DataError, match=r"gold\.jsonl: there is no such file\."):
        read_origin(origin.experiment, run, tmp_path)
    older = dataclasses.replace(origin.experiment.sides, learnt=())
    config = {**run.config, "split": {"kind": "rolling"}}
    other = dataclasses.replace(origin.experiment, config=config, sides=older)
    with pytest.raises(DataError, match="of a split of the kind 'rolling'"):
        read_origin(other, run, trained)


def test_every_property_divides_the_held_out_statements(origin: Origin, run: LoggedRun) -> None:
    found = slices_of(run, origin)
    names = ["speaker", "source", "kind", "cue", "month", "length", "gold labels"]
    assert list(dict.fromkeys(one.by for one in found.slices)) == [
        *names, "speaker in training", "nearest in training",
    ]  # fmt: skip
    for by in {one.by for one in found.slices}:
        assert sum(one.n for one in found.slices if one.by == by) == found.n == len(run.held_out)
    assert all(one.p is None for one in found.slices if one.by == "gold labels")
    assert found.tested and found.verdict()
    again = evaluate(
        indicator(run.gold, run.answers.columns.labels), run.answers, [one.article_id for one in run.held_out],
        multi_label=True, resampling=resampling_of(run),
    )  # fmt: skip
    assert {name: again.figures[name] for name in found.whole} == dict(found.whole)
    assert json.loads(json.dumps(found.to_dict()))["n"] == found.n


def test_without_what_it_learnt_from_the_other_slices_stand(run: LoggedRun, origin: Origin) -> None:
    bare, full = slices_of(run), slices_of(run, origin)
    told = {(one.by, one.value): one.figures for one in full.slices}
    assert all(told[one.by, one.value] == one.figures for one in bare.slices)


def test_properties_by_hand() -> None:
    statements = [
        said("1", "one two", speaker="Ana", cue="Said", published="2024-03-01"),
        said("2", "a b c d e f", source="Wire"),
    ]
    found = told_properties(statements, [("a",), ()], multi_label=True)
    assert found["speaker"] == ["Ana", "not told"] and found["source"] == ["not told", "Wire"]
    assert found["cue"] == ["said", "not told"] and found["month"] == ["2024-03", "not told"]
    assert found["length"] == ["2 to 2 words", "6 to 6 words"] and found["gold labels"] == ["1", "0"]
    assert "gold labels" not in told_properties(statements, [("a",), ("b",)], multi_label=False)


@given(st.lists(st.tuples(st.sampled_from("abcdefghijklmnopqrs"), st.sampled_from("12345678")), max_size=80))
def test_rare_values_are_told_together_and_frequent_ones_are_not(rows: list[tuple[str, str]]) -> None:
    values, articles = [v for v, _ in rows], [a for _, a in rows]
    found = pooled(values, articles)
    assert all(new == old or "others, each in" in new for new, old in zip(found, values, strict=True))
    gone = {old for new, old in zip(found, values, strict=True) if new != old}
    for value in gone:
        assert len({a for v, a in rows if v == value}) < 5
    assert len(set(found)) <= max(len(set(values)), 1) and len(gone) != 1


def test_neighbours_are_the_nearest_first() -> None:
    training = [said("1", "we will strike the port"), said("2", "rain is expected"), said("3", "we will strike")]
    (found,), (nothing,) = nearest_of([said("x", "We will strike.")], training, 2), nearest_of([said("x", "a")], [])
    assert [one.statement.statement_id for one in found] == ["3", "1"] and nothing == ()
    assert found[0].similarity == pytest.approx(1) and 1 > found[1].similarity > 0


def test_with_nested_parts_nothing_counts_as_learnt_that_was_held_out(origin: Origin) -> None:
    names = ["a1", "a2", "b1", "c1"]
    texts = ["grain will be sold next week", "rain", "GRAIN will be sold next week", "the bridge is closed"]
    statements = {n: said(n, text, article=n[0]) for n, text in zip(names, texts, strict=True)}
    config = {"split": {"kind": "leave_out", "near_duplicate": 0.8}}
    sides = Sides(tuple(names), tuple(names), (("a1", "a2"), ("b1", "c1")))
    experiment = LoggedExperiment("r", "e", "FINISHED", config, sides, ())
    learnt = [[one.statement_id for one in training] for _, training in Origin(statements, experiment).training_of()]
    assert learnt == [["c1"], []]  # a and b are linked by a near-identical statement


def test_what_a_run_tells_of_its_parts_is_taken_as_it_is() -> None:
    names = ["a1", "b1", "c1"]
    statements = {name: said(name, name, article=name[0]) for name in names}
    sides = Sides.from_dict(
        {"training": names, "held_out": ["b1", "c1"], "parts": [["b1"], ["c1"]], "learnt": [["a1"], ["a1", "b1"]]}
    )
    experiment = LoggedExperiment("r", "e", "FINISHED", {"split": {"kind": "rolling"}}, sides, ())
    found = [
        (out, [one.statement_id for one in training]) for out, training in Origin(statements, experiment).training_of()
    ]
    assert found == [(("b1",), ["a1"]), (("c1",), ["a1", "b1"])]
