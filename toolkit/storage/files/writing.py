"""Writing tables: aside, synced and renamed, so that under the final name there is a whole file or none."""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from toolkit.errors import UsageError
from toolkit.storage.files.formats import BATCH, WRITTEN, refuse_unwritten, rows_of, table_format, without_surrogates

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "refuse_overwrite",
    "sync_folder",
    "write_plain",
    "write_rows",
    "write_tables",
    "write_text",
    "written_aside",
]

_GROUP = 50_000
"""Rows of a group in a Parquet file."""
_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_GROUP_BYTES = 128 * 2**20
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def refuse_overwrite(path: Path, force: bool, inputs: Iterable[Path] = ()) -> None:
    """Raise UsageError where an output stands already (and ``force`` is off) or its folder is missing.

    One that is an input, or lies in a folder that is one, is never overwritten; .xlsx is not written at all.
    """
    refuse_unwritten(path)
    if path.is_dir():
        raise UsageError(f"{path}: is a folder, an output file is expected.")
    whole = path.resolve()
    if path.exists() and any(source.resolve() in (whole, *whole.parents) for source in inputs):
        raise UsageError(f"{path}: is read as an input, and so is never overwritten; name another file.")
    if path.exists() and not force:
        raise UsageError(f"{path}: exists already; name another file or allow overwriting with --force.")
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent} to write into.")


@contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Give a path beside ``path`` to write to; on success it is synced and renamed, otherwise removed."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    aside = Path(name)
    try:
        yield aside
        with aside.open("rb+") as stream:
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        aside.chmod(0o666 & ~umask)
        os.replace(aside, path)
        sync_folder(path.parent)
    except OSError as error:
        if error.filename is not None or error.errno is None:
            raise
        raise OSError(error.errno, os.strerror(error.errno), str(path)) from None  # Arrow does not say which file
    finally:
        aside.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Put on the disk that a file lies in a folder under its name."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_text(path: Path, text: str) -> None:
    """Write a UTF-8 text file, aside and renamed."""
    with written_aside(path) as aside:
        aside.write_text(text, encoding="utf-8")


def write_rows(
    rows: Iterable[Mapping[str, Any]], path: Path | None, *, schema: pa.Schema, formula_safe: bool = False
) -> int:
    """Write rows to a table and return how many; streaming, aside and renamed.

    ``path`` None writes JSON Lines to standard output. ``schema`` gives the columns of every format and the types of
    Parquet. ``formula_safe`` puts an apostrophe before CSV cells that a spreadsheet would run as a formula (a sign that
    the reader must then take off again, so it is never the default).
    """
    if path is None:
        return _jsonl(rows, sys.stdout, schema.names)
    ending = table_format(path, WRITTEN)
    with written_aside(path) as aside:
        if ending == ".parquet":
            return _parquet(_tables(rows, schema), aside, schema)
        with _text_writer(aside, path.suffix.lower()) as stream:
            if ending in _DELIMITERS:
                return _csv(rows, _csv_writer(stream, _DELIMITERS[ending]), schema.names, formula_safe)
            return _jsonl(rows, stream, schema.names)


def write_tables(
    tables: Iterable[pa.Table], path: Path | None, *, schema: pa.Schema, formula_safe: bool = False
) -> int:
    """Write Arrow tables one below the other, as :func:`write_rows` writes rows."""
    if path is not None and table_format(path, WRITTEN) == ".parquet":
        with written_aside(path) as aside:
            return _parquet(tables, aside, schema)
    return write_rows(_rows(tables), path, schema=schema, formula_safe=formula_safe)


def write_plain(rows: Sequence[Mapping[str, str | bool | None]], path: Path, names: Sequence[str]) -> int:
    """Write rows of texts, and of what is true or not, with the columns of these names."""
    import pyarrow as pa

    flags = {name for name in names if any(isinstance(row.get(name), bool) for row in rows)}
    schema = pa.schema([(name, pa.bool_() if name in flags else pa.string()) for name in names])
    return write_rows(rows, path, schema=schema)


def _rows(tables: Iterable[pa.Table]) -> Iterator[dict[str, Any]]:
    for table in tables:
        yield from rows_of(table)


def _tables(rows: Iterable[Mapping[str, Any]], schema: pa.Schema) -> Iterator[pa.Table]:
    import pyarrow as pa

    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, BATCH)):
        yield pa.Table.from_pylist(batch, schema=schema)


@contextmanager
def _text_writer(path: Path, ending: str) -> Iterator[IO[str]]:
    if ending == ".gz":
        # No name and no time in the header: the same rows give the same bytes.
        with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            with io.TextIOWrapper(packed, encoding="utf-8", newline="") as stream:
                yield stream
    elif ending == ".zst":
        import pyarrow as pa

        with pa.CompressedOutputStream(pa.OSFile(str(path), "wb"), "zstd") as packed:
            with io.TextIOWrapper(packed, encoding="utf-8", newline="") as stream:
                yield stream
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream


def _jsonl(rows: Iterable[Mapping[str, Any]], stream: IO[str], names: Sequence[str]) -> int:
    count = 0
    for row in rows:
        stream.write(without_surrogates(_as_json({name: row.get(name) for name in names})) + "\n")
        count += 1
    return count


def _as_json(value: Any) -> str:
    """Return a value as JSON: what is no number is null, what JSON has no word for the text that it prints as."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=_as_text)
    except ValueError:
        return json.dumps(_numbers(value), ensure_ascii=False, allow_nan=False, default=_as_text)


def _as_text(value: Any) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _numbers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _numbers(cell) for name, cell in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(cell) for cell in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _csv_writer(stream: IO[str], delimiter: str) -> Callable[[Sequence[str]], Any]:
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    # A lone carriage return would end the row for readers, and the writer does not quote it by itself.
    quoting = csv.writer(stream, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    return lambda cells: (quoting if any("\r" in cell for cell in cells) else writer).writerow(cells)


def _csv(
    rows: Iterable[Mapping[str, Any]],
    write: Callable[[Sequence[str]], Any],
    names: Sequence[str],
    formula_safe: bool,
) -> int:
    write(names)
    count = 0
    for row in rows:
        write([_as_cell(row.get(name), formula_safe) for name in names])
        count += 1
    return count


def _as_cell(value: Any, formula_safe: bool) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    text = without_surrogates(value if isinstance(value, str) else _as_json(value).strip('"'))
    return "'" + text if formula_safe and text.startswith(_FORMULA) else text


def _parquet(tables: Iterable[pa.Table], path: Path, schema: pa.Schema) -> int:
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for table in _grouped(table.cast(schema) for table in tables):
            writer.write_table(table.combine_chunks(), row_group_size=_GROUP)
            count += len(table)
    return count


def _grouped(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield the same rows in groups that do not depend on how the tables were cut."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    rows = 0
    for table in tables:
        waiting.append(table)
        rows += len(table)
        while rows >= _GROUP:
            whole = pa.concat_tables(waiting)
            yield whole.slice(0, _GROUP)
            waiting, rows = [whole.slice(_GROUP)], rows - _GROUP
        if sum(one.nbytes for one in waiting) > _GROUP_BYTES:
            yield pa.concat_tables(waiting)
            waiting, rows = [], 0
    if rows:
        yield pa.concat_tables(waiting)
