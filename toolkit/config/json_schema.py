"""JSON Schemas of the YAML files, for editors: what may stand where, and what it means.

The meaning of a key is the text below it in the code. JSON Schema 2020-12, as pydantic writes it.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from toolkit.classifiers import AnyModel
from toolkit.config.corpora import CorpusConfig
from toolkit.config.schema import ExperimentConfig
from toolkit.errors import UsageError, nearest
from toolkit.labels import LabelScheme

__all__ = ["SCHEMAS", "json_schema", "meanings", "schema_line"]

SCHEMAS: dict[str, Any] = {
    "experiment": ExperimentConfig,
    "labels": LabelScheme,
    "model": AnyModel,
    "data": CorpusConfig,
}
"""What a file in ``experiments/``, ``configs/labels``, ``configs/models`` and ``configs/data`` holds."""
_NAMES = {"type": "array", "items": {"type": "string"}, "description": "Names of files in configs/models."}


class _WithMeanings(GenerateJsonSchema):
    """Pydantic's way of writing a schema, with the texts below the keys of a class as their descriptions."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        written = super().model_schema(schema)
        told = meanings(schema["cls"])
        for name, described in written.get("properties", {}).items():
            if name in told:
                described.setdefault("description", told[name])
        return written


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of file: ``experiment``, ``labels``, ``model`` or ``data``.

    Raises UsageError for another word.
    """
    if kind not in SCHEMAS:
        raise UsageError(f"{kind!r} is no kind of file{nearest(kind, SCHEMAS)}; allowed: {', '.join(SCHEMAS)}.")
    written = TypeAdapter(SCHEMAS[kind]).json_schema(schema_generator=_WithMeanings)
    parts = {**written.get("$defs", {}), written.get("title", ""): written}
    for holder, key in (("ExperimentConfig", "models"), ("EnsembleModel", "members")):
        if holder in parts:  # in a file, names of building blocks too
            keys = parts[holder]["properties"]
            keys[key] = {"anyOf": [_NAMES, keys[key]]}
    if "Example" in parts:  # a plain string is a text
        written["$defs"]["Example"] = {"anyOf": [{"type": "string"}, parts["Example"]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"stance: {kind}"} | written


def schema_line(kind: str, file: Path, root: Path) -> str:
    """Return the comment that leads an editor from a YAML file to its schema in ``configs/schemas`` below ``root``."""
    up = "../" * (len(file.relative_to(root).parts) - 1)
    return f"# yaml-language-server: $schema={up}configs/schemas/{kind}.json\n"


def meanings(cls: type) -> dict[str, str]:
    """Return the text below each field of a class of the toolkit, and of those that it inherits from."""
    ours = [one for one in reversed(cls.__mro__) if one.__module__.startswith("toolkit.")]
    return {name: told for one in ours for name, told in _written_below(one)}


def _written_below(cls: type) -> Iterator[tuple[str, str]]:
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    for field, after in itertools.pairwise(node.body) if isinstance(node, ast.ClassDef) else ():
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            if isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
                yield field.target.id, inspect.cleandoc(after.value.value).replace("``", "`")
