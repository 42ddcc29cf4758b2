"""What is no text is refused whoever hands it over, by row and column, and never labelled as the word ``None``."""

from __future__ import annotations

import datetime
import decimal
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from toolkit.errors import DataError
from toolkit.model import StanceModel, own_models
from toolkit.records import Statement
from toolkit.storage import statement_table

GOOD = "We deny it."
MISSING = {"None": None, "nan": float("nan"), "NA": pd.NA, "NaT": pd.NaT, "np.nan": np.float64("nan")}
BLANK = {"empty": "", "blank": " \t\n\u00a0"}
NO_TEXT = {
    "a number": 3, "a fraction": 1.5, "a numpy number": np.int64(7), "true": True, "bytes": b"We deny it.", "a list": ["x"],
    "a date": datetime.date(2024, 1, 1), "a decimal": decimal.Decimal("1"), "an object": {"a": 1},
}  # fmt: skip
BAD = [(value, "is empty") for value in (*MISSING.values(), *BLANK.values())]
BAD += [(value, "must hold text, not a") for value in NO_TEXT.values()]
IDS = [*MISSING, *BLANK, *NO_TEXT]


@pytest.fixture(scope="module")
def model() -> StanceModel:
    return StanceModel.load(own_models()["stance"])


@pytest.fixture(scope="module")
def served(model: StanceModel, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same model as MLflow loads it, with the signature that the toolkit logs models with."""
    import mlflow.pyfunc

    from toolkit.tracking.runs import _signature

    example = statement_table([Statement("s", "a", GOOD, ((0, len(GOOD)),), "direct")])
    signature = _signature(SimpleNamespace(example=example, answer=model.answer(example)))  # type: ignore[arg-type]
    place = tmp_path_factory.mktemp("served") / "m"
    data = str(own_models()["stance"])
    mlflow.pyfunc.save_model(
        str(place), loader_module="toolkit.model", data_path=data, signature=signature, pip_requirements=["mlflow"]
    )
    return mlflow.pyfunc.load_model(str(place))


WAYS = {
    "list": lambda bad: [GOOD, bad, GOOD],
    "series": lambda bad: pd.Series([GOOD, bad, GOOD], dtype=object),
    "frame": lambda bad: pd.DataFrame({"text": pd.Series([GOOD, bad, GOOD], dtype=object)}),
    "frame with another index": lambda bad: pd.Series([GOOD, bad, GOOD], [9, 8, 7], dtype=object).to_frame("text"),
    "nameless frame": lambda bad: pd.DataFrame([[GOOD], [bad], [GOOD]], dtype=object),
    "rows": lambda bad: [{"text": GOOD}, {"text": bad}, {"text": GOOD, "cue": "said"}],
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("bad", "told"), BAD, ids=IDS)
def test_one_hostile_row_among_good_ones_is_named(
    model: StanceModel, served: Any, way: str, bad: Any, told: str
) -> None:
    given = WAYS[way](bad)
    for asked in (model, served):
        with pytest.raises(DataError, match=f"^row 1: column 'text' {told}"):
            asked.predict(given)


@pytest.mark.parametrize("bad", [None, float("nan"), 3, True, b"x", ""], ids=str)
def test_a_row_alone_is_named_too(model: StanceModel, served: Any, bad: Any) -> None:
    for asked in (model, served):
        with pytest.raises(DataError, match=r"^row 0: column 'text' "):
            asked.predict([bad])


@pytest.mark.parametrize(
    "given",
    [
        pd.Series([GOOD, None], dtype="string"),
        pd.Series([GOOD, None], dtype=pd.ArrowDtype(pa.string())),
        pd.Series([GOOD, None], dtype="category"),
        np.array([GOOD, None], dtype=object),
        {"text": [GOOD, None]},
        {"text": np.array([GOOD, None], dtype=object)},
    ],
    ids=["string", "arrow string", "category", "array", "lists by column", "arrays by column"],
)
def test_missing_texts_of_every_type_are_named(model: StanceModel, served: Any, given: Any) -> None:
    for asked in (model, served):
        for form in (given, pd.DataFrame({"text": given}) if isinstance(given, pd.Series) else given):
            with pytest.raises(DataError, match=r"^row 1: column 'text' is empty"):
                asked.predict(form)


@pytest.mark.parametrize(
    ("array", "told"),
    [
        (pa.array([GOOD, None]), "row 1: column 'text' is empty"),
        (pa.array([GOOD, None]).dictionary_encode(), "row 1: column 'text' is empty"),
        (pa.nulls(2), "row 0: column 'text' is empty"),
        (pa.array([1, 2]), "row 0: column 'text' must hold text, not a int"),
        (pa.array([1.0, None]), "row 0: column 'text' must hold text, not a float"),
        (pa.array([True]), "row 0: column 'text' must hold text, not a bool"),
        (pa.array([b"We deny it."]), "row 0: column 'text' must hold text, not a bytes"),
        (pa.array([["x"]]), "row 0: column 'text' must hold text, not a list"),
        (pa.array([datetime.date(2024, 1, 1)]), "row 0: column 'text' must hold text, not a date"),
    ],
)
def test_arrow_tables_of_other_types_are_refused(model: StanceModel, array: pa.Array, told: str) -> None:
    for ask in (model.answer, model.predict):
        with pytest.raises(DataError, match=told):
            ask(pa.table({"text": array}))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (GOOD, "a list of texts, a data frame or a table is expected, not a str"),
        (None, "is expected, not a NoneType"),
        (7, "is expected, not a int"),
        ({GOOD}, "is expected, not a set"),
        (np.array(GOOD), "is expected, not a ndarray"),
        ({"text": [GOOD, GOOD], "cue": ["said"]}, "lists by column are expected, of one length"),
        ({"texts": [GOOD]}, r"column 'text' is missing \(found: texts\)"),
        (pd.DataFrame([[GOOD, GOOD]], columns=["text", "text"]), "column 'text' stands twice"),
        (pa.Table.from_arrays([pa.array([GOOD])] * 2, names=["text", "text"]), "column 'text' stands twice"),
    ],
    ids=str,
)
def test_what_is_no_table_is_told(model: StanceModel, given: Any, told: str) -> None:
    with pytest.raises(DataError, match=told):
        model.predict(given)


# ---------------------------------------------------------------------------------------------- MLflow's server


def ask(served: Any, body: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask as ``mlflow models serve`` does: what came over HTTP is parsed with the signature's types."""
    from mlflow.pyfunc.scoring_server import invocations

    answer = invocations(json.dumps(body), "application/json", served, served.metadata.get_input_schema())
    return json.loads(answer.response)["predictions"]


def bodies(first: Any, second: Any) -> dict[str, dict[str, Any]]:
    return {
        "inputs": {"inputs": [first, second]},
        "inputs by column": {"inputs": {"text": [first, second]}},
        "inputs by column with another": {"inputs": {"text": [first, second], "cue": ["said", None]}},
        "inputs by row": {"inputs": [{"text": first}, {"text": second}]},
        "instances": {"instances": [first, second]},
        "split": {"dataframe_split": {"columns": ["text"], "data": [[first], [second]]}},
        "split without names": {"dataframe_split": {"data": [[first], [second]]}},
        "records": {"dataframe_records": [{"text": first}, {"text": second}]},
    }


@pytest.mark.parametrize("way", bodies("", ""))
@pytest.mark.parametrize("bad", [None, 3, 1.5, True, "", "  "], ids=str)
def test_the_server_refuses_it_too(served: Any, way: str, bad: Any) -> None:
    from mlflow.exceptions import MlflowException

    with pytest.raises(MlflowException) as caught:
        ask(served, bodies(GOOD, bad)[way])
    told = json.loads(caught.value.serialize_as_json())
    assert told["error_code"] == "BAD_REQUEST"
    assert "DataError: row 1: column 'text' " in told["stack_trace"]


@pytest.mark.parametrize("way", bodies("", ""))
def test_the_server_answers_every_row(served: Any, way: str) -> None:
    answers = ask(served, bodies(GOOD, "Fine.")[way])
    assert [row["stance"] for row in answers] == [["denial"], []]
    digits = ask(served, bodies("12", "2024-01-01")[way])
    assert len(digits) == 2  # text stays text


def test_a_speaker_that_is_missing_is_nobody_not_none(served: Any, model: StanceModel) -> None:
    body = {"inputs": [{"text": "any part in the attack", "cue": "denied"}, {"text": "any part", "cue": None}]}
    assert [row["stance"] for row in ask(served, body)] == [["denial"], []]


@pytest.mark.parametrize("bad", [3, 1.5, True, ["x"], {"a": 1}, None, "\0", [[[]]]], ids=str)
def test_a_row_that_is_no_statement_changes_no_answer_of_another(tmp_path: Path, run_stance, bad: Any) -> None:
    good = [
        {"statement_id": f"s{i}", "text": text, "cue": "said"}
        for i, text in enumerate([GOOD, "Fine.", "We thank you."])
    ]
    answers = []
    for name, rows in {
        "good": good,
        "mixed": [good[0], {"statement_id": 7, "text": bad, "cue": 8, "spans": bad}, *good[1:]],
    }.items():
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        done = run_stance("predict", f"{name}.jsonl", "-o", f"{name}-p.jsonl", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        read = [json.loads(line) for line in (tmp_path / f"{name}-p.jsonl").read_text().splitlines()]
        answers.append([{key: row[key] for key in row if key != "spans"} for row in read])
    assert answers[0] == answers[1] and "mixed.jsonl:2: column 'text' " in done.stderr
    aside = json.loads((tmp_path / "mixed-p.jsonl.rejected.jsonl").read_text())
    assert (aside["row"]["text"], aside["row"]["statement_id"], aside["row"]["cue"]) == (bad, 7, 8)


def test_a_number_is_no_text_in_a_file_either(tmp_path: Path, run_stance) -> None:
    rows = [{"statement_id": "a", "text": GOOD}, {"statement_id": 2, "text": 3}, {"statement_id": 3, "text": "Fine."}]
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    model = ["-m", str(own_models()["stance"])]
    done = run_stance("predict", "s.jsonl", *model, "-o", "p.jsonl", cwd=tmp_path)
    assert done.returncode == 0 and "s.jsonl:2: column 'text' must hold text, not a int" in done.stderr
    ids = [json.loads(line)["statement_id"] for line in (tmp_path / "p.jsonl").read_text().splitlines()]
    assert ids == ["a", 3]  # columns are kept as they are
