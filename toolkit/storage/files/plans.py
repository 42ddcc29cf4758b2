"""How a row group of a Parquet file is read so that what is unpacked at a time is bounded, by what its pages say."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from toolkit.storage.files.pages import Chunk, Page, chunks_of, pages_of

if TYPE_CHECKING:
    import pyarrow.parquet as pq

__all__ = ["MAX_BYTES", "MIB", "Plan", "runs"]

MIB = 2**20
MAX_BYTES = 64 * MIB
"""Of a batch, and of a row."""
_MAX_PAGE = 128 * MIB
_MAX_ITEMS = 2**24
_MAX_NESTED = 256 * MIB
"""Of the lists in a row group: all of them can stand in one row."""
_FEW = 256
"""Rows: where fewer would fit, large cells are read as dictionary instead."""
_LARGE = 2**14
_RUN = 32
"""Row groups that are read as one."""
_DICTIONARIES, _INCREMENTAL = (2, 8), 7  # RLE_DICTIONARY and its forerunner, DELTA_BYTE_ARRAY
_WIDTH = {"BOOLEAN": 1, "INT32": 4, "FLOAT": 4, "INT64": 8, "DOUBLE": 8, "INT96": 12}
_SIZE = struct.Struct("<I").unpack_from


@dataclass(frozen=True, slots=True)
class Plan:
    """How a row group is read: so many rows at a time, these columns as dictionaries; or what forbids to read it."""

    rows: int
    dictionaries: frozenset[str] = frozenset()
    problem: str | None = None


def runs(
    metadata: pq.FileMetaData, stream: BinaryIO, rows: int, columns: Sequence[str] | None
) -> Iterator[tuple[Plan, list[int]]]:
    """Yield plans, each with the row groups, one after the other, that are read by it, at most ``rows`` rows at a time.

    ``columns`` are those that are read, None: all.
    """
    groups: list[int] = []
    plan = Plan(0)
    chunks = chunks_of(stream)
    leaves = [_Leaf(metadata.schema.column(index), columns) for index in range(metadata.num_columns)]
    for group in range(metadata.num_row_groups):
        try:
            following = _plan(
                stream, list(zip(leaves, next(chunks), strict=True)), metadata.row_group(group).num_rows, rows
            )
        except (ValueError, StopIteration):
            following = Plan(0, problem="the file does not tell where their columns lie")
        if groups and (following != plan or plan.problem or len(groups) == _RUN):
            yield plan, groups
            groups = []
        plan = following
        groups.append(group)
    if groups:
        yield plan, groups


class _Leaf:
    """What the schema says of a column without parts, and whether it is read."""

    def __init__(self, column: pq.ColumnSchema, columns: Sequence[str] | None) -> None:
        self.path = column.path
        self.in_lists = column.max_repetition_level > 0
        self.width = 0 if column.physical_type == "BYTE_ARRAY" else _WIDTH.get(column.physical_type, column.length)
        """Of a value in bytes, 0 for text."""
        self.wanted = columns is None or any(self.path == n or self.path.startswith(f"{n}.") for n in columns)


def _plan(stream: BinaryIO, parts: list[tuple[_Leaf, Chunk]], count: int, rows: int) -> Plan:
    """Return how a row group of ``count`` rows is read, at most ``rows`` at a time."""
    most, rows = rows, min(rows, max(count, 1))
    lists, size = _Lists(), 0.0
    longest: dict[str, int] = {}
    exact: dict[str, _Column] = {}
    for leaf, chunk in parts:
        if not leaf.wanted:
            continue
        column = _Column(stream, chunk, leaf.width)
        if column.largest_page > _MAX_PAGE:
            what = f"a page of {column.largest_page // MIB} MiB in column {leaf.path!r}"
            return Plan(0, problem=_too_large(what, f"{_MAX_PAGE // MIB} MiB are"))
        if leaf.in_lists:
            lists.add(leaf.path, column)
        else:
            if column.values > count:
                told = f"they say that they are {count}, and column {leaf.path!r} has {column.values}"
                return Plan(0, problem=told)
            size += column.per_value
            longest[leaf.path] = column.dictionary
            exact[leaf.path] = column
    if lists.items > _MAX_ITEMS:
        return Plan(0, problem=_too_large(f"{lists.items:,} items in lists", f"{_MAX_ITEMS:,} are"))
    if lists.size > _MAX_NESTED:
        return Plan(0, problem=_too_large(f"lists of {lists.size // MIB} MiB", f"{_MAX_NESTED // MIB} MiB are"))
    size += lists.size / rows
    while exact and _fitting(size + sum(longest.values())) < rows:
        name = max(exact, key=longest.__getitem__)
        longest[name] = exact.pop(name).longest()
    large = {name for name, most in longest.items() if most > _LARGE}
    if _fitting(size + sum(longest.values())) >= min(_FEW, rows):
        large = set()
    fit = _fitting(size + sum(most for name, most in longest.items() if name not in large))
    return Plan(min(most, fit), frozenset(large | lists.dictionaries))


def _fitting(size: float) -> int:
    """Return how many rows of a size fit, as a power of two, so that row groups that are alike are read as one."""
    return 1 << (max(int(MAX_BYTES // max(size, 1)), 1).bit_length() - 1)


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
        if from_dictionary > MIB:
            from_dictionary = column.values * column.longest()
        if from_dictionary > MAX_BYTES:
            self.dictionaries.add(path)
            from_dictionary = 0
        self.items += column.values
        self.size += int(column.values * column.overhead) + column.plain + from_dictionary


class _Column:
    """A column of a row group, by its pages."""

    def __init__(self, stream: BinaryIO, chunk: Chunk, width: int) -> None:
        self._stream, self._codec = stream, chunk.codec
        self._pages = list(pages_of(stream, chunk))
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
