"""Files: JSON Lines, CSV and Parquet by their ending, plain, ``.gz`` or ``.zst``; articles also as text and HTML."""

from toolkit.storage.annotations import read_annotations
from toolkit.storage.articles import ARTICLE_FORMATS, expand, read_articles
from toolkit.storage.aside import Reject, SetAside
from toolkit.storage.behaviour import read_behaviour
from toolkit.storage.formats import FORMATS, Row, file_name, file_sha256, format_of, rows_digest, table_format
from toolkit.storage.labelled import (
    evidence_cell,
    evidence_type,
    labelled_row,
    labelled_schema,
    read_labelled,
)
from toolkit.storage.reading import read_rows, read_text
from toolkit.storage.sealed import is_whole, read_object, sealed
from toolkit.storage.tables import (
    features,
    read_statements,
    record_row,
    record_schema,
    statement_from,
    statement_table,
    statements_from,
    statements_of,
)
from toolkit.storage.writing import refuse_overwrite, write_plain, write_rows, write_tables, write_text, written_aside

__all__ = [
    "ARTICLE_FORMATS",
    "FORMATS",
    "Reject",
    "Row",
    "SetAside",
    "evidence_cell",
    "evidence_type",
    "expand",
    "features",
    "file_name",
    "file_sha256",
    "format_of",
    "is_whole",
    "labelled_row",
    "labelled_schema",
    "read_annotations",
    "read_articles",
    "read_behaviour",
    "read_labelled",
    "read_object",
    "read_rows",
    "read_statements",
    "read_text",
    "record_row",
    "record_schema",
    "refuse_overwrite",
    "rows_digest",
    "sealed",
    "statement_from",
    "statement_table",
    "statements_from",
    "statements_of",
    "table_format",
    "write_plain",
    "write_rows",
    "write_tables",
    "write_text",
    "written_aside",
]
