"""The whole path on real files: what is logged, what is registered, and that every figure can be recomputed."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import get_args

import pytest

from tests.conftest import TINY
from toolkit.config import TuningConfig, load_experiment
from toolkit.evaluation import evaluate_table
from toolkit.experiment import run_experiment
from toolkit.experiment.data import data_files, load_data, make_plan
from toolkit.experiment.headline import headline
from toolkit.experiment.record import held_out_figure
from toolkit.storage import SetAside, read_rows
from toolkit.tracking import Store, list_models, open_store, provenance, read_experiment
from toolkit.work import Silent


@pytest.fixture
def store(trained: Path) -> Store:
    return open_store(trained, must_exist=True)


@pytest.fixture
def runs(store: Store) -> list:
    client = store.client()
    experiment = client.get_experiment_by_name("tiny")
    return client.search_runs([experiment.experiment_id])


def children(runs: list) -> list:
    return [run for run in runs if run.data.tags["stance.level"] == "model"]


def artifact(run, name: str) -> Path:
    return Path(run.info.artifact_uri.removeprefix("file://")) / name


def test_one_parent_and_a_child_per_model_and_scheme(runs: list) -> None:
    parents = [run for run in runs if run.data.tags["stance.level"] == "experiment"]
    assert len(parents) == 1 and {run.info.status for run in runs} == {"FINISHED"}
    names = {run.info.run_name for run in children(runs)}
    assert names == {f"{scheme}/{model}" for scheme in ("stance", "sentiment") for model in ("majority", "tfidf-nb")}
    for run in children(runs):
        assert run.data.tags["mlflow.parentRunId"] == parents[0].info.run_id
    assert 0 < parents[0].data.metrics["extraction/recall"] <= 1
    for name in ("config.json", "comparison.csv", "comparison.md", "split.json", "extraction/missed.jsonl"):
        assert artifact(parents[0], name).is_file(), name


def test_every_figure_can_be_recomputed_from_the_logged_predictions(runs: list) -> None:
    for run in children(runs):
        scheme = json.loads(artifact(run, "label_scheme.json").read_text())
        table = [dict(row.values) for row in read_rows(artifact(run, "held_out_predictions.jsonl"))]
        seed = int(run.data.params["seed"])
        again = evaluate_table(table, list(scheme["labels"]), scheme["multi_label"], seed=seed, resamples=200)
        for name, value in headline(again).items():
            assert run.data.metrics[name] == pytest.approx(value), name
        assert json.loads(artifact(run, "evaluation.json").read_text()) == json.loads(json.dumps(again.to_dict()))


def test_training_and_held_out_part_share_no_article_and_no_statement(runs: list, trained: Path) -> None:
    parent = next(run for run in runs if run.data.tags["stance.level"] == "experiment")
    sides = json.loads(artifact(parent, "split.json").read_text())
    assert sides["parts"] == [sides["held_out"]]
    articles = {side: {i.rpartition("#")[0] for i in sides[side]} for side in ("training", "held_out")}
    assert articles["training"] and articles["held_out"] and not articles["training"] & articles["held_out"]
    for run in children(runs):
        held_out = {row.values["statement_id"] for row in read_rows(artifact(run, "held_out_predictions.jsonl"))}
        assert held_out == set(sides["held_out"])


def test_the_best_by_cross_validation_is_the_candidate_and_the_first_champion(runs: list, store: Store) -> None:
    for scheme in ("stance", "sentiment"):
        ours = [run for run in children(runs) if run.data.tags["stance.scheme"] == scheme]
        best = max(ours, key=lambda run: run.data.metrics["cv/macro_f1"])
        for alias in ("candidate", "champion"):
            assert store.client().get_model_version_by_alias(scheme, alias).run_id == best.info.run_id


def test_whatever_chooses_a_model_is_logged_for_the_held_out_part_too(runs: list) -> None:
    for metric in get_args(TuningConfig.model_fields["metric"].annotation):
        assert all(held_out_figure(metric) in run.data.metrics for run in children(runs)), metric


@pytest.mark.usefixtures("undrawn")
def test_a_worse_model_becomes_the_candidate_and_not_the_champion(trained_copy: Path, run_stance) -> None:
    folder = trained_copy
    done = run_stance("train", "experiments/tiny.yaml", "name=worse", "models={plain: {kind: majority}}", cwd=folder)
    assert done.returncode == 0, done.stderr
    client = open_store(folder, must_exist=True).client()
    for scheme in ("stance", "sentiment"):
        first, second = (client.get_model_version(scheme, version) for version in ("1", "2"))
        assert (list(first.aliases), list(second.aliases)) == (["champion"], ["candidate"])
        figures = [client.get_run(version.run_id).data.metrics for version in (first, second)]
        assert (second.tags["champion_before"], second.tags.get("replaced")) == ("1", None)
        assert second.tags["champion_before.figure"] == str(figures[0]["f1/macro"])
        assert second.tags["figure"] == str(figures[1]["f1/macro"])
        assert (
            f"{scheme}: version 2 (plain) is the candidate; champion stays version 1: macro F1 "
            f"{figures[0]['f1/macro']:.2f} against {figures[1]['f1/macro']:.2f} on the same "
            f"{figures[0]['statements']:.0f} held-out statements (difference -0."
        ) in done.stderr
        assert f"stance models promote {scheme} 2 --force --reason '...'" in done.stderr


@pytest.mark.usefixtures("undrawn")
def test_a_configuration_that_registers_nothing(trained: Path, tmp_path: Path, new_store) -> None:
    overrides = ["register_champion=false", "schemes=[sentiment]", "models={all: {kind: majority}}"]
    config, schemes = load_experiment(trained / "experiments" / "tiny.yaml", overrides)
    store = new_store(tmp_path)
    assert run_experiment(config, schemes, trained, store).registered == ()
    assert list_models(store) == []


def test_runs_record_where_they_come_from(runs: list, trained: Path) -> None:
    files = [trained / "data/sample" / name for name in ("articles.jsonl", "gold.jsonl")]
    expected = provenance(trained, files, threads=1).tags()
    assert expected["sha256.data/sample/gold.jsonl"] == hashlib.sha256(files[1].read_bytes()).hexdigest()
    for run in runs:
        assert expected.items() <= run.data.tags.items()
    resolved = json.loads(artifact(children(runs)[0], "config.json").read_text())
    assert resolved["models"]["tfidf-nb"]["head"]["kind"] == "complement_nb"


def test_the_terminal_shows_the_comparison_and_the_next_commands(trained: Path) -> None:
    told = (trained / "stderr.txt").read_text(encoding="utf-8")
    assert "gold statements were extracted" in told and "macro F1" in told and "★" in told
    assert "stance ui" in told
    assert "stance predict data/sample/fresh -m models:/stance@champion -o stance.parquet" in told
    assert "Warning" not in told


def predictions_of(folder: Path) -> list[str]:
    store = open_store(folder, must_exist=True)
    client = store.client()
    found = client.search_runs([client.get_experiment_by_name("tiny").experiment_id])
    return sorted(artifact(run, "held_out_predictions.jsonl").read_text() for run in children(found))


@pytest.mark.usefixtures("undrawn")
def test_the_same_config_and_seed_give_equal_predictions_in_another_process(
    trained: Path, project: Path, run_stance
) -> None:
    done = run_stance("train", "experiments/tiny.yaml", cwd=project)
    assert done.returncode == 0, done.stderr
    assert predictions_of(project) == predictions_of(trained)


def test_the_seed_reaches_split_folds_and_bootstrap(trained: Path) -> None:
    parts = []
    for seed in (7, 8):
        config, schemes = load_experiment(trained / "experiments" / "tiny.yaml", [f"seed={seed}"])
        _, data = load_data(config, schemes, trained, Silent(), SetAside())
        plan = make_plan(config, schemes, data)
        parts.append((plan.held_out, plan.final.folds[0].tolist()))
    assert parts[0][0] != parts[1][0] and parts[0][1] != parts[1][1]


def test_articles_can_lie_in_a_folder(project: Path) -> None:
    lines = (project / "data/sample/articles.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (project / "data/parts").mkdir()
    for part in range(2):
        (project / f"data/parts/{part}.jsonl").write_text("".join(lines[part::2]), encoding="utf-8")
    config, schemes = load_experiment(project / "experiments" / "tiny.yaml", ["data.articles=[data/parts]"])
    assert [path.name for path in data_files(config, project)] == ["0.jsonl", "1.jsonl", "gold.jsonl"]
    one, _ = load_data(config, schemes, project, Silent(), SetAside())
    whole, schemes = load_experiment(project / "experiments" / "tiny.yaml")
    other, _ = load_data(whole, schemes, project, Silent(), SetAside())
    assert one is not None and other is not None
    assert {match.gold.statement_id for match in one.matches} == {match.gold.statement_id for match in other.matches}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_training_ends_as_killed(project: Path, number: int, code: int) -> None:
    (project / "experiments/tiny.yaml").write_text(TINY.replace("majority, ", ""), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "toolkit", "train", "experiments/tiny.yaml", "tuning.repeats=60"],
        cwd=project, stderr=subprocess.PIPE, text=True, env={**os.environ},
    )  # fmt: skip
    assert process.stderr is not None
    for line in process.stderr:
        if "stance tfidf-nb" in line:
            break
    time.sleep(1.0)
    process.send_signal(number)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == code, rest
    client = open_store(project, must_exist=True).client()
    found = client.search_runs([e.experiment_id for e in client.search_experiments()])
    assert found and not [run for run in found if run.info.status == "RUNNING"]
    assert "KILLED" in {run.info.status for run in found}
    assert "Traceback" not in rest


@pytest.mark.slow
@pytest.mark.usefixtures("undrawn")
def test_thirty_kills_of_a_training_at_random_moments_change_no_prediction(project: Path) -> None:
    """Killed without warning, resumed until it is done, begun again: every file of predictions as if left alone."""
    command = [sys.executable, "-m", "toolkit", "train", "experiments/tiny.yaml", "schemes=[stance]"]
    command += ["models=[majority, tfidf-nb, tfidf-logreg]"]

    def begin(*options: str) -> subprocess.Popen[str]:
        return subprocess.Popen([*command, *options], cwd=project, stderr=subprocess.PIPE, text=True)

    begun = time.monotonic()
    whole = begin()
    _, told = whole.communicate(timeout=120)
    assert whole.returncode == 0, told
    took, expected = time.monotonic() - begun, predictions_of(project)
    draw, kills, done, resumed = random.Random(13), 0, 1, 0
    while kills < 30:
        options = ["--resume"] if (kept := finished_steps(project)) else []
        process = begin(*options)
        try:
            _, told = process.communicate(timeout=draw.uniform(0, 1.2 * took))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
            kills += 1
            continue
        assert process.returncode == 0, told
        done, resumed = done + 1, resumed + kept
        assert not (project / ".stance-work").exists()
    process = begin(*(["--resume"] if finished_steps(project) else []))
    _, told = process.communicate(timeout=120)
    assert process.returncode == 0, told
    client = open_store(project, must_exist=True).client()
    found = client.search_runs([client.get_experiment_by_name("tiny").experiment_id])
    states = Counter(run.info.status for run in found)
    assert states["RUNNING"] == states["FAILED"] == 0 and states["KILLED"] > 5, states
    ended = [run for run in children(found) if run.info.status == "FINISHED"]
    tables = Counter(artifact(run, "held_out_predictions.jsonl").read_text() for run in ended)
    assert set(tables) == set(expected) and len(expected) == 3
    assert done > 3 and resumed and min(tables.values()) > done
    for version in client.search_model_versions("name='stance'"):
        assert version.status == "READY" and client.get_run(version.run_id).info.status == "FINISHED"


def finished_steps(project: Path) -> bool:
    return any(any(one.iterdir()) for one in (project / ".stance-work").glob("*/*/"))


@pytest.mark.usefixtures("undrawn")
def test_failed_work_ends_as_failed_with_one_sentence(project: Path, run_stance) -> None:
    done = run_stance("train", "experiments/tiny.yaml", "models.tfidf-nb.min_df=100000", cwd=project)
    assert done.returncode == 1
    assert "the linear model cannot be fitted" in done.stderr and "Traceback" not in done.stderr
    client = open_store(project, must_exist=True).client()
    found = client.search_runs([e.experiment_id for e in client.search_experiments()])
    assert {run.info.status for run in found} == {"FAILED", "FINISHED"}


def test_bad_rows_of_the_data_are_set_aside_and_listed_in_the_run(project: Path, run_stance) -> None:
    for name in ("articles", "gold"):
        path = project / "data/sample" / f"{name}.jsonl"
        lines = path.read_bytes().splitlines(keepends=True)
        if name == "gold":
            lines[5] = json.dumps({**json.loads(lines[5]), "stance": ["threatning"]}).encode() + b"\n"
        path.write_bytes(b"".join([*lines[:1], b'{"statement_id": "\xff\n', *lines[1:]]))
    command = ("train", "experiments/tiny.yaml", "models={plain: {kind: majority}}")
    done = run_stance(*command, "data.max_errors=2", cwd=project)
    assert done.returncode == 1 and "(2 may be set aside)" in done.stderr
    done = run_stance(*command, "data.max_errors=3", cwd=project)
    assert done.returncode == 0, done.stderr
    assert "3 rows (rejected.jsonl) could not be read:" in done.stderr and "label 'threatning' is not in" in done.stderr
    found = read_experiment(open_store(project, must_exist=True), "tiny")
    run = open_store(project).client().get_run(found.run_id)
    assert run.data.metrics["rows/rejected"] == 3
    assert len(list(read_rows(artifact(run, "rejected.jsonl")))) == 3


def test_too_few_examples_are_found_before_anything_is_trained(project: Path, run_stance) -> None:
    lines = (project / "data/sample/gold.jsonl").read_text(encoding="utf-8").splitlines()
    kept, seen = [], 0
    for line in lines:
        row = json.loads(line)
        if "denial" in row["stance"]:
            seen += 1
            row["stance"] = row["stance"] if seen <= 2 else []
        kept.append(json.dumps(row))
    (project / "data/sample/gold.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    done = run_stance("train", "experiments/tiny.yaml", cwd=project)
    assert done.returncode == 1
    assert "too few examples of the label 'denial' of 'stance' to split" in done.stderr


@pytest.mark.usefixtures("undrawn")
def test_a_third_scheme_works_from_one_yaml_file(project: Path, run_stance) -> None:
    shutil.copy(project / "configs/labels/sentiment.yaml", project / "configs/labels/tone.yaml")
    text = (project / "configs/labels/tone.yaml").read_text(encoding="utf-8")
    (project / "configs/labels/tone.yaml").write_text(text.replace("name: sentiment", "name: tone"), encoding="utf-8")
    rows = [json.loads(line) for line in (project / "data/sample/gold.jsonl").read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps({**row, "tone": row["sentiment"]}) for row in rows]
    (project / "data/sample/gold.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run_stance(
        "train",
        "experiments/tiny.yaml",
        "schemes=[tone]",
        "evaluation.resamples=100",
        "models={cues: {kind: cues}}",
        cwd=project,
    )
    assert done.returncode == 0, done.stderr
    predict = ["predict", "data/sample/fresh", "-m", "models:/tone@champion", "-o", "out.parquet"]
    assert run_stance(*predict, cwd=project).returncode == 0
    row = next(iter(read_rows(project / "out.parquet"))).values
    assert row["tone"] and {"tone_negative", "tone_neutral", "tone_positive"} <= set(row)
