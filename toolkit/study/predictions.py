"""Predictions read once, as columns, and counted by article: what is kept grows with articles, not with statements."""

from __future__ import annotations

import heapq
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import DataError, Remark, UsageError, first_line
from toolkit.labels import LabelScheme
from toolkit.storage import Row, is_json, labels_from, parquet_batches, read_batches, table_format
from toolkit.storage.files.aside import refuse

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DIMENSIONS", "UNKNOWN", "Example", "Predicted", "Predictions", "read_predictions"]

DIMENSIONS = ("speaker", "addressee", "source", "month", "kind", "act", "cue")
"""By what shares can be told apart."""
UNKNOWN = "(not told)"
_ROWS = 50_000
_MOST = 500_000
"""Rows of counts that wait before they are added up."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """What was predicted of one statement: its article, its group by dimension, its labels."""

    article: str
    groups: Mapping[str, str]
    labels: frozenset[str]


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """A statement to show: how sure the model was of the label, and who said it where."""

    probability: float
    statement_id: str
    text: str = field(compare=False)
    told: tuple[str, ...] = field(compare=False)
    """Speaker, addressee, source and date, those that are known."""


@dataclass(frozen=True, slots=True)
class Predictions:
    """A table of predictions, counted; ``counts`` by the dimensions asked for: article, these, n, a column a label."""

    statements: int
    unlabelled: int
    """Rows without labels in this scheme."""
    withheld: int
    counts: Mapping[tuple[str, ...], pa.Table]
    found: Mapping[str, Predicted]
    """Those of the statements that were wanted."""
    examples: Mapping[str, tuple[Example, ...]]


def read_predictions(
    path: Path,
    scheme: LabelScheme,
    by: Collection[tuple[str, ...]] = ((),),
    wanted: Collection[str] = (),
    examples: int = 0,
) -> Predictions:
    """Return the predictions of a table in one scheme, counted ``by`` each tuple of dimensions.

    ``examples`` are kept of every label, those that the model is surest of. Raises UsageError where the table has no
    column of the scheme, DataError where a cell is not what it should be or a wanted statement stands twice.
    """
    reading = _Reading(scheme, tuple(dict.fromkeys(by)), frozenset(wanted), examples)
    for table in _tables(path, scheme):
        reading.add(table, path)
    if not reading.statements:
        raise DataError(f"{path}: no statement has labels of the scheme '{scheme.name}'.")
    return reading.done()


def _tables(path: Path, scheme: LabelScheme) -> Iterator[pa.Table]:
    import pyarrow as pa

    if table_format(path) == ".parquet":
        import pyarrow.parquet as pq

        needed = None if not path.is_file() else _needed(_names(pq, path), scheme)
        for _, batch in parquet_batches(path, _ROWS, refuse, columns=needed):
            yield _called(pa.table(batch), path, scheme)
        return
    for one in read_batches(path, _ROWS, required=("statement_id",)):
        yield _called(one.table.select(_needed(one.table.column_names, scheme)), path, scheme)


def _names(pq: Any, path: Path) -> list[str]:
    try:
        return list(pq.read_schema(path).names)
    except (ValueError, OSError):  # the reader says what is wrong
        return []


def _needed(names: Collection[str], scheme: LabelScheme) -> list[str]:
    plain = {"statement_id", "article_id", "published", "text", *DIMENSIONS}
    return [name for name in names if name in plain or name.split("_")[0] == scheme.name.split("_")[0]]


def _called(table: pa.Table, path: Path, scheme: LabelScheme) -> pa.Table:
    """Return the table with the predictions under their own names, where the input had columns of these already.

    Those are called ``stance_2`` then, and ``stance`` is what people had given before.
    """
    number = 2
    while f"{scheme.name}_{number}" in table.column_names:
        number += 1
    number -= 1
    if number > 1:
        told = (
            f"the predictions are read from the column '{scheme.name}_{number}', for '{scheme.name}' was there before"
        )
        warnings.warn(Remark(f"{path}: {told}."), stacklevel=2)
        for name in (scheme.name, *(f"{scheme.name}_{label}" for label in (*scheme.labels, "withheld"))):
            if (own := f"{name}_{number}") in table.column_names:
                table = table.drop_columns([name] if name in table.column_names else [])
                table = table.rename_columns([name if one == own else one for one in table.column_names])
    for name in ("statement_id", scheme.name):
        if name not in table.column_names:
            raise UsageError(f"{path}: has no column '{name}'; a table of `stance predict` is expected.")
    return table


def _none_told(table: pa.Table, scheme: LabelScheme) -> pa.Table:
    """Return the table with ``[]`` where a text format has an empty cell for an answer of no label.

    That it was answered is told by the probabilities beside it.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    place, name = table.column_names.index(scheme.name), f"{scheme.name}_{next(iter(scheme.labels))}"
    column = table[scheme.name]
    if not scheme.multi_label or name not in table.column_names or pa.types.is_nested(column.type):
        return table
    none = pc.and_(pc.is_null(column), pc.is_valid(table[name]))
    return table.set_column(place, scheme.name, pc.if_else(none, "[]", column.cast(pa.string())))


