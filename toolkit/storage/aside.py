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
from toolkit.storage.formats import Row, without_surrogates
from toolkit.storage.writing import written_aside

__all__ = ["Reject", "SetAside", "kept", "refuse"]

T = TypeVar("T")
_TOLD = 5


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
    """Rows that were set aside: counted, the first of them told, all of them kept on disk until they are saved."""

    def __init__(self, most: int | None = None, unsaid: str = "") -> None:
        self.most = most
        self.unsaid = unsaid
        """What is left away of every place: the folder of a file that nobody knows of."""
        self.count = 0
        self.reasons: list[str] = []
        """The first five."""
        self._lines: IO[str] | None = None

    def __call__(self, where: str, reason: str, row: Any = None) -> None:
        """Set a row aside. Raises DataError where there are more than ``most``."""
        if self.unsaid:
            where, reason = where.replace(self.unsaid, ""), reason.replace(self.unsaid, "")
        self.count += 1
        if len(self.reasons) < _TOLD:
            self.reasons.append(reason)
        if self.most is not None and self.count > self.most:
            allowed = f"{self.most} may be set aside" if self.most else "none may be set aside"
            raise DataError(f"{reason.rstrip('.')} ({allowed}).")
        if self._lines is None:
            self._lines = tempfile.TemporaryFile("w+", encoding="utf-8")
            weakref.finalize(self, self._lines.close)
        told = {"where": where, "reason": reason, "row": row}
        line = json.dumps(told, ensure_ascii=False, default=str)
        self._lines.write(without_surrogates(line) + "\n")

    def listed(self) -> str:
        """Return the rows as JSON Lines."""
        if self._lines is None:
            return ""
        self._lines.seek(0)
        return self._lines.read()

    def save(self, path: Path) -> None:
        """Write the rows as JSON Lines; a list of an earlier run is taken away where nothing was set aside."""
        if self._lines is None:
            path.unlink(missing_ok=True)
            return
        self._lines.seek(0)
        with written_aside(path) as aside, aside.open("w", encoding="utf-8") as stream:
            shutil.copyfileobj(self._lines, stream)
