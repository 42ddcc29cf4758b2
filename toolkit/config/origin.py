"""Where every value of an experiment comes from: a line of a file, an override, or the default."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolkit.config.document import Document, Place, dotted
from toolkit.config.load import resolve_experiment

__all__ = ["DEFAULT", "Value", "as_yaml", "trace_experiment"]

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a resolved experiment: its path, itself, and its origin.

    ``origin`` is ``FILE:LINE``, ``override 'KEY=VALUE'``, or ``default``. A list is one value.
    """

    path: Place
    value: Any
    origin: str

    def row(self) -> dict[str, Any]:
        """Return it as plain data: ``key`` (dotted), ``value``, ``origin``."""
        return {"key": dotted(self.path), "value": self.value, "origin": self.origin}


def trace_experiment(path: Path, overrides: Sequence[str] = ()) -> list[Value]:
    """Return every value of an experiment with its origin, in the order of its keys, defaults too.

    Raises ConfigError with every mistake at once, as :func:`toolkit.config.load_experiment` does.
    """
    config, _, document = resolve_experiment(path, overrides)
    return list(_values(config.model_dump(mode="json"), document.value, (), document))


def _values(value: Any, given: Any, path: Place, document: Document) -> Iterator[Value]:
    """Yield the values below a path; ``given`` is what the files and overrides say there, or DEFAULT."""
    if isinstance(value, dict) and value:
        for key, below in value.items():
            there = given[key] if isinstance(given, dict) and key in given else DEFAULT
            yield from _values(below, there, (*path, key), document)
        return
    yield Value(path, value, DEFAULT if given is DEFAULT else document.where(path))


def as_yaml(values: Sequence[Value]) -> str:
    """Return values as a YAML file that can be run as it is, the origin of each as a comment behind it."""
    lines: list[tuple[str, str]] = []
    before: Place = ()
    for one in values:
        shared = sum(1 for _ in _same(before, one.path[:-1]))
        for depth in range(shared, len(one.path) - 1):
            lines.append((f"{'  ' * depth}{_key(one.path[depth])}:", ""))
        told = json.dumps(one.value, ensure_ascii=False)
        lines.append((f"{'  ' * (len(one.path) - 1)}{_key(one.path[-1])}: {told}", one.origin))
        before = one.path[:-1]
    width = min(60, max((len(text) for text, origin in lines if origin), default=0))
    written = (f"{text:<{width}}  # {' '.join(origin.split())}" if origin else text for text, origin in lines)
    return "".join(f"{line}\n" for line in written)


def _same(first: Place, second: Place) -> Iterator[bool]:
    for one, other in zip(first, second, strict=False):
        if one != other:
            return
        yield True


def _key(step: str | int) -> str:
    """Return a key as YAML has it: bare where it is a plain word."""
    told = str(step)
    return told if told.replace("_", "").replace("-", "").replace(".", "").isalpha() else json.dumps(told)
