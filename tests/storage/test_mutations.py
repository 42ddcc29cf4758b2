"""Files that were changed at random: whatever is in them, a row is read or set aside, and nothing else happens."""

from __future__ import annotations

import functools
import gzip
import io
import json
import random
import sys
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from toolkit.errors import DataError, Remark, UsageError
from toolkit.labels import LabelScheme
from toolkit.storage import SetAside, read_articles, read_labelled, read_rows, read_statements

ROWS = 12
TEXTS = ["We go.", 'He said "no", twice.', "“Nein”, said Müller.", "a,b;c\td", "007", "NA", "two\nlines", "x" * 300]
NAMES = ("statement_id", "article_id", "text", "published", "speaker")
INSERTED = [b'"', b",", b"\n", b"\r", b"\x00", b"\xff", b"\xe2\x80", b"{", b"}", b"[", b"\\", b"\t", b";", b"<", b"NaN"]
INSERTED += [
    b"\xef\xbb\xbf",
    b"1e999",
    b'""',
    b"null",
    b"\xed\xa0\x80",
    b"\x92",
    b"  \n",
    b"PAR1",
    b"&#0;",
    b"\x1f\x8b",
]
ENDINGS = ["jsonl", "csv", "tsv", "jsonl.gz", "csv.gz", "tsv.zst", "jsonl.zst", "parquet", "xlsx"]


def rows(cleanly: bool) -> Iterator[tuple[str, ...]]:
    for n in range(ROWS):
        text = TEXTS[n % len(TEXTS)]
        yield f"s{n}", f"a{n}", "plain" if cleanly else f"{n}: {text}", "2024-03-01", "Müller" if n % 3 else "NA"


@functools.cache
def table(kind: str, cleanly: bool) -> bytes:
    """Return an unchanged table; ``cleanly`` one in which no record needs quotation marks."""
    data = list(rows(cleanly))
    if kind == "jsonl":
        return b"".join(
            json.dumps(dict(zip(NAMES, row, strict=True)), ensure_ascii=False).encode() + b"\n" for row in data
        )
    if kind in ("csv", "tsv"):
        sign = "," if kind == "csv" else "\t"
        quoted = [[cell if cleanly else '"' + cell.replace('"', '""') + '"' for cell in row] for row in [NAMES, *data]]
        return "".join(sign.join(row) + "\n" for row in quoted).encode()
    stream = io.BytesIO()
    if kind == "parquet":
        columns = {name: [row[n] for row in data] for n, name in enumerate(NAMES)}
        pq.write_table(pa.table(columns), stream, row_group_size=5, use_dictionary=cleanly)
    else:
        workbook = Workbook()
        for row in [NAMES, *data]:
            workbook.active.append(row)
        workbook.save(stream)
    return stream.getvalue()


def mutated(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(content) or 1)
        how = chance.randrange(6)
        if how == 0:
            content = (
                content[:at] + bytes([content[at : at + 1][0] ^ 1 << chance.randrange(8)]) + content[at + 1 :]
                if content
                else b"x"
            )
        elif how == 1:
            content = content[:at] + chance.choice(INSERTED) + content[at:]
        elif how == 2:
            content = content[:at] + content[at + chance.randint(1, 30) :]
        elif how == 3 and chance.random() < 0.3:
            content = content[:at]
        else:
            lines = content.split(b"\n")
            one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
            if how == 4:
                lines[one], lines[other] = lines[other], lines[one]
            else:
                lines.insert(one, lines[other])
            content = b"\n".join(lines)
    return content


