"""doccano's JSON Lines for text classification: a file for each annotator, and a zip of them."""

from __future__ import annotations

import hashlib
import json
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from toolkit.errors import DataError, UsageError, first_line
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
from toolkit.storage import Reject, Row, file_name, write_text, written_aside
from toolkit.storage import without_surrogates as clean

__all__ = ["Doccano"]

_ALL = "all"
"""What doccano calls the file of a project in which all share one label."""
_MAX_UNPACKED = 2**30
_COLORS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2")


class Doccano:
    """What doccano imports and exports as JSONL; the annotator is the name of the file.

    It tells a statement without labels from one that nobody has seen only in an export of confirmed ones alone.
    """

    endings: tuple[str, ...] = (".jsonl", ".zip")

    def write(self, items: Sequence[Item], schemes: Sequence[LabelScheme], path: Path) -> int:
        """Write a line for each statement; with labels of several annotators a zip with a file for each of them.

        Raises UsageError where the labels of several annotators would have to go to one file.
        """
        who = list(dict.fromkeys(labels.annotator for item in items for labels in item.given))
        if path.suffix.lower() != ".zip":
            if len(who) > 1 or (who and path.stem not in _called(who[0])):
                told = "the statements have labels, and doccano has a file for each annotator, called by his name"
                raise UsageError(f"{path}: {told}: name a .zip, or leave the labels out with --blank.")
            write_text(path, "".join(_lines(items, schemes, one) for one in [*who, _NOBODY]))
            return sum(len(item.given) for item in items)
        files: dict[str, str] = {}
        for annotator in who:
            plain, other = _called(annotator)
            name = other if plain.lower() in map(str.lower, files) else plain
            files[name] = _lines(items, schemes, annotator)
        if any(not item.given for item in items):
            files[_NOBODY.name] = _lines(items, schemes, _NOBODY)
        with written_aside(path) as aside, zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, lines in files.items():
                packed.writestr(zipfile.ZipInfo(f"{name}.jsonl"), lines)
        return sum(len(item.given) for item in items)

    def config(self, schemes: Sequence[LabelScheme]) -> str:
        """Return the labels as doccano imports them."""
        told = [
            {"text": name, "prefix_key": None, "suffix_key": None, "background_color": color, "text_color": "#ffffff"}
            for name, color in zip(choice_names(schemes), _COLORS * 100, strict=False)
        ]
        return json.dumps(told, indent=1) + "\n"

    def read(
        self, path: Path, schemes: Sequence[LabelScheme], reject: Reject, told: Counter[str]
    ) -> Iterator[Returned]:
        """Yield the lines of a file, or of every file in a zip."""
        if path.suffix.lower() != ".zip":
            yield from _read(path, path.stem, schemes, reject)
            return
        with tempfile.TemporaryDirectory(prefix="stance-") as folder:
            for name, member in _unpacked(path, Path(folder), told):
                yield from _inside(member, f"{path}: {name}", Path(name).stem, schemes, reject)


class _Nobody:
    """Who has labelled what nobody has labelled yet."""

    name = "not-labelled-yet"


_NOBODY = _Nobody()


def _called(annotator: str | None) -> tuple[str, str]:
    """Return what the file of an annotator is called, and what it is where two names look alike as names of files."""
    plain = _ALL if annotator is None else file_name(annotator)
    digest = hashlib.sha256((annotator or "").encode("utf-8", "surrogatepass")).hexdigest()
    return plain, f"{plain}-{digest[:8]}"


def _lines(items: Sequence[Item], schemes: Sequence[LabelScheme], annotator: str | _Nobody | None) -> str:
    lines = [
        _line(item, labels, schemes)
        for item in items
        for labels in item.given or (None,)
        if (_NOBODY if labels is None else labels.annotator) == annotator
    ]
    return "".join(clean(json.dumps(line, ensure_ascii=False)) + "\n" for line in lines)


