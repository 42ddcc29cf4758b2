"""Files by their ending: JSON Lines, CSV, TSV (plain, ``.gz``, ``.zst``), Parquet; Excel, text and HTML in only."""

from toolkit.storage.annotations import read_annotations
from toolkit.storage.articles import ARTICLE_FORMATS, expand, read_articles
from toolkit.storage.aside import Reject, SetAside
from toolkit.storage.behaviour import read_behaviour
from toolkit.storage.formats import FORMATS, WRITTEN, Row, file_sha256, format_of, rows_digest, table_format
from toolkit.storage.labelled import (
    evidence_cell,
    evidence_type,
    labelled_row,
    labelled_schema,
    read_labelled,
)
from toolkit.storage.parquet import parquet_batches
from toolkit.storage.reading import read_rows, read_text
from toolkit.storage.tables import (
    features,
    read_statements,
    record_row,
    record_schema,
    statement_from,
    statement_table,
    statements_of,
)
from toolkit.storage.writing import refuse_overwrite, write_plain, write_rows, write_tables, write_text, written_aside

__all__ = [
    "ARTICLE_FORMATS",
    "FORMATS",
    "WRITTEN",
    "Reject",
    "Row",
    "SetAside",
    "evidence_cell",
    "evidence_type",
    "expand",
    "features",
    "file_sha256",
    "format_of",
    "labelled_row",
    "labelled_schema",
    "parquet_batches",
    "read_annotations",
    "read_articles",
    "read_behaviour",
    "read_labelled",
    "read_rows",
    "read_statements",
    "read_text",
    "record_row",
    "record_schema",
    "refuse_overwrite",
    "rows_digest",
    "statement_from",
    "statement_table",
    "statements_of",
    "table_format",
    "write_plain",
    "write_rows",
    "write_tables",
    "write_text",
    "written_aside",
]
