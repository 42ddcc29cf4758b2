"""Where the pages of a Parquet file lie and how large they are unpacked, before anything is unpacked.

What is allocated for a page is what its own header says, whatever the file's footer says; so headers are read. Both
are structs in Thrift's compact protocol (parquet.thrift), of which a few numbers are wanted. The footer is read here
because pyarrow ends the process where it is asked for a column chunk whose statistics contradict themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["Chunk", "Page", "chunks_of", "pages_of"]

_TYPE, _UNPACKED, _PACKED = 1, 2, 3
_SORTS = {0: (5, 2), 2: (7, 2), 3: (8, 4)}
"""By type (data, dictionary, data of version 2): the field that tells of it, and in it that of the encoding."""
_BINARY, _LIST, _SET, _STRUCT = 8, 9, 10, 12
_CODECS = ("UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW")
_MOST = 16 * 2**20
"""Bytes of a header; it can hold the least and the greatest value of its page."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: whether it is a dictionary, its values (of lists: their items), encoding, sizes, and where it begins."""

    is_dictionary: bool
    values: int
    encoding: int
    unpacked: int
    packed: int
    start: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A column of a row group: where it begins, its size in the file, its values, how it is compressed."""

    start: int
    size: int
    values: int
    codec: str


def chunks_of(stream: BinaryIO) -> Iterator[list[Chunk]]:
    """Yield the column chunks of every row group. Raises ValueError where the footer is not as it must be."""
    end = stream.seek(-8, 2)
    size = int.from_bytes(stream.read(4), "little")
    stream.seek(max(end - size, 0))
    footer = stream.read(size)
    try:
        at = number = 0
        while footer[at]:
            kind, number, at = _field(footer, at, number)
            if (number, kind) == (4, _LIST):
                _, count, at = _list(footer, at)
                for _ in range(count):
                    group, at = _struct(footer, at, 0)
                    yield [_chunk(column) for column in _parts(group, 1)]
                return
            _, at = _value(footer, at, kind, 0)
    except IndexError:
        raise ValueError("a footer that does not end") from None


def _parts(fields: dict[int, object], number: int) -> list[object]:
    found = fields.get(number)
    return found if isinstance(found, list) else []


def _chunk(column: object) -> Chunk:
    told = column.get(3) if isinstance(column, dict) else None
    numbers = [told.get(number) for number in (4, 5, 7, 9)] if isinstance(told, dict) else []
    codec, values, size, start = [number if isinstance(number, int) else -1 for number in numbers] or [-1] * 4
    if min(codec, values, size, start) < 0 or codec >= len(_CODECS):
        raise ValueError("a column whose place is not told")
    dictionary = told.get(11) if isinstance(told, dict) else None
    if isinstance(dictionary, int) and 0 < dictionary < start:
        start = dictionary
    return Chunk(start, size, values, _CODECS[codec])


def pages_of(stream: BinaryIO, chunk: Chunk) -> Iterator[Page]:
    """Yield the pages of a column chunk, up to one whose header is broken: Arrow does not come past it either."""
    start, values = chunk.start, chunk.values
    while start < chunk.start + chunk.size and values > 0:
        try:
            fields, length = _header(stream, start)
        except ValueError:
            return
        start += length
        page = _page(fields, start)
        if page is None:
            return
        yield page
        values -= 0 if page.is_dictionary else page.values
        start += page.packed


def _page(fields: dict[int, object], start: int) -> Page | None:
    sort, unpacked, packed = (fields.get(number) for number in (_TYPE, _UNPACKED, _PACKED))
    about, encoding = _SORTS.get(sort, (0, 0)) if isinstance(sort, int) else (0, 0)
    told = fields.get(about)
    numbers = (told.get(1), told.get(encoding)) if isinstance(told, dict) else (0, 0)
    figures = [number for number in (*numbers, unpacked, packed) if isinstance(number, int) and number >= 0]
    if len(figures) < 4:
        return None
    return Page(sort == 2, values=figures[0], encoding=figures[1], unpacked=figures[2], packed=figures[3], start=start)


def _header(stream: BinaryIO, start: int) -> tuple[dict[int, object], int]:
    size = 512
    while True:
        stream.seek(start)
        data = stream.read(size)
        try:
            return _struct(data, 0, 0)
        except IndexError:
            if len(data) < size or size > _MOST:
                raise ValueError("a page header that does not end") from None
            size *= 16


def _struct(data: bytes, at: int, depth: int) -> tuple[dict[int, object], int]:
    """Return the fields of a struct by their numbers, and where it ends. Raises IndexError where data ends before."""
    if depth > 20:
        raise ValueError("what is nested too deep")
    fields: dict[int, object] = {}
    number = 0
    while True:
        if not data[at]:
            return fields, at + 1
        kind, number, at = _field(data, at, number)
        fields[number], at = _value(data, at, kind, depth)


def _field(data: bytes, at: int, number: int) -> tuple[int, int, int]:
    """Return what begins at a place of a struct: the kind and number of a field, and where its value begins."""
    head = data[at]
    if head >> 4:
        return head & 15, number + (head >> 4), at + 1
    number, at = _integer(data, at + 1)
    return head & 15, number, at


def _list(data: bytes, at: int) -> tuple[int, int, int]:
    """Return what begins at a place: the kind of a list's items, how many there are, and where the first begins."""
    head = data[at]
    count, at = (head >> 4, at + 1) if head >> 4 < 15 else _varint(data, at + 1)
    if count > len(data) - at:
        raise IndexError
    return head & 15, count, at


def _value(data: bytes, at: int, kind: int, depth: int) -> tuple[object, int]:
    if kind in (1, 2):
        return kind == 1, at
    if kind == 3:
        return data[at], at + 1
    if kind in (4, 5, 6):
        return _integer(data, at)
    if kind == 7:
        return None, at + 8
    if kind == _BINARY:
        size, at = _varint(data, at)
        if at + size > len(data):
            raise IndexError
        return None, at + size
    if kind == _STRUCT:
        return _struct(data, at, depth + 1)
    if kind in (_LIST, _SET):
        kind, count, at = _list(data, at)
        items = []
        for _ in range(count):
            # A truth value has no byte of its own in a struct, and one in a list.
            item, at = _value(data, at, 3 if kind in (1, 2) else kind, depth + 1)
            items.append(item)
        return items, at
    raise ValueError("a value of an unknown kind")  # maps are not in the format


def _integer(data: bytes, at: int) -> tuple[int, int]:
    number, at = _varint(data, at)
    return (number >> 1) ^ -(number & 1), at


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7
        if shift > 63:
            raise ValueError("a number that does not end")
