"""Text files as people have them: their encodings, what stands between cells, line ends, compression, bounds."""

from __future__ import annotations

import gzip
import json
import random
import warnings
from pathlib import Path

import pyarrow as pa
import pytest

from tests.limits import told_by
from toolkit.errors import DataError, Remark, UsageError
from toolkit.records import Article
from toolkit.storage import SetAside, read_articles, read_rows, read_statements, record_row, record_schema, write_rows

MIB = 2**20
WORDS = "The minister’s spokesman — in São Tomé — said: “We’ll go to Müller’s café.”"


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def table(ending: str, texts: list[str], encoding: str, sign: str = ",") -> bytes:
    if ending == "jsonl":
        rows = [json.dumps({"statement_id": f"s{n}", "text": t}, ensure_ascii=False) for n, t in enumerate(texts)]
    else:
        rows = [f"statement_id{sign}text"] + [f's{n}{sign}"{t}"' for n, t in enumerate(texts)]
    return "".join(row + "\n" for row in rows).encode(encoding)


def texts_of(path: Path, reject: SetAside | None = None) -> list[str]:
    return [s.text for s in read_statements(path, *([reject] if reject else []))]


# -------------------------------------------------------------------------------------------------- encodings


@pytest.mark.parametrize("ending", ["jsonl", "csv", "csv.gz"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "utf-8"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, ending: str, encoding: str) -> None:
    texts = [WORDS, "плюс 中文 🙂", "plain"]
    content = table(ending.removesuffix(".gz"), texts, encoding)
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    content = mark + content
    path = write(tmp_path / f"s.{ending}", gzip.compress(content) if ending.endswith("gz") else content)
    if encoding.startswith("utf-8"):
        assert texts_of(path) == texts
    else:
        with pytest.warns(Remark, match=rf"s\.{ending}: read as {encoding[:6].upper()}, as its first bytes say\."):
            assert texts_of(path) == texts


@pytest.mark.parametrize("cut", [1, 2, 3])
def test_what_is_broken_in_utf_16_loses_its_line_only(tmp_path: Path, cut: int) -> None:
    lines = [json.dumps({"statement_id": f"s{n}", "text": "x"}) + "\n" for n in range(4)]
    half = lines[1].encode("utf-16-le").replace(b"x\0", b"\x00\xd8")
    content = b"\xff\xfe" + lines[0].encode("utf-16-le") + half + lines[2].encode("utf-16-le")
    path = write(tmp_path / "s.jsonl", content + lines[3].encode("utf-16-le")[: -2 * cut - 1])
    aside = SetAside()
    with pytest.warns(Remark, match="UTF-16"):
        assert [s.statement_id for s in read_statements(path, aside)] == ["s0", "s2"]
    assert aside.count == 2 and "s.jsonl:2: is not UTF-8" in aside.reasons[0]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv"])
@pytest.mark.parametrize("before", [0, 5000])
def test_windows_1252_is_found_and_said(tmp_path: Path, ending: str, before: int) -> None:
    texts = ["plain"] * before + [WORDS, "plain", "Müller", "déjà vu", "it’s"]
    path = write(tmp_path / f"s.{ending}", table(ending, texts, "cp1252", "\t" if ending == "tsv" else ","))
    told = rf"s\.{ending}: read as Windows-1252, not UTF-8; save it as UTF-8 to be sure\."
    with pytest.warns(Remark, match=told) as said:
        assert texts_of(path) == texts
    assert len(said) == 1


def test_a_line_that_is_not_windows_1252_either_is_set_aside(tmp_path: Path) -> None:
    content = table("csv", [*["é’s", "Müller", "naïve", "über"] * 4, "odd@", "é"], "cp1252").replace(
        b"odd@", b"odd\x81"
    )
    path, aside = write(tmp_path / "s.csv", content), SetAside()
    with pytest.warns(Remark, match="Windows-1252"):
        assert len(texts_of(path, aside)) == 17
    assert aside.count == 1 and "s.csv:18: is not Windows-1252 (byte 9 of the line)." in aside.reasons[0]


@pytest.mark.parametrize("broken", [b"\xff", b"\x92", b"\xe2\x80", b"\xc3", b"caf\xe9"])
@pytest.mark.parametrize("others", [["plain"] * 9, ["café"] * 9, ["plain"] * 50 + ["“so”"]])
def test_a_utf8_file_with_a_broken_line_stays_one(tmp_path: Path, broken: bytes, others: list[str]) -> None:
    """Or two broken lines; in a file of ASCII too, where nothing else speaks for UTF-8."""
    lines = table("jsonl", others, "utf-8").splitlines(keepends=True)
    for at in (1, 4):
        lines.insert(at, b'{"statement_id": "x%d", "text": "' % at + broken + b' s"}\n')
    path, aside = write(tmp_path / "s.jsonl", b"".join(lines)), SetAside()
    assert texts_of(path, aside) == others
    assert aside.count == 2 and "s.jsonl:2: is not UTF-8 (byte " in aside.reasons[0]


def test_a_utf8_file_that_was_cut_by_bytes_stays_one(tmp_path: Path) -> None:
    """Many broken lines, and in each of them characters that are UTF-8."""
    lines = [b'{"statement_id": "s%d", "text": "' % n + WORDS.encode()[: 14 + n] + b'"}\n' for n in range(40)]
    path, aside = write(tmp_path / "s.jsonl", b"".join(lines)), SetAside()
    assert len(texts_of(path, aside)) + aside.count == 40 and 3 < aside.count < 20


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "gb18030", "shift-jis"])
def test_other_encodings_are_not_taken_for_windows_1252(tmp_path: Path, encoding: str) -> None:
    text = "日本の首相は会談した" if encoding in ("shift-jis", "gb18030") else "Министр сказал, что переговоры будут"
    path, aside = write(tmp_path / "s.jsonl", table("jsonl", ["plain", *[text] * 20], encoding)), SetAside()
    assert texts_of(path, aside) == ["plain"]
    assert aside.count == 20 and "is not UTF-8" in aside.reasons[0]


