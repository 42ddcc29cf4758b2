"""Label Studio's tasks as JSON, and its labelling interface as XML."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from toolkit.errors import DataError, first_line
from toolkit.labeling.people.exchange.formats import (
    MARKS,
    Item,
    Returned,
    chosen_from,
    codebooks_of,
    digests_in,
    marks_from,
    marks_of,
    no_other_tool,
    shown,
    text_in,
)
from toolkit.labels import LabelScheme
from toolkit.records import Labels, Span, Statement
from toolkit.storage import Reject, read_text, written_aside
from toolkit.storage import without_surrogates as clean

__all__ = ["LabelStudio"]

_SPANS, _COMMENT, _SAYS = "spans", "comment", "says"
"""What the controls are called: names of columns, which no scheme can have."""


class LabelStudio:
    """Tasks as Label Studio imports them, and its export as JSON (not JSON-MIN, which leaves annotators out).

    Where a statement and its speaker stand in the context is shown as spans with a relation. Label Studio sets its own
    times and, where it does not know the email, its own annotator; so both travel with the choice as its ``meta``.
    """

    endings: tuple[str, ...] = (".json",)

    def write(self, items: Sequence[Item], schemes: Sequence[LabelScheme], path: Path) -> int:
        """Write a task for each statement, its labels as annotations; return how many."""
        with written_aside(path) as aside, aside.open("w", encoding="utf-8") as stream:
            for number, item in enumerate(items):
                stream.write("[\n" if not number else ",\n")
                stream.write(clean(json.dumps(_task(item, schemes), ensure_ascii=False)))
            stream.write("\n]\n" if items else "[]\n")
        return sum(len(item.given) for item in items)

    def config(self, schemes: Sequence[LabelScheme]) -> str:
        """Return the labelling interface: the context with its spans, the statement, a question for each scheme."""
        lines = [
            "<View>",
            '  <Header value="Context"/>',
            '  <Text name="context" value="$context"/>',
            f'  <Labels name="{_SPANS}" toName="context">',
            '    <Label value="statement" background="#2ca02c"/>',
            '    <Label value="speaker" background="#1f77b4"/>',
            "  </Labels>",
            f'  <Relations><Relation value="{_SAYS}"/></Relations>',
            '  <Header value="Statement"/>',
            '  <Text name="text" value="$text"/>',
        ]
        for scheme in schemes:
            lines.append(f"  <Header value={_quoted(scheme.question)}/>")
            kind = 'choice="multiple"' if scheme.multi_label else 'choice="single" required="true"'
            lines.append(f'  <Choices name="{scheme.name}" toName="text" {kind}>')
            for name, label in scheme.labels.items():
                lines.append(f'    <Choice value="{name}" hint={_quoted(label.definition)}/>')
            lines.append("  </Choices>")
        lines.append(f'  <TextArea name="{_COMMENT}" toName="text" maxSubmissions="1" placeholder="Comment"/>')
        return "\n".join([*lines, "</View>", ""])

    def read(
        self, path: Path, schemes: Sequence[LabelScheme], reject: Reject, told: Counter[str]
    ) -> Iterator[Returned]:
        """Yield every annotation of every task; those that were skipped go to ``reject``."""
        for number, task in enumerate(_tasks(path), 1):
            where = f"{path}: task {number}"
            try:
                data, annotations = _parts(task, where)
            except DataError as error:
                reject(where, str(error), task)
                continue
            if not annotations:
                told["tasks that nobody has annotated"] += 1
            copied: set[str | None] = set()
            for position, annotation in enumerate(annotations, 1):
                at = f"{where}, annotation {position}"
                try:
                    returned = _returned(at, data, annotation, schemes, copied, told)
                except DataError as error:
                    reject(at, str(error), {"data": data, "annotation": annotation})
                else:
                    yield returned


# ------------------------------------------------------------------------------------------------------- writing


def _quoted(text: str) -> str:
    """Return a text as an attribute of XML, without what XML has no sign for."""
    plain = " ".join("".join(c if c.isprintable() or c.isspace() else " " for c in clean(text)).split())
    return quoteattr(plain)


def _task(item: Item, schemes: Sequence[LabelScheme]) -> dict[str, Any]:
    statement = item.statement
    data: dict[str, Any] = {"statement_id": statement.statement_id, "text": statement.text, **shown(statement)}
    data |= {"context": statement.context or statement.text, "codebooks": codebooks_of(schemes)}
    spans = _spans(statement)
    data["marked"] = _marked(spans)
    task = {"data": data, "annotations": [_annotation(labels, spans, schemes) for labels in item.given]}
    if spans and not item.given:
        task["predictions"] = [{"model_version": "extracted", "result": spans}]
    return task


def _annotation(labels: Labels, spans: list[dict[str, Any]], schemes: Sequence[LabelScheme]) -> dict[str, Any]:
    result: list[dict[str, Any]] = []
    for scheme in schemes:
        value = {"choices": list(labels.by_scheme.get(scheme.name, ()))}
        result.append({"id": scheme.name, **_named(scheme.name, "text", "choices"), "value": value})
    result[0]["meta"] = {MARKS: marks_of(labels)}
    if labels.comment:
        value = {"text": [labels.comment]}
        result.append({"id": _COMMENT, **_named(_COMMENT, "text", "textarea"), "value": value})
    annotation: dict[str, Any] = {"result": [*result, *spans], "was_cancelled": False, "ground_truth": False}
    if labels.annotator is not None and "@" in labels.annotator:  # anything else would refuse the whole import
        annotation["completed_by"] = {"email": labels.annotator}
    if labels.given_at is not None:
        annotation |= {"created_at": labels.given_at, "updated_at": labels.given_at}
    return annotation


def _named(control: str, over: str, kind: str) -> dict[str, str]:
    return {"from_name": control, "to_name": over, "type": kind}


def _spans(statement: Statement) -> list[dict[str, Any]]:
    """Return where the statement and its speaker stand in the context, and the relation between them, as results."""
    context = statement.context or statement.text
    pieces, base = _in_context(statement, context)
    found = [(f"statement{number}", "statement", span) for number, span in enumerate(pieces)]
    start, end = statement.speaker_start, statement.speaker_end
    if base is not None and start is not None and end is not None and base <= start < end <= base + len(context):
        found.append(("speaker", "speaker", (start - base, end - base)))
    result: list[dict[str, Any]] = [
        {
            "id": name,
            **_named(_SPANS, "context", "labels"),
            "value": {"start": start, "end": end, "text": context[start:end], "labels": [label]},
        }
        for name, label, (start, end) in found
    ]
    if found and found[-1][0] == "speaker":
        relation = {"from_id": "speaker", "to_id": "statement0", "type": "relation", "direction": "right"}
        result.append({**relation, "labels": [_SAYS]})
    return result


def _marked(result: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Return what the spans and relations among results say: the label and place of each, or what a relation joins."""
    places: dict[Any, list[Any]] = {}
    relations = []
    for one in result:
        value = one.get("value")
        if one.get("from_name") == _SPANS and isinstance(value, Mapping):
            labels = value.get("labels")
            label = labels[0] if isinstance(labels, list) and labels else None
            places[str(one.get("id"))] = [label, value.get("start"), value.get("end")]
        elif one.get("type") == "relation":
            relations.append(one)
    joins = [[places.get(str(one.get("from_id"))), places.get(str(one.get("to_id")))] for one in relations]
    return sorted([*places.values(), *joins], key=str)


