"""What is written can be read again, in every format; what cannot be read is named with file and line."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.errors import DataError, UsageError
from toolkit.labels import LabelScheme
from toolkit.records import Article, Evidence, Labels, Statement, statement_id
from toolkit.storage import (
    SetAside,
    features,
    file_sha256,
    labelled_row,
    labelled_schema,
    read_articles,
    read_labelled,
    read_rows,
    read_statements,
    record_row,
    record_schema,
    refuse_overwrite,
    rows_digest,
    write_rows,
    written_aside,
)

ENDINGS = ["jsonl", "csv", "parquet", "jsonl.gz", "csv.gz", "jsonl.zst", "csv.zst"]
ODD = [
    "007",
    "NA",
    "None",
    "null",
    "nan",
    "NaN",
    "TRUE",
    "1e5",
    "-",
    "a,b",
    'say "x"',
    "line\nbreak",
    "  spaced ",
    "é—“”",
]
TONE = LabelScheme.model_validate(
    {
        "name": "tone",
        "question": "?",
        "multi_label": True,
        "labels": {"a": {"definition": "a"}, "b": {"definition": "b"}},
    }
)


def a_statement(text: str, i: int = 0) -> Statement:
    spans = ((i, i + 3), (i + 5, i + 9))
    told = {"speaker": "NA", "speaker_start": 1, "speaker_end": 3, "cue": "null", "context": "007", "source": ""}
    return Statement(statement_id("x", spans), "x", text, spans, "mixed", **told, addressee="None", act="performed")


@pytest.mark.parametrize("ending", ENDINGS)
def test_statements_round_trip_with_nothing_guessed(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"s.{ending}"
    statements = [a_statement(text, i) for i, text in enumerate(ODD)]
    assert write_rows(map(record_row, statements), path, schema=record_schema(Statement)) == len(ODD)
    read = list(read_statements(path))
    assert [s.text for s in read] == ODD
    assert [s.spans for s in read] == [s.spans for s in statements]
    assert {(s.speaker, s.cue, s.context, s.speaker_start) for s in read} == {("NA", "null", "007", 1)}
    assert {(s.addressee, s.act) for s in read} == {("None", "performed")}


text_cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1).filter(str.strip)


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(text_cells, min_size=1, max_size=5))
def test_any_text_round_trips(tmp_path: Path, ending: str, cells: list[str]) -> None:
    path = tmp_path / f"s.{ending}"
    write_rows([record_row(a_statement(t, i)) for i, t in enumerate(cells)], path, schema=record_schema(Statement))
    assert [s.text for s in read_statements(path)] == cells


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_labels_round_trip_and_none_differs_from_not_asked(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"l.{ending}"
    given_labels = [("a", "b"), (), None]
    rows = []
    for i, labels in enumerate(given_labels):
        statement = a_statement("t", i)
        by_scheme = {} if labels is None else {"tone": labels}
        rows.append(labelled_row(statement, Labels(statement.statement_id, by_scheme, "ann", 0.5)))
    write_rows(rows, path, schema=labelled_schema(["tone"]))
    read = [labels for _, labels in read_labelled(path, [TONE])]
    assert [labels.by_scheme.get("tone") for labels in read] == given_labels
    assert {(labels.annotator, labels.confidence) for labels in read} == {("ann", 0.5)}


def test_datasets_reads_what_is_written(tmp_path: Path) -> None:
    import datasets

    datasets.disable_progress_bars()
    schema = record_schema(Statement)
    for ending, loader in (("jsonl", "json"), ("parquet", "parquet")):
        path = tmp_path / f"s.{ending}"
        write_rows([record_row(a_statement(t, i)) for i, t in enumerate(ODD)], path, schema=schema)
        loaded = datasets.load_dataset(
            loader, data_files=str(path), features=features(schema), split="train", cache_dir=str(tmp_path / "cache")
        )
        assert loaded["text"][:3] == ["007", "NA", "None"]
        assert loaded["spans"][0] == [[0, 3], [5, 9]]


@pytest.mark.parametrize("ending", ["jsonl", "csv", "parquet"])
def test_a_statement_can_have_several_annotators_and_all_that_is_known_of_a_label(tmp_path: Path, ending: str) -> None:
    path, statement = tmp_path / f"t.{ending}", a_statement("We will talk.")
    evidence = {"tone": (Evidence("a", "text", 8, 12, "a/talks"),)}
    known = {"given_at": "2026-05-01T10:00:00Z", "comment": "sure", "codebooks": {"tone": TONE.digest}}
    given = [
        Labels(statement.statement_id, {"tone": ("a",)}, "ann", 0.5, **known, evidence=evidence),
        Labels(statement.statement_id, {"tone": ()}, "bob"),
    ]
    rows = [labelled_row(statement, labels) for labels in given]
    assert rows[0]["tone_evidence"][0]["words"] == "talk"
    write_rows(rows, path, schema=labelled_schema(["tone"], told=True))
    assert [labels for _, labels in read_labelled(path, [TONE])] == given
    write_rows([rows[0], rows[0]], path, schema=labelled_schema(["tone"]))
    with pytest.raises(DataError, match=f"'ann' labels the statement '{statement.statement_id}' a second time"):
        list(read_labelled(path, [TONE]))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_formula_safe_csv(tmp_path: Path, text: str) -> None:
    for safe, expected in ((False, text), (True, "'" + text)):
        path = tmp_path / f"{safe}.csv"
        row = record_row(a_statement(text))
        write_rows([row], path, schema=record_schema(Statement), formula_safe=safe)
        assert next(iter(read_statements(path))).text == expected


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


GOOD_LINE = b'{"article_id": "a", "text": "t"}\n'


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", b"", r"a\.jsonl: the file is empty\."),
        ("a.jsonl", b"\n\n", r"a\.jsonl: there are no rows in this file\."),
        ("a.jsonl", GOOD_LINE + b"{broken\n", r"a\.jsonl:2: is not a JSON object: "),
        ("a.jsonl", GOOD_LINE + b'["x"]\n', r"a\.jsonl:2: a JSON object is expected, not a list\."),
        ("a.jsonl", GOOD_LINE + b'{"article_id": "\xff"}\n', r"a\.jsonl:2: is not UTF-8 \(byte 17 of the line\)\."),
        ("a.jsonl", b'{"article_id": "a", "body": "t"}\n', r"a\.jsonl:1: column 'text' is missing \(found: article_id, body\)\."),
        ("a.jsonl", GOOD_LINE + b'{"article_id": "b", "text": null}\n', r"a\.jsonl:2: column 'text' is empty\."),
        ("a.jsonl", GOOD_LINE + b'{"article_id": "b", "text": NaN}\n', r"a\.jsonl:2: is not a JSON object: NaN is no JSON value\."),
        ("a.jsonl", GOOD_LINE * 2, r"a\.jsonl:2: the article_id 'a' stands twice \(first: .*a\.jsonl:1\)\."),
        ("a.jsonl", b'{"article_id": "b", "text": ["x"]}\n', r"a\.jsonl:1: column 'text' must hold text, not a list\."),
        ("a.jsonl", b'{"article_id": "b", "text": "x", "published": ["May 3"]}\n', r"column 'published' must hold text, not a list"),
        ("a.jsonl", b'{"article_id": "b", "text": "x\\u0000"}\n', r"a\.jsonl:1: column 'text' holds a NUL character"),
        ("a.jsonl", b'{"article_id": "b", "text": "x", "text": "y"}\n', r"a\.jsonl:1: is not a JSON object: the name 'text' stands twice"),
        ("a.jsonl", b'{"article_id": "b", "text": "x", "n": 1e999}\n', r"a\.jsonl:1: is not a JSON object: 1e999 is no number"),
        ("a.jsonl", b"[" * 100_000 + b"\n", r"a\.jsonl:1: is not a JSON object"),
        ("a.csv", b"article_id,text\na,b\nc\n", r"a\.csv:3: 1 cells where the header names 2 columns\."),
        ("a.csv", b'article_id,text\na,"b\n', r"a\.csv:2: is not valid CSV: "),
        ("a.csv", b"article_id,article_id\na,b\n", r"a\.csv:1: a column name stands twice in the header: 'article_id'\."),
        ("a.jsonl.gz", gzip.compress(GOOD_LINE, mtime=0)[:-12], r"a\.jsonl\.gz:\d+: the compressed data is damaged or cut off"),
        ("a.jsonl.zst", b"\x28\xb5\x2f\xfdgarbage", r"a\.jsonl\.zst:1: the compressed data is damaged"),
        ("a.jsonl.zst", pa.compress(GOOD_LINE, "zstd", asbytes=True)[:-5], r"a\.jsonl\.zst:\d+: the compressed data is damaged or cut off"),
        ("a.parquet", b"PAR1 not really", r"a\.parquet: cannot be read as Parquet after row 0"),
        ("a.txt", b" \n ", r"a\.txt: holds nothing but white space\."),
        ("a.html", b"<html><body></body></html>", r"a\.html: no article was found in this page\."),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        list(read_articles([write(tmp_path / name, content)]))


def test_a_missing_file_and_a_wrong_ending(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no\.jsonl: there is no such file\."):
        list(read_articles([tmp_path / "no.jsonl"]))
    with pytest.raises(UsageError, match=r"a\.docx: the ending tells the format: \.txt, \.html, "):
        list(read_articles([write(tmp_path / "a.docx", b"x")]))
    with pytest.raises(UsageError, match=r"leave the second ending away"):
        write_rows([], tmp_path / "a.parquet.gz", schema=record_schema(Article))


def test_broken_articles_are_set_aside_with_their_reason(tmp_path: Path) -> None:
    good = b'{"article_id": "%d", "text": "t"}\n'
    path = write(tmp_path / "a.jsonl", good % 1 + b'{"article_id": "x"}\n' + good % 1 + good % 2)
    aside = SetAside()
    assert [a.article_id for a in read_articles([path], aside)] == ["1", "2"]
    aside.save(tmp_path / "aside.jsonl")
    rejected = [row.values for row in read_rows(tmp_path / "aside.jsonl")]
    assert [row["where"].rsplit(":", 1)[1] for row in rejected] == ["2", "3"]
    assert [row["row"] for row in rejected] == [{"article_id": "x"}, {"article_id": "1", "text": "t"}]
    SetAside().save(tmp_path / "aside.jsonl")
    assert not (tmp_path / "aside.jsonl").exists()


def test_articles_from_text_and_web_page(tmp_path: Path) -> None:
    write(tmp_path / "one.txt", b"\xef\xbb\xbfFirst.\r\n\r\nSecond.\r\n")
    paragraphs = "".join(
        f"<p>This is paragraph {i} of an article about a border, with enough words in it.</p>" for i in range(9)
    )
    page = f"<html><head><title>A border</title></head><body><nav>Menu Home</nav><article><h1>A border</h1>{paragraphs}</article></body></html>"
    write(tmp_path / "two.html", page.encode())
    one, two = read_articles([tmp_path])
    assert one == Article("one", "First.\n\nSecond.\n")
    assert two.article_id == "two" and two.title == "A border"
    assert "paragraph 8" in two.text and "Menu" not in two.text
    assert "\n\n" in two.text


def test_integer_ids_are_read_as_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", b'{"article_id": 7, "text": "t"}\n')
    assert next(read_articles([path])).article_id == "7"


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ('["c"]', r"l\.jsonl:1: label 'c' is not in the scheme 'tone' \(allowed: a, b\)\."),
        ("7", r"l\.jsonl:1: column 'tone' must hold a list of labels"),
        ('"a;c"', r"l\.jsonl:1: label 'c' is not in the scheme 'tone' \(allowed: a, b\)\."),
        ('["a", "a"]', r"l\.jsonl:1: a label stands twice"),
    ],
)
def test_labels_outside_the_scheme(tmp_path: Path, labels: str, message: str) -> None:
    path = write(tmp_path / "l.jsonl", f'{{"statement_id": "s", "text": "t", "tone": {labels}}}\n'.encode())
    with pytest.raises(DataError, match=message):
        list(read_labelled(path, [TONE]))


def test_an_output_is_never_overwritten_unasked(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", b"months of work")
    with pytest.raises(UsageError, match=r"exists already; .* --force\."):
        refuse_overwrite(path, force=False)
    refuse_overwrite(path, force=True)
    with pytest.raises(UsageError, match="there is no folder"):
        refuse_overwrite(tmp_path / "no" / "out.jsonl", force=True)


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = write(tmp_path / "out.jsonl", b"old")

    def rows():
        yield record_row(a_statement("t"))
        raise DataError("half-way")

    with pytest.raises(DataError):
        write_rows(rows(), path, schema=record_schema(Statement))
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["out.jsonl"]


def test_a_killed_writer_leaves_no_partial_file(tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    code = (
        "import sys, time; from pathlib import Path; from toolkit.storage import written_aside\n"
        f"with written_aside(Path({str(path)!r})) as aside:\n"
        "    aside.write_text('half'); print('writing', flush=True); time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"writing\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not path.exists()


def test_the_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "out.txt"
    with written_aside(path) as aside:
        aside.write_text("half")
        assert not path.exists()
        aside.write_text("whole")
    assert path.read_text() == "whole"


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [record_row(a_statement(t, i)) for i, t in enumerate(ODD)]
    for ending in ENDINGS:
        paths = [tmp_path / f"{name}.{ending}" for name in ("one", "two")]
        for path in paths:
            write_rows(rows, path, schema=record_schema(Statement))
            time.sleep(0.01)
        assert paths[0].read_bytes() == paths[1].read_bytes(), ending


def test_digests_see_every_row(tmp_path: Path) -> None:
    rows = [{"text": str(i)} for i in range(10_050)]
    before = rows_digest(rows)
    rows[10_001] = {"text": "changed"}
    assert rows_digest(rows) != before
    path = write(tmp_path / "a", b"x")
    assert file_sha256(path) == "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"


def test_half_a_surrogate_pair_is_written_as_the_replacement_character(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", json.dumps({"article_id": "a", "text": "x\ud800y"}).encode())
    article = next(read_articles([path]))
    for ending in ("jsonl", "csv"):
        out = tmp_path / f"out.{ending}"
        write_rows([record_row(article)], out, schema=record_schema(Article))
        assert next(read_articles([out])).text == "x?y"


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_a_file_that_is_cut_off_is_never_taken_for_a_whole_one(tmp_path: Path, ending: str) -> None:
    """However much of it is there: 5,219 of 20,000 rows of a .zst were once read as all."""
    path = tmp_path / f"s.jsonl.{ending}"
    rows = [record_row(a_statement(f"Statement number {i * 7919 % 10007}.", i)) for i in range(3000)]
    write_rows(rows, path, schema=record_schema(Statement))
    whole = path.read_bytes()
    assert len(list(read_statements(path))) == 3000
    for size in (len(whole) - 1, len(whole) - 9, len(whole) // 2, len(whole) // 7, 30):
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match="damaged or cut off"):
            list(read_statements(path))


HOSTILE = [
    (b"{broken\n", "is not a JSON object"),
    (b"[1]\n", "a JSON object is expected, not a list"),
    (b'{"statement_id": "x"}\n', "column 'text' is missing"),
    (b'{"statement_id": "x", "text": null}\n', "column 'text' is empty"),
    (b'{"statement_id": "x", "text": NaN}\n', "NaN is no JSON value"),
    (b'{"statement_id": "x", "text": ["a"]}\n', "column 'text' must hold text, not a list"),
    (b'{"statement_id": "s3", "text": "again"}\n', "the statement_id 's3' stands twice"),
    (b'{"statement_id": "x", "text": "\xff"}\n', "is not UTF-8"),
    (b'{"statement_id": "x", "text": "t", "kind": "shouted"}\n', "column 'kind' must be one of"),
    (b'{"statement_id": "x", "text": "t", "spans": [[3, 1]]}\n', "column 'spans' must be in order"),
    (b"\x00\x01\x02\n", "is not a JSON object"),
]


@pytest.mark.parametrize(("line", "told"), HOSTILE, ids=[told[:24] for _, told in HOSTILE])
@pytest.mark.parametrize("place", [0, 5, 9])
def test_one_hostile_row_is_set_aside_and_all_others_are_read(
    tmp_path: Path, line: bytes, told: str, place: int
) -> None:
    """Promise 17: whatever it is and wherever it stands."""
    good = [b'{"statement_id": "s%d", "text": "We go."}\n' % i for i in range(10)]
    if place <= 3 and "stands twice" in told:
        place = 5
    path = write(tmp_path / "s.jsonl", b"".join([*good[:place], line, *good[place:]]))
    aside = SetAside()
    assert [s.statement_id for s in read_statements(path, aside)] == [f"s{i}" for i in range(10)]
    assert aside.count == 1 and told in aside.reasons[0] and f"s.jsonl:{place + 1}: " in aside.reasons[0]
    with pytest.raises(DataError, match=r"\(none may be set aside\)"):
        list(read_statements(path, SetAside(0)))
    with pytest.raises(DataError):
        list(read_statements(path))


@pytest.mark.parametrize(
    ("content", "read", "aside"),
    [
        (b"statement_id,text\na,x\nb,y,z\nc\nd,w\n", ["a", "d"], [3, 4]),
        (b'statement_id,text\na,"never closed\nb,y\nc,z\n', ["b", "c"], [2]),
        (b'statement_id,text\na,"x"y\nb,z\n', ["b"], [2]),
        (b'statement_id,text\na,"two\nlines"\nb,\xff\nc,"open\nd,w\n', ["a", "d"], [4, 5]),
        (b"statement_id,text\na,x\nb,\x00\nc,z\n", ["a", "c"], [3]),
        (b"statement_id,text,spans\na,x,[\nb,y,\n", ["b"], [2]),
    ],
)
def test_broken_records_of_a_csv_are_set_aside_line_by_line(
    tmp_path: Path, content: bytes, read: list[str], aside: list[int]
) -> None:
    path, told = write(tmp_path / "s.csv", content), []
    found = list(read_statements(path, lambda where, reason, row=None: told.append(int(where.rsplit(":", 1)[1]))))
    assert ([s.statement_id for s in found], told) == (read, aside)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_every_line_of_a_mutated_table_is_read_or_set_aside(tmp_path: Path, data: st.DataObject) -> None:
    whole = b"".join(b'{"statement_id": "s%d", "text": "We go."}\n' % i for i in range(6))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        new = data.draw(
            st.sampled_from([b"", b'"', b"\xff", b"{", b"}", b"\\", b",", b"\x00", b"a", b"[", b"\xed\xa0\x80"])
        )
        whole = whole[:at] + new + whole[at + data.draw(st.integers(0, 1)) :]
    path, aside = write(tmp_path / "m.jsonl", whole), SetAside()
    lines = [line for line in whole.split(b"\n") if line.decode("utf-8", "replace").strip()]
    assert len(list(read_statements(path, aside))) + aside.count == len(lines)
