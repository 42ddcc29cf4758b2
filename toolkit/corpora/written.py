"""What was imported, as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from toolkit.corpora.published import Imported
from toolkit.labels import LabelScheme
from toolkit.records import Article
from toolkit.storage import labelled_row, labelled_schema, record_row, record_schema, write_rows

__all__ = ["write_imported"]


def write_imported(found: Imported, schemes: Sequence[LabelScheme], folder: Path) -> Path:
    """Write articles and statements into a new folder; return the file of the statements.

    It is ``gold.jsonl``, without labels ``statements.jsonl``, and missing where the articles have no statements.
    """
    folder.mkdir(parents=True)
    write_rows(map(record_row, found.articles), folder / "articles.jsonl", schema=record_schema(Article))
    path = folder / ("gold.jsonl" if found.labelled else "statements.jsonl")
    if found.labelled or found.statements:
        schema = labelled_schema([scheme.name for scheme in schemes], annotated=bool(found.columns))
        rows = (labelled_row(s, labels) | dict(found.columns.get(s.statement_id, {})) for s, labels in found.statements)
        write_rows(rows, path, schema=schema)
    return path
