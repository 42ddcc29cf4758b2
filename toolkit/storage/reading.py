"""Reading tables row by row, with file and line for everything that cannot be read.

Nothing is guessed: every cell of a CSV is the text it is (``007``, ``NA`` and ``null`` stay themselves, an empty
cell is null). Lists and mappings stand in CSV cells as JSON.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from toolkit.errors import DataError, first_line
from toolkit.storage.formats import BATCH, Row, table_format

__all__ = ["open_bytes", "read_rows", "read_text"]

_MAX_LINE = 64 * 2**20
_MAX_TEXT = 64 * 2**20


def read_rows(path: Path, *, required: Sequence[str] = (), lists: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the rows of a table in file order.

    ``required`` columns must be there; the cells of ``lists`` columns are read as JSON in CSV files. Raises
    DataError that names file and line for whatever cannot be read.
    """
    readers = {".jsonl": _read_jsonl, ".csv": _read_csv, ".parquet": _read_parquet}
    reader = readers[table_format(path)]
    _must_have_content(path)
    empty = True
    for row in reader(path, frozenset(lists)):
        if empty:
            _need_columns(row, path, required)
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


def _need_columns(row: Row, path: Path, required: Sequence[str]) -> None:
    missing = [name for name in required if name not in row.values]
    if missing:
        found = ", ".join(map(str, row.values)) or "none"
        raise DataError(f"{row.where}: column {missing[0]!r} is missing (found: {found}).")


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


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, line), line ends kept; a line of more than 64 MiB or broken compression is an error."""
    number = 0
    with open_bytes(path) as stream:
        while True:
            try:
                line = stream.readline(_MAX_LINE + 1)
            except (EOFError, OSError, ValueError, RuntimeError) as error:
                raise DataError(f"{path}:{number + 1}: the compressed data is damaged or cut off: {error}.") from None
            except Exception as error:  # zstandard and zlib raise types of their own
                raise DataError(f"{path}:{number + 1}: the compressed data is damaged: {error}.") from None
            if not line:
                return
            number += 1
            if len(line) > _MAX_LINE:
                raise DataError(f"{path}:{number}: the line is longer than {_MAX_LINE // 2**20} MiB.")
            yield number, line


def _text_lines(path: Path) -> Iterator[tuple[int, str]]:
    for number, line in _lines(path):
        try:
            yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise DataError(f"{path}:{number}: is not UTF-8 (byte {error.start + 1} of the line).") from None


def _read_jsonl(path: Path, lists: frozenset[str]) -> Iterator[Row]:
    for number, line in _text_lines(path):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            value = json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{where}: is not a JSON object: {error}.") from None
        if not isinstance(value, dict):
            raise DataError(f"{where}: a JSON object is expected, not a {type(value).__name__}.")
        yield Row(value, where)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")


def _read_csv(path: Path, lists: frozenset[str]) -> Iterator[Row]:
    csv.field_size_limit(2**31 - 1)
    lines = _text_lines(path)
    reader = csv.reader((line for _, line in lines), strict=True)
    header: list[str] | None = None
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DataError(f"{path}:{start}: is not valid CSV: {error}.") from None
        where = f"{path}:{start}"
        if header is None:
            header = cells
            if len(set(header)) != len(header):
                raise DataError(f"{where}: a column name stands twice in the header.")
        elif cells:
            if len(cells) != len(header):
                raise DataError(f"{where}: {len(cells)} cells where the header names {len(header)} columns.")
            yield Row({n: _cell(c, n in lists, where, n) for n, c in zip(header, cells, strict=True)}, where)


def _cell(cell: str, is_list: bool, where: str, name: str) -> Any:
    if cell == "":
        return None
    if not is_list:
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        raise DataError(f'{where}: column {name!r} must hold JSON, for example ["a"], not {cell[:60]!r}.') from None


def _read_parquet(path: Path, lists: frozenset[str]) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(values, f"{path}: row {number}")
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"{path}: cannot be read as Parquet after row {number}: {first_line(error)}.") from None


def read_text(path: Path) -> str:
    """Return a whole UTF-8 text file (``.gz`` and ``.zst`` too), line ends as ``\\n``; at most 64 MiB."""
    _must_have_content(path)
    lines, size = [], 0
    for _, line in _text_lines(path):
        size += len(line)
        if size > _MAX_TEXT:
            raise DataError(f"{path}: the text is longer than {_MAX_TEXT // 2**20} MiB.")
        lines.append(line)
    return "".join(lines).replace("\r\n", "\n").replace("\r", "\n")
