"""What a notebook user imports: tables in, data frames out, the same answers as the program's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import toolkit
from toolkit import evaluate, extract, load_model, predict, train
from toolkit.errors import ConfigError, DataError, ModelError, Remark, TrackingError, UsageError
from toolkit.records import Article

TEXTS = ["We will strike if they cross the river.", "We never did that.", "We are ready to talk."]
ARTICLE = 'NORHOLM. "We will strike tomorrow," said Jane Doe, the minister.\n\nNorland denied that it had fired first.'


def test_the_names_are_there_and_cost_nothing_until_they_are_used() -> None:
    assert set(toolkit.__all__) - {"__version__"} == {"extract", "predict", "load_model", "train", "evaluate"}
    code = "import sys, toolkit; assert [name for name in sys.modules if name.startswith('toolkit.')] == ['toolkit.version']; toolkit.predict"
    subprocess.run([sys.executable, "-c", f"{code}; assert 'pandas' not in sys.modules"], check=True)
    with pytest.raises(AttributeError, match="no attribute 'predcit'"):
        toolkit.predcit  # noqa: B018


def test_a_room_of_a_like_name_never_takes_the_place_of_a_function() -> None:
    import toolkit.prediction

    assert callable(toolkit.predict) and callable(toolkit.extract)


@pytest.mark.parametrize("name", ["extract", "predict", "load_model", "train", "evaluate"])
def test_every_function_tells_what_comes_and_what_is_raised(name: str) -> None:
    told = getattr(toolkit, name).__doc__
    assert "Returns a" in told and "Raises" in told


# ------------------------------------------------------------------------------------------------------- extract


@pytest.mark.parametrize(
    "given",
    [
        ARTICLE,
        [ARTICLE],
        {"text": ARTICLE},
        [{"text": ARTICLE}],
        Article("a", ARTICLE),
        pd.DataFrame({"text": [ARTICLE]}),
        pa.table({"text": [ARTICLE]}),
    ],
    ids=["text", "list", "mapping", "mappings", "record", "pandas", "arrow"],
)
def test_statements_come_out_of_whatever_holds_an_article(given: Any) -> None:
    found = extract(given)
    assert found["text"].tolist() == ["We will strike tomorrow,", "it had fired first"]
    assert found["speaker"].tolist() == ["Jane Doe", "Norland"]
    assert [ARTICLE[slice(*spans[0])] for spans in found["spans"]] == found["text"].tolist()


def test_articles_of_a_path_are_those_of_the_program(tmp_path: Path, run_stance) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/one.txt").write_text(ARTICLE, encoding="utf-8")
    assert run_stance("extract", "in", "-o", "out.parquet", cwd=tmp_path).returncode == 0
    theirs = pd.read_parquet(tmp_path / "out.parquet")
    for given in (tmp_path / "in/one.txt", tmp_path / "in", [tmp_path / "in/one.txt"]):
        ours = extract(given)
        assert ours.columns.tolist() == theirs.columns.tolist()
        assert ours["statement_id"].tolist() == theirs["statement_id"].tolist()


def test_acts_can_be_chosen_and_only_these() -> None:
    assert extract(ARTICLE, include=["named"]).empty
    with pytest.raises(UsageError, match="'sung' is no act"):
        extract(ARTICLE, include=["sung"])  # type: ignore[list-item]


# ------------------------------------------------------------------------------------------------------- predict


@pytest.fixture(scope="module")
def stance_model() -> Any:
    return load_model("stance")


def test_a_text_is_a_statement(stance_model: Any) -> None:
    found = predict(TEXTS[0], stance_model)
    assert found["stance"].tolist() == [["threatening"]] and 0 < found["stance_threatening"][0] < 1
    assert found["text"].tolist() == TEXTS[:1]


def test_rows_keep_their_order_their_index_and_their_columns(stance_model: Any) -> None:
    given = pd.DataFrame({"text": TEXTS, "page": [3, 1, 2]}, index=["c", "a", "b"])
    found = predict(given, stance_model)
    assert found.index.tolist() == ["c", "a", "b"] and found["page"].tolist() == [3, 1, 2]
    assert predict(given["text"], stance_model).index.tolist() == ["c", "a", "b"]
    assert found["stance"].tolist() == predict(TEXTS, stance_model)["stance"].tolist()
    assert given.columns.tolist() == ["text", "page"], "what was given is left as it was"


def test_the_answers_are_those_of_the_program(tmp_path: Path, run_stance) -> None:
    pd.DataFrame({"text": TEXTS}).to_parquet(tmp_path / "in.parquet")
    assert run_stance("predict", "in.parquet", "-o", "out.parquet", cwd=tmp_path).returncode == 0
    theirs = pd.read_parquet(tmp_path / "out.parquet")
    ours = predict(TEXTS)
    assert ours.columns.tolist() == theirs.columns.tolist() and ours["model"].tolist() == theirs["model"].tolist()
    for name in ("stance_threatening", "sentiment_negative"):
        np.testing.assert_array_equal(ours[name], theirs[name])


def test_articles_are_extracted_first_where_that_is_said(stance_model: Any) -> None:
    found = predict(ARTICLE, stance_model, holds="articles", evidence=True)
    assert found["speaker"].tolist() == ["Jane Doe", "Norland"]
    assert found["stance"].tolist() == [["threatening"], ["denial"]] and found["stance_evidence"][0]
    assert predict(extract(ARTICLE), stance_model)["stance"].tolist() == found["stance"].tolist()


def test_a_column_can_have_another_name(stance_model: Any) -> None:
    found = predict(
        pd.DataFrame({"body": TEXTS, "nr": ["x", "y", "z"]}), stance_model, text_column="body", id_column="nr"
    )
    assert found["nr"].tolist() == ["x", "y", "z"] and found["stance"].tolist()[0] == ["threatening"]


@pytest.mark.parametrize(
    ("given", "error", "told"),
    [
        (5, UsageError, "not int"),
        (None, UsageError, "not NoneType"),
        ([1, "a"], UsageError, "not a list of int, str"),
        (pd.DataFrame({"txt": ["a"]}), DataError, "the table: row 1: column 'text' is missing"),
        (["a", ""], DataError, "the table: row 2: column 'text' is empty"),
        (["a", None], DataError, "the table: row 2: column 'text' is empty"),
        (pd.DataFrame({"text": ["a", 1]}), DataError, "the table cannot be read"),
    ],
)
def test_what_cannot_be_labelled_is_told(stance_model: Any, given: Any, error: type[Exception], told: str) -> None:
    with pytest.raises(error, match=told):
        predict(given, stance_model)


def test_the_name_of_a_file_is_not_labelled_as_a_sentence(tmp_path: Path, stance_model: Any) -> None:
    file = tmp_path / "in.csv"
    file.write_text("text\nWe will talk.\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is the name of a file; a str is taken as a text"):
        predict(str(file), stance_model)
    assert predict(file, stance_model)["text"].tolist() == ["We will talk."]


def test_rows_can_be_left_out_and_are_told(stance_model: Any) -> None:
    with pytest.warns(Remark, match="1 row could not be read and is left out: the table: row 2"):
        found = predict([TEXTS[0], "", TEXTS[1]], stance_model, max_errors=None)
    assert found["text"].tolist() == TEXTS[:2]


def test_two_models_of_a_scheme_are_one_too_many() -> None:
    with pytest.raises(UsageError, match="two models answer the same label scheme"):
        predict("We will talk.", ["stance", "stance"])


def test_a_model_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TrackingError, match="there is no tracking store yet"):
        load_model("models:/stance@champion")
    with pytest.raises(ModelError, match="is not a model of this toolkit"):
        load_model(tmp_path)


# -------------------------------------------------------------------------------------------- train and evaluate


def test_an_experiment_gives_a_table_whose_models_can_be_used(project: Path, undrawn) -> None:
    small = {"schemes": ["sentiment"], "models": ["majority", "cues"], "evaluation.resamples": 100}
    table = train("experiments/tiny.yaml", small)
    assert table["model"].tolist() == ["majority", "cues"] and table["chosen"].sum() == 1
    (uri,) = table["registered"].dropna()
    assert uri == "models:/sentiment/1" and table["macro F1"].between(0, 1).all() and len(set(table["run"])) == 1
    found = predict(TEXTS, uri)
    assert found["model"][0].startswith("models:/sentiment/1 (run ")
    with pytest.raises(ConfigError, match="did you mean 'seed'"):
        train("tiny", ["sed=1"])


def test_figures_are_those_of_the_labels_that_are_there(stance_model: Any) -> None:
    rows = [
        {"statement_id": str(i), "article_id": f"a{i}", "text": text, "stance": gold}
        for i, (text, gold) in enumerate(zip(TEXTS, (["threatening"], ["denial"], None), strict=True))
    ]
    found = evaluate(stance_model, rows, resamples=100).set_index(["figure", "label"])
    assert found.loc[("recall", "threatening"), "value"] == 1.0 and found.loc[("f1", "threatening"), "support"] == 1
    assert found.loc[("recall", "conciliatory"), "value"] is None or np.isnan(
        found.loc[("recall", "conciliatory"), "value"]
    )
    assert found.equals(evaluate(stance_model, pd.DataFrame(rows), resamples=100).set_index(["figure", "label"]))
    with pytest.raises(DataError, match="no statement has a gold label in stance"):
        evaluate(stance_model, rows[2:])
    with pytest.raises(DataError, match="the table: row 1: column 'stance' is missing"):
        evaluate(stance_model, pd.DataFrame(rows).drop(columns="stance"))
