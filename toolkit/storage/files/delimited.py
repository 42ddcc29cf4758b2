"""CSV and TSV: records of cells, each of them the text it is. An empty cell is null; lists stand in cells as JSON.

Between the cells of a ``.tsv`` stand tabs, of a ``.csv`` commas. A ``.csv`` has semicolons, tabs or bars instead only
where all of this speaks for it: with commas the header is one cell, or lacks a column that is required; with the
other sign it is several, each with a name of its own, and none lacking; the first records have as many cells as the
header; and no other sign would do as well. So a table of one column whose text holds semicolons keeps its commas.
"""

from __future__ import annotations

import csv
import json
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import DataError, Remark
from toolkit.storage.files.aside import Reject
from toolkit.storage.files.formats import Row, format_of, told_names, twice
from toolkit.storage.files.lines import read_lines

__all__ = ["cells_to_row", "column_names", "read_delimited"]

_MAX_LINES = 10_000
_MAX_CHARACTERS = 64 * 2**20
"""Of one record."""
_WASTE, _LINE = 2**28, 100
"""Characters that may be read again (besides four times those of the file) before a record is held to a hundredth of
these bounds; twice that, and it ends with its line. What a line costs besides is put at so many characters."""
_OTHERS = {";": "';'", "\t": "tabs", "|": "'|'"}
_FIRST = 10
"""Records that are looked at, with the header, to find out what stands between cells."""


def read_delimited(path: Path, lists: frozenset[str], required: Sequence[str], reject: Reject) -> Iterator[Row]:
    """Yield the rows of a CSV or TSV file. Raises DataError for a header that cannot be used."""
    csv.field_size_limit(2**31 - 1)
    records = _Records(path, reject)
    records.find_delimiter(required)
    header: list[str] | None = None
    for number, cells in records:
        where = f"{path}:{number}"
        if header is None:
            if 0 < records.first_aside < number:
                raise DataError(f"{path}:{records.first_aside}: the header cannot be read; no row can without it.")
            header = column_names(cells, where, required)
        elif len(cells) != len(header):
            reject(where, f"{where}: {len(cells)} cells where the header names {len(header)} columns.", cells)
        else:
            values = dict(zip(header, cells, strict=True))
            try:
                row = cells_to_row(values, lists, where)
            except DataError as error:
                reject(where, str(error), values)
            else:
                yield row


def column_names(cells: list[str], where: str, required: Sequence[str]) -> list[str]:
    """Return the cells of a header. Raises DataError where a name stands twice or a required column is missing."""
    if any("\x00" in cell for cell in cells):
        raise DataError(f"{where}: the header holds NUL characters (UTF-16 perhaps?); save the file as UTF-8.")
    if (name := twice(cells)) is not None:
        raise DataError(f"{where}: a column name stands twice in the header: {name[:60]!r}.")
    missing = next((name for name in required if name not in cells), None)
    if missing is not None:
        raise DataError(f"{where}: column {missing!r} is missing (found: {told_names(cells)}).")
    return cells


def cells_to_row(cells: dict[str, str], lists: frozenset[str], where: str) -> Row:
    """Return a row of cells that are texts. Raises DataError where one of ``lists`` is no JSON."""
    return Row(
        {name: _cell(cell, name, where) if name in lists else cell or None for name, cell in cells.items()}, where
    )


def _cell(cell: str, name: str, where: str) -> Any:
    try:
        return json.loads(cell) if cell else None
    except (ValueError, RecursionError):
        raise DataError(f'{where}: column {name!r} must hold JSON, for example ["a"], not {cell[:60]!r}.') from None


