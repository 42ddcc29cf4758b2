"""What MLflow, or a person in Python, hands a model over, as statements: nothing is taken for a text that is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any

from toolkit.errors import DataError, first_line
from toolkit.records import Statement, columns
from toolkit.storage import record_schema, statements_from, statements_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["statements_given"]


def statements_given(model_input: Any) -> Sequence[Statement]:
    """Return the statements of what MLflow, or a person in Python, hands over. Raises DataError."""
    import pyarrow as pa

    if isinstance(model_input, pa.Table):
        return statements_of(model_input)
    frame = _as_frame(model_input)
    names = list(frame.columns)
    if "text" not in names:
        raise DataError(f"column 'text' is missing (found: {', '.join(map(str, names)) or 'none'}).")
    known = [name for name in columns(Statement) if name in names]
    for name in known:
        if names.count(name) > 1:
            raise DataError(f"column {name!r} stands twice.")
    whole = {field.name for field in record_schema(Statement) if pa.types.is_integer(field.type)}
    cells = [[_plain(cell, name in whole) for cell in frame[name].tolist()] for name in known]
    return statements_from(dict(zip(known, row, strict=True)) for row in zip(*cells, strict=True))


def _as_frame(model_input: Any) -> pd.DataFrame:
    """Return a data frame as it is, a list of texts or of rows, or lists by column, as a data frame."""
    import numpy as np
    import pandas as pd

    unknown = isinstance(model_input, str | bytes | Set) or not isinstance(model_input, Iterable)
    if unknown or (isinstance(model_input, np.ndarray) and model_input.ndim not in (1, 2)):
        raise DataError(f"a list of texts, a data frame or a table is expected, not a {type(model_input).__name__}.")
    if isinstance(model_input, pd.Series):
        frame = model_input.to_frame("text")
    elif isinstance(model_input, pd.DataFrame | Mapping):
        frame = _by_column(model_input)
    else:
        rows = list(model_input)
        as_rows = bool(rows) and all(isinstance(row, Mapping | np.ndarray) for row in rows)
        frame = pd.DataFrame(rows if as_rows else {"text": rows}, dtype=object)
    # What pandas, and MLflow with it, makes of a bare list.
    return frame.set_axis(["text"], axis=1) if frame.columns.equals(pd.RangeIndex(1)) else frame


def _by_column(given: pd.DataFrame | Mapping[str, Any]) -> pd.DataFrame:
    """Return a data frame; MLflow's server hands lists by column over as the cells of one row."""
    import pandas as pd

    if isinstance(given, pd.DataFrame):
        lists = len(given) == 1 and all(isinstance(cell, list) for cell in given.iloc[0])
        if not lists or not len(given.columns):
            return given
        given = dict(zip(given.columns, given.iloc[0], strict=True))
    try:
        return pd.DataFrame(given, dtype=object)
    except ValueError as error:
        raise DataError(f"lists by column are expected, of one length ({first_line(error)}).") from None


def _plain(cell: Any, whole: bool) -> Any:
    """Return a cell as Python has it: None where it is missing; pandas makes floats of ``whole`` numbers."""
    import pandas as pd

    if cell is None or (pd.api.types.is_scalar(cell) and pd.isna(cell)):
        return None
    value = cell.item() if hasattr(cell, "item") and pd.api.types.is_scalar(cell) else cell
    return int(value) if whole and isinstance(value, float) and value.is_integer() else value
