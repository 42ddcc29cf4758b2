"""What goes in: files of articles or of statements, and how much of them could be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolkit.errors import DataError, UsageError
from toolkit.quotes import Extraction, extract_many
from toolkit.records import Statement
from toolkit.storage import FORMATS, expand, format_of, read_articles, read_rows, read_statements

__all__ = ["Counts", "holds_statements", "read_inputs"]

_RULES = Extraction()


@dataclass(slots=True)
class Counts:
    """How much went in and came out, and which articles were set aside (place, reason)."""

    articles: int = 0
    statements: int = 0
    rejected: list[tuple[str, str]] = field(default_factory=list)

    def must_have_articles(self) -> None:
        """Raise DataError with the first reason where every article was set aside: that is no success."""
        if not self.articles and self.rejected:
            more = f" (and {len(self.rejected) - 1} more like it)" if len(self.rejected) > 1 else ""
            raise DataError(f"{self.rejected[0][1]}{more}")


def holds_statements(path: Path) -> bool:
    """Say whether a file is a table of statements: its first row has a ``statement_id``."""
    if path.is_dir() or format_of(path) not in FORMATS:
        return False
    return "statement_id" in next(iter(read_rows(path))).values


def read_inputs(inputs: Sequence[Path], counts: Counts, extraction: Extraction = _RULES) -> Iterator[Statement]:
    """Yield the statements of all inputs: of statement tables as they are, of articles as extracted.

    Articles that cannot be read are noted in ``counts``. Raises UsageError where tables of both sorts are mixed.
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
        seen: set[str] = set()
        for path in files:
            for statement in read_statements(path):
                if statement.statement_id in seen:
                    raise UsageError(
                        f"{path}: the statement_id {statement.statement_id!r} stands in an earlier file too."
                    )
                seen.add(statement.statement_id)
                yield statement
        return
    articles = read_articles(files, on_reject=lambda where, why: counts.rejected.append((where, why)))
    for _, statements in extract_many(articles, extraction):
        counts.articles += 1
        yield from statements
    counts.must_have_articles()
