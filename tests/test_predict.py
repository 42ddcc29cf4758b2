"""Prediction of large files: what cannot be predicted in one call, and the border between two chunks."""

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
from toolkit.model import StanceModel
from toolkit.predict import predict
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


def statements(path: Path, numbers: Sequence[int]) -> Path:
    rows = ({"statement_id": f"s{i}", "article_id": "a", "text": f"Number {i}"} for i in numbers)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("many", "chunks"),
    [(1, [1]), (1999, [1999]), (2000, [2000]), (2001, [2000, 1]), (4000, [2000, 2000])],
)
def test_at_the_border_of_a_chunk_no_statement_is_lost_and_none_gets_the_answer_of_another(
    tmp_path: Path, many: int, chunks: list[int]
) -> None:
    told: list[int] = []
    first, second = a_model(), a_model("mood")
    source = statements(tmp_path / "s.jsonl", range(many))
    models = [("first", first), ("second", second)]
    counts = predict([source], models, tmp_path / "p.jsonl", on_chunk=told.append)
    assert first.classifier.asked == second.classifier.asked == chunks  # type: ignore[attr-defined]
    assert told == np.cumsum(chunks).tolist() and counts.statements == many and counts.articles == 0
    rows = [row.values for row in read_rows(tmp_path / "p.jsonl")]
    assert [row["statement_id"] for row in rows] == [f"s{i}" for i in range(many)]
    for scheme in ("tone", "mood"):
        assert [row[f"{scheme}_bad"] for row in rows] == pytest.approx([i / 10_000 for i in range(many)])
    assert {row["model"] for row in rows} == {"first, second"}


def test_a_chunk_goes_on_from_one_file_into_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.predict.run._CHUNK", 4)
    model = a_model()
    files = [statements(tmp_path / "1.jsonl", range(3)), statements(tmp_path / "2.jsonl", range(3, 9))]
    assert predict(files, [("m", model)], tmp_path / "p.jsonl").statements == 9
    assert model.classifier.asked == [4, 4, 1]  # type: ignore[attr-defined]
    assert [row.values["text"] for row in read_rows(tmp_path / "p.jsonl")] == [f"Number {i}" for i in range(9)]


def test_two_models_that_answer_one_scheme_are_refused(tmp_path: Path) -> None:
    models = [("first", a_model()), ("second", a_model())]
    with pytest.raises(UsageError, match="two models answer the same label scheme; name one model per scheme"):
        predict([statements(tmp_path / "s.jsonl", range(3))], models, tmp_path / "p.jsonl")
    assert not (tmp_path / "p.jsonl").exists()


def test_articles_and_statements_are_not_mixed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text('"We go," Ana Lund said.\n', encoding="utf-8")
    for inputs in (["a.txt", "s.jsonl"], ["s.jsonl", "a.txt"]):
        statements(tmp_path / "s.jsonl", range(3))
        with pytest.raises(UsageError, match="articles and statements cannot be mixed in one call"):
            predict([tmp_path / name for name in inputs], [("m", a_model())], tmp_path / "p.jsonl")
        assert not (tmp_path / "p.jsonl").exists()


def test_an_id_in_two_files_is_set_aside_the_second_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.predict.run._CHUNK", 2)
    files = [statements(tmp_path / "1.jsonl", range(5)), statements(tmp_path / "2.jsonl", [7, 4, 8])]
    counts = predict(files, [("m", a_model())], tmp_path / "p.jsonl")
    assert [row.values["text"][7:] for row in read_rows(tmp_path / "p.jsonl")] == list("0123478")
    assert counts.statements + counts.aside.count == 8
    assert [reason.split("/")[-1] for reason in counts.aside.reasons] == [
        "2.jsonl:2: the statement_id 's4' stands twice."
    ]


def test_one_hostile_row_among_thousands_is_listed_and_the_others_are_predicted(tmp_path: Path, run_stance) -> None:
    """Promise 17: read = written + set aside; --strict and --max-errors make a failure of it, with nothing written."""
    from toolkit.model import own_models

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
    from toolkit.model import own_models

    statements(tmp_path / "1.jsonl", range(3))
    (tmp_path / "a.txt").write_text('"We go," Ana Lund said.\n', encoding="utf-8")
    twice = ["-m", str(own_models()["sentiment"])]
    for arguments, told in (
        (["1.jsonl", *twice, *twice], "two models answer the same label scheme"),
        (["1.jsonl", "a.txt"], "articles and statements cannot be mixed"),
    ):
        done = run_stance("predict", *arguments, "-o", "p.jsonl", cwd=tmp_path)
        assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr, done.stderr
        assert sorted(path.name for path in tmp_path.iterdir()) == ["1.jsonl", "a.txt"]
