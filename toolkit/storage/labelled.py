"""Labelled tables: statements with the labels that people or programs gave them.

Besides a statement's columns there is, for each scheme, a column of its name that holds the list of labels (in a CSV
``a;b``, or JSON, which can say that there are none: ``[]``), then
``annotator`` and ``confidence``, and where it is known when and under which codebook a label was given, on what
evidence, with what comment. A statement has a row for each of its annotators.
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.errors import DataError
from toolkit.labels import LabelScheme
from toolkit.records import Evidence, Labels, Statement
from toolkit.storage.files.aside import Reject, kept, refuse
from toolkit.storage.files.formats import Row
from toolkit.storage.files.reading import read_rows
from toolkit.storage.tables import once, record_row, record_schema, statement_from, text_of, text_or_none

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "CHANCE",
    "by_statement",
    "chances_in",
    "evidence_cell",
    "evidence_type",
    "labelled_row",
    "labelled_schema",
    "labels_from",
    "read_labelled",
    "with_chance",
    "with_chances",
]

CHANCE = "inclusion_probability"
"""The column that says with which probability a statement was drawn; it travels with the statement's labels."""


def labelled_schema(schemes: Iterable[str], annotated: bool = False, told: bool = False) -> pa.Schema:
    """Return the Arrow schema of a labelled file for schemes of these names.

    With ``annotated`` it goes on with what a stand-off annotation tells: ``corpus``, ``licence``, ``sampled`` (how the
    statement was chosen), ``agreed`` and, where the annotators did not agree, ``readings``, what each of them gave.
    With ``told`` it has all that is known of a label: ``given_at``, ``comment``, and for each scheme
    ``SCHEME_codebook`` and ``SCHEME_evidence``.
    """
    import pyarrow as pa

    schemes = list(schemes)
    added = [(name, pa.list_(pa.string())) for name in schemes]
    tail = [("annotator", pa.string()), ("confidence", pa.float64())]
    if told:
        tail += [("given_at", pa.string()), ("comment", pa.string())]
        tail += [(f"{name}_codebook", pa.string()) for name in schemes]
        tail += [(f"{name}_evidence", evidence_type()) for name in schemes]
    if annotated:
        reading = pa.struct([("annotator", pa.string()), ("stance", pa.list_(pa.string()))])
        tail += [(name, pa.string()) for name in ("corpus", "licence", "sampled")]
        tail += [("agreed", pa.bool_()), ("readings", pa.list_(reading))]
    return pa.schema([*record_schema(Statement), *(pa.field(*item) for item in added + tail)])


def chances_in(paths: Iterable[Path], wanted: Collection[str] | None = None) -> dict[str, float]:
    """Return with which probability statements of tables were drawn, by id: of those ``wanted``, or of all that say.

    Raises DataError for what is no probability above 0, and where a statement has two of them.
    """
    found: dict[str, float] = {}
    for row in (row for path in paths for row in read_rows(path, required=("statement_id",), reject=lambda *_: None)):
        value = row.values.get(CHANCE)
        name = str(row.values["statement_id"])
        if value is None or (wanted is not None and name not in wanted):
            continue
        try:
            chance = float(value)
        except (TypeError, ValueError):
            chance = float("nan")
        if not 0 < chance <= 1:
            told = f"must be above 0 and at most 1, not {str(value)[:40]!r}"
            raise DataError(f"{row.where}: column {CHANCE!r} {told}.")
        if found.setdefault(name, chance) != chance:
            raise DataError(f"{row.where}: the statement {name!r} has two inclusion probabilities.")
    return found


def with_chances(schema: pa.Schema, chances: Mapping[str, float]) -> pa.Schema:
    """Return a schema with the column of :data:`CHANCE` behind, where there are any."""
    import pyarrow as pa

    return schema.append(pa.field(CHANCE, pa.float64())) if chances else schema


def with_chance(row: Mapping[str, Any], chances: Mapping[str, float]) -> dict[str, Any]:
    """Return a row of a labelled table with the probability with which its statement was drawn, where that is known."""
    return {**row, CHANCE: chances.get(row["statement_id"])} if chances else dict(row)


def evidence_type() -> pa.DataType:
    """Return the Arrow type of a cell with evidence: a list of label, rule, field, start, end and words."""
    import pyarrow as pa

    parts = {name: pa.string() for name in ("label", "rule", "field")} | dict.fromkeys(("start", "end"), pa.int64())
    return pa.list_(pa.struct({**parts, "words": pa.string()}.items()))


def labelled_row(statement: Statement, labels: Labels) -> dict[str, Any]:
    """Return a statement with its labels, and all that is known of them, as a row of a labelled file."""
    by_scheme = {scheme: list(given) for scheme, given in labels.by_scheme.items()}
    told = {name: getattr(labels, name) for name in ("annotator", "confidence", "given_at", "comment")}
    told |= {f"{scheme}_codebook": digest for scheme, digest in labels.codebooks.items()}
    for scheme, evidence in labels.evidence.items():
        told[f"{scheme}_evidence"] = [evidence_cell(statement, one) for one in evidence]
    return record_row(statement) | by_scheme | told


def evidence_cell(statement: Statement, evidence: Evidence) -> dict[str, Any]:
    """Return what a label is given for as plain values, with the words themselves."""
    return {
        "label": evidence.label,
        "rule": evidence.rule,
        "field": evidence.field,
        "start": evidence.start,
        "end": evidence.end,
        "words": (getattr(statement, evidence.field) or "")[evidence.start : evidence.end],
    }


