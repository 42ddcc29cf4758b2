"""Excel workbooks (``.xlsx``): the first sheet, row by row, each cell as the text that a person sees in it.

The sheet is read as a stream, because neither of the libraries that read workbooks is bounded: one holds all strings
as objects and pads rows to the last column, the other holds the whole sheet, and ends the process where memory ends.
``openpyxl`` tells which number formats are dates, and which date a number is.
"""

from __future__ import annotations

import datetime
import posixpath
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.parsers import expat

from toolkit.errors import DataError, Remark, first_line
from toolkit.storage.files.aside import Reject
from toolkit.storage.files.delimited import cells_to_row, column_names
from toolkit.storage.files.formats import Row

__all__ = ["read_workbook"]

_MIB = 2**20
_MAX_PART, _MAX_STRINGS, _MAX_SHEET = 16 * _MIB, 256 * _MIB, 2048 * _MIB
"""Unpacked: of a part that only describes the workbook, of its strings, of a sheet."""
_MAX_ROW = 64 * _MIB
_MAX_COLUMN = 16_384
_MAX_MERGED = 100_000
_DIGITS = 15
"""That Excel keeps of a number."""
_OLD = b"\xd0\xcf\x11\xe0"
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="[A-Z]*(\d{1,9})(?::[A-Z]*(\d{1,9}))?"')
_HAS_CELL = re.compile(rb"<(?:\w+:)?(?:v|t)[ >]")
_PLACE = re.compile(r"([A-Z]{1,3})\d*")


def read_workbook(path: Path, lists: frozenset[str], required: Sequence[str], reject: Reject) -> Iterator[Row]:
    """Yield the rows of the first sheet, whose first row that is not empty names the columns.

    Set aside are rows with an error (``#REF!``), a formula without a value or a merged cell, and the rest of a sheet
    that is damaged. Raises DataError where this is no workbook that can be read, or its header cannot be used.
    """
    with path.open("rb") as stream:
        old = stream.read(4) == _OLD
    if old:
        raise DataError(f"{path}: is an old .xls workbook or locked by a password; save it as plain .xlsx or .csv.")
    number = 0
    header: dict[int, str] | None = None
    try:
        with zipfile.ZipFile(path) as archive:
            book = _Book(path, archive)
            merged = book.merged_rows()
            for row in book.rows():
                number = row.number
                where = f"{path}: row {number}"
                problem = "holds merged cells" if _lies_in(number, merged) else row.problem
                if header is None:
                    header = _header(row, problem, where, required)
                    continue
                values = {name: row.cells.get(column, "") for column, name in header.items()}
                beyond = next((column for column in row.cells if column not in header), None)
                if beyond is not None:
                    problem = problem or f"column {_letters(beyond)} has no name in the header"
                if problem:
                    reject(where, f"{where}: {problem}.", values)
                    continue
                try:
                    made = cells_to_row(values, lists, where)
                except DataError as error:
                    reject(where, str(error), values)
                else:
                    yield made
    except (DataError, Warning):
        raise
    except Exception as error:  # of zip, of XML, of a number that is none
        told = f"{path}: cannot be read as an Excel workbook after row {number}: {first_line(error)}."
        reject(f"{path}: row {number + 1}", told)


@dataclass(slots=True)
class _Row:
    number: int
    cells: dict[int, str] = field(default_factory=dict)
    """Texts that are not empty, by column from 1."""
    problem: str | None = None
    size: int = 0


def _header(row: _Row, problem: str | None, where: str, required: Sequence[str]) -> dict[int, str]:
    if problem:
        raise DataError(f"{where}: the header {problem}.")
    names = column_names(list(row.cells.values()), where, required)
    return dict(zip(row.cells, names, strict=True))


def _lies_in(number: int, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= number <= last for first, last in ranges)


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _column(letters: str) -> int:
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column


