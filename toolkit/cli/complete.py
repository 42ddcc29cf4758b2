"""What a shell completes: names of label schemes, corpora, experiments and models; nothing where anything is wrong."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import wraps
from pathlib import Path

__all__ = ["corpora", "experiments", "labelers", "models", "registered", "schemes"]

Completion = Callable[[str], list[str]]


def _quietly(names: Callable[[str], Iterable[str]]) -> Completion:
    """Return those of some names that begin as what was typed; a shell must never see an error."""

    @wraps(names)
    def matching(incomplete: str) -> list[str]:
        try:
            return [name for name in names(incomplete) if name.startswith(incomplete)]
        except Exception:
            return []

    return matching


@_quietly
def schemes(incomplete: str) -> Iterable[str]:
    """Names of label schemes, of the project around the working folder and of the toolkit."""
    return _blocks("labels")


@_quietly
def corpora(incomplete: str) -> Iterable[str]:
    """Names of corpora that can be imported."""
    return _blocks("data")


def _blocks(folder: str) -> list[str]:
    from toolkit.config import block_names, project_root

    return block_names(project_root(Path.cwd() / "-"), folder)


@_quietly
def experiments(incomplete: str) -> Iterable[str]:
    """YAML files and folders below what was typed, then names of shipped experiments."""
    from toolkit.config import shipped

    yield from _paths(incomplete, (".yaml", ".yml"))
    yield from sorted(path.stem for path in (shipped() / "experiments").glob("*.yaml"))


def _paths(incomplete: str, endings: tuple[str, ...]) -> Iterable[str]:
    folder = Path(os.path.dirname(incomplete) or ".")
    for path in sorted(folder.iterdir()):
        if not path.name.startswith(".") and (path.is_dir() or path.suffix in endings):
            yield os.path.join(os.path.dirname(incomplete), path.name) + ("/" if path.is_dir() else "")


@_quietly
def models(incomplete: str) -> Iterable[str]:
    """URIs of registered models, and folders."""
    yield from _uris()
    yield from _paths(incomplete, ())


@_quietly
def labelers(incomplete: str) -> Iterable[str]:
    """Ways to label, and URIs of registered models."""
    return ["codebook", "nli", "llm", *_uris()]


@_quietly
def registered(incomplete: str) -> Iterable[str]:
    """Names of registered models."""
    return dict.fromkeys(name for name, _ in _registered())


def _uris() -> list[str]:
    return [f"models:/{name}@{alias}" for name, alias in _registered() if alias is not None]


def _registered() -> list[tuple[str, str | None]]:
    """Read names and aliases from the store's database, without MLflow, which takes seconds to start."""
    uri = os.environ.get("MLFLOW_TRACKING_URI", "sqlite:///mlflow.db")
    path = Path(uri.removeprefix("sqlite:///")).resolve()
    if not uri.startswith("sqlite:///") or not path.is_file():
        return []
    columns = "SELECT m.name, a.alias FROM registered_models m"
    asked = f"{columns} LEFT JOIN registered_model_aliases a USING (name) ORDER BY 1, 2"
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=1)) as store:
        found: list[tuple[str, str | None]] = store.execute(asked).fetchall()
    return found
