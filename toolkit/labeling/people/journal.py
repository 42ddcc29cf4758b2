"""The journals of people who label: a file for each annotator in a project's folder, to which every answer is added.

A journal (``ANNOTATOR.jsonl``) is only ever appended to, a line an answer, and each line is on the disk before the next
statement is shown. The newest line of a statement counts; one that withdraws an answer says so. A line is written under
a lock, so that nobody labels twice at once under one name; other annotators have journals of their own.
"""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from toolkit.errors import DataError, UsageError
from toolkit.labels import LabelScheme
from toolkit.storage import Reject, file_name, sync_folder

__all__ = [
    "Entry",
    "Journal",
    "JournalFile",
    "journal_of",
    "journals_in",
    "open_journal",
    "read_journal",
]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a journal: an answer, or with ``labels`` None that an answer is withdrawn.

    ``undo`` says that the line takes back the one before it and states again what stood before that.
    """

    statement_id: str
    annotator: str
    scheme: str
    labels: tuple[str, ...] | None
    at: str
    codebook: str
    comment: str | None = None
    assisted: bool = False
    undo: bool = False
    where: str = ""

    def line(self) -> bytes:
        """Return the entry as a line of JSON."""
        told: dict[str, Any] = {
            "statement_id": self.statement_id,
            "annotator": self.annotator,
            "scheme": self.scheme,
            "labels": None if self.labels is None else list(self.labels),
            "comment": self.comment,
            "at": self.at,
            "codebook": self.codebook,
            "assisted": self.assisted,
        }
        told |= {"withdrawn": True} if self.labels is None else {}
        told |= {"undo": True} if self.undo else {}
        try:
            return json.dumps(told, ensure_ascii=False).encode() + b"\n"
        except UnicodeEncodeError:  # half a surrogate pair
            return json.dumps(told).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class JournalFile:
    """What a journal holds: its lines, how many bytes of it are whole, and what of a last line was torn off."""

    entries: tuple[Entry, ...] = ()
    whole: int = 0
    torn: bytes = b""
    ended: bool = True
    """Whether the last line ends as a line does; one that is complete but for its end counts."""


def journal_of(folder: Path, annotator: str) -> Path:
    """Return where an annotator's journal lies. Raises UsageError where the name cannot be a file's."""
    name = unicodedata.normalize("NFC", annotator)
    if file_name(name) != name or name.startswith("."):
        told = "letters, digits, - and _ are allowed, and dots within, at most 50 characters"
        raise UsageError(f"--annotator: {annotator[:80]!r} cannot be the name of a file: {told}.")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file, the folder of a project is expected.")
    for other in folder.glob("*.jsonl"):
        stem = unicodedata.normalize("NFC", other.stem)
        if stem != name and stem.casefold() == name.casefold():
            told = f"another annotator is called {other.stem!r} in {folder}"
            raise UsageError(f"--annotator: {told}; {annotator!r} differs from it only in upper and lower case.")
    return folder / f"{name}.jsonl"


def journals_in(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the journals of a project in the order of their names, and other ``.jsonl`` files that lie there."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: is no folder of a project; stance annotate label makes one.")
    journals: list[Path] = []
    others: list[Path] = []
    for path in sorted(folder.glob("*.jsonl")):
        (journals if path.is_file() and _is_journal(path) else others).append(path)
    return journals, others


def _is_journal(path: Path) -> bool:
    """Say whether a file is a journal, by its first line; one that ends within that line may be."""
    with path.open("rb") as stream:
        first = stream.readline()
    try:
        told = json.loads(first)
    except (ValueError, RecursionError):
        begin = b'{"statement_id": '
        return not first.endswith(b"\n") and (first.startswith((begin, b"\0")) or begin.startswith(first))
    return isinstance(told, dict) and {"statement_id", "annotator", "scheme", "at", "codebook"} <= told.keys()


def read_journal(path: Path, reject: Reject | None = None) -> JournalFile:
    """Read a journal; one that is not there is empty.

    A last line that was torn off by a kill or a full disk is no error. Any other line that is not right raises
    DataError that names it, or goes to ``reject``.
    """
    if not path.exists():
        return JournalFile()
    if not _is_journal(path):
        raise DataError(f"{path}: is no journal of an annotator.")
    read = path.read_bytes()
    whole = read.rfind(b"\n") + 1
    entries = []
    for number, line in enumerate(read[:whole].split(b"\n")[:-1], start=1):
        if not line.strip():
            continue
        where = f"{path.name}:{number}"
        try:
            entries.append(_entry(line, where, path.stem))
        except DataError as error:
            if reject is None:
                raise
            reject(where, str(error), line.decode(errors="replace"))
    torn = read[whole:]
    if not torn.strip():
        return JournalFile(tuple(entries), whole, torn)
    try:
        last = _entry(torn, f"{path.name}:{read.count(bytes([10])) + 1}", path.stem)
    except DataError:
        return JournalFile(tuple(entries), whole, torn)
    return JournalFile((*entries, last), len(read), ended=False)


def _entry(line: bytes, where: str, annotator: str) -> Entry:
    try:
        told = json.loads(line)
    except (ValueError, RecursionError):
        raise DataError(f"{where}: is no line of a journal (JSON is expected).") from None
    if not isinstance(told, dict):
        raise DataError(f"{where}: is no line of a journal (an object is expected).")
    for name in ("statement_id", "annotator", "scheme", "at", "codebook"):
        if not isinstance(told.get(name), str) or not told[name]:
            raise DataError(f"{where}: {name!r} must hold text.")
    labels, comment = told.get("labels"), told.get("comment")
    withdrawn = told.get("withdrawn", False)
    if withdrawn is not (labels is None) or not (
        labels is None or (isinstance(labels, list) and all(isinstance(one, str) for one in labels))
    ):
        raise DataError(f"{where}: 'labels' must hold a list of labels, or be null in a line that says withdrawn.")
    if not (comment is None or isinstance(comment, str)):
        raise DataError(f"{where}: 'comment' must hold text.")
    if unicodedata.normalize("NFC", told["annotator"]) != unicodedata.normalize("NFC", annotator):
        raise DataError(f"{where}: is a line of {told['annotator']!r} in the journal of {annotator!r}.")
    return Entry(
        told["statement_id"],
        told["annotator"],
        told["scheme"],
        None if labels is None else tuple(labels),
        told["at"],
        told["codebook"],
        comment,
        told.get("assisted") is True,
        told.get("undo") is True,
        where,
    )


@contextmanager
def open_journal(
    path: Path, scheme: LabelScheme, assisted: bool = False, tell: Callable[[str], None] = lambda told: None
) -> Iterator[Journal]:
    """Open a journal to go on in it, under a lock; what a kill has torn off its end is taken away, and told.

    Raises UsageError where somebody has it open already, DataError where a line before the last is not right.
    """
    from filelock import FileLock, Timeout

    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise UsageError(f"{path}: {path.stem!r} is at work here already, in another window or process.") from None
    try:
        kept = read_journal(path)
        with path.open("ab", buffering=0) as stream:
            if not kept.ended:
                stream.write(b"\n")
            elif kept.torn:
                stream.truncate(kept.whole)
                tell(f"{path}: its last line was cut off within the writing and is left out; all before it stands.")
            os.fsync(stream.fileno())
            sync_folder(path.parent)
            yield Journal(stream, path, scheme, assisted, kept.entries)
    finally:
        lock.release()


class Journal:
    """The answers of one annotator in one scheme, by statement, and the way to add to them."""

    def __init__(
        self, stream: FileIO, path: Path, scheme: LabelScheme, assisted: bool, entries: Sequence[Entry] = ()
    ) -> None:
        self.path, self.scheme, self.assisted, self.annotator = path, scheme, assisted, path.stem
        self.answers: dict[str, Entry] = {}
        """What counts now: the newest answer of each statement that has one, in the order in which they were given."""
        self._stream = stream
        self._changes: list[tuple[str, Entry | None]] = []
        """What stood before each change that is not undone, the newest last."""
        for entry in entries:
            if entry.scheme == scheme.name:
                self._take(entry)

    def _take(self, entry: Entry) -> None:
        before = self.answers.pop(entry.statement_id, None)
        if entry.undo:
            newest = self._newest([entry.statement_id])
            if newest is not None:
                del self._changes[newest]
        else:
            self._changes.append((entry.statement_id, before))
        if entry.labels is not None:
            self.answers[entry.statement_id] = entry

    def _newest(self, among: Sequence[str] | Mapping[str, Any]) -> int | None:
        return next((i for i in reversed(range(len(self._changes))) if self._changes[i][0] in among), None)

    def answer(self, statement_id: str, labels: Sequence[str] | None, comment: str | None = None) -> None:
        """Add an answer, or with ``labels`` None withdraw the one that there is; it is on the disk afterwards."""
        self._append(statement_id, None if labels is None else tuple(labels), comment, False)

    def undo(self, among: Sequence[str] | Mapping[str, Any]) -> str | None:
        """Take back the newest change of the statements named, and return which it was of; None where there is none."""
        newest = self._newest(among)
        if newest is None:
            return None
        statement_id, before = self._changes[newest]
        if before is None:
            self._append(statement_id, None, None, True)
        else:
            self._append(statement_id, before.labels, before.comment, True, before)
        return statement_id

    def _append(
        self,
        statement_id: str,
        labels: tuple[str, ...] | None,
        comment: str | None,
        undo: bool,
        before: Entry | None = None,
    ) -> None:
        at, codebook = datetime.now(UTC).isoformat(timespec="seconds"), self.scheme.digest
        entry = Entry(
            statement_id, self.annotator, self.scheme.name, labels, at, codebook, comment, self.assisted, undo
        )
        if before is not None:  # as it was given then
            entry = replace(entry, codebook=before.codebook, assisted=before.assisted)
        end = os.fstat(self._stream.fileno()).st_size
        try:
            rest = entry.line()
            while rest:
                rest = rest[self._stream.write(rest) :]
            os.fsync(self._stream.fileno())
        except OSError:
            self._stream.truncate(end)  # no half line before the next
            raise
        self._take(entry)
