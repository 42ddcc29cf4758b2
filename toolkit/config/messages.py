"""From a document to a validated model: every mistake in one sentence, with file, line, path and nearest name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from toolkit.config.document import Document, Place, dotted, read
from toolkit.errors import ConfigError, nearest

__all__ = ["read_as", "validate"]

M = TypeVar("M", bound=BaseModel)


def read_as(model: type[M], path: Path) -> M:
    """Return a YAML file as a model. Raises ConfigError with every mistake at once."""
    return validate(model, read(path))


def validate(model: type[M], document: Document) -> M:
    """Return the document as a model. Raises ConfigError with every mistake at once."""
    problems = list(document.problems)
    try:
        built = model.model_validate(document.value)
    except ValidationError as error:
        problems += _sentences(error, model, document)
    if problems:
        raise ConfigError(problems)
    return built


def _sentences(error: ValidationError, model: type[BaseModel], document: Document) -> Iterator[str]:
    for item in error.errors(include_url=False):
        path, known = _locate(model, document.value, item["loc"])
        where, name = document.where(path), dotted(path)
        if item["type"] == "extra_forbidden":
            hint = nearest(str(path[-1]), known) or f" (known: {', '.join(known)})"
            yield f"{where}: {name}: unknown key{hint}."
        elif item["type"] == "missing":
            yield f"{where}: {name}: is missing."
        elif item["type"] == "union_tag_invalid":
            tags = re.findall(r"'([^']*)'", item["ctx"]["expected_tags"])
            tag = str(item["ctx"]["tag"])
            kind = (*path, "kind")
            allowed = f"{nearest(tag, tags)}; allowed: {', '.join(tags)}"
            yield f"{document.where(kind)}: {dotted(kind)}: {tag!r} is not allowed{allowed}."
        elif item["type"] == "union_tag_not_found":
            yield f"{where}: {dotted((*path, 'kind'))}: is missing."
        else:
            message = item["msg"].removeprefix("Value error, ")
            message = message[0].lower() + message[1:]
            given = "" if isinstance(item["input"], dict | list) else f", not {_short(repr(item['input']))}"
            yield f"{where}: {name}: {message}{given}."


def _short(told: str) -> str:
    return told if len(told) <= 80 else f"{told[:77]}..."


def _locate(model: Any, value: Any, loc: Sequence[str | int]) -> tuple[Place, list[str]]:
    """Turn pydantic's location into a path of the file, and name the keys known at its parent.

    Pydantic puts the tag of a discriminated union and the word ``[key]`` into its locations; the file has neither.
    """
    path: list[str | int] = []
    known: list[str] = []
    for step in loc:
        model = _unwrap(model)
        if get_origin(model) is Union or _is_union(model):
            options = [_unwrap(option) for option in get_args(model)]
            tagged = [o for o in options if isinstance(o, type) and issubclass(o, BaseModel) and step in _tags(o)]
            if tagged:
                model = tagged[0]
                continue
            rest = [o for o in options if o is not type(None)]
            model = rest[0] if rest else None
        if step == "[key]":
            continue
        if isinstance(value, Mapping) and isinstance(step, str) and step not in value and step not in _fields(model):
            continue
        path.append(step)
        known = _fields(model)
        value = value.get(step) if isinstance(value, Mapping) else None
        model = _below(model, step)
    return tuple(path), known


def _unwrap(model: Any) -> Any:
    while get_origin(model) is Annotated:
        model = get_args(model)[0]
    return model


def _is_union(model: Any) -> bool:
    return type(model).__name__ in ("UnionType", "Union")


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    kind = model.model_fields.get("kind")
    return get_args(kind.annotation) if kind else ()


def _fields(model: Any) -> list[str]:
    return list(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []


def _below(model: Any, step: str | int) -> Any:
    if isinstance(model, type) and issubclass(model, BaseModel):
        field = model.model_fields.get(str(step))
        return field.annotation if field else None
    arguments = get_args(model)
    return arguments[-1] if arguments else None
