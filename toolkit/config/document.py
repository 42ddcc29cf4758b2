"""Strict YAML: what a file says, the line of every path, and every mistake on the way.

YAML is read as it is meant: only ``true`` and ``false`` are booleans, ``1e-4`` is a number, a key that stands
twice is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from toolkit.errors import ConfigError, first_line

__all__ = ["Document", "Place", "content_of", "dotted", "read"]

Place = tuple[str | int, ...]
_MAX_DEPTH = 40
_MAX_DIGITS = 400
_MAX_BYTES = 2**20
_PLAIN = (
    (re.compile(r"(?:null|Null|NULL|~|)\Z"), lambda text: None),
    (re.compile(r"(?:true|True|TRUE)\Z"), lambda text: True),
    (re.compile(r"(?:false|False|FALSE)\Z"), lambda text: False),
    (re.compile(r"[-+]?[0-9]+\Z"), int),
    (re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"), float),
)


class Document:
    """A parsed YAML file: its value, the line of every path, and the mistakes found while reading."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines: dict[Place, str] = {}
        self.problems: list[str] = []
        self._seen: set[int] = set()
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            where = f"{name}:{mark.line + 1}" if mark else name
            raise ConfigError([f"{where}: not valid YAML: {error.problem or error.context}."]) from None
        except RecursionError:
            raise ConfigError([f"{name}: nested deeper than {_MAX_DEPTH} levels."]) from None
        except yaml.YAMLError as error:
            raise ConfigError([f"{name}: not valid YAML: {first_line(error)}."]) from None
        self.value: Any = self._build(node, ()) if node is not None else None

    def _build(self, node: yaml.Node, path: Place) -> Any:
        line = node.start_mark.line + 1
        self.lines.setdefault(path, f"{self.name}:{line}")
        if len(path) > _MAX_DEPTH:
            raise ConfigError([f"{self.name}:{line}: nested deeper than {_MAX_DEPTH} levels."])
        if id(node) in self._seen:
            raise ConfigError([f"{self.name}:{line}: aliases (*name) are not supported; write the value out."])
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._build(child, (*path, i)) for i, child in enumerate(node.value)]
        if getattr(node, "style", None) in ("'", '"', "|", ">"):
            return node.value
        for pattern, convert in _PLAIN:
            if pattern.match(node.value):
                return self._converted(convert, node.value, line)
        return node.value

    def _converted(self, convert: Callable[[str], Any], text: str, line: int) -> Any:
        if len(text) > _MAX_DIGITS:
            raise ConfigError([f"{self.name}:{line}: a number of {len(text)} digits; at most {_MAX_DIGITS} are read."])
        return convert(text)

    def _mapping(self, node: yaml.MappingNode, path: Place) -> dict[str, Any]:
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key, line = key_node.value, key_node.start_mark.line + 1
            if not isinstance(key, str):
                raise ConfigError([f"{self.name}:{line}: a key must be a word, not a list or a mapping."])
            if key in built:
                name, first = dotted((*path, key)), self.lines[(*path, key)].rpartition(":")[2]
                self.problems.append(f"{self.name}:{line}: {name}: stands twice (first in line {first}).")
                continue
            self.lines[(*path, key)] = f"{self.name}:{line}"
            built[key] = self._build(value_node, (*path, key))
        return built

    def where(self, path: Place) -> str:
        """Return ``file:line`` of the nearest known ancestor of ``path``."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, self.name)


def content_of(path: Path) -> bytes:
    """Return what a file holds, at most 1 MiB. Raises ConfigError where it cannot be read."""
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file."]) from None
    except (OSError, ValueError) as error:
        raise ConfigError([f"{path}: cannot be read: {first_line(error)}."]) from None
    if len(content) > _MAX_BYTES:
        raise ConfigError([f"{path}: is larger than {_MAX_BYTES // 2**20} MiB, which no configuration is."])
    return content


def read(path: Path) -> Document:
    """Read a YAML file that holds a mapping. Raises ConfigError where it cannot be read as one."""
    try:
        text = content_of(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: cannot be read as UTF-8 text: {error}."]) from None
    document = Document(str(path), text)
    if not isinstance(document.value, dict):
        raise ConfigError([f"{path}: a mapping of keys to values is expected" + _found(document.value)])
    return document


def _found(value: object) -> str:
    return ", the file is empty." if value is None else f", not a {type(value).__name__}."


def dotted(path: Place) -> str:
    """Return a path as people write it: ``models.svm.head.C``."""
    return ".".join(map(str, path)) or "the file"
