"""Prediction of large files: what cannot be predicted in one call, and the border between two partitions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from toolkit.classifiers.baselines import MajorityModel
from toolkit.decisions import NO_CALIBRATION, Decision
from toolkit.errors import UsageError
from toolkit.labels import LabelScheme
from toolkit.model import StanceModel, own_models
from toolkit.prediction import Done, Inputs, Job, Output, Plan, predict
from toolkit.storage import read_rows


class Reads:
    """A classifier whose answer tells the statement: the number in its text, over 10,000."""

    thresholds = None

    def __init__(self) -> None:
        self.asked: list[int] = []

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        self.asked.append(len(texts))
        first = np.array([float(text.split()[-1]) / 10_000 for text in texts])
        return np.column_stack([first, 1 - first])


def a_model(scheme: str = "tone") -> StanceModel:
    labels = {name: {"definition": name} for name in ("bad", "good")}
    told = {"name": scheme, "question": "?", "multi_label": False, "labels": labels}
    config = MajorityModel(kind="majority", input=["text"])
    return StanceModel("reads", LabelScheme.model_validate(told), config, Reads(), Decision(NO_CALIBRATION, None))  # type: ignore[arg-type]


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> dict[str, StanceModel]:
    """Models that are "loaded" from folders of their names."""
    made = {name: a_model(name) for name in ("tone", "mood")}
    monkeypatch.setattr(StanceModel, "load", lambda folder, trust_remote_code=False: made[folder.name])
    monkeypatch.setattr("toolkit.prediction.run._digest", lambda folder: folder.name)
    return made


def statements(path: Path, numbers: Sequence[int]) -> Path:
    rows = ({"statement_id": f"s{i}", "article_id": "a", "text": f"Number {i}"} for i in numbers)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def run(inputs: Sequence[Path], output: Path, *names: str, told: list[int] | None = None) -> Done:
    job = Job(tuple((name, Path(name)) for name in names or ("tone",)))
    return predict(Plan(Inputs(tuple(inputs))), job, Output(output), on_part=(told if told is not None else []).append)


@pytest.mark.parametrize(
    ("many", "parts"),
    [(1, [1]), (1999, [1999]), (2000, [2000]), (2001, [2000, 1]), (4000, [2000, 2000])],
)
def test_at_the_border_of_a_partition_no_statement_is_lost_and_none_gets_the_answer_of_another(
    tmp_path: Path, models: dict[str, StanceModel], many: int, parts: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.prediction.plan._STATEMENTS", 2000)
    told: list[int] = []
    source = statements(tmp_path / "s.jsonl", range(many))
    done = run([source], tmp_path / "p.jsonl", "tone", "mood", told=told)
    assert models["tone"].classifier.asked == models["mood"].classifier.asked == parts  # type: ignore[attr-defined]
    assert told == np.cumsum(parts).tolist() and done.statements == many and done.articles is None
    rows = [row.values for row in read_rows(tmp_path / "p.jsonl")]
    assert [row["statement_id"] for row in rows] == [f"s{i}" for i in range(many)]
    for scheme in ("tone", "mood"):
        assert [row[f"{scheme}_bad"] for row in rows] == pytest.approx([i / 10_000 for i in range(many)])
    assert {row["model"] for row in rows} == {"tone, mood"}


def test_a_partition_goes_on_from_one_file_into_the_next(
    tmp_path: Path, models: dict[str, StanceModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.prediction.plan._STATEMENTS", 4)
    files = [statements(tmp_path / "1.jsonl", range(3)), statements(tmp_path / "2.jsonl", range(3, 9))]
    assert run(files, tmp_path / "p.jsonl").statements == 9
    assert models["tone"].classifier.asked == [4, 4, 1]  # type: ignore[attr-defined]
    assert [row.values["text"] for row in read_rows(tmp_path / "p.jsonl")] == [f"Number {i}" for i in range(9)]


def test_what_is_read_the_same_is_answered_once(tmp_path: Path, models: dict[str, StanceModel]) -> None:
    rows = [{"statement_id": str(i), "text": f"Number {i % 3}", "cue": "said" if i < 6 else "denied"} for i in range(9)]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    run([tmp_path / "s.jsonl"], tmp_path / "p.jsonl")
    assert models["tone"].classifier.asked == [6]  # type: ignore[attr-defined]
    found = [row.values["tone_bad"] for row in read_rows(tmp_path / "p.jsonl")]
    assert found == pytest.approx([i % 3 / 10_000 for i in range(9)])


def test_two_models_that_answer_one_scheme_are_refused(tmp_path: Path, models: dict[str, StanceModel]) -> None:
    with pytest.raises(UsageError, match="two models answer the same label scheme; name one model per scheme"):
        run([statements(tmp_path / "s.jsonl", range(3))], tmp_path / "p.jsonl", "tone", "tone")
    assert [path.name for path in tmp_path.iterdir()] == ["s.jsonl"]


def test_articles_and_statements_are_not_mixed(tmp_path: Path, models: dict[str, StanceModel]) -> None:
    (tmp_path / "a.txt").write_text('"We go," Ana Lund said.\n', encoding="utf-8")
    for inputs in (["a.txt", "s.jsonl"], ["s.jsonl", "a.txt"]):
        statements(tmp_path / "s.jsonl", range(3))
        with pytest.raises(UsageError, match="articles and statements cannot be mixed in one call"):
            run([tmp_path / name for name in inputs], tmp_path / "p.jsonl")
        assert not (tmp_path / "p.jsonl").exists()


def test_an_id_in_two_files_is_set_aside_the_second_time(
    tmp_path: Path, models: dict[str, StanceModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.prediction.plan._STATEMENTS", 2)
    files = [statements(tmp_path / "1.jsonl", range(5)), statements(tmp_path / "2.jsonl", [7, 4, 8])]
    done = run(files, tmp_path / "p.jsonl")
    assert [row.values["text"][7:] for row in read_rows(tmp_path / "p.jsonl")] == list("0123478")
    assert done.statements + done.plan.aside.count == 8
    assert [reason.split("/")[-1] for reason in done.plan.aside.reasons] == [
        "2.jsonl:2: the statement_id 's4' stands twice."
    ]


def test_one_hostile_row_among_thousands_is_listed_and_the_others_are_predicted(tmp_path: Path, run_stance) -> None:
    """Promise 17: read = written + set aside; --strict and --max-errors make a failure of it, with nothing written."""
    path = statements(tmp_path / "s.jsonl", range(3000))
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:1234], b'{"statement_id": "x", "text": "\xff"}\n', *lines[1234:2000], b"{\n"]))
    model = ["-m", str(own_models()["stance"])]
    for strict in (["--strict"], ["--max-errors", "1"]):
        done = run_stance("predict", "s.jsonl", *model, "-o", "p.parquet", *strict, cwd=tmp_path)
        assert done.returncode == 1 and "may be set aside)." in done.stderr
        assert [one.name for one in tmp_path.iterdir()] == ["s.jsonl"]
    done = run_stance("predict", "s.jsonl", *model, "-o", "p.parquet", "--max-errors", "2", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "2002 rows read: 2000 written, 2 set aside." in done.stderr
    assert "2 rows could not be read, listed in p.parquet.rejected.jsonl" in done.stderr
    assert len(list(read_rows(tmp_path / "p.parquet"))) == 2000
    rejected = [row.values for row in read_rows(tmp_path / "p.parquet.rejected.jsonl")]
    assert [(row["where"], row["row"]) for row in rejected] == [
        ("s.jsonl:1235", '{"statement_id": "x", "text": "\\xff"}'),
        ("s.jsonl:2002", "{"),
    ]


def test_the_command_makes_a_wrong_call_of_them(tmp_path: Path, run_stance) -> None:
    """Exit code 2 and one sentence, with the models that come with the toolkit."""
    statements(tmp_path / "1.jsonl", range(3))
    (tmp_path / "a.txt").write_text('"We go," Ana Lund said.\n', encoding="utf-8")
    twice = ["-m", str(own_models()["stance"])]
    for arguments, told in (
        (["1.jsonl", *twice, *twice], "two models answer the same label scheme"),
        (["1.jsonl", "a.txt"], "articles and statements cannot be mixed"),
        (["1.jsonl", "--resume", "--restart"], "--resume and --restart contradict each other"),
        (["1.jsonl", "--resume"], "there is no interrupted run of 'p.jsonl' to resume"),
        (["1.jsonl", "--columns", "txet"], "no input has a column 'txet' (did you mean 'text'?); there are"),
        (["1.jsonl", "--format", "csv"], "--format tells the format of standard input (-)"),
        (["-"], "standard input needs --format"),
        (["1.jsonl", "--include", "said"], "these inputs are statements already"),
    ):
        done = run_stance("predict", *arguments, "-o", "p.jsonl", cwd=tmp_path)
        assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr, done.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["1.jsonl", "a.txt"]
