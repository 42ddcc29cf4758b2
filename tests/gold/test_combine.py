"""Several annotators of a statement become one row: by majority, with what each of them gave where they differ."""

from __future__ import annotations

import pytest

from toolkit.errors import DataError
from toolkit.gold import combined
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement

MANY, ONE = (
    LabelScheme.model_validate(
        {"name": name, "question": "?", "multi_label": multi, "labels": {n: {"definition": n} for n in ("a", "b", "c")}}
    )
    for name, multi in (("many", True), ("one", False))
)


def rows(given: list[dict[str, tuple[str, ...]]], statement_id: str = "s") -> list[tuple[Statement, Labels]]:
    statement = Statement(statement_id, "x", "text", (), "direct")
    return [(statement, Labels(statement_id, labels, f"ann{i}")) for i, labels in enumerate(given)]


def together(*given: dict[str, tuple[str, ...]]) -> Labels:
    ((_, labels),) = combined(rows(list(given)), [MANY, ONE])
    return labels


def test_more_than_half_of_the_annotators_give_a_label() -> None:
    labels = together({"many": ("a", "b")}, {"many": ("b",)}, {"many": ("b", "c")})
    assert labels.by_scheme == {"many": ("b",)} and labels.annotator == "ann0+ann1+ann2"
    assert labels.readings == {"many": (("a", "b"), ("b",), ("b", "c"))}
    assert together({"many": ("a",)}, {"many": ()}).by_scheme == {"many": ()}


def test_the_most_frequent_label_of_a_single_label_scheme_counts_and_of_a_tie_the_first() -> None:
    assert together({"one": ("b",)}, {"one": ("a",)}, {"one": ("a",)}).by_scheme == {"one": ("a",)}
    assert together({"one": ("b",)}, {"one": ("a",)}).by_scheme == {"one": ("b",)}


def test_who_agrees_leaves_no_readings_and_who_was_not_asked_does_not_count() -> None:
    labels = together({"many": ("a", "b"), "one": ("c",)}, {"many": ("b", "a")})
    assert labels.readings == {} and labels.by_scheme == {"many": ("a", "b"), "one": ("c",)}


def test_one_row_stays_as_it_is_and_the_order_of_the_file_is_kept() -> None:
    given = [*rows([{"many": ("a",)}], "first"), *rows([{"many": ()}, {"many": ()}], "second")]
    found = combined([given[1], given[0], given[2]], [MANY])
    assert [statement.statement_id for statement, _ in found] == ["second", "first"] and found[1] == given[0]


def test_rows_of_one_statement_have_one_text() -> None:
    other = (Statement("s", "x", "another text", (), "direct"), Labels("s", {"many": ()}, "bob"))
    with pytest.raises(DataError, match="rows of statement 's' do not have the same text"):
        combined([*rows([{"many": ()}]), other], [MANY])
