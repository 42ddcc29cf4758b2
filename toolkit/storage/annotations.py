"""Statements that people marked in articles: what their files leave out is made from article and spans."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from toolkit.errors import DataError
from toolkit.marks import kind_of, quoted_spans
from toolkit.records import Statement, statement_id
from toolkit.storage.files.formats import Row
from toolkit.storage.files.reading import read_rows
from toolkit.storage.tables import once, spans_of, statement_from, text_of, text_or_none

__all__ = ["read_annotated", "read_annotations"]

_MADE = ("statement_id", "text", "kind")


def read_annotations(path: Path, texts: Mapping[str, str]) -> Iterator[Statement]:
    """Yield the statements of a table in file order; ``texts`` are the articles' by ``article_id``.

    A row needs ``article_id`` and ``spans``; ``statement_id``, ``text`` and ``kind`` are made from them where the row
    has none, the kind from the quotation marks. Raises DataError that names the line where a row cannot be read, or
    where the same statement stands twice.
    """
    seen: set[str] = set()
    for row in read_rows(path, required=("spans",), lists=("spans",)):
        yield _read(row, texts, seen)


def read_annotated(path: Path, texts: Mapping[str, str]) -> Iterator[tuple[str | None, Statement]]:
    """Yield what :func:`read_annotations` does with the ``annotator`` of each row; one marks a statement once."""
    seen: dict[str | None, set[str]] = {}
    for row in read_rows(path, required=("spans",), lists=("spans",)):
        annotator = text_or_none(row, "annotator")
        yield annotator, _read(row, texts, seen.setdefault(annotator, set()))


def _read(row: Row, texts: Mapping[str, str], seen: set[str]) -> Statement:
    statement = statement_from(_completed(row, texts))
    if not row.values.get("statement_id") and statement.statement_id in seen:
        raise DataError(f"{row.where}: the same spans of the article {statement.article_id!r} stand twice.")
    once(statement.statement_id, seen, row)
    return statement


def _completed(row: Row, texts: Mapping[str, str]) -> Row:
    missing = [name for name in _MADE if not row.values.get(name)]
    if not missing:
        return row
    article_id, spans = text_of(row, "article_id"), spans_of(row)
    text = texts.get(article_id)
    if text is None:
        raise DataError(f"{row.where}: there is no article {article_id!r}.")
    if not spans or spans[-1][1] > len(text):
        raise DataError(f"{row.where}: its spans do not lie in the article's text.")
    made = {
        "statement_id": statement_id(article_id, spans),
        "text": " ".join(text[start:end] for start, end in spans),
        "kind": kind_of(text, spans, quoted_spans(text)),
    }
    return Row({**row.values, **{name: made[name] for name in missing}}, row.where)