def _in_context(statement: Statement, context: str) -> tuple[list[Span], int | None]:
    """Return the statement's spans in its context, and where the context begins in the article.

    Nothing where the context has the words nowhere or in several places: a wrong place is worse than none.
    """
    if not statement.spans:
        at = context.find(statement.text)
        alone = at >= 0 and context.find(statement.text, at + 1) < 0
        return ([(at, at + len(statement.text))] if alone else []), None
    first = statement.spans[0][0]
    relative, words, position = list[Span](), list[str](), 0
    for start, end in statement.spans:
        relative.append((start - first, end - first))
        words.append(statement.text[position : position + end - start])
        position += end - start + 1
    if position != len(statement.text) + 1:
        return [], None
    at, places = context.find(words[0]), list[int]()
    while at >= 0 and len(places) < 2:
        if all(context[at + a : at + b] == word for (a, b), word in zip(relative, words, strict=True)):
            places.append(at)
        at = context.find(words[0], at + 1)
    if len(places) != 1:
        return [], None
    return [(places[0] + a, places[0] + b) for a, b in relative], first - places[0]


# ------------------------------------------------------------------------------------------------------- reading


def _tasks(path: Path) -> list[Any]:
    text = read_text(path)
    try:
        tasks = json.loads(text, object_pairs_hook=_no_name_twice, parse_constant=_no_constant)
    except (ValueError, RecursionError, MemoryError) as error:
        _no_lines(text, path)
        raise DataError(f"{path}: is not JSON: {first_line(error)}.") from None
    if isinstance(tasks, Mapping):
        tasks = [tasks]
    if not isinstance(tasks, list):
        raise DataError(f"{path}: a list of tasks is expected, not a {type(tasks).__name__}.")
    if not tasks:
        raise DataError(f"{path}: there are no tasks in this file.")
    if not any(isinstance(task, Mapping) and "data" in task for task in tasks):
        flat = all(isinstance(task, Mapping) and "annotator" in task and "lead_time" in task for task in tasks)
        if flat:
            raise DataError(f"{path}: is Label Studio's JSON-MIN; export it as JSON, which tells all of an annotation.")
        no_other_tool(tasks[0], "labelstudio", path)
    return tasks


