"""A project of people who label: an annotator's way through the statements, and the table of all that was answered."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.labeling.people.journal import Entry, Journal, read_journal
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.storage import Reject

__all__ = ["Session", "collected"]


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
