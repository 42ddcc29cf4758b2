"""A project of one's own: an experiment, a label scheme, a few articles with gold labels, and how to go on."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from toolkit.config.json_schema import SCHEMAS, json_schema, schema_line
from toolkit.errors import UsageError

__all__ = ["make_project"]

_TEMPLATE = Path(__file__).parent / "template"
_LED = {"experiments/first.yaml": "experiment", "configs/labels/own.yaml": "labels"}
"""The files that lead an editor to the schema of their kind."""


def make_project(folder: Path) -> list[str]:
    """Lay out a project in a new or an empty folder; return its files, in order.

    A new folder appears whole or not at all. Raises UsageError where something is there already.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; name a new or an empty folder.")
    if folder.is_dir() and any(folder.iterdir()):
        raise UsageError(f"{folder}: is not empty; name a new or an empty folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.resolve().parent) as aside:
        made = Path(aside) / "project"
        shutil.copytree(_TEMPLATE, made, ignore=shutil.ignore_patterns("__pycache__"))
        _lead_editors(made)
        if folder.is_dir():  # somebody may stand in it
            for path in sorted(made.iterdir()):
                path.rename(folder / path.name)
        else:
            made.rename(folder)
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _lead_editors(project: Path) -> None:
    """Write the schemas of this version, and into the first line of every file which of them it follows."""
    (project / "configs" / "schemas").mkdir()
    (project / "configs" / "models").mkdir()
    for kind in SCHEMAS:
        told = json.dumps(json_schema(kind), indent=1, ensure_ascii=False) + "\n"
        (project / "configs" / "schemas" / f"{kind}.json").write_text(told, encoding="utf-8")
    for name, kind in _LED.items():
        path = project / name
        line = schema_line(kind, path, project)
        path.write_text(line + path.read_text(encoding="utf-8"), encoding="utf-8")
