"""What goes in: files of articles or of statements, and how much of them could be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.errors import DataError, UsageError
from toolkit.quotes import Extraction, extract_many
from toolkit.records import Statement
from toolkit.storage import FORMATS, SetAside, expand, format_of, read_articles, read_rows, read_statements

__all__ = ["Counts", "holds_statements", "read_inputs"]

_RULES = Extraction()


@dataclass(slots=True)
class Counts:
    """How much went in and came out, and the rows that were set aside."""

    aside: SetAside = field(default_factory=SetAside)
    articles: int = 0
    statements: int = 0

    def must_hold(self, read: int) -> None:
        """Raise DataError with the first reason where every row was set aside: that is no success."""
        if not read and self.aside.count:
            more = f" (and {self.aside.count - 1} more like it)" if self.aside.count > 1 else ""
            raise DataError(f"{self.aside.reasons[0]}{more}")


def holds_statements(path: Path) -> bool:
    """Say whether a file is a table of statements: the first row that can be read has a ``statement_id``."""
    if path.is_dir() or format_of(path) not in FORMATS:
        return False
    first = next(iter(read_rows(path, reject=SetAside())), None)
    return first is not None and "statement_id" in first.values


def read_inputs(inputs: Sequence[Path], counts: Counts, extraction: Extraction = _RULES) -> Iterator[Statement]:
    """Yield the statements of all inputs: of statement tables as they are, of articles as extracted.

    Rows and articles that cannot be read are set aside in ``counts``. Raises UsageError where tables of both sorts are
    mixed, DataError where nothing can be read.
    """
    files = expand(inputs)
    sorts = {holds_statements(path) for path in files}
    if len(sorts) > 1:
        raise UsageError("articles and statements cannot be mixed in one call; predict them one after the other.")
    if sorts == {True}:
        if extraction != _RULES:
            raise UsageError(
                "--include and --parser say how articles are extracted; these inputs are statements already."
            )
        read, seen = 0, set[str]()
        for path in files:
            for statement in read_statements(path, counts.aside, seen):
                read += 1
                yield statement
        counts.must_hold(read)
        return
    for _, statements in extract_many(read_articles(files, counts.aside), extraction):
        counts.articles += 1
        yield from statements
    counts.must_hold(counts.articles)
