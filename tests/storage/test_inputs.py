"""What is named on a command line: files, folders, patterns; and the dates that articles bear."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from toolkit.errors import DataError, Remark, UsageError
from toolkit.storage import SetAside, expand, read_articles
from toolkit.storage.dates import iso_date


def make(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x", encoding="utf-8")


def names(folder: Path, *inputs: str) -> list[str]:
    return [str(path.relative_to(folder)) for path in expand([folder / given for given in inputs])]


def test_a_folder_gives_its_files_and_partitions_without_leftovers(tmp_path: Path) -> None:
    make(tmp_path, "b.jsonl", "a.CSV", "c.tsv.gz", "d.xlsx", "e.txt", "notes.md", ".hidden.jsonl", "~$d.xlsx")
    make(tmp_path, "out.jsonl.rejected.jsonl", "out.parquet.run.json", ".out.jsonl.x.part", "deep/more.jsonl")
    make(tmp_path, "year=2024/part-0.parquet", "year=2023/month=1/part-0.parquet", "year=2023/_SUCCESS", ".x=1/a.csv")
    expected = ["a.CSV", "b.jsonl", "c.tsv.gz", "d.xlsx", "e.txt"]
    expected += ["year=2023/month=1/part-0.parquet", "year=2024/part-0.parquet"]
    assert names(tmp_path, "") == expected
    assert names(tmp_path, "year=2023") == ["year=2023/month=1/part-0.parquet"]
    with pytest.raises(DataError, match=r"deep/none: there is no such file"):
        names(tmp_path, "deep/none")


def test_patterns_that_no_shell_has_replaced(tmp_path: Path) -> None:
    make(tmp_path, "b.jsonl", "a.jsonl", "c.md", "deep/er/d.jsonl", "x.rejected.jsonl", "y=1/e.jsonl", "y=2/f.jsonl")
    assert names(tmp_path, "*.jsonl") == ["a.jsonl", "b.jsonl"]
    assert names(tmp_path, "[ab].jsonl") == ["a.jsonl", "b.jsonl"]
    assert names(tmp_path, "**/*.jsonl") == ["a.jsonl", "b.jsonl", "deep/er/d.jsonl", "y=1/e.jsonl", "y=2/f.jsonl"]
    assert names(tmp_path, "y=*") == ["y=1/e.jsonl", "y=2/f.jsonl"]
    make(tmp_path, "[ab].jsonl")
    assert names(tmp_path, "[ab].jsonl") == ["[ab].jsonl"]  # a file of this name
    with pytest.raises(DataError, match=r"z\*\.jsonl: no file has a name of this pattern"):
        names(tmp_path, "z*.jsonl")


def test_each_file_is_read_once_and_that_is_said(tmp_path: Path) -> None:
    make(tmp_path, "a.jsonl", "b.jsonl", "folder/c.jsonl")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "a.jsonl")
    with pytest.warns(Remark, match=r"link\.jsonl \(and 2 more\): is named twice, and read once\."):
        assert names(tmp_path, "a.jsonl", "b.jsonl", "link.jsonl", "folder/../b.jsonl", "folder", "folder/c.jsonl") == [
            "a.jsonl",
            "b.jsonl",
            "folder/c.jsonl",
        ]


def test_what_is_named_itself_is_read_whatever_its_name(tmp_path: Path) -> None:
    make(tmp_path, "x.rejected.jsonl", ".hidden.csv", "a.docx")
    assert names(tmp_path, "x.rejected.jsonl", ".hidden.csv") == ["x.rejected.jsonl", ".hidden.csv"]
    with pytest.raises(UsageError, match=r"a\.docx: the ending tells the format: .*\.tsv, .*\.xlsx are allowed"):
        names(tmp_path, "a.docx")


# ------------------------------------------------------------------------------------------------------- dates


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2024-03-01", "2024-03-01"),
        ("2024-03-01T23:30:00-05:00", "2024-03-01"),
        ("2024-03-01T08:00:00.123Z", "2024-03-01"),
        ("2024-03-01 08:00", "2024-03-01"),
        ("2024-03-01 08:00:00+00:00", "2024-03-01"),
        ("2024-03-01 08:00:00 UTC", "2024-03-01"),
        ("20240301", "2024-03-01"),
        ("20240301T080000Z", "2024-03-01"),
        ("2024-3-1", "2024-03-01"),
        ("2024/03/01", "2024-03-01"),
        ("2024.03.01", "2024-03-01"),
        ("01.03.2024", "2024-03-01"),
        ("1.3.2024", "2024-03-01"),
        ("01.03.2024, 10:15", "2024-03-01"),
        ("March 1, 2024", "2024-03-01"),
        ("Mar. 1st, 2024", "2024-03-01"),
        ("march 1 2024 at 10:15 am", "2024-03-01"),
        ("Friday, March 1, 2024, 10:15 AM EST", "2024-03-01"),
        ("1 Mar 2024", "2024-03-01"),
        ("1st of March 2024", "2024-03-01"),
        ("01-Mar-2024", "2024-03-01"),
        ("2 Sept 2024", "2024-09-02"),
        ("Fri, 01 Mar 2024 08:00:00 GMT", "2024-03-01"),
        ("Fri, 1 Mar 2024 08:00:00 +0100", "2024-03-01"),
        ("13/04/2024", "2024-04-13"),
        ("04/13/2024", "2024-04-13"),
        ("04/04/2024", "2024-04-04"),
        ("2024-03", "2024-03"),
        ("March 2024", "2024-03"),
        ("2024", "2024"),
        ("  2024-03-01\n", "2024-03-01"),
        ("03/04/2024", None),
        ("03-04-2024", None),
        ("13/13/2024", None),
        ("2024-02-30", None),
        ("31.02.2024", None),
        ("01/03/24", None),
        ("1709251200", None),
        ("1700010112345", None),
        ("0301", None),
        ("May 3", None),
        ("Marz 1, 2024", None),
        ("yesterday", None),
        ("0000-00-00", None),
        ("2024-03-01 and then", None),
        ("x" * 10**6, None),
        ("٢٠٢٤-٠٣-٠١", "2024-03-01"),
    ],
)  # fmt: skip
def test_dates_are_read_where_they_say_one_day(written: str, read: str | None) -> None:
    assert iso_date(written) == read


def test_an_article_is_not_lost_for_its_date(tmp_path: Path) -> None:
    path, aside = tmp_path / "a.jsonl", SetAside()
    dates = ["2024-03-01T08:00:00Z", "03/04/2024", None, "", "May 3", "1 Mar 2024"]
    rows = [{"article_id": str(n), "text": "t", "published": date} for n, date in enumerate(dates)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    told = r"a\.jsonl: 2 dates are left empty, not to be guessed \(the first: '03/04/2024' at .*a\.jsonl:2\); write dates as 2024-03-01\."
    with pytest.warns(Remark, match=told) as said:
        found = [a.published for a in read_articles([path], aside)]
    assert found == ["2024-03-01", None, None, None, None, "2024-03-01"]
    assert len(said) == 1 and aside.count == 0


@pytest.mark.parametrize(
    "kind", [pa.date32(), pa.date64(), pa.timestamp("s"), pa.timestamp("ns", "UTC"), pa.timestamp("ms")]
)
def test_columns_of_dates_in_parquet(tmp_path: Path, kind: pa.DataType) -> None:
    day = datetime.date(2024, 3, 1)
    values = pa.array([day, None], pa.date32()).cast(pa.timestamp("s")).cast(kind)
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"article_id": ["1", "2"], "text": ["t", "t"], "published": values}), path)
    assert [a.published for a in read_articles([path])] == ["2024-03-01", None]
