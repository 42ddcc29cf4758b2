"""Parquet in bounded memory: what a few kilobytes can hold, what is damaged, what its metadata claims."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.limits import told_by
from toolkit.errors import DataError
from toolkit.storage import SetAside, parquet_batches, read_rows, read_statements, write_rows

MIB = 2**20
READ = """
import json, resource, sys
from pathlib import Path
from toolkit.storage import SetAside, parquet_batches, read_statements
import pyarrow, pyarrow.parquet, numpy, pandas
resource.setrlimit(resource.RLIMIT_AS, (1536 * 2**20, 1536 * 2**20))
aside, read, largest = SetAside(), 0, 0
if sys.argv[2] == "batches":
    for first, batch in parquet_batches(Path(sys.argv[1]), 50_000, aside):
        assert first > read
        read += len(batch)
        largest = max(largest, batch.nbytes)
else:
    read = sum(1 for _ in read_statements(Path(sys.argv[1]), aside))
print(json.dumps([read, aside.count, aside.reasons, largest, len(aside.listed())]))
"""


def read_in_a_child(path: Path, how: str = "batches") -> tuple[int, int, list[str], int, int]:
    """Read a file in a process that may have 1.5 GiB: rows, how many were set aside, why, the largest batch, the list."""
    return told_by(READ, path, how)


def repeated(text: str, times: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * times, pa.int32()), [text])


def write(path: Path, table: pa.Table, **how: Any) -> Path:
    pq.write_table(table, path, compression="zstd", **how)
    return path


def ids(count: int) -> list[str]:
    return [f"s{n}" for n in range(count)]


def test_one_large_cell_in_many_rows(tmp_path: Path) -> None:
    """Some kilobytes that were 3.9 GB."""
    path = write(tmp_path / "a.parquet", pa.table({"statement_id": ids(2000), "text": repeated("x" * MIB, 2000)}))
    assert path.stat().st_size < 60_000
    read, aside, _, largest, _ = read_in_a_child(path)
    assert (read, aside) == (2000, 0) and largest <= 65 * MIB


@pytest.mark.slow
def test_one_large_cell_in_many_statements(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"statement_id": ids(2000), "text": repeated("x" * MIB, 2000)}))
    assert read_in_a_child(path, "statements")[:2] == (2000, 0)


def test_one_large_cell_in_many_lists(tmp_path: Path) -> None:
    items = repeated("x" * MIB, 100_000)
    lists = pa.ListArray.from_arrays(pa.array([0, 99_990, *range(99_991, 100_001)], pa.int32()), items)
    path = write(tmp_path / "a.parquet", pa.table({"statement_id": ids(11), "text": ["t"] * 11, "more": lists}))
    read, aside, reasons, largest, _ = read_in_a_child(path)
    assert (read, aside) == (10, 1) and "row 1: the row is larger than 64 MiB" in reasons[0]
    assert largest <= 65 * MIB


def test_a_long_list_of_nothing(tmp_path: Path) -> None:
    """A row of 200 million zeros is a kilobyte; unpacked it is gigabytes."""
    count = 17_000_000
    offsets = pa.array([0, count, count + 1], pa.int64())
    zeros = pa.LargeListArray.from_arrays(offsets, pa.array(bytearray(count + 1), pa.uint8()))
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, pa.schema({"text": pa.string(), "spans": zeros.type}), compression="zstd") as writer:
        writer.write_table(pa.table({"text": ["good"], "spans": zeros.slice(1, 1)}))
        writer.write_table(pa.table({"text": ["a", "b"], "spans": zeros}))
        writer.write_table(pa.table({"text": ["good"], "spans": zeros.slice(1, 1)}))
    assert path.stat().st_size < 60_000
    read, aside, reasons, _, _ = read_in_a_child(path)
    assert (read, aside) == (2, 1)
    assert "row 2: the rows 2 to 3 are not read: their row group has 17,000,001 items in lists" in reasons[0]


def test_lists_of_lists_of_lists(tmp_path: Path) -> None:
    value: Any = [[[[["x" * 1000] * 20] * 20] * 20] * 10]
    path = write(tmp_path / "a.parquet", pa.table({"text": ["a", "b", "c"], "deep": [value, None, [[]]]}))
    read, aside, reasons, _, _ = read_in_a_child(path)
    assert (read, aside) == (2, 1) and "row 1: the row is larger" in reasons[0]


def test_pages_of_zeros(tmp_path: Path) -> None:
    """Plain pages shrink a thousandfold; those of 200 MiB are not unpacked at all."""
    texts = ["\0" * 50 * MIB, "short", "x" * 70 * MIB, "short", "y" * 140 * MIB, "lost with its page", "last"]
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, pa.schema({"text": pa.string()}), compression="zstd", use_dictionary=False) as writer:
        for at in (0, 2, 4, 6):
            writer.write_table(pa.table({"text": texts[at : at + 2]}))
    read, aside, reasons, largest, listed = read_in_a_child(path)
    assert (read, aside) == (4, 2) and largest <= 65 * MIB and listed < 10_000
    assert "row 3: the row is larger than 64 MiB." in reasons[0]
    assert "row 5: the rows 5 to 6 are not read: their row group has a page of 140 MiB in column 'text'" in reasons[1]


def test_texts_that_go_on_from_the_one_before(tmp_path: Path) -> None:
    """In DELTA_BYTE_ARRAY every value can be as long as its page, for two bytes each."""
    table = pa.table({"text": ["x" * (MIB // 2) + str(n % 10) for n in range(500)]})
    how = {"use_dictionary": False, "column_encoding": {"text": "DELTA_BYTE_ARRAY"}, "data_page_size": 2**40}
    path = write(tmp_path / "a.parquet", table, **how)
    assert path.stat().st_size < 60_000
    read, aside, _, largest, _ = read_in_a_child(path)
    assert (read, aside) == (500, 0) and largest <= 65 * MIB


def test_many_rows_of_nothing(tmp_path: Path) -> None:
    nothing = pa.nulls(3_000_000, pa.string())
    path = write(tmp_path / "a.parquet", pa.table({"statement_id": nothing, "text": nothing}))
    assert path.stat().st_size < 20_000
    assert read_in_a_child(path)[:2] == (3_000_000, 0)


def test_a_page_that_is_larger_than_its_metadata_says(tmp_path: Path) -> None:
    """The footer's sizes are put to nothing: what counts is what the page's own header says."""
    path = write(tmp_path / "a.parquet", pa.table({"text": ["\1" * 140 * MIB]}), use_dictionary=False)
    content = path.read_bytes()
    size = pq.read_metadata(path).row_group(0).column(0).total_uncompressed_size
    varint, number = b"", size << 1
    while number > 127:
        varint, number = varint + bytes([number & 127 | 128]), number >> 7
    varint += bytes([number])
    assert varint in content[-2000:]
    path.write_bytes(content[:-2000] + content[-2000:].replace(varint, b"\x82\x80\x80\x80\x00"))
    assert pq.read_metadata(path).row_group(0).column(0).total_uncompressed_size < MIB
    read, aside, reasons, _, _ = read_in_a_child(path)
    assert (read, aside) == (0, 1) and "a page of" in reasons[0]


# ------------------------------------------------------------------------------------------------ what is damaged


def test_what_stands_before_and_behind_damage_is_read(tmp_path: Path) -> None:
    rows = 5000
    table = pa.table({"statement_id": ids(rows), "text": [f"Statement {n * 7919 % 10007}." for n in range(rows)]})
    path = write(
        tmp_path / "a.parquet",
        table,
        row_group_size=1000,
        data_page_size=512,
        write_batch_size=64,
        use_dictionary=False,
    )
    chunk = pq.read_metadata(path).row_group(2).column(1)
    content = bytearray(path.read_bytes())
    middle = chunk.data_page_offset + chunk.total_compressed_size // 2
    content[middle : middle + 60] = bytes(60)
    path.write_bytes(content)
    aside = SetAside()
    found = [s.statement_id for s in read_statements(path, aside)]
    assert aside.count == 1 and "cannot be read as Parquet after row 2" in aside.reasons[0]
    assert found[:2100] == ids(rows)[:2100] and found[-2000:] == ids(rows)[-2000:] and len(found) < 4950
    first, last = (int(word) for word in aside.reasons[0].replace(",", "").replace(":", "").split() if word.isdigit())
    assert len(found) + last - first == rows and last == 3000


def test_text_that_is_no_utf8_is_set_aside_with_its_row(tmp_path: Path) -> None:
    broken = pa.array([b"a", b"\xff\xfe", b"c"] * 300, pa.binary())
    text = pa.StringArray.from_buffers(900, broken.buffers()[1], broken.buffers()[2])
    path = write(tmp_path / "a.parquet", pa.table({"statement_id": ids(900), "text": text}))
    aside = SetAside()
    assert len(list(read_statements(path, aside))) == 600 and aside.count == 300
    assert "row 2: holds what cannot be read: " in aside.reasons[0]
    assert json.loads(aside.listed().splitlines()[0])["row"] == {"statement_id": "s1", "text": "\\xff\\xfe"}


def test_fewer_rows_than_the_file_says_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table({"text": ["a", "b", "c"]}), use_dictionary=False)
    content = path.read_bytes()
    where = content.rindex(b"\x16\x06")  # the numbers of rows in the footer: 3, as a varint
    path.write_bytes(content[:where] + b"\x16\x0a" + content[where + 2 :])
    aside = SetAside()
    read = sum(len(batch) for _, batch in parquet_batches(path, 100, aside))
    assert read <= 3 and (aside.count == 1 or read == pq.read_metadata(path).num_rows)


def test_numbers_of_rows_and_columns_that_are_asked_for(tmp_path: Path) -> None:
    table = pa.table({"text": ids(2500), "more": ids(2500), "n": range(2500)})
    path = write(tmp_path / "a.parquet", table, row_group_size=800)
    found = list(parquet_batches(path, 300, SetAside(0), columns=["text", "absent"]))
    assert all(batch.schema.names == ["text"] and len(batch) <= 300 for _, batch in found)
    assert [first for first, _ in found] == [1 + sum(len(b) for _, b in found[:n]) for n in range(len(found))]
    assert [text for _, batch in found for text in batch["text"].to_pylist()] == ids(2500)
    with pytest.raises(DataError, match=r"a\.parquet: row 1: column 'speaker' is missing \(found: text, more, n\)\."):
        list(parquet_batches(path, 300, SetAside(), required=["speaker"]))


def test_what_is_written_has_few_row_groups(tmp_path: Path) -> None:
    """With one for every thousand rows, reading took three times as long."""
    path = tmp_path / "a.parquet"
    rows = [{"text": f"text {n}"} for n in range(60_500)]
    assert write_rows(rows, path, schema=pa.schema({"text": pa.string()})) == 60_500
    assert [pq.read_metadata(path).row_group(n).num_rows for n in range(2)] == [50_000, 10_500]
    assert [row.values for row in read_rows(path)] == rows
    assert write_rows([], path, schema=pa.schema({"text": pa.string()})) == 0
    assert pq.read_schema(path).names == ["text"]


def test_a_column_name_that_stands_twice(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.table([["a"], ["b"]], names=["text", "text"]))
    with pytest.raises(DataError, match="a column name stands twice: 'text'"):
        list(read_rows(path))


def test_categories_lists_and_dates_come_as_their_values(tmp_path: Path) -> None:
    table = pa.table(
        {
            "statement_id": ids(3),
            "text": pa.array(["a", "b", "a"]).dictionary_encode(),
            "published": pa.array([datetime.date(2024, 3, 1)] * 3),
            "stance": pa.array([["denial"], [], None]),
        }
    )
    path = write(tmp_path / "a.parquet", table)
    assert [(s.text, s.published) for s in read_statements(path)] == [(t, "2024-03-01") for t in "aba"]
    assert [row.values["stance"] for row in read_rows(path)] == [["denial"], [], None]


def test_a_date_that_python_does_not_have_sets_its_row_aside(tmp_path: Path) -> None:
    years = pa.array([0, 10**16, 0], pa.timestamp("ms"))
    path = write(tmp_path / "a.parquet", pa.table({"text": ["a", "b", "c"], "at": years}))
    aside = SetAside()
    assert [row.values["text"] for row in read_rows(path, reject=aside)] == ["a", "c"]
    assert aside.count == 1 and "row 2: holds what cannot be read" in aside.reasons[0]
