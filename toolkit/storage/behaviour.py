"""Behaviour tests as a table: a row a test, the tests of a pair one below the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from toolkit.errors import DataError
from toolkit.labels import LabelScheme
from toolkit.records import BehaviourTest, Statement
from toolkit.storage.files.reading import read_rows
from toolkit.storage.tables import text_of, text_or_none

__all__ = ["read_behaviour"]

_COLUMNS = ("pair", "label", "rule", "change", "text", "has")


def read_behaviour(path: Path, scheme: LabelScheme) -> Iterator[BehaviourTest]:
    """Yield the tests of a table in file order.

    The columns are pair, label, rule, change, text and has (true or false), and where it matters speaker and cue. A
    test with a cue is read as indirect speech. Raises DataError that names the line where a row cannot be read,
    or names a label or a rule that the scheme does not have.
    """
    for number, row in enumerate(read_rows(path, required=_COLUMNS), 1):
        label, rule, has = text_of(row, "label"), text_of(row, "rule"), row.values.get("has")
        if label not in scheme.labels:
            raise DataError(f"{row.where}: {scheme.problem_with([label])}.")
        if rule not in scheme.labels[label].rules:
            known = ", ".join(scheme.labels[label].rules) or "none"
            raise DataError(f"{row.where}: the label {label!r} has no rule {rule!r} (it has: {known}).")
        if str(has).lower() not in ("true", "false"):
            raise DataError(f"{row.where}: column 'has' must be true or false, not {has!r}.")
        cue = text_or_none(row, "cue")
        statement = Statement(
            statement_id=str(number),
            article_id=text_of(row, "pair"),
            text=text_of(row, "text"),
            spans=(),
            kind="indirect" if cue else "direct",
            speaker=text_or_none(row, "speaker"),
            cue=cue,
        )
        yield BehaviourTest(
            statement.article_id, label, rule, text_of(row, "change"), statement, str(has).lower() == "true"
        )