class _Reading:
    """What has been counted so far."""

    def __init__(
        self, scheme: LabelScheme, by: tuple[tuple[str, ...], ...], wanted: frozenset[str], examples: int
    ) -> None:
        self.scheme, self.by, self.wanted, self.most = scheme, by, wanted, examples
        self.statements = self.unlabelled = self.withheld = 0
        self._waiting: dict[tuple[str, ...], list[pa.Table]] = {keys: [] for keys in by}
        self._found: dict[str, Predicted] = {}
        self._examples: dict[str, list[Example]] = {label: [] for label in scheme.labels}

    def add(self, table: pa.Table, path: Path) -> None:
        """Count the rows of a piece of the table."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = _none_told(table, self.scheme)
        there = pc.is_valid(table[self.scheme.name])
        self.unlabelled += table.num_rows - (pc.sum(there).as_py() or 0)
        table = table.filter(there)
        if not table.num_rows:
            return
        self.statements += table.num_rows
        ids = _text(table, "statement_id", path)
        cells: dict[str, Any] = {"article": pc.coalesce(_text(table, "article_id", path), ids)}
        cells |= {name: _group(table, name, path) for name in {name for keys in self.by for name in keys}}
        given = _given(table, self.scheme, path)
        cells |= {f"l{k}": pa.array(given[:, k], pa.int64()) for k in range(given.shape[1])}
        whole = pa.table({**cells, "n": pa.array([1] * len(table), pa.int64())})
        self._count_withheld(table)
        for keys, waiting in self._waiting.items():
            waiting.append(_added_up([whole], keys, len(self.scheme.labels)))
            if sum(map(len, waiting)) > _MOST:
                waiting[:] = [_added_up(waiting, keys, len(self.scheme.labels))]
        if self.wanted:
            self._look_up(ids, whole, path)
        if self.most:
            self._show(table, ids, given, path)

    def done(self) -> Predictions:
        """Return all that was counted."""
        counts = {keys: _added_up(waiting, keys, len(self.scheme.labels)) for keys, waiting in self._waiting.items()}
        shown = {label: tuple(sorted(found, reverse=True)) for label, found in self._examples.items()}
        return Predictions(self.statements, self.unlabelled, self.withheld, counts, self._found, shown)

    def _count_withheld(self, table: pa.Table) -> None:
        import pyarrow.compute as pc

        name = f"{self.scheme.name}_withheld"
        if name in table.column_names:
            told = pc.utf8_lower(table[name].cast("string"))
            self.withheld += pc.sum(pc.equal(told, "true")).as_py() or 0

    def _look_up(self, ids: Any, whole: pa.Table, path: Path) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        rows = pc.is_in(ids, pa.array(sorted(self.wanted), pa.string()))
        names = list(self.scheme.labels)
        for name, row in zip(ids.filter(rows).to_pylist(), whole.filter(rows).to_pylist(), strict=True):
            if name in self._found:
                raise DataError(f"{path}: the statement {name!r} stands twice.")
            labels = frozenset(label for k, label in enumerate(names) if row[f"l{k}"])
            groups = {key: row[key] for key in DIMENSIONS if key in row}
            self._found[name] = Predicted(row["article"], groups, labels)

    def _show(self, table: pa.Table, ids: Any, given: Any, path: Path) -> None:
        import numpy as np

        for k, label in enumerate(self.scheme.labels):
            rows = given[:, k].nonzero()[0]
            name = f"{self.scheme.name}_{label}"
            sure = _numbers(table[name]) if name in table.column_names else np.zeros(len(table))
            best = rows[np.argsort(-sure[rows], kind="stable")[: self.most]]
            for row in best.tolist():
                told = tuple(str(cell) for cell in (_one(table, name, row) for name in _TOLD) if cell)
                text = str(_one(table, "text", row) or "")
                _keep(self._examples[label], Example(float(sure[row]), ids[row].as_py(), text, told), self.most)


_TOLD = ("speaker", "addressee", "source", "published")


def _keep(kept: list[Example], one: Example, most: int) -> None:
    heapq.heappush(kept, one)
    if len(kept) > most:
        heapq.heappop(kept)


def _one(table: pa.Table, name: str, row: int) -> Any:
    return table[name][row].as_py() if name in table.column_names else None


def _numbers(column: Any) -> Any:
    """Return probabilities, what is none as 0: they only choose what is shown."""
    import numpy as np
    import pyarrow as pa

    try:
        found = np.asarray(column.cast(pa.float64()).fill_null(0.0).to_numpy(), dtype=float)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return np.zeros(len(column))
    return np.nan_to_num(found)


def _text(table: pa.Table, name: str, path: Path) -> Any:
    """Return a column as texts, nothing but empty cells where there is none."""
    import pyarrow as pa

    if name not in table.column_names:
        return pa.nulls(len(table), pa.string())
    try:
        return table[name].cast(pa.string()).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DataError(f"{path}: column '{name}' must hold texts: {first_line(error)}.") from None


def _group(table: pa.Table, name: str, path: Path) -> Any:
    import pyarrow.compute as pc

    cells = _text(table, "published" if name == "month" else name, path)
    cells = pc.utf8_slice_codeunits(cells, 0, 7) if name == "month" else pc.utf8_trim_whitespace(cells)
    return pc.if_else(pc.fill_null(pc.equal(cells, ""), True), UNKNOWN, cells)


def _added_up(tables: Sequence[pa.Table], keys: tuple[str, ...], labels: int) -> pa.Table:
    import pyarrow as pa

    sums = ["n", *(f"l{k}" for k in range(labels))]
    whole = pa.concat_tables([table.select(["article", *keys, *sums]) for table in tables])
    grouped = whole.group_by(["article", *keys], use_threads=False).aggregate([(name, "sum") for name in sums])
    return grouped.rename_columns([name.removesuffix("_sum") for name in grouped.column_names]).select(
        ["article", *keys, *sums]
    )


def _given(table: pa.Table, scheme: LabelScheme, path: Path) -> Any:
    """Return the labels of every row as 0 and 1, (n, labels); equal cells are read once."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    column = table[scheme.name].combine_chunks()
    if pa.types.is_list(column.type) or pa.types.is_large_list(column.type):
        cells = pc.binary_join(column.cast(pa.list_(pa.string())), "\x1f")
        read: Any = _apart
    else:
        cells, read = column.cast(pa.string()), str
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    coded = cells.dictionary_encode()
    json_cells = is_json(table.schema.field(scheme.name))
    rows = []
    for cell in coded.dictionary.to_pylist():
        value = read(cell)
        where = f"{path}: the cell {cell if read is str else value!r:.60}"
        if json_cells and read is str and not cell.startswith("["):
            raise DataError(f"{where}: column '{scheme.name}' must hold a list of labels.")
        labels = labels_from(Row({"statement_id": "-", scheme.name: value}, where), [scheme]).by_scheme[scheme.name]
        rows.append([int(label in labels) for label in scheme.labels])
    kinds = np.array(rows, dtype=np.int64).reshape(len(rows), len(scheme.labels))
    return kinds[np.asarray(coded.indices)]


def _apart(cell: str) -> list[str]:
    return cell.split("\x1f") if cell else []
