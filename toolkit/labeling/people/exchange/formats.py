"""What goes to an annotation tool and what comes back, whatever the tool."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from toolkit.errors import DataError
from toolkit.labels import LabelScheme
from toolkit.records import Evidence, Labels, Statement
from toolkit.storage import Reject, Row, read_labelled, read_rows, without_surrogates

__all__ = [
    "MARKS",
    "Item",
    "Returned",
    "Tool",
    "choice_names",
    "chosen_from",
    "codebooks_of",
    "digests_in",
    "joined",
    "marks_from",
    "marks_of",
    "no_other_tool",
    "read_items",
    "rows_of_objects",
    "shown",
    "text_in",
]

MARKS = "stance_toolkit"
"""The field in which what a tool has no place for travels with a label, and comes back."""
_SHOWN = ("speaker", "cue", "context", "title", "source", "published")
_TOOLS = {"labelstudio": ("data", "annotations"), "prodigy": ("answer",), "doccano": ("text", "label")}
"""By which fields a tool's items are known, the most telling first."""
_ANY = {**_TOOLS, "prodigy": ("answer", "options")}
"""Fields of which a tool's items have at least one."""
_EVIDENCE = ("text", "cue")


@dataclass(frozen=True, slots=True)
class Item:
    """A statement to be labelled, with the labels that it has already: one of each annotator."""

    statement: Statement
    given: tuple[Labels, ...] = ()


@dataclass(frozen=True, slots=True)
class Returned:
    """A label as a tool gives it back: ``text`` is its copy of the statement's, ``chosen`` has only schemes asked.

    ``marks`` is what was exported, where the tool still says the same as then.
    """

    where: str
    statement_id: str
    text: str
    chosen: Mapping[str, tuple[str, ...]]
    annotator: str | None = None
    given_at: str | None = None
    comment: str | None = None
    codebooks: Mapping[str, str] = field(default_factory=dict)
    marks: Labels | None = None
    row: Any = None
    plain: Labels | None = None
    """The labels themselves, from a format that has a place for all that is known of them."""


class Tool(Protocol):
    """An annotation tool: how its files are written and read."""

    endings: tuple[str, ...]
    """Of the files that it reads and we write."""

    def write(self, items: Sequence[Item], schemes: Sequence[LabelScheme], path: Path) -> int:
        """Write statements as the tool imports them, aside and renamed; return how many labels are among them."""

    def config(self, schemes: Sequence[LabelScheme]) -> str | None:
        """Return the tool's own configuration for label schemes, None where it has none."""

    def read(
        self, path: Path, schemes: Sequence[LabelScheme], reject: Reject, told: Counter[str]
    ) -> Iterator[Returned]:
        """Yield what it exported. What cannot be used goes to ``reject``; what is no label is counted in ``told``.

        Raises DataError where the whole file is not the tool's.
        """


# ------------------------------------------------------------------------------------------------- what goes out


def read_items(path: Path, schemes: Sequence[LabelScheme], reject: Reject) -> list[Item]:
    """Return the statements of a table, each once, with the labels of all their annotators in ``schemes``.

    A scheme without a column has no labels yet. Rows of one statement that do not tell the same of it go to ``reject``.
    """
    columns = {name for row in read_rows(path, reject=lambda *_: None) for name in row.values}
    there = [scheme for scheme in schemes if scheme.name in columns]
    statements: dict[str, Statement] = {}
    given: dict[str, list[Labels]] = {}
    for statement, labels in read_labelled(path, there, reject):
        known = statements.setdefault(statement.statement_id, statement)
        if known != statement:
            names = [name for name in Statement.__slots__ if getattr(known, name) != getattr(statement, name)]
            told = f"rows of the statement {statement.statement_id!r} differ in {', '.join(names)}"
            reject(str(path), f"{path}: {told}.", {"statement_id": statement.statement_id, "text": statement.text})
            continue
        theirs = given.setdefault(statement.statement_id, [])
        if labels.by_scheme or labels.annotator is not None or labels.comment:
            theirs.append(labels)
    return [Item(statement, tuple(given.get(key, ()))) for key, statement in statements.items()]


def shown(statement: Statement) -> dict[str, str]:
    """Return what an annotator is shown of a statement beside its text, where it is known."""
    return {name: value for name in _SHOWN if (value := getattr(statement, name)) is not None}


