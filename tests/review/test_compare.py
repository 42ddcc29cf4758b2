"""Logged runs compared: what is said of them, and what is refused."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from toolkit.errors import TrackingError, UsageError
from toolkit.labels import LabelScheme
from toolkit.review.compare import Comparison, compare_runs
from toolkit.tracking import LoggedRun, open_store, read_experiment, read_runs

ROUNDS = 199


@pytest.fixture
def runs(trained: Path) -> list[LoggedRun]:
    experiment = read_experiment(open_store(trained, must_exist=True), "tiny")
    return [run for run in experiment.models if run.scheme.name == "stance"]


def changed(run: LoggedRun, folder: Path, change: Callable[[list[dict]], list[dict]], **fields: object) -> LoggedRun:
    """The run with another held-out table, and other fields."""
    shutil.copytree(run.folder, folder, ignore=shutil.ignore_patterns("plots"))
    table = folder / "held_out_predictions.jsonl"
    rows = change([json.loads(line) for line in table.read_text(encoding="utf-8").splitlines()])
    table.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return dataclasses.replace(run, folder=folder, **fields)


def test_two_models_are_told_apart_and_said_so(runs: list[LoggedRun]) -> None:
    found = compare_runs(runs, rounds=ROUNDS)
    majority, bayes = runs
    assert [one.model for one in found.models] == ["tfidf-nb", "majority"]
    for score, run in zip(found.models, (bayes, majority), strict=True):
        told = json.loads((run.folder / "evaluation.json").read_text())["figures"]["f1/macro"]
        assert score.n == run.metrics["statements"]
        for mine, name in ((score.metric, "value"), (score.low, "low"), (score.high, "high")):
            assert mine == (told[name] if told[name] is None else pytest.approx(told[name]))
    (pair,) = found.pairs
    assert (pair.a, pair.b, pair.better) == ("tfidf-nb", "majority", "tfidf-nb")
    assert pair.difference == pytest.approx(bayes.metrics["f1/macro"] - majority.metrics["f1/macro"])
    assert pair.low <= pair.difference <= pair.high and pair.p == pair.p_holm == 1 / (ROUNDS + 1)
    held = f"on {found.statements} statements of {found.articles} articles"
    told = f"tfidf-nb is better than majority by {pair.difference:.2f} [{pair.low:.2f}, {pair.high:.2f}] {held} (p = 0.005)"
    assert pair.verdict == told and found.tied == ()
    shows = f"; a difference of less than {found.smallest_difference:.2f} would not reliably show on this set"
    assert found.sentences == [f"tfidf-nb is better than every other model by macro F1 {held}{shows}."]


def test_what_cannot_be_told_apart_is_tied(runs: list[LoggedRun], tmp_path: Path) -> None:
    twin = changed(runs[1], tmp_path / "t", lambda rows: [{**rows[0], "labels": []}, *rows[1:]], model="twin")
    found = compare_runs([*runs, twin], rounds=ROUNDS)
    assert set(found.tied) == {"tfidf-nb", "twin"} and found.models[2].model == "majority"
    assert found.sentences[0].startswith(f"{found.tied[0]} and {found.tied[1]} cannot be told apart by macro F1 on ")
    pair = found.pairs[0]
    assert pair.better is None and pair.difference >= 0 and {pair.a, pair.b} == {"tfidf-nb", "twin"}
    assert found.smallest_difference == pair.smallest_difference
    assert [(one.a, one.b) for one in found.pairs[1:]] == [(name, "majority") for name in found.tied]


def test_the_order_of_rows_does_not_matter(runs: list[LoggedRun], tmp_path: Path) -> None:
    turned = changed(runs[1], tmp_path / "t", lambda rows: rows[::-1])
    assert compare_runs([runs[0], turned], rounds=ROUNDS) == compare_runs(runs, rounds=ROUNDS)


def test_it_says_the_same_twice_and_another_seed_draws_anew(runs: list[LoggedRun]) -> None:
    first, again, other = (compare_runs(runs, seed=seed, rounds=ROUNDS) for seed in (None, 7, 8))
    assert first == again and first.to_dict() == again.to_dict()
    assert other.models[0].metric == first.models[0].metric and other.pairs[0].low != first.pairs[0].low


def test_runs_of_other_statements_gold_or_schemes_are_refused(runs: list[LoggedRun], tmp_path: Path) -> None:
    majority, bayes = runs

    def refused(other: LoggedRun) -> str:
        with pytest.raises(TrackingError) as caught:
            compare_runs([majority, other])
        return str(caught.value)

    fewer = changed(bayes, tmp_path / "fewer", lambda rows: rows[1:])
    assert (
        "majority and tfidf-nb cannot be compared: they were held to different statements (1 of the first alone, 0"
        in refused(fewer)
    )
    regraded = changed(
        bayes, tmp_path / "gold", lambda rows: [{**rows[0], "gold": ["denial", "threatening"]}, *rows[1:]]
    )
    assert "the gold labels of 1 of " in refused(regraded) and "are not the same." in refused(regraded)
    newer = LabelScheme.model_validate({**bayes.scheme.to_dict(), "question": "Another?"})
    told = refused(dataclasses.replace(bayes, scheme=newer))
    assert f"different versions of the label scheme 'stance' (digests {bayes.scheme.digest} and {newer.digest})" in told
    named = LabelScheme.model_validate({**bayes.scheme.to_dict(), "name": "posture"})
    assert "their label schemes are 'stance' and 'posture'" in refused(dataclasses.replace(bayes, scheme=named))
    with pytest.raises(UsageError, match="comparing needs two runs of a label scheme at least, not 1"):
        compare_runs([majority])


def test_several_seeds_of_one_model_are_told_apart_and_ordered(runs: list[LoggedRun], tmp_path: Path) -> None:
    def seeded(run: LoggedRun, seed: int) -> LoggedRun:
        def spoil(rows: list[dict]) -> list[dict]:
            return [{**row, "labels": row["labels"] if i % (7 + seed) else []} for i, row in enumerate(rows)]

        return changed(
            run, tmp_path / f"{run.model}-{seed}", spoil, config={**run.config, "seed": seed}, run_id=f"{seed}"
        )

    found = compare_runs([seeded(run, seed) for run in runs for seed in (1, 2, 3)], rounds=19)
    assert {one.model for one in found.models} >= {"tfidf-nb (seed 1)", "majority (seed 3)"}
    orders = {(one.a, one.b): one for one in found.seeds}
    assert orders["tfidf-nb", "majority"].epsilon == 0 and orders["majority", "tfidf-nb"].epsilon == 1
    assert orders["tfidf-nb", "majority"].runs_a == orders["tfidf-nb", "majority"].runs_b == 3


def test_the_same_run_twice_has_two_names(runs: list[LoggedRun]) -> None:
    twice = [runs[1], dataclasses.replace(runs[1], run_id="f" * 32)]
    found = compare_runs(twice, rounds=19)
    assert {one.model for one in found.models} == {f"tfidf-nb (run {run.run_id[:8]})" for run in twice}
    assert found.pairs[0].difference == 0 and found.pairs[0].p == 1 and found.seeds == ()


# ----------------------------------------------------------------------------------------------------- the command


def test_the_command_prints_what_a_person_and_what_a_program_reads(trained: Path, tmp_path: Path, run_stance) -> None:
    out = tmp_path / "compared.json"
    done = run_stance("compare", "tiny", "--scheme", "stance", "--json", "-o", str(out), cwd=trained)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told == json.loads(out.read_text(encoding="utf-8"))
    assert {"models", "pairs", "tied", "smallest_difference"} <= told.keys()
    assert {"metric", "low", "high", "n"} <= told["models"][0].keys()
    assert {"a", "b", "difference", "low", "high", "p", "p_holm", "verdict"} <= told["pairs"][0].keys()
    assert told["sentences"][0] in done.stderr and "tfidf-nb > majority" in done.stderr
    again = run_stance("compare", "tiny", "-o", str(out), cwd=trained)
    assert again.returncode == 2 and "--force" in again.stderr


def test_several_schemes_are_listed_and_runs_can_be_named(trained: Path, run_stance) -> None:
    done = run_stance("compare", "tiny", "--json", "--metric", "macro_f1", cwd=trained)
    told = json.loads(done.stdout)
    assert [one["scheme"] for one in told["schemes"]] == ["stance", "sentiment"]
    named = [one["run_id"] for one in told["schemes"][1]["models"]]
    only = run_stance("compare", *named[::-1], "--json", cwd=trained)
    assert json.loads(only.stdout)["models"] == told["schemes"][1]["models"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing"], "nothing: is neither the name of an experiment"),
        (["tiny", "--scheme", "stanse"], "--scheme: no run is of 'stanse' (did you mean 'stance'?); there are stance, sentiment."),
        (["tiny", "--metric", "accuracy"], "'accuracy' is no figure to compare by (did you mean 'subset_accuracy'?); allowed are f1/macro"),
        (["tiny", "--metric", "f1/denial"], "'f1/denial' is no figure to compare by"),
        (["tiny", "-o", "experiments/tiny.yaml"], "experiments/tiny.yaml: exists already"),
    ],
)  # fmt: skip
def test_a_wrong_call_is_one_sentence(trained: Path, run_stance, arguments: list[str], told: str) -> None:
    done = run_stance("compare", *arguments, cwd=trained)
    assert done.returncode in (1, 2) and told in done.stderr and done.stdout == "" and "fault of" not in done.stderr


def test_one_run_alone_is_refused(trained: Path, runs: list[LoggedRun], run_stance) -> None:
    assert read_runs(open_store(trained, must_exist=True), runs[0].run_id) == (runs[0],)
    done = run_stance("compare", runs[0].run_id, cwd=trained)
    assert done.returncode == 2 and "comparing needs two finished runs of a label scheme at least" in done.stderr


def test_nothing_defined_is_said(runs: list[LoggedRun]) -> None:
    found = compare_runs(runs, rounds=9)
    none = [dataclasses.replace(one, metric=None, low=None, high=None) for one in found.models]
    told = Comparison(**{**{n: getattr(found, n) for n in found.__slots__}, "models": tuple(none)})
    assert told.sentences == [
        f"macro F1 is undefined for every model on {found.statements} statements of {found.articles} articles."
    ]