def _line(item: Item, labels: Labels | None, schemes: Sequence[LabelScheme]) -> dict[str, Any]:
    line: dict[str, Any] = {
        "statement_id": item.statement.statement_id,
        "text": item.statement.text,
        **shown(item.statement),
        "codebooks": codebooks_of(schemes),
    }
    if labels is None:
        return line
    names, given = choice_names(schemes), labels.by_scheme
    line["label"] = [name for name, (scheme, label) in names.items() if label in given.get(scheme, ())]
    line["Comments"] = [labels.comment] if labels.comment else []
    return {**line, MARKS: marks_of(labels)}


def _read(path: Path, annotator: str, schemes: Sequence[LabelScheme], reject: Reject) -> Iterator[Returned]:
    for row in rows_of_objects(path, "doccano", reject):
        try:
            returned = _returned(row, annotator, schemes)
        except DataError as error:
            reject(row.where, str(error), row.values)
        else:
            yield returned


def _returned(row: Row, annotator: str, schemes: Sequence[LabelScheme]) -> Returned:
    values, where = row.values, row.where
    meta = values.get("meta")
    beside = values if "statement_id" in values or not isinstance(meta, dict) else meta
    statement_id, text = text_in(beside, "statement_id", where), text_in(values, "text", where)
    if not isinstance(values.get("label"), list):
        missing = (
            "is missing, so nobody has labelled this"
            if "label" not in values
            else "must hold a list of labels ([] where none applies)"
        )
        raise DataError(f"{where}: the field 'label' {missing}.")
    comments = values.get("Comments") or []
    if not isinstance(comments, list) or not all(isinstance(one, str) for one in comments):
        raise DataError(f"{where}: the field 'Comments' must hold a list of texts.")
    marks = marks_from(beside, statement_id, where)
    if marks is not None and annotator not in _called(marks.annotator):
        marks = None  # every annotator's file holds what was exported of one
    chosen = chosen_from(values["label"], schemes, where)
    comment, codebooks = "\n".join(comments), digests_in(beside)
    return Returned(where, statement_id, text, chosen, annotator, None, comment, codebooks, marks, values)


def _unpacked(path: Path, folder: Path, told: Counter[str]) -> Iterator[tuple[str, Path]]:
    """Yield the files of a zip, each under its name, unpacked within bounds."""
    room = _MAX_UNPACKED
    try:
        with zipfile.ZipFile(path) as packed:
            names = [one for one in packed.infolist() if not one.is_dir() and "__MACOSX" not in one.filename]
            members = [one for one in names if one.filename.lower().endswith(".jsonl")]
            if not members:
                raise DataError(
                    f"{path}: holds no .jsonl file; doccano exports one for each annotator (format: JSONL)."
                )
            for number, member in enumerate(members):
                target = folder / f"{number}.jsonl"
                with packed.open(member) as source, target.open("wb") as stream:
                    while piece := source.read(2**20):
                        room -= len(piece)
                        if room < 0:
                            raise DataError(f"{path}: unpacks to more than {_MAX_UNPACKED // 2**20} MiB.")
                        stream.write(piece)
                if target.stat().st_size:
                    yield member.filename, target
                else:
                    told["annotators whose file is empty"] += 1
            if others := len(names) - len(members):
                told["other files in the zip, not read"] += others
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise DataError(f"{path}: is not a zip file that can be read: {first_line(error)}.") from None
    except FileNotFoundError:
        raise DataError(f"{path}: there is no such file.") from None


def _inside(
    member: Path, called: str, annotator: str, schemes: Sequence[LabelScheme], reject: Reject
) -> Iterator[Returned]:
    """Read a file of a zip, and call it by its name there."""

    def renamed(where: str, reason: str, row: Any = None) -> None:
        reject(where.replace(str(member), called), reason.replace(str(member), called), row)

    try:
        for one in _read(member, annotator, schemes, renamed):
            yield replace(one, where=one.where.replace(str(member), called))
    except DataError as error:
        raise DataError(str(error).replace(str(member), called)) from None