def _no_lines(text: str, path: Path) -> None:
    """Raise DataError where a file is another tool's JSON Lines."""
    try:
        first = json.loads(text.lstrip().split("\n", 1)[0])
    except (ValueError, RecursionError):
        return
    no_other_tool(first, "labelstudio", path)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON value")


def _no_name_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise ValueError("a name stands twice in an object")
    return value


def _parts(task: Any, where: str) -> tuple[dict[str, Any], list[Any]]:
    """Return what a task shows and its annotations."""
    if not isinstance(task, dict):
        raise DataError(f"{where}: an object is expected, not a {type(task).__name__}.")
    for name, kind in (("data", dict), ("annotations", list)):
        if name not in task:
            raise DataError(f"{where}: the field {name!r} is missing (found: {', '.join(task)[:300] or 'none'}).")
        if not isinstance(task[name], kind):
            raise DataError(f"{where}: the field {name!r} holds a {type(task[name]).__name__}.")
    text_in(task["data"], "statement_id", where)
    return task["data"], task["annotations"]


def _returned(
    where: str,
    data: dict[str, Any],
    annotation: Any,
    schemes: Sequence[LabelScheme],
    copied: set[str | None],
    told: Counter[str],
) -> Returned:
    if not isinstance(annotation, dict):
        raise DataError(f"{where}: an object is expected, not a {type(annotation).__name__}.")
    statement_id, annotator = text_in(data, "statement_id", where), _annotator(annotation, where)
    if annotation.get("was_cancelled"):
        who = f" by {annotator!r}" if annotator else ""
        raise DataError(f"{where}: the statement {statement_id!r} was skipped{who}.")
    result = annotation.get("result")
    if not isinstance(result, list) or not all(isinstance(one, dict) for one in result):
        missing = "is missing" if "result" not in annotation else "must hold a list of objects"
        raise DataError(f"{where}: the field 'result' {missing}.")
    chosen: dict[str, tuple[str, ...]] = {scheme.name: () for scheme in schemes}
    comments: list[str] = []
    marks = None
    for one in result:
        name, kind = str(one.get("from_name")), one.get("type")
        if kind == "choices" and name in chosen:
            scheme = next(scheme for scheme in schemes if scheme.name == name)
            chosen[name] += chosen_from(_values(one, "choices", where), [scheme], where)[name]
        elif kind == "textarea" and name == _COMMENT:
            comments += _values(one, "text", where)
        elif name != _SPANS and kind != "relation":
            told[f"answers to {name[:80]!r}, which is none of the schemes that are read"] += 1
        if isinstance(one.get("meta"), dict):
            marks = marks_from(one["meta"], statement_id, where) or marks
    if marks is not None and marks.annotator in copied:
        marks = None  # an annotation that somebody began from a copy of another's
    elif marks is not None:
        copied.add(marks.annotator)
    if (marked := _marked(result)) and marked != data.get("marked"):
        told["annotations with other words or relations marked than were exported, which labels have no place for"] += 1
    if annotation.get("lead_time") is not None:
        told["times that an annotation took (lead_time), which labels have no place for"] += 1
    return Returned(
        where,
        statement_id,
        text_in(data, "text", where),
        chosen,
        annotator,
        _time(annotation, where),
        "\n".join(comments),
        digests_in(data),
        marks,
        {"data": data, "annotation": annotation},
    )


def _values(one: Mapping[str, Any], name: str, where: str) -> list[str]:
    value = one.get("value")
    given = value.get(name) if isinstance(value, dict) else None
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise DataError(
            f"{where}: {str(one.get('from_name'))[:80]!r} must hold a list of texts under 'value', {name!r}."
        )
    return given


def _annotator(annotation: Mapping[str, Any], where: str) -> str | None:
    """Return who annotated: the email, or the number where the export tells no more."""
    by = annotation.get("completed_by")
    if isinstance(by, dict):
        by = by.get("email") or by.get("id")
    if by is None or isinstance(by, str):
        return by or None
    if isinstance(by, int) and not isinstance(by, bool):
        return str(by)
    raise DataError(f"{where}: the field 'completed_by' must hold a number or a user, not {str(by)[:80]!r}.")


def _time(annotation: Mapping[str, Any], where: str) -> str | None:
    at = annotation.get("updated_at") or annotation.get("created_at")
    if not isinstance(at, str | None):
        raise DataError(f"{where}: the field 'updated_at' must hold a time as text, not {str(at)[:80]!r}.")
    return at
