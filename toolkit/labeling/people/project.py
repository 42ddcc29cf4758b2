"""A project of people who label: a folder with a journal for each annotator, to which every answer is added at once.

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
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

from toolkit.errors import DataError, UsageError
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.storage import Reject, file_name, sync_folder

__all__ = [
    "Entry",
    "Journal",
    "JournalFile",
    "Session",
    "collected",
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


@dataclass
class Session:
    """An annotator's way through statements: what is shown, what is chosen, and what comes next.

    It goes on where the journal ends. Whatever is chosen becomes an answer by :meth:`save` alone.
    """

    statements: Sequence[Statement]
    journal: Journal
    current: Statement | None = None
    chosen: set[str] = field(default_factory=set)
    none: bool = False
    """Whether it is chosen that no label applies."""
    comment: str | None = None

    def __post_init__(self) -> None:
        self.by_id = {statement.statement_id: statement for statement in self.statements}
        self._order = dict.fromkeys(self.by_id)  # what is skipped goes to its end
        self._behind = [name for name in self.journal.answers if name in self.by_id]
        self._ahead: list[str] = []
        self._drafts: dict[str, tuple[set[str], bool, str | None]] = {}
        self.skipped: set[str] = set()
        self._show(self._open())

    @property
    def scheme(self) -> LabelScheme:
        """What is asked."""
        return self.journal.scheme

    @property
    def answered(self) -> int:
        """How many statements have an answer."""
        return sum(name in self.by_id for name in self.journal.answers)

    @property
    def foreign(self) -> int:
        """How many answers in the journal are of statements that are not among these."""
        return len(self.journal.answers) - self.answered

    @property
    def older(self) -> int:
        """How many answers were given under another version of the codebook."""
        given = (entry for name, entry in self.journal.answers.items() if name in self.by_id)
        return sum(entry.codebook != self.scheme.digest for entry in given)

    @property
    def unsaved(self) -> bool:
        """Whether something else is chosen or said here than the answer that is saved."""
        if self.current is None:
            return False
        given = self.journal.answers.get(self.current.statement_id)
        if given is None or given.labels is None:
            return bool(self.chosen or self.none or self.comment)
        return (set(given.labels), given.comment) != (self.chosen, self.comment)

    def _open(self) -> str | None:
        return next((name for name in self._order if name not in self.journal.answers), None)

    def _keep_draft(self) -> None:
        if self.current is not None:
            self._drafts[self.current.statement_id] = (set(self.chosen), self.none, self.comment)

    def _show(self, name: str | None) -> None:
        self.current = None if name is None else self.by_id[name]
        given = None if name is None else self.journal.answers.get(name)
        self.chosen, self.none, self.comment = set(), False, None
        if name in self._drafts:
            self.chosen, self.none, self.comment = self._drafts.pop(name)
        elif given is not None and given.labels is not None:
            known = self.scheme.labels
            self.chosen = {label for label in given.labels if label in known}
            self.none, self.comment = not given.labels and self.scheme.multi_label, given.comment

    def choose(self, label: str) -> None:
        """Choose a label, or in a multi-label scheme leave it away where it is chosen already."""
        if self.current is None:
            return
        self.chosen = self.chosen ^ {label} if self.scheme.multi_label else {label}
        self.none = False

    def choose_none(self) -> str | None:
        """Choose that no label applies, or say why this cannot be."""
        if not self.scheme.multi_label:
            return f"'{self.scheme.name}' takes exactly one label; none is no answer."
        self.chosen, self.none = set(), self.current is not None
        return None

    def save(self) -> str | None:
        """Make what is chosen the answer and go on to the next statement, or say why it is none yet."""
        if self.current is None:
            return "Every statement has an answer."
        if not self.chosen and not self.none:
            return "Choose a label first" + (", or 0 for none of them." if self.scheme.multi_label else ".")
        name = self.current.statement_id
        labels = tuple(label for label in self.scheme.label_names if label in self.chosen)
        before = self.journal.answers.get(name)
        same = (labels, self.comment, self.scheme.digest, self.journal.assisted)
        if before is None or (before.labels, before.comment, before.codebook, before.assisted) != same:
            self.journal.answer(name, labels, self.comment)
        self.skipped.discard(name)
        self._behind = [*(one for one in self._behind if one != name), name]
        self._show(self._ahead.pop() if self._ahead else self._open())
        return None

    def back(self) -> str | None:
        """Show the statement that was answered before this one, or say that there is none."""
        if not self._behind:
            return "This is the first statement."
        if self.current is not None:
            self._keep_draft()
            self._ahead.append(self.current.statement_id)
        self._show(self._behind.pop())
        return None

    def skip(self) -> str | None:
        """Go on to the next statement; this one comes again at the end. One that has an answer keeps it."""
        if self.current is None:
            return "Every statement has an answer."
        name = self.current.statement_id
        self._keep_draft()
        if name in self.journal.answers:
            self._drafts.pop(name)
            self._behind = [*(one for one in self._behind if one != name), name]
        else:
            self._order[name] = self._order.pop(name)
            self.skipped.add(name)
        self._show(self._ahead.pop() if self._ahead else self._open())
        only = self.current is not None and self.current.statement_id == name
        return "This is the only statement left." if only else None

    def undo(self) -> str | None:
        """Take back the newest change and show its statement, or say that there is none."""
        name = self.journal.undo(self.by_id)
        if name is None:
            return "There is nothing to undo."
        self._keep_draft()
        self._drafts.pop(name, None)
        self._ahead.clear()
        self._behind = [one for one in self._behind if one != name]
        self._show(name)
        return "Undone: the answer to this statement is taken back."


def collected(
    statements: Sequence[Statement], journals: Sequence[Path], schemes: Sequence[LabelScheme], reject: Reject
) -> Iterator[tuple[Statement, Labels, tuple[Entry, ...]]]:
    """Yield a statement's labels for each annotator who gave any, with the lines of the journals that they are from.

    Answers to statements that are not there, and labels that are not in their scheme, go to ``reject``.
    """
    asked = {scheme.name: scheme for scheme in schemes}
    by_id = {statement.statement_id: statement for statement in statements}
    given: dict[str, dict[str, list[Entry]]] = {}
    for path in journals:
        newest: dict[tuple[str, str], Entry] = {}
        for entry in read_journal(path, reject).entries:
            newest[entry.statement_id, entry.scheme] = entry
        for entry in newest.values():
            if entry.labels is None or entry.scheme not in asked:
                continue
            row = json.loads(entry.line())
            if entry.statement_id not in by_id:
                told = f"the statement {entry.statement_id!r} is not among the statements"
                reject(entry.where, f"{entry.where}: {told}.", row)
            elif (problem := asked[entry.scheme].problem_with(entry.labels)) is not None:
                reject(entry.where, f"{entry.where}: {problem}.", row)
            else:
                given.setdefault(entry.statement_id, {}).setdefault(entry.annotator, []).append(entry)
    for name, statement in by_id.items():
        for annotator, entries in given.get(name, {}).items():
            comments = [entry.comment for entry in entries if entry.comment]
            labels = Labels(
                name,
                {entry.scheme: entry.labels for entry in entries if entry.labels is not None},
                annotator=annotator,
                given_at=max(entry.at for entry in entries),
                comment="; ".join(comments) or None,
                codebooks={entry.scheme: entry.codebook for entry in entries},
            )
            yield statement, labels, tuple(entries)
