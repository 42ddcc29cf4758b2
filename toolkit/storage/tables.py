"""The columns of every record, as files and ``datasets`` see them, and the way from a row to a record and back.

A labelled file goes on with labels (``labelled``); a prediction file has a statement's columns, ``model``, and the
answers of each model (``toolkit.answers``).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import DataError
from toolkit.marks import kind_of, quoted_spans
from toolkit.records import ACTS, KINDS, Article, Statement, columns
from toolkit.storage.files.aside import Reject, kept, refuse
from toolkit.storage.files.formats import Row, without_surrogates
from toolkit.storage.files.reading import read_rows

if TYPE_CHECKING:
    import datasets
    import pyarrow as pa

__all__ = [
    "INTEGERS",
    "MAX_OFFSET",
    "MAX_TEXT",
    "features",
    "read_statements",
    "record_row",
    "record_schema",
    "statement_from",
    "statement_table",
    "statements_from",
]

MAX_TEXT = 1_000_000
"""Letters of a statement: more than any speech, and no more than models have the memory for."""
MAX_OFFSET = 2**31
INTEGERS = ("speaker_start", "speaker_end", "target_start", "target_end")


# ---------------------------------------------------------------------------------------------------- columns


def record_schema(record: type[Article] | type[Statement]) -> pa.Schema:
    """Return the Arrow schema of an article or a statement."""
    import pyarrow as pa

    def kind(name: str) -> pa.DataType:
        if name == "spans":
            return pa.list_(pa.list_(pa.int64()))
        return pa.int64() if name in INTEGERS else pa.string()

    return pa.schema([(name, kind(name)) for name in columns(record)])


def features(schema: pa.Schema) -> datasets.Features:
    """Return the ``datasets.Features`` of a schema, with which ``load_dataset`` reads what the toolkit writes."""
    import datasets

    return datasets.Features.from_arrow_schema(schema)


# ---------------------------------------------------------------------------------------------- records to rows


def record_row(record: Article | Statement) -> dict[str, Any]:
    """Return a record as a row."""
    row = {name: getattr(record, name) for name in columns(type(record))}
    if isinstance(record, Statement):
        row["spans"] = [list(span) for span in record.spans]
    return row


def statement_table(statements: Sequence[Statement]) -> pa.Table:
    """Return statements as an Arrow table, a column per field.

    Half a surrogate pair (legal in JSON escapes) has no UTF-8 form; it becomes the replacement character.
    """
    import pyarrow as pa

    schema = record_schema(Statement)
    cells = {name: [getattr(statement, name) for statement in statements] for name in schema.names}
    try:
        return pa.table(cells, schema=schema)
    except UnicodeEncodeError:
        clean = {
            name: [without_surrogates(cell) if isinstance(cell, str) else cell for cell in column]
            for name, column in cells.items()
        }
        return pa.table(clean, schema=schema)


# ---------------------------------------------------------------------------------------------- rows to records


def text_or_none(row: Row, name: str) -> str | None:
    """Return a cell as text; whole numbers and dates become the text they print as, all else is an error.

    In ``text`` these are errors too.
    """
    value = row.values.get(name)
    if isinstance(value, str):
        if "\x00" in value:
            raise DataError(f"{row.where}: column {name!r} holds a NUL character, which no text has.")
        return value
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and name != "text":
        return _digits(value, row, name)
    if isinstance(value, datetime.date) and name != "text":  # with a time or without
        return value.isoformat()
    raise DataError(f"{row.where}: column {name!r} must hold text, not a {type(value).__name__}.")


def _digits(value: int, row: Row, name: str) -> str:
    try:
        return str(value)
    except ValueError:  # Python writes no more than some thousand digits
        raise DataError(f"{row.where}: column {name!r} holds a number of too many digits.") from None


def text_of(row: Row, name: str) -> str:
    """Return a cell that must hold some text."""
    value = text_or_none(row, name)
    if not value or not value.strip():
        raise DataError(f"{row.where}: column {name!r} is empty.")
    return value


def statement_from(row: Row) -> Statement:
    """Return the statement of a row. Raises DataError that names line and column."""
    text = text_of(row, "text")
    if len(text) > MAX_TEXT:
        raise DataError(f"{row.where}: column 'text' has {len(text):,} letters; a statement has at most {MAX_TEXT:,}.")
    kind, act = _one_of(row, "kind", KINDS) or _kind_in_context(row), _one_of(row, "act", ACTS)
    return Statement(
        statement_id=text_of(row, "statement_id"),
        article_id=text_or_none(row, "article_id") or text_of(row, "statement_id"),
        text=text,
        spans=spans_of(row),
        kind=kind,  # type: ignore[arg-type]
        speaker=text_or_none(row, "speaker"),
        speaker_start=_integer(row, "speaker_start"),
        speaker_end=_integer(row, "speaker_end"),
        cue=text_or_none(row, "cue"),
        addressee=text_or_none(row, "addressee"),
        act=act,  # type: ignore[arg-type]
        context=text_or_none(row, "context"),
        title=text_or_none(row, "title"),
        source=text_or_none(row, "source"),
        published=text_or_none(row, "published"),
        target=text_or_none(row, "target"),
        target_start=_integer(row, "target_start"),
        target_end=_integer(row, "target_end"),
    )


def _kind_in_context(row: Row) -> str:
    """Return the kind of a statement whose row does not tell it, by the marks around it in its context."""
    text, context = text_of(row, "text"), text_or_none(row, "context")
    start = context.find(text) if context else -1
    if context is None or start < 0:
        return "direct"
    return kind_of(context, [(start, start + len(text))], quoted_spans(context))


def _one_of(row: Row, name: str, allowed: Sequence[str]) -> str | None:
    value = text_or_none(row, name)
    if value and value not in allowed:
        raise DataError(f"{row.where}: column {name!r} must be one of {', '.join(allowed)}, not {value!r:.200}.")
    return value or None


def spans_of(row: Row) -> tuple[tuple[int, int], ...]:
    """Return the spans of a row, none where the column is missing or empty."""
    value = row.values.get("spans")
    if value is None:
        return ()
    try:
        value = json.loads(value) if isinstance(value, str) else value
        spans = tuple((_offset(start), _offset(end)) for start, end in value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        raise DataError(f"{row.where}: column 'spans' must hold pairs of offsets, [[0, 12]] for example.") from None
    ends = [offset for span in spans for offset in span]
    if (
        ends != sorted(ends)
        or any(start == end for start, end in spans)
        or (ends and not 0 <= ends[0] <= ends[-1] < MAX_OFFSET)
    ):
        told = f"in order, without overlap, not empty, and below {MAX_OFFSET:,}"
        raise DataError(f"{row.where}: column 'spans' must be {told}: {str(value)[:200]}.")
    return spans


def _offset(value: Any) -> int:
    offset = int(value)
    if isinstance(value, float) and value != offset:
        raise ValueError
    return offset


def _integer(row: Row, name: str) -> int | None:
    value = row.values.get(name)
    if isinstance(value, str) and value.isdecimal() and len(value) <= 10:
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_OFFSET
    if value is not None and not whole:
        told = f"a whole number, not {repr(value)[:80]}"
        raise DataError(f"{row.where}: column {name!r} must hold {told} (below {MAX_OFFSET:,}).")
    return value


def statements_from(rows: Iterable[Mapping[str, Any]]) -> list[Statement]:
    """Return the statements of rows as :func:`toolkit.storage.statements.statements_of` does those of a table."""
    return [
        statement_from(Row({**row, "statement_id": row.get("statement_id") or str(number)}, f"row {number}"))
        for number, row in enumerate(rows)
    ]


def read_statements(path: Path, reject: Reject = refuse, seen: set[str] | None = None) -> Iterator[Statement]:
    """Yield the statements of a table, in file order; ids must be unique, also among those already ``seen``.

    A row that cannot be read goes to ``reject``, which raises DataError if it is not given.
    """
    known = set() if seen is None else seen

    def read(row: Row) -> Statement:
        statement = statement_from(row)
        once(statement.statement_id, known, row)
        return statement

    yield from kept(read_rows(path, required=("statement_id", "text"), lists=("spans",), reject=reject), read, reject)


def once(statement_id: str, seen: set[str], row: Row) -> None:
    """Note an id as seen. Raises DataError where it has been seen before."""
    if statement_id in seen:
        raise DataError(f"{row.where}: the statement_id {statement_id!r} stands twice.")
    seen.add(statement_id)
