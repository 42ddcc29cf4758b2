"""Prodigy's JSON Lines for its ``choice`` interface: a line per statement and annotator."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from toolkit.errors import DataError
from toolkit.labeling.people.exchange.formats import (
    MARKS,
    Item,
    Returned,
    choice_names,
    chosen_from,
    codebooks_of,
    digests_in,
    marks_from,
    marks_of,
    rows_of_objects,
    shown,
    text_in,
)
from toolkit.labels import LabelScheme
from toolkit.records import Labels
from toolkit.storage import Reject, Row, write_text
from toolkit.storage import without_surrogates as clean

__all__ = ["Prodigy"]

_ANSWERS = ("accept", "reject", "ignore")


class Prodigy:
    """Tasks of the ``choice`` interface; what it exports with ``db-out``.

    Labels that are there already are written as answers, which ``db-in`` takes.
    """

    endings: tuple[str, ...] = (".jsonl",)

    def write(self, items: Sequence[Item], schemes: Sequence[LabelScheme], path: Path) -> int:
        """Write a line for each statement, or for each of its labels; return how many labels."""
        lines = [_line(item, labels, schemes) for item in items for labels in item.given or (None,)]
        write_text(path, "".join(clean(json.dumps(line, ensure_ascii=False)) + "\n" for line in lines))
        return sum(len(item.given) for item in items)

    def config(self, schemes: Sequence[LabelScheme]) -> str:
        """Return the settings of an interface with the choices and a field for a comment."""
        comment = {"view_id": "text_input", "field_id": "comment", "field_label": "Comment", "field_rows": 2}
        settings = {"choice_style": _style(schemes), "blocks": [{"view_id": "choice"}, comment]}
        instructions = " ".join(scheme.question for scheme in schemes)
        return json.dumps({**settings, "instructions": instructions}, indent=1, ensure_ascii=False) + "\n"

    def read(
        self, path: Path, schemes: Sequence[LabelScheme], reject: Reject, told: Counter[str]
    ) -> Iterator[Returned]:
        """Yield the accepted answers; rejected and ignored ones go to ``reject``."""
        for row in rows_of_objects(path, "prodigy", reject):
            if "answer" not in row.values and "accept" not in row.values and "_timestamp" not in row.values:
                told["tasks that nobody has answered"] += 1
                continue
            try:
                returned = _returned(row, schemes)
            except DataError as error:
                reject(row.where, str(error), row.values)
            else:
                yield returned


def _style(schemes: Sequence[LabelScheme]) -> str:
    return "multiple" if len(schemes) > 1 or schemes[0].multi_label else "single"


def _line(item: Item, labels: Labels | None, schemes: Sequence[LabelScheme]) -> dict[str, Any]:
    statement, names = item.statement, choice_names(schemes)
    meta = {"statement_id": statement.statement_id}
    line: dict[str, Any] = {
        "text": statement.text,
        "statement_id": statement.statement_id,
        "meta": meta if statement.speaker is None else {**meta, "speaker": statement.speaker},
        **shown(statement),
        "options": [{"id": name, "text": name.replace("_", " ")} for name in names],
        "config": {"choice_style": _style(schemes)},
        "codebooks": codebooks_of(schemes),
    }
    if labels is not None:
        line["accept"] = [n for n, (scheme, label) in names.items() if label in labels.by_scheme.get(scheme, ())]
        line["answer"] = "accept"
        line["_timestamp"] = _timestamp(labels.given_at)
        line["_annotator_id"] = line["_session_id"] = labels.annotator
        line["comment"] = labels.comment
        line[MARKS] = marks_of(labels)
        line = {name: value for name, value in line.items() if value is not None}
    return line


def _timestamp(given_at: str | None) -> int | None:
    try:
        at = None if given_at is None else datetime.fromisoformat(given_at)
        return None if at is None else int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        return None


def _returned(row: Row, schemes: Sequence[LabelScheme]) -> Returned:
    values, where = row.values, row.where
    meta = values.get("meta")
    named = values if "statement_id" in values or not isinstance(meta, dict) else meta
    statement_id, answer = text_in(named, "statement_id", where), text_in(values, "answer", where)
    if answer not in _ANSWERS:
        raise DataError(f"{where}: answer {answer[:80]!r} is none of {', '.join(_ANSWERS)}.")
    if answer != "accept":
        told = "was skipped" if answer == "ignore" else "was rejected, which says no label"
        raise DataError(f"{where}: the statement {statement_id!r} {told} (answer: {answer}).")
    accept = values.get("accept")
    if not isinstance(accept, list):
        raise DataError(f"{where}: the field 'accept' must hold a list of labels ([] where none applies).")
    annotator = next((values[n] for n in ("_annotator_id", "_session_id") if values.get(n) is not None), None)
    comment = values.get("comment")
    for name, value in (("_annotator_id", annotator), ("comment", comment)):
        if not isinstance(value, str | None):
            raise DataError(f"{where}: the field {name!r} must hold text, not {str(value)[:80]!r}.")
    marks, at = marks_from(values, statement_id, where), values.get("_timestamp")
    if marks is not None and (clean(marks.annotator or ""), _timestamp(marks.given_at)) != (annotator or "", at):
        marks = None  # somebody has answered anew
    return Returned(
        where,
        statement_id,
        text_in(values, "text", where),
        chosen_from(accept, schemes, where),
        annotator,
        _time(at, where),
        comment,
        digests_in(values),
        marks,
        values,
    )


def _time(at: Any, where: str) -> str | None:
    if at is None:
        return None
    try:
        if isinstance(at, bool) or not isinstance(at, int | float):
            raise ValueError
        return datetime.fromtimestamp(at, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        raise DataError(
            f"{where}: the field '_timestamp' must hold seconds since 1970, not {str(at)[:80]!r}."
        ) from None
