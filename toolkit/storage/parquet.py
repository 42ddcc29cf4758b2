"""Parquet by batches that are bounded in rows and in bytes, whatever the file makes of a few kilobytes.

A cell that stands once in a dictionary can be in a million rows, a page of zeros shrinks a thousandfold, one row can
hold a list of a billion items: so the headers of the pages are read first (``pages``), and they tell how many rows are
unpacked at a time. Text whose dictionary has large cells is read as dictionary, and unpacked slice by slice. What would
not fit even so is set aside: a row of more than 64 MiB, or a row group that cannot be unpacked row by row.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from toolkit.errors import DataError, first_line
from toolkit.storage.aside import Reject
from toolkit.storage.formats import BATCH, Row, twice
from toolkit.storage.pages import Page, pages_of

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["parquet_batches", "read_parquet"]

_MIB = 2**20
_MAX_BYTES = 64 * _MIB
"""Of a batch, and of a row."""
_MAX_PAGE = 128 * _MIB
_MAX_ITEMS = 2**24
_MAX_NESTED = 256 * _MIB
"""Of the lists in a row group: all of them can stand in one row."""
_FEW = 256
"""Rows: where fewer would fit, large cells are read as dictionary instead."""
_LARGE = 2**14
_AGAIN = 100
"""Rows at a time where a batch could not be read, to get at those before the damage."""
_RUN = 32
"""Row groups that are read as one."""
_DICTIONARIES, _INCREMENTAL = (2, 8), 7  # RLE_DICTIONARY and its forerunner, DELTA_BYTE_ARRAY
_WIDTH = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12}


def read_parquet(path: Path, lists: frozenset[str], required: Sequence[str], reject: Reject) -> Iterator[Row]:
    """Yield the rows of a Parquet file. Raises DataError where a required column is missing."""
    for first, batch in parquet_batches(path, BATCH, reject, required=required):
        try:
            rows = batch.to_pylist()
        except (ValueError, OverflowError, MemoryError):  # a date that Python does not have
            for number in range(len(batch)):
                where = f"{path}: row {first + number}"
                try:
                    (values,) = batch.slice(number, 1).to_pylist()
                except (ValueError, OverflowError, MemoryError) as error:
                    reject(where, f"{where}: holds what cannot be read: {first_line(error)}.", _shown(batch, number))
                else:
                    yield Row(values, where)
        else:
            for number, values in enumerate(rows, first):
                yield Row(values, f"{path}: row {number}")


def parquet_batches(
    path: Path,
    rows: int,
    reject: Reject,
    *,
    required: Sequence[str] = (),
    columns: Sequence[str] | None = None,
) -> Iterator[tuple[int, pa.RecordBatch]]:
    """Yield batches of at most ``rows`` rows and about 64 MiB, each with the number of its first row, from 1.

    ``columns`` are all that are read, None: every column. Set aside are rows of more than 64 MiB or with text that is
    not UTF-8, and row groups, or the rest of one, that are damaged or cannot be unpacked within bounds. Raises
    DataError where a ``required`` column is missing or a name stands twice.
    """
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path, buffer_size=_MIB)
    except Exception as error:
        reject(f"{path}: row 1", f"{path}: cannot be read as Parquet after row 0: {first_line(error)}.")
        return
    with file, path.open("rb") as stream:
        names = file.schema_arrow.names
        if (name := twice(names)) is not None:
            raise DataError(f"{path}: a column name stands twice: {name[:60]!r}.")
        if missing := [name for name in required if name not in names]:
            found = ", ".join(names)[:1000] or "none"
            raise DataError(f"{path}: row 1: column {missing[0]!r} is missing (found: {found}).")
        source = _Source(path, file, reject, rows, None if columns is None else [n for n in columns if n in names])
        number = 1
        counted = sum(file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups))
        if counted != file.metadata.num_rows:
            reject(f"{path}: row 1", f"{path}: says that it has {file.metadata.num_rows} rows, and has {counted}.")
        for plan, groups in _runs(source, stream):
            if plan.problem is None:
                number = yield from source.read(plan, groups, number)
            else:
                size = sum(file.metadata.row_group(group).num_rows for group in groups)
                where = f"{path}: row {number}"
                reject(where, f"{where}: the rows {number} to {number + size - 1} are not read: {plan.problem}.")
                number += size


# ------------------------------------------------------------------------------- what the pages say of a row group


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a row group is read: so many rows at a time, these columns as dictionaries; or what forbids to read it."""

    rows: int
    dictionaries: frozenset[str] = frozenset()
    problem: str | None = None


