"""Every family through the whole path: trained from YAML, logged, killed, resumed, loaded, predicting; offline."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from toolkit.config import load_experiment
from toolkit.decisions import decide
from toolkit.errors import ModelError
from toolkit.experiment import run_experiment
from toolkit.model import StanceModel
from toolkit.prediction import Inputs, Job, Output, Plan, predict
from toolkit.storage import read_rows, read_statements
from toolkit.tracking import Store, fetch_model, open_store
from toolkit.work import Silent, Workplace

pytest.importorskip("sentence_transformers", reason="needs the extra [transformers]")
pytest.importorskip("model2vec", reason="needs the extra [static]")

from tests import models
from tests.conftest import make_project, undrawing

HEAD = {"kind": "logistic_regression"}
SPACE = {"low": 0.1, "high": 10.0, "log": True}
EXPERIMENT = {
    "name": "families",
    "seed": 7,
    "data": {"statements": ["data/few.jsonl"]},
    "schemes": ["stance"],
    "split": {"kind": "grouped", "test_size": 0.3},
    "tuning": {"folds": 3, "repeats": 1},
    "evaluation": {"resamples": 200},
    "models": {
        "cues": {"kind": "cues"},
        "hashing": {"kind": "linear", "hash_bits": 14, "names": "mask", "roles": "mask", "head": {"kind": "sgd"}},
        "static": {"kind": "embeddings", "model": "weights/static", "encoder": "model2vec", "head": HEAD},
        "frozen": {"kind": "embeddings", "model": "weights/bert", "head": HEAD, "calibration": "sigmoid"},
        "few-shot": {
            "kind": "few_shot", "model": "weights/bert", "head": HEAD, "examples_per_label": 4, "pairs_per_example": 1
        },
        "zero-shot": {"kind": "zero_shot", "model": "weights/nli", "input": ["context"], "calibration": "isotonic"},
        "tuned": {
            "kind": "transformer", "model": "weights/bert", "epochs": 2, "learning_rate": 1e-3, "max_length": 32,
            "early_stopping": 1, "abstain_below": 0.4, "calibration": "temperature",
        },
        "trusted": {"kind": "embeddings", "model": "weights/bert", "head": HEAD, "trust_remote_code": True},
        "stack": {"kind": "ensemble", "members": ["cues", "tfidf-nb"], "input": ["cue", "text"], "method": "stack"},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, new_store) -> Path:
    """A project with tiny weights and every fourth article of the sample."""
    folder = make_project(tmp_path_factory.mktemp("families"))
    new_store(folder)
    models.bert(folder / "weights/bert")
    models.bert(folder / "weights/nli", labels=["contradiction", "neutral", "entailment"])
    models.static(folder / "weights/static")
    lines = (folder / "data/sample/gold.jsonl").read_text(encoding="utf-8").splitlines()
    articles = sorted({json.loads(line)["article_id"] for line in lines})[::4]
    kept = [line for line in lines if json.loads(line)["article_id"] in articles]
    (folder / "data/few.jsonl").write_text("\n".join(kept) + "\n", encoding="utf-8")
    write(folder, EXPERIMENT)
    return folder


def write(folder: Path, experiment: dict, name: str = "families") -> None:
    (folder / "experiments" / f"{name}.yaml").write_text(json.dumps(experiment, indent=1), encoding="utf-8")


def environment(folder: Path) -> dict[str, str]:
    return {"STANCE_CACHE": str(folder / "cache"), "HF_HUB_OFFLINE": "1"}


def artifacts(folder: Path, experiment: str, level: str = "model") -> list:
    return finished(open_store(folder, must_exist=True), experiment, level)


def finished(store: Store, experiment: str, level: str = "model") -> list:
    client = store.client()
    found = client.get_experiment_by_name(experiment).experiment_id
    runs = client.search_runs([found], "attributes.status = 'FINISHED'")
    return [run for run in runs if run.data.tags.get("stance.level") == level]


def held_out(run) -> str:
    return (Path(run.info.artifact_uri.removeprefix("file://")) / "held_out_predictions.jsonl").read_text()


@pytest.fixture(scope="module")
def done(folder: Path, run_stance) -> Path:
    with undrawing():
        told = run_stance("train", "experiments/families.yaml", cwd=folder, **environment(folder))
    assert told.returncode == 0, told.stderr
    assert "Traceback" not in told.stderr and "Warning" not in told.stderr, told.stderr
    assert not (folder / ".stance-work").exists()
    return folder


def test_all_of_them_are_trained_and_logged(done: Path) -> None:
    runs = {run.data.tags["stance.model"]: run for run in artifacts(done, "families")}
    assert set(runs) == set(EXPERIMENT["models"])
    for run in runs.values():
        assert {"f1/micro", "cv/macro_f1"} <= set(run.data.metrics)
        trusted = run.data.tags["stance.model"] == "trusted"
        assert run.data.tags.get("stance.remote_code") == ("true" if trusted else None)
    assert {"training/loss", "training/eval_loss"} <= set(runs["tuned"].data.metrics)
    assert "coverage" in runs["tuned"].data.metrics and "coverage" not in runs["trusted"].data.metrics
    assert any('"withheld": ' in line for line in held_out(runs["tuned"]).splitlines())


def saved(folder: Path, model: str) -> Path:
    run = next(r for r in artifacts(folder, "families") if r.data.tags["stance.model"] == model)
    return fetch_model(f"runs:/{run.info.run_id}/families-stance-{run.data.tags['stance.model']}")


def test_a_model_that_may_run_foreign_code_is_loaded_only_where_that_is_allowed(done: Path) -> None:
    with pytest.raises(ModelError, match="runs Python code that came with its weights; allow it with"):
        StanceModel.load(saved(done, "trusted"))
    assert StanceModel.load(saved(done, "trusted"), trust_remote_code=True).name == "trusted"


@pytest.mark.parametrize("model", ["tuned", "frozen", "few-shot", "zero-shot"])
def test_a_flipped_bit_in_the_weights_is_noticed(model: str, done: Path, tmp_path: Path) -> None:
    """Promise 4: by themselves the libraries load such a file without a word."""
    folder = Path(shutil.copytree(saved(done, model), tmp_path / "model"))
    path = next((folder / "data").rglob("model.safetensors"))  # the code beside it has models of its own
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelError, match=r"model\.safetensors: has been changed since the model was saved"):
        StanceModel.load(folder)


@pytest.mark.parametrize("model", ["few-shot", "frozen", "static", "tuned", "zero-shot", "stack"])
def test_a_logged_model_answers_as_it_did_when_it_was_evaluated_without_the_weights_it_came_from(
    model: str, done: Path
) -> None:
    run = next(r for r in artifacts(done, "families") if r.data.tags["stance.model"] == model)
    statements = {s.statement_id: s for s in read_statements(done / "data/few.jsonl")}
    rows = [json.loads(line) for line in held_out(run).splitlines()]
    (done / "weights").rename(done / "gone")
    try:
        loaded = StanceModel.load(
            fetch_model(f"runs:/{run.info.run_id}/families-stance-{run.data.tags['stance.model']}")
        )
        answers = loaded.answers([statements[row["statement_id"]] for row in rows])
    finally:
        (done / "gone").rename(done / "weights")
    for row, answer in zip(rows, answers.rows(), strict=True):
        assert answer["probabilities"] == pytest.approx(row["probabilities"], abs=1e-4)
        assert ("withheld" in answer) is (model == "tuned")


def test_a_prediction_file_says_what_is_withheld(done: Path, tmp_path: Path) -> None:
    loaded = StanceModel.load(saved(done, "tuned"))
    job = Job((("tuned", saved(done, "tuned")),))
    predict(Plan(Inputs((done / "data/few.jsonl",))), job, Output(tmp_path / "p.parquet"))
    rows = [row.values for row in read_rows(tmp_path / "p.parquet")]
    probabilities = np.array([[row[f"stance_{name}"] for name in loaded.scheme.label_names] for row in rows])
    withheld = loaded.decision.withheld(probabilities, decide(probabilities, loaded.decision.thresholds), True)
    assert withheld is not None and [row["stance_withheld"] for row in rows] == withheld.tolist()


TUNED = {**EXPERIMENT, "name": "killed", "models": {"tuned": {**EXPERIMENT["models"]["tuned"], "epochs": 6}}}
del TUNED["models"]["tuned"]["early_stopping"]


class Stops(Silent):
    """Stands for a kill after so many fits."""

    def __init__(self, after: int) -> None:
        self.left = after

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


@pytest.mark.usefixtures("undrawn")
def test_a_stopped_experiment_resumes_and_ends_as_if_it_had_not_been_stopped(
    folder: Path, tmp_path: Path, new_store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STANCE_CACHE", str(folder / "cache"))
    few = {**EXPERIMENT["models"]["tuned"], "epochs": 1}
    searched = {"kind": "linear", "head": HEAD, "search": {"method": "tpe", "trials": 3, "space": {"head.C": SPACE}}}
    write(folder, {**EXPERIMENT, "name": "stopped", "models": {"searched": searched, "tuned": few}}, "stopped")
    config, schemes = load_experiment(folder / "experiments/stopped.yaml")
    for name in ("stopped", "whole"):
        (tmp_path / name).mkdir()
    store, work = new_store(tmp_path / "stopped"), tmp_path / "work"
    with pytest.raises(KeyboardInterrupt):
        run_experiment(config, schemes, folder, store, Stops(10), Workplace(work))
    run_experiment(config, schemes, folder, store, Silent(), Workplace(work, resume=True))
    assert not work.exists()
    resumed = {run.info.run_name: held_out(run) for run in finished(store, "stopped")}
    store = new_store(tmp_path / "whole")
    run_experiment(config, schemes, folder, store, Silent())
    assert len(resumed) == 2 and resumed == {run.info.run_name: held_out(run) for run in finished(store, "stopped")}


@pytest.mark.slow
def test_a_killed_experiment_resumes_and_ends_as_if_it_had_not_been_killed(folder: Path, run_stance) -> None:
    """Killed without warning in the middle of a training, resumed, compared with a run that was left alone."""
    write(folder, TUNED, "killed")
    write(folder, {**TUNED, "name": "whole"}, "whole")
    train = [sys.executable, "-m", "toolkit", "train", "experiments/killed.yaml"]
    process = subprocess.Popen(train, cwd=folder, stderr=subprocess.PIPE, env={**os.environ, **environment(folder)})
    deadline = time.monotonic() + 120
    while len(list(folder.glob(".stance-work/killed-*/**/done.npz"))) < 1 and time.monotonic() < deadline:
        time.sleep(0.05)
    while not list(folder.glob(".stance-work/killed-*/**/checkpoint-*")) and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    asked = {"cwd": folder, **environment(folder)}
    assert list(folder.glob(".stance-work/killed-*/**/done.npz"))
    resumed = run_stance("train", "experiments/killed.yaml", "--resume", **asked)
    assert resumed.returncode == 0, resumed.stderr
    assert run_stance("train", "experiments/whole.yaml", **asked).returncode == 0
    assert [held_out(run) for run in artifacts(folder, "killed")] == [
        held_out(run) for run in artifacts(folder, "whole")
    ]


@pytest.mark.usefixtures("undrawn")
def test_a_search_is_logged_point_by_point_and_nested_cross_validation_holds_everything_out_once(
    folder: Path, run_stance
) -> None:
    space = {"head.C": SPACE}
    linear = {"kind": "linear", "head": HEAD, "search": {"method": "tpe", "trials": 4, "space": space}}
    experiment = {
        **EXPERIMENT,
        "name": "nested",
        "split": {"kind": "nested", "folds": 3},
        "models": {"searched": linear},
    }
    write(folder, experiment, "nested")
    told = run_stance("train", "experiments/nested.yaml", "tracking.trials=true", cwd=folder, **environment(folder))
    assert told.returncode == 0, told.stderr
    run = artifacts(folder, "nested")[0]
    trials = artifacts(folder, "nested", "trial")
    store = open_store(folder, must_exist=True)
    steps = store.client().get_metric_history(run.info.run_id, "search/macro_f1")
    assert len(steps) == 4 and {one.value for one in steps} == {t.data.metrics["cv/macro_f1"] for t in trials}
    assert len(trials) == 4 and {t.data.tags["mlflow.parentRunId"] for t in trials} == {run.info.run_id}
    assert len({t.data.params["head.C"] for t in trials}) == 4 and all("cv/macro_f1" in t.data.metrics for t in trials)
    rows = [json.loads(line) for line in held_out(run).splitlines()]
    everything = [row.values["statement_id"] for row in read_rows(folder / "data/few.jsonl")]
    assert sorted(row["statement_id"] for row in rows) == sorted(everything)


@pytest.mark.usefixtures("undrawn")
def test_a_fixed_held_out_file_drops_what_is_near_identical_to_it(folder: Path, run_stance) -> None:
    rows = [json.loads(line) for line in (folder / "data/few.jsonl").read_text(encoding="utf-8").splitlines()]
    aside = [{**row, "statement_id": f"aside-{i}", "article_id": f"aside-{i}"} for i, row in enumerate(rows[::3])]
    (folder / "data/aside.jsonl").write_text("".join(json.dumps(row) + "\n" for row in aside), encoding="utf-8")
    split = {"kind": "fixed", "held_out": ["data/aside.jsonl"]}
    experiment = {**EXPERIMENT, "name": "fixed", "split": split, "models": {"cues": {"kind": "cues"}}}
    write(folder, experiment, "fixed")
    told = run_stance("train", "experiments/fixed.yaml", cwd=folder, **environment(folder))
    assert told.returncode == 0, told.stderr
    same = {row["text"].lower() for row in aside}
    twins = sum(row["text"].lower() in same for row in rows)  # "the freeze" is said twice in the sample
    assert f"{twins} training statements are near-identical to held-out ones: dropped." in told.stderr
    parent = artifacts(folder, "fixed", "experiment")[0]
    assert parent.data.metrics["statements/dropped"] == twins
    assert parent.data.metrics["statements/training"] == len(rows) - twins
    dropped = Path(parent.info.artifact_uri.removeprefix("file://")) / "dropped.jsonl"
    assert {json.loads(line)["text"] for line in dropped.read_text().splitlines()} == {row["text"] for row in aside}


@pytest.mark.usefixtures("undrawn")
def test_statements_without_a_label_are_left_out_and_told_of(folder: Path, run_stance) -> None:
    rows = [json.loads(line) for line in (folder / "data/few.jsonl").read_text(encoding="utf-8").splitlines()]
    lines = [json.dumps({**row, "stance": None if i % 50 == 0 else row["stance"]}) for i, row in enumerate(rows)]
    (folder / "data/partly.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    data, models = {"statements": ["data/partly.jsonl"]}, {"cues": {"kind": "cues"}}
    write(folder, {**EXPERIMENT, "name": "partly", "data": data, "models": models}, "partly")
    told = run_stance("train", "experiments/partly.yaml", cwd=folder, **environment(folder))
    assert told.returncode == 0, told.stderr
    missing = rows[::50]
    assert f"{len(missing)} statements lack a label in one of the schemes: left out (unlabelled.jsonl)." in told.stderr
    parent = artifacts(folder, "partly", "experiment")[0]
    assert parent.data.metrics["statements/unlabelled"] == len(missing)
    listed = Path(parent.info.artifact_uri.removeprefix("file://")) / "unlabelled.jsonl"
    assert [json.loads(line)["text"] for line in listed.read_text().splitlines()] == [row["text"] for row in missing]


def test_a_model_that_cannot_be_had_ends_the_run_as_failed(folder: Path, tmp_path: Path, new_store) -> None:
    nothing = {"a": {"kind": "transformer", "model": "./nowhere"}}
    write(folder, {**EXPERIMENT, "name": "nothing", "models": nothing}, "nothing")
    config, schemes = load_experiment(folder / "experiments/nothing.yaml")
    store = new_store(tmp_path)
    with pytest.raises(ModelError, match="there is no such folder"):
        run_experiment(config, schemes, folder, store)
    found = store.client().search_runs([store.client().get_experiment_by_name("nothing").experiment_id])
    assert {run.info.status for run in found} == {"FAILED"}
