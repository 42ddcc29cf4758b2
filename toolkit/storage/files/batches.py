"""Tables as pieces of Arrow, with the place of every row: a file's own columns, as they are."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from toolkit.records import Statement, columns
from toolkit.storage.files.aside import Reject, refuse
from toolkit.storage.files.formats import JSON_CELLS, Row, table_format, without_surrogates
from toolkit.storage.files.parquet import parquet_batches
from toolkit.storage.files.reading import read_rows

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Batch", "as_table", "read_batches"]

_CHARACTERS = 32 * 2**20
"""Of a piece of a text format, about."""
_EXACT = 2**53
_DEPTH = 16
"""Levels of lists and objects that Arrow keeps as such."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a file, and where each of them stands (``articles.jsonl:17``)."""

    table: pa.Table
    places: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Rows(Sequence[str]):
    """The places of rows that have numbers and no lines; a text is made only where it is asked for."""

    path: Path
    numbers: range

    def __len__(self) -> int:
        return len(self.numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> _Rows: ...

    def __getitem__(self, index: int | slice) -> str | _Rows:
        if isinstance(index, slice):
            return _Rows(self.path, self.numbers[index])
        return f"{self.path}: row {self.numbers[index]}"


def read_batches(path: Path, rows: int, *, required: Sequence[str] = (), reject: Reject = refuse) -> Iterator[Batch]:
    """Yield the rows of a table in file order, at most so many at a time; an empty file yields none.

    The columns have the types of a Parquet file, those of :func:`as_table` otherwise. What cannot be read raises
    DataError, or goes to ``reject`` where that is given.
    """
    if table_format(path) == ".parquet":
        yield from _parquet(path, rows, required, reject)
        return
    source = read_rows(path, required=required, lists=("spans",), reject=reject)
    exact = {*columns(Statement), *required}
    while batch := list(_some(source, rows)):
        yield Batch(as_table([row.values for row in batch], exact), [row.where for row in batch])


def _some(source: Iterator[Row], most: int) -> Iterator[Row]:
    size = 0
    for row in itertools.islice(source, most):
        yield row
        size += sum(len(cell) for cell in row.values.values() if isinstance(cell, str))
        if size > _CHARACTERS:
            return


def _parquet(path: Path, rows: int, required: Sequence[str], reject: Reject) -> Iterator[Batch]:
    import pyarrow as pa

    for first, batch in parquet_batches(path, rows, reject, required=required):
        yield Batch(pa.table(batch), _Rows(path, range(first, first + len(batch))))


# ------------------------------------------------------------------------------------------------ rows to columns


def as_table(rows: Sequence[Mapping[str, Any]], exact: Collection[str] = ()) -> pa.Table:
    """Return rows as a table, the columns in the order in which they first occur.

    Texts, truth values, whole numbers, numbers, and what Arrow has a type for (lists, objects) get that; a column of
    several sorts holds JSON (:func:`toolkit.storage.is_json`). Whole and other numbers are of one sort, but not in
    columns that are to be ``exact``.
    """
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row)
    made = [_column(name, [row.get(name) for row in rows], name in exact) for name in names]
    return pa.table([array for _, array in made], schema=pa.schema([field for field, _ in made]))


def _column(name: str, cells: list[Any], exact: bool) -> tuple[pa.Field, pa.Array]:
    import pyarrow as pa

    name = without_surrogates(name)
    sorts = {type(cell) for cell in cells} - {type(None)}
    if not sorts:
        return pa.field(name, pa.null()), pa.nulls(len(cells))
    plain = {frozenset((str,)): pa.string(), frozenset((bool,)): pa.bool_(), frozenset((int,)): pa.int64()}
    plain |= dict.fromkeys((frozenset((float,)), frozenset((int, float))), pa.float64())
    kind = plain.get(frozenset(sorts))
    try:
        if len(sorts) > 1 and (exact or any(isinstance(cell, int) and abs(cell) > _EXACT for cell in cells)):
            kind = None
        array = pa.array(cells, kind) if kind is not None else _nested(cells)
        return pa.field(name, array.type), array
    except (pa.ArrowException, OverflowError, RecursionError, TypeError, ValueError):
        if sorts == {str}:  # UnicodeEncodeError is a ValueError
            array = pa.array([cell if cell is None else without_surrogates(cell) for cell in cells], pa.string())
            return pa.field(name, pa.string()), array
        told = [None if cell is None else without_surrogates(json.dumps(cell, ensure_ascii=False)) for cell in cells]
        return pa.field(name, pa.string(), metadata=JSON_CELLS), pa.array(told, pa.string())


def _nested(cells: list[Any]) -> pa.Array:
    """Return lists or objects as Arrow has them. Raises ValueError where they would not come back the same."""
    import pyarrow as pa

    if {type(cell) for cell in cells} >= {int, float}:
        raise ValueError
    array = pa.array(cells)
    if str(array.type).count("<") > _DEPTH or array.to_pylist() != cells:
        raise ValueError
    return array
