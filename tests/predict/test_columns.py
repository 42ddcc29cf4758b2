"""The user's own columns, ids that are made, labels as a person wants them, standard input, and what is told of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.config import load_scheme
from toolkit.model import own_models
from toolkit.prediction import Inputs, Job, Output, Plan, predict
from toolkit.storage import SetAside, file_sha256, read_labelled, read_rows

STANCE = ("toolkit:stance", own_models()["stance"])
MODEL = ["-m", str(own_models()["stance"])]
ADDED = ["model", "stance", "stance_conciliatory", "stance_threatening", "stance_denial"]
THREAT = "We will strike back if they move."


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [dict(row.values) for row in read_rows(path)]


def test_own_columns_come_first_and_untouched_in_every_format(tmp_path: Path, run_stance) -> None:
    own = [
        {"outlet": "The Gull", "statement_id": "007", "score": 1, "text": THREAT, "tags": ["a", "b"], "note": None},
        {"outlet": "NA", "statement_id": "008", "score": 0.5, "text": "We deny it.", "tags": [], "note": "null"},
    ]
    write_jsonl(tmp_path / "s.jsonl", own)
    for ending in ("jsonl", "parquet"):
        assert run_stance("predict", "s.jsonl", *MODEL, "-o", f"p.{ending}", cwd=tmp_path).returncode == 0
        found = rows_of(tmp_path / f"p.{ending}")
        assert [{name: row[name] for name in own[0]} for row in found] == own
        assert list(found[0]) == [*own[0], *ADDED]
        assert [row["stance"] for row in found] == [["threatening"], ["denial"]]
    assert run_stance("predict", "s.jsonl", *MODEL, "-o", "p.csv", cwd=tmp_path).returncode == 0
    told = (tmp_path / "p.csv").read_text().splitlines()
    assert told[0] == ",".join([*own[0], *ADDED])
    assert told[2].startswith("NA,008,0.5,We deny it.,[],null,") and ",denial," in told[2]


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl"])
def test_an_answer_of_no_label_is_read_back_as_one(ending: str, tmp_path: Path, run_stance) -> None:
    """As a labelled table, and as predictions whose shares are counted."""
    rows = [{"statement_id": "a", "text": THREAT}, {"statement_id": "b", "text": "The meeting lasted an hour."}]
    write_jsonl(tmp_path / "s.jsonl", rows)
    assert run_stance("predict", "s.jsonl", *MODEL, "-o", f"p.{ending}", cwd=tmp_path).returncode == 0
    read = list(read_labelled(tmp_path / f"p.{ending}", [load_scheme("stance", tmp_path)]))
    assert [labels.by_scheme for _, labels in read] == [{"stance": ("threatening",)}, {"stance": ()}]
    done = run_stance("prevalence", f"p.{ending}", "--json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert (told["statements"], told["unlabelled"]) == (2, 0)


def test_columns_of_an_earlier_prediction_stay_and_the_new_ones_get_a_number(tmp_path: Path, run_stance) -> None:
    write_jsonl(tmp_path / "s.jsonl", [{"statement_id": "a", "text": THREAT}])
    for before, after in (("s", "p"), ("p", "pp"), ("pp", "ppp")):
        done = run_stance("predict", f"{before}.jsonl", *MODEL, "-o", f"{after}.jsonl", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert "columns of these names already, so the new ones are called: model_3, stance_3," in done.stderr
    [first], [third] = rows_of(tmp_path / "p.jsonl"), rows_of(tmp_path / "ppp.jsonl")
    assert {name: third[name] for name in first} == first
    assert all(third[f"{name}_{n}"] == first[name] for name in ADDED for n in (2, 3))


def test_columns_chooses_and_labels_can_be_columns(tmp_path: Path, run_stance) -> None:
    write_jsonl(tmp_path / "s.jsonl", [{"statement_id": "a", "text": THREAT, "x": 1, "y": 2}])
    arguments = ["--columns", "y,statement_id", "--labels", "columns"]
    assert run_stance("predict", "s.jsonl", *MODEL, "-o", "p.csv", *arguments, cwd=tmp_path).returncode == 0
    [row] = rows_of(tmp_path / "p.csv")
    flags = {"stance_is_conciliatory": "0", "stance_is_threatening": "1", "stance_is_denial": "0"}
    assert list(row) == ["y", "statement_id", "model", *flags, *ADDED[2:]]
    assert {name: row[name] for name in flags} == flags


@pytest.mark.parametrize("ending", ["csv", "tsv", "tsv.gz"])
def test_labels_in_cells_are_words_and_probabilities_short(tmp_path: Path, run_stance, ending: str) -> None:
    both = "We hope for talks and an agreement, but we will strike back if they move."
    write_jsonl(
        tmp_path / "s.jsonl", [{"statement_id": "a", "text": both}, {"statement_id": "b", "text": "It rained."}]
    )
    assert run_stance("predict", "s.jsonl", *MODEL, "-o", f"p.{ending}", cwd=tmp_path).returncode == 0
    two, none = rows_of(tmp_path / f"p.{ending}")
    assert two["stance"] == "conciliatory;threatening" and none["stance"] == "[]"
    assert all(len(two[name]) <= 8 for name in ADDED[2:])


def test_ids_that_are_names_of_files_are_not_called_made(tmp_path: Path, run_stance) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.txt").write_text('"We deny it," the minister said.', encoding="utf-8")
    done = run_stance("predict", "in", *MODEL, "-o", "p.jsonl", cwd=tmp_path)
    assert done.returncode == 0 and "of their own" not in done.stderr and "of its own" not in done.stderr, done.stderr
    assert {row["article_id"] for row in rows_of(tmp_path / "p.jsonl")} == {"one"}
    (tmp_path / "in" / "t.csv").write_text('text\n"""We deny it,"" the envoy said."\n', encoding="utf-8")
    done = run_stance("predict", "in", *MODEL, "-o", "q.jsonl", "--as", "articles", cwd=tmp_path)
    assert "1 row has no id of its own: article_id is made from the text.\n" in done.stderr, done.stderr


