"""Statements as columns of Arrow: read without a Python object per row where nothing about a row is in doubt."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from toolkit.errors import DataError
from toolkit.records import ACTS, KINDS, Statement, columns
from toolkit.storage.files.aside import Reject, refuse
from toolkit.storage.files.formats import Row, is_json, rows_of
from toolkit.storage.tables import (
    INTEGERS,
    MAX_OFFSET,
    MAX_TEXT,
    record_schema,
    statement_from,
    statement_table,
)

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["Statements", "screened", "statements_of"]

_SURELY_TEXT = "[0-9A-Za-z]"
"""What holds one of these is no white space."""


class Statements(Sequence[Statement]):
    """Statements that stand in an Arrow table; a record is made of one only where it is asked for.

    The columns are those of a statement, ``text`` and ``kind`` always among them, what is missing is absent.
    """

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __iter__(self) -> Iterator[Statement]:
        cells = {name: self.table[name].to_pylist() for name in self.table.column_names}
        ids = cells.get("statement_id") or [str(number) for number in range(len(self))]
        articles = cells.get("article_id") or [None] * len(ids)
        cells["statement_id"] = ids
        cells["article_id"] = [article or own for article, own in zip(articles, ids, strict=True)]
        cells["spans"] = [tuple(map(tuple, spans or ())) for spans in cells.get("spans") or [()] * len(ids)]
        nothing = itertools.repeat(None)
        yield from map(Statement, *(cells.get(name, nothing) for name in columns(Statement)))

    @overload
    def __getitem__(self, index: int) -> Statement: ...
    @overload
    def __getitem__(self, index: slice) -> Statements: ...

    def __getitem__(self, index: int | slice) -> Statement | Statements:
        if isinstance(index, slice):
            return Statements(self.table[index])
        number = range(len(self))[index]
        return next(iter(Statements(self.table.slice(number, 1))))

    def select(self, names: Sequence[str]) -> Statements:
        """Return the same statements with these of their columns alone."""
        return Statements(self.table.select([name for name in names if name in self.table.column_names]))

    def take(self, rows: Sequence[int] | NDArray[Any]) -> Statements:
        """Return the statements of some rows."""
        return Statements(self.table.take(rows))


def statements_of(table: pa.Table) -> Statements:
    """Return the statements of an Arrow table: the columns of a statement, all but ``text`` optional.

    A statement without an id is named by its row's number, from 0. Raises DataError that names row and column.
    """
    import pyarrow as pa

    if "text" not in table.column_names:
        found = ", ".join(table.column_names) or "none"
        raise DataError(f"column 'text' is missing (found: {found}).")
    for name in columns(Statement):
        if table.column_names.count(name) > 1:
            raise DataError(f"column {name!r} stands twice.")
    numbers = pa.array([str(number) for number in range(table.num_rows)], pa.string())
    if "statement_id" not in table.column_names:
        table = table.append_column("statement_id", numbers)
    elif table["statement_id"].null_count:
        place = table.column_names.index("statement_id")
        pairs = zip(table["statement_id"].to_pylist(), numbers.to_pylist(), strict=True)
        table = table.set_column(place, "statement_id", pa.array([own or number for own, number in pairs]))
    return screened(table, "row {}".format)[0]


def screened(
    table: pa.Table, place: Callable[[int], str], reject: Reject = refuse
) -> tuple[Statements, NDArray[np.int64]]:
    """Return the statements that a table's rows hold, and the numbers of these rows.

    ``place`` says where a row stands. A row that holds none (:func:`toolkit.storage.tables.statement_from` says why)
    goes to ``reject``, which raises DataError if it is not given.
    """
    import numpy as np
    import pyarrow as pa

    given = table.select([name for name in columns(Statement) if name in table.column_names])
    read, sure = _surely(given)
    doubtful = (~sure).nonzero()[0]
    if not len(doubtful):
        return Statements(read), np.arange(len(sure))
    found: list[Statement] = []
    rows: list[int] = []
    for number, values in zip(doubtful.tolist(), rows_of(given.take(doubtful)), strict=True):
        where = place(number)
        try:
            found.append(statement_from(Row(values, where)))
        except DataError as error:
            reject(where, str(error), values)
        else:
            rows.append(number)
    sound = np.concatenate([sure.nonzero()[0], np.array(rows, dtype=np.int64)])
    order = np.argsort(sound, kind="stable")
    names = read.column_names
    both = pa.concat_tables([read.filter(pa.array(sure)), statement_table(found).select(names)])
    return Statements(both.take(order)), sound[order]


def _surely(given: pa.Table) -> tuple[pa.Table, NDArray[np.bool_]]:
    """Return the columns with the types of a statement's, and say of every row whether it is sound beyond doubt."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    schema = record_schema(Statement)
    sure = np.ones(given.num_rows, dtype=bool)
    cells: dict[str, Any] = {}
    for name in given.column_names:
        column, kind = given[name].combine_chunks(), schema.field(name).type
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        fits = _fits(column.type, kind) and not is_json(given.schema.field(name))
        if fits and not (name == "text" and pa.types.is_integer(column.type)):
            cells[name] = column.cast(kind)
        else:
            cells[name] = pa.nulls(len(column), kind)
            sure &= column.is_null().to_numpy(zero_copy_only=False)
    for name in ("statement_id", "text"):
        short = pc.less_equal(pc.binary_length(cells[name]), MAX_TEXT)
        fine = pc.and_(pc.match_substring_regex(cells[name], _SURELY_TEXT), short)
        sure &= fine.fill_null(False).to_numpy(zero_copy_only=False)
    for column in cells.values():
        if pa.types.is_string(column.type):
            holds_nul = pc.match_substring(column, "\0").fill_null(False)
            sure &= ~holds_nul.to_numpy(zero_copy_only=False)
    for name, allowed in (("kind", KINDS), ("act", ACTS)):
        if name in cells:
            sure &= pc.or_(pc.is_null(cells[name]), pc.is_in(cells[name], pa.array(allowed))).to_numpy(
                zero_copy_only=False
            )
    kinds = cells.get("kind", pa.nulls(given.num_rows, pa.string()))
    if "context" in cells:  # in which the quotation marks tell the kind
        sure &= pc.or_(pc.is_valid(kinds), pc.is_null(cells["context"])).to_numpy(zero_copy_only=False)
    cells["kind"] = kinds.fill_null(KINDS[0])
    for name in INTEGERS:
        if name in cells:
            small = pc.and_(pc.greater_equal(cells[name], 0), pc.less(cells[name], MAX_OFFSET))
            sure &= small.fill_null(True).to_numpy(zero_copy_only=False)
    if "spans" in cells:
        sure &= _in_order(cells["spans"])
    return pa.table(cells), sure


