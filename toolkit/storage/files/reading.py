"""Reading tables row by row, with file and line for everything that cannot be read.

Nothing is guessed: every cell of a CSV is the text it is (``007``, ``NA`` and ``null`` stay themselves, an empty
cell is null). Lists and mappings stand in CSV and Excel cells as JSON. Each format has a file of its own beside this.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import DataError
from toolkit.storage.files.aside import Reject, refuse
from toolkit.storage.files.delimited import read_delimited
from toolkit.storage.files.formats import Row, table_format, told_names, twice
from toolkit.storage.files.lines import must_have_content, read_lines
from toolkit.storage.files.parquet import read_parquet
from toolkit.storage.files.workbook import read_workbook

__all__ = ["read_rows", "read_text"]

_MAX_TEXT = 64 * 2**20


def read_rows(
    path: Path, *, required: Sequence[str] = (), lists: Sequence[str] = (), reject: Reject = refuse
) -> Iterator[Row]:
    """Yield the rows of a table in file order.

    ``required`` columns must be there; the cells of ``lists`` columns are read as JSON in CSV and Excel files. What
    cannot be read raises DataError that names file and line, or goes to ``reject`` where that is given: a row, or where
    a file breaks off the rest of it. What was decided of a file (its encoding, its sheet) is said with a Remark.
    """
    readers = {
        ".jsonl": _read_jsonl,
        ".csv": read_delimited,
        ".tsv": read_delimited,
        ".parquet": read_parquet,
        ".xlsx": read_workbook,
    }
    reader = readers[table_format(path)]
    must_have_content(path)
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


def _read_jsonl(path: Path, lists: frozenset[str], required: Sequence[str], reject: Reject) -> Iterator[Row]:
    decoder = json.JSONDecoder(object_pairs_hook=_no_name_twice, parse_constant=_no_constant, parse_float=_finite)
    for number, line in read_lines(path, reject):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            value = decoder.decode(line)
        except (ValueError, RecursionError, MemoryError) as error:
            reject(where, f"{where}: is not a JSON object: {error or 'it is too large'}.", line.rstrip("\r\n"))
            continue
        if not isinstance(value, dict):
            reject(where, f"{where}: a JSON object is expected, not a {type(value).__name__}.", line.rstrip("\r\n"))
        elif missing := [name for name in required if name not in value]:
            reject(where, f"{where}: column {missing[0]!r} is missing (found: {told_names(value)}).", value)
        else:
            yield Row(value, where)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:60]} is no number that can be kept")
    return number


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError(f"the name {str(twice(name for name, _ in pairs))[:60]!r} stands twice")
    return value


def read_text(path: Path) -> str:
    """Return a whole text file (``.gz`` and ``.zst`` too), line ends as ``\\n``; at most 64 MiB."""
    must_have_content(path)
    lines, size = [], 0
    for _, line in read_lines(path, refuse, whole=True):
        size += len(line)
        if size > _MAX_TEXT:
            raise DataError(f"{path}: the text is longer than {_MAX_TEXT // 2**20} MiB.")
        lines.append(line)
    return "".join(lines).replace("\r\n", "\n").replace("\r", "\n")
