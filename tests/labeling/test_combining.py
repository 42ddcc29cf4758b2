"""Several annotators become one: what most say, or what the better ones say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from toolkit.errors import DataError
from toolkit.labeling.people import METHODS, Method, combine
from toolkit.labels import Label, LabelScheme
from toolkit.records import Labels, Statement
from toolkit.storage import read_labelled, read_rows

NAMES = ("x", "y")


def scheme(multi: bool) -> LabelScheme:
    labels = {name: Label(definition="d") for name in NAMES}
    return LabelScheme(name="s", question="q", multi_label=multi, labels=labels)


def coded(multi: bool, many: int = 400) -> tuple[list[set[str]], list[tuple[Statement, Labels]]]:
    """Two careful annotators and three that guess: the truth, and what they gave."""
    rng = np.random.default_rng(8)
    truth = [{name for name in NAMES if rng.random() < 0.3} if multi else {str(rng.choice(NAMES))} for _ in range(many)]
    rows = []
    for number, true in enumerate(truth):
        one = Statement(f"s{number}", f"a{number}", f"text {number}", (), "direct")
        for annotator, right in (("ann", 0.95), ("bob", 0.95), ("g1", 0.5), ("g2", 0.5), ("g3", 0.5)):
            if multi:
                given = tuple(name for name in NAMES if (name in true) == (rng.random() < right))
            else:
                other = next(name for name in NAMES if name not in true)
                given = (next(iter(true)) if rng.random() < right else other,)
            rows.append((one, Labels(one.statement_id, {"s": given}, annotator)))
    return truth, rows


@pytest.mark.parametrize("multi", [True, False])
def test_those_who_guess_count_less_where_errors_are_weighed(multi: bool) -> None:
    pytest.importorskip("crowdkit", reason="needs the extra [annotation]")
    truth, rows = coded(multi)
    right: dict[str, float] = {}
    for method in METHODS:
        found = combine(rows, scheme(multi), method)
        assert [one.statement_id for one, _, _ in found.rows] == [f"s{i}" for i in range(len(truth))]
        right[method] = np.mean(
            [set(labels.by_scheme["s"]) == true for (_, labels, _), true in zip(found.rows, truth, strict=True)]
        )
        assert all(0.5 <= (labels.confidence or 0) <= 1 for _, labels, _ in found.rows)
    assert right["dawid-skene"] > right["majority"] + 0.03 and right["mace"] > right["majority"] + 0.03, right
    ann, guess = found.annotators["ann"]["x"], found.annotators["g1"]["x"]
    assert ann[0] is not None and ann[0] > 0.85 and guess[0] is not None and 0.35 < guess[0] < 0.65


def rows_of(*readings: dict[str, str]) -> Iterator[tuple[Statement, Labels]]:
    for number, reading in enumerate(readings):
        one = Statement(f"s{number}", "a", "text", (), "direct")
        for annotator, given in reading.items():
            yield one, Labels(one.statement_id, {"s": tuple(given.split())}, annotator)


def test_a_majority_keeps_what_annotators_gave_where_they_differ() -> None:
    table = rows_of({"a": "x", "b": "x y", "c": "y"}, {"a": "", "b": ""}, {"a": "x"})
    found = combine(table, scheme(multi=True), "majority")
    first, second, third = (labels for _, labels, _ in found.rows)
    assert first.by_scheme["s"] == ("x", "y") and first.annotator == "majority(a+b+c)"
    assert first.readings["s"] == (("x",), ("x", "y"), ("y",)) and first.confidence == pytest.approx(0.666667)
    assert second.by_scheme["s"] == () and second.confidence == 1 and not second.readings
    assert third.annotator == "a" and found.rows[0][2] == pytest.approx({"x": 2 / 3, "y": 2 / 3})
    assert found.annotators["c"]["x"] == (pytest.approx(0.0), 0.0)


@pytest.mark.parametrize("method", METHODS)
def test_what_all_say_stays_as_it_is(method: Method) -> None:
    pytest.importorskip("crowdkit", reason="needs the extra [annotation]")
    found = combine(rows_of({"a": "x", "b": "x"}, {"a": "x", "b": "x"}), scheme(multi=True), method)
    assert [labels.by_scheme["s"] for _, labels, _ in found.rows] == [("x",), ("x",)]


def test_no_label_in_the_scheme_is_told() -> None:
    with pytest.raises(DataError, match=r"no statement is labelled in the scheme 's'."):
        combine([], scheme(multi=True), "majority")


def test_the_command_writes_a_table_that_can_be_trained_on(tmp_path: Path, run_stance) -> None:
    rows = [
        {"statement_id": f"s{i}", "text": f"t{i}", "annotator": who, "stance": given}
        for i in range(3)
        for who, given in (("ann", ["denial"]), ("bob", ["denial"] if i else []), ("cas", []))
    ]
    (tmp_path / "coded.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for ending in ("jsonl", "parquet", "csv"):
        done = run_stance("annotate", "combine", "coded.jsonl", "-o", f"gold.{ending}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert "3 statements combined by majority, 3 on which annotators differ" in done.stderr
    gold = [row.values for row in read_rows(tmp_path / "gold.jsonl")]
    assert [row["stance"] for row in gold] == [[], ["denial"], ["denial"]]
    assert gold[1]["stance_denial"] == pytest.approx(0.666667) and gold[1]["confidence"] == pytest.approx(0.666667)
    from toolkit.config import load_scheme

    stance = load_scheme("stance", Path(__file__).resolve().parents[2])
    read = [labels for _, labels in read_labelled(tmp_path / "gold.jsonl", [stance])]
    assert read[0].readings["stance"] == (("denial",), (), ())
    done = run_stance("annotate", "combine", "coded.jsonl", "-o", "x.csv", "--method", "mean", cwd=tmp_path)
    assert done.returncode == 2 and "--method: 'mean' is none of majority, dawid-skene, mace" in done.stderr