def test_utf_16_without_its_mark_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", table("csv", ["x"], "utf-16-le"))
    with pytest.raises(DataError, match=r"s\.csv:1: the header holds NUL characters \(UTF-16 perhaps\?\)"):
        texts_of(path)


def test_a_text_in_windows_1252_is_an_article(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", WORDS.encode("cp1252"))
    with pytest.warns(Remark, match=r"a\.txt: read as Windows-1252"):
        assert next(read_articles([path])).text == WORDS
    with pytest.raises(DataError, match="is not UTF-8"):
        list(read_articles([write(tmp_path / "b.txt", b"one broken byte: \x92")]))


# --------------------------------------------------------------------------------------------- between the cells


@pytest.mark.parametrize("ending", ["tsv", "tsv.gz", "tsv.zst"])
def test_tabs_are_written_and_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    articles = [
        Article(f"00{n}", t, title=None, source="NA") for n, t in enumerate(["a\tb", 'say "x"', "a,b;c", "l\nm"])
    ]
    assert write_rows(map(record_row, articles), path, schema=record_schema(Article)) == 4
    assert list(read_articles([path])) == articles


def test_a_tsv_has_tabs_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"column 'statement_id' is missing \(found: statement_id,text\)"):
        texts_of(write(tmp_path / "s.tsv", table("csv", ["x", "y"], "utf-8")))


@pytest.mark.parametrize(("sign", "said"), [(";", "';'"), ("\t", "tabs"), ("|", r"'\|'")])
def test_other_signs_between_cells_are_found_and_said(tmp_path: Path, sign: str, said: str) -> None:
    texts = ["one, two, three", "four\nfive", "", "six"]
    path = write(tmp_path / "s.csv", table("csv", ["x", *texts[:2], "six"], "utf-8", sign))
    with pytest.warns(Remark, match=rf"s\.csv: read with {said} between cells; save it with commas to be sure\."):
        assert texts_of(path) == ["x", *texts[:2], "six"]


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("text\none; two\nthree; four\n", ["text"]),  # the text holds semicolons, the header does not
        ("text; translated\nplain\nmore\n", ["text; translated"]),  # the records do not go with it
        ("text; translated\n", None),
        ("id,text;more\na,b;c\nd,e;f\n", ["id", "text;more"]),
        ("text|more;less\na|b;c\nd|e;f\n", ["text|more;less"]),  # two signs would do
        ("text;text\na;b\nc;d\n", ["text;text"]),
        ("text;\na;b\nc;d\n", ["text;"]),
        ('"a;b"\nc\nd\n', ["a;b"]),
    ],
)
def test_commas_stay_where_anything_speaks_for_them(tmp_path: Path, content: str, names: list[str] | None) -> None:
    path = write(tmp_path / "s.csv", content.encode())
    if names is None:
        with pytest.raises(DataError, match="there are no rows"):
            list(read_rows(path))
    else:
        assert [list(row.values) for row in read_rows(path)] == [names, names]


