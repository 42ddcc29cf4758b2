"""A table to be labelled in a spreadsheet: a row for each statement, or for each of its annotators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import DataError
from toolkit.labeling.people.exchange.formats import Item, Returned, text_in
from toolkit.labels import LabelScheme
from toolkit.records import Labels
from toolkit.storage import Reject, labelled_row, labelled_schema, labels_from, read_rows, write_rows

__all__ = ["Sheet"]

_COLUMNS = ("statement_id", "text", "speaker", "cue", "context")
_TAIL = ("annotator", "comment", "given_at", "confidence")


class Sheet:
    """A table with a column for each scheme: ``a;b``, or ``[]`` where none applies; empty where nobody labelled."""

    endings: tuple[str, ...] = (".csv", ".tsv")

    def write(self, items: Sequence[Item], schemes: Sequence[LabelScheme], path: Path) -> int:
        """Write the table; return how many labels stand in it already."""
        import pyarrow as pa

        names = [scheme.name for scheme in schemes]
        given = [labels for item in items for labels in item.given]
        more = [f"{name}_codebook" for name in names if any(labels.codebooks.get(name) for labels in given)]
        more += [f"{name}_evidence" for name in names if any(labels.evidence.get(name) for labels in given)]
        whole = labelled_schema(names, told=True)
        wanted = (*_COLUMNS, *names, "annotator", "comment")
        wanted += tuple(name for name in _TAIL[2:] if any(getattr(labels, name) is not None for labels in given))
        fields = [pa.field(n, pa.string()) if n in names else whole.field(n) for n in (*wanted, *more)]
        write_rows(_rows(items), path, schema=pa.schema(fields))
        return len(given)

    def config(self, schemes: Sequence[LabelScheme]) -> None:
        """Return None: a spreadsheet has no configuration."""

    def read(
        self, path: Path, schemes: Sequence[LabelScheme], reject: Reject, told: Counter[str]
    ) -> Iterator[Returned]:
        """Yield the rows with a label; one that has none in any scheme goes to ``reject``."""
        names = [scheme.name for scheme in schemes]
        lists = [f"{name}_evidence" for name in names]
        for row in read_rows(path, required=("statement_id", "text", *names), lists=lists, reject=reject):
            try:
                labels = labels_from(row, schemes)
                if not labels.by_scheme and not labels.comment:
                    empty = " and ".join(repr(name) for name in names)
                    raise DataError(f"{row.where}: no label in {empty}; [] says that none applies.")
                text = text_in(row.values, "text", row.where)
            except DataError as error:
                reject(row.where, str(error), row.values)
            else:
                yield Returned(row.where, labels.statement_id, text, {}, plain=labels, row=row.values)


def _rows(items: Sequence[Item]) -> Iterator[dict[str, Any]]:
    for item in items:
        for labels in item.given or (Labels(item.statement.statement_id, {}),):
            cells = {scheme: ";".join(given) or "[]" for scheme, given in labels.by_scheme.items()}
            yield labelled_row(item.statement, labels) | cells
