"""From files to partitions: rows that are fit to be predicted, under a fingerprint of all that went in.

The same files always give the same partitions, so that work on them can be taken up again.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolkit.errors import DataError, UsageError, nearest
from toolkit.prediction.part import OURS
from toolkit.records import Article, Statement, columns
from toolkit.storage import (
    FORMATS,
    Batch,
    Ids,
    SetAside,
    as_table,
    expand,
    file_sha256,
    format_of,
    read_article_rows,
    read_batches,
    read_rows,
    record_row,
    record_schema,
    rows_of,
    screened,
    write_tables,
)

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Inputs", "Partition", "Plan", "write_articles"]

_STATEMENTS, _ARTICLES = 10_000, 50
"""Rows of a partition."""
_NOT_REPEATED = {*columns(Article), *columns(Statement)}


@dataclass(frozen=True, slots=True)
class Inputs:
    """What is to be read, and what its columns are called."""

    paths: tuple[Path, ...]
    holds: Literal["articles", "statements"] | None = None
    """None: what the columns say."""
    text_column: str = "text"
    id_column: str | None = None
    """None: the name of a statement's or an article's own id, and where there is no such column, ids are made."""
    keep: tuple[str, ...] | None = None
    """Of the user's own columns; None: all."""

    def told(self) -> dict[str, Any]:
        """Return all that decides what comes out, the files aside."""
        return {"text_column": self.text_column, "id_column": self.id_column, "keep": self.keep}


@dataclass(frozen=True, slots=True)
class Partition:
    """Some rows of the input, in its order."""

    number: int
    table: pa.Table