def _runs(source: _Source, stream: BinaryIO) -> Iterator[tuple[_Plan, list[int]]]:
    """Yield plans, each with the row groups, one after the other, that are read by it."""
    groups: list[int] = []
    plan = _Plan(0)
    for group in range(source.file.metadata.num_row_groups):
        following = _plan(source, stream, group)
        if groups and (following != plan or plan.problem or len(groups) == _RUN):
            yield plan, groups
            groups = []
        plan = following
        groups.append(group)
    if groups:
        yield plan, groups


def _plan(source: _Source, stream: BinaryIO, group: int) -> _Plan:
    metadata = source.file.metadata
    about = metadata.row_group(group)
    rows = min(source.rows, max(about.num_rows, 1))
    lists, size = _Lists(), 0.0
    longest: dict[str, int] = {}
    exact: dict[str, _Column] = {}
    for index in range(about.num_columns):
        leaf, chunk = metadata.schema.column(index), about.column(index)
        if not source.wants(leaf.path):
            continue
        column = _Column(
            stream, chunk, 0 if leaf.physical_type == "BYTE_ARRAY" else _WIDTH.get(leaf.physical_type, leaf.length)
        )
        if column.largest_page > _MAX_PAGE:
            what = f"a page of {column.largest_page // _MIB} MiB in column {leaf.path!r}"
            return _Plan(0, problem=_too_large(what, f"{_MAX_PAGE // _MIB} MiB are"))
        if leaf.max_repetition_level:
            lists.add(leaf.path, column)
        else:
            if column.values > about.num_rows:
                told = f"they say that they are {about.num_rows}, and column {leaf.path!r} has {column.values}"
                return _Plan(0, problem=told)
            size += column.per_value
            longest[leaf.path] = column.dictionary
            exact[leaf.path] = column
    if lists.items > _MAX_ITEMS:
        return _Plan(0, problem=_too_large(f"{lists.items:,} items in lists", f"{_MAX_ITEMS:,} are"))
    if lists.size > _MAX_NESTED:
        return _Plan(0, problem=_too_large(f"lists of {lists.size // _MIB} MiB", f"{_MAX_NESTED // _MIB} MiB are"))
    size += lists.size / rows
    while exact and _fitting(size + sum(longest.values())) < rows:
        name = max(exact, key=longest.__getitem__)
        longest[name] = exact.pop(name).longest()
    large = {name for name, most in longest.items() if most > _LARGE}
    if _fitting(size + sum(longest.values())) >= min(_FEW, rows):
        large = set()
    fit = _fitting(size + sum(most for name, most in longest.items() if name not in large))
    return _Plan(min(source.rows, fit), frozenset(large | lists.dictionaries))