def test_semicolons_are_found_below_empty_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", b"\n\r\nstatement_id;text\na;b\n")
    with pytest.warns(Remark, match="';'"):
        assert texts_of(path) == ["b"]


def test_semicolons_are_found_where_the_header_has_a_comma(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", b'statement_id;text;"source, date"\na;b, c;d\ne;f;g\n')
    with pytest.warns(Remark, match="';'"):
        assert texts_of(path) == ["b, c", "f"]


# ------------------------------------------------------------------------------------------ line ends, compression


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("ending", ["jsonl", "csv", "tsv"])
def test_all_line_ends_are_read(tmp_path: Path, ending: str, end: str) -> None:
    content = table(ending, ["a", "b", "c"], "utf-8", "\t" if ending == "tsv" else ",")
    path = write(tmp_path / f"s.{ending}", content.replace(b"\n", end.encode()))
    assert [(s.text, s.statement_id) for s in read_statements(path)] == [("a", "s0"), ("b", "s1"), ("c", "s2")]


def packed(ending: str, content: bytes) -> bytes:
    return gzip.compress(content, mtime=0) if ending == "gz" else pa.compress(content, "zstd", asbytes=True)


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_all_parts_of_a_compressed_file_are_read_and_garbage_behind_it_is_told(tmp_path: Path, ending: str) -> None:
    lines = table("jsonl", [f"text {n}" for n in range(100)], "utf-8").splitlines(keepends=True)
    parts = [packed(ending, b"".join(lines[at : at + 10])) for at in range(0, 100, 10)]
    path = write(tmp_path / f"s.jsonl.{ending}", b"".join(parts))
    assert len(texts_of(path)) == 100
    for garbage in (b"garbage", b"\1", parts[0][:20]):
        write(path, b"".join(parts) + garbage)
        aside = SetAside()
        assert len(texts_of(path, aside)) == 100
        assert (
            aside.count == 1 and f"s.jsonl.{ending}:101: the compressed data is damaged or cut off" in aside.reasons[0]
        )


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_what_stands_before_the_damage_is_read(tmp_path: Path, ending: str) -> None:
    random.seed(3)
    texts = [" ".join(random.choices(WORDS.split(), k=20)) for _ in range(20_000)]
    whole = packed(ending, table("jsonl", texts, "utf-8"))
    path, aside = write(tmp_path / f"s.jsonl.{ending}", whole[: len(whole) // 2]), SetAside()
    found = texts_of(path, aside)
    assert found == texts[: len(found)] and len(found) > 5000 and aside.count == 1


@pytest.mark.parametrize("header", [b"statement_id,te\xffxt", b'statement_id,"text', b'"statement_id"x,text'])
def test_a_line_of_data_never_becomes_the_header(tmp_path: Path, header: bytes) -> None:
    path = write(tmp_path / "s.csv", header + b"\na,b\nc,d\n")
    with pytest.raises(DataError, match=r"s\.csv:1: the header cannot be read; no row can without it\."):
        list(read_rows(path, reject=SetAside()))


def test_files_without_rows(tmp_path: Path) -> None:
    for name, content in [
        ("a.csv", b"text,id\n"),
        ("a.csv", b"\xef\xbb\xbf"),
        ("a.jsonl", b"\r\n\r\n"),
        ("a.tsv", b"\n"),
    ]:
        with pytest.raises(DataError, match="there are no rows in this file"):
            list(read_rows(write(tmp_path / name, content)))
    with pytest.raises(DataError, match="there are no rows"):
        list(read_rows(write(tmp_path / "a.csv.gz", gzip.compress(b""))))


def test_excel_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.xlsx: \.xlsx is read and not written; write \.csv, which Excel opens\."):
        write_rows([], tmp_path / "a.xlsx", schema=record_schema(Article))
    with pytest.raises(UsageError, match=r"a\.xlsx\.gz: \.xlsx is read and not written"):
        write_rows([], tmp_path / "a.xlsx.gz", schema=record_schema(Article))


# ------------------------------------------------------------------------------------------------------- bounds

READ = """
import json, resource, sys
from pathlib import Path
import pyarrow
from toolkit.storage import SetAside, read_rows
resource.setrlimit(resource.RLIMIT_AS, (1536 * 2**20, 1536 * 2**20))
aside = SetAside()
read = sum(1 for _ in read_rows(Path(sys.argv[1]), reject=aside))
print(json.dumps([read, aside.count, aside.reasons, len(aside.listed())]))
"""


def read_in_a_child(path: Path) -> tuple[int, int, list[str], int]:
    return told_by(READ, path)


@pytest.mark.slow
@pytest.mark.parametrize("line", [b"x" * 30_000, b'x","' * 7000], ids=["long lines", "every line opens a cell"])
def test_a_quotation_mark_that_is_never_closed_is_bounded_in_bytes(tmp_path: Path, line: bytes) -> None:
    """10,000 lines of 64 MiB were 640 GB."""
    path = tmp_path / "s.csv.gz"
    with gzip.open(path, "wb", 1) as stream:
        stream.write(b'statement_id,text\na,b\nc,"')
        for _ in range(3000):
            stream.write(line + b"\n")
    read, aside, reasons, listed = read_in_a_child(path)
    assert read + aside >= 2 and "a quotation mark is not closed within 67,108,864 characters" in reasons[0]
    assert listed < 2**28 + 2**20


@pytest.mark.slow
def test_a_line_without_end_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl.gz"
    with gzip.open(path, "wb", 1) as stream:
        stream.write(b'{"text": "a"}\n{"text": "')
        for _ in range(3000):
            stream.write(b"x" * MIB)
        stream.write(b'"}\n{"text": "b"}\n')
    read, aside, reasons, listed = read_in_a_child(path)
    assert (read, aside) == (2, 1) and "s.jsonl.gz:2: the line is longer than 64 MiB." in reasons[0]
    assert listed < 70_000


def test_what_is_kept_of_a_row_that_is_set_aside_is_bounded_and_says_so(tmp_path: Path) -> None:
    aside = SetAside()
    aside("a:1", "no." + "x" * 10**6, {"text": "y" * 10**6})
    aside("a:2", "no.", "z" * 10**6)
    aside("a:3", "no.", {"n": float("nan")})
    aside.save(tmp_path / "aside.jsonl")
    rows = [row.values for row in read_rows(tmp_path / "aside.jsonl")]
    assert [len(row["row"]) for row in rows[:2]] == [2**16, 2**16]
    assert rows[0]["cut"] == 10**6 + 12 and rows[1]["cut"] == 10**6
    assert len(rows[0]["reason"]) < 2100 and len(aside.reasons[0]) < 2100
    assert "nan" in rows[2]["row"]


def test_the_list_of_what_is_set_aside_ends_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.storage.files.aside._MAX_LIST", 1000)
    aside = SetAside()
    for n in range(100):
        aside(f"a:{n}", "no.", "x" * 100)
    told = [json.loads(line) for line in aside.listed().splitlines()]
    assert aside.count == 100 and len(told) < 12
    assert told[-1]["reason"].startswith(f"{100 - (len(told) - 1)} more rows were set aside; this list ends")


def test_remarks_are_no_errors_by_default(tmp_path: Path) -> None:
    path = write(tmp_path / "s.csv", table("csv", ["é", "é", "é"], "cp1252", ";"))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        assert len(texts_of(path)) == 3
    assert [type(one.message) for one in said] == [Remark, Remark]