@dataclass
class Plan:
    """Partitions of the inputs, and what was set aside and made up on the way to them."""

    inputs: Inputs
    aside: SetAside = field(default_factory=SetAside)
    made_ids: int = 0
    """Rows whose id was made from their content."""
    read: int = 0
    """Rows that were fit to be predicted."""

    @cached_property
    def files(self) -> list[Path]:
        """The files of the inputs, in order."""
        return expand(self.inputs.paths)

    @cached_property
    def _found(self) -> list[frozenset[str] | None]:
        """The columns of every file, as its first row has them; None for what is no table."""
        found = [_first_columns(path) for path in self.files]
        every = sorted(frozenset[str]().union(*(names for names in found if names)))
        for name in self.inputs.keep or ():
            if every and name not in every:
                raise UsageError(f"no input has a column {name!r}{nearest(name, every)}; there are {', '.join(every)}.")
        return found

    @cached_property
    def articles(self) -> bool:
        """Whether the inputs hold articles: text files, web pages, and tables with an ``article_id`` but no
        ``statement_id``. Raises UsageError where they hold both sorts.
        """
        found = self._found
        if self.inputs.holds is not None:
            return self.inputs.holds == "articles"
        sorts = {names is None or ("article_id" in names and "statement_id" not in names) for names in found}
        if len(sorts) > 1:
            raise UsageError("articles and statements cannot be mixed in one call; predict them one after the other.")
        return sorts == {True}

    @cached_property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of every file."""
        return {str(path): file_sha256(path) for path in self.files}

    def fingerprint(self) -> dict[str, str]:
        """Return what goes in: the digest of all files in their order, and how they are read."""
        digest = hashlib.sha256("".join(self.digests.values()).encode()).hexdigest()
        sort = "articles" if self.articles else "statements"
        return {"input": digest, "read as": json.dumps({"holds": sort, **self.inputs.told()})}

    def partitions(self) -> Iterator[Partition]:
        """Yield the rows of all inputs in partitions. Raises DataError where nothing can be read."""
        pieces = self._article_tables() if self.articles else self._statement_tables()
        for number, table in enumerate(_packed(pieces, _ARTICLES if self.articles else _STATEMENTS)):
            self.read += len(table)
            yield Partition(number, table)
        if not self.read and self.aside.count:
            more = f" (and {self.aside.count - 1} more like it)" if self.aside.count > 1 else ""
            raise DataError(f"{self.aside.reasons[0]}{more}")

    # ------------------------------------------------------------------------------------------------- statements

    def _statement_tables(self) -> Iterator[pa.Table]:
        ids = Ids()
        for path in self.files:
            required = [self.inputs.text_column, *([self.inputs.id_column] if self.inputs.id_column else [])]
            for batch in read_batches(path, _STATEMENTS, required=required, reject=self.aside):
                table = self._fit(batch, ids)
                if len(table):
                    yield table

    def _fit(self, batch: Batch, ids: Ids) -> pa.Table:
        """Return the rows of a batch that hold a statement, with the columns that the work needs."""
        import pyarrow as pa

        own = batch.table
        if self.inputs.keep is not None:
            own = own.select([name for name in self.inputs.keep if name in own.column_names])
        named, make = self._named(batch.table)
        if make:
            texts = [row["text"] for row in rows_of(named.select(["text"]))]
            made = pa.array([ids.made(text if isinstance(text, str) else None) for text in texts], pa.string())
            named = named.append_column("statement_id", made)
            own = own.append_column("statement_id", made)

        def set_aside(where: str, reason: str, row: Any = None) -> None:
            if not places:
                places.update((place, number) for number, place in enumerate(batch.places))
            number = places.get(where)
            whole = row if number is None else rows_of(batch.table.slice(number, 1))[0]
            for name, called in self._called.items():
                reason = reason.replace(f"column {name!r}", f"column {called!r}")
            self.aside(where, reason, whole)

        places: dict[str, int] = {}  # made where it is needed
        statements, rows = screened(named, batch.places.__getitem__, set_aside)
        if make:
            self.made_ids += len(rows)
        else:
            new = ids.new(statements.table["statement_id"].to_pylist())
            for number in (number for number, fresh in enumerate(new) if not fresh):
                where, told = batch.places[rows[number]], statements.table["statement_id"][number].as_py()
                set_aside(where, f"{where}: the statement_id {told!r} stands twice.")
            if not all(new):
                fresh = [number for number, is_new in enumerate(new) if is_new]
                statements, rows = statements.take(fresh), rows[fresh]
        if len(rows) != len(own):
            own = own.take(rows)
        for name in statements.table.column_names:
            column = statements.table[name]
            if name not in own.column_names or not own[name].equals(column):
                own = own.append_column(OURS + name, column)
        return own

    def _named(self, table: pa.Table) -> tuple[pa.Table, bool]:
        """Return a statement's columns under their own names, and whether its ids are to be made."""
        import pyarrow as pa

        names = {name: self._called.get(name, name) for name in columns(Statement)}
        found = {name: own for name, own in names.items() if own in table.column_names}
        fields = [table.schema.field(own).with_name(name) for name, own in found.items()]
        named = pa.table([table[own] for own in found.values()], schema=pa.schema(fields))
        return named, "statement_id" not in found

    @property
    def _called(self) -> dict[str, str]:
        """What the tables call the columns of a statement that the user has named."""
        return {"text": self.inputs.text_column, "statement_id": self.inputs.id_column or "statement_id"}

    # --------------------------------------------------------------------------------------------------- articles

    def _article_tables(self) -> Iterator[pa.Table]:
        import pyarrow as pa

        text = self.inputs.text_column
        article_id: str | None = self.inputs.id_column or "article_id"
        if self.inputs.id_column is None and not any(names and article_id in names for names in self._found):
            article_id = None
        source = read_article_rows(self.inputs.paths, self.aside, text=text, article_id=article_id)
        schema = pa.schema([(OURS + name, pa.string()) for name in columns(Article)])
        while batch := list(itertools.islice(source, _ARTICLES)):
            rows = [{OURS + name: cell for name, cell in record_row(article).items()} for article, _ in batch]
            own = as_table([self._kept(values) for _, values in batch])
            table = pa.Table.from_pylist(rows, schema)
            # What is no row of a table has no values: its id is the name of its file.
            self.made_ids += 0 if article_id else sum(bool(values) for _, values in batch)
            yield pa.table([*own.columns, *table.columns], schema=pa.schema([*own.schema, *table.schema]))

    def _kept(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the cells of an article's row that every statement of it is given."""
        kept = row.keys() if self.inputs.keep is None else self.inputs.keep
        return {name: row[name] for name in kept if name in row and name not in _NOT_REPEATED}


def _first_columns(path: Path) -> frozenset[str] | None:
    """Return the columns of the first row that can be read; None for what is no table."""
    if format_of(path) not in FORMATS:
        return None
    first = next(iter(read_rows(path, reject=SetAside())), None)
    return frozenset() if first is None else frozenset(first.values)


def _packed(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Yield the same rows in tables of so many rows, fewer only where the columns change, and at the end."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    for table in tables:
        if waiting and table.schema != waiting[0].schema:
            yield pa.concat_tables(waiting)
            waiting = []
        waiting.append(table)
        while sum(map(len, waiting)) >= rows:
            whole = pa.concat_tables(waiting)
            yield whole.slice(0, rows)
            waiting = [whole.slice(rows)] if len(whole) > rows else []
    if waiting:
        yield pa.concat_tables(waiting)


def write_articles(inputs: Inputs, path: Path, most_errors: int | None = None) -> None:
    """Write the articles of the inputs as they are read: the texts that the spans of their statements count in.

    Raises DataError as :meth:`Plan.partitions` does, or where more than ``most_errors`` rows cannot be read.
    """
    names, schema = [OURS + name for name in columns(Article)], record_schema(Article)
    partitions = Plan(inputs, SetAside(most_errors)).partitions()
    write_tables((one.table.select(names).rename_columns(schema.names) for one in partitions), path, schema=schema)
