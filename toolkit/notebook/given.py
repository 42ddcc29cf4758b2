"""What a notebook hands over, as files: the rooms below have one way to read rows, and one to refuse them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from toolkit.errors import DataError, UsageError, first_line
from toolkit.prediction import Names
from toolkit.records import Article, Statement

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

__all__ = ["Files", "Given", "as_files", "as_frame"]

One: TypeAlias = "str | Path | Mapping[str, Any] | Article | Statement"
Given: TypeAlias = "One | Sequence[One] | pd.DataFrame | pd.Series[str] | pa.Table"
"""A text, a path, a list (of texts, paths, mappings or records), a pandas or Arrow table, a pandas column of texts."""


@dataclass(frozen=True, slots=True)
class Files:
    """Files with what was given, what messages call them, and the rows' own index."""

    paths: tuple[Path, ...]
    names: Names
    index: Any = None
    """The index of a pandas table or column; None of anything else."""


@contextmanager
def as_files(given: Given, text_column: str = "text") -> Iterator[Files]:
    """Give what was handed over as files; errors call a table that was in memory ``the table``.

    Raises UsageError for what is no text, path, list or table, and DataError for a table that Arrow cannot hold.
    """
    if isinstance(given, Path):
        yield Files((given,), Names())
        return
    if isinstance(given, list | tuple) and given and all(isinstance(one, Path) for one in given):
        yield Files(tuple(Path(str(one)) for one in given), Names())
        return
    table, index = _table(given, text_column), getattr(given, "index", None)
    with tempfile.TemporaryDirectory(prefix="stance-") as folder:
        import pyarrow.parquet as pq

        path = Path(folder) / "table.parquet"
        pq.write_table(table, path)
        names = Names({str(path): "the table"})
        with names.told():
            yield Files((path,), names, None if callable(index) else index)


def _table(given: Any, text_column: str) -> pa.Table:
    import pandas as pd
    import pyarrow as pa

    from toolkit.storage import as_table, record_row

    try:
        if isinstance(given, pa.Table):
            return given
        if isinstance(given, pd.DataFrame):
            return pa.Table.from_pandas(given.rename(columns=str), preserve_index=False)
        if isinstance(given, pd.Series):
            return pa.table({text_column: pa.Array.from_pandas(given)})
        if isinstance(given, str):
            _no_file(given)
            given = [given]
        if isinstance(given, Mapping | Article | Statement):
            given = [given]
        if isinstance(given, list | tuple):
            rows = [record_row(one) if isinstance(one, Article | Statement) else one for one in given]
            if all(isinstance(one, str | None) for one in rows):
                return pa.table({text_column: pa.array(rows, pa.string())})
            if all(isinstance(one, Mapping) for one in rows):
                return as_table(rows)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        raise DataError(f"the table cannot be read: {first_line(error)}.") from None
    raise UsageError(
        "give a text, a pathlib.Path, a list of either, of mappings or of records, or a pandas or Arrow table, "
        f"not {_kind(given)}."
    )


def _kind(given: Any) -> str:
    if isinstance(given, list | tuple):
        return f"a list of {', '.join(sorted({type(one).__name__ for one in given}))}"
    return f"{type(given).__name__}"


def _no_file(text: str) -> None:
    """Raise UsageError for a text that is the name of a file: it would be labelled as a sentence."""
    try:
        there = len(text) < 1000 and "\n" not in text and Path(text).exists()
    except (OSError, ValueError):
        return
    if there and text.strip():
        raise UsageError(f"{text!r} is the name of a file; a str is taken as a text: give pathlib.Path({text!r}).")


def as_frame(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as a data frame: lists stay lists, whole numbers stay whole (``Int64``, with ``<NA>``)."""
    import pandas as pd
    import pyarrow as pa

    nested = {field.name for field in table.schema if pa.types.is_nested(field.type)}
    whole = {pa.int64(): pd.Int64Dtype()}
    flat = table.select([name for name in table.column_names if name not in nested]).to_pandas(types_mapper=whole.get)
    columns = {name: table[name].to_pylist() if name in nested else flat[name] for name in table.column_names}
    return pd.DataFrame(columns, index=flat.index)
