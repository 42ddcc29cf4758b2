"""Files by their ending: JSON Lines, CSV, TSV (plain, ``.gz``, ``.zst``), Parquet; Excel, text and HTML in only."""

from toolkit.storage.annotations import read_annotated, read_annotations
from toolkit.storage.articles import ARTICLE_FORMATS, expand, read_article_rows, read_articles
from toolkit.storage.behaviour import read_behaviour
from toolkit.storage.files.aside import Reject, SetAside
from toolkit.storage.files.batches import Batch, as_table, read_batches
from toolkit.storage.files.formats import (
    FORMATS,
    JSON_CELLS,
    WRITTEN,
    Row,
    file_name,
    file_sha256,
    format_of,
    is_json,
    rows_digest,
    rows_of,
    table_format,
    without_surrogates,
)
from toolkit.storage.files.parquet import parquet_batches
from toolkit.storage.files.reading import read_rows, read_text
from toolkit.storage.files.sealed import is_whole, read_object, sealed
from toolkit.storage.files.writing import (
    refuse_overwrite,
    sync_folder,
    write_plain,
    write_rows,
    write_tables,
    write_text,
    written_aside,
)
from toolkit.storage.ids import Ids
from toolkit.storage.labelled import (
    CHANCE,
    by_statement,
    chances_in,
    evidence_cell,
    evidence_type,
    labelled_row,
    labelled_schema,
    labels_from,
    read_labelled,
    with_chance,
    with_chances,
)
from toolkit.storage.statements import Statements, screened, statements_of
from toolkit.storage.tables import (
    features,
    read_statements,
    record_row,
    record_schema,
    statement_from,
    statement_table,
    statements_from,
)

__all__ = [
    "ARTICLE_FORMATS",
    "CHANCE",
    "FORMATS",
    "JSON_CELLS",
    "WRITTEN",
    "Batch",
    "Ids",
    "Reject",
    "Row",
    "SetAside",
    "Statements",
    "as_table",
    "by_statement",
    "chances_in",
    "evidence_cell",
    "evidence_type",
    "expand",
    "features",
    "file_name",
    "file_sha256",
    "format_of",
    "is_json",
    "is_whole",
    "labelled_row",
    "labelled_schema",
    "labels_from",
    "parquet_batches",
    "read_annotated",
    "read_annotations",
    "read_article_rows",
    "read_articles",
    "read_batches",
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
    "rows_of",
    "screened",
    "sealed",
    "statement_from",
    "statement_table",
    "statements_from",
    "statements_of",
    "sync_folder",
    "table_format",
    "with_chance",
    "with_chances",
    "without_surrogates",
    "write_plain",
    "write_rows",
    "write_tables",
    "write_text",
    "written_aside",
]
