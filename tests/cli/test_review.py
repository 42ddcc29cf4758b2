"""The commands with which a reviewer looks into a logged run, and the one that lets a model decide anew."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from toolkit.model import StanceModel
from toolkit.storage import read_rows

RUN = "tiny/stance/tfidf-nb"


def test_slices_are_told_with_their_support_and_the_worst_is_named(trained: Path, run_stance) -> None:
    done = run_stance("evaluate", "slices", RUN, cwd=trained)
    assert done.returncode == 0 and done.stdout == "", done.stderr
    assert (
        "speaker in training" in done.stderr and "few: fewer than 5 articles" in done.stderr and "(Holm)" in done.stderr
    )
    done = run_stance("evaluate", "slices", RUN, "--json", "--metric", "recall/denial", cwd=trained)
    (told,) = json.loads(done.stdout)["runs"]
    assert (told["scheme"], told["model"], told["metric"]) == ("stance", "tfidf-nb", "recall/denial")
    sizes = Counter({one["by"]: 0 for one in told["slices"]})
    for one in told["slices"]:
        sizes[one["by"]] += one["n"]
        assert one["p"] is None or one["too_small"] is None
    assert set(sizes.values()) == {told["n"]}


def test_slices_of_an_experiment_are_those_of_its_runs_and_data_that_changed_are_told(
    trained: Path, tmp_path: Path, run_stance
) -> None:
    done = run_stance("evaluate", "slices", "tiny", "--json", "--project", str(tmp_path), cwd=trained)
    told = json.loads(done.stdout)["runs"]
    assert [(one["scheme"], one["model"]) for one in told] == [
        ("stance", "majority"), ("stance", "tfidf-nb"), ("sentiment", "majority"), ("sentiment", "tfidf-nb"),
    ]  # fmt: skip
    assert done.stderr.count("no slices by what was in training") == 1 and "there is no such file" in done.stderr
    assert not any("training" in one["by"] for run in told for one in run["slices"])


def test_calibration_is_told_of_every_label(trained: Path, run_stance) -> None:
    done = run_stance("evaluate", "calibration", "models:/stance@champion", cwd=trained)
    assert done.returncode == 0 and "by chance" in done.stderr and "best F1 at" in done.stderr, done.stderr
    (told,) = json.loads(run_stance("evaluate", "calibration", RUN, "--json", cwd=trained).stdout)["runs"]
    for label in told["labels"]:
        part = {name: figure["value"] for name, figure in label["figures"].items()}
        total = part["reliability"] - part["resolution"] + part["uncertainty"] + part["within"]
        assert part["brier"] == pytest.approx(total)
    assert [one["label"] for one in told["thresholds"]] == [one["label"] for one in told["labels"]]


def test_mistakes_are_written_with_what_surrounds_them(trained: Path, tmp_path: Path, run_stance) -> None:
    for name in ("e.jsonl", "e.csv", "e.parquet"):
        done = run_stance("evaluate", "errors", RUN, "-o", str(tmp_path / name), "-n", "7", "--explain", cwd=trained)
        assert done.returncode == 0 and "The surest 7 of " in done.stderr, done.stderr
    rows = [row.values for row in read_rows(tmp_path / "e.jsonl")]
    assert [row["confidence"] for row in rows] == sorted((row["confidence"] for row in rows), reverse=True)
    assert all(row["context"] and row["words"] and len(row["nearest"]) == 3 for row in rows)
    texts = [[row.values["text"] for row in read_rows(tmp_path / name)] for name in ("e.csv", "e.parquet")]
    assert texts == [[row["text"] for row in rows]] * 2
    done = run_stance("evaluate", "errors", RUN, "-n", "3", "--json", cwd=trained)
    assert [one["text"] for one in json.loads(done.stdout)["errors"]] == texts[0][:3]
    told = run_stance("evaluate", "errors", RUN, "-n", "500", cwd=trained).stderr
    assert " mistakes on " in told and "(10 are shown); -o FILE writes them.\n" in told and "The surest" not in told


def test_a_model_is_evaluated_on_labelled_statements(trained: Path, tmp_path: Path, run_stance) -> None:
    out = tmp_path / "answers.jsonl"
    call = ("evaluate", "model", "models:/stance@champion", "data/sample/gold.jsonl")
    done = run_stance(*call, "-o", str(out), "--json", cwd=trained)
    told = json.loads(done.stdout)
    rows = [row.values for row in read_rows(out)]
    assert told["n"] == len(rows) and told["figures"]["f1/macro"]["low"] is not None
    right = sum(sorted(row["gold"]) == sorted(row["stance"]) for row in rows)
    assert told["figures"]["subset_accuracy"]["value"] == pytest.approx(right / len(rows))
    assert "macro F1" in run_stance(*call, cwd=trained).stderr
    learnt = learnt_in(trained)
    many = sum(row["statement_id"] in learnt for row in rows)
    assert 0 < many < len(rows)
    assert f"{many} of {len(rows)} statements trained this model, and " in done.stderr


def learnt_in(project: Path) -> set[str]:
    """Return the ids of the statements that the small experiment learnt from, as its artifact tells them."""
    (path,) = project.glob("mlartifacts/**/split.json")
    return set(json.loads(path.read_text(encoding="utf-8"))["training"])


def test_only_statements_that_trained_a_model_are_told_to_flatter_it(trained: Path, tmp_path: Path, run_stance) -> None:
    learnt = learnt_in(trained)
    lines = (trained / "data" / "sample" / "gold.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    articles = {name.rpartition("#")[0] for name in learnt}
    unseen = [line for line in lines if json.loads(line)["article_id"] not in articles]
    (tmp_path / "unseen.jsonl").write_text("".join(unseen), encoding="utf-8")
    done = run_stance("evaluate", "model", "models:/stance@champion", str(tmp_path / "unseen.jsonl"), cwd=trained)
    assert done.returncode == 0 and "trained this model" not in done.stderr, done.stderr
    one = next(json.loads(line) for line in lines if json.loads(line)["statement_id"] in learnt)
    anew = {**one, "statement_id": "another"}
    (tmp_path / "beside.jsonl").write_text(json.dumps(anew) + "\n" + unseen[0], encoding="utf-8")
    done = run_stance("evaluate", "model", "models:/stance@champion", str(tmp_path / "beside.jsonl"), cwd=trained)
    assert "1 of 2 statements is of articles that trained this model; their figures flatter it.\n" in done.stderr, (
        done.stderr
    )


def recalibrating(project: Path) -> tuple[str, ...]:
    """Write few labelled statements, and return the call that learns from them."""
    lines = (project / "data" / "sample" / "gold.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (project / "few.jsonl").write_text("".join(lines[:250]), encoding="utf-8")
    return ("models", "recalibrate", "stance", "few.jsonl", "--folds", "3")


def test_a_recalibrated_model_is_saved_and_told_of(trained_copy: Path, run_stance) -> None:
    call = recalibrating(trained_copy)
    done = run_stance(*call, "-o", "anew", "--json", cwd=trained_copy)
    told = json.loads(done.stdout)
    assert done.returncode == 0 and told["statements"] == 250 and told["folds"] == 3, done.stderr
    assert {"before", "after"} == set(told["figures"]["f1/macro"])
    for name, gain in told["gains"].items():
        before, after = (told["figures"][name][side]["value"] for side in ("before", "after"))
        assert gain["value"] == pytest.approx(after - before) and gain["low"] <= gain["value"] <= gain["high"]
    saved = StanceModel.load(trained_copy / "anew")
    assert list(saved.decision.thresholds) == told["thresholds"] and saved.decision.calibration.method == "sigmoid"


@pytest.mark.slow
def test_a_recalibrated_model_is_registered_and_evaluated_as_any_other(trained_copy: Path, run_stance) -> None:
    call = recalibrating(trained_copy)
    done = run_stance(*call, "-o", "again", "--method", "temperature", "--register", "stance", cwd=trained_copy)
    assert "is the candidate; champion stays version 1" in done.stderr, done.stderr
    assert run_stance("evaluate", "model", "again", "few.jsonl", cwd=trained_copy).returncode == 0
    done = run_stance("evaluate", "calibration", "models:/stance@candidate", cwd=trained_copy)
    assert done.returncode == 0 and "by chance" in done.stderr
    done = run_stance("evaluate", "slices", "models:/stance@candidate", cwd=trained_copy)
    assert "of a split of the kind 'cross-fitted'" in done.stderr and done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["evaluate", "slices", "tinny"], 1, "tinny: is neither the name of an experiment"),
        (["evaluate", "slices", "tiny/tfidf-bn"], 1, "has no finished run of a model 'tfidf-bn' (did you mean 'tfidf-nb'?)"),
        (["evaluate", "slices", "models:/stance"], 1, "models:/stance: is no registered model; models:/NAME@champion and"),
        (["evaluate", "slices", "models:/stance@nobody"], 1, "models:/stance@nobody: cannot be had"),
        (["evaluate", "slices", RUN, "--metric", "f2"], 2, "'f2' is no figure of slices"),
        (["evaluate", "errors", "tiny", "-o", "e.jsonl"], 2, "tiny: means 4 runs (stance/majority, "),
        (["evaluate", "errors", RUN, "-o", "e.txt"], 2, "e.txt: the ending tells the format"),
        (["evaluate", "errors", RUN, "-o", "stderr.txt"], 2, "stderr.txt: the ending tells the format"),
        (["evaluate", "model", "no", "data/sample/gold.jsonl"], 1, "no: is neither a folder nor a model URI"),
        (["evaluate", "model", "models:/stance@champion", "data/sample/articles.jsonl"], 1, "column 'statement_id' is missing"),
        (["models", "recalibrate", "stance", "data/sample/gold.jsonl", "-o", "configs"], 2, "configs: is there already; name another folder."),
        (["models", "recalibrate", "stance", "data/sample/gold.jsonl", "-o", "no/x"], 2, "no/x: there is no folder no to write into."),
        (["models", "recalibrate", "stance", "data/sample/gold.jsonl", "-o", "x", "--method", "platt"], 2, "--method: 'platt' is no way to calibrate"),
        (["models", "recalibrate", "stance", "data/sample/gold.jsonl", "-o", "x", "--folds", "99"], 1, "groups of articles cannot be dealt to 99 folds"),
        (["models", "recalibrate", "stanze", "data/sample/gold.jsonl", "-o", "x"], 1, "models:/stanze@champion: the model cannot be had"),
    ],
)  # fmt: skip
def test_wrong_calls(trained: Path, run_stance, arguments: list[str], code: int, message: str) -> None:
    before = sorted(path.name for path in trained.iterdir() if not path.name.startswith("mlflow.db"))
    done = run_stance(*arguments, cwd=trained)
    assert done.returncode == code, done.stderr
    assert message in done.stderr and "Traceback" not in done.stderr and done.stdout == "", done.stderr
    assert sorted(path.name for path in trained.iterdir() if not path.name.startswith("mlflow.db")) == before
