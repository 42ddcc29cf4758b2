"""Rows that cannot be read are set aside, by one rule: with their place, the reason, and what stood there."""

from __future__ import annotations

import json
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from toolkit.errors import DataError
from toolkit.storage.files.formats import Row, without_surrogates
from toolkit.storage.files.writing import written_aside

__all__ = ["Reject", "SetAside", "kept", "refuse"]

T = TypeVar("T")
_TOLD = 5
_MAX_REASON, _MAX_SHOWN, _MAX_LIST = 2000, 2**16, 2**28
"""Characters that are kept of a reason, of what stood there, and of all of it."""


class Reject(Protocol):
    """Who is told of a row that cannot be read."""

    def __call__(self, where: str, reason: str, row: Any = None) -> None:
        """Take a row: its place (``articles.jsonl:17``), a sentence that says what is wrong, and what stood there."""


def refuse(where: str, reason: str, row: Any = None) -> None:
    """Raise DataError: nothing is set aside."""
    raise DataError(reason)


def kept(rows: Iterable[Row], read: Callable[[Row], T], reject: Reject = refuse) -> Iterator[T]:
    """Yield what ``read`` makes of every row that it can read; what it raises DataError for goes to ``reject``."""
    for row in rows:
        try:
            value = read(row)
        except DataError as error:
            reject(row.where, str(error), row.values or None)
        else:
            yield value


class SetAside:
    """Rows that were set aside: counted, the first of them told, all of them kept on disk until they are saved.

    Of a row that is longer than 64 KiB as JSON its beginning is kept, with ``cut``, its length. The list ends at 256
    MiB, and says so; what comes after is counted.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.count = 0
        self.reasons: list[str] = []
        """The first five."""
        self._lines: IO[str] | None = None
        self._room, self._unlisted = _MAX_LIST, 0

    def __call__(self, where: str, reason: str, row: Any = None) -> None:
        """Set a row aside. Raises DataError where there are more than ``most``."""
        self.count += 1
        reason = reason if len(reason) <= _MAX_REASON else f"{reason[:_MAX_REASON]} ..."
        if len(self.reasons) < _TOLD:
            self.reasons.append(reason)
        if self.most is not None and self.count > self.most:
            allowed = f"{self.most} may be set aside" if self.most else "none may be set aside"
            raise DataError(f"{reason.rstrip('.')} ({allowed}).")
        if self._lines is None:
            self._lines = tempfile.TemporaryFile("w+", encoding="utf-8")
            weakref.finalize(self, self._lines.close)
        if self._room <= 0:
            self._unlisted += 1
            return
        line = without_surrogates(_line({"where": where, "reason": reason, "row": row}))
        self._lines.write(line)
        self._room -= len(line)

    def listed(self) -> str:
        """Return the rows as JSON Lines."""
        if self._lines is None:
            return ""
        self._end_list()
        return self._lines.read()

    def _end_list(self) -> None:
        """Say at the end of the list how many rows are not in it, and go back to its beginning."""
        if self._lines is not None:
            if self._unlisted:
                told = f"{self._unlisted} more rows were set aside; this list ends at {_MAX_LIST // 2**20} MiB."
                self._lines.write(_line({"where": "", "reason": told, "row": None}))
                self._unlisted = 0
            self._lines.seek(0)

    def save(self, path: Path) -> None:
        """Write the rows as JSON Lines; a list of an earlier run is taken away where nothing was set aside."""
        if self._lines is None:
            path.unlink(missing_ok=True)
            return
        self._end_list()
        with written_aside(path) as aside, aside.open("w", encoding="utf-8") as stream:
            shutil.copyfileobj(self._lines, stream)


def _line(told: dict[str, Any]) -> str:
    """Return what is told of a row as a line of JSON; a row that is too long is cut, one that is no JSON is a text."""
    row = told["row"]
    try:
        shown = row if isinstance(row, str) else json.dumps(row, ensure_ascii=False, allow_nan=False, default=str)
    except (ValueError, TypeError, RecursionError):  # NaN; names that are no text; lists in lists in lists
        row = shown = _as_text(row)
    if len(shown) > _MAX_SHOWN:
        told = {**told, "row": shown[:_MAX_SHOWN], "cut": len(shown)}
    else:
        told = {**told, "row": row}
    return json.dumps(told, ensure_ascii=False, default=str) + "\n"


def _as_text(row: Any) -> str:
    try:
        return repr(row)
    except RecursionError:
        return "(nested too deep to be shown)"
