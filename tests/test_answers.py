"""One answer: its columns are told once, tables give back what was put in, and who asks makes no difference."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.predict.test_clusters import ENGINES
from toolkit.answers import Answers, Columns, indicator
from toolkit.errors import DataError
from toolkit.model import StanceModel, own_models
from toolkit.storage import read_rows, read_statements, statement_table, statements_of
from toolkit.tracking import fetch_model, open_store

LABELS = ("offer", "threat")
CELL = {"label": "offer", "rule": "meets", "field": "text", "start": 0, "end": 4, "words": "meet"}


@st.composite
def answers(draw: st.DrawFn) -> Answers:
    n, abstains, evident = draw(st.integers(0, 5)), draw(st.booleans()), draw(st.booleans())
    probability = st.floats(0, 1)
    probabilities = np.array(draw(st.lists(st.tuples(probability, probability), min_size=n, max_size=n)), float)
    given_ = np.array(draw(st.lists(st.tuples(*[st.integers(0, 1)] * 2), min_size=n, max_size=n)), np.int64)
    withheld = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool) if abstains else None
    evidence = draw(st.lists(st.lists(st.just(CELL), max_size=2), min_size=n, max_size=n)) if evident else None
    return Answers(
        Columns("tone", LABELS, abstains, evident),
        probabilities.reshape(n, 2),
        given_.reshape(n, 2),
        withheld,
        evidence,
    )


def same(one: Answers, other: Answers) -> bool:
    return one.columns == other.columns and one.rows() == other.rows()


@settings(max_examples=60, deadline=None)
@given(answers())
def test_tables_and_rows_give_back_what_was_put_in(found: Answers) -> None:
    table = found.to_arrow()
    assert table.schema == found.columns.schema and len(table) == len(found)
    assert same(Answers.from_arrow(table, found.columns), found)
    assert same(Answers.from_rows(json.loads(json.dumps(found.rows())), found.columns), found)
    assert (indicator(found.labels, LABELS) == found.given).all()


def test_the_columns_of_an_answer() -> None:
    assert Columns("tone", LABELS, abstains=True, evident=True).schema.names == [
        "tone", "tone_offer", "tone_threat", "tone_withheld", "tone_evidence",
    ]  # fmt: skip
    assert Columns("tone", LABELS).schema.names == ["tone", "tone_offer", "tone_threat"]


# ------------------------------------------------------------------------------------------------- who asks


@pytest.fixture(scope="module")
def stance_model() -> StanceModel:
    return StanceModel.load(own_models()["stance"])


def test_all_columns_but_the_text_are_optional_and_each_counts(stance_model: StanceModel) -> None:
    bare = stance_model.answer(pa.table({"text": ["any part in the attack", "hello"]}))
    full = stance_model.answer(pa.table({"text": ["any part in the attack", "hello"], "cue": ["denied", None]}))
    assert bare["stance"].to_pylist() == [[], []] and full["stance"].to_pylist() == [["denial"], []]


@pytest.mark.parametrize(
    "given_",
    [["We deny it.", "Fine."], pd.Series(["We deny it.", "Fine."]), np.array(["We deny it.", "Fine."]),
     pd.DataFrame({"text": ["We deny it.", "Fine."]}), pd.DataFrame(["We deny it.", "Fine."]),
     pa.table({"text": ["We deny it.", "Fine."]})],
    ids=["list", "series", "array", "frame", "nameless frame", "arrow"],
)  # fmt: skip
def test_texts_alone_are_enough(stance_model: StanceModel, given_) -> None:
    answer = stance_model.predict(given_)
    assert len(answer) == 2 and answer["stance"].tolist() == [["denial"], []]


def test_missing_numbers_and_absent_cells_are_read_as_absent(stance_model: StanceModel) -> None:
    frame = pd.DataFrame(
        {"text": ["a", "b"], "speaker_start": [3, None], "spans": [[[0, 4]], None], "cue": [None, "x"]}
    )
    assert frame["speaker_start"].dtype == float and len(stance_model.predict(frame)) == 2


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (pd.DataFrame({"text": ["a", None]}), "row 1: column 'text' is empty"),
        (pd.DataFrame({"text": ["a", float("nan")]}), "row 1: column 'text' is empty"),
        (pd.DataFrame({"text": [1, 2]}), "column 'text' must hold string"),
        (pd.DataFrame({"cue": ["said"], "speaker": ["x"]}), "column 'text' is missing"),
        (pd.DataFrame({"cue": ["said"]}), "column 'text' is missing"),
        (pd.DataFrame({"body": ["said"]}), "column 'text' is missing"),
        (pd.DataFrame({"text": ["a"], "speaker_start": [3.5]}), "column 'speaker_start' must hold int64"),
        (pd.DataFrame({"text": ["a"], "kind": ["shouted"]}), "row 0: column 'kind' must be one of direct, mixed"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_column(stance_model: StanceModel, frame: pd.DataFrame, told: str) -> None:
    with pytest.raises(DataError, match=told):
        stance_model.predict(frame)


def test_rows_in_are_rows_out_under_their_own_index(stance_model: StanceModel) -> None:
    answer = stance_model.predict(pd.DataFrame({"text": ["a", "b"]}, index=[7, 3]))
    assert answer.index.tolist() == [7, 3]
    assert len(stance_model.answer(pa.table({"text": pa.array([], pa.string())}))) == 0


def test_an_arrow_table_gives_back_its_statements(trained: Path, tmp_path: Path, run_stance) -> None:
    statements = list(read_statements(extracted(trained, tmp_path, run_stance)))
    assert list(statements_of(statement_table(statements))) == statements


def extracted(trained: Path, folder: Path, run_stance) -> Path:
    path = folder / "statements.jsonl"
    done = run_stance("extract", "data/sample/fresh", "data/sample/articles.jsonl", "-o", str(path), cwd=trained)
    assert done.returncode == 0, done.stderr
    return path


def test_who_asks_makes_no_difference(trained: Path, tmp_path: Path, run_stance) -> None:
    """Promise 25: command, Python, MLflow's pyfunc, MLflow's own command and the held-out table say the same."""
    path = extracted(trained, tmp_path, run_stance)
    statements = list(read_statements(path))
    out = tmp_path / "out.parquet"
    done = run_stance("predict", str(path), "-m", "models:/stance@champion", "-o", str(out), cwd=trained)
    assert done.returncode == 0, done.stderr
    store = open_store(trained, must_exist=True)
    model = StanceModel.load(fetch_model("models:/stance@champion"))
    columns = model.columns()
    python = model.answers(statements)
    commanded = Answers.from_arrow(pa.Table.from_pylist([row.values for row in read_rows(out)]), columns)
    assert len(python) > 100 and python.given.any() and same(commanded, python)

    import mlflow

    frame = statement_table(statements).to_pandas()
    pyfunc = mlflow.pyfunc.load_model("models:/stance@champion").predict(frame)
    assert same(Answers.from_arrow(pa.Table.from_pandas(pyfunc, preserve_index=False), columns), python)

    records = json.loads(frame.drop(columns="spans").to_json(orient="records"))
    spans = [[list(span) for span in statement.spans] for statement in statements]
    body = {"dataframe_records": [{**row, "spans": own} for row, own in zip(records, spans, strict=True)]}
    assert same(Answers.from_arrow(served(trained, tmp_path, body), columns), python)

    client = store.client()
    version = client.get_model_version_by_alias("stance", "champion")
    run = client.get_run(version.run_id)
    rows = [json.loads(line) for line in held_out(run.info.artifact_uri).splitlines()]
    position = {statement.statement_id: i for i, statement in enumerate(statements)}
    ours = python.rows()
    assert len(rows) > 50
    for row in rows:
        mine = ours[position[row["statement_id"]]]
        assert (mine["labels"], mine["probabilities"]) == (row["labels"], row["probabilities"])


@pytest.mark.parametrize("engine", ENGINES)
def test_clusters_say_the_same(trained: Path, tmp_path: Path, run_stance, start_stance, engine: str) -> None:
    """Promise 25, the other two: Ray and Spark."""
    path, out = extracted(trained, tmp_path, run_stance), tmp_path / "out.parquet"
    arguments = ("predict", str(path), "-m", "models:/stance@champion", "-o", str(out), "--engine", engine)
    done = start_stance(*arguments, "--processes", "2", cwd=trained)
    assert done.returncode == 0, done.stderr
    open_store(trained, must_exist=True)
    model = StanceModel.load(fetch_model("models:/stance@champion"))
    python = model.answers(list(read_statements(path)))
    commanded = Answers.from_arrow(pa.Table.from_pylist([row.values for row in read_rows(out)]), model.columns())
    assert len(python) > 100 and python.given.any() and same(commanded, python)


def held_out(artifacts: str) -> str:
    return (Path(artifacts.removeprefix("file://")) / "held_out_predictions.jsonl").read_text(encoding="utf-8")


def served(trained: Path, folder: Path, body: dict) -> pa.Table:
    """Ask through ``mlflow models predict``, which reads and answers as MLflow's server does."""
    from tests.experiment.test_serving import environment, mlflow

    (folder / "in.json").write_text(json.dumps(body), encoding="utf-8")
    command = mlflow(trained, "predict", "-i", str(folder / "in.json"), "-o", str(folder / "out.json"), "-t", "json")
    done = subprocess.run(command, env=environment(trained), capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return pa.Table.from_pylist(json.loads((folder / "out.json").read_text(encoding="utf-8"))["predictions"])


SERVING = """
import sys
from toolkit.model import StanceModel, own_models
for folder in own_models().values():
    StanceModel.load(folder).predict(["We deny it."])
print("\\n".join(sorted(name for name in sys.modules if name.startswith("toolkit."))))
"""


def test_serving_imports_neither_training_nor_evaluation() -> None:
    done = subprocess.run([sys.executable, "-c", SERVING], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    rooms = {name.split(".")[1] for name in loaded}
    assert "model" in rooms
    assert not rooms & {"tuning", "evaluation", "experiment", "config", "report", "tracking", "quotes", "cli", "gold"}