def read_labelled(
    path: Path, schemes: Sequence[LabelScheme], reject: Reject = refuse
) -> Iterator[tuple[Statement, Labels]]:
    """Yield the statements of a labelled table with their labels in ``schemes``, in file order.

    A statement can have a row for each annotator. A row that is not right (a label outside its scheme, an annotator
    who labels a statement twice) raises DataError that names the line, or goes to ``reject`` where that is given.
    """
    names = [scheme.name for scheme in schemes]
    lists = ("spans", "readings", *(f"{name}_evidence" for name in names))
    seen: dict[str, set[str]] = {}

    def read(row: Row) -> tuple[Statement, Labels]:
        statement, labels = _labelled_from(row, schemes)
        theirs = seen.setdefault(labels.annotator or "", set())
        if labels.annotator is not None and statement.statement_id in theirs:
            told = f"{labels.annotator!r} labels the statement {statement.statement_id!r} a second time"
            raise DataError(f"{row.where}: {told}.")
        once(statement.statement_id, theirs, row)
        return statement, labels

    rows = read_rows(path, required=("statement_id", "text", *names), lists=lists, reject=reject)
    yield from kept(rows, read, reject)


def _labelled_from(row: Row, schemes: Sequence[LabelScheme]) -> tuple[Statement, Labels]:
    return statement_from(row), labels_from(row, schemes)


def by_statement(
    labelled: Iterable[tuple[Statement, Labels]], scheme: LabelScheme
) -> dict[str, tuple[Statement, dict[str, Labels]]]:
    """Return every statement that is labelled in a scheme, by its id, with what each annotator gave.

    Raises DataError where a row names no annotator, where one labels a statement twice (in two files), and where the
    rows of a statement do not have the same text.
    """
    found: dict[str, tuple[Statement, dict[str, Labels]]] = {}
    for statement, labels in labelled:
        if scheme.name not in labels.by_scheme:
            continue
        name = statement.statement_id
        if labels.annotator is None:
            raise DataError(f"a row of statement {name!r} names no annotator.")
        first, given = found.setdefault(name, (statement, {}))
        if first.text != statement.text:
            raise DataError(f"the rows of statement {name!r} do not have the same text.")
        if labels.annotator in given:
            raise DataError(f"{labels.annotator!r} labels the statement {name!r} a second time, in another file.")
        given[labels.annotator] = labels
    return found


def labels_from(row: Row, schemes: Sequence[LabelScheme]) -> Labels:
    """Return what a row tells of its statement's labels in ``schemes``. Raises DataError that names line and column."""
    given = {s.name: labels for s in schemes if (labels := _labels(row, s)) is not None}
    digests = {s.name: text_or_none(row, f"{s.name}_codebook") for s in schemes}
    found = {s.name: _evidence(row, s) for s in schemes}
    return Labels(
        text_of(row, "statement_id"),
        given,
        annotator=text_or_none(row, "annotator"),
        confidence=_confidence(row),
        readings=_readings(row, schemes),
        given_at=text_or_none(row, "given_at"),
        comment=text_or_none(row, "comment"),
        codebooks={name: digest for name, digest in digests.items() if digest},
        evidence={name: evidence for name, evidence in found.items() if evidence},
    )


def _evidence(row: Row, scheme: LabelScheme) -> tuple[Evidence, ...]:
    column = f"{scheme.name}_evidence"
    try:
        return tuple(
            Evidence(str(one["label"]), str(one["field"]), int(one["start"]), int(one["end"]), str(one["rule"]))
            for one in row.values.get(column) or ()
        )
    except (TypeError, KeyError, ValueError, OverflowError):
        raise DataError(
            f"{row.where}: column {column!r} must hold a list of label, rule, field, start and end."
        ) from None


def _readings(row: Row, schemes: Sequence[LabelScheme]) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return, by scheme, what each annotator gave: none where the row does not say that they differed."""
    found = {}
    for scheme in schemes:
        given = []
        readings = row.values.get("readings") or []
        for one in readings if isinstance(readings, list) else [readings]:
            if not isinstance(one, Mapping):
                raise DataError(f"{row.where}: column 'readings' must hold a list with an object for each annotator.")
            if scheme.name in one and (labels := _labels(Row(one, row.where), scheme)) is not None:
                given.append(labels)
        if given:
            found[scheme.name] = tuple(given)
    return found


def _confidence(row: Row) -> float | None:
    value = row.values.get("confidence")
    try:
        number = None if value is None else float(value)
        if number is None or math.isfinite(number):
            return number
        raise ValueError
    except (TypeError, ValueError, OverflowError):
        raise DataError(f"{row.where}: column 'confidence' must hold a number, not {value!r}.") from None


def _list(value: Any) -> Any:
    """Return the labels that a text names: ``a;b``, or a JSON list."""
    if not isinstance(value, str):
        return value
    if not value.startswith("["):
        return [label.strip() for label in value.split(";")]
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _labels(row: Row, scheme: LabelScheme) -> tuple[str, ...] | None:
    value = _list(row.values[scheme.name])
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(label, str) for label in value):
        raise DataError(f"{row.where}: column '{scheme.name}' must hold a list of labels, not {value!r}.")
    problem = scheme.problem_with(value)
    if problem:
        raise DataError(f"{row.where}: {problem}.")
    return tuple(value)
