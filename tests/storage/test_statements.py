"""Statements read as columns are those that are read row by row, and no others."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolkit.errors import DataError
from toolkit.records import Statement, columns
from toolkit.storage import Row, as_table, screened, statement_from

TEXTS = st.sampled_from(["a", "b c", "", " ", "\x00", "é", "“We go”", None, 7, 1.5, True, ["a"]])
OFFSETS = st.sampled_from([0, 3, 5, 9, -1, 2**31, 1.5, None, "4"])
SPANS = st.one_of(st.none(), st.lists(st.lists(OFFSETS, max_size=3), max_size=3))
ROWS = st.lists(
    st.fixed_dictionaries(
        {"statement_id": st.one_of(st.sampled_from(["s", "t"]), TEXTS), "text": st.one_of(st.just("a"), TEXTS)},
        optional={
            "spans": SPANS, "speaker_start": OFFSETS, "context": TEXTS, "speaker": TEXTS,
            "kind": st.sampled_from(["direct", "mixed", "", None, "other"]), "act": st.sampled_from(["said", "", None, "x"]),
        },
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def sound(spans: Any) -> dict[str, Any]:
    return {"statement_id": "s", "text": "a", "spans": spans}


@settings(deadline=None, max_examples=300)
@given(ROWS)
@example([sound([[0, 3], [5]]), sound([[5, 2]]), sound([[0, 9]])])
def test_columns_and_rows_give_the_same(rows: list[dict[str, Any]]) -> None:
    expected: dict[int, Statement] = {}
    for number, row in enumerate(rows):
        try:
            expected[number] = statement_from(Row(row, f"row {number}"))
        except DataError:
            pass
    aside: list[str] = []
    found, numbers = screened(
        as_table(rows, columns(Statement)), "row {}".format, lambda where, reason, row=None: aside.append(where)
    )
    assert dict(zip(numbers.tolist(), found, strict=True)) == expected
    assert aside == [f"row {number}" for number in range(len(rows)) if number not in expected]
