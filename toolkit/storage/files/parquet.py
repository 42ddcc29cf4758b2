"""Parquet by batches that are bounded in rows and in bytes, whatever the file makes of a few kilobytes.

A cell that stands once in a dictionary can be in a million rows, a page of zeros shrinks a thousandfold, one row can
hold a list of a billion items: so the headers of the pages are read first (``pages``), and they tell how many rows are
unpacked at a time. Text whose dictionary has large cells is read as dictionary, and unpacked slice by slice. What would
not fit even so is set aside: a row of more than 64 MiB, or a row group that cannot be unpacked row by row.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import DataError, first_line
from toolkit.storage.files.aside import Reject
from toolkit.storage.files.formats import BATCH, Row, told_names, twice
from toolkit.storage.files.plans import MAX_BYTES, MIB, Plan, runs

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

__all__ = ["parquet_batches", "read_parquet"]

_AGAIN = 100
"""Rows at a time where a batch could not be read, to get at those before the damage."""


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
        file = pq.ParquetFile(path, buffer_size=MIB)
    except Exception as error:
        reject(f"{path}: row 1", f"{path}: cannot be read as Parquet after row 0: {first_line(error)}.")
        return
    with file, path.open("rb") as stream:
        names = file.schema_arrow.names
        if (name := twice(names)) is not None:
            raise DataError(f"{path}: a column name stands twice: {name[:60]!r}.")
        if missing := [name for name in required if name not in names]:
            raise DataError(f"{path}: row 1: column {missing[0]!r} is missing (found: {told_names(names)}).")
        source = _Source(path, file, reject, None if columns is None else [n for n in columns if n in names])
        number = 1
        counted = sum(file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups))
        if counted != file.metadata.num_rows:
            reject(f"{path}: row 1", f"{path}: says that it has {file.metadata.num_rows} rows, and has {counted}.")
        for plan, groups in runs(file.metadata, stream, rows, source.columns):
            if plan.problem is None:
                number = yield from source.read(plan, groups, number)
            else:
                size = sum(file.metadata.row_group(group).num_rows for group in groups)
                where = f"{path}: row {number}"
                reject(where, f"{where}: the rows {number} to {number + size - 1} are not read: {plan.problem}.")
                number += size


# ---------------------------------------------------------------------------------------------------- batches


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that is read, and who is told of what cannot be."""

    path: Path
    file: pq.ParquetFile
    reject: Reject
    columns: list[str] | None

    def read(
        self, plan: Plan, groups: list[int], number: int, skipped: int = 0
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

    def _batches(self, plan: Plan, groups: list[int]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        file = self.file
        if plan.dictionaries:
            file = pq.ParquetFile(
                self.path, read_dictionary=sorted(plan.dictionaries), metadata=file.metadata, buffer_size=MIB
            )
        yield from file.iter_batches(batch_size=plan.rows, row_groups=groups, columns=self.columns)

    def _within_bounds(self, number: int, batch: pa.RecordBatch) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Yield what a batch holds in slices of at most 64 MiB, without the rows that are larger or no UTF-8."""
        if batch.nbytes <= MAX_BYTES and not any(map(_has_dictionary, batch.schema.types)):
            yield from self._valid(number, batch)
            return
        import numpy as np

        sizes = sum((_sizes(column) for column in batch.columns), np.zeros(len(batch), np.int64))
        start = 0
        while start < len(batch):
            if sizes[start] > MAX_BYTES:
                where = f"{self.path}: row {number + start}"
                told = f"{where}: the row is larger than {MAX_BYTES // MIB} MiB."
                self.reject(where, told, _shown(batch, start))
                start += 1
                continue
            # As many as fit, and at least this one.
            size = int(np.searchsorted(np.cumsum(sizes[start:]), MAX_BYTES, side="right"))
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