class _Records:
    """The records of a file that are not empty, each with the number of its first line.

    Where a record is no CSV (a quotation mark that is never closed), its first line is set aside and reading goes on
    with the second. A record has at most 10,000 lines and 64 MiB, and less where many of them were read in vain: so
    memory is bounded, and time grows with the file.
    """

    def __init__(self, path: Path, reject: Reject) -> None:
        self._path, self._source, self._told = path, read_lines(path, self._reject), reject
        self.first_aside = 0
        """The number of the first line that was set aside; 0: none was."""
        self._delimiter = "\t" if format_of(path) == ".tsv" else ","
        self._again: deque[tuple[int, str]] = deque()
        self._record: list[tuple[int, str]] = []
        self._size = self._wasted = self._read = 0

    def find_delimiter(self, required: Sequence[str]) -> None:
        """Find out, and say, where something else than a comma stands between the cells of a ``.csv``."""
        first = self._next()
        while first and not first[1].strip("\r\n"):
            first = self._next()
        if first is None:
            return
        self._again.append(first)
        if self._delimiter != "," or _suits(_header([first[1]], ","), required):
            return
        if not any(sign in first[1] for sign in _OTHERS):
            return
        size = len(first[1])
        while line := self._next():
            self._again.append(line)
            size += len(line[1])
            if len(self._again) > 10 * _FIRST or size > 2**20:
                break
        lines = [text for _, text in self._again]
        fit = [sign for sign in _OTHERS if _fits(lines, sign, required)]
        if len(fit) == 1:
            self._delimiter = fit[0]
            told = f"{self._path}: read with {_OTHERS[fit[0]]} between cells; save it with commas to be sure."
            warnings.warn(told, Remark, stacklevel=4)

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        reader = self._reader()
        while True:
            self._record.clear()
            self._size = 0
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                self._set_first_line_aside(error)
                reader = self._reader()
                continue
            if cells:
                yield self._record[0][0], cells

    def _reader(self) -> Iterator[list[str]]:
        return iter(csv.reader(self._lines(), delimiter=self._delimiter, strict=True))

    def _lines(self) -> Iterator[str]:
        part = (1, 100, _MAX_LINES)[min(self._wasted // (_WASTE + 4 * self._read), 2)]
        while line := self._again.popleft() if self._again else self._next():
            if self._record and len(self._record) >= _MAX_LINES // part:
                self._again.appendleft(line)
                raise csv.Error(f"a quotation mark is not closed within {_MAX_LINES // part:,} lines")
            if self._record and self._size + len(line[1]) > _MAX_CHARACTERS // part:
                self._again.appendleft(line)
                raise csv.Error(f"a quotation mark is not closed within {_MAX_CHARACTERS // part:,} characters")
            self._record.append(line)
            self._size += len(line[1])
            yield line[1]

    def _next(self) -> tuple[int, str] | None:
        line = next(self._source, None)
        self._read += len(line[1]) + _LINE if line else 0
        return line

    def _reject(self, where: str, reason: str, row: Any = None) -> None:
        self.first_aside = self.first_aside or int(where.rpartition(":")[2])
        self._told(where, reason, row)

    def _set_first_line_aside(self, error: csv.Error) -> None:
        where, line = f"{self._path}:{self._record[0][0]}", self._record[0][1]
        self._reject(where, f"{where}: is not valid CSV: {error}.", line.rstrip("\r\n"))
        self._again.extendleft(reversed(self._record[1:]))
        self._wasted += self._size + _LINE * len(self._record)


def _header(lines: Iterable[str], delimiter: str) -> list[str] | None:
    try:
        return next(csv.reader(lines, delimiter=delimiter, strict=True), None)
    except csv.Error:
        return None


def _suits(header: list[str] | None, required: Sequence[str]) -> bool:
    """Say whether a header is one of several columns, and lacks none that is required."""
    return header is not None and len(header) > 1 and set(required) <= set(header)


def _fits(lines: list[str], delimiter: str, required: Sequence[str]) -> bool:
    """Say whether the first lines of a file are records with this sign between cells, under a header of names."""
    header = _header(lines, delimiter)
    if (
        header is None
        or not _suits(header, required)
        or not all(map(str.strip, header))
        or len(set(header)) < len(header)
    ):
        return False
    records = []
    try:
        for cells in csv.reader(lines, delimiter=delimiter, strict=True):
            records += [len(cells)] if cells else []
            if len(records) > _FIRST:
                break
    except csv.Error:
        pass  # a quotation mark that is closed further below, or never
    return len(records) > 1 and all(size == len(header) for size in records)