def test_a_table_with_nothing_but_a_text_is_enough(tmp_path: Path, run_stance) -> None:
    (tmp_path / "t.csv").write_text("body,n\nWe deny it.,1\n,2\nWe deny it.,3\n")
    done = run_stance("predict", "t.csv", *MODEL, "-o", "p.jsonl", "--text-column", "body", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (
        "2 rows have no id of their own: statement_id is made from the text.\n" in done.stderr
        and "t.csv:3: column 'body' is empty." in done.stderr
    )
    found = rows_of(tmp_path / "p.jsonl")
    assert [(row["body"], row["n"]) for row in found] == [("We deny it.", "1"), ("We deny it.", "3")]
    assert found[1]["statement_id"] == found[0]["statement_id"] + "-2"
    [rejected] = rows_of(tmp_path / "p.jsonl.rejected.jsonl")
    assert rejected["row"] == {"body": None, "n": "2"}
    done = run_stance(
        "predict", "t.csv", *MODEL, "-o", "q.jsonl", "--text-column", "body", "--id-column", "n", cwd=tmp_path
    )
    assert done.returncode == 0 and "no id" not in done.stderr
    assert list(rows_of(tmp_path / "q.jsonl")[0]) == ["body", "n", *ADDED]
    done = run_stance(
        "predict", "t.csv", *MODEL, "-o", "r.jsonl", "--text-column", "body", "--as", "articles", cwd=tmp_path
    )
    assert done.returncode == 0 and "2 articles read" not in done.stderr and "from 2 articles" in done.stderr


def test_own_columns_of_articles_stand_beside_each_of_their_statements(tmp_path: Path, run_stance) -> None:
    text = '"We will strike back," Ana Lund said. "We deny it," she added. Ann Li said: "We deny it."'
    write_jsonl(tmp_path / "a.jsonl", [{"desk": "world", "article_id": "a", "text": text, "url": "u", "words": 17}])
    assert run_stance("predict", "a.jsonl", *MODEL, "-o", "p.jsonl", cwd=tmp_path).returncode == 0
    found = rows_of(tmp_path / "p.jsonl")
    assert len(found) > 1 and list(found[0])[:4] == ["desk", "words", "statement_id", "article_id"]
    assert {(row["desk"], row["words"], row["article_id"]) for row in found} == {("world", 17, "a")}


def test_standard_input_is_a_file_without_a_name(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "toolkit", "predict", "-", "--format", "csv", *MODEL]
    told = "statement_id,text\na,We deny it.\nb,\n"
    done = subprocess.run([*command, "-o", "-"], input=told, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0 and json.loads(done.stdout)["stance"] == ["denial"]
    assert "  standard input.csv:3: column 'text' is empty." in done.stderr
    done = subprocess.run(
        [*command, "-o", "p.csv"], input=told, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    record = json.loads((tmp_path / "p.csv.run.json").read_text())
    assert [one["file"] for one in record["inputs"]] == ["standard input.csv"]
    done = subprocess.run(
        [*command, "-o", "-"], input="x\n1\n", capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 1 and "error: standard input.csv:1: column 'text' is missing" in done.stderr


def test_what_was_done_is_told_beside_the_output(tmp_path: Path, run_stance) -> None:
    path = write_jsonl(
        tmp_path / "s.jsonl", [{"statement_id": "a", "text": THREAT}, {"statement_id": "a", "text": "x"}]
    )
    assert run_stance("predict", "s.jsonl", *MODEL, "-o", "p.jsonl", cwd=tmp_path).returncode == 0
    record = json.loads((tmp_path / "p.jsonl.run.json").read_text())
    assert record["command"][:2] == ["stance", "predict"] and record["seconds"] > 0
    assert record["inputs"] == [{"file": "s.jsonl", "sha256": file_sha256(path)}]
    assert record["models"][0]["sha256"] == file_sha256(STANCE[1] / "model.json")
    assert record["counts"] == {"read": 2, "fit": 1, "set_aside": 1, "written": 1, "ids_made": 0}
    assert {"toolkit", "python", "numpy", "pyarrow"} <= set(record["versions"])


CELLS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.one_of(st.none(), st.text(max_size=3), st.lists(st.text(max_size=2))), max_size=2),
)  # fmt: skip
ROWS = st.lists(st.dictionaries(st.sampled_from(["x", "y", "ö z"]), CELLS), min_size=1, max_size=6)


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_whatever_json_holds_comes_back(tmp_path_factory: pytest.TempPathFactory, own: list[dict[str, Any]]) -> None:
    """Equal as JSON: a column of whole and other numbers may come back as 1.0 where 1 stood."""
    folder = tmp_path_factory.mktemp("own")
    rows = [{"statement_id": str(i), "text": "We deny it.", **row} for i, row in enumerate(own)]
    plan = Plan(Inputs((write_jsonl(folder / "s.jsonl", rows),)), SetAside())
    predict(plan, Job(()), Output(folder / "p.jsonl"))
    names = dict.fromkeys(name for row in rows for name in row)
    assert plan.aside.count == 0
    assert [{name: row[name] for name in names} for row in rows_of(folder / "p.jsonl")] == [
        json.loads(json.dumps({name: row.get(name) for name in names}).encode("utf-8", "replace").decode())
        for row in rows
    ]


def test_types_of_parquet_stay_and_its_rows_are_not_lost_for_them(tmp_path: Path) -> None:
    table = pa.table(
        {
            "when": pa.array([0, None], pa.timestamp("ms")),
            "kind": pa.array(["direct", "direct"]).dictionary_encode(),
            "statement_id": pa.array([7, 8]),
            "share": pa.array([float("nan"), 0.25]),
            "text": pa.array(["We deny it.", THREAT], pa.large_string()),
        }
    )
    pq.write_table(table, tmp_path / "s.parquet")
    for ending in ("parquet", "jsonl", "csv"):
        predict(Plan(Inputs((tmp_path / "s.parquet",))), Job((STANCE,)), Output(tmp_path / f"p.{ending}"))
    found = pq.read_table(tmp_path / "p.parquet")
    assert found.select(table.column_names).to_pydict().keys() == table.to_pydict().keys()
    plain = {"kind": pa.string()}  # a dictionary is a way to keep texts, not another type of them
    assert [field.type for field in found.schema][:5] == [plain.get(field.name, field.type) for field in table.schema]
    assert found["stance"].to_pylist() == [["denial"], ["threatening"]]
    first, _ = rows_of(tmp_path / "p.jsonl")
    assert (first["when"], first["statement_id"], first["share"]) == ("1970-01-01T00:00:00", 7, None)
    assert (tmp_path / "p.csv").read_text().splitlines()[1].startswith("1970-01-01T00:00:00,direct,7,,We deny it.,")