class _Book:
    """The parts of a workbook that matter."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900

        self._path, self._archive = path, archive
        main = next(iter(self._related("", "/officeDocument").values()), "xl/workbook.xml")
        sheets, self._epoch = list[tuple[str, str]](), CALENDAR_WINDOWS_1900
        for kind, name, attributes in self._events(main, _MAX_PART):
            if (kind, name) == ("start", "sheet"):
                sheets.append((attributes.get("name", ""), attributes.get("id", "")))
            elif (kind, name) == ("start", "workbookPr") and attributes.get("date1904") in ("1", "true"):
                self._epoch = CALENDAR_MAC_1904
        parts = self._related(main, "/worksheet")
        found = [(name, parts[key]) for name, key in sheets if key in parts]
        if not found:
            raise DataError(f"{path}: there is no sheet in this workbook.")
        self._sheet = found[0][1]
        if more := [repr(name) for name, part in found[1:] if self._has_content(part)]:
            told = f"{path}: the sheet {found[0][0]!r} is read; there is more on {', '.join(more[:5])}."
            warnings.warn(told, Remark, stacklevel=4)
        strings = next(iter(self._related(main, "/sharedStrings").values()), None)
        self._strings = self._shared(strings) if strings else []
        styles = next(iter(self._related(main, "/styles").values()), None)
        self._formats = self._number_formats(styles) if styles else []

    def merged_rows(self) -> list[tuple[int, int]]:
        """Return the first and last rows of what is merged in the sheet; it is told behind its rows."""
        ranges = set[tuple[int, int]]()
        before = b""
        for chunk in self._chunks(self._sheet, _MAX_SHEET):
            for first, last in _MERGED.findall(before + chunk):
                ranges.add((int(first), int(last or first)))
            if len(ranges) > _MAX_MERGED:
                raise DataError(f"{self._path}: more than {_MAX_MERGED:,} ranges are merged.")
            before = chunk[-256:]
        return _united(ranges)

    def rows(self) -> Iterator[_Row]:
        """Yield the rows of the sheet that are not empty."""
        row: _Row | None = None
        number = column = 0
        cell: dict[str, str] = {}
        texts: list[str] = []
        value: str | None = None
        formula = taken = False
        for kind, name, told in self._events(self._sheet, _MAX_SHEET):
            if kind == "text":
                if taken and row and row.size <= _MAX_ROW:
                    texts.append(told)
                    row.size += len(told)
            elif kind == "start":
                taken = name in ("v", "t")
                if name == "row":
                    number, column = int(told.get("r", number + 1)), 0
                    row = _Row(number)
                elif name == "c":
                    if row is None:
                        raise ValueError("a cell outside of a row")
                    cell, texts, value, formula = told, [], None, False
                    found = _PLACE.match(cell.get("r", ""))
                    column = _column(found[1]) if found else column + 1
                elif name == "f":
                    formula = True
                elif name == "rPh":
                    cell = {**cell, "phonetic": "1"}  # how a text is spoken, which nobody sees
            elif name in ("v", "t"):
                taken = False
                if cell.pop("phonetic", None) is None:
                    value = (value or "") + "".join(texts)
                texts = []
            elif name == "c" and row:
                self._add(row, column, cell, value, formula)
            elif name == "row" and row:
                if row.cells or row.problem:
                    yield row
                row = None

    def _add(self, row: _Row, column: int, cell: dict[str, str], value: str | None, formula: bool) -> None:
        kind = cell.get("t", "n")
        problem, text = None, ""
        if row.size > _MAX_ROW:
            row.cells, row.problem = {}, f"is larger than {_MAX_ROW // _MIB} MiB"
            return
        if kind == "e":
            problem = f"the error {value}"
        elif formula and (value is None or (value == "" and kind == "n")):
            problem = "a formula without a value; open and save the file in Excel"
        elif value and column > _MAX_COLUMN:
            problem = "what lies outside of a sheet"
        elif value:
            try:
                text = self._text(kind, value, cell.get("s", ""))
            except (ValueError, IndexError, OverflowError) as error:
                problem = f"what cannot be read: {first_line(error)}"
        row.size += len(text) if kind == "s" else 0
        if text:
            row.cells[column] = text
        if problem and not row.problem:
            row.problem = f"cell {_letters(column)}{row.number} holds {problem}"

    def _text(self, kind: str, value: str, style: str) -> str:
        """Return a cell's value as it is seen, so far as that can be told."""
        if kind == "s":
            return self._strings[int(value)]
        if kind in ("str", "inlineStr"):
            return value
        if kind == "b":
            return {"1": "true", "0": "false"}[value] if value in "01" else value
        if kind == "d":
            return _iso(datetime.datetime.fromisoformat(value))
        number_format = self._formats[int(style)] if style and int(style) < len(self._formats) else ""
        return self._number(value, number_format)

    def _number(self, value: str, number_format: str) -> str:
        from openpyxl.styles.numbers import is_date_format
        from openpyxl.utils.datetime import from_excel

        number = float(value)
        if number != number or abs(number) == float("inf"):
            raise ValueError(f"{value} is no number")
        if number_format and is_date_format(number_format):
            return _iso(from_excel(number, self._epoch))
        if not number.is_integer():
            return format(number, f".{_DIGITS}g")
        if abs(number) >= 10**_DIGITS:
            raise ValueError(f"a number of more than {_DIGITS} digits, which Excel does not keep; make it a text")
        # 007 can be the number 7 that is shown with three digits.
        return str(int(number)).zfill(len(number_format)) if set(number_format) == {"0"} else str(int(number))

    # ------------------------------------------------------------------------------------------------- its parts

    def _related(self, part: str, kind: str) -> dict[str, str]:
        """Return the parts of a kind that a part names, by their keys."""
        folder, name = posixpath.split(part)
        related = posixpath.join(folder, "_rels", f"{name}.rels")
        found = {}
        for event, element, attributes in self._events(related, _MAX_PART):
            if (event, element) == ("start", "Relationship") and attributes.get("Type", "").endswith(kind):
                target = posixpath.normpath(posixpath.join(folder, attributes.get("Target", "")))
                found[attributes.get("Id", "")] = target.lstrip("/")
        return found

    def _has_content(self, part: str) -> bool:
        return any(_HAS_CELL.search(chunk) for chunk in self._chunks(part, _MAX_SHEET))

    def _shared(self, part: str) -> list[str]:
        strings: list[str] = []
        texts: list[str] = []
        taken = spoken = False
        for kind, name, told in self._events(part, _MAX_STRINGS):
            if kind == "text":
                if taken and not spoken:
                    texts.append(told)
            elif name == "t":
                taken = kind == "start"
            elif name == "rPh":
                spoken = kind == "start"
            elif name == "si" and kind == "end":
                strings.append("".join(texts))
                texts.clear()
        return strings

    def _number_formats(self, part: str) -> list[str]:
        """Return the number format of every style of a cell."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        codes, formats, within = dict[str, str](), list[str](), False
        for kind, name, told in self._events(part, _MAX_PART):
            if name == "cellXfs":
                within = kind == "start"
            elif kind == "start" and name == "numFmt":
                codes[told.get("numFmtId", "")] = told.get("formatCode", "")
            elif kind == "start" and name == "xf" and within:
                key = told.get("numFmtId", "0")
                formats.append(codes.get(key) or BUILTIN_FORMATS.get(int(key), ""))
        return formats

    def _chunks(self, part: str, most: int) -> Iterator[bytes]:
        try:
            stream = self._archive.open(part)
        except KeyError:
            raise DataError(f"{self._path}: is no Excel workbook: the part {part!r} is missing.") from None
        size = 0
        with stream:
            while chunk := stream.read(2**16):
                size += len(chunk)
                if size > most:
                    told = f"its part {part!r} is larger than {most // _MIB} MiB; save the sheet as .csv."
                    raise DataError(f"{self._path}: {told}")
                yield chunk

    def _events(self, part: str, most: int) -> Iterator[tuple[str, str, Any]]:
        """Yield what stands in a part: ("start", element, attributes), ("end", element, None), ("text", "", text)."""
        events: list[tuple[str, str, Any]] = []
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True

        def start(name: str, attributes: dict[str, str]) -> None:
            events.append(("start", _local(name), {_local(key): value for key, value in attributes.items()}))

        def refuse_entities(*_: Any) -> None:
            raise DataError(f"{self._path}: is no Excel workbook: the part {part!r} declares a document type.")

        parser.StartElementHandler = start
        parser.EndElementHandler = lambda name: events.append(("end", _local(name), None))
        parser.CharacterDataHandler = lambda text: events.append(("text", "", text))
        parser.StartDoctypeDeclHandler = refuse_entities
        for chunk in self._chunks(part, most):
            parser.Parse(chunk, False)
            yield from events
            events.clear()
        parser.Parse(b"", True)
        yield from events


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _iso(value: Any) -> str:
    """Return a date, or a date with time or a time where it has one, in ISO form."""
    if isinstance(value, datetime.datetime):
        value = (value + datetime.timedelta(microseconds=500_000)).replace(microsecond=0)
        value = value.date() if value.time() == datetime.time() else value
    return str(value.isoformat()) if isinstance(value, datetime.date | datetime.time) else str(value)


def _united(ranges: set[tuple[int, int]]) -> list[tuple[int, int]]:
    united: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if united and first <= united[-1][1]:
            united[-1] = (united[-1][0], max(last, united[-1][1]))
        else:
            united.append((first, last))
    return united