def _fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Say whether every cell of a type can be had as one of another without a doubt."""
    import pyarrow as pa

    types = pa.types
    if types.is_null(found):
        return True
    if types.is_dictionary(found):
        return _fits(found.value_type, wanted)
    if types.is_list(wanted):
        return bool((types.is_list(found) or types.is_large_list(found)) and _fits(found.value_type, wanted.value_type))
    if types.is_integer(found) and found != pa.uint64():
        return True
    return bool(types.is_string(wanted) and (types.is_string(found) or types.is_large_string(found)))


def _in_order(spans: pa.ListArray) -> NDArray[np.bool_]:
    """Say of every row whether its spans are pairs, in order, without overlap and not empty."""
    import numpy as np
    import pyarrow.compute as pc

    pairs = spans.flatten()
    parents = pc.list_parent_indices(spans).to_numpy()
    offsets = pc.list_parent_indices(pairs).to_numpy()
    numbers = pairs.flatten()
    paired = pc.all(pc.equal(pc.list_value_length(pairs), 2), skip_nulls=False).as_py()
    if numbers.null_count or not (paired or not len(pairs)):
        return np.zeros(len(spans), dtype=bool)  # one of them is no pair: all are in doubt
    fine = np.ones(len(spans), dtype=bool)
    if not len(numbers):
        return fine
    values, rows = numbers.to_numpy(), parents[offsets]
    fine[rows[(values < 0) | (values >= MAX_OFFSET)]] = False
    step, same, inside = np.diff(values), rows[1:] == rows[:-1], offsets[1:] == offsets[:-1]
    fine[rows[1:][same & ((step < 0) | (inside & (step == 0)))]] = False
    return fine