def codebooks_of(schemes: Iterable[LabelScheme]) -> dict[str, str]:
    """Return by scheme which version of the codebook people are given."""
    return {scheme.name: scheme.digest for scheme in schemes}


def digests_in(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the versions of the codebooks that an item was exported with."""
    digests = values.get("codebooks")
    return {str(name): str(digest) for name, digest in digests.items()} if isinstance(digests, dict) else {}


def choice_names(schemes: Sequence[LabelScheme]) -> dict[str, tuple[str, str]]:
    """Return what labels are called in a tool that has one list of them: ``LABEL``, of several ``SCHEME:LABEL``."""
    return {
        label if len(schemes) == 1 else f"{scheme.name}:{label}": (scheme.name, label)
        for scheme in schemes
        for label in scheme.labels
    }


def marks_of(labels: Labels) -> str:
    """Return all that is known of a label as JSON."""
    told: dict[str, Any] = {name: getattr(labels, name) for name in ("annotator", "confidence", "given_at", "comment")}
    told["labels"] = {scheme: list(given) for scheme, given in labels.by_scheme.items()}
    told["codebooks"] = dict(labels.codebooks)
    told["evidence"] = {
        scheme: [[one.label, one.field, one.start, one.end, one.rule] for one in evidence]
        for scheme, evidence in labels.evidence.items()
    }
    return json.dumps({name: value for name, value in told.items() if value is not None})


# ------------------------------------------------------------------------------------------------ what comes back


def marks_from(values: Mapping[str, Any], statement_id: str, where: str) -> Labels | None:
    """Return the label that was exported with an item, None where there was none. Raises DataError for a broken one."""
    if values.get(MARKS) is None:
        return None
    try:
        told = json.loads(values[MARKS])
        evidence = {
            str(scheme): tuple(Evidence(str(a), str(b), int(c), int(d), str(e)) for a, b, c, d, e in found)
            for scheme, found in told["evidence"].items()
        }
        texts = {name: told.get(name) for name in ("annotator", "given_at", "comment")}
        if any(not isinstance(value, str | None) for value in texts.values()):
            raise TypeError
        return Labels(
            statement_id,
            {str(scheme): tuple(map(str, given)) for scheme, given in told["labels"].items()},
            **texts,
            confidence=None if told.get("confidence") is None else float(told["confidence"]),
            codebooks={str(scheme): str(digest) for scheme, digest in told["codebooks"].items()},
            evidence=evidence,
        )
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError, RecursionError):
        told = f"the field {MARKS!r}, which the export wrote, was changed; take it out, or leave it as it was written"
        raise DataError(f"{where}: {told}.") from None


def chosen_from(names: Iterable[Any], schemes: Sequence[LabelScheme], where: str) -> dict[str, tuple[str, ...]]:
    """Return by scheme what was chosen among :func:`choice_names`. Raises DataError for what none of them is."""
    known = {f"{scheme.name}:{label}": (scheme.name, label) for scheme in schemes for label in scheme.labels}
    known |= choice_names(schemes)
    chosen: dict[str, tuple[str, ...]] = {scheme.name: () for scheme in schemes}
    for name in names:
        if not isinstance(name, str) or name not in known:
            allowed = ", ".join(choice_names(schemes))
            kinds = ", ".join(repr(scheme.name) for scheme in schemes)
            raise DataError(f"{where}: label {str(name)[:200]!r} is not in the scheme {kinds} (allowed: {allowed}).")
        scheme_name, label = known[name]
        chosen[scheme_name] += (label,)
    return chosen


def text_in(values: Mapping[str, Any], name: str, where: str) -> str:
    """Return a field that must hold text. Raises DataError that names it."""
    if name not in values:
        found = ", ".join(map(str, values))[:300] or "none"
        raise DataError(f"{where}: the field {name!r} is missing (found: {found}).")
    value = values[name]
    if not isinstance(value, str) or not value:
        raise DataError(f"{where}: the field {name!r} must hold text, not {str(value)[:80]!r}.")
    return value


def no_other_tool(values: Any, tool: str, path: Path) -> None:
    """Raise DataError where the first item of a file shows that another tool wrote it, or none that we know."""
    fields = set(values) if isinstance(values, Mapping) else set()
    looks = next((name for name, known in _TOOLS.items() if fields.issuperset(known)), None)
    if looks not in (None, tool) and not fields.issuperset(_TOOLS[tool]):
        raise DataError(
            f"{path}: is a file of {looks}, not of {tool}: its items have {', '.join(sorted(fields))[:300]}."
        )
    if not fields & set(_ANY[tool]):
        found = ", ".join(sorted(map(str, fields)))[:300] or "no fields"
        wanted = " or ".join(repr(name) for name in _ANY[tool])
        raise DataError(f"{path}: is no export of {tool}: its items have no {wanted} ({found} found).")


def joined(
    returned: Iterable[Returned], statements: Mapping[str, Statement], schemes: Sequence[LabelScheme], reject: Reject
) -> Iterator[tuple[Statement, Labels]]:
    """Yield the labels that came back with the statements they are of, which tell all but the label.

    To ``reject`` go a statement that is none of ours or whose text was changed, labels outside their scheme, and a
    second label of one statement by one annotator.
    """
    seen: set[tuple[str, str | None]] = set()
    for one in returned:
        try:
            statement, labels = _joined(one, statements, schemes)
            if (key := (statement.statement_id, labels.annotator)) in seen:
                who = "nobody by name" if labels.annotator is None else repr(labels.annotator)
                raise DataError(f"{one.where}: {who} labels the statement {one.statement_id!r} a second time.")
        except DataError as error:
            reject(one.where, str(error), one.row)
        else:
            seen.add(key)
            yield statement, labels


def _joined(
    one: Returned, statements: Mapping[str, Statement], schemes: Sequence[LabelScheme]
) -> tuple[Statement, Labels]:
    statement = statements.get(one.statement_id)
    if statement is None:
        raise DataError(f"{one.where}: there is no statement {one.statement_id[:200]!r} among --statements.")
    if without_surrogates(one.text) != without_surrogates(statement.text):
        told = f"the text of {one.statement_id!r} is not that of --statements"
        raise DataError(f"{one.where}: {told}: {one.text[:80]!r} here, {statement.text[:80]!r} there.")
    labels = one.plain or _still(one)
    if labels is None:
        labels = Labels(
            statement.statement_id,
            one.chosen,
            annotator=one.annotator,
            given_at=one.given_at,
            comment=one.comment or None,
            codebooks=one.codebooks,
        )
    for scheme in schemes:
        given = labels.by_scheme.get(scheme.name)
        if given is not None and (problem := scheme.problem_with(given)):
            raise DataError(f"{one.where}: {problem}.")
    for name in ("annotator", "given_at", "comment"):
        if "\x00" in (getattr(labels, name) or ""):
            raise DataError(f"{one.where}: {name} holds a NUL character, which no text has.")
    for evidence in (evidence for found in labels.evidence.values() for evidence in found):
        words = getattr(statement, evidence.field) if evidence.field in _EVIDENCE else None
        if not 0 <= evidence.start <= evidence.end <= len(words or ""):
            told = f"field {evidence.field[:80]!r}, {evidence.start} to {evidence.end}"
            raise DataError(f"{one.where}: the evidence of {evidence.label[:80]!r} is not in the statement ({told}).")
    return statement, labels


def _still(one: Returned) -> Labels | None:
    """Return what was exported, where a tool gives back the same labels and comment: of the schemes that are asked."""
    marks = one.marks
    if marks is None or without_surrogates(marks.comment or "") != without_surrogates(one.comment or ""):
        return None
    if any(sorted(marks.by_scheme.get(name, ())) != sorted(given) for name, given in one.chosen.items()):
        return None
    return replace(
        marks,
        by_scheme={name: given for name, given in marks.by_scheme.items() if name in one.chosen},
        codebooks={name: digest for name, digest in marks.codebooks.items() if name in one.chosen},
        evidence={name: found for name, found in marks.evidence.items() if name in one.chosen},
    )


def rows_of_objects(path: Path, tool: str, reject: Reject) -> Iterator[Row]:
    """Yield the items of a JSON Lines file. Raises DataError where the first shows that another tool wrote it."""
    first = True
    for row in read_rows(path, reject=reject):
        if first:
            no_other_tool(row.values, tool, path)
        first = False
        yield row
