"""From parts to one table: the columns of all of them, the user's own in front, what was added behind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolkit.prediction.part import OURS
from toolkit.storage import JSON_CELLS, is_json

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["Frame"]


@dataclass(frozen=True)
class Frame:
    """The columns of the whole table: what they are called in the parts, and what they are."""

    names: tuple[str, ...]
    """In the parts."""
    schema: pa.Schema
    """Under the names that they get."""

    @classmethod
    def of(cls, schemas: Sequence[pa.Schema]) -> Frame:
        """Return the frame of parts with these schemas.

        The user's own columns keep their names. Where what was added has one of theirs (after an earlier prediction),
        a number is put behind it, the same one behind all of those: ``model_2``, ``stance_2``.
        """
        import pyarrow as pa

        fields: dict[str, list[pa.Field]] = {}
        for schema in schemas:
            for field in schema:
                fields.setdefault(field.name, []).append(field)
        own = [name for name in fields if not name.startswith(OURS)]
        added = [name for name in fields if name.startswith(OURS)]
        twice = [name.removeprefix(OURS) for name in added if name.removeprefix(OURS) in own]
        number = 2
        while any(f"{name}_{number}" in own for name in twice):
            number += 1
        called = {OURS + name: f"{name}_{number}" for name in twice}
        names = (*own, *added)
        final = [_field(called.get(name, name.removeprefix(OURS)), fields[name]) for name in names]
        return cls(names, pa.schema(final))

    @property
    def renamed(self) -> dict[str, str]:
        """The columns that were added under another name, and that name."""
        pairs = ((name.removeprefix(OURS), field.name) for name, field in zip(self.names, self.schema, strict=True))
        return {name: called for name, called in pairs if name != called}

    def fit(self, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
        """Yield the tables of all parts with the columns of the whole."""
        import pyarrow as pa

        for table in tables:
            cells = []
            for name, field in zip(self.names, self.schema, strict=True):
                if name not in table.column_names:
                    cells.append(pa.nulls(len(table), field.type))
                elif is_json(field) and not is_json(table.schema.field(name)):
                    cells.append(_as_json(table[name]))
                else:
                    cells.append(table[name].cast(field.type))
            yield pa.table(cells, schema=self.schema)


def _field(name: str, fields: Sequence[pa.Field]) -> pa.Field:
    """Return one field for what several parts have: their type, one that holds all of theirs, or JSON."""
    import pyarrow as pa

    if not any(is_json(field) for field in fields):
        try:
            schemas = [pa.schema([field.with_name(name)]) for field in fields]
            return pa.unify_schemas(schemas, promote_options="permissive").field(0).with_nullable(True)
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            pass
    return pa.field(name, pa.string(), metadata=JSON_CELLS)


def _as_json(column: pa.ChunkedArray) -> Any:
    import pyarrow as pa

    told = [None if cell is None else json.dumps(cell, ensure_ascii=False, default=str) for cell in column.to_pylist()]
    return pa.array(told, pa.string())
