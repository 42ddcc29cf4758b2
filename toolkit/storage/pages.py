"""How large the pages of a Parquet file are unpacked: what their own headers say, before anything is unpacked.

The footer's figures do not bound what is read: what is allocated for a page is what the page's header says. A header is
a struct in Thrift's compact protocol (parquet.thrift, ``PageHeader``), of which a few numbers are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

__all__ = ["Page", "pages_of"]

_TYPE, _UNPACKED, _PACKED = 1, 2, 3
_SORTS = {0: (5, 2), 2: (7, 2), 3: (8, 4)}
"""By type (data, dictionary, data of version 2): the field that tells of it, and in it that of the encoding."""
_STRUCT, _BINARY = 12, 8
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


def pages_of(stream: BinaryIO, start: int, size: int, values: int) -> Iterator[Page]:
    """Yield the pages of a column chunk that begins at ``start``. Raises ValueError where a header is no header."""
    end = start + size
    while start < end and values > 0:
        fields, length = _header(stream, start)
        sort, unpacked, packed = fields.get(_TYPE), fields.get(_UNPACKED), fields.get(_PACKED)
        if not isinstance(unpacked, int) or not isinstance(packed, int) or min(unpacked, packed) < 0:
            raise ValueError("a page without sizes")
        start += length
        if sort in _SORTS:
            about, encoding = _SORTS[sort]
            told = fields.get(about)
            told = told if isinstance(told, dict) else {}
            found = Page(sort == 2, told.get(1, -1), told.get(encoding, -1), unpacked, packed, start)
            if not isinstance(found.values, int) or found.values < 0:
                raise ValueError("a page without a number of values")
            yield found
            values -= 0 if found.is_dictionary else found.values
        start += packed


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
    if depth > 8:
        raise ValueError("a page header that is nested too deep")
    fields: dict[int, object] = {}
    number = 0
    while True:
        head = data[at]
        at += 1
        if not head:
            return fields, at
        kind = head & 15
        if head >> 4:
            number += head >> 4
        else:
            number, at = _integer(data, at)
        fields[number], at = _value(data, at, kind, depth)


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
    # A page header has no lists, sets and maps, in any version of the format.
    raise ValueError("a page header of an unknown form")


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
