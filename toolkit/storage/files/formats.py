"""Which format a file has (its ending tells), what a row is, and the digest of files and rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "BATCH",
    "FORMATS",
    "JSON_CELLS",
    "WRITTEN",
    "Row",
    "file_name",
    "file_sha256",
    "format_of",
    "is_json",
    "refuse_unwritten",
    "rows_digest",
    "rows_of",
    "table_format",
    "told_names",
    "twice",
    "without_surrogates",
]

FORMATS = (".jsonl", ".csv", ".tsv", ".parquet", ".xlsx")
"""What tables are read from."""
WRITTEN = (".jsonl", ".csv", ".tsv", ".parquet")
"""What tables are written to."""
BATCH = 1000
"""Rows of a Parquet file that are in memory at a time."""
_PACKED_INSIDE = {".parquet": "Parquet", ".xlsx": "Excel"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table and where it stands, for messages: ``articles.jsonl:17``."""

    values: Mapping[str, Any]
    where: str


def file_name(name: str) -> str:
    """Return a name as a file or folder can have it: letters, digits, ``-``, ``_`` and dots within, at most 50."""
    plain = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)[:50]
    return plain if plain.strip("._") else f"_{plain.replace('.', '_')}"


def format_of(path: str | Path) -> str:
    """Return the ending that tells a file's format, without ``.gz`` or ``.zst``: ``.jsonl`` for ``a.jsonl.gz``."""
    suffixes = [s.lower() for s in Path(path).suffixes]
    if suffixes and suffixes[-1] in (".gz", ".zst"):
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def table_format(path: str | Path, allowed: Sequence[str] = FORMATS) -> str:
    """Return the table format of a path, one that is read, or of ``WRITTEN``. Raises UsageError for another ending."""
    ending = format_of(path)
    if allowed is WRITTEN:
        refuse_unwritten(path)
    if ending not in allowed:
        told = ", ".join(allowed)
        raise UsageError(f"{path}: the ending tells the format: {told} are allowed (.gz or .zst may follow).")
    if ending in _PACKED_INSIDE and Path(path).suffix.lower() != ending:
        raise UsageError(f"{path}: {_PACKED_INSIDE[ending]} is compressed inside; leave the second ending away.")
    return ending


JSON_CELLS = {b"toolkit": b"json"}
"""What Arrow keeps beside a column whose cells are of several sorts, each as JSON."""


def is_json(field: pa.Field) -> bool:
    """Say whether a column holds cells of several sorts, each as JSON."""
    return bool(field.metadata and field.metadata.get(b"toolkit") == b"json")


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """Return the rows of a table, with the cells of columns that hold several sorts as they were."""
    mixed = [field.name for field in table.schema if is_json(field)]
    rows: list[dict[str, Any]] = table.to_pylist()
    for row in rows:
        row.update({name: json.loads(row[name]) for name in mixed if row[name] is not None})
    return rows


def refuse_unwritten(path: str | Path) -> None:
    """Raise UsageError for a table format that is read and never written."""
    if format_of(path) in set(FORMATS) - set(WRITTEN):
        raise UsageError(f"{path}: .xlsx is read and not written; write .csv, which Excel opens.")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a whole file, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def rows_digest(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return the SHA-256 over all rows as canonical JSON: every row counts, MLflow's own digest sees 10,000."""
    digest = hashlib.sha256()
    for row in rows:
        line = json.dumps(row, ensure_ascii=True, sort_keys=True, default=list)
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def twice(names: Iterable[str]) -> str | None:
    """Return the first name that stands twice, None if there is none."""
    seen = set[str]()
    return next((name for name in names if name in seen or seen.add(name)), None)  # type: ignore[func-returns-value]


def told_names(names: Iterable[Any]) -> str:
    """Return the names of columns for a message, on one line."""
    return " ".join(", ".join(map(str, names))[:1000].split()) or "none"


def without_surrogates(text: str) -> str:
    """Half a surrogate pair (legal in JSON escapes) has no UTF-8 form; it is written as the replacement character."""
    halves = any("\ud800" <= character <= "\udfff" for character in text)
    return text.encode("utf-8", "replace").decode("utf-8") if halves else text
