"""What gives labels to statements, and the one loop that all of them go through."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement
from toolkit.storage import Reject

__all__ = ["Asked", "Labeler", "Refusal", "label"]

_CHUNK = 1000
"""Statements that are handed to a labeler at a time."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a statement got no labels, and the reply as it came."""

    reason: str
    reply: str | None = None


@dataclass(frozen=True)
class Asked:
    """What every labeler is asked: the question of a label scheme, at a time (ISO)."""

    scheme: LabelScheme
    at: str | None = None

    @cached_property
    def codebooks(self) -> dict[str, str]:
        """Which version of the codebook the labels are given under, as a label tells it."""
        return {self.scheme.name: self.scheme.digest}


class Labeler(Protocol):
    """Gives labels of one scheme."""

    def __call__(self, statements: Sequence[Statement]) -> Iterable[Labels | Refusal]:
        """Yield what is said of every statement, in their order."""


def label(statements: Iterable[Statement], labeler: Labeler, reject: Reject) -> Iterator[tuple[Statement, Labels]]:
    """Yield the statements with their labels, in order; one that gets none goes to ``reject`` with the reply."""
    source = iter(statements)
    while chunk := list(itertools.islice(source, _CHUNK)):
        for statement, given in zip(chunk, labeler(chunk), strict=True):
            if isinstance(given, Refusal):
                row = {"statement_id": statement.statement_id, "text": statement.text, "reply": given.reply}
                reject(statement.statement_id, f"{statement.statement_id}: {given.reason}.", row)
            else:
                yield statement, given
