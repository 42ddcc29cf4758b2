"""Writing tables: aside, synced and renamed, so that under the final name there is a whole file or none."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from toolkit.errors import UsageError
from toolkit.storage.formats import BATCH, table_format

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["refuse_overwrite", "write_rows", "write_stdout", "write_text", "written_aside"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def refuse_overwrite(path: Path, force: bool, inputs: Iterable[Path] = ()) -> None:
    """Raise UsageError where an output stands already (and ``force`` is off) or its folder is missing.

    One that is an input, or lies in a folder that is one, is never overwritten.
    """
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
        _sync_folder(path.parent)
    finally:
        aside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
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


def write_rows(rows: Iterable[Mapping[str, Any]], path: Path, *, schema: pa.Schema, formula_safe: bool = False) -> int:
    """Write rows to a table and return how many; streaming, aside and renamed.

    ``schema`` gives the columns of every format and the types of Parquet. ``formula_safe`` puts an apostrophe
    before CSV cells that a spreadsheet would run as a formula (a sign that the reader must then take off again,
    so it is never the default).
    """
    writers: dict[str, Callable[..., int]] = {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}
    ending = table_format(path)
    with written_aside(path) as aside:
        if ending == ".parquet":
            return _parquet(rows, aside, schema)
        with _text_writer(aside, path.suffix.lower()) as stream:
            return writers[ending](rows, stream, schema.names, formula_safe)


def write_stdout(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> int:
    """Write rows to standard output as JSON Lines."""
    return _jsonl(rows, sys.stdout, names, False)


@contextmanager
def _text_writer(path: Path, ending: str) -> Iterator[IO[str]]:
    if ending == ".gz":
        # No name and no time in the header: the same rows give the same bytes.
        with path.open("wb") as raw, gzip.GzipFile("", "wb", fileobj=raw, mtime=0) as packed:
            with io.TextIOWrapper(packed, encoding="utf-8", newline="") as stream:
                yield stream
    elif ending == ".zst":
        import zstandard

        with zstandard.open(path, "wt", encoding="utf-8", newline="") as stream:
            yield cast(IO[str], stream)
    else:
        with path.open("w", encoding="utf-8", newline="") as stream:
            yield stream


def _jsonl(rows: Iterable[Mapping[str, Any]], stream: IO[str], names: Sequence[str], formula_safe: bool) -> int:
    count = 0
    for row in rows:
        line = json.dumps({name: row.get(name) for name in names}, ensure_ascii=False, allow_nan=False)
        stream.write(_without_surrogates(line) + "\n")
        count += 1
    return count


def _csv(rows: Iterable[Mapping[str, Any]], stream: IO[str], names: Sequence[str], formula_safe: bool) -> int:
    writer = csv.writer(stream, lineterminator="\n")
    # A lone carriage return would end the row for readers, and the writer does not quote it by itself.
    quoting = csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(names)
    count = 0
    for row in rows:
        cells = [_as_cell(row.get(name), formula_safe) for name in names]
        (quoting if any("\r" in cell for cell in cells) else writer).writerow(cells)
        count += 1
    return count


def _as_cell(value: Any, formula_safe: bool) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    text = _without_surrogates(value)
    return "'" + text if formula_safe and text.startswith(_FORMULA) else text


def _parquet(rows: Iterable[Mapping[str, Any]], path: Path, schema: pa.Schema) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        batch: list[Mapping[str, Any]] = []
        for row in rows:
            batch.append(row)
            count += 1
            if len(batch) == BATCH:
                writer.write_table(pa.Table.from_pylist(batch, schema=schema))
                batch = []
        writer.write_table(pa.Table.from_pylist(batch, schema=schema))
    return count


def _without_surrogates(text: str) -> str:
    """Half a surrogate pair (legal in JSON escapes) has no UTF-8 form; it is written as the replacement character."""
    return text.encode("utf-8", "replace").decode("utf-8") if _has_surrogate(text) else text


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)
