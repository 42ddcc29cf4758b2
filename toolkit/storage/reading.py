"""Reading tables row by row, with file and line for everything that cannot be read.

Nothing is guessed: every cell of a CSV is the text it is (``007``, ``NA`` and ``null`` stay themselves, an empty
cell is null). Lists and mappings stand in CSV cells as JSON.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from toolkit.errors import DataError, first_line
from toolkit.storage.aside import Reject, refuse
from toolkit.storage.formats import BATCH, Row, table_format

__all__ = ["open_bytes", "read_rows", "read_text"]

_MAX_LINE = 64 * 2**20
_MAX_RECORD = 10_000
"""Lines of one record of a CSV."""
_MAX_TEXT = 64 * 2**20


def read_rows(
    path: Path, *, required: Sequence[str] = (), lists: Sequence[str] = (), reject: Reject = refuse
) -> Iterator[Row]:
    """Yield the rows of a table in file order.

    ``required`` columns must be there; the cells of ``lists`` columns are read as JSON in CSV files. What cannot be
    read raises DataError that names file and line, or goes to ``reject`` where that is given: a row, or where a file
    breaks off the rest of it.
    """
    readers = {".jsonl": _read_jsonl, ".csv": _read_csv, ".parquet": _read_parquet}
    reader = readers[table_format(path)]
    _must_have_content(path)
    empty = True

    def set_aside(where: str, reason: str, row: Any = None) -> None:
        nonlocal empty
        empty = False
        reject(where, reason, row)

    for row in reader(path, frozenset(lists), required, set_aside):
        empty = False
        yield row
    if empty:
        raise DataError(f"{path}: there are no rows in this file.")


def _must_have_content(path: Path) -> None:
    if not path.exists():
        raise DataError(f"{path}: there is no such file.")
    if path.is_dir():
        raise DataError(f"{path}: is a folder, a file is expected.")
    if path.stat().st_size == 0:
        raise DataError(f"{path}: the file is empty.")


def _missing(values: Mapping[str, Any], where: str, required: Sequence[str]) -> str | None:
    """Say which required column is missing, if any."""
    missing = [name for name in required if name not in values]
    if not missing:
        return None
    return f"{where}: column {missing[0]!r} is missing (found: {', '.join(map(str, values)) or 'none'})."


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """Open a plain, ``.gz`` or ``.zst`` file for reading bytes."""
    ending = path.suffix.lower()
    try:
        if ending == ".gz":
            with gzip.open(path, "rb") as stream:
                yield cast(IO[bytes], stream)
        elif ending == ".zst":
            import pyarrow as pa

            # Of the libraries that read it, this one says where a file is cut off.
            with pa.CompressedInputStream(pa.OSFile(str(path)), "zstd") as unpacked:
                yield io.BufferedReader(unpacked, 2**16)
        else:
            with path.open("rb") as stream:
                yield stream
    except PermissionError:
        raise DataError(f"{path}: may not be read (permission denied).") from None


def _lines(path: Path, reject: Reject) -> Iterator[tuple[int, str]]:
    """Yield (line number, line), line ends kept.

    Set aside are a line of more than 64 MiB, one that is not UTF-8, and the rest of a file whose compression is broken.
    """
    number = 0
    with open_bytes(path) as stream:
        while True:
            where = f"{path}:{number + 1}"
            try:
                line = stream.readline(_MAX_LINE + 1)
                cut = len(line) > _MAX_LINE
                while cut and not line.endswith(b"\n"):
                    line = stream.readline(_MAX_LINE)  # the rest of it, a piece at a time
                    if not line:
                        break
            except (EOFError, OSError, ValueError, RuntimeError) as error:
                reject(where, f"{where}: the compressed data is damaged or cut off: {error}.")
                return
            except Exception as error:  # zlib raises types of its own
                reject(where, f"{where}: the compressed data is damaged: {error}.")
                return
            if cut:
                reject(where, f"{where}: the line is longer than {_MAX_LINE // 2**20} MiB.")
            if not line:
                return
            number += 1
            if cut:
                continue
            try:
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                told = line.decode("utf-8", "backslashreplace").rstrip("\r\n")
                reject(where, f"{where}: is not UTF-8 (byte {error.start + 1} of the line).", told)


def _read_jsonl(path: Path, lists: frozenset[str], required: Sequence[str], reject: Reject) -> Iterator[Row]:
    for number, line in _lines(path, reject):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            value = json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            reject(where, f"{where}: is not a JSON object: {error}.", line.rstrip("\r\n"))
            continue
        if not isinstance(value, dict):
            told = f"{where}: a JSON object is expected, not a {type(value).__name__}."
            reject(where, told, line.rstrip("\r\n"))
        elif problem := _missing(value, where, required):
            reject(where, problem, value)
        else:
            yield Row(value, where)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")


def _read_csv(path: Path, lists: frozenset[str], required: Sequence[str], reject: Reject) -> Iterator[Row]:
    header: list[str] | None = None
    for number, cells in _records(path, reject):
        where = f"{path}:{number}"
        if header is None:
            header = cells
            if len(set(header)) != len(header):
                raise DataError(f"{where}: a column name stands twice in the header.")
            if problem := _missing(dict.fromkeys(header), where, required):
                raise DataError(problem)
        elif len(cells) != len(header):
            reject(where, f"{where}: {len(cells)} cells where the header names {len(header)} columns.", cells)
        else:
            try:
                values = {n: _cell(c, n in lists, where, n) for n, c in zip(header, cells, strict=True)}
            except DataError as error:
                reject(where, str(error), dict(zip(header, cells, strict=True)))
            else:
                yield Row(values, where)


def _records(path: Path, reject: Reject) -> Iterator[tuple[int, list[str]]]:
    """Yield (line number, cells) of every record that is not empty.

    Where a record is no CSV (a quotation mark that is never closed), its first line is set aside and reading goes on
    with the second. A record that is read again and again cannot be longer than 10,000 lines.
    """
    csv.field_size_limit(2**31 - 1)
    source = _lines(path, reject)
    again: deque[tuple[int, str]] = deque()
    record: list[tuple[int, str]] = []

    def lines() -> Iterator[str]:
        while line := again.popleft() if again else next(source, None):
            if len(record) == _MAX_RECORD:
                raise csv.Error(f"a quotation mark is not closed within {_MAX_RECORD:,} lines")
            record.append(line)
            yield line[1]

    reader = csv.reader(lines(), strict=True)
    while True:
        record.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number, line = record[0]
            reject(f"{path}:{number}", f"{path}:{number}: is not valid CSV: {error}.", line.rstrip("\r\n"))
            again.extendleft(reversed(record[1:]))
            reader = csv.reader(lines(), strict=True)
            continue
        if cells:
            yield record[0][0], cells


def _cell(cell: str, is_list: bool, where: str, name: str) -> Any:
    if cell == "":
        return None
    if not is_list:
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise DataError(f'{where}: column {name!r} must hold JSON, for example ["a"], not {cell[:60]!r}.') from None


def _read_parquet(path: Path, lists: frozenset[str], required: Sequence[str], reject: Reject) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            if problem := _missing(dict.fromkeys(file.schema_arrow.names), f"{path}: row 1", required):
                raise DataError(problem)
            for batch in file.iter_batches(batch_size=BATCH):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(values, f"{path}: row {number}")
    except (pa.ArrowException, OSError) as error:
        reject(
            f"{path}: row {number + 1}",
            f"{path}: cannot be read as Parquet after row {number}: {first_line(error)}.",
        )


def read_text(path: Path) -> str:
    """Return a whole UTF-8 text file (``.gz`` and ``.zst`` too), line ends as ``\\n``; at most 64 MiB."""
    _must_have_content(path)
    lines, size = [], 0
    for _, line in _lines(path, refuse):
        size += len(line)
        if size > _MAX_TEXT:
            raise DataError(f"{path}: the text is longer than {_MAX_TEXT // 2**20} MiB.")
        lines.append(line)
    return "".join(lines).replace("\r\n", "\n").replace("\r", "\n")