def _fitting(size: float) -> int:
    """Return how many rows of a size fit, as a power of two, so that row groups that are alike are read as one."""
    return 1 << (max(int(_MAX_BYTES // max(size, 1)), 1).bit_length() - 1)


def _too_large(what: str, most: str) -> str:
    return f"their row group has {what}, where {most} read; write the file with smaller row groups"


class _Lists:
    """What stands in lists in a row group: any of its rows can hold all of it."""

    def __init__(self) -> None:
        self.items = self.size = 0
        self.dictionaries: set[str] = set()

    def add(self, path: str, column: _Column) -> None:
        """Count a column's items and bytes; where its dictionary would make them many, it is read as one."""
        from_dictionary = column.values * column.dictionary
        if from_dictionary > _MIB:
            from_dictionary = column.values * column.longest()
        if from_dictionary > _MAX_BYTES:
            self.dictionaries.add(path)
            from_dictionary = 0
        self.items += column.values
        self.size += int(column.values * column.overhead) + column.plain + from_dictionary


class _Column:
    """A column of a row group by its pages. ``width``: of a value in bytes, 0 for text."""

    def __init__(self, stream: BinaryIO, chunk: pq.ColumnChunkMetaData, width: int) -> None:
        self._stream, self._codec = stream, chunk.compression
        self._pages = _pages(stream, chunk)
        data = [page for page in self._pages if not page.is_dictionary]
        self.values = sum(page.values for page in data)
        self.largest_page = max((page.unpacked for page in self._pages), default=0)
        self.overhead = width + 8
        self.dictionary = 0 if width else max((p.unpacked for p in self._pages if p.is_dictionary), default=0)
        """The bytes of the dictionary of texts: none of them is longer."""
        # A value of an incremental page goes on from the one before: each can be as long as all of the page.
        incremental = [page.unpacked for page in data if page.encoding == _INCREMENTAL and not width]
        plain = [page for page in data if page.encoding not in (*_DICTIONARIES, _INCREMENTAL) and not width]
        self.plain = sum(page.unpacked for page in plain) + max(incremental, default=0) * self.values
        """The bytes of text outside the dictionary, at most."""
        each = max((page.unpacked / max(page.values, 1) for page in plain), default=0.0)
        self.per_value = self.overhead + max(each, *incremental, 0.0)

    def longest(self) -> int:
        """Return how long a text of the dictionary is at most, which takes the dictionary to be unpacked."""
        return max((self._longest_of(page) for page in self._pages if page.is_dictionary), default=0)

    def _longest_of(self, page: Page) -> int:
        import pyarrow as pa

        self._stream.seek(page.start)
        data = self._stream.read(page.packed)
        try:
            if self._codec != "UNCOMPRESSED":
                codec = pa.Codec("lz4_raw" if self._codec == "LZ4" else self._codec.lower())
                data = codec.decompress(data, page.unpacked, asbytes=True)
            found, at = 0, 0
            while at < len(data):
                (size,) = _SIZE(data, at)
                at += 4 + size
                if size > found:
                    found = size
        except (ValueError, OSError, struct.error):
            return page.unpacked
        return int(min(found, page.unpacked))


_SIZE = struct.Struct("<I").unpack_from


def _pages(stream: BinaryIO, chunk: pq.ColumnChunkMetaData) -> list[Page]:
    """Return the pages of a column chunk, up to one whose header is broken: Arrow does not come past it either."""
    start = chunk.data_page_offset
    if chunk.dictionary_page_offset and 0 < chunk.dictionary_page_offset < start:
        start = chunk.dictionary_page_offset
    found: list[Page] = []
    with contextlib.suppress(ValueError):
        found.extend(pages_of(stream, start, chunk.total_compressed_size, chunk.num_values))
    return found


# ---------------------------------------------------------------------------------------------------- batches


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that is read, and who is told of what cannot be."""

    path: Path
    file: pq.ParquetFile
    reject: Reject
    rows: int
    columns: list[str] | None

    def wants(self, leaf: str) -> bool:
        """Say whether a column, or a part of one, is read."""
        return self.columns is None or any(leaf == name or leaf.startswith(f"{name}.") for name in self.columns)

    def read(
        self, plan: _Plan, groups: list[int], number: int, skipped: int = 0
    ) -> Generator[tuple[int, pa.RecordBatch], None, int]:
        """Yield the rows of row groups but the first ``skipped``, and return the number of the row behind the last.

        ``number`` is that of the first row which is not skipped. Where a batch cannot be read its row group is read
        again, few rows at a time, to get at those before the damage; then the others.
        """
        sizes = [self.file.metadata.row_group(group).num_rows for group in groups]
        done, failed = 0, "there are fewer rows than the file says"
        batches = self._batches(plan, groups)
        while True:
            try:
                batch = next(batches, None)
            except Exception as error:
                failed = first_line(error)
                break
            if batch is None:
                break
            done += len(batch)
            batch = batch.slice(max(len(batch) - max(done - skipped, 0), 0))
            if len(batch):
                yield from self._within_bounds(number, batch)
                number += len(batch)
        if done >= sum(sizes):
            return number
        at = next(n for n in range(len(groups)) if done < sum(sizes[: n + 1]))
        if len(groups) > 1:
            number = yield from self.read(plan, groups[at : at + 1], number, done - sum(sizes[:at]))
            return (yield from self.read(plan, groups[at + 1 :], number)) if groups[at + 1 :] else number
        if plan.rows > _AGAIN:
            return (yield from self.read(replace(plan, rows=_AGAIN), groups, number, max(done, skipped)))
        last: int = number + sizes[0] - max(done, skipped) - 1
        where = f"{self.path}: row {number}"
        told = f"{self.path}: cannot be read as Parquet after row {number - 1}, up to row {last}: {failed}."
        self.reject(where, told)
        return last + 1

    def _batches(self, plan: _Plan, groups: list[int]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        file = self.file
        if plan.dictionaries:
            file = pq.ParquetFile(
                self.path, read_dictionary=sorted(plan.dictionaries), metadata=file.metadata, buffer_size=_MIB
            )
        yield from file.iter_batches(batch_size=plan.rows, row_groups=groups, columns=self.columns)

    def _within_bounds(self, number: int, batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield what a batch holds in slices of at most 64 MiB, without the rows that are larger or no UTF-8."""
        if batch.nbytes <= _MAX_BYTES and not any(map(_has_dictionary, batch.schema.types)):
            yield from self._valid(number, batch)
            return
        import numpy as np

        sizes = sum((_sizes(column) for column in batch.columns), np.zeros(len(batch), np.int64))
        start = 0
        while start < len(batch):
            if sizes[start] > _MAX_BYTES:
                where = f"{self.path}: row {number + start}"
                told = f"{where}: the row is larger than {_MAX_BYTES // _MIB} MiB."
                self.reject(where, told, _shown(batch, start))
                start += 1
                continue
            # As many as fit, and at least this one.
            size = int(np.searchsorted(np.cumsum(sizes[start:]), _MAX_BYTES, side="right"))
            yield from self._valid(number + start, _without_dictionaries(batch.slice(start, size)))
            start += size

    def _valid(self, number: int, batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
        try:
            batch.validate(full=True)
        except ValueError as error:
            if len(batch) > 1:
                half = len(batch) // 2
                yield from self._valid(number, batch.slice(0, half))
                yield from self._valid(number + half, batch.slice(half))
                return
            where = f"{self.path}: row {number}"
            self.reject(where, f"{where}: holds what cannot be read: {first_line(error)}.", _shown(batch, 0))
        else:
            yield number, batch


def _has_dictionary(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_dictionary(kind) or any(_has_dictionary(kind.field(n).type) for n in range(kind.num_fields))


def _without_dictionaries(batch: pa.RecordBatch) -> pa.RecordBatch:
    import pyarrow as pa

    fields = [field.with_type(_plain_type(field.type)) for field in batch.schema]
    return batch.cast(pa.schema(fields, metadata=batch.schema.metadata))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """Return a type with what its dictionaries hold in their place."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return kind.value_type
    if not _has_dictionary(kind):
        return kind
    parts = [kind.field(n).with_type(_plain_type(kind.field(n).type)) for n in range(kind.num_fields)]
    if pa.types.is_struct(kind):
        return pa.struct(parts)
    if pa.types.is_map(kind):
        return pa.map_(_plain_type(kind.key_type), _plain_type(kind.item_type))
    if pa.types.is_fixed_size_list(kind):
        return pa.list_(parts[0], kind.list_size)
    return pa.large_list(parts[0]) if pa.types.is_large_list(kind) else pa.list_(parts[0])


def _sizes(array: pa.Array) -> Any:
    """Return how many bytes each row of an array is unpacked, about."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if pa.types.is_dictionary(kind):
        sizes = np.append(_sizes(array.dictionary), 0)  # null: the last
        return sizes[pc.fill_null(array.indices.cast(pa.int64()), len(sizes) - 1).to_numpy(zero_copy_only=False)]
    if pa.types.is_struct(kind):
        return sum((_sizes(part) for part in array.flatten()), np.zeros(len(array), np.int64))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_map(kind):
        ends = np.append(0, np.cumsum(_sizes(array.values)))[array.offsets.to_numpy()]
        return np.diff(ends) + 8
    if pa.types.is_fixed_size_list(kind):
        parts = array.values.slice(array.offset * kind.list_size, len(array) * kind.list_size)
        return _sizes(parts).reshape(len(array), -1).sum(axis=1)
    try:
        return pc.fill_null(pc.binary_length(array), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    except pa.ArrowNotImplementedError:  # no text
        return np.full(len(array), max(array.nbytes // max(len(array), 1), 8), np.int64)


def _shown(batch: pa.RecordBatch, number: int) -> dict[str, Any]:
    """Return a row that is set aside, as far as it can be shown; large cells by their size."""
    import pyarrow as pa

    shown: dict[str, Any] = {}
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        cell = column.slice(number, 1)
        size = int(_sizes(cell)[0])
        try:
            shown[name] = f"({size:,} bytes)" if size > 2**16 else cell.to_pylist()[0]
        except UnicodeDecodeError:
            shown[name] = cell.cast(pa.binary()).to_pylist()[0].decode("utf-8", "backslashreplace")
        except (ValueError, OverflowError, MemoryError, pa.ArrowException):
            shown[name] = None
    return shown
