"""Stores that have been moved or copied: MLflow writes down in full where artifacts lie."""

from __future__ import annotations

import contextlib
import sqlite3
import warnings
from pathlib import Path
from urllib.parse import unquote

from toolkit.errors import Remark, TrackingError, first_line

__all__ = ["bring_home"]

_PLACES = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "storage_location"),
)


def bring_home(database: Path, artifacts: str) -> None:
    """Let a store find the artifacts beside it where its database still names the folder that it was copied from.

    ``artifacts`` is the URI of ``mlartifacts`` beside the database. A remark says that they are looked for there from
    now on: otherwise the old folder would be read, and written, without a word. Raises TrackingError where the database
    cannot be changed.
    """
    try:
        with contextlib.closing(sqlite3.connect(database)) as store:
            old = {root for root in _roots(store) if root != artifacts}
            for root in sorted(old):
                for table, column in _PLACES:
                    change = (
                        f"UPDATE {table} SET {column} = ?1 || substr({column}, ?2) WHERE substr({column}, 1, ?3) = ?4"
                    )
                    store.execute(change, (artifacts, len(root) + 1, len(root) + 1, f"{root}/"))
            store.commit()
    except sqlite3.Error as error:
        raise TrackingError(f"{database}: has been moved, and cannot be told so: {first_line(error)}.") from None
    for root in sorted(old):
        warnings.warn(
            Remark(f"{database}: comes from {root}; its artifacts are looked for beside it from now on."), stacklevel=2
        )


def _roots(store: sqlite3.Connection) -> set[str]:
    """Return the folders in which experiments are said to keep their artifacts, where they lie beside the database."""
    file = store.execute("PRAGMA database_list").fetchone()[2]
    beside = Path(file).parent / "mlartifacts"
    try:
        told = [row[0] for row in store.execute("SELECT artifact_location FROM experiments") if row[0]]
    except sqlite3.DatabaseError:  # one in which nothing is yet, or none at all: MLflow says so
        return set()
    parts = [place.rpartition("/") for place in told if place.startswith("file://")]
    return {root for root, _, name in parts if root.endswith("/mlartifacts") and (beside / unquote(name)).is_dir()}
