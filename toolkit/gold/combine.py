"""One label set for each statement, from the rows of several annotators."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.errors import DataError
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Statement

__all__ = ["combined"]

Given = tuple[str, ...]


def combined(
    labelled: Iterable[tuple[Statement, Labels]], schemes: Sequence[LabelScheme]
) -> list[tuple[Statement, Labels]]:
    """Return every statement once, in the order of its first row, with the labels of all its annotators.

    A label of a multi-label scheme is given where more than half of the annotators gave it; in a single-label scheme
    the most frequent one is, of equally frequent ones the first that was given. Where annotators differ, ``readings``
    holds what each of them gave. A statement with one row keeps its labels as they are. Raises DataError where the rows
    of a statement do not have the same text.
    """
    rows: dict[str, list[tuple[Statement, Labels]]] = {}
    for statement, labels in labelled:
        own = rows.setdefault(statement.statement_id, [])
        own.append((statement, labels))
        if own[0][0].text != statement.text:
            raise DataError(f"the rows of statement {statement.statement_id!r} do not have the same text.")
    return [
        own[0] if len(own) == 1 else (own[0][0], _together([labels for _, labels in own], schemes))
        for own in rows.values()
    ]


def _together(all_labels: Sequence[Labels], schemes: Sequence[LabelScheme]) -> Labels:
    by_scheme: dict[str, Given] = {}
    readings: dict[str, tuple[Given, ...]] = {}
    for scheme in schemes:
        given = [labels.by_scheme[scheme.name] for labels in all_labels if scheme.name in labels.by_scheme]
        if not given:
            continue
        by_scheme[scheme.name] = _majority(given, scheme)
        if len({frozenset(one) for one in given}) > 1:
            readings[scheme.name] = tuple(given)
    names = [labels.annotator or "unnamed" for labels in all_labels]
    return Labels(all_labels[0].statement_id, by_scheme, "+".join(names), readings=readings)


def _majority(given: Sequence[Given], scheme: LabelScheme) -> Given:
    times = Counter(label for one in given for label in one)
    if scheme.multi_label:
        return tuple(label for label in scheme.labels if 2 * times[label] > len(given))
    return (times.most_common(1)[0][0],)
