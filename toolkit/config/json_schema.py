"""JSON Schemas of the YAML files, for editors: what may stand where, and what it means.

The meaning of a key is the text below it in the code. JSON Schema 2020-12, as pydantic writes it.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from toolkit.classifiers import AnyModel
from toolkit.config.corpora import CorpusConfig
from toolkit.config.schema import ExperimentConfig
from toolkit.errors import UsageError, nearest
from toolkit.labels import LabelScheme

__all__ = ["SCHEMAS", "json_schema", "schema_line"]

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
        meanings = {name: told for cls in reversed(schema["cls"].__mro__) for name, told in _meanings(cls).items()}
        for name, described in written.get("properties", {}).items():
            if name in meanings:
                described.setdefault("description", meanings[name])
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


def _meanings(cls: type) -> dict[str, str]:
    """Return the text below each key of a class, as its source has it."""
    if not issubclass(cls, BaseModel) or cls is BaseModel:
        return {}
    (node,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    found: dict[str, str] = {}
    for field, after in zip(node.body, node.body[1:], strict=False) if isinstance(node, ast.ClassDef) else ():
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(after, ast.Expr):
            if isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
                found[field.target.id] = inspect.cleandoc(after.value.value).replace("``", "`")
    return found