def in_a_part(content: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Change the sheet inside a workbook, so that its checksum still holds."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(stream, "w") as changed:
        for name in archive.namelist():
            part = archive.read(name)
            changed.writestr(name, change(part) if name.endswith("sheet1.xml") else part)
    return stream.getvalue()


def changed_file(folder: Path, number: int) -> tuple[Path, bytes, bool]:
    """Write a file; return it, what it holds unpacked, and whether that is what it still holds."""
    chance = random.Random(number)
    ending = ENDINGS[number % len(ENDINGS)]
    kind, _, packing = ending.partition(".")
    path = folder / f"f.{ending}"
    content = table(kind, chance.random() < 0.5)
    outside = bool(packing) and chance.random() < 0.5
    if kind == "xlsx" and chance.random() < 0.5:
        content = in_a_part(content, lambda part: mutated(part, chance))
    elif not outside:
        content = mutated(content, chance)
    stored = content
    if packing:
        stored = gzip.compress(content, mtime=0) if packing == "gz" else pa.compress(content, "zstd", asbytes=True)
    path.write_bytes(mutated(stored, chance) if outside else stored)
    return path, content, not outside


def count(read: Callable[[SetAside], Iterator[object]]) -> tuple[int, int, bool]:
    """Return how many rows were read and set aside, and whether it ended with an error; others than ours come through."""
    aside, found = SetAside(), 0
    try:
        for _ in read(aside):
            found += 1
    except (DataError, UsageError) as error:
        assert "\n" not in str(error) and str(error).endswith((".", ").")), error
        return found, aside.count, True
    assert aside.listed().count("\n") == aside.count
    return found, aside.count, False


def lines_of(content: bytes) -> list[str]:
    text = content.removeprefix(b"\xef\xbb\xbf")
    text = text.lstrip(b"\r\n")
    if b"\n" not in text.rstrip(b"\r") and b"\r" in text[:-1]:
        text = text.replace(b"\r", b"\n")
    return text.decode("utf-8", "replace").split("\n")


def covered(path: Path) -> int | None:
    """Return how many lines the rows of a table take that are read or set aside; None where it ends with an error."""
    told: list[object] = []
    try:
        values = [row.values for row in read_rows(path, reject=lambda where, reason, row=None: told.append(row))]
    except DataError:
        return None
    cells = [list(row.values()) for row in values]
    cells += [
        [row] if isinstance(row, str) else list(row.values() if isinstance(row, dict) else row or []) for row in told
    ]
    return sum(1 + sum(str(cell).count("\n") for cell in row if cell is not None) for row in cells)


def check(folder: Path, number: int) -> None:
    path, content, holds = changed_file(folder, number)
    told = f"file {number}: {path.name}"
    found, aside, failed = count(lambda reject: read_statements(path, reject))
    others, set_aside, _ = count(lambda reject: read_articles([path], reject))
    if not holds or path.suffix in (".parquet", ".xlsx"):
        assert failed or found >= ROWS or aside, told
        return
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return
    lines = lines_of(content)
    if path.name.startswith("f.jsonl"):
        written = sum(bool(line.strip()) for line in lines)
        assert found + aside == written or (failed and not written), told
        assert others + set_aside == written or not written, told
    elif not found:
        assert failed or aside, told  # the header, perhaps, and all that goes with it
    elif not failed:
        # What stands in the lines behind the header, once each; lines of nothing count where they stand in a cell.
        taken = covered(path)
        assert taken is not None, told
        behind = lines[1:] if '"' not in lines[0] or lines[0].count('"') % 2 == 0 else []
        if behind:
            assert sum(bool(line.strip("\r")) for line in behind) <= taken <= len(behind), told
        if behind and b'"' not in content and not any("\r" in line[:-1] for line in lines):
            assert found + aside == sum(bool(line.strip("\r")) for line in behind), told


def check_all(folder: Path, numbers: range) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Remark)
        for number in numbers:
            check(folder, number)


def test_a_few_changed_files(tmp_path: Path) -> None:
    check_all(tmp_path, range(300))


@pytest.mark.slow
def test_many_changed_files(tmp_path: Path) -> None:
    check_all(tmp_path, range(1000, 11_000))


TONE = LabelScheme.model_validate(
    {
        "name": "tone",
        "question": "?",
        "multi_label": True,
        "labels": {"a": {"definition": "a"}, "b": {"definition": "b"}},
    }
)
COLUMNS = (
    "statement_id",
    "article_id",
    "text",
    "spans",
    "kind",
    "speaker",
    "speaker_start",
    "context",
    "published",
    "act",
)
COLUMNS += ("tone", "annotator", "confidence", "readings", "given_at", "tone_evidence", "tone_codebook")
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
SCALARS |= st.sampled_from(
    ["²", "9" * 5000, 10**400, "direct", "said", "a", "b", "\x00", "\ud800", "inf", "[[0, 4]]", 1e300]
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), VALUES, min_size=1), min_size=1, max_size=4))
def test_any_value_in_any_column_is_read_or_set_aside(tmp_path: Path, values: list[dict[str, object]]) -> None:
    sys.set_int_max_str_digits(0)
    lines = [json.dumps({"statement_id": f"s{n}", "text": "t", "tone": None, **row}) for n, row in enumerate(values)]
    sys.set_int_max_str_digits(4300)
    path = tmp_path / "l.jsonl"
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    for read in (read_statements, lambda path, reject: read_labelled(path, [TONE], reject)):
        found, aside, failed = count(lambda reject, read=read: read(path, reject))
        assert not failed and found + aside == len(values)


@pytest.mark.parametrize("values", [[[0.0, float("inf")]], [[0.5, 3.0]], [[0.0, 4.0]]])
def test_offsets_in_parquet_that_are_no_offsets(tmp_path: Path, values: list[list[float]]) -> None:
    pq.write_table(pa.table({"statement_id": ["a"], "text": ["x"], "spans": [values]}), tmp_path / "s.parquet")
    found, aside, _ = count(lambda reject: read_statements(tmp_path / "s.parquet", reject))
    assert (found, aside) == ((1, 0) if values == [[0.0, 4.0]] else (0, 1))
